//! Logos: small pictures from outside. They are looked at from the outside only; what parses and draws them is the worker.

use model::{Id, noun};
use serde::{Deserialize, Serialize};
use store::Record;

use crate::error::LibraryError;

/// The largest logo, in bytes.
pub const MAX_LOGO: usize = 256 << 10;
/// The longest side of a picture, in pixels.
const MAX_SIDE: u32 = 4_096;
/// Where an SVG's root must begin.
const HEAD: usize = 4 << 10;

/// What a logo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// Of which kind.
    pub kind: LogoKind,
    /// How many bytes it has.
    pub bytes: u32,
    /// Width and height in pixels, of those that have pixels.
    pub size: Option<(u32, u32)>,
}

/// A kind of picture. The order is part of stored records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogoKind {
    /// Pixels.
    Png,
    /// Outlines.
    Svg,
}

impl LogoKind {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            LogoKind::Png => "image/png",
            LogoKind::Svg => "image/svg+xml",
        }
    }
}

/// The bytes of a logo: a record of their own, since lists of brand kits need not read them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LogoBytes {
    pub(crate) kit: Id<noun::BrandKit>,
    pub(crate) bytes: Vec<u8>,
}

impl Record for LogoBytes {
    const NAME: &'static str = "logo";
    const NUMBER: u8 = 121;
    type Key = Id<noun::BrandKit>;
    fn key(&self) -> Self::Key {
        self.kit
    }
}

/// What these bytes are, if they may be a logo.
pub(super) fn checked(kind: LogoKind, bytes: &[u8]) -> Result<Logo, LibraryError> {
    let fault = |fault: &str| LibraryError::Field { field: "data", fault: fault.to_owned() };
    let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= MAX_LOGO);
    let length = length.ok_or_else(|| fault("has more than 256 KiB; give a smaller picture"))?;
    let size = match kind {
        LogoKind::Png => Some(png(bytes).map_err(fault)?),
        LogoKind::Svg => {
            svg(bytes).map_err(fault)?;
            None
        }
    };
    Ok(Logo { kind, bytes: length, size })
}

/// Width and height of a PNG whose chunks are whole (PNG 3, 5). The pixels are not unpacked.
fn png(bytes: &[u8]) -> Result<(u32, u32), &'static str> {
    let damaged = "is no whole PNG file";
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n").ok_or("is no PNG file")?;
    let mut size = None;
    loop {
        let (length, after) = rest.split_first_chunk().ok_or(damaged)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| damaged)?;
        let body = after.get(..length.checked_add(4).ok_or(damaged)?).ok_or(damaged)?;
        let (sum, next) = after[body.len()..].split_first_chunk().ok_or(damaged)?;
        if crc32fast::hash(body) != u32::from_be_bytes(*sum) {
            return Err(damaged);
        }
        rest = next;
        match (&body[..4], size) {
            (b"IHDR", None) => {
                let [a, b, c, d, e, f, g, h] = *body[4..].first_chunk().ok_or(damaged)?;
                let sides = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
                if ![sides.0, sides.1].iter().all(|side| (1..=MAX_SIDE).contains(side)) {
                    return Err("must have 1 to 4096 pixels a side");
                }
                size = Some(sides);
            }
            (b"IHDR", Some(_)) | (_, None) => return Err(damaged),
            // Moving pictures have no place in the corner of another.
            (b"acTL", _) => return Err("is animated; give a still picture"),
            (b"IEND", Some(sides)) if rest.is_empty() => return Ok(sides),
            (b"IEND", _) => return Err(damaged),
            _ => {}
        }
    }
}

/// That a text may be an SVG. It is not read: entities, which could blow up, and scripts are refused by their marks.
fn svg(bytes: &[u8]) -> Result<(), &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is no SVG in UTF-8")?;
    let lower = text.to_ascii_lowercase();
    let head = lower.get(..(0..=HEAD.min(lower.len())).rev().find(|at| lower.is_char_boundary(*at)).unwrap_or(0));
    if !lower.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') || !head.unwrap_or("").contains("<svg") {
        return Err("is no SVG");
    }
    if ["<!doctype", "<!entity", "<script", "<foreignobject", "javascript:"].iter().any(|mark| lower.contains(mark)) {
        return Err("has a document type, a script or foreign content; save it as plain SVG");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let named = [name, body].concat();
        [&(body.len() as u32).to_be_bytes()[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
    }

    fn picture(width: u32, height: u32, more: &[u8]) -> Vec<u8> {
        let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
        let start = b"\x89PNG\r\n\x1a\n".to_vec();
        [start, chunk(b"IHDR", &head), more.to_vec(), chunk(b"IDAT", b"..."), chunk(b"IEND", b"")].concat()
    }

    #[test]
    fn pictures() {
        let check = |bytes: &[u8], expected: Result<Option<(u32, u32)>, &str>| {
            let found = checked(LogoKind::Png, bytes).map(|logo| logo.size).map_err(|error| error.to_string());
            match expected {
                Ok(size) => assert_eq!(found, Ok(size)),
                Err(text) => assert!(found.as_ref().unwrap_err().contains(text), "{found:?}"),
            }
        };
        let good = picture(32, 16, b"");
        check(&good, Ok(Some((32, 16))));
        check(&picture(0, 16, b""), Err("pixels"));
        check(&picture(32, 5_000, b""), Err("pixels"));
        check(&picture(32, 16, &chunk(b"acTL", b"")), Err("animated"));
        check(&[&good[..], b"<script>"].concat(), Err("whole"));
        check(b"GIF89a", Err("no PNG"));
        check(&picture(1, 1, &vec![0; MAX_LOGO]), Err("256 KiB"));
        for end in 8..good.len() {
            check(&good[..end], Err("whole"));
        }
        let mut flipped = good.clone();
        flipped[20] ^= 1;
        check(&flipped, Err("whole"));
        let mut long = good;
        long[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        check(&long, Err("whole"));
    }

    #[test]
    fn outlines() {
        let check =
            |text: &str, fits: bool| assert_eq!(checked(LogoKind::Svg, text.as_bytes()).is_ok(), fits, "{text}");
        check("<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0h9v9z\"/></svg>", true);
        check("<?xml version=\"1.0\"?><!-- made by hand -->\n<svg/>", true);
        check("<!DOCTYPE svg [<!ENTITY a \"b\">]><svg/>", false);
        check("<svg><SCRIPT>alert(1)</SCRIPT></svg>", false);
        check("<svg><a href=\"JavaScript:alert(1)\"/></svg>", false);
        check("<html/>", false);
        check("plain <svg>", false);
        check(&format!("<a>{}<svg/>", "é".repeat(HEAD)), false);
        assert!(checked(LogoKind::Svg, b"<svg>\xff</svg>").is_err());
    }
}
