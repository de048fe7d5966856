//! What is wrong with a request, in OData's form.

use axum::http::StatusCode;

use crate::problem::{Code, Problem};

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ODataError {
    /// The request is wrong, or beyond what is understood.
    #[error("{0}")]
    Invalid(String),
    /// There is no such entity set.
    #[error("there is no entity set of this name; the service document says which there are")]
    NoSuchSet,
    /// It is understood, and too much.
    #[error("{0}")]
    TooMuch(String),
}

impl ODataError {
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        ODataError::Invalid(text.into())
    }

    /// For machines: the codes of our own problems.
    pub(crate) const fn code(&self) -> Code {
        match self {
            ODataError::Invalid(_) => Code::BadRequest,
            ODataError::NoSuchSet => Code::NotFound,
            ODataError::TooMuch(_) => Code::QueryTooLarge,
        }
    }

    /// The status.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            ODataError::Invalid(_) => StatusCode::BAD_REQUEST,
            ODataError::NoSuchSet => StatusCode::NOT_FOUND,
            ODataError::TooMuch(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// What the engine says of a question, as far as it is the question's fault; the rest is a problem as everywhere.
    pub(crate) fn of(problem: Problem) -> Result<Self, Problem> {
        if problem.code == Code::Invalid.text() {
            Ok(ODataError::Invalid(problem.detail))
        } else if [Code::QueryTooLarge, Code::QueryTimedOut].iter().any(|code| code.text() == problem.code) {
            Ok(ODataError::TooMuch(problem.detail))
        } else {
            Err(problem)
        }
    }
}
