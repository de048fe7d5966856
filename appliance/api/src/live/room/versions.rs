//! Versions of the storyboard: made of what those in a room have changed, and followed where they were made elsewhere.

use std::time::Duration;

use access::Permit;
use library::LibraryError;
use model::{AnyId, permission::ProjectRead};
use tokio::time::Instant;

use super::Room;
use crate::live::protocol::{self, Told};

/// A version is made when nothing has changed for this long, and at the latest after the other.
const QUIET: Duration = Duration::from_secs(3);
const LATEST: Duration = Duration::from_secs(20);

impl Room {
    pub(super) fn follow(&mut self, permit: Permit<ProjectRead>) {
        let Some(opened) = &mut self.opened else { return };
        match opened.follow(permit) {
            Ok(None) => {}
            Ok(Some(update)) => {
                let version = opened.version;
                self.tell(&protocol::update(&update), None);
                self.tell(&protocol::told(&Told::Saved { version, asked: false }), None);
            }
            Err(error) => {
                tracing::warn!(tenant.id = %self.key.0, error = %error, "a live document cannot follow its storyboard");
                self.fail("what was changed elsewhere does not fit");
            }
        }
    }

    pub(super) fn is_due(&self, alone: bool) -> bool {
        let rested =
            self.edited.is_some_and(|(first, last)| last.elapsed() >= QUIET || first.elapsed() >= LATEST || alone);
        self.asked || rested
    }

    /// Makes a version of what the document says.
    pub(super) fn save(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        self.edited = None;
        let hands: Vec<AnyId> = std::mem::take(&mut self.hands).into_iter().collect();
        // A permit is good for one look; where the last one was used a moment ago, it is asked for again.
        let behind = self.guests.iter_mut().find_map(|guest| guest.stay.take()).or_else(|| {
            let guest = self.guests.iter().find(|guest| !guest.gone)?;
            self.rights(&guest.request).ok().map(|rights| rights.stay)
        });
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
                for guest in self.guests.iter_mut().filter(|guest| !guest.gone) {
                    // Whoever has asked must know this version from one that was made before.
                    let asked = std::mem::take(&mut guest.asked);
                    if asked || update.is_some() {
                        guest.say(protocol::told(&Told::Saved { version, asked }));
                    }
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
}
