//! Progress of jobs as server-sent events (the HTML standard, section 9.2).
//!
//! The state of a job is told, not a log of it: whoever comes back gets how it stands now. The caller's rights are asked again
//! before anything is told and every few seconds, so a lost role, an ended session or a suspension ends the stream.

mod estimate;

use std::{
    collections::BTreeMap,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use http_body::Frame;
use jobs::{Job, Subscription, Update};
use model::{Id, noun, permission::RenderRead};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use store::Read as _;
use tokio::{sync::mpsc, time::MissedTickBehavior};

use crate::{
    endpoints::{JobView, job_view},
    problem::{Code, Problem},
    reply::Reply,
    request::Request,
    services::Services,
};
use estimate::Estimate;

/// Progress is told at most this often.
const TICK: Duration = Duration::from_millis(400);
/// The caller's rights are asked again, and the connection is shown to live, every so many ticks.
const TICKS_TO_BEAT: u32 = 12;
/// The most streams of one tenant, so that one cannot take the places of all.
const MAX_OF_TENANT: u32 = 256;

/// How many streams each tenant has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watching(Arc<Mutex<BTreeMap<Id<noun::Tenant>, u32>>>);

/// The place of one stream; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    watching: Watching,
    tenant: Id<noun::Tenant>,
}

impl Watching {
    pub(crate) fn sit(&self, tenant: Id<noun::Tenant>) -> Option<Seat> {
        let mut taken = self.lock();
        let of_tenant = taken.entry(tenant).or_default();
        if *of_tenant >= MAX_OF_TENANT {
            return None;
        }
        *of_tenant += 1;
        Some(Seat { watching: self.clone(), tenant })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Id<noun::Tenant>, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.watching.lock();
        if let Some(of_tenant) = taken.get_mut(&self.tenant) {
            *of_tenant -= 1;
            if *of_tenant == 0 {
                taken.remove(&self.tenant);
            }
        }
    }
}

/// How a job stands, as the data of an event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "JobProgress")]
struct ProgressView {
    /// The job.
    job: String,
    /// Where it stands: `queued`, `running`.
    state: String,
    /// Which attempt it is.
    attempt: u32,
    /// The stage it is in.
    #[serde(skip_serializing_if = "String::is_empty")]
    stage: String,
    /// Of the stage, 0 to 1.
    share: f64,
    /// Of the whole job, 0 to 1.
    done: f64,
    /// How long the rest takes at the pace so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_left_s: Option<u64>,
    /// Why the attempt before came to nothing, for machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// A stream of events about one job.
#[derive(Debug)]
pub(crate) struct Events {
    services: Arc<Services>,
    request: Request,
    job: Job,
    subscription: Subscription,
    seat: Seat,
}

impl Events {
    /// Watches a job that the caller may see.
    pub(crate) fn of(services: &Arc<Services>, request: &Request, job: Job) -> Result<Self, Problem> {
        let tenant = job.header.tenant;
        let full = || {
            let mut problem =
                Problem::new(Code::RateLimited, "too many connections watch jobs; read the job's state instead");
            problem.retry_after_s = Some(5);
            problem
        };
        let seat = services.watching.sit(tenant).ok_or_else(full)?;
        let subscription = services.jobs.subscribe(tenant, job.header.id).map_err(|error| match error {
            jobs::SubscribeError::Full => full(),
            error => Problem::of(error.kind(), &error),
        })?;
        Ok(Events { services: services.clone(), request: request.clone(), job, subscription, seat })
    }
}

impl Reply for Events {
    const MEDIA: &'static str = "text/event-stream";

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        let (progress, end) = (generator.subschema_for::<ProgressView>(), generator.subschema_for::<JobView>());
        let closed = generator.subschema_for::<StreamClosed>();
        Some(stream_schema(&[("progress", progress), ("end", end), ("closed", closed)]))
    }

    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        let known = self.request.header("last-event-id").map(str::to_owned);
        // A browser comes back when a stream has ended; this tells it that nothing will follow.
        if !self.job.state.is_live() && known.as_deref() == Some(&id_of(&Update::of(&self.job))) {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(tell(self, known, sender));
        let mut response = Response::new(Body::new(Lines(receiver)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        // Proxies that collect answers would keep the news to themselves.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        Ok(response)
    }
}

/// Stands for a state: who has seen it need not be told again.
fn id_of(update: &Update) -> String {
    let Update { state, attempt, progress, .. } = update;
    format!("{attempt}.{state}.{}.{}", progress.stage, progress.permille)
}

/// Tells how the job stands until it is over, the caller may not know any more, or the appliance goes down.
async fn tell(events: Events, known: Option<String>, sender: mpsc::Sender<Bytes>) {
    let Events { services, request, job, mut subscription, seat } = events;
    let mut told = known.unwrap_or_default();
    let mut estimate = Estimate::new(job.kind);
    let mut waiting: Option<Update> = None;
    let mut ticks = 0;
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let id = job.header.id;
    if sender.send(Bytes::from_static(b"retry: 2000\n\n")).await.is_err() {
        return;
    }
    loop {
        let mut due = false;
        tokio::select! {
            // Whoever listened has gone.
            () = sender.closed() => break,
            update = std::future::poll_fn(|context| subscription.poll(context)) => {
                due = update.is_last() || waiting.is_none() && told.is_empty();
                waiting = Some(update);
            }
            _ = tick.tick() => {
                ticks += 1;
                due = due || waiting.is_some() || ticks >= TICKS_TO_BEAT;
            }
        }
        if services.is_draining() {
            let _ = sender.send(event("", "closed", &StreamClosed::RESTART.value())).await;
            break;
        }
        if !due {
            continue;
        }
        ticks = 0;
        let (asking, asked) = (services.clone(), request.clone());
        let job = match tokio::task::spawn_blocking(move || allowed(&asking, &asked, id)).await {
            Ok(Ok(job)) => job,
            _ => {
                let _ = sender.send(event("", "closed", &StreamClosed::DENIED.value())).await;
                break;
            }
        };
        let text = match waiting.take() {
            None => Bytes::from_static(b": still here\n\n"),
            Some(update) if update.is_last() => {
                let _ = sender.send(event(&id_of(&update), "end", &value(&job_view(job)))).await;
                break;
            }
            Some(update) if id_of(&update) == told => continue,
            Some(update) => {
                told = id_of(&update);
                let view = view(&update, &mut estimate, services.store.clock().now());
                event(&told, "progress", &value(&view))
            }
        };
        if sender.send(text).await.is_err() {
            break;
        }
    }
    drop(seat);
}

fn view(update: &Update, estimate: &mut Estimate, now: model::Timestamp) -> ProgressView {
    let share = f64::from(update.progress.permille) / 1_000.0;
    let (done, left) = estimate.at(update.attempt, &update.progress.stage, share, now);
    ProgressView {
        job: update.job.to_string(),
        state: update.state.to_string(),
        attempt: update.attempt,
        stage: update.progress.stage.clone(),
        share,
        done,
        time_left_s: left.map(|left| left.as_secs()),
        reason: update.reason.map(jobs::Reason::code),
    }
}

/// The job, if the caller is still known and may still see it.
fn allowed(services: &Services, request: &Request, job: Id<noun::Job>) -> Result<Job, Problem> {
    let actor = services.authenticate(request)?.actor;
    let job = services.file(&actor)?.read()?.get::<Job>(&job)?.ok_or_else(|| Problem::new(Code::NotFound, ""))?;
    services.gate.permit::<RenderRead>(&actor, &job.header.subject(), &request.context())?;
    Ok(job)
}

/// What a stream says before it ends of itself.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub(crate) struct StreamClosed {
    /// `restart`: the appliance goes down, and coming back makes sense; `denied`: the caller may not know any more.
    reason: &'static str,
}

impl StreamClosed {
    pub(crate) const RESTART: Self = StreamClosed { reason: "restart" };
    pub(crate) const DENIED: Self = StreamClosed { reason: "denied" };

    pub(crate) fn value(self) -> serde_json::Value {
        value(&self)
    }
}

/// The data of an event.
pub(crate) fn value(of: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(of).unwrap_or_default()
}

/// The schema of a stream of events: a text, in which the data of each event are of the schema under its name.
pub(crate) fn stream_schema(events: &[(&str, Schema)]) -> Schema {
    let events: serde_json::Map<_, _> =
        events.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone().to_value())).collect();
    json_schema!({
        "type": "string", "contentMediaType": "text/event-stream",
        "contentSchema": { "type": "object", "description": "The data of each event, by its name", "properties": events },
    })
}

/// An event with its data on one line, which JSON always fits.
pub(crate) fn event(id: &str, name: &str, data: &serde_json::Value) -> Bytes {
    let id = if id.is_empty() { String::new() } else { format!("id: {id}\n") };
    Bytes::from(format!("{id}event: {name}\ndata: {data}\n\n"))
}

/// The body: what is sent to it, as it comes.
pub(crate) struct Lines(pub(crate) mpsc::Receiver<Bytes>);

impl http_body::Body for Lines {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|text| text.map(|text| Ok(Frame::data(text))))
    }
}
