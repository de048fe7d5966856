//! Who comes into a room, where everybody is, and who goes.

use access::Permit;
use identity::{ServiceAccount, User};
use library::{LibraryError, live};
use model::{AnyId, permission::ProjectRead};
use serde_json::{Value, json};
use store::Read as _;
use tokio::time::Instant;

use super::{
    Room,
    guest::Guest,
    rights::{Rights, reason},
};
use crate::live::{
    protocol::{self, Said, Told},
    socket::code,
};

/// The most who edit one storyboard.
const MAX_GUESTS: usize = 64;

impl Room {
    fn name_of(&self, guest: &Guest) -> Option<String> {
        let view = self.services.gate.file(self.key.0).ok()?.read().ok()?;
        let program = |id: AnyId| view.get::<ServiceAccount>(&id.typed()?).ok()?.map(|program| program.name);
        let user = |id: AnyId| view.get::<User>(&id.typed()?).ok()?.map(|user| user.name);
        user(guest.who).or_else(|| program(guest.who))
    }

    /// Lets guests in.
    pub(super) fn came(&mut self, guests: Vec<Guest>) {
        let mut entering = Vec::with_capacity(guests.len());
        for mut guest in guests {
            if self.guests.len() + entering.len() >= MAX_GUESTS {
                guest.end(code::TOO_MUCH, format!("{MAX_GUESTS} people edit this storyboard already"));
                continue;
            }
            match self.rights(&guest.request) {
                Ok(Rights { stay, may_edit }) => {
                    guest.may_edit = may_edit;
                    entering.push((guest, stay));
                }
                Err(problem) => guest.end(code::ENDED, reason(&problem)),
            }
        }
        let mut entering = entering.into_iter();
        while self.opened.is_none() {
            let Some((mut guest, stay)) = entering.next() else { return };
            match live::open(stay) {
                Ok(opened) => {
                    // What a crash has kept from becoming a version becomes one now.
                    self.edited = opened.is_ahead().then(|| (Instant::now(), Instant::now()));
                    self.opened = Some(opened);
                    self.welcome(guest);
                }
                Err(error) => guest.end(code::REFUSED, error.to_string()),
            }
        }
        let (guests, permits): (Vec<Guest>, Vec<_>) = entering.unzip();
        for (mut guest, noted) in guests.into_iter().zip(note(permits, "joined")) {
            match noted {
                Ok(()) => self.welcome(guest),
                Err(error) => guest.end(code::REFUSED, error.to_string()),
            }
        }
    }

    /// Tells somebody what there is.
    fn welcome(&mut self, mut guest: Guest) {
        let Some(opened) = &self.opened else { return };
        guest.name = self.name_of(&guest).unwrap_or_default();
        guest.say(protocol::told(&Told::Welcome {
            epoch: opened.epoch,
            version: opened.version,
            may_edit: guest.may_edit,
        }));
        guest.say(protocol::state(&opened.document.state()));
        for other in &self.guests {
            if let Some((client, count, state)) = &other.presence {
                guest.say(protocol::presence(*client, *count, state));
            }
        }
        self.guests.push(guest);
    }

    pub(super) fn said(&mut self, number: u64, said: Said) {
        let Some(at) = self.guests.iter().position(|guest| guest.number == number && !guest.gone) else { return };
        match said {
            Said::State(state) => {
                let missing = self.opened.as_ref().and_then(|opened| opened.document.since(&state));
                match missing {
                    Some(missing) => self.guests[at].say(protocol::missing(&missing)),
                    None => self.guests[at].end(code::REFUSED, "the state cannot be read"),
                }
            }
            Said::Presence(client, count, state) => self.present(at, client, count, &state),
            Said::Save => {
                self.guests[at].asked = self.guests[at].may_edit;
                self.asked |= self.guests[at].may_edit;
            }
            Said::Update(_) | Said::Nothing => {}
        }
    }

    /// Somebody says where it is. Who it is, the appliance says.
    fn present(&mut self, at: usize, client: u64, count: u64, state: &str) {
        let who = self.guests[at].who;
        if let Some(other) = (0..self.guests.len()).find(|other| *other != at && self.is_client(*other, client)) {
            if self.guests[other].who != who {
                return self.guests[at].end(code::REFUSED, "this client id is somebody else's");
            }
            // The line of the same page before, which has not been noticed to be cut.
            self.guests[other].presence = None;
            self.guests[other].end(code::AGAIN, "the same page has come anew");
        }
        let guest = &mut self.guests[at];
        if guest.presence.as_ref().is_some_and(|(known, _, _)| *known != client) {
            return guest.end(code::REFUSED, "one client id a connection");
        }
        let state = match serde_json::from_str::<Value>(state) {
            Ok(Value::Object(mut state)) => {
                state.insert("user".into(), json!({ "id": who.to_string(), "name": guest.name }));
                Value::Object(state).to_string()
            }
            Ok(Value::Null) => "null".to_owned(),
            _ => return guest.end(code::REFUSED, "where somebody is must be a JSON object"),
        };
        let message = protocol::presence(client, count, &state);
        guest.presence = Some((client, count, state));
        let number = guest.number;
        self.tell(&message, Some(number));
    }

    pub(super) fn is_client(&self, at: usize, client: u64) -> bool {
        !self.guests[at].gone && self.guests[at].presence.as_ref().is_some_and(|(known, ..)| *known == client)
    }

    /// Says goodbye to those who have gone.
    pub(super) fn let_go(&mut self) {
        let (gone, stay): (Vec<Guest>, Vec<Guest>) =
            std::mem::take(&mut self.guests).into_iter().partition(|guest| guest.gone);
        self.guests = stay;
        let mut permits = Vec::with_capacity(gone.len());
        for guest in gone {
            if let Some((client, count, _)) = guest.presence {
                self.tell(&protocol::presence(client, count.saturating_add(1), "null"), None);
            }
            // One who had to go because of its rights has the row of the refusal.
            permits.extend(guest.stay.or_else(|| Some(self.rights(&guest.request).ok()?.stay)));
        }
        for error in note(permits, "left").into_iter().filter_map(Result::err) {
            tracing::warn!(tenant.id = %self.key.0, error = %error, "that somebody has left is not noted");
        }
    }
}

/// Writes a row for each, side by side: one sync of the disk serves all.
fn note(permits: Vec<Permit<ProjectRead>>, what: &'static str) -> Vec<Result<(), LibraryError>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = permits.into_iter().map(|permit| scope.spawn(move || live::note(permit, what))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Err(LibraryError::NotFound))).collect()
    })
}
