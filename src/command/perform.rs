//! Running a job in a worker and bringing its results to where they belong.

use std::path::{Path, PathBuf};

use crate::console::Console;
use crate::console::event::{Event, Output, Role};
use crate::failure::{Failure, Kind};
use crate::files;
use crate::job::JobSpec;
use crate::job::assist::Ask;
use crate::worker::{Stop, launch};

/// Runs `spec` in a worker and shows how it goes. `ask` passes on what the worker asks a language model.
///
/// # Errors
/// As [`launch`].
pub(super) fn perform(
    console: &Console,
    spec: &JobSpec,
    stop: &Stop,
    ask: &mut Ask<'_>,
) -> Result<Vec<Output>, Failure> {
    let mut display = console.display();
    let done = launch(spec, &mut |_| (), &mut || stop.asked(), ask, &mut |event| display.show(event));
    display.close();
    done
}

/// Where the results of one job go.
#[derive(Debug, Clone)]
pub(super) struct Places {
    folder: PathBuf,
    stem: String,
    /// The file that must not be overwritten: the recording.
    input: PathBuf,
}

impl Places {
    /// Beside `input`, or in `out`.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub(super) fn new(input: &Path, stem: String, out: Option<&Path>) -> Result<Self, Failure> {
        let folder = out.unwrap_or_else(|| files::folder_of(input));
        std::fs::create_dir_all(folder).map_err(|e| files::unwritable(folder, &e))?;
        files::check_writable(folder)?;
        let folder = folder.canonicalize().map_err(|e| files::unwritable(folder, &e))?;
        Ok(Self { folder, stem, input: input.to_owned() })
    }

    /// Where a result goes. The recording itself is never overwritten: `talk.mp4` gives `talk.audiagram.mp4`.
    pub(super) fn path(&self, role: Role) -> PathBuf {
        let path = self.folder.join(format!("{}{}", self.stem, role.suffix()));
        if path == self.input {
            return self.folder.join(format!("{}.audiagram{}", self.stem, role.suffix()));
        }
        path
    }

    /// Refuses to write over files that this program did not make. A storyboard of this name tells that it made the
    /// others too.
    ///
    /// # Errors
    /// When there is a file of a result's name and no storyboard.
    pub(super) fn refuse_strangers(&self) -> Result<(), Failure> {
        if self.path(Role::Storyboard).exists() {
            return Ok(());
        }
        for role in [
            Role::Video,
            Role::Webm,
            Role::Srt,
            Role::Vtt,
            Role::Chapters,
            Role::Descriptions,
            Role::Page,
            Role::Poster,
        ] {
            let path = self.path(role);
            if path.exists() {
                return Err(Failure::new(Kind::Usage, "exists already and was not made by audiagram")
                    .file(path)
                    .remedy("--out with another folder, or --force to replace it"));
            }
        }
        Ok(())
    }

    /// Brings the results from the work folder to their places, the video last, so that a video is there only when
    /// all is.
    ///
    /// # Errors
    /// When a file cannot be written; the work folder then still has it.
    pub(super) fn publish(&self, mut outputs: Vec<Output>) -> Result<Vec<Output>, Failure> {
        outputs.sort_by_key(|output| output.role.is_video());
        for output in &mut outputs {
            let to = self.path(output.role);
            if output.role.is_video() {
                files::publish(&output.path, &to).map_err(|e| files::unwritable(&to, &e))?;
            } else {
                // Copied: the stages of a later run find them in the work folder.
                std::fs::read(&output.path)
                    .and_then(|bytes| files::write_atomic(&to, &bytes))
                    .map_err(|e| files::unwritable(&to, &e))?;
            }
            output.path = to;
        }
        Ok(outputs)
    }
}

/// Tells what was made.
pub(super) fn tell_made(console: &Console, outputs: Vec<Output>) {
    let shown = |role: Role| outputs.iter().find(|o| o.role == role).map(|o| o.path.display().to_string());
    if let Some(frame) = shown(Role::Frame) {
        console.end(&Event::Done { outputs }, &format!("made {frame}"));
        return;
    }
    let Some(video) = shown(Role::Video).or_else(|| shown(Role::Webm)) else { return };
    let beside = if shown(Role::Storyboard).is_some() {
        "captions, chapters, descriptions, a page to read, poster, transcript and storyboard"
    } else {
        "captions, chapters, descriptions, a page to read and poster"
    };
    let text = format!("made {video}, with {beside} beside it");
    console.end(&Event::Done { outputs }, &text);
}

/// Tells that nothing had to be made.
pub(super) fn tell_current(console: &Console, outputs: Vec<Output>) {
    let video = outputs.iter().find(|o| o.role.is_video()).map(|o| o.path.display().to_string());
    let text = format!("{} is up to date; --force makes it again", video.unwrap_or_default());
    console.end(&Event::Done { outputs }, &text);
}
