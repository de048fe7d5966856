//! From HTTP to the table of endpoints and back. The only file that builds a router.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, RawPathParams, Request as HttpRequest},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};

use identity::SessionToken;

use crate::{
    endpoint::{Door, Endpoint},
    endpoints::set_cookie,
    problem::{Code, Problem},
    request::{MAX_BODY, Request, read_body},
    services::Services,
};

/// How long a caller may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The router over the table.
pub fn router(services: &Arc<Services>, endpoints: Vec<Endpoint>) -> Router {
    let mut paths: BTreeMap<&'static str, MethodRouter> = BTreeMap::new();
    for endpoint in endpoints {
        let filter = MethodFilter::try_from(endpoint.method.clone()).expect("the table holds plain methods");
        let (services, endpoint) = (services.clone(), Arc::new(endpoint));
        let path = endpoint.path;
        let handler =
            move |address, params, request| answer(services.clone(), endpoint.clone(), address, params, request);
        let methods = paths.remove(path).unwrap_or_default().merge(on(filter, handler));
        paths.insert(path, methods);
    }
    let mut router = Router::new();
    for (path, methods) in paths {
        router = router.route(path, methods.fallback(async || Problem::new(Code::MethodNotAllowed, "")));
    }
    router.fallback(async || Problem::new(Code::NotFound, "")).layer(middleware::from_fn(headers))
}

async fn answer(
    services: Arc<Services>,
    endpoint: Arc<Endpoint>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    params: RawPathParams,
    http: HttpRequest,
) -> Response {
    let id = http.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let path = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (parts, body) = http.into_parts();
    let mut request = Request {
        id: id.clone(),
        address: canonical(address.ip()),
        actor: None,
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: Vec::new(),
    };
    // Much memory is for those only who are known, and for so many at a time.
    let (mut _leave, mut due) = (None, None);
    if endpoint.body_limit > MAX_BODY {
        let (knowing, endpoint) = (services.clone(), endpoint.clone());
        request = match blocking(move || known(&knowing, &endpoint, request)).await {
            Ok((known, renewal)) => {
                due = renewal;
                known
            }
            Err(problem) => return told(problem, &id),
        };
        match tokio::time::timeout(BODY_TIME, services.large_bodies.acquire()).await {
            Ok(Ok(leave)) => _leave = Some(leave),
            _ => {
                let mut problem = Problem::new(Code::Unavailable, "many uploads are under way; send the part again");
                problem.retry_after_s = Some(1);
                return told(problem, &id);
            }
        }
    }
    match tokio::time::timeout(BODY_TIME, read_body(&parts.method, body, endpoint.body_limit)).await {
        Ok(Ok(body)) => request.body = body,
        Ok(Err(problem)) => return told(problem, &id),
        Err(_) => return told(Problem::new(Code::BadRequest, "the body took too long to arrive"), &id),
    }
    let serving = services.clone();
    let done = blocking(move || {
        let (request, renewal) = known(&serving, &endpoint, request)?;
        let mut response = endpoint.run(&serving, &request)?;
        // What has set a cookie of its own has ended or renewed the session already.
        if let Some(token) = due.or(renewal).filter(|_| !response.headers().contains_key(header::SET_COOKIE))
            && let Some(cookie) = serving.renew(&request, &token)?
        {
            set_cookie(&mut response, cookie.expose())?;
        }
        Ok(response)
    });
    done.await.unwrap_or_else(|problem| told(problem, &id))
}

/// Runs domain code, which waits for the disk, on a thread of its own.
async fn blocking<T: Send + 'static>(run: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(run).await {
        Ok(done) => done,
        Err(error) => Err(Problem::of(model::ErrorKind::Bug, &error)),
    }
}

/// The request with its caller, if the endpoint wants to know it and it is not known yet, and the token of a session that is to be
/// renewed.
fn known(
    services: &Services,
    endpoint: &Endpoint,
    mut request: Request,
) -> Result<(Request, Option<SessionToken>), Problem> {
    if endpoint.door == Door::Public || request.actor.is_some() {
        return Ok((request, None));
    }
    let caller = services.authenticate(&request)?;
    if caller.by_cookie && !endpoint.is_safe() {
        same_site(&request)?;
    }
    if caller.must_change_password && !endpoint.before_password_change {
        let detail = "your password was given to you: choose your own at `POST /v1/me/password` first";
        return Err(Problem::new(Code::PasswordChangeRequired, detail));
    }
    request.actor = Some(caller.actor);
    Ok((request, caller.must_renew))
}

fn told(mut problem: Problem, id: &str) -> Response {
    problem.instance = Some(id.to_owned());
    problem.into_response()
}

/// IPv4 addresses that came in over IPv6 sockets are IPv4 addresses to rules and logs.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Refuses changes by cookie that another site's page may have sent. Browsers say where a request comes from.
fn same_site(request: &Request) -> Result<(), Problem> {
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

#[derive(Clone)]
struct RequestId(String);

/// Gives every request an id and every answer the headers that browsers should go by.
async fn headers(mut request: HttpRequest, next: Next) -> Response {
    let id = request_id(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let none_match = request.headers().get(header::IF_NONE_MATCH).cloned();
    let mut response = next.run(request).await;
    if is_read && none_match.is_some() && response.headers().get(header::ETAG) == none_match.as_ref() {
        *response.status_mut() = axum::http::StatusCode::NOT_MODIFIED;
        *response.body_mut() = axum::body::Body::empty();
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in SECURITY {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What browsers are told where an endpoint does not say otherwise (OWASP secure headers; HSTS of two years).
const SECURITY: [(&str, &str); 9] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ("cache-control", "no-store"),
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

fn fresh() -> u128 {
    model::IdSource::random().next::<model::noun::Appliance>(model::Timestamp::default()).bits()
}
