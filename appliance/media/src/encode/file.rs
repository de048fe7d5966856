//! The file: put together from reels beside its target, moved there when whole.

use std::fs::File;
use std::path::Path;

use ffmpeg_next as ffmpeg;

use super::repeat::Repeats;
use super::sink::{Sink, Track};
use super::voice::VoiceTrack;
use super::{Container, EncodeError, VideoSpec, boxes, reel};

/// The encoded tracks of a video.
#[derive(Debug, Clone, Copy)]
pub struct Reels<'a> {
    /// The reels of the takes with the frames that they begin at, in order.
    pub takes: &'a [(u64, &'a Path)],
    /// Frames of the video.
    pub frames: u64,
    /// The reel of the voice; needed when the video has one.
    pub voice: Option<&'a Path>,
}

/// Puts a file together at `target`, replacing what is there: pictures in BT.709, the voice, chapters, captions.
///
/// The file appears under its name only when this returns; memory use does not depend on its length.
///
/// # Errors
/// [`EncodeError::Size`], [`EncodeError::Rate`] and [`EncodeError::Chapter`] for a `spec` that cannot be encoded,
/// [`EncodeError::Order`] for reels that do not follow one another, [`EncodeError::Unreadable`] for one that is spoiled,
/// [`EncodeError::Voice`] for a recording that cannot be decoded, [`EncodeError::Unwritable`] or
/// [`EncodeError::DiskFull`] for a place that cannot be written, [`EncodeError::Codec`] when the library fails.
pub fn assemble(target: &Path, spec: &VideoSpec<'_>, reels: &Reels<'_>) -> Result<(), EncodeError> {
    spec.check()?;
    let clock = ffmpeg::Rational(1, spec.fps as i32);
    let pictures = Track { parameters: spec.open_pictures()?.parameters(), clock };
    let voice = match (&spec.audio, reels.voice) {
        (Some(audio), Some(reel)) => {
            Some((VoiceTrack::open(audio, spec.container)?.track(), reel::Reader::open(reel)?))
        }
        _ => None,
    };

    // Absolute, so that no part of a name can be taken for a protocol.
    let target = &std::path::absolute(target).map_err(EncodeError::disk("creating the video", target))?;
    let refused = |reason: &str| EncodeError::Unwritable { path: target.clone(), reason: reason.to_owned() };
    let folder = target.parent().ok_or_else(|| refused("it is not a file name"))?;
    let file = tempfile::Builder::new()
        .prefix(".audiagram-")
        .suffix(".part")
        .permissions(visible())
        .tempfile_in(folder)
        .map_err(EncodeError::disk("creating the video", target))?
        .into_temp_path();
    let name = file.to_str().ok_or_else(|| refused("its folder's name is not UTF-8"))?;
    let output = ffmpeg::format::output_as(name, spec.container.ending())
        .map_err(EncodeError::library("opening the file of the video"))?;
    let mut sink = Sink::open(output, spec, reels.frames, pictures, voice)?;
    let step = if spec.constant { 1 } else { u64::from(spec.fps) };
    let mut repeats = Repeats::new(spec, step)?;
    let mut free_from = 0;
    for &(first, path) in reels.takes {
        let mut reel = reel::Reader::open(path)?;
        while let Some(packet) = reel.next()? {
            let at = u64::try_from(packet.pts().unwrap_or_default()).unwrap_or(u64::MAX).saturating_add(first);
            if at < free_from || at >= reels.frames {
                return Err(EncodeError::Order { at });
            }
            free_from = at + 1;
            for held in repeats.hold(at, packet.is_key())? {
                sink.picture(held)?;
            }
            sink.picture(repeats.picture(packet, at)?)?;
        }
    }
    for held in repeats.hold(reels.frames, false)? {
        sink.picture(held)?;
    }
    sink.end(reels.frames)?;

    let disk = EncodeError::disk("finishing the video", target);
    let mut written = File::options().read(true).write(true).open(&file).map_err(&disk)?;
    if spec.container == Container::Mp4 {
        boxes::switch_captions_off(&mut written).map_err(&disk)?;
    }
    written.sync_all().map_err(&disk)?;
    file.persist(target).map_err(|e| disk(e.error))?;
    // The name is durable only when its folder is.
    target.parent().map_or(Ok(()), |folder| File::open(folder).and_then(|f| f.sync_all())).map_err(&disk)
}

/// Permissions of an ordinary new file; the process' mask applies.
fn visible() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
