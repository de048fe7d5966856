//! Activities in order, with decisions, branches, joins and loops.

use super::condition::{branch, contrary, mostly_past, step, wording};
use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::token::Tag;
use crate::outline::view::{View, content};
use crate::storyboard::{EdgeType, Role, WordRange};

/// Where the next step attaches: a node, and what stands on the arrow.
type Tail = (usize, String);

struct Flow<'v, 'a> {
    view: &'v View<'a>,
    draft: Draft,
    /// Content lemmas of each node.
    keys: Vec<Vec<String>>,
    tails: Vec<Tail>,
    /// Where the branches that are being told leave from.
    fork: Option<Vec<usize>>,
    /// Ends of the branches told so far.
    ends: Vec<usize>,
    branches: usize,
    pending: Option<(String, WordRange)>,
    branch_sentence: usize,
}

/// The flow of a scene.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let past = mostly_past(view);
    let mut flow = Flow {
        view,
        draft: Draft::default(),
        keys: Vec::new(),
        tails: Vec::new(),
        fork: None,
        ends: Vec::new(),
        branches: 0,
        pending: None,
        branch_sentence: 0,
    };
    let mut sentence = usize::MAX;
    for (i, clause) in view.clauses.iter().enumerate() {
        if clause.sentence != sentence {
            sentence = clause.sentence;
            flow.opening(clause);
        }
        if branch(clause) {
            flow.condition(clause);
        }
        if clause.conditional() && !clause.led_by(&["if", "unless"]) {
            flow.reached(clause);
        }
        if clause.question && flow.decision(clause) {
            continue;
        }
        // "People think it goes to the oven": what is thought is not what is done.
        let reported = i > 0
            && view.clauses[i - 1].sentence == clause.sentence
            && clause.lead.is_empty()
            && matches!(
                view.clauses[i - 1].lemma(),
                "think" | "believe" | "say" | "know" | "imagine" | "claim" | "let"
            );
        if reported {
            continue;
        }
        if step(view, clause, past) && (!branch(clause) || clause.led_by(&["otherwise"])) {
            let gerund = clause.verb.as_ref().is_some_and(|v| v.gerund) && !clause.led_by(&["by"]) && i > 0;
            if !gerund {
                flow.step(clause);
            }
        } else if clause.verb.is_none() || matches!(clause.lemma(), "be") {
            flow.mention(clause);
        }
    }
    flow.draft
}

impl Flow<'_, '_> {
    /// What the opening of a sentence says about branches: "either way" joins them, "from the desk" returns to a node.
    fn opening(&mut self, clause: &Clause) {
        let line: Vec<&str> =
            self.view.tokens(clause.a, (clause.a + 4).min(clause.b)).iter().map(|t| t.low.as_str()).collect();
        let line = line.join(" ");
        if self.fork.is_some()
            && !branch(clause)
            && clause.sentence > self.branch_sentence
            && self.pending.is_none()
            && !self.selector(clause)
            && (self.branches >= 2 || line.contains("either way"))
        {
            self.join();
        }
        for prep in
            clause.preps.iter().filter(|p| p.fronted && ["from", "in", "at", "after"].contains(&p.prep.as_str()))
        {
            if let Some(node) = prep.objects.first().and_then(|o| self.matching(&self.view.key(o), 1)) {
                self.close_branch();
                self.fork = None;
                self.branches = 0;
                self.tails = vec![(node, String::new())];
            }
        }
    }

    fn join(&mut self) {
        self.close_branch();
        if self.branches == 1
            && let Some(fork) = &self.fork
        {
            self.ends.extend(fork.iter().copied());
        }
        // What closes a case is no way on, as long as there is another.
        let open: Vec<usize> = self.ends.iter().copied().filter(|n| !self.closes(*n)).collect();
        if !open.is_empty() {
            self.ends = open;
        }
        if !self.ends.is_empty() {
            self.tails = self.ends.drain(..).map(|node| (node, String::new())).collect();
            self.tails.dedup();
        }
        self.fork = None;
        self.branches = 0;
    }

    fn closes(&self, node: usize) -> bool {
        const CLOSING: &[&str] =
            &["close", "decline", "reject", "discard", "end", "cancel", "refuse", "finish", "terminate"];
        self.keys.get(node).and_then(|k| k.first()).is_some_and(|verb| CLOSING.contains(&verb.as_str()))
    }

    fn close_branch(&mut self) {
        if self.fork.is_some() {
            for (node, _) in self.tails.drain(..) {
                if !self.ends.contains(&node) {
                    self.ends.push(node);
                }
            }
        }
    }

    fn condition(&mut self, clause: &Clause) {
        let words = self.view.words(clause.a, clause.b);
        let label = if clause.led_by(&["otherwise"]) { "otherwise".to_owned() } else { wording(self.view, clause) };
        if let Some(pending) = &mut self.pending {
            // A condition without a step before the next condition: the nearer one decides.
            *pending = (label, words);
            return;
        }
        let contrary = contrary(self.view, clause);
        // "The customer is phoned. If they agree ...": the answer decides, beside nothing.
        let answer = clause.subjects.first().is_some_and(|s| self.view.text.tokens[s.head].is(&["they", "he", "she"]))
            && self.tails.iter().any(|(node, _)| {
                let verb = self.keys.get(*node).and_then(|k| k.first());
                verb.is_some_and(|v| {
                    ["phone", "ring", "ask", "call", "contact", "offer", "invite", "email"].contains(&v.as_str())
                })
            });
        if answer && !contrary {
            self.fork = None;
        }
        self.alternative(label, words, clause.sentence, contrary);
    }

    /// Opens a branch: beside the last one, or from where the talk is now.
    fn alternative(&mut self, label: String, words: WordRange, sentence: usize, contrary: bool) {
        let beside = self.fork.is_some() && (contrary || sentence <= self.branch_sentence + 1);
        if beside {
            self.close_branch();
        } else {
            let nodes: Vec<usize> = self.tails.iter().map(|t| t.0).collect();
            self.ends.clear();
            self.fork = Some(nodes);
            self.branches = 0;
        }
        self.tails = self.fork.iter().flatten().map(|node| (*node, label.clone())).collect();
        self.branches += 1;
        self.branch_sentence = sentence;
        self.pending = Some((label, words));
    }

    /// "Once the claim is approved": the talk goes on from that step.
    fn reached(&mut self, clause: &Clause) {
        let Some(label) = self.view.step(clause) else { return };
        let key: Vec<String> = label.split(' ').map(|w| self.root(w)).collect();
        if let Some(node) = self.matching(&key, 2) {
            self.fork = None;
            self.branches = 0;
            self.ends.clear();
            self.tails = vec![(node, String::new())];
        }
    }

    /// "Is it in stock?" decides; other questions do not.
    fn decision(&mut self, clause: &Clause) -> bool {
        let tokens = self.view.tokens(clause.a, clause.b);
        let asks = tokens
            .iter()
            .take(3)
            .any(|t| matches!(t.tag, Tag::Aux | Tag::Modal) || t.is(&["do", "does", "did", "has", "have"]))
            && !tokens.iter().any(|t| t.tag == Tag::Wh && !t.is(&["that"]))
            && !tokens.iter().any(|t| t.low == "how" || t.low == "what" || t.low == "if");
        if !asks || branch(clause) || self.draft.nodes.is_empty() {
            return false;
        }
        let label = wording(self.view, clause);
        let label: Vec<&str> =
            label.split(' ').filter(|w| !matches!(*w, "do" | "does" | "did" | "or" | "and")).collect();
        if label.is_empty() {
            return false;
        }
        if self.fork.is_some() && clause.sentence > self.branch_sentence + 1 && self.branches >= 2 {
            self.join();
        } else {
            self.fork = None;
        }
        let words = self.view.words(clause.a, clause.b);
        self.place(&format!("{}?", label.join(" ")), Role::Decision, words, clause);
        self.fork = None;
        self.branches = 0;
        true
    }

    fn step(&mut self, clause: &Clause) {
        let view = self.view;
        let tokens = view.tokens(clause.a, clause.b);
        if self.selector(clause) {
            let label = view.label(&clause.subjects[0]);
            let words = view.words(clause.a, clause.b);
            self.alternative(label, words, clause.sentence, false);
        }
        let again = tokens.iter().any(|t| t.low == "again") || clause.particle.as_deref() == Some("back");
        let Some(label) = view.step(clause) else { return };
        let key = self.key(clause, &label);
        let goal: Vec<String> =
            clause.preps.iter().flat_map(|p| &p.objects).flat_map(|o| view.key(o)).map(|w| self.root(&w)).collect();
        if again && goal.is_empty() && matches!(clause.lemma(), "go" | "come" | "start" | "do") {
            return;
        }
        let known =
            if again { self.matching(&goal, 1).or_else(|| self.matching(&key, 1)) } else { self.matching(&key, 2) };
        let words = view.words(clause.a, clause.b);
        if let Some(node) = known {
            self.link(node, words);
            self.pending = None;
            let looped = again || self.draft.edges.iter().any(|e| e.from == node);
            if looped && self.fork.is_some() {
                self.tails.clear();
            } else {
                self.tails = vec![(node, String::new())];
            }
            return;
        }
        self.place(&label, Role::Activity, words, clause);
        if matches!(clause.lemma(), "decline" | "reject" | "discard" | "scrap" | "stop" | "finish")
            && self.fork.is_some()
        {
            // The branch ends here unless its own sentence goes on.
            self.branch_sentence = clause.sentence;
        }
    }

    /// "Orange and yellow go to majors": the subject says which of several ways is meant.
    fn selector(&self, clause: &Clause) -> bool {
        let Some(subject) = clause.subjects.first() else { return false };
        let tokens = self.view.tokens(subject.a, subject.b);
        let picks = tokens.iter().any(|t| {
            t.is(&["anything", "anyone", "anybody", "those", "everything", "everyone", "everybody", "others", "rest"])
        }) || tokens.iter().all(|t| matches!(t.tag, Tag::Adj | Tag::Det));
        self.pending.is_none() && !self.draft.nodes.is_empty() && picks && !clause.inherited
    }

    /// "That's the end of it": nothing follows on this branch. "It's off to the warehouse" is a step without a verb.
    fn mention(&mut self, clause: &Clause) {
        let tokens = self.view.tokens(clause.a, clause.b);
        if self.fork.is_some() && tokens.iter().any(|t| t.low == "end") && self.branches >= 1 {
            self.tails.clear();
        }
    }

    fn key(&self, clause: &Clause, label: &str) -> Vec<String> {
        let mut key: Vec<String> = vec![clause.lemma().to_owned()];
        let root = |words: Vec<String>| -> Vec<String> { words.iter().map(|w| self.root(w)).collect() };
        for phrase in clause.objects.iter().chain(if clause.passive() { clause.subjects.first() } else { None }) {
            key.extend(root(self.view.key(phrase)));
        }
        if key.len() == 1 {
            key.extend(label.split(' ').skip(1).map(str::to_lowercase));
        }
        key
    }

    /// A word without its verb ending, so that `trimming` finds `trim`.
    fn root(&self, word: &str) -> String {
        let low = word.to_lowercase();
        self.view.lexicon.verb(&low).map_or(low, |v| v.lemma.to_owned())
    }

    /// The node that shares at least `least` words with the key, and all of the key's or all of its own.
    fn matching(&self, key: &[String], least: usize) -> Option<usize> {
        if key.is_empty() {
            return None;
        }
        (0..self.keys.len()).rev().take(64).find(|at| {
            let own = &self.keys[*at];
            let common = key.iter().filter(|word| own.contains(word)).count();
            common >= least.min(key.len()) && (common == key.len() || common == own.len())
        })
    }

    fn link(&mut self, node: usize, words: WordRange) {
        let tails = std::mem::take(&mut self.tails);
        for (from, label) in tails {
            self.draft.edge(from, node, EdgeType::Then, &label, words);
        }
    }

    fn place(&mut self, label: &str, role: Role, words: WordRange, clause: &Clause) {
        let before = self.draft.nodes.len();
        let node = self.draft.node(label, role, words);
        if self.draft.nodes.len() > before {
            let mut key = self.key(clause, label);
            key.extend(
                self.view
                    .tokens(clause.a, clause.b)
                    .iter()
                    .filter(|t| content(t) && t.tag != Tag::Verb)
                    .map(|t| self.root(&t.lemma)),
            );
            key.dedup();
            self.keys.push(key);
        }
        self.link(node, words);
        self.tails = vec![(node, String::new())];
        self.pending = None;
        if self.fork.is_some() {
            self.branch_sentence = clause.sentence;
        }
    }
}
