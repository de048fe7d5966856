//! The gate: turns a caller and a wish into a permit, or refuses and writes that down.

use std::{
    fmt,
    marker::PhantomData,
    sync::{Arc, atomic::AtomicBool},
};

use model::{
    Action, Actor, ActorKind, AnyId, Clock, ErrorKind, Id, Origin, Outcome, Permission, Permitted, Region, Subject,
    SystemTask, Timestamp, noun::Tenant,
};
use store::{EventDraft, Once, ReadError, Store, StoreError, WriteError};

use crate::{
    decide::{Context, Decision, Reason, SYSTEM, appliance, decide, live},
    law::{Law, LawError, Laws},
    permit::{File, ListPermit, Permit, SystemPermit},
    rule::{OWNER_SELF, Rule, Rules},
    specification::Specification,
};

/// What the gate must know of a request besides the caller.
#[derive(Debug, Clone, Default)]
pub struct RequestContext {
    /// The request's id, for audit rows.
    pub id: String,
    /// When the window in which the caller may act ends.
    pub not_after: Option<Timestamp>,
    /// Whether an operator acts for the actor, with a reason and in sight.
    pub break_glass: bool,
    /// What keeps it from being done twice.
    pub once: Option<Once>,
}

/// Why there is no permit.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The caller may not know of the subject.
    #[error("there is no such {}", .0.kind.label())]
    Invisible(AnyId),
    /// The caller may not, and may know why.
    #[error("`{permission}` is refused: {reason}")]
    Denied {
        /// What was asked for.
        permission: Permission,
        /// Why.
        reason: Reason,
    },
    /// The tenant's file is not to be had.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tenant's file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The refusal could not be written down.
    #[error("the refusal could not be recorded")]
    Record(#[source] WriteError),
    /// The tenant's law cannot be used.
    #[error(transparent)]
    Law(#[from] LawError),
}

impl Refusal {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Refusal::Invisible(_) => ErrorKind::NotFound,
            Refusal::Denied { .. } => ErrorKind::Denied,
            Refusal::Store(error) => error.kind(),
            Refusal::Read(error) | Refusal::Law(LawError::Read(error)) => error.kind(),
            Refusal::Record(error) => error.kind(),
            Refusal::Law(_) => ErrorKind::Corrupt,
        }
    }

    /// Whether a fresh second factor would help.
    pub fn needs_step_up(&self) -> bool {
        let Refusal::Denied { reason, .. } = self else { return false };
        reason.guards() == Rules::NONE.with(Rule::StepUp, true)
    }
}

/// The one way to a permit.
pub struct Gate {
    store: Arc<Store>,
    specification: Arc<Specification>,
    region: Region,
    clock: Arc<dyn Clock>,
    laws: Laws,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("region", &self.region).finish_non_exhaustive()
    }
}

/// A question put together: who asks, in which file, under which law.
struct Case<'a> {
    actor: &'a Actor,
    request: &'a RequestContext,
    file: File,
    law: Law,
    now: Timestamp,
    region: Region,
}

impl Gate {
    /// The gate of an appliance in `region`.
    pub fn new(store: Arc<Store>, region: Region) -> Self {
        let clock = Arc::clone(store.clock());
        Gate { store, specification: Arc::new(Specification::new()), region, clock, laws: Laws::default() }
    }

    /// What is checked against when policies are saved.
    pub fn specification(&self) -> &Arc<Specification> {
        &self.specification
    }

    /// The region of this appliance.
    pub fn region(&self) -> Region {
        self.region
    }

    /// The subject for actions on no record in particular, like creating or listing: the actor's tenant, or the appliance.
    pub fn realm(&self, actor: &Actor) -> Subject {
        match actor.kind {
            ActorKind::Operator => appliance(self.region),
            ActorKind::User | ActorKind::ServiceAccount => Subject::tenant(actor.tenant, actor.home),
        }
    }

    /// A permit for `P` on `subject`.
    ///
    /// # Errors
    /// When the actor may not: one row in the audit log of the actor's tenant says so. It is [`Refusal::Invisible`] unless the
    /// actor could read the subject.
    pub fn permit<P: Permitted>(
        &self,
        actor: &Actor,
        subject: &Subject,
        request: &RequestContext,
    ) -> Result<Permit<P>, Refusal> {
        let case = self.case(actor, request)?;
        let decision = case.decide(P::PERMISSION, subject);
        if !decision.allowed {
            return Err(case.refuse(P::PERMISSION, subject, decision.reason));
        }
        let facts = case.event(P::PERMISSION, subject.id, Outcome::Done);
        Ok(Permit::new(actor.clone(), subject.clone(), case.file, facts, case.now))
    }

    /// A permit to list what of it the actor may see with `P`. For an actor who holds it in some projects, or who may own
    /// things, the list is filtered; it says nothing about what is left out, not even how much.
    ///
    /// # Errors
    /// When the actor may see none; with one audit row, as for [`Gate::permit`].
    pub fn list<P: Permitted>(&self, actor: &Actor, request: &RequestContext) -> Result<ListPermit<P>, Refusal> {
        let case = self.case(actor, request)?;
        let realm = self.realm(actor);
        let decision = case.decide(P::PERMISSION, &realm);
        if !decision.allowed {
            let some = decision.reason == Reason::NotGranted && case.may_hold_some(P::PERMISSION);
            if !some {
                return Err(case.refuse(P::PERMISSION, &realm, decision.reason));
            }
        }
        let facts = case.event(P::PERMISSION, realm.id, Outcome::Done);
        let Case { file, law, now, region, .. } = case;
        Ok(ListPermit {
            actor: actor.clone(),
            request: request.clone(),
            file,
            law,
            now,
            region,
            whole: decision.allowed,
            only: None,
            facts,
            recorded: AtomicBool::new(false),
            permission: PhantomData,
        })
    }

    /// The decision alone, with the why: nothing is recorded, and nothing can be done with it.
    ///
    /// # Errors
    /// When the tenant's file or law cannot be read.
    pub fn decide(
        &self,
        actor: &Actor,
        permission: Permission,
        subject: &Subject,
        request: &RequestContext,
    ) -> Result<Decision, Refusal> {
        Ok(self.case(actor, request)?.decide(permission, subject))
    }

    /// The way into a tenant's file, or with [`SYSTEM`] into the system's, for the appliance's own work.
    ///
    /// # Errors
    /// When there is no such tenant or its file is not to be had.
    pub fn system(&self, task: SystemTask, tenant: Id<Tenant>, subject: AnyId) -> Result<SystemPermit, StoreError> {
        Ok(SystemPermit { file: self.file(tenant)?, event: EventDraft::system(task, subject) })
    }

    /// The file that `tenant` works on; with [`SYSTEM`] the appliance's own.
    ///
    /// # Errors
    /// When there is no such tenant or its file is not to be had.
    pub fn file(&self, tenant: Id<Tenant>) -> Result<File, StoreError> {
        Ok(if tenant == SYSTEM {
            File::System(Arc::clone(&self.store))
        } else {
            File::Tenant(self.store.tenant(tenant)?)
        })
    }

    fn case<'a>(&self, actor: &'a Actor, request: &'a RequestContext) -> Result<Case<'a>, Refusal> {
        let file = self.file(actor.tenant)?;
        let law = self.laws.of(actor.tenant, &file, &self.specification)?;
        Ok(Case { actor, request, file, law, now: self.clock.now(), region: self.region })
    }
}

impl Case<'_> {
    fn decide(&self, permission: Permission, subject: &Subject) -> Decision {
        decide(self.actor, permission, subject, &self.context(), self.law.own.as_deref())
    }

    fn context(&self) -> Context<'_> {
        context(self.actor, self.request, &self.law, self.now, self.region)
    }

    /// Whether there can be things for which the actor has `permission` although it lacks it in the tenant as a whole.
    fn may_hold_some(&self, permission: Permission) -> bool {
        let projects = self.actor.grants.iter().filter_map(|grant| match grant.scope {
            model::Scope::Tenant => None,
            model::Scope::Project(project) => Some(project),
        });
        let held =
            |project| live(self.actor, Some(project), self.now).any(|grant| grant.permissions.contains(permission));
        self.law.own.is_some() || OWNER_SELF.contains(permission) || projects.into_iter().any(held)
    }

    /// Writes the refusal down and says as much of it as the actor may know.
    fn refuse(&self, permission: Permission, subject: &Subject, reason: Reason) -> Refusal {
        let mut event = self.event(permission, subject.id, Outcome::Denied);
        event.detail.push(("reason", reason.to_string()));
        let recorded = self.file.write::<(), WriteError>(event, |_| Ok(()));
        match recorded {
            Err(error) => Refusal::Record(error),
            Ok(()) if self.sees(permission, subject) => Refusal::Denied { permission, reason },
            Ok(()) => Refusal::Invisible(subject.id),
        }
    }

    /// Whether the actor may know that the subject exists: its own tenant or the appliance it runs, and what it could read if
    /// only it came at another time, from another place or was not suspended, for that says nothing about the subject.
    fn sees(&self, permission: Permission, subject: &Subject) -> bool {
        if subject.id == self.actor.tenant.erase() || self.actor.kind == ActorKind::Operator {
            return true;
        }
        let actor = Actor { suspended: false, ..self.actor.clone() };
        let context = Context { address: None, not_after: None, ..self.context() };
        decide(&actor, reading(permission), subject, &context, self.law.own.as_deref()).allowed
    }

    fn event(&self, permission: Permission, subject: AnyId, outcome: Outcome) -> EventDraft {
        let credential = match self.actor.origin {
            Origin::Session(id) => Some(id.erase()),
            Origin::Key(id) => Some(id.erase()),
            Origin::Schedule(id) => Some(id.erase()),
            Origin::Job(id) => Some(id.erase()),
            Origin::Link(id) => Some(id.erase()),
            Origin::Console => None,
        };
        let how = [("break_glass", self.request.break_glass), ("console", self.actor.origin == Origin::Console)];
        EventDraft {
            action: Action::Permission(permission),
            actor: Some(self.actor.id),
            credential,
            address: self.actor.address.map(|address| address.to_canonical().to_string()),
            request: (!self.request.id.is_empty()).then(|| self.request.id.clone()),
            subject,
            outcome,
            detail: how.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| (name, "true".to_owned())).collect(),
            once: self.request.once.clone(),
        }
    }
}

/// How `actor` asks in `request`.
pub(crate) fn context<'a>(
    actor: &Actor,
    request: &RequestContext,
    law: &'a Law,
    now: Timestamp,
    region: Region,
) -> Context<'a> {
    Context {
        region,
        now,
        address: actor.address,
        allow_networks: &law.networks,
        not_after: request.not_after,
        break_glass: request.break_glass,
    }
}

/// The permission that lets one see what `permission` is about: the `read` of its family, or of the family its things are in.
pub fn reading(permission: Permission) -> Permission {
    use Permission as P;
    match permission {
        P::TenantRead | P::TenantUpdate | P::TenantDelete | P::TenantExport => P::TenantRead,
        P::MemberRead | P::MemberInvite | P::MemberUpdate | P::MemberRemove => P::MemberRead,
        P::RoleRead | P::RoleManage | P::RoleAssign => P::RoleRead,
        P::GroupRead | P::GroupManage => P::GroupRead,
        P::SsoRead | P::SsoManage | P::ScimManage => P::SsoRead,
        P::AuthpolicyRead | P::AuthpolicyManage => P::AuthpolicyRead,
        P::SessionRead | P::SessionRevoke => P::SessionRead,
        P::ApikeyRead | P::ApikeyCreate | P::ApikeyRevoke => P::ApikeyRead,
        P::ProjectRead | P::ProjectCreate | P::ProjectUpdate | P::ProjectDelete | P::ProjectShare => P::ProjectRead,
        P::AssetRead | P::AssetUpload | P::AssetDelete | P::AssetDownload => P::AssetRead,
        P::TranscriptRead | P::TranscriptEdit => P::TranscriptRead,
        // Storyboards and comments are seen by who sees their project.
        P::DiagramEdit | P::CommentCreate | P::CommentModerate => P::ProjectRead,
        P::RenderRead | P::RenderSubmit | P::RenderCancel | P::RenderPrioritize => P::RenderRead,
        P::TemplateRead | P::TemplateManage => P::TemplateRead,
        P::ReportRead | P::ReportCreate | P::ReportSchedule | P::ReportExport => P::ReportRead,
        P::QueryRun | P::DatasetExport => P::ReportRead,
        P::DashboardRead | P::DashboardManage => P::DashboardRead,
        P::CostRead | P::BudgetManage | P::ChargebackManage => P::CostRead,
        P::WebhookRead | P::WebhookManage | P::WebhookReplay => P::WebhookRead,
        P::ConnectorRead | P::ConnectorManage => P::ConnectorRead,
        P::AuditRead | P::AuditExport => P::AuditRead,
        P::ComplianceRead | P::ComplianceManage | P::ResidencyManage => P::ComplianceRead,
        P::SystemRead
        | P::SystemConfigure
        | P::SystemLicense
        | P::SystemBackup
        | P::SystemRestore
        | P::SystemUpgrade
        | P::SystemSupportBundle
        | P::SystemKeys
        | P::SystemFederation
        | P::SystemTenantCreate
        | P::SystemTenantSuspend
        | P::SystemImpersonate => P::SystemRead,
    }
}

#[cfg(test)]
mod tests;
