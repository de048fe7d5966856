//! The film as one page for a browser: animation, voice, captions, search and keyboard, with nothing to load.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::xml::{escape, number};
use super::{Deck, ExportError, MAX_SOUND, Talk};
use crate::alternative::{describe, direction, summary};
use crate::draw::{Piece, pieces};
use crate::film::{score, window};
use crate::transcript::cues;

const PLAYER: &str = include_str!("../../../../assets/player/player.js");
const STYLE: &str = include_str!("../../../../assets/player/player.css");
const BODY: &str = include_str!("../../../../assets/player/player.html");
/// What the player says, by language and then by key.
const WORDS: &str = include_str!("../../../../assets/player/words.json");

/// The page.
///
/// # Errors
/// When the recording still says what was redacted, or is too large for a page.
pub(super) fn write(deck: &Deck<'_>, talk: &Talk<'_>) -> Result<String, ExportError> {
    let title = if deck.board.title.is_empty() { &deck.board.id } else { &deck.board.title };
    let style = format!("{}{STYLE}", colours(deck));
    let words = Words::of(&deck.board.lang);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\" dir=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; media-src data:; \
         style-src 'unsafe-inline'; script-src 'sha256-{}'\">\n<title>{}</title>\n<style>{style}</style>\n</head>\n",
        escape(&deck.board.lang),
        direction(&deck.board.lang),
        STANDARD.encode(Sha256::digest(PLAYER.as_bytes())),
        escape(title)
    );
    let body = words.body();
    let pieces: Vec<&str> = body.split('@').collect();
    let [head, lead, between, after] = pieces[..] else { unreachable!("the page has three gaps") };
    out.push_str(head);
    out.push_str(&escape(title));
    out.push_str(lead);
    for at in 0..deck.placed.len() {
        scene(&mut out, deck, at);
    }
    out.push_str(between);
    told(&mut out, deck);
    out.push_str(after);
    if let Some(voice) = voice(talk)? {
        out.push_str(&voice);
    }
    // A data block: only `<` could end it early.
    let film = data(deck, talk, &words.all).to_string().replace('<', "\\u003c");
    let _ = writeln!(out, "<script type=\"application/json\" id=\"film\">{film}</script>");
    let _ = writeln!(out, "<script>{PLAYER}</script>\n</body>\n</html>");
    Ok(out)
}

/// What the player says, in one language.
struct Words {
    /// The language: that of the talk, else English.
    lang: String,
    all: Value,
}

impl Words {
    fn of(lang: &str) -> Self {
        let mut known: Value = serde_json::from_str(WORDS).expect("a test reads the words");
        let lang = [primary(lang), "en"].into_iter().find(|lang| known.get(lang).is_some()).unwrap_or_default();
        Words { lang: lang.to_owned(), all: known[lang].take() }
    }

    /// The markup of the player, with gaps for what it shows.
    fn body(&self) -> String {
        let mut body = BODY.replace("{lang}", &self.lang);
        for (key, word) in self.all.as_object().into_iter().flatten() {
            body = body.replace(&format!("{{{key}}}"), &escape(word.as_str().unwrap_or_default()));
        }
        body
    }
}

/// The first part of a language tag.
fn primary(lang: &str) -> &str {
    lang.split(['-', '_']).next().unwrap_or_default()
}

/// The theme's colours for the style sheet.
fn colours(deck: &Deck<'_>) -> String {
    let t = deck.theme;
    let (w, h) = deck.placed.first().map_or((16, 9), |placed| placed.canvas);
    format!(
        ":root{{--page:{};--plate:{};--ink:{};--muted:{};--line:{};--accent:{};--w:{w};--h:{h}}}\n",
        t.background.as_str(),
        t.surface.as_str(),
        t.ink.as_str(),
        t.muted.as_str(),
        t.line.as_str(),
        t.accent.as_str()
    )
}

/// A scene as parts that the player moves.
fn scene(out: &mut String, deck: &Deck<'_>, at: usize) {
    let (placed, scene) = (&deck.placed[at], &deck.board.scenes[at]);
    let (w, h) = placed.canvas;
    let _ = writeln!(
        out,
        "<svg class=\"scene\" viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{}\" hidden>",
        escape(&summary(scene, &deck.board.lang))
    );
    let drawn = pieces(placed, deck.fonts, deck.theme);
    let r = window(placed);
    let [x, y, w, h] = [r.x, r.y, r.w, r.h].map(number);
    let _ = writeln!(
        out,
        "<svg class=\"diagram\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" viewBox=\"{x} {y} {w} {h}\" preserveAspectRatio=\"none\">"
    );
    let pieces = || drawn.pieces.iter().enumerate();
    pieces().filter(|(_, piece)| !piece.part.is_fixed()).for_each(|(i, piece)| part(out, i, piece));
    out.push_str("</svg>\n");
    pieces().filter(|(_, piece)| piece.part.is_fixed()).for_each(|(i, piece)| part(out, i, piece));
    out.push_str(&drawn.marks);
    out.push_str("</svg>\n");
}

fn part(out: &mut String, index: usize, piece: &Piece) {
    let _ = write!(out, "<g data-i=\"{index}\" opacity=\"0\">");
    if !piece.shaft.is_empty() {
        let _ = write!(out, "<g class=\"shaft\">{}</g>", piece.shaft);
    }
    let _ = write!(out, "<g class=\"body\">{}</g>", piece.body);
    if !piece.lit.is_empty() {
        let _ = write!(out, "<g class=\"lit\" opacity=\"0\">{}</g>", piece.lit);
    }
    out.push_str("</g>\n");
}

/// What each picture shows, in sentences.
fn told(out: &mut String, deck: &Deck<'_>) {
    for (i, scene) in deck.board.scenes.iter().enumerate() {
        let title = if scene.title.trim().is_empty() { (i + 1).to_string() } else { scene.title.trim().to_owned() };
        let _ = writeln!(out, "<h3>{}</h3>\n<ul>", escape(&title));
        for sentence in describe(scene, &deck.board.lang) {
            let _ = writeln!(out, "<li>{}</li>", escape(&sentence));
        }
        out.push_str("</ul>\n");
    }
}

fn voice(talk: &Talk<'_>) -> Result<Option<String>, ExportError> {
    let Some(sound) = talk.sound else { return Ok(None) };
    if talk.transcript.words.iter().any(|word| word.redacted) {
        return Err(ExportError::Redacted);
    }
    if sound.bytes.len() > MAX_SOUND {
        return Err(ExportError::Sound(sound.bytes.len()));
    }
    let data = STANDARD.encode(sound.bytes);
    Ok(Some(format!(
        "<audio id=\"voice\" preload=\"auto\" src=\"data:{};base64,{data}\"></audio>\n",
        escape(sound.media_type)
    )))
}

/// What the player needs: the moves, the captions, and words to search with the moments they belong to.
fn data(deck: &Deck<'_>, talk: &Talk<'_>, words: &Value) -> Value {
    let captions: Vec<Value> = cues(talk.transcript)
        .into_iter()
        .map(|cue| json!([cue.start_ms, cue.end_ms, cue.lines.join("\n"), cue.speaker]))
        .collect();
    let mut labels = Vec::new();
    for (film, scene) in talk.film.scenes.iter().zip(&deck.board.scenes) {
        for node in &scene.nodes {
            let element = film.elements.iter().find(|e| e.id == node.id);
            labels.extend(element.map(|e| json!([e.seen_ms(talk.film.fps), node.label])));
        }
    }
    json!({ "score": score(talk.film, deck.placed), "captions": captions, "labels": labels, "words": words })
}
