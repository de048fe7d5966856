//! Editing together: a WebSocket a person, a room a storyboard.
//!
//! Who comes in passes the guard of the endpoint as with any request. From then on the room asks the gate: for every update, and a
//! few times a second for everybody who is there, so whoever loses a role or a session is out within a second.

mod protocol;
mod room;
mod socket;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use axum::{
    extract::ws::WebSocketUpgrade,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use model::{AnyId, Id, noun};
use schemars::{Schema, SchemaGenerator, json_schema};
use studio::storyboard::Storyboard as Board;
use tokio::sync::mpsc;

use crate::{
    events::{Seat, Watching},
    problem::{Code, Problem},
    reply::Reply,
    request::Request,
    services::Services,
};
use room::{Event, Guest};

/// The most storyboards that are edited at once: each is held in memory.
const MAX_ROOMS: usize = 256;
/// Events that wait for a room; beyond that its guests are read more slowly.
const MAX_WAITING: usize = 1_024;

type Key = (Id<noun::Tenant>, Id<noun::Storyboard>);
/// What the document of a room says now.
type Shown = Arc<RwLock<Option<Arc<Board>>>>;

/// The rooms that are open.
#[derive(Clone, Default)]
pub(crate) struct Rooms {
    open: Arc<Mutex<BTreeMap<Key, Door>>>,
    seats: Watching,
}

#[derive(Clone)]
struct Door {
    events: mpsc::Sender<Event>,
    shown: Shown,
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").field("open", &self.lock().len()).finish_non_exhaustive()
    }
}

impl Rooms {
    /// What is being edited, as it is now; nothing where nobody edits it.
    pub(crate) fn shown(&self, tenant: Id<noun::Tenant>, storyboard: Id<noun::Storyboard>) -> Option<Arc<Board>> {
        let door = self.lock().get(&(tenant, storyboard)).cloned()?;
        door.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Leads a guest in; nothing where there is no room left.
    fn enter(&self, services: &Arc<Services>, key: Key, guest: Guest) -> Option<mpsc::Sender<Event>> {
        let mut open = self.lock();
        if !open.contains_key(&key) && open.len() >= MAX_ROOMS {
            return None;
        }
        let door = open.entry(key).or_insert_with(|| {
            let (events, inbox) = mpsc::channel(MAX_WAITING);
            let shown = Shown::default();
            tokio::spawn(room::run(services.clone(), key, inbox, shown.clone()));
            Door { events, shown }
        });
        door.events.try_send(Event::Came(Box::new(guest))).ok()?;
        Some(door.events.clone())
    }

    /// Ends a room to which nobody is on the way.
    fn end(&self, key: &Key, inbox: &mpsc::Receiver<Event>) -> bool {
        let mut open = self.lock();
        let empty = inbox.is_empty();
        if empty {
            open.remove(key);
        }
        empty
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Door>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Someone who has passed the guard and waits for the connection.
#[derive(Clone)]
pub(crate) struct Joining(Arc<Mutex<Option<Visitor>>>);

struct Visitor {
    services: Arc<Services>,
    request: Request,
    who: AnyId,
    key: Key,
    seat: Seat,
}

impl Joining {
    /// Someone who may see the storyboard.
    pub(crate) fn new(
        services: &Arc<Services>,
        request: &Request,
        storyboard: Id<noun::Storyboard>,
    ) -> Result<Self, Problem> {
        let (tenant, who) = (request.actor()?.tenant, request.actor()?.id);
        let seat = services.rooms.seats.sit(tenant).ok_or_else(|| {
            let mut problem = Problem::new(Code::RateLimited, "too many connections of this tenant edit storyboards");
            problem.retry_after_s = Some(5);
            problem
        })?;
        let (services, request) = (services.clone(), request.clone());
        let visitor = Visitor { services, request, who, key: (tenant, storyboard), seat };
        Ok(Joining(Arc::new(Mutex::new(Some(visitor)))))
    }

    /// The answer that makes a connection of the request.
    pub(crate) fn upgrade(self, upgrade: Option<WebSocketUpgrade>) -> Response {
        let visitor = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Some(upgrade), Some(visitor)) = (upgrade, visitor) else {
            return Problem::new(Code::BadRequest, "connect by WebSocket: the request asks for no upgrade")
                .into_response();
        };
        let most = library::live::MAX_UPDATE + 64;
        upgrade.max_message_size(most).max_frame_size(most).on_upgrade(move |socket| socket::attend(socket, visitor))
    }
}

impl Reply for Joining {
    const MEDIA: &'static str = "application/x-yjs";

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        let told = generator.subschema_for::<protocol::Told>();
        Some(json_schema!({
            "type": "string", "format": "binary",
            "description": "Messages of the Yjs protocols (sync 0, awareness 1); those of kind 100 hold a JSON text",
            "contentSchema": told,
        }))
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        Ok(response)
    }
}
