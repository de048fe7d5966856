//! Someone in a room, and what is said between it and the room.

use access::Permit;
use axum::body::Bytes;
use model::{AnyId, permission::ProjectRead};
use tokio::sync::mpsc;

use crate::{events::Seat, live::protocol::Said, request::Request};

/// What happens to a room.
pub(in crate::live) enum Event {
    /// Someone has come.
    Came(Box<Guest>),
    /// Someone has said something.
    Said(u64, Said),
    /// Someone has gone.
    Left(u64),
}

/// What is said to a guest.
pub(in crate::live) enum Out {
    /// A message.
    Message(Bytes),
    /// The end, and why.
    End(u16, String),
}

/// Someone in the room.
pub(in crate::live) struct Guest {
    pub(super) number: u64,
    pub(super) request: Request,
    out: mpsc::Sender<Out>,
    _seat: Seat,
    pub(super) who: AnyId,
    pub(super) name: String,
    pub(super) may_edit: bool,
    /// Whether it waits for a version.
    pub(super) asked: bool,
    /// Proof that it was here by right, for the row that says that it has left.
    pub(super) stay: Option<Permit<ProjectRead>>,
    pub(super) presence: Option<(u64, u64, String)>,
    pub(super) gone: bool,
}

impl Guest {
    pub(in crate::live) fn new(number: u64, who: AnyId, request: Request, out: mpsc::Sender<Out>, seat: Seat) -> Self {
        Guest {
            number,
            request,
            out,
            _seat: seat,
            who,
            name: String::new(),
            may_edit: false,
            asked: false,
            stay: None,
            presence: None,
            gone: false,
        }
    }

    pub(super) fn say(&mut self, message: Bytes) {
        // Who takes what is said too slowly comes back and asks for what it lacks.
        self.gone |= self.out.try_send(Out::Message(message)).is_err();
    }

    pub(super) fn end(&mut self, code: u16, why: impl Into<String>) {
        let _ = self.out.try_send(Out::End(code, why.into()));
        self.gone = true;
    }
}
