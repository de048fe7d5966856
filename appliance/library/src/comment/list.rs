//! Comments read.

use access::{ListPermit, Permit};
use model::{Id, noun, permission::ProjectRead};
use store::{Cursor, KeyBytes, Page, Query, Read as _, ReadError};

use super::{BY_MENTION, BY_PARENT, BY_STATE, BY_SUBJECT, Comment, of};
use crate::{anchor, error::LibraryError};

/// Which comments, and in which order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which {
    /// Those dealt with, or those not; both without a word.
    pub resolved: Option<bool>,
    /// The oldest first.
    pub oldest_first: bool,
}

/// A comment about the thing of the permit.
pub fn read(permit: &Permit<ProjectRead>, id: Id<noun::Comment>) -> Result<Comment, LibraryError> {
    of(&permit.read()?, id, permit.subject())
}

/// Comments about the thing of the permit, without their answers.
pub fn list(
    permit: &Permit<ProjectRead>,
    which: Which,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Comment>, LibraryError> {
    let subject = KeyBytes::new().with(&permit.subject().id);
    let index = match which.resolved {
        None => (BY_SUBJECT, subject),
        Some(resolved) => (BY_STATE, subject.with(&resolved)),
    };
    let query = Query { index: Some(index), after, limit, newest_first: !which.oldest_first };
    Ok(permit.read()?.list::<Comment>(&query, |_| true)?)
}

/// The answers to a comment about the thing of the permit, oldest first.
pub fn replies(
    permit: &Permit<ProjectRead>,
    id: Id<noun::Comment>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Comment>, LibraryError> {
    let view = permit.read()?;
    of(&view, id, permit.subject())?;
    let query = Query { after, ..Query::by(BY_PARENT, KeyBytes::new().with(&id), limit) };
    Ok(view.list::<Comment>(&query, |_| true)?)
}

/// Comments that name the caller, newest first, as far as the caller may still see what they are about.
pub fn mentions(
    permit: &ListPermit<ProjectRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Comment>, LibraryError> {
    let Some(user) = permit.actor().typed::<noun::User>() else { return Ok(Page { items: Vec::new(), next: None }) };
    let view = permit.read()?;
    let index = Some((BY_MENTION, KeyBytes::new().with(&user)));
    let query = Query { index, after, limit, newest_first: true };
    let mut failed: Option<ReadError> = None;
    let page = view.list::<Comment>(&query, |comment| match anchor::find(&view, comment.subject) {
        Ok(anchor) => anchor.is_some_and(|anchor| permit.visible(&anchor.subject)),
        Err(error) => {
            failed = Some(error);
            false
        }
    })?;
    failed.map_or(Ok(page), |error| Err(error.into()))
}
