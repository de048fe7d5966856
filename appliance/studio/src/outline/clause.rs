//! Clauses: who does what to what, where to, and with which connective.

use super::chunk::{Chunk, Group, Phrase, What, chunk};
use super::normalise::Text;
use super::token::{Stop, Tag, Token};

/// A prepositional phrase.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prepositional {
    /// The preposition, or several in a row.
    pub(crate) prep: String,
    /// Its objects, several when coordinated.
    pub(crate) objects: Vec<Phrase>,
    /// It stands before the verb.
    pub(crate) fronted: bool,
}

/// One clause: at most one verb group with its arguments.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Clause {
    /// Index of its sentence.
    pub(crate) sentence: usize,
    /// First token.
    pub(crate) a: usize,
    /// After the last token.
    pub(crate) b: usize,
    /// Lower-case connectives and sequence words in front: `and`, `then`, `if`...
    pub(crate) lead: Vec<String>,
    /// Its subjects, several when coordinated.
    pub(crate) subjects: Vec<Phrase>,
    /// The subject was left out and is that of the clause before.
    pub(crate) inherited: bool,
    /// The verb group; a fragment has none.
    pub(crate) verb: Option<Group>,
    /// `up` of `pick up`.
    pub(crate) particle: Option<String>,
    /// Objects, or the complement of `is`; all phrases of a fragment.
    pub(crate) objects: Vec<Phrase>,
    /// The second bare object: `gives the guest a key`.
    pub(crate) second: Vec<Phrase>,
    /// Phrases after a comma that rename the one before.
    pub(crate) renames: Vec<Phrase>,
    /// Prepositional phrases.
    pub(crate) preps: Vec<Prepositional>,
    /// Tokens of a predicate adjective.
    pub(crate) adjective: Option<(usize, usize)>,
    /// The subject is a relative pronoun; `subjects` holds what it stands for.
    pub(crate) relative: bool,
    /// `there is`.
    pub(crate) existential: bool,
    /// The sentence is a question.
    pub(crate) question: bool,
}

impl Clause {
    /// The base form of the verb, or nothing.
    pub(crate) fn lemma(&self) -> &str {
        self.verb.as_ref().map_or("", |v| v.lemma.as_str())
    }

    /// Whether one of the connectives is in the list.
    pub(crate) fn led_by(&self, words: &[&str]) -> bool {
        self.lead.iter().any(|lead| words.contains(&lead.as_str()))
    }

    /// Whether it is a condition or a time: `if`, `when`, `once`...
    pub(crate) fn conditional(&self) -> bool {
        self.led_by(&[
            "if", "when", "once", "unless", "whenever", "until", "till", "after", "before", "while", "as", "where",
            "since",
        ])
    }

    /// Whether the verb is denied.
    pub(crate) fn negated(&self) -> bool {
        self.verb.as_ref().is_some_and(|v| v.negated)
    }

    /// Whether the verb is passive.
    pub(crate) fn passive(&self) -> bool {
        self.verb.as_ref().is_some_and(|v| v.passive)
    }

    /// The objects of a preposition, whichever comes first of `names`.
    pub(crate) fn prep(&self, names: &[&str]) -> Option<&Prepositional> {
        self.preps.iter().find(|p| names.contains(&p.prep.as_str()))
    }
}

/// The clauses of a text whose tokens are tagged.
pub(crate) fn clauses(text: &Text) -> Vec<Clause> {
    let mut out: Vec<Clause> = Vec::new();
    for (index, sentence) in text.sentences.iter().enumerate() {
        let chunks = chunk(&text.tokens, sentence.first, sentence.end);
        let question = text.tokens[sentence.end - 1].stop == Stop::Ask;
        let bounds = bounds(&chunks, &text.tokens);
        for pair in bounds.windows(2) {
            let mut clause = parse(&chunks[pair[0]..pair[1]], &text.tokens);
            if clause.a == clause.b {
                continue;
            }
            clause.sentence = index;
            clause.question = question;
            if clause.relative && clause.subjects.is_empty() {
                clause.subjects = antecedent(&chunks[..pair[0]]).into_iter().collect();
                // "That's the thing that prints": the thing is what "that" means.
                let empty = clause.subjects.first().is_some_and(|s| {
                    text.tokens[s.head].is(&["thing", "one", "part", "bit", "place", "guy", "person"])
                });
                if let Some(before) = out.last().filter(|c| empty && c.lemma() == "be" && !c.subjects.is_empty()) {
                    clause.subjects = before.subjects.clone();
                }
            }
            if clause.subjects.is_empty() && clause.verb.is_some() && !clause.existential {
                inherit(&mut clause, &out, index);
            }
            out.push(clause);
        }
    }
    out
}

fn inherit(clause: &mut Clause, before: &[Clause], sentence: usize) {
    let linked = clause.led_by(&["and", "but", "or", "then", "so", "to", "by"]) || clause.lead.is_empty();
    let source =
        before.iter().rev().take_while(|c| c.sentence == sentence).find(|c| !c.subjects.is_empty() && c.verb.is_some());
    if let Some(source) = source
        && linked
        && !source.question
    {
        clause.subjects = source.subjects.clone();
        clause.inherited = true;
    }
}

fn antecedent(chunks: &[Chunk]) -> Option<Phrase> {
    let last = chunks.iter().rev().find(|c| !matches!(c.what, What::Comma))?;
    if let What::Np(phrase) = last.what { Some(phrase) } else { None }
}

/// Start indices of the clauses among the chunks, and the end.
fn bounds(chunks: &[Chunk], tokens: &[Token]) -> Vec<usize> {
    let verbs: Vec<usize> = chunks
        .iter()
        .enumerate()
        .filter(|(i, c)| matches!(&c.what, What::Vg(group) if !inverted(chunks, *i, group)))
        .map(|(i, _)| i)
        .collect();
    let mut out = vec![0];
    if let Some(first) = verbs.first() {
        // A fronted fragment with a colon of its own: "One, ...".
        if let Some(at) = (0..*first).rev().find(|k| {
            matches!(chunks[*k].what, What::Comma) && chunks[*k].a > 0 && tokens[chunks[*k].a - 1].stop == Stop::Colon
        }) {
            out.push(at);
        }
    }
    for pair in verbs.windows(2) {
        let at = boundary(chunks, pair[0], pair[1]);
        if at > *out.last().unwrap_or(&0) {
            out.push(at);
        }
    }
    out.push(chunks.len());
    out.dedup();
    // "If not, the form goes back": the condition has no verb of its own.
    let conditions: Vec<usize> = out.windows(2).filter_map(|pair| bare_condition(chunks, pair[0], pair[1])).collect();
    out.extend(conditions);
    out.sort_unstable();
    out.dedup();
    out
}

/// The comma after a condition without a verb that opens the chunks `from..to`.
fn bare_condition(chunks: &[Chunk], from: usize, to: usize) -> Option<usize> {
    let sub = (from..to)
        .find(|k| !matches!(chunks[*k].what, What::Comma | What::Conj | What::Mark | What::Other | What::Adv))?;
    if !matches!(&chunks[sub].what, What::Sub(word) if matches!(word.as_str(), "if" | "unless" | "when" | "once")) {
        return None;
    }
    let comma = (sub + 1..to).find(|k| matches!(chunks[*k].what, What::Comma | What::Vg(_)))?;
    (matches!(chunks[comma].what, What::Comma) && comma + 1 < to).then_some(comma)
}

/// `do you check`: the auxiliary before the subject belongs to the verb after it.
fn inverted(chunks: &[Chunk], i: usize, group: &Group) -> bool {
    group.bare_aux
        && (group.modal.is_some() || matches!(group.lemma.as_str(), "do" | "have" | "be"))
        && matches!(chunks.get(i + 1).map(|c| &c.what), Some(What::Np(_)))
        && matches!(chunks.get(i + 2).map(|c| &c.what), Some(What::Vg(next)) if !next.bare_aux && !next.infinitive)
        && (i == 0 || !matches!(chunks[i - 1].what, What::Np(_)))
}

fn boundary(chunks: &[Chunk], from: usize, to: usize) -> usize {
    let range = from + 1..to;
    let back_up = |mut at: usize| {
        while at > from + 1 && matches!(chunks[at - 1].what, What::Comma | What::Conj | What::Mark) {
            at -= 1;
        }
        at
    };
    if let Some(at) = range.clone().rev().find(|k| matches!(chunks[*k].what, What::Sub(_) | What::Wh(_))) {
        return back_up(at);
    }
    let conj = range.clone().rev().find(|k| matches!(chunks[*k].what, What::Conj));
    let comma_conj = range
        .clone()
        .rev()
        .find(|k| matches!(chunks[*k].what, What::Conj) && *k > 0 && matches!(chunks[*k - 1].what, What::Comma));
    if let Some(at) = comma_conj.or(conj) {
        return back_up(at);
    }
    if let Some(at) = range.clone().rev().find(|k| matches!(chunks[*k].what, What::Mark)) {
        return back_up(at);
    }
    if let Some(at) = range.rev().find(|k| matches!(chunks[*k].what, What::Comma)) {
        return at;
    }
    let infinitive = matches!(&chunks[to].what, What::Vg(group) if group.infinitive || group.gerund);
    // "The clerk who checks the form sends it": the second verb belongs to the clerk.
    let relative = from > 0
        && matches!(&chunks[from - 1].what, What::Wh(word) if matches!(word.as_str(), "who" | "which" | "that"));
    let direct =
        to > from + 1 && matches!(chunks[to - 1].what, What::Np(_)) && !matches!(chunks[to - 2].what, What::Prep(_));
    let preposition = to > from + 1 && matches!(chunks[to - 1].what, What::Prep(_));
    if (direct && !infinitive && !relative) || preposition { to - 1 } else { to }
}

/// Phrases joined by commas and conjunctions from chunk `i` on, and the index after them.
fn list(chunks: &[Chunk], i: usize, tokens: &[Token]) -> (Vec<Phrase>, usize) {
    let mut out: Vec<Phrase> = Vec::new();
    let pronoun = chunks.get(i).is_some_and(|c| c.a < c.b && tokens[c.a].tag == Tag::Pron);
    let mut k = i;
    let phrase_at = |k: usize| match chunks.get(k).map(|c| &c.what) {
        Some(What::Np(phrase)) => Some(*phrase),
        _ => None,
    };
    let Some(first) = phrase_at(k) else { return (out, i) };
    out.push(first);
    k += 1;
    if chunks[i].b == chunks[i].a + 1 && pronoun && matches!(chunks.get(k).map(|c| &c.what), Some(What::Comma)) {
        return (out, k);
    }
    loop {
        // "the deputy for prevention and ...": the qualifier belongs to the item; examples do not.
        if let (Some(What::Prep(prep)), Some(qualifier), after) =
            (chunks.get(k).map(|c| &c.what), phrase_at(k + 1), chunks.get(k + 2).map(|c| &c.what))
            && matches!(prep.as_str(), "for" | "like")
            && (matches!(after, Some(What::Comma | What::Conj)) || (after.is_none() && out.len() > 1))
        {
            if prep == "for"
                && let Some(last) = out.last_mut()
            {
                last.b = qualifier.b;
            }
            k += 2;
        }
        let comma = matches!(chunks.get(k).map(|c| &c.what), Some(What::Comma));
        let conj_at = k + usize::from(comma);
        let conj = matches!(chunks.get(conj_at).map(|c| &c.what), Some(What::Conj));
        let mut next = conj_at + usize::from(conj);
        if !comma && !conj {
            return (out, k);
        }
        if matches!(chunks.get(next).map(|c| &c.what), Some(What::Mark | What::Adv)) {
            next += 1;
        }
        let Some(phrase) = phrase_at(next) else { return (out, k) };
        if phrase.b == phrase.a + 1 && tokens[phrase.a].is(&["it", "they", "we", "you", "i", "he", "she"]) {
            return (out, k);
        }
        if comma && !conj && !conj_follows(chunks, next + 1) {
            return (out, k);
        }
        out.push(phrase);
        k = next + 1;
    }
}

/// Whether a list that goes on with a comma ends with a conjunction.
fn conj_follows(chunks: &[Chunk], from: usize) -> bool {
    for chunk in chunks.iter().skip(from).take(16) {
        match chunk.what {
            What::Conj => return true,
            What::Comma | What::Np(_) | What::Prep(_) | What::Adv | What::Mark => {}
            _ => return false,
        }
    }
    false
}

fn parse(chunks: &[Chunk], tokens: &[Token]) -> Clause {
    let mut clause = Clause::default();
    let (Some(first), Some(last)) = (chunks.iter().find(|c| c.a < c.b), chunks.iter().rev().find(|c| c.a < c.b)) else {
        return clause;
    };
    (clause.a, clause.b) = (first.a, last.b);
    let mut start = 0;
    while let Some(chunk) = chunks.get(start) {
        match &chunk.what {
            What::Conj | What::Mark | What::Sub(_) => clause.lead.push(tokens[chunk.a].low.clone()),
            What::Wh(word) => {
                clause.lead.push(word.clone());
                clause.relative = matches!(word.as_str(), "which" | "that" | "who");
            }
            What::Comma | What::Adv | What::Other => {
                if chunk.a < chunk.b {
                    clause.existential |= tokens[chunk.a].tag == Tag::There;
                    clause.lead.push(tokens[chunk.a].low.clone());
                }
            }
            What::Prep(prep) if matches!(chunks.get(start + 1).map(|c| &c.what), Some(What::Vg(_))) => {
                clause.lead.push(prep.clone());
            }
            _ => break,
        }
        start += 1;
    }
    let verb =
        (start..chunks.len()).find(|i| matches!(&chunks[*i].what, What::Vg(group) if !inverted(chunks, *i, group)));
    let Some(verb) = verb else {
        arguments(&mut clause, chunks, start, tokens);
        return clause;
    };
    clause.existential |= chunks[start..verb].iter().any(|c| c.a < c.b && tokens[c.a].tag == Tag::There);
    for i in start..verb {
        match &chunks[i].what {
            What::Mark | What::Sub(_) | What::Wh(_) => clause.lead.push(tokens[chunks[i].a].low.clone()),
            What::Vg(_) => clause.lead.push("?".to_owned()),
            _ => {}
        }
    }
    subject(&mut clause, chunks, start, verb);
    if let What::Vg(group) = &chunks[verb].what {
        clause.verb = Some((**group).clone());
        if group.infinitive {
            clause.lead.push("to".to_owned());
        }
    }
    if !clause.subjects.is_empty() {
        clause.relative = false;
    }
    arguments(&mut clause, chunks, verb + 1, tokens);
    clause
}

/// Reads the subject and fronted prepositional phrases from `start..verb`, from the verb backwards.
fn subject(clause: &mut Clause, chunks: &[Chunk], start: usize, verb: usize) {
    let mut i = verb;
    while i > start {
        i -= 1;
        let What::Np(phrase) = chunks[i].what else { continue };
        if i > start
            && let What::Prep(prep) = &chunks[i - 1].what
        {
            clause.preps.insert(0, Prepositional { prep: prep.clone(), objects: vec![phrase], fronted: true });
            i -= 1;
            continue;
        }
        if clause.subjects.is_empty() {
            let mut first = i;
            let mut group = vec![phrase];
            let mut conj = false;
            while let Some(before) = first.checked_sub(1).filter(|k| *k > start) {
                let joint = match chunks[before].what {
                    What::Conj => {
                        conj = true;
                        let comma = matches!(chunks[before - 1].what, What::Comma);
                        if comma && before - 1 > start { before - 2 } else { before - 1 }
                    }
                    What::Comma if conj => before - 1,
                    _ => break,
                };
                let What::Np(other) = chunks[joint].what else { break };
                if joint > start && matches!(chunks[joint - 1].what, What::Prep(_)) {
                    break;
                }
                group.insert(0, other);
                first = joint;
                if joint == start {
                    break;
                }
            }
            clause.subjects = group;
            i = first;
        } else {
            clause.preps.insert(0, Prepositional { prep: String::new(), objects: vec![phrase], fronted: true });
        }
    }
}

/// Reads what follows the verb.
fn arguments(clause: &mut Clause, chunks: &[Chunk], from: usize, tokens: &[Token]) {
    let mut k = from;
    let mut comma = false;
    while let Some(chunk) = chunks.get(k) {
        match &chunk.what {
            What::Prep(prep) => {
                let (objects, next) = list(chunks, k + 1, tokens);
                if objects.is_empty() {
                    if clause.particle.is_none() {
                        clause.particle = Some(prep.clone());
                    }
                    k += 1;
                } else {
                    clause.preps.push(Prepositional { prep: prep.clone(), objects, fronted: false });
                    k = next;
                }
                comma = false;
                continue;
            }
            What::Np(_) => {
                let (objects, next) = list(chunks, k, tokens);
                if clause.objects.is_empty() && clause.adjective.is_none() {
                    clause.objects = objects;
                } else if comma || clause.verb.is_none() {
                    clause.renames.extend(objects);
                } else if clause.second.is_empty() {
                    clause.second = objects;
                } else {
                    clause.renames.extend(objects);
                }
                k = next;
                comma = false;
                continue;
            }
            What::Adj if clause.adjective.is_none() => {
                let a = if k > from && matches!(chunks[k - 1].what, What::Adv) { chunks[k - 1].a } else { chunk.a };
                clause.adjective = Some((a, chunk.b));
            }
            What::Part if clause.particle.is_none() => clause.particle = Some(tokens[chunk.a].low.clone()),
            What::Comma => comma = true,
            _ => {}
        }
        k += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::lexicon::Lexicon;
    use crate::outline::{normalise::normalise, tag::tag};
    use crate::transcript::Transcript;

    fn words(text: &Text, phrases: &[Phrase]) -> String {
        let list: Vec<_> = phrases
            .iter()
            .map(|p| text.tokens[p.a..p.b].iter().map(|t| t.low.as_str()).collect::<Vec<_>>().join(" "))
            .collect();
        list.join("+")
    }

    fn check(input: &str, expected: &[&str]) {
        let mut text = normalise(&Transcript::from_text(input, "en"), Lexicon::english());
        for s in text.sentences.clone() {
            tag(&mut text.tokens[s.first..s.end], Lexicon::english());
        }
        let got: Vec<String> = clauses(&text)
            .iter()
            .map(|c| format!("{}|{}|{}", words(&text, &c.subjects), c.lemma(), words(&text, &c.objects)))
            .collect();
        assert_eq!(got, expected, "{input}");
    }

    #[test]
    fn who_does_what() {
        check("The clerk checks the form and the boss signs it.", &["the clerk|check|the form", "the boss|sign|it"]);
        check("If the tank is full, you close the valve.", &["the tank|be|", "you|close|the valve"]);
        check("Traffic from the browser hits a cache.", &["traffic|hit|a cache"]);
        check("The depot has trucks, vans and two cranes.", &["the depot|have|trucks+vans+2 cranes"]);
        check("The form goes to the bank, which checks it.", &["the form|go|", "the bank|check|it"]);
        check("First you wash the fruit, then peel it.", &["you|wash|the fruit", "you|peel|it"]);
        check("Milk, eggs and flour.", &["||milk+eggs+flour"]);
    }
}
