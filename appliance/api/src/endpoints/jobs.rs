//! Jobs: recordings being heard, storyboards being drawn, videos being rendered.

use jobs::{Job, JobKind, Priority, State, StateKind, queue::By};
use library::making;
use model::permission::{RenderCancel, RenderPrioritize, RenderRead, RenderSubmit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{HeaderView, PageQuery, PageView, Sorted, moment, parse_any, sorts};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, post},
    events::Events,
    guard::{Listing, On},
    problem::Problem,
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<RenderRead>>("/v1/jobs", "list_jobs", "Jobs you may see").query::<ListQuery>().by(list),
        get::<On<RenderRead, Job>>("/v1/jobs/{job}", "read_job", "A job").briskly().by(read),
        get::<On<RenderRead, Job>>(
            "/v1/jobs/{job}/events",
            "watch_job",
            "Progress of a job as server-sent events: `progress`, then `end` with the job, or `closed` with a reason",
        )
        .by(watch),
        post::<On<RenderCancel, Job>>("/v1/jobs/{job}/cancel", "cancel_job", "Call a job off").by(cancel),
        post::<On<RenderSubmit, Job>>(
            "/v1/jobs/{job}/retry",
            "retry_job",
            "Begin anew a job that failed, was given up or was called off",
        )
        .by(retry),
        post::<On<RenderPrioritize, Job>>("/v1/jobs/{job}/priority", "prioritize_job", "Move a waiting job")
            .takes::<PriorityBody>()
            .by(prioritize),
    ]
}

/// A job.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Job")]
pub(crate) struct JobView {
    #[serde(flatten)]
    header: HeaderView,
    /// What it does: `video.make`, `recording.transcribe`, `storyboard.outline`, `video.render`.
    kind: &'static str,
    /// What it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// Where it stands.
    state: StateView,
    /// Where it queues.
    priority: PriorityView,
    /// When it may begin, when its lease ends, or when it was over (RFC 3339).
    at: String,
    /// The stage it is in.
    #[serde(skip_serializing_if = "String::is_empty")]
    stage: String,
    /// How much of the stage is done, 0 to 1.
    share: f64,
    /// How many attempts there were.
    attempts: u32,
    /// How many of them failed.
    failures: u32,
    /// How often it may fail before it is given up.
    max_failures: u32,
    /// The last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureView>,
    /// What it made: a video, storyboard or transcript.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
}

/// Why an attempt came to nothing.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "JobFailure")]
struct FailureView {
    /// For machines: `bad_input`, `missing`, `not_allowed`, `limit`, `deadline`, `stalled`, `crashed`, `interrupted`, `unavailable`,
    /// `defect`.
    reason: &'static str,
    /// For people.
    message: String,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "JobState")]
pub(super) enum StateView {
    /// It waits.
    Queued,
    /// It runs.
    Running,
    /// It succeeded.
    Done,
    /// It failed in a way that another attempt cannot mend.
    Failed,
    /// It failed too often.
    Dead,
    /// Someone called it off.
    Cancelled,
}

impl From<StateKind> for StateView {
    fn from(state: StateKind) -> Self {
        match state {
            StateKind::Queued => StateView::Queued,
            StateKind::Running => StateView::Running,
            StateKind::Done => StateView::Done,
            StateKind::Failed => StateView::Failed,
            StateKind::Dead => StateView::Dead,
            StateKind::Cancelled => StateView::Cancelled,
        }
    }
}

impl From<StateView> for StateKind {
    fn from(state: StateView) -> Self {
        match state {
            StateView::Queued => StateKind::Queued,
            StateView::Running => StateKind::Running,
            StateView::Done => StateKind::Done,
            StateView::Failed => StateKind::Failed,
            StateView::Dead => StateKind::Dead,
            StateView::Cancelled => StateKind::Cancelled,
        }
    }
}

/// Where a job queues.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "JobPriority")]
pub(super) enum PriorityView {
    /// Someone waits for it.
    Interactive,
    /// Someone will ask for it.
    Batch,
    /// Nobody asks for it.
    Maintenance,
}

impl From<Priority> for PriorityView {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Interactive => PriorityView::Interactive,
            Priority::Batch => PriorityView::Batch,
            Priority::Maintenance => PriorityView::Maintenance,
        }
    }
}

impl From<PriorityView> for Priority {
    fn from(priority: PriorityView) -> Self {
        match priority {
            PriorityView::Interactive => Priority::Interactive,
            PriorityView::Batch => Priority::Batch,
            PriorityView::Maintenance => Priority::Maintenance,
        }
    }
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        // What a waiting job has done is known when it goes on.
        let running = matches!(job.state, State::Leased { .. });
        JobView {
            header: HeaderView::of(&job.header),
            kind: JobKind::code(job.kind),
            about: job.about.map(|about| about.to_string()),
            state: job.state.kind().into(),
            priority: job.priority.into(),
            at: moment(job.state.at()),
            share: if running { f64::from(job.progress.permille) / 1_000.0 } else { 0.0 },
            stage: if running { job.progress.stage } else { String::new() },
            attempts: job.attempts,
            failures: job.failures,
            max_failures: job.max_failures,
            failure: job.failure.map(|failure| FailureView { reason: failure.reason.code(), message: failure.message }),
            result: job.result.map(|result| result.to_string()),
        }
    }
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// In what order: by a field, with `-` before it from the greatest down; newest first without a word. What says nothing there
    /// comes last.
    #[schemars(schema_with = "sorts::<By>")]
    sort: Option<String>,
    /// Those in this state; `dead` is the list of those that were given up.
    state: Option<StateView>,
    /// Those that work or worked on this thing.
    #[schemars(length(max = 64))]
    about: Option<String>,
}

/// Where a job is to queue.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "JobPriorityChange")]
#[serde(deny_unknown_fields)]
struct PriorityBody {
    /// Where.
    priority: PriorityView,
}

fn list(call: Call<'_, Listing<RenderRead>, ListQuery, Empty>) -> Result<Json<PageView<JobView>>, Problem> {
    let ListQuery { after, limit, sort, state, about } = call.query;
    let query = PageQuery { after, limit };
    let sorted = Sorted::parse(sort)?;
    let about = about.map(|about| parse_any("about", &about)).transpose()?;
    let (order, after) = (sorted.order, sorted.cursor(&query)?);
    let page = making::list(&call.pass, state.map(Into::into), about, order, after.as_ref(), query.limit()?)?;
    Ok(Json(sorted.page(page, JobView::from)))
}

fn read(call: Call<'_, On<RenderRead, Job>, Empty, Empty>) -> Result<Json<JobView>, Problem> {
    Ok(Json(making::read(&call.pass)?.into()))
}

fn watch(call: Call<'_, On<RenderRead, Job>, Empty, Empty>) -> Result<Events, Problem> {
    let job = making::read(&call.pass)?;
    Events::of(call.services, call.request, job)
}

fn cancel(call: Call<'_, On<RenderCancel, Job>, Empty, Empty>) -> Result<Json<JobView>, Problem> {
    Ok(Json(making::cancel(call.pass, &call.services.jobs)?.into()))
}

fn retry(call: Call<'_, On<RenderSubmit, Job>, Empty, Empty>) -> Result<Json<JobView>, Problem> {
    Ok(Json(making::retry(call.pass, &call.services.jobs)?.into()))
}

fn prioritize(call: Call<'_, On<RenderPrioritize, Job>, Empty, PriorityBody>) -> Result<Json<JobView>, Problem> {
    Ok(Json(making::prioritize(call.pass, &call.services.jobs, call.body.priority.into())?.into()))
}
