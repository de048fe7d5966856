//! JSON as it must be before anything reads it: no name twice in an object, not nested deeper than any body of ours.
//!
//! Parsers differ in which of two equal names counts; what one of them checked, another would not use.

use std::{collections::BTreeSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// How deep arrays and objects may lie in each other. The deepest body of the API has 12 levels.
const DEPTH: u8 = 32;

/// Checks a text.
pub(crate) fn check(json: &[u8]) -> Result<(), serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_slice(json);
    Value { left: DEPTH }.deserialize(&mut parser)?;
    parser.end()
}

/// Any value with so many levels in it.
#[derive(Clone, Copy)]
struct Value {
    left: u8,
}

impl Value {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        let left =
            self.left.checked_sub(1).ok_or_else(|| E::custom(format_args!("nested deeper than {DEPTH} levels")))?;
        Ok(Value { left })
    }
}

impl<'de> DeserializeSeed<'de> for Value {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            members.next_value_seed(inner)?;
            if let Some(twice) = names.replace(name) {
                let shown: String = twice.chars().take(40).collect();
                return Err(A::Error::custom(format_args!("the name {shown:?} stands twice in one object")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused() {
        let check = |text: &str| check(text.as_bytes()).map_err(|error| error.to_string());
        for good in [r#"{"a":1,"b":{"a":[null,true,-1,1e3,"x"]}}"#, "3", r#"[{"a":1},{"a":1}]"#, &nested(32)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, part) in [
            (r#"{"a":1,"a":1}"#, "twice"),
            (r#"{"a":1,"\u0061":1}"#, "twice"),
            (r#"[{"x":{"a":1,"b":2,"a":3}}]"#, "twice"),
            ("{} {}", "trailing"),
            ("", "EOF"),
            ("{", "EOF"),
            (&nested(33), "deeper"),
            (&"[".repeat(10_000), "deeper"),
            (&r#"{"a":"#.repeat(10_000), "deeper"),
            ("\"\u{1}\"", "control"),
        ] {
            let said = check(bad).unwrap_err();
            assert!(said.contains(part), "{said}");
        }
    }

    fn nested(depth: usize) -> String {
        "[".repeat(depth) + &"]".repeat(depth)
    }
}
