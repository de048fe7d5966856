//! What a person should look at in a storyboard, in a line.

use std::collections::BTreeMap;
use std::path::Path;

use studio::storyboard::{self, Storyboard};

use crate::console::Console;

/// Sorts of items that are named.
const NAMED: usize = 3;

/// Tells of the items, the most frequent first. Nothing where there are none.
pub(super) fn tell(console: &Console, board: &Storyboard) {
    if let Some(line) = line(board) {
        console.info(line);
    }
}

/// The same of a storyboard that was just written. One that cannot be read again is no failure of what was made.
pub(super) fn tell_of(console: &Console, path: &Path) {
    let board = std::fs::read(path).ok().and_then(|bytes| storyboard::read(&bytes).ok());
    board.iter().for_each(|board| tell(console, board));
}

fn line(board: &Storyboard) -> Option<String> {
    let mut sorts: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for item in &board.review {
        sorts.entry(item.code.as_deref().unwrap_or(&item.why)).or_insert((0, &item.why)).0 += 1;
    }
    let mut sorts: Vec<(usize, &str)> = sorts.into_values().collect();
    sorts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let more = sorts.len().saturating_sub(NAMED);
    let named: Vec<String> = sorts
        .iter()
        .take(NAMED)
        .map(|(count, why)| if *count > 1 { format!("{count} x {why}") } else { (*why).to_owned() })
        .collect();
    let count = board.review.len();
    let things = if count == 1 { "1 thing".to_owned() } else { format!("{count} things") };
    let rest = if more > 0 { format!("; {more} more") } else { String::new() };
    (count > 0).then(|| format!("{things} to review: {}{rest} (`review` of the storyboard)", named.join("; ")))
}

#[cfg(test)]
mod tests {
    use studio::outline::{CueOutliner, Doubt, Options, Outliner};
    use studio::storyboard::Canvas;
    use studio::transcript::Transcript;

    use super::*;

    #[test]
    fn items_are_counted_by_what_is_doubtful() {
        let options = Options { id: "t".to_owned(), theme: "light".to_owned(), canvas: Canvas::default(), kind: None };
        let mut board = CueOutliner.outline(&Transcript::from_text("First we pack. Then we send.", "en"), &options);
        board.review.clear();
        assert_eq!(line(&board), None);
        let mut add = |doubt: Doubt<'_>| board.review.push(doubt.item("s1".to_owned(), None));
        add(Doubt::Many(13));
        add(Doubt::Box);
        add(Doubt::HandsOver("Sales"));
        add(Doubt::Box);
        add(Doubt::Burst);
        let told = "5 things to review: 2 x not sure of this box; too many new boxes at once; Sales hands over to nobody; \
                    1 more (`review` of the storyboard)";
        assert_eq!(line(&board).as_deref(), Some(told));
    }
}
