//! What colours and shapes stand for, where no lane, label or name says so.

use unicode_segmentation::UnicodeSegmentation;

use crate::storyboard::{Kind, Node, Role, Scene};

/// One line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// Id of the actor; of a role, its name in the format.
    pub(super) id: String,
    /// What is written.
    pub(super) name: String,
    /// The letters that boxes have beside the colour; empty for roles, which have a look of their own.
    pub(super) sign: String,
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
        sign: String::new(),
        role: Role::Activity,
        tone,
    };
    let mut named: Vec<Entry> = named.map(entry).collect();
    if named.len() < 2 {
        return Vec::new();
    }
    let signs = signs(&named.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>());
    named.iter_mut().zip(signs).for_each(|(entry, sign)| entry.sign = sign);
    named
}

/// A few letters for each name, each once: its initials, or, where others have the same, its first letters, or its number.
fn signs(names: &[&str]) -> Vec<String> {
    let options: Vec<Vec<String>> = names.iter().enumerate().map(|(i, name)| options(name, i)).collect();
    let mut chosen = vec![0; names.len()];
    // Whoever shares letters with another takes the next ones; the last are numbers, which nobody shares.
    loop {
        let signs: Vec<&str> = options.iter().zip(&chosen).map(|(own, at)| own[*at].as_str()).collect();
        let shared = |sign: &str| signs.iter().filter(|other| other.to_lowercase() == sign.to_lowercase()).count() > 1;
        let again: Vec<usize> =
            (0..names.len()).filter(|&i| shared(signs[i]) && chosen[i] + 1 < options[i].len()).collect();
        if again.is_empty() {
            return signs.into_iter().map(str::to_owned).collect();
        }
        again.into_iter().for_each(|i| chosen[i] += 1);
    }
}

/// What may stand for a name, the best first.
fn options(name: &str, index: usize) -> Vec<String> {
    let words: Vec<Vec<&str>> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(|w| w.graphemes(true).collect())
        .collect();
    let capital = |letter: &str| letter.to_uppercase();
    let mut out = Vec::new();
    if words.len() > 1 {
        out.push(words.iter().take(3).map(|word| capital(word[0])).collect());
    }
    let first = words.first().map_or(&[][..], Vec::as_slice);
    if words.len() == 1 && first.len() > 2 && name.bytes().all(|b| b.is_ascii_digit()) {
        // Of years the end tells them apart.
        out.push(first[first.len() - 2..].concat());
    }
    let from = usize::from(words.len() > 1) + 1;
    out.extend((from..=3.min(first.len())).map(|count| capital(first[0]) + &first[1..count].concat()));
    out.push((index + 1).to_string());
    out
}

/// Roles with a look of their own that some box of theirs does not name.
fn roles(scene: &Scene, lang: &str) -> Vec<Entry> {
    let primary = lang.split(['-', '_']).next().unwrap_or(lang).to_ascii_lowercase();
    let (_, names) = NAMES.iter().find(|(of, _)| *of == primary).unwrap_or(&NAMES[0]);
    let unnamed = |role: Role| scene.nodes.iter().any(|n| n.role == role && !is_named(n));
    let seen = ROLES.into_iter().zip(names).filter(|(role, _)| unnamed(*role));
    let entry = |(role, name): (Role, &&str)| Entry {
        id: role.to_string(),
        name: (*name).to_owned(),
        sign: String::new(),
        role,
        tone: 0,
    };
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
    fn letters_tell_actors_apart() {
        let check = |names: &[&str], expected: &[&str]| assert_eq!(signs(names), expected);
        check(&["Customer", "Warehouse"], &["C", "W"]);
        check(&["Sales", "Support", "Head office"], &["Sa", "Su", "HO"]);
        check(&["sales", "Sales", "SALES"], &["1", "2", "3"]);
        check(&["Front of the house", "Back of house"], &["FOT", "BOH"]);
        check(&["Team 1", "Team 2", "Team"], &["T1", "T2", "T"]);
        check(&["2024", "2025"], &["24", "25"]);
        check(&["2", "B", "b"], &["1", "2", "3"]);
        check(&["倉庫", "営業部", "★", "é"], &["倉", "営", "3", "É"]);
        let many: Vec<String> = (0..60).map(|i| format!("Person {}", i % 20)).collect();
        let made = signs(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(made.iter().collect::<std::collections::BTreeSet<_>>().len(), 60, "{made:?}");
    }

    #[test]
    fn boxes_say_who_acts_besides_their_colours() {
        let steps: Vec<String> = (0..9).map(|i| format!("step {i}")).collect();
        let nodes: Vec<(&str, Role)> = steps.iter().map(|l| (l.as_str(), Role::Activity)).collect();
        let mut scene = flow(&nodes);
        assert!(place_for("en", &scene, HD, &Even).nodes.iter().all(|n| n.sign.is_none()), "nobody acts");
        let json = |i: usize| serde_json::json!({"id": format!("a{i}"), "label": format!("Office {i}")});
        scene.actors = (0..8).map(|i| serde_json::from_value(json(i)).expect("an actor")).collect();
        scene.nodes.iter_mut().enumerate().skip(1).for_each(|(i, n)| n.actor = Some(format!("a{}", i - 1)));
        for kind in [Kind::Flow, Kind::Cycle, Kind::Steps, Kind::Timeline] {
            scene.kind = kind;
            let placed = place_for("en", &scene, HD, &Even);
            let keys = placed.guides.iter().filter_map(|guide| match guide {
                Guide::Key { sign: Some(sign), tone, .. } => Some((sign.lines.join(""), *tone)),
                _ => None,
            });
            let explained: Vec<(String, usize)> = keys.collect();
            let worn = placed.nodes[1..].iter().map(|n| (n.sign.as_ref().expect("a sign").lines.join(""), n.tone));
            assert_eq!(explained, worn.collect::<Vec<_>>(), "{kind}");
            assert_eq!(placed.nodes[0].sign, None, "{kind}: nobody does that");
            for node in &placed.nodes[1..] {
                let sign = &node.sign.as_ref().expect("a sign").rect;
                assert!(sign.overlaps(&node.rect), "{kind}: {sign:?} beside {:?}", node.rect);
                let others = placed.nodes.iter().filter(|other| other.id != node.id);
                assert!(others.clone().all(|other| !other.rect.overlaps(sign)), "{kind}: {sign:?} on another box");
            }
        }
        scene.kind = Kind::Swimlane;
        let placed = place_for("en", &scene, HD, &Even);
        assert!(placed.nodes.iter().all(|n| n.sign.is_none()), "lanes have names");
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
