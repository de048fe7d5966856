//! The sound track: the speaker's own voice as AAC or Opus.

use std::path::Path;

use ffmpeg_next as ffmpeg;

use ffmpeg::format::sample::{Sample, Type};
use ffmpeg::{ChannelLayout, Dictionary};

use super::sink::Track;
use super::source::Source;
use super::spec::AudioSpec;
use super::{Container, EncodeError, libav, reel};

/// Sample frames a second of the sound track.
pub(super) const RATE: u32 = 48_000;

const ENCODING: &str = "encoding the voice";

/// How a voice is coded.
struct Coding {
    /// Name of the encoder.
    name: &'static str,
    /// What is said when it fails.
    stage: &'static str,
    /// How it takes samples.
    format: Sample,
    /// Bits a second, of one channel and of two.
    bit_rates: [usize; 2],
    settings: &'static [(&'static str, &'static str)],
}

const AAC: Coding = Coding {
    name: "aac",
    stage: "opening the AAC encoder",
    format: Sample::F32(Type::Planar),
    bit_rates: [96_000, 160_000],
    // The other coder, `twoloop`, takes twice the time, and its noise on speech at this rate is 13 dB above this one's.
    settings: &[("aac_coder", "fast"), ("threads", "1")],
};

const OPUS: Coding = Coding {
    name: "libopus",
    stage: "opening the Opus encoder",
    format: Sample::F32(Type::Packed),
    bit_rates: [64_000, 112_000],
    settings: &[("vbr", "on"), ("application", "audio"), ("threads", "1")],
};

/// Encodes the voice of a film of `frames` pictures at `fps` a second into a reel at `target`; what the recording is
/// too long for is left out, and what it is too short for stays silent. The codec is that of `container`.
///
/// # Errors
/// [`EncodeError::Voice`] for a recording that cannot be decoded, [`EncodeError::Unwritable`] or
/// [`EncodeError::DiskFull`] for a place that cannot be written, [`EncodeError::Codec`] when the library fails.
pub fn record_voice(
    target: &Path,
    container: Container,
    spec: &AudioSpec,
    frames: u64,
    fps: u32,
) -> Result<(), EncodeError> {
    VoiceTrack::open(spec, container)?.record(frames.saturating_mul(u64::from(RATE)) / u64::from(fps.max(1)), target)
}

/// Encodes a recording piece by piece; times are sample frames.
pub(super) struct VoiceTrack {
    source: Source,
    encoder: ffmpeg::encoder::audio::Encoder,
    channels: usize,
    /// How the encoder takes samples: a plane a channel, or interleaved.
    format: Sample,
    /// Decoded samples that wait to be encoded, from `next` on; interleaved.
    queue: Vec<f32>,
    /// Sample frames encoded.
    next: u64,
    ended: bool,
}

impl VoiceTrack {
    pub(super) fn open(spec: &AudioSpec, container: Container) -> Result<Self, EncodeError> {
        crate::libav::init();
        let source = Source::open(spec)?;
        let channels = source.channels();
        let Coding { name, stage, format, bit_rates, settings } = match container {
            Container::Mp4 => AAC,
            Container::Webm => OPUS,
        };
        let codec = ffmpeg::encoder::find_by_name(name)
            .ok_or_else(|| EncodeError::Codec { stage, reason: format!("this build of FFmpeg lacks {name}") })?;
        let mut context = ffmpeg::codec::Context::new_with_codec(codec);
        context.set_flags(ffmpeg::codec::Flags::GLOBAL_HEADER | ffmpeg::codec::Flags::BITEXACT);
        context.set_time_base((1, RATE as i32));
        let mut audio = context.encoder().audio().map_err(EncodeError::library(stage))?;
        audio.set_rate(RATE as i32);
        audio.set_format(format);
        audio.set_channel_layout(layout(channels));
        audio.set_bit_rate(bit_rates[usize::from(channels > 1)]);
        let encoder = audio
            .open_with(settings.iter().copied().collect::<Dictionary<'_>>())
            .map_err(EncodeError::library(stage))?;
        Ok(Self { source, encoder, channels, format, queue: Vec::new(), next: 0, ended: false })
    }

    /// What the container must know of it.
    pub(super) fn track(&self) -> Track {
        let parameters = ffmpeg::codec::Parameters::from(&**self.encoder);
        Track { parameters, clock: ffmpeg::Rational(1, RATE as i32) }
    }

    /// Encodes the recording until sample frame `until`, or until it ends, into a reel at `target`.
    fn record(mut self, until: u64, target: &Path) -> Result<(), EncodeError> {
        let mut reel = reel::Writer::create(target)?;
        let size = u64::from(self.encoder.frame_size());
        while self.next + size <= until && self.fill(size as usize)? {
            self.send(size as usize)?;
            libav::drain(&mut self.encoder, ENCODING, &mut |packet| reel.put(&packet))?;
        }
        let rest = until.saturating_sub(self.next).min(size) as usize;
        self.fill(rest)?;
        let rest = rest.min(self.queue.len() / self.channels);
        if rest > 0 {
            self.send(rest)?;
        }
        self.encoder.send_eof().map_err(EncodeError::library(ENCODING))?;
        libav::drain(&mut self.encoder, ENCODING, &mut |packet| reel.put(&packet))?;
        reel.finish()
    }

    /// Decodes until `frames` sample frames are in the queue; `false` when the recording ends before.
    fn fill(&mut self, frames: usize) -> Result<bool, EncodeError> {
        while self.queue.len() < frames * self.channels {
            if self.ended || !self.source.read(&mut self.queue)? {
                self.ended = true;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives the encoder the first `frames` sample frames of the queue.
    fn send(&mut self, frames: usize) -> Result<(), EncodeError> {
        let mut frame = ffmpeg::frame::Audio::new(self.format, frames, layout(self.channels));
        frame.set_rate(RATE);
        frame.set_pts(Some(self.next as i64));
        if self.format == Sample::F32(Type::Packed) {
            let (to, _) = frame.data_mut(0).as_chunks_mut::<4>();
            for (to, from) in to.iter_mut().zip(&self.queue[..frames * self.channels]) {
                *to = from.to_ne_bytes();
            }
        } else {
            for channel in 0..self.channels {
                let samples = self.queue.iter().skip(channel).step_by(self.channels);
                for (to, from) in frame.plane_mut::<f32>(channel)[..frames].iter_mut().zip(samples) {
                    *to = *from;
                }
            }
        }
        self.queue.drain(..frames * self.channels);
        self.next += frames as u64;
        self.encoder.send_frame(&frame).map_err(EncodeError::library(ENCODING))
    }
}

fn layout(channels: usize) -> ChannelLayout {
    if channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO }
}
