//! Noun phrases, verb groups and what stands between them.

use super::token::{Form, NumberStyle, Stop, Tag, Token};

/// A noun phrase: tokens `a..b`, its head inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phrase {
    /// First token.
    pub(crate) a: usize,
    /// After the last token.
    pub(crate) b: usize,
    /// The head noun.
    pub(crate) head: usize,
}

/// A verb group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    /// The verb that carries the meaning; of `wants to check`, `check`.
    pub(crate) main: usize,
    /// Its base form.
    pub(crate) lemma: String,
    /// `is checked`.
    pub(crate) passive: bool,
    /// `does not check`.
    pub(crate) negated: bool,
    /// Past or perfect.
    pub(crate) past: bool,
    /// `to check`, opening the group.
    pub(crate) infinitive: bool,
    /// `checking`, without `is`.
    pub(crate) gerund: bool,
    /// `can`, `will`...
    pub(crate) modal: Option<String>,
    /// `is`, `do` or a modal without another verb.
    pub(crate) bare_aux: bool,
    /// `used to check`.
    pub(crate) former: bool,
}

/// What a chunk is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    Np(Phrase),
    Vg(Box<Group>),
    Prep(String),
    Conj,
    Sub(String),
    Wh(String),
    Comma,
    Adj,
    Adv,
    Mark,
    Part,
    Other,
}

/// Tokens `a..b`; empty for [`What::Comma`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chunk {
    pub(crate) what: What,
    pub(crate) a: usize,
    pub(crate) b: usize,
}

const CATENATIVE: &[&str] = &[
    "want", "need", "have", "get", "go", "use", "start", "begin", "try", "like", "manage", "tend", "continue", "plan",
    "be", "decide", "agree", "offer", "refuse", "remember", "happen", "seem", "let", "love", "prefer", "intend",
    "fail", "expect", "suppose",
];

/// Chunks the tagged tokens `first..end`.
pub(crate) fn chunk(tokens: &[Token], first: usize, end: usize) -> Vec<Chunk> {
    let mut out = Vec::new();
    let mut i = first;
    while i < end {
        let (what, next) = one(tokens, i, end);
        out.push(Chunk { what, a: i, b: next });
        i = next;
        if tokens[i - 1].stop >= Stop::Comma && i < end {
            out.push(Chunk { what: What::Comma, a: i, b: i });
        }
    }
    out
}

fn one(tokens: &[Token], i: usize, end: usize) -> (What, usize) {
    let token = &tokens[i];
    match token.tag {
        Tag::Verb | Tag::Aux | Tag::Modal => verb_group(tokens, i, end),
        Tag::To => verb_group(tokens, i, end),
        Tag::Det | Tag::Poss | Tag::Num | Tag::Noun | Tag::Name | Tag::Adj | Tag::Pron => noun_phrase(tokens, i, end),
        Tag::Prep => {
            // "out of", "next to", "away from": the last one names the relation, the first its direction.
            let mut b = i + 1;
            let mut name = token.low.clone();
            while b < end && tokens[b - 1].stop == Stop::None && tokens[b].tag == Tag::Prep {
                name.push(' ');
                name.push_str(&tokens[b].low);
                b += 1;
            }
            (What::Prep(name), b)
        }
        Tag::Conj => (What::Conj, i + 1),
        Tag::Sub => (What::Sub(token.low.clone()), i + 1),
        Tag::Wh => (What::Wh(token.low.clone()), i + 1),
        Tag::Adv | Tag::Neg => (What::Adv, i + 1),
        Tag::Mark => (What::Mark, i + 1),
        Tag::Part => (What::Part, i + 1),
        Tag::There | Tag::Intj => (What::Other, i + 1),
    }
}

fn noun_phrase(tokens: &[Token], i: usize, end: usize) -> (What, usize) {
    let mut b = i;
    let mut head = None;
    while b < end {
        let token = &tokens[b];
        let fits = match token.tag {
            Tag::Det => b == i || tokens[b - 1].tag == Tag::Det,
            Tag::Poss => b == i || matches!(tokens[b - 1].tag, Tag::Det),
            Tag::Num => head.is_none_or(|h: usize| {
                !tokens[h].owner && b == h + 1 && (tokens[h].tag == Tag::Name || !number_opens(tokens, b, end))
            }),
            Tag::Adj => head.is_none_or(|h: usize| tokens[h].owner),
            Tag::Adv => b > i && head.is_none() && tokens.get(b + 1).is_some_and(|t| t.tag == Tag::Adj) && b + 1 < end,
            Tag::Noun | Tag::Name => true,
            Tag::Pron => b == i || (head.is_none() && token.is(&["one", "ones"])),
            _ => false,
        };
        if !fits {
            break;
        }
        if matches!(token.tag, Tag::Noun | Tag::Name | Tag::Pron)
            || (token.tag == Tag::Num && head.is_none() && !nominal_after(tokens, b, end))
        {
            head = Some(b);
        }
        b += 1;
        if token.stop >= Stop::Comma || dates(tokens, b - 1, i) {
            break;
        }
        if token.tag == Tag::Pron && !matches!(tokens.get(b).map(|t| t.tag), Some(Tag::Pron)) {
            break;
        }
    }
    if head.is_none() && tokens[b - 1].tag == Tag::Adj && tokens.get(b).is_some_and(|t| t.low == "of") && b < end {
        // "whole of life"
        head = Some(b - 1);
    }
    let Some(head) = head else {
        let what = match tokens[i].tag {
            Tag::Adj if tokens[i..b].iter().all(|t| t.tag == Tag::Adj) && !stands_alone(tokens, i, b, end) => What::Adj,
            Tag::Det | Tag::Num | Tag::Adj => What::Np(Phrase { a: i, b, head: b - 1 }),
            _ => What::Other,
        };
        return (what, b);
    };
    // "angle of attack": the second phrase belongs to the first.
    if b + 1 < end && tokens[b - 1].stop == Stop::None && tokens[b].low == "of" && b - i < 6 {
        let (what, next) = noun_phrase(tokens, b + 1, end);
        if let What::Np(inner) = what
            && matches!(
                tokens[b + 1].tag,
                Tag::Det | Tag::Poss | Tag::Num | Tag::Noun | Tag::Name | Tag::Adj | Tag::Pron
            )
        {
            let partitive = tokens[head].tag == Tag::Pron
                || tokens[head].tag == Tag::Num
                || tokens[head].is(&[
                    "kind", "sort", "type", "lot", "couple", "bit", "set", "rest", "side", "pair", "number", "bunch",
                    "kinds", "sorts", "types", "lots",
                ]);
            return (What::Np(Phrase { a: i, b: next, head: if partitive { inner.head } else { head } }), next);
        }
    }
    (What::Np(Phrase { a: i, b, head }), b)
}

/// Whether the number at `at` is a date of its own and counts nothing: `in 1965 Leonov walked`.
fn dates(tokens: &[Token], at: usize, first: usize) -> bool {
    let Some(number) = tokens[at].number else { return false };
    let dated = matches!(number.style, NumberStyle::Year | NumberStyle::Clock | NumberStyle::Date);
    let named = tokens.get(at + 1).is_some_and(|t| t.tag == Tag::Name);
    let placed = at == first && at > 0 && tokens[at - 1].is(&["in", "by", "since", "until"]);
    dated || (named && placed)
}

/// Whether adjectives stand for a thing: "Orange and yellow go to ...".
fn stands_alone(tokens: &[Token], a: usize, b: usize, end: usize) -> bool {
    let opens =
        a == 0 || tokens[a - 1].stop >= Stop::Comma || matches!(tokens[a - 1].tag, Tag::Conj | Tag::Sub | Tag::Mark);
    let verb = |k: usize| k < end && matches!(tokens[k].tag, Tag::Verb | Tag::Aux | Tag::Modal);
    let joined = tokens[b - 1].stop == Stop::None;
    opens
        && joined
        && (verb(b) || (b + 2 < end && tokens[b].tag == Tag::Conj && tokens[b + 1].tag == Tag::Adj && verb(b + 2)))
}

/// Whether a nominal follows in the same phrase.
fn nominal_after(tokens: &[Token], b: usize, end: usize) -> bool {
    let mut k = b + 1;
    while k < end && tokens[k - 1].stop == Stop::None {
        match tokens[k].tag {
            Tag::Noun | Tag::Name => return true,
            Tag::Adj | Tag::Num => k += 1,
            Tag::Pron => return tokens[k].is(&["one", "ones"]),
            _ => return false,
        }
    }
    false
}

/// Whether the number at `b` counts what follows instead of naming what stands before: `Ward 7` against `gives 7 cups`.
fn number_opens(tokens: &[Token], b: usize, end: usize) -> bool {
    tokens[b].stop == Stop::None && nominal_after(tokens, b, end)
}

fn verb_group(tokens: &[Token], i: usize, end: usize) -> (What, usize) {
    let mut group = Group {
        main: i,
        lemma: String::new(),
        passive: false,
        negated: false,
        past: false,
        infinitive: tokens[i].tag == Tag::To,
        gerund: tokens[i].tag == Tag::Verb && tokens[i].form == Form::Ing,
        modal: None,
        bare_aux: true,
        former: false,
    };
    let mut b = i;
    let mut last_aux = "";
    while b < end {
        let token = &tokens[b];
        match token.tag {
            Tag::Modal => {
                group.modal = Some(token.low.clone());
                group.main = b;
                last_aux = "modal";
            }
            Tag::Aux => {
                group.past |= matches!(token.form, Form::Past) || token.lemma == "have";
                group.main = b;
                last_aux = &token.lemma;
            }
            Tag::Neg => group.negated = true,
            Tag::Adv => {
                let goes_on = (b + 1..end.min(b + 4))
                    .find(|k| !matches!(tokens[*k].tag, Tag::Adv | Tag::Neg))
                    .is_some_and(|k| matches!(tokens[k].tag, Tag::Verb | Tag::Aux));
                if !goes_on || token.stop >= Stop::Comma {
                    break;
                }
            }
            Tag::To => {
                let goes_on = tokens.get(b + 1).is_some_and(|t| matches!(t.tag, Tag::Verb | Tag::Aux)) && b + 1 < end;
                if !(b == i || (goes_on && CATENATIVE.contains(&tokens[group.main].lemma.as_str()))) {
                    break;
                }
                group.former |= tokens[group.main].low == "used";
                group.passive = false;
            }
            Tag::Verb => {
                let chained = !group.bare_aux && tokens[b - 1].tag != Tag::To;
                if chained {
                    let aspect = matches!(
                        tokens[group.main].lemma.as_str(),
                        "start" | "begin" | "keep" | "stop" | "go" | "let" | "help"
                    );
                    if !(aspect && token.form == Form::Ing) {
                        break;
                    }
                } else {
                    group.passive = matches!(last_aux, "be" | "get") && matches!(token.form, Form::Part | Form::Past);
                }
                group.past |= matches!(token.form, Form::Past) || (token.form == Form::Part && last_aux.is_empty());
                group.main = b;
                group.bare_aux = false;
                last_aux = "";
            }
            _ => break,
        }
        b += 1;
        if tokens[b - 1].stop >= Stop::Comma {
            break;
        }
    }
    group.lemma = tokens[group.main].lemma.clone();
    if tokens[group.main].low == "got" && tokens[i..group.main].iter().any(|t| t.lemma == "have") {
        // "has got" is "has".
        group.lemma = "have".to_owned();
    }
    (What::Vg(Box::new(group)), b.max(i + 1))
}
