//! Self-repairs: only the corrected version survives.

use super::lexicon::Lexicon;
use super::token::{Form, Stop, Tag, Token};

mod across;

pub(super) use across::across;

/// How far back a retraction reaches, in tokens.
const REACH: usize = 14;
/// How far ahead of the retraction the corrected wording may begin.
const AHEAD: usize = 9;

/// Applies every retraction inside a sentence.
fn mend(tokens: &mut Vec<Token>, lexicon: &Lexicon) {
    let mut i = 1;
    // Every round removes the cue, so the loop ends.
    while i < tokens.len() {
        match cue(tokens, i, lexicon) {
            Some(n) => {
                let at = apply(tokens, i, n, lexicon);
                // "the dough, no the cake, comes out": the pause behind the correction is its own.
                if let Some(end) = (at..tokens.len()).find(|k| tokens[*k].stop >= Stop::Comma).filter(|k| k - at < 4)
                    && tokens[end].stop == Stop::Comma
                    && tokens
                        .get(end + 1)
                        .is_some_and(|t| lexicon.verb(&t.low).is_some_and(|v| matches!(v.form, Form::S | Form::Past)))
                {
                    tokens[end].stop = Stop::None;
                }
                i = at.max(1);
            }
            None => i += 1,
        }
    }
    behind(tokens, lexicon);
    restart(tokens, lexicon);
}

/// `with cold water, with warm water I mean`: a cue behind the correction.
fn behind(tokens: &mut Vec<Token>, lexicon: &Lexicon) {
    let end = tokens.len();
    if end < 5 || !(tokens[end - 2].low == "i" && tokens[end - 1].is(&["mean", "meant"])) {
        return;
    }
    let stop = tokens[end - 1].stop;
    tokens.truncate(end - 2);
    tokens[end - 3].stop = stop;
    if let Some(comma) = (1..end - 4).rev().find(|k| tokens[*k].stop >= Stop::Comma) {
        restate(tokens, comma + 1, 0, lexicon);
    }
}

/// Drops clauses that the speaker gives up in the middle: `we take the, we put ...`, `I would, well, you should ...`.
fn restart(tokens: &mut Vec<Token>, lexicon: &Lexicon) {
    let mut i = 1;
    while i < tokens.len() {
        let last = &tokens[i - 1];
        let article = last.is(&["the", "a", "an", "my", "our", "your", "their"]) && last.stop < Stop::Colon;
        let modal = last.stop == Stop::Comma && lexicon.closed(&last.low).contains(&Tag::Modal);
        let mut next = i;
        while tokens.get(next).is_some_and(|t| t.is(&["well", "so", "anyway", "actually", "no"])) {
            next += 1;
        }
        let open = article || (modal && next > i);
        let subject = tokens.get(next).is_some_and(|t| t.is(&["i", "we", "you", "they", "he", "she"]));
        // "the, you know, the red one", "a, I will call it, gate": asides.
        let acts = tokens.get(next + 1).is_some_and(|t| {
            let helps = lexicon.closed(&t.low).contains(&Tag::Modal);
            let aside = ["know", "see", "think", "guess", "mean", "suppose", "believe", "say", "was", "am", "will"];
            if modal { helps } else { lexicon.verb(&t.low).is_some() && !t.is(&aside) && !helps }
        });
        let goes_on = tokens.len() - next.min(tokens.len()) >= 3;
        if open && subject && goes_on {
            let from = (0..i - 1).rev().find(|k| tokens[*k].stop >= Stop::Comma).map_or(0, |k| k + 1);
            let from = (from..i).find(|k| !tokens[*k].is(LEADS)).unwrap_or(i);
            // What is given up began with somebody who does something: the same, where it breaks off at an article.
            let began = tokens[from].is(&["i", "we", "you", "they", "he", "she", "it"]);
            if began && acts && (modal || tokens[from].low == tokens[next].low) {
                tokens.drain(from..next);
                i = from.max(1);
                continue;
            }
        }
        i += 1;
    }
}

/// Words before a clause that stand whatever becomes of it.
const LEADS: &[&str] = &["and", "then", "so", "but", "okay", "now", "first", "next", "well", "yes", "right", "oh"];

/// Number of tokens of the repair phrase at `i`; it needs a pause before it and something after it.
fn cue(tokens: &[Token], i: usize, lexicon: &Lexicon) -> Option<usize> {
    if lone_no(tokens, i) {
        return Some(1);
    }
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
        && !(numeric(&tokens[i + n]) && tokens[i.saturating_sub(4)..i].iter().any(numeric))
        && anchor(tokens, i, i + n, lexicon).is_none()
        && !alike(tokens, i, i + n)
    {
        return None;
    }
    Some(n)
}

/// `the dough no the cake`: no phrase begins with `no the`, so the speaker takes the phrase before back.
fn lone_no(tokens: &[Token], i: usize) -> bool {
    let (before, Some(next)) = (&tokens[i - 1], tokens.get(i + 1)) else { return false };
    let said = before.is(&["say", "says", "said", "is", "was", "means", "answer", "there", "a", "the", "with"]);
    if tokens[i].low != "no" || tokens[i].stop != Stop::None || said || before.stop.closes() {
        return false;
    }
    let near = || tokens[i.saturating_sub(6)..i].iter().any(|t| t.low == next.low);
    next.is(&["the", "my", "our", "your", "his", "her", "their"]) || (is_preposition(&next.low) && near())
}

/// Repairs around the cue `i..i + n`; returns where to go on.
fn apply(tokens: &mut Vec<Token>, i: usize, n: usize, lexicon: &Lexicon) -> usize {
    if let Some(at) = restate(tokens, i, n, lexicon) {
        return at;
    }
    tokens.drain(i..i + n);
    i
}

/// Puts what follows the cue `i..i + n` in the place of what it corrects; nothing where that cannot be told.
fn restate(tokens: &mut Vec<Token>, i: usize, n: usize, lexicon: &Lexicon) -> Option<usize> {
    let after = i + n;
    // "not the laptop, the tablet"
    let negation = (after..tokens.len().min(after + AHEAD))
        .find(|k| tokens[*k].low == "not" && (*k == after || tokens[*k - 1].stop >= Stop::Comma));
    if let Some(not) = negation
        && let Some(at) = contrast(tokens, i, not)
    {
        return Some(at);
    }
    if let Some(at) = renumber(tokens, i, after) {
        return Some(at);
    }
    if let Some((from, to)) = anchor(tokens, i, after, lexicon) {
        tokens.drain(i..to);
        tokens.drain(from..i);
        return Some(from);
    }
    // "it's Postgres now": the new name replaces the last phrase.
    let copula = (after..tokens.len().min(after + 6)).find(|k| {
        tokens[*k].is(&["it", "that", "they"]) && tokens.get(k + 1).is_some_and(|t| t.is(&["'s", "is", "was", "are"]))
    });
    if let Some(k) = copula.filter(|k| k + 2 < tokens.len()) {
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
        return Some(from);
    }
    if alike(tokens, i, after) {
        let from = phrase_start(tokens, i, lexicon);
        tokens.drain(from..after);
        return Some(from);
    }
    None
}

fn numeric(token: &Token) -> bool {
    let mut one = vec![token.clone()];
    super::numbers::to_digits(&mut one, false);
    one.first().is_some_and(|t| t.number.is_some())
}

/// `forty minutes, make that fifty`: the new number takes the place of the last one, and what it counts that of what
/// was counted where it is said again.
fn renumber(tokens: &mut Vec<Token>, cue: usize, after: usize) -> Option<usize> {
    let numbers = |k: &usize| numeric(&tokens[*k]) || (*k > after && is_scale(tokens, *k));
    let new = (after..tokens.len()).take_while(numbers).count();
    let old_end = (cue.saturating_sub(4)..cue).rev().find(|k| numeric(&tokens[*k]) || is_scale(tokens, *k))? + 1;
    // Only what was counted may stand between, and it is not counted anew in other words.
    let between = old_end..cue;
    if new == 0 || between.clone().any(|k| k + 1 < cue && tokens[k].stop >= Stop::Comma) {
        return None;
    }
    let old =
        (cue.saturating_sub(8)..old_end).rev().take_while(|k| numeric(&tokens[*k]) || is_scale(tokens, *k)).last()?;
    let tail = after + new;
    // "four area supervisors, no, three since the merger": what is counted stays.
    let goes_on = tail < tokens.len() && tokens[tail - 1].stop == Stop::None;
    if !goes_on || !super::numbers::counts(tokens, tail) {
        // "forty minutes, make that fifty.": the minutes stay.
        let stop = tokens[tail - 1].stop;
        let mut number: Vec<Token> = tokens[after..tail].to_vec();
        if let (false, Some(last)) = (between.is_empty(), number.last_mut()) {
            last.stop = Stop::None;
            tokens[cue - 1].stop = stop;
        }
        tokens.drain(cue..tail);
        tokens.splice(old..old_end, number);
        return Some(old + new);
    }
    tokens.drain(old..after);
    Some(old)
}

fn is_scale(tokens: &[Token], k: usize) -> bool {
    tokens[k].is(&["hundred", "thousand", "million", "billion", "point"])
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
    // Of several places the one that goes on in the same words, else the nearest.
    let same = |k: usize| {
        let matched = |n: &usize| tokens.get(after + n).is_some_and(|t| t.low == tokens[k + n].low);
        (0..cue - k).take_while(matched).count()
    };
    let starts = (low..cue).filter(|k| tokens[*k].low == first.low);
    if let Some(from) = starts.max_by_key(|k| (same(*k), *k)) {
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
