//! Fonts for what is written in a storyboard: the bundled ones, and large ones of the system where those lack a glyph.

use std::path::{Path, PathBuf};
use std::sync::Arc;
#[cfg(feature = "appliance")]
use std::sync::OnceLock;

use studio::draw::{FontError, Fonts, Marks};
use studio::storyboard::Storyboard;

use crate::failure::{Failure, Kind};

/// Where systems keep fonts.
const FOLDERS: &[&str] = &["/usr/share/fonts", "/usr/local/share/fonts"];
/// Families that cover what the bundled fonts leave out, by the beginning of their file names.
const FAMILIES: &[&str] =
    &["NotoSansCJK-Regular", "NotoSansCJK-Bold", "NotoSansThai-", "NotoSansBengali-", "NotoSansTamil-"];
/// Folders and files that are looked at.
const ENTRIES: usize = 20_000;
/// Largest font in bytes.
const FONT: u64 = 64 << 20;

/// Fonts for the texts of a storyboard.
#[derive(Debug)]
pub(crate) struct Found {
    /// The fonts.
    pub(crate) fonts: Fonts,
    /// Characters that none of them has.
    pub(crate) missing: String,
    /// Stands for the fonts of the system among them: names and lengths of their files.
    pub(crate) used: String,
}

/// Whether the bundled fonts have all of a text.
#[cfg(feature = "appliance")]
pub(crate) fn bundled_cover(text: &str) -> bool {
    static BUNDLED: OnceLock<Fonts> = OnceLock::new();
    BUNDLED.get_or_init(Fonts::bundled).covers(text)
}

/// Fonts for every text of `board` and the words of `marks`.
///
/// # Errors
/// When the fonts of the system hold too many faces; damaged ones are left out.
pub(crate) fn for_board(board: &Storyboard, marks: &Marks) -> Result<Found, Failure> {
    for_text(&(board.written() + &marks.words()), &board.lang)
}

/// Fonts for a text in a language (BCP 47).
///
/// # Errors
/// When the fonts of the system hold too many faces; damaged ones are left out.
pub(crate) fn for_text(text: &str, language: &str) -> Result<Found, Failure> {
    let bundled = Fonts::bundled();
    if bundled.covers(text) {
        return Ok(Found { fonts: bundled, missing: String::new(), used: String::new() });
    }
    let read = |path: PathBuf| crate::files::read_small(&path, FONT).ok().map(|bytes| (path, bytes));
    let (paths, mut files): (Vec<PathBuf>, Vec<Arc<[u8]>>) =
        system_fonts().into_iter().filter_map(read).map(|(path, bytes)| (path, Arc::from(bytes))).unzip();
    let lengths: Vec<usize> = files.iter().map(|bytes| bytes.len()).collect();
    let used = format!("{paths:?} {lengths:?}");
    let fonts = loop {
        match Fonts::with_files(&files, language) {
            Ok(fonts) => break fonts,
            // The others may have the glyphs.
            Err(FontError::Unreadable { index, .. }) if index < files.len() => {
                files.remove(index);
            }
            Err(e) => return Err(Failure::of(Kind::Failed, &e)),
        }
    };
    let missing = fonts.missing(text).into_iter().take(16).collect();
    Ok(Found { fonts, missing, used })
}

/// Fonts of the system that may help, in an order that does not depend on the disk.
pub(crate) fn system_fonts() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).collect();
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > ENTRIES {
                break;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(_) if helps(&entry.path()) && entry.path().is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    let rank = |path: &PathBuf| FAMILIES.iter().position(|family| file_name(path).starts_with(family));
    found.sort_by_key(|path| (rank(path), path.clone()));
    found.dedup_by_key(|path| file_name(path));
    found
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

fn helps(path: &Path) -> bool {
    let name = file_name(path);
    FAMILIES.iter().any(|family| name.starts_with(family))
        && [".ttf", ".otf", ".ttc"].iter().any(|ending| name.ends_with(ending))
}
