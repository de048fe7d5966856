//! Messages between actors, in spoken order.

use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::coref::Entities;
use crate::outline::draft::Draft;
use crate::outline::learn::boxes::{SAME, shared, stems};
use crate::outline::view::{View, cut};
use crate::storyboard::{EdgeType, Role};

/// The object is who is addressed: `asks the bank for ...`.
const ADDRESS: &[&str] = &[
    "ask",
    "tell",
    "call",
    "notify",
    "inform",
    "contact",
    "query",
    "phone",
    "ring",
    "email",
    "alert",
    "remind",
    "warn",
    "invite",
    "page",
    "message",
    "thank",
    "advise",
    "clear",
    "instruct",
    "consult",
    "poll",
    "challenge",
    "prompt",
];
/// Something goes to somebody: `sends the bank a form`, `sends a form to the bank`.
const TRANSFER: &[&str] = &[
    "send", "give", "hand", "return", "pass", "forward", "post", "issue", "show", "relay", "submit", "report",
    "deliver", "offer", "read", "write", "bring", "push", "publish", "redirect", "transfer", "upload", "confirm",
    "present", "set", "print", "mail", "propose", "transmit", "order", "announce", "explain", "request", "pay",
    "route", "dispatch", "connect", "quote", "serve", "tap", "click", "insert", "type", "enter", "swap", "fetch",
    "get", "look", "check", "place", "log",
];
/// Of those, what says too little without its verb: `read the prices`.
const TAKES: &[&str] = &[
    "read", "write", "set", "print", "tap", "click", "type", "enter", "fetch", "get", "look", "check", "log", "request",
];
/// An answer goes to who spoke last: `replies with ...`.
const ANSWER: &[&str] = &["answer", "reply", "respond", "come", "acknowledge", "confirm", "say", "agree", "accept"];

/// The exchange of a scene.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut entities = Entities::speaking();
    let mut messages: Vec<(usize, usize, String, &Clause)> = Vec::new();
    for clause in view.clauses {
        let Some(verb) = &clause.verb else { continue };
        if verb.negated || clause.question || verb.former {
            if let Some(subject) = clause.subjects.first() {
                entities.resolve(view, subject, true);
            }
            continue;
        }
        let Some(sender) =
            clause.subjects.first().filter(|s| actor(view, s)).and_then(|s| entities.resolve(view, s, true))
        else {
            continue;
        };
        let receiver = receiver(view, clause, &mut entities, &messages, sender);
        if let Some((receiver, content)) = receiver
            && receiver != sender
        {
            let label = label(view, clause, content);
            messages.push((sender, receiver, label, clause));
        }
        entities.about(sender);
    }
    let mut draft = Draft::default();
    for (sender, receiver, label, clause) in messages {
        let words = view.words(clause.a, clause.b);
        let mut node = |at: usize| draft.thing(&entities.list[at], Role::Actor);
        let (from, to) = (node(sender), node(receiver));
        draft.message(from, to, EdgeType::Message, &label, words);
    }
    draft
}

/// Whether a phrase can act: a name or noun, or a pronoun for one; not `you` and `we`, which mostly mean nobody.
fn actor(view: &View<'_>, phrase: &Phrase) -> bool {
    let word = view.text.tokens[phrase.head].low.as_str();
    !(view.pronoun(phrase) && matches!(word, "you" | "we" | "there" | "what" | "nobody" | "everything"))
}

/// Who is addressed, and the phrase that is sent.
fn receiver(
    view: &View<'_>,
    clause: &Clause,
    entities: &mut Entities,
    messages: &[(usize, usize, String, &Clause)],
    sender: usize,
) -> Option<(usize, Option<Phrase>)> {
    let lemma = clause.lemma();
    let object = clause.objects.first().copied();
    let target = clause.prep(&["to", "with", "at", "from", "in", "into", "up in", "on"]);
    let back = || messages.iter().rev().find(|m| m.1 == sender).map(|m| m.0);
    if ADDRESS.contains(&lemma)
        && let Some(object) = object
        && (!view.pronoun(&object)
            || matches!(view.text.tokens[object.head].low.as_str(), "it" | "him" | "her" | "them" | "me"))
    {
        let about = clause.prep(&["for", "about", "to", "with"]).and_then(|p| p.objects.first().copied());
        return Some((entities.resolve(view, &object, false)?, clause.second.first().copied().or(about)));
    }
    if TRANSFER.contains(&lemma) {
        if let Some(object) = object
            && !clause.second.is_empty()
        {
            return Some((entities.resolve(view, &object, false)?, clause.second.first().copied()));
        }
        if let Some(goal) = target.and_then(|p| p.objects.first()).filter(|g| !view.pronoun(g) || lemma != "read") {
            return Some((entities.resolve(view, goal, false)?, object));
        }
        if object.is_some_and(|o| entities.find(view, &o).is_some_and(|e| e != sender)) {
            return Some((entities.resolve(view, &object?, false)?, None));
        }
        return Some((back()?, object));
    }
    if ANSWER.contains(&lemma) {
        let content = clause.prep(&["with"]).and_then(|p| p.objects.first().copied()).or(object);
        return Some((back()?, content));
    }
    // "checks in with departure", "talks to the desk"
    if let Some(goal) = clause.prep(&["to", "with"]).and_then(|p| p.objects.first())
        && entities.find(view, goal).is_some()
    {
        return Some((entities.resolve(view, goal, false)?, object));
    }
    None
}

fn label(view: &View<'_>, clause: &Clause, content: Option<Phrase>) -> String {
    match content.filter(|p| !view.pronoun(p)) {
        Some(phrase) => view.label(&phrase),
        None => deed(clause),
    }
}

/// The verb of a clause with what belongs to it.
fn deed(clause: &Clause) -> String {
    clause.particle.as_deref().map_or_else(|| clause.lemma().to_owned(), |p| format!("{} {p}", clause.lemma()))
}

/// Whether a clause says that somebody does something, so that it may be a message: `is` and `has` do not.
pub(crate) fn tells(clause: &Clause) -> bool {
    clause.verb.is_some()
        && (clause.passive() || !matches!(clause.lemma(), "be" | "have" | "do" | "" | "let" | "become"))
}

/// What goes between two parties by a clause, beside the arrow: the thing that is sent, or else what is done and with
/// what; nothing where the clause only says that something is.
pub(crate) fn wording(view: &View<'_>, clause: &Clause, parties: [&str; 2]) -> String {
    if !tells(clause) {
        return String::new();
    }
    let parties = parties.map(stems);
    let thing = |phrase: &Phrase| {
        let own = stems(&view.label(phrase));
        let party = parties.iter().any(|party| shared(party, &own) >= SAME);
        (!view.pronoun(phrase) && !view.timely(phrase) && !own.is_empty() && !party).then(|| view.label(phrase))
    };
    let direct = if clause.passive() { &clause.subjects } else { &clause.objects };
    if let Some(label) = direct.iter().chain(&clause.second).find_map(thing) {
        let goes = TRANSFER.contains(&clause.lemma()) && !TAKES.contains(&clause.lemma());
        return if goes { label } else { cut(format!("{} {label}", deed(clause))) };
    }
    let about = clause.preps.iter().filter(|p| matches!(p.prep.as_str(), "for" | "about" | "with" | "of"));
    match about.filter_map(|p| Some((p.prep.as_str(), p.objects.iter().find_map(thing)?))).next() {
        Some((prep, label)) => cut(format!("{} {prep} {label}", deed(clause))),
        None => deed(clause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::Weights;
    use crate::outline::reading::Reading;
    use crate::transcript::Transcript;

    fn check(text: &str, parties: [&str; 2], expected: &str) {
        let weights = Weights::default();
        let reading = Reading::of(&Transcript::from_text(text, "en"), &weights);
        let view = reading.view(0, 1);
        assert_eq!(wording(&view, &view.clauses[0], parties), expected, "{text}");
    }

    #[test]
    fn beside_an_arrow_stands_what_goes_along_it() {
        check("The clerk sends the form to the bank.", ["clerk", "bank"], "form");
        check("The user asks the browser for a new password.", ["user", "browser"], "ask for new password");
        check("The app stores a hash in the database.", ["app", "database"], "store hash");
        check("The desk reads the prices from the server.", ["desk", "server"], "read prices");
        check("The nurse calls the doctor.", ["nurse", "doctor"], "call");
        check("It is a talk between the browser and the app.", ["browser", "app"], "");
    }
}
