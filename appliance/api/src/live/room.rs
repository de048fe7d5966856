//! A room: the document of one storyboard and those who edit it. All work is done in turns, on a thread that may wait for the disk:
//! updates are taken, stored, and only then told to the others.

mod changes;
mod coming;
mod guest;
mod rights;
mod versions;

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
    time::Duration,
};

use access::Permit;
use axum::body::Bytes;
use library::live::Opened;
use model::{AnyId, permission::DiagramEdit};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{Key, Shown, protocol::Said, socket::code};
use crate::services::Services;
pub(super) use guest::{Event, Guest, Out};

/// Rights are asked again, and what was changed elsewhere is looked for, this often.
const TICK: Duration = Duration::from_millis(300);
/// The most events of one turn.
const MAX_TURN: usize = 256;

/// Runs a room until the last guest has gone.
pub(super) async fn run(services: Arc<Services>, key: Key, mut inbox: mpsc::Receiver<Event>, shown: Shown) {
    let rooms = services.rooms.clone();
    let mut room = Room::new(services, key, shown);
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let mut events = Vec::new();
        tokio::select! {
            _ = inbox.recv_many(&mut events, MAX_TURN) => {}
            _ = tick.tick() => {}
        }
        let turn = tokio::task::spawn_blocking(move || {
            room.turn(events);
            room
        });
        match turn.await {
            Ok(after) => room = after,
            // The connections end with the room; whoever comes back finds what was stored.
            Err(_) => {
                tracing::error!(tenant.id = %key.0, "a room of people editing together has failed");
                inbox.close();
                while inbox.try_recv().is_ok() {}
                rooms.end(&key, &inbox);
                return;
            }
        }
        if room.guests.is_empty() && rooms.end(&key, &inbox) {
            return;
        }
    }
}

struct Room {
    services: Arc<Services>,
    key: Key,
    shown: Shown,
    opened: Option<Opened>,
    guests: Vec<Guest>,
    looked: Instant,
    /// Under which the next version is made: that of the last editor.
    saver: Option<Permit<DiagramEdit>>,
    /// Who has edited since the last version.
    hands: BTreeSet<AnyId>,
    /// When it was first and last edited since then.
    edited: Option<(Instant, Instant)>,
    /// Whether somebody waits for a version.
    asked: bool,
}

impl Room {
    fn new(services: Arc<Services>, key: Key, shown: Shown) -> Self {
        Room {
            services,
            key,
            shown,
            opened: None,
            guests: Vec::new(),
            looked: Instant::now(),
            saver: None,
            hands: BTreeSet::new(),
            edited: None,
            asked: false,
        }
    }

    fn turn(&mut self, events: Vec<Event>) {
        let mut updates: Vec<(u64, Vec<Vec<u8>>)> = Vec::new();
        let mut leaving = BTreeSet::new();
        let (mut coming, mut said) = (Vec::new(), Vec::new());
        for event in events {
            match event {
                Event::Came(guest) => coming.push(*guest),
                Event::Left(number) => drop(leaving.insert(number)),
                Event::Said(number, what) => said.push((number, what)),
            }
        }
        // Nobody says anything before it has come.
        self.came(coming);
        for (number, what) in said {
            match what {
                Said::Update(update) => match updates.iter_mut().find(|(of, _)| *of == number) {
                    Some((_, more)) => more.push(update),
                    None => updates.push((number, vec![update])),
                },
                what => self.said(number, what),
            }
        }
        if !updates.is_empty() {
            self.updates(updates);
        }
        for guest in &mut self.guests {
            guest.gone |= leaving.contains(&guest.number);
        }
        if self.looked.elapsed() >= TICK {
            self.looked = Instant::now();
            self.look();
        }
        let alone = self.guests.iter().all(|guest| guest.gone);
        if self.is_due(alone) {
            self.save();
        }
        self.let_go();
        self.show();
    }

    /// Lets others see what the document says now.
    fn show(&self) {
        let board = self.opened.as_ref().map(|opened| opened.document.board().clone());
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = board;
    }

    fn tell(&mut self, message: &Bytes, but: Option<u64>) {
        for guest in self.guests.iter_mut().filter(|guest| !guest.gone && Some(guest.number) != but) {
            guest.say(message.clone());
        }
    }

    /// Everybody must come back: what is in memory is not what is stored.
    fn fail(&mut self, why: &str) {
        self.opened = None;
        self.saver = None;
        self.guests.iter_mut().for_each(|guest| guest.end(code::AGAIN, why));
    }
}
