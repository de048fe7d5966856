//! Seats: how many users a tenant has, against how many its plan allows.

use model::Id;
use serde::{Deserialize, Serialize};
use store::{MAX_PAGE, Query, Read, ReadError, Record, Tx};

use crate::{
    invitation,
    people::{PeopleError, number},
    user::{User, UserState},
};

/// How many users there are that are not removed. Kept with every change, so that nobody has to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    taken: u64,
}

impl Record for Seats {
    const NAME: &'static str = "seats";
    const NUMBER: u8 = number::SEATS;
    type Key = Id<model::noun::Tenant>;
    fn key(&self) -> Self::Key {
        ONE
    }
}

/// There is one such record a file.
const ONE: Id<model::noun::Tenant> = Id::from_bits(0);

/// How many users are not removed.
///
/// # Errors
/// When they cannot be read.
pub fn taken(read: &impl Read) -> Result<u64, ReadError> {
    match read.get::<Seats>(&ONE)? {
        Some(seats) => Ok(seats.taken),
        None => counted(read),
    }
}

/// That there is a seat for one more user, beside those that open invitations are for.
///
/// # Errors
/// [`PeopleError::TooMany`], or when users and invitations cannot be read.
pub fn require_for_invitation(tx: &Tx<'_>, allowed: u64) -> Result<(), PeopleError> {
    let taken = taken(tx)?;
    let free = allowed.saturating_sub(taken);
    let offered = invitation::open_count(tx, free)?;
    if offered < free { Ok(()) } else { Err(none_left(allowed)) }
}

/// That there is a seat for one more user.
///
/// # Errors
/// As for [`require_for_invitation`].
pub fn require_for_user(tx: &Tx<'_>, allowed: u64) -> Result<(), PeopleError> {
    if taken(tx)? < allowed { Ok(()) } else { Err(none_left(allowed)) }
}

fn none_left(allowed: u64) -> PeopleError {
    PeopleError::TooMany { what: "seats", limit: usize::try_from(allowed).unwrap_or(usize::MAX) }
}

/// One user more. To be called before the user is stored.
pub(crate) fn take(tx: &mut Tx<'_>) -> Result<(), PeopleError> {
    let taken = taken(tx)?.saturating_add(1);
    Ok(tx.put(&Seats { taken })?)
}

/// One user less. To be called before the user is stored as removed.
pub(crate) fn give_back(tx: &mut Tx<'_>) -> Result<(), PeopleError> {
    let taken = taken(tx)?.saturating_sub(1);
    Ok(tx.put(&Seats { taken })?)
}

/// For files that were written before seats were kept: once, as the first change stores the number.
fn counted(read: &impl Read) -> Result<u64, ReadError> {
    let (mut count, mut after) = (0u64, None);
    loop {
        let query = Query { after: after.as_ref(), ..Query::newest(MAX_PAGE) };
        let page = read.list::<User>(&query, |user| user.state != UserState::Removed)?;
        count += page.items.len() as u64;
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(count),
        }
    }
}
