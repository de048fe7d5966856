//! A data folder with many tenants, made through the crates of the appliance as fast as they go.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Args;
use identity::{ApiKey, Email, KeyRules, NewKey, NewUser, PeopleError, Realm, api_key, user};
use library::project::Project;
use model::{Classification, DataClass, Header, Id, IdSource, Level, PermissionSet, SystemClock, SystemTask, noun};
use store::{EventDraft, Store, StoreLimits, vault::KeyFile};
use tenancy::{NewTenant, Plan, Tenant};

use crate::{
    Done,
    draw::Popularity,
    machine,
    people::{self, Owner},
};

/// Tenants made in one call of `tenancy::create_many`.
const AT_ONCE: usize = 1_000;
const PROJECTS: usize = 3;

/// Make a data folder with many tenants
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// A folder that is not there yet
    #[arg(long)]
    data: PathBuf,
    /// How many tenants
    #[arg(long, default_value_t = 1_000)]
    tenants: usize,
    /// Give people, a key and projects to this many of them, the first ones
    #[arg(long, default_value_t = 0)]
    begin: usize,
    /// Give them also to those that the first so many requests of `load zipf` go to
    #[arg(long, default_value_t = 0)]
    requests: usize,
    /// Threads
    #[arg(long, default_value_t = 16)]
    threads: usize,
    /// The plan of all
    #[arg(long, default_value = "enterprise")]
    plan: String,
}

impl Seed {
    pub(crate) fn run(self) -> Done {
        let store = create_store(&self.data)?;
        machine::notes(&self.data)?;
        let before = machine::on_disk(&self.data)?;
        let plan = plan(&self.plan)?;
        let start = Instant::now();
        let tenants = create(&store, self.tenants, plan)?;
        let took = start.elapsed().as_secs_f64();
        // 10,000 in 120 s and 100,000 in 20 min are both 83 a second.
        machine::bar("tenants created a second", self.tenants as f64 / took, "1/s", 10_000.0 / 120.0, true);
        println!("{} tenants in {took:.2} s", self.tenants);
        let each = (machine::on_disk(&self.data)? - before) as f64 / self.tenants as f64;
        machine::bar("disk of an empty tenant", each / 1024.0, "KiB", 64.0, false);

        let mut begun: Vec<usize> = (0..self.begin.min(self.tenants)).collect();
        begun.extend(Popularity::draws(self.tenants, self.requests));
        begun.sort_unstable();
        begun.dedup();
        let start = Instant::now();
        let owners = begin_all(&store, &tenants, &begun, self.threads)?;
        println!(
            "{} tenants begun (an owner, a key, {PROJECTS} projects) in {:.1} s",
            owners.len(),
            start.elapsed().as_secs_f64()
        );
        people::write(&self.data, &owners)?;
        drop(store);
        if !begun.is_empty() {
            let bytes = machine::on_disk(&self.data.join("tenants"))? as f64 / begun.len() as f64;
            println!("disk of a begun tenant: {:.1} KiB", bytes / 1024.0);
        }
        Ok(())
    }
}

/// What `serve` would make in an empty folder.
pub(crate) fn create_store(data: &Path) -> Done<Store> {
    std::fs::create_dir(data)?;
    let key = KeyFile::create(&data.join("appliance.key"))?;
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(IdSource::random()));
    Ok(Store::create(data, Box::new(key), limits(), clock, ids)?)
}

/// The store in a folder, as `serve` opens it.
pub(crate) fn open_store(data: &Path) -> Done<Store> {
    let key = KeyFile::open(&data.join("appliance.key"))?;
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(IdSource::random()));
    Ok(Store::open(data, Box::new(key), limits(), clock, ids)?)
}

fn limits() -> StoreLimits {
    StoreLimits::default()
}

pub(crate) fn plan(name: &str) -> Done<Plan> {
    Ok(match name {
        "trial" => Plan::Trial,
        "team" => Plan::Team,
        "business" => Plan::Business,
        "enterprise" => Plan::Enterprise,
        other => return Err(format!("there is no plan {other}").into()),
    })
}

pub(crate) fn create(store: &Store, count: usize, plan: Plan) -> Done<Vec<Tenant>> {
    let mut tenants = Vec::with_capacity(count);
    for first in (0..count).step_by(AT_ONCE) {
        let new = (first..count.min(first + AT_ONCE)).map(|number| NewTenant {
            slug: format!("t{number:06}"),
            name: format!("Tenant {number}"),
            home: region(),
            plan,
        });
        let event = EventDraft::system(SystemTask::TenantCreate, Id::<noun::Appliance>::from_bits(0).erase());
        tenants.extend(tenancy::create_many(store, event, new.collect())?);
    }
    Ok(tenants)
}

pub(crate) fn region() -> model::Region {
    "eu".parse().expect("a region code")
}

pub(crate) fn realm(tenant: &Tenant) -> Realm {
    Realm { tenant: tenant.id, home: tenant.home, suspended: false, name: tenant.name.clone() }
}

pub(crate) fn begin_all(store: &Store, tenants: &[Tenant], begun: &[usize], threads: usize) -> Done<Vec<Owner>> {
    let (next, owners) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || -> Done {
        while let Some(rank) = begun.get(next.fetch_add(1, Ordering::Relaxed)) {
            let owner = begin(store, &tenants[*rank], *rank)?;
            owners.lock().unwrap_or_else(PoisonError::into_inner).push(owner);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a thread panicked".into())))
    })?;
    let mut owners = owners.into_inner().unwrap_or_else(PoisonError::into_inner);
    owners.sort_unstable_by_key(|owner| owner.rank);
    Ok(owners)
}

/// Gives a tenant its owner, with a key that holds all a tenant can grant, and some projects: one write.
fn begin(store: &Store, tenant: &Tenant, rank: usize) -> Done<Owner> {
    let (db, realm) = (store.tenant(tenant.id)?, realm(tenant));
    let event = EventDraft::system(SystemTask::TenantCreate, tenant.id.erase());
    let made: (String, ApiKey, Vec<String>) = db.write::<_, PeopleError>(event, |tx| {
        let new = NewUser {
            name: "Owner".into(),
            email: Email::parse("owner@example.org").expect("an address"),
            clearance: Classification::Restricted,
            password: None,
            must_change: false,
        };
        let owner = user::create(tx, &realm, new)?.id();
        let header = Header::new(tx.new_id(), tenant.id, tenant.home, owner.erase(), DataClass::K5, tx.now());
        access::assignment::first_owner(tx, header, owner)?;
        let all = PermissionSet::TENANT;
        let new = NewKey {
            owner: owner.erase(),
            name: "load".into(),
            scopes: all.intersection(Level::Owner.permissions()),
            expires: tx.now().after(Duration::from_secs(30 * 86_400)),
        };
        let (secret, key) = api_key::create(tx, &realm, &new, all, &KeyRules::default())?;
        let mut projects = Vec::new();
        for number in 0..PROJECTS {
            let header = Header::new(tx.new_id(), tenant.id, tenant.home, owner.erase(), DataClass::K6, tx.now());
            let (title, description) = (format!("Project {number}"), "For measuring.".to_owned());
            let project = Project { header, title, description, tags: Vec::new(), trashed: None };
            tx.put(&project)?;
            projects.push(project.header.id.to_string());
        }
        Ok((secret.expose().to_owned(), key, projects))
    })?;
    Ok(Owner { rank, tenant: tenant.id.to_string(), key: made.0, projects: made.2 })
}
