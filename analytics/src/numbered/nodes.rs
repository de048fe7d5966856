//! The two nodes around an aggregate that groups by number.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arrow::{
    array::{AsArray as _, RecordBatch},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use datafusion::{
    common::{DataFusionError, Result, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext, memory_pool::MemoryConsumer},
    physical_expr::{EquivalenceProperties, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, Partitioning, PlanProperties,
        stream::RecordBatchStreamAdapter,
    },
};
use futures_util::StreamExt as _;

use super::numbers::Dictionary;

/// A dictionary for each text column, for each partition. What runs in a partition runs one after the other.
type Dictionaries = Vec<Mutex<Vec<Dictionary>>>;

/// Texts made numbers, or numbers texts.
#[derive(Debug)]
pub(super) struct Recode {
    way: Way,
    input: Arc<dyn ExecutionPlan>,
    /// Of both nodes around one aggregate.
    dictionaries: Arc<Dictionaries>,
    properties: Arc<PlanProperties>,
}

#[derive(Debug, Clone)]
enum Way {
    /// The numbers of the texts in these columns come behind the columns that are there.
    ToNumbers(Vec<usize>),
    /// The texts come in place of their numbers.
    ToTexts(Vec<Back>),
}

/// Where numbers become texts again.
#[derive(Debug, Clone)]
pub(super) struct Back {
    /// The column.
    pub(super) place: usize,
    pub(super) how: How,
}

/// How numbers become texts again.
#[derive(Debug, Clone)]
pub(super) enum How {
    /// By a dictionary: of that among the columns that were made numbers.
    Named(usize),
    /// As digits, in this type.
    Written(DataType),
}

impl Recode {
    /// The rows of `input`, and behind them the numbers of these columns.
    pub(super) fn to_numbers(input: Arc<dyn ExecutionPlan>, columns: Vec<usize>) -> Self {
        let rows = input.schema();
        let number = |column: &usize| {
            let text = rows.field(*column);
            Arc::new(Field::new(format!("number of {}", text.name()), DataType::UInt32, text.is_nullable()))
        };
        let fields: Vec<_> = rows.fields().iter().cloned().chain(columns.iter().map(number)).collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, rows.metadata().clone()));
        let dictionaries = (0..input.output_partitioning().partition_count()).map(|_| Mutex::default()).collect();
        let properties = properties(&input, schema);
        Recode { way: Way::ToNumbers(columns), input, dictionaries: Arc::new(dictionaries), properties }
    }

    /// What an aggregate over this node found, with texts again; `schema` is that of an aggregate by texts.
    pub(super) fn back(&self, input: Arc<dyn ExecutionPlan>, texts: Vec<Back>, schema: SchemaRef) -> Self {
        let properties = properties(&input, schema);
        Recode { way: Way::ToTexts(texts), input, dictionaries: self.dictionaries.clone(), properties }
    }
}

fn properties(input: &Arc<dyn ExecutionPlan>, schema: SchemaRef) -> Arc<PlanProperties> {
    let partitions = Partitioning::UnknownPartitioning(input.output_partitioning().partition_count());
    let (emission, bounds) = (input.pipeline_behavior(), input.boundedness());
    Arc::new(PlanProperties::new(EquivalenceProperties::new(schema), partitions, emission, bounds))
}

fn of(dictionaries: &Dictionaries, partition: usize) -> Result<MutexGuard<'_, Vec<Dictionary>>> {
    let none = || DataFusionError::Internal(format!("there is no partition {partition}"));
    Ok(dictionaries.get(partition).ok_or_else(none)?.lock().unwrap_or_else(PoisonError::into_inner))
}

impl DisplayAs for Recode {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name(), self.way)
    }
}

impl ExecutionPlan for Recode {
    fn name(&self) -> &str {
        match self.way {
            Way::ToNumbers(_) => "TextsToNumbers",
            Way::ToTexts(_) => "NumbersToTexts",
        }
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let one: Result<[_; 1], _> = children.try_into();
        let [input] = one.map_err(|_| DataFusionError::Internal("there is one input".into()))?;
        let (way, dictionaries, properties) = (self.way.clone(), self.dictionaries.clone(), self.properties.clone());
        Ok(Arc::new(Recode { way, input, dictionaries, properties }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (dictionaries, schema) = (self.dictionaries.clone(), self.schema());
        let columns = match self.way.clone() {
            Way::ToNumbers(columns) => columns,
            Way::ToTexts(texts) => {
                let named = self.input.execute(partition, context)?.map(move |batch| {
                    let mut arrays = batch?.columns().to_vec();
                    let dictionaries = of(&dictionaries, partition)?;
                    for Back { place, how } in &texts {
                        arrays[*place] = match how {
                            How::Named(number) => Arc::new(dictionaries[*number].texts(arrays[*place].as_primitive())?),
                            How::Written(kind) => cast(&arrays[*place], kind)?,
                        };
                    }
                    Ok(RecordBatch::try_new(schema.clone(), arrays)?)
                });
                return Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), named)));
            }
        };
        let memory = MemoryConsumer::new(format!("{} {partition}", self.name())).register(context.memory_pool());
        *of(&dictionaries, partition)? = columns.iter().map(|_| Dictionary::default()).collect();
        let numbered = self.input.execute(partition, context)?.map(move |batch| {
            let batch = batch?;
            let (mut arrays, mut bytes) = (batch.columns().to_vec(), 0);
            for (column, dictionary) in columns.iter().zip(of(&dictionaries, partition)?.iter_mut()) {
                arrays.push(Arc::new(dictionary.numbers(batch.column(*column).as_string_view())?));
                bytes += dictionary.size();
            }
            memory.try_resize(bytes)?;
            Ok(RecordBatch::try_new(schema.clone(), arrays)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), numbered)))
    }
}
