//! HTTPS: the table of endpoints, what guards them, how they are documented, and the listener.
//!
//! The only crate that knows HTTP. Endpoints are lines of a table (`endpoints`); from it come the router, the OpenAPI document, the
//! documentation page and the tests that walk every line.

mod alerting;
mod control;
mod convert;
mod delivering;
mod depositing;
mod docs;
mod doorkeeper;
mod endpoint;
#[allow(clippy::needless_pass_by_value, reason = "a handler owns its call, whether it takes it apart or not")]
mod endpoints;
mod events;
mod extracting;
mod grants;
mod guard;
mod history;
pub mod host;
mod live;
mod mailing;
mod media;
mod metrics;
mod odata;
mod once;
mod openapi;
mod otlp;
mod page;
mod problem;
mod prometheus;
mod pulse;
mod query;
mod reply;
mod reporting;
mod request;
mod router;
mod server;
mod services;
mod sparse;
mod stream;
mod strict;
mod telling;
#[cfg(test)]
mod tests;
mod tls;
mod traffic;
mod walls;

pub use control::{TENANT as TENANT_HEADER, console, listen as listen_console, serve_console};
pub use endpoint::{Door, Endpoint};
pub use endpoints::all as endpoints;
pub use openapi::document as openapi_document;
pub use problem::{Code, Fault, Problem};
pub use query::{Full, Guest, Knocking};
pub use router::{metrics_router, router};
pub use server::{HttpLimits, serve, serve_metrics};
pub use services::{Caller, FontsFor, Services};
pub use tls::{Certificate, RENEW_DAYS, Source as CertificateSource, TlsError};
pub use walls::RequestLimits;
