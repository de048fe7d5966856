//! What is exported, read again as far as this crate can; `benches/export` opens it with the real programs.

use super::*;
use crate::draw::preview;
use crate::film::plan;
use crate::layout::{overlay, place};
use crate::storyboard::{Canvas, Scene, Storyboard};

/// A flow with lanes, a sequence, shares, years and a comparison, with words that no format likes.
fn board() -> Storyboard {
    let scene = |id: &str, kind: &str, words: [u32; 2], rest: serde_json::Value| {
        let mut scene =
            serde_json::json!({"id": id, "title": format!("Scene \"{id}\" & <co>"), "kind": kind, "words": words});
        scene.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        scene
    };
    let value = serde_json::json!({"schema": "studio.scene/1", "id": "t", "lang": "en", "theme": "light",
    "title": "Orders @ <script>", "scenes": [
      scene("lanes", "swimlane", [0, 39], serde_json::json!({
        "actors": [{"id": "sales", "label": "Sales; \"A\""}, {"id": "end", "label": "Ware|house"}],
        "nodes": [{"id": "start", "role": "start", "label": "Order [new]", "actor": "sales", "evidence": [[2, 3]]},
          {"id": "n 2", "role": "decision", "label": "In stock?", "actor": "sales", "evidence": [[5, 5]]},
          {"id": "ß", "label": "Pack #1 `it` 100% \\ $x", "actor": "end", "evidence": [[8, 8]]},
          {"id": "z", "role": "end", "label": "Done", "actor": "end", "evidence": [[12, 12]]}],
        "edges": [{"id": "e1", "from": "start", "to": "n 2"}, {"id": "e2", "from": "n 2", "to": "ß", "type": "yes", "label": "yes: \"all\""},
          {"id": "e3", "from": "ß", "to": "z"}, {"id": "e4", "from": "n 2", "to": "z", "type": "no", "label": "no"}],
        "notes": [{"id": "t", "text": "Only on working days"}]})),
      scene("talk", "sequence", [40, 59], serde_json::json!({
        "nodes": [{"id": "a", "role": "actor", "label": "Client", "evidence": [[41, 41]]}, {"id": "b", "role": "actor", "label": "Server", "evidence": [[42, 42]]}],
        "edges": [{"id": "m1", "from": "a", "to": "b", "type": "message", "label": "asks", "evidence": [[43, 43]]},
          {"id": "m2", "from": "b", "to": "a", "type": "message", "label": "answers"}]})),
      scene("shares", "quantities", [60, 79], serde_json::json!({
        "nodes": [{"id": "x", "role": "quantity", "label": "Rail", "value": 60.0, "evidence": [[61, 61]]}, {"id": "y", "role": "quantity", "label": "Road", "value": 40.0}]})),
      scene("years", "timeline", [80, 99], serde_json::json!({
        "nodes": [{"id": "y1", "role": "event", "label": "Founded: again", "time": "1905", "evidence": [[81, 81]]}, {"id": "y2", "role": "event", "label": "Sold"}]}))
    ]});
    serde_json::from_value(value).expect("a storyboard")
}

fn with<T>(board: &Storyboard, redacted: bool, sound: Option<Sound<'_>>, run: impl Fn(&Deck<'_>) -> T) -> T {
    let mut transcript = Transcript::from_text(&"we say some words here ".repeat(20), "en");
    transcript.words[10].redacted = redacted;
    let (fonts, theme) = (Fonts::bundled(), Theme::named(&board.theme).expect("bundled"));
    let mut placed: Vec<Placed> = board.scenes.iter().map(|s| place(s, board.canvas, &fonts)).collect();
    overlay(&mut placed, board, &transcript, &fonts);
    let film = plan(board, &transcript, &placed).expect("planned");
    let talk = Some(Talk { transcript: &transcript, film: &film, sound });
    run(&Deck { board, placed: &placed, fonts: &fonts, theme: &theme, talk })
}

fn texts(format: Format) -> Vec<String> {
    let text = |file: File| String::from_utf8(file.bytes).expect("text");
    with(&board(), false, None, |deck| export(deck, format, None).expect("exported").into_iter().map(text).collect())
}

/// Every element of a document of XML, by name.
fn elements(text: &str) -> Vec<String> {
    let options = resvg::usvg::roxmltree::ParsingOptions::default();
    let document = resvg::usvg::roxmltree::Document::parse_with_options(text, options);
    let document = document.unwrap_or_else(|e| panic!("{e}: {text}"));
    document.descendants().filter(|n| n.is_element()).map(|n| n.tag_name().name().to_owned()).collect()
}

fn count(elements: &[String], name: &str) -> usize {
    elements.iter().filter(|e| *e == name).count()
}

#[test]
fn every_format_is_the_same_every_time() {
    // Small, for two of them draw the whole film.
    let board = Storyboard { canvas: Canvas { w: 480, h: 270, fps: 10 }, ..board() };
    with(&board, false, None, |deck| {
        for format in Format::ALL {
            let scene = (*format == Format::Bpmn).then_some(0);
            let files = export(deck, *format, scene).expect("exported");
            assert_eq!(files, export(deck, *format, scene).expect("exported"), "{format:?}");
            assert!(files.iter().all(|f| !f.bytes.is_empty() && f.suffix.ends_with(format.ending())), "{format:?}");
            assert_eq!(format.as_str().parse(), Ok(*format));
        }
    });
}

#[test]
fn graph_languages_name_every_box_and_arrow() {
    insta::assert_snapshot!(texts(Format::Dot)[0]);
    insta::assert_snapshot!(texts(Format::D2)[0]);
    insta::assert_snapshot!(texts(Format::Mermaid).join("\n"));
}

/// States whose arrows go round, with a decision that is no question.
fn states() -> Storyboard {
    let mut board = board();
    let mut scene = board.scenes.swap_remove(0);
    let json = serde_json::json!([
        {"id": "a", "label": "new"}, {"id": "b", "label": "checked", "role": "decision"}, {"id": "c", "label": "packed"},
        {"id": "d", "label": "sent"}]);
    scene.kind = crate::storyboard::Kind::State;
    scene.nodes = serde_json::from_value(json).expect("nodes");
    let edge =
        |(i, (from, to)): (usize, (&str, &str))| serde_json::json!({"id": format!("e{i}"), "from": from, "to": to});
    let ways = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("b", "d")];
    scene.edges = serde_json::from_value(ways.into_iter().enumerate().map(edge).collect()).expect("edges");
    scene.notes.clear();
    board.scenes = vec![scene];
    board
}

/// A part of an archive, as text.
fn part(archive: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).expect("an archive");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut zip.by_name(name).expect("the part"), &mut text).expect("text");
    text
}

#[test]
fn curves_stay_curves_and_legends_are_seen_in_every_drawing() {
    let written = |format: Format| with(&states(), false, None, |deck| export(deck, format, None).expect("exported"));
    let text = |format: Format| String::from_utf8(written(format)[0].bytes.clone()).expect("text");
    let curves = with(&states(), false, None, |deck| deck.placed[0].edges.iter().filter(|e| e.curved).count());
    assert!(curves > 0, "nothing goes round");
    let drawio = text(Format::Drawio);
    assert_eq!(drawio.matches("curved=1").count(), curves);
    assert!(drawio.contains("value=\"Decision\""), "{drawio}");
    let excalidraw = text(Format::Excalidraw);
    assert_eq!(excalidraw.matches("\"type\":2").count() + excalidraw.matches("\"type\": 2").count(), curves);
    let slide = part(&written(Format::Pptx)[0].bytes, "ppt/slides/slide1.xml");
    assert!(slide.matches("<a:quadBezTo>").count() > 4 * curves, "{slide}");
    assert!(slide.contains("<a:t>Decision</a:t>"), "{slide}");
}

#[test]
fn documents_are_sound_xml_with_every_box_and_arrow() {
    let drawn = elements(&texts(Format::Drawio)[0]);
    assert_eq!(count(&drawn, "diagram"), 4);
    assert!(count(&drawn, "mxCell") > 30, "{}", count(&drawn, "mxCell"));
    let bpmn = with(&board(), false, None, |deck| export(deck, Format::Bpmn, Some(0)).expect("a process"));
    let bpmn = elements(std::str::from_utf8(&bpmn[0].bytes).expect("text"));
    let expected =
        [("startEvent", 1), ("endEvent", 1), ("exclusiveGateway", 1), ("task", 1), ("sequenceFlow", 4), ("lane", 2)];
    for (name, times) in expected.into_iter().chain([("BPMNEdge", 4), ("BPMNShape", 7)]) {
        assert_eq!(count(&bpmn, name), times, "{name}");
    }
    for format in [Format::Svg, Format::MovingSvg] {
        texts(format).iter().for_each(|text| drop(elements(text)));
    }
    let refused = with(&board(), false, None, |deck| export(deck, Format::Bpmn, Some(3)).expect_err("no process"));
    assert_eq!(
        refused.to_string(),
        "scene `years` is of kind timeline; BPMN takes flow, swimlane, steps, cycle, state"
    );
}

#[test]
fn excalidraw_binds_both_ways() {
    let drawing: serde_json::Value = serde_json::from_str(&texts(Format::Excalidraw)[0]).expect("JSON");
    let elements = drawing["elements"].as_array().expect("a list");
    let by_id = |id: &serde_json::Value| elements.iter().find(|e| e["id"] == *id).expect("it is there");
    let ids: std::collections::BTreeSet<&str> = elements.iter().filter_map(|e| e["id"].as_str()).collect();
    assert_eq!(ids.len(), elements.len(), "every id once");
    let mut bound = 0;
    for element in elements {
        for end in ["startBinding", "endBinding"] {
            let Some(to) = element[end].as_object().map(|b| &b["elementId"]) else { continue };
            let back = by_id(to)["boundElements"].as_array().expect("a list");
            assert!(back.iter().any(|b| b["id"] == element["id"]), "{element}");
            bound += 1;
        }
    }
    assert_eq!(bound, 8);
}

#[test]
fn slides_hold_shapes_and_notes() {
    let files = with(&board(), true, None, |deck| export(deck, Format::Pptx, None).expect("exported"));
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&files[0].bytes)).expect("a container");
    let names: Vec<String> = zip.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let mut read = |name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut zip.by_name(name).expect("a part"), &mut text).expect("text");
        text
    };
    for name in names.iter().filter(|name| name.ends_with(".xml") || name.ends_with(".rels")) {
        elements(&read(name));
    }
    let slide = read("ppt/slides/slide1.xml");
    assert!(slide.contains("In stock?") && slide.contains("Pack #1"), "{slide}");
    let notes = read("ppt/notesSlides/notesSlide1.xml");
    assert!(notes.contains("we say some words") && notes.contains("[redacted]"), "{notes}");
    assert_eq!(names.iter().filter(|n| n.starts_with("ppt/slides/slide")).count(), 4);
}

#[test]
fn pages_of_a_pdf_are_tagged() {
    let files = with(&board(), false, None, |deck| export(deck, Format::Pdf, None).expect("exported"));
    let text = String::from_utf8_lossy(&files[0].bytes);
    for (mark, times) in [
        ("/Type/Page/", 4),
        ("/S/H1", 4),
        ("/S/Figure", 4),
        ("/Alt<FEFF", 4),
        ("/Marked true", 1),
        ("<pdfuaid:part>1<", 1),
    ] {
        assert_eq!(text.matches(mark).count(), times, "{mark}");
    }
    assert!(text.starts_with("%PDF-1.7") && text.ends_with("%%EOF\n"));
    // Every font has a descriptor; the language has a name even where nobody knows it.
    assert_eq!(text.matches("/Type/FontDescriptor").count(), text.matches("/Subtype/Type3").count());
    let unknown = Storyboard { lang: String::new(), ..board() };
    let files = with(&unknown, false, None, |deck| export(deck, Format::Pdf, None).expect("exported"));
    assert!(String::from_utf8_lossy(&files[0].bytes).contains("/Lang<FEFF0075006E0064>"));
}

#[test]
fn the_page_speaks_the_language_of_the_talk() {
    let words: serde_json::Value =
        serde_json::from_str(include_str!("../../../../assets/player/words.json")).expect("the words");
    let keys = |lang: &str| words[lang].as_object().expect("a language").keys().cloned().collect::<Vec<_>>();
    for lang in words.as_object().expect("languages").keys() {
        assert_eq!(keys(lang), keys("en"), "{lang}");
        assert!(words[lang].as_object().expect("words").values().all(|w| w.as_str().is_some_and(|w| !w.contains('@'))));
    }
    for (lang, spoken, direction) in [("de-AT", "de", "ltr"), ("ar", "ar", "rtl"), ("fi", "en", "ltr")] {
        let board = Storyboard { lang: lang.to_owned(), ..board() };
        let html = with(&board, false, None, |deck| export(deck, Format::Html, None).expect("exported"));
        let html = String::from_utf8(html[0].bytes.clone()).expect("text");
        let scenes = words[spoken]["scenes"].as_str().expect("a word");
        assert!(html.contains(&format!("<html lang=\"{lang}\" dir=\"{direction}\">")), "{lang}");
        assert!(html.contains(&format!("<h2 lang=\"{spoken}\">{scenes}</h2>")), "{lang}");
        let markup = html.split("<script").next().expect("markup");
        assert!(!markup.contains("aria-label=\"{") && !markup.contains(">{"), "a word is missing: {lang}");
    }
}

#[test]
fn a_page_holds_everything_and_lets_nothing_in() {
    let sound = Some(Sound { bytes: b"OggS", media_type: "audio/ogg" });
    let page = |redacted, sound| with(&board(), redacted, sound, |deck| export(deck, Format::Html, None));
    let html = String::from_utf8(page(false, sound).expect("a page").remove(0).bytes).expect("text");
    assert!(html.contains("data:audio/ogg;base64,T2dnUw=="), "the voice");
    assert!(html.contains("Orders @ &lt;script&gt;") && !html.contains("<script>\"") && !html.contains("& <co>"));
    assert_eq!(html.matches("<script").count(), 2, "the film and the player");
    for outside in ["http://", "https://", "//cdn", "@import", "url("] {
        let named = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!named.contains(outside), "{outside}");
    }
    assert!(matches!(page(true, sound), Err(ExportError::Redacted)), "what was redacted is never heard");
    assert!(!String::from_utf8(page(true, None).expect("a page").remove(0).bytes).expect("text").contains("<audio"));
}

/// The pictures of a GIF, whole, with how long each is seen in milliseconds.
fn gif_pictures(bytes: &[u8]) -> Vec<(Vec<[u8; 3]>, u32)> {
    let mut gif = gif::Decoder::new(bytes).expect("a gif");
    let (w, colours) = (usize::from(gif.width()), gif.global_palette().expect("a palette").to_vec());
    assert_eq!(gif.repeat(), gif::Repeat::Infinite);
    let mut whole = vec![[0; 3]; w * usize::from(gif.height())];
    let mut pictures = Vec::new();
    while let Some(frame) = gif.read_next_frame().expect("a frame") {
        for (i, &colour) in frame.buffer.iter().enumerate() {
            let (x, y) = (i % usize::from(frame.width), i / usize::from(frame.width));
            let at = (usize::from(frame.top) + y) * w + usize::from(frame.left) + x;
            whole[at] = colours.as_chunks().0[usize::from(colour)];
        }
        pictures.push((whole.clone(), u32::from(frame.delay) * 10));
    }
    pictures
}

/// As [`gif_pictures`], of a WebP.
fn webp_pictures(bytes: &[u8]) -> Vec<(Vec<[u8; 3]>, u32)> {
    let mut webp = image_webp::WebPDecoder::new(std::io::Cursor::new(bytes)).expect("a webp");
    assert!(webp.is_animated() && matches!(webp.loop_count(), image_webp::LoopCount::Forever));
    let mut bytes = vec![0; webp.output_buffer_size().expect("a size")];
    let step = if webp.has_alpha() { 4 } else { 3 };
    let count = webp.num_frames();
    let next = |_| {
        let ms = webp.read_frame(&mut bytes).expect("a frame");
        (bytes.chunks(step).map(|c| [c[0], c[1], c[2]]).collect(), ms)
    };
    (0..count).map(next).collect()
}

#[test]
fn pictures_that_move_show_the_film() {
    for (canvas, part) in [(Canvas { w: 480, h: 270, fps: 10 }, 1), (Canvas { w: 1066, h: 600, fps: 60 }, 2)] {
        let board = Storyboard { canvas, ..board() };
        with(&board, false, None, |deck| {
            let made = |format| export(deck, format, Some(1)).expect("exported").remove(0).bytes;
            let (gif, webp) = (gif_pictures(&made(Format::Gif)), webp_pictures(&made(Format::Webp)));
            assert!(gif.len() > 10 && webp.len() == gif.len(), "{} {}", gif.len(), webp.len());
            let film = deck.talk.expect("a talk").film;
            let frames = film.takes().iter().filter(|take| take.scene == 1).map(crate::film::Take::end).max();
            let at_ms = (frames.expect("a take") - 1) * 1000 / u64::from(film.fps);
            let last = preview(film, deck.placed, deck.fonts, deck.theme, at_ms).expect("drawn");
            let (w, h) = (last.w / part, last.h / part);
            let (shown, ms) = webp.last().expect("a picture");
            assert_eq!((shown.len(), *ms), ((w * h) as usize, 3000));
            for (i, colour) in shown.iter().enumerate() {
                let (x, y) = (i as u32 % w * part, i as u32 / w * part);
                let square = (0..part * part).map(|n| ((y + n / part) * last.w + x + n % part) as usize * 4);
                for (channel, value) in colour.iter().enumerate() {
                    let sum: u32 = square.clone().map(|at| u32::from(last.rgba[at + channel])).sum();
                    assert_eq!(u32::from(*value), (sum + part * part / 2) / (part * part), "{x} {y}");
                }
            }
            for ((few, gif_ms), (all, webp_ms)) in gif.iter().zip(&webp) {
                assert!(gif_ms.abs_diff(*webp_ms) < 10 && *webp_ms <= 3000, "{gif_ms} {webp_ms}");
                let far = |(a, b): (&[u8; 3], &[u8; 3])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > 24);
                let wrong = few.iter().zip(all).filter(|pair| far(*pair)).count();
                assert!(wrong * 500 < all.len(), "{wrong} pixels of {} have another colour", all.len());
            }
        });
    }
}

#[test]
fn what_is_missing_is_said() {
    let board = board();
    with(&board, false, None, |deck| {
        let silent = Deck { talk: None, ..*deck };
        assert!(matches!(export(&silent, Format::Html, None), Err(ExportError::NoTalk("html"))));
        assert!(export(&silent, Format::Pptx, None).is_ok());
        assert!(matches!(export(deck, Format::Svg, Some(9)), Err(ExportError::Scene(10, 4))));
        let fewer = Deck { placed: &deck.placed[1..], ..*deck };
        assert!(matches!(export(&fewer, Format::Svg, None), Err(ExportError::Count { .. })));
    });
}

#[test]
fn every_kind_goes_into_every_format() {
    let kinds: Vec<Kind> = Kind::ALL.to_vec();
    let base = board();
    for canvas in [Canvas::default(), Canvas { w: 1080, h: 1920, fps: 30 }] {
        let scenes = kinds.iter().enumerate().map(|(i, kind)| Scene {
            id: format!("k{i}"),
            kind: *kind,
            ..base.scenes[0].clone()
        });
        let all = Storyboard { canvas, scenes: scenes.collect(), ..base.clone() };
        with(&all, false, None, |deck| {
            for format in
                Format::ALL.iter().filter(|f| !matches!(f, Format::Bpmn | Format::Png | Format::Gif | Format::Webp))
            {
                export(deck, *format, None).unwrap_or_else(|e| panic!("{format:?}: {e}"));
            }
        });
    }
}
