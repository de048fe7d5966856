//! The guards an endpoint can have. Whoever passes one gets a permit and nothing else leads to a tenant's data.

use std::marker::PhantomData;

use access::{ListPermit, Permit, RequestContext};
use library::anchor::{self, Hanging};
use metering::Question;
use model::{
    Actor, ActorKind, AnyId, Noun as _, Permission, Permitted,
    permission::{QueryRun, SystemRead},
};
use store::{Headed, Read as _};

use crate::{
    endpoint::{Door, Guard},
    problem::{Code, Problem},
    query,
    request::Request,
    services::Services,
};

/// Open to all.
#[derive(Debug)]
pub(crate) enum Public {}

impl Guard for Public {
    type Pass = ();
    const DOOR: Door = Door::Public;
    fn open(_: &Services, _: &Request) -> Result<(), Problem> {
        Ok(())
    }
}

/// Anyone who is signed in.
#[derive(Debug)]
pub(crate) enum SignedIn {}

impl Guard for SignedIn {
    type Pass = Actor;
    const DOOR: Door = Door::SignedIn;
    fn open(_: &Services, request: &Request) -> Result<Actor, Problem> {
        let actor = request.actor()?;
        if actor.suspended {
            return Err(Problem::new(Code::Denied, "your tenant is suspended; ask those who run the appliance"));
        }
        Ok(actor.clone())
    }
}

/// Who holds `P` in the tenant.
#[derive(Debug)]
pub(crate) struct InTenant<P>(PhantomData<P>);

impl<P: Permitted> Guard for InTenant<P> {
    type Pass = Permit<P>;
    const DOOR: Door = Door::Permit(P::PERMISSION);
    fn open(services: &Services, request: &Request) -> Result<Permit<P>, Problem> {
        let actor = request.actor()?;
        Ok(services.gate.permit(actor, &services.gate.realm(actor), &request.context())?)
    }
}

/// Who may see some of the records that `P` is about; the permit sorts out which.
#[derive(Debug)]
pub(crate) struct Listing<P>(PhantomData<P>);

impl<P: Permitted> Guard for Listing<P> {
    type Pass = ListPermit<P>;
    const DOOR: Door = Door::Permit(P::PERMISSION);
    fn open(services: &Services, request: &Request) -> Result<ListPermit<P>, Problem> {
        let actor = request.actor()?;
        Ok(services.gate.list(actor, &request.context())?)
    }
}

/// Who may ask in SQL: somebody of a tenant about what they may see there, or those who run the appliance about sums.
#[derive(Debug)]
pub(crate) enum Asking {}

/// In whose tables a question is asked.
#[derive(Debug)]
pub(crate) enum Asks {
    /// A tenant's.
    Tenant(ListPermit<QueryRun>),
    /// The appliance's.
    Appliance(Permit<SystemRead>),
}

impl Asks {
    /// What `actor` may ask.
    pub(crate) fn of(services: &Services, actor: &Actor, context: &RequestContext) -> Result<Asks, Problem> {
        Ok(match actor.kind {
            ActorKind::Operator => {
                Asks::Appliance(services.gate.permit(actor, &services.gate.realm(actor), context)?)
            }
            ActorKind::User | ActorKind::ServiceAccount => Asks::Tenant(services.gate.list(actor, context)?),
        })
    }

    /// Adds to a question what `actor` may see. It leaves one row.
    pub(crate) fn equip(self, services: &Services, actor: &Actor, question: Question) -> Result<Question, Problem> {
        match self {
            Asks::Tenant(permit) => query::equip(services, permit, &services.gate.realm(actor), question),
            Asks::Appliance(permit) => query::appliance::equip(services, permit, question),
        }
    }
}

impl Guard for Asking {
    type Pass = Asks;
    const DOOR: Door = Door::Permit(Permission::QueryRun);
    fn open(services: &Services, request: &Request) -> Result<Asks, Problem> {
        Asks::of(services, request.actor()?, &request.context())
    }
}

/// Who holds `P` on the record of type `R` that the path names.
#[derive(Debug)]
pub(crate) struct On<P, R>(PhantomData<(P, R)>);

impl<P: Permitted, R: Headed + 'static> Guard for On<P, R> {
    type Pass = Permit<P>;
    const DOOR: Door = Door::Permit(P::PERMISSION);
    fn open(services: &Services, request: &Request) -> Result<Permit<P>, Problem> {
        let record = named::<R>(services, request)?;
        Ok(services.gate.permit(request.actor()?, &record.header().subject(), &request.context())?)
    }
}

/// Who holds `P`, which lets one read, on the record of type `R` that the path names; the record.
#[derive(Debug)]
pub(crate) struct Reading<P, R>(PhantomData<(P, R)>);

impl<P: Permitted, R: Headed + 'static> Guard for Reading<P, R> {
    type Pass = R;
    const DOOR: Door = Door::Permit(P::PERMISSION);
    fn open(services: &Services, request: &Request) -> Result<R, Problem> {
        let record = named::<R>(services, request)?;
        let permit: Permit<P> =
            services.gate.permit(request.actor()?, &record.header().subject(), &request.context())?;
        // Writes the row of what is recorded although it only reads.
        permit.read()?;
        Ok(record)
    }
}

/// Who holds `P` on the thing of any kind that the path names as `{subject}`.
#[derive(Debug)]
pub(crate) struct OnAny<P>(PhantomData<P>);

impl<P: Permitted> Guard for OnAny<P> {
    type Pass = Permit<P>;
    const DOOR: Door = Door::Permit(P::PERMISSION);
    fn open(services: &Services, request: &Request) -> Result<Permit<P>, Problem> {
        let id = request.path.get("subject").and_then(|text| text.parse().ok()).ok_or_else(not_found)?;
        on_anchor(services, request, id)
    }
}

/// Who holds `P` on the thing on which the record of type `R` that the path names hangs.
#[derive(Debug)]
pub(crate) struct Through<P, R>(PhantomData<(P, R)>);

impl<P: Permitted, R: Headed + Hanging + 'static> Guard for Through<P, R> {
    type Pass = Permit<P>;
    const DOOR: Door = Door::Permit(P::PERMISSION);
    fn open(services: &Services, request: &Request) -> Result<Permit<P>, Problem> {
        on_anchor(services, request, named::<R>(services, request)?.hangs_on())
    }
}

/// The record of type `R` that the path names, before anyone knows whether the caller may know of it.
pub(crate) fn named<R: Headed>(services: &Services, request: &Request) -> Result<R, Problem> {
    let id = request.path.get(R::Noun::KIND.label()).and_then(|text| text.parse().ok()).ok_or_else(not_found)?;
    services.file(request.actor()?)?.read()?.get::<R>(&id)?.ok_or_else(not_found)
}

/// A permit on the thing with this id.
pub(crate) fn on_anchor<P: Permitted>(services: &Services, request: &Request, id: AnyId) -> Result<Permit<P>, Problem> {
    let actor = request.actor()?;
    let anchor = anchor::find(&services.file(actor)?.read()?, id)?.ok_or_else(not_found)?;
    Ok(services.gate.permit(actor, &anchor.subject, &request.context())?)
}

fn not_found() -> Problem {
    Problem::new(Code::NotFound, "")
}
