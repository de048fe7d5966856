//! What a person should look at before publishing.

use crate::storyboard::{Kind, ReviewItem, Role, Scene};

/// Below this an element is doubtful.
const DOUBTFUL: f64 = 0.45;

/// Adds what is doubtful about a scene.
pub(crate) fn check(scene: &Scene, review: &mut Vec<ReviewItem>) {
    let mut say = |element: Option<&str>, why: String, words| {
        let target = element.map_or_else(|| scene.id.clone(), |id| format!("{}/{id}", scene.id));
        review.push(ReviewItem { target, why, words, extra: crate::storyboard::Extra::default() });
    };
    if scene.confidence < DOUBTFUL {
        say(None, format!("not sure that this is a {}", scene.kind), Some(scene.words));
    }
    if scene.nodes.is_empty() {
        say(None, "nothing to draw was found".to_owned(), Some(scene.words));
    }
    for node in &scene.nodes {
        let words = node.evidence.first().copied();
        if node.confidence < DOUBTFUL {
            say(Some(&node.id), "not sure of this box".to_owned(), words);
        }
        let outgoing = scene.edges.iter().filter(|e| e.from == node.id).count();
        if node.role == Role::Decision && outgoing == 1 {
            say(Some(&node.id), "what happens otherwise is not said".to_owned(), words);
        }
        let linked = outgoing > 0 || scene.edges.iter().any(|e| e.to == node.id);
        if !linked && matches!(scene.kind, Kind::Flow | Kind::Causes | Kind::Sequence | Kind::State) {
            say(Some(&node.id), "nothing leads here and nothing follows".to_owned(), words);
        }
    }
    for edge in scene.edges.iter().filter(|e| e.confidence < DOUBTFUL) {
        say(Some(&edge.id), "not sure of this arrow".to_owned(), edge.evidence.first().copied());
    }
}

/// Says that a language has no rules of its own yet.
pub(crate) fn language(lang: &str, review: &mut Vec<ReviewItem>) {
    review.push(ReviewItem {
        target: "s1".to_owned(),
        why: format!("no rules for language `{lang}`: drawn as plain steps"),
        words: None,
        extra: crate::storyboard::Extra::default(),
    });
}
