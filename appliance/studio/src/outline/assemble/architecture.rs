//! Components, what connects them, and what contains them.

use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::coref::Entities;
use crate::outline::draft::Draft;
use crate::outline::view::View;
use crate::storyboard::{EdgeType, Role, WordRange};

/// The arrow goes from the subject to what is asked, read or reached.
const REACH: &[&str] = &[
    "read",
    "pull",
    "fetch",
    "load",
    "ask",
    "call",
    "query",
    "use",
    "poll",
    "hit",
    "check",
    "access",
    "consult",
    "scan",
    "watch",
    "monitor",
    "control",
    "drive",
    "see",
    "browse",
    "request",
    "retrieve",
    "subscribe",
    "look",
    "open",
    "trigger",
    "talk",
    "connect",
    "speak",
    "link",
    "communicate",
    "listen",
    "log",
    "plug",
    "join",
    "authenticate",
    "validate",
    "pick",
    "tell",
    "notify",
    "alert",
    "update",
    "invoke",
    "feed",
    "power",
    "supply",
    "charge",
    "replicate",
];
/// The arrow goes from the subject to the goal; the object travels.
const MOVE: &[&str] = &[
    "send",
    "write",
    "push",
    "publish",
    "forward",
    "route",
    "pass",
    "stream",
    "store",
    "save",
    "keep",
    "copy",
    "dump",
    "put",
    "give",
    "hand",
    "spread",
    "distribute",
    "go",
    "flow",
    "run",
    "report",
    "post",
    "upload",
    "deliver",
    "move",
    "export",
    "load",
    "sync",
    "return",
    "show",
    "print",
    "drop",
    "submit",
    "transmit",
    "broadcast",
    "relay",
    "emit",
    "turn",
    "direct",
    "pump",
    "blow",
    "carry",
    "ship",
    "transfer",
    "archive",
    "back",
    "mirror",
    "cache",
    "queue",
];
const RECEIVE: &[&str] = &["get", "receive", "take", "collect", "accept", "draw", "import", "obtain"];
const STAY: &[&str] =
    &["run", "live", "sit", "be", "host", "stay", "reside", "stand", "locate", "deploy", "house", "keep", "hang"];
const GOALS: &[&str] = &[
    "to", "into", "in", "onto", "on", "over", "through", "with", "from", "out of", "off", "via", "up in", "at",
    "up on", "between", "up to", "down to", "out to", "towards", "across",
];
const PLACES: &[&str] = &["in", "inside", "within", "on", "inside of", "next to"];

struct Wiring<'v, 'a> {
    view: &'v View<'a>,
    entities: Entities,
    links: Vec<(usize, usize, String, bool, WordRange)>,
    /// Container, member, words.
    members: Vec<(usize, usize, WordRange)>,
}

/// The components of a scene.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut wiring = Wiring { view, entities: Entities::default(), links: Vec::new(), members: Vec::new() };
    for clause in view.clauses {
        wiring.clause(clause);
    }
    wiring.draw()
}

impl Wiring<'_, '_> {
    fn clause(&mut self, clause: &Clause) {
        let view = self.view;
        let Some(verb) = &clause.verb else { return };
        if verb.former || (clause.question && clause.subjects.is_empty()) {
            return;
        }
        let lemma = verb.lemma.as_str();
        let fronted = clause.preps.iter().find(|p| p.fronted && (PLACES.contains(&p.prep.as_str())));
        if let Some(place) = fronted
            && (clause.existential || matches!(lemma, "be" | "have"))
            && !verb.negated
        {
            let place = self.entities.resolve(view, &place.objects[0], false);
            let things: Vec<Phrase> = clause
                .objects
                .iter()
                .chain(&clause.renames)
                .chain(clause.subjects.iter().filter(|s| !view.pronoun(s)))
                .copied()
                .collect();
            return self.contain(place, &things, clause);
        }
        let subjects = self.entities.subjects(view, clause);
        if verb.negated {
            return;
        }
        if let Some(place) = clause.prep(PLACES).and_then(|p| p.objects.first())
            && STAY.contains(&lemma)
            && !view.pronoun(place)
            && (lemma != "keep" || verb.passive)
            && clause.objects.is_empty()
        {
            let place = self.entities.resolve(view, place, false);
            if let Some(place) = place {
                for member in &subjects {
                    self.member(place, *member, view.words(clause.a, clause.b));
                }
            }
            if let Some(first) = subjects.first() {
                self.entities.about(*first);
            }
            return;
        }
        if lemma == "have" && clause.objects.len() >= 2 {
            let place = subjects.first().copied();
            return self.contain(place, &clause.objects.clone(), clause);
        }
        if matches!(lemma, "be" | "have") || clause.existential {
            if !verb.passive {
                let last = self.entities.list.iter().rposition(|e| e.plural);
                if lemma == "be"
                    && clause.objects.len() >= 2
                    && clause.subjects.first().is_some_and(|s| view.pronoun(s))
                {
                    return self.contain(last, &clause.objects.clone(), clause);
                }
                // "One is the stream processor": the thing named is what the next clause is about.
                for object in &clause.objects {
                    if !view.pronoun(object) && (subjects.is_empty() || clause.existential || lemma == "have") {
                        self.entities.resolve(view, object, true);
                    }
                }
            }
            return;
        }
        self.relation(clause, &subjects, lemma, verb.passive);
        if let Some(first) = subjects.first() {
            self.entities.about(*first);
        }
    }

    fn relation(&mut self, clause: &Clause, subjects: &[usize], lemma: &str, passive: bool) {
        let view = self.view;
        let words = view.words(clause.a, clause.b);
        let named = |p: &&Phrase| {
            (!view.pronoun(p) && !view.timely(p))
                || view.tokens(p.a, p.b)[0].is(&["all", "both", "each"])
                || view.text.tokens[p.head].is(&["it", "them", "that"])
        };
        let object = clause.objects.iter().find(named).copied();
        let source =
            clause.prep(&["from", "out of", "off", "up off", "off of"]).and_then(|p| p.objects.first()).copied();
        let goals: Vec<Phrase> = clause
            .preps
            .iter()
            .find(|p| GOALS.contains(&p.prep.as_str()) && p.objects.iter().any(|o| named(&o)))
            .map_or_else(Vec::new, |p| p.objects.clone());
        if RECEIVE.contains(&lemma)
            && let Some(source) = source
            && let Some(from) = self.entities.resolve(view, &source, false)
        {
            for to in subjects {
                self.link(from, *to, self.payload(object, lemma), words);
            }
            return;
        }
        if MOVE.contains(&lemma) {
            // "moves them from the store into the warehouse": through the subject.
            if let Some(source) = source
                && let Some(goal) = clause.prep(&["to", "into", "onto"]).and_then(|p| p.objects.first()).copied()
                && let (Some(from), Some(to)) =
                    (self.entities.resolve(view, &source, false), self.entities.resolve(view, &goal, false))
            {
                match subjects.first().filter(|_| lemma != "go") {
                    Some(by) => {
                        self.link(from, *by, String::new(), words);
                        self.link(*by, to, String::new(), words);
                    }
                    None => self.link(from, to, self.payload(object, lemma), words),
                }
                return;
            }
            for goal in &goals {
                let Some(to) = self.entities.resolve(view, goal, false) else { continue };
                for from in subjects {
                    self.link(*from, to, self.payload(object, lemma), words);
                }
            }
            if !goals.is_empty() || passive {
                return;
            }
        }
        if REACH.contains(&lemma) || MOVE.contains(&lemma) {
            let targets: Vec<Phrase> = if goals.is_empty() { object.into_iter().collect() } else { goals };
            let payload = if clause.preps.is_empty() { None } else { object };
            for target in &targets {
                let Some(to) = self.entities.resolve(view, target, false) else { continue };
                for from in subjects {
                    self.link(*from, to, self.payload(payload, lemma), words);
                }
            }
        }
    }

    fn payload(&self, object: Option<Phrase>, lemma: &str) -> String {
        match object.filter(|o| !self.view.pronoun(o)) {
            Some(phrase) => self.view.label(&phrase),
            None => lemma.to_owned(),
        }
    }

    fn link(&mut self, from: usize, to: usize, label: String, words: WordRange) {
        if from != to {
            self.links.push((from, to, label, true, words));
        }
    }

    fn contain(&mut self, place: Option<usize>, things: &[Phrase], clause: &Clause) {
        let words = self.view.words(clause.a, clause.b);
        for thing in things {
            if self.view.pronoun(thing) {
                continue;
            }
            if let Some(member) = self.entities.resolve(self.view, thing, true)
                && let Some(place) = place
            {
                self.member(place, member, words);
            }
        }
    }

    fn member(&mut self, place: usize, member: usize, words: WordRange) {
        if place != member && !self.members.iter().any(|(p, m, _)| *m == member || (*p == member && *m == place)) {
            self.members.push((place, member, words));
        }
    }

    fn draw(self) -> Draft {
        let mut draft = Draft::default();
        let linked = |at: usize| self.links.iter().any(|l| l.0 == at || l.1 == at);
        for (from, to, label, directed, words) in &self.links {
            let mut node = |at: usize| draft.thing(&self.entities.list[at], Role::Object);
            let (from, to) = (node(*from), node(*to));
            draft.edge(from, to, EdgeType::Message, label, *words);
            if let Some(edge) = draft.edges.last_mut() {
                edge.directed = *directed;
            }
        }
        for (place, member, words) in &self.members {
            // What sends or receives is a component; only what merely holds others becomes a frame.
            let container = &self.entities.list[*place];
            let holds = self.members.iter().filter(|(p, _, _)| p == place).count();
            if linked(*place) || (holds < 2 && !linked(*member)) {
                continue;
            }
            let node = draft.thing(&self.entities.list[*member], Role::Object);
            let group = match draft.groups.iter().position(|g| g.0 == container.label) {
                Some(at) => at,
                None => {
                    draft.groups.push((container.label.clone(), *words));
                    draft.groups.len() - 1
                }
            };
            draft.nodes[node].group = Some(group);
        }
        draft
    }
}
