//! The messages of the Yjs protocols (y-protocols: sync and awareness), and one of our own for what they do not say.

use axum::body::Bytes;
use schemars::JsonSchema;
use serde::Serialize;

const SYNC: u64 = 0;
const AWARENESS: u64 = 1;
const ASK_AWARENESS: u64 = 3;
/// Ours: a JSON text.
const TOLD: u64 = 100;
/// The longest state that somebody may show the others, in bytes.
const MAX_PRESENCE: usize = 4 << 10;

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// What it has of each client; it wants the rest.
    State(Vec<u8>),
    /// Changes.
    Update(Vec<u8>),
    /// Where it is: its client id, a count, and a JSON object; `null` when it is gone.
    Presence(u64, u64, String),
    /// It wants a version to be made.
    Save,
    /// Something that needs no answer.
    Nothing,
}

/// Reads a message; nothing where it is none.
pub(super) fn read(message: &[u8]) -> Option<Said> {
    let mut reader = Reader(message);
    let said = match reader.number()? {
        SYNC => match reader.number()? {
            0 => Said::State(reader.bytes()?.to_vec()),
            1 | 2 => Said::Update(reader.bytes()?.to_vec()),
            _ => return None,
        },
        AWARENESS => {
            let mut inner = Reader(reader.bytes()?);
            // Each says where it is itself; where others are it has from here.
            if inner.number()? != 1 {
                return None;
            }
            let (client, count) = (inner.number()?, inner.number()?);
            let state = std::str::from_utf8(inner.bytes()?).ok()?;
            if !inner.0.is_empty() || state.len() > MAX_PRESENCE || client >= 1 << 53 || count >= 1 << 53 {
                return None;
            }
            Said::Presence(client, count, state.to_owned())
        }
        ASK_AWARENESS => Said::Nothing,
        TOLD => match reader.bytes()? {
            br#"{"kind":"save"}"# => Said::Save,
            _ => return None,
        },
        _ => return None,
    };
    reader.0.is_empty().then_some(said)
}

/// Asks for what the appliance lacks.
pub(super) fn state(state: &[u8]) -> Bytes {
    message(&[SYNC, 0], state)
}

/// Answers with what somebody lacks.
pub(super) fn missing(update: &[u8]) -> Bytes {
    message(&[SYNC, 1], update)
}

/// Tells of changes.
pub(super) fn update(update: &[u8]) -> Bytes {
    message(&[SYNC, 2], update)
}

/// Tells where somebody is.
pub(super) fn presence(client: u64, count: u64, state: &str) -> Bytes {
    let mut inner = Vec::with_capacity(state.len() + 24);
    for number in [1, client, count] {
        write(&mut inner, number);
    }
    write(&mut inner, state.len() as u64);
    inner.extend_from_slice(state.as_bytes());
    message(&[AWARENESS], &inner)
}

/// What the appliance tells beside the protocols of Yjs: a JSON text in a message of kind 100.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[schemars(rename = "LiveMessage")]
pub(super) enum Told {
    /// First of all.
    Welcome {
        /// Which document it is; another one begins with another number.
        epoch: u64,
        /// The version of the storyboard that it is bound to.
        version: u64,
        /// Whether changes are taken.
        may_edit: bool,
    },
    /// A version of the storyboard is there.
    Saved {
        /// Its number.
        version: u64,
        /// Whether it was made because whoever is told has asked for it.
        asked: bool,
    },
    /// What one may do has changed.
    Rights {
        /// Whether changes are taken.
        may_edit: bool,
    },
    /// Changes of whoever is told are stored.
    Kept {
        /// How many updates.
        updates: u64,
    },
    /// A change of whoever is told is not taken; the line ends.
    Refused {
        /// Why, for people.
        reason: String,
    },
}

/// Tells something else.
pub(super) fn told(what: &Told) -> Bytes {
    message(&[TOLD], &serde_json::to_vec(what).expect("what is told is plain data"))
}

fn message(kind: &[u64], bytes: &[u8]) -> Bytes {
    let mut message = Vec::with_capacity(bytes.len() + 12);
    for number in kind {
        write(&mut message, *number);
    }
    write(&mut message, bytes.len() as u64);
    message.extend_from_slice(bytes);
    message.into()
}

/// Seven bits a byte, the least first.
fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_are_written() {
        assert_eq!(read(&state(&[1, 2])), Some(Said::State(vec![1, 2])));
        assert_eq!(read(&missing(&[7; 300])), Some(Said::Update(vec![7; 300])));
        assert_eq!(read(&update(&[])), Some(Said::Update(Vec::new())));
        let there = read(&presence(1 << 40, 3, r#"{"at":"n1"}"#));
        assert_eq!(there, Some(Said::Presence(1 << 40, 3, r#"{"at":"n1"}"#.into())));
        assert_eq!(read(&message(&[TOLD], br#"{"kind":"save"}"#)), Some(Said::Save));
    }

    #[test]
    fn what_is_none_is_not_read() {
        for message in
            [&[][..], &[9], &[0, 3, 0], &[0, 0, 5, 1], &[0, 0, 0, 0], &[1, 1, 2], &[0xff; 12], &[100, 1, b'x']]
        {
            assert_eq!(read(message), None, "{message:?}");
        }
        assert_eq!(read(&presence(1, 1, &"x".repeat(MAX_PRESENCE + 1))), None);
    }
}
