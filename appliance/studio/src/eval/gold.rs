//! Gold narrations as JSON, one file a narration.

use serde::Deserialize;

use super::check::check;
use super::passage::{Diagram, Fault, GoldEdge, GoldNode, Passage, Problem};
use super::similar::LANGUAGES;
use crate::storyboard::Kind;

#[derive(Deserialize)]
struct File {
    id: String,
    kind: Kind,
    #[serde(default)]
    domain: String,
    #[serde(default = "plain")]
    style: String,
    #[serde(default = "english")]
    lang: String,
    text: String,
    scenes: Vec<Scene>,
}

#[derive(Deserialize)]
struct Scene {
    kind: Kind,
    #[serde(default)]
    title: String,
    #[serde(default)]
    starts_at: String,
    nodes: Vec<Node>,
    #[serde(default)]
    edges: Vec<Edge>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    label: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    value: Option<f64>,
    #[serde(default)]
    group: Option<String>,
}

#[derive(Deserialize)]
struct Edge {
    from: String,
    to: String,
    #[serde(default)]
    label: String,
    #[serde(default = "yes")]
    directed: bool,
}

fn plain() -> String {
    "plain".to_owned()
}

fn english() -> String {
    "en".to_owned()
}

fn yes() -> bool {
    true
}

/// The narration of one file.
///
/// # Errors
/// Everything that is wrong with it. JSON has no line numbers here: they are 0, except where it is no JSON at all.
pub fn gold(bytes: &[u8]) -> Result<Passage, Vec<Problem>> {
    if bytes.len() > super::MAX_BYTES {
        return Err(vec![Problem { line: 0, fault: Fault::TooLarge }]);
    }
    let file: File = serde_json::from_slice(bytes)
        .map_err(|e| vec![Problem { line: e.line(), fault: Fault::NotGold(e.to_string()) }])?;
    if !LANGUAGES.contains(&file.lang.as_str()) {
        return Err(vec![Problem { line: 0, fault: Fault::Language(file.lang) }]);
    }
    let scenes = file.scenes.into_iter().map(|scene| Diagram {
        line: 0,
        kind: scene.kind,
        title: scene.title,
        starts_at: scene.starts_at,
        first_word: None,
        nodes: scene
            .nodes
            .into_iter()
            .map(|n| GoldNode { line: 0, id: n.id, label: n.label, aliases: n.aliases, value: n.value, group: n.group })
            .collect(),
        edges: scene
            .edges
            .into_iter()
            .map(|e| GoldEdge { line: 0, from: e.from, to: e.to, label: e.label, directed: e.directed })
            .collect(),
    });
    let mut passages = [Passage {
        id: file.id,
        line: 0,
        kind: file.kind,
        domain: file.domain,
        style: file.style,
        lang: file.lang,
        text: file.text,
        scenes: scenes.collect(),
    }];
    let problems = check(&mut passages);
    let [passage] = passages;
    if problems.is_empty() { Ok(passage) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narration_is_read_and_checked() {
        let text = r#"{"id": "a", "kind": "flow", "text": "Wash it. Dry it.", "scenes": [{"kind": "flow",
            "nodes": [{"id": "w", "label": "wash"}, {"id": "d", "label": "dry"}], "edges": [{"from": "w", "to": "d"}]}]}"#;
        let passage = gold(text.as_bytes()).unwrap();
        assert_eq!((passage.style.as_str(), passage.scenes[0].edges[0].directed), ("plain", true));
        let wrong = gold(text.replace("\"to\": \"d\"", "\"to\": \"e\"").as_bytes()).unwrap_err();
        assert_eq!(wrong[0].fault, Fault::EdgeEnd("e".to_owned()));
        let other = text.replace("\"kind\": \"flow\", \"text\"", "\"kind\": \"flow\", \"lang\": \"tlh\", \"text\"");
        assert_eq!(gold(other.as_bytes()).unwrap_err()[0].fault, Fault::Language("tlh".to_owned()));
        assert!(matches!(gold(b"{").unwrap_err()[0].fault, Fault::NotGold(_)));
    }
}
