//! Numbers as they are now, told again and again as server-sent events: how the appliance is, what a tenant uses.
//!
//! Each time the caller is asked for anew, as if it were another request: a lost role, an ended session or a suspension ends the stream.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use model::Actor;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::{
    events::{Lines, Seat, StreamClosed, event, stream_schema, value},
    problem::{Code, Problem},
    reply::Reply,
    request::Request,
    services::Services,
};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(2);
/// How long a stream lasts without a word; a browser comes back by itself.
const LASTING_S: u64 = 600;

/// How long a stream lasts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PulseQuery {
    /// Seconds after which the stream ends, 600 without a word; 0 tells once.
    #[schemars(range(max = 3600))]
    for_s: Option<u64>,
}

/// What is told: whether `actor` may know it is the look's to find out.
pub(crate) type Look<T> = fn(&Services, &Actor, &Request) -> Result<T, Problem>;

/// A stream of one kind of numbers.
#[derive(Debug)]
pub(crate) struct Pulse<T> {
    services: Arc<Services>,
    request: Request,
    look: Look<T>,
    first: T,
    lasting: Duration,
    seat: Seat,
}

impl<T> Pulse<T> {
    /// A stream of what `look` finds for the caller, who is known to be allowed now.
    pub(crate) fn of(
        services: &Arc<Services>,
        request: &Request,
        query: &PulseQuery,
        look: Look<T>,
    ) -> Result<Self, Problem> {
        let for_s = query.for_s.unwrap_or(LASTING_S);
        if for_s > 3_600 {
            return Err(Problem::at("for_s", "must be 3600 or less"));
        }
        let actor = request.actor()?;
        let seat = services.watching.sit(actor.tenant).ok_or_else(|| {
            let mut problem =
                Problem::new(Code::RateLimited, "too many connections watch; ask for the numbers instead");
            problem.retry_after_s = Some(5);
            problem
        })?;
        let first = look(services, actor, request)?;
        let lasting = Duration::from_secs(for_s);
        Ok(Pulse { services: services.clone(), request: request.clone(), look, first, lasting, seat })
    }
}

impl<T: Serialize + JsonSchema + Send + 'static> Reply for Pulse<T> {
    const MEDIA: &'static str = "text/event-stream";

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        let now = generator.subschema_for::<T>();
        Some(stream_schema(&[("now", now), ("closed", generator.subschema_for::<StreamClosed>())]))
    }

    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        let (sender, receiver) = mpsc::channel(2);
        tokio::spawn(tell(self, sender));
        let mut response = Response::new(Body::new(Lines(receiver)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        // Proxies that collect answers would keep the news to themselves.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        Ok(response)
    }
}

/// Tells until the time is over, the caller may not know any more, or the appliance goes down.
async fn tell<T: Serialize + Send + 'static>(pulse: Pulse<T>, sender: mpsc::Sender<Bytes>) {
    let Pulse { services, request, look, first, lasting, seat } = pulse;
    let end = tokio::time::Instant::now() + lasting;
    let mut now = first;
    loop {
        if sender.send(event("", "now", &value(&now))).await.is_err() || tokio::time::Instant::now() >= end {
            break;
        }
        tokio::select! {
            // Whoever listened has gone.
            () = sender.closed() => break,
            () = tokio::time::sleep(EVERY) => {}
        }
        if services.is_draining() {
            let _ = sender.send(event("", "closed", &StreamClosed::RESTART.value())).await;
            break;
        }
        let (asking, asked) = (services.clone(), request.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let actor = asking.authenticate(&asked)?.actor;
            look(&asking, &actor, &asked)
        });
        match looked.await {
            Ok(Ok(next)) => now = next,
            _ => {
                let _ = sender.send(event("", "closed", &StreamClosed::DENIED.value())).await;
                break;
            }
        }
    }
    drop(seat);
}
