//! Answers that are files: streamed from their enciphered chunks, whole or in one range (RFC 9110 section 14).

use std::{
    io::{self, Cursor, Read as _, Seek as _, SeekFrom},
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use http_body::{Frame, SizeHint};
use schemars::{Schema, SchemaGenerator};
use sha2::{Digest as _, Sha256};
use store::blob::{BlobDigest, BlobReader, CHUNK};
use tokio::task::JoinHandle;

use crate::{
    endpoint::binary,
    problem::{Code, Problem},
    reply::Reply,
    request::Request,
};

/// How many bytes are in memory at once for one answer: some chunks.
const PIECE: usize = 4 * CHUNK;

/// A file as the answer to a request.
#[derive(Debug)]
pub(crate) struct Media {
    content: Content,
    kind: String,
    name: String,
    tag: String,
    range: Wanted,
    request: String,
}

/// Where the bytes of a file are.
#[derive(Debug)]
enum Content {
    /// Among the tenant's blobs.
    Stored(Box<BlobReader>),
    /// In memory: made for this request.
    Made(Cursor<Vec<u8>>),
}

impl Content {
    fn len(&self) -> u64 {
        match self {
            Content::Stored(reader) => reader.len(),
            Content::Made(bytes) => bytes.get_ref().len() as u64,
        }
    }

    fn seek(&mut self, to: u64) -> io::Result<u64> {
        match self {
            Content::Stored(reader) => reader.seek(SeekFrom::Start(to)),
            Content::Made(bytes) => bytes.seek(SeekFrom::Start(to)),
        }
    }

    fn read_exact(&mut self, piece: &mut [u8]) -> io::Result<()> {
        match self {
            Content::Stored(reader) => reader.read_exact(piece),
            Content::Made(bytes) => bytes.read_exact(piece),
        }
    }
}

/// The bytes that a request wants.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// All of them.
    All,
    /// These: from the first up to the last, which is there.
    Part(u64, u64),
    /// Some that are not there.
    Nothing,
}

impl Media {
    /// The file behind `reader`, of media type `kind`, to be saved as `name`.
    pub(crate) fn new(request: &Request, reader: BlobReader, digest: &BlobDigest, kind: &str, name: &str) -> Self {
        Self::of(request, Content::Stored(Box::new(reader)), &digest.to_string(), kind, name)
    }

    /// A file that was made for this request, and is made the same for every other one that asks so.
    pub(crate) fn made(request: &Request, bytes: Vec<u8>, kind: &str, name: &str) -> Self {
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self::of(request, Content::Made(Cursor::new(bytes)), &digest, kind, name)
    }

    fn of(request: &Request, content: Content, digest: &str, kind: &str, name: &str) -> Self {
        let tag = format!("\"{digest}\"");
        let range = match (request.header("range"), request.header("if-range")) {
            // The range is of another content than there is now, or of one whose tag we cannot tell: the whole is sent anew.
            (_, Some(known)) if known.trim() != tag => Wanted::All,
            (Some(range), _) => wanted(range, content.len()),
            (None, _) => Wanted::All,
        };
        Media { content, kind: kind.to_owned(), name: name.to_owned(), tag, range, request: request.id.clone() }
    }
}

impl Reply for Media {
    const MEDIA: &'static str = "application/octet-stream";

    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(binary())
    }

    fn response(mut self, status: StatusCode) -> Result<Response, Problem> {
        let all = self.content.len();
        let (status, first, length) = match self.range {
            Wanted::All => (status, 0, all),
            Wanted::Part(first, last) => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
            Wanted::Nothing => {
                let mut problem = Problem::new(Code::RangeNotSatisfiable, format!("the file has {all} bytes"));
                problem.instance = Some(self.request);
                let mut response = problem.into_response();
                put(&mut response, header::CONTENT_RANGE, &format!("bytes */{all}"));
                return Ok(response);
            }
        };
        self.content.seek(first).map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
        let mut response = Response::new(Body::new(Pieces { left: length, state: State::Idle(self.content) }));
        *response.status_mut() = status;
        put(&mut response, header::CONTENT_TYPE, &self.kind);
        put(&mut response, header::CONTENT_LENGTH, &length.to_string());
        put(&mut response, header::ACCEPT_RANGES, "bytes");
        put(&mut response, header::ETAG, &self.tag);
        put(&mut response, header::CONTENT_DISPOSITION, &disposition(&self.name));
        // Only the caller may keep it, and only after asking whether it still may see it.
        put(&mut response, header::CACHE_CONTROL, "private, no-cache");
        if status == StatusCode::PARTIAL_CONTENT {
            put(&mut response, header::CONTENT_RANGE, &format!("bytes {first}-{}/{all}", first + length - 1));
        }
        Ok(response)
    }
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What a `Range` header asks of `length` bytes. What is no single range of bytes is ignored, as the standard allows.
fn wanted(range: &str, length: u64) -> Wanted {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More than fits lies behind the end of every file.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let unit = range.get(..6).filter(|unit| unit.eq_ignore_ascii_case("bytes="));
    let Some((first, last)) = unit.and_then(|_| range[6..].trim().split_once('-')) else { return Wanted::All };
    match (number(first), number(last)) {
        (None, Some(0)) if first.is_empty() => Wanted::Nothing,
        (None, Some(_)) if first.is_empty() && length == 0 => Wanted::Nothing,
        (None, Some(count)) if first.is_empty() => Wanted::Part(length.saturating_sub(count), length - 1),
        (Some(first), Some(last)) if first > last => Wanted::All,
        (Some(first), _) if first >= length && (last.is_empty() || number(last).is_some()) => Wanted::Nothing,
        (Some(first), Some(last)) => Wanted::Part(first, last.min(length - 1)),
        (Some(first), None) if last.is_empty() => Wanted::Part(first, length - 1),
        _ => Wanted::All,
    }
}

/// How a file is to be saved (RFC 6266): a name in ASCII for old programs, and the true one.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_graphic() && !matches!(letter, '"' | '\\' | '%') { letter } else { '_' })
        .collect();
    let mut full = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            full.push(char::from(byte));
        } else {
            full += &format!("%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

/// The body: one piece in memory at a time, read on a thread that may wait for the disk when the connection has room for it.
struct Pieces {
    left: u64,
    state: State,
}

enum State {
    Idle(Content),
    Reading(JoinHandle<(Content, io::Result<Bytes>)>),
    Failed,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Failed) {
                State::Failed => return Poll::Ready(None),
                State::Idle(_) if self.left == 0 => return Poll::Ready(None),
                State::Idle(mut content) => {
                    let size = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
                    self.state = State::Reading(tokio::task::spawn_blocking(move || {
                        let mut piece = vec![0; size];
                        let read = content.read_exact(&mut piece).map(|()| Bytes::from(piece));
                        (content, read)
                    }));
                }
                State::Reading(mut reading) => {
                    let done = Pin::new(&mut reading).poll(context);
                    if done.is_pending() {
                        self.state = State::Reading(reading);
                    }
                    let (content, read) = ready!(done)?;
                    let piece = read.inspect_err(|error| {
                        tracing::error!(error = error as &dyn std::error::Error, "a file could not be read to its end");
                    })?;
                    self.left = self.left.saturating_sub(piece.len() as u64);
                    self.state = State::Idle(content);
                    return Poll::Ready(Some(Ok(Frame::data(piece))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let check = |range: &str, expected: Wanted| assert_eq!(wanted(range, 1000), expected, "{range}");
        check("bytes=0-0", Wanted::Part(0, 0));
        check("bytes=0-499", Wanted::Part(0, 499));
        check("Bytes=500-", Wanted::Part(500, 999));
        check("bytes=999-5000", Wanted::Part(999, 999));
        check("bytes=-1", Wanted::Part(999, 999));
        check("bytes=-5000", Wanted::Part(0, 999));
        check("bytes=0-99999999999999999999999", Wanted::Part(0, 999));
        for none in ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999999999-"] {
            check(none, Wanted::Nothing);
        }
        for all in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-4",
            "bytes=0-1,3-4",
            "lines=0-1",
            "bytes=+1-2",
            "bytés=1-2",
        ] {
            check(all, Wanted::All);
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(wanted("bytes=-1", 0), Wanted::Nothing);
    }

    #[test]
    fn names() {
        assert_eq!(
            disposition("a b\"ü.mp4"),
            "attachment; filename=\"a_b__.mp4\"; filename*=UTF-8''a%20b%22%C3%BC.mp4"
        );
    }
}
