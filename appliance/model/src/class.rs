//! What kind of data a record holds, how secret it is, and where it may be.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The class of a record's data: what may cross a border is decided by class and pair of regions.
/// A record counts as the most sensitive of its fields. Free text is content (`K6`) by definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataClass {
    /// Public keys and certificates.
    K0,
    /// Operational facts without person or content: states, regions, versions, rules.
    K1,
    /// A tenant's business facts: company name, plan, sums of its usage.
    K2,
    /// Aggregates over many that name nobody.
    K3,
    /// Personal data under a pseudonym.
    K4,
    /// Personal data: names, addresses, who did what.
    K5,
    /// Content: audio, transcripts, diagrams, videos, titles, file names, tags, comments.
    K6,
    /// Secrets: keys, tokens, their hashes. Never leave the appliance.
    K7,
}

/// How secret a thing is. People need a clearance at least as high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Classification {
    /// For everyone.
    Public = 0,
    /// For everyone in the company.
    #[default]
    Internal = 1,
    /// For those who need it.
    Confidential = 2,
    /// For few.
    Secret = 3,
    /// For named people only.
    Restricted = 4,
}

/// A region of the federation, by its code: `eu`, `in`, `cn`, `jp`, `us-ca`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region([u8; 8]);

impl Region {
    /// The code.
    pub fn code(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        std::str::from_utf8(&self.0[..end]).expect("only ASCII is let in")
    }
}

/// A text that is no region code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a region code: expected 2 to 8 lower-case letters, digits or hyphens, like `eu` or `us-ca`")]
pub struct ParseClassError;

impl FromStr for Region {
    type Err = ParseClassError;
    fn from_str(text: &str) -> Result<Self, ParseClassError> {
        let fits = (2..=8).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && text.as_bytes()[0].is_ascii_lowercase();
        if !fits {
            return Err(ParseClassError);
        }
        let mut code = [0; 8];
        code[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Region(code))
    }
}
impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_codes() {
        for good in ["eu", "in", "us-ca", "abcdefgh"] {
            assert_eq!(good.parse::<Region>().unwrap().code(), good);
        }
        for bad in ["", "e", "EU", "abcdefghi", "-a", "1a", "e u"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}
