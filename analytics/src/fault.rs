//! What a caller learns of an error: what was wrong with the statement, and nothing of the machine.

use datafusion::common::DataFusionError;
use metering::QuestionError;

use crate::spill::SpillFull;

/// The longest message, in bytes.
const MAX_MESSAGE: usize = 2_000;

/// An error of the engine as the caller sees it.
pub(crate) fn fault(error: &DataFusionError) -> QuestionError {
    use DataFusionError as E;
    if let Some(bytes) = SpillFull::within(error) {
        return QuestionError::Spill(bytes >> 20);
    }
    match error {
        E::Context(_, inner) | E::Diagnostic(_, inner) => fault(inner),
        E::Shared(inner) => fault(inner),
        E::Collection(errors) => errors.first().map_or(QuestionError::Engine, fault),
        E::ArrowError(error, _) => match &**error {
            arrow::error::ArrowError::MemoryError(_) => QuestionError::Memory,
            error => invalid(&error.to_string()),
        },
        E::SQL(error, _) => invalid(&error.to_string()),
        E::Plan(text) | E::Execution(text) | E::Configuration(text) => invalid(text),
        E::SchemaError(error, _) => invalid(&error.to_string()),
        E::NotImplemented(text) => invalid(&format!("this is not supported: {text}")),
        E::ResourcesExhausted(_) => QuestionError::Memory,
        E::External(inner) if is_pattern(&inner.to_string()) => invalid(&inner.to_string()),
        E::External(inner) if inner.is::<metering::TableError>() => told(QuestionError::Stored, error),
        E::ParquetError(_) | E::ObjectStore(_) | E::IoError(_) => told(QuestionError::Stored, error),
        _ => told(QuestionError::Engine, error),
    }
}

/// Whether it says what is wrong with a regular expression: the engine does not say so by a kind.
fn is_pattern(text: &str) -> bool {
    text.starts_with("regex parse error") || text.starts_with("Compiled regex exceeds size limit")
}

fn told(to_caller: QuestionError, error: &DataFusionError) -> QuestionError {
    tracing::error!(error = error as &dyn std::error::Error, "a query failed");
    to_caller
}

fn invalid(text: &str) -> QuestionError {
    // What comes behind a line's end is the engine's own advice to its developers.
    let text = text.split("\n\nbacktrace:").next().unwrap_or(text);
    QuestionError::Invalid(text[..text.floor_char_boundary(MAX_MESSAGE)].to_owned())
}
