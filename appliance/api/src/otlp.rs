//! Traces for OpenTelemetry: one span a request, sent as OTLP/HTTP JSON to a collector on the same machine.
//!
//! The collector of the machine knows how to pass them on, encrypted and authenticated; so nothing here needs TLS, and the some
//! forty packages of the official exporter are not needed either. Spans wait in a queue of fixed length; when it is full they are
//! dropped and counted. A request never waits for any of this.

use std::{
    fmt::Write as _,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc,
};

/// The most spans that wait.
const WAITING: usize = 4_096;
/// The most spans of one message.
const BATCH: usize = 512;
/// How long spans are collected before they are sent.
const PAUSE: Duration = Duration::from_secs(2);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where spans go.
#[derive(Debug)]
pub(crate) struct Tracer {
    queue: mpsc::Sender<Span>,
    lost: Arc<AtomicU64>,
}

/// A request that was answered.
#[derive(Debug)]
pub(crate) struct Span {
    /// Where it belongs.
    pub(crate) parent: Parent,
    /// Its own id; the last 64 bits of a fresh id.
    pub(crate) id: u64,
    /// The request's id, as in logs and the audit trail.
    pub(crate) request: String,
    /// The endpoint.
    pub(crate) endpoint: &'static str,
    /// The method.
    pub(crate) method: &'static str,
    /// The status.
    pub(crate) status: u16,
    /// When it began, in milliseconds since 1970.
    pub(crate) began_ms: u64,
    /// How long it took.
    pub(crate) took: Duration,
}

/// The trace that a request is part of (W3C Trace Context).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parent {
    /// The trace.
    pub(crate) trace: u128,
    /// The caller's span in it, if there is one.
    pub(crate) span: Option<u64>,
}

impl Parent {
    /// What a `traceparent` header says; nothing where it is not one, or where the caller does not want a record.
    pub(crate) fn read(header: &str) -> Option<Parent> {
        let parts: Vec<&str> = header.split('-').collect();
        let [version, trace, span, flags] = parts.as_slice() else { return None };
        let hex = |text: &str, length: usize| {
            let plain = text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            plain.then(|| u128::from_str_radix(text, 16).ok()).flatten()
        };
        if *version != "00" || hex(flags, 2)? & 1 == 0 {
            return None;
        }
        let (trace, span) = (hex(trace, 32)?, hex(span, 16)?);
        (trace != 0 && span != 0).then_some(Parent { trace, span: u64::try_from(span).ok() })
    }
}

impl Tracer {
    /// Begins to send to a collector. To be called within a tokio runtime.
    pub(crate) fn start(collector: SocketAddr, version: &'static str) -> Self {
        let (queue, spans) = mpsc::channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        tokio::spawn(export(collector, version, spans, lost.clone()));
        Tracer { queue, lost }
    }

    /// Sends a span, or drops it where too many wait.
    pub(crate) fn send(&self, span: Span) {
        if self.queue.try_send(span).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many spans were dropped or could not be delivered.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

async fn export(collector: SocketAddr, version: &'static str, mut spans: mpsc::Receiver<Span>, lost: Arc<AtomicU64>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut fails = false;
    while spans.recv_many(&mut batch, BATCH).await > 0 {
        if batch.len() < BATCH {
            tokio::time::sleep(PAUSE).await;
            while batch.len() < BATCH
                && let Ok(span) = spans.try_recv()
            {
                batch.push(span);
            }
        }
        let sent = tokio::time::timeout(PATIENCE, post(collector, &message(version, &batch).to_string())).await;
        let sent = sent.unwrap_or_else(|late| Err(late.into()));
        if let Err(error) = &sent {
            lost.fetch_add(batch.len() as u64, Ordering::Relaxed);
            if !fails {
                tracing::warn!(error = error as &dyn std::error::Error, %collector, "traces cannot be delivered");
            }
        }
        fails = sent.is_err();
        batch.clear();
    }
}

/// The message of `POST /v1/traces` (opentelemetry-proto 1.x, JSON mapping).
fn message(version: &str, spans: &[Span]) -> Value {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let spans: Vec<Value> = spans
        .iter()
        .map(|span| {
            let began = u128::from(span.began_ms) * 1_000_000;
            let mut value = json!({
                "traceId": format!("{:032x}", span.parent.trace),
                "spanId": format!("{:016x}", span.id),
                "name": span.endpoint,
                "kind": 2,
                "startTimeUnixNano": began.to_string(),
                "endTimeUnixNano": (began + span.took.as_nanos()).to_string(),
                "attributes": [
                    text("http.request.method", span.method),
                    text("request.id", &span.request),
                    { "key": "http.response.status_code", "value": { "intValue": span.status.to_string() } },
                ],
                "status": { "code": if span.status >= 500 { 2 } else { 0 } },
            });
            if let Some(parent) = span.parent.span {
                value["parentSpanId"] = format!("{parent:016x}").into();
            }
            value
        })
        .collect();
    json!({
        "resourceSpans": [{
            "resource": { "attributes": [text("service.name", "audiagram"), text("service.version", version)] },
            "scopeSpans": [{ "scope": { "name": "audiagram.api" }, "spans": spans }],
        }],
    })
}

/// Sends one message on a line of its own.
async fn post(collector: SocketAddr, body: &str) -> io::Result<()> {
    let mut head = String::new();
    let _ = write!(
        head,
        "POST /v1/traces HTTP/1.1\r\nhost: {collector}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    let mut line = TcpStream::connect(collector).await?;
    line.write_all(head.as_bytes()).await?;
    line.write_all(body.as_bytes()).await?;
    let mut answer = [0; 12];
    line.read_exact(&mut answer).await?;
    if answer.starts_with(b"HTTP/1.1 2") || answer.starts_with(b"HTTP/1.0 2") {
        return Ok(());
    }
    Err(io::Error::other("the collector refuses them"))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn parents() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parent = Parent { trace: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, span: Some(0xb7ad_6b71_6920_3331) };
        assert_eq!(Parent::read(good), Some(parent));
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(Parent::read(bad), None, "{bad}");
        }
    }

    fn span(number: u64) -> Span {
        Span {
            parent: Parent { trace: 7, span: Some(9) },
            id: number,
            request: "r-1".into(),
            endpoint: "list_projects",
            method: "GET",
            status: 200,
            began_ms: 1_800_000_000_000,
            took: Duration::from_micros(1_500),
        }
    }

    #[tokio::test]
    async fn a_collector_gets_them() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tracer = Tracer::start(listener.local_addr().unwrap(), "1.0");
        tracer.send(span(1));
        let (mut line, _) = listener.accept().await.unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"]}]}]}") {
            line.read_buf(&mut said).await.unwrap();
        }
        line.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let said = String::from_utf8(said).unwrap();
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
        let body: Value = serde_json::from_str(body).unwrap();
        let sent = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(sent["name"], "list_projects");
        assert_eq!(
            (&sent["traceId"], &sent["parentSpanId"]),
            (&json!(format!("{:032x}", 7)), &json!(format!("{:016x}", 9)))
        );
        assert_eq!(sent["endTimeUnixNano"], "1800000000001500000");
        assert_eq!(tracer.lost(), 0);
    }

    #[tokio::test]
    async fn where_nobody_listens_they_are_dropped_and_nothing_waits() {
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let tracer = Tracer::start(gone, "1.0");
        // No await in between, so nothing is taken out.
        for number in 0..WAITING as u64 + 10 {
            tracer.send(span(number));
        }
        assert_eq!(tracer.lost(), 10);
    }
}
