//! Words to one or two caption lines.

use super::split::columns;

/// Widest line, in columns: 42 letters or 21 wide characters.
pub(super) const MAX_COLUMNS: usize = 42;

/// One piece of a caption.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) columns: usize,
    /// No space before it.
    pub(super) joined: bool,
    /// How bad a break after it is.
    pub(super) cost: u32,
}

impl Token {
    /// A piece; longer than a line it is cut, with a mark.
    pub(super) fn new(text: &str, joined: bool, cost: u32) -> Self {
        let mut text = text.to_owned();
        if columns(&text) > MAX_COLUMNS {
            while columns(&text) >= MAX_COLUMNS {
                text.pop();
            }
            text.push('…');
        }
        let columns = columns(&text);
        Self { text, columns, joined, cost }
    }
}

/// Where the pieces are best broken into two lines (at their end, when one line holds them), and what that costs;
/// `None` when they do not fit.
pub(super) fn best_break(tokens: &[&Token]) -> Option<(usize, u32)> {
    let space = |i: usize| usize::from(i > 0 && !tokens[i].joined);
    let total: usize = tokens.iter().enumerate().map(|(i, t)| t.columns + space(i)).sum();
    if total <= MAX_COLUMNS {
        return Some((tokens.len(), 0));
    }
    let mut best: Option<(u32, usize)> = None;
    let mut first = 0;
    for at in 1..tokens.len() {
        first += tokens[at - 1].columns + space(at - 1);
        let second = total - first - space(at);
        if first > MAX_COLUMNS {
            break;
        }
        if second > MAX_COLUMNS {
            continue;
        }
        let uneven = u32::try_from(first.abs_diff(second)).unwrap_or(u32::MAX);
        let cost = tokens[at - 1].cost.saturating_add(uneven / 4);
        if best.is_none_or(|(other, _)| cost < other) {
            best = Some((cost, at));
        }
    }
    best.map(|(cost, at)| (at, cost))
}

/// The pieces as one or two lines. Two pieces that are too wide together stand on a line each.
pub(super) fn lines(tokens: &[&Token]) -> Vec<String> {
    let (first, second) = tokens.split_at(best_break(tokens).map_or(1.min(tokens.len()), |(at, _)| at));
    let join = |part: &[&Token]| {
        let mut line = String::new();
        for token in part {
            if !line.is_empty() && !token.joined {
                line.push(' ');
            }
            line.push_str(&token.text);
        }
        line
    };
    [first, second].into_iter().map(join).filter(|line| !line.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let tokens: Vec<Token> =
            text.split(' ').map(|w| Token::new(w, false, if w.ends_with(',') { 0 } else { 6 })).collect();
        let tokens: Vec<&Token> = tokens.iter().collect();
        let got = best_break(&tokens).map(|_| lines(&tokens)).unwrap_or_default();
        assert_eq!(got, expected);
    }

    #[test]
    fn breaks() {
        check("short", &["short"]);
        check(
            "when an order comes in, the sales team checks the stock",
            &["when an order comes in,", "the sales team checks the stock"],
        );
        check(&["word"; 17].join(" "), &[]);
        check(&"x".repeat(60), &[&("x".repeat(41) + "…")]);
    }
}
