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
        grounded(text, lang, &board);
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

/// A dated talk as steps, and as a timeline again.
#[track_caller]
fn check_redrawn(lang: &str, text: &str, steps: &[&str]) {
    let transcript = Transcript::from_text(text, lang);
    let board = outline(text, lang);
    let scene = &board.scenes[0];
    assert_eq!((scene.kind, scene.alt_kinds.as_slice()), (Kind::Timeline, &[Kind::Steps][..]), "{text}");
    let drawn = redraw(&transcript, scene, Kind::Steps).expect("another drawing");
    let labels: Vec<&str> = drawn.nodes.iter().map(|n| n.label.as_str()).collect();
    assert_eq!(labels, steps, "{text}");
    assert!(drawn.nodes.iter().all(|n| n.time.is_none()) && drawn.edges.len() + 1 == steps.len());
    assert_eq!(redraw(&transcript, &drawn, Kind::Timeline).expect("back again").nodes, scene.nodes);
    assert!(redraw(&transcript, scene, Kind::Flow).is_none());
    let board = Storyboard { scenes: vec![drawn], ..board };
    assert_eq!(ungrounded(&transcript, &board), []);
}

#[test]
fn a_dated_talk_as_steps_says_its_dates() {
    check_redrawn(
        "de",
        "Im Jahr 1894 wurde die Brücke gebaut. 1945 sprengten Soldaten den mittleren Bogen.",
        &["1894: Brücke gebaut", "1945: Soldaten mittleren Bogen sprengten"],
    );
    check_redrawn(
        "ja",
        "1964年に新幹線が開業しました。1987年に国鉄が民営化されました。",
        &["1964年: 新幹線が開業", "1987年: 国鉄が民営化"],
    );
    check_redrawn(
        "zh",
        "1985年，工厂在苏州成立。1992年，公司开始出口自行车。",
        &["1985年: 工厂在苏州成立", "1992年: 公司开始出口自行车"],
    );
}

#[test]
fn what_has_no_dates_has_no_timeline() {
    let text = "Zuerst prüfen wir den Bestand. Danach packen wir die Ware ein. Am Ende holt der Fahrer das Paket ab.";
    let board = outline(text, "de");
    assert_eq!((board.scenes[0].kind, board.scenes[0].alt_kinds.len()), (Kind::Steps, 0));
    assert!(redraw(&Transcript::from_text(text, "de"), &board.scenes[0], Kind::Timeline).is_none());
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
