//! The container: tracks woven together in the order of time.

use ffmpeg_next as ffmpeg;

use ffmpeg::format::context::Output;
use ffmpeg::{Packet, Rational};

use super::h264::PictureTrack;
use super::spec::{VideoSpec, plain};
use super::timed_text::TextTrack;
use super::voice::{RATE, VoiceTrack};
use super::{EncodeError, lang, libav};

/// Longest title in bytes; the chapter list of MP4 counts them in 8 bits.
const LONGEST_TITLE: usize = 255;

/// Options of the container: the index before the media, so that playing starts while loading; neither versions nor
/// the clock in the file; and a clock that whole frames and samples fit exactly (their durations are rounded to it).
const OPTIONS: [(&str, &str); 3] = [("movflags", "+faststart"), ("fflags", "+bitexact"), ("movie_timescale", "48000")];

/// An open MP4 and what goes into it beside the pictures.
pub(super) struct Sink {
    output: Output,
    fps: u64,
    pictures: Lane,
    voice: Option<(VoiceTrack, Lane)>,
    text: Option<(TextTrack, Lane)>,
    /// The last picture; it is written when the next one tells how long it lasts.
    waiting: Option<Packet>,
}

/// Where packets of a track go.
#[derive(Clone, Copy)]
struct Lane {
    stream: usize,
    from: Rational,
    to: Rational,
}

impl Lane {
    /// The way to `stream`, whose clock is settled once the head is written, from a clock of ticks of `from` seconds.
    fn new(output: &Output, stream: usize, from: Rational) -> Self {
        Self { stream, from, to: output.stream(stream).map_or(from, |stream| stream.time_base()) }
    }

    fn write(self, output: &mut Output, mut packet: Packet) -> Result<(), EncodeError> {
        packet.set_stream(self.stream);
        packet.rescale_ts(self.from, self.to);
        packet.write(output).map(drop).map_err(EncodeError::library("writing the video"))
    }
}

impl Sink {
    /// Writes the head of the file: tracks, chapters, title, poster.
    pub(super) fn open(
        mut output: Output,
        spec: &VideoSpec<'_>,
        pictures: &PictureTrack,
        voice: Option<VoiceTrack>,
    ) -> Result<Self, EncodeError> {
        let language = lang::three_letters(spec.lang);
        let text = TextTrack::new(spec.captions);
        let pictures_at = add(&mut output, pictures.parameters(), pictures.time_base(), None)?;
        let voice_at = match &voice {
            Some(track) => Some(add(&mut output, track.parameters(), track.time_base(), Some(language))?),
            None => None,
        };
        let text_at = match &text {
            Some(_) => {
                Some(add(&mut output, TextTrack::parameters(spec.size)?, TextTrack::time_base(), Some(language))?)
            }
            None => None,
        };
        let poster_at = spec.poster.map(|_| add_poster(&mut output, spec.size)).transpose()?;
        describe(&mut output, spec)?;
        output
            .write_header_with(OPTIONS.into_iter().collect())
            .map_err(EncodeError::library("writing the head of the video"))?;
        if let (Some(png), Some(stream)) = (spec.poster, poster_at) {
            let mut packet = Packet::copy(png);
            packet.set_pts(Some(0));
            packet.set_dts(Some(0));
            packet.set_flags(ffmpeg::codec::packet::Flags::KEY);
            Lane::new(&output, stream, TextTrack::time_base()).write(&mut output, packet)?;
        }
        Ok(Self {
            fps: u64::from(spec.fps),
            pictures: Lane::new(&output, pictures_at, pictures.time_base()),
            voice: voice.zip(voice_at).map(|(track, at)| {
                let lane = Lane::new(&output, at, track.time_base());
                (track, lane)
            }),
            text: text.zip(text_at).map(|(track, at)| (track, Lane::new(&output, at, TextTrack::time_base()))),
            waiting: None,
            output,
        })
    }

    /// Takes a picture, whose time is a frame of the canvas' rate.
    pub(super) fn picture(&mut self, packet: Packet) -> Result<(), EncodeError> {
        let at = packet.pts().unwrap_or_default();
        self.release(at)?;
        self.waiting = Some(packet);
        Ok(())
    }

    /// Ends every track at frame `end` and writes the tail of the file.
    pub(super) fn end(mut self, end: u64) -> Result<(), EncodeError> {
        self.release(end as i64)?;
        let samples = end.saturating_mul(u64::from(RATE)) / self.fps;
        let ms = end.saturating_mul(1000) / self.fps;
        let Self { output, voice, text, .. } = &mut self;
        if let Some((track, lane)) = voice {
            track.end(samples, &mut |packet| lane.write(output, packet))?;
        }
        if let Some((track, lane)) = text {
            while let Some(packet) = track.next(ms, true) {
                lane.write(output, packet)?;
            }
        }
        output.write_trailer().map_err(EncodeError::library("writing the index of the video"))
    }

    /// Writes the picture that waits, which lasts until frame `until`, after all that belongs before it.
    fn release(&mut self, until: i64) -> Result<(), EncodeError> {
        let Some(mut packet) = self.waiting.take() else { return Ok(()) };
        let at = packet.pts().unwrap_or_default();
        packet.set_duration(until - at);
        let frame = at.unsigned_abs();
        let Self { output, voice, text, fps, .. } = self;
        if let Some((track, lane)) = voice {
            track.advance(frame.saturating_mul(u64::from(RATE)) / *fps, &mut |packet| lane.write(output, packet))?;
        }
        if let Some((track, lane)) = text {
            while let Some(packet) = track.next(frame.saturating_mul(1000) / *fps, false) {
                lane.write(output, packet)?;
            }
        }
        self.pictures.write(&mut self.output, packet)
    }
}

/// Gives a track to the file and tells its index; `clock` is a wish until the head is written.
fn add(
    output: &mut Output,
    parameters: ffmpeg::codec::Parameters,
    clock: Rational,
    language: Option<&str>,
) -> Result<usize, EncodeError> {
    let mut stream = output
        .add_stream(ffmpeg::encoder::find(ffmpeg::codec::Id::None))
        .map_err(EncodeError::library("adding a track"))?;
    stream.set_parameters(parameters);
    stream.set_time_base(clock);
    if let Some(language) = language {
        stream.set_metadata([("language", language)].into_iter().collect());
    }
    Ok(stream.index())
}

fn add_poster(output: &mut Output, size: (u32, u32)) -> Result<usize, EncodeError> {
    let mut parameters = ffmpeg::codec::Parameters::new();
    parameters.set_medium(ffmpeg::media::Type::Video);
    parameters.set_id(ffmpeg::codec::Id::PNG);
    libav::set_size(&mut parameters, size);
    let index = add(output, parameters, TextTrack::time_base(), None)?;
    if let Some(mut stream) = output.stream_mut(index) {
        libav::mark_as_poster(&mut stream);
    }
    Ok(index)
}

/// Title and chapters.
fn describe(output: &mut Output, spec: &VideoSpec<'_>) -> Result<(), EncodeError> {
    for (index, chapter) in spec.chapters.iter().enumerate() {
        let (start, end) = (chapter.start_ms as i64, chapter.end_ms as i64);
        output
            .add_chapter(index as i64, (1, 1000), start, end, plain(&chapter.title, LONGEST_TITLE))
            .map_err(EncodeError::library("adding a chapter"))?;
    }
    let title = plain(spec.title, LONGEST_TITLE);
    if !title.is_empty() {
        output.set_metadata([("title", title.as_str())].into_iter().collect());
    }
    Ok(())
}
