//! The door of PostgreSQL, wired to the appliance: where the engine's wire meets who may ask what.

use std::{net::IpAddr, sync::Arc};

use analytics::wire::{Fault, Guest, House, Knocking};
use api::{Code, Problem, Services};
use metering::Question;

/// The appliance as the wire sees it.
#[derive(Debug)]
pub(super) struct Appliance(pub(super) Arc<Services>);

struct Stranger(api::Knocking);

struct Known(api::Guest);

#[async_trait::async_trait]
impl House for Appliance {
    async fn knock(&self, database: String, user: String, from: IpAddr) -> Result<Box<dyn Knocking>, Fault> {
        let knocking = self.0.knock(database, user, from).await.map_err(fault)?;
        Ok(Box::new(Stranger(knocking)))
    }
}

#[async_trait::async_trait]
impl Knocking for Stranger {
    fn first(&mut self, message: &[u8]) -> Result<String, Fault> {
        self.0.first(message).map_err(fault)
    }

    async fn last(self: Box<Self>, message: Vec<u8>) -> Result<(String, Box<dyn Guest>), Fault> {
        let (answer, guest) = self.0.last(message).await.map_err(fault)?;
        Ok((answer, Box::new(Known(guest))))
    }
}

#[async_trait::async_trait]
impl Guest for Known {
    async fn question(&self, sql: String) -> Result<Question, Fault> {
        self.0.question(sql).await.map_err(fault)
    }

    fn tenant(&self) -> u128 {
        self.0.tenant().bits()
    }
}

/// A problem of the API as clients of PostgreSQL know it.
fn fault(problem: Problem) -> Fault {
    let is = |code: Code| problem.code == code.text();
    let code = if is(Code::WrongCredentials) {
        "28P01"
    } else if is(Code::Unauthenticated) {
        "28000"
    } else if is(Code::BadRequest) {
        "08P01"
    } else if is(Code::RateLimited) || is(Code::TooManyAtOnce) || is(Code::QuotaExceeded) {
        "53300"
    } else if is(Code::Denied) || is(Code::NotFound) || is(Code::StepUpRequired) {
        "42501"
    } else if is(Code::Unavailable) {
        "57P03"
    } else if is(Code::DataDamaged) {
        "58030"
    } else {
        "XX000"
    };
    Fault::new(code, if problem.detail.is_empty() { problem.title.to_owned() } else { problem.detail })
}
