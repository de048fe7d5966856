//! The web app: files of `assets/web` that the build has put into this crate, compressed already. Not an endpoint: whoever asks
//! gets the same bytes, and nothing is looked up for it but who may hold it in a frame.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use model::NounKind;

use crate::problem::{Code, Problem};

/// One file of the page.
struct File {
    path: &'static str,
    media: &'static str,
    digest: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

mod built {
    use super::File;
    include!(concat!(env!("OUT_DIR"), "/page.rs"));
}

/// Names of hashed files begin so; they never change.
const HASHED: &str = "/assets/";
/// Where the API and the probes live: what is not there is nowhere.
const NOT_PAGES: [&str; 4] = ["/v1", "/metrics", "/livez", "/readyz"];

/// Where pages are that a link shows, and what; behind them stands its token.
pub(crate) const SHOWN: [(&str, NounKind); 2] = [("/shown/", NounKind::Dashboard), ("/watch/", NounKind::Video)];

/// Marks a page that may stand in a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Framed;

/// What the page may do, with who may hold it in a frame to be put in its place: scripts, styles and data from here only, nothing inline, no eval, no strings made into markup (the one policy
/// `default`, of `trusted.ts`, lets workers start from `/assets/` and nothing else).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors {framers}; \
    base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types default";

const WITHOUT_PAGE: &str = "This audiagram was built without its web app.\n\n\
    The API works: its documentation is at /v1/docs.\n\
    To have the page, run `npm ci && npm run build` in assets/web and build audiagram again.\n";

/// Answers what no endpoint answers: with a file, with the start page for an address inside of the app, or that there is no such thing.
/// Pages of `framers` may hold it in a frame, and no others.
pub(crate) fn answer(method: &Method, path: &str, headers: &HeaderMap, framers: &[String]) -> Response {
    of(built::FILES, method, path, headers, framers)
}

fn of(files: &[File], method: &Method, path: &str, headers: &HeaderMap, framers: &[String]) -> Response {
    let is_api = NOT_PAGES
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if is_api || !matches!(*method, Method::GET | Method::HEAD) {
        return Problem::new(Code::NotFound, "").into_response();
    }
    if let Some(file) = files.iter().find(|file| file.path == path) {
        return send(file, headers, &[]);
    }
    match files.iter().find(|file| file.path == "/index.html") {
        Some(start) if path == "/" || is_place(path, headers) => send(start, headers, framers),
        None if path == "/" => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], WITHOUT_PAGE)
                .into_response()
        }
        _ => Problem::new(Code::NotFound, "").into_response(),
    }
}

/// Whether a browser goes to this address, so that the app is to find out what is there. Files have a dot in their names.
fn is_place(path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    accepts.contains("text/html") && !path.starts_with(HASHED) && !last.contains('.')
}

fn send(file: &File, headers: &HeaderMap, framers: &[String]) -> Response {
    let (bytes, encoding) = match (file.brotli, file.gzip) {
        (Some(bytes), _) if takes(headers, "br") => (bytes, Some("br")),
        (_, Some(bytes)) if takes(headers, "gzip") => (bytes, Some("gzip")),
        _ => (file.plain, None),
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = StatusCode::OK;
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media));
    set.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let cache = if file.path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    // Other bytes, other tag: one for each encoding.
    let tag = format!("\"{}{}\"", file.digest, encoding.map(|name| format!("-{name}")).unwrap_or_default());
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        set.insert(header::ETAG, tag);
    }
    if let Some(encoding) = encoding {
        set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if file.media.starts_with("text/html") {
        let who = if framers.is_empty() { "'none'".to_owned() } else { framers.join(" ") };
        // What is stored was read as origins; what could be no header after all stands in no frame.
        let policy = HeaderValue::from_str(&POLICY.replace("{framers}", &who));
        let policy = policy.unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
        set.insert(header::CONTENT_SECURITY_POLICY, policy);
        let allowed = HeaderValue::from_static("camera=(), geolocation=(), microphone=(self), payment=()");
        set.insert("permissions-policy", allowed);
        if !framers.is_empty() {
            response.extensions_mut().insert(Framed);
        }
    }
    response
}

/// Whether the caller takes this encoding (RFC 9110, 12.5.3; a weight of zero says no).
fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let zero = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case(encoding) && !zero
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[File] = &[
        File {
            path: "/assets/app-1a2b.js",
            media: "text/javascript; charset=utf-8",
            digest: "js",
            plain: b"plain",
            brotli: Some(b"br"),
            gzip: Some(b"gz"),
        },
        File {
            path: "/index.html",
            media: "text/html; charset=utf-8",
            digest: "html",
            plain: b"<!doctype html>",
            brotli: None,
            gzip: None,
        },
    ];

    /// `METHOD path [accept-encoding]`, as a browser that goes there.
    fn ask(files: &[File], request: &str) -> String {
        let mut parts = request.split(' ');
        let (method, path) = (parts.next().expect("a method"), parts.next().expect("a path"));
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        for encodings in parts {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_str(encodings).expect("a header"));
        }
        let response = of(files, &Method::from_bytes(method.as_bytes()).expect("a method"), path, &headers, &[]);
        let told = |name| response.headers().get(name).map_or("-", |value| value.to_str().expect("text"));
        format!(
            "{} {} {} {}",
            response.status().as_u16(),
            told(header::ETAG),
            told(header::CONTENT_ENCODING),
            told(header::CACHE_CONTROL)
        )
    }

    #[test]
    fn files_places_and_what_is_neither() {
        let forever = "public, max-age=31536000, immutable";
        for (request, answer) in [
            ("GET /", "200 \"html\" - no-cache"),
            ("HEAD /", "200 \"html\" - no-cache"),
            ("GET /projects/prj_1", "200 \"html\" - no-cache"),
            ("GET /v1x", "200 \"html\" - no-cache"),
            ("GET /assets/app-1a2b.js", &format!("200 \"js\" - {forever}")),
            ("GET /assets/app-1a2b.js gzip,br", &format!("200 \"js-br\" br {forever}")),
            ("GET /assets/app-1a2b.js br;q=0 gzip;q=0.5", &format!("200 \"js-gzip\" gzip {forever}")),
            ("GET /assets/gone.js", "404 - - -"),
            ("GET /assets/gone", "404 - - -"),
            ("GET /robots.txt", "404 - - -"),
            ("POST /", "404 - - -"),
            ("GET /v1", "404 - - -"),
            ("GET /v1/nothing", "404 - - -"),
            ("GET /metrics/x", "404 - - -"),
        ] {
            assert_eq!(ask(FILES, request), answer, "{request}");
        }
    }

    #[test]
    fn only_those_named_may_hold_it_in_a_frame() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
        let policy = |framers: &[String]| {
            let response = of(FILES, &Method::GET, "/shown/x", &headers, framers);
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
            (policy, response.extensions().get::<Framed>().is_some())
        };
        let (none, framed) = policy(&[]);
        assert!(none.contains("; frame-ancestors 'none';") && !framed, "{none}");
        let named = ["https://a.example".to_owned(), "http://b:8080".to_owned()];
        let (some, framed) = policy(&named);
        assert!(some.contains("; frame-ancestors https://a.example http://b:8080;") && framed, "{some}");
        assert_eq!(some.replace("https://a.example http://b:8080", "'none'"), none);
    }

    #[test]
    fn without_a_page_the_start_says_so() {
        assert_eq!(ask(&[], "GET /"), "200 - - no-cache");
        assert_eq!(ask(&[], "GET /projects"), "404 - - -");
    }

    #[test]
    fn only_browsers_that_go_somewhere_get_the_start_page() {
        let response = of(FILES, &Method::GET, "/projects", &HeaderMap::new(), &[]);
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }
}
