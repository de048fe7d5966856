//! Whether a graphics processor codes pictures as films need them, by trying.
//!
//! Films are put together from takes that were coded apart and pictures that repeat, which asks more of an encoder than
//! that its pictures decode. Drivers differ in what they do with settings. So a short film is made with it as any other film
//! is, decoded by the processor, and held against the pictures that were given: what passes codes films, nothing else does.

use std::path::Path;

use ffmpeg_next as ffmpeg;

use ffmpeg::{Packet, codec, format, frame, media};
use studio::draw::Picture;
use studio::draw::yuv::{Area, Footage};

use super::{Coder, EncodeError, Encoder, Reels, TakeEncoder, VideoSpec, assemble, h264, libav};

/// How near to what was given the pictures must be: peak signal-to-noise ratio in decibels, of luma and of both colour
/// differences. A bound of ours: x264 with the settings of films stays above it in every plane here, and a quantiser of 45 does not.
pub const NEAR_DB: f64 = 40.0;

/// Width and height; the smallest that all encoders take are some 150 by 50.
const SIZE: (u32, u32) = (320, 192);
const FPS: u32 = 30;
/// Where takes begin, and where the film ends.
const TAKES: [(u64, u64); 2] = [(0, 60), (60, 100)];
/// Render nodes that are looked for: the kernel numbers them from 128 on.
const NODES: std::ops::Range<u16> = 128..136;

/// Why an encoder is not used.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// It cannot be opened, or fails.
    #[error("{coder}: {error}")]
    Fails {
        /// Which.
        coder: String,
        /// What failed.
        error: EncodeError,
    },
    /// What it codes is not what was given.
    #[error("{coder}: frame {frame} comes back {reason}; its pictures cannot be put together to films")]
    Differs {
        /// Which.
        coder: String,
        /// The first frame that differs.
        frame: u64,
        /// How.
        reason: String,
    },
}

/// The first encoder of a graphics processor here that codes films as x264 does; `folder` is for files while it is tried.
/// Without one, why those that are there do not; none is there where nothing is said.
///
/// # Errors
/// Those of the encoders that were tried.
pub fn hardware(folder: &Path) -> Result<Coder, Vec<TrialError>> {
    let nvidia = Path::new("/dev/nvidiactl").exists().then_some(Coder::Nvenc);
    let others = NODES.filter(|node| h264::render_node(*node).exists()).map(Coder::Vaapi);
    let mut errors = Vec::new();
    for coder in nvidia.into_iter().chain(others) {
        match attempt(coder, folder) {
            Ok(()) => return Ok(coder),
            Err(error) => errors.push(error),
        }
    }
    Err(errors)
}

/// Makes the film of the trial and looks at it.
fn attempt(coder: Coder, folder: &Path) -> Result<(), TrialError> {
    let fails = |error| TrialError::Fails { coder: coder.name(), error };
    let target = folder.join("trial.mp4");
    let made = make(coder, folder, &target).and_then(|()| decoded(&target));
    let _ = std::fs::remove_file(&target);
    let shown = made.map_err(fails)?;
    let mut given = libav::yuv_frame(SIZE.0, SIZE.1).map_err(fails)?;
    for at in 0..TAKES[1].1 {
        let differs = |reason: String| TrialError::Differs { coder: coder.name(), frame: at, reason };
        let seen = shown.get(at as usize).ok_or_else(|| differs("missing".to_owned()))?;
        if (seen.width(), seen.height()) != SIZE {
            return Err(differs(format!("as {}x{}", seen.width(), seen.height())));
        }
        let whole = Area::whole(SIZE.0, SIZE.1);
        picture(shown_from(at)).write(whole, &mut libav::planes(&mut given).map_err(fails)?);
        for (plane, name) in [(0, "luma"), (1, "blue"), (2, "red")] {
            let near = decibels(&given, seen, plane);
            if near < NEAR_DB {
                return Err(differs(format!("with {near:.1} dB of {name} and not {NEAR_DB}")));
            }
        }
    }
    match shown.len() as u64 {
        frames if frames == TAKES[1].1 => Ok(()),
        frames => {
            Err(TrialError::Differs { coder: coder.name(), frame: frames, reason: "though none was given".to_owned() })
        }
    }
}

/// Frames at which a picture is given: some in a row, one after a stretch in which nothing changes, the start of a take.
const CHANGES: [u64; 13] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 45, 60, 61, 62];

/// The frame whose picture is shown at `at`.
fn shown_from(at: u64) -> u64 {
    CHANGES.into_iter().rfind(|change| *change <= at).unwrap_or(0)
}

/// A slope of greys, lines one pixel wide as letters have them, and a red box that moves by three pixels a frame.
fn picture(at: u64) -> Picture {
    let (w, h) = SIZE;
    let left = 20 + 3 * at as u32;
    let mut rgba = Vec::with_capacity((w * h * 4) as usize);
    for y in 0..h {
        for x in 0..w {
            let boxed = (left..left + 60).contains(&x) && (60..110).contains(&y);
            let lined = y > 130 && (x % 7 == 0 || y % 9 == 0);
            let grey = (60 + (x + y) / 4) as u8;
            rgba.extend(match (boxed, lined) {
                (true, _) => [200, 40, 50, 255],
                (_, true) => [20, 20, 30, 255],
                _ => [grey, grey, grey, 255],
            });
        }
    }
    Picture { w, h, rgba }
}

fn make(coder: Coder, folder: &Path, target: &Path) -> Result<(), EncodeError> {
    // A picture in every frame: all but a few of them repeat.
    let spec = VideoSpec { coder, size: SIZE, fps: FPS, constant: true, ..VideoSpec::default() };
    let reels = [folder.join("trial-0.reel"), folder.join("trial-1.reel")];
    let made = TAKES.into_iter().zip(&reels).try_for_each(|((first, end), reel)| {
        let mut take: Box<dyn Encoder> = Box::new(TakeEncoder::create(reel, &spec)?);
        for change in CHANGES.into_iter().filter(|change| (first..end).contains(change)) {
            take.frame(change - first, &picture(change), None)?;
        }
        take.finish(end - first)
    });
    let takes: Vec<(u64, &Path)> =
        TAKES.iter().zip(&reels).map(|((first, _), reel)| (*first, reel.as_path())).collect();
    let made = made.and_then(|()| assemble(target, &spec, &Reels { takes: &takes, frames: TAKES[1].1, voice: None }));
    for reel in &reels {
        let _ = std::fs::remove_file(reel);
    }
    made
}

/// The pictures of a file in the order in which they are shown, decoded by the processor.
fn decoded(path: &Path) -> Result<Vec<frame::Video>, EncodeError> {
    let failed = EncodeError::library("decoding what was coded");
    let mut input = format::input(path).map_err(&failed)?;
    let stream = input.streams().best(media::Type::Video).ok_or_else(|| failed(ffmpeg::Error::StreamNotFound))?;
    let index = stream.index();
    let context = codec::Context::from_parameters(stream.parameters()).map_err(&failed)?;
    let mut decoder = context.decoder().video().map_err(&failed)?;
    let mut shown = Vec::new();
    let mut take = |decoder: &mut codec::decoder::Video| {
        let mut picture = frame::Video::empty();
        while decoder.receive_frame(&mut picture).is_ok() {
            shown.push(std::mem::replace(&mut picture, frame::Video::empty()));
        }
    };
    let mut packet = Packet::empty();
    while packet.read(&mut input).is_ok() {
        if packet.stream() == index {
            decoder.send_packet(&packet).map_err(&failed)?;
            take(&mut decoder);
        }
    }
    decoder.send_eof().map_err(&failed)?;
    take(&mut decoder);
    Ok(shown)
}

/// Peak signal-to-noise ratio of a plane, at most 99.
fn decibels(given: &frame::Video, seen: &frame::Video, plane: usize) -> f64 {
    let (w, h) =
        if plane == 0 { (SIZE.0 as usize, SIZE.1 as usize) } else { (SIZE.0 as usize / 2, SIZE.1 as usize / 2) };
    let row = |of: &frame::Video, y: usize| of.data(plane)[y * of.stride(plane)..][..w].to_vec();
    let squares: u64 = (0..h)
        .flat_map(|y| row(given, y).into_iter().zip(row(seen, y)).collect::<Vec<_>>())
        .map(|(one, other)| u64::from(one.abs_diff(other)).pow(2))
        .sum();
    #[allow(clippy::cast_precision_loss, reason = "sums over a small picture are far below 2^53")]
    let mean = squares as f64 / (w * h) as f64;
    (10.0 * (255.0 * 255.0 / mean).log10()).min(99.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x264 with this quantiser and these settings more.
    macro_rules! odd {
        ($qp:literal, $more:literal) => {
            Coder::Odd(&[
                ("preset", "superfast"),
                ("profile", "high"),
                ("qp", $qp),
                ("forced-idr", "1"),
                ("threads", "1"),
                ("x264-params", concat!("rc-lookahead=0:mbtree=0:scenecut=0:weightp=0:", $more)),
            ])
        };
    }

    #[test]
    fn the_encoder_of_all_other_films_passes() {
        let folder = tempfile::tempdir().unwrap();
        attempt(Coder::X264, folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    }

    #[test]
    fn encoders_that_refer_far_back_or_spoil_pictures_are_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let far = attempt(odd!("22", "bframes=0:ref=3"), folder.path()).unwrap_err().to_string();
        assert!(far.contains("not coded as expected"), "{far}");
        let coarse = attempt(odd!("45", "bframes=0"), folder.path()).unwrap_err().to_string();
        assert!(coarse.contains("dB of luma and not 40"), "{coarse}");
    }

    #[test]
    fn what_is_not_here_says_so() {
        let folder = tempfile::tempdir().unwrap();
        if !Path::new("/dev/nvidiactl").exists() {
            let error = attempt(Coder::Nvenc, folder.path()).unwrap_err().to_string();
            assert!(error.starts_with("NVENC: opening the H.264 encoder failed"), "{error}");
        }
        let error = attempt(Coder::Vaapi(7), folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("VA-API on /dev/dri/renderD7: opening the graphics processor failed"), "{error}");
    }
}
