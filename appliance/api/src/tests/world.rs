//! An appliance for a test: tenants, people, requests, and what must hold at the end of each.

use std::{net::SocketAddr, sync::Arc};

use access::assignment::{Assignment, RoleRef};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use identity::{Device, Email, Factor, NewUser, PeopleError, Realm, session, user};
use model::{Classification, DataClass, Header, Id, IdSource, Level, ManualClock, SystemTask, Timestamp, noun};
use serde_json::Value;
use store::{EventDraft, Store, StoreLimits, WriteError, chain::Frontier, vault::KeyFile};
use tenancy::{NewTenant, Plan, Tenant};
use tower::ServiceExt as _;

use crate::{endpoints, router::router, services::Services, services::realm};

pub(super) struct World {
    pub(super) services: Arc<Services>,
    pub(super) clock: Arc<ManualClock>,
    router: Router,
    _folder: tempfile::TempDir,
}

/// Someone with a session.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) tenant: Id<noun::Tenant>,
    pub(super) id: Id<noun::User>,
    cookie: String,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn etag(&self) -> String {
        self.headers[header::ETAG].to_str().unwrap().to_owned()
    }

    pub(super) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl World {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let key = Box::new(KeyFile::create(&folder.path().join("key")).unwrap());
        let ids = Arc::new(IdSource::random());
        let store =
            Store::create(&folder.path().join("data"), key, StoreLimits::default(), clock.clone(), ids).unwrap();
        let mut identity = identity::Config::default();
        identity.passwords.cost = identity::HashCost { memory_kib: 8, passes: 1 };
        let services = Arc::new(Services::new(Arc::new(store), "eu".parse().unwrap(), identity));
        let router = router(&services, endpoints::all());
        World { services, clock, router, _folder: folder }
    }

    pub(super) fn tenant(&self, slug: &str) -> Tenant {
        let new = NewTenant { slug: slug.into(), name: slug.into(), home: self.services.region, plan: Plan::Team };
        let event = EventDraft::system(SystemTask::TenantCreate, Id::<noun::Appliance>::from_bits(0).erase());
        tenancy::create(&self.services.store, event, new).unwrap()
    }

    /// The tenant of someone.
    pub(super) fn tenant_of(&self, person: &Person) -> Tenant {
        tenancy::find(&self.services.store.system().read().unwrap(), person.tenant).unwrap().unwrap()
    }

    /// A name that nothing has yet.
    pub(super) fn fresh_name(&self) -> String {
        let id = self.services.store.ids().next::<noun::User>(self.services.store.clock().now());
        format!("{:x}", id.bits())
    }

    /// An operator of the appliance, signed in with two factors.
    pub(super) fn operator(&self, name: &str) -> Person {
        self.someone(&Realm::system(self.services.region), name, None)
    }

    /// A user of `tenant` with this role, signed in with two factors.
    pub(super) fn person(&self, tenant: &Tenant, name: &str, level: Level) -> Person {
        self.someone(&realm(tenant), name, Some(level))
    }

    fn someone(&self, realm: &Realm, name: &str, level: Option<Level>) -> Person {
        let db = self.services.gate.file(realm.tenant).unwrap();
        let event = EventDraft::system(SystemTask::InvitationAccept, db.log());
        let rules = &self.services.identity.sessions;
        let (id, token) = db
            .write::<_, PeopleError>(event, |tx| {
                let new = NewUser {
                    name: name.into(),
                    email: Email::parse(&format!("{name}@example.org")).unwrap(),
                    clearance: Classification::Confidential,
                    password: None,
                    must_change: false,
                };
                let user = user::create(tx, realm, new)?;
                if let Some(level) = level {
                    let (id, principal) = (tx.new_id::<noun::Assignment>(), user.id().erase());
                    let header = Header::new(id, realm.tenant, realm.home, principal, DataClass::K5, tx.now());
                    tx.put(&Assignment { header, principal, role: RoleRef::Level(level), expires: None })?;
                }
                let device = Device { agent: "test".into(), address: None };
                let (_, begun) = session::begin(tx, realm, user.id(), Factor::Password, &device, rules)?;
                Ok((user.id(), session::step_up(tx, begun.id(), Factor::OneTimeCode)?))
            })
            .unwrap();
        Person { tenant: realm.tenant, id, cookie: format!("{}={}", session::COOKIE, token.reveal().expose()) }
    }

    pub(super) async fn send(&self, who: Option<&Person>, method: Method, path: &str, body: Value) -> Answer {
        self.send_with(who, method, path, body, &[]).await
    }

    pub(super) async fn send_with(
        &self,
        who: Option<&Person>,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
        if let Some(who) = who {
            request = request.header(header::COOKIE, &who.cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 8 << 20).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The text of an answer.
    pub(super) async fn raw(&self, who: &Person, path: &str) -> String {
        let mut request = Request::builder().uri(path).header(header::COOKIE, &who.cookie).body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        let body = self.router.clone().oneshot(request).await.unwrap().into_body();
        String::from_utf8(axum::body::to_bytes(body, 8 << 20).await.unwrap().into()).unwrap()
    }

    /// How many audit rows a tenant has, or the appliance.
    pub(super) fn rows(&self, tenant: Id<noun::Tenant>) -> u64 {
        self.services.gate.file(tenant).unwrap().audit_head().unwrap().0
    }

    /// The last audit row of a tenant.
    pub(super) fn last_row(&self, tenant: Id<noun::Tenant>) -> model::AuditEvent {
        let view = self.services.gate.file(tenant).unwrap().read().unwrap();
        view.audit_rows(self.rows(tenant) - 1, 1).unwrap().remove(0).1.unwrap()
    }

    /// The audit rows of a tenant from this number on.
    pub(super) fn rows_from(&self, tenant: Id<noun::Tenant>, from: u64) -> Vec<model::AuditEvent> {
        let view = self.services.gate.file(tenant).unwrap().read().unwrap();
        view.audit_rows(from, usize::MAX).unwrap().into_iter().map(|(_, row)| row.unwrap()).collect()
    }

    /// Recomputes a tenant's audit log from its rows.
    pub(super) fn verify(&self, tenant: Id<noun::Tenant>) {
        let db = self.services.gate.file(tenant).unwrap();
        let (size, root) = db.audit_head().unwrap();
        let mut frontier = Frontier::default();
        for (_, leaf) in db.read().unwrap().audit_leaves(0, usize::MAX).unwrap() {
            frontier.append(leaf.hash(), &mut |_, _, _| ());
        }
        assert_eq!((frontier.size(), frontier.root()), (size, root), "the audit log does not verify");
    }

    /// Gives someone a role in the tenant, as nobody but a test may.
    pub(super) fn give(&self, person: &Person, project: Option<Id<noun::Project>>, level: Level) {
        let db = self.services.store.tenant(person.tenant).unwrap();
        let event = EventDraft::system(SystemTask::TenantLife, person.id.erase());
        db.write::<_, WriteError>(event, |tx| {
            let id = tx.new_id::<noun::Assignment>();
            let home = self.services.region;
            let mut header = Header::new(id, person.tenant, home, person.id.erase(), DataClass::K5, tx.now());
            header.project = project;
            tx.put(&Assignment { header, principal: person.id.erase(), role: RoleRef::Level(level), expires: None })
        })
        .unwrap();
    }
}
