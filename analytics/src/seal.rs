//! Rows as Parquet files, and several files as one.
//!
//! Rows of a row group are in the order of meter and time of use, so that a question about one meter or a stretch of time reads a few
//! pages, and equal texts stand together; event and job are found by bloom filters.

use std::{
    io::{self, Read, Write},
    sync::Arc,
};

use arrow::{
    array::{Array as _, RecordBatch, Scalar, TimestampMicrosecondArray},
    compute::{
        SortColumn, concat_batches, filter_record_batch, kernels::cmp::gt_eq, lexsort_to_indices, max, min,
        take_record_batch,
    },
    error::ArrowError,
};
use bytes::Bytes;
use metering::{BlobDigest, Row, SealError, Sealed, Segment, Shelf};
use model::Timestamp;
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::{Compression, Encoding, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        reader::{ChunkReader, Length},
    },
    schema::types::ColumnPath,
};

use crate::rows::{SCHEMA, batch, micros};

/// Rows that are sorted and written together.
const GROUP: usize = 128 << 10;
/// Rows that are read together.
const READ: usize = 8 << 10;
/// Rows of a page: of several meters in a row group each has pages of its own.
const PAGE: usize = 4 << 10;
/// Columns of numbers that grow with the rows of a meter.
const GROWING: &[&str] = &["number", "at", "received_at"];
/// The version of the files' form, in their metadata.
const FORM: &str = "1";
/// Bytes that are read together where the end is not known.
const PIECE: u64 = 64 << 10;

/// Writes rows as one file.
pub(crate) fn seal(rows: &[Row], out: &mut (dyn Write + Send)) -> Result<Sealed, SealError> {
    let mut write = || {
        let mut file = Writer::new(out)?;
        for rows in rows.chunks(READ) {
            file.push(batch(rows.iter())?)?;
        }
        file.finish()
    };
    write().map_err(|Failed(error)| error)
}

/// Writes the rows of `segments` as one file, but for those of use before `since`.
pub(crate) fn merge(
    shelf: &Arc<dyn Shelf>,
    segments: &[Segment],
    since: Timestamp,
    out: &mut (dyn Write + Send),
) -> Result<Sealed, SealError> {
    let mut write = || {
        let mut file = Writer::new(out)?;
        for segment in segments {
            let input = Input { shelf: shelf.clone(), digest: segment.digest, length: segment.bytes };
            let reader = ParquetRecordBatchReaderBuilder::try_new(input)?.with_batch_size(READ).build()?;
            for batch in reader {
                let batch = batch?;
                file.push(if segment.from < since { younger(&batch, since)? } else { batch })?;
            }
        }
        file.finish()
    };
    write().map_err(|Failed(error)| error)
}

/// The rows of use at `since` or later.
fn younger(batch: &RecordBatch, since: Timestamp) -> Result<RecordBatch, Failed> {
    let at = batch.column_by_name("at").ok_or_else(|| wrong("rows have no time"))?;
    let since = TimestampMicrosecondArray::new_scalar(micros(since)).into_inner().with_timezone("UTC");
    Ok(filter_record_batch(batch, &gt_eq(at, &Scalar::new(since))?)?)
}

struct Writer<'a> {
    parquet: ArrowWriter<&'a mut (dyn Write + Send)>,
    waiting: Vec<RecordBatch>,
    count: usize,
    sealed: Option<Sealed>,
}

impl<'a> Writer<'a> {
    fn new(out: &'a mut (dyn Write + Send)) -> Result<Self, Failed> {
        let level = ZstdLevel::try_new(1)?;
        let column = |name: &str| ColumnPath::from(name);
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(GROUP))
            .set_data_page_row_count_limit(PAGE)
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_column_dictionary_enabled(column("event_id"), false)
            .set_column_bloom_filter_enabled(column("event_id"), true)
            .set_column_bloom_filter_enabled(column("job_id"), true)
            .set_created_by("audiagram".to_owned())
            .set_key_value_metadata(Some(vec![KeyValue::new("audiagram.usage".to_owned(), FORM.to_owned())]));
        // What grows from row to row is small as differences, which a compressor does not make smaller but slower to read.
        let properties = GROWING.iter().fold(properties, |properties, name| {
            properties
                .set_column_dictionary_enabled(column(name), false)
                .set_column_encoding(column(name), Encoding::DELTA_BINARY_PACKED)
                .set_column_compression(column(name), Compression::UNCOMPRESSED)
        });
        let properties = properties.build();
        let parquet = ArrowWriter::try_new(out, SCHEMA.clone(), Some(properties))?;
        Ok(Writer { parquet, waiting: Vec::new(), count: 0, sealed: None })
    }

    fn push(&mut self, batch: RecordBatch) -> Result<(), Failed> {
        if batch.schema_ref().fields() != SCHEMA.fields() {
            return Err(wrong("a file of usage rows has other columns"));
        }
        self.count += batch.num_rows();
        self.waiting.push(batch);
        if self.count >= GROUP {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), Failed> {
        if self.count == 0 {
            return Ok(());
        }
        let all = concat_batches(&SCHEMA, &self.waiting)?;
        self.waiting.clear();
        self.count = 0;
        let column = |name| all.column_by_name(name).cloned().ok_or_else(|| wrong("rows have no meter or no time"));
        let (meter, at) = (column("meter")?, column("at")?);
        let times = at.as_any().downcast_ref::<TimestampMicrosecondArray>();
        let times = times.ok_or_else(|| wrong("rows have no time"))?;
        let moment =
            |micros: Option<i64>| Timestamp::from_millis(u64::try_from(micros.unwrap_or(0) / 1_000).unwrap_or(0));
        let (from, to, rows) = (moment(min(times)), moment(max(times)), all.num_rows() as u64);
        let order = lexsort_to_indices(&[meter, at].map(|values| SortColumn { values, options: None }), None)?;
        self.parquet.write(&take_record_batch(&all, &order)?)?;
        self.parquet.flush()?;
        self.sealed = Some(match self.sealed {
            None => Sealed { rows, from, to },
            Some(before) => Sealed { rows: before.rows + rows, from: before.from.min(from), to: before.to.max(to) },
        });
        Ok(())
    }

    fn finish(mut self) -> Result<Sealed, Failed> {
        self.write()?;
        self.parquet.close()?;
        self.sealed.ok_or_else(|| wrong("there are no rows to seal"))
    }
}

/// A file on the shelf, for the reader of Parquet.
#[derive(Debug)]
struct Input {
    shelf: Arc<dyn Shelf>,
    digest: BlobDigest,
    length: u64,
}

impl Length for Input {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Input {
    type T = Stream;

    fn get_read(&self, start: u64) -> Result<Stream, ParquetError> {
        let Input { shelf, digest, length } = self;
        Ok(Stream {
            shelf: shelf.clone(),
            digest: *digest,
            position: start,
            length: *length,
            piece: Vec::new(),
            taken: 0,
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let end = start.saturating_add(length as u64);
        Ok(self.shelf.read(&self.digest, start..end)?.into())
    }
}

/// A file on the shelf from some place on.
struct Stream {
    shelf: Arc<dyn Shelf>,
    digest: BlobDigest,
    position: u64,
    length: u64,
    piece: Vec<u8>,
    taken: usize,
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.piece.len() {
            let end = self.length.min(self.position.saturating_add(PIECE));
            if self.position >= end {
                return Ok(0);
            }
            self.piece = self.shelf.read(&self.digest, self.position..end)?;
            (self.position, self.taken) = (end, 0);
        }
        let count = (self.piece.len() - self.taken).min(out.len());
        out[..count].copy_from_slice(&self.piece[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

/// An error on the way to the one that callers see.
struct Failed(SealError);

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Failed(error.into())
    }
}
impl From<ArrowError> for Failed {
    fn from(error: ArrowError) -> Self {
        Failed(SealError::Engine(error.to_string()))
    }
}
impl From<ParquetError> for Failed {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(error) => match error.downcast::<io::Error>() {
                Ok(error) => Failed(SealError::Io(*error)),
                Err(error) => Failed(SealError::Engine(error.to_string())),
            },
            error => Failed(SealError::Engine(error.to_string())),
        }
    }
}

fn wrong(text: &str) -> Failed {
    Failed(SealError::Engine(text.to_owned()))
}
