//! Tables of a session: sealed rows, and tables that are read page by page when a plan runs.

use std::{fmt, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanBuilder, Int64Builder, RecordBatch, StringViewBuilder, TimestampMicrosecondBuilder},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider, streaming::StreamingTable},
    common::{DataFusionError, Result, Statistics, stats::Precision},
    datasource::{
        file_format::{FileFormat as _, parquet::ParquetFormat},
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
    },
    execution::{SendableRecordBatchStream, TaskContext, memory_pool::MemoryConsumer},
    logical_expr::{Expr, TableProviderFilterPushDown, TableType},
    physical_plan::{ExecutionPlan, empty::EmptyExec, stream::RecordBatchStreamAdapter, streaming::PartitionStream},
};
use futures_util::stream::try_unfold;
use metering::{Cell, Column, Kind, Segment, Table, Waiting};
use model::{Id, noun::Tenant};

use crate::{
    rows::{self, SCHEMA, micros, moment_type},
    shelf::{PLACE, file_name},
};

/// The sealed rows of one snapshot.
#[derive(Debug)]
pub(crate) struct SealedRows {
    pub(crate) tenant: Id<Tenant>,
    pub(crate) segments: Vec<Segment>,
}

#[async_trait]
impl TableProvider for SealedRows {
    fn schema(&self) -> SchemaRef {
        SCHEMA.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Files and pages that cannot hold such rows are left out; the filter itself stays above.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if self.segments.is_empty() {
            let schema = match projection {
                Some(columns) => Arc::new(SCHEMA.project(columns)?),
                None => SCHEMA.clone(),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let files = FileGroup::new(self.segments.iter().map(|segment| self.file(segment)).collect());
        let groups = files.split_files(state.config().target_partitions());
        let source = Arc::new(ParquetSource::new(SCHEMA.clone()));
        let config = FileScanConfigBuilder::new(PLACE.clone(), source)
            .with_file_groups(groups)
            .with_statistics(self.sizes())
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        ParquetFormat::default().create_physical_plan(state, config).await
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.sizes())
    }
}

impl SealedRows {
    fn sizes(&self) -> Statistics {
        let rows: u64 = self.segments.iter().map(|segment| segment.rows).sum();
        Statistics {
            num_rows: usize::try_from(rows).map_or(Precision::Absent, Precision::Inexact),
            ..Statistics::new_unknown(&SCHEMA)
        }
    }

    fn file(&self, segment: &Segment) -> PartitionedFile {
        PartitionedFile::new(file_name(self.tenant, &segment.digest), segment.bytes)
    }
}

/// The rows that lie in no file yet, as the engine sees them: read when a plan runs, a page at a time.
pub(crate) fn waiting(waiting: Arc<dyn Waiting>) -> Result<Arc<dyn TableProvider>> {
    Ok(Arc::new(StreamingTable::try_new(SCHEMA.clone(), vec![Arc::new(WaitingRows(waiting))])?))
}

#[derive(Debug)]
struct WaitingRows(Arc<dyn Waiting>);

impl PartitionStream for WaitingRows {
    fn schema(&self) -> &SchemaRef {
        &SCHEMA
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        // A page is part of the tenant's memory from when it was read until the next one is asked for.
        let held = MemoryConsumer::new("usage that waits").register(context.memory_pool());
        let begun = (Some(None), self.0.clone(), held);
        let pages = try_unfold(begun, |(from, waiting, held)| async move {
            let Some(from) = from else { return Ok(None) };
            let (rows, next) = waiting.rows(from).map_err(|error| DataFusionError::External(error.into()))?;
            let batch = rows::batch(rows.iter())?;
            held.try_resize(batch.get_array_memory_size())?;
            // Between two pages another question gets its turn, and this one's time may be over.
            tokio::task::yield_now().await;
            Ok(Some((batch, (next.map(Some), waiting, held))))
        });
        Box::pin(RecordBatchStreamAdapter::new(SCHEMA.clone(), pages))
    }
}

/// A table of the question as the engine sees it.
pub(crate) fn provider(table: Arc<dyn Table>) -> Result<Arc<dyn TableProvider>> {
    let schema = schema(table.columns());
    let pages = Arc::new(Pages { table, schema: schema.clone() });
    Ok(Arc::new(StreamingTable::try_new(schema, vec![pages])?))
}

fn schema(columns: &[Column]) -> SchemaRef {
    let field = |column: &Column| {
        let kind = match column.kind {
            Kind::Text => DataType::Utf8View,
            Kind::Number => DataType::Int64,
            Kind::Time => moment_type(),
            Kind::Flag => DataType::Boolean,
        };
        Field::new(column.name, kind, true)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

struct Pages {
    table: Arc<dyn Table>,
    schema: SchemaRef,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.table.name())
    }
}

impl PartitionStream for Pages {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (table, schema) = (self.table.clone(), self.schema.clone());
        // The first page begins nowhere; behind the last one there is none.
        let pages = try_unfold(Some(None), move |from: Option<Option<Vec<u8>>>| {
            let (table, schema) = (table.clone(), schema.clone());
            async move {
                let Some(from) = from else { return Ok(None) };
                let (rows, next) = table.rows(from).map_err(|error| DataFusionError::External(error.into()))?;
                let batch = batch(&schema, table.columns(), &rows)?;
                // Between two pages another question gets its turn.
                tokio::task::yield_now().await;
                Ok(Some((batch, next.map(Some))))
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), pages))
    }
}

fn batch(schema: &SchemaRef, columns: &[Column], rows: &[Vec<Cell>]) -> Result<RecordBatch> {
    let column = |(at, column): (usize, &Column)| -> ArrayRef {
        let cells = rows.iter().map(|row| row.get(at).unwrap_or(&Cell::Null));
        match column.kind {
            Kind::Text => {
                let mut values = StringViewBuilder::new();
                cells
                    .for_each(|cell| values.append_option(if let Cell::Text(text) = cell { Some(text) } else { None }));
                Arc::new(values.finish())
            }
            Kind::Number => {
                let mut values = Int64Builder::new();
                cells.for_each(|cell| {
                    values.append_option(if let Cell::Number(number) = cell { Some(*number) } else { None });
                });
                Arc::new(values.finish())
            }
            Kind::Time => {
                let mut values = TimestampMicrosecondBuilder::new().with_timezone("UTC");
                let moment = |millis: &u64| micros(model::Timestamp::from_millis(*millis));
                cells.for_each(|cell| {
                    values.append_option(if let Cell::Time(at) = cell { Some(moment(at)) } else { None });
                });
                Arc::new(values.finish())
            }
            Kind::Flag => {
                let mut values = BooleanBuilder::new();
                cells.for_each(|cell| {
                    values.append_option(if let Cell::Flag(flag) = cell { Some(*flag) } else { None });
                });
                Arc::new(values.finish())
            }
        }
    };
    let arrays = columns.iter().enumerate().map(column).collect();
    Ok(RecordBatch::try_new(schema.clone(), arrays)?)
}
