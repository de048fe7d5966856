//! A page to read instead of watching: contents, what each picture shows, what is said; no scripts, nothing loaded.

use std::fmt::Write as _;

use super::describe::describe;
use super::phrases::Phrases;
use crate::draw::escape;
use crate::film::Film;
use crate::storyboard::Storyboard;
use crate::transcript::{REDACTED, Transcript, turns};

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.05rem/1.6 system-ui,sans-serif;max-width:44rem;margin:2.5rem auto;padding:0 1.2rem}\
h1{line-height:1.2;font-size:2rem}\
h2{margin-top:3rem;line-height:1.25}\
h3{margin-bottom:.3rem;font-size:1rem;opacity:.75}\
time{font-variant-numeric:tabular-nums;opacity:.75;font-size:.9em;margin-inline-start:.4em}\
nav ol,ul{padding-inline-start:1.4rem}\
section p{white-space:pre-line}\
@media print{body{margin:0;max-width:none}h2{break-after:avoid}}";

/// Languages that are written from right to left.
const FROM_RIGHT: [&str; 6] = ["ar", "fa", "he", "ps", "ur", "yi"];

/// The film as an HTML page: one section a scene under a list of contents.
pub fn page(film: &Film, board: &Storyboard, transcript: &Transcript) -> String {
    let p = Phrases::of(&board.lang);
    let title = if board.title.is_empty() { &board.id } else { &board.title };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\" dir=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
        escape(&board.lang),
        direction(&board.lang),
        escape(title),
        escape(title)
    );
    let chapters = film.chapters();
    let _ = writeln!(out, "<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">{}</h2>\n<ol>", p.contents);
    for c in &chapters {
        let (n, name, at) = (c.scene + 1, escape(&heading(&c.title, c.scene)), clock(c.start_ms));
        let _ = writeln!(out, "<li><a href=\"#scene-{n}\">{name}</a> <time>{at}</time></li>");
    }
    out.push_str("</ol>\n</nav>\n");
    for c in &chapters {
        let Some(scene) = board.scenes.get(c.scene) else { continue };
        let (n, name) = (c.scene + 1, escape(&heading(&c.title, c.scene)));
        let _ = writeln!(
            out,
            "<section aria-labelledby=\"scene-{n}\">\n<h2 id=\"scene-{n}\">{name} <time>{}</time></h2>",
            clock(c.start_ms)
        );
        let _ = writeln!(out, "<h3>{}</h3>\n<ul>", p.picture);
        for sentence in describe(scene, &board.lang) {
            let _ = writeln!(out, "<li>{}</li>", escape(&sentence));
        }
        let _ = writeln!(out, "</ul>\n<h3>{}</h3>", p.spoken);
        for paragraph in turns(&spoken(transcript, scene.words)).lines().filter(|t| !t.trim().is_empty()) {
            let _ = writeln!(out, "<p>{}</p>", escape(paragraph.trim()));
        }
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// The words of a scene as a transcript of their own.
fn spoken(transcript: &Transcript, [first, last]: [u32; 2]) -> Transcript {
    let end = (last as usize + 1).min(transcript.words.len());
    let mut words = transcript.words.get(first as usize..end).unwrap_or_default().to_vec();
    for word in words.iter_mut().filter(|word| word.redacted) {
        REDACTED.clone_into(&mut word.text);
    }
    Transcript { words, ..transcript.clone() }
}

/// How a language (BCP 47) is written: `rtl` or `ltr`.
pub(crate) fn direction(lang: &str) -> &'static str {
    let primary = lang.split(['-', '_']).next().unwrap_or_default();
    if FROM_RIGHT.contains(&primary) { "rtl" } else { "ltr" }
}

fn heading(title: &str, scene: usize) -> String {
    if title.trim().is_empty() { format!("{}", scene + 1) } else { title.trim().to_owned() }
}

/// `1:02:03` or `2:03`.
fn clock(ms: u64) -> String {
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}
