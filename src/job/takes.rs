//! Where the reels of a film lie: in the work folder, under names that stand for what is seen and heard in them.
//!
//! A run that was stopped goes on after its last finished take, and a film of which one scene was edited is drawn anew
//! in that scene only.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use media::encode::{Coder, Container};
use studio::draw::Theme;
use studio::film::{Film, Take};
use studio::layout::Placed;

use crate::files;

/// Folder of the reels inside a work folder.
pub(crate) const FOLDER: &str = "takes";
/// How the name of the reel of a voice begins.
pub(crate) const VOICE: &str = "voice-";

/// Pixels that are drawn at once on all threads: seven pictures of 1080p, one of 2160p. Each costs some sixteen bytes, and four more
/// while the camera moves.
const PIXELS: u64 = 16_000_000;

/// The places of the reels of one film.
#[derive(Debug)]
pub(super) struct Places {
    /// The takes in order.
    pub(super) takes: Vec<(Take, PathBuf)>,
    /// The voice.
    pub(super) voice: PathBuf,
}

/// What the pictures of a film depend on besides its scenes.
#[derive(Debug)]
pub(super) struct Look<'a> {
    /// What they are coded for.
    pub(super) container: Container,
    /// What codes them.
    pub(super) coder: Coder,
    /// The theme.
    pub(super) theme: &'a Theme,
    /// Font files that are used besides the bundled ones.
    pub(super) fonts: &'a str,
    /// The recording's digest and what is silent in it.
    pub(super) sound: &'a str,
}

impl Places {
    /// Places in `work`, whose folder of reels is made; reels of other films in it are removed.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn new(work: &Path, film: &Film, placed: &[Placed], look: &Look<'_>) -> std::io::Result<Self> {
        let folder = work.join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let build = build();
        let ending = look.container.ending();
        let Look { coder, theme, fonts, .. } = look;
        let all = format!("{build} {ending} {coder:?} {:?} {} {theme:?} {fonts}", film.canvas, film.fps);
        let scenes: Vec<String> = placed.iter().map(|scene| files::digest(format!("{scene:?}").as_bytes())).collect();
        let place = |take: Take| {
            let path = folder.join(format!("take-{}.reel", name(&all, &scenes[take.scene], film, &take)));
            (take, path)
        };
        let takes: Vec<(Take, PathBuf)> = film.takes().into_iter().map(place).collect();
        let sound = files::digest(format!("{build} {ending} {} {} {}", film.frames(), film.fps, look.sound).as_bytes());
        let voice = folder.join(format!("{VOICE}{}.reel", &sound[..24]));
        let ours: BTreeSet<&Path> = takes.iter().map(|(_, path)| path.as_path()).chain([voice.as_path()]).collect();
        for entry in std::fs::read_dir(&folder)?.flatten() {
            if !ours.contains(entry.path().as_path()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(Self { takes, voice })
    }
}

/// Stands for every picture of a take: the scene, and what each element does in it.
fn name(all: &str, scene: &str, film: &Film, take: &Take) -> String {
    let mut key = format!("{all} {scene} {}", take.end() - take.first()).into_bytes();
    for at in take.drawn() {
        key.extend((at - take.first()).to_le_bytes());
        film.frame(at).fingerprint(&mut key);
    }
    files::digest(&key)[..24].to_owned()
}

/// Stands for this build of the program: another one may draw otherwise.
fn build() -> String {
    let print = || {
        let program = std::env::current_exe().ok()?.metadata().ok()?;
        let changed = program.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(format!("{}-{}", program.len(), changed.as_nanos()))
    };
    format!("{} {}", env!("CARGO_PKG_VERSION"), print().unwrap_or_default())
}

/// Threads to draw on: all cores, as far as memory goes with pictures of this size.
pub(super) fn threads((w, h): (u32, u32)) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let room = PIXELS / (u64::from(w) * u64::from(h)).max(1);
    cores.min(usize::try_from(room).unwrap_or(usize::MAX)).clamp(1, 8)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use studio::draw::Fonts;
    use studio::film::plan;
    use studio::layout::place;
    use studio::storyboard::Storyboard;
    use studio::transcript::Transcript;

    use super::*;

    /// Names of the reels of a film of two scenes, whose second one begins with a box of this label.
    fn names(work: &Path, label: &str, theme: &str, sound: &str) -> Vec<String> {
        let text = "the customer orders and the shop sends it ".repeat(8);
        let transcript = Transcript::from_text(&text, "en");
        let scene = |id: &str, words: [u32; 2], label: &str| {
            serde_json::json!({"id": id, "title": id, "kind": "steps", "words": words, "nodes": [
                {"id": "a", "label": label, "evidence": [[words[0], words[0]]]},
                {"id": "b", "label": "Send", "evidence": [[words[1], words[1]]]}]})
        };
        let board = serde_json::json!({"schema": "studio.scene/1", "id": "t", "title": "t", "lang": "en",
            "source": {"words": transcript.words.len()}, "canvas": {"w": 320, "h": 240, "fps": 5}, "theme": theme,
            "scenes": [scene("one", [0, 30], "Order"), scene("two", [31, 63], label)]});
        let board: Storyboard = serde_json::from_value(board).unwrap();
        let fonts = Fonts::bundled();
        let placed: Vec<Placed> = board.scenes.iter().map(|scene| place(scene, board.canvas, &fonts)).collect();
        let film = plan(&board, &transcript, &placed).unwrap();
        let theme = Theme::named(theme).unwrap();
        let look = Look { container: Container::Mp4, coder: Coder::X264, theme: &theme, fonts: "", sound };
        let places = Places::new(work, &film, &placed, &look).unwrap();
        assert!(places.takes.len() > 2 && places.takes.iter().any(|(take, _)| take.scene == 1));
        let takes = places.takes.iter().map(|(take, path)| {
            std::fs::write(path, "a reel").unwrap();
            format!("{} {}", take.scene, path.display())
        });
        takes.chain([places.voice.display().to_string()]).collect()
    }

    /// Which reels stay: those of scene 0, of scene 1, of the voice.
    fn check(label: &str, theme: &str, sound: &str, expected: [bool; 3]) {
        let work = tempfile::tempdir().unwrap();
        let before = names(work.path(), "Pay", "light", "");
        let after = names(work.path(), label, theme, sound);
        let same = |start: &str| before.iter().filter(|n| n.starts_with(start)).all(|n| after.contains(n));
        assert_eq!([same("0 "), same("1 "), same("/")], expected, "{label} {theme} {sound}");
        let left = std::fs::read_dir(work.path().join(FOLDER)).unwrap().count();
        assert_eq!(left, after.len() - 1, "reels of the film before are gone");
    }

    #[test]
    fn an_edit_changes_the_reels_of_what_it_changes() {
        check("Pay", "light", "", [true, true, true]);
        check("Paying", "light", "", [true, false, true]);
        // Now a box of the first scene: it stays in the picture when the scene ends, so that end is another.
        check("Order", "light", "", [false, false, true]);
        check("Pay", "dark", "", [false, false, true]);
        check("Pay", "light", "mute", [true, true, false]);
    }
}
