//! Clients that are rude in HTTP/2: frames by hand, over real sockets and TLS.

use std::io::{Read as _, Write as _};

use super::sockets::{Appliance, CLOSE, Line, status};
use crate::{HttpLimits, RequestLimits};

/// Frame types (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
/// Flags.
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// Errors.
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;
const ENHANCE_YOUR_CALM: u32 = 11;

/// A connection on which frames are sent and read.
struct Frames(Line);

#[derive(Debug)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    /// The error code of a reset or a good-bye.
    fn error(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

impl Frames {
    fn open(appliance: &Appliance) -> Self {
        let mut line = appliance.line_for(&[b"h2"]);
        // Who is never answered fails the test instead of waiting for ever.
        line.sock.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        line.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        let mut frames = Frames(line);
        assert!(frames.send(SETTINGS, 0, 0, &[]));
        frames
    }

    /// Whether it could still be sent.
    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        self.0.write_all(&frame(kind, flags, stream, payload)).is_ok()
    }

    /// The next frame; nothing once the other side has hung up.
    fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.0.read_exact(&mut payload).ok()?;
        let stream = u32::from_be_bytes(head[5..].try_into().unwrap());
        Some(Frame { kind: head[3], flags: head[4], stream, payload })
    }

    /// The next frame of one of these kinds.
    fn next_of(&mut self, kinds: &[u8]) -> Option<Frame> {
        loop {
            let frame = self.next()?;
            if kinds.contains(&frame.kind) {
                return Some(frame);
            }
        }
    }

    /// Why the other side ended the connection, as far as it came through: it may hang up while we still talk.
    fn good_bye(&mut self) -> Option<u32> {
        self.next_of(&[GOAWAY]).map(|frame| frame.error())
    }

    /// Whether a plain question is answered with 200.
    fn is_served(&mut self, stream: u32) -> bool {
        assert!(self.send(HEADERS, END_STREAM | END_HEADERS, stream, &head("GET", "/livez", &[])));
        let answer = self.next_of(&[HEADERS, GOAWAY]).unwrap();
        // The first entry of the block: `:status: 200` of the static table.
        (answer.kind, answer.stream, answer.payload[0]) == (HEADERS, stream, 0x88)
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [length[1], length[2], length[3], kind, flags];
    [&head[..], &stream.to_be_bytes(), payload].concat()
}

/// A header block, none of it compressed (RFC 7541, section 6.2.2).
fn head(method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    let fields = [(":method", method), (":scheme", "https"), (":path", path), (":authority", "localhost")];
    for (name, value) in fields.iter().chain(more) {
        block.push(0);
        for text in [name, value] {
            number(text.len(), &mut block);
            block.extend(text.bytes());
        }
    }
    block
}

/// An integer with a prefix of seven bits (RFC 7541, section 5.1).
fn number(mut value: usize, block: &mut Vec<u8>) {
    if value < 127 {
        return block.push(value as u8);
    }
    block.push(127);
    value -= 127;
    while value >= 128 {
        block.push((value % 128) as u8 | 128);
        value /= 128;
    }
    block.push(value as u8);
}

fn appliance(http: HttpLimits) -> Appliance {
    Appliance::new(http, RequestLimits::default())
}

/// Whether others are still served.
fn serves_others(appliance: &Appliance) -> bool {
    status(&appliance.ask(format!("GET /livez HTTP/1.1\r\n{CLOSE}\r\n").as_bytes())) == "200"
}

#[test]
fn so_many_requests_at_once_and_no_more() {
    let appliance = appliance(HttpLimits { streams: 4, ..HttpLimits::default() });
    let mut frames = Frames::open(&appliance);
    let settings = frames.next_of(&[SETTINGS]).unwrap();
    let announced = settings.payload.chunks(6).find(|pair| pair[..2] == [0, 3]).unwrap();
    assert_eq!(announced[2..], [0, 0, 0, 4], "the bound on streams is announced");
    let json = [("content-type", "application/json")];
    for stream in [1, 3, 5, 7, 9] {
        assert!(frames.send(HEADERS, END_HEADERS, stream, &head("POST", "/v1/session", &json)));
    }
    let refused = frames.next_of(&[RST_STREAM, HEADERS, GOAWAY]).unwrap();
    assert_eq!((refused.kind, refused.stream, refused.error()), (RST_STREAM, 9, REFUSED_STREAM));
    // Whoever takes one back has room for another.
    assert!(frames.send(RST_STREAM, 0, 1, &CANCEL.to_be_bytes()));
    assert!(frames.is_served(11));
}

#[test]
fn who_takes_everything_back_is_cut_off() {
    let appliance = appliance(HttpLimits::default());
    let mut frames = Frames::open(&appliance);
    let streams: Vec<u32> = (1..20_000).step_by(2).collect();
    let asked = head("GET", "/readyz", &[]);
    // Many at a time, as who means harm would send them.
    let taken = streams.chunks(200).all(|some| {
        let pair = |stream: &u32| {
            let back = frame(RST_STREAM, 0, *stream, &CANCEL.to_be_bytes());
            [frame(HEADERS, END_STREAM | END_HEADERS, *stream, &asked), back].concat()
        };
        frames.0.write_all(&some.iter().flat_map(pair).collect::<Vec<u8>>()).is_ok()
    });
    let why = frames.good_bye();
    assert!(why.is_none_or(|why| why == ENHANCE_YOUR_CALM), "{why:?}");
    // Either it said so, or it hung up before all was sent.
    assert!(why.is_some() || !taken, "nothing became of requests that were taken back");
    assert!(serves_others(&appliance));
}

#[test]
fn a_head_without_an_end_is_cut_off() {
    let appliance = appliance(HttpLimits::default());
    let mut frames = Frames::open(&appliance);
    assert!(frames.send(HEADERS, END_STREAM, 1, &head("GET", "/livez", &[])));
    // Four megabytes of a field that goes on and on, and as many frames without anything.
    let mut part = vec![0, 1, b'x'];
    number(1_000, &mut part);
    part.extend([b'y'; 1_000]);
    let went_on = (0..4_000).all(|number| {
        let part: &[u8] = if number % 2 == 0 { &part } else { &[] };
        frames.send(CONTINUATION, 0, 1, part)
    });
    let why = frames.good_bye();
    assert!(why.is_some() || !went_on, "it listens for ever");
    assert!(serves_others(&appliance));
}

#[test]
fn a_head_that_is_too_long_is_refused_alone() {
    let appliance = appliance(HttpLimits::default());
    let mut frames = Frames::open(&appliance);
    let long = "a".repeat(3_000);
    let names: Vec<String> = (0..10).map(|number| format!("x-long-{number}")).collect();
    let more: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), long.as_str())).collect();
    // Within the bound on heads it is served; a frame has at most 16 KiB.
    assert!(frames.send(HEADERS, END_STREAM | END_HEADERS, 1, &head("GET", "/livez", &more[..5])));
    assert_eq!(frames.next_of(&[HEADERS, GOAWAY, RST_STREAM]).unwrap().payload[0], 0x88);
    let block = head("GET", "/livez", &more);
    let (first, rest) = block.split_at(16_000);
    assert!(frames.send(HEADERS, END_STREAM, 3, first));
    assert!(frames.send(CONTINUATION, END_HEADERS, 3, rest));
    let refused = frames.next_of(&[HEADERS, GOAWAY, RST_STREAM]).unwrap();
    // `:status: 431` in Huffman's code.
    assert_eq!(
        (refused.kind, refused.stream, &refused.payload[..5]),
        (HEADERS, 3, &[0x48, 0x83, 0x69, 0x90, 0xff][..]),
        "{refused:?}"
    );
    assert!(frames.is_served(5), "the connection goes on");
    assert_eq!(refused.flags & END_HEADERS, END_HEADERS);
}

#[test]
fn a_body_longer_than_it_was_said_to_be_is_no_request() {
    let appliance = appliance(HttpLimits::default());
    let mut frames = Frames::open(&appliance);
    let more = [("content-type", "application/json"), ("content-length", "2")];
    assert!(frames.send(HEADERS, END_HEADERS, 1, &head("POST", "/v1/session", &more)));
    assert!(frames.send(DATA, END_STREAM, 1, b"{\"email\":1}"));
    let refused = frames.next_of(&[HEADERS, GOAWAY, RST_STREAM]).unwrap();
    assert_ne!(refused.payload[0], 0x88, "{refused:?}");
    assert!(serves_others(&appliance));
}
