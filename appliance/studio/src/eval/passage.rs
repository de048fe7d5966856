//! A spoken text and the diagrams that belong to it.

use serde::Serialize;

use crate::storyboard::{Actor, Kind, Scene};
use crate::transcript::Transcript;

/// An annotated passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// Its name, unique in a collection.
    pub id: String,
    /// Line of the file on which it begins, from 1.
    pub line: usize,
    /// What the main scene is drawn as.
    pub kind: Kind,
    /// What it is about; passages of one domain are kept in one fold.
    pub domain: String,
    /// How it is told.
    pub style: String,
    /// The language of the words, such as `en` or `ja`.
    pub lang: String,
    /// The words.
    pub text: String,
    /// What an illustrator would draw, in spoken order.
    pub scenes: Vec<Diagram>,
}

/// One scene, drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagram {
    /// Line of the file, from 1.
    pub line: usize,
    /// What it is drawn as.
    pub kind: Kind,
    /// Heading.
    pub title: String,
    /// The words it starts with; may be empty for the first scene.
    pub starts_at: String,
    /// Index of its first word, where it is known.
    pub first_word: Option<usize>,
    /// Boxes, containers and actors.
    pub nodes: Vec<GoldNode>,
    /// Arrows.
    pub edges: Vec<GoldEdge>,
}

/// A box with every name that would be right.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GoldNode {
    /// Line of the file, from 1.
    pub line: usize,
    /// Name within the scene.
    pub id: String,
    /// The best label.
    pub label: String,
    /// Other labels that are right.
    pub aliases: Vec<String>,
    /// Number of a quantity.
    pub value: Option<f64>,
    /// Id of the node that contains it.
    pub group: Option<String>,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldEdge {
    /// Line of the file, from 1.
    pub line: usize,
    /// Id of the source node.
    pub from: String,
    /// Id of the target node.
    pub to: String,
    /// Words beside the arrow.
    pub label: String,
    /// False where the talk gives no direction.
    pub directed: bool,
}

impl Passage {
    /// The passage as a transcript.
    pub fn transcript(&self) -> Transcript {
        Transcript::from_text(&self.text, &self.lang)
    }

    /// Whether the rules of English are tried on it, and weights are learned from it.
    pub fn english(&self) -> bool {
        self.lang == "en"
    }
}

impl Diagram {
    /// What an outliner drew; containers stand among the nodes, and so do the lanes of a swimlane.
    pub fn of(scene: &Scene) -> Self {
        let named = |id: &str, label: &str, group: Option<&String>, value| GoldNode {
            line: 0,
            id: id.to_owned(),
            label: label.to_owned(),
            aliases: Vec::new(),
            value,
            group: group.cloned(),
        };
        let lanes: &[Actor] = if scene.kind == Kind::Swimlane { &scene.actors } else { &[] };
        let nodes = scene
            .nodes
            .iter()
            .map(|n| named(&n.id, &n.label, n.group.as_ref().or(n.actor.as_ref()), n.value))
            .chain(scene.groups.iter().map(|g| named(&g.id, &g.label, None, None)))
            .chain(lanes.iter().map(|a| named(&a.id, &a.label, None, None)));
        let edges = scene.edges.iter().map(|e| GoldEdge {
            line: 0,
            from: e.from.clone(),
            to: e.to.clone(),
            label: e.label.clone(),
            directed: e.directed,
        });
        Self {
            line: 0,
            kind: scene.kind,
            title: scene.title.clone(),
            starts_at: String::new(),
            first_word: Some(scene.words[0] as usize),
            nodes: nodes.collect(),
            edges: edges.collect(),
        }
    }
}

/// What is wrong with an annotation, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct Problem {
    /// Line of the file, from 1; 0 in gold JSON, which has none.
    pub line: usize,
    /// What it is.
    pub fault: Fault,
}

impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            line: usize,
            message: &'a str,
        }
        Shown { line: self.line, message: &self.fault.to_string() }.serialize(to)
    }
}

/// What can be wrong with an annotation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is longer than [`super::MAX_BYTES`].
    #[error("the file is too large; cut it by domain")]
    TooLarge,
    /// Not JSON, or not of the shape of a gold narration.
    #[error("no gold narration: {0}")]
    NotGold(String),
    /// A line before the first passage.
    #[error("no passage is open; begin one with `=== id | kind | domain | style`")]
    Stray,
    /// A head that has not four parts.
    #[error("a passage begins with `=== id | kind | domain | style`, and `| language` where it is not English")]
    Head,
    /// A language in which nothing can be compared.
    #[error("no language of annotated passages: `{0}`; there are {known}", known = super::similar::LANGUAGES.join(", "))]
    Language(String),
    /// A scene line of another form.
    #[error("a scene begins with `@ kind \"title\" : first words`")]
    SceneLine,
    /// A line of a scene that is neither node nor edge.
    #[error("neither a node `id : label` nor an edge `a -> b`: `{0}`")]
    Line(String),
    /// A kind that there is not.
    #[error("{0}")]
    Kind(String),
    /// A style that there is not.
    #[error("unknown style `{0}`")]
    Style(String),
    /// Two passages of one name.
    #[error("passage `{0}` stands twice")]
    PassageTwice(String),
    /// A passage without words.
    #[error("passage `{0}` has no words")]
    NoText(String),
    /// A passage without scene.
    #[error("passage `{0}` has no scene")]
    NoScene(String),
    /// A later scene that does not say where it starts.
    #[error("a later scene needs the words at which it starts")]
    NoStart,
    /// A start that the text does not have, or not after the start before.
    #[error("starts at words that are not in the text, or not after the scene before: `{0}`")]
    Start(String),
    /// The first scene does not start at the first word.
    #[error("the first scene starts at the first word")]
    FirstStart,
    /// Fewer than two nodes.
    #[error("a scene has at least two nodes")]
    TooFewNodes,
    /// Two nodes of one id.
    #[error("node `{0}` stands twice in the scene")]
    NodeTwice(String),
    /// A label of too many words.
    #[error("label of more than six words: `{0}`")]
    LongLabel(String),
    /// A label of which nothing was said.
    #[error("no word of the label or its aliases is spoken: `{0}`")]
    Unspoken(String),
    /// Who says "I" without the name "me", or "we" without "us".
    #[error("`{0}` takes part as \"{1}\", so \"{2}\" is an alias too")]
    Oneself(String, &'static str, &'static str),
    /// A container that is no node.
    #[error("unknown container `{0}`")]
    Container(String),
    /// A fork of which only some branches say when they are taken.
    #[error("only some branches of `{0}` have a condition; the way that is taken anyway is `otherwise`")]
    Fork(String),
    /// Two edges one way between the same nodes, where nothing repeats.
    #[error("two edges from `{0}` to `{1}`; one is drawn, with the first label")]
    EdgeTwice(String, String),
    /// An edge to nowhere.
    #[error("edge to unknown node `{0}`")]
    EdgeEnd(String),
}
