//! Access reviews: campaigns in which people say of each role that was given whether it is still needed. What is reviewed is noted
//! when the campaign starts; who takes a role back does so at once; when it is closed, the appliance signs what came of it.
//!
//! SOC 2 CC6.2 and CC6.3 ask for such reviews. Records hold ids and no names: what names a person goes with the person.

mod carry;
mod evidence;
#[cfg(test)]
mod tests;

use model::{
    AnyId, ErrorKind, Header, Id, NounKind, Timestamp,
    noun::{self, AccessReview, Project, User},
    permission::RoleRead,
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, IndexEntries, KeyBytes, Page, Query, Read, ReadError, Record, Tx, WriteError};

pub use carry::{Choice, NewReview, close, decide, remove, start};
pub use evidence::record;

use crate::{assignment::RoleRef, permit::ListPermit, rights::RightsError};

/// How many roles one review may ask about: they are noted in one commit.
pub const MAX_ITEMS: usize = 5_000;
/// How many reviews a tenant may keep.
pub const MAX_REVIEWS: usize = 200;
/// How many people may be asked.
pub const MAX_REVIEWERS: usize = 50;
/// How many roles one call may decide about.
pub const MAX_DECISIONS: usize = 200;
/// The longest reason, in characters.
pub const MAX_REASON: usize = 500;

const BY_REVIEW: u8 = 1;

/// Which roles are reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReviewScope {
    /// All that were given.
    Tenant,
    /// Those given in one project.
    Project(Id<Project>),
    /// Those that give this role, wherever.
    Role(RoleRef),
}

/// What is said of a role that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It is still needed.
    Keep,
    /// It was taken back.
    Revoke,
    /// It was taken back elsewhere before anyone decided.
    Gone,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Its header; who started it owns it.
    pub header: Header<AccessReview>,
    /// What it is called.
    pub name: String,
    /// What is reviewed.
    pub scope: ReviewScope,
    /// Until when it should be decided. It stays open beyond that until someone closes it.
    pub due: Timestamp,
    /// Who is asked.
    pub reviewers: Vec<Id<User>>,
    /// What becomes of undecided roles when it is closed: they are taken back, or else kept.
    pub revokes_undecided: bool,
    /// How many roles it asks about.
    pub items: u32,
    /// How many are kept.
    pub kept: u32,
    /// How many were taken back.
    pub revoked: u32,
    /// How many were gone before anyone decided.
    pub gone: u32,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// The appliance's signature of [`record`]; nothing while it is open.
    pub signature: Vec<u8>,
}

impl Record for Review {
    const NAME: &'static str = "access review";
    const NUMBER: u8 = NounKind::AccessReview as u8;
    type Key = Id<AccessReview>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for Review {
    type Noun = AccessReview;
    fn header(&self) -> &Header<AccessReview> {
        &self.header
    }
}

/// A decision, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What was decided.
    pub decision: Decision,
    /// By whom; of what closing the review decided, by who closed it.
    pub by: AnyId,
    /// When.
    pub at: Timestamp,
    /// Why; may be empty. Of what [`close`] decided, a word for machines.
    pub reason: String,
    /// Whether nobody had decided, and closing the review did.
    pub by_closing: bool,
}

/// A role as it was given when a review started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Whose it is.
    pub review: Id<AccessReview>,
    /// The assignment.
    pub assignment: Id<noun::Assignment>,
    /// To whom it was given.
    pub principal: AnyId,
    /// What was given.
    pub role: RoleRef,
    /// In which project; in the whole tenant without one.
    pub project: Option<Id<Project>>,
    /// Until when it holds.
    pub expires: Option<Timestamp>,
    /// Who gave it.
    pub given_by: AnyId,
    /// When it was given.
    pub given: Timestamp,
    /// When the user last signed in, or the service account's keys were last used, before the review; of groups nothing.
    pub last_seen: Option<Timestamp>,
    /// What was decided.
    pub decided: Option<Decided>,
}

impl Record for Item {
    const NAME: &'static str = "reviewed role";
    const NUMBER: u8 = 211;
    type Key = (Id<AccessReview>, Id<noun::Assignment>);
    fn key(&self) -> Self::Key {
        (self.review, self.assignment)
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_REVIEW, &KeyBytes::new().with(&self.review));
    }
}

/// What a review must know of people, whom another crate keeps.
pub trait People {
    /// Whether there is such a user, who may sign in.
    ///
    /// # Errors
    /// When it cannot be read.
    fn is_active(&self, tx: &Tx<'_>, user: Id<User>) -> Result<bool, ReadError>;
    /// When a principal last showed itself.
    ///
    /// # Errors
    /// When it cannot be read.
    fn last_seen(&self, tx: &Tx<'_>, principal: AnyId) -> Result<Option<Timestamp>, ReadError>;
    /// Whether what is given to `principal` is given to `actor`: it is the actor, or a group with it.
    ///
    /// # Errors
    /// When it cannot be read.
    fn reaches(&self, tx: &Tx<'_>, principal: AnyId, actor: AnyId) -> Result<bool, ReadError>;
    /// Has the sessions of a principal renewed, whose rights change.
    ///
    /// # Errors
    /// When they cannot be written.
    fn rights_change(&self, tx: &mut Tx<'_>, principal: AnyId) -> Result<(), RightsError>;
}

/// Why something about a review was refused.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// There is none with this id.
    #[error("there is no such review")]
    NotFound,
    /// The review does not ask about it.
    #[error("the review does not ask about the role {0}")]
    NoItem(Id<noun::Assignment>),
    /// The date has passed.
    #[error("the review would be due in the past; choose a later day")]
    Due,
    /// Too few, too many, or one who cannot decide.
    #[error("a review has 1 to {MAX_REVIEWERS} reviewers, each of them once and able to sign in")]
    Reviewers,
    /// Nothing was given there.
    #[error("no roles are given there, so there is nothing to review")]
    Empty,
    /// The reason.
    #[error("a reason has at most {MAX_REASON} characters, none of them for control")]
    Reason,
    /// Too many or none at once.
    #[error("decide about 1 to {MAX_DECISIONS} roles at once, and take back one at a time")]
    Decisions,
    /// The caller was not asked.
    #[error("you are no reviewer of this review; ask one of its reviewers")]
    NoReviewer,
    /// Nobody judges what they have themselves.
    #[error("this was given to you, or to a group that you are in; let another reviewer decide about it")]
    Own,
    /// It was taken back.
    #[error("the role was taken back; give it anew where it is needed")]
    Revoked,
    /// It is over.
    #[error("the review is closed; start another one")]
    Closed,
    /// A limit is reached.
    #[error("no more than {limit} {what} are allowed; {remedy}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
        /// What helps.
        remedy: &'static str,
    },
    /// The rules of roles.
    #[error(transparent)]
    Rights(#[from] RightsError),
}

impl ReviewError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            ReviewError::NotFound => ErrorKind::NotFound,
            ReviewError::NoItem(_)
            | ReviewError::Due
            | ReviewError::Reviewers
            | ReviewError::Reason
            | ReviewError::Decisions => ErrorKind::Invalid,
            ReviewError::NoReviewer | ReviewError::Own => ErrorKind::Denied,
            ReviewError::Empty | ReviewError::Revoked | ReviewError::Closed => ErrorKind::Conflict,
            ReviewError::TooMany { .. } => ErrorKind::Exhausted,
            ReviewError::Rights(error) => error.kind(),
        }
    }
}

impl From<WriteError> for ReviewError {
    fn from(error: WriteError) -> Self {
        ReviewError::Rights(error.into())
    }
}
impl From<ReadError> for ReviewError {
    fn from(error: ReadError) -> Self {
        ReviewError::Rights(error.into())
    }
}

/// The review with this id.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn get(read: &impl Read, id: Id<AccessReview>) -> Result<Review, ReviewError> {
    read.get::<Review>(&id)?.ok_or(ReviewError::NotFound)
}

/// The reviews that the caller may see, newest first.
///
/// # Errors
/// When they cannot be read.
pub fn list(permit: &ListPermit<RoleRead>, after: Option<&Cursor>, limit: usize) -> Result<Page<Review>, ReviewError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<Review>(&query, |review| permit.visible(&review.header.subject()))?)
}

/// What a review asks about, in the order in which it was given.
///
/// # Errors
/// When it cannot be read.
pub fn items(
    read: &impl Read,
    review: Id<AccessReview>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Item>, ReadError> {
    let query = Query { after, ..Query::by(BY_REVIEW, KeyBytes::new().with(&review), limit) };
    read.list::<Item>(&query, |_| true)
}

/// All that a review asks about; bounded by [`MAX_ITEMS`].
///
/// # Errors
/// When it cannot be read.
pub fn all_items(read: &impl Read, review: Id<AccessReview>) -> Result<Vec<Item>, ReadError> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = items(read, review, after.as_ref(), store::MAX_PAGE)?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}
