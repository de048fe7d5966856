//! The recording as it is heard in the video: silent where it was redacted, and in the order in which its scenes are played.

use std::path::PathBuf;

use super::EncodeError;
use super::mute::{Mutes, RAMP};
use super::spec::AudioSpec;
use super::voice::RATE;
use crate::decode::{AudioReader, Channels};

/// Decodes a recording; where stretches of it are played in another order, from its beginning for each that lies before the one
/// that was played before it. Times are sample frames.
pub(super) struct Source {
    reader: AudioReader,
    path: PathBuf,
    wanted: Channels,
    mutes: Mutes,
    /// Stretches in the order in which they are heard; none where all is heard as it was recorded.
    cuts: Vec<(u64, u64)>,
    /// Which of them is being heard.
    cut: usize,
    /// What is heard next, in the recording.
    next: u64,
    /// Decoded samples, the first of which is sample frame `at`; interleaved.
    block: Vec<f32>,
    at: u64,
    ended: bool,
}

impl Source {
    pub(super) fn open(spec: &AudioSpec) -> Result<Self, EncodeError> {
        let mut wanted = Channels::Native;
        let mut reader = AudioReader::open(&spec.path, RATE, wanted)?;
        if reader.channels() > 2 {
            wanted = Channels::Stereo;
            reader = AudioReader::open(&spec.path, RATE, wanted)?;
        }
        let sample = |ms: u64| ms.saturating_mul(u64::from(RATE) / 1000);
        let cuts: Vec<_> = spec.cuts.iter().map(|&(from, to)| (sample(from), sample(to))).collect();
        Ok(Self {
            reader,
            path: spec.path.clone(),
            wanted,
            mutes: Mutes::new(&spec.mutes),
            next: cuts.first().map_or(0, |cut| cut.0),
            cuts,
            cut: 0,
            block: Vec::new(),
            at: 0,
            ended: false,
        })
    }

    pub(super) fn channels(&self) -> usize {
        usize::from(self.reader.channels())
    }

    /// Adds what is heard next to `queue`; `false` at the end.
    pub(super) fn read(&mut self, queue: &mut Vec<f32>) -> Result<bool, EncodeError> {
        if self.cuts.is_empty() {
            let more = self.decode()?;
            queue.extend_from_slice(&self.block);
            return Ok(more);
        }
        let channels = self.channels();
        loop {
            let Some(&(from, to)) = self.cuts.get(self.cut) else { return Ok(false) };
            if self.next >= to {
                self.cut += 1;
                self.next = self.cuts.get(self.cut).map_or(0, |cut| cut.0);
                continue;
            }
            if self.next < self.at {
                self.reader = AudioReader::open(&self.path, RATE, self.wanted)?;
                self.block.clear();
                (self.at, self.ended) = (0, false);
            }
            let end = self.at + (self.block.len() / channels) as u64;
            if self.next < end {
                let until = end.min(to);
                let heard = (self.next - self.at) as usize * channels..(until - self.at) as usize * channels;
                let first = queue.len();
                queue.extend_from_slice(&self.block[heard]);
                join(&mut queue[first..], channels, self.next, (from, to));
                self.next = until;
                return Ok(true);
            }
            if self.ended {
                // The recording is shorter than was said: what comes after stays where it belongs.
                let silence = (to - self.next).min(u64::from(RATE));
                queue.resize(queue.len() + silence as usize * channels, 0.0);
                self.next += silence;
                return Ok(true);
            }
            self.decode()?;
        }
    }

    /// Decodes the next block in place of the last one; `false` at the end of the recording.
    fn decode(&mut self) -> Result<bool, EncodeError> {
        let channels = self.channels();
        self.at += (self.block.len() / channels) as u64;
        if self.ended || !self.reader.read(&mut self.block)? {
            self.ended = true;
            self.block.clear();
            return Ok(false);
        }
        self.mutes.apply(&mut self.block, channels, self.at);
        Ok(true)
    }
}

/// Lets the sound of a stretch come and go at its ends, so that no joint clicks. `samples` are interleaved, the first of them sample frame
/// `at` of the recording.
fn join(samples: &mut [f32], channels: usize, at: u64, (from, to): (u64, u64)) {
    for (n, frame) in (at..).zip(samples.chunks_mut(channels)) {
        let away = (n - from + 1).min(to - n);
        if away > RAMP {
            continue;
        }
        let gain = away as f32 / (RAMP + 1) as f32;
        frame.iter_mut().for_each(|sample| *sample *= gain);
    }
}
