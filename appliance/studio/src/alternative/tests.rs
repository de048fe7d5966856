//! What is written about films, read again.

use super::*;
use crate::film::plan;
use crate::layout::{Measure, place};
use crate::transcript::Transcript;

struct Even;

impl Measure for Even {
    fn width(&self, text: &str, px: f32) -> f32 {
        text.chars().count() as f32 * px * 0.55
    }
}

fn board(lang: &str) -> Storyboard {
    serde_json::from_value(serde_json::json!({"schema": "studio.scene/1", "id": "t", "lang": lang, "theme": "light",
        "title": "Orders <script>", "scenes": [
        {"id": "s", "title": "An order", "kind": "flow", "words": [0, 99],
         "actors": [{"id": "x", "label": "Sales"}],
         "nodes": [{"id": "a", "label": "In stock?", "role": "decision", "evidence": [[4, 5]]},
                   {"id": "b", "label": "Send\nit", "evidence": [[12, 12]]},
                   {"id": "c", "label": "Say <sorry>", "actor": "x", "evidence": [[20, 20]]}],
         "edges": [{"id": "e", "from": "a", "to": "b", "type": "yes", "label": "in stock"},
                   {"id": "f", "from": "a", "to": "c", "type": "no"}],
         "notes": [{"id": "n", "text": "Ask first"}]},
        {"id": "t", "title": "Years", "kind": "timeline", "words": [100, 119],
         "nodes": [{"id": "y", "label": "Founded", "time": "1905", "evidence": [[101, 101]]}]}]}))
    .expect("a storyboard")
}

fn film(board: &Storyboard) -> (Film, Transcript) {
    let mut talk = Transcript::from_text(&"the order & the stock ".repeat(24), "en");
    talk.words[2].redacted = true;
    let placed: Vec<_> = board.scenes.iter().map(|s| place(s, board.canvas, &Even)).collect();
    (plan(board, &talk, &placed).expect("planned"), talk)
}

#[test]
fn every_box_and_arrow_is_described_once() {
    let board = board("en");
    let expected = [
        "An order. Flow chart: 3 boxes and 2 arrows.",
        "Sales: “Say <sorry>”.",
        "If so, “In stock?” leads to “Send it”. On the arrow: “in stock”.",
        "If not, “In stock?” leads to “Say <sorry>”.",
        "Note: Ask first",
    ];
    assert_eq!(describe(&board.scenes[0], "en-GB"), expected);
    assert_eq!(describe(&board.scenes[1], "en"), ["Years. Timeline: one box.", "1905: “Founded”."]);
    assert_eq!(summary(&board.scenes[1], "de"), "Years. Zeitleiste: ein Kasten.");
    for (lang, expected) in [
        ("hi", ["An order। प्रवाह आरेख: 3 बॉक्स और 2 तीर।", "Sales: “Say <sorry>”।"]),
        ("ja-JP", ["An order。フローチャート：箱が3個、矢印が2本。", "Sales：「Say <sorry>」。"]),
        ("zh-CN", ["An order。流程图：3个方框和2个箭头。", "Sales：“Say <sorry>”。"]),
        ("ar", ["An order. مخطط انسيابي: عدد المربعات 3 وعدد الأسهم 2.", "Sales: «Say <sorry>»."]),
    ] {
        assert_eq!(describe(&board.scenes[0], lang)[..2], expected);
        let page = page(&film(&board).0, &Storyboard { lang: lang.to_owned(), ..board.clone() }, &film(&board).1);
        for english in ["Contents", "What the picture", "leads to", "boxes"] {
            assert!(!page.contains(english), "{lang}: {english}");
        }
    }
    assert_eq!(summary(&board.scenes[1], "tlh"), summary(&board.scenes[1], "en"));
}

#[test]
fn tracks_follow_the_scenes() {
    let board = board("en");
    let (film, _) = film(&board);
    insta::assert_snapshot!(format!("{}\n{}", chapters(&film, "en"), descriptions(&film, &board)));
}

#[test]
fn the_page_is_well_formed_and_holds_no_markup_of_strangers() {
    let board = board("en");
    let (film, talk) = film(&board);
    let page = page(&film, &board, &talk);
    assert!(!page.contains("<script") && !page.contains("<sorry>"), "{page}");
    assert!(!page.contains("http") && !page.contains("src="), "nothing is loaded");
    assert_eq!(page.matches("<h1>").count(), 1);
    assert_eq!(page.matches("<h2").count(), 3, "contents and two scenes");
    for (open, close) in [("<section", "</section>"), ("<ul>", "</ul>"), ("<li>", "</li>"), ("<p>", "</p>")] {
        assert_eq!(page.matches(open).count(), page.matches(close).count(), "{open}");
    }
    for n in [1, 2] {
        assert!(page.contains(&format!("href=\"#scene-{n}\"")) && page.contains(&format!("id=\"scene-{n}\"")));
    }
    assert!(page.contains(crate::transcript::REDACTED), "what was redacted is not read out");
}
