//! Captions inside the container: 3GPP timed text (TS 26.245), the subtitle format of MP4, and WebVTT, that of WebM.

use ffmpeg_next as ffmpeg;

use ffmpeg::Packet;
use studio::transcript::Cue;

use super::spec::truncated;
use super::{Container, EncodeError, libav};

/// Longest text of one caption in bytes; its length is written in 16 bits, and no screen holds more than this.
const LONGEST: usize = 4096;

/// Sample description: centred at the bottom, white on a see-through black box, font 1 of a table of one.
const DESCRIPTION: &[u8] = &[
    0, 0, 0, 0, // display flags
    1, 0xff, // centred, at the bottom
    0, 0, 0, 0x80, // background
    0, 0, 0, 0, 0, 0, 0, 0, // text box: the whole track
    0, 0, 0, 0, 0, 1, 0, 18, 0xff, 0xff, 0xff, 0xff, // style: all characters, font 1, size 18, white
    0, 0, 0, 18, b'f', b't', b'a', b'b', 0, 1, 0, 1, 5, b'S', b'e', b'r', b'i', b'f', // a table of one font
];

/// Captions in order, apart, as samples; times are milliseconds.
pub(super) struct TextTrack {
    cues: std::vec::IntoIter<(u64, u64, Vec<u8>)>,
    /// Whether a caption that follows another without a gap goes right after it: the muxer of MP4 would put an empty sample that
    /// lasts no time between the two (ISO/IEC 14496-12 knows such samples at the end of a track only).
    together: bool,
    /// When the caption ended that was taken last.
    ended: Option<u64>,
}

impl TextTrack {
    /// Captions that follow one another in a video of `length` milliseconds; an earlier one ends where a later one begins, the
    /// last with the video. `None` when there are none.
    pub(super) fn new(cues: &[Cue], container: Container, length: u64) -> Option<Self> {
        let coded = match container {
            Container::Mp4 => sample,
            Container::Webm => cue_text,
        };
        let mut samples: Vec<(u64, u64, Vec<u8>)> = cues
            .iter()
            .map(|cue| (cue, cue.end_ms.min(length)))
            .filter(|(cue, end)| cue.start_ms < *end)
            .map(|(cue, end)| (cue.start_ms, end, coded(&cue.lines.join("\n"))))
            .collect();
        samples.sort_by_key(|sample| sample.0);
        samples.dedup_by_key(|sample| sample.0);
        for i in 1..samples.len() {
            samples[i - 1].1 = samples[i - 1].1.min(samples[i].0);
        }
        let together = container == Container::Mp4;
        (!samples.is_empty()).then(|| Self { cues: samples.into_iter(), together, ended: None })
    }

    pub(super) fn parameters(size: (u32, u32), container: Container) -> Result<ffmpeg::codec::Parameters, EncodeError> {
        let mut parameters = ffmpeg::codec::Parameters::new();
        parameters.set_medium(ffmpeg::media::Type::Subtitle);
        match container {
            Container::Mp4 => {
                parameters.set_id(ffmpeg::codec::Id::MOV_TEXT);
                libav::set_size(&mut parameters, size);
                libav::set_extradata(&mut parameters, DESCRIPTION)?;
            }
            Container::Webm => parameters.set_id(ffmpeg::codec::Id::WEBVTT),
        }
        Ok(parameters)
    }

    pub(super) fn time_base() -> ffmpeg::Rational {
        ffmpeg::Rational(1, 1000)
    }

    /// The next caption, if it has begun by `now`.
    pub(super) fn next(&mut self, now: u64) -> Option<Packet> {
        let (start, _, _) = self.cues.as_slice().first()?;
        if *start > now && !(self.together && self.ended == Some(*start)) {
            return None;
        }
        let (start, end, bytes) = self.cues.next()?;
        self.ended = Some(end);
        let mut packet = Packet::copy(&bytes);
        packet.set_pts(Some(start as i64));
        packet.set_dts(Some(start as i64));
        packet.set_duration((end - start) as i64);
        packet.set_flags(ffmpeg::codec::packet::Flags::KEY);
        Some(packet)
    }
}

/// What can be seen of a text, bounded.
fn visible(text: &str) -> String {
    let visible: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    truncated(&visible, LONGEST).to_owned()
}

/// The text of a WebVTT cue: without empty lines, which would end it, and with what would be markup written out.
fn cue_text(text: &str) -> Vec<u8> {
    let lines: Vec<String> = visible(text)
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
        .collect();
    lines.join("\n").into_bytes()
}

/// A text sample: length in 16 bits, then UTF-8.
fn sample(text: &str) -> Vec<u8> {
    let text = visible(text);
    let text = text.as_bytes();
    let mut bytes = (text.len() as u16).to_be_bytes().to_vec();
    bytes.extend_from_slice(text);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Captions `(from, to, text)` in a video of `length`, and what is written.
    fn check(cues: &[(u64, u64, &str)], length: u64, expected: &[(i64, i64, &str)]) {
        let cue = |&(start_ms, end_ms, text): &(u64, u64, &str)| Cue {
            start_ms,
            end_ms,
            speaker: None,
            lines: vec![text.to_owned()],
        };
        let mut track = TextTrack::new(&cues.iter().map(cue).collect::<Vec<_>>(), Container::Mp4, length);
        let packets = std::iter::from_fn(|| track.as_mut().and_then(|track| track.next(length)));
        let seen: Vec<(i64, i64, Vec<u8>)> =
            packets.map(|p| (p.pts().unwrap(), p.pts().unwrap() + p.duration(), p.data().unwrap().to_vec())).collect();
        let expected: Vec<(i64, i64, Vec<u8>)> =
            expected.iter().map(|&(from, to, text)| (from, to, sample(text))).collect();
        assert_eq!(seen, expected, "{cues:?}");
    }

    #[test]
    fn captions_are_in_order_and_apart() {
        check(&[(5, 9, "b"), (1, 3, "a")], 100, &[(1, 3, "a"), (5, 9, "b")]);
        check(&[(1, 7, "a"), (5, 9, "b")], 100, &[(1, 5, "a"), (5, 9, "b")]);
        check(&[(1, 7, "a"), (1, 9, "b")], 100, &[(1, 7, "a")]);
        check(&[(3, 3, "a"), (5, 4, "b"), (u64::MAX - 1, u64::MAX, "c")], 100, &[]);
    }

    #[test]
    fn captions_end_with_the_video() {
        check(&[(1, 7, "a"), (8, u64::MAX, "b"), (20, 30, "c")], 10, &[(1, 7, "a"), (8, 10, "b")]);
    }

    #[test]
    fn a_caption_waits_until_it_begins() {
        let cue =
            |start_ms, end_ms| Cue { start_ms, end_ms, speaker: None, lines: vec!["a".to_owned(), "b".to_owned()] };
        let mut track = TextTrack::new(&[cue(10, 20), cue(21, 30)], Container::Mp4, 100).unwrap();
        assert!(track.next(9).is_none());
        assert_eq!(track.next(10).unwrap().data(), Some(b"\0\x03a\nb".as_slice()));
        assert!(track.next(20).is_none(), "the second has not begun");
        assert!(track.next(100).is_some() && track.next(100).is_none());
    }

    #[test]
    fn captions_without_a_gap_go_together_into_mp4() {
        let cue = |start_ms, end_ms| Cue { start_ms, end_ms, speaker: None, lines: vec!["a".to_owned()] };
        let taken = |container| {
            let cues = [cue(10, 20), cue(20, 30), cue(30, 40), cue(41, 50)];
            let mut track = TextTrack::new(&cues, container, 100).unwrap();
            std::iter::from_fn(|| track.next(10)).count()
        };
        assert_eq!((taken(Container::Mp4), taken(Container::Webm)), (3, 1));
    }

    #[test]
    fn what_would_be_markup_is_text() {
        assert_eq!(cue_text("a <b> & c\n\n--> d"), b"a &lt;b&gt; &amp; c\n--&gt; d");
    }

    #[test]
    fn text_is_bounded_and_visible() {
        assert_eq!(sample("a\0\u{7}b"), b"\0\x02ab");
        assert_eq!(sample(&"ä".repeat(40_000)).len(), 2 + LONGEST);
    }
}
