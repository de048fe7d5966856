//! Which of the things that a scene speaks of become boxes.
//!
//! The assembler of a kind proposes boxes by rule; beside them every phrase, step, state and event of the scene is a
//! candidate. A model that has seen annotated scenes says how likely each is a box.

use std::fmt;

mod marks;

use super::linear::{ByKey, Features, Linear, key, key_of, within};
use super::rivals::rivals;
use super::segments::{Segment, segments};
use super::threads::Threads;
use super::trees::Seen;
use crate::outline::assemble::{event, mostly_past, only_time, step};
use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::draft::{Draft, MOST_AGAIN};
use crate::outline::view::View;
use crate::storyboard::{Kind, Role, WordRange};

/// Most candidates of a scene; bounds the work on one that is not cut anywhere.
const MOST: usize = 400;
/// A label that shares this much with a better one is the same thing.
pub(crate) const SAME: f64 = 0.6;

/// Something that may become a box.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Its label.
    pub(crate) label: String,
    /// The role it would have.
    pub(crate) role: Role,
    /// Where it is said first.
    pub(crate) words: WordRange,
    /// Where it is said again, as far as that is worth remembering.
    pub(crate) again: Vec<WordRange>,
    /// Index among the boxes that the rules drew.
    pub(crate) drawn: Option<usize>,
    /// What is seen of it.
    pub(crate) features: Features,
    /// Index of the clause in which it is said first.
    pub(crate) clause: usize,
    /// Where it stands in that clause: subject, object, step.
    pub(crate) place: &'static str,
    /// How often it is said.
    pub(crate) mentions: usize,
    /// What its label says, see [`stems`].
    pub(crate) stems: Vec<u64>,
    /// How far its clause and its sentence speak of what the rest of the scene speaks of, and in how many sentences its
    /// head is named.
    pub(crate) ties: [f64; 3],
}

/// The role in which a phrase stands in its clause.
fn places<'c>(clause: &'c Clause) -> Vec<(&'static str, &'c str, &'c Phrase, usize)> {
    let mut out = Vec::new();
    let mut add = |place: &'static str, prep: &'c str, phrases: &'c [Phrase]| {
        out.extend(phrases.iter().map(|p| (place, prep, p, phrases.len())));
    };
    if !clause.inherited {
        add("subject", "", &clause.subjects);
    }
    add(if clause.verb.is_some() { "object" } else { "fragment" }, "", &clause.objects);
    add("second", "", &clause.second);
    add("rename", "", &clause.renames);
    for prep in &clause.preps {
        add(if prep.fronted { "fronted" } else { "goal" }, &prep.prep, &prep.objects);
    }
    out
}

struct Gathering<'v, 'a> {
    view: &'v View<'a>,
    kind: Kind,
    list: Vec<Candidate>,
    /// The talk is told in the past.
    past: bool,
    by_label: ByKey<usize>,
    threads: Threads<'a>,
}

/// The candidates of a scene: what the rules drew comes first.
pub(crate) fn candidates(view: &View<'_>, kind: Kind, draft: &Draft) -> Vec<Candidate> {
    let threads = Threads::of(view);
    let mut all =
        Gathering { view, kind, list: Vec::new(), past: mostly_past(view), by_label: ByKey::default(), threads };
    for (i, node) in draft.nodes.iter().enumerate() {
        let linked = draft.edges.iter().filter(|e| e.from == i || e.to == i).count().min(3);
        let at = all.put(&node.label, node.role, node.evidence);
        all.list[at].drawn = Some(i);
        all.say(at, format_args!("drawn"));
        all.say(at, format_args!("drawn linked {linked}"));
        all.say(at, format_args!("drawn {}", node.role));
        if node.group.is_some() {
            all.say(at, format_args!("drawn grouped"));
        }
    }
    let role = role(kind);
    let first = view.clauses.first().map_or(0, |c| c.sentence);
    let spread = (view.sentences.1 - view.sentences.0).max(1);
    for clause in view.clauses {
        if all.list.len() >= MOST {
            break;
        }
        let third = 3 * (clause.sentence - first) / spread;
        for (place, prep, phrase, length) in places(clause) {
            if kind == Kind::Timeline && only_time(&view.label(phrase)) {
                // When something happens is no event.
                continue;
            }
            // Where people write to one another or report to one another, whoever speaks may be one of them.
            let party = view.party(phrase).filter(|_| matches!(kind, Kind::Sequence | Kind::Hierarchy));
            if party.is_none() && view.pronoun(phrase) {
                continue;
            }
            let words = view.words(phrase.a, phrase.b);
            let label = party.map_or_else(|| view.label(phrase), str::to_owned);
            let at = all.put(&label, role, words);
            all.phrase(at, clause, place, prep, phrase, length);
            all.say(at, format_args!("third {third}"));
        }
        let words = view.words(clause.a, clause.b);
        if matches!(kind, Kind::Flow | Kind::Swimlane | Kind::Steps | Kind::Cycle | Kind::Causes)
            && let Some(label) = view.step(clause)
        {
            let at = all.put(&label, role, words);
            all.clause(at, clause, "step");
            if step(view, clause, false) {
                all.say(at, format_args!("step by rule"));
            }
            all.say(at, format_args!("third {third}"));
        }
        if matches!(kind, Kind::State | Kind::Comparison | Kind::Causes)
            && let Some((a, b)) = clause.adjective
        {
            let label = view.short(a, b, 4);
            if !label.is_empty() {
                let at = all.put(&label, role, view.words(a, b));
                all.clause(at, clause, "adjective");
            }
        }
        if kind == Kind::Comparison
            && let Some(label) = view.step(clause)
        {
            // "The broker fights for you": what a thing does tells it from another.
            let at = all.put(&label, role, words);
            all.clause(at, clause, "deed");
        }
        if kind == Kind::State
            && let Some(verb) = clause.verb.as_ref().filter(|v| v.passive)
        {
            let at = all.put(&view.text.tokens[verb.main].low.clone(), role, view.words(verb.main, verb.main + 1));
            all.clause(at, clause, "participle");
        }
        if matches!(kind, Kind::Timeline | Kind::Causes)
            && let Some(label) = event(view, clause)
        {
            let at = all.put(&label, role, words);
            all.clause(at, clause, "event");
        }
    }
    if matches!(kind, Kind::Hierarchy | Kind::State | Kind::Comparison | Kind::Mindmap) && !view.clauses.is_empty() {
        for segment in segments(view) {
            all.segment(&segment, role);
        }
    }
    all.close(draft)
}

/// The role of boxes of a kind that the rules did not draw.
fn role(kind: Kind) -> Role {
    match kind {
        Kind::Flow | Kind::Swimlane | Kind::Steps | Kind::Cycle => Role::Activity,
        Kind::Sequence => Role::Actor,
        Kind::Timeline => Role::Event,
        Kind::State => Role::State,
        Kind::Quantities => Role::Quantity,
        Kind::Hierarchy | Kind::Architecture => Role::Object,
        Kind::Comparison | Kind::Causes | Kind::Mindmap => Role::Concept,
    }
}

impl Gathering<'_, '_> {
    fn put(&mut self, label: &str, role: Role, words: WordRange) -> usize {
        let key = key_of(&label.to_lowercase());
        if let Some(at) = self.by_label.get(&key) {
            let known = &mut self.list[*at];
            known.mentions += 1;
            if known.again.len() < MOST_AGAIN {
                known.again.push(words);
            }
            return *at;
        }
        self.by_label.insert(key, self.list.len());
        self.list.push(Candidate {
            label: label.to_owned(),
            role,
            words,
            again: Vec::new(),
            drawn: None,
            features: Vec::new(),
            clause: clause_of(self.view, words),
            place: "",
            mentions: 1,
            stems: stems(label),
            ties: [0.0; 3],
        });
        self.list.len() - 1
    }

    fn say(&mut self, at: usize, what: fmt::Arguments<'_>) {
        let bare = key(what);
        let own = within(self.kind as usize, bare);
        let features = &mut self.list[at].features;
        if !features.iter().any(|(known, _)| *known == own) {
            features.push((bare, 1.0));
            features.push((own, 1.0));
        }
    }

    fn stand(&mut self, at: usize, place: &'static str) {
        if self.list[at].place.is_empty() {
            self.list[at].place = place;
        }
    }

    fn close(mut self, draft: &Draft) -> Vec<Candidate> {
        let drawn: Vec<Vec<u64>> = draft.nodes.iter().map(|n| stems(&n.label)).collect();
        let groups: Vec<Vec<u64>> = draft.groups.iter().map(|g| stems(&g.0)).collect();
        for at in 0..self.list.len() {
            let own = std::mem::take(&mut self.list[at].stems);
            if let Some(clause) = self.view.clauses.get(self.list[at].clause) {
                let sentence = self.view.text.sentences[clause.sentence];
                let named = own.iter().map(|stem| self.threads.said(*stem)).fold(0.0, f64::max);
                self.list[at].ties = [
                    self.threads.tied(self.view, clause.a, clause.b),
                    self.threads.tied(self.view, sentence.first, sentence.end),
                    named,
                ];
            }
            self.say(at, format_args!("words {}", own.len().min(6)));
            self.say(at, format_args!("said {}", self.list[at].mentions.min(4)));
            self.say(at, format_args!("one"));
            if self.list[at].drawn.is_none() {
                let near = drawn.iter().map(|d| shared(d, &own)).fold(0.0, f64::max);
                let step = if near >= SAME {
                    "near drawn"
                } else if near > 0.0 {
                    "touches drawn"
                } else {
                    "far"
                };
                self.say(at, format_args!("{step}"));
            }
            if groups.iter().any(|g| shared(g, &own) >= SAME) {
                self.say(at, format_args!("container"));
            }
            self.list[at].stems = own;
        }
        self.list
    }
}

/// The clause in which the first of the words stands.
pub(crate) fn clause_of(view: &View<'_>, words: WordRange) -> usize {
    view.clause_at(words).min(view.clauses.len().saturating_sub(1))
}

/// The content words of a label without common endings, as keys.
pub(crate) fn stems(label: &str) -> Vec<u64> {
    let mut out = Vec::new();
    let mut word = String::new();
    for part in label.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        word.clear();
        word.extend(part.chars().flat_map(char::to_lowercase));
        if !matches!(word.as_str(), "the" | "a" | "an" | "of" | "to" | "in" | "on" | "for" | "and" | "with") {
            let stem = ["ing", "ed", "es", "s", "e"].iter().find_map(|e| word.strip_suffix(e).filter(|r| r.len() >= 3));
            out.push(key_of(stem.unwrap_or(&word)));
        }
    }
    out
}

/// F1 of two lists of stems.
pub(crate) fn shared(a: &[u64], b: &[u64]) -> f64 {
    let common = a.iter().filter(|w| b.contains(w)).count();
    2.0 * common as f64 / (a.len() + b.len()).max(1) as f64
}

/// How likely each candidate is a box.
pub(crate) fn shares(view: &View<'_>, kind: Kind, candidates: &[Candidate]) -> Vec<f64> {
    let mut sums = alone(&view.weights.boxes, candidates);
    // Where next to nothing is beside, nothing is learned from a second look.
    if !view.weights.choice.is_empty() && view.clauses.len() >= FEWEST {
        let seen = among(view, kind, candidates, &sums);
        for (sum, more) in sums.iter_mut().zip(view.weights.choice.sums(&seen)) {
            *sum += more;
        }
    }
    sums.iter().map(|sum| 1.0 / (1.0 + libm::exp(-sum))).collect()
}

/// Fewest clauses of a scene whose boxes and arrows are looked at a second time.
pub(crate) const FEWEST: usize = 3;

/// How much speaks for each candidate, looked at alone.
pub(crate) fn alone(model: &Linear, candidates: &[Candidate]) -> Vec<f64> {
    candidates.iter().map(|c| model.odds(&c.features)).collect()
}

/// What is seen of each candidate, alone and among the others; nothing of one that is [`HOPELESS`].
pub(crate) fn among(view: &View<'_>, kind: Kind, candidates: &[Candidate], sums: &[f64]) -> Vec<Seen> {
    let mut beside = rivals(view, kind, candidates, sums);
    for (more, candidate) in beside.iter_mut().zip(candidates).filter(|(more, _)| !more.is_empty()) {
        more.marks.extend(bare(&candidate.features));
    }
    beside
}

/// The keys of features without those that say the same of one kind only: every second, as [`Gathering::say`] writes
/// them.
pub(crate) fn bare(features: &Features) -> impl Iterator<Item = u64> + '_ {
    features.iter().step_by(2).map(|(key, _)| *key)
}

/// A candidate or pair for which no more than this speaks is not looked at again.
pub(crate) const HOPELESS: f64 = -4.5;
