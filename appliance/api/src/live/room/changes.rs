//! Changes of those in a room: taken, stored, and only then told to the others.

use std::{collections::BTreeSet, sync::Arc};

use access::Permit;
use library::{
    LibraryError,
    live::{self, Refused},
};
use model::permission::DiagramEdit;
use tokio::time::Instant;

use super::{Room, rights::reason};
use crate::live::{
    protocol::{self, Told},
    socket::code,
};

/// Updates as one, with permits to store it and to make a version of it.
type Admitted = (Vec<u8>, [Permit<DiagramEdit>; 2]);

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

impl Room {
    /// Takes updates, stores them, tells the others. Those of one guest in one turn are one change.
    pub(super) fn updates(&mut self, updates: Vec<(u64, Vec<Vec<u8>>)>) {
        let mut fit = Vec::new();
        for (number, updates) in updates {
            let Some(at) = self.guests.iter().position(|guest| guest.number == number && !guest.gone) else { continue };
            let updates: Vec<&[u8]> = updates.iter().map(Vec::as_slice).collect();
            let writers: Result<Vec<_>, _> = updates.iter().map(|update| live::writers(update)).collect();
            let writers: BTreeSet<u64> = match writers {
                Ok(writers) => writers.into_iter().flatten().collect(),
                Err(refused) => {
                    self.guests[at].end(code::REFUSED, refused.to_string());
                    continue;
                }
            };
            // Whoever may only look answers too what it has, which is nothing new.
            if self.opened.as_ref().is_some_and(|opened| updates.iter().all(|update| opened.document.knows(update))) {
                self.guests[at].say(protocol::told(&Told::Kept { updates: updates.len() as u64 }));
                continue;
            }
            match self.admit(at, &updates, &writers) {
                Ok((update, [keep, save])) => {
                    fit.push(Waiting { from: number, count: updates.len(), update, keep, save });
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

    /// One guest's updates, which bring structs of `writers`, as one, with permits for them.
    fn admit(&self, at: usize, updates: &[&[u8]], writers: &BTreeSet<u64>) -> Result<Admitted, (u16, String)> {
        let refused = |refused: Refused| (code::REFUSED, refused.to_string());
        let foreign = |other: usize| {
            self.guests[other].who != self.guests[at].who && writers.iter().any(|writer| self.is_client(other, *writer))
        };
        if (0..self.guests.len()).any(foreign) {
            return Err((code::REFUSED, "changes of somebody else who is here".into()));
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
                        guest.say(protocol::told(&Told::Refused { reason: refused.to_string() }));
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
                guest.say(protocol::told(&Told::Kept { updates: count as u64 }));
            }
        }
        self.edited = Some((self.edited.map_or(now, |(first, _)| first), now));
    }

    fn reload(&mut self) -> bool {
        let permit = self.guests.iter().find_map(|guest| Some(self.rights(&guest.request).ok()?.stay));
        match (permit, &mut self.opened) {
            (Some(permit), Some(opened)) => opened.reload(&permit).is_ok(),
            _ => false,
        }
    }
}
