use std::time::Duration;

use model::{Actor, DataClass, Level, Scope, Subject, permission::RoleAssign};

use super::*;
use crate::{
    Assignment, RequestContext,
    assignment::{self, NewAssignment},
    world::{NOW, Place, grant, project, tenant, thing, user},
};

/// All users may sign in, user 30 and group 40 are one, and nobody was ever seen.
struct Few;

impl People for Few {
    fn is_active(&self, _: &Tx<'_>, user: Id<User>) -> Result<bool, ReadError> {
        Ok(user.bits() < 100)
    }
    fn last_seen(&self, _: &Tx<'_>, _: AnyId) -> Result<Option<Timestamp>, ReadError> {
        Ok(None)
    }
    fn reaches(&self, _: &Tx<'_>, principal: AnyId, actor: AnyId) -> Result<bool, ReadError> {
        Ok(principal == actor || (principal.bits() == 40 && actor.bits() == 30))
    }
    fn rights_change(&self, _: &mut Tx<'_>, _: AnyId) -> Result<(), RightsError> {
        Ok(())
    }
}

fn person(number: u128) -> AnyId {
    Id::<User>::from_bits(number).erase()
}

fn holder(number: u128, level: Level) -> Actor {
    Actor { id: person(number), ..user(&[grant(level, Scope::Tenant)]) }
}

fn give(place: &Place, subject: &Subject, level: Level, principal: AnyId) -> Id<noun::Assignment> {
    let new = NewAssignment { principal, role: RoleRef::Level(level), expires: None };
    let permit = place.gate.permit(&holder(7, Level::Owner), subject, &RequestContext::default()).unwrap();
    assignment::give(permit, &new, |_, _| Ok(())).unwrap().header.id
}

fn new(scope: ReviewScope, revokes_undecided: bool) -> NewReview {
    let due = NOW.after(Duration::from_secs(60));
    let reviewers = [7, 30].map(Id::from_bits).to_vec();
    NewReview { name: "Spring".to_owned(), scope, due, reviewers, revokes_undecided }
}

fn begin(place: &Place, new: &NewReview) -> Result<Review, ReviewError> {
    let admin = holder(7, Level::Owner);
    start(place.gate.permit(&admin, &place.gate.realm(&admin), &RequestContext::default()).unwrap(), new, &Few)
}

fn say(
    place: &Place,
    who: &Actor,
    review: &Review,
    about: Id<noun::Assignment>,
    choice: Choice,
) -> Result<Review, ReviewError> {
    let permit = place.gate.permit(who, &review.header.subject(), &RequestContext::default()).unwrap();
    decide(permit, &[about], choice, "as agreed", &Few)
}

fn end(place: &Place, review: &Review, who: &Actor) -> Result<Review, ReviewError> {
    let permit = place.gate.permit(who, &review.header.subject(), &RequestContext::default()).unwrap();
    close(permit, &Few, &|text| std::array::from_fn(|at| text.get(at).copied().unwrap_or(0)))
}

fn there(place: &Place, id: Id<noun::Assignment>) -> bool {
    place.store.tenant(tenant(1)).unwrap().read().unwrap().get::<Assignment>(&id).unwrap().is_some()
}

fn noted(place: &Place, review: &Review) -> Vec<Item> {
    all_items(&place.store.tenant(tenant(1)).unwrap().read().unwrap(), review.header.id).unwrap()
}

#[test]
fn what_is_asked_about_follows_from_the_scope() {
    let place = Place::new();
    let realm = place.gate.realm(&holder(7, Level::Owner));
    assert!(matches!(begin(&place, &new(ReviewScope::Tenant, false)), Err(ReviewError::Empty)));
    let editor = give(&place, &realm, Level::Editor, person(20));
    let viewer = give(&place, &thing(), Level::Viewer, person(21));
    let asked = |scope| {
        let review = begin(&place, &new(scope, false)).unwrap();
        noted(&place, &review).into_iter().map(|item| item.assignment).collect::<Vec<_>>()
    };
    assert_eq!(asked(ReviewScope::Tenant), [editor, viewer]);
    assert_eq!(asked(ReviewScope::Project(project(1))), [viewer]);
    assert_eq!(asked(ReviewScope::Role(RoleRef::Level(Level::Editor))), [editor]);
    let wrong = |change: fn(&mut NewReview)| {
        let mut one = new(ReviewScope::Tenant, false);
        change(&mut one);
        begin(&place, &one).unwrap_err().kind()
    };
    assert_eq!(wrong(|one| one.reviewers.clear()), ErrorKind::Invalid);
    assert_eq!(wrong(|one| one.reviewers.push(Id::from_bits(7))), ErrorKind::Invalid, "twice");
    assert_eq!(wrong(|one| one.reviewers.push(Id::from_bits(100))), ErrorKind::Invalid, "cannot sign in");
    assert_eq!(wrong(|one| one.due = NOW), ErrorKind::Invalid);
}

#[test]
fn a_role_is_taken_back_at_once_by_those_who_were_asked() {
    let place = Place::new();
    let (owner, realm) = (holder(7, Level::Owner), place.gate.realm(&holder(7, Level::Owner)));
    let editor = give(&place, &realm, Level::Editor, person(20));
    let own = give(&place, &realm, Level::Editor, person(7));
    let of_group = give(&place, &realm, Level::Editor, Id::<noun::Group>::from_bits(40).erase());
    let review = begin(&place, &new(ReviewScope::Tenant, false)).unwrap();
    let kept = say(&place, &owner, &review, editor, Choice::Keep).unwrap();
    assert_eq!((kept.items, kept.kept, kept.revoked), (3, 1, 0));
    assert_eq!(say(&place, &owner, &review, editor, Choice::Undecided).unwrap().kept, 0);
    assert!(matches!(say(&place, &owner, &review, own, Choice::Keep), Err(ReviewError::Own)));
    let other = holder(30, Level::Admin);
    assert!(matches!(say(&place, &other, &review, of_group, Choice::Revoke), Err(ReviewError::Own)));
    let stranger = holder(31, Level::Owner);
    assert!(matches!(say(&place, &stranger, &review, editor, Choice::Revoke), Err(ReviewError::NoReviewer)));
    assert_eq!(say(&place, &other, &review, editor, Choice::Revoke).unwrap().revoked, 1);
    assert!(!there(&place, editor) && there(&place, own));
    assert_eq!(place.rows().last().unwrap(), "member:remove Done");
    assert!(matches!(say(&place, &owner, &review, editor, Choice::Keep), Err(ReviewError::Revoked)));
    // Taken back elsewhere: whatever is said of it, it is gone.
    let permit = place.gate.permit::<RoleAssign>(&owner, &realm, &RequestContext::default()).unwrap();
    permit.write(|tx| tx.delete::<Assignment>(&of_group)).map(drop).unwrap();
    assert_eq!(say(&place, &owner, &review, of_group, Choice::Keep).unwrap().gone, 1);
}

#[test]
fn nobody_takes_back_more_than_they_hold_nor_the_last_owner() {
    let place = Place::new();
    let realm = place.gate.realm(&holder(7, Level::Owner));
    let last = give(&place, &realm, Level::Owner, person(20));
    let review = begin(&place, &new(ReviewScope::Tenant, true)).unwrap();
    let admin = holder(30, Level::Admin);
    assert!(matches!(
        say(&place, &admin, &review, last, Choice::Revoke),
        Err(ReviewError::Rights(RightsError::Beyond(_)))
    ));
    let owner = holder(7, Level::Owner);
    assert!(matches!(
        say(&place, &owner, &review, last, Choice::Revoke),
        Err(ReviewError::Rights(RightsError::LastOwner))
    ));
    // Closing tries the same, and says why it kept it.
    let closed = end(&place, &review, &owner).unwrap();
    assert_eq!((closed.kept, closed.revoked), (1, 0));
    let decided = noted(&place, &review).remove(0).decided.unwrap();
    assert!(decided.by_closing && decided.reason == "last_owner", "{decided:?}");
    assert!(there(&place, last));
}

#[test]
fn closing_decides_what_nobody_did_and_signs_what_came_of_it() {
    let place = Place::new();
    let (owner, realm) = (holder(7, Level::Owner), place.gate.realm(&holder(7, Level::Owner)));
    for revokes in [false, true] {
        let kept = give(&place, &realm, Level::Editor, person(20));
        let open = give(&place, &realm, Level::Viewer, person(21));
        let review = begin(&place, &new(ReviewScope::Tenant, revokes)).unwrap();
        say(&place, &owner, &review, kept, Choice::Keep).unwrap();
        let closed = end(&place, &review, &owner).unwrap();
        assert_eq!((closed.kept, closed.revoked), if revokes { (1, 1) } else { (2, 0) });
        assert_eq!((there(&place, kept), there(&place, open)), (true, !revokes));
        let text = record(&closed, &noted(&place, &review));
        assert_eq!(closed.signature, text.as_bytes()[..64]);
        assert!(text.contains(if revokes { "revoke,true" } else { "keep,true" }), "{text}");
        assert!(matches!(say(&place, &owner, &review, kept, Choice::Revoke), Err(ReviewError::Closed)));
        assert!(matches!(end(&place, &review, &owner), Err(ReviewError::Closed)));
        let permit = place.gate.permit(&owner, &review.header.subject(), &RequestContext::default()).unwrap();
        remove(permit).unwrap();
        assert!(noted(&place, &review).is_empty());
        for given in [kept, open] {
            let permit = place.gate.permit::<RoleAssign>(&owner, &realm, &RequestContext::default()).unwrap();
            permit.write(|tx| tx.delete::<Assignment>(&given)).map(drop).unwrap();
        }
    }
}

#[test]
fn a_record_cannot_be_broken_out_of() {
    let header = Header::new(Id::from_bits(1), tenant(1), "eu".parse().unwrap(), person(2), DataClass::K4, NOW);
    let review = Review {
        header,
        name: "Spring".to_owned(),
        scope: ReviewScope::Tenant,
        due: NOW,
        reviewers: vec![Id::from_bits(7)],
        revokes_undecided: false,
        items: 1,
        kept: 1,
        revoked: 0,
        gone: 0,
        closed: Some(NOW),
        signature: Vec::new(),
    };
    let decided = Decided {
        decision: Decision::Keep,
        by: person(7),
        at: NOW,
        reason: "so \"they\" said,\nand\r\nmore".to_owned(),
        by_closing: false,
    };
    let item = Item {
        review: review.header.id,
        assignment: Id::from_bits(3),
        principal: person(20),
        role: RoleRef::Level(Level::Editor),
        project: Some(project(1)),
        expires: None,
        given_by: person(2),
        given: NOW,
        last_seen: Some(NOW),
        decided: Some(decided),
    };
    insta::assert_snapshot!("record", record(&review, &[item]));
}
