//! Where the reels of a film lie: in the work folder, under names that stand for what is seen and heard in them.
//!
//! A run that was stopped goes on after its last finished take, and a film of which one scene was edited is drawn anew
//! in that scene only.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use studio::draw::Theme;
use studio::film::{Film, Take};
use studio::layout::Placed;

use crate::files;

/// Folder of the reels inside a work folder.
pub(crate) const FOLDER: &str = "takes";
/// How the name of the reel of a voice begins.
pub(crate) const VOICE: &str = "voice-";

/// Pixels that are drawn at once on all threads; each costs some thirty bytes.
const PIXELS: u64 = 16 << 20;

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
        let all = format!("{build} {:?} {} {:?} {}", film.canvas, film.fps, look.theme, look.fonts);
        let scenes: Vec<String> = placed.iter().map(|scene| files::digest(format!("{scene:?}").as_bytes())).collect();
        let place = |take: Take| {
            let path = folder.join(format!("take-{}.reel", name(&all, &scenes[take.scene], film, &take)));
            (take, path)
        };
        let takes: Vec<(Take, PathBuf)> = film.takes().into_iter().map(place).collect();
        let sound = files::digest(format!("{build} {} {} {}", film.frames(), film.fps, look.sound).as_bytes());
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
        for state in film.frame(at).elements {
            let values = [state.opacity, state.sink, state.drawn, state.highlight];
            values.into_iter().for_each(|value| key.extend(value.to_le_bytes()));
        }
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
