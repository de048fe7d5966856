//! Errors of the crates below, as problems.

use access::{LawError, Refusal, RightsError, plan::PlanError, review::ReviewError, usage::LimitError};
use audit::{saved::SavedError, search::SearchError};
use identity::{AuthError, PasswordError, PeopleError, PolicyError, SecondFactorError, SignInError, TextError};
use library::LibraryError;
use store::{ReadError, StoreError, WriteError};
use tenancy::{CreateError, LifeError, upkeep::UpkeepError};

use crate::problem::{Code, Fault, Limit, Problem};

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Problem::of(error.kind(), &error)
    }
}

impl From<UpkeepError> for Problem {
    fn from(error: UpkeepError) -> Self {
        Problem::of(error.kind(), &error)
    }
}

impl From<LibraryError> for Problem {
    fn from(error: LibraryError) -> Self {
        match &error {
            LibraryError::Field { field, fault } => {
                let mut problem = Problem::new(Code::Invalid, error.to_string());
                problem.errors.push(Fault { at: format!("/{field}"), detail: fault.clone() });
                problem
            }
            LibraryError::Chart(fault) => chart(fault),
            LibraryError::Usage(limit) => of_limit(limit),
            LibraryError::Busy => Problem::new(Code::Busy, error.to_string()),
            LibraryError::Version { .. } => Problem::new(Code::VersionMismatch, error.to_string()),
            _ => Problem::of(error.kind(), &error),
        }
    }
}

/// The problem that a fault of a chart or dashboard is.
pub(crate) fn chart(fault: &charts::Fault) -> Problem {
    Problem::at(fault.at.clone(), fault.detail.clone())
}

impl From<LimitError> for Problem {
    fn from(error: LimitError) -> Self {
        of_limit(&error)
    }
}

fn of_limit(error: &LimitError) -> Problem {
    let LimitError::Reached { limit: name, allowed, used } = *error else { return Problem::of(error.kind(), error) };
    let mut problem = Problem::new(Code::LimitReached, error.to_string());
    problem.limit = Some(Limit { name, allowed, used });
    problem
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        Problem::of(error.kind(), &error)
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        Problem::of(error.kind(), &error)
    }
}

impl From<Refusal> for Problem {
    fn from(error: Refusal) -> Self {
        match &error {
            Refusal::Invisible(_) => Problem::new(Code::NotFound, ""),
            Refusal::Denied { .. } if error.needs_step_up() => {
                Problem::new(Code::StepUpRequired, "confirm with your second factor, then send the request again")
            }
            _ => Problem::of(error.kind(), &error),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match &error {
            SignInError::Refused => {
                Problem::new(Code::WrongCredentials, "the tenant, the e-mail address or the password is wrong")
            }
            SignInError::CodeNeeded => Problem::new(Code::CodeNeeded, error.to_string()),
            SignInError::Code => faulty(Problem::new(Code::WrongCredentials, error.to_string()), "/code"),
            SignInError::Throttled(throttled) => {
                let mut problem = Problem::new(Code::RateLimited, error.to_string());
                problem.retry_after_s = Some(throttled.seconds());
                problem
            }
            _ => Problem::of(error.kind(), &error),
        }
    }
}

impl From<SecondFactorError> for Problem {
    fn from(error: SecondFactorError) -> Self {
        match error {
            SecondFactorError::People(error) => error.into(),
            error => Problem::of(error.kind(), &error),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        let mut problem = Problem::of(error.kind(), &error);
        if problem.code == Code::Invalid.text() {
            problem.errors.push(Fault { at: "/password".into(), detail: error.to_string() });
        }
        problem
    }
}

impl From<PolicyError> for Problem {
    fn from(error: PolicyError) -> Self {
        let at = match &error {
            PolicyError::Bounds { field, .. } => format!("/{field}"),
            PolicyError::IdleBeyondEnd(_) => "/idle_s".to_owned(),
            PolicyError::TooManyWords(_) => "/blocked".to_owned(),
            PolicyError::Word { at, .. } => format!("/blocked/{at}"),
            PolicyError::Store(_) => return Problem::of(error.kind(), &error),
        };
        Problem::at(at, error.to_string())
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        let at = match &error {
            PeopleError::Text(TextError::Name) => "/name",
            PeopleError::Text(TextError::Email) => "/email",
            PeopleError::Expiry(_) => "/expires",
            PeopleError::Scopes => "/permissions",
            _ => return Problem::of(error.kind(), &error),
        };
        faulty(Problem::of(error.kind(), &error), at)
    }
}

impl From<RightsError> for Problem {
    fn from(error: RightsError) -> Self {
        let at = match &error {
            RightsError::Version { .. } => return Problem::new(Code::VersionMismatch, error.to_string()),
            RightsError::Name => "/name",
            RightsError::Permissions => "/permissions",
            RightsError::Principal => "/principal",
            RightsError::Ended => "/expires",
            RightsError::Policy(error) if error.kind() == model::ErrorKind::Invalid => "/text",
            _ => return Problem::of(error.kind(), &error),
        };
        faulty(Problem::of(error.kind(), &error), at)
    }
}

impl From<ReviewError> for Problem {
    fn from(error: ReviewError) -> Self {
        let at = match error {
            ReviewError::Rights(error) => return error.into(),
            ReviewError::Due => "/due",
            ReviewError::Reviewers => "/reviewers",
            ReviewError::Reason => "/reason",
            ReviewError::NoItem(_) | ReviewError::Decisions => "/assignments",
            _ => return Problem::of(error.kind(), &error),
        };
        faulty(Problem::of(error.kind(), &error), at)
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        Problem::of(error.kind(), &error)
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        Problem::of(error.kind(), &error)
    }
}

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Self {
        let at = match error {
            PlanError::Principal => "principal",
            PlanError::NotFound("role") => "role",
            PlanError::NotFound("assignment") => "assignment",
            PlanError::NotFound(_) => "group",
        };
        Problem::at(at, error.to_string())
    }
}

impl From<SavedError> for Problem {
    fn from(error: SavedError) -> Self {
        match &error {
            SavedError::Name => faulty(Problem::of(error.kind(), &error), "/name"),
            SavedError::Version { .. } => Problem::new(Code::VersionMismatch, error.to_string()),
            _ => Problem::of(error.kind(), &error),
        }
    }
}

impl From<CreateError> for Problem {
    fn from(error: CreateError) -> Self {
        let at = match &error {
            CreateError::Slug(_) | CreateError::Twice(_) => "/slug",
            CreateError::Name => "/name",
            CreateError::TooMany => "/tenants",
            CreateError::Owner(_) => "/owner",
            _ => return Problem::of(error.kind(), &error),
        };
        faulty(Problem::of(error.kind(), &error), at)
    }
}

impl From<LifeError> for Problem {
    fn from(error: LifeError) -> Self {
        let at = match &error {
            LifeError::Version { .. } => return Problem::new(Code::VersionMismatch, error.to_string()),
            LifeError::Confirm => "/confirm",
            LifeError::Reason => "/reason",
            LifeError::Name => "/name",
            LifeError::Grace => "/grace_days",
            _ => return Problem::of(error.kind(), &error),
        };
        faulty(Problem::of(error.kind(), &error), at)
    }
}

impl From<library::search::SearchError> for Problem {
    fn from(error: library::search::SearchError) -> Self {
        match error {
            library::search::SearchError::Library(error) => error.into(),
            error => Problem::of(error.kind(), &error),
        }
    }
}

impl From<LawError> for Problem {
    fn from(error: LawError) -> Self {
        Refusal::from(error).into()
    }
}

/// A problem that says where in the body it lies.
fn faulty(mut problem: Problem, at: &str) -> Problem {
    problem.errors.push(Fault { at: at.to_owned(), detail: problem.detail.clone() });
    problem
}
