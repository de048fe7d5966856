//! From HTTP to the table of endpoints and back. The only file that builds a router.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use axum::{
    Router,
    body::{Body, HttpBody as _},
    extract::{ConnectInfo, FromRequestParts as _, RawPathParams, Request as HttpRequest, ws::WebSocketUpgrade},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};

use identity::{MustChange, Realm};
use library::view_link::ViewToken;
use model::{Actor, Id, NounKind, noun};
use store::aside::{StepAside, briskly};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::{
    control::Console,
    endpoint::{Door, Endpoint},
    endpoints::set_cookie,
    live::Joining,
    metrics::{self, Meter},
    once,
    otlp::{Parent, Span},
    page,
    problem::{Code, Problem},
    request::{Request, read_body},
    services::Services,
    sparse::Fields,
    walls::{self, Known, Party, Standings},
};

/// A body that is read without waiting for a place, in bytes.
const SHORT_BODY: u64 = 16 << 10;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The router over the table.
///
/// What is done around every answer is called by the handlers and is no layer: a layer would box and copy each request once more.
pub fn router(services: &Arc<Services>, endpoints: Vec<Endpoint>) -> Router {
    let house = Arc::new(House { services: services.clone(), strays: services.metrics.meter("none") });
    let mut paths: BTreeMap<&'static str, MethodRouter> = BTreeMap::new();
    for endpoint in endpoints {
        let filter = MethodFilter::try_from(endpoint.method.clone()).expect("the table holds plain methods");
        let path = endpoint.path;
        let place = Arc::new(Place {
            meter: services.metrics.meter(endpoint.name),
            fields: Fields::of(&endpoint),
            endpoint: Arc::new(endpoint),
            house: house.clone(),
        });
        let handler = move |request: HttpRequest| {
            let place = place.clone();
            async move { around(&place.house, request, |request| answer(&place, request)).await }
        };
        let methods = paths.remove(path).unwrap_or_default().merge(on(filter, handler));
        paths.insert(path, methods);
    }
    let mut router = Router::new();
    for (path, methods) in paths {
        let house = house.clone();
        router = router.route(
            path,
            methods.fallback(async move |request: HttpRequest| {
                around(&house, request, async |_| Problem::new(Code::MethodNotAllowed, "").into_response()).await
            }),
        );
    }
    let page = services.metrics.meter("page");
    router.fallback(async move |request: HttpRequest| {
        let asked = shown(&request);
        let framers = framers(&house.services, asked).await;
        around(&house, request, async |request: HttpRequest| {
            let mut response = page::answer(request.method(), request.uri().path(), request.headers(), &framers);
            if response.status().is_success() {
                response.extensions_mut().insert(Told { endpoint: "page", meter: page, tenant: None, link: None });
            }
            response
        })
        .await
    })
}

/// The token of the link whose page is asked for, what that page shows, and from where; nothing for any other page.
fn shown(request: &HttpRequest) -> Option<(ViewToken, NounKind, IpAddr)> {
    let path = request.uri().path();
    let (token, kind) =
        page::SHOWN.iter().find_map(|(at, kind)| Some((path.strip_prefix(at)?.parse().ok()?, *kind)))?;
    let ConnectInfo(address) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    Some((token, kind, canonical(address.ip())))
}

/// The origins whose pages may hold a page in a frame: those that the link names, and none for any other page. Counted as
/// a stranger's request; who asks too often gets a page that stands in no frame.
async fn framers(services: &Arc<Services>, shown: Option<(ViewToken, NounKind, IpAddr)>) -> Vec<String> {
    let Some((token, kind, address)) = shown else { return Vec::new() };
    if services.walls.count_stranger(address, services.micros(), &mut Standings::default()).is_err() {
        return Vec::new();
    }
    let Ok(place) = services.walls.work(walls::stranger(address)).await else { return Vec::new() };
    let services = services.clone();
    let found = tokio::task::spawn_blocking(move || {
        let _place = place;
        services.framers(&token, kind)
    });
    found.await.ok().and_then(Result::ok).unwrap_or_default()
}

/// The page for a collector on the same machine, and nothing else.
pub fn metrics_router(services: &Arc<Services>) -> Router {
    let services = services.clone();
    let page = async move || {
        let read = tokio::task::spawn_blocking(move || metrics::page(&services)).await;
        read.map_err(|error| Problem::of(model::ErrorKind::Bug, &error))
    };
    Router::new().route("/metrics", on(MethodFilter::GET, page))
}

/// What all handlers share.
struct House {
    services: Arc<Services>,
    /// Counts requests for which there is no endpoint.
    strays: Arc<Meter>,
}

/// An endpoint in the router.
struct Place {
    endpoint: Arc<Endpoint>,
    meter: Arc<Meter>,
    fields: Option<Fields>,
    house: Arc<House>,
}

async fn answer(place: &Place, http: HttpRequest) -> Response {
    let Place { endpoint, meter, fields, house } = place;
    let id = http.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let at_console = http.extensions().get::<Console>().is_some();
    let (mut parts, body) = http.into_parts();
    let Ok(ConnectInfo(address)) = ConnectInfo::<SocketAddr>::from_request_parts(&mut parts, &()).await else {
        return Problem::new(Code::Internal, "").into_response();
    };
    let Ok(params) = RawPathParams::from_request_parts(&mut parts, &()).await else {
        let mut problem = Problem::new(Code::BadRequest, "the path is not text in UTF-8");
        problem.instance = Some(id);
        return problem.into_response();
    };
    let path = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let upgrade = if endpoint.status == StatusCode::SWITCHING_PROTOCOLS {
        WebSocketUpgrade::from_request_parts(&mut parts, &()).await.ok()
    } else {
        None
    };
    let mut request = Request {
        id: id.clone(),
        address: canonical(address.ip()),
        actor: None,
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: Vec::new(),
        once: None,
        at_console,
    };
    let mut standings = Standings::default();
    let link = request.path.get("token").and_then(|token| Some(token.parse::<ViewToken>().ok()?.tenant()));
    let mut told = Told { endpoint: endpoint.name, meter: meter.clone(), tenant: None, link };
    let picked = fields.as_ref().map_or(Ok(None), |fields| fields.pick(&mut request.query));
    let done = async {
        // Refused after the guard, as all that is wrong with a request.
        let response = work(&house.services, endpoint, request, &parts.method, body, &mut standings, &mut told).await?;
        match picked? {
            Some(picked) => picked.cut(response).await,
            None => Ok(response),
        }
    };
    let mut response = done.await.unwrap_or_else(|mut problem| {
        problem.instance = Some(id);
        problem.into_response()
    });
    if let Some(joining) = response.extensions_mut().remove::<Joining>() {
        response = joining.upgrade(upgrade);
    }
    standings.write(response.headers_mut());
    response.extensions_mut().insert(told);
    response
}

/// The way of a request: counted, its body read, a place found, then worked on.
async fn work(
    services: &Arc<Services>,
    endpoint: &Arc<Endpoint>,
    mut request: Request,
    method: &Method,
    body: Body,
    standings: &mut Standings,
    told: &mut Told,
) -> Result<Response, Problem> {
    let at_console = request.at_console;
    let party = if endpoint.door == Door::Public {
        services.walls.count_stranger(request.address, services.micros(), standings)?;
        walls::stranger(request.address)
    } else if at_console {
        Party::Tenant(Realm::SYSTEM)
    } else {
        let known = match moment_ago(services, &request) {
            Some(known) => known,
            None => {
                // Apart, so that those who are known do not carry it along.
                let (same, known) = Box::pin(who(services, request, standings)).await?;
                request = same;
                known
            }
        };
        told.tenant = Some(known.tenant);
        services.walls.count(known, services.micros(), standings)?;
        Party::Tenant(known.tenant)
    };
    // What only reads has none.
    if !endpoint.is_safe() {
        // Short bodies are many and take little; long ones only so many at once.
        let long = body.size_hint().upper().is_none_or(|bytes| bytes > SHORT_BODY);
        let _place = if long { Some(services.walls.body(party).await?) } else { None };
        let late = |_| Problem::new(Code::BadRequest, "the body took too long to arrive");
        let read = Box::pin(read_body(method, body, endpoint.body_limit));
        request.body = tokio::time::timeout(services.walls.body_time(), read).await.map_err(late)??;
    }
    let place = services.walls.work(party).await?;
    let (services, endpoint) = (services.clone(), endpoint.clone());
    let brisk = endpoint.brisk;
    let work = move || {
        // Held to the end of the work, even if the caller goes away before.
        let _place = place;
        let mut due = None;
        if endpoint.door != Door::Public {
            let caller = services.identify(&request, at_console).inspect_err(|_| forget(&services, &request))?;
            // A line that is open to changes is one, however it was asked for.
            if caller.by_cookie && (!endpoint.is_safe() || endpoint.status == StatusCode::SWITCHING_PROTOCOLS) {
                same_site(&request)?;
            }
            if caller.by_cookie {
                same_workspace(&request, &caller.actor)?;
            }
            if let Some(why) = caller.must_change_password.filter(|_| !endpoint.before_password_change) {
                let detail = match why {
                    MustChange::Given => {
                        "your password was given to you: choose your own at `POST /v1/me/password` first"
                    }
                    MustChange::Old => {
                        "your password is older than your tenant wants: choose another at `POST /v1/me/password` first"
                    }
                };
                return Err(Problem::new(Code::PasswordChangeRequired, detail));
            }
            if caller.must_show_second_factor && !endpoint.before_second_factor {
                let detail = "your tenant asks everyone for a second factor: set one up at `POST /v1/me/second-factor`, or \
                    show yours at `POST /v1/session/second-factor`";
                return Err(Problem::new(Code::SecondFactorRequired, detail));
            }
            request.actor = Some(caller.actor);
            due = caller.must_renew;
        }
        let mut response = once::run(&services, &endpoint, &mut request)?;
        // What has set a cookie of its own has ended or renewed the session already.
        if let Some(token) = due.filter(|_| !response.headers().contains_key(header::SET_COOKIE))
            && let Some(cookie) = services.renew(&request, &token)?
        {
            set_cookie(&mut response, cookie.expose())?;
        }
        Ok(response)
    };
    if brisk && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
        // Until there is something to wait for, when the others on this thread get another one.
        let step: StepAside = |wait| tokio::task::block_in_place(wait);
        let done = catch_unwind(AssertUnwindSafe(|| briskly(step, work)));
        return done.unwrap_or_else(|_| Err(Problem::new(Code::Internal, "")));
    }
    // Domain code waits for the disk, so it has threads of its own.
    let done = tokio::task::spawn_blocking(work);
    done.await.unwrap_or_else(|error| Err(Problem::of(model::ErrorKind::Bug, &error)))
}

/// Whose count a request goes to, where that is known from a moment ago.
fn moment_ago(services: &Services, request: &Request) -> Option<Known> {
    let (credential, _) = Services::credential(request)?;
    services.walls.callers.find(&credential, services.micros())
}

/// Whose count a request goes to: looked up, on account of the address.
async fn who(
    services: &Arc<Services>,
    request: Request,
    standings: &mut Standings,
) -> Result<(Request, Known), Problem> {
    let now = services.micros();
    let mut stranger = Standings::default();
    if let Err(refused) = services.walls.look_at_stranger(request.address, now, &mut stranger) {
        *standings = stranger;
        return Err(refused);
    }
    let place = services.walls.work(walls::stranger(request.address)).await?;
    let found = tokio::task::spawn_blocking({
        let services = services.clone();
        move || {
            let _place = place;
            let known = services
                .authenticate(&request)
                .inspect_err(|_| forget(&services, &request))
                .and_then(|caller| services.known(&caller.actor))?;
            if let Some((credential, _)) = Services::credential(&request) {
                services.walls.callers.remember(&credential, known, now);
            }
            Ok((request, known))
        }
    });
    found.await.unwrap_or_else(|error| Err(Problem::of(model::ErrorKind::Bug, &error)))
}

/// A credential is no good, or not any more: it counts against its address.
fn forget(services: &Services, request: &Request) {
    services.count_bad(request.address);
    if let Some((credential, _)) = Services::credential(request) {
        services.walls.callers.forget(&credential);
    }
}

/// What is said of a request in logs and metrics.
#[derive(Clone)]
struct Told {
    endpoint: &'static str,
    meter: Arc<Meter>,
    tenant: Option<Id<noun::Tenant>>,
    /// Whose link is asked by. Anybody can write a token: it is theirs where the answer is a success.
    link: Option<Id<noun::Tenant>>,
}

/// IPv4 addresses that came in over IPv6 sockets are IPv4 addresses to rules and logs.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Refuses changes by cookie that another site's page may have sent. Browsers say where a request comes from.
pub(crate) fn same_site(request: &Request) -> Result<(), Problem> {
    let sites: Vec<_> = request.headers.get_all("sec-fetch-site").iter().collect();
    let origins: Vec<_> = request.headers.get_all(header::ORIGIN).iter().collect();
    let same = match (sites.as_slice(), origins.as_slice()) {
        ([site], _) => *site == "same-origin" || *site == "none",
        ([], [origin]) => {
            let host = request.header("host").unwrap_or_default();
            !host.is_empty() && origin.to_str().ok().and_then(|origin| origin.strip_prefix("https://")) == Some(host)
        }
        _ => false,
    };
    if same {
        Ok(())
    } else {
        Err(Problem::new(Code::CrossSite, "changes by cookie must come from the appliance's own pages"))
    }
}

/// What a page may say of itself: the workspace that it shows.
const WORKSPACE: &str = "audiagram-workspace";

/// Refuses what a page sends that shows another workspace than the one in which its browser works by now: of several windows, one has
/// gone to another, and all send the same cookie.
fn same_workspace(request: &Request, actor: &Actor) -> Result<(), Problem> {
    match request.header(WORKSPACE) {
        Some(shown) if shown != actor.tenant.to_string() => {
            Err(Problem::new(Code::OtherWorkspace, "another window has opened another workspace; load the page again"))
        }
        _ => Ok(()),
    }
}

#[derive(Clone)]
struct RequestId(String);

/// Gives every request an id, a line in the log and a place in the metrics, and every answer the headers that browsers should go by.
async fn around<F: Future<Output = Response>>(
    house: &House,
    mut request: HttpRequest,
    next: impl FnOnce(HttpRequest) -> F,
) -> Response {
    let started = Instant::now();
    let _in_flight = house.services.metrics.begin();
    let method = request.method().clone();
    let id = request_id(&request);
    let parent = request.headers().get("traceparent").and_then(|value| Parent::read(value.to_str().ok()?));
    request.extensions_mut().insert(RequestId(id.clone()));
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let none_match = request.headers().get(header::IF_NONE_MATCH).cloned();
    let mut response = next(request).await;
    if is_read && none_match.is_some() && response.headers().get(header::ETAG) == none_match.as_ref() {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = axum::body::Body::empty();
    }
    let told = response.extensions_mut().remove::<Told>();
    let (endpoint, meter) = told.as_ref().map_or(("none", &house.strays), |told| (told.endpoint, &told.meter));
    let (status, took) = (response.status().as_u16(), started.elapsed());
    meter.count(status, took);
    let tenant = told.as_ref().and_then(|told| told.tenant);
    if let Some(tenant) = tenant.or_else(|| told.as_ref()?.link.filter(|_| response.status().is_success())) {
        response = house.services.traffic.count(tenant, response);
    }
    let tenant = tenant.map(tracing::field::display);
    // No address, no path, no query: nothing that names a person or a thing. The audit trail knows who, by the request's id.
    tracing::info!(
        request.id = %id,
        http.method = %method,
        http.endpoint = endpoint,
        http.status = status,
        tenant.id = tenant,
        took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    if let Some(tracer) = house.services.tracer.get() {
        let fresh = fresh();
        let parent = parent.unwrap_or(Parent { trace: fresh, span: None });
        let began_ms = house.services.store.clock().now().millis().saturating_sub(took.as_millis() as u64);
        let method = METHODS.iter().find(|known| **known == method.as_str()).unwrap_or(&"_OTHER");
        tracer.send(Span { parent, id: fresh as u64, request: id.clone(), endpoint, method, status, began_ms, took });
    }
    let framed = response.extensions_mut().remove::<page::Framed>().is_some();
    let headers = response.headers_mut();
    headers.reserve(SECURITY.len() + 1);
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in &SECURITY {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if framed {
        // Its policy says who may; this header could only say that nobody may.
        headers.remove(header::X_FRAME_OPTIONS);
    }
    response
}

/// The methods that traces name.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"];

/// What browsers are told where an endpoint does not say otherwise (OWASP secure headers; HSTS of two years).
static SECURITY: [(HeaderName, HeaderValue); 9] = [
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=()"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// The caller's request id where it is a harmless one, else a fresh one.
fn request_id(request: &HttpRequest) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let harmless =
        |id: &&str| (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match given.filter(harmless) {
        Some(id) => id.to_owned(),
        None => format!("{:032x}", fresh()),
    }
}

/// A random number. Drawn a page at a time: asking the system for each costs as much as the rest of a request's id.
pub(crate) fn fresh() -> u128 {
    const DRAWN: usize = 64;
    thread_local! {
        static LEFT: RefCell<Vec<u128>> = const { RefCell::new(Vec::new()) };
    }
    LEFT.with_borrow_mut(|left| {
        if left.is_empty() {
            let mut bytes = [[0; 16]; DRAWN];
            getrandom::fill(bytes.as_flattened_mut()).expect("the operating system gives random numbers");
            left.extend(bytes.map(u128::from_be_bytes));
        }
        left.pop().expect("some were drawn just now")
    })
}
