//! Whose tables these are: what the wire asks of the appliance it stands in.

use std::net::IpAddr;

use async_trait::async_trait;
use metering::Question;

use super::fault::Fault;

/// The appliance.
#[async_trait]
pub trait House: Send + Sync + std::fmt::Debug + 'static {
    /// Someone names a database and a user. That one of them is not there is not to be learnt from the answer.
    ///
    /// # Errors
    /// When too many came, or nobody can be let in now.
    async fn knock(&self, database: String, user: String, from: IpAddr) -> Result<Box<dyn Knocking>, Fault>;
}

/// Someone who has yet to prove who it is, with SCRAM-SHA-256.
#[async_trait]
pub trait Knocking: Send {
    /// Answers the client's first message.
    ///
    /// # Errors
    /// When it is none.
    fn first(&mut self, message: &[u8]) -> Result<String, Fault>;

    /// Judges the client's last message: what it is answered, and who it is.
    ///
    /// # Errors
    /// When it is no proof.
    async fn last(self: Box<Self>, message: Vec<u8>) -> Result<(String, Box<dyn Guest>), Fault>;
}

/// Someone who is signed in.
#[async_trait]
pub trait Guest: Send + Sync {
    /// A statement of the guest with the tables that the guest may see now.
    ///
    /// # Errors
    /// When the guest may not ask any more, or not so often.
    async fn question(&self, sql: String) -> Result<Question, Fault>;

    /// What counts as one house among those whose connections are bounded together.
    fn tenant(&self) -> u128;
}
