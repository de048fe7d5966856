//! What is asked of a video.

use std::path::PathBuf;

use studio::transcript::Cue;

use super::{Coder, EncodeError, libav::PictureEncoder, vp9};

/// Sides a canvas may have, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 16..=7680;

/// Pixels a canvas may have: the largest picture of H.264 level 6.2 (139 264 macroblocks).
const MAX_PIXELS: u64 = 139_264 * 256;

/// Most chapters that are written.
const MAX_CHAPTERS: usize = 4096;

/// Longest video that is written, in seconds: a day.
pub(super) const LONGEST: u64 = 24 * 60 * 60;

/// The kind of file that a video is put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Container {
    /// H.264, AAC and 3GPP timed text in MP4: plays everywhere.
    #[default]
    Mp4,
    /// VP9, Opus and WebVTT in WebM: free of patents that ask for money.
    Webm,
}

impl Container {
    /// What names of such files end with, without the dot; also the word that asks for it.
    pub const fn ending(self) -> &'static str {
        match self {
            Container::Mp4 => "mp4",
            Container::Webm => "webm",
        }
    }
}

/// What a video is made of besides its pictures.
#[derive(Debug, Clone, Default)]
pub struct VideoSpec<'a> {
    /// What it is put into.
    pub container: Container,
    /// What codes the pictures of MP4; those of WebM are coded by libvpx.
    pub coder: Coder,
    /// Width and height of the canvas in pixels, both even.
    pub size: (u32, u32),
    /// Frames a second.
    pub fps: u32,
    /// A picture in every frame, for editors and players that want a constant rate. Otherwise there is one where something
    /// changes, and at least one a second.
    pub constant: bool,
    /// Title of the video.
    pub title: &'a str,
    /// BCP 47 language of the speech and the captions, such as `en`.
    pub lang: &'a str,
    /// Chapters, in order and inside the video.
    pub chapters: &'a [Chapter],
    /// Captions, offered by players but not shown unless asked for.
    pub captions: &'a [Cue],
    /// The speaker's voice.
    pub audio: Option<AudioSpec>,
    /// A picture for file lists, as a PNG; WebM has no place for one.
    pub poster: Option<&'a [u8]>,
}

/// One chapter of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// From, in milliseconds.
    pub start_ms: u64,
    /// To, in milliseconds.
    pub end_ms: u64,
    /// What players show.
    pub title: String,
}

/// Where the speaker's voice comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioSpec {
    /// The recording.
    pub path: PathBuf,
    /// Stretches that are silenced, in milliseconds `(from, to)`, in any order.
    pub mutes: Vec<(u64, u64)>,
    /// Stretches of the recording in the order in which they are heard, in milliseconds `(from, to)`; none where all of it is heard as
    /// it was recorded.
    pub cuts: Vec<(u64, u64)>,
}

impl VideoSpec<'_> {
    /// Refuses what cannot be encoded.
    pub(super) fn check(&self) -> Result<(), EncodeError> {
        check_canvas(self.size, self.fps)?;
        let mut free_from = 0;
        for (index, chapter) in self.chapters.iter().enumerate() {
            let ends_late = chapter.end_ms > LONGEST * 1000;
            if index >= MAX_CHAPTERS || chapter.start_ms < free_from || chapter.end_ms <= chapter.start_ms || ends_late
            {
                return Err(EncodeError::Chapter { index, max: MAX_CHAPTERS });
            }
            free_from = chapter.end_ms;
        }
        Ok(())
    }

    /// Opens the encoder of its pictures.
    pub(super) fn open_pictures(&self) -> Result<PictureEncoder, EncodeError> {
        match self.container {
            Container::Mp4 => self.coder.open(self.size, self.fps),
            Container::Webm => vp9::open(self.size, self.fps),
        }
    }
}

/// Refuses a size or a rate that cannot be encoded.
pub(super) fn check_canvas((width, height): (u32, u32), fps: u32) -> Result<(), EncodeError> {
    let side = |n: u32| SIDES.contains(&n) && n.is_multiple_of(2);
    if !side(width) || !side(height) || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(EncodeError::Size { width, height });
    }
    if !(1..=120).contains(&fps) {
        return Err(EncodeError::Rate(fps));
    }
    Ok(())
}

/// Text as it may stand in the container: one line, no control characters, at most `max` bytes.
pub(super) fn plain(text: &str, max: usize) -> String {
    let spaced = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    truncated(spaced.trim(), max).to_owned()
}

/// The longest start of `text` of at most `max` bytes that does not split a character.
pub(super) fn truncated(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(size: (u32, u32), fps: u32, chapters: &[(u64, u64)], expected: Option<&str>) {
        let chapters: Vec<Chapter> =
            chapters.iter().map(|&(start_ms, end_ms)| Chapter { start_ms, end_ms, title: "one".to_owned() }).collect();
        let spec = VideoSpec { size, fps, chapters: &chapters, ..VideoSpec::default() };
        let seen = spec.check().map_err(|e| e.to_string());
        match (seen, expected) {
            (Ok(()), None) => {}
            (Err(message), Some(part)) => assert!(message.contains(part), "{message} lacks {part}"),
            (seen, expected) => panic!("{size:?} at {fps}: {seen:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn presets_pass() {
        for size in [(1920, 1080), (3840, 2160), (1080, 1920), (1080, 1080), (7680, 4320), (16, 16)] {
            check(size, 30, &[(0, 1000), (1000, 2000), (2500, 3000)], None);
        }
    }

    #[test]
    fn hostile_sizes_are_refused() {
        for size in [(1921, 1080), (1920, 1079), (0, 0), (14, 1080), (7682, 1080), (u32::MAX, 2), (7680, 7680)] {
            check(size, 30, &[], Some("cannot be encoded"));
        }
    }

    #[test]
    fn rates_are_bounded() {
        check((640, 360), 0, &[], Some("0 frames"));
        check((640, 360), 121, &[], Some("121 frames"));
        check((640, 360), 120, &[], None);
    }

    #[test]
    fn chapters_must_be_in_order() {
        check((640, 360), 30, &[(0, 1000), (900, 2000)], Some("chapter 1"));
        check((640, 360), 30, &[(5, 5)], Some("chapter 0"));
        check((640, 360), 30, &[(0, u64::MAX)], Some("chapter 0"));
        check((640, 360), 30, &vec![(0, 1); MAX_CHAPTERS + 1], Some("chapter 1"));
    }

    #[test]
    fn text_is_made_plain() {
        assert_eq!(plain("  a\0b\nc ", 100), "a b c");
        assert_eq!(plain("größe", 3), "gr");
        assert_eq!(plain("", 3), "");
    }
}
