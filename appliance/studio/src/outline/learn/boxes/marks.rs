//! What is seen of a candidate: the words of a phrase, a clause or a stretch between two pauses, and what is said around it.

use super::{Gathering, MOST, Segment};
use crate::outline::assemble::time;
use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::learn::linear::key_of;
use crate::outline::learn::threads::who;
use crate::outline::token::{Stop, Tag};
use crate::outline::view::View;
use crate::storyboard::Role;

impl Gathering<'_, '_> {
    pub(super) fn phrase(
        &mut self,
        at: usize,
        clause: &Clause,
        place: &'static str,
        prep: &str,
        phrase: &Phrase,
        length: usize,
    ) {
        let view = self.view;
        let head = &view.text.tokens[phrase.head];
        self.say(at, format_args!("{place}"));
        self.stand(at, place);
        if !prep.is_empty() {
            self.say(at, format_args!("{place} {prep}"));
        }
        self.say(at, format_args!("{place} of {}", clause.lemma()));
        self.say(at, format_args!("head {}", head.lemma));
        self.say(at, format_args!("opened by {}", view.text.tokens[phrase.a].low));
        if length > 1 {
            self.say(at, format_args!("listed"));
            self.say(at, format_args!("listed {place}"));
        }
        if view.timely(phrase) {
            self.say(at, format_args!("timely"));
        }
        if view.person(phrase) {
            self.say(at, format_args!("person"));
        }
        if view.tokens(phrase.a, phrase.b).iter().any(|t| t.number.is_some()) {
            self.say(at, format_args!("numbered"));
        }
        if head.tag == Tag::Name {
            self.say(at, format_args!("name"));
        }
        if head.tag == Tag::Noun && head.low != head.lemma {
            self.say(at, format_args!("plural"));
        }
        self.say(at, format_args!("end {}", ending(&head.lemma)));
        self.beside(at, clause, phrase);
        self.context(at, clause, "near");
    }

    pub(super) fn clause(&mut self, at: usize, clause: &Clause, what: &'static str) {
        self.say(at, format_args!("{what}"));
        self.stand(at, what);
        self.say(at, format_args!("{what} {}", clause.lemma()));
        if clause.passive() {
            self.say(at, format_args!("{what} passive"));
        }
        match clause.subjects.first() {
            None => self.say(at, format_args!("{what} without subject")),
            Some(subject) if self.view.pronoun(subject) => {
                let word = self.view.text.tokens[subject.head].low.clone();
                self.say(at, format_args!("{what} by {word}"));
            }
            Some(subject) if self.view.person(subject) => self.say(at, format_args!("{what} by person")),
            Some(_) => self.say(at, format_args!("{what} by thing")),
        }
        if clause.objects.is_empty() {
            self.say(at, format_args!("{what} without object"));
        }
        if let Some(object) = clause.objects.first() {
            self.say(at, format_args!("{what} on {}", self.view.text.tokens[object.head].lemma));
        }
        let usual = self.threads.usual == Some(who(self.view, clause));
        self.say(at, format_args!("{what} {}", if usual { "as usual" } else { "by another" }));
        self.context(at, clause, what);
    }

    /// What stands between two pauses, if it is no phrase by itself.
    pub(super) fn segment(&mut self, segment: &Segment, role: Role) {
        let Segment { label, a, b, place } = segment;
        if let Some(at) = self.by_label.get(&key_of(&label.to_lowercase())).copied() {
            return self.say(at, format_args!("also {place}"));
        }
        if self.list.len() >= MOST {
            return;
        }
        let (view, words) = (self.view, self.view.words(*a, *b));
        let at = self.put(label, role, words);
        self.stand(at, place);
        self.say(at, format_args!("{place} of {}", b - a));
        let (first, last) = (&view.text.tokens[*a], &view.text.tokens[*b - 1]);
        self.say(at, format_args!("{place} opened by {}", first.low));
        self.say(at, format_args!("{place} opened as {:?}", first.tag));
        self.say(at, format_args!("{place} closed as {:?} {:?}", last.tag, last.form));
        self.say(at, format_args!("{place} till {:?}", last.stop));
        self.say(at, format_args!("head {}", last.lemma));
        let clause = &view.clauses[self.list[at].clause];
        let before = view.tokens(view.text.sentences[clause.sentence].first.min(*a), *a).last();
        self.say(at, format_args!("{place} behind {}", before.map_or(".", |t| t.low.as_str())));
        self.say(at, format_args!("{place} of {}", clause.lemma()));
        self.context(at, clause, place);
    }

    /// The words on either side of a phrase, and in how many sentences its head is named.
    fn beside(&mut self, at: usize, clause: &Clause, phrase: &Phrase) {
        let sentence = self.view.text.sentences[clause.sentence];
        let tokens = &self.view.text.tokens[..sentence.end];
        match phrase.a.checked_sub(1).filter(|k| *k >= sentence.first).map(|k| &tokens[k]) {
            Some(token) if token.stop == Stop::None => self.say(at, format_args!("left {}", token.low)),
            Some(_) => self.say(at, format_args!("left ,")),
            None => self.say(at, format_args!("left .")),
        }
        match tokens.get(phrase.b) {
            Some(token) if tokens[phrase.b - 1].stop == Stop::None => self.say(at, format_args!("right {}", token.low)),
            Some(_) => self.say(at, format_args!("right ,")),
            None => self.say(at, format_args!("right .")),
        }
        let named = self.threads.named(&self.view.text.tokens[phrase.head].lemma);
        self.say(at, format_args!("named {}", named.min(4)));
    }

    /// The clauses on either side in the sentence, and how far a clause speaks of what others do.
    fn between(&mut self, at: usize, clause: &Clause, what: &str) {
        let clauses = self.view.clauses;
        let own = clauses.partition_point(|c| c.a < clause.a);
        let near = |k: Option<usize>| k.and_then(|k| clauses.get(k)).filter(|c| c.sentence == clause.sentence);
        match near(own.checked_sub(1)) {
            Some(before) => self.say(at, format_args!("{what} behind {}", before.lemma())),
            None => self.say(at, format_args!("{what} behind .")),
        }
        match near(Some(own + 1)) {
            Some(next) => {
                self.say(at, format_args!("{what} before {}", next.lemma()));
                let lead = next.lead.first().map_or("", String::as_str);
                self.say(at, format_args!("{what} before lead {lead}"));
            }
            None => self.say(at, format_args!("{what} before .")),
        }
        let tied = self.threads.tied(self.view, clause.a, clause.b);
        self.say(at, format_args!("{what} tied {}", (tied * 4.0).ceil()));
    }

    fn context(&mut self, at: usize, clause: &Clause, what: &str) {
        self.surroundings(at, clause, what);
        for lead in clause.lead.iter().take(3) {
            self.say(at, format_args!("{what} after {lead}"));
        }
        let verb = clause.verb.as_ref();
        let marks = [
            ("negated", clause.negated()),
            ("past", verb.is_some_and(|v| v.past && !v.passive)),
            ("modal", verb.is_some_and(|v| v.modal.is_some())),
            ("gerund", verb.is_some_and(|v| v.gerund)),
            ("infinitive", verb.is_some_and(|v| v.infinitive)),
            ("former", verb.is_some_and(|v| v.former)),
            ("question", clause.question),
            ("existential", clause.existential),
            ("relative", clause.relative),
            ("conditional", clause.conditional()),
            ("verbless", verb.is_none()),
        ];
        for (mark, _) in marks.iter().filter(|(_, holds)| *holds) {
            self.say(at, format_args!("{what} {mark}"));
        }
    }

    /// What is said around a clause: times, order, the speaker, another tense than the talk's.
    fn surroundings(&mut self, at: usize, clause: &Clause, what: &str) {
        let view = self.view;
        let tokens = view.tokens(clause.a, clause.b);
        let sentence = view.text.sentences[clause.sentence];
        let whole = view.tokens(sentence.first, sentence.end);
        let past = clause.verb.as_ref().is_some_and(|v| v.past && !v.passive);
        let marks = [
            ("dated", time(tokens).is_some()),
            ("in dated sentence", time(whole).is_some()),
            ("counted", tokens.iter().any(|t| t.number.is_some())),
            ("by me", tokens.iter().any(|t| t.is(&["i", "my", "me", "i've", "i'm"]))),
            ("in my sentence", whole.iter().any(|t| t.is(&["i", "my", "me", "i've", "i'm"]))),
            ("odd tense", clause.verb.is_some() && past != self.past),
            ("first of sentence", clause.a <= sentence.first + 1),
            ("last of sentence", clause.b + 1 >= sentence.end),
            ("last clause", view.clauses.last().is_some_and(|c| c.a == clause.a)),
            ("first clause", view.clauses.first().is_some_and(|c| c.a == clause.a)),
            ("first sentence", clause.sentence == view.sentences.0),
            ("last sentence", clause.sentence + 1 == view.sentences.1),
            ("asked before", clause.sentence > view.sentences.0 && asks(view, clause.sentence - 1)),
        ];
        for (mark, _) in marks.iter().filter(|(_, holds)| *holds) {
            self.say(at, format_args!("{what} {mark}"));
        }
        let size = clause.b - clause.a;
        self.say(at, format_args!("{what} of size {}", size.div_ceil(4).min(5)));
        if let Some(word) = whole.first() {
            self.say(at, format_args!("{what} in sentence of {}", word.low));
        }
        if let Some(particle) = &clause.particle {
            self.say(at, format_args!("{what} particle {particle}"));
        }
        self.between(at, clause, what);
    }
}

fn asks(view: &View<'_>, sentence: usize) -> bool {
    let end = view.text.sentences[sentence].end;
    end > 0 && view.text.tokens[end - 1].stop == Stop::Ask
}

fn ending(lemma: &str) -> &str {
    let from = lemma.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
    &lemma[from..]
}
