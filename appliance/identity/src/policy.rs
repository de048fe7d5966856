//! What the rules of a tenant for sessions and for passwords have in common.

use model::ErrorKind;
use store::{ReadError, WriteError};

/// Between which values a tenant may choose: never less strict than the appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
}

impl Bounds {
    /// The tenant's own value for `field`, if it is within.
    pub(crate) fn check(self, field: &'static str, value: Option<u64>) -> Result<(), PolicyError> {
        match value {
            Some(value) if value < self.least || value > self.most => {
                Err(PolicyError::Bounds { field, least: self.least, most: self.most })
            }
            _ => Ok(()),
        }
    }
}

/// Why a tenant's rules are not taken.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A value is less strict than the appliance allows, or of no use.
    #[error("choose from {} to {}", said(.field, *.least), said(.field, *.most))]
    Bounds {
        /// The field.
        field: &'static str,
        /// The least that it may be.
        least: u64,
        /// The most that it may be.
        most: u64,
    },
    /// A session would be over before it could be idle for so long.
    #[error("sessions last {} at most, so an unused one must end within that time", said("absolute_s", *.0))]
    IdleBeyondEnd(u64),
    /// Too many blocked words.
    #[error("no more than {0} words can be blocked; remove some first")]
    TooManyWords(usize),
    /// A blocked word is too short or too long.
    #[error("a blocked word has {least} to {most} letters or digits")]
    Word {
        /// Which of them, from 0.
        at: usize,
        /// The least characters.
        least: u64,
        /// The most characters.
        most: u64,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] WriteError),
}

impl PolicyError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            PolicyError::Store(error) => error.kind(),
            _ => ErrorKind::Invalid,
        }
    }
}

impl From<ReadError> for PolicyError {
    fn from(error: ReadError) -> Self {
        PolicyError::Store(error.into())
    }
}

/// A value as people say it: of fields in seconds the longest unit that it is a multiple of.
fn said(field: &str, value: u64) -> String {
    if !field.ends_with("_s") {
        return value.to_string();
    }
    let units = [(3_600, "hour"), (60, "minute"), (1, "second")];
    let (size, unit) = units.into_iter().find(|(size, _)| value.is_multiple_of(*size)).unwrap_or((1, "second"));
    let count = value / size;
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// For the audit row: how a value changes, where it does.
pub(crate) fn told(before: Option<u64>, after: Option<u64>) -> Option<String> {
    let text = |value: Option<u64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
    (before != after).then(|| format!("{} to {}", text(before), text(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let says = |field: &'static str, least, most| PolicyError::Bounds { field, least, most }.to_string();
        assert_eq!(says("idle_s", 60, 1_800), "choose from 1 minute to 30 minutes");
        assert_eq!(says("absolute_s", 90, 43_200), "choose from 90 seconds to 12 hours");
        assert_eq!(says("per_user", 1, 50), "choose from 1 to 50");
    }
}
