//! Comments: remarks on a thing or on a place in it, with one level of replies, resolved when they are dealt with.
//!
//! Who may read, write or moderate follows from the thing they are about, as it is at that moment: permits are about that thing,
//! and nothing here trusts what a comment remembers of it.

mod concern;
mod list;
mod mention;
mod place;

use access::Permit;
use model::{
    AnyId, DataClass, Header, Id, NounKind, Permitted, Subject, Timestamp, noun,
    permission::{CommentCreate, CommentModerate},
};
use serde::{Deserialize, Serialize};
use store::{Headed, IndexEntries, KeyBytes, MAX_PAGE, Query, Read, ReadError, Record, Tx};

pub use concern::{Concerned, concerned};
pub use list::{Which, list, mentions, read, replies};
pub use mention::{MAX_MENTIONS, mentioned};
pub use place::Place;

use crate::{anchor::Hanging, error::LibraryError, moving::Destination, text::lines};

/// The longest comment, in characters.
pub const MAX_TEXT: usize = 4_000;
/// The most replies to one comment.
pub const MAX_REPLIES: u32 = 500;

const BY_SUBJECT: u8 = 1;
const BY_STATE: u8 = 2;
const BY_PARENT: u8 = 3;
const BY_MENTION: u8 = 4;

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its header; the owner wrote it.
    pub header: Header<noun::Comment>,
    /// What it is about.
    pub subject: AnyId,
    /// Where in it.
    pub place: Place,
    /// The comment that it answers.
    pub parent: Option<Id<noun::Comment>>,
    /// What it says; nothing once it is removed.
    pub text: String,
    /// Who is named in it and may see what it is about.
    pub mentions: Vec<Id<noun::User>>,
    /// When its words were last changed.
    pub edited: Option<Timestamp>,
    /// Who dealt with it, and when.
    pub resolved: Option<(AnyId, Timestamp)>,
    /// When it was removed; it stays without words while it has answers.
    pub removed: Option<Timestamp>,
    /// How many answers it has.
    pub replies: u32,
}

impl Record for Comment {
    const NAME: &'static str = "comment";
    const NUMBER: u8 = NounKind::Comment as u8;
    type Key = Id<noun::Comment>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        match &self.parent {
            Some(parent) => entries.add(BY_PARENT, &KeyBytes::new().with(parent)),
            None => {
                let subject = KeyBytes::new().with(&self.subject);
                entries.add(BY_STATE, &subject.clone().with(&self.resolved.is_some()));
                entries.add(BY_SUBJECT, &subject);
            }
        }
        for user in &self.mentions {
            entries.add(BY_MENTION, &KeyBytes::new().with(user));
        }
    }
}

impl Headed for Comment {
    type Noun = noun::Comment;
    fn header(&self) -> &Header<noun::Comment> {
        &self.header
    }
}

impl Hanging for Comment {
    fn hangs_on(&self) -> AnyId {
        self.subject
    }
}

/// A comment to be written.
#[derive(Debug, Clone, Default)]
pub struct NewComment {
    /// What it says.
    pub text: String,
    /// Where in the thing that the permit is about; answers have the place of what they answer.
    pub place: Place,
    /// Who is named in it: what [`mentioned`] has found.
    pub mentions: Vec<Id<noun::User>>,
    /// Who is told: what [`concerned`] has found.
    pub concerned: Concerned,
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct CommentChange {
    /// New words with who is named in them, by the author only.
    pub words: Option<(String, Vec<Id<noun::User>>)>,
    /// Dealt with, or open again.
    pub resolved: Option<bool>,
    /// Who is named now and was not before is told of it, where the words change.
    pub concerned: Concerned,
}

/// Writes a comment about the thing of the permit.
pub fn create(permit: Permit<CommentCreate>, new: NewComment) -> Result<Comment, LibraryError> {
    let text = words(&new.text)?;
    let place = place::checked(permit.subject().id.kind, new.place)?;
    let (header, realm) = (head(&permit), (permit.tenant(), permit.home()));
    let subject = permit.subject().id;
    permit.write(|tx| {
        let header = header(tx);
        let comment = fresh(header, subject, place, None, text, new.mentions);
        note(tx, &comment);
        tx.put(&comment)?;
        concern::tell(tx, realm, &comment, &new.concerned)?;
        Ok(comment)
    })
}

/// Answers a comment about the thing of the permit.
pub fn reply(
    permit: Permit<CommentCreate>,
    parent: Id<noun::Comment>,
    new: NewComment,
) -> Result<Comment, LibraryError> {
    let text = words(&new.text)?;
    let (header, realm) = (head(&permit), (permit.tenant(), permit.home()));
    let subject = permit.subject().clone();
    permit.write(|tx| {
        let mut above = of(tx, parent, &subject)?;
        if above.parent.is_some() {
            let fault = "an answer is given to the comment itself, not to another answer".into();
            return Err(LibraryError::Field { field: "parent", fault });
        }
        if above.replies >= MAX_REPLIES {
            return Err(LibraryError::Limit { what: "answers to a comment", allowed: MAX_REPLIES.into() });
        }
        above.replies += 1;
        tx.put(&above)?;
        let header = header(tx);
        let comment = fresh(header, subject.id, above.place, Some(parent), text, new.mentions);
        note(tx, &comment);
        tx.put(&comment)?;
        concern::tell(tx, realm, &comment, &new.concerned)?;
        Ok(comment)
    })
}

/// Changes a comment about the thing of the permit that is still at version `base`: its words by its author, and whether it is dealt
/// with by anyone who may comment.
pub fn change(
    permit: Permit<CommentCreate>,
    id: Id<noun::Comment>,
    base: Option<u64>,
    change: CommentChange,
) -> Result<Comment, LibraryError> {
    let change_words =
        change.words.map(|(text, mentions)| Ok::<_, LibraryError>((words(&text)?, mentions))).transpose()?;
    let (subject, actor, realm) = (permit.subject().clone(), permit.actor(), (permit.tenant(), permit.home()));
    permit.write(|tx| {
        let mut told = change.concerned;
        let mut comment = of(tx, id, &subject)?;
        let now = tx.now();
        match base.filter(|base| *base != comment.header.version) {
            Some(read) => return Err(LibraryError::Version { read, now: comment.header.version }),
            None if comment.removed.is_some() => return Err(LibraryError::NotFound),
            None => {}
        }
        if let Some((text, mentions)) = change_words {
            if comment.header.owner != actor {
                return Err(LibraryError::NotYours("comment"));
            }
            comment.text = text;
            told.people.retain(|(user, _)| mentions.contains(user) && !comment.mentions.contains(user));
            comment.mentions = mentions;
            comment.edited = Some(now);
            tx.note("text", "changed");
        }
        if let Some(resolved) = change.resolved {
            if comment.parent.is_some() {
                let fault = "only a comment is resolved, not an answer to one".into();
                return Err(LibraryError::Field { field: "resolved", fault });
            }
            comment.resolved = match comment.resolved {
                Some(before) if resolved => Some(before),
                _ => resolved.then_some((actor, now)),
            };
            tx.note("resolved", resolved.to_string());
        }
        comment.header.touch(now);
        note(tx, &comment);
        tx.put(&comment)?;
        concern::tell(tx, realm, &comment, &told)?;
        Ok(comment)
    })
}

/// Removes a comment that the caller has written.
pub fn delete(permit: Permit<CommentCreate>, id: Id<noun::Comment>) -> Result<(), LibraryError> {
    let actor = permit.actor();
    remove(permit, id, Some(actor))
}

/// Removes anyone's comment.
pub fn moderate(permit: Permit<CommentModerate>, id: Id<noun::Comment>) -> Result<(), LibraryError> {
    remove(permit, id, None)
}

fn remove<P: Permitted>(permit: Permit<P>, id: Id<noun::Comment>, author: Option<AnyId>) -> Result<(), LibraryError> {
    let subject = permit.subject().clone();
    permit.write(|tx| {
        let mut comment = of(tx, id, &subject)?;
        if author.is_some_and(|author| comment.header.owner != author) {
            return Err(LibraryError::NotYours("comment"));
        }
        if comment.removed.is_some() {
            return Err(LibraryError::NotFound);
        }
        note(tx, &comment);
        tx.note("author", comment.header.owner.to_string());
        if comment.replies > 0 {
            // What others have answered stays, under a place that says nothing any more.
            let now = tx.now();
            comment.text.clear();
            comment.mentions.clear();
            comment.removed = Some(now);
            comment.header.touch(now);
            tx.put(&comment)?;
            return Ok(());
        }
        tx.delete::<Comment>(&id)?;
        if let Some(parent) = comment.parent
            && let Some(mut above) = tx.get::<Comment>(&parent)?
        {
            above.replies = above.replies.saturating_sub(1);
            if above.replies == 0 && above.removed.is_some() {
                tx.delete::<Comment>(&parent)?;
            } else {
                tx.put(&above)?;
            }
        }
        Ok(())
    })
}

/// Removes all comments on a thing that is removed for good.
pub(crate) fn remove_of(tx: &mut Tx<'_>, subject: AnyId) -> Result<(), LibraryError> {
    loop {
        let comments = under(tx, BY_SUBJECT, &KeyBytes::new().with(&subject))?;
        if comments.is_empty() {
            return Ok(());
        }
        for Comment { header, .. } in &comments {
            // One page holds all answers to a comment.
            for reply in under(tx, BY_PARENT, &KeyBytes::new().with(&header.id))? {
                tx.delete::<Comment>(&reply.header.id)?;
            }
            tx.delete::<Comment>(&header.id)?;
        }
    }
}

/// Has all comments on a thing lie where the thing comes to lie.
pub(crate) fn move_of(tx: &mut Tx<'_>, subject: AnyId, to: &Destination) -> Result<(), LibraryError> {
    let mut after = None;
    loop {
        let parts = KeyBytes::new().with(&subject);
        let query = Query { after: after.as_ref(), ..Query::by(BY_SUBJECT, parts, MAX_PAGE) };
        let page = tx.list::<Comment>(&query, |_| true)?;
        for mut comment in page.items {
            for mut reply in under(tx, BY_PARENT, &KeyBytes::new().with(&comment.header.id))? {
                to.write(&mut reply.header);
                tx.put(&reply)?;
            }
            to.write(&mut comment.header);
            tx.put(&comment)?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn under(tx: &Tx<'_>, index: u8, parts: &KeyBytes) -> Result<Vec<Comment>, ReadError> {
    Ok(tx.list::<Comment>(&Query::by(index, parts.clone(), MAX_PAGE), |_| true)?.items)
}

fn words(text: &str) -> Result<String, LibraryError> {
    let text = lines("text", text.trim_start(), MAX_TEXT)?;
    if text.is_empty() {
        return Err(LibraryError::Field { field: "text", fault: "must not be empty".into() });
    }
    Ok(text)
}

/// What makes the header of a comment about the thing of a permit.
fn head<P: Permitted>(permit: &Permit<P>) -> impl FnOnce(&Tx<'_>) -> Header<noun::Comment> + use<P> {
    let (tenant, home, owner, subject) = (permit.tenant(), permit.home(), permit.actor(), permit.subject().clone());
    move |tx| {
        let mut header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        header.project = subject.project;
        header.classification = subject.classification;
        header
    }
}

fn fresh(
    header: Header<noun::Comment>,
    subject: AnyId,
    place: Place,
    parent: Option<Id<noun::Comment>>,
    text: String,
    mentions: Vec<Id<noun::User>>,
) -> Comment {
    let (edited, resolved, removed, replies) = (None, None, None, 0);
    Comment { header, subject, place, parent, text, mentions, edited, resolved, removed, replies }
}

/// The comment with this id, if it is about `subject`.
fn of(read: &impl Read, id: Id<noun::Comment>, subject: &Subject) -> Result<Comment, LibraryError> {
    let comment = read.get::<Comment>(&id)?.ok_or(LibraryError::NotFound)?;
    if comment.subject == subject.id { Ok(comment) } else { Err(LibraryError::NotFound) }
}

fn note(tx: &mut Tx<'_>, comment: &Comment) {
    tx.about(comment.header.id.erase());
    tx.note("on", comment.subject.to_string());
}
