//! What a scene should be drawn as, by the words and relations in it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::clause::Clause;
use super::learn::kinds;
use super::learn::linear::{ByKey, key_of};
use super::token::{NumberStyle, Tag, Token};
use super::view::View;
use crate::storyboard::Kind;

const CUES: &str = include_str!("../../../../assets/language/en/cues.txt");
/// How often one cue counts in a scene.
const MOST_HITS: usize = 4;

struct Cue {
    kind: Kind,
    weight: f64,
    /// Keys of its words.
    words: Vec<u64>,
}

struct Cues {
    list: Vec<Cue>,
    /// By the key of the first word.
    by_first: ByKey<Vec<usize>>,
}

fn cues() -> &'static Cues {
    static CUE_LIST: OnceLock<Cues> = OnceLock::new();
    CUE_LIST.get_or_init(|| {
        let mut out = Cues { list: Vec::new(), by_first: ByKey::default() };
        for line in CUES.lines().filter(|line| !line.starts_with('#')) {
            let Some((head, phrases)) = line.split_once(':') else { continue };
            let Some((kind, weight)) = head.split_once(' ') else { continue };
            let (Ok(kind), Ok(weight)) = (kind.parse(), weight.trim().parse()) else { continue };
            for phrase in phrases.split('|') {
                let words: Vec<u64> = phrase.split_whitespace().map(key_of).collect();
                let Some(first) = words.first() else { continue };
                out.by_first.entry(*first).or_default().push(out.list.len());
                out.list.push(Cue { kind, weight, words });
            }
        }
        out
    })
}

/// How often each cue is said, as words or as their plain forms; cues that are not said are left out.
fn hits(tokens: &[Token]) -> Vec<(&'static Cue, usize)> {
    let cues = cues();
    let mut out: BTreeMap<usize, [usize; 2]> = BTreeMap::new();
    for (form, keys) in
        [tokens.iter().map(|t| key_of(&t.lemma)).collect::<Vec<u64>>(), tokens.iter().map(|t| key_of(&t.low)).collect()]
            .iter()
            .enumerate()
    {
        for (at, key) in keys.iter().enumerate() {
            for cue in cues.by_first.get(key).into_iter().flatten() {
                if keys[at..].starts_with(&cues.list[*cue].words) {
                    out.entry(*cue).or_default()[form] += 1;
                }
            }
        }
    }
    out.into_iter().map(|(cue, hits)| (&cues.list[cue], hits[0].max(hits[1]))).collect()
}

/// How much the cues of a few sentences speak for each kind, in the order of [`Kind::ALL`].
pub(crate) fn votes(tokens: &[Token]) -> [f64; Kind::ALL.len()] {
    let mut out = [0.0; Kind::ALL.len()];
    for (cue, hits) in hits(tokens) {
        if let Some(at) = Kind::ALL.iter().position(|kind| *kind == cue.kind) {
            out[at] += cue.weight * hits as f64;
        }
    }
    out
}

/// Every kind with its probability, best first.
pub(crate) fn rank(view: &View<'_>) -> Vec<(Kind, f64)> {
    let cued = cued(view);
    let model = &view.weights.kinds;
    let shares = model.shares(&kinds::features(view, &cued));
    let mut out: Vec<(Kind, f64)> =
        model.classes().iter().zip(shares).filter_map(|(kind, share)| Some((kind.parse().ok()?, share))).collect();
    out.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    out
}

/// Every kind with its score by the cue rules, best first. Scores are comparable within a scene only.
pub(crate) fn cued(view: &View<'_>) -> Vec<(Kind, f64)> {
    let mut scores: Vec<(Kind, f64)> = Kind::ALL.iter().map(|kind| (*kind, 0.0)).collect();
    let mut add = |kind: Kind, score: f64| {
        if let Some(slot) = scores.iter_mut().find(|(k, _)| *k == kind) {
            slot.1 += score;
        }
    };
    for (cue, hits) in hits(view.all()) {
        // The second hit of a cue says less than the first.
        add(cue.kind, cue.weight * (hits.min(MOST_HITS) as f64).sqrt());
    }
    let sentences = (view.sentences.1 - view.sentences.0).max(1) as f64;
    for (kind, score) in structure(view) {
        add(kind, score);
    }
    for slot in &mut scores {
        slot.1 /= sentences.sqrt() + 1.0;
    }
    // A plain list is always right, and always the least that can be said.
    if let Some(slot) = scores.iter_mut().find(|(k, _)| *k == Kind::Steps) {
        slot.1 = 0.15;
    }
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    scores
}

/// What the build of the sentences says, beyond single cues.
fn structure(view: &View<'_>) -> Vec<(Kind, f64)> {
    let sentences = (view.sentences.1 - view.sentences.0).max(1) as f64;
    let tokens = view.all();
    let style =
        |style: NumberStyle| tokens.iter().filter(|t| t.number.is_some_and(|n| n.style == style)).count() as f64;
    let dated = style(NumberStyle::Year) + style(NumberStyle::Clock);
    let cardinals = style(NumberStyle::Cardinal);
    let past = view.clauses.iter().filter(|c| c.verb.as_ref().is_some_and(|v| v.past)).count() as f64;
    let verbs = view.clauses.iter().filter(|c| c.verb.is_some()).count().max(1) as f64;
    let fragments = view.clauses.iter().filter(|c| c.verb.is_none()).count() as f64;
    let ifs = view.clauses.iter().filter(|c| c.led_by(&["if", "unless", "otherwise"])).count() as f64;
    let steps = view
        .clauses
        .iter()
        .filter(|c| {
            c.verb.as_ref().is_some_and(|v| !v.past && !v.negated && !matches!(v.lemma.as_str(), "be" | "have"))
                && !c.question
                && (c.passive() || c.subjects.first().is_none_or(|s| view.text.tokens[s.head].is(&["you", "we"])))
        })
        .count() as f64;
    let lists = view
        .clauses
        .iter()
        .filter(|c| c.objects.len() >= 2 && matches!(c.lemma(), "be" | "have" | "include" | ""))
        .count() as f64;
    let counted = view
        .clauses
        .iter()
        .filter(|c| {
            matches!(
                c.lemma(),
                "be" | "have" | "come" | "get" | "make" | "cost" | "take" | "bring" | "give" | "do" | ""
            ) && c.objects.first().is_some_and(|o| {
                view.tokens(o.a, o.b).iter().any(|t| t.number.is_some_and(|n| n.style == NumberStyle::Cardinal))
            })
        })
        .count() as f64;
    let kinds = view
        .clauses
        .iter()
        .flat_map(|c| c.objects.iter().chain(&c.subjects).chain(c.preps.iter().flat_map(|p| &p.objects)))
        .filter(|p| {
            let tokens = view.tokens(p.a, p.b);
            tokens.iter().any(|t| t.number.is_some())
                && tokens.iter().any(|t| {
                    matches!(
                        t.lemma.as_str(),
                        "kind"
                            | "sort"
                            | "type"
                            | "part"
                            | "group"
                            | "section"
                            | "category"
                            | "division"
                            | "branch"
                            | "family"
                            | "class"
                            | "component"
                            | "department"
                            | "piece"
                    )
                })
        })
        .count() as f64;
    // Who does something to somebody that does something too: parties that pass things to and fro.
    let party = |c: &Clause| c.subjects.first().map(|s| view.text.tokens[s.head].lemma.as_str());
    let parties: Vec<&str> = view.clauses.iter().filter_map(party).collect();
    let messages = view
        .clauses
        .iter()
        .filter(|c| party(c).is_some_and(|p| !matches!(p, "you" | "we" | "they" | "it" | "i")))
        .filter(|c| {
            let ends = c.objects.iter().chain(c.preps.iter().flat_map(|p| &p.objects));
            ends.map(|e| view.text.tokens[e.head].lemma.as_str()).any(|e| parties.contains(&e) && party(c) != Some(e))
        })
        .count() as f64;
    let adjectives = tokens.iter().filter(|t| t.tag == Tag::Adj).count() as f64;
    vec![
        (Kind::Timeline, 14.0 * (dated / sentences).min(1.0) + 4.0 * past / verbs * (dated.min(3.0) / 3.0)),
        (Kind::Quantities, 16.0 * (cardinals / sentences - 0.35).clamp(0.0, 1.0) + 1.5 * (counted - 2.0).max(0.0)),
        (Kind::Flow, 2.0 * ifs.min(4.0) + 8.0 * (steps / verbs)),
        (Kind::Sequence, 20.0 * (messages / verbs - 0.2).max(0.0)),
        (Kind::Hierarchy, 1.5 * lists + 3.0 * kinds.min(4.0)),
        (Kind::Mindmap, 6.0 * (fragments / (fragments + verbs) - 0.3).max(0.0)),
        (Kind::Comparison, 0.2 * adjectives),
    ]
}
