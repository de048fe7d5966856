//! A question's answer as Parquet files, put into folders by a column of time.
//!
//! Nothing is sorted: rows wait in memory by their folder until there are enough of them for a file, or all that wait are too many; then the
//! folder with the most makes a file. What is read in the order of time makes few and large files so, whatever there is.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arrow::{
    array::{Array as _, RecordBatch, TimestampMicrosecondArray, UInt32Array},
    compute::{cast, take_record_batch},
    datatypes::{SchemaRef, TimestampMicrosecondType},
    temporal_conversions::as_datetime,
};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use futures_util::StreamExt as _;
use metering::{
    Form, Question, QuestionError,
    extract::{Extract, Extracted, Part, Span, Split},
};
use tokio::{runtime::Handle, sync::mpsc, task::AbortHandle, time::timeout};

use crate::{
    engine::{self, QueryLimits},
    fault::fault,
    form::{Writer, convert, plain},
    places::Places,
    rows::moment_type,
};

/// Bytes of rows, as they lie in memory, that make a file.
const FILE: usize = 32 << 20;
/// Bytes of rows that wait at most.
const HELD: usize = 64 << 20;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// The folder of rows without a time, as Hive calls it.
const NO_TIME: &str = "__HIVE_DEFAULT_PARTITION__";

type Sender = mpsc::Sender<Result<Part, QuestionError>>;

/// Begins to answer `question` as files.
pub(crate) fn begin(
    work: &Handle,
    watch: &Handle,
    question: Question,
    split: Option<Split>,
    places: Arc<Places>,
    limits: QueryLimits,
) -> Running {
    let (to, from) = mpsc::channel(1);
    let read = Arc::new(AtomicU64::new(0));
    let count = read.clone();
    let task = work.spawn(async move {
        if let Err(error) = run(question, split, &places, limits, &count, &to).await {
            // Who does not listen any more need not know.
            let _ = to.send(Err(error)).await;
        }
    });
    Running { from, abort: task.abort_handle(), watch: watch.clone(), read, over: false, task: Some(task) }
}

async fn run(
    question: Question,
    split: Option<Split>,
    places: &Places,
    limits: QueryLimits,
    read: &AtomicU64,
    to: &Sender,
) -> Result<(), QuestionError> {
    // One thread reads in the order in which rows lie.
    let (mut stream, place) = engine::begin(question, places, 1).await?;
    let schema = plain(&stream.schema(), false);
    let pool: Arc<dyn MemoryPool> = place.pool();
    let held = MemoryConsumer::new("extract").register(&pool);
    let most = HELD.min(limits.tenant_memory_bytes / 4);
    let mut folders =
        Folders { schema: schema.clone(), held, most, waiting: BTreeMap::new(), numbers: BTreeMap::new() };
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| fault(&error))?;
        let batch = convert(&batch, &schema, false).map_err(|error| fault(&error))?;
        for (folder, rows) in sorted(&batch, split.as_ref())? {
            folders.add(folder, rows)?;
        }
        read.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
        while let Some(part) = folders.full()? {
            if to.send(Ok(part)).await.is_err() {
                return Ok(());
            }
        }
    }
    while let Some(folder) = folders.waiting.keys().next().cloned() {
        let part = folders.file(&folder)?;
        if to.send(Ok(part)).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// The rows of a batch by their folders.
fn sorted(batch: &RecordBatch, split: Option<&Split>) -> Result<Vec<(String, RecordBatch)>, QuestionError> {
    let Some(Split { column, span }) = split else { return Ok(vec![(String::new(), batch.clone())]) };
    let wrong = || QuestionError::Invalid(format!("the column {column} holds no times"));
    let times = batch.column_by_name(column).filter(|times| times.data_type().is_temporal()).ok_or_else(wrong)?;
    let times = cast(times, &moment_type()).map_err(|_| wrong())?;
    let times = times.as_any().downcast_ref::<TimestampMicrosecondArray>().ok_or_else(wrong)?;
    let mut days: BTreeMap<Option<i64>, Vec<u32>> = BTreeMap::new();
    for (row, micros) in (0..).zip(times) {
        days.entry(micros.map(|micros| micros.div_euclid(DAY))).or_default().push(row);
    }
    let folder = |(day, rows): (Option<i64>, Vec<u32>)| {
        let rows = take_record_batch(batch, &UInt32Array::from(rows)).map_err(|error| fault(&error.into()))?;
        Ok((format!("{}={}/", span.name(), day.and_then(|day| named(day, *span)).unwrap_or(NO_TIME.to_owned())), rows))
    };
    days.into_iter().map(folder).collect()
}

/// A day since 1970 by its name, or that of its month.
fn named(day: i64, span: Span) -> Option<String> {
    let date = as_datetime::<TimestampMicrosecondType>(day.checked_mul(DAY)?)?.date().to_string();
    Some(match span {
        Span::Day => date,
        Span::Month => date.rsplit_once('-')?.0.to_owned(),
    })
}

/// Rows that wait for their files.
struct Folders {
    schema: SchemaRef,
    held: MemoryReservation,
    most: usize,
    waiting: BTreeMap<String, Waiting>,
    /// How many files each folder has.
    numbers: BTreeMap<String, u32>,
}

#[derive(Default)]
struct Waiting {
    batches: Vec<RecordBatch>,
    bytes: usize,
}

impl Folders {
    fn add(&mut self, folder: String, rows: RecordBatch) -> Result<(), QuestionError> {
        let bytes = rows.get_array_memory_size();
        self.held.try_grow(bytes).map_err(|error| fault(&error))?;
        let waiting = self.waiting.entry(folder).or_default();
        waiting.bytes += bytes;
        waiting.batches.push(rows);
        Ok(())
    }

    /// A file of the folder with the most rows, where that is enough, or where too many wait.
    fn full(&mut self) -> Result<Option<Part>, QuestionError> {
        let largest = self.waiting.iter().max_by_key(|(_, waiting)| waiting.bytes);
        let Some((folder, waiting)) = largest else { return Ok(None) };
        if waiting.bytes < FILE && self.held.size() < self.most {
            return Ok(None);
        }
        let folder = folder.clone();
        self.file(&folder).map(Some)
    }

    /// The next file of a folder, of all that waits for it.
    fn file(&mut self, folder: &str) -> Result<Part, QuestionError> {
        let Waiting { batches, bytes } = self.waiting.remove(folder).unwrap_or_default();
        let write = || {
            let mut writer = Writer::new(Form::Parquet, &self.schema)?;
            let mut file = writer.begin()?;
            for batch in &batches {
                file.extend(writer.push(batch)?);
            }
            file.extend(writer.end()?);
            Ok(file)
        };
        let file = write().map_err(|error| fault(&error))?;
        let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        drop(batches);
        self.held.shrink(bytes);
        let number = self.numbers.entry(folder.to_owned()).or_default();
        let name = format!("{folder}part-{number:05}.parquet");
        *number += 1;
        Ok(Part { name, rows, bytes: file })
    }
}

/// Files that are being made.
pub(crate) struct Running {
    from: mpsc::Receiver<Result<Part, QuestionError>>,
    abort: AbortHandle,
    watch: Handle,
    read: Arc<AtomicU64>,
    over: bool,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Extract for Running {
    fn next(&mut self, patience: Duration) -> Option<Result<Extracted, QuestionError>> {
        if self.over {
            return None;
        }
        let from = &mut self.from;
        let told = self.watch.block_on(async { timeout(patience, from.recv()).await });
        match told {
            Err(_) => Some(Ok(Extracted::Rows(self.read.load(Ordering::Relaxed)))),
            Ok(Some(Ok(part))) => Some(Ok(Extracted::Part(part))),
            Ok(Some(Err(error))) => {
                self.over = true;
                Some(Err(error))
            }
            Ok(None) => {
                self.over = true;
                // Whether it has come to its end, or has panicked: then its message is in the log.
                let ended = self.task.take().is_some_and(|task| self.watch.block_on(task).is_ok());
                if ended { None } else { Some(Err(QuestionError::Engine)) }
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.abort.abort();
    }
}
