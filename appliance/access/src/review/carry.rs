//! What is done with reviews: started, decided, closed, removed.

use std::collections::BTreeSet;

use model::{
    Actor, DataClass, Header, Id, Permitted, Timestamp, noun,
    noun::{AccessReview, User},
    permission::{MemberRemove, RoleManage},
};
use store::{Cursor, Query, Read, Tx};

use super::{
    Decided, Decision, Item, MAX_DECISIONS, MAX_ITEMS, MAX_REASON, MAX_REVIEWERS, MAX_REVIEWS, People, Review,
    ReviewError, ReviewScope, all_items, evidence::record, get,
};
use crate::{
    assignment::{self, Assignment, note, withdraw},
    permit::Permit,
    rights::{RightsError, name},
};

/// How many ids of what closing took back stand in its audit row; the signed record has all.
const NAMED_IN_ROW: usize = 100;

/// A review to start.
#[derive(Debug, Clone)]
pub struct NewReview {
    /// What it is called.
    pub name: String,
    /// What is reviewed.
    pub scope: ReviewScope,
    /// Until when it should be decided.
    pub due: Timestamp,
    /// Who is asked.
    pub reviewers: Vec<Id<User>>,
    /// Whether undecided roles are taken back when it is closed.
    pub revokes_undecided: bool,
}

/// What a reviewer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The role is still needed.
    Keep,
    /// It is taken back, at once.
    Revoke,
    /// Not decided after all.
    Undecided,
}

/// Starts a review: notes what is given there now. What has ended already is not asked about.
///
/// # Errors
/// The rules about names, days and numbers; [`ReviewError::Empty`].
pub fn start(permit: Permit<RoleManage>, new: &NewReview, people: &dyn People) -> Result<Review, ReviewError> {
    let called = name(&new.name)?;
    let reviewers: BTreeSet<_> = new.reviewers.iter().copied().collect();
    if reviewers.len() != new.reviewers.len() || !(1..=MAX_REVIEWERS).contains(&reviewers.len()) {
        return Err(ReviewError::Reviewers);
    }
    if new.due <= permit.now() {
        return Err(ReviewError::Due);
    }
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        if tx.list::<Review>(&Query::newest(MAX_REVIEWS), |_| true)?.items.len() == MAX_REVIEWS {
            return Err(ReviewError::TooMany {
                what: "reviews",
                limit: MAX_REVIEWS,
                remedy: "remove an old one first",
            });
        }
        for reviewer in &reviewers {
            if !people.is_active(tx, *reviewer)? {
                return Err(ReviewError::Reviewers);
            }
        }
        let given = given_now(tx, new.scope)?;
        let mut header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K4, tx.now());
        if let ReviewScope::Project(project) = new.scope {
            header.project = Some(project);
        }
        let review = Review {
            header,
            name: called,
            scope: new.scope,
            due: new.due,
            reviewers: reviewers.into_iter().collect(),
            revokes_undecided: new.revokes_undecided,
            items: u32::try_from(given.len()).unwrap_or(u32::MAX),
            kept: 0,
            revoked: 0,
            gone: 0,
            closed: None,
            signature: Vec::new(),
        };
        for Assignment { header, principal, role, expires } in given {
            let item = Item {
                review: review.header.id,
                assignment: header.id,
                principal,
                role,
                project: header.project,
                expires,
                given_by: header.owner,
                given: header.created,
                last_seen: people.last_seen(tx, principal)?,
                decided: None,
            };
            tx.put(&item)?;
        }
        tx.about(review.header.id.erase());
        tx.note("roles", review.items.to_string());
        tx.note("undecided", if review.revokes_undecided { "revoked" } else { "kept" });
        tx.put(&review)?;
        Ok(review)
    })
}

/// What is given in a scope and has not ended.
fn given_now(tx: &Tx<'_>, scope: ReviewScope) -> Result<Vec<Assignment>, ReviewError> {
    let (mut given, mut after): (Vec<Assignment>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = assignment::in_scope(tx, scope, after.as_ref())?;
        let now = tx.now();
        given.extend(page.items.into_iter().filter(|one| one.expires.is_none_or(|end| now < end)));
        if given.len() > MAX_ITEMS {
            let remedy = "review one project or one role";
            return Err(ReviewError::TooMany { what: "roles in one review", limit: MAX_ITEMS, remedy });
        }
        after = page.next;
        if after.is_none() {
            return if given.is_empty() { Err(ReviewError::Empty) } else { Ok(given) };
        }
    }
}

/// Decides about roles of the review of the permit. What is taken back is taken back in this write, under the rules of
/// [`assignment::take`], and the audit row is about it.
///
/// # Errors
/// [`ReviewError::NoReviewer`], [`ReviewError::Own`], [`ReviewError::Closed`], [`ReviewError::Revoked`]; of
/// [`RightsError`] those of taking a role back.
pub fn decide(
    permit: Permit<MemberRemove>,
    assignments: &[Id<noun::Assignment>],
    choice: Choice,
    reason: &str,
    people: &dyn People,
) -> Result<Review, ReviewError> {
    let reason = reason.trim();
    if reason.chars().count() > MAX_REASON || reason.chars().any(|one| one.is_control() && one != '\n') {
        return Err(ReviewError::Reason);
    }
    let most = if choice == Choice::Revoke { 1 } else { MAX_DECISIONS };
    if !(1..=most).contains(&assignments.len()) {
        return Err(ReviewError::Decisions);
    }
    let (id, actor) = (subject(&permit)?, permit.caller().clone());
    permit.write(|tx| {
        let mut review = open(tx, id)?;
        if !review.reviewers.iter().any(|one| one.erase() == actor.id) {
            return Err(ReviewError::NoReviewer);
        }
        tx.note("decision", format!("{choice:?}").to_lowercase());
        tx.note("roles", assignments.len().to_string());
        for assignment in assignments {
            let mut item = tx.get::<Item>(&(id, *assignment))?.ok_or(ReviewError::NoItem(*assignment))?;
            if people.reaches(tx, item.principal, actor.id)? {
                return Err(ReviewError::Own);
            }
            if item.decided.as_ref().is_some_and(|before| before.decision != Decision::Keep) {
                return Err(ReviewError::Revoked);
            }
            let decided = |decision| Decided {
                decision,
                by: actor.id,
                at: tx.now(),
                reason: reason.to_owned(),
                by_closing: false,
            };
            let next = match (choice, tx.get::<Assignment>(assignment)?) {
                (Choice::Undecided, _) => None,
                (_, None) => Some(decided(Decision::Gone)),
                (Choice::Keep, Some(_)) => Some(decided(Decision::Keep)),
                (Choice::Revoke, Some(given)) => {
                    let decided = decided(Decision::Revoke);
                    take_back(tx, &given, &actor, people)?;
                    note(tx, &given);
                    tx.note("review", id.to_string());
                    Some(decided)
                }
            };
            review.count(item.decided.as_ref(), next.as_ref());
            item.decided = next;
            tx.put(&item)?;
        }
        review.header.touch(tx.now());
        tx.put(&review)?;
        Ok(review)
    })
}

/// Closes the review of the permit: what nobody has decided is kept or taken back, as was said when it started, and `sign` signs what
/// came of it. What may not be taken back is kept for the reason `last_owner`, or `beyond` where it goes beyond the rights of who closes.
///
/// # Errors
/// [`ReviewError::Closed`], or those of the store.
pub fn close(
    permit: Permit<RoleManage>,
    people: &dyn People,
    sign: &dyn Fn(&[u8]) -> [u8; 64],
) -> Result<Review, ReviewError> {
    let (id, actor) = (subject(&permit)?, permit.caller().clone());
    permit.write(|tx| {
        let mut review = open(tx, id)?;
        let (mut items, mut taken) = (all_items(tx, id)?, Vec::new());
        for item in items.iter_mut().filter(|item| item.decided.is_none()) {
            let (decision, reason) = match tx.get::<Assignment>(&item.assignment)? {
                None => (Decision::Gone, String::new()),
                Some(given) if review.revokes_undecided => match take_back(tx, &given, &actor, people) {
                    Ok(()) => (Decision::Revoke, String::new()),
                    Err(RightsError::LastOwner) => (Decision::Keep, "last_owner".to_owned()),
                    Err(RightsError::Beyond(_)) => (Decision::Keep, "beyond".to_owned()),
                    Err(error) => return Err(error.into()),
                },
                Some(_) => (Decision::Keep, String::new()),
            };
            if decision == Decision::Revoke {
                taken.push(item.assignment.to_string());
            }
            let decided = Decided { decision, by: actor.id, at: tx.now(), reason, by_closing: true };
            review.count(None, Some(&decided));
            item.decided = Some(decided);
            tx.put(item)?;
        }
        for (name, count) in [("kept", review.kept), ("revoked", review.revoked), ("gone", review.gone)] {
            tx.note(name, count.to_string());
        }
        if !taken.is_empty() {
            taken.truncate(NAMED_IN_ROW);
            tx.note("taken", taken.join(" "));
        }
        review.closed = Some(tx.now());
        review.header.touch(tx.now());
        review.signature = sign(record(&review, &items).as_bytes()).to_vec();
        tx.put(&review)?;
        Ok(review)
    })
}

/// Removes the review of the permit. What was decided stays as it is.
///
/// # Errors
/// When there is none, or it cannot be written.
pub fn remove(permit: Permit<RoleManage>) -> Result<(), ReviewError> {
    let id = subject(&permit)?;
    permit.write(|tx| {
        let review = get(tx, id)?;
        for item in all_items(tx, id)? {
            tx.delete::<Item>(&(id, item.assignment))?;
        }
        tx.note("roles", review.items.to_string());
        tx.delete::<Review>(&id)?;
        Ok(())
    })
}

impl Review {
    /// Has its sums follow a decision.
    fn count(&mut self, before: Option<&Decided>, after: Option<&Decided>) {
        for (decided, by) in [(before, -1), (after, 1)] {
            let sum = match decided.map(|decided| decided.decision) {
                None => continue,
                Some(Decision::Keep) => &mut self.kept,
                Some(Decision::Revoke) => &mut self.revoked,
                Some(Decision::Gone) => &mut self.gone,
            };
            *sum = sum.saturating_add_signed(by);
        }
    }
}

fn take_back(tx: &mut Tx<'_>, given: &Assignment, actor: &Actor, people: &dyn People) -> Result<(), RightsError> {
    let own = actor.within(given.header.project, tx.now());
    withdraw(tx, given, own, |tx, principal| people.rights_change(tx, principal))
}

fn open(read: &impl Read, id: Id<AccessReview>) -> Result<Review, ReviewError> {
    let review = get(read, id)?;
    if review.closed.is_some() { Err(ReviewError::Closed) } else { Ok(review) }
}

fn subject<P: Permitted>(permit: &Permit<P>) -> Result<Id<AccessReview>, ReviewError> {
    permit.subject().id.typed().ok_or(ReviewError::NotFound)
}
