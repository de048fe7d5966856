//! Self-repairs: only the corrected version survives.

use super::lexicon::Lexicon;
use super::token::{Stop, Tag, Token};

/// How far back a retraction reaches, in tokens.
const REACH: usize = 14;
/// How far ahead of the retraction the corrected wording may begin.
const AHEAD: usize = 9;

/// Applies every retraction of a sentence.
pub(crate) fn mend(tokens: &mut Vec<Token>, lexicon: &Lexicon) {
    let mut i = 1;
    // Every round removes the cue, so the loop ends.
    while i < tokens.len() {
        match cue(tokens, i, lexicon) {
            Some(n) => {
                let at = apply(tokens, i, n, lexicon);
                i = at.max(1);
            }
            None => i += 1,
        }
    }
}

/// Number of tokens of the repair phrase at `i`; it needs a pause before it and something after it.
fn cue(tokens: &[Token], i: usize, lexicon: &Lexicon) -> Option<usize> {
    if tokens[i - 1].stop < Stop::Comma || tokens[i - 1].stop.closes() {
        return None;
    }
    let n = lexicon.repairs.iter().find_map(|words| {
        let n = words.len();
        let fits = tokens.len() > i + n && words.iter().zip(&tokens[i..]).all(|(word, token)| *word == token.low);
        fits.then_some(n)
    })?;
    let one = n == 1 || tokens[i].low == "i";
    // A lone `no` or `sorry` must be set off; `I mean` only repairs where wording repeats.
    if n == 1 && tokens[i + n - 1].stop < Stop::Comma && tokens[i].low != "correction" {
        return None;
    }
    if one
        && tokens[i].is(&["no", "i", "wait"])
        && anchor(tokens, i, i + n, lexicon).is_none()
        && !alike(tokens, i, i + n)
    {
        return None;
    }
    Some(n)
}

/// Repairs around the cue `i..i + n`; returns where to go on.
fn apply(tokens: &mut Vec<Token>, i: usize, n: usize, lexicon: &Lexicon) -> usize {
    let after = i + n;
    // "not the laptop, the tablet"
    let negation = (after..tokens.len().min(after + AHEAD))
        .find(|k| tokens[*k].low == "not" && (*k == after || tokens[*k - 1].stop >= Stop::Comma));
    if let Some(not) = negation
        && let Some(at) = contrast(tokens, i, not)
    {
        return at;
    }
    if let Some((from, to)) = anchor(tokens, i, after, lexicon) {
        tokens.drain(i..to);
        tokens.drain(from..i);
        return from;
    }
    // "it's Postgres now": the new name replaces the last phrase.
    let copula = (after..tokens.len().min(after + 6)).find(|k| {
        tokens[*k].is(&["it", "that", "they"]) && tokens.get(k + 1).is_some_and(|t| t.is(&["'s", "is", "was", "are"]))
    });
    if let Some(k) = copula {
        let from = phrase_start(tokens, i, lexicon);
        let mut end = tokens.len();
        for (at, token) in tokens.iter().enumerate().skip(k + 2) {
            if token.is(&["now", "instead", "these"]) {
                let stop = token.stop;
                tokens[at - 1].stop = tokens[at - 1].stop.max(stop);
                end = at;
                break;
            }
            if token.stop >= Stop::Comma {
                break;
            }
        }
        if end < tokens.len() {
            tokens.remove(end);
        }
        tokens.drain(from..k + 2);
        return from;
    }
    if alike(tokens, i, after) {
        let from = phrase_start(tokens, i, lexicon);
        tokens.drain(from..after);
        return from;
    }
    tokens.drain(i..after);
    i
}

/// `... the laptop, sorry, not the laptop, the tablet`: puts the second phrase in the place of the first.
fn contrast(tokens: &mut Vec<Token>, cue: usize, not: usize) -> Option<usize> {
    let comma = (not + 1..tokens.len()).find(|k| tokens[*k].stop >= Stop::Comma)?;
    if comma + 1 >= tokens.len() || comma - not > 6 {
        return None;
    }
    let rejected = tokens[comma].low.clone();
    let head = (cue.saturating_sub(REACH)..cue).rev().find(|k| tokens[*k].low == rejected)?;
    let mut from = head;
    let length = comma - not;
    while from > 0 && head - from + 1 < length && tokens[from - 1].stop == Stop::None {
        from -= 1;
    }
    while from > 0 && tokens[from - 1].stop == Stop::None && head - from < 4 && !is_function(&tokens[from].low) {
        if is_preposition(&tokens[from - 1].low) {
            break;
        }
        from -= 1;
    }
    if is_preposition(&tokens[comma + 1].low) && from > 0 && is_preposition(&tokens[from - 1].low) {
        from -= 1;
    }
    let tail: Vec<Token> = tokens[head + 1..cue].to_vec();
    let end = (comma + 1..tokens.len()).find(|k| tokens[*k].stop >= Stop::Comma).map_or(tokens.len(), |k| k + 1);
    let mut new: Vec<Token> = tokens[comma + 1..end].to_vec();
    let stop = new.last()?.stop;
    if !tail.is_empty() {
        // What followed the wrong word stays, after the right one.
        if let Some(last) = new.last_mut() {
            last.stop = Stop::None;
        }
    }
    let count = new.len() + tail.len();
    new.extend(tail);
    if let Some(last) = new.last_mut() {
        last.stop = stop;
    }
    tokens.splice(from..end, new);
    Some(from + count)
}

fn is_function(word: &str) -> bool {
    matches!(word, "the" | "a" | "an" | "our" | "their" | "his" | "her" | "your" | "my" | "its")
}

fn is_preposition(word: &str) -> bool {
    matches!(word, "to" | "into" | "in" | "on" | "onto" | "at" | "from" | "with" | "by" | "for" | "of")
}

/// Where the speaker starts again: a word after the cue that also stands before it. Returns the range to drop:
/// from the old wording, to the new one.
fn anchor(tokens: &[Token], cue: usize, after: usize, lexicon: &Lexicon) -> Option<(usize, usize)> {
    let low = cue.saturating_sub(REACH);
    let find = |word: &str| (low..cue).rev().find(|k| tokens[*k].low == word);
    let first = tokens.get(after)?;
    if let Some(from) = find(&first.low) {
        return Some((from, after));
    }
    for (k, token) in tokens.iter().enumerate().take(after + AHEAD).skip(after + 1) {
        let word = token.low.as_str();
        let content = is_preposition(word) || (lexicon.verb(word).is_some() && lexicon.closed(word).is_empty());
        if content && let Some(from) = find(word) {
            return Some((from, k));
        }
    }
    None
}

/// Whether what follows the cue is a short phrase like the one before it: a number for a number, a name for a name.
fn alike(tokens: &[Token], cue: usize, after: usize) -> bool {
    let Some(end) = (after..tokens.len()).find(|k| tokens[*k].stop >= Stop::Comma || tokens[*k].low == "and") else {
        return false;
    };
    let numeric = |t: &Token| {
        let mut one = vec![t.clone()];
        super::numbers::to_digits(&mut one);
        one.first().is_some_and(|t| t.number.is_some())
    };
    if numeric(&tokens[after]) {
        return numeric(&tokens[cue - 1]);
    }
    end - after <= 2 && !tokens[after..=end].iter().any(|t| Lexicon::english().verb(&t.low).is_some())
}

/// First token of the phrase that ends before `i`.
fn phrase_start(tokens: &[Token], i: usize, lexicon: &Lexicon) -> usize {
    let mut from = i - 1;
    while from > 0 && i - from < 5 && tokens[from - 1].stop == Stop::None {
        let before = &tokens[from - 1].low;
        let closed = lexicon.closed(before);
        if lexicon.verb(before).is_some() || (!closed.is_empty() && !closed.contains(&Tag::Det)) {
            break;
        }
        from -= 1;
        if closed.contains(&Tag::Det) {
            break;
        }
    }
    from
}
