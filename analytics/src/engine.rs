//! The engine: threads of its own, places, and the way of a question from SQL to bytes.

use std::{
    io::{self, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};

use datafusion::{
    common::tree_node::{Transformed, TreeNode as _},
    execution::{SendableRecordBatchStream, context::SQLOptions},
    physical_plan::{ExecutionPlan, coop::CooperativeExec, execute_stream},
};
use futures_util::StreamExt as _;
use metering::{
    Analyst, Answer, Fault, Question, QuestionError, Row, SealError, Sealed, Segment, Shelf, UnreadableEvents,
    cloud_event::Said,
    extract::{Extract, Split},
};
use model::Timestamp;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::mpsc,
    task::AbortHandle,
    time::Instant,
};

use crate::{
    events, extract,
    fault::fault,
    form::Writer,
    places::{Place, Places},
    seal, session,
    spill::SpillFolder,
    statement,
};

/// How many pieces of an answer wait for whoever takes them.
const PIECES: usize = 4;
/// Bytes that are sent together, at least.
const PIECE: usize = 256 << 10;
/// Stack of a thread, in bytes: plans are walked by recursion, as deep as [`statement`] lets them be. Only what is used is taken.
const STACK: usize = 64 << 20;
/// How long after its time a question has to say that it has stopped; after that it is said for it.
pub(crate) const GRACE: Duration = Duration::from_millis(100);

/// Bounds on questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryLimits {
    /// Threads that answer.
    pub threads: usize,
    /// Questions that run at once, of all tenants.
    pub running: usize,
    /// Questions of one tenant that run at once.
    pub running_per_tenant: usize,
    /// Questions of one tenant that wait for a place.
    pub waiting_per_tenant: usize,
    /// Seconds after which a question is stopped that does not ask for less.
    pub timeout_s: u64,
    /// Bytes that all questions hold.
    pub memory_bytes: usize,
    /// Bytes that the questions of one tenant hold.
    pub tenant_memory_bytes: usize,
    /// Bytes that the questions of one tenant have on the disk, where there is a folder for it.
    pub tenant_spill_bytes: u64,
    /// Rows of an answer.
    pub rows: u64,
    /// Bytes of an answer.
    pub answer_bytes: u64,
}

impl Default for QueryLimits {
    fn default() -> Self {
        QueryLimits {
            threads: 2,
            running: 16,
            running_per_tenant: 4,
            waiting_per_tenant: 16,
            timeout_s: 30,
            memory_bytes: 1 << 30,
            tenant_memory_bytes: 256 << 20,
            tenant_spill_bytes: 2 << 30,
            rows: 1_000_000,
            answer_bytes: 256 << 20,
        }
    }
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No threads.
    #[error("the threads for queries cannot be started: {0}")]
    Threads(#[from] io::Error),
    /// No files.
    #[error("query.spill: no files can be made there: {0}; choose another folder, or none")]
    Spill(#[source] io::Error),
}

/// Seals rows and answers questions.
#[derive(Debug)]
pub struct Engine {
    /// Where questions are worked on. Taken out when the engine goes.
    work: Option<Runtime>,
    /// Keeps the time, whatever the other threads are at.
    watch: Option<Runtime>,
    pub(crate) places: Arc<Places>,
    pub(crate) limits: QueryLimits,
}

impl Engine {
    /// Starts the engine's threads.
    ///
    /// # Errors
    /// When there are no threads to be had.
    pub fn start(limits: QueryLimits) -> Result<Self, EngineError> {
        let runtime = |name: &str, threads: usize| {
            Builder::new_multi_thread()
                .worker_threads(threads.max(1))
                .thread_name(name)
                .thread_stack_size(STACK)
                .enable_time()
                .build()
        };
        Ok(Engine {
            work: Some(runtime("query", limits.threads)?),
            watch: Some(runtime("query-watch", 1)?),
            places: Arc::new(Places::new(limits, None)),
            limits,
        })
    }

    /// Lets questions go on in a folder when their rows do not fit into memory.
    ///
    /// # Errors
    /// When no files can be made there.
    pub fn with_spill(mut self, folder: &Path) -> Result<Self, EngineError> {
        let folder = SpillFolder::open(folder).map_err(EngineError::Spill)?;
        self.places = Arc::new(Places::new(self.limits, Some(folder)));
        Ok(self)
    }

    pub(crate) fn handles(&self) -> Result<(&Handle, &Handle), QuestionError> {
        match (&self.work, &self.watch) {
            (Some(work), Some(watch)) => Ok((work.handle(), watch.handle())),
            _ => Err(QuestionError::Busy),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        for runtime in [self.work.take(), self.watch.take()].into_iter().flatten() {
            runtime.shutdown_background();
        }
    }
}

impl Analyst for Engine {
    fn seal(&self, rows: &[Row], out: &mut (dyn Write + Send)) -> Result<Sealed, SealError> {
        seal::seal(rows, out)
    }

    fn merge(
        &self,
        shelf: &Arc<dyn Shelf>,
        segments: &[Segment],
        since: Timestamp,
        out: &mut (dyn Write + Send),
    ) -> Result<Sealed, SealError> {
        seal::merge(shelf, segments, since, out)
    }

    fn read_events(&self, stream: &[u8]) -> Result<Vec<Result<Said, Fault>>, UnreadableEvents> {
        events::read(stream)
    }

    fn ask(&self, question: Question) -> Result<Box<dyn Answer>, QuestionError> {
        let (work, watch) = self.handles()?;
        let seconds = question.timeout_s.unwrap_or(self.limits.timeout_s).min(self.limits.timeout_s);
        let deadline = Instant::now() + Duration::from_secs(seconds);
        let (to, from) = mpsc::channel(PIECES);
        let (places, limits) = (self.places.clone(), self.limits);
        let task = work.spawn(async move {
            let work = run(question, places, limits, &to);
            let last = match tokio::time::timeout_at(deadline, work).await {
                Err(_) => Err(QuestionError::TimedOut(seconds)),
                Ok(Err(error)) => Err(error),
                Ok(Ok(())) => Ok(Message::End),
            };
            // Who does not listen any more need not know.
            let _ = to.send(last).await;
        });
        let abort = task.abort_handle();
        let mut answer = Running { from, abort, watch: watch.clone(), deadline, seconds, first: None, over: false };
        answer.first = answer.take().transpose()?;
        Ok(Box::new(answer))
    }

    fn extract(&self, question: Question, split: Option<Split>) -> Result<Box<dyn Extract>, QuestionError> {
        let (work, watch) = self.handles()?;
        Ok(Box::new(extract::begin(work, watch, question, split, self.places.clone(), self.limits)))
    }
}

/// What the work tells.
enum Message {
    Bytes(Vec<u8>),
    End,
}

type Sender = mpsc::Sender<Result<Message, QuestionError>>;

/// Answers a question: takes a place, plans, runs, writes.
async fn run(question: Question, places: Arc<Places>, limits: QueryLimits, to: &Sender) -> Result<(), QuestionError> {
    let form = question.form;
    let threads = limits.threads.clamp(1, 4);
    let (stream, _place) = begin(question, &places, threads).await?;
    write(stream, form, limits, to).await
}

/// Takes a place, plans a question and begins to answer it.
pub(crate) async fn begin(
    question: Question,
    places: &Places,
    threads: usize,
) -> Result<(SendableRecordBatchStream, Place), QuestionError> {
    // On this thread, which has room for what is nested.
    let statement = statement::parse(&question.sql)?;
    let place = places.take(question.tenant).await?;
    let (session, _) = session::open(question, &place, threads).await.map_err(|error| fault(&error))?;
    let plan = session.state().statement_to_plan(statement).await.map_err(|error| fault(&error))?;
    let read_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    read_only.verify_plan(&plan).map_err(|error| QuestionError::ReadOnly(error.to_string()))?;
    let plan = session.state().create_physical_plan(&plan).await.map_err(|error| fault(&error))?;
    let plan = yielding(plan).map_err(|error| fault(&error))?;
    let stream = execute_stream(plan, session.task_ctx()).map_err(|error| fault(&error))?;
    Ok((stream, place))
}

/// Has everything that makes many rows of few let others have a turn: by itself the engine yields where it reads, and a join of some rows
/// with each other reads once and then works for hours without being stopped.
pub(crate) fn yielding(plan: Arc<dyn ExecutionPlan>) -> datafusion::common::Result<Arc<dyn ExecutionPlan>> {
    let wrapped = plan.transform_up(|node| {
        let multiplies = node.children().len() > 1 || node.name() == "UnnestExec";
        Ok(if multiplies { Transformed::yes(Arc::new(CooperativeExec::new(node)) as _) } else { Transformed::no(node) })
    })?;
    Ok(wrapped.data)
}

async fn write(
    mut stream: SendableRecordBatchStream,
    form: metering::Form,
    limits: QueryLimits,
    to: &Sender,
) -> Result<(), QuestionError> {
    let mut writer = Writer::new(form, &stream.schema()).map_err(|error| fault(&error))?;
    let mut piece = writer.begin().map_err(|error| fault(&error))?;
    let (mut rows, mut bytes) = (0, 0);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| fault(&error))?;
        rows += batch.num_rows() as u64;
        if rows > limits.rows {
            return Err(QuestionError::TooLarge(format!("{} rows", limits.rows)));
        }
        let text = writer.push(&batch).map_err(|error| fault(&error))?;
        bytes += text.len() as u64;
        if bytes > limits.answer_bytes {
            return Err(QuestionError::TooLarge(format!("{} MiB", limits.answer_bytes >> 20)));
        }
        piece.extend_from_slice(&text);
        if piece.len() >= PIECE && to.send(Ok(Message::Bytes(std::mem::take(&mut piece)))).await.is_err() {
            return Ok(());
        }
    }
    piece.extend(writer.end().map_err(|error| fault(&error))?);
    // A failure to send says that nobody listens.
    let _ = to.send(Ok(Message::Bytes(piece))).await;
    Ok(())
}

/// An answer that is being made.
struct Running {
    from: mpsc::Receiver<Result<Message, QuestionError>>,
    abort: AbortHandle,
    watch: Handle,
    deadline: Instant,
    seconds: u64,
    first: Option<Vec<u8>>,
    over: bool,
}

impl Running {
    fn take(&mut self) -> Option<Result<Vec<u8>, QuestionError>> {
        if self.over {
            return None;
        }
        let next = async { tokio::time::timeout_at(self.deadline + GRACE, self.from.recv()).await };
        let told = self.watch.block_on(next);
        match told {
            Ok(Some(Ok(Message::Bytes(bytes)))) => return Some(Ok(bytes)),
            Ok(Some(Ok(Message::End))) => self.over = true,
            Ok(Some(Err(error))) => {
                self.over = true;
                return Some(Err(error));
            }
            // The work has panicked; its message is in the log.
            Ok(None) => {
                self.over = true;
                return Some(Err(QuestionError::Engine));
            }
            // It is at something that cannot be stopped half-way, and stops when that is done.
            Err(_) => {
                self.over = true;
                self.abort.abort();
                return Some(Err(QuestionError::TimedOut(self.seconds)));
            }
        }
        None
    }
}

impl Answer for Running {
    fn next(&mut self) -> Option<Result<Vec<u8>, QuestionError>> {
        self.first.take().map(Ok).or_else(|| self.take())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.abort.abort();
    }
}
