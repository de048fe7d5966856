//! Questions that are planned first and answered batch by batch: what the wire asks.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use arrow::{array::RecordBatch, datatypes::DataType};
use datafusion::{
    common::ScalarValue, execution::context::SQLOptions, logical_expr::LogicalPlan, physical_plan::execute_stream,
    prelude::SessionContext, sql::parser::Statement,
};
use futures_util::StreamExt as _;
use metering::{Question, QuestionError};
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, timeout_at},
};

use crate::{
    Engine, QueryLimits,
    engine::{GRACE, yielding},
    fault::fault,
    places::Place,
    session::{self, Comment},
    statement,
};

/// Until when a question may run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    seconds: u64,
}

impl Deadline {
    /// So long from now on.
    pub(crate) fn after(time: Duration) -> Self {
        Deadline { at: Instant::now() + time, seconds: time.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX) }
    }

    fn over(self) -> QuestionError {
        QuestionError::TimedOut(self.seconds)
    }
}

/// A question that was found to be one. It has its place until it is dropped or has run.
pub(crate) struct Planned {
    session: SessionContext,
    pub(crate) plan: LogicalPlan,
    /// What is known of the types of its parameters, from the first on.
    pub(crate) parameters: Vec<Option<DataType>>,
    place: Place,
}

impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Planned({} parameters)", self.parameters.len())
    }
}

/// An answer as it comes. Dropped, it stops the work.
#[derive(Debug)]
pub(crate) struct Batches {
    from: mpsc::Receiver<Result<RecordBatch, QuestionError>>,
    abort: AbortHandle,
    deadline: Deadline,
    ended: bool,
}

/// Changes a session and a statement before they are put together.
pub(crate) trait Furnish: Send + 'static {
    /// Puts into the session what else a statement may name.
    fn session(
        &mut self,
        session: &SessionContext,
        comments: &[Comment],
    ) -> impl Future<Output = datafusion::common::Result<()>> + Send;
    /// Says a statement in the engine's words; which parameters are cast to arrays, and of which types, by their numbers.
    fn statement(&self, statement: &mut Statement) -> BTreeMap<usize, DataType>;
}

impl Engine {
    /// Plans a question.
    pub(crate) async fn plan(
        &self,
        question: Question,
        mut furnish: impl Furnish,
        deadline: Deadline,
    ) -> Result<Planned, QuestionError> {
        let (work, _) = self.handles()?;
        let (places, limits) = (self.places.clone(), self.limits);
        let planning = work.spawn(async move {
            let mut parsed = statement::parse(&question.sql)?;
            let tenant = question.tenant;
            let place = timeout_at(deadline.at, places.take(tenant)).await.map_err(|_| deadline.over())??;
            let threads = limits.threads.clamp(1, 4);
            let opened = session::open(question, &place, threads).await;
            let (session, comments) = opened.map_err(|error| fault(&error))?;
            furnish.session(&session, &comments).await.map_err(|error| fault(&error))?;
            let lists = furnish.statement(&mut parsed);
            let plan = session.state().statement_to_plan(parsed).await.map_err(|error| fault(&error))?;
            let read_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
            read_only.verify_plan(&plan).map_err(|error| QuestionError::ReadOnly(error.to_string()))?;
            let mut parameters = parameters(&plan)?;
            // The engine does not look into casts for them.
            for (number, kind) in lists {
                if let Some(known) = number.checked_sub(1).and_then(|at| parameters.get_mut(at)) {
                    *known = Some(kind);
                }
            }
            Ok(Planned { session, plan, parameters, place })
        });
        let abort = Stops(planning.abort_handle());
        let planned = timeout_at(deadline.at + GRACE, planning).await;
        drop(abort);
        match planned {
            Ok(Ok(planned)) => planned,
            // It has panicked; its message is in the log.
            Ok(Err(_)) => Err(QuestionError::Engine),
            Err(_) => Err(deadline.over()),
        }
    }

    /// Runs what was planned, with these values for its parameters.
    pub(crate) fn run(
        &self,
        planned: Planned,
        values: Vec<ScalarValue>,
        deadline: Deadline,
    ) -> Result<Batches, QuestionError> {
        let (work, _) = self.handles()?;
        let (to, from) = mpsc::channel(2);
        let limits = self.limits;
        let task = work.spawn(async move {
            let last = match timeout_at(deadline.at, send(planned, values, limits, &to)).await {
                Err(_) => Err(deadline.over()),
                Ok(done) => done,
            };
            if let Err(error) = last {
                // Who does not listen any more need not know.
                let _ = to.send(Err(error)).await;
            }
        });
        Ok(Batches { from, abort: task.abort_handle(), deadline, ended: false })
    }
}

/// Stops a task when it is dropped.
struct Stops(AbortHandle);

impl Drop for Stops {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The types of the parameters `$1`, `$2` and so on. There are as many as the highest number says.
fn parameters(plan: &LogicalPlan) -> Result<Vec<Option<DataType>>, QuestionError> {
    let found = plan.get_parameter_types().map_err(|error| fault(&error))?;
    let mut parameters = Vec::new();
    for (name, kind) in found {
        let number = name.strip_prefix('$').and_then(|number| number.parse::<usize>().ok());
        let Some(number) = number.filter(|number| (1..=1_000).contains(number)) else {
            return Err(QuestionError::Invalid(format!("there is no parameter {name}; they are $1 to $1000")));
        };
        if parameters.len() < number {
            parameters.resize(number, None);
        }
        parameters[number - 1] = kind;
    }
    Ok(parameters)
}

async fn send(
    planned: Planned,
    values: Vec<ScalarValue>,
    limits: QueryLimits,
    to: &mpsc::Sender<Result<RecordBatch, QuestionError>>,
) -> Result<(), QuestionError> {
    let Planned { session, plan, place, .. } = planned;
    let plan = if values.is_empty() { plan } else { plan.with_param_values(values).map_err(|error| fault(&error))? };
    let plan = session.state().create_physical_plan(&plan).await.map_err(|error| fault(&error))?;
    let plan = yielding(plan).map_err(|error| fault(&error))?;
    let mut stream = execute_stream(plan, session.task_ctx()).map_err(|error| fault(&error))?;
    let (mut rows, mut bytes) = (0, 0);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| fault(&error))?;
        if batch.num_rows() == 0 {
            continue;
        }
        rows += batch.num_rows() as u64;
        if rows > limits.rows {
            return Err(QuestionError::TooLarge(format!("{} rows", limits.rows)));
        }
        bytes += size(&batch);
        if bytes > limits.answer_bytes {
            return Err(QuestionError::TooLarge(format!("{} MiB", limits.answer_bytes >> 20)));
        }
        if to.send(Ok(batch)).await.is_err() {
            break;
        }
    }
    drop(place);
    Ok(())
}

/// The bytes of a batch's own rows, whatever they share with others.
fn size(batch: &RecordBatch) -> u64 {
    let of = |column: &arrow::array::ArrayRef| column.to_data().get_slice_memory_size().unwrap_or_default() as u64;
    batch.columns().iter().map(of).sum()
}

impl Batches {
    /// The next rows; nothing at the end.
    pub(crate) async fn next(&mut self) -> Option<Result<RecordBatch, QuestionError>> {
        if self.ended {
            return None;
        }
        let told = timeout_at(self.deadline.at + GRACE, self.from.recv()).await;
        match told {
            Ok(Some(Ok(batch))) => return Some(Ok(batch)),
            Ok(Some(Err(error))) => {
                self.ended = true;
                return Some(Err(error));
            }
            Ok(None) => self.ended = true,
            // It is at something that cannot be stopped half-way, and stops when that is done.
            Err(_) => {
                self.ended = true;
                self.abort.abort();
                return Some(Err(self.deadline.over()));
            }
        }
        None
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// The schema of what a plan answers with.
pub(crate) fn schema(planned: &Planned) -> &Arc<arrow::datatypes::Schema> {
    planned.plan.schema().inner()
}
