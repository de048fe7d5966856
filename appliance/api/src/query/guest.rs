//! Questions that come by another door than HTTP: whoever signed in there with an API key is asked the same at every statement as at
//! `POST /v1/query`: whether the key is still good, how often it may ask, what it may see.

use std::{net::IpAddr, sync::Arc};

use access::RequestContext;
use identity::{Credential, Exchange, ProvenKey, Realm, scram};
use metering::{Form, Question};
use model::{Id, noun};

use crate::{
    guard::Asks,
    problem::{Code, Problem},
    router,
    services::Services,
    walls::{self, Party, Standings},
};

/// The other door, in audit rows.
const DOOR: &str = "postgresql";

/// Someone who has named a tenant and an API key, and has yet to prove to know it.
#[derive(Debug)]
pub struct Knocking {
    services: Arc<Services>,
    address: IpAddr,
    /// Nothing where there is no such tenant.
    realm: Option<Realm>,
    exchange: Exchange,
}

/// Someone who is signed in.
#[derive(Debug, Clone)]
pub struct Guest {
    services: Arc<Services>,
    address: IpAddr,
    credential: Credential,
    tenant: Id<noun::Tenant>,
}

impl Services {
    /// Someone from `address` names the tenant `slug` and the API key `user`. Whether there are such is not to be learnt.
    ///
    /// # Errors
    /// When too many came from there, or the files cannot be read.
    pub async fn knock(self: &Arc<Self>, slug: String, user: String, address: IpAddr) -> Result<Knocking, Problem> {
        self.walls.look_at_stranger(address, self.micros(), &mut Standings::default())?;
        let place = self.walls.work(walls::stranger(address)).await?;
        let services = self.clone();
        apart(move || {
            let _place = place;
            let realm = services.realm_by_name(&slug)?;
            let exchange = match &realm {
                Some(realm) => Exchange::begin(&services.gate.file(realm.tenant)?.read()?, realm, &user),
                // Whatever is found there opens no tenant that does not exist.
                None => Exchange::begin(&services.store.system().read()?, &Realm::system(services.region), &user),
            };
            let exchange = exchange.map_err(|error| refusal(&error))?;
            Ok(Knocking { services, address, realm, exchange })
        })
        .await
    }
}

impl Knocking {
    /// What the client's first message is answered.
    ///
    /// # Errors
    /// When it is none.
    pub fn first(&mut self, message: &[u8]) -> Result<String, Problem> {
        self.exchange.first(message).map_err(|error| refusal(&error))
    }

    /// Judges the client's proof: its answer, and the guest. Good or bad, one audit row tells of it; only names that nobody has leave
    /// none, or strangers would fill the trail.
    ///
    /// # Errors
    /// When it is no proof, or the key may not sign in any more.
    pub async fn last(self, message: Vec<u8>) -> Result<(String, Guest), Problem> {
        let place = self.services.walls.work(walls::stranger(self.address)).await?;
        apart(move || {
            let _place = place;
            let Knocking { services, address, realm, exchange } = self;
            let count = || services.walls.count_stranger(address, services.micros(), &mut Standings::default());
            let wrong = || Problem::new(Code::WrongCredentials, scram::ScramError::Refused.to_string());
            let judged = exchange.last(&message);
            let Some(realm) = realm else {
                let _ = count();
                return Err(wrong());
            };
            let db = services.gate.file(realm.tenant)?;
            let note = |key: &ProvenKey, refused| {
                scram::record(&db, key, DOOR, refused, address).map_err(|error| refusal(&error))
            };
            let (answer, key) = match judged {
                Ok(proven) => proven,
                Err((error, key)) => {
                    let _ = count();
                    if let Some(key) = key {
                        note(&key, Some("wrong_key"))?;
                    }
                    return Err(refusal(&error));
                }
            };
            let credential = Credential::Proven(key.clone());
            if let Err(problem) = services.known_by(&credential, address) {
                let _ = count();
                note(&key, Some("not_valid_any_more"))?;
                return Err(if problem.code == Code::Unauthenticated.text() { wrong() } else { problem });
            }
            note(&key, None)?;
            Ok((answer, Guest { services, address, credential, tenant: realm.tenant }))
        })
        .await
    }
}

impl Guest {
    /// The tenant whose tables the guest asks about; that of the system for those who run the appliance.
    pub fn tenant(&self) -> Id<noun::Tenant> {
        self.tenant
    }

    /// A statement of the guest with the tables that it may see now. Leaves the audit row of a query.
    ///
    /// # Errors
    /// When the guest may not ask, or not so often.
    pub async fn question(&self, sql: String) -> Result<Question, Problem> {
        let Guest { services, address, credential, tenant } = self.clone();
        let now = services.micros();
        let place = services.walls.work(Party::Tenant(tenant)).await?;
        apart(move || {
            let _place = place;
            let actor = services.known_by(&credential, address)?;
            services.walls.count(services.known(&actor)?, now, &mut Standings::default())?;
            let context = RequestContext { id: format!("{:032x}", router::fresh()), ..RequestContext::default() };
            let asks = Asks::of(&services, &actor, &context)?;
            let form = Form::Arrow;
            let question =
                Question { tenant, sql, form, timeout_s: None, usage: None, prices: None, tables: Vec::new() };
            asks.equip(&services, &actor, question)
        })
        .await
    }
}

/// Domain code waits for the disk, so it has threads of its own.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Problem::of(model::ErrorKind::Bug, &error)))
}

fn refusal(error: &scram::ScramError) -> Problem {
    match error {
        scram::ScramError::Form(_) => Problem::new(Code::BadRequest, error.to_string()),
        scram::ScramError::Refused => Problem::new(Code::WrongCredentials, error.to_string()),
        scram::ScramError::Read(error) => Problem::of(error.kind(), error),
        scram::ScramError::Write(error) => Problem::of(error.kind(), error),
    }
}
