//! Which clauses are steps, and the wording of conditions.

use crate::outline::clause::Clause;
use crate::outline::token::Tag;
use crate::outline::view::View;

/// Verbs that say how the talk goes on, not what is done.
const LIGHT: &[&str] = &[
    "be",
    "have",
    "do",
    "get",
    "let",
    "mean",
    "seem",
    "happen",
    "depend",
    "start",
    "begin",
    "need",
    "matter",
    "stay",
    "remain",
    "exist",
    "stand",
    "belong",
    "concern",
    "stress",
    "describe",
    "explain",
    "want",
    "like",
    "ask_oneself",
];

/// Whether the clause says something that is done in the process.
pub(crate) fn step(view: &View<'_>, clause: &Clause, mostly_past: bool) -> bool {
    let Some(verb) = &clause.verb else { return false };
    if verb.bare_aux || verb.negated || verb.former || verb.infinitive || clause.existential || clause.question {
        return false;
    }
    if matches!(verb.modal.as_deref(), Some("would" | "could" | "might" | "may" | "should")) {
        return false;
    }
    if view.lexicon.traits(&verb.lemma).mental
        || (LIGHT.contains(&verb.lemma.as_str()) && !verb.passive && !gets(view, clause))
    {
        return false;
    }
    if clause.conditional()
        || clause.led_by(&[
            "because", "which", "that", "who", "to", "where", "what", "how", "why", "like", "although", "though",
            "whereas",
        ])
    {
        return false;
    }
    if verb.past && !verb.passive && !mostly_past {
        return false;
    }
    if let Some(subject) = clause.subjects.first() {
        let word = view.text.tokens[subject.head].low.as_str();
        if subject.b == subject.a + 1 && matches!(word, "that" | "this" | "nobody" | "people") {
            return matches!(word, "this" | "that") && (verb.passive || !clause.objects.is_empty());
        }
        if matches!(word, "me" | "us") {
            return false;
        }
        if subject.b == subject.a + 1 && word == "i" && (verb.past || verb.modal.is_some() || clause.objects.is_empty())
        {
            return false;
        }
    }
    true
}

/// "They get a place": something is given.
fn gets(view: &View<'_>, clause: &Clause) -> bool {
    clause.lemma() == "get"
        && clause.objects.first().is_some_and(|o| !view.pronoun(o))
        && clause.subjects.first().is_some_and(|s| !view.text.tokens[s.head].is(&["we", "i"]))
}

/// Whether most verbs of the scene stand in the past.
pub(crate) fn mostly_past(view: &View<'_>) -> bool {
    let verbs = view.clauses.iter().filter_map(|c| c.verb.as_ref());
    let (past, all) = verbs.fold((0, 0), |(past, all), v| (past + usize::from(v.past && !v.passive), all + 1));
    past * 2 > all
}

/// Whether the clause asks or tells what decides the way on.
pub(crate) fn branch(clause: &Clause) -> bool {
    clause.led_by(&["if", "unless", "otherwise"])
}

/// The wording of a condition, short: `in tolerance`, `not in stock`.
pub(crate) fn wording(view: &View<'_>, clause: &Clause) -> String {
    let tokens = view.tokens(clause.a, clause.b);
    let mut words: Vec<&str> = Vec::new();
    for token in tokens {
        if words.is_empty() && token.is(&["if", "and", "but", "then", "unless", "so", "when", "once", "now", "or"]) {
            if token.low == "unless" {
                words.push("unless");
            }
            continue;
        }
        if matches!(token.tag, Tag::Det | Tag::Intj) && token.low != "no" && token.low != "any" {
            continue;
        }
        let dummy = token.tag == Tag::Pron && token.is(&["it", "they", "you", "we", "he", "she", "there", "that"]);
        if dummy
            || token.tag == Tag::There
            || (token.tag == Tag::Aux && token.lemma == "be")
            || token.is(&["just", "actually", "have", "has", "got"])
        {
            continue;
        }
        words.push(&token.text);
        if words.len() == 5 {
            break;
        }
    }
    let mut out = words.join(" ");
    if out.is_empty() {
        out = if tokens.iter().any(|t| t.tag == Tag::Neg) { "no".to_owned() } else { "yes".to_owned() };
    }
    out.to_lowercase()
}

/// Whether a condition says the opposite of what was said before: `if not`, `otherwise`.
pub(crate) fn contrary(view: &View<'_>, clause: &Clause) -> bool {
    clause.led_by(&["otherwise", "unless"])
        || view.tokens(clause.a, clause.b).iter().any(|t| t.tag == Tag::Neg || t.is(&["no", "else", "nobody"]))
}
