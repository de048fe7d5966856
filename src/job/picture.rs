//! The stages from transcript to video: outline, layout, film, render.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use media::encode::{
    AudioSpec, Chapter, Coder, Container, EncodeError, Reels, TakeEncoder, VideoSpec, assemble, record_voice,
};
use media::{Render, RenderError};
use serde_json::Value;
use studio::alternative::{chapters, descriptions, page};
use studio::arrange::arrange;
use studio::draw::yuv::Footage;
#[cfg(feature = "gpu")]
use studio::draw::yuv::YuvPicture;
use studio::draw::{DrawError, Fonts, Rasterizer, SceneRasterizer, Theme, png, preview, still};
use studio::film::{Film, plan};
use studio::layout::{Placed, overlay, place_for};
use studio::outline::{CueOutliner, Options, Outliner};
use studio::storyboard::{Storyboard, canonical, merge};
use studio::transcript::{Transcript, cues, srt, vtt};

use super::fonts::Found;
use super::graphics::Graphics;
use super::run::{Pace, keep, read_storyboard};
use super::takes::{self, Look, Places};
use super::{JobSpec, Stage, fonts};
use crate::console::event::{Level, Output, Role};
use crate::failure::{Failure, Kind};
use crate::files;
use crate::worker::child::Teller;

/// The storyboard of the transcript, with the edits of the one that the job brings.
pub(super) fn outline(spec: &JobSpec, transcript: &Transcript, tell: &Teller) -> Result<Storyboard, Failure> {
    let mut pace = Pace::begin(tell, Stage::Outline);
    if transcript.words.is_empty() {
        return Err(Failure::new(Kind::BadInput, "no speech was heard in the recording")
            .stage(Stage::Outline)
            .remedy("check that it is the right file and that somebody speaks in it"));
    }
    let before = spec.storyboard.as_deref().map(read_storyboard).transpose().map_err(|e| e.stage(Stage::Outline))?;
    let chosen = before.as_ref().map(|b| (b.theme.clone(), b.canvas));
    let (theme, canvas) = chosen.unwrap_or_else(|| ("light".to_owned(), studio::storyboard::Canvas::default()));
    let options = Options {
        id: spec.look.name.clone(),
        theme: spec.look.theme.clone().unwrap_or(theme),
        canvas: spec.look.canvas.unwrap_or(canvas),
        kind: spec.look.kind,
    };
    let mut fresh = CueOutliner.outline(transcript, &options);
    if let Some(assistant) = &spec.assistant {
        let mut note = |level, text: String| tell.note(level, text);
        let mut ask = |body: &Value| tell.ask(body.clone());
        assistant.improve(transcript, &mut fresh, options.kind, &mut ask, &mut note, &mut |share| pace.at(share));
    }
    let mut board = match &before {
        Some(before) => merge(before, fresh),
        None => fresh,
    };
    (board.theme, board.canvas) = (options.theme, options.canvas);
    // Kinds that a person has chosen since stay.
    super::Look { kind: None, ..spec.look.clone() }.apply(&mut board);
    pace.done();
    Ok(board)
}

/// A storyboard on its way to pictures.
struct Scenery {
    theme: Theme,
    found: Found,
    placed: Vec<Placed>,
    film: Film,
}

/// Places a storyboard and times its reveals.
fn stage(spec: &JobSpec, board: &Storyboard, transcript: &Transcript, tell: &Teller) -> Result<Scenery, Failure> {
    let theme = spec.look.drawn_in(board).map_err(|e| e.stage(Stage::Layout))?;
    let pace = Pace::begin(tell, Stage::Layout);
    let mut found = fonts::for_board(board, &theme.marks).map_err(|e| e.stage(Stage::Layout))?;
    if !found.missing.is_empty() {
        let missing = &found.missing;
        tell.note(Level::Warn, format!("no font here has `{missing}`; Chinese and Japanese are in fonts-noto-cjk"));
    }
    found.fonts = found.fonts.preferring(&theme.font);
    let mut placed: Vec<Placed> =
        board.scenes.iter().map(|scene| place_for(&board.lang, scene, board.canvas, &found.fonts)).collect();
    overlay(&mut placed, board, transcript, &found.fonts);
    pace.done();

    let pace = Pace::begin(tell, Stage::Film);
    let film = plan(board, transcript, &placed).map_err(|e| Failure::of(Kind::BadInput, &e).stage(Stage::Film))?;
    pace.done();
    Ok(Scenery { theme, found, placed, film })
}

fn defect(error: &DrawError) -> Failure {
    Failure::of(Kind::Failed, error).stage(Stage::Render)
}

/// One frame of the video, as it is shown at a moment.
pub(super) fn frame(
    spec: &JobSpec,
    board: &Storyboard,
    transcript: &Transcript,
    at_ms: u64,
    tell: &Teller,
) -> Result<Output, Failure> {
    let played = arrange(board, transcript);
    let Scenery { theme, found, placed, film } = stage(spec, &played.board, &played.transcript, tell)?;
    let picture = preview(&film, &placed, &found.fonts, &theme, at_ms).map_err(|e| defect(&e))?;
    keep(spec, Role::Frame, &png(&picture).map_err(|e| defect(&e))?)
}

/// Video, captions, poster and what is there instead of the picture, of a storyboard.
pub(super) fn film(
    spec: &JobSpec,
    board: &Storyboard,
    transcript: &Transcript,
    tell: &Teller,
) -> Result<Vec<Output>, Failure> {
    let size = (board.canvas.w, board.canvas.h);
    let target = spec.work.join(video_name(spec, board, transcript));
    // From here on as it is played.
    let played = arrange(board, transcript);
    let audio = voice(spec, transcript, played.cuts());
    let (board, transcript) = (&*played.board, &*played.transcript);
    let Scenery { theme, found: Found { fonts, used, .. }, placed, film } = stage(spec, board, transcript, tell)?;
    let mut outputs = Vec::new();
    // The fullest scene tells most.
    let poster = placed.iter().max_by_key(|scene| scene.nodes.len()).map(|scene| still(scene, &fonts, &theme));
    let poster = poster.transpose().and_then(|p| p.map(|p| png(&p)).transpose()).map_err(|e| defect(&e))?;
    if let Some(poster) = &poster {
        outputs.push(keep(spec, Role::Poster, poster)?);
    }
    let captions = cues(transcript);
    outputs.push(keep(spec, Role::Srt, srt(&captions).as_bytes())?);
    outputs.push(keep(spec, Role::Vtt, vtt(&captions, &transcript.lang).as_bytes())?);
    outputs.push(keep(spec, Role::Chapters, chapters(&film, &transcript.lang).as_bytes())?);
    outputs.push(keep(spec, Role::Descriptions, descriptions(&film, board).as_bytes())?);
    outputs.push(keep(spec, Role::Page, page(&film, board, transcript).as_bytes())?);

    if target.exists() {
        Pace::begin(tell, Stage::Render).resumed_whole();
    } else {
        let marks: Vec<Chapter> = film.chapters().into_iter().map(chapter).collect();
        let title = if board.title.is_empty() { &board.id } else { &board.title };
        let mut video = VideoSpec {
            container: spec.look.container.into(),
            coder: Coder::X264,
            size,
            fps: board.canvas.fps,
            constant: spec.look.constant_rate,
            title,
            lang: &transcript.lang,
            chapters: &marks,
            captions: &captions,
            audio,
            poster: poster.as_deref(),
        };
        if video.container == Container::Mp4 {
            video.coder = coder(spec, tell);
        }
        let scenes = Scenes { placed: &placed, fonts: &fonts, theme: &theme };
        let mut done = record(spec, &film, scenes, &used, &video, &target, tell);
        if let Err(failure) = &done
            && video.coder != Coder::X264
        {
            tell.note(Level::Warn, format!("coded by the processor, for {} failed: {failure}", video.coder.name()));
            video.coder = Coder::X264;
            done = record(spec, &film, scenes, &used, &video, &target, tell);
        }
        done.map_err(|e| e.stage(Stage::Render))?;
    }
    outputs.push(Output { role: spec.look.container.role(), path: target });
    Ok(outputs)
}

/// What codes the pictures.
fn coder(spec: &JobSpec, tell: &Teller) -> Coder {
    let asked = spec.look.encoder;
    let (coder, reason) = asked.coder(&spec.work);
    if let Some(reason) = reason {
        let level = if asked == super::Device::Gpu { Level::Warn } else { Level::Info };
        tell.note(level, format!("coded by the processor: {reason}"));
    } else if coder != Coder::X264 {
        tell.note(Level::Info, format!("coded by {}", coder.name()));
    }
    coder
}

/// Draws and encodes what of the film is not there yet, and puts it together at `target`.
fn record(
    spec: &JobSpec,
    film: &Film,
    scenes: Scenes<'_>,
    fonts: &str,
    video: &VideoSpec<'_>,
    target: &Path,
    tell: &Teller,
) -> Result<(), Failure> {
    let pace = Pace::begin(tell, Stage::Render);
    let sound = format!(
        "{:?} {:?}",
        spec.recording.as_ref().map(|r| &r.sha256),
        video.audio.as_ref().map(|a| (&a.mutes, &a.cuts))
    );
    let look = Look { container: video.container, coder: video.coder, theme: scenes.theme, fonts, sound: &sound };
    let places = Places::new(&spec.work, film, scenes.placed, &look)
        .map_err(|e| Failure::new(Kind::Failed, "no folder for the takes").because(&e))?;
    let begun = Instant::now();
    let drawn = Shot { film, places: &places, video }.shoot(scenes, spec.look.rasterizer, tell, pace)?;
    if drawn || video.coder != Coder::X264 {
        tell.worked(begun);
    }
    let takes: Vec<(u64, &Path)> = places.takes.iter().map(|(take, reel)| (take.first(), reel.as_path())).collect();
    let reels = Reels { takes: &takes, frames: film.frames(), voice: video.audio.as_ref().map(|_| &*places.voice) };
    assemble(target, video, &reels).map_err(|e| encode_failure(&e))
}

/// What is drawn.
#[derive(Clone, Copy)]
struct Scenes<'a> {
    placed: &'a [Placed],
    fonts: &'a Fonts,
    theme: &'a Theme,
}

/// A film on its way into reels.
#[derive(Clone, Copy)]
struct Shot<'a> {
    film: &'a Film,
    places: &'a Places,
    video: &'a VideoSpec<'a>,
}

impl Shot<'_> {
    /// Draws and encodes the takes and the voice that are not there yet. What a graphics processor does not finish, the
    /// processor does: their pictures are the same. Tells whether one made of hardware did it.
    fn shoot(
        self,
        scenes: Scenes<'_>,
        rasterizer: super::Device,
        tell: &Teller,
        mut pace: Pace<'_>,
    ) -> Result<bool, Failure> {
        let Scenes { placed, fonts, theme } = scenes;
        let reason = match rasterizer.open() {
            Graphics::Processor(reason) => reason,
            #[cfg(feature = "gpu")]
            Graphics::Gpu(gpu) => {
                tell.note(Level::Info, format!("drawn by {}", gpu.name()));
                let rasterizer = || -> Box<dyn Rasterizer<YuvPicture> + '_> {
                    Box::new(gpu::GpuRasterizer::new(std::sync::Arc::clone(&gpu), placed, fonts, theme))
                };
                match self.render(&rasterizer, &mut pace) {
                    Err(RenderError::Draw(DrawError::Device(reason))) => Some(reason),
                    done => {
                        done.map_err(|e| render_failure(&e))?;
                        pace.done();
                        return Ok(!gpu.is_software());
                    }
                }
            }
        };
        if let Some(reason) = reason {
            let level = if rasterizer == super::Device::Gpu { Level::Warn } else { Level::Info };
            tell.note(level, format!("drawn by the processor: {reason}"));
        }
        let rasterizer = || -> Box<dyn Rasterizer + '_> { Box::new(SceneRasterizer::new(placed, fonts, theme)) };
        self.render(&rasterizer, &mut pace).map_err(|e| render_failure(&e))?;
        pace.done();
        Ok(false)
    }

    fn render<'a, P: Footage>(
        self,
        rasterizer: &(dyn Fn() -> Box<dyn Rasterizer<P> + 'a> + Sync),
        pace: &mut Pace<'_>,
    ) -> Result<(), RenderError> {
        let Self { film, places, video } = self;
        let record = video
            .audio
            .as_ref()
            .map(|audio| move |reel: &Path| record_voice(reel, video.container, audio, film.frames(), video.fps));
        let render = Render {
            takes: &places.takes,
            frame: &|at| film.frame(at),
            rasterizer: &|| rasterizer(),
            encoder: &|reel| Ok(Box::new(TakeEncoder::create(reel, video)?)),
            voice: record.as_ref().map(|record| (record as _, places.voice.as_path())),
            threads: takes::threads(video.size),
        };
        // The worker is ended from outside; nothing inside it cancels.
        let cancel = AtomicBool::new(false);
        #[allow(clippy::cast_precision_loss, reason = "frame counts are far below 2^53")]
        let mut progress = |p: media::Progress| {
            let share = p.done as f64 / p.total.max(1) as f64;
            if p.taken_up { pace.resumed(share) } else { pace.at(share) }
        };
        render.run(&cancel, &mut progress)
    }
}

fn render_failure(error: &RenderError) -> Failure {
    match error {
        RenderError::Encode(e) => encode_failure(e),
        e => Failure::of(Kind::Failed, e),
    }
}

/// Name of the video's file in the work folder; depends on everything that is seen and heard in it.
fn video_name(spec: &JobSpec, board: &Storyboard, transcript: &Transcript) -> String {
    let recording = spec.recording.as_ref().map(|r| r.sha256.as_str()).unwrap_or_default();
    let super::Look { constant_rate, encoder, .. } = &spec.look;
    let mut key = format!("{} {recording} {constant_rate} {encoder:?} ", env!("CARGO_PKG_VERSION")).into_bytes();
    key.extend(canonical(board));
    key.extend(transcript.canonical());
    if let Some(kit) = &spec.look.kit {
        key.extend(kit.to_string().into_bytes());
    }
    key.extend(spec.look.banner.as_bytes());
    format!("video-{}.{}", &files::digest(&key)[..24], media::encode::Container::from(spec.look.container).ending())
}

/// The speaker's voice, silent where a word was redacted, its stretches as their scenes are played.
fn voice(spec: &JobSpec, transcript: &Transcript, cuts: Vec<(u64, u64)>) -> Option<AudioSpec> {
    let recording = spec.recording.as_ref()?;
    let redacted = transcript.words.iter().filter(|word| word.redacted);
    let mutes = redacted.map(|word| (word.start_ms, word.end_ms)).collect();
    Some(AudioSpec { path: recording.path.clone(), mutes, cuts })
}

fn chapter(chapter: studio::film::Chapter) -> Chapter {
    Chapter { start_ms: chapter.start_ms, end_ms: chapter.end_ms, title: chapter.title }
}

fn encode_failure(error: &EncodeError) -> Failure {
    let kind = if matches!(error, EncodeError::Voice(_)) { Kind::BadInput } else { Kind::Failed };
    Failure::of(kind, error).stage(Stage::Render)
}
