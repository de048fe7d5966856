//! Invitations: open offers to become a user.
//!
//! To accept one: [`open`] it over a view, let the passwords accept the new one with its address as context, then, in one write
//! of the task `InvitationAccept`: [`accept`], give the role, begin a session.

use std::time::Duration;

use model::{
    AnyId, Classification, DataClass, Header, Id, Level, Noun, NounKind, Timestamp,
    noun::{self, Project},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, IndexEntries, KeyBytes, MAX_PAGE, Page, Query, Read, ReadError, Record, Tx};

use crate::{
    password::PasswordHash,
    people::PeopleError,
    realm::Realm,
    secret::Digest,
    text::Email,
    token::Token,
    user::{self, NewUser, User},
};

/// The secret in the link of an invitation.
pub type InvitationToken = Token<noun::Invitation>;

/// The longest time an invitation is open, in days.
pub const MAX_DAYS: u64 = 30;
const BY_EMAIL: u8 = 1;
const BY_END: u8 = 2;

/// An open offer to become a user. Accepted or revoked ones are gone; the audit log knows them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invitation {
    /// Its head; the owner is who invited.
    pub header: Header<noun::Invitation>,
    pub(crate) digest: Digest,
    /// Who is invited; the user will sign in with it.
    pub email: Email,
    /// The role the user will have.
    pub level: Level,
    /// Where; in the whole tenant when no project is named.
    pub project: Option<Id<Project>>,
    /// The highest classification the user will see.
    pub clearance: Classification,
    /// When the offer ends.
    pub expires: Timestamp,
}

impl Record for Invitation {
    const NAME: &'static str = noun::Invitation::KIND.label();
    const NUMBER: u8 = NounKind::Invitation as u8;
    type Key = Id<noun::Invitation>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.unique(BY_EMAIL, &KeyBytes::new().with(self.email.as_str()));
        entries.add(BY_END, &KeyBytes::new().with(&self.expires));
    }
}

impl Invitation {
    /// The id.
    pub fn id(&self) -> Id<noun::Invitation> {
        self.header.id
    }
}

/// An invitation to be made.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Who is invited.
    pub email: Email,
    /// The role the user will have.
    pub level: Level,
    /// Where; in the whole tenant when no project is named.
    pub project: Option<Id<Project>>,
    /// The highest classification the user will see.
    pub clearance: Classification,
    /// When the offer ends, at most [`MAX_DAYS`] ahead.
    pub expires: Timestamp,
}

/// Invites someone. The token goes into the link that `by` passes on; it is shown this once.
pub fn create(
    tx: &mut Tx<'_>,
    realm: &Realm,
    by: AnyId,
    new: NewInvitation,
) -> Result<(InvitationToken, Invitation), PeopleError> {
    let now = tx.now();
    check_end(now, new.expires)?;
    if user::by_email(tx, &new.email)?.is_some() {
        return Err(PeopleError::Taken(User::NAME));
    }
    // One that is past its time makes room; an open one has to be revoked or sent again.
    if let Some(old) = tx.find::<Invitation>(BY_EMAIL, &KeyBytes::new().with(new.email.as_str()))?
        && old.expires <= now
    {
        tx.delete::<Invitation>(&old.id())?;
    }
    let id: Id<noun::Invitation> = tx.new_id();
    let token = InvitationToken::fresh(realm.tenant, id);
    let invitation = Invitation {
        header: Header::new(id, realm.tenant, realm.home, by, DataClass::K7, now),
        digest: token.digest(),
        email: new.email,
        level: new.level,
        project: new.project,
        clearance: new.clearance,
        expires: new.expires,
    };
    tx.about(id.erase());
    tx.note("level", new.level.name());
    tx.put(&invitation)?;
    Ok((token, invitation))
}

fn check_end(now: Timestamp, expires: Timestamp) -> Result<(), PeopleError> {
    if expires <= now || expires > now.after(Duration::from_secs(MAX_DAYS * 24 * 3600)) {
        return Err(PeopleError::Expiry(MAX_DAYS));
    }
    Ok(())
}

/// The invitation with this id.
pub fn get(read: &impl Read, id: Id<noun::Invitation>) -> Result<Invitation, PeopleError> {
    read.get::<Invitation>(&id)?.ok_or(PeopleError::NotFound(Invitation::NAME))
}

/// Invitations, newest first, a page at a time, as far as `keep` holds. Those past their time are among them until tidied away.
pub fn list(
    read: &impl Read,
    after: Option<&Cursor>,
    limit: usize,
    keep: impl FnMut(&Invitation) -> bool,
) -> Result<Page<Invitation>, ReadError> {
    read.list(&Query { after, ..Query::newest(limit) }, keep)
}

/// How many invitations are open, counted up to `most`.
///
/// # Errors
/// When they cannot be read.
pub fn open_count(tx: &Tx<'_>, most: u64) -> Result<u64, ReadError> {
    let (now, mut count, mut after) = (tx.now(), 0u64, None);
    while count < most {
        let limit = usize::try_from(most - count).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        // The latest end first: those past their time come last.
        let index = Some((BY_END, KeyBytes::new()));
        let query = Query { index, after: after.as_ref(), limit, newest_first: true };
        let page = tx.list::<Invitation>(&query, |_| true)?;
        let open = page.items.iter().take_while(|invitation| now < invitation.expires).count();
        count += open as u64;
        match page.next {
            Some(next) if open == page.items.len() => after = Some(next),
            _ => break,
        }
    }
    Ok(count)
}

/// Makes a new link for an invitation; the one before leads nowhere from now on.
pub fn resend(
    tx: &mut Tx<'_>,
    id: Id<noun::Invitation>,
    expires: Timestamp,
) -> Result<(InvitationToken, Invitation), PeopleError> {
    let mut invitation = get(tx, id)?;
    let now = tx.now();
    check_end(now, expires)?;
    let token = InvitationToken::fresh(invitation.header.tenant, id);
    invitation.digest = token.digest();
    invitation.expires = expires;
    invitation.header.touch(now);
    tx.about(id.erase());
    tx.note("link", "renewed");
    tx.put(&invitation)?;
    Ok((token, invitation))
}

/// Takes an invitation back.
pub fn revoke(tx: &mut Tx<'_>, id: Id<noun::Invitation>) -> Result<(), PeopleError> {
    tx.about(id.erase());
    if tx.delete::<Invitation>(&id)? { Ok(()) } else { Err(PeopleError::NotFound(Invitation::NAME)) }
}

/// The invitation behind a link, if it is still open.
pub fn open(read: &impl Read, token: &InvitationToken, now: Timestamp) -> Result<Invitation, PeopleError> {
    match read.get::<Invitation>(&token.id())? {
        Some(invitation) if invitation.digest == token.digest() && now < invitation.expires => Ok(invitation),
        _ => Err(PeopleError::Code),
    }
}

/// Accepts an invitation: makes the user, and the invitation is used up in the same commit.
pub fn accept(
    tx: &mut Tx<'_>,
    realm: &Realm,
    token: &InvitationToken,
    name: &str,
    password: Option<PasswordHash>,
) -> Result<(User, Invitation), PeopleError> {
    let invitation = open(tx, token, tx.now())?;
    tx.delete::<Invitation>(&invitation.id())?;
    let new = NewUser {
        name: name.to_owned(),
        email: invitation.email.clone(),
        clearance: invitation.clearance,
        password,
        must_change: false,
    };
    let user = user::create(tx, realm, new)?;
    tx.note("invitation", invitation.id().to_string());
    tx.note("level", invitation.level.name());
    Ok((user, invitation))
}

/// Removes up to `limit` invitations past their time; says how many. For the task that tidies.
pub fn purge(tx: &mut Tx<'_>, limit: usize) -> Result<usize, PeopleError> {
    let now = tx.now();
    let query = Query::by(BY_END, KeyBytes::new(), limit);
    let over = tx.list::<Invitation>(&query, |invitation| invitation.expires <= now)?.items;
    for invitation in &over {
        tx.delete::<Invitation>(&invitation.id())?;
    }
    Ok(over.len())
}
