//! Endpoints as a table: each line says its method, path, guard, and what goes in and out. No line can do without a guard, and
//! the handler gets its data only through what the guard gave it.

use std::{marker::PhantomData, sync::Arc};

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use model::Permission;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;

use crate::{
    media::Media,
    problem::{Code, Problem},
    reply::Reply,
    request::{MAX_BODY, Request},
    services::Services,
};

/// What stands before an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Nothing.
    Public,
    /// Anyone who is signed in, about their own affairs.
    SignedIn,
    /// A permission on the tenant, or on the record named in the path.
    Permit(Permission),
}

/// A guard as a type: what it checks, and what it gives to the handler.
pub(crate) trait Guard: 'static {
    /// What the handler gets.
    type Pass;
    /// What stands in the table.
    const DOOR: Door;
    /// Checks the request.
    fn open(services: &Services, request: &Request) -> Result<Self::Pass, Problem>;
}

type Run = dyn Fn(&Arc<Services>, &Request) -> Result<Response, Problem> + Send + Sync;
type SchemaOf = fn(&mut SchemaGenerator) -> Option<Schema>;

/// A line of the table.
#[derive(Clone)]
pub struct Endpoint {
    /// The HTTP method.
    pub method: Method,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// The operation's name in OpenAPI.
    pub name: &'static str,
    /// One line about it.
    pub summary: &'static str,
    /// Its guard.
    pub door: Door,
    /// The status of success.
    pub status: StatusCode,
    /// The schema of its query parameters.
    pub query: SchemaOf,
    /// The schema of its body.
    pub body: SchemaOf,
    /// The media type of its body.
    pub body_media: &'static str,
    /// Other media types that its body may have.
    pub body_also: &'static [&'static str],
    /// The most bytes of its body.
    pub body_limit: usize,
    /// The schema of its answer.
    pub reply: SchemaOf,
    /// The media types beside JSON that it can answer with.
    pub texts: &'static [&'static str],
    /// The media type of its answer.
    pub reply_media: &'static str,
    /// The schema of what it says of a wrong request, where that is no problem document.
    pub own_fault: SchemaOf,
    /// Whether it must be told the version that a change is based on.
    pub versioned: bool,
    /// Whether it is open to those who must change their password before anything else.
    pub before_password_change: bool,
    /// Whether it is open to those who must show or set up a second factor before anything else.
    pub before_second_factor: bool,
    /// Whether its work is so short that it is done on the spot while there is nothing to wait for.
    pub brisk: bool,
    run: Arc<Run>,
    admit: fn(&Services, &Request) -> Result<(), Problem>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.path, self.door)
    }
}

impl Endpoint {
    /// Answers a request. Runs on a thread that may wait for the disk.
    pub fn run(&self, services: &Arc<Services>, request: &Request) -> Result<Response, Problem> {
        (self.run)(services, request)
    }

    /// Asks the guard alone, for answers that were given before.
    pub(crate) fn admit(&self, services: &Services, request: &Request) -> Result<(), Problem> {
        (self.admit)(services, request)
    }

    /// Whether it answers with a file, of which ranges can be asked for.
    pub fn streams(&self) -> bool {
        self.reply_media == Media::MEDIA
    }

    /// Whether it says what is wrong with a request in the form of a protocol that is not ours.
    pub fn has_own_faults(&self) -> bool {
        (self.own_fault)(&mut SchemaGenerator::default()).is_some()
    }

    /// Whether it only reads.
    pub fn is_safe(&self) -> bool {
        self.method == Method::GET
    }
}

/// A call of an endpoint that has passed its guard.
#[derive(Debug)]
pub(crate) struct Call<'a, G: Guard, Q, B> {
    /// What the guard gave.
    pub(crate) pass: G::Pass,
    /// The query parameters.
    pub(crate) query: Q,
    /// The body.
    pub(crate) body: B,
    /// The appliance.
    pub(crate) services: &'a Arc<Services>,
    /// The request.
    pub(crate) request: &'a Request,
}

/// No query parameters, or no body.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Empty;

/// A body of bytes as they are; the handler finds them in the request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bytes;

impl Bytes {
    /// The media types of bytes: as in the drafts of resumable uploads over HTTP, as in tus, and plain.
    const KINDS: [&'static str; 3] =
        ["application/partial-upload", "application/offset+octet-stream", "application/octet-stream"];
}

impl Part for Bytes {
    const MEDIA: &'static str = Self::KINDS[0];
    const LIMIT: usize = library::upload::MAX_PART;
    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(binary())
    }
    fn of_query(_: &Request) -> Result<Self, Problem> {
        Ok(Bytes)
    }
    fn of_body(request: &Request) -> Result<Self, Problem> {
        let kind = request.media_type();
        if Self::KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Ok(Bytes);
        }
        let detail = format!("the body must have content-type {}", Self::MEDIA);
        Err(Problem::new(Code::UnsupportedMediaType, detail))
    }
}

/// The schema of bytes.
pub(crate) fn binary() -> Schema {
    json_schema!({ "type": "string", "format": "binary" })
}

/// What can be read from a request.
pub(crate) trait Part: Sized {
    /// The media type of a body.
    const MEDIA: &'static str = "application/json";
    /// Other media types that a body may have.
    const ALSO: &'static [&'static str] = &[];
    /// The most bytes of a body.
    const LIMIT: usize = MAX_BODY;
    /// Its schema.
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema>;
    /// Reads it from the query string.
    fn of_query(request: &Request) -> Result<Self, Problem>;
    /// Reads it from the body.
    fn of_body(request: &Request) -> Result<Self, Problem>;
}

impl Part for Empty {
    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
    fn of_query(_: &Request) -> Result<Self, Problem> {
        Ok(Empty)
    }
    fn of_body(_: &Request) -> Result<Self, Problem> {
        Ok(Empty)
    }
}

impl<T: DeserializeOwned + JsonSchema> Part for T {
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }
    fn of_query(request: &Request) -> Result<Self, Problem> {
        request.query()
    }
    fn of_body(request: &Request) -> Result<Self, Problem> {
        request.json()
    }
}

/// What stands in a line of the table, whatever goes in and out.
#[derive(Debug)]
struct Line {
    method: Method,
    path: &'static str,
    name: &'static str,
    summary: &'static str,
    status: StatusCode,
    versioned: bool,
    before_password_change: bool,
    before_second_factor: bool,
    brisk: bool,
}

/// An endpoint in the making.
#[derive(Debug)]
pub(crate) struct Draft<G, Q = Empty, B = Empty> {
    line: Line,
    parts: PhantomData<(G, Q, B)>,
}

macro_rules! methods {
    ($($name:ident $method:ident $doc:literal;)*) => {$(
        #[doc = $doc]
        pub(crate) fn $name<G: Guard>(path: &'static str, name: &'static str, summary: &'static str) -> Draft<G> {
            let line = Line {
                method: Method::$method,
                path,
                name,
                summary,
                status: StatusCode::OK,
                versioned: false,
                before_password_change: false,
                before_second_factor: false,
                brisk: false,
            };
            Draft { line, parts: PhantomData }
        }
    )*};
}
methods! {
    get GET "Reads.";
    post POST "Creates, or does something.";
    patch PATCH "Changes fields.";
    delete DELETE "Removes.";
}

impl<G: Guard, Q: Part + 'static, B: Part + 'static> Draft<G, Q, B> {
    fn with<R, C>(self) -> Draft<G, R, C> {
        Draft { line: self.line, parts: PhantomData }
    }

    /// It takes these query parameters.
    pub(crate) fn query<T: Part>(self) -> Draft<G, T, B> {
        self.with()
    }

    /// It takes this body.
    pub(crate) fn takes<T: Part>(self) -> Draft<G, Q, T> {
        self.with()
    }

    /// It answers 201.
    pub(crate) fn creates(mut self) -> Self {
        self.line.status = StatusCode::CREATED;
        self
    }

    /// It answers 202: what is asked for is done later, by the job that it answers with.
    pub(crate) fn accepts(mut self) -> Self {
        self.line.status = StatusCode::ACCEPTED;
        self
    }

    /// It answers 204.
    pub(crate) fn silently(mut self) -> Self {
        self.line.status = StatusCode::NO_CONTENT;
        self
    }

    /// It answers 101: from then on both sides speak a protocol of their own.
    pub(crate) fn switches(mut self) -> Self {
        self.line.status = StatusCode::SWITCHING_PROTOCOLS;
        self
    }

    /// It answers 202: what is asked for is done later.
    pub(crate) fn accepted(mut self) -> Self {
        self.line.status = StatusCode::ACCEPTED;
        self
    }

    /// Its caller says in `If-Match` which version the change is based on.
    pub(crate) fn versioned(mut self) -> Self {
        self.line.versioned = true;
        self
    }

    /// It is open to those who must change their password before anything else, and then to those who must show a second factor.
    pub(crate) fn before_password_change(mut self) -> Self {
        self.line.before_password_change = true;
        self.before_second_factor()
    }

    /// It is open to those who must show or set up a second factor before anything else.
    pub(crate) fn before_second_factor(mut self) -> Self {
        self.line.before_second_factor = true;
        self
    }

    /// It reads a record of some kibibytes and does nothing else: that takes less than changing threads.
    pub(crate) fn briskly(mut self) -> Self {
        self.line.brisk = true;
        self
    }

    /// What it does.
    pub(crate) fn by<R: Reply + 'static>(self, handler: fn(Call<'_, G, Q, B>) -> Result<R, Problem>) -> Endpoint {
        let Line {
            method,
            path,
            name,
            summary,
            status,
            versioned,
            before_password_change,
            before_second_factor,
            brisk,
        } = self.line;
        Endpoint {
            method,
            path,
            name,
            summary,
            door: G::DOOR,
            status,
            query: Q::schema,
            body: B::schema,
            body_media: B::MEDIA,
            body_also: B::ALSO,
            body_limit: B::LIMIT,
            reply: R::schema,
            texts: R::TEXTS,
            reply_media: R::MEDIA,
            own_fault: R::own_fault,
            versioned,
            admit: |services, request| G::open(services, request).map(drop),
            before_password_change,
            before_second_factor,
            brisk,
            run: Arc::new(move |services, request| {
                // The guard first: who may not come in does not learn what is wrong with the request.
                let pass = G::open(services, request)?;
                let query = Q::of_query(request)?;
                let body = B::of_body(request)?;
                handler(Call { pass, query, body, services, request })?.response(status)
            }),
        }
    }
}
