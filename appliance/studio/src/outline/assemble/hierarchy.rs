//! Parts of a whole, kinds of a thing, people under people.

use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::coref::Entities;
use crate::outline::draft::Draft;
use crate::outline::token::{NumberStyle, Tag};
use crate::outline::view::View;
use crate::storyboard::{EdgeType, Role, WordRange};

const WHOLE: &[&str] = &["have", "include", "contain", "comprise", "cover", "hold", "feature", "get"];
const OVER: &[&str] =
    &["manage", "lead", "run", "supervise", "oversee", "head", "look", "command", "direct", "control"];
const DIVIDE: &[&str] =
    &["consist", "make", "divide", "split", "break", "separate", "group", "build", "compose", "come", "fall", "sort"];
/// Heads of phrases that only announce a list: `three parts`.
const GENERIC: &[&str] = &[
    "person",
    "group",
    "part",
    "section",
    "kind",
    "type",
    "sort",
    "level",
    "division",
    "category",
    "branch",
    "area",
    "layer",
    "thing",
    "piece",
    "element",
    "component",
    "class",
    "family",
    "team",
    "department",
    "block",
    "unit",
    "module",
    "stage",
    "member",
    "report",
    "one",
    "region",
    "tier",
    "half",
    "class",
    "subgroup",
];

struct Tree<'v, 'a> {
    view: &'v View<'a>,
    entities: Entities,
    /// Parent, child, words.
    links: Vec<(usize, usize, WordRange)>,
    /// Whose parts were announced and are still to be named.
    open: Option<usize>,
}

/// The tree of a scene.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut tree = Tree { view, entities: Entities::strict(), links: Vec::new(), open: None };
    for clause in view.clauses {
        tree.clause(clause);
    }
    let mut draft = Draft::default();
    for (parent, child, words) in &tree.links {
        let mut node = |at: usize| draft.thing(&tree.entities.list[at], Role::Object);
        let (from, to) = (node(*parent), node(*child));
        if !draft.edges.iter().any(|e| e.to == to) {
            draft.edge(from, to, EdgeType::PartOf, "", *words);
        }
    }
    draft
}

impl Tree<'_, '_> {
    fn clause(&mut self, clause: &Clause) {
        let view = self.view;
        if clause.negated() || clause.verb.as_ref().is_some_and(|v| v.former) {
            return;
        }
        let lemma = clause.lemma();
        let objects: Vec<Phrase> =
            clause.objects.iter().chain(&clause.second).chain(&clause.renames).copied().collect();
        // "reports to the registrar"
        if matches!(lemma, "report" | "answer" | "belong")
            && let Some(parent) = clause.prep(&["to"]).and_then(|p| p.objects.first())
        {
            let parent = self.entities.resolve(view, parent, false);
            let children: Vec<Phrase> = clause.subjects.iter().chain(&objects).copied().collect();
            return self.under(parent, &children, clause);
        }
        // "under the registrar there are ..."
        let under = clause.preps.iter().find(|p| {
            p.fronted
                && matches!(
                    p.prep.as_str(),
                    "under" | "below" | "beneath" | "underneath" | "in" | "for" | "within" | "inside"
                )
        });
        let loose =
            clause.preps.iter().find(|p| !p.fronted && matches!(p.prep.as_str(), "under" | "below" | "beneath"));
        if let Some(prep) = under
            && (clause.existential
                || matches!(lemma, "be" | "have" | "get" | "want" | "put" | "come" | "sit" | "")
                || clause.verb.is_none())
        {
            let pronoun = view.text.tokens[prep.objects[0].head].is(&["her", "him", "them", "it", "that"]);
            let parent = self
                .entities
                .current()
                .filter(|_| pronoun)
                .or_else(|| self.entities.resolve(view, &prep.objects[0], true));
            let subjects = clause.subjects.iter().filter(|s| !view.pronoun(s) && lemma == "be").copied();
            let children: Vec<Phrase> = objects.iter().copied().chain(subjects).collect();
            return self.under(parent, &children, clause);
        }
        if clause.verb.is_none() {
            return self.fragment(clause, &objects);
        }
        let parent = clause.subjects.first().copied();
        if let Some(prep) = clause.prep(&["of", "into", "in", "from", "up of", "down into", "up into"])
            && DIVIDE.contains(&lemma)
        {
            let parent = parent.and_then(|p| self.entities.resolve(view, &p, true));
            let children: Vec<Phrase> = prep.objects.iter().copied().chain(objects).collect();
            return self.under(parent, &children, clause);
        }
        if lemma == "be"
            && let Some(prep) = clause.prep(&["under", "below"])
            && let Some(parent) = prep.objects.first()
        {
            let parent = self.entities.resolve(view, parent, false);
            return self.under(parent, &clause.subjects.clone(), clause);
        }
        let heads = |words: &[&str]| objects.first().is_some_and(|o| view.text.tokens[o.head].is(words));
        if WHOLE.contains(&lemma) || loose.is_some() || (OVER.contains(&lemma) && !heads(&["day", "shift"])) {
            let object_list: Vec<Phrase> = if lemma == "look" {
                clause.prep(&["after"]).map_or_else(Vec::new, |p| p.objects.clone())
            } else {
                objects
            };
            if parent.is_some_and(|p| view.tokens(p.a, p.b)[0].is(&["each", "all", "both", "everyone"])) {
                return;
            }
            let parent = parent.filter(|p| !(view.pronoun(p) && view.text.tokens[p.head].is(&["you", "i", "we"])));
            let parent = match parent {
                Some(parent) => self.entities.resolve(view, &parent, true),
                None => self.entities.current(),
            };
            return self.under(parent, &object_list, clause);
        }
        let top = clause.preps.iter().any(|p| p.objects.iter().any(|o| view.text.tokens[o.head].is(&["top", "head"])));
        if top && let Some(first) = objects.first().or(clause.subjects.first()).filter(|o| !view.pronoun(o)) {
            self.entities.resolve(view, first, true);
            return;
        }
        if clause.existential {
            // "There are five big groups": of what the talk is about; "three kinds of rock": of rock.
            let of = objects.first().filter(|o| self.generic(o)).and_then(|o| {
                let at = (o.a..o.b).find(|k| view.text.tokens[*k].low == "of")?;
                (at + 1 < o.b).then_some(Phrase { a: at + 1, b: o.b, head: o.b - 1 })
            });
            let parent = match of {
                Some(of) => self.entities.resolve(view, &of, true),
                None => self.entities.current(),
            };
            if parent.is_none()
                && let Some(first) = objects.first().filter(|o| !view.pronoun(o))
            {
                self.entities.resolve(view, first, true);
            }
            return self.under(parent, &objects, clause);
        }
        if clause.relative || clause.led_by(&["where", "when", "if", "because", "which", "that", "who", "so"]) {
            return;
        }
        if let Some(subject) = parent {
            // "At the top is the director", "the nacelle is the casing"
            let phrase = if view.pronoun(&subject) { objects.first().copied() } else { Some(subject) };
            if let Some(phrase) = phrase.filter(|p| !view.pronoun(p)) {
                self.entities.resolve(view, &phrase, true);
            }
            if lemma == "be" && self.open.is_some() && objects.len() > 1 {
                let open = self.open;
                self.under(open, &objects, clause);
            }
        } else if matches!(lemma, "be" | "sort" | "classify" | "group") && !objects.is_empty() {
            self.entities.resolve(view, &objects[0], true);
        }
    }

    /// "Number one, fish.", "the intake and the reverser": items of the list that was announced.
    fn fragment(&mut self, clause: &Clause, objects: &[Phrase]) {
        let items: Vec<Phrase> = objects.iter().filter(|p| !self.counter(p)).copied().collect();
        if let Some(parent) = self.open {
            let view = self.view;
            for item in items {
                if view.pronoun(&item) || view.key(&item).len() > 4 {
                    continue;
                }
                if let Some(child) = self.entities.resolve(view, &item, false) {
                    self.link(parent, child, view.words(item.a, item.b));
                }
            }
        } else if let Some(first) = clause.objects.first().filter(|p| !self.view.pronoun(p) && !self.counter(p)) {
            self.entities.resolve(self.view, first, true);
        }
    }

    fn counter(&self, phrase: &Phrase) -> bool {
        let tokens = self.view.tokens(phrase.a, phrase.b);
        tokens.iter().all(|t| t.tag == Tag::Num || t.is(&["number", "one", "point"]))
    }

    fn generic(&self, phrase: &Phrase) -> bool {
        let head = &self.view.text.tokens[phrase.head];
        let tokens = self.view.tokens(phrase.a, phrase.b);
        let of = tokens.iter().position(|t| t.low == "of").filter(|at| *at > 0);
        let announces = of.is_some_and(|at| GENERIC.contains(&tokens[at - 1].lemma.as_str()));
        let counted = self.view.tokens(phrase.a, phrase.b).iter().any(|t| {
            t.number.is_some_and(|n| n.style == NumberStyle::Cardinal)
                || t.is(&["several", "some", "many", "various", "following", "few"])
        });
        head.tag == Tag::Num
            || (counted && announces)
            || (counted && (GENERIC.contains(&head.lemma.as_str()) || head.low != head.lemma))
    }

    fn under(&mut self, parent: Option<usize>, children: &[Phrase], clause: &Clause) {
        let Some(parent) = parent else { return };
        let view = self.view;
        let words = view.words(clause.a, clause.b);
        let mut named = 0;
        let others = children.iter().any(|c| !view.pronoun(c) && !self.generic(c));
        let announces = |c: &Phrase| {
            let tokens = view.tokens(c.a, c.b);
            tokens.iter().any(|t| GENERIC.contains(&t.lemma.as_str())) || !tokens.iter().any(|t| t.tag.nominal())
        };
        // "two reps" is a part when nothing else is named, "two parts" never is.
        let generic: Vec<bool> = children.iter().map(|c| self.generic(c) && (others || announces(c))).collect();
        let announced = generic.iter().any(|g| *g);
        for (child, generic) in children.iter().zip(generic) {
            if view.pronoun(child) || generic || self.counter(child) {
                continue;
            }
            if let Some(at) = self.entities.resolve(view, child, false)
                && at != parent
            {
                self.link(parent, at, words);
                named += 1;
            }
        }
        self.open = (named == 0 && (announced || self.open == Some(parent))).then_some(parent);
        self.entities.about(parent);
    }

    fn link(&mut self, parent: usize, child: usize, words: WordRange) {
        let loops = self.links.iter().rev().take(200).any(|(p, c, _)| *p == child && *c == parent);
        if parent != child && !loops {
            self.links.push((parent, child, words));
        }
    }
}
