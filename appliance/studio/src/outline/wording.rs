//! What a clause says is done, as the label of a box.

use super::chunk::Phrase;
use super::clause::{Clause, Prepositional};
use super::token::{Stop, Tag, Token};
use super::view::{LABEL_WORDS, View, content, fit};

/// Words that stand for something new, unlike `it` and `them`.
const OPEN: &[&str] = &[
    "what",
    "who",
    "whom",
    "which",
    "whose",
    "how",
    "if",
    "whether",
    "where",
    "when",
    "why",
    "until",
    "something",
    "anything",
    "everything",
    "someone",
    "anyone",
    "everyone",
    "somebody",
    "one",
    "ones",
];
/// Words that say how something is done.
const HOW: &[&str] = &["alone", "again", "early", "late", "once", "twice", "apart", "online", "together", "separately"];

impl View<'_> {
    /// A clause as an imperative step: `check stock`. Nothing when it says nothing that can be done.
    pub(crate) fn step(&self, clause: &Clause) -> Option<String> {
        let verb = clause.verb.as_ref()?;
        if verb.negated {
            return self.negation(clause);
        }
        let mut words: Vec<String> = Vec::new();
        let object = clause.objects.iter().chain(&clause.second).find(|p| !self.pronoun(p) && !self.timely(p));
        let particle = clause.particle.clone();
        let goal =
            clause.preps.iter().find(|p| !p.fronted && p.objects.iter().any(|o| !self.pronoun(o) && !self.when(o)));
        if verb.passive {
            words.push(verb.lemma.clone());
            words.extend(particle);
            if let Some(subject) = clause.subjects.first().filter(|p| !self.pronoun(p)) {
                words.push(self.label(subject));
                // "By the doctor" says who does it, not where to or what with.
                self.go_on(&mut words, goal.filter(|goal| goal.prep != "by"));
            } else if let Some(goal) = goal {
                words.push(goal.prep.clone());
                words.push(self.label(goal.objects.iter().find(|o| !self.pronoun(o))?));
            } else {
                words.extend(self.behind(
                    verb.main + 1,
                    LABEL_WORDS.saturating_sub(words.len()),
                    clause.particle.as_deref(),
                ));
            }
            return Some(fit(&words));
        }
        let subject = clause.subjects.first().filter(|p| !self.pronoun(p));
        if verb.lemma == "be" && object.is_none() && goal.is_none() {
            // "The blinds are down": what is, not what is done.
            let (a, b) = clause.adjective?;
            words.extend(subject.map(|p| self.label(p)));
            words.extend(self.tokens(a, b).iter().map(|t| t.text.clone()));
            return Some(fit(&words));
        }
        if object.is_none() && clause.objects.is_empty() && subject.is_some() && !self.person(subject?) {
            words.push(self.label(subject?));
        }
        words.push(verb.lemma.clone());
        words.extend(particle);
        if object.is_some() {
            for phrase in clause.objects.iter().filter(|p| !self.pronoun(p)).take(2) {
                if words.len() > 1 && phrase.a != object?.a {
                    words.push("and".to_owned());
                }
                words.push(self.label(phrase));
            }
            if clause.objects.iter().all(|p| self.pronoun(p)) {
                words.push(self.label(object?));
            }
            self.go_on(&mut words, goal);
        } else if let Some(goal) = goal {
            words.push(goal.prep.clone());
            words.push(self.label(goal.objects.iter().find(|o| !self.pronoun(o))?));
        } else if let Some((a, b)) = clause.adjective {
            words.extend(self.tokens(a, b).iter().map(|t| t.text.clone()));
        } else if subject.is_none() {
            // "Wait thirty seconds": how long is all that is said of it.
            let behind = clause.preps.iter().filter(|p| !p.fronted).flat_map(|p| &p.objects);
            let counted = |p: &&Phrase| self.timely(p) && self.text.tokens[p.a].number.is_some();
            words.extend(clause.objects.iter().chain(behind).find(counted).map(|p| self.label(p)));
        }
        if object.is_none()
            && words.last().is_some_and(|last| *last == verb.lemma || clause.particle.as_ref() == Some(last))
        {
            // "Check how long it takes", "invert it eight times": a verb alone says next to nothing.
            words.extend(self.behind(
                verb.main + 1,
                LABEL_WORDS.saturating_sub(words.len()),
                clause.particle.as_deref(),
            ));
        }
        Some(fit(&words))
    }

    /// What is not so, or not to be done, in the words of the talk: `don't feed gulls`, `scrap isn't booked`.
    pub(crate) fn negation(&self, clause: &Clause) -> Option<String> {
        let at = (clause.a..clause.b).find(|at| self.text.tokens[*at].tag == Tag::Neg)?;
        let not = &self.text.tokens[at];
        let before = at.checked_sub(1).filter(|k| *k >= clause.a).map(|k| &self.text.tokens[k]);
        let short = before.filter(|t| not.low == "not" && matches!(t.tag, Tag::Aux | Tag::Modal | Tag::Verb));
        let mut words: Vec<String> = Vec::new();
        words.extend(clause.subjects.first().filter(|p| p.b <= at && !self.pronoun(p)).map(|p| self.label(p)));
        words.push(match short.map(|t| t.low.as_str()) {
            Some("can") => "can't".to_owned(),
            Some("will") => "won't".to_owned(),
            Some(verb @ ("may" | "might" | "shall")) => format!("{verb} not"),
            Some("am") | None => not.low.clone(),
            Some(verb) => format!("{verb}n't"),
        });
        let said: usize = words.iter().map(|w| w.split(' ').count()).sum();
        let rest = self.behind(at + 1, LABEL_WORDS.saturating_sub(said), None);
        words.extend(rest.iter().cloned());
        (!rest.is_empty()).then(|| fit(&words))
    }

    /// Says where to, what with or what for, where there is room for all of it: `borrow shares from lending pool`.
    fn go_on(&self, words: &mut Vec<String>, goal: Option<&Prepositional>) {
        let Some(goal) = goal else { return };
        let Some(label) = goal.objects.iter().find(|o| !self.pronoun(o)).map(|o| self.label(o)) else { return };
        let room = words.iter().chain([&goal.prep, &label]).map(|w| w.split_whitespace().count()).sum::<usize>();
        if room <= LABEL_WORDS && !words.contains(&label) {
            words.extend([goal.prep.clone(), label]);
        }
    }

    /// What stands behind a verb, as a part of a label: up to where its sentence pauses or goes on to something else.
    fn behind(&self, from: usize, most: usize, particle: Option<&str>) -> Vec<String> {
        let at = self.text.sentences.partition_point(|s| s.end <= from);
        let Some(end) = self.text.sentences.get(at).map(|s| s.end) else { return Vec::new() };
        if most == 0 || from > 0 && self.text.tokens[from - 1].stop != Stop::None {
            return Vec::new();
        }
        let mut kept: Vec<&Token> = Vec::new();
        for token in self.tokens(from, end) {
            if token.tag == Tag::Conj || token.is(&["then", "because", "since", "although", "while", "so"]) {
                break;
            }
            let pronoun = token.tag == Tag::Pron && !token.is(OPEN);
            if pronoun && kept.last().is_some_and(|t| t.tag == Tag::Prep) {
                break;
            }
            let known = Some(token.low.as_str()) == particle || pronoun || token.low == "that";
            let empty = matches!(token.tag, Tag::Det | Tag::Poss | Tag::Intj) || kept.is_empty() && known;
            if !empty {
                kept.push(token);
            }
            if token.stop != Stop::None || kept.len() == most {
                break;
            }
        }
        while kept.last().is_some_and(|t| !content(t) && !t.is(OPEN) && !t.is(HOW)) {
            kept.pop();
        }
        kept.iter().map(|t| t.text.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::outline::Weights;
    use crate::outline::reading::Reading;
    use crate::transcript::Transcript;

    fn check(text: &str, expected: &[&str]) {
        let weights = Weights::default();
        let reading = Reading::of(&Transcript::from_text(text, "en"), &weights);
        let view = reading.view(0, reading.text.sentences.len());
        let steps: Vec<String> = view.clauses.iter().filter_map(|clause| view.step(clause)).collect();
        assert!(
            steps.starts_with(&expected.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>()),
            "{text}: {steps:?}"
        );
    }

    #[test]
    fn a_step_says_what_is_done_to_what() {
        check("Then the clerk checks the order.", &["check order"]);
        check("The shares are borrowed from the lending pool.", &["borrow shares from lending pool"]);
        check("We send them a nice letter about cupboards.", &["send nice letter about cupboards"]);
        check("The result is checked by the doctor.", &["check result"]);
        check("The tube is spun down in January.", &["spin down tube"]);
    }

    #[test]
    fn no_verb_stands_alone() {
        check("Rock it for two minutes.", &["rock 2 minutes"]);
        check("Then invert it eight times.", &["invert 8 times"]);
        check("A cold one's left alone.", &["leave alone"]);
        check("You ask what happened.", &["ask what happened"]);
        check("So the audio's cut into frames.", &["cut audio into frames"]);
    }

    #[test]
    fn what_is_not_done_is_not_said_to_be_done() {
        check("Please don't feed the gulls.", &["don't feed gulls"]);
        check("Scrap isn't booked.", &["scrap isn't booked"]);
        check("It can't be read.", &["can't be read"]);
        check("You may not enter the lab.", &["may not enter lab"]);
        let weights = Weights::default();
        let reading = Reading::of(&Transcript::from_text("They're not here.", "en"), &weights);
        let view = reading.view(0, 1);
        assert_eq!(view.step(&view.clauses[0]), None);
    }
}
