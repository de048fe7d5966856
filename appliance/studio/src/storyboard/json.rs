//! A strict JSON reader: no key twice in an object, bounded depth and size, errors with line and pointer.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Deepest nesting of arrays and objects. The formats need eight levels; the rest is for unknown fields.
const MAX_DEPTH: usize = 64;

/// Most values in one document.
const MAX_VALUES: usize = 8_000_000;

/// Why bytes are not an acceptable JSON document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Larger than the format allows.
    #[error("the document has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Not JSON, or JSON with a key twice, too deep, or with too many values.
    #[error("line {line}, column {column}{}: {message}", at(.pointer))]
    Syntax {
        /// Line from 1.
        line: usize,
        /// Column from 1, in bytes.
        column: usize,
        /// JSON pointer of the innermost value that had begun; empty at the top.
        pointer: String,
        /// What is wrong.
        message: String,
    },
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" (at {pointer})") }
}

/// Reads one document of at most `limit` bytes; a UTF-8 byte order mark before it is skipped.
///
/// # Errors
/// When the bytes are not JSON or break a limit.
pub(crate) fn parse(bytes: &[u8], limit: usize) -> Result<Value, JsonError> {
    if bytes.len() > limit {
        return Err(JsonError::TooLarge { bytes: bytes.len(), limit });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let state = RefCell::new(State { path: Vec::new(), values: 0 });
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Strict(&state).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value)).map_err(|e| {
        let text = e.to_string();
        // serde_json appends the position, which has fields of its own here.
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(head, _)| head).to_owned();
        let pointer = state.borrow().path.iter().map(|key| format!("/{}", escape(key))).collect();
        JsonError::Syntax { line: e.line(), column: e.column(), pointer, message }
    })
}

/// A key as it stands in a JSON pointer (RFC 6901).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

struct State {
    path: Vec<String>,
    values: usize,
}

#[derive(Clone, Copy)]
struct Strict<'a>(&'a RefCell<State>);

impl Strict<'_> {
    /// Reads one member under `key`; the path keeps the key when reading fails, for the error.
    fn within<E>(self, key: String, read: impl FnOnce() -> Result<Value, E>) -> Result<Value, E>
    where
        E: serde::de::Error,
    {
        {
            let mut state = self.0.borrow_mut();
            state.values += 1;
            state.path.push(key);
            if state.path.len() > MAX_DEPTH {
                return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
            }
            if state.values > MAX_VALUES {
                return Err(E::custom(format_args!("more than {MAX_VALUES} values")));
            }
        }
        let value = read()?;
        self.0.borrow_mut().path.pop();
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let mut end = false;
            let value = self.within(items.len().to_string(), || {
                seq.next_element_seed(self).map(|item| {
                    end = item.is_none();
                    item.unwrap_or(Value::Null)
                })
            })?;
            if end {
                return Ok(Value::Array(items));
            }
            items.push(value);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("key `{key}` appears twice")));
            }
            let value = self.within(key.clone(), || map.next_value_seed(self))?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let got = match parse(text.as_bytes(), 1 << 20) {
            Ok(value) => value.to_string(),
            Err(e) => e.to_string(),
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn strict() {
        check("{\"b\":[1,-2,0.5,null,true,\"x\"],\"a\":{}}", "{\"b\":[1,-2,0.5,null,true,\"x\"],\"a\":{}}");
        check("\u{feff}[]", "[]");
        check("{\"a\":\n{\"b\":1,\"b\":2}}", "line 2, column 10 (at /a): key `b` appears twice");
        check("[1,{\"a/b\":tru}]", "line 1, column 14 (at /1/a~1b): expected ident");
        check("[] x", "line 1, column 4: trailing characters");
        check("", "line 1, column 0: EOF while parsing a value");
        check("[1e999]", "line 1, column 6 (at /0): number out of range");
    }

    #[test]
    fn bounds() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let error = parse(deep.as_bytes(), 1000).unwrap_err().to_string();
        assert!(error.contains("nested deeper than 64 levels"), "{error}");
        assert!(parse("[".repeat(100_000).as_bytes(), 1 << 20).is_err());
        assert_eq!(parse(b"[1,2]", 4), Err(JsonError::TooLarge { bytes: 5, limit: 4 }));
    }
}
