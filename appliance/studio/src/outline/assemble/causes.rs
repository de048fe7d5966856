//! Causes and effects.

use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::token::Tag;
use crate::outline::view::{View, content};
use crate::storyboard::{EdgeType, Role, WordRange};

/// Verbs whose subject brings about their object.
const CAUSE: &[&str] = &[
    "cause", "mean", "make", "give", "trigger", "create", "produce", "increase", "reduce", "raise", "lower", "add",
    "cut", "drive", "block", "put", "damage", "kill", "weaken", "slow", "push", "bring", "force", "spoil", "break",
    "stop", "build",
];

struct Web<'v, 'a> {
    view: &'v View<'a>,
    draft: Draft,
    keys: Vec<Vec<String>>,
    last: Option<usize>,
    /// Sentence and cause of the last relation.
    cause: Option<(usize, usize)>,
}

/// What brings about what in a scene.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut web = Web { view, draft: Draft::default(), keys: Vec::new(), last: None, cause: None };
    let clauses = view.clauses;
    let mut effect_asked: Option<usize> = None;
    let mut before: Option<usize> = None;
    let mut reasons: Option<(usize, usize)> = None;
    for (i, clause) in clauses.iter().enumerate() {
        if clause.question {
            effect_asked = clause.led_by(&["why"]).then(|| web.state(clause)).flatten();
            before = effect_asked.or(before);
            continue;
        }
        if clause.negated() || clause.verb.as_ref().is_some_and(|v| v.former) {
            continue;
        }
        let words = view.words(clause.a, clause.b);
        let same_sentence = i > 0 && clauses[i - 1].sentence == clause.sentence;
        // "because of the stress people leave", "the main reason is overtime"
        let of =
            clause.prep(&["of"]).filter(|p| p.fronted && clause.led_by(&["because"])).and_then(|p| p.objects.first());
        let reason = clause
            .subjects
            .first()
            .filter(|s| clause.lemma() == "be" && view.text.tokens[s.head].is(&["reason", "cause"]));
        if let Some(cause) = of.or(reason.and(clause.objects.first())).filter(|c| !view.pronoun(c)) {
            let effect = if of.is_some() { web.state(clause) } else { effect_asked.or(before) };
            let cause = web.node(view.key(cause), &view.label(cause), words);
            if let (Some(cause), Some(effect)) = (cause, effect) {
                web.link(cause, effect, words);
            }
            before = cause;
            continue;
        }
        if clause.led_by(&["because", "since", "as"]) {
            let cause = web.state(clause);
            let effect = if same_sentence { before } else { effect_asked };
            match (cause, effect) {
                (Some(cause), Some(effect)) => web.link(cause, effect, words),
                (Some(_), None) => {
                    if let Some(next) = clauses.get(i + 1).filter(|n| n.sentence == clause.sentence) {
                        let effect = web.state(next);
                        if let (Some(cause), Some(effect)) = (cause, effect) {
                            web.link(cause, effect, words);
                        }
                    }
                }
                _ => {}
            }
            before = cause;
            continue;
        }
        if clause.led_by(&["how"]) {
            continue;
        }
        if let Some((cause, effect)) = web.verb(clause, clauses.get(i + 1).filter(|n| n.sentence == clause.sentence)) {
            web.link(cause, effect, words);
            before = Some(effect);
            reasons = None;
            continue;
        }
        // "for two reasons": what is said next are the causes.
        let tokens = view.tokens(clause.a, clause.b);
        if tokens.iter().any(|t| t.low == "reasons")
            || tokens.windows(3).any(|w| w[0].number.is_some() && w[1].low == "things" && w[2].low == ":")
        {
            reasons = web.state(clause).or(before).map(|effect| (effect, clause.sentence));
            before = reasons.map(|r| r.0);
            continue;
        }
        if let Some((effect, sentence)) = reasons.filter(|r| clause.sentence <= r.1 + 2)
            && sentence < clause.sentence
            && !clause.led_by(&["so"])
            && let Some(cause) = web.state(clause)
        {
            web.link(cause, effect, words);
            before = Some(cause);
            continue;
        }
        if clause.led_by(&["so", "therefore"]) && same_sentence && clause.verb.is_some() {
            let effect = web.state(clause);
            if let (Some(cause), Some(effect)) = (before, effect) {
                web.link(cause, effect, words);
            }
            before = effect;
            continue;
        }
        before = web.known(clause).or_else(|| {
            let wanted = clauses
                .get(i + 1)
                .is_some_and(|next| next.sentence == clause.sentence && next.led_by(&["so", "because", "which"]));
            if wanted { web.state(clause) } else { None }
        });
    }
    web.draft.drop_loose();
    web.draft
}

impl Web<'_, '_> {
    fn node(&mut self, key: Vec<String>, label: &str, words: WordRange) -> Option<usize> {
        if key.is_empty() || label.is_empty() {
            return None;
        }
        if let Some(at) = self.matching(&key) {
            self.last = Some(at);
            return Some(at);
        }
        let before = self.draft.nodes.len();
        let at = self.draft.node(label, Role::Concept, words);
        if self.draft.nodes.len() > before {
            self.keys.push(key);
        }
        self.last = Some(at);
        Some(at)
    }

    fn matching(&self, key: &[String]) -> Option<usize> {
        (0..self.keys.len()).rev().take(64).find(|at| {
            let own = &self.keys[*at];
            let common = key.iter().filter(|k| own.iter().any(|o| o == *k || same_root(o, k))).count();
            common > 0 && (common == key.len().min(own.len())) && common * 2 >= key.len().max(own.len())
        })
    }

    /// The node of a clause that was spoken of already.
    fn known(&self, clause: &Clause) -> Option<usize> {
        let key = self.key(clause);
        if key.is_empty() { None } else { self.matching(&key) }
    }

    fn key(&self, clause: &Clause) -> Vec<String> {
        self.view.tokens(clause.a, clause.b).iter().filter(|t| content(t)).map(|t| t.lemma.clone()).take(6).collect()
    }

    /// A clause as a state of things: `the plastic is brittle` gives `brittle plastic`.
    fn state(&mut self, clause: &Clause) -> Option<usize> {
        let view = self.view;
        let subject = clause.subjects.first().filter(|s| !view.pronoun(s));
        // "Why is the resin wet?": the thing stands behind the verb.
        let asked = clause.objects.first().filter(|o| clause.question && clause.lemma() == "be" && !view.pronoun(o));
        let subject = subject.or(asked);
        let noun = subject.map(|s| view.label(s));
        let verb = clause.verb.as_ref();
        let words = view.words(clause.a, clause.b);
        if let (Some((a, b)), Some(noun)) = (clause.adjective, &noun) {
            let label = format!("{} {noun}", view.short(a, b, 2));
            let mut key = view.key(subject?);
            key.extend(view.tokens(a, b).iter().filter(|t| content(t)).map(|t| t.lemma.clone()));
            return self.node(key, label.trim(), words);
        }
        let mut parts: Vec<String> = Vec::new();
        let mut key: Vec<String> = Vec::new();
        if clause.subjects.first().is_some_and(|s| view.text.tokens[s.head].is(&["nobody", "none"]))
            && let Some(object) = clause.objects.iter().find(|o| !view.pronoun(o))
        {
            return self.node(view.key(object), &format!("no {}", view.label(object)), words);
        }
        if let (Some(subject), Some(noun)) = (subject, noun) {
            parts.push(noun);
            key.extend(view.key(subject));
        }
        if let Some(verb) = verb.filter(|v| !matches!(v.lemma.as_str(), "be" | "have" | "get")) {
            parts.push(view.text.tokens[verb.main].low.clone());
            parts.extend(clause.particle.clone());
            key.push(verb.lemma.clone());
        }
        for object in clause.objects.iter().filter(|o| !view.pronoun(o)).take(1) {
            parts.push(view.label(object));
            key.extend(view.key(object));
        }
        if parts.is_empty() {
            if let Some((a, b)) = clause.adjective {
                let label = view.short(a, b, 3);
                return self.node(vec![label.clone()], &label, words);
            }
            return self.last.filter(|_| !clause.subjects.is_empty());
        }
        let label: Vec<String> = parts.join(" ").split(' ').take(5).map(str::to_owned).collect();
        self.node(key, &label.join(" "), words)
    }

    /// `X leads to Y`, `X makes Y rough`, `X cuts the lift`.
    fn verb(&mut self, clause: &Clause, next: Option<&Clause>) -> Option<(usize, usize)> {
        let view = self.view;
        let lemma = clause.lemma();
        let leads = matches!(lemma, "lead" | "result" | "contribute" | "end" | "turn");
        if !leads && !CAUSE.contains(&lemma) {
            return None;
        }
        let what = clause.led_by(&["what"]);
        let subject = clause.subjects.first().or(clause.objects.first().filter(|_| what))?;
        let same = self.cause.filter(|(sentence, _)| *sentence == clause.sentence).map(|(_, cause)| cause);
        let cause = if clause.inherited || (view.pronoun(subject) && view.text.tokens[subject.head].low == "it") {
            same.or(if what || view.pronoun(subject) { self.last } else { None })
                .or_else(|| self.node(view.key(subject), &view.label(subject), view.words(subject.a, subject.b)))?
        } else if view.pronoun(subject) || what {
            if what || view.text.tokens[subject.head].is(&["it", "that", "this", "which", "they"]) {
                self.last
            } else {
                None
            }?
        } else {
            let words = view.words(subject.a, subject.b);
            self.node(view.key(subject), &view.label(subject), words)?
        };
        self.cause = Some((clause.sentence, cause));
        if lemma == "mean"
            && clause.objects.iter().all(|o| view.pronoun(o))
            && let Some(effect) = next.and_then(|n| self.state(n))
        {
            return (cause != effect).then_some((cause, effect));
        }
        let object = if leads {
            clause.prep(&["to", "in", "into", "up in", "up with"])?.objects.iter().find(|o| !view.pronoun(o))
        } else {
            clause.objects.iter().chain(&clause.second).find(|o| !view.pronoun(o))
        };
        let words = view.words(clause.a, clause.b);
        let (mut key, mut label) = match object {
            Some(object) => (view.key(object), view.label(object)),
            None => (Vec::new(), String::new()),
        };
        if let Some((a, b)) = clause.adjective {
            label = format!("{} {label}", view.short(a, b, 2)).trim().to_owned();
            key.extend(view.tokens(a, b).iter().filter(|t| t.tag == Tag::Adj).map(|t| t.lemma.clone()));
        } else if matches!(
            lemma,
            "reduce" | "cut" | "add" | "increase" | "block" | "lower" | "raise" | "weaken" | "slow"
        ) && object.is_some()
        {
            label = format!("{} {label}", view.text.tokens[clause.verb.as_ref()?.main].low);
        }
        let effect = self.node(key, &label, words)?;
        (cause != effect).then_some((cause, effect))
    }

    fn link(&mut self, cause: usize, effect: usize, words: WordRange) {
        self.draft.edge(cause, effect, EdgeType::Causes, "", words);
        self.last = Some(effect);
    }
}

/// `drowsy` and `drowsiness`: equal up to the last letters.
fn same_root(a: &str, b: &str) -> bool {
    let shared = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    shared >= 5 && shared + 4 >= a.chars().count().max(b.chars().count())
}
