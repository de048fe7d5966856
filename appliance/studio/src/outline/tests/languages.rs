//! Talks in other languages than English, and in such as there are no rules for.

use super::*;

#[test]
fn unknown_languages_get_steps_and_say_so() {
    let board = outline("Primeiro verificamos o estoque. Depois enviamos a mercadoria. Por fim vem a fatura.", "pt");
    assert_eq!(board.scenes[0].kind, Kind::Steps);
    assert_eq!(board.scenes[0].nodes.len(), 3);
    assert!(board.review.iter().any(|r| r.why.contains("`pt`")));
    let text = "Para hacer la masa, mezclamos la harina con un huevo. Después añadimos la leche fría. Dejamos reposar una hora.";
    let board = outline(text, "en");
    let labels: Vec<&str> = board.scenes[0].nodes.iter().map(|n| n.label.as_str()).collect();
    assert_eq!(labels, ["Para hacer la masa", "Después añadimos la leche fría", "Dejamos reposar una hora"]);
    assert!(board.review.iter().any(|r| r.why.contains("does not read like English")), "{:?}", board.review);
    assert!(board.review.iter().all(|r| !r.why.contains("`en`")));
}

/// The talks of a language: `== name kind title`, the text, and a line for each box, `time > label` where it has a time.
#[track_caller]
fn check_talks(lang: &str, talks: &str) {
    for block in talks.split("== ").skip(1) {
        let mut lines = block.trim().lines();
        let head: Vec<&str> = lines.next().unwrap().splitn(3, ' ').collect();
        let text = lines.next().unwrap();
        let board = outline(text, lang);
        sound(&board);
        assert!(board.review.iter().all(|r| !r.why.contains("no rules")), "{text}");
        let scene = &board.scenes[0];
        let drawn: Vec<String> = scene
            .nodes
            .iter()
            .map(|n| n.time.as_ref().map_or_else(|| n.label.clone(), |time| format!("{time} > {}", n.label)))
            .collect();
        assert_eq!(drawn, lines.collect::<Vec<_>>(), "{text}");
        assert_eq!((scene.kind.as_str(), scene.title.as_str()), (head[1], head[2]), "{text}");
        // What says nothing of its language is told by its small words.
        if text.chars().count() > 60 {
            assert_eq!(outline(text, "und").scenes[0].nodes, scene.nodes, "{text}");
        }
    }
}

#[test]
fn german_talks() {
    check_talks("de", include_str!("../cases/de.txt"));
}

#[test]
fn japanese_talks() {
    check_talks("ja", include_str!("../cases/ja.txt"));
}

#[test]
fn chinese_talks() {
    check_talks("zh", include_str!("../cases/zh.txt"));
}
