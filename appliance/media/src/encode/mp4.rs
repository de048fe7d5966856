//! The MP4 file: written beside its target, moved there when whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use ffmpeg_next as ffmpeg;

use studio::draw::{Picture, PixelRect};
use tempfile::TempPath;

use super::h264::PictureTrack;
use super::sink::Sink;
use super::voice::VoiceTrack;
use super::{EncodeError, Encoder, VideoSpec, boxes, libav};

/// Writes an MP4: H.264 High in BT.709, AAC, chapters, captions.
///
/// The file appears under its name only when [`Encoder::finish`] returns; memory use does not depend on its length.
pub struct Mp4Encoder {
    pictures: PictureTrack,
    // Closed before `file` is removed: fields are dropped in order.
    sink: Sink,
    file: TempPath,
    target: PathBuf,
}

impl Mp4Encoder {
    /// Begins a video that will be at `target`, replacing what is there.
    ///
    /// # Errors
    /// [`EncodeError::Size`], [`EncodeError::Rate`] and [`EncodeError::Chapter`] for a `spec` that cannot be encoded,
    /// [`EncodeError::Voice`] for a recording that cannot be decoded, [`EncodeError::Unwritable`] or
    /// [`EncodeError::DiskFull`] for a place that cannot be written, [`EncodeError::Codec`] when the library fails.
    pub fn create(target: &Path, spec: &VideoSpec<'_>) -> Result<Self, EncodeError> {
        spec.check()?;
        libav::init();
        let pictures = PictureTrack::open(spec.size, spec.fps)?;
        let voice = spec.audio.as_ref().map(VoiceTrack::open).transpose()?;

        // Absolute, so that no part of a name can be taken for a protocol.
        let target = std::path::absolute(target).map_err(EncodeError::disk("creating the video", target))?;
        let refused = |reason: &str| EncodeError::Unwritable { path: target.clone(), reason: reason.to_owned() };
        let folder = target.parent().ok_or_else(|| refused("it is not a file name"))?;
        let file = tempfile::Builder::new()
            .prefix(".audiagram-")
            .suffix(".part")
            .permissions(visible())
            .tempfile_in(folder)
            .map_err(EncodeError::disk("creating the video", &target))?
            .into_temp_path();
        let name = file.to_str().ok_or_else(|| refused("its folder's name is not UTF-8"))?;
        let output =
            ffmpeg::format::output_as(name, "mp4").map_err(EncodeError::library("opening the file of the video"))?;
        let sink = Sink::open(output, spec, &pictures, voice)?;
        Ok(Self { pictures, sink, file, target })
    }
}

impl Encoder for Mp4Encoder {
    fn canvas(&self) -> (u32, u32) {
        self.pictures.size()
    }

    fn cut(&mut self) {
        self.pictures.cut();
    }

    fn frame(&mut self, at: u64, picture: &Picture, changed: Option<PixelRect>) -> Result<(), EncodeError> {
        let Self { pictures, sink, .. } = self;
        pictures.show(at, picture, changed, &mut |packet| sink.picture(packet))
    }

    fn finish(self: Box<Self>, end: u64) -> Result<(), EncodeError> {
        let Self { mut pictures, mut sink, file, target } = *self;
        pictures.end(end, &mut |packet| sink.picture(packet))?;
        sink.end(end)?;

        let disk = EncodeError::disk("finishing the video", &target);
        let mut written = File::options().read(true).write(true).open(&file).map_err(&disk)?;
        boxes::switch_captions_off(&mut written).map_err(&disk)?;
        written.sync_all().map_err(&disk)?;
        file.persist(&target).map_err(|e| disk(e.error))?;
        // The name is durable only when its folder is.
        target.parent().map_or(Ok(()), |folder| File::open(folder).and_then(|f| f.sync_all())).map_err(&disk)
    }
}

/// Permissions of an ordinary new file; the process' mask applies.
fn visible() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
