//! Counting anew what is counted, for the check that the counts are right.

use access::usage::Usage;
use identity::{User, UserState};
use store::{Query, Read, Record};

use crate::{error::LibraryError, project::Project, stored::Held, upload::Upload};

/// How many records are looked at together.
const PAGE: usize = 500;

/// What there is in a file, counted one by one. Rendered video is no stock: what was rendered once stays counted.
pub fn recount(read: &impl Read) -> Result<Usage, LibraryError> {
    Ok(Usage {
        seats: count(read, |user: &User| user.state != UserState::Removed)?,
        projects: count(read, |_: &Project| true)?,
        storage_bytes: sum(read, |held: &Held| if held.count > 0 { held.bytes } else { 0 })?
            .saturating_add(sum(read, |upload: &Upload| if upload.recording.is_none() { upload.size } else { 0 })?),
    })
}

fn count<R: Record>(read: &impl Read, counts: impl Fn(&R) -> bool) -> Result<u64, LibraryError> {
    sum(read, |record| u64::from(counts(record)))
}

fn sum<R: Record>(read: &impl Read, amount: impl Fn(&R) -> u64) -> Result<u64, LibraryError> {
    let mut total = 0u64;
    let mut after = None;
    loop {
        let page = read.list::<R>(&Query { after: after.as_ref(), ..Query::newest(PAGE) }, |_| true)?;
        total = page.items.iter().fold(total, |total, record| total.saturating_add(amount(record)));
        after = page.next;
        if after.is_none() {
            return Ok(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use access::{
        RequestContext,
        usage::{self, Limits, Meter},
    };
    use identity::{Email, NewUser, PeopleError, Realm, user};
    use model::{Classification, Id, noun};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        project::{self, NewProject, ProjectChange},
        test_place::{Place, TENANT, event},
    };

    const LIMITS: Limits = Limits {
        minutes_per_month: 1,
        storage_bytes: 1,
        max_height_px: 1,
        concurrent_jobs: 1,
        seats: 3,
        requests_per_second: 1,
        projects: 3,
    };

    impl Place {
        fn create(&self, title: &str) -> Result<Project, LibraryError> {
            let permit =
                self.gate.permit(&self.actor, &self.gate.realm(&self.actor), &RequestContext::default()).unwrap();
            project::create(permit, &LIMITS, &NewProject { title: title.into(), ..NewProject::default() })
        }

        fn delete(&self, project: &Project, trash_first: bool) -> Result<(), LibraryError> {
            let subject = project.header.subject();
            let context = RequestContext::default();
            if trash_first {
                let change = ProjectChange { trashed: Some(true), ..ProjectChange::default() };
                project::update(self.gate.permit(&self.actor, &subject, &context).unwrap(), None, &change)?;
            }
            project::delete(self.gate.permit(&self.actor, &subject, &context).unwrap(), None)
        }

        /// Someone comes in; with a name that is taken, the whole write is refused after the seat was counted.
        fn join(&self, name: u8) -> Result<User, LibraryError> {
            let new = NewUser {
                name: "x".into(),
                email: Email::parse(&format!("u{name}@example.org")).unwrap(),
                clearance: Classification::Internal,
                password: None,
                must_change: false,
            };
            let realm = Realm { tenant: TENANT, home: self.actor.home, suspended: false, name: "Acme".into() };
            self.store.tenant(TENANT).unwrap().write(event(), |tx| {
                usage::take(tx, Meter::Seats, 1, &LIMITS)?;
                user::create(tx, &realm, new).map_err(|error| match error {
                    PeopleError::Store(error) => LibraryError::Write(error),
                    _ => LibraryError::NotFound,
                })
            })
        }

        fn leave(&self, id: Id<noun::User>) {
            let left = self.store.tenant(TENANT).unwrap().write::<_, LibraryError>(event(), |tx| {
                let gone = user::remove(tx, id).map_err(|_| LibraryError::NotFound)?;
                Ok(usage::give_back(tx, Meter::Seats, 1, gone.header.created)?)
            });
            left.unwrap();
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Create,
        Delete(u8, bool),
        Join(u8),
        Leave(u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::Create),
            2 => (any::<u8>(), any::<bool>()).prop_map(|(which, trash)| Step::Delete(which, trash)),
            3 => (0..6u8).prop_map(Step::Join),
            2 => any::<u8>().prop_map(Step::Leave),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_is_counted_is_what_there_is(steps in proptest::collection::vec(step(), 1..40)) {
            let place = Place::new();
            let (mut projects, mut users): (Vec<Project>, Vec<User>) = Default::default();
            for step in steps {
                match step {
                    Step::Create => match place.create("x") {
                        Ok(project) => projects.push(project),
                        Err(LibraryError::Usage(_)) => prop_assert_eq!(projects.len(), 3),
                        Err(other) => panic!("{other}"),
                    },
                    Step::Delete(which, trash) if !projects.is_empty() => {
                        let at = usize::from(which) % projects.len();
                        prop_assert_eq!(place.delete(&projects[at], trash).is_ok(), trash);
                        if trash {
                            projects.remove(at);
                        }
                    }
                    Step::Join(name) => {
                        if let Ok(user) = place.join(name) {
                            users.push(user);
                        }
                        prop_assert!(users.len() <= 3);
                    }
                    Step::Leave(which) if !users.is_empty() => {
                        let at = usize::from(which) % users.len();
                        place.leave(users.remove(at).id());
                    }
                    Step::Delete(..) | Step::Leave(_) => {}
                }
                let view = place.store.tenant(TENANT).unwrap().read().unwrap();
                let counted = recount(&view).unwrap();
                prop_assert_eq!(usage::current(&view).unwrap(), counted);
                prop_assert_eq!((counted.projects, counted.seats), (projects.len() as u64, users.len() as u64));
            }
        }
    }
}
