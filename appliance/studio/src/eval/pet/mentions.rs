//! Which spans of a text are activities, actors, data, gateways and conditions.

use super::chain::{Chain, Labelled, Seen, Training};
use super::document::{Mention, Type};
use super::page::{Page, Place};
use crate::outline::lexicon::Lexicon;
use crate::outline::token::{Stop, Tag};

/// How the chains are trained; of every two one learns what a single text shows.
const CHAIN: Training = Training { rounds: 14, decay: 0.004, groups: 1, seed: 0x9e37_79b9_7f4a_7c15 };
/// Chains that decide together. They see the texts in different orders: what is learned of so few depends on it.
const CHAINS: u64 = 4;

/// How much less a word is believed to belong to nothing: a span that is missed costs its relations too.
const BIAS: f64 = -0.8;
/// Nothing, and the first and further words of each type.
const LABELS: usize = 1 + 2 * Type::ALL.len();

/// Finds spans.
#[derive(Debug, Clone)]
pub(super) struct Finder {
    chains: Vec<Chain>,
}

fn begin(kind: Type) -> usize {
    1 + 2 * Type::ALL.iter().position(|k| *k == kind).unwrap_or(0)
}

fn follows(before: Option<usize>, label: usize) -> bool {
    label == 0 || label % 2 == 1 || before.is_some_and(|b| b == label || b + 1 == label)
}

impl Finder {
    /// Learns from annotated pages.
    pub(super) fn train(pages: &[&Page<'_>]) -> Self {
        let mut sequences = Vec::new();
        for (group, page) in pages.iter().enumerate() {
            let labels = labels(page);
            let seen = seen(page);
            for (a, b) in &page.document.sentences {
                let (items, labels) = (seen[*a..*b].to_vec(), labels[*a..*b].to_vec());
                sequences.push(Labelled { items, labels, group });
            }
        }
        let chains = (0..CHAINS).map(|member| {
            let seed = CHAIN.seed.wrapping_mul(2 * member + 1);
            let groups = CHAIN.groups + usize::from(member % 2 == 1);
            Chain::train(LABELS, follows, &sequences, Training { seed, groups, ..CHAIN })
        });
        Self { chains: chains.collect() }
    }

    /// The labels of a sentence, by the mean of what the chains hold likely.
    fn labels(&self, items: &[Seen]) -> Vec<usize> {
        let mut mean = vec![0.0; items.len() * LABELS];
        for chain in &self.chains {
            for (sum, share) in mean.iter_mut().zip(chain.shares(items)) {
                *sum += share / self.chains.len() as f64;
            }
        }
        self.chains.first().map_or_else(Vec::new, |chain| chain.decode(&mean, BIAS))
    }

    /// The spans of a page, in order.
    pub(super) fn find(&self, page: &Page<'_>) -> Vec<Mention> {
        let seen = seen(page);
        let mut out: Vec<Mention> = Vec::new();
        for (a, b) in &page.document.sentences {
            let labels = self.labels(&seen[*a..*b]);
            for (i, label) in labels.into_iter().enumerate() {
                let at = a + i;
                if label == 0 {
                    continue;
                }
                let kind = Type::ALL[(label - 1) / 2];
                match out.last_mut() {
                    Some(last) if label % 2 == 0 && last.kind == kind && last.tokens.last() == Some(&(at - 1)) => {
                        last.tokens.push(at);
                    }
                    _ => out.push(Mention { kind, tokens: vec![at] }),
                }
            }
        }
        out
    }
}

fn labels(page: &Page<'_>) -> Vec<usize> {
    let mut out = vec![0; page.document.tokens.len()];
    for mention in &page.document.gold.mentions {
        for (i, at) in mention.tokens.iter().enumerate() {
            out[*at] = begin(mention.kind) + usize::from(i > 0);
        }
    }
    out
}

/// What is seen of each word of a page.
fn seen(page: &Page<'_>) -> Vec<Seen> {
    let n = page.document.tokens.len();
    let subjects: Vec<&str> =
        page.places.iter().filter(|p| p.is_head && p.part == "subject").map(|p| p.head.as_str()).collect();
    (0..n).map(|at| word(page, at, &subjects)).collect()
}

fn low(page: &Page<'_>, at: Option<usize>, (a, b): (usize, usize)) -> String {
    match at.filter(|k| (a..b).contains(k)) {
        None => "|".to_owned(),
        Some(k) => page.document.tokens[k].to_lowercase(),
    }
}

fn tag(page: &Page<'_>, at: Option<usize>, (a, b): (usize, usize)) -> String {
    match at.filter(|k| (a..b).contains(k)) {
        None => "|".to_owned(),
        Some(k) => page.word(k).map_or_else(|| page.document.tokens[k].clone(), |t| format!("{:?}", t.tag)),
    }
}

fn word(page: &Page<'_>, at: usize, subjects: &[&str]) -> Seen {
    let range = page.document.sentences[page.sentence(at)];
    let near = |d: i64| at.checked_add_signed(d as isize);
    let mut out: Seen = vec!["one".to_owned()];
    let mut say = |name: &str, what: &str| out.push(format!("{name} {what}"));
    let lows: Vec<String> = (-3..=3).map(|d| low(page, near(d), range)).collect();
    let tags: Vec<String> = (-3..=3).map(|d| tag(page, near(d), range)).collect();
    for d in -2..=2_i64 {
        say(&format!("w{d}"), &lows[(d + 3) as usize]);
        say(&format!("t{d}"), &tags[(d + 3) as usize]);
    }
    say("w-1,0", &format!("{} {}", lows[2], lows[3]));
    say("w0,1", &format!("{} {}", lows[3], lows[4]));
    say("t-1,0", &format!("{} {}", tags[2], tags[3]));
    say("t0,1", &format!("{} {}", tags[3], tags[4]));
    say("t-1,0,1", &format!("{} {} {}", tags[2], tags[3], tags[4]));
    say("t-2,-1,0", &format!("{} {} {}", tags[1], tags[2], tags[3]));
    say("w-1 t0", &format!("{} {}", lows[2], tags[3]));
    say("t0 w1", &format!("{} {}", tags[3], lows[4]));
    let here = &lows[3];
    let ends: Vec<char> = here.chars().collect();
    for k in 2..=4 {
        if ends.len() > k {
            say("end", &ends[ends.len() - k..].iter().collect::<String>());
        }
    }
    if at > range.0 && page.document.tokens[at].starts_with(char::is_uppercase) {
        say("shape", "capital");
    }
    let depth = at - range.0;
    say("depth", &depth.min(3).to_string());
    say("opens", &format!("{} {}", lows_at(page, range.0), depth.min(8) / 2));
    let total = page.document.sentences.len().max(1);
    let index = page.sentence(at);
    say("part", &(index * 4 / total).to_string());
    if index == 0 {
        say("sentence", "first");
    }
    let place = &page.places[at];
    let before = near(-1).filter(|k| *k >= range.0).map(|k| &page.places[k]);
    let after = Some(at + 1).filter(|k| *k < range.1).map(|k| &page.places[k]);
    let part = part(place);
    say("part0", &part);
    say("part-1", &before.map_or_else(String::new, self::part));
    say("part1", &after.map_or_else(String::new, self::part));
    say("part t", &format!("{part} {}", tags[3]));
    say("part head", &format!("{} {}", place.part, place.head));
    say("head", &place.head);
    if place.person {
        say("person", &place.part);
    }
    if let Some(token) = page.word(at) {
        say("lemma", &token.lemma);
        say("form", &format!("{:?} {:?}", token.tag, token.form));
        if matches!(token.tag, Tag::Verb) && Lexicon::english().traits(&token.lemma).mental {
            say("mental", &part);
        }
    }
    let often = subjects.iter().filter(|s| **s == place.head).count();
    say("acts", &format!("{} {}", place.part, often.min(3)));
    if let Some(clause) = place.clause.map(|c| &page.clauses[c]) {
        let lead = clause.lead.join(" ");
        let first = clause.lead.first().map_or("", String::as_str);
        let subject = clause.subjects.first().map_or("", |s| page.text.tokens[s.head].lemma.as_str());
        let object = clause.objects.first().map_or("", |s| page.text.tokens[s.head].lemma.as_str());
        say("lead part", &format!("{first} {part}"));
        say("lead", &lead);
        say("verb part", &format!("{} {part}", clause.lemma()));
        if place.part.starts_with("verb") {
            say("v subject", subject);
            say("v object", object);
            say("v objects", &format!("{} {}", clause.objects.len().min(2), clause.preps.len().min(2)));
            let verb = clause.verb.as_ref();
            let marks = [
                ("negated", clause.negated()),
                ("passive", clause.passive()),
                ("infinitive", verb.is_some_and(|v| v.infinitive)),
                ("gerund", verb.is_some_and(|v| v.gerund)),
                ("modal", verb.is_some_and(|v| v.modal.is_some())),
                ("bare", verb.is_some_and(|v| v.bare_aux)),
                ("relative", clause.relative),
                ("inherited", clause.inherited),
                ("conditional", clause.conditional()),
                ("existential", clause.existential),
                ("past", verb.is_some_and(|v| v.past)),
            ];
            for (mark, _) in marks.iter().filter(|(_, holds)| *holds) {
                say("v", mark);
                say("v lemma", &format!("{mark} {}", clause.lemma()));
            }
        } else {
            if clause.relative {
                say("in relative", &part);
            }
            if clause.conditional() {
                say("in conditional", &part);
            }
        }
        let verb_first = clause.verb.as_ref().is_some_and(|v| page.token[at].is_some_and(|t| v.main < t));
        say("after verb", &format!("{verb_first} {}", tags[3]));
        // What part of the sentence is a condition: from `if` to the comma.
        let comma = (range.0..at).rev().find(|k| page.word(*k).is_some_and(|t| t.stop >= Stop::Comma));
        say("opening", &lows_at(page, comma.map_or(range.0, |k| (k + 2).min(at))));
    }
    out
}

fn lows_at(page: &Page<'_>, at: usize) -> String {
    page.document.tokens.get(at).map_or_else(String::new, |t| t.to_lowercase())
}

fn part(place: &Place) -> String {
    let spot = match (place.begins, place.is_head) {
        (true, true) => "whole",
        (true, false) => "begins",
        (false, true) => "head",
        (false, false) => "in",
    };
    format!("{} {spot}", place.part)
}
