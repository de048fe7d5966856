//! Permits: the only ways to a tenant's data.

use std::{
    collections::BTreeSet,
    fmt,
    marker::PhantomData,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use model::{
    Actor, AnyId, Id, Permission, PermissionSet, Permitted, Region, Scope, Subject, Timestamp, noun::Project,
    noun::Tenant,
};
use store::{Database, EventDraft, Store, TenantStore, Tx, View, WriteError};

use crate::{
    decide::{decide, live},
    gate::{RequestContext, context},
    law::Law,
};

/// A file of records with the people who work on it: a tenant's, or the appliance's.
#[derive(Debug, Clone)]
pub enum File {
    /// A tenant's.
    Tenant(Arc<TenantStore>),
    /// The appliance's own.
    System(Arc<Store>),
}

impl Deref for File {
    type Target = Database;
    fn deref(&self) -> &Database {
        match self {
            File::Tenant(tenant) => tenant,
            File::System(store) => store.system(),
        }
    }
}

impl File {
    fn tenant(&self) -> Option<&Arc<TenantStore>> {
        if let File::Tenant(tenant) = self { Some(tenant) } else { None }
    }
}

/// Proof that an actor may use `P` on a subject, and the way to do so. Made by [`crate::Gate::permit`] only; good for one write.
pub struct Permit<P> {
    actor: Actor,
    subject: Subject,
    file: File,
    event: EventDraft,
    now: Timestamp,
    recorded: AtomicBool,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permitted> Permit<P> {
    pub(crate) fn new(actor: Actor, subject: Subject, file: File, event: EventDraft, now: Timestamp) -> Self {
        Permit { actor, subject, file, event, now, recorded: AtomicBool::new(false), permission: PhantomData }
    }

    /// What it is about.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Who may.
    pub fn actor(&self) -> AnyId {
        self.actor.id
    }

    /// The whole of who may.
    pub(crate) fn caller(&self) -> &Actor {
        &self.actor
    }

    /// The tenant in whose file it reads and writes.
    pub fn tenant(&self) -> Id<Tenant> {
        self.actor.tenant
    }

    /// The tenant's home region.
    pub fn home(&self) -> Region {
        self.actor.home
    }

    /// When the permit was given.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// All that the actor may in the whole tenant, or in `project` too.
    pub fn holds(&self, project: Option<Id<Project>>) -> PermissionSet {
        self.actor.within(project, self.now)
    }

    /// The tenant's open file, its keys and its folder, for what streams; nothing for the appliance itself.
    pub fn files(&self) -> Option<&Arc<TenantStore>> {
        self.file.tenant()
    }

    /// A snapshot of the file. For permissions whose use is recorded although they only read, the first call writes the row.
    ///
    /// # Errors
    /// When the file cannot be read, or the row not be written.
    pub fn read(&self) -> Result<View, WriteError> {
        record(P::PERMISSION.is_sensitive_read(), &self.recorded, &self.file, &self.event)?;
        Ok(self.file.read()?)
    }

    /// Makes one change with one audit row, durable when it returns. What `change` refuses leaves no trace.
    ///
    /// # Errors
    /// Those of `change` and of the store.
    pub fn write<T, E: From<WriteError>>(self, change: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.file.write(self.event, change)
    }
}

impl<P: Permitted> fmt::Debug for Permit<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({} on {} by {})", P::PERMISSION, self.subject.id, self.actor.id)
    }
}

/// Proof that an actor may list things with `P`, as far as it may see them. Made by [`crate::Gate::list`] only.
pub struct ListPermit<P> {
    pub(crate) actor: Actor,
    pub(crate) request: RequestContext,
    pub(crate) file: File,
    pub(crate) law: Law,
    pub(crate) now: Timestamp,
    pub(crate) region: Region,
    pub(crate) whole: bool,
    /// The projects to which it is narrowed.
    pub(crate) only: Option<BTreeSet<Id<Project>>>,
    pub(crate) facts: EventDraft,
    pub(crate) recorded: AtomicBool,
    pub(crate) permission: PhantomData<fn() -> P>,
}

impl<P: Permitted> ListPermit<P> {
    /// Whether the actor may see this one. Every row of a list must be asked about; rows that it may not see are left out
    /// and not counted.
    pub fn visible(&self, subject: &Subject) -> bool {
        self.allows(P::PERMISSION, subject)
    }

    /// Whether the actor holds another permission on this one, for lists of things of several kinds.
    pub fn allows(&self, permission: Permission, subject: &Subject) -> bool {
        if self.only.as_ref().is_some_and(|only| subject.project.is_none_or(|project| !only.contains(&project))) {
            return false;
        }
        let context = context(&self.actor, &self.request, &self.law, self.now, self.region);
        decide(&self.actor, permission, subject, &context, self.law.own.as_deref()).allowed
    }

    /// The same permit for what lies in these projects and for nothing else, whatever the actor owns elsewhere.
    #[must_use]
    pub fn within(self, projects: BTreeSet<Id<Project>>) -> Self {
        ListPermit { only: Some(projects), ..self }
    }

    /// Whether the actor holds the permission in the whole tenant; when not, most rows will be invisible.
    pub fn is_whole(&self) -> bool {
        self.whole && self.only.is_none()
    }

    /// The projects in which the actor was given the permission, or to which the permit is narrowed, for lists that can be read by
    /// project. Each must be asked about all the same.
    pub fn projects(&self) -> Vec<Id<Project>> {
        if let Some(only) = self.only.as_ref().filter(|_| self.whole) {
            return only.iter().copied().collect();
        }
        let scopes = self.actor.grants.iter().filter_map(|grant| match grant.scope {
            Scope::Tenant => None,
            Scope::Project(project) => Some(project),
        });
        let holds = |project: &Id<Project>| {
            live(&self.actor, Some(*project), self.now).any(|grant| grant.permissions.contains(P::PERMISSION))
        };
        let mut projects: Vec<_> = scopes.filter(holds).collect();
        projects.sort_unstable();
        projects.dedup();
        projects
    }

    /// Who may.
    pub fn actor(&self) -> AnyId {
        self.actor.id
    }

    /// The tenant in whose file it reads.
    pub fn tenant(&self) -> Id<Tenant> {
        self.actor.tenant
    }

    /// The tenant's home region.
    pub fn home(&self) -> Region {
        self.actor.home
    }

    /// The tenant's open file, its keys and its folder; nothing for the appliance itself.
    pub fn files(&self) -> Option<&Arc<TenantStore>> {
        self.file.tenant()
    }

    /// A snapshot of the file; recorded as for [`Permit::read`].
    ///
    /// # Errors
    /// When the file cannot be read, or the row not be written.
    pub fn read(&self) -> Result<View, WriteError> {
        record(P::PERMISSION.is_sensitive_read(), &self.recorded, &self.file, &self.facts)?;
        Ok(self.file.read()?)
    }
}

impl<P: Permitted> fmt::Debug for ListPermit<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ListPermit({} by {})", P::PERMISSION, self.actor.id)
    }
}

/// The way into a file for the appliance's own work: no caller, a task of a closed list. Made by [`crate::Gate::system`] only.
pub struct SystemPermit {
    pub(crate) file: File,
    pub(crate) event: EventDraft,
}

impl SystemPermit {
    /// A snapshot of the file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> Result<View, WriteError> {
        Ok(self.file.read()?)
    }

    /// The tenant's open file, its keys and its folder; nothing for the appliance itself.
    pub fn files(&self) -> Option<&Arc<TenantStore>> {
        self.file.tenant()
    }

    /// Makes one change with one audit row, durable when it returns. What `change` refuses leaves no trace.
    ///
    /// # Errors
    /// Those of `change` and of the store.
    pub fn write<T, E: From<WriteError>>(self, change: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.file.write(self.event, change)
    }
}

impl fmt::Debug for SystemPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SystemPermit({} on {})", self.event.action.code(), self.event.subject)
    }
}

/// Writes the row of a sensitive read, once for each permit.
fn record(sensitive: bool, recorded: &AtomicBool, file: &File, event: &EventDraft) -> Result<(), WriteError> {
    if sensitive && !recorded.swap(true, Ordering::Relaxed) {
        // Having read something is not yet having done what the request asks for.
        let event = EventDraft { once: None, ..event.clone() };
        let written = file.write::<(), WriteError>(event, |_| Ok(()));
        return written.inspect_err(|_| recorded.store(false, Ordering::Relaxed));
    }
    Ok(())
}
