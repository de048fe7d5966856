//! A request as endpoints see it: read from HTTP once, bounded, in one place.

use std::{collections::BTreeMap, net::IpAddr};

use access::RequestContext;
use axum::{
    body::{Body, HttpBody as _},
    http::{HeaderMap, Method, header},
};
use http_body_util::LengthLimitError;
use model::{Actor, ActorKind, Origin};
use serde::de::DeserializeOwned;
use store::Once;

use crate::{
    problem::{Code, Problem},
    strict,
};

/// The largest body, in bytes, where an endpoint does not say otherwise. What is larger is uploaded in parts.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its id, in answers, logs and the audit trail.
    pub id: String,
    /// Where it came from.
    pub address: IpAddr,
    /// Who sent it; nobody on public endpoints.
    pub actor: Option<Actor>,
    /// Parameters in the path, by name.
    pub path: BTreeMap<String, String>,
    /// The query string.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty for streamed ones.
    pub body: Vec<u8>,
    /// Whether it came from the console of the machine itself.
    pub(crate) at_console: bool,
    /// What keeps it from being done twice.
    pub once: Option<Once>,
}

impl Request {
    /// What the gate must know of it.
    pub fn context(&self) -> RequestContext {
        let break_glass = self.actor.as_ref().is_some_and(breaks_glass);
        let (id, once) = (self.id.clone(), self.once.clone());
        RequestContext { id, once, break_glass, ..RequestContext::default() }
    }

    /// The media type of the body, without parameters.
    pub fn media_type(&self) -> &str {
        self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim()
    }

    /// The JSON body as `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let essence = self.media_type();
        if !essence.eq_ignore_ascii_case("application/json")
            && !essence.eq_ignore_ascii_case("application/merge-patch+json")
        {
            return Err(Problem::new(Code::UnsupportedMediaType, "the body must have content-type application/json"));
        }
        strict::check(&self.body).map_err(|error| Problem::new(Code::BadRequest, error.to_string()))?;
        serde_json::from_slice(&self.body).map_err(|error| {
            let code = if error.is_data() { Code::Invalid } else { Code::BadRequest };
            Problem::new(code, error.to_string())
        })
    }

    /// The query string as `T`.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let uri = format!("/?{}", self.query)
            .parse()
            .map_err(|_| Problem::new(Code::BadRequest, "the query cannot be read"))?;
        axum::extract::Query::<T>::try_from_uri(&uri)
            .map(|query| query.0)
            .map_err(|error| Problem::new(Code::Invalid, error.body_text()))
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The cookie of this name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All cookies, by name. Browsers send a field each over HTTP/2 (RFC 9113, section 8.2.3).
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
        fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='))
    }

    /// The version that `If-Match` names: `Some(None)` for `*`.
    pub fn if_match(&self) -> Result<Option<Option<u64>>, Problem> {
        let Some(value) = self.header(header::IF_MATCH.as_str()) else { return Ok(None) };
        if value.trim() == "*" {
            return Ok(Some(None));
        }
        let version =
            value.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|tag| tag.parse().ok());
        version.map(|version| Some(Some(version))).ok_or_else(|| {
            Problem::new(Code::BadRequest, "If-Match must be the entity tag of the thing, like \"7\", or *")
        })
    }

    /// The version a change is based on. Changes without one would overwrite what others have done meanwhile.
    pub fn base_version(&self) -> Result<Option<u64>, Problem> {
        self.if_match()?
            .ok_or_else(|| Problem::new(Code::PreconditionRequired, "send the ETag you have read as If-Match, or *"))
    }

    /// The caller.
    pub fn actor(&self) -> Result<&Actor, Problem> {
        self.actor
            .as_ref()
            .ok_or_else(|| Problem::new(Code::Unauthenticated, "sign in, or send an API key as bearer token"))
    }
}

/// Whether the console acts in a tenant, as nobody else of the appliance may.
pub(crate) fn breaks_glass(actor: &Actor) -> bool {
    actor.origin == Origin::Console && actor.kind != ActorKind::Operator
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read_body(method: &Method, body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    if method == Method::GET || method == Method::HEAD {
        return Ok(Vec::new());
    }
    let too_large = || Problem::new(Code::TooLarge, format!("the body may have {limit} bytes"));
    // What says that it is too large is not read at all.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    axum::body::to_bytes(body, limit).await.map(Vec::from).map_err(|error| {
        // A body that is too long and a connection that broke come by the same way.
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = cause {
            if error.is::<LengthLimitError>() {
                return too_large();
            }
            cause = error.source();
        }
        Problem::new(Code::BadRequest, "the body did not arrive whole")
    })
}
