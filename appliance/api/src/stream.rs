//! Answers that are made while they are sent: a thread writes, the connection takes, and no more than a few pieces lie in between.

use std::{
    io::{self, Write},
    pin::Pin,
    task::{Context, Poll},
    thread,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use http_body::Frame;
use tokio::sync::mpsc;

use crate::problem::{Code, Problem};

/// Bytes that are sent together.
const PIECE: usize = 256 << 10;
/// Pieces that wait for the connection.
const WAITING: usize = 4;

/// Where the thread writes to. An error here means that the caller has gone.
#[derive(Debug)]
pub(crate) struct Pipe {
    to: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Write for Pipe {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(data);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        self.to.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// A file of this name that `work` writes. If it fails, the connection is broken off, so that nobody takes a part for the whole.
pub(crate) fn file<E: std::error::Error + 'static>(
    name: &str,
    work: impl FnOnce(&mut Pipe) -> Result<(), E> + Send + 'static,
) -> Result<Response, Problem> {
    let (to, from) = mpsc::channel(WAITING);
    let run = move || {
        let mut pipe = Pipe { to, piece: Vec::new() };
        let cut = match work(&mut pipe) {
            Ok(()) => pipe.flush().is_err(),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an export was broken off");
                true
            }
        };
        if cut {
            // Whoever listens still is told by the connection's end; nobody else cares.
            let _ = pipe.to.blocking_send(Err(io::ErrorKind::Interrupted.into()));
        }
    };
    thread::Builder::new()
        .name("export".into())
        .spawn(run)
        .map_err(|error| Problem::new(Code::Unavailable, error.to_string()))?;
    let mut response = Response::new(Body::new(Pieces(from)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

struct Pieces(mpsc::Receiver<io::Result<Bytes>>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// Pieces as they come. If one fails, the connection is broken off, so that nobody takes a part for the whole.
pub(crate) fn pieces<E: std::error::Error + 'static>(
    mut pieces: impl Iterator<Item = Result<Vec<u8>, E>> + Send + 'static,
) -> Result<Response, Problem> {
    let (to, from) = mpsc::channel(WAITING);
    let run = move || {
        let cut = pieces.try_for_each(|piece| match piece {
            Ok(piece) => to.blocking_send(Ok(Bytes::from(piece))).map_err(drop),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an answer was broken off");
                Err(())
            }
        });
        if cut.is_err() {
            let _ = to.blocking_send(Err(io::ErrorKind::Interrupted.into()));
        }
    };
    thread::Builder::new()
        .name("answer".into())
        .spawn(run)
        .map_err(|error| Problem::new(Code::Unavailable, error.to_string()))?;
    Ok(Response::new(Body::new(Pieces(from))))
}
