//! What is wrong with a question in PromQL, in the words of Prometheus' API.

use axum::http::StatusCode;

use crate::problem::{Code, Problem};

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PromError {
    /// The question is wrong, or beyond what is understood.
    #[error("{0}")]
    BadData(String),
    /// It is understood and cannot be answered.
    #[error("{0}")]
    Execution(String),
    /// It took too long.
    #[error("{0}")]
    Timeout(String),
}

impl PromError {
    pub(crate) fn bad(text: impl Into<String>) -> Self {
        PromError::BadData(text.into())
    }

    /// Prometheus' own name for it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            PromError::BadData(_) => "bad_data",
            PromError::Execution(_) => "execution",
            PromError::Timeout(_) => "timeout",
        }
    }

    /// The status that Prometheus answers it with.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            PromError::BadData(_) => StatusCode::BAD_REQUEST,
            PromError::Execution(_) => StatusCode::UNPROCESSABLE_ENTITY,
            PromError::Timeout(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the engine says of a question, as far as it is the question's fault; the rest is a problem as everywhere.
    pub(crate) fn of(problem: Problem) -> Result<Self, Problem> {
        let codes = [Code::Invalid, Code::QueryTooLarge];
        if problem.code == Code::QueryTimedOut.text() {
            Ok(PromError::Timeout(problem.detail))
        } else if codes.iter().any(|code| code.text() == problem.code) {
            Ok(PromError::Execution(problem.detail))
        } else {
            Err(problem)
        }
    }
}
