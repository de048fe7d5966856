//! Events with their times.

use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::numbers::MONTHS;
use crate::outline::token::{NumberStyle, Tag, Token};
use crate::outline::view::{LABEL_WORDS, View, cut, within};
use crate::storyboard::Role;

const DAYS: &[&str] = &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const PARTS: &[&str] = &[
    "morning",
    "afternoon",
    "evening",
    "midnight",
    "noon",
    "midday",
    "night",
    "lunchtime",
    "spring",
    "summer",
    "autumn",
    "winter",
];

/// What besides is said of a time.
const SPANS: &[&str] = &[
    "minute",
    "hour",
    "day",
    "week",
    "weekend",
    "fortnight",
    "month",
    "year",
    "decade",
    "century",
    "age",
    "easter",
    "christmas",
    "half",
    "quarter",
    "past",
    "ago",
    "later",
    "before",
    "after",
    "early",
    "mid",
    "late",
    "end",
    "the",
    "of",
    "in",
    "at",
    "on",
    "by",
    "to",
    "about",
    "around",
    "until",
    "from",
    "since",
    "next",
    "same",
    "am",
    "pm",
    "a.m",
    "p.m",
    "bc",
    "ad",
    "o'clock",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "twenty",
    "thirty",
];

/// The events of a scene in spoken order.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut draft = Draft::default();
    let mut pending: Option<String> = None;
    let mut sentence = usize::MAX;
    let mut subject: Option<Phrase> = None;
    for (i, clause) in view.clauses.iter().enumerate() {
        if clause.sentence != sentence {
            sentence = clause.sentence;
            // "At nine." on its own names the time of the sentence after it, and of no other.
            pending = pending.filter(|_| {
                i > 0 && view.clauses[i - 1].verb.is_none() && view.clauses[i - 1].sentence + 1 == sentence
            });
        }
        let time = time(view.tokens(clause.a, clause.b))
            .filter(|t| clause.verb.is_some() || t.chars().any(|c| c.is_ascii_digit()));
        // "It started on Monday, when ...": the event is in the clause that follows.
        let told_later = time.is_some()
            && matches!(clause.lemma(), "start" | "begin" | "be" | "go" | "date" | "happen" | "stay")
            && view.clauses[i + 1..].iter().take(2).any(|n| n.sentence == sentence && n.led_by(&["when"]));
        let label = if told_later { None } else { label(view, clause, subject) };
        if let Some(own) = clause.subjects.first().filter(|s| !view.pronoun(s) && !view.person(s)) {
            subject = Some(*own);
        }
        let Some(time) = time.or_else(|| if label.is_some() { pending.take() } else { None }) else { continue };
        match label {
            Some(label) => {
                let before = draft.nodes.len();
                let at = draft.node(&label, Role::Event, view.words(clause.a, clause.b));
                if draft.nodes.len() > before {
                    draft.nodes[at].time = Some(time);
                }
            }
            None => pending = Some(time),
        }
    }
    super::chain(&mut draft);
    draft
}

fn temporal(token: &Token) -> bool {
    let low = token.low.as_str();
    token.number.is_some_and(|n| matches!(n.style, NumberStyle::Year | NumberStyle::Clock | NumberStyle::Date))
        || DAYS.contains(&low)
        || (MONTHS.contains(&low) && token.text.starts_with(char::is_uppercase))
        || PARTS.contains(&low)
}

/// Whether a label says when and nothing else: `1936`, `March 3`, `week two`, `half past seven`.
pub(crate) fn only_time(label: &str) -> bool {
    label.split_whitespace().all(|word| {
        let low = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let one = low.strip_suffix('s').unwrap_or(&low);
        let listed = |list: &[&str]| list.contains(&low.as_str()) || list.contains(&one);
        low.is_empty()
            || low.starts_with(|c: char| c.is_ascii_digit())
            || [DAYS, &MONTHS, PARTS, SPANS].into_iter().any(listed)
    })
}

/// The time that the tokens name, as spoken, numbers in digits.
pub(crate) fn time(tokens: &[Token]) -> Option<String> {
    let mut words: Vec<&str> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let before = i.checked_sub(1).map_or("", |k| tokens[k].low.as_str());
        let two_digits = (token.low == "one"
            || token.number.is_some_and(|n| n.style == NumberStyle::Cardinal && n.value.fract() == 0.0))
            && matches!(before, "in" | "at" | "by" | "until" | "since" | "from" | "around" | "about")
            && tokens
                .get(i + 1)
                .is_none_or(|next| next.tag != Tag::Noun || token.stop != crate::outline::token::Stop::None);
        if token.low == "later" && i > 0 && tokens[i - 1].tag == Tag::Noun {
            // "three years later": how many is the time.
            if i > 1 && (tokens[i - 2].number.is_some() || tokens[i - 2].is(&["few", "couple", "many", "one"])) {
                words.push(&tokens[i - 2].text);
            }
            words.push(&tokens[i - 1].text);
            words.push(&token.text);
        }
        if temporal(token) || two_digits {
            words.push(&token.text);
        }
    }
    // A part of the day alone says too little.
    let strong = words.iter().any(|w| !PARTS.contains(&w.to_lowercase().as_str()));
    (strong || words.len() > 1).then(|| words.join(" "))
}

/// The event of a clause: who or what, and what happens.
pub(crate) fn event(view: &View<'_>, clause: &Clause) -> Option<String> {
    label(view, clause, None)
}

fn label(view: &View<'_>, clause: &Clause, about: Option<Phrase>) -> Option<String> {
    let timely = |a: usize, b: usize| view.tokens(a, b).iter().any(temporal);
    let useful = |p: &&crate::outline::chunk::Phrase| {
        !view.pronoun(p) && !timely(p.a, p.b) && view.text.tokens[p.head].tag != Tag::Num
    };
    let object = clause.objects.iter().chain(&clause.second).chain(&clause.renames).find(useful);
    let it = clause.subjects.first().is_some_and(|s| view.text.tokens[s.a].low == "it");
    let about = about.filter(|_| it);
    let subject = clause.subjects.iter().find(useful).or(about.as_ref());
    let Some(verb) = &clause.verb else {
        return object.map(|p| view.label(p));
    };
    if clause.question {
        return None;
    }
    if verb.negated {
        return view.negation(clause);
    }
    let participle = view.text.tokens[verb.main].text.to_lowercase();
    let particle = clause.particle.clone();
    let goal = clause.preps.iter().find(|p| !p.fronted && p.objects.iter().any(|o| useful(&o)));
    let mut words: Vec<String> = Vec::new();
    if matches!(verb.lemma.as_str(), "be" | "have") && !verb.passive {
        let place = clause.preps.iter().find(|p| !p.fronted && p.objects.iter().any(|o| useful(&o)));
        if let (None, Some(place), Some(subject)) = (object, place, clause.subjects.first()) {
            let whole = Phrase { a: subject.a, b: subject.b, head: subject.head };
            let who =
                if view.pronoun(&whole) { view.text.tokens[subject.head].low.clone() } else { view.label(&whole) };
            let goal = place.objects.iter().find(|o| useful(o))?;
            return Some(cut(format!("{who} {} {}", place.prep, view.label(goal))));
        }
        let phrase = object.filter(|_| !clause.existential || object.is_some()).or(subject)?;
        return Some(view.label(phrase));
    }
    if verb.passive {
        words.extend(subject.map(|p| view.label(p)));
        words.push(participle);
        words.extend(particle);
        if subject.is_none() {
            let goal = goal?;
            words.push(goal.prep.clone());
            words.extend(goal.objects.first().map(|o| view.label(o)));
        }
    } else {
        words.extend(subject.map(|p| view.label(p)));
        words.push(participle);
        words.extend(particle);
        if let Some(object) = object {
            words.push(view.label(object));
        } else if let Some(goal) = goal {
            words.push(goal.prep.clone());
            words.extend(goal.objects.iter().find(|o| useful(o)).map(|o| view.label(o)));
        }
    }
    if words.len() < 2 {
        return None;
    }
    Some(cut(within(&words.join(" "), LABEL_WORDS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_says_when_and_nothing_else() {
        for label in ["1936", "March 3", "week two", "half past seven", "Tuesday morning", "6:40", "the 1950s", "June"]
        {
            assert!(only_time(label), "{label}");
        }
        for label in ["first baler", "night shift", "fire of 1936", "CSS2", "marching"] {
            assert!(!only_time(label), "{label}");
        }
    }
}
