//! Requests and their answers.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header, response::Parts},
};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{super::watched::Watched, Person, World};

pub(in crate::tests) struct Answer {
    pub(in crate::tests) status: StatusCode,
    pub(in crate::tests) headers: HeaderMap,
    pub(in crate::tests) body: Value,
    /// The body as it came.
    pub(in crate::tests) bytes: Vec<u8>,
}

impl Answer {
    fn of(parts: Parts, bytes: Vec<u8>) -> Self {
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body, bytes }
    }

    pub(in crate::tests) fn etag(&self) -> String {
        self.headers[header::ETAG].to_str().unwrap().to_owned()
    }

    pub(in crate::tests) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl World {
    /// A request at the console of the machine, in `tenant` if one is named.
    pub(in crate::tests) async fn console(
        &self,
        tenant: Option<&str>,
        method: Method,
        path: &str,
        body: Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(tenant) = tenant {
            request = request.header(crate::TENANT_HEADER, tenant);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = crate::console(&self.services).oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer::of(parts, axum::body::to_bytes(body, 8 << 20).await.unwrap().to_vec())
    }

    /// An answer that is not JSON.
    pub(in crate::tests) async fn text(&self, who: Option<&Person>, path: &str) -> String {
        let bytes = self.ask(who, Method::GET, path, Value::Null, &[]).await.1;
        String::from_utf8(bytes).unwrap()
    }

    /// A change whose body is this text, JSON or not.
    pub(in crate::tests) async fn send_text(&self, who: &Person, path: &str, text: String) -> Answer {
        let json = [("content-type", "application/json")];
        let (parts, bytes) = self.ask_with(Some(who), Method::POST, path, Body::from(text), &json).await;
        Answer::of(parts, bytes)
    }

    /// Sends bytes as they are.
    pub(in crate::tests) async fn send_raw(
        &self,
        who: &Person,
        path: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let (parts, bytes) = self.ask_with(Some(who), Method::POST, path, Body::from(body), headers).await;
        Answer::of(parts, bytes)
    }

    /// Sends what a form says.
    pub(in crate::tests) async fn send_form(&self, who: &Person, path: &str, form: String) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let (parts, bytes) = self.ask_with(Some(who), Method::POST, path, Body::from(form), &kind).await;
        Answer::of(parts, bytes)
    }

    pub(in crate::tests) async fn send(&self, who: Option<&Person>, method: Method, path: &str, body: Value) -> Answer {
        self.send_with(who, method, path, body, &[]).await
    }

    pub(in crate::tests) async fn send_with(
        &self,
        who: Option<&Person>,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let (parts, bytes) = self.ask(who, method, path, body, headers).await;
        Answer::of(parts, bytes)
    }

    async fn ask(
        &self,
        who: Option<&Person>,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> (Parts, Vec<u8>) {
        if body.is_null() {
            return self.ask_with(who, method, path, Body::empty(), headers).await;
        }
        let json = [headers, &[("content-type", "application/json")]].concat();
        self.ask_with(who, method, path, Body::from(body.to_string()), &json).await
    }

    async fn ask_with(
        &self,
        who: Option<&Person>,
        method: Method,
        path: &str,
        body: Body,
        headers: &[(&str, &str)],
    ) -> (Parts, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
        if let Some(who) = who {
            request = request.header(header::COOKIE, &who.cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts, axum::body::to_bytes(body, 8 << 20).await.unwrap().to_vec())
    }

    /// Sends bytes as they are.
    pub(in crate::tests) async fn send_bytes(&self, who: &Person, path: &str, offset: u64, bytes: &[u8]) -> Answer {
        let offset = offset.to_string();
        let headers = [("content-type", "application/partial-upload"), ("upload-offset", offset.as_str())];
        let (parts, bytes) = self.ask_with(Some(who), Method::PATCH, path, Body::from(bytes.to_vec()), &headers).await;
        Answer::of(parts, bytes)
    }

    /// Begins to watch a job.
    pub(in crate::tests) async fn watch(&self, who: &Person, job: &str, headers: &[(&str, &str)]) -> Watched {
        self.stream_with(who, &format!("/v1/jobs/{job}/events"), headers).await
    }

    /// Begins to read a stream of events.
    pub(in crate::tests) async fn stream(&self, who: &Person, path: &str) -> Watched {
        self.stream_with(who, path, &[]).await
    }

    async fn stream_with(&self, who: &Person, path: &str, headers: &[(&str, &str)]) -> Watched {
        let mut request = Request::builder().uri(path).header(header::COOKIE, &who.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        Watched::of(response)
    }

    /// Listens on a real socket, without TLS, until the test ends.
    pub(in crate::tests) async fn listen(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = self.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        address
    }
}
