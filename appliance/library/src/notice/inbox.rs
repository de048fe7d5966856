//! What people were told, until they have read it and it is pushed out by newer things.

use model::{AnyId, DataClass, Header, Id, Region, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, IndexEntries, KeyBytes, Page, Query, Read, ReadError, Record, Tx, WriteError};

use super::Notice;
use crate::error::LibraryError;

/// The most things of one person that are kept; the oldest goes first.
pub const MAX_KEPT: usize = 200;

/// Something that a person was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its header; who was told owns it.
    pub header: Header<noun::Notification>,
    /// What happened: a code of [`super::Happening`].
    pub happening: String,
    /// To what.
    pub about: AnyId,
    /// What that was called.
    pub title: String,
    /// The facts: a JSON object.
    pub data: String,
    /// When it was read.
    pub read: Option<Timestamp>,
}

const BY_USER: u8 = 1;

impl Record for Notification {
    const NAME: &'static str = "notification";
    const NUMBER: u8 = model::NounKind::Notification as u8;
    type Key = Id<noun::Notification>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_USER, &of(self.header.owner));
    }
}

impl Headed for Notification {
    type Noun = noun::Notification;
    fn header(&self) -> &Header<noun::Notification> {
        &self.header
    }
}

fn of(user: AnyId) -> KeyBytes {
    KeyBytes::new().with(&user)
}

/// How many things somebody has not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread(pub usize);

impl Notification {
    pub(super) fn add(
        tx: &mut Tx<'_>,
        (tenant, home): (Id<noun::Tenant>, Region),
        user: Id<noun::User>,
        notice: &Notice,
    ) -> Result<(), WriteError> {
        let kept = kept(tx, user.erase(), false)?;
        for oldest in kept.iter().take((kept.len() + 1).saturating_sub(MAX_KEPT)) {
            tx.delete::<Notification>(&oldest.header.id)?;
        }
        let header = Header::new(tx.new_id(), tenant, home, user.erase(), DataClass::K6, tx.now());
        tx.put(&Notification {
            header,
            happening: notice.happening.code().to_owned(),
            about: notice.about,
            title: notice.title.clone(),
            data: notice.data.to_string(),
            read: None,
        })?;
        Ok(())
    }

    /// What somebody was told, newest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn list(
        read: &impl Read,
        user: AnyId,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Notification>, ReadError> {
        let query = Query { index: Some((BY_USER, of(user))), after, limit, newest_first: true };
        read.list::<Notification>(&query, |_| true)
    }

    /// How much of it they have not read.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn unread(read: &impl Read, user: AnyId) -> Result<Unread, ReadError> {
        Ok(Unread(kept(read, user, true)?.iter().filter(|one| one.read.is_none()).count()))
    }

    /// Whether they have not read something that belongs to this thread of comments.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn waits(read: &impl Read, user: AnyId, thread: AnyId) -> Result<bool, ReadError> {
        let of_thread = |one: &Notification| {
            let data: serde_json::Value = serde_json::from_str(&one.data).unwrap_or_default();
            data["thread"].as_str().is_some_and(|text| text == thread.to_string())
        };
        Ok(kept(read, user, true)?.iter().any(|one| one.read.is_none() && of_thread(one)))
    }

    /// Marks one of `user` as read, or all without one; says how many were not.
    ///
    /// # Errors
    /// When it is nobody's, or somebody else's.
    pub fn mark(tx: &mut Tx<'_>, user: AnyId, one: Option<Id<noun::Notification>>) -> Result<usize, LibraryError> {
        let mut waiting = match one {
            Some(id) => {
                let found = tx.get::<Notification>(&id)?.filter(|found| found.header.owner == user);
                vec![found.ok_or(LibraryError::NotFound)?]
            }
            None => kept(tx, user, true)?,
        };
        waiting.retain(|one| one.read.is_none());
        let now = tx.now();
        for notification in &mut waiting {
            notification.read = Some(now);
            notification.header.touch(now);
            tx.put(notification)?;
        }
        tx.note("read", waiting.len().to_string());
        Ok(waiting.len())
    }
}

/// All that is kept of what somebody was told.
fn kept(read: &impl Read, user: AnyId, newest_first: bool) -> Result<Vec<Notification>, ReadError> {
    let query = Query { index: Some((BY_USER, of(user))), after: None, limit: MAX_KEPT + 1, newest_first };
    Ok(read.list::<Notification>(&query, |_| true)?.items)
}
