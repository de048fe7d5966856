//! `audiagram export`: from a storyboard to files of other programs.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use studio::arrange::arrange;
use studio::export::{Deck, ExportError, File, Format, MAX_SOUND, Sound, Talk, export};
use studio::film::plan;
use studio::layout::{Placed, overlay, place_for};

use super::beside::{BoardFile, TalkArgs};
use super::input::stem;
use super::options::{BoardArgs, KitArgs};
use crate::console::Console;
use crate::failure::{Failure, Kind};
use crate::files;
use crate::job::{Look, fonts};
use crate::worker::Stop;

/// Write the diagrams of a storyboard for other programs
///
/// Formats of one scene make one file a scene: NAME.1.svg, NAME.2.svg. Formats of the whole talk make one: NAME.pptx. `gif`,
/// `webp`, `moving-svg` and `html` show how it moves and need the talk's transcript, which is looked for beside the
/// storyboard, as is the recording that `html` takes into the page.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram export talk.storyboard.json --to pptx
  audiagram export talk.storyboard.json --to svg,png --scene 2 --out pictures
  audiagram export talk.storyboard.json --to html --audio talk.m4a
  audiagram export talk.storyboard.json --to pdf --kit house.kit.json
  audiagram export flow.json --to dot --scene 1 --out - | dot -Tsvg > flow.svg")]
pub(crate) struct Export {
    /// The storyboard
    board: PathBuf,
    /// svg, png, dot, mermaid, d2, drawio, excalidraw, bpmn, pptx, pdf, gif, webp, moving-svg or html; several with commas
    #[arg(long, value_name = "FORMAT", required = true, value_delimiter = ',')]
    to: Vec<Format>,
    /// Only the scene of this number, from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    scene: Option<u32>,
    #[command(flatten)]
    talk: TalkArgs,
    /// Folder of the results; the storyboard's own when absent, and `-` writes the only file to standard output
    #[arg(short, long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    #[command(flatten)]
    look: BoardArgs,
    #[command(flatten)]
    kit: KitArgs,
}

impl Export {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let stop = Stop::listen()?;
        let mut given = BoardFile::read(&self.board)?;
        let name = stem(&given.path);
        let look = Look { kit: self.kit.kit.clone(), ..self.look.look(&name, Some(given.board.canvas)) };
        look.apply(&mut given.board);
        let given = given;
        let transcript = given.transcript(&self.talk)?;
        let played = transcript.as_ref().map(|transcript| arrange(&given.board, transcript));
        let board = played.as_ref().map_or(&given.board, |played| &*played.board);
        let theme = look.drawn_in(board).map_err(|e| e.file(&self.board))?;
        let found = fonts::for_board(board, &theme.marks)?;
        if !found.missing.is_empty() {
            console.warn(format!("no font here has `{}`", found.missing));
        }
        let fonts = found.fonts.preferring(&theme.font);
        let mut placed: Vec<Placed> =
            board.scenes.iter().map(|scene| place_for(&board.lang, scene, board.canvas, &fonts)).collect();
        let transcript = played.as_ref().map(|played| &*played.transcript);
        let film = match transcript {
            Some(transcript) => {
                overlay(&mut placed, board, transcript, &fonts);
                Some(plan(board, transcript, &placed).map_err(|e| Failure::of(Kind::BadInput, &e).file(&self.board))?)
            }
            None if self.to.iter().any(|format| format.needs_talk()) => return Err(given.no_transcript()),
            None => None,
        };
        let torn = played.as_ref().is_some_and(|played| !played.stretches.is_empty());
        let voice = if self.to.contains(&Format::Html) { self.voice(&given, torn, console, &stop)? } else { None };
        let talk = transcript.zip(film.as_ref()).map(|(transcript, film)| Talk {
            transcript,
            film,
            sound: voice.as_ref().map(|(bytes, media_type)| Sound { bytes, media_type }),
        });
        let deck = Deck { board, placed: &placed, fonts: &fonts, theme: &theme, talk };
        let scene = self.scene.map(|number| number as usize - 1);
        let mut made = Vec::new();
        for format in &self.to {
            made.extend(export(&deck, *format, scene).map_err(|e| refused(&e).file(&self.board))?);
        }
        self.put(console, &name, files::folder_of(&given.path), &made)
    }

    /// The recording as a browser plays it. `torn`: scenes are not played in the order in which it has them.
    fn voice(
        &self,
        given: &BoardFile,
        torn: bool,
        console: &Console,
        stop: &Stop,
    ) -> Result<Option<(Vec<u8>, &'static str)>, Failure> {
        let Some(recording) = given.recording(&self.talk, console, stop)? else { return Ok(None) };
        if torn && given.board.source.audio_sha256.as_ref().is_none_or(|own| *own == recording.sha256) {
            return Err(Failure::new(
                Kind::BadInput,
                "the recording is not in the order in which its scenes are played",
            )
            .file(recording.path)
            .remedy("--audio with the .mp4 that `audiagram render` made, or --silent"));
        }
        let Some(media_type) = Sound::media_type_of(&recording.path.to_string_lossy()) else {
            return Err(Failure::new(Kind::BadInput, "browsers do not play recordings of this kind")
                .file(recording.path)
                .remedy("--audio with the .mp4 that `audiagram render` made, or --silent"));
        };
        Ok(Some((files::read_small(&recording.path, MAX_SOUND as u64)?, media_type)))
    }

    fn put(&self, console: &Console, name: &str, own: &Path, made: &[File]) -> Result<(), Failure> {
        let folder = self.out.as_deref().unwrap_or(own);
        if folder == Path::new("-") {
            let [only] = made else {
                return Err(Failure::new(Kind::Usage, format!("standard output takes one file, not {}", made.len()))
                    .remedy("--scene with one number and --to with one format"));
            };
            let written = std::io::stdout().lock().write_all(&only.bytes);
            return written.map_err(|e| files::unwritable(Path::new("standard output"), &e));
        }
        std::fs::create_dir_all(folder).map_err(|e| files::unwritable(folder, &e))?;
        for file in made {
            let path = folder.join(format!("{name}{}", file.suffix));
            files::write_atomic(&path, &file.bytes).map_err(|e| files::unwritable(&path, &e))?;
            console.info(format!("wrote {}", path.display()));
        }
        Ok(())
    }
}

/// A failure with what to do about it.
fn refused(error: &ExportError) -> Failure {
    let failure = Failure::of(Kind::BadInput, error);
    match error {
        ExportError::Redacted => {
            failure.remedy("--silent, or --audio with the .mp4 of `audiagram render`, in which they are mute")
        }
        ExportError::Sound(_) => failure.remedy("--silent"),
        ExportError::NoProcess { .. } => failure.remedy("--scene with the number of another one, or --kind flow"),
        _ => failure,
    }
}
