//! The reader: one audio stream of one file, block by block.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ffmpeg_next as ffmpeg;

use ffmpeg::format::context::{Input, StreamIo};
use ffmpeg::{Dictionary, Packet, ffi, media};

use super::clock::Clock;
use super::formats::{CODECS, CONTAINERS, MAX_CHANNELS, RATES};
use super::resample::{Resampler, Shape};
use super::{AudioInfo, Channels, Damage, DecodeError, MAX_DURATION_MS};

/// Broken packets in a row after which the rest of the file is given up.
const PATIENCE: u32 = 10_000;

/// Decodes the best audio stream of a recording at a rate of the caller's choice.
///
/// Memory use does not depend on the length of the recording. Sample `n` that comes out belongs to the moment
/// `n / rate` of the container's timeline: gaps between timestamps come out as silence.
pub struct AudioReader {
    path: PathBuf,
    input: Input,
    decoder: ffmpeg::decoder::Audio,
    stream: usize,
    time_base: ffmpeg::Rational,
    /// Container time of its first packet, in microseconds.
    start_us: Option<i64>,
    info: AudioInfo,
    /// Length of the stream by a header that is not a guess, to notice files that were cut off.
    promised_ms: Option<u64>,
    rate: u32,
    channels: u16,
    limit_ms: u64,
    resampler: Option<Resampler>,
    clock: Clock,
    /// Sample frames of silence due before `held`.
    silence: u64,
    held: Option<ffmpeg::frame::Audio>,
    draining: bool,
    byte: Option<u64>,
    bad_in_a_row: u32,
    damage: Option<Damage>,
}

impl AudioReader {
    /// Opens a recording to be read at `rate` hertz.
    ///
    /// # Errors
    /// Every [`DecodeError`] but [`DecodeError::Empty`], [`DecodeError::Broken`] and [`DecodeError::TooLong`], which
    /// only reading can tell.
    pub fn open(path: &Path, rate: u32, channels: Channels) -> Result<Self, DecodeError> {
        crate::libav::init();
        let owned = || path.to_owned();
        if !RATES.contains(&rate) {
            return Err(DecodeError::Unsupported { path: owned(), what: format!("reading at {rate} Hz") });
        }
        let input = open_input(path)?;
        let best = input.streams().best(media::Type::Audio).ok_or_else(|| DecodeError::NoAudio(owned()))?;
        let stream = best.index();
        let time_base = best.time_base();
        let parameters = best.parameters();
        let stream_ms = millis(best.duration(), time_base);
        let streams = input.nb_streams();
        let library = |stage| {
            let path = owned();
            move |e: ffmpeg::Error| DecodeError::Library { path, stage, reason: e.to_string() }
        };
        let unsupported = |what| DecodeError::Unsupported { path: owned(), what };

        let codec = parameters.id().name().to_owned();
        let mut context =
            ffmpeg::codec::Context::from_parameters(parameters).map_err(library("reading the codec's parameters"))?;
        context.set_threading(ffmpeg::threading::Config::count(1));
        let mut decoder = context.decoder();
        decoder.set_packet_time_base(time_base);
        let mut options = Dictionary::new();
        options.set("codec_whitelist", CODECS);
        let found = ffmpeg::decoder::find(decoder.id()).ok_or_else(|| unsupported(format!("codec {codec}")))?;
        let decoder = decoder
            .open_as_with(found, options)
            .and_then(ffmpeg::decoder::Opened::audio)
            .map_err(|e| unsupported(format!("codec {codec} ({e})")))?;

        let info = AudioInfo {
            codec,
            rate: decoder.rate(),
            channels: decoder.channels(),
            header_duration_ms: millis(input.duration(), ffmpeg::Rational(1, ffi::AV_TIME_BASE)),
            container: input.format().name().split(',').next().unwrap_or_default().to_owned(),
        };
        if info.channels > MAX_CHANNELS || (info.rate != 0 && !RATES.contains(&info.rate)) {
            return Err(unsupported(format!("{} channels at {} Hz", info.channels, info.rate)));
        }
        let guessed = matches!(
            // SAFETY: the context is open and outlives the read of one plain field.
            unsafe { (*input.as_ptr()).duration_estimation_method },
            ffi::AVDurationEstimationMethod::AVFMT_DURATION_FROM_BITRATE
        );
        let promised_ms = stream_ms.or(info.header_duration_ms.filter(|_| streams == 1)).filter(|_| !guessed);
        // SAFETY: as above.
        let start = unsafe { (*input.as_ptr()).start_time };
        let channels = match channels {
            Channels::Mono => 1,
            Channels::Stereo => 2,
            Channels::Native => info.channels.max(1),
        };
        let mut reader = Self {
            path: owned(),
            input,
            decoder,
            stream,
            time_base,
            start_us: (start != ffi::AV_NOPTS_VALUE).then_some(start),
            info,
            promised_ms,
            rate,
            channels,
            limit_ms: MAX_DURATION_MS,
            resampler: None,
            clock: Clock::new(rate),
            silence: 0,
            held: None,
            draining: false,
            byte: None,
            bad_in_a_row: 0,
            damage: None,
        };
        reader.discard_others();
        Ok(reader)
    }

    /// Fails with [`DecodeError::TooLong`] as soon as more than `limit_ms` milliseconds were decoded.
    #[must_use]
    pub fn with_limit(mut self, limit_ms: u64) -> Self {
        self.limit_ms = limit_ms;
        self
    }

    /// What the header tells.
    pub fn info(&self) -> &AudioInfo {
        &self.info
    }

    /// Channels of the samples that [`AudioReader::read`] hands out.
    pub fn channels(&self) -> u16 {
        self.channels
    }

    /// Milliseconds handed out so far; after the end, the true length of the recording.
    pub fn position_ms(&self) -> u64 {
        self.clock.written_ms()
    }

    /// What could not be decoded so far. Complete once [`AudioReader::read`] has returned `false`.
    pub fn damage(&self) -> Option<Damage> {
        self.damage
    }

    /// Replaces `block` by the next samples, interleaved, -1 to 1; `false` at the end. Blocks differ in length and are
    /// never longer than a few seconds.
    ///
    /// # Errors
    /// [`DecodeError::Empty`] or [`DecodeError::Broken`] when the end comes before the first sample,
    /// [`DecodeError::TooLong`] past the limit, [`DecodeError::Unsupported`] when the stream changes to a shape that
    /// cannot be resampled. Damage in between is no error: see [`AudioReader::damage`].
    pub fn read(&mut self, block: &mut Vec<f32>) -> Result<bool, DecodeError> {
        block.clear();
        while block.is_empty() {
            if self.silence > 0 {
                let frames = self.silence.min(u64::from(self.rate));
                self.silence -= frames;
                block.resize(frames as usize * usize::from(self.channels), 0.0);
            } else if let Some(frame) = self.held.take() {
                self.convert(&frame, block)?;
            } else if let Some(frame) = self.next_frame() {
                self.take(frame, block)?;
            } else {
                self.flush(block)?;
                if block.is_empty() {
                    return self.end();
                }
            }
        }
        for sample in block.iter_mut() {
            *sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
        }
        self.clock.advance((block.len() / usize::from(self.channels)) as u64);
        if self.clock.written_ms() > self.limit_ms {
            return Err(DecodeError::TooLong { path: self.path.clone(), limit_ms: self.limit_ms });
        }
        Ok(true)
    }

    /// Puts a decoded frame where its timestamp says.
    fn take(&mut self, frame: ffmpeg::frame::Audio, block: &mut Vec<f32>) -> Result<(), DecodeError> {
        let shape = Shape::of(&frame);
        if shape.channels == 0 || shape.channels > MAX_CHANNELS || !RATES.contains(&shape.rate()) {
            let what = format!("{} channels at {} Hz", shape.channels, shape.rate());
            return Err(DecodeError::Unsupported { path: self.path.clone(), what });
        }
        if self.resampler.as_ref().is_some_and(|r| r.from() != shape) {
            self.flush(block)?;
        }
        let pending = self.resampler.as_ref().map_or(0, Resampler::pending);
        let ahead = pending + (block.len() / usize::from(self.channels)) as u64;
        self.silence = match self.sample_of(frame.timestamp()) {
            Some(at) => self.clock.silence_before(at, ahead),
            None => 0,
        };
        if self.silence > 0 {
            self.flush(block)?;
            self.held = Some(frame);
            return Ok(());
        }
        self.convert(&frame, block)
    }

    fn convert(&mut self, frame: &ffmpeg::frame::Audio, block: &mut Vec<f32>) -> Result<(), DecodeError> {
        let path = &self.path;
        let failed =
            |e: ffmpeg::Error| DecodeError::Library { path: path.clone(), stage: "resampling", reason: e.to_string() };
        let mut resampler = match self.resampler.take() {
            Some(resampler) => resampler,
            None => Resampler::new(Shape::of(frame), self.channels, self.rate).map_err(failed)?,
        };
        resampler.convert(frame, block).map_err(failed)?;
        self.resampler = Some(resampler);
        Ok(())
    }

    fn flush(&mut self, block: &mut Vec<f32>) -> Result<(), DecodeError> {
        let Some(resampler) = self.resampler.take() else { return Ok(()) };
        resampler.finish(block).map_err(|e| DecodeError::Library {
            path: self.path.clone(),
            stage: "resampling",
            reason: e.to_string(),
        })
    }

    /// The sample frame that a timestamp of the stream stands for; the first timestamp is the start when the container
    /// names none.
    fn sample_of(&mut self, stamp: Option<i64>) -> Option<i64> {
        let (numerator, denominator) = (i128::from(self.time_base.0), i128::from(self.time_base.1));
        if denominator == 0 {
            return None;
        }
        let micros = i128::from(stamp?) * numerator * 1_000_000 / denominator;
        let start = *self.start_us.get_or_insert(i64::try_from(micros).ok()?);
        i64::try_from((micros - i128::from(start)) * i128::from(self.rate) / 1_000_000).ok()
    }

    fn next_frame(&mut self) -> Option<ffmpeg::frame::Audio> {
        let mut frame = ffmpeg::frame::Audio::empty();
        loop {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) if frame.samples() > 0 => {
                    self.bad_in_a_row = 0;
                    return Some(frame);
                }
                Ok(()) => {}
                Err(ffmpeg::Error::Eof) => return None,
                Err(ffmpeg::Error::Other { errno }) if errno == ffmpeg::error::EAGAIN => {
                    if !self.feed() {
                        return None;
                    }
                }
                Err(_) => {
                    self.note_damage();
                    if self.draining || !self.feed() {
                        return None;
                    }
                }
            }
        }
    }

    /// Gives the decoder its next packet, or tells it that there is none; `false` when nothing more can come.
    fn feed(&mut self) -> bool {
        if self.draining {
            return false;
        }
        let mut packet = Packet::empty();
        loop {
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() != self.stream => {}
                Ok(()) => {
                    self.byte = u64::try_from(packet.position()).ok().or(self.byte);
                    if packet.is_corrupt() || self.decoder.send_packet(&packet).is_err() {
                        self.note_damage();
                    }
                    if self.bad_in_a_row < PATIENCE {
                        return true;
                    }
                    break;
                }
                Err(ffmpeg::Error::Eof) => break,
                // A demuxer can find its feet again after one bad packet.
                Err(ffmpeg::Error::InvalidData) if self.bad_in_a_row < PATIENCE => self.note_damage(),
                Err(_) => {
                    self.note_damage();
                    break;
                }
            }
        }
        self.draining = true;
        self.decoder.send_eof().is_ok()
    }

    fn note_damage(&mut self) {
        self.bad_in_a_row += 1;
        let (byte, at_ms) = (self.byte, self.clock.written_ms());
        self.damage.get_or_insert(Damage { byte, at_ms, packets: 0 }).packets += 1;
    }

    fn end(&mut self) -> Result<bool, DecodeError> {
        let path = || self.path.clone();
        if self.clock.written() == 0 {
            return Err(match self.damage {
                Some(damage) => DecodeError::Broken { path: path(), damage },
                None => DecodeError::Empty(path()),
            });
        }
        let at_ms = self.clock.written_ms();
        // A header that promises more than 1 s and 2 % beyond the last sample: the file was cut off.
        if self.damage.is_none() && self.promised_ms.is_some_and(|ms| ms > at_ms + 1000 + ms / 50) {
            let byte = self.input.io_size().and_then(|n| u64::try_from(n).ok());
            self.damage = Some(Damage { byte, at_ms, packets: 0 });
        }
        Ok(false)
    }

    /// Tells the demuxer to skip all other streams without reading them.
    fn discard_others(&mut self) {
        let keep = self.stream;
        for mut stream in self.input.streams_mut() {
            if stream.index() != keep {
                // SAFETY: the stream belongs to the open context that `self` owns alone.
                unsafe { (*stream.as_mut_ptr()).discard = ffi::AVDiscard::AVDISCARD_ALL };
            }
        }
    }
}

/// Opens the file ourselves and hands libav a stream: no protocol, no second file, any file name.
fn open_input(path: &Path) -> Result<Input, DecodeError> {
    let unreadable = |reason: String| DecodeError::Unreadable { path: path.to_owned(), reason };
    let file = File::open(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => DecodeError::NotFound(path.to_owned()),
        _ => unreadable(e.to_string()),
    })?;
    let facts = file.metadata().map_err(|e| unreadable(e.to_string()))?;
    if !facts.is_file() {
        return Err(unreadable("it is not a regular file".to_owned()));
    }
    if facts.len() == 0 {
        return Err(DecodeError::Empty(path.to_owned()));
    }
    let library =
        |stage, e: ffmpeg::Error| DecodeError::Library { path: path.to_owned(), stage, reason: e.to_string() };
    let io = StreamIo::from_read_seek(file).map_err(|e| library("opening it", e))?;
    let mut options = Dictionary::new();
    options.set("format_whitelist", CONTAINERS);
    options.set("codec_whitelist", CODECS);
    options.set("protocol_whitelist", "file");
    ffmpeg::format::input_from_stream(io, None, Some(options)).map_err(|e| match e {
        ffmpeg::Error::Other { errno } if errno == ffmpeg::error::ENOMEM => library("opening it", e),
        ffmpeg::Error::Other { errno } if errno == ffmpeg::error::EINVAL => {
            DecodeError::NotMedia { path: path.to_owned(), reason: "its format is not accepted".to_owned() }
        }
        e => {
            let reason = Some(e.to_string().to_lowercase()).filter(|reason| !reason.is_empty());
            let reason = reason.unwrap_or_else(|| "nothing in it looks like one".to_owned());
            DecodeError::NotMedia { path: path.to_owned(), reason }
        }
    })
}

fn millis(duration: i64, base: ffmpeg::Rational) -> Option<u64> {
    if duration <= 0 || base.1 == 0 {
        return None;
    }
    u64::try_from(i128::from(duration) * 1000 * i128::from(base.0) / i128::from(base.1)).ok()
}
