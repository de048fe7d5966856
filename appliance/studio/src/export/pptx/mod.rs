//! PowerPoint: a slide a scene with shapes that can be edited, and what is said over it as notes.

mod frame;
mod slide;

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::sheet::Sheet;
use super::xml::{DECLARATION, escape};
use super::{Deck, ExportError};
use crate::alternative::describe;
use crate::draw::emblems_png;
use crate::transcript::{REDACTED, Transcript, turns};

/// The scenes as slides.
///
/// # Errors
/// When the logo of the theme cannot be drawn, or memory for the file cannot be had.
pub(super) fn write(deck: &Deck<'_>, sheets: &[Sheet<'_>]) -> Result<Vec<u8>, ExportError> {
    let emblems = match deck.placed.first() {
        Some(placed) => emblems_png(placed, deck.theme)?,
        None => Vec::new(),
    };
    let seats: Vec<_> = emblems.iter().map(|(rect, _)| *rect).collect();
    let mut parts: Vec<(String, Vec<u8>)> = frame::parts(deck, sheets.len(), !emblems.is_empty());
    for (i, sheet) in sheets.iter().enumerate() {
        let number = i + 1;
        let slide = slide::write(sheet, &seats);
        parts.push((format!("ppt/slides/slide{number}.xml"), slide.into_bytes()));
        parts.push((format!("ppt/slides/_rels/slide{number}.xml.rels"), links(number, emblems.len())));
        parts.push((format!("ppt/notesSlides/notesSlide{number}.xml"), notes(deck, sheet).into_bytes()));
        parts.push((
            format!("ppt/notesSlides/_rels/notesSlide{number}.xml.rels"),
            frame::relations(&[
                ("notesMaster", "../notesMasters/notesMaster1.xml"),
                ("slide", &format!("../slides/slide{number}.xml")),
            ]),
        ));
    }
    let media = emblems.into_iter().enumerate();
    parts.extend(media.map(|(i, (_, png))| (format!("ppt/media/logo{}.png", i + 1), png)));
    pack(&parts).map_err(|e| ExportError::Pack(e.to_string()))
}

/// The parts as one file. All are of the same moment, so that the same deck gives the same bytes.
fn pack(parts: &[(String, Vec<u8>)]) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT);
    for (name, bytes) in parts {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn links(number: usize, logos: usize) -> Vec<u8> {
    let notes = format!("../notesSlides/notesSlide{number}.xml");
    let mut links = vec![("slideLayout", "../slideLayouts/slideLayout1.xml"), ("notesSlide", notes.as_str())];
    let media: Vec<String> = (1..=logos).map(|i| format!("../media/logo{i}.png")).collect();
    links.extend(media.iter().map(|path| ("image", path.as_str())));
    frame::relations(&links)
}

/// What is said over a scene; without the talk, what it shows.
fn notes(deck: &Deck<'_>, sheet: &Sheet<'_>) -> String {
    let told = match deck.talk {
        Some(talk) => spoken(talk.transcript, sheet.scene.words),
        None => describe(sheet.scene, &deck.board.lang).join("\n"),
    };
    let mut paragraphs = String::new();
    for line in told.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let _ = write!(
            paragraphs,
            "<a:p><a:r><a:rPr lang=\"{}\"/><a:t>{}</a:t></a:r></a:p>",
            escape(&deck.board.lang),
            escape(line)
        );
    }
    if paragraphs.is_empty() {
        paragraphs.push_str("<a:p/>");
    }
    format!(
        "{DECLARATION}<p:notes {}><p:cSld><p:spTree>{}\
         <p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"Slide\"/><p:cNvSpPr><a:spLocks noGrp=\"1\" noRot=\"1\" noChangeAspect=\"1\"/></p:cNvSpPr>\
         <p:nvPr><p:ph type=\"sldImg\"/></p:nvPr></p:nvSpPr><p:spPr/></p:sp>\
         <p:sp><p:nvSpPr><p:cNvPr id=\"3\" name=\"Notes\"/><p:cNvSpPr><a:spLocks noGrp=\"1\"/></p:cNvSpPr>\
         <p:nvPr><p:ph type=\"body\" idx=\"1\"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>{paragraphs}</p:txBody></p:sp>\
         </p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:notes>",
        frame::NAMESPACES,
        frame::TREE
    )
}

/// The words of a range, a paragraph a turn; redacted ones as their mark.
fn spoken(transcript: &Transcript, [first, last]: [u32; 2]) -> String {
    let end = (last as usize + 1).min(transcript.words.len());
    let mut words = transcript.words.get(first as usize..end).unwrap_or_default().to_vec();
    for word in words.iter_mut().filter(|word| word.redacted) {
        REDACTED.clone_into(&mut word.text);
    }
    turns(&Transcript { words, ..transcript.clone() })
}
