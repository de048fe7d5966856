use proptest::prelude::*;

use super::*;
use crate::outline::{self, Outliner};
use crate::storyboard::{Extra, Origin, Shape, canonical, sample, validate};
use crate::storyboard::{Role, to_value};

/// The sample storyboard with a transcript of its forty words.
fn document() -> Document {
    let text = "Our sales check stock. Then in stock? So then yes the office does this on working days only coffee \
                follows later. Next we then load van at noon and so on until all of it is on its way home.";
    let mut transcript = Transcript::from_text(text, "en");
    assert_eq!(transcript.words.len(), 40);
    transcript.duration_ms = 16_000;
    let mut storyboard = sample();
    storyboard.source.transcript = Some(transcript.revision());
    Document { storyboard, transcript }
}

fn bytes(document: &Document) -> (Vec<u8>, Vec<u8>) {
    (canonical(&document.storyboard), document.transcript.canonical())
}

/// Applies an edit given as JSON, checks that its inverse leads back, and returns the edited document.
#[track_caller]
fn edited(op: &str) -> Document {
    let mut document = document();
    let before = bytes(&document);
    let op = read(op.as_bytes()).unwrap();
    let inverse = apply(&mut document, &op).unwrap().expect("an inverse");
    let after = document.clone();
    let inverse = read(&serde_json::to_vec(&inverse).unwrap()).unwrap();
    let redo = apply(&mut document, &inverse).unwrap().expect("an inverse");
    assert_eq!(bytes(&document), before);
    apply(&mut document, &redo).unwrap();
    assert_eq!(bytes(&document), bytes(&after));
    after
}

#[track_caller]
fn refused(op: &str, expected: &str) {
    let mut document = document();
    let before = document.clone();
    let error = match read(op.as_bytes()) {
        Ok(op) => apply(&mut document, &op).unwrap_err().to_string(),
        Err(e) => e.to_string(),
    };
    assert!(error.contains(expected), "{error}");
    assert_eq!(document, before);
}

#[test]
fn labels() {
    let scene = |op: &str| edited(op).storyboard.scenes.swap_remove(0);
    let s = scene(r#"{"op":"set_label","scene":"s1","element":"n1","label":" Look it up "}"#);
    assert_eq!((s.nodes[0].label.as_str(), s.nodes[0].by, &s.nodes[0].alt), ("Look it up", Origin::User, &None));
    let s = scene(r#"{"op":"set_label","scene":"s1","label":"Orders"}"#);
    assert_eq!((s.title.as_str(), s.by), ("Orders", Origin::User));
    let s = scene(r#"{"op":"set_label","scene":"s1","element":"e2","label":""}"#);
    assert_eq!((s.edges[1].label.as_str(), s.edges[1].by), ("", Origin::User));
    let s = scene(r#"{"op":"set_label","scene":"s1","element":"a1","label":"Buyers"}"#);
    assert_eq!(s.actors[0].label, "Buyers");
    let s = scene(r#"{"op":"set_label","scene":"s1","element":"g1","label":"Hall"}"#);
    assert_eq!(s.groups[0].label, "Hall");
    refused(
        r#"{"op":"set_label","scene":"s1","element":"n1","label":" "}"#,
        "/scenes/0/nodes/0/label: must not be empty",
    );
    refused(r#"{"op":"set_label","scene":"s1","element":"n7","label":"x"}"#, "no element with the id `n7`; did you");
    refused(r#"{"op":"set_label","scene":"s7","label":"x"}"#, "no scene has the id `s7`; did you mean `s1`?");
    refused(r#"{"op":"set_lable","scene":"s7"}"#, "/op: unknown word `set_lable`; one of");
    refused(r#"{"op":"set_label","scene":7}"#, "`label` is missing");
}

#[test]
fn nodes_and_edges() {
    let scene = |op: &str| edited(op).storyboard.scenes.swap_remove(0);
    let s = scene(r#"{"op":"add_node","scene":"s1","node":{"id":"","label":"Call back"},"index":1}"#);
    assert_eq!((s.nodes[1].id.as_str(), s.nodes[1].by), ("n4", Origin::User));
    let s = scene(r#"{"op":"remove_node","scene":"s1","node":"n2"}"#);
    assert_eq!((s.nodes.len(), s.edges.len(), s.timeline.len()), (2, 0, 1));
    assert_eq!(s.removed[1].label, "In stock?");
    let s = scene(r#"{"op":"add_edge","scene":"s1","edge":{"id":"","from":"n1","to":"n3","type":"no"}}"#);
    assert_eq!((s.edges[2].id.as_str(), s.edges[2].by), ("e3", Origin::User));
    let document = edited(r#"{"op":"remove_edge","scene":"s1","edge":"e2"}"#);
    assert_eq!(document.storyboard.scenes[0].removed[1].ends, Some(["n2".into(), "n3".into()]));
    assert!(document.storyboard.review.is_empty());
    let s = scene(r#"{"op":"merge_nodes","scene":"s1","keep":"n1","absorb":["n2"]}"#);
    assert_eq!(s.nodes[0].evidence, [[2, 3], [5, 6], [8, 8]]);
    assert_eq!(s.edges.len(), 1);
    assert_eq!((s.edges[0].from.as_str(), s.edges[0].to.as_str()), ("n1", "n3"));
    assert_eq!(s.removed[1].into.as_deref(), Some("n1"));
    refused(r#"{"op":"add_node","scene":"s1","node":{"id":"e1","label":"x"}}"#, "the id `e1` is taken");
    refused(r#"{"op":"add_node","scene":"s1","node":{"id":"a/b","label":"x"}}"#, "is not an id");
    refused(r#"{"op":"add_edge","scene":"s1","edge":{"id":"","from":"n1","to":"a1"}}"#, "no node with the id `a1`");
    refused(r#"{"op":"merge_nodes","scene":"s1","keep":"n1","absorb":["n1"]}"#, "not `n1` itself");
    refused(r#"{"op":"merge_nodes","scene":"s1","keep":"n1","absorb":["n2","n2"]}"#, "no node with the id `n2`");
}

#[test]
fn looks_and_moments() {
    let scene = |op: &str| edited(op).storyboard.scenes.swap_remove(0);
    let s = scene(r#"{"op":"set_kind","scene":"s1","kind":"steps"}"#);
    assert_eq!((s.kind, s.alt_kinds.as_slice()), (Kind::Steps, [Kind::Flow].as_slice()));
    let s = scene(r#"{"op":"pin","scene":"s1","node":"n2","at":[0.5,1]}"#);
    assert_eq!((s.layout.pins["n2"], s.nodes[1].by), ([0.5, 1.0], Origin::User));
    let s = scene(r#"{"op":"unpin","scene":"s1","node":"n1"}"#);
    assert!(s.layout.pins.is_empty());
    let s = scene(r#"{"op":"move_reveal","scene":"s1","target":"n2","at":{"word":3}}"#);
    assert_eq!((s.timeline.len(), s.timeline[1].at), (2, At::Word { word: 3, offset_ms: 0 }));
    let s = scene(r#"{"op":"move_reveal","scene":"s1","target":"n2"}"#);
    assert_eq!(s.timeline.len(), 1);
    refused(r#"{"op":"pin","scene":"s1","node":"n2","at":[0.5,1.5]}"#, "each 0 to 1");
    refused(r#"{"op":"move_reveal","scene":"s1","target":"n2","at":{"word":40}}"#, "beyond the 40 words");
}

#[test]
fn another_kind_is_drawn_anew_around_what_a_person_did() {
    let text = "First the clerk checks the stock. Then the packer packs the box. Then the driver takes it to the customer, and \
                the customer signs the slip.";
    let transcript = Transcript::from_text(text, "en");
    let options = outline::Options {
        id: "t".to_owned(),
        theme: "light".to_owned(),
        canvas: storyboard::Canvas::default(),
        kind: Some(Kind::Swimlane),
    };
    let lanes = outline::CueOutliner.outline(&transcript, &options);
    let mut document = Document { storyboard: lanes.clone(), transcript };
    let label =
        Op::SetLabel { scene: "s1".to_owned(), element: Some("n1".to_owned()), label: "Look at shelf".to_owned() };
    apply(&mut document, &label).unwrap();
    let edited = document.storyboard.clone();
    let undo = apply(&mut document, &Op::SetKind { scene: "s1".to_owned(), kind: Kind::Steps }).unwrap().unwrap();
    let scene = &document.storyboard.scenes[0];
    assert_eq!((scene.kind, scene.by), (Kind::Steps, Origin::User));
    // The lane of the box that a person has named stays with it, the others go.
    assert!(scene.actors.len() < lanes.scenes[0].actors.len(), "{:?}", scene.actors);
    assert!(scene.nodes.iter().any(|n| n.id == "n1" && n.label == "Look at shelf"), "{:?}", scene.nodes);
    assert!(scene.nodes.len() >= 3, "{:?}", scene.nodes);
    apply(&mut document, &undo).unwrap();
    assert_eq!(document.storyboard, edited);
}

#[test]
fn scenes() {
    let board = edited(r#"{"op":"split_scene","scene":"s1","word":5,"title":"Second"}"#).storyboard;
    let seen: Vec<_> = board.scenes.iter().map(|s| (s.id.as_str(), s.words, s.nodes.len(), s.by)).collect();
    assert_eq!(
        seen,
        [("s1", [0, 4], 2, Origin::User), ("s3", [5, 19], 1, Origin::User), ("s2", [20, 39], 1, Origin::Auto)]
    );
    assert_eq!(board.scenes[1].title, "Second");
    let board = edited(r#"{"op":"merge_scenes","first":"s1","second":"s2"}"#).storyboard;
    assert_eq!((board.scenes.len(), board.scenes[0].words), (1, [0, 39]));
    assert_eq!(board.scenes[0].nodes[3].id, "n1_1");
    refused(r#"{"op":"merge_scenes","first":"s2","second":"s1"}"#, "only neighbours");
    refused(r#"{"op":"merge_scenes","first":"s1","second":"s1"}"#, "only neighbours");
    refused(r#"{"op":"split_scene","scene":"s1","word":0}"#, "choose one of 1 to 19");
    refused(r#"{"op":"split_scene","scene":"s2","word":40}"#, "choose one of 21 to 39");
}

#[test]
fn words() {
    let document = edited(r#"{"op":"correct_word","word":3,"text":"stocks."}"#);
    assert_eq!(document.transcript.words[3].text, "stocks.");
    let node = &document.storyboard.scenes[0].nodes[0];
    assert_eq!((node.label.as_str(), node.alt.as_deref()), ("Check stocks", Some("Sales checks the stocks")));
    assert_eq!(node.by, Origin::Auto);
    assert_eq!(document.storyboard.source.transcript, Some(document.transcript.revision()));
    refused(r#"{"op":"correct_word","word":3,"text":"two words"}"#, "is not one word");
    refused(r#"{"op":"correct_word","word":40,"text":"x"}"#, "which has 40 words");
}

#[test]
fn redaction() {
    let document = edited(r#"{"op":"redact","first":2,"last":3}"#);
    let scene = &document.storyboard.scenes[0];
    assert!(document.transcript.words[2..4].iter().all(|w| w.redacted && w.text == "[redacted]"));
    // n1 was drawn from these words alone; its edge and pin go with it.
    assert_eq!(scene.nodes.iter().map(|n| n.id.as_str()).collect::<Vec<_>>(), ["n2", "n3"]);
    assert_eq!((scene.edges.len(), scene.layout.pins.len()), (1, 0));
    let text = String::from_utf8(canonical(&document.storyboard)).unwrap();
    assert!(!text.to_lowercase().contains("check"), "{text}");
    refused(r#"{"op":"redact","first":3,"last":2}"#, "words 3 to 2 are not in");
    refused(r#"{"op":"redact","first":0,"last":4294967295}"#, "which has 40 words");
}

#[test]
fn redaction_cuts_what_people_wrote_too() {
    let mut document = document();
    for op in [
        r#"{"op":"set_label","scene":"s2","label":"Coffee and vans"}"#,
        r#"{"op":"set_label","scene":"s1","element":"n3","label":"Coffee"}"#,
    ] {
        apply(&mut document, &read(op.as_bytes()).unwrap()).unwrap();
    }
    document.storyboard.scenes[1].extra = Extra::from_iter([("x".to_owned(), serde_json::json!(["my coffee"]))]);
    let purge = Op::Redact { first: 18, last: 18, purge: true };
    assert_eq!(apply(&mut document, &purge).unwrap(), None);
    let text = String::from_utf8(canonical(&document.storyboard)).unwrap();
    assert!(!text.to_lowercase().contains("coffee"), "{text}");
    assert_eq!(document.storyboard.scenes[1].title, "[redacted] and vans");
    assert_eq!(document.storyboard.scenes[0].nodes.len(), 2);
    let again = Op::CorrectWord { word: 18, text: "tea".to_owned() };
    assert_eq!(apply(&mut document, &again), Err(EditError::Redacted(18)));
}

#[test]
fn batches_are_all_or_nothing() {
    let board = edited(
        r#"{"op":"batch","ops":[{"op":"set_kind","scene":"s1","kind":"steps"},{"op":"redact","first":2,"last":2},
            {"op":"correct_word","word":22,"text":"pack"},{"op":"merge_scenes","first":"s1","second":"s2"}]}"#,
    )
    .storyboard;
    assert_eq!((board.scenes.len(), board.scenes[0].kind), (1, Kind::Steps));
    refused(
        r#"{"op":"batch","ops":[{"op":"set_kind","scene":"s1","kind":"steps"},{"op":"unpin","scene":"s1","node":"x"}]}"#,
        "edit 1 of the batch: scene `s1` has no node with the id `x`",
    );
    let many = Op::Batch { ops: vec![Op::Batch { ops: Vec::new() }; MAX_OPS] };
    assert_eq!(
        apply(&mut document(), &many).map(drop).unwrap_err().to_string().split(':').next_back().unwrap(),
        " more than 10000 edits in one batch; send several"
    );
}

#[test]
fn stale_pieces_are_refused() {
    let pieces = [
        r#"{"piece":"nodes","scene":9,"splice":{"at":0,"take":0,"put":[]}}"#,
        r#"{"piece":"nodes","scene":0,"splice":{"at":2,"take":2,"put":[]}}"#,
        r#"{"piece":"review","splice":{"at":18446744073709551615,"take":2,"put":[]}}"#,
        r#"{"piece":"words","at":40,"put":[{"text":"x","start_ms":0,"end_ms":0}]}"#,
    ];
    for piece in pieces {
        refused(&format!(r#"{{"op":"restore","pieces":[{piece}]}}"#), "do not fit the document");
    }
    refused(
        r#"{"op":"restore","pieces":[{"piece":"words","at":9,"put":[{"text":"x","start_ms":0,"end_ms":0}]}]}"#,
        "before the word before it",
    );
    refused(
        r#"{"op":"restore","pieces":[{"piece":"nodes","scene":0,"splice":{"at":0,"take":1,"put":[]}}]}"#,
        "no node has the id `n1`",
    );
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[nea][1-5]",
        4 => "s[1-4]",
        1 => Just(String::new()),
        1 => "\\PC{0,6}",
        1 => Just("a/b".to_owned()),
        1 => Just("x".repeat(500)),
    ]
}

fn scene_id() -> impl Strategy<Value = String> {
    prop_oneof![12 => "s[1-3]", 1 => id()]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[A-Za-z]{1,8}( stock| sales| coffee)?", 1 => "\\PC{0,12}", 1 => Just("y".repeat(300))]
}

fn word() -> impl Strategy<Value = u32> {
    prop_oneof![20 => 0_u32..40, 1 => any::<u32>()]
}

fn leaf() -> impl Strategy<Value = Op> {
    let node = (id(), label(), any::<bool>(), proptest::option::of(id())).prop_map(|(id, label, shaped, actor)| {
        let mut node: Node = serde_json::from_value(serde_json::json!({ "id": id, "label": label })).unwrap();
        (node.shape, node.actor) = (shaped.then_some(Shape::Pill), actor);
        node.role = Role::Event;
        Box::new(node)
    });
    let edge = (id(), id(), id(), label()).prop_map(|(id, from, to, label)| {
        let edge = serde_json::json!({ "id": id, "from": from, "to": to, "label": label });
        Box::new(serde_json::from_value::<Edge>(edge).unwrap())
    });
    let kind = proptest::sample::select(Kind::ALL);
    let share = prop_oneof![4 => 0.0..=1.0, 1 => any::<f64>()];
    let at = proptest::option::of(prop_oneof![
        (word(), -500_i64..500).prop_map(|(word, offset_ms)| At::Word { word, offset_ms }),
        (0_u64..20_000).prop_map(|ms| At::Ms { ms }),
    ]);
    prop_oneof![
        (scene_id(), proptest::option::of(id()), label()).prop_map(|(scene, element, label)| Op::SetLabel {
            scene,
            element,
            label
        }),
        (scene_id(), node, proptest::option::of(0_usize..9)).prop_map(|(scene, node, index)| Op::AddNode {
            scene,
            node,
            index
        }),
        (scene_id(), id()).prop_map(|(scene, node)| Op::RemoveNode { scene, node }),
        (scene_id(), edge).prop_map(|(scene, edge)| Op::AddEdge { scene, edge }),
        (scene_id(), id()).prop_map(|(scene, edge)| Op::RemoveEdge { scene, edge }),
        (scene_id(), id(), proptest::collection::vec(id(), 0..3)).prop_map(|(scene, keep, absorb)| Op::MergeNodes {
            scene,
            keep,
            absorb
        }),
        (scene_id(), kind).prop_map(|(scene, kind)| Op::SetKind { scene, kind }),
        (scene_id(), id(), share.clone(), share).prop_map(|(scene, node, x, y)| Op::Pin { scene, node, at: [x, y] }),
        (scene_id(), id()).prop_map(|(scene, node)| Op::Unpin { scene, node }),
        (scene_id(), id(), at, proptest::option::of(any::<u64>()))
            .prop_map(|(scene, target, at, dur_ms)| Op::MoveReveal { scene, target, at, dur_ms }),
        (scene_id(), word(), proptest::option::of(label())).prop_map(|(scene, word, title)| Op::SplitScene {
            scene,
            word,
            title
        }),
        (scene_id(), scene_id()).prop_map(|(first, second)| Op::MergeScenes { first, second }),
        (scene_id(), proptest::option::of(scene_id())).prop_map(|(scene, before)| Op::MoveScene { scene, before }),
        (word(), "\\PC{0,8}").prop_map(|(word, text)| Op::CorrectWord { word, text }),
        (word(), 0_u32..6).prop_map(|(first, more)| Op::Redact {
            first,
            last: first.saturating_add(more),
            purge: false
        }),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![8 => leaf(), 1 => proptest::collection::vec(leaf(), 0..4).prop_map(|ops| Op::Batch { ops })]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// From any document that edits lead to: an edit and its inverse leave the bytes as they were, a refused edit
    /// changes nothing, and every result is sound.
    #[test]
    fn edits_are_sound_and_undone(ops in proptest::collection::vec(op(), 1..12)) {
        let mut document = document();
        let mut undo = Vec::new();
        for op in &ops {
            let before = bytes(&document);
            match apply(&mut document, op) {
                Ok(inverse) => {
                    let errors: Vec<_> = validate(&to_value(&document.storyboard), Some(&document.transcript))
                        .into_iter()
                        .filter(|p| p.severity == Severity::Error)
                        .collect();
                    prop_assert_eq!(errors, vec![]);
                    undo.push((before, inverse.expect("no purge among the edits")));
                }
                Err(_) => prop_assert_eq!(bytes(&document), before),
            }
        }
        for (before, inverse) in undo.into_iter().rev() {
            let inverse = read(&serde_json::to_vec(&inverse).unwrap()).unwrap();
            prop_assert!(apply(&mut document, &inverse).is_ok());
            prop_assert_eq!(bytes(&document), before);
        }
    }
}
