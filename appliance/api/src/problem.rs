//! Errors as callers see them: RFC 9457 problems with a stable code.

use axum::http::StatusCode;
use model::ErrorKind;
use schemars::JsonSchema;
use serde::Serialize;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $status:literal $code:literal $title:literal;)*) => {
        /// What went wrong, for machines. Codes are never renamed or reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }
        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$name,)*];
            /// The code as text.
            pub const fn text(self) -> &'static str { match self { $(Code::$name => $code,)* } }
            /// The HTTP status.
            pub const fn status(self) -> u16 { match self { $(Code::$name => $status,)* } }
            /// A short description.
            pub const fn title(self) -> &'static str { match self { $(Code::$name => $title,)* } }
        }
    };
}

codes! {
    /// The request is not HTTP or JSON as it should be.
    BadRequest 400 "bad_request" "The request cannot be read";
    /// The request is well formed and makes no sense.
    Invalid 422 "invalid" "The request does not make sense";
    /// The key was used for another request.
    IdempotencyMismatch 422 "idempotency_mismatch" "The idempotency key belongs to another request";
    /// A query that would change something.
    ReadOnly 422 "read_only" "Queries only read";
    /// A query that needs too much memory, or has too large an answer.
    QueryTooLarge 422 "query_too_large" "The query needs too much";
    /// A query that took too long.
    QueryTimedOut 422 "query_timed_out" "The query took too long";
    /// Nobody knows who is calling.
    Unauthenticated 401 "unauthenticated" "Sign in first";
    /// The name or password is wrong. Which one is not said.
    WrongCredentials 401 "wrong_credentials" "Name or password is wrong";
    /// The caller may not do this.
    Denied 403 "denied" "You may not do this";
    /// A fresh second factor is needed.
    StepUpRequired 403 "step_up_required" "Confirm with your second factor";
    /// A code of the second factor is needed beside the password.
    CodeNeeded 401 "code_needed" "Enter the code of your second factor";
    /// The tenant asks everyone for a second factor.
    SecondFactorRequired 403 "second_factor_required" "Set up or show your second factor first";
    /// The password was given by another and must be changed first.
    PasswordChangeRequired 403 "password_change_required" "Choose a new password first";
    /// A view link asks for its password.
    LinkPassword 401 "link_password" "The link asks for its password";
    /// A request from another site.
    CrossSite 403 "cross_site" "The request comes from another site";
    /// A bound on how many there may be of something.
    QuotaExceeded 403 "quota_exceeded" "There are too many of these";
    /// A plan's limit, which is named.
    LimitReached 403 "limit_reached" "A limit of the plan is reached";
    /// There is no such thing, or the caller may not know of it.
    NotFound 404 "not_found" "There is no such thing";
    /// The path knows other methods.
    MethodNotAllowed 405 "method_not_allowed" "This method is not known here";
    /// Something else came first.
    Conflict 409 "conflict" "Something else came first";
    /// Jobs work on it.
    Busy 409 "busy" "Work on it is under way";
    /// A request with this key runs.
    IdempotencyConflict 409 "idempotency_conflict" "A request with this idempotency key is being done";
    /// A request with this key was done; how it was answered is not known any more.
    AlreadyDone 409 "already_done" "The request was done before";
    /// The browser works in another workspace than the page shows.
    OtherWorkspace 409 "other_workspace" "You work in another workspace by now";
    /// The thing has changed since it was read.
    VersionMismatch 412 "version_mismatch" "The thing has changed since you read it";
    /// The body is larger than allowed.
    TooLarge 413 "too_large" "The body is too large";
    /// The body is of another kind.
    UnsupportedMediaType 415 "unsupported_media_type" "Send application/json";
    /// The bytes asked for are not there.
    RangeNotSatisfiable 416 "range_not_satisfiable" "The thing has no such bytes";
    /// A change must say which version it is based on.
    PreconditionRequired 428 "precondition_required" "Say in If-Match which version you have read";
    /// Too many requests.
    RateLimited 429 "rate_limited" "Too many requests";
    /// Too many requests that are not answered yet.
    TooManyAtOnce 429 "too_many_at_once" "Too many requests at the same time";
    /// The appliance's mistake.
    Internal 500 "internal" "Something went wrong in the appliance";
    /// Stored data is damaged.
    DataDamaged 500 "data_damaged" "Stored data is damaged";
    /// Not now.
    Unavailable 503 "unavailable" "Try again later";
}

/// A problem document.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Problem {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short description of the kind of problem.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem, for machines.
    pub code: &'static str,
    /// What went wrong this time and what to do about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The request in which it happened; name it when asking for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Which parts of the request are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// The limit of the plan that is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Seconds after which trying again makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

/// A limit of the plan.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Limit {
    /// Its name, as `GET /v1/tenant/usage` shows it.
    pub name: &'static str,
    /// What the plan allows.
    pub allowed: u64,
    /// What is used; for a limit on one thing, what was asked for.
    pub used: u64,
}

/// One wrong part of a request.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Fault {
    /// JSON pointer into the body, or the name of a parameter.
    pub at: String,
    /// What is wrong.
    pub detail: String,
}

impl Problem {
    /// A problem of this code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem {
            kind: format!("urn:audiagram:problem:{}", code.text()),
            title: code.title(),
            status: code.status(),
            code: code.text(),
            detail: detail.into(),
            instance: None,
            errors: Vec::new(),
            limit: None,
            retry_after_s: None,
        }
    }

    /// Whether it says nothing of the request: the appliance failed or has too much to do, and another try may go better.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self.status, 429 | 500..)
    }

    /// A problem with one part of the request.
    pub fn at(at: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem = Problem::new(Code::Invalid, detail.clone());
        problem.errors.push(Fault { at: at.into(), detail });
        problem
    }

    /// The problem that an error of this kind is. Details of damage and of our own mistakes stay in the log.
    pub fn of(kind: ErrorKind, error: &(dyn std::error::Error + 'static)) -> Self {
        let code = match kind {
            ErrorKind::Invalid => Code::Invalid,
            ErrorKind::Unauthenticated => Code::Unauthenticated,
            ErrorKind::Denied => Code::Denied,
            ErrorKind::NotFound => Code::NotFound,
            ErrorKind::Conflict => Code::Conflict,
            ErrorKind::Exhausted => Code::QuotaExceeded,
            ErrorKind::Unavailable => Code::Unavailable,
            ErrorKind::Corrupt => Code::DataDamaged,
            ErrorKind::Bug => Code::Internal,
        };
        match kind {
            ErrorKind::Corrupt | ErrorKind::Bug => {
                tracing::error!(error, "a request failed by our fault");
                Problem::new(code, "")
            }
            ErrorKind::Unavailable => {
                tracing::warn!(error, "a request could not be served now");
                Problem::new(code, error.to_string())
            }
            _ => Problem::new(code, error.to_string()),
        }
    }

    pub(crate) fn http_status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).expect("the table holds valid statuses")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes() {
        let mut text = String::new();
        for code in Code::ALL {
            text += &format!("{} {:24} {}\n", code.status(), code.text(), code.title());
        }
        insta::assert_snapshot!("codes", text);
    }
}
