//! How the rules read a talk, as text: for those who work on the rules.

use super::learn::Weights;
use super::reading::Reading;
use super::{kind, scenes, view::View};
use crate::transcript::Transcript;

/// One line a clause, under each scene's ranking of kinds: `subjects | verb | objects | prepositional phrases`.
pub(crate) fn explain(transcript: &Transcript) -> String {
    let reading = Reading::of(transcript, Weights::built_in());
    let mut out = String::new();
    for (from, to) in scenes::split(&reading) {
        let view = reading.view(from, to);
        let ranking: Vec<String> = kind::rank(&view).iter().take(5).map(|(k, s)| format!("{k} {s:.2}")).collect();
        out.push_str(&format!("== {}\n", ranking.join(", ")));
        for c in view.clauses {
            let list = |phrases: &[super::chunk::Phrase]| {
                phrases.iter().map(|p| words(&view, p.a, p.b)).collect::<Vec<_>>().join(" + ")
            };
            let preps: Vec<String> = c
                .preps
                .iter()
                .map(|p| format!("{}{}: {}", if p.fronted { "^" } else { "" }, p.prep, list(&p.objects)))
                .collect();
            let tags: Vec<String> = view.tokens(c.a, c.b).iter().map(|t| format!("{}/{:?}", t.low, t.tag)).collect();
            out.push_str(&format!(
                "[{}] {} | {}{} {} | {} ; {} ; {} | {}\n      {}\n",
                c.lead.join(" "),
                list(&c.subjects),
                c.lemma(),
                if c.passive() { " (passive)" } else { "" },
                c.particle.clone().unwrap_or_default(),
                list(&c.objects),
                list(&c.second),
                list(&c.renames),
                preps.join(", "),
                tags.join(" ")
            ));
        }
    }
    out
}

fn words(view: &View<'_>, a: usize, b: usize) -> String {
    view.tokens(a, b).iter().map(|t| t.low.as_str()).collect::<Vec<_>>().join(" ")
}
