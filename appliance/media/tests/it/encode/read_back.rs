//! What a player sees in a video.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;

use ffmpeg_next as ffmpeg;

use ffmpeg::{Packet, codec, format, frame, media};

/// A video, decoded.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) pictures: Vec<SeenPicture>,
    /// First channel of the sound, as a player plays it: priming cut off.
    pub(super) samples: Vec<f32>,
    /// `(from, to, text)` in milliseconds.
    pub(super) captions: Vec<(i64, i64, String)>,
    pub(super) chapters: Vec<(i64, i64, String)>,
    pub(super) duration_ms: i64,
    pub(super) languages: Vec<String>,
    pub(super) shown_unasked: Vec<bool>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) matrix: String,
    pub(super) range: String,
    pub(super) rate: u32,
    pub(super) channels: u16,
}

/// A decoded picture.
pub(super) struct SeenPicture {
    pub(super) frame: u64,
    /// How many frames it lasts.
    pub(super) frames: i64,
    pub(super) key: bool,
    yuv: frame::Video,
}

impl SeenPicture {
    /// A pixel by the inverse of BT.709.
    pub(super) fn rgb(&self, x: usize, y: usize) -> [u8; 3] {
        let at = |plane: usize, x: usize, y: usize| f64::from(self.yuv.data(plane)[y * self.yuv.stride(plane) + x]);
        let luma = (at(0, x, y) - 16.0) / 219.0;
        let (cb, cr) = ((at(1, x / 2, y / 2) - 128.0) / 224.0, (at(2, x / 2, y / 2) - 128.0) / 224.0);
        let (r, b) = (luma + 1.5748 * cr, luma + 1.8556 * cb);
        let g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152;
        [r, g, b].map(|c| (c * 255.0).round().clamp(0.0, 255.0) as u8)
    }
}

impl Seen {
    /// Where sound louder than `level` begins after 100 ms of quiet, in milliseconds.
    pub(super) fn onsets_ms(&self, level: f32) -> Vec<f64> {
        let mut onsets = Vec::new();
        let mut last_loud = None;
        for (i, sample) in self.samples.iter().enumerate() {
            if sample.abs() > level {
                if last_loud.is_none_or(|last| i - last > 4800) {
                    onsets.push(i as f64 / 48.0);
                }
                last_loud = Some(i);
            }
        }
        onsets
    }
}

fn decoder(stream: &format::stream::Stream<'_>) -> codec::decoder::Decoder {
    let mut decoder = codec::Context::from_parameters(stream.parameters()).unwrap().decoder();
    decoder.set_packet_time_base(stream.time_base());
    decoder
}

/// Pictures by the decoder of this name, else by the library's own.
fn pictures_by(stream: &format::stream::Stream<'_>, name: Option<&str>) -> codec::decoder::Video {
    let Some(name) = name else { return decoder(stream).video().unwrap() };
    let codec = codec::decoder::find_by_name(name).unwrap();
    let opened = decoder(stream).open_as(codec).unwrap();
    opened.video().unwrap()
}

pub(super) fn read_back(path: &Path) -> Seen {
    read_back_by(path, None)
}

/// What a player sees that decodes pictures by the decoder of this name.
pub(super) fn read_back_by(path: &Path, name: Option<&str>) -> Seen {
    let mut input = format::input(path).unwrap();
    let mut seen = Seen { duration_ms: input.duration() / 1000, ..Seen::default() };
    let chapter = |c: ffmpeg::Chapter<'_>| {
        let ms = |t: i64| t * 1000 * i64::from(c.time_base().numerator()) / i64::from(c.time_base().denominator());
        (ms(c.start()), ms(c.end()), c.metadata().get("title").unwrap_or_default().to_owned())
    };
    seen.chapters = input.chapters().map(chapter).collect();
    let ours = |key: &str| !["major_brand", "minor_version", "compatible_brands"].contains(&key);
    seen.tags = input.metadata().iter().filter(|(k, _)| ours(k)).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();

    let (mut video, mut audio) = (None, None);
    let mut bases = Vec::new();
    for stream in input.streams() {
        bases.push(f64::from(stream.time_base()));
        let kind = stream.parameters().medium();
        if kind == media::Type::Data {
            continue;
        }
        seen.languages.push(stream.metadata().get("language").unwrap_or_default().to_owned());
        seen.shown_unasked.push(stream.disposition().contains(format::stream::Disposition::DEFAULT));
        match kind {
            media::Type::Video => video = Some((stream.index(), pictures_by(&stream, name))),
            media::Type::Audio => audio = Some((stream.index(), decoder(&stream).audio().unwrap())),
            _ => {}
        }
    }
    if let Some((_, audio)) = &audio {
        (seen.rate, seen.channels) = (audio.rate(), audio.channels());
    }
    let (video_at, mut video) = video.unwrap();
    let mut durations = Vec::new();
    loop {
        let mut packet = Packet::empty();
        if packet.read(&mut input).is_err() {
            break;
        }
        let at = packet.stream();
        let ticks = |seconds: f64, rate: f64| (seconds * rate).round() as i64;
        if at == video_at {
            let time = |t: i64| ticks(t as f64 * bases[at], f64::from(super::FPS));
            durations.push((time(packet.pts().unwrap()), time(packet.duration())));
            video.send_packet(&packet).unwrap();
            pictures(&mut video, bases[at], &durations, &mut seen);
        } else if let Some((_, audio)) = audio.as_mut().filter(|(index, _)| *index == at) {
            audio.send_packet(&packet).unwrap();
            samples(audio, &mut seen);
        } else if input.stream(at).is_some_and(|s| s.parameters().medium() == media::Type::Subtitle) {
            let data = packet.data().unwrap();
            let text = match input.stream(at).unwrap().parameters().id() {
                codec::Id::WEBVTT => data,
                _ => &data[2..2 + usize::from(u16::from_be_bytes([data[0], data[1]]))],
            };
            if !text.is_empty() {
                let (start, ms) = (packet.pts().unwrap(), bases[at] * 1000.0);
                let end = ticks((start + packet.duration()) as f64, ms);
                let text = String::from_utf8(text.to_vec()).unwrap();
                seen.captions.push((ticks(start as f64, ms), end, text));
            }
        }
    }
    video.send_eof().unwrap();
    pictures(&mut video, bases[video_at], &durations, &mut seen);
    if let Some((_, mut audio)) = audio {
        audio.send_eof().unwrap();
        samples(&mut audio, &mut seen);
    }
    seen
}

fn pictures(decoder: &mut ffmpeg::decoder::Video, base: f64, durations: &[(i64, i64)], seen: &mut Seen) {
    let mut yuv = frame::Video::empty();
    while decoder.receive_frame(&mut yuv).is_ok() {
        assert_eq!(yuv.format(), format::Pixel::YUV420P);
        seen.matrix = yuv.color_space().name().unwrap_or_default().to_owned();
        seen.range = yuv.color_range().name().unwrap_or_default().to_owned();
        let frame = (yuv.pts().unwrap() as f64 * base * f64::from(super::FPS)).round() as i64;
        let frames = durations.iter().find(|(at, _)| *at == frame).unwrap().1;
        let key = yuv.is_key();
        let yuv = std::mem::replace(&mut yuv, frame::Video::empty());
        seen.pictures.push(SeenPicture { frame: frame as u64, frames, key, yuv });
    }
}

fn samples(decoder: &mut ffmpeg::decoder::Audio, seen: &mut Seen) {
    let mut block = frame::Audio::empty();
    while decoder.receive_frame(&mut block).is_ok() {
        seen.samples.extend_from_slice(block.plane::<f32>(0));
    }
}

/// The frame that a player starts decoding at when it seeks to `ms`.
pub(super) fn seek(path: &Path, ms: i64) -> u64 {
    let mut input = format::input(path).unwrap();
    let stream = input.streams().best(media::Type::Video).unwrap();
    let (index, base) = (stream.index(), f64::from(stream.time_base()));
    input.seek(ms * 1000, ..ms * 1000).unwrap();
    loop {
        let mut packet = Packet::empty();
        packet.read(&mut input).unwrap();
        if packet.stream() == index {
            assert!(packet.is_key());
            return (packet.pts().unwrap() as f64 * base * f64::from(super::FPS)).round() as u64;
        }
    }
}

/// Length that the container claims.
pub(super) fn duration_ms(path: &Path) -> i64 {
    format::input(path).unwrap().duration() / 1000
}
