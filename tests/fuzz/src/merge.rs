//! Outlining again: the result is sound, has what a person did, and does not change when merged once more.

use crate::drawn::{assert_sound, document, op, options};
use arbitrary::Unstructured;
use studio::edit::apply;
use studio::outline::{CueOutliner, Outliner};
use studio::storyboard::{Kind, Origin, merge, to_value};
use studio::transcript::Transcript;

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let mut document = document();
    let kind = u.arbitrary().unwrap_or(0_usize);
    let kind = Kind::ALL.get(kind % (Kind::ALL.len() + 1)).copied();
    // What is heard again may differ in words, and in their number.
    let mut heard: Vec<&str> = crate::drawn::TALK.split(' ').collect();
    for _ in 0..u.int_in_range(0..=4).unwrap_or(0) {
        let (Ok(at), Ok(word)) = (u.choose_index(heard.len()), u.choose(&["and", "then.", "stock", "if", "2020"]))
        else {
            break;
        };
        heard[at] = word;
    }
    heard.truncate(u.int_in_range(0..=200).unwrap_or(200).max(1));
    for _ in 0..8 {
        let Ok(op) = op(&mut u, &document, 1) else { break };
        let _ = apply(&mut document, &op);
    }
    let edited = document.storyboard;
    let fresh = CueOutliner.outline(&Transcript::from_text(&heard.join(" "), "en"), &options(kind));
    let words = heard.len() as u32;
    let once = merge(&edited, fresh.clone());
    assert_sound(&once, None);
    let labels = |board: &studio::storyboard::Storyboard| -> Vec<String> {
        board.scenes.iter().flat_map(|s| &s.nodes).filter(|n| n.by == Origin::User).map(|n| n.label.clone()).collect()
    };
    let kept = labels(&once);
    // What a person said of words that are no longer there may go.
    if words >= edited.source.words {
        for label in labels(&edited) {
            assert!(kept.contains(&label), "`{label}` is lost");
        }
        assert_eq!(to_value(&merge(&once, fresh)), to_value(&once), "merging once more changes something");
    }
}
