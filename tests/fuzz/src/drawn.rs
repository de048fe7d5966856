//! What the fuzz targets share: sound documents to start from, and scenes, operations and canvases drawn from bytes.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};
use studio::edit::{Document, Op};
use studio::outline::{CueOutliner, Options, Outliner};
use studio::storyboard::{Canvas, Kind, Node, Scene, Severity, Storyboard, to_value, validate};
use studio::transcript::Transcript;

/// A talk with steps, a decision, actors and numbers.
pub const TALK: &str = "First the customer places an order. Then the sales team checks the stock. If the item is in \
stock, the warehouse packs it and the courier delivers it. Otherwise the buyer orders it from the supplier. In 2019 we \
sold 40 percent of it abroad, and in 2021 we sold 60 percent. Stress causes bad sleep, and bad sleep causes stress.";

/// Strings that writers and layouts get wrong.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "<script>alert(1)</script>",
    "]]><![CDATA[ &amp; &lt;!ENTITY x SYSTEM \"file:///etc/passwd\">",
    "\"' / \\ \u{0} \u{7f} \u{1b}[2J",
    "\u{202e}dlrow \u{2066}olleh\u{2069}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "在庫を確認して発送する",
    "مرحبا بالعالم",
    "--> 00:00:01,000",
    "a-->b<v Anna>c</v>",
    "NaN",
];

/// How a new storyboard should be.
pub fn options(kind: Option<Kind>) -> Options {
    Options { id: "talk".to_owned(), theme: "light".to_owned(), canvas: Canvas::default(), kind }
}

/// The outline of [`TALK`].
pub fn document() -> Document {
    static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
        let transcript = Transcript::from_text(TALK, "en");
        Document { storyboard: CueOutliner.outline(&transcript, &options(None)), transcript }
    });
    DOCUMENT.clone()
}

/// Ends the run when the storyboard has errors.
pub fn assert_sound(board: &Storyboard, transcript: Option<&Transcript>) {
    let problems = validate(&to_value(board), transcript);
    let errors: Vec<_> = problems.into_iter().filter(|p| p.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

/// A word or a text, hostile now and then.
pub fn text(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=9)? {
        0 => (*u.choose(HOSTILE)?).to_owned(),
        1 => u.choose(&["w", "word ", "在", "-"])?.repeat(u.int_in_range(1..=500)?),
        2 | 3 => u.arbitrary::<&str>()?.chars().take(40).collect(),
        n => ["stock", "check the order", "send", "the customer pays", "yes", "long explanation of it"][n as usize - 4]
            .to_owned(),
    })
}

fn id(u: &mut Unstructured<'_>, letter: char) -> Result<String> {
    if u.ratio(1, 24)? {
        return text(u);
    }
    Ok(format!("{letter}{}", u.int_in_range(0..=11)?))
}

fn number(u: &mut Unstructured<'_>) -> Result<f64> {
    if u.ratio(1, 8)? { u.arbitrary() } else { Ok(f64::from(u.int_in_range(0..=1000)?) / 1000.0) }
}

/// A canvas of the format.
pub fn canvas(u: &mut Unstructured<'_>) -> Result<Canvas> {
    let mut side = || -> Result<u32> { Ok(*u.choose(&[240, 242, 320, 640, 1080, 1920, 3840])?) };
    Ok(Canvas { w: side()?, h: side()?, fps: 30 })
}

/// Any scene, sound or not.
pub fn scene(u: &mut Unstructured<'_>) -> Result<Scene> {
    let kind = *u.choose(Kind::ALL)?;
    let value =
        json!({ "id": "s", "title": text(u)?, "kind": kind, "words": [u.arbitrary::<u8>()?, u.arbitrary::<u8>()?] });
    let mut scene: Scene = serde_json::from_value(value).expect("the smallest scene");
    for i in 0..u.int_in_range(0..=14)? {
        let mut node = node(u)?;
        if !u.ratio(1, 16)? {
            node.id = format!("n{i}");
        }
        scene.nodes.push(node);
    }
    for i in 0..u.int_in_range(0..=20)? {
        let edge = json!({
            "id": format!("e{i}"), "from": id(u, 'n')?, "to": id(u, 'n')?,
            "type": u.choose(studio::storyboard::EdgeType::ALL)?, "label": if u.arbitrary()? { text(u)? } else { String::new() },
        });
        scene.edges.push(serde_json::from_value(edge).expect("an edge"));
    }
    for i in 0..u.int_in_range(0..=4)? {
        let named = json!({ "id": format!("a{i}"), "label": text(u)? });
        scene.actors.push(serde_json::from_value(named).expect("an actor"));
        let named = json!({ "id": format!("g{i}"), "label": text(u)? });
        scene.groups.push(serde_json::from_value(named).expect("a group"));
        let note = json!({ "id": format!("t{i}"), "text": text(u)? });
        scene.notes.push(serde_json::from_value(note).expect("a note"));
    }
    for _ in 0..u.int_in_range(0..=4)? {
        let at = [number(u)?, number(u)?];
        scene.layout.pins.insert(id(u, 'n')?, at);
    }
    Ok(scene)
}

fn node(u: &mut Unstructured<'_>) -> Result<Node> {
    let value = json!({
        "id": id(u, 'n')?, "label": text(u)?, "role": u.choose(studio::storyboard::Role::ALL)?,
        "evidence": [[u.int_in_range(0..=60)?, u.int_in_range(0..=60)?]],
    });
    let mut node: Node = serde_json::from_value(value).expect("a node");
    node.shape = u.arbitrary::<bool>()?.then(|| u.choose(studio::storyboard::Shape::ALL).copied()).transpose()?;
    node.actor = u.arbitrary::<bool>()?.then(|| id(u, 'a')).transpose()?;
    node.group = u.arbitrary::<bool>()?.then(|| id(u, 'g')).transpose()?;
    node.time = u.ratio(1, 4)?.then(|| text(u)).transpose()?;
    node.value = u.ratio(1, 4)?.then(|| u.arbitrary()).transpose()?;
    Ok(node)
}

/// An operation on `document`, mostly on what is there.
pub fn op(u: &mut Unstructured<'_>, document: &Document, depth: u8) -> Result<Op> {
    let scenes = &document.storyboard.scenes;
    let at = u.int_in_range(0..=scenes.len().max(1) - 1)?;
    let here = scenes.get(at);
    let mut scene = here.map_or_else(|| "s1".to_owned(), |s| s.id.clone());
    if u.ratio(1, 24)? {
        scene = id(u, 's')?;
    }
    let node = |u: &mut Unstructured<'_>| -> Result<String> {
        match here.filter(|s| !s.nodes.is_empty()) {
            Some(s) if !u.ratio(1, 12)? => Ok(u.choose(&s.nodes)?.id.clone()),
            _ => id(u, 'n'),
        }
    };
    let edge = |u: &mut Unstructured<'_>| -> Result<String> {
        match here.filter(|s| !s.edges.is_empty()) {
            Some(s) if !u.ratio(1, 12)? => Ok(u.choose(&s.edges)?.id.clone()),
            _ => id(u, 'e'),
        }
    };
    let words = document.transcript.words.len() as u32;
    let word = |u: &mut Unstructured<'_>| if u.ratio(1, 16)? { u.arbitrary() } else { u.int_in_range(0..=words) };
    Ok(match u.int_in_range(0..=16)? {
        0 => {
            let element = if u.arbitrary()? { Some(if u.arbitrary()? { node(u)? } else { edge(u)? }) } else { None };
            Op::SetLabel { scene, element, label: text(u)? }
        }
        1 => {
            Op::AddNode { scene, node: Box::new(self::node(u)?), index: u.arbitrary::<Option<u8>>()?.map(usize::from) }
        }
        2 => Op::RemoveNode { scene, node: node(u)? },
        3 => {
            let value = json!({ "id": id(u, 'x')?, "from": node(u)?, "to": node(u)?, "label": text(u)? });
            Op::AddEdge { scene, edge: Box::new(serde_json::from_value(value).expect("an edge")) }
        }
        4 => Op::RemoveEdge { scene, edge: edge(u)? },
        5 => Op::MergeNodes { scene, keep: node(u)?, absorb: vec![node(u)?, node(u)?] },
        6 => Op::SetKind { scene, kind: *u.choose(Kind::ALL)? },
        7 => Op::Pin { scene, node: node(u)?, at: [number(u)?, number(u)?] },
        8 => Op::Unpin { scene, node: node(u)? },
        9 => {
            let at = match u.int_in_range(0..=2)? {
                0 => None,
                1 => Some(studio::storyboard::At::Word { word: word(u)?, offset_ms: u.arbitrary()? }),
                _ => Some(studio::storyboard::At::Ms { ms: u.arbitrary()? }),
            };
            Op::MoveReveal { scene, target: node(u)?, at, dur_ms: u.arbitrary()? }
        }
        10 => Op::SplitScene { scene, word: word(u)?, title: if u.arbitrary()? { Some(text(u)?) } else { None } },
        11 => Op::MergeScenes {
            first: scene,
            second: scenes.get(at + 1).map_or_else(|| "s2".to_owned(), |s| s.id.clone()),
        },
        16 => {
            let before = if u.arbitrary()? {
                None
            } else {
                Some(u.choose(scenes).map_or_else(|_| "s2".to_owned(), |s| s.id.clone()))
            };
            Op::MoveScene { scene, before }
        }
        12 => Op::CorrectWord { word: word(u)?, text: text(u)? },
        13 => {
            let first = word(u)?;
            Op::Redact { first, last: first.saturating_add(u.int_in_range(0..=6)?), purge: false }
        }
        _ if depth == 0 => Op::SetKind { scene, kind: *u.choose(Kind::ALL)? },
        _ => {
            let count = u.int_in_range(0..=4)?;
            Op::Batch { ops: (0..count).map(|_| op(u, document, depth - 1)).collect::<Result<_>>()? }
        }
    })
}

/// The JSON of both parts, for comparing.
pub fn values(document: &Document) -> (Value, Vec<u8>) {
    (to_value(&document.storyboard), document.transcript.canonical())
}
