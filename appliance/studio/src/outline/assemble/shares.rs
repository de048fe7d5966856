//! Parts of a whole, told in one breath: `half came by car, thirty percent by train, fifteen by bike, the rest walked`.

use crate::outline::token::{NumberStyle, Stop, Tag, Token};
use crate::outline::view::{View, content, join};
use crate::storyboard::WordRange;

/// A part with its name.
pub(super) struct Part {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) words: WordRange,
}

/// How much is said of something.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Much {
    /// Of a hundred.
    Share(f64),
    Count(f64),
    /// What the others leave.
    Rest,
}

/// An amount at the tokens `a..b`.
#[derive(Debug, Clone, Copy)]
struct Amount {
    much: Much,
    a: usize,
    b: usize,
}

/// The parts of the longest breath that tells parts of a whole; none where no sentence speaks of shares.
pub(super) fn parts(view: &View<'_>) -> Vec<Part> {
    let mut best: Vec<Part> = Vec::new();
    let mut open: Vec<Part> = Vec::new();
    let mut all = 0;
    for sentence in &view.text.sentences[view.sentences.0..view.sentences.1] {
        let amounts = amounts(view, sentence.first, sentence.end);
        all += amounts.len();
        let shares = amounts.iter().filter(|a| !matches!(a.much, Much::Count(_))).count();
        let told = if shares > 0 { read(view, sentence.first, sentence.end, &amounts, &open) } else { Vec::new() };
        if told.is_empty() {
            open.clear();
            continue;
        }
        open.extend(told);
        if open.len() > best.len() && open.len() >= 2 {
            best = open.iter().map(|p| Part { label: p.label.clone(), ..*p }).collect();
        }
    }
    // A share that is mentioned by the way is not what the numbers are told for.
    if best.len() * 3 >= all { best } else { Vec::new() }
}

/// Everything in a sentence that says how much.
fn amounts(view: &View<'_>, first: usize, end: usize) -> Vec<Amount> {
    let tokens = &view.text.tokens;
    let mut out: Vec<Amount> = Vec::new();
    let mut i = first;
    while i < end {
        let low = tokens[i].low.as_str();
        let next = if i + 1 < end && tokens[i].stop == Stop::None { tokens[i + 1].low.as_str() } else { "" };
        let number = tokens[i].number.filter(|n| n.style == NumberStyle::Cardinal).map(|n| n.value);
        // What a fraction is called and how many of it make a whole: not `a third option`.
        let fraction = |word: &str| match word {
            "half" | "halves" => Some(2.0),
            "third" | "thirds" => Some(3.0),
            "quarter" | "quarters" => Some(4.0),
            "fifth" | "fifths" => Some(5.0),
            "tenth" | "tenths" => Some(10.0),
            _ => None,
        };
        let ends = |k: usize| {
            tokens[k].stop != Stop::None
                || k + 1 >= end
                || !(tokens[k + 1].tag.nominal() || matches!(tokens[k + 1].tag, Tag::Adj | Tag::Num))
        };
        let part = |k: usize| fraction(tokens[k].low.as_str()).filter(|_| ends(k));
        if let Some(value) = number {
            let counted = (i + 1 < end && tokens[i].stop == Stop::None).then(|| part(i + 1)).flatten();
            let (much, b) = match (counted, next) {
                (Some(whole), _) if value < whole => (Much::Share(100.0 * value / whole), i + 2),
                (_, "percent" | "per") => (Much::Share(value), i + if next == "per" { 3 } else { 2 }),
                _ if tokens[i].text.ends_with('%') => (Much::Share(value), i + 1),
                _ => (Much::Count(value), i + 1),
            };
            out.push(Amount { much, a: i, b: b.min(end) });
            i = b;
            continue;
        }
        if matches!(low, "a" | "one")
            && tokens[i].stop == Stop::None
            && i + 1 < end
            && let Some(whole) = part(i + 1)
        {
            out.push(Amount { much: Much::Share(100.0 / whole), a: i, b: i + 2 });
            i += 2;
            continue;
        }
        if low == "half" && ends(i) {
            out.push(Amount { much: Much::Share(50.0), a: i, b: i + 1 });
        }
        if matches!(low, "rest" | "remainder") && i > first && tokens[i - 1].low == "the" {
            out.push(Amount { much: Much::Rest, a: i - 1, b: i + 1 });
        }
        i += 1;
    }
    out
}

/// The parts of one sentence; none unless every share has a name. `before` are those of the sentences just before, of
/// the same whole.
fn read(view: &View<'_>, first: usize, end: usize, amounts: &[Amount], before: &[Part]) -> Vec<Part> {
    let tokens = &view.text.tokens;
    let share = amounts.iter().any(|a| matches!(a.much, Much::Share(_)));
    let whole = amounts.iter().find(|a| a.a > first && tokens[a.a - 1].low == "of").filter(|_| !share);
    let mut out: Vec<Part> = Vec::new();
    let mut rest: Option<usize> = None;
    for (k, amount) in amounts.iter().enumerate() {
        // "Of the two hundred visitors, fifty ..." names the whole.
        if whole.is_some_and(|w| w.a == amount.a) {
            continue;
        }
        let value = match amount.much {
            Much::Share(value) => value,
            // "thirty percent by train, fifteen by bike"
            Much::Count(value) if !share || value < 100.0 => value,
            Much::Count(_) => continue,
            Much::Rest => 0.0,
        };
        let from = k.checked_sub(1).map_or(first, |k| amounts[k].b);
        let to = amounts.get(k + 1).map_or(end, |next| next.a);
        let Some((label, a, b)) = name(view, from, amount, to) else {
            match amount.much {
                Much::Count(_) => continue,
                _ => return Vec::new(),
            }
        };
        if amount.much == Much::Rest {
            rest = Some(out.len());
        }
        if out.iter().chain(before).any(|p| p.label.eq_ignore_ascii_case(&label)) {
            continue;
        }
        out.push(Part { label, value, words: view.words(a.min(amount.a), b.max(amount.b)) });
    }
    if let Some(at) = rest.filter(|at| *at < out.len()) {
        let all = match whole.map(|w| w.much) {
            Some(Much::Count(all)) => Some(all),
            _ => share.then_some(100.0).or((!before.is_empty()).then_some(100.0)),
        };
        let known: f64 = out.iter().chain(before).map(|p| p.value).sum();
        match all.filter(|all| known < *all) {
            // Thirds leave no more digits than they are said with.
            Some(all) => out[at].value = ((all - known) * 10.0).round() / 10.0,
            None => drop(out.remove(at)),
        }
    }
    for part in &mut out {
        part.value = (part.value * 10.0).round() / 10.0;
    }
    out
}

/// What an amount is of: the phrase before it where a verb joins the two, else what it is followed by.
fn name(view: &View<'_>, from: usize, amount: &Amount, to: usize) -> Option<(String, usize, usize)> {
    let tokens = &view.text.tokens;
    let verbal = |t: &Token| matches!(t.tag, Tag::Verb | Tag::Aux | Tag::Modal);
    // "rent is forty percent", "the café six thousand"
    let start = (from..amount.a).rev().find(|k| tokens[*k].stop >= Stop::Comma).map_or(from, |k| k + 1);
    let subject = (start..amount.a).rev().find(|k| tokens[*k].tag.nominal()).filter(|head| {
        let joined = tokens[*head + 1..amount.a].iter().any(verbal);
        let gap = *head + 1 == amount.a;
        let placed = tokens[start..*head].iter().any(|t| t.tag == Tag::Prep || verbal(t));
        (joined || gap) && !placed
    });
    if let Some(head) = subject {
        return phrase(tokens, start, head + 1);
    }
    let mut stop = (amount.b..to).find(|k| tokens[*k].stop >= Stop::Comma).map_or(to, |k| k + 1);
    while stop > amount.b
        && matches!(tokens[stop - 1].low.as_str(), "and" | "about" | "but" | "around" | "only" | "then" | "a" | "the")
    {
        stop -= 1;
    }
    let mut k = amount.b;
    if k < stop && tokens[k].low == "of" {
        // "half of them", "a third of our costs": what is parted.
        k += 1;
        while k < stop && (matches!(tokens[k].tag, Tag::Det | Tag::Poss | Tag::Adj) || tokens[k].tag.nominal()) {
            k += 1;
        }
        if k < stop && tokens[k].tag == Tag::Pron {
            k += 1;
        }
    }
    // Whatever the whole is called: "thirty percent of visitors came by train".
    let verb = (k..stop).find(|v| verbal(&tokens[*v]));
    let placed = (k..stop).find(|p| tokens[*p].tag == Tag::Prep || tokens[*p].low == "to");
    if let Some(placed) = placed.filter(|p| verb.is_none_or(|v| v < *p || *p == k)) {
        return phrase(tokens, placed + 1, stop);
    }
    if let Some(verb) = verb {
        let tail = phrase(tokens, verb + 1, stop);
        let copula = matches!(tokens[verb].lemma.as_str(), "be" | "go" | "come" | "have" | "get");
        return tail.or_else(|| (!copula).then(|| (tokens[verb].low.clone(), verb, verb + 1)));
    }
    phrase(tokens, k, stop)
}

/// The first phrase of content of some tokens.
fn phrase(tokens: &[Token], a: usize, b: usize) -> Option<(String, usize, usize)> {
    let head = (a..b).find(|k| content(&tokens[*k]) && tokens[*k].tag != Tag::Num)?;
    let mut end = head;
    while end < b
        && end - head < crate::outline::view::LABEL_WORDS
        && (content(&tokens[end]) || tokens[end].low == "of")
        && (end == head || tokens[end - 1].stop == Stop::None)
    {
        end += 1;
    }
    while end > head + 1 && tokens[end - 1].low == "of" {
        end -= 1;
    }
    let named = |t: &Token| t.tag == Tag::Name || t.text.chars().skip(1).any(char::is_uppercase);
    let label = join(tokens[head..end].iter().map(|t| (t.text.as_str(), named(t))));
    Some((label, head, end))
}
