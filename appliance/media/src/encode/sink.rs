//! The container: tracks woven together in the order of time.

use ffmpeg_next as ffmpeg;

use ffmpeg::codec::Parameters;
use ffmpeg::format::context::Output;
use ffmpeg::{Packet, Rational};

use super::spec::{VideoSpec, plain};
use super::timed_text::TextTrack;
use super::voice::RATE;
use super::{Container, EncodeError, lang, libav, reel};

/// Longest title in bytes; the chapter list of MP4 counts them in 8 bits.
const LONGEST_TITLE: usize = 255;

/// Options of the container: the index before the media, so that playing starts while loading; neither versions nor the clock
/// in the file; of MP4 a clock that whole frames and samples fit exactly (their durations are rounded to it), of WebM captions
/// that wait to be asked for.
fn options(container: Container) -> &'static [(&'static str, &'static str)] {
    match container {
        Container::Mp4 => &[("movflags", "+faststart"), ("fflags", "+bitexact"), ("movie_timescale", "48000")],
        Container::Webm => &[("cues_to_front", "1"), ("fflags", "+bitexact"), ("default_mode", "infer_no_subs")],
    }
}

/// An open file and what goes into it beside the pictures.
pub(super) struct Sink {
    output: Output,
    fps: u64,
    pictures: Lane,
    voice: Option<(VoiceReel, Lane)>,
    text: Option<(TextTrack, Lane)>,
    /// The last picture; it is written when the next one tells how long it lasts.
    waiting: Option<Packet>,
}

/// A coded track and its clock: ticks of so many seconds.
pub(super) struct Track {
    pub(super) parameters: Parameters,
    pub(super) clock: Rational,
}

/// The voice on its way from its reel.
struct VoiceReel {
    reel: reel::Reader,
    /// The packet that comes next.
    next: Option<Packet>,
}

impl VoiceReel {
    fn new(mut reel: reel::Reader) -> Result<Self, EncodeError> {
        let next = reel.next()?;
        Ok(Self { reel, next })
    }

    /// The next packet, if it is over by sample frame `until`.
    fn before(&mut self, until: i64) -> Result<Option<Packet>, EncodeError> {
        let over = |packet: &Packet| packet.pts().unwrap_or_default().saturating_add(packet.duration()) <= until;
        if !self.next.as_ref().is_some_and(over) {
            return Ok(None);
        }
        Ok(std::mem::replace(&mut self.next, self.reel.next()?))
    }
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
    /// Writes the head of a file of so many frames: tracks, chapters, title, poster.
    pub(super) fn open(
        mut output: Output,
        spec: &VideoSpec<'_>,
        frames: u64,
        pictures: Track,
        voice: Option<(Track, reel::Reader)>,
    ) -> Result<Self, EncodeError> {
        let language = lang::code(spec.lang, spec.container);
        let text = TextTrack::new(spec.captions, spec.container, frames.saturating_mul(1000) / u64::from(spec.fps));
        let picture_clock = pictures.clock;
        let pictures_at = add(&mut output, pictures, None)?;
        let voice = match voice {
            Some((track, reel)) => {
                let clock = track.clock;
                Some((add(&mut output, track, Some(language))?, clock, VoiceReel::new(reel)?))
            }
            None => None,
        };
        let text_at = match &text {
            Some(_) => {
                let track = Track {
                    parameters: TextTrack::parameters(spec.size, spec.container)?,
                    clock: TextTrack::time_base(),
                };
                Some(add(&mut output, track, Some(language))?)
            }
            None => None,
        };
        let poster = spec.poster.filter(|_| spec.container == Container::Mp4);
        let poster_at = poster.map(|_| add_poster(&mut output, spec.size)).transpose()?;
        describe(&mut output, spec)?;
        output
            .write_header_with(options(spec.container).iter().copied().collect())
            .map_err(EncodeError::library("writing the head of the video"))?;
        if let (Some(png), Some(stream)) = (poster, poster_at) {
            let mut packet = Packet::copy(png);
            packet.set_pts(Some(0));
            packet.set_dts(Some(0));
            packet.set_flags(ffmpeg::codec::packet::Flags::KEY);
            Lane::new(&output, stream, TextTrack::time_base()).write(&mut output, packet)?;
        }
        Ok(Self {
            fps: u64::from(spec.fps),
            pictures: Lane::new(&output, pictures_at, picture_clock),
            voice: voice.map(|(at, clock, reel)| {
                let lane = Lane::new(&output, at, clock);
                (reel, lane)
            }),
            text: text.zip(text_at).map(|(track, at)| (track, Lane::new(&output, at, TextTrack::time_base()))),
            waiting: None,
            output,
        })
    }

    /// Takes the next picture, whose time is a frame of the canvas' rate.
    pub(super) fn picture(&mut self, packet: Packet) -> Result<(), EncodeError> {
        let at = packet.pts().unwrap_or_default();
        self.release(at)?;
        self.waiting = Some(packet);
        Ok(())
    }

    /// Ends every track at frame `end` and writes the tail of the file.
    pub(super) fn end(mut self, end: u64) -> Result<(), EncodeError> {
        self.release(end as i64)?;
        let Self { output, voice, text, .. } = &mut self;
        if let Some((reel, lane)) = voice {
            while let Some(packet) = reel.before(i64::MAX)? {
                lane.write(output, packet)?;
            }
        }
        if let Some((track, lane)) = text {
            while let Some(packet) = track.next(u64::MAX) {
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
        if let Some((reel, lane)) = voice {
            while let Some(packet) = reel.before((frame.saturating_mul(u64::from(RATE)) / *fps) as i64)? {
                lane.write(output, packet)?;
            }
        }
        if let Some((track, lane)) = text {
            while let Some(packet) = track.next(frame.saturating_mul(1000) / *fps) {
                lane.write(output, packet)?;
            }
        }
        self.pictures.write(&mut self.output, packet)
    }
}

/// Gives a track to the file and tells its index; its clock is a wish until the head is written.
fn add(output: &mut Output, track: Track, language: Option<&str>) -> Result<usize, EncodeError> {
    let mut stream = output
        .add_stream(ffmpeg::encoder::find(ffmpeg::codec::Id::None))
        .map_err(EncodeError::library("adding a track"))?;
    stream.set_parameters(track.parameters);
    stream.set_time_base(track.clock);
    if let Some(language) = language {
        stream.set_metadata([("language", language)].into_iter().collect());
    }
    Ok(stream.index())
}

fn add_poster(output: &mut Output, size: (u32, u32)) -> Result<usize, EncodeError> {
    let mut parameters = Parameters::new();
    parameters.set_medium(ffmpeg::media::Type::Video);
    parameters.set_id(ffmpeg::codec::Id::PNG);
    libav::set_size(&mut parameters, size);
    let index = add(output, Track { parameters, clock: TextTrack::time_base() }, None)?;
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
