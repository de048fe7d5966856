//! What colours and shapes stand for, where no lane, label or name says so.

use crate::storyboard::{Kind, Node, Role, Scene};

/// One line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// Id of the actor; of a role, its name in the format.
    pub(super) id: String,
    /// What is written.
    pub(super) name: String,
    /// The role that is explained; an activity where a colour is.
    pub(super) role: Role,
    /// Index of the accent colour.
    pub(super) tone: usize,
}

/// Names of decisions, beginnings and ends by language; English where a language has none.
const NAMES: [(&str, [&str; 3]); 6] = [
    ("en", ["Decision", "Start", "End"]),
    ("de", ["Entscheidung", "Anfang", "Ende"]),
    ("fr", ["Décision", "Début", "Fin"]),
    ("es", ["Decisión", "Inicio", "Fin"]),
    ("ja", ["判断", "開始", "終了"]),
    ("zh", ["判断", "开始", "结束"]),
];
/// Roles that have a look of their own, in the order of their names.
const ROLES: [Role; 3] = [Role::Decision, Role::Start, Role::End];
/// Words that say by themselves that something begins or ends, besides the names.
const SAID: [&str; 8] = ["begin", "stop", "finish", "done", "finished", "started", "beginn", "schluss"];

/// Whether boxes of a kind have the colours of their actors in any case.
pub(super) fn is_by_actor(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Flow | Kind::State | Kind::Causes | Kind::Architecture | Kind::Cycle | Kind::Steps | Kind::Timeline
    )
}

/// What has to be explained in `scene`, whose words are in the language `lang` (BCP 47); with actors where boxes have
/// their colours, which explains nothing when there is only one.
pub(super) fn entries(scene: &Scene, lang: &str, by_actor: bool) -> Vec<Entry> {
    let mut all = if by_actor { actors(scene) } else { Vec::new() };
    // Roles of other kinds are not seen, or what is said of them is.
    if matches!(
        scene.kind,
        Kind::Flow | Kind::Swimlane | Kind::State | Kind::Causes | Kind::Architecture | Kind::Cycle | Kind::Steps
    ) {
        all.extend(roles(scene, lang));
    }
    all
}

/// Actors of which boxes have the colours, when there are two or more.
pub(super) fn actors(scene: &Scene) -> Vec<Entry> {
    let acts = |id: &str| scene.nodes.iter().any(|n| n.actor.as_deref() == Some(id));
    let named = scene.actors.iter().enumerate().filter(|(_, a)| !a.label.trim().is_empty() && acts(&a.id));
    let entry = |(tone, actor): (usize, &crate::storyboard::Actor)| Entry {
        id: actor.id.clone(),
        name: actor.label.clone(),
        role: Role::Activity,
        tone,
    };
    let named: Vec<Entry> = named.map(entry).collect();
    if named.len() < 2 { Vec::new() } else { named }
}

/// Roles with a look of their own that some box of theirs does not name.
fn roles(scene: &Scene, lang: &str) -> Vec<Entry> {
    let primary = lang.split(['-', '_']).next().unwrap_or(lang).to_ascii_lowercase();
    let (_, names) = NAMES.iter().find(|(of, _)| *of == primary).unwrap_or(&NAMES[0]);
    let unnamed = |role: Role| scene.nodes.iter().any(|n| n.role == role && !is_named(n));
    let seen = ROLES.into_iter().zip(names).filter(|(role, _)| unnamed(*role));
    let entry = |(role, name): (Role, &&str)| Entry { id: role.to_string(), name: (*name).to_owned(), role, tone: 0 };
    seen.map(entry).collect()
}

/// Whether the label of a box says which role it has: a question decides, `Start` starts.
fn is_named(node: &Node) -> bool {
    let label = node.label.trim();
    if node.role == Role::Decision {
        return label.ends_with(['?', '？', '؟']);
    }
    let low = label.to_lowercase();
    let mut words = low.split(|c: char| !c.is_alphanumeric());
    let names = || NAMES.iter().flat_map(|(_, names)| names[1..].iter()).map(|n| n.to_lowercase());
    words.any(|word| SAID.contains(&word) || names().any(|name| name == word)) || names().any(|name| name == low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{Even, HD, scene};
    use crate::layout::{Guide, place_for};

    /// The names in the legend of a scene.
    fn told(scene: &Scene, lang: &str) -> Vec<String> {
        let placed = place_for(lang, scene, HD, &Even);
        let name = |g: &Guide| if let Guide::Key { label, .. } = g { Some(label.lines.join(" ")) } else { None };
        placed.guides.iter().filter_map(name).collect()
    }

    /// A flow with these labels and roles.
    fn flow(nodes: &[(&str, Role)]) -> Scene {
        let labels: Vec<&str> = nodes.iter().map(|n| n.0).collect();
        let edges: Vec<_> = (1..nodes.len()).map(|i| (i - 1, i, "")).collect();
        let mut scene = scene(Kind::Flow, &labels, &edges);
        scene.nodes.iter_mut().zip(nodes).for_each(|(node, (_, role))| node.role = *role);
        scene
    }

    #[test]
    fn roles_are_explained_where_labels_do_not_name_them() {
        let plain = [("order comes in", Role::Start), ("stock", Role::Decision), ("sent", Role::End)];
        assert_eq!(told(&flow(&plain), "en"), ["Decision", "Start", "End"]);
        assert_eq!(told(&flow(&plain), "de-AT"), ["Entscheidung", "Anfang", "Ende"]);
        assert_eq!(told(&flow(&plain), "sw"), ["Decision", "Start", "End"]);
        let named = [("Start", Role::Start), ("in stock?", Role::Decision), ("Ende", Role::End)];
        assert_eq!(told(&flow(&named), "en"), [""; 0]);
        assert_eq!(told(&flow(&[("take", Role::Activity), ("send", Role::Activity)]), "en"), [""; 0]);
    }

    #[test]
    fn actors_are_explained_in_all_kinds_that_have_their_colours() {
        let mut scene = flow(&[("take", Role::Activity), ("pack", Role::Activity), ("send", Role::Activity)]);
        let json = |i: usize| serde_json::json!({"id": format!("a{i}"), "label": format!("Team {i}")});
        scene.actors = (0..3).map(|i| serde_json::from_value(json(i)).expect("an actor")).collect();
        scene.nodes.iter_mut().enumerate().for_each(|(i, n)| n.actor = Some(format!("a{i}")));
        for kind in [Kind::Flow, Kind::State, Kind::Causes, Kind::Architecture, Kind::Steps, Kind::Timeline] {
            scene.kind = kind;
            assert_eq!(told(&scene, "en"), ["Team 0", "Team 1", "Team 2"], "{kind}");
        }
        for kind in [Kind::Swimlane, Kind::Sequence, Kind::Hierarchy, Kind::Mindmap] {
            scene.kind = kind;
            assert_eq!(told(&scene, "en"), [""; 0], "{kind}");
        }
        // Bars of two years: two series.
        scene.kind = Kind::Quantities;
        scene.nodes.iter_mut().zip([3.0, 4.0, 9.0]).for_each(|(n, v)| n.value = Some(v));
        assert_eq!(told(&scene, "en"), ["Team 0", "Team 1", "Team 2"]);
        // Shares of a whole are named in the list beside.
        scene.nodes.iter_mut().zip([50.0, 30.0, 20.0]).for_each(|(n, v)| n.value = Some(v));
        assert_eq!(told(&scene, "en"), [""; 0]);
    }

    #[test]
    fn a_swimlane_without_lanes_says_whose_colours_it_has() {
        // Far too many steps for lanes: a flow.
        let labels: Vec<String> = (0..40).map(|i| format!("a long step with number {i}")).collect();
        let nodes: Vec<(&str, Role)> = labels.iter().map(|l| (l.as_str(), Role::Activity)).collect();
        let mut scene = flow(&nodes);
        scene.kind = Kind::Swimlane;
        let json = |i: usize| serde_json::json!({"id": format!("a{i}"), "label": format!("Team {i}")});
        scene.actors = (0..5).map(|i| serde_json::from_value(json(i)).expect("an actor")).collect();
        scene.nodes.iter_mut().enumerate().for_each(|(i, n)| n.actor = Some(format!("a{}", i / 8)));
        let placed = place_for("en", &scene, HD, &Even);
        let lanes = placed.guides.iter().filter(|g| matches!(g, Guide::Container { .. })).count();
        let keys = placed.guides.iter().filter(|g| matches!(g, Guide::Key { .. })).count();
        assert_eq!((lanes, keys), (0, 5));
    }
}
