//! Counting anew what is counted, for the check that the counts are right.

use access::usage::{Usage, current};
use identity::{User, UserState};
use store::{Query, Read};

use crate::{error::LibraryError, project::Project};

/// How many records are looked at together.
const PAGE: usize = 500;

/// What there is in a file, counted one by one. Seconds of video are no stock: what was rendered once stays counted.
pub fn recount(read: &impl Read) -> Result<Usage, LibraryError> {
    Ok(Usage {
        seats: count(read, |user: &User| user.state != UserState::Removed)?,
        projects: count(read, |_: &Project| true)?,
        storage_bytes: current(read)?.storage_bytes,
    })
}

fn count<R: store::Record>(read: &impl Read, mut counts: impl FnMut(&R) -> bool) -> Result<u64, LibraryError> {
    let mut total = 0;
    let mut after = None;
    loop {
        let page = read.list::<R>(&Query { after: after.as_ref(), ..Query::newest(PAGE) }, &mut counts)?;
        total += page.items.len() as u64;
        after = page.next;
        if after.is_none() {
            return Ok(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use access::{
        Gate, RequestContext,
        usage::{self, Limits, Meter},
    };
    use identity::{Email, NewUser, PeopleError, Realm, user};
    use model::{
        Actor, ActorKind, Assurance, Classification, Grant, Id, IdSource, ManualClock, Origin, PermissionSet, Scope,
        SystemTask, Timestamp, noun,
    };
    use proptest::prelude::*;
    use store::{EventDraft, Placement, Store, StoreLimits, WriteError, vault::KeyFile};

    use super::*;
    use crate::project::{self, NewProject, ProjectChange};

    const LIMITS: Limits = Limits {
        minutes_per_month: 1,
        storage_bytes: 1,
        max_height_px: 1,
        concurrent_jobs: 1,
        seats: 3,
        requests_per_second: 1,
        projects: 3,
    };
    const TENANT: Id<noun::Tenant> = Id::from_bits(9);

    struct Place {
        gate: Gate,
        store: Arc<Store>,
        actor: Actor,
        realm: Realm,
        _folder: tempfile::TempDir,
    }

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
            let key = Box::new(KeyFile::create(&folder.path().join("root.key")).unwrap());
            let (data, ids) = (folder.path().join("data"), Arc::new(IdSource::fixed(7)));
            let store = Arc::new(Store::create(&data, key, StoreLimits::default(), clock, ids).unwrap());
            store.vault().create_tenant(TENANT).unwrap();
            let placement = Placement { tenant: TENANT, folder: None, begun: false };
            store.system().write::<(), WriteError>(event(), |tx| tx.put(&placement)).unwrap();
            let home = "eu".parse().unwrap();
            let permissions = PermissionSet::TENANT;
            let actor = Actor {
                tenant: TENANT,
                home,
                kind: ActorKind::User,
                id: Id::<noun::User>::from_bits(7).erase(),
                origin: Origin::Session(Id::from_bits(1)),
                grants: vec![Grant { scope: Scope::Tenant, permissions, expires: None }],
                ceiling: permissions,
                clearance: Classification::Restricted,
                assurance: Assurance { level: 1, second_factor: None },
                suspended: false,
                address: None,
            };
            let realm = Realm { tenant: TENANT, home, suspended: false, name: "Acme".into() };
            Place { gate: Gate::new(store.clone(), home), store, actor, realm, _folder: folder }
        }

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
            self.store.tenant(TENANT).unwrap().write(event(), |tx| {
                usage::take(tx, Meter::Seats, 1, &LIMITS)?;
                user::create(tx, &self.realm, new).map_err(|error| match error {
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

    fn event() -> EventDraft {
        EventDraft::system(SystemTask::Retention, TENANT.erase())
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
                prop_assert_eq!(current(&view).unwrap(), counted);
                prop_assert_eq!((counted.projects, counted.seats), (projects.len() as u64, users.len() as u64));
            }
        }
    }
}
