//! Diagrams read, and our own exports read back.

use super::*;
use crate::outline::Options;
use crate::storyboard::{Canvas, EdgeType, Kind, Role, Severity, validate};

/// `label(shape)@room` of every box, then `from -label-> to` of every line.
fn summary(drawing: &Drawing) -> String {
    let of = |b: &Carton| {
        let shape = b.shape.map_or(String::new(), |s| format!("({s})"));
        let room = b.room.map_or(String::new(), |r| format!("@{}", drawing.rooms[r].label));
        format!("{}{shape}{room}", b.label)
    };
    let boxes: Vec<String> = drawing.boxes.iter().map(of).collect();
    let line = |l: &Link| {
        let (from, to) = (&drawing.boxes[l.from].label, &drawing.boxes[l.to].label);
        let words = if l.label.is_empty() { String::new() } else { format!("-{}", l.label) };
        format!("{from} {words}-{} {to}", if l.directed { ">" } else { "" })
    };
    let lines: Vec<String> = drawing.lines.iter().map(line).collect();
    format!("{} | {}", boxes.join(", "), lines.join(", "))
}

#[track_caller]
fn check(syntax: Syntax, text: &str, expected: &str) {
    let drawing = read(text.as_bytes(), syntax).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(summary(&drawing), expected, "{text}");
}

#[track_caller]
fn refused(syntax: Syntax, text: &str, expected: &str) {
    let error = read(text.as_bytes(), syntax).expect_err("no diagram").to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn mermaid() {
    let check = |text: &str, expected: &str| check(Syntax::Mermaid, text, expected);
    check("graph TD\nA-->B", "A, B | A -> B");
    check(
        "flowchart LR; A[Check stock] --> B{In stock?}; B -->|yes| C([Ship]); B -- no --> D[(Ledger)]",
        "Check stock, In stock?(diamond), Ship(pill), Ledger(cylinder) | Check stock -> In stock?, In stock? -yes-> Ship, In stock? -no-> Ledger",
    );
    check(
        "graph\n%% a note\nsubgraph s1[Sales team]\n direction TB\n a & b --> c:::hot\nend\nc -. maybe .-> d\nc == \"must; do\" ==> e\nclassDef hot fill:#f00",
        "a@Sales team, b@Sales team, c@Sales team, d, e | a -> c, b -> c, c -maybe-> d, c -must; do-> e",
    );
    check(
        "flowchart\n a --- b\n b <--> c\n c --o d\n c ~~~ a\n c e1@--> f",
        "a, b, c, d, f | a - b, b -> c, c -> d, c -> f",
    );
    check(
        "flowchart TB\n a[\"5 #gt; 3 #quot;x#quot; #35;1<br/>two\"] --> end1",
        "5 > 3 \"x\" #1 two, end1 | 5 > 3 \"x\" #1 two -> end1",
    );
    check(
        "flowchart TB\n subgraph Back office\n x-y.z --> q@{ shape: diam, label: \"Ok?\" }\n end\n q ---> long",
        "x-y.z@Back office, Ok?(diamond)@Back office, long | x-y.z -> Ok?, Ok? -> long",
    );
    let titled = read(b"---\ntitle: \"A \\\"b\\\"\"\n---\nflowchart TB\na-->b", Syntax::Mermaid).expect("a flowchart");
    assert_eq!(titled.title, "A \"b\"");
    let refused = |text: &str, expected: &str| refused(Syntax::Mermaid, text, expected);
    refused("sequenceDiagram\nA->>B: hi", "type `sequenceDiagram` is not read");
    refused("graph TD\nA[open", "line 2 is not Mermaid: `]` is missing");
    refused("graph TD\nsubgraph a\nb", "does not end with `end`");
    refused("graph TD\n", "no boxes");
    refused("graph TD\na --> ", "line 2");
}

#[test]
fn dot() {
    let check = |text: &str, expected: &str| check(Syntax::Dot, text, expected);
    check(
        "digraph { a -> b -> c; b [label=\"In \\\"stock\\\"?\", shape=diamond]; b -> d [label=yes] }",
        "a, In \"stock\"?(diamond), c, d | a -> In \"stock\"?, In \"stock\"? -> c, In \"stock\"? -yes-> d",
    );
    check(
        "strict graph G { /* x */ a -- b // y\n c -- {d e} [label=<<b>of</b> us>]; node [shape=box] f:p:n }",
        "a, b, c, d, e, f | a - b, c -of us- d, c -of us- e",
    );
    check(
        "digraph \"T\" { label=\"Top\"; subgraph cluster_0 { label = \"Sales\"; x; y } subgraph cluster_1 { style=filled; z } x -> z [dir=back] x -> y [dir=none] }",
        "x@Sales, y@Sales, z | z -> x, x - y",
    );
    // What has no words goes by its name.
    check("graph { subgraph cluster_Desk { a [label=\"\"]; b [label=\"`\"] } \"``\" }", "a@Desk, b@Desk, 3 | ");
    check(
        "digraph { \"a b\" -> \"c\" + \"d\"; -1.5 -> é; edge [style=invis]; rankdir=LR; a -> b [style=invis] }",
        "a b, cd, -1.5, é, a, b | a b -> cd, -1.5 -> é",
    );
    let top = read(b"digraph x { label=\"Top\\nline\" a }", Syntax::Dot).expect("a graph");
    assert_eq!((top.title.as_str(), top.boxes.len()), ("Top line", 1));
    let refused = |text: &str, expected: &str| refused(Syntax::Dot, text, expected);
    refused("flowchart", "`digraph` or `graph`");
    refused("digraph { a -> ", "line 1");
    refused("digraph {\n a [label=\"x ]\n}", "line 2 is not DOT: a string does not end");
    refused("digraph { a", "`}` is missing");
}

#[test]
fn d2() {
    let check = |text: &str, expected: &str| check(Syntax::D2, text, expected);
    check(
        "a -> b -> c: then\nb: \"In stock?\" {shape: diamond}",
        "a, In stock?(diamond), c | a -then-> In stock?, In stock? -then-> c",
    );
    check(
        "direction: right\nsales: Sales team {\n  x: Check\n  x -> y\n}\nsales.y <- z: back # note\nsales -> q",
        "Check@Sales team, y@Sales team, z, q | Check -> y, z -back-> y, Check -> q",
    );
    check(
        "a -- b: {label: both; style.stroke: red}\nc <-> d\na.style.fill: blue\nold: null\n_x: |md # Head\n- two |",
        "a, b, c, d, old, Head two | a -both- b, c -> d",
    );
    check(
        "web app: Web App; db: {shape: cylinder; label: Store}\nweb app -> db: reads {style: {stroke-dash: 3}}\n(web app -> db)[0].style.opacity: 0.5\nclasses: {x: {style: {fill: red}}}",
        "Web App, Store(cylinder) | Web App -reads-> Store",
    );
    check("\"\"\"\nlong\n\"\"\"\na: {\n b: {\n  c -> _._.d\n }\n}", "c@b, d | c -> d");
    let refused = |text: &str, expected: &str| refused(Syntax::D2, text, expected);
    refused("a: {\nb", "`}` is missing");
    refused("a -> ", "line 1 is not D2");
    refused(&"a: {".repeat(40), "deep");
}

#[test]
fn a_drawing_is_told_and_cited() {
    let text = "flowchart TB\ns([Order arrives]) --> q{In stock?}\nq -->|no| buy[Order more]\nq -->|yes| ship[Ship it]\nbuy --> ship --> e([Done])\nsubgraph st[Store]\nship\nend";
    let drawing = read(text.as_bytes(), Syntax::Mermaid).expect("a flowchart");
    let words = transcript(&drawing, "en");
    let all = words.words.len();
    assert_eq!(
        words.text(0, all - 1).replace('\n', " "),
        "Order arrives In stock? no Order more Store yes Ship it Done"
    );
    let options = Options { id: "flow".into(), theme: "dark".into(), canvas: Canvas::default(), kind: None };
    let board = storyboard(&drawing, "en", &options);
    let scene = &board.scenes[0];
    let roles: Vec<Role> = scene.nodes.iter().map(|n| n.role).collect();
    assert_eq!(roles, [Role::Start, Role::Decision, Role::Activity, Role::Activity, Role::End]);
    let kinds: Vec<EdgeType> = scene.edges.iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [EdgeType::Then, EdgeType::No, EdgeType::Yes, EdgeType::Then, EdgeType::Then]);
    for node in &scene.nodes {
        let [first, last] = node.evidence[0];
        assert_eq!(words.text(first as usize, last as usize), node.label);
    }
    assert_eq!((scene.kind, scene.groups[0].label.as_str()), (Kind::Flow, "Store"));
    let problems = validate(&crate::storyboard::to_value(&board), Some(&words));
    assert!(problems.iter().all(|p| p.severity != Severity::Error), "{problems:?}");
}

#[test]
fn what_is_exported_is_read_back() {
    use crate::draw::{Fonts, Theme};
    use crate::export::{Deck, Format, export};
    let text = "flowchart TB\na([Start #quot;x#quot;]) --> b{Ok? 50%}\nb -->|yes; sure| c[(Ledger $1)]\nb --- d[\"\\ / ok\"]\nsubgraph g[Room #35;1]\nc\nd\nend";
    let drawing = read(text.as_bytes(), Syntax::Mermaid).expect("a flowchart");
    let options = Options { id: "t".into(), theme: "light".into(), canvas: Canvas::default(), kind: None };
    let board = storyboard(&drawing, "en", &options);
    let (fonts, theme) = (Fonts::bundled(), Theme::named("light").expect("bundled"));
    let placed: Vec<_> = board.scenes.iter().map(|s| crate::layout::place(s, board.canvas, &fonts)).collect();
    let deck = Deck { board: &board, placed: &placed, fonts: &fonts, theme: &theme, talk: None };
    // Round ends are not told from others everywhere.
    let parts = |drawing: &Drawing| {
        let text = summary(drawing).replace("(pill)", "").replace("(ellipse)", "");
        let mut parts: Vec<String> = text.split(" | ").flat_map(|half| half.split(", ")).map(str::to_owned).collect();
        parts.sort();
        parts
    };
    for (format, syntax) in [(Format::Mermaid, Syntax::Mermaid), (Format::Dot, Syntax::Dot), (Format::D2, Syntax::D2)] {
        let file = export(&deck, format, None).expect("exported").remove(0);
        let text = String::from_utf8_lossy(&file.bytes);
        let again = read(&file.bytes, syntax).unwrap_or_else(|e| panic!("{format:?} {e}\n{text}"));
        assert_eq!(parts(&again), parts(&drawing), "{format:?}\n{text}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_makes_it_fall_over(text in "[a-c{}\\[\\]()<>\\-=.|&;:\"'#%@ \\n\\\\]{0,60}") {
        for syntax in [Syntax::Mermaid, Syntax::Dot, Syntax::D2] {
            for head in ["", "flowchart TB\n", "digraph {", "graph {"] {
                if let Ok(drawing) = read(format!("{head}{text}").as_bytes(), syntax) {
                    let words = transcript(&drawing, "en");
                    proptest::prop_assert!(drawing.lines.iter().all(|l| l.from < drawing.boxes.len() && l.to < drawing.boxes.len()));
                    proptest::prop_assert!(words.words.len() < 10_000);
                }
            }
        }
    }
}
