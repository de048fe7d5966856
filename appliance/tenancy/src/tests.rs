//! The life of a tenant, with a crash at each step of its end.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use identity::{Email, Realm, invitation};
use jobs::Allowance as _;
use model::{Id, IdSource, ManualClock, SystemTask, Timestamp, noun};
use store::{EventDraft, Placement, Query, Read as _, Store, StoreLimits, TenantStore, Tx, WriteError, vault::KeyFile};

use super::*;

const DAY: Duration = Duration::from_secs(86_400);

struct Place {
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Place {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        Place { folder: tempfile::tempdir().unwrap(), clock }
    }

    /// The store, opened as at a start.
    fn store(&self) -> Arc<Store> {
        let (data, key) = (self.folder.path().join("data"), self.folder.path().join("root.key"));
        let (clock, ids, limits) = (self.clock.clone(), Arc::new(IdSource::random()), StoreLimits::default());
        Arc::new(if key.exists() {
            Store::open(&data, Box::new(KeyFile::open(&key).unwrap()), limits, clock, ids).unwrap()
        } else {
            Store::create(&data, Box::new(KeyFile::create(&key).unwrap()), limits, clock, ids).unwrap()
        })
    }
}

fn event() -> EventDraft {
    EventDraft::system(SystemTask::TenantLife, Id::<noun::Appliance>::from_bits(0).erase())
}

fn new(slug: &str) -> NewTenant {
    NewTenant { slug: slug.into(), name: slug.to_uppercase(), home: "eu".parse().unwrap(), plan: Plan::Team }
}

fn make(store: &Store, slug: &str) -> Tenant {
    create(store, event(), new(slug)).unwrap()
}

fn change<T>(store: &Store, change: impl FnOnce(&mut Tx<'_>) -> Result<T, LifeError>) -> Result<T, LifeError> {
    store.system().write(event(), change)
}

fn state(store: &Store, id: Id<noun::Tenant>) -> StateKind {
    find(&store.system().read().unwrap(), id).unwrap().unwrap().state.kind()
}

/// Something in the tenant's file, which is thereby begun.
fn fill(store: &Store, tenant: &Tenant) -> PathBuf {
    let file: Arc<TenantStore> = store.tenant(tenant.id).unwrap();
    file.write::<(), WriteError>(event(), |_| Ok(())).unwrap();
    fs::create_dir_all(file.folder.join("blobs/ab")).unwrap();
    fs::write(file.folder.join("blobs/ab/cd"), [7; 1_000]).unwrap();
    file.folder.clone()
}

#[test]
fn from_one_state_to_the_next() {
    let place = Place::new();
    let store = place.store();
    let id = make(&store, "acme").id;
    let allowances = Allowances(store.clone());
    let jobs = || allowances.concurrent_jobs(id);
    assert_eq!(jobs(), 2);
    let suspended = change(&store, |tx| suspend(tx, id, "  unpaid ")).unwrap();
    assert_eq!((suspended.state, suspended.version, jobs()), (State::Suspended, 2, 0));
    let rows = store.system().audit_head().unwrap().0;
    let row = store.system().read().unwrap().audit_rows(rows - 1, 1).unwrap().remove(0).1.unwrap();
    assert_eq!((row.detail["reason"].as_str(), row.detail["state"].as_str()), ("unpaid", "active to suspended"));
    assert_eq!(row.subject, id.erase());
    change(&store, |tx| resume(tx, id, "")).unwrap();
    assert_eq!(jobs(), 2);
    assert!(matches!(change(&store, |tx| suspend(tx, id, "a\nb")), Err(LifeError::Reason)));

    let closed = change(&store, |tx| close(tx, id, GRACE, "")).unwrap();
    let erase_from = place.clock_now().after(GRACE);
    assert_eq!((closed.state, jobs()), (State::Closed { erase_from }, 0));
    place.clock.advance(DAY);
    let again = change(&store, |tx| close(tx, id, DAY, "")).unwrap();
    assert_eq!(again.state, State::Closed { erase_from }, "the first date holds");
    for refused in [change(&store, |tx| suspend(tx, id, "")), change(&store, |tx| resume(tx, id, ""))] {
        assert!(matches!(refused, Err(LifeError::State("closed", _))));
    }
    assert!(erase_due(&store).unwrap().erased.is_empty());
    change(&store, |tx| reopen(tx, id, "")).unwrap();
    change(&store, |tx| close(tx, id, DAY, "")).unwrap();
    place.clock.advance(DAY);
    assert!(matches!(change(&store, |tx| reopen(tx, id, "")), Err(LifeError::State("closed", _))));
    assert_eq!(erase_due(&store).unwrap().erased, [id]);
    assert!(matches!(change(&store, |tx| reopen(tx, id, "")), Err(LifeError::State("erased", _))));
    let stranger = change(&store, |tx| suspend(tx, Id::from_bits(5), ""));
    assert!(matches!(stranger, Err(LifeError::NotFound)));
    make(&store, "acme");
}

impl Place {
    fn clock_now(&self) -> Timestamp {
        model::Clock::now(&*self.clock)
    }
}

#[test]
fn a_crash_at_any_step_ends_in_closed_or_erased() {
    for step in 0..5 {
        let place = Place::new();
        let store = place.store();
        let (tenant, other) = (make(&store, "acme"), make(&store, "other"));
        let folder = fill(&store, &tenant);
        fill(&store, &other);
        let copy = fs::read(folder.join("store.redb")).unwrap();
        change(&store, |tx| close(tx, tenant.id, DAY, "")).unwrap();
        place.clock.advance(2 * DAY);
        // The steps of an erasing, up to the one before the crash.
        if step > 0 {
            let weight = store.weigh(tenant.id).unwrap();
            change(&store, |tx| begin_erasure(tx, tenant.id, weight, "")).unwrap();
        }
        if step > 1 {
            store.vault().destroy(tenant.id, place.clock_now()).unwrap();
        }
        if step > 2 {
            store.erase(tenant.id).unwrap();
        }
        if step > 3 {
            finish_erasure(&store, tenant.id).unwrap();
        }
        drop(store);

        let store = place.store();
        let expected = if step > 3 { StateKind::Erased } else { StateKind::Closed };
        assert_eq!(state(&store, tenant.id), expected, "step {step}");
        assert_eq!(receipt(&store, tenant.id).unwrap().is_some(), step > 3, "no receipt before the end: step {step}");
        let round = erase_due(&store).unwrap();
        assert!(round.failed.is_empty(), "{:?}", round.failed);
        assert_eq!(state(&store, tenant.id), StateKind::Erased, "step {step}");
        assert!(!folder.exists());
        let receipt = receipt(&store, tenant.id).unwrap().unwrap();
        receipt.verify(&store.vault().public_key()).unwrap();
        assert_eq!((receipt.facts["files removed"].as_str(), receipt.facts["slug"].as_str()), ("2", "acme"));
        assert_eq!(finish_erasure(&store, tenant.id).unwrap(), receipt, "the same at any time");
        assert!(erase_due(&store).unwrap().erased.is_empty());

        // A copy from before, put back with its place in the register: nothing of it can be read.
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("store.redb"), copy).unwrap();
        let placement = Placement { tenant: tenant.id, folder: None, begun: true };
        store.system().write::<(), WriteError>(event(), |tx| tx.put(&placement)).unwrap();
        assert!(store.tenant(tenant.id).is_err());
        store.tenant(other.id).unwrap().read().unwrap();
    }
}

#[test]
fn erasing_that_has_begun_is_not_taken_back_by_a_clock_set_back() {
    let place = Place::new();
    let store = place.store();
    let tenant = make(&store, "acme");
    change(&store, |tx| begin_erasure(tx, tenant.id, Default::default(), "")).unwrap();
    place.clock.set(Timestamp::from_millis(1_700_000_000_000));
    assert!(change(&store, |tx| reopen(tx, tenant.id, "")).is_err());
    assert_eq!(erase_due(&store).unwrap().erased, [tenant.id]);
}

#[test]
fn a_change_of_plan_counts_at_once() {
    let place = Place::new();
    let store = place.store();
    let id = make(&store, "acme").id;
    let agreed = Limits { projects: 3, ..Plan::Trial.limits() };
    let to = TenantChange { name: Some(" Acme ".into()), plan: Some(Plan::Trial), agreed: Some(Some(agreed)) };
    let changed = change(&store, |tx| update(tx, id, Some(1), &to)).unwrap();
    assert_eq!((changed.name.as_str(), changed.limits(), changed.version), ("Acme", agreed, 2));
    assert!(matches!(change(&store, |tx| update(tx, id, Some(1), &to)), Err(LifeError::Version { base: 1, now: 2 })));
    let back = TenantChange { agreed: Some(None), ..TenantChange::default() };
    assert_eq!(change(&store, |tx| update(tx, id, None, &back)).unwrap().limits(), Plan::Trial.limits());
    let nameless = TenantChange { name: Some("\u{7}".into()), ..TenantChange::default() };
    assert!(matches!(change(&store, |tx| update(tx, id, None, &nameless)), Err(LifeError::Name)));
}

#[test]
fn lists_by_state_plan_and_beginning() {
    let place = Place::new();
    let store = place.store();
    let slugs = ["acme", "acme-eu", "beta", "ac", "acm-e"];
    let made: Vec<_> = slugs.iter().map(|slug| make(&store, slug)).collect();
    change(&store, |tx| suspend(tx, made[1].id, "")).unwrap();
    change(&store, |tx| close(tx, made[2].id, DAY, "")).unwrap();
    let view = store.system().read().unwrap();
    let shown = |filter: &Filter<'_>| {
        let mut slugs = Vec::new();
        let mut after = None;
        loop {
            let page = list(&view, filter, after.as_ref(), 2).unwrap();
            slugs.extend(page.items.into_iter().map(|tenant| tenant.slug));
            after = page.next;
            if after.is_none() {
                return slugs;
            }
        }
    };
    assert_eq!(shown(&Filter { slug: Some("acm"), ..Filter::default() }), ["acm-e", "acme", "acme-eu"]);
    let suspended = Filter { slug: Some("acm"), state: Some(StateKind::Suspended), ..Filter::default() };
    assert_eq!(shown(&suspended), ["acme-eu"]);
    assert_eq!(shown(&Filter { state: Some(StateKind::Closed), ..Filter::default() }), ["beta"]);
    assert_eq!(shown(&Filter { state: Some(StateKind::Active), ..Filter::default() }), ["acm-e", "ac", "acme"]);
    assert_eq!(shown(&Filter::default()), ["acm-e", "ac", "beta", "acme-eu", "acme"]);
    assert!(shown(&Filter { plan: Some(Plan::Trial), ..Filter::default() }).is_empty());
}

#[test]
fn onboarding_can_be_sent_again() {
    let place = Place::new();
    let store = place.store();
    let email = |text: &str| Some(Email::parse(text).unwrap());
    let wanted = |owner: &str| Newcomer { new: new("acme"), owner: email(owner) };
    let onboard = |wanted: Vec<Newcomer>| {
        let prepared = prepare(&store, wanted)?;
        store.system().write::<_, CreateError>(event(), |tx| register(tx, &prepared))?;
        invite_owners(&store, &event(), prepared)
    };
    // The call that was cut off after the register's commit.
    let prepared = prepare(&store, vec![wanted("ada@example.org")]).unwrap();
    store.system().write::<_, CreateError>(event(), |tx| register(tx, &prepared)).unwrap();
    let first = onboard(vec![wanted("ada@example.org")]).unwrap().remove(0);
    let second = onboard(vec![wanted("ada@example.com")]).unwrap().remove(0);
    assert!(first.known && second.known && first.tenant == second.tenant);
    let file = store.tenant(first.tenant.id).unwrap();
    let realm = Realm { tenant: first.tenant.id, home: first.tenant.home, suspended: false, name: "Acme".into() };
    let accept = |code: &identity::Secret| {
        let token = code.expose().parse().unwrap();
        file.write::<_, identity::PeopleError>(event(), |tx| invitation::accept(tx, &realm, &token, "Ada", None))
    };
    assert!(accept(&first.invitation.unwrap().0).is_err(), "the code that went elsewhere is good for nothing");
    accept(&second.invitation.unwrap().0).unwrap();
    let third = onboard(vec![wanted("ada@example.com")]).unwrap().remove(0);
    assert!(third.invitation.is_none(), "the owner is in");

    let other = Newcomer { new: NewTenant { name: "Other".into(), ..new("acme") }, owner: None };
    assert!(matches!(onboard(vec![other]), Err(CreateError::Taken(_))));
    assert!(matches!(onboard(vec![wanted("eve@example.org")]), Err(CreateError::Taken(_))), "it has people");
    let twice = vec![Newcomer { new: new("beta"), owner: None }; 2];
    assert!(matches!(onboard(twice), Err(CreateError::Twice(_))));
    let many = (0..1_000).map(|number| Newcomer { new: new(&format!("t{number}")), owner: None }).collect();
    assert_eq!(onboard(many).unwrap().len(), 1_000);
    let view = store.system().read().unwrap();
    assert_eq!(view.list::<Tenant>(&Query::newest(1_000), |_| true).unwrap().items.len(), 1_000);
    assert!(matches!(onboard(vec![wanted("a@example.org"); 1_001]), Err(CreateError::TooMany)));
}
