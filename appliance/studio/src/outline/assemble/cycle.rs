//! Stages that end where they began.

use super::flow;
use crate::outline::chunk::Phrase;
use crate::outline::coref::Entities;
use crate::outline::draft::Draft;
use crate::outline::view::View;
use crate::storyboard::{EdgeType, Role, WordRange};

const MOTION: &[&str] = &[
    "go", "run", "flow", "move", "pass", "enter", "reach", "start", "begin", "come", "travel", "feed", "force", "pump",
    "suck", "turn", "become", "return", "send", "push", "lead",
];
const GOALS: &[&str] = &[
    "to",
    "into",
    "in",
    "through",
    "on to",
    "onto",
    "back to",
    "back into",
    "with",
    "off into",
    "off to",
    "off in",
    "on into",
    "back in",
];

/// The stages of a scene, each leading to the next and the last one to the first.
pub(crate) fn assemble(view: &View<'_>) -> Draft {
    let mut entities = Entities::default();
    // Stage, words, and the stage it is said to come from.
    let mut stages: Vec<(usize, WordRange, Option<usize>)> = Vec::new();
    for clause in view.clauses {
        let words = view.words(clause.a, clause.b);
        let back = clause.particle.as_deref() == Some("back")
            || view.tokens(clause.a, clause.b).iter().any(|t| t.low == "back");
        let then = clause.led_by(&["then", "next", "after", "and"])
            || clause.preps.iter().any(|p| p.fronted && p.prep == "after");
        let goal = clause
            .preps
            .iter()
            .find(|p| !p.fronted && GOALS.contains(&p.prep.as_str()))
            .and_then(|p| p.objects.first());
        let stage: Option<Phrase> = if clause.negated() {
            None
        } else if MOTION.contains(&clause.lemma()) {
            goal.copied().or_else(|| clause.objects.first().copied())
        } else if (clause.existential || matches!(clause.lemma(), "be" | "do")) && then {
            clause.subjects.first().filter(|s| !view.pronoun(s)).or(clause.objects.first()).copied()
        } else {
            clause.subjects.first().copied().filter(|s| entities.find(view, s).is_some())
        };
        let Some(stage) = stage.filter(|p| !view.pronoun(p)) else { continue };
        if entities.find(view, &stage).is_none() && back {
            continue;
        }
        let from = clause.preps.iter().find(|p| p.prep == "from").and_then(|p| p.objects.first());
        let from = from.and_then(|o| entities.find(view, o));
        if let Some(at) = entities.resolve(view, &stage, true)
            && (stages.last().map(|s| s.0) != Some(at) || from.is_some())
        {
            stages.push((at, words, from));
        }
    }
    let mut draft = Draft::default();
    let mut before: Option<usize> = None;
    for (at, words, source) in &stages {
        let node = draft.node(&entities.list[*at].label, Role::Activity, *words);
        let source = source.and_then(|s| draft.nodes.iter().position(|n| n.label == entities.list[s].label));
        if let Some(from) = source.or(before) {
            draft.edge(from, node, EdgeType::Then, "", *words);
        }
        before = Some(node);
    }
    if draft.nodes.len() < 3 {
        draft = flow::assemble(view);
    }
    close(&mut draft);
    draft
}

/// Leads the end back to the beginning, unless the talk did.
fn close(draft: &mut Draft) {
    if draft.nodes.len() < 3 || draft.edges.iter().any(|e| e.to == 0) {
        return;
    }
    let last = draft.nodes.len() - 1;
    let evidence = draft.nodes[last].evidence;
    draft.edge(last, 0, EdgeType::Then, "", evidence);
}
