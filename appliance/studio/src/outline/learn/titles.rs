//! What a scene could be headed with: spans of its opening that read as a heading, and what its boxes offer.

use std::fmt;

use super::boxes::{SAME, shared, stems};
use super::linear::{Features, key, within};
use crate::outline::chunk::Phrase;
use crate::outline::draft::Draft;
use crate::outline::token::{Form, Stop, Tag, Token};
use crate::outline::view::{View, cut};
use crate::storyboard::{EdgeType, Kind};

/// Words that questions begin with.
const ASKING: [&str; 6] = ["how", "why", "what", "who", "where", "when"];

/// Sentences at the start of a scene in which its heading is looked for.
const OPENING: usize = 4;
/// Longest heading, in words.
const LONGEST: usize = 7;
/// Most candidates of a scene; bounds the work on an opening without punctuation.
const MOST: usize = 120;

/// Something that may stand over a scene.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    /// Its words, the first in capitals.
    pub(crate) label: String,
    /// What is seen of it.
    pub(crate) features: Features,
}

/// The candidates of a scene, never none; what its boxes offer comes first.
pub(crate) fn headings(view: &View<'_>, kind: Kind, draft: &Draft) -> Vec<Heading> {
    let boxes = draft.nodes.iter().map(|n| stems(&n.label)).collect();
    let mut all = Gathering { view, kind, boxes, list: Vec::new() };
    all.drawn(draft);
    let opening = view.clauses.iter().take_while(|c| c.sentence < view.sentences.0 + OPENING);
    for clause in opening {
        let object = if clause.verb.is_some() { "object" } else { "fragment" };
        let mut places: Vec<(&str, &str, &Phrase)> = Vec::new();
        places.extend(clause.subjects.iter().map(|p| ("subject", "", p)));
        places.extend(clause.objects.iter().map(|p| (object, "", p)));
        places.extend(clause.second.iter().map(|p| ("second", "", p)));
        places.extend(clause.renames.iter().map(|p| ("rename", "", p)));
        for prep in &clause.preps {
            places.extend(prep.objects.iter().map(|p| ("goal", prep.prep.as_str(), p)));
        }
        let after: Vec<Phrase> = clause.preps.iter().flat_map(|p| p.objects.first()).copied().collect();
        for (place, prep, phrase) in places {
            if view.pronoun(phrase) || all.list.len() >= MOST {
                continue;
            }
            let says = [place, prep, clause.lemma(), clause.lead.first().map_or("", String::as_str)];
            all.phrase(phrase, &says, clause.sentence);
            // "The life of a bee", "a crown for a tooth"
            let longer = after.iter().find(|o| o.a > phrase.b && o.a <= phrase.b + 3 && o.b - phrase.a <= LONGEST);
            if let Some(object) = longer {
                all.span((phrase.a, object.b), "long", &says, clause.sentence);
            }
        }
    }
    all.spans();
    all.list
}

/// The words of our own before what a drawing of the kind is of.
pub(crate) fn frame(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::State => Some("States of"),
        Kind::Cycle => Some("Life of"),
        Kind::Timeline => Some("History of"),
        _ => None,
    }
}

struct Gathering<'v, 'a> {
    view: &'v View<'a>,
    kind: Kind,
    /// The boxes of the scene, by what they say.
    boxes: Vec<Vec<u64>>,
    list: Vec<Heading>,
}

impl Gathering<'_, '_> {
    /// What the boxes offer: the compared things, the top of the tree, the first box.
    fn drawn(&mut self, draft: &Draft) {
        let mut sources: Vec<(usize, usize)> = (0..draft.nodes.len())
            .filter(|i| draft.edges.iter().all(|e| e.to != *i))
            .map(|i| (draft.edges.iter().filter(|e| e.from == i).count(), i))
            .filter(|(ways, _)| *ways > 0)
            .collect();
        sources.sort_by_key(|(ways, i)| (std::cmp::Reverse(*ways), *i));
        if let (Kind::Comparison, [a, b, ..]) = (self.kind, sources.as_slice()) {
            let (a, b) = (a.1.min(b.1), a.1.max(b.1));
            let label = format!("{} or {}", draft.nodes[a].label, draft.nodes[b].label);
            self.put(&label, "pair", &[], None);
        }
        let tops = draft.edges.iter().filter(|e| e.kind == EdgeType::PartOf).map(|e| e.from);
        if let Some(top) = tops.into_iter().find(|p| draft.edges.iter().all(|e| e.to != *p)) {
            self.put(&draft.nodes[top].label, "top", &[], None);
        }
        match draft.nodes.first() {
            Some(node) => self.put(&node.label, "first", &[], None),
            None => self.put(self.kind.as_str(), "first", &[], None),
        }
    }

    fn phrase(&mut self, phrase: &Phrase, says: &[&str], sentence: usize) {
        let view = self.view;
        let label = view.label(phrase);
        if label.is_empty() {
            return;
        }
        let span = (phrase.a, phrase.b);
        self.put(&label, "phrase", says, Some((span, phrase.head, sentence)));
        let Some(framed) = frame(self.kind) else { return };
        let first = &view.text.tokens[phrase.a];
        let article = match first.low.as_str() {
            "a" | "an" => format!("{} ", first.low),
            "the" => "the ".to_owned(),
            _ if first.tag == Tag::Poss => "the ".to_owned(),
            _ => String::new(),
        };
        self.put(&format!("{framed} {article}{label}"), "framed", says, Some((span, phrase.head, sentence)));
    }

    /// Spans of the opening as they are said: a question or what follows `how`, what is being done, and what stands before
    /// the first comma.
    fn spans(&mut self) {
        let text = self.view.text;
        let last = self.view.sentences.1.min(self.view.sentences.0 + OPENING);
        for at in self.view.sentences.0..last {
            let sentence = text.sentences[at];
            let tokens = &text.tokens[sentence.first..sentence.end];
            for (i, token) in tokens.iter().enumerate().take(40) {
                if self.list.len() >= MOST {
                    return;
                }
                let what = match token.low.as_str() {
                    word if ASKING.contains(&word) => "asked",
                    _ if token.form == Form::Ing && token.tag == Tag::Verb => "doing",
                    _ if i == 0 || tokens[i - 1].stop == Stop::Comma || tokens[i - 1].tag == Tag::Intj => "prefix",
                    _ => continue,
                };
                let stop = tokens[i..].iter().position(|t| t.stop != Stop::None).map_or(tokens.len(), |k| i + k + 1);
                let end = if what == "doing" {
                    let verb = |t: &Token| matches!(t.tag, Tag::Aux | Tag::Modal | Tag::Pron | Tag::Wh | Tag::Conj);
                    tokens[i + 1..stop].iter().position(verb).map_or(stop, |k| i + 1 + k)
                } else {
                    stop
                };
                if (2..=LONGEST + 1).contains(&(end - i)) || (what == "prefix" && end - i == 1) {
                    let before = i.checked_sub(1).map_or("", |k| tokens[k].low.as_str());
                    let next = tokens.get(i + 1).map_or("", |t| t.low.as_str());
                    self.span((sentence.first + i, sentence.first + end), what, &[before, next, &token.low], at);
                }
            }
        }
    }

    /// Words as they are said.
    fn span(&mut self, (a, b): (usize, usize), what: &str, says: &[&str], sentence: usize) {
        let tokens = self.view.tokens(a, b);
        let Some(last) = tokens.last() else { return };
        let skip = usize::from(tokens[0].tag == Tag::Det && tokens.len() > 1 && what == "long");
        let mut label = String::new();
        for (i, token) in tokens[skip..].iter().enumerate() {
            // What was split from the word before it belongs to it.
            if i > 0 && !token.text.starts_with(['\'', '’']) && token.text != "n't" {
                label.push(' ');
            }
            label.push_str(&token.text);
        }
        // "What happens when a patient arrives?" asks, "when a patient arrives" does not.
        let before = &self.view.text.tokens[self.view.text.sentences[sentence].first..a];
        if last.stop == Stop::Ask && what == "asked" && !before.iter().any(|t| ASKING.contains(&t.low.as_str())) {
            label.push('?');
        }
        self.put(&label, what, says, Some(((a, b), b - 1, sentence)));
    }

    fn put(&mut self, label: &str, what: &str, says: &[&str], place: Option<((usize, usize), usize, usize)>) {
        let mut chars = label.chars();
        let label = cut(chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect()));
        if label.is_empty() || self.list.iter().any(|h| h.label == label) {
            return;
        }
        let own = stems(&label);
        let mut features = Seeing { kind: self.kind as usize, what, features: Vec::new() };
        features.say(format_args!("one"));
        features.say(format_args!("words {}", label.split(' ').count().min(8)));
        for (i, word) in says.iter().enumerate().filter(|(_, word)| !word.is_empty()) {
            features.say(format_args!("says {i} {word}"));
        }
        match self.boxes.iter().position(|node| shared(node, &own) >= SAME) {
            Some(0) => features.say(format_args!("first box")),
            Some(_) => features.say(format_args!("a box")),
            None => features.say(format_args!("no box")),
        }
        if let Some((span, head, sentence)) = place {
            self.look(span, head, sentence, &mut features);
        }
        let features = features.features;
        self.list.push(Heading { label, features });
    }

    fn look(&self, (a, b): (usize, usize), head: usize, sentence: usize, out: &mut Seeing<'_>) {
        let view = self.view;
        let tokens = view.tokens(a, b);
        let head = &view.text.tokens[head];
        let within = view.text.sentences[sentence];
        let far = sentence - view.sentences.0;
        let named = view.all().iter().filter(|t| t.lemma == head.lemma).count();
        out.say(format_args!("sentence {far}"));
        out.say(format_args!("named {} in {far}", named.min(4)));
        out.say(format_args!("head {}", head.lemma));
        out.say(format_args!("opened by {}", tokens[0].low));
        if let Some(before) = a.checked_sub(1).filter(|k| *k >= within.first) {
            out.say(format_args!("after {}", view.text.tokens[before].low));
        }
        let has = |f: &dyn Fn(&Token) -> bool| tokens.iter().any(f);
        let marks = [
            ("number", has(&|t| t.number.is_some())),
            ("pronoun", has(&|t| t.tag == Tag::Pron)),
            ("mine", has(&|t| t.tag == Tag::Poss)),
            ("name", has(&|t| t.tag == Tag::Name)),
            ("verb", has(&|t| matches!(t.tag, Tag::Verb | Tag::Aux | Tag::Modal) && t.form != Form::Ing)),
            ("doing", has(&|t| t.form == Form::Ing)),
            ("plural", head.tag == Tag::Noun && head.low != head.lemma),
            ("from start", a == within.first),
            ("to end", b == within.end),
            ("whole", a == within.first && b == within.end),
            ("asked", view.text.tokens[within.end - 1].stop == Stop::Ask),
            ("timely", view.timely(&Phrase { a, b, head: b - 1 })),
            ("person", view.person(&Phrase { a, b, head: b - 1 })),
        ];
        for (mark, _) in marks.iter().filter(|(_, holds)| *holds) {
            out.say(format_args!("{mark}"));
        }
    }
}

/// What is seen of one candidate, of its sort in all kinds of diagrams and in its own.
struct Seeing<'w> {
    kind: usize,
    what: &'w str,
    features: Features,
}

impl Seeing<'_> {
    fn say(&mut self, what: fmt::Arguments<'_>) {
        let sort = key(format_args!("{} {what}", self.what));
        for name in [key(what), sort, within(self.kind, sort)] {
            if !self.features.iter().any(|(known, _)| *known == name) {
                self.features.push((name, 1.0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::Weights;
    use crate::outline::assemble::assemble;
    use crate::outline::reading::Reading;
    use crate::storyboard::Role;
    use crate::transcript::Transcript;

    fn labels(text: &str, kind: Kind) -> Vec<String> {
        let weights = Weights::default();
        let reading = Reading::of(&Transcript::from_text(text, "en"), &weights);
        let view = reading.view(0, reading.text.sentences.len());
        headings(&view, kind, &assemble(&view, kind)).into_iter().map(|h| h.label).collect()
    }

    fn check(text: &str, kind: Kind, expected: &str) {
        let labels = labels(text, kind);
        assert!(labels.iter().any(|l| l == expected), "{expected}: {labels:?}");
    }

    #[test]
    fn what_reads_like_a_heading_is_a_candidate() {
        check("Why do the spokes break? The rear wheel is dished.", Kind::Causes, "Why do the spokes break?");
        check("Here is how a crown is made. I send a scan to the lab.", Kind::Flow, "How a crown is made");
        check("Calling off a match, that is my job. I ring the referee.", Kind::Sequence, "Calling off a match");
        check("A queen is a virgin first. Then she is mated.", Kind::State, "States of a queen");
        check("Wound care. Clean the wound. Dress it.", Kind::Steps, "Wound care");
        check("Let me tell you the life of a bee. It hatches.", Kind::Cycle, "Life of a bee");
    }

    #[test]
    fn what_is_compared_is_a_heading() {
        let weights = Weights::default();
        let reading =
            Reading::of(&Transcript::from_text("The bridge lasts. The implant lasts longer.", "en"), &weights);
        let mut draft = Draft::default();
        let mut thing = |label: &str, value: &str, words| {
            let (a, b) = (draft.node(label, Role::Concept, words), draft.node(value, Role::Concept, words));
            draft.edge(a, b, EdgeType::Relates, "", words);
        };
        thing("bridge", "ten years", [0, 2]);
        thing("implant", "twenty years", [3, 6]);
        let all = headings(&reading.view(0, 2), Kind::Comparison, &draft);
        assert_eq!(all[0].label, "Bridge or implant");
    }

    #[test]
    fn there_is_always_a_heading() {
        for text in ["", "so", "? ? ?", "and then um"] {
            assert!(labels(text, Kind::Steps).iter().all(|l| !l.is_empty()), "{text}");
            assert!(!labels(text, Kind::Steps).is_empty(), "{text}");
        }
    }
}
