//! What tells the kinds of scenes apart.

use super::linear::{Features, key, steps};
use crate::outline::token::{NumberStyle, Tag};
use crate::outline::view::View;
use crate::storyboard::Kind;

/// The features of a scene: the scores of the cue rules, its words and pairs of words, and how its clauses are built.
pub(crate) fn features(view: &View<'_>, cued: &[(Kind, f64)]) -> Features {
    let mut out: Features = vec![(key(format_args!("one")), 1.0)];
    for (kind, score) in cued {
        out.push((key(format_args!("cue {kind}")), score.min(6.0) / 2.0));
    }
    if let Some((kind, _)) = cued.first() {
        out.push((key(format_args!("top {kind}")), 1.0));
    }
    words(view, &mut out);
    build(view, &mut out);
    acting(view, &mut out);
    out
}

fn words(view: &View<'_>, out: &mut Features) {
    let tokens = view.all();
    // A word said often says more, but less each time; a long scene says more words.
    let mut names: Vec<u64> = Vec::with_capacity(tokens.len() * 2);
    for (i, token) in tokens.iter().enumerate() {
        let word = if token.number.is_some() { "#" } else { token.lemma.as_str() };
        names.push(key(format_args!("w {word}")));
        if let Some(next) = tokens.get(i + 1).filter(|_| !token.stop.closes()) {
            let after = if next.number.is_some() { "#" } else { next.lemma.as_str() };
            names.push(key(format_args!("w {word} {after}")));
        }
    }
    names.sort_unstable();
    for group in names.chunk_by(|a, b| a == b) {
        out.push((group[0], 0.5 * (group.len() as f64).sqrt()));
    }
}

fn build(view: &View<'_>, out: &mut Features) {
    let clauses = view.clauses;
    let count = |f: &dyn Fn(&crate::outline::clause::Clause) -> bool| clauses.iter().filter(|c| f(c)).count() as f64;
    let all = (clauses.len().max(1)) as f64;
    let head = |c: &crate::outline::clause::Clause| c.subjects.first().map(|s| &view.text.tokens[s.head]);
    let ifs = count(&|c| c.led_by(&["if", "unless", "otherwise"]));
    let people = count(&|c| c.subjects.first().is_some_and(|s| !view.pronoun(s) && view.person(s)));
    let mut actors: Vec<&str> = clauses
        .iter()
        .filter(|c| !c.inherited && c.verb.is_some())
        .filter_map(|c| c.subjects.first().filter(|s| !view.pronoun(s)))
        .map(|s| view.text.tokens[s.head].lemma.as_str())
        .collect();
    let named = actors.len() as f64;
    actors.sort_unstable();
    let repeated = actors.chunk_by(|a, b| a == b).filter(|g| g.len() > 1).count() as f64;
    actors.dedup();
    let tokens = view.all();
    let style =
        |style: NumberStyle| tokens.iter().filter(|t| t.number.is_some_and(|n| n.style == style)).count() as f64;
    let rates = [
        ("conditions", ifs / all),
        ("people", people / all),
        ("named subjects", named / all),
        ("passive", count(&|c| c.passive()) / all),
        ("past", count(&|c| c.verb.as_ref().is_some_and(|v| v.past && !v.passive)) / all),
        ("fragments", count(&|c| c.verb.is_none()) / all),
        ("being", count(&|c| c.lemma() == "be" && !c.existential) / all),
        ("having", count(&|c| c.lemma() == "have") / all),
        ("existential", count(&|c| c.existential) / all),
        ("questions", count(&|c| c.question) / all),
        ("negated", count(&|c| c.negated()) / all),
        ("lists", count(&|c| c.objects.len() >= 2) / all),
        ("adjectives", count(&|c| c.adjective.is_some()) / all),
        ("you", count(&|c| head(c).is_some_and(|t| t.is(&["you", "we"]))) / all),
        ("it", count(&|c| head(c).is_some_and(|t| t.is(&["it"]))) / all),
        ("orders", count(&|c| c.subjects.is_empty() && c.verb.as_ref().is_some_and(|v| !v.gerund)) / all),
        ("modal", count(&|c| c.verb.as_ref().is_some_and(|v| v.modal.is_some())) / all),
        ("cardinals", style(NumberStyle::Cardinal) / all),
        ("dates", (style(NumberStyle::Year) + style(NumberStyle::Clock)) / all),
        ("names", tokens.iter().filter(|t| t.tag == Tag::Name).count() as f64 / all),
        ("goals", count(&|c| c.prep(&["to", "into"]).is_some()) / all),
    ];
    for (name, rate) in rates {
        out.push((key(format_args!("rate {name}")), 4.0 * rate.min(1.0)));
        // How the rate compares, in steps: what is none at all differs from little.
        let step = if rate == 0.0 {
            "none"
        } else if rate < 0.08 {
            "few"
        } else if rate < 0.2 {
            "some"
        } else {
            "many"
        };
        out.push((key(format_args!("{step} {name}")), 0.5));
    }
    for (name, number) in [("ifs", ifs), ("actors", actors.len() as f64), ("returning", repeated)] {
        out.push((key(format_args!("{name} {}", number.min(8.0))), 0.5));
    }
}

/// Who acts: how many do, how much is done by somebody named, how often the work changes hands, and to whom what is done
/// goes.
fn acting(view: &View<'_>, out: &mut Features) {
    let mut doers: Vec<(&str, bool)> = Vec::new();
    let (mut deeds, mut named, mut addressed) = (0.0, 0.0, 0.0);
    for clause in view.clauses {
        let Some(verb) = clause.verb.as_ref().filter(|v| !matches!(v.lemma.as_str(), "be" | "have")) else { continue };
        deeds += 1.0;
        let phrase =
            if verb.passive { clause.prep(&["by"]).and_then(|p| p.objects.first()) } else { clause.subjects.first() };
        let Some(phrase) = phrase.filter(|p| !view.pronoun(p)) else { continue };
        named += 1.0;
        let head = view.text.tokens[phrase.head].lemma.as_str();
        doers.push((head, view.person(phrase)));
        let mut ends = clause.objects.iter().chain(&clause.second).chain(clause.preps.iter().flat_map(|p| &p.objects));
        let known = |head: &str| doers.iter().any(|d| d.0 == head);
        if ends.any(|e| !view.pronoun(e) && (view.person(e) || known(&view.text.tokens[e.head].lemma))) {
            addressed += 1.0;
        }
    }
    let all = f64::max(deeds, 1.0);
    let handed = doers.windows(2).filter(|w| w[0].0 != w[1].0).count() as f64;
    let people = doers.iter().filter(|d| d.1).count() as f64;
    let mut who: Vec<&str> = doers.iter().map(|d| d.0).collect();
    who.sort_unstable();
    let again = who.chunk_by(|a, b| a == b).filter(|g| g.len() > 1).count() as f64;
    who.dedup();
    let shares: &[f64] = &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
    let counts: &[f64] = &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 9.0];
    steps(out, "done by named", named / all, shares);
    steps(out, "done by people", people / all, shares);
    steps(out, "done to people", addressed / all, shares);
    steps(out, "changes hands", handed / all, shares);
    steps(out, "doers", who.len() as f64, counts);
    steps(out, "doers again", again, counts);
    steps(out, "doers of named", who.len() as f64 / named.max(1.0), shares);
}
