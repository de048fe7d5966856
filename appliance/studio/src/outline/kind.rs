//! What a scene should be drawn as, by the words and relations in it.

use std::sync::OnceLock;

use super::clause::Clause;
use super::learn::kinds;
use super::token::{NumberStyle, Tag};
use super::view::View;
use crate::storyboard::Kind;

const CUES: &str = include_str!("../../../../assets/language/en/cues.txt");
/// How often one cue counts in a scene.
const MOST_HITS: usize = 4;

struct Cue {
    kind: Kind,
    weight: f64,
    phrase: String,
}

fn cues() -> &'static [Cue] {
    static CUE_LIST: OnceLock<Vec<Cue>> = OnceLock::new();
    CUE_LIST.get_or_init(|| {
        let mut out = Vec::new();
        for line in CUES.lines().filter(|line| !line.starts_with('#')) {
            let Some((head, phrases)) = line.split_once(':') else { continue };
            let Some((kind, weight)) = head.split_once(' ') else { continue };
            let (Ok(kind), Ok(weight)) = (kind.parse(), weight.trim().parse()) else { continue };
            for phrase in phrases.split('|') {
                out.push(Cue { kind, weight, phrase: format!(" {} ", phrase.trim()) });
            }
        }
        out
    })
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
    let tokens = view.all();
    let lemmas: String =
        std::iter::once(" ".to_owned()).chain(tokens.iter().map(|t| format!("{} ", t.lemma))).collect();
    let lows: String = std::iter::once(" ".to_owned()).chain(tokens.iter().map(|t| format!("{} ", t.low))).collect();
    let mut scores: Vec<(Kind, f64)> = Kind::ALL.iter().map(|kind| (*kind, 0.0)).collect();
    let mut add = |kind: Kind, score: f64| {
        if let Some(slot) = scores.iter_mut().find(|(k, _)| *k == kind) {
            slot.1 += score;
        }
    };
    for cue in cues() {
        let hits = lemmas.matches(&cue.phrase).count().max(lows.matches(&cue.phrase).count()).min(MOST_HITS);
        // The second hit of a cue says less than the first.
        add(cue.kind, cue.weight * (hits as f64).sqrt());
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
