//! What is taken back in another sentence than that in which it was said.

use super::{LEADS, is_function, is_preposition, mend, restate};
use crate::outline::lexicon::Lexicon;
use crate::outline::sentence::Raw;
use crate::outline::token::{Stop, Token};

/// How many sentences back something is corrected.
const BACK: usize = 6;

/// What an opening says of what was said before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cue {
    /// Perhaps a correction: `sorry`, `hang on`.
    Weak,
    /// The sentence before is taken back: `scrap that`.
    Strong,
}

/// Openings of a sentence that take back the one before, longest first where one begins with another.
const STRONG: &[&str] = &[
    "scrap what i said",
    "forget what i said",
    "ignore what i said",
    "scratch what i said",
    "strike what i said",
    "scratch that",
    "scrap that",
    "strike that",
    "forget that",
    "ignore that",
    "cancel that",
    "delete that",
    "i take that back",
    "take that back",
];
/// Openings that correct where the wording repeats.
const WEAK: &[&str] = &[
    "let me correct that",
    "let me correct myself",
    "let me rephrase that",
    "let me rephrase",
    "i meant to say",
    "that is wrong",
    "that 's wrong",
    "that is not right",
    "that 's not right",
    "i misspoke",
    "my mistake",
    "i tell a lie",
    "make that",
    "or rather",
    "correction",
    "i mean",
    "no no",
    "no wait",
    "wait no",
    "no sorry",
    "sorry no",
    "hang on",
    "hold on",
    "sorry",
    "wait",
    "no",
];
/// Words that may stand before such an opening.
const BEFORE: &[&str] =
    &["actually", "oh", "no", "wait", "sorry", "well", "okay", "right", "but", "and", "so", "ah", "or", "yes"];
/// What a correction is about when nothing is named.
const NOTHING: &[&str] = &["thing", "bit", "part", "stuff", "business", "step"];

/// Applies every retraction: inside the sentences, and what they take back of those before them. A sentence that only does so is left empty.
pub(in crate::outline) fn across(raws: &mut [Raw], lexicon: &Lexicon) {
    let mut pending: Option<Cue> = None;
    for at in 0..raws.len() {
        // What is corrected stands as it was meant already.
        if let Some(last) = at.checked_sub(1) {
            mend(&mut raws[last].tokens, lexicon);
        }
        let (before, rest) = raws.split_at_mut(at);
        let tokens = &mut rest[0].tokens;
        if tokens.is_empty() {
            continue;
        }
        if let Some((topic, end)) = topic(tokens) {
            let tail = tokens.split_off(end.min(tokens.len()));
            forget(before, &topic, &tail);
            tokens.clear();
            continue;
        }
        let (cue, n) = opening(tokens);
        let cue = cue.max(pending.take()).or(turned(tokens).then_some(Cue::Weak));
        let Some(cue) = cue else { continue };
        if n > 0 && n >= tokens.len() {
            // "Strike that." What follows says what holds, or nothing does.
            let question = before.iter().rev().find(|r| !r.tokens.is_empty()).is_some_and(|r| asks(&r.tokens));
            let bare_no = tokens.iter().all(|t| t.is(&["no", "yes", "right", "okay", "well", "oh"]));
            if !(bare_no && question) {
                pending = (!bare_no).then_some(cue);
            }
            tokens.clear();
            continue;
        }
        let spoken: Vec<Token> = tokens.split_off(n);
        let opened = std::mem::replace(tokens, spoken);
        let Some(last) = before.iter_mut().rev().take(BACK).find(|r| !r.tokens.is_empty()) else { continue };
        if turned(tokens) {
            turn_round(last, tokens, lexicon);
        } else if moved(before, tokens, lexicon) || corrected(before, tokens, &opened, cue, lexicon) {
            tokens.clear();
        }
    }
    if let Some(last) = raws.last_mut() {
        mend(&mut last.tokens, lexicon);
    }
    if pending == Some(Cue::Strong)
        && let Some(last) = raws.iter_mut().rev().find(|r| !r.tokens.is_empty())
    {
        last.tokens.clear();
    }
}

fn asks(tokens: &[Token]) -> bool {
    tokens.last().is_some_and(|t| t.stop == Stop::Ask)
}

/// The cue that opens a sentence and how many words it has, with those before it.
fn opening(tokens: &[Token]) -> (Option<Cue>, usize) {
    let starts = |at: usize, phrase: &str| {
        let words: Vec<&str> = phrase.split(' ').collect();
        let fits = tokens.len() >= at + words.len() && words.iter().zip(&tokens[at..]).all(|(w, t)| *w == t.low);
        fits.then_some(at + words.len())
    };
    let mut found = (None, 0);
    for at in 0..tokens.len().min(5) {
        let lead = |t: &Token| t.is(BEFORE);
        if !tokens[..at].iter().all(lead) {
            break;
        }
        let next = |end: usize, words: &[&str]| tokens.get(end).is_some_and(|t| t.is(words));
        let set_off = |end: usize| tokens[end - 1].stop >= Stop::Comma;
        // "Delete that file", "forget that you have it": no openings.
        let strong = STRONG.iter().find_map(|phrase| starts(at, phrase)).filter(|end| {
            let plain = tokens[at].is(&["scratch", "scrap", "strike"]);
            end - at > 2
                || set_off(*end)
                || (plain && next(*end, &["the", "it", "we", "he", "she", "they", "you", "i"]))
        });
        if let Some(end) = strong {
            return (Some(Cue::Strong), end);
        }
        let end = WEAK.iter().find_map(|phrase| starts(at, phrase)).filter(|end| {
            // "Wait. Then stir.", "No driver comes", "wait for the bus", "hold on to it": no openings.
            let more = tokens.len() > *end && !next(*end, &["then", "until", "till", "for", "to", "and"]);
            match tokens[at].low.as_str() {
                "make" | "let" | "hang" | "hold" => set_off(*end) || more,
                _ if tokens[end - 1].low == "wait" => {
                    let goes_on = more && (set_off(*end) || next(*end, &["no", "before", "it", "the", "that"]));
                    goes_on || (end - at > 1 && tokens.len() == *end)
                }
                "that" => set_off(*end),
                "no" if end - at == 1 => set_off(*end) || next(*end, &["the", "it", "we", "before", "that", "they"]),
                "sorry" => set_off(*end) || !next(*end, &["for", "about", "to"]),
                _ => set_off(*end) || end - at > 1,
            }
        });
        if let Some(end) = end {
            found = (Some(Cue::Weak), end);
        }
        // "Oh right, before I block the room they pay ..."
        let late = tokens[..at].iter().any(|t| t.is(&["oh", "wait", "actually", "no", "sorry"]));
        if late && tokens[at].low == "before" {
            found = (Some(Cue::Weak), at);
        }
    }
    found
}

/// What `scratch what I said about X` is about, and where that ends.
fn topic(tokens: &[Token]) -> Option<(Vec<String>, usize)> {
    let said = tokens.windows(4).take(6).position(|w| {
        w[0].is(&["scratch", "scrap", "forget", "ignore", "strike"])
            && w[1].low == "what"
            && w[2].low == "i"
            && w[3].low == "said"
    })?;
    let about = said + 4;
    if !tokens.get(about).is_some_and(|t| t.is(&["about", "on", "with"])) {
        return None;
    }
    let end = (about + 1..tokens.len()).find(|k| tokens[*k].stop >= Stop::Comma).map_or(tokens.len(), |k| k + 1);
    let lexicon = Lexicon::english();
    let words = tokens[about + 1..end].iter().filter(|t| lexicon.closed(&t.low).is_empty() && !t.is(NOTHING));
    Some((words.map(|t| t.low.clone()).collect(), end))
}

/// Takes back what was said of a topic: a new name takes its place, or the clause that names it goes.
fn forget(before: &mut [Raw], topic: &[String], tail: &[Token]) {
    let Some(name) = topic.last() else { return };
    // "we moved to Memcached", "it's Memcached now"
    let to = tail.iter().position(|t| t.is(&["to", "with", "'s", "is", "use", "using"]));
    let new = to.and_then(|at| tail[at + 1..].iter().find(|t| !is_function(&t.low)));
    if let Some(new) =
        new.filter(|t| t.text.starts_with(char::is_uppercase) || Lexicon::english().closed(&t.low).is_empty())
    {
        for token in before.iter_mut().flat_map(|r| &mut r.tokens).filter(|t| t.low == *name) {
            *token = Token { stop: token.stop, ..new.clone() };
        }
        return;
    }
    let holds = |tokens: &[Token]| topic.iter().all(|word| tokens.iter().any(|t| t.low == *word));
    let Some(raw) = before.iter_mut().rev().find(|r| holds(&r.tokens)) else { return };
    let Some(at) = raw.tokens.iter().position(|t| t.low == *name) else { return };
    let from = clause_start(&raw.tokens, at);
    let end = (at..raw.tokens.len())
        .find(|k| raw.tokens[*k].stop >= Stop::Comma || raw.tokens.get(k + 1).is_some_and(|t| t.low == "and"))
        .map_or(raw.tokens.len(), |k| k + 1);
    raw.tokens.drain(from..end);
    if raw.tokens.iter().all(|t| t.is(LEADS)) {
        raw.tokens.clear();
    } else if let Some(last) = raw.tokens.last_mut() {
        last.stop = last.stop.max(Stop::End);
    }
}

/// First token of the clause in which the token at `at` stands.
fn clause_start(tokens: &[Token], at: usize) -> usize {
    (0..at)
        .rev()
        .find(|k| tokens[*k].stop >= Stop::Comma || tokens[*k + 1].is(&["and", "but", "then"]))
        .map_or(0, |k| k + 1)
}

/// Whether the words say that it is the other way round.
fn turned(tokens: &[Token]) -> bool {
    let way = |w: &[Token]| w[0].low == "other" && w[1].low == "way" && w[2].is(&["round", "around", "about"]);
    let said = tokens.len() > 1 && tokens[0].is(&["it", "that"]) && tokens[1].is(&["'s", "is"]);
    (said || tokens.first().is_some_and(|t| t.low == "the")) && tokens.windows(3).take(5).any(way)
}

/// What is said behind `the other way round` takes the place of the sentence before; where nothing is, the two ends of that
/// sentence change places.
fn turn_round(last: &mut Raw, tokens: &mut Vec<Token>, lexicon: &Lexicon) {
    let end = tokens.iter().position(|t| t.is(&["round", "around", "about"])).map_or(0, |k| k + 1);
    let said = tokens.split_off(end.min(tokens.len()));
    tokens.clear();
    let verb = |t: &Token| lexicon.verb(&t.low).is_some_and(|v| !v.noun);
    if said.iter().any(verb) {
        last.tokens = said;
        return;
    }
    let all = &mut last.tokens;
    let Some(act) = (1..all.len()).find(|k| lexicon.verb(&all[*k].low).is_some() && !is_function(&all[*k - 1].low))
    else {
        return;
    };
    let from = clause_start(all, act);
    let from = (from..act).find(|k| !all[*k].is(LEADS)).unwrap_or(from);
    let end = (act..all.len()).find(|k| all[*k].stop >= Stop::Comma).map_or(all.len(), |k| k + 1);
    let goal = (act + 1..end).rev().find(|k| is_preposition(&all[*k].low)).map_or(act + 1, |k| k + 1);
    if goal >= end || from >= act {
        return;
    }
    let stop = all[end - 1].stop;
    let (who, whom) = (all[from..act].to_vec(), all[goal..end].to_vec());
    let mut turned: Vec<Token> = whom;
    turned.extend_from_slice(&all[act..goal]);
    turned.extend(who);
    for token in &mut turned {
        token.stop = Stop::None;
    }
    if let Some(last) = turned.last_mut() {
        last.stop = stop;
    }
    all.splice(from..end, turned);
}

/// `Before the salt we add the heater`: puts what is done before the clause that it comes before. Whether it could.
fn moved(before: &mut [Raw], tokens: &mut [Token], lexicon: &Lexicon) -> bool {
    const SUBJECTS: &[&str] = &["i", "we", "you", "they", "he", "she", "it", "somebody", "someone"];
    if tokens.first().is_none_or(|t| t.low != "before") {
        return false;
    }
    let comma = (1..tokens.len()).find(|k| tokens[*k].stop >= Stop::Comma).map(|k| k + 1);
    let main = (2..tokens.len()).find(|k| tokens[*k].is(SUBJECTS)).or(comma).filter(|k| k + 1 < tokens.len());
    let Some(main) = main else { return false };
    let what = &tokens[1..main];
    let acts = what.first().is_some_and(|t| t.is(SUBJECTS)).then(|| what.get(1)).flatten();
    let content: Vec<&Token> = what.iter().filter(|t| lexicon.closed(&t.low).is_empty()).collect();
    let Some(key) =
        acts.filter(|t| lexicon.closed(&t.low).is_empty()).or(content.last().copied()).map(|t| t.low.clone())
    else {
        return false;
    };
    let stem = |word: &str| lexicon.verb(word).map_or_else(|| word.to_owned(), |v| v.lemma.to_owned());
    let wanted = stem(&key);
    let alike = |raw: &Raw| content.iter().filter(|c| raw.tokens.iter().any(|t| t.low == c.low)).count();
    let found = before
        .iter()
        .enumerate()
        .rev()
        .take(BACK)
        .filter(|(_, raw)| raw.tokens.iter().any(|t| stem(&t.low) == wanted))
        .max_by_key(|(at, raw)| (alike(raw), *at))
        .map(|(at, _)| at);
    let Some(found) = found else { return false };
    let target = &mut before[found].tokens;
    let Some(place) = target.iter().position(|t| stem(&t.low) == wanted) else { return false };
    let at = clause_start(target, place);
    let mut new: Vec<Token> = tokens[main..].to_vec();
    if let Some(last) = new.last_mut() {
        last.stop = Stop::Comma;
    }
    if let Some(last) = at.checked_sub(1).and_then(|k| target.get_mut(k)) {
        last.stop = last.stop.max(Stop::Comma);
    }
    target.splice(at..at, new);
    true
}

/// Puts what is said now in the place of what it repeats in other words; a strong cue takes the sentence before back
/// whatever is said.
fn corrected(before: &mut [Raw], tokens: &mut [Token], opened: &[Token], cue: Cue, lexicon: &Lexicon) -> bool {
    let Some(last) = before.iter_mut().rev().find(|r| !r.tokens.is_empty()) else { return false };
    let denied = tokens.iter().take(4).any(|t| t.is(&["not", "n't"]));
    let shared = |t: &Token| lexicon.closed(&t.low).is_empty() && last.tokens.iter().any(|o| o.low == t.low);
    let bare_no = !opened.is_empty() && opened.iter().all(|t| t.is(BEFORE));
    let short = tokens.len() <= 4;
    let first = &tokens[0];
    let led = is_preposition(&first.low) && last.tokens.iter().any(|t| t.low == first.low);
    let numbers = super::numeric(first) && last.tokens.iter().rev().take(4).any(super::numeric);
    let same = tokens.iter().filter(|t| shared(t)).count();
    // Who begins as before and goes on in other words says the sentence anew. "Sorry, violins are split ..." begins with
    // what stood inside, so it goes on about the violins.
    let start = last.tokens.iter().position(|t| !t.is(LEADS)).unwrap_or(0);
    let begins = last.tokens[start].low == first.low && same >= 1 && !asks(&last.tokens);
    if begins && !denied {
        last.tokens.truncate(start);
        last.tokens.extend_from_slice(tokens);
        return true;
    }
    if (led && (short || !bare_no)) || (numbers && !denied) {
        let mut all = last.tokens.clone();
        let cut = all.len();
        let asked = asks(&all);
        if let Some(end) = all.last_mut() {
            end.stop = Stop::Comma;
        }
        while asked && all.len() > 1 && all.last().is_some_and(|t| t.is(&["right", "yes", "no", "okay", "correct"])) {
            all.pop();
        }
        let cut = cut.min(all.len());
        all.extend_from_slice(tokens);
        if restate(&mut all, cut, 0, lexicon).is_some() {
            last.tokens = all;
            return true;
        }
    }
    if cue == Cue::Strong {
        last.tokens.clear();
    }
    false
}
