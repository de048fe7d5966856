//! Answers.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use identity::Secret;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use crate::{
    endpoints::set_cookie,
    problem::{Code, Problem},
};

/// As many headers as most answers have.
const HEADERS: usize = 24;

/// A value that can be an answer.
pub(crate) trait Reply {
    /// The media types beside JSON that a caller can ask for.
    const TEXTS: &'static [&'static str] = &[];
    /// The media type of the answer's body.
    const MEDIA: &'static str = "application/json";
    /// The schema of the answer's body; nothing for answers without one.
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema>;
    /// The HTTP answer with this status.
    fn response(self, status: StatusCode) -> Result<Response, Problem>;
    /// The schema of what it says of a wrong request in the form of a protocol that is not ours; nothing where that is a problem.
    fn own_fault(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

/// An answer without a body.
#[derive(Debug)]
pub(crate) struct Nothing;

impl Reply for Nothing {
    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        Ok(status.into_response())
    }
}

/// A JSON answer.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize + JsonSchema> Reply for Json<T> {
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        let mut response = Response::new(Body::from(bytes(&self.0)?));
        *response.status_mut() = status;
        // Room for those that every answer gets too.
        *response.headers_mut() = HeaderMap::with_capacity(HEADERS);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(response)
    }
}

/// A JSON answer about a thing with a version, which becomes its entity tag.
#[derive(Debug)]
pub(crate) struct Versioned<T>(pub(crate) u64, pub(crate) T);

impl<T: Serialize + JsonSchema> Reply for Versioned<T> {
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Json::<T>::schema(generator)
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        let mut response = Json(self.1).response(status)?;
        let tag = HeaderValue::from_str(&format!("\"{}\"", self.0)).expect("digits in quotes are a header value");
        response.headers_mut().insert(header::ETAG, tag);
        Ok(response)
    }
}

/// A JSON answer that gives the browser cookies, the headers of which these are.
#[derive(Debug)]
pub(crate) struct Renewed<T> {
    cookies: Vec<Secret>,
    body: T,
}

impl<T> Renewed<T> {
    /// With the session's new cookie.
    pub(crate) fn new(cookie: Secret, body: T) -> Self {
        Renewed { cookies: vec![cookie], body }
    }

    /// With several cookies, or none.
    pub(crate) fn with(cookies: Vec<Secret>, body: T) -> Self {
        Renewed { cookies, body }
    }
}

impl<T: Serialize + JsonSchema> Reply for Renewed<T> {
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Json::<T>::schema(generator)
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        let mut response = Json(self.body).response(status)?;
        self.cookies.iter().try_for_each(|cookie| set_cookie(&mut response, cookie.expose()))?;
        Ok(response)
    }
}

/// An answer as JSON, or as text of another form where the caller asked for it.
#[derive(Debug)]
pub(crate) enum Form<T> {
    /// As JSON.
    Json(T),
    /// As a text.
    Text {
        /// Its media type.
        kind: &'static str,
        /// The text.
        text: String,
    },
}

impl<T: Serialize + JsonSchema> Reply for Form<T> {
    const TEXTS: &'static [&'static str] = &["text/csv"];
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Json::<T>::schema(generator)
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        match self {
            Form::Json(value) => Json(value).response(status),
            Form::Text { kind, text } => {
                let mut response = Response::new(Body::from(text));
                *response.status_mut() = status;
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
                Ok(response)
            }
        }
    }
}

/// An answer that was made by hand, with a schema elsewhere: a page, a file, a cookie.
impl Reply for Response {
    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
    fn response(self, _: StatusCode) -> Result<Response, Problem> {
        Ok(self)
    }
}

fn bytes(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|error| Problem::of(model::ErrorKind::Bug, &error))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.http_status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == 401 {
            let challenge = if self.code == Code::LinkPassword.text() {
                "Basic realm=\"view link\", charset=\"UTF-8\""
            } else {
                "Bearer realm=\"audiagram\""
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}
