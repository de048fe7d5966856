//! A room: the document of one storyboard and those who edit it. All work is done in turns, on a thread that may wait for the disk:
//! updates are taken, stored, and only then told to the others.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
    time::Duration,
};

use access::Permit;
use axum::body::Bytes;
use identity::{ServiceAccount, User};
use library::{
    LibraryError,
    live::{self, Opened, Refused},
    storyboard::Storyboard,
};
use model::{
    AnyId,
    permission::{DiagramEdit, Permission, ProjectRead},
};
use serde_json::{Value, json};
use store::Read as _;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    Key, Shown,
    protocol::{self, Said},
    socket::code,
};
use crate::{
    events::Seat,
    problem::{Code, Problem},
    request::Request,
    services::Services,
};

/// Rights are asked again, and what was changed elsewhere is looked for, this often.
const TICK: Duration = Duration::from_millis(300);
/// A version is made when nothing has changed for this long, and at the latest after the other.
const QUIET: Duration = Duration::from_secs(3);
const LATEST: Duration = Duration::from_secs(20);
/// The most who edit one storyboard.
const MAX_GUESTS: usize = 64;
/// The most events of one turn.
const MAX_TURN: usize = 256;

/// What happens to a room.
pub(super) enum Event {
    /// Someone has come.
    Came(Box<Guest>),
    /// Someone has said something.
    Said(u64, Said),
    /// Someone has gone.
    Left(u64),
}

/// What is said to a guest.
pub(super) enum Out {
    /// A message.
    Message(Bytes),
    /// The end, and why.
    End(u16, String),
}

/// Someone in the room.
pub(super) struct Guest {
    number: u64,
    request: Request,
    out: mpsc::Sender<Out>,
    _seat: Seat,
    who: AnyId,
    name: String,
    may_edit: bool,
    /// Proof that it was here by right, for the row that says that it has left.
    stay: Option<Permit<ProjectRead>>,
    presence: Option<(u64, u64, String)>,
    gone: bool,
}

impl Guest {
    pub(super) fn new(number: u64, who: AnyId, request: Request, out: mpsc::Sender<Out>, seat: Seat) -> Self {
        Guest {
            number,
            request,
            out,
            _seat: seat,
            who,
            name: String::new(),
            may_edit: false,
            stay: None,
            presence: None,
            gone: false,
        }
    }

    fn say(&mut self, message: Bytes) {
        // Who takes what is said too slowly comes back and asks for what it lacks.
        self.gone |= self.out.try_send(Out::Message(message)).is_err();
    }

    fn end(&mut self, code: u16, why: impl Into<String>) {
        let _ = self.out.try_send(Out::End(code, why.into()));
        self.gone = true;
    }
}

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

/// What a caller may now.
struct Rights {
    stay: Permit<ProjectRead>,
    may_edit: bool,
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
        for event in events {
            match event {
                Event::Came(guest) => self.came(*guest),
                Event::Left(number) => drop(leaving.insert(number)),
                Event::Said(number, Said::Update(update)) => match updates.iter_mut().find(|(of, _)| *of == number) {
                    Some((_, more)) => more.push(update),
                    None => updates.push((number, vec![update])),
                },
                Event::Said(number, said) => self.said(number, said),
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

    /// What somebody may now, asked of the gate.
    fn rights(&self, request: &Request) -> Result<Rights, Problem> {
        let actor = self.services.identify(request, request.at_console)?.actor;
        let storyboard = self.services.file(&actor)?.read()?.get::<Storyboard>(&self.key.1)?;
        let subject = storyboard.ok_or_else(|| Problem::new(Code::NotFound, ""))?.header.subject();
        let stay = self.services.gate.permit::<ProjectRead>(&actor, &subject, &request.context())?;
        let may_edit =
            self.services.gate.decide(&actor, Permission::DiagramEdit, &subject, &request.context())?.allowed;
        Ok(Rights { stay, may_edit })
    }

    /// Permits for a change: to store it, and to make a version of it.
    fn edit_permits(&self, request: &Request) -> Result<[Permit<DiagramEdit>; 2], Problem> {
        let actor = self.services.identify(request, request.at_console)?.actor;
        let storyboard = self.services.file(&actor)?.read()?.get::<Storyboard>(&self.key.1)?;
        let subject = storyboard.ok_or_else(|| Problem::new(Code::NotFound, ""))?.header.subject();
        let permit = || self.services.gate.permit::<DiagramEdit>(&actor, &subject, &request.context());
        Ok([permit()?, permit()?])
    }

    fn name_of(&self, guest: &Guest) -> Option<String> {
        let view = self.services.gate.file(self.key.0).ok()?.read().ok()?;
        let program = |id: AnyId| view.get::<ServiceAccount>(&id.typed()?).ok()?.map(|program| program.name);
        let user = |id: AnyId| view.get::<User>(&id.typed()?).ok()?.map(|user| user.name);
        user(guest.who).or_else(|| program(guest.who))
    }

    fn came(&mut self, mut guest: Guest) {
        if self.guests.len() >= MAX_GUESTS {
            return guest.end(code::TOO_MUCH, format!("{MAX_GUESTS} people edit this storyboard already"));
        }
        let Rights { stay, may_edit } = match self.rights(&guest.request) {
            Ok(rights) => rights,
            Err(problem) => return guest.end(code::ENDED, reason(&problem)),
        };
        guest.may_edit = may_edit;
        let joined = if self.opened.is_some() {
            live::note(stay, "joined")
        } else {
            live::open(stay).map(|opened| {
                // What a crash has kept from becoming a version becomes one now.
                self.edited = opened.is_ahead().then(|| (Instant::now(), Instant::now()));
                self.opened = Some(opened);
            })
        };
        if let Err(error) = joined {
            return guest.end(code::REFUSED, error.to_string());
        }
        let Some(opened) = &self.opened else { return };
        guest.name = self.name_of(&guest).unwrap_or_default();
        guest.say(protocol::told(&json!({
            "kind": "welcome", "epoch": opened.epoch, "version": opened.version, "may_edit": may_edit,
        })));
        guest.say(protocol::state(&opened.document.state()));
        for other in &self.guests {
            if let Some((client, count, state)) = &other.presence {
                guest.say(protocol::presence(*client, *count, state));
            }
        }
        self.guests.push(guest);
    }

    fn said(&mut self, number: u64, said: Said) {
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
            Said::Save => self.asked |= self.guests[at].may_edit,
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

    fn is_client(&self, at: usize, client: u64) -> bool {
        !self.guests[at].gone && self.guests[at].presence.as_ref().is_some_and(|(known, ..)| *known == client)
    }

    fn tell(&mut self, message: &Bytes, but: Option<u64>) {
        for guest in self.guests.iter_mut().filter(|guest| !guest.gone && Some(guest.number) != but) {
            guest.say(message.clone());
        }
    }

    /// Takes updates, stores them, tells the others. Those of one guest in one turn are one change.
    fn updates(&mut self, updates: Vec<(u64, Vec<Vec<u8>>)>) {
        let mut fit = Vec::new();
        for (number, updates) in updates {
            let Some(at) = self.guests.iter().position(|guest| guest.number == number && !guest.gone) else { continue };
            let updates: Vec<&[u8]> = updates.iter().map(Vec::as_slice).collect();
            if let Err(refused) = updates.iter().try_for_each(|update| live::writers(update).map(drop)) {
                self.guests[at].end(code::REFUSED, refused.to_string());
                continue;
            }
            // Whoever may only look answers too what it has, which is nothing new.
            if self.opened.as_ref().is_some_and(|opened| updates.iter().all(|update| opened.document.knows(update))) {
                self.guests[at].say(protocol::told(&json!({ "kind": "kept", "updates": updates.len() })));
                continue;
            }
            match self.admit(at, &updates) {
                Ok((update, [keep, save])) => {
                    fit.push(Waiting { from: number, count: updates.len(), update, keep, save })
                }
                Err((code, why)) => self.guests[at].end(code, why),
            }
        }
        let Some(opened) = self.opened.as_mut().filter(|_| !fit.is_empty()) else { return };
        // All at once as a rule; where one of them does not fit, each by itself.
        let all: Vec<&[u8]> = fit.iter().map(|waiting| waiting.update.as_slice()).collect();
        if opened.take(&all).is_err() && !self.take_singly(&mut fit) {
            return self.fail("the document cannot be read");
        }
        self.store(fit);
    }

    /// One guest's updates as one, with permits for them.
    fn admit(&self, at: usize, updates: &[&[u8]]) -> Result<(Vec<u8>, [Permit<DiagramEdit>; 2]), (u16, String)> {
        let refused = |refused: Refused| (code::REFUSED, refused.to_string());
        for update in updates {
            let writers = live::writers(update).map_err(|error| refused(error.into()))?;
            let foreign = |other: usize| {
                self.guests[other].who != self.guests[at].who
                    && writers.iter().any(|writer| self.is_client(other, *writer))
            };
            if (0..self.guests.len()).any(foreign) {
                return Err((code::REFUSED, "changes of somebody else who is here".into()));
            }
        }
        let permits =
            self.edit_permits(&self.guests[at].request).map_err(|problem| (code::DENIED, reason(&problem)))?;
        Ok((live::joined(updates).map_err(refused)?, permits))
    }

    /// Keeps of the updates those that fit one after the other. Says whether the document is whole afterwards.
    fn take_singly(&mut self, fit: &mut Vec<Waiting>) -> bool {
        let mut taken: Vec<Waiting> = Vec::new();
        if !self.reload() {
            return false;
        }
        for waiting in fit.drain(..) {
            let Some(opened) = self.opened.as_mut() else { return false };
            match opened.take(&[waiting.update.as_slice()]) {
                Ok(()) => taken.push(waiting),
                Err(refused) => {
                    if let Some(guest) = self.guests.iter_mut().find(|guest| guest.number == waiting.from) {
                        guest.say(protocol::told(&json!({ "kind": "refused", "reason": refused.to_string() })));
                        guest.end(code::REFUSED, refused.to_string());
                    }
                    // What the refused one has left is taken out again, with those before it.
                    if !self.reload() {
                        return false;
                    }
                    let before: Vec<&[u8]> = taken.iter().map(|waiting| waiting.update.as_slice()).collect();
                    if !before.is_empty() && self.opened.as_mut().is_none_or(|opened| opened.take(&before).is_err()) {
                        return false;
                    }
                }
            }
        }
        *fit = taken;
        true
    }

    /// Stores what was taken, side by side: one sync of the disk serves all.
    fn store(&mut self, taken: Vec<Waiting>) {
        let Some(opened) = self.opened.as_mut() else { return };
        let mut told = Vec::with_capacity(taken.len());
        let stored: Vec<Result<(), LibraryError>> = std::thread::scope(|scope| {
            let mut threads = Vec::with_capacity(taken.len());
            let mut taken = taken.into_iter().peekable();
            let mut last = Ok(());
            while let Some(Waiting { from, count, update, keep, save }) = taken.next() {
                let number = opened.number();
                let update = Arc::new(update);
                told.push((from, count, update.clone(), save));
                let work = move || live::keep(keep, number, &update);
                // The last one on this thread, which has nothing else to do: mostly there is only one.
                match taken.peek() {
                    Some(_) => threads.push(scope.spawn(work)),
                    None => last = work(),
                }
            }
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or(Err(LibraryError::NotFound)))
                .chain([last])
                .collect()
        });
        if let Some(error) = stored.into_iter().find_map(Result::err) {
            tracing::warn!(tenant.id = %self.key.0, error = %error, "changes of people editing together are not stored");
            return self.fail("the change could not be stored");
        }
        let now = Instant::now();
        // Whoever hears of a change finds it wherever it looks.
        self.show();
        for (from, count, update, save) in told {
            self.hands.insert(save.actor());
            self.saver = Some(save);
            self.tell(&protocol::update(&update), Some(from));
            if let Some(guest) = self.guests.iter_mut().find(|guest| guest.number == from) {
                guest.say(protocol::told(&json!({ "kind": "kept", "updates": count })));
            }
        }
        self.edited = Some((self.edited.map_or(now, |(first, _)| first), now));
    }

    /// Asks for everybody's rights again, and for what was changed elsewhere.
    fn look(&mut self) {
        let draining = self.services.is_draining();
        let mut entry = None;
        for at in (0..self.guests.len()).filter(|at| !self.guests[*at].gone).collect::<Vec<_>>() {
            match self.rights(&self.guests[at].request) {
                Ok(Rights { stay, may_edit }) => {
                    let guest = &mut self.guests[at];
                    if guest.may_edit != may_edit {
                        guest.may_edit = may_edit;
                        guest.say(protocol::told(&json!({ "kind": "rights", "may_edit": may_edit })));
                    }
                    entry = guest.stay.replace(stay).or(entry);
                }
                Err(problem) => self.guests[at].end(code::ENDED, reason(&problem)),
            }
        }
        if let (Some(permit), Some(opened)) = (entry, &self.opened)
            && opened.is_behind(&permit).unwrap_or(false)
        {
            self.follow(permit);
        }
        if draining {
            self.asked = true;
            self.guests.iter_mut().for_each(|guest| guest.end(code::RESTART, "the appliance restarts"));
        }
    }

    fn follow(&mut self, permit: Permit<ProjectRead>) {
        let Some(opened) = &mut self.opened else { return };
        match opened.follow(permit) {
            Ok(None) => {}
            Ok(Some(update)) => {
                let version = opened.version;
                self.tell(&protocol::update(&update), None);
                self.tell(&protocol::told(&json!({ "kind": "saved", "version": version })), None);
            }
            Err(error) => {
                tracing::warn!(tenant.id = %self.key.0, error = %error, "a live document cannot follow its storyboard");
                self.fail("what was changed elsewhere does not fit");
            }
        }
    }

    fn is_due(&self, alone: bool) -> bool {
        let rested =
            self.edited.is_some_and(|(first, last)| last.elapsed() >= QUIET || first.elapsed() >= LATEST || alone);
        self.asked || rested
    }

    /// Makes a version of what the document says.
    fn save(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        self.edited = None;
        let hands: Vec<AnyId> = std::mem::take(&mut self.hands).into_iter().collect();
        let behind = self.guests.iter_mut().find_map(|guest| guest.stay.take());
        if let (Some(permit), Some(opened)) = (behind, &self.opened)
            && opened.is_behind(&permit).unwrap_or(false)
        {
            self.follow(permit);
        }
        // After a restart nobody has edited yet, but the document may say more than its version.
        let permit = self.saver.take().or_else(|| {
            let editor = self.guests.iter().find(|guest| guest.may_edit && !guest.gone)?;
            self.edit_permits(&editor.request).ok().map(|[permit, _]| permit)
        });
        let (Some(permit), Some(opened)) = (permit, &mut self.opened) else { return };
        match opened.checkpoint(permit, &hands) {
            Ok(update) => {
                let version = opened.version;
                if let Some(update) = &update {
                    self.tell(&protocol::update(update), None);
                }
                if asked || update.is_some() {
                    self.tell(&protocol::told(&json!({ "kind": "saved", "version": version })), None);
                }
            }
            Err(LibraryError::Version { .. }) => {
                // Changed elsewhere in this moment: once more at the next look.
                self.hands.extend(hands);
                self.asked = asked;
                self.edited = Some((Instant::now(), Instant::now()));
            }
            Err(error) => {
                tracing::warn!(tenant.id = %self.key.0, error = %error, "a version of a live document cannot be made");
                self.fail("the version could not be made");
            }
        }
    }

    fn reload(&mut self) -> bool {
        let permit = self.guests.iter().find_map(|guest| Some(self.rights(&guest.request).ok()?.stay));
        match (permit, &mut self.opened) {
            (Some(permit), Some(opened)) => opened.reload(&permit).is_ok(),
            _ => false,
        }
    }

    /// Everybody must come back: what is in memory is not what is stored.
    fn fail(&mut self, why: &str) {
        self.opened = None;
        self.saver = None;
        self.guests.iter_mut().for_each(|guest| guest.end(code::AGAIN, why));
    }

    /// Says goodbye to those who have gone.
    fn let_go(&mut self) {
        let (gone, stay): (Vec<Guest>, Vec<Guest>) =
            std::mem::take(&mut self.guests).into_iter().partition(|guest| guest.gone);
        self.guests = stay;
        for guest in gone {
            if let Some((client, count, _)) = guest.presence {
                self.tell(&protocol::presence(client, count.saturating_add(1), "null"), None);
            }
            let stay = guest.stay.or_else(|| Some(self.rights(&guest.request).ok()?.stay));
            // One who had to go because of its rights has the row of the refusal.
            if let Some(error) = stay.and_then(|stay| live::note(stay, "left").err()) {
                tracing::warn!(tenant.id = %self.key.0, error = %error, "that somebody has left is not noted");
            }
        }
    }
}

/// A change that waits to be taken.
struct Waiting {
    from: u64,
    /// How many updates of the guest it consists of.
    count: usize,
    update: Vec<u8>,
    /// To store it.
    keep: Permit<DiagramEdit>,
    /// To make a version of it.
    save: Permit<DiagramEdit>,
}

fn reason(problem: &Problem) -> String {
    if problem.detail.is_empty() { "you may not, or not any more".to_owned() } else { problem.detail.clone() }
}
