//! Whom a comment concerns, and how they are told of it.

use std::collections::BTreeSet;

use identity::{User, UserState};
use model::{AnyId, Id, Region, noun};
use serde_json::json;
use store::{KeyBytes, MAX_PAGE, Query, Read, ReadError, Tx, WriteError};

use super::{BY_PARENT, Comment};
use crate::{
    anchor,
    notice::{self, Happening, Notice},
    whereabouts::Whereabouts,
};

/// The most people of a thread who are told of another answer: those who wrote last.
const MAX_WRITERS: usize = 20;

/// Who is told of a comment.
#[derive(Debug, Clone, Default)]
pub struct Concerned {
    /// Each once, by what concerns them most.
    pub people: Vec<(Id<noun::User>, Happening)>,
    /// Whether the appliance sends mails; announce the tenant first then.
    pub mails: bool,
}

/// Whom a comment by `author` concerns: those it names, those who have written in the thread that it answers, and the owner of what it is
/// about, as far as `sees` holds for them.
///
/// # Errors
/// Those of `sees`, and when comments or users cannot be read.
pub fn concerned<E: From<ReadError>>(
    read: &impl Read,
    (author, owner): (AnyId, Option<AnyId>),
    parent: Option<Id<noun::Comment>>,
    mentions: &[Id<noun::User>],
    mut sees: impl FnMut(&User) -> Result<bool, E>,
) -> Result<Vec<(Id<noun::User>, Happening)>, E> {
    // Those who are named were found to see it already.
    let mut people: Vec<_> = mentions.iter().map(|user| (*user, Happening::CommentMention)).collect();
    people.retain(|(user, _)| user.erase() != author);
    let mut others = Vec::new();
    if let Some(parent) = parent {
        others.extend(writers(read, parent)?.into_iter().map(|user| (user, Happening::CommentReply)));
    }
    others.extend(owner.and_then(|owner| owner.typed()).map(|owner| (owner, Happening::CommentMade)));
    for (id, why) in others {
        if id.erase() == author || people.iter().any(|(user, _)| *user == id) {
            continue;
        }
        let user = read.get::<User>(&id)?.filter(|user| user.state == UserState::Active);
        if user.map_or(Ok(false), |user| sees(&user))? {
            people.push((id, why));
        }
    }
    Ok(people)
}

/// The people who have written in a thread, each once.
fn writers(read: &impl Read, parent: Id<noun::Comment>) -> Result<BTreeSet<Id<noun::User>>, ReadError> {
    let first = read.get::<Comment>(&parent)?;
    let index = Some((BY_PARENT, KeyBytes::new().with(&parent)));
    let newest = Query { index, after: None, limit: MAX_PAGE, newest_first: true };
    let mut found = BTreeSet::new();
    for comment in first.into_iter().chain(read.list::<Comment>(&newest, |_| true)?.items) {
        if found.len() < MAX_WRITERS {
            found.extend(comment.header.owner.typed::<noun::User>());
        }
    }
    Ok(found)
}

/// Tells them, in the commit of the comment. What it says, they are not told.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    (tenant, home): (Id<noun::Tenant>, Region),
    comment: &Comment,
    concerned: &Concerned,
) -> Result<(), WriteError> {
    if concerned.people.is_empty() {
        return Ok(());
    }
    let Some(anchor) = anchor::find(tx, comment.subject)? else { return Ok(()) };
    let thread = comment.parent.unwrap_or(comment.header.id).erase();
    let mut data = Whereabouts::of(tx, &anchor.subject)?.facts();
    data["thread"] = thread.to_string().into();
    data["by"] = comment.header.owner.to_string().into();
    if let Some(time) = comment.place.time_ms {
        data["time_ms"] = json!(time);
    }
    for (user, why) in &concerned.people {
        let mut notice = Notice::new(*why, comment.subject, anchor.title.clone(), data.clone());
        notice.thread = Some(thread);
        notice::tell(tx, (tenant, home), *user, &notice, concerned.mails)?;
    }
    Ok(())
}
