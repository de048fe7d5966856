//! Settings of a session: those that have a meaning here, and those that clients set and read again.

use std::{collections::BTreeMap, time::Duration};

use super::fault::Fault;

/// The version that is reported: whose behaviour is kept to.
pub(super) const SERVER_VERSION: &str = "15.8";
/// The most settings that are remembered.
const MOST: usize = 64;
/// The longest value of one, in bytes.
const LONGEST: usize = 1_024;

/// What holds in every session, as far as clients ask for it. What is reported to clients at the start is marked.
const FIXED: &[(&str, &str, bool)] = &[
    ("server_version", SERVER_VERSION, true),
    ("server_version_num", "150008", false),
    ("server_encoding", "UTF8", true),
    ("client_encoding", "UTF8", true),
    ("DateStyle", "ISO, MDY", true),
    ("IntervalStyle", "postgres", true),
    ("TimeZone", "UTC", true),
    ("integer_datetimes", "on", true),
    ("standard_conforming_strings", "on", true),
    ("is_superuser", "off", true),
    ("default_transaction_read_only", "on", true),
    ("in_hot_standby", "off", true),
    ("transaction_read_only", "on", false),
    ("transaction_isolation", "repeatable read", false),
    ("default_transaction_isolation", "repeatable read", false),
    ("transaction_deferrable", "off", false),
    ("search_path", "\"$user\", public", false),
    ("max_identifier_length", "63", false),
    ("max_index_keys", "32", false),
    ("bytea_output", "hex", false),
    ("lc_collate", "C", false),
    ("lc_ctype", "C", false),
    ("lc_messages", "C", false),
    ("lc_monetary", "C", false),
    ("lc_numeric", "C", false),
    ("lc_time", "C", false),
    ("wal_level", "minimal", false),
    ("block_size", "8192", false),
];

/// The settings of a session.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    own: BTreeMap<String, String>,
    longest: Duration,
}

impl Settings {
    /// Those of a session whose statements may run so long.
    pub(super) fn new(longest: Duration, user: &str) -> Self {
        let own = [("session_authorization".to_owned(), user.to_owned()), ("role".to_owned(), "none".to_owned())];
        Settings { own: own.into(), longest }
    }

    /// How long a statement may run: what was asked for, and never longer than the appliance lets any.
    pub(super) fn timeout(&self) -> Duration {
        let asked = self.own.get("statement_timeout").and_then(|value| span(value));
        asked.filter(|time| !time.is_zero()).map_or(self.longest, |time| time.min(self.longest))
    }

    /// Sets one; without a value it is as at the start.
    ///
    /// # Errors
    /// When the value cannot be kept to.
    pub(super) fn set(&mut self, name: &str, value: Option<&str>) -> Result<(), Fault> {
        let name = name.to_ascii_lowercase();
        let Some(value) = value else {
            if !matches!(name.as_str(), "session_authorization" | "role") {
                self.own.remove(&name);
            }
            return Ok(());
        };
        let refuse = |why: &str| Err(Fault::new("22023", format!("invalid value for parameter \"{name}\": {why}")));
        if value.len() > LONGEST || value.contains('\0') {
            return refuse("it is too long");
        }
        let plain = value.to_ascii_lowercase();
        match name.as_str() {
            "client_encoding" | "names" => {
                return match plain.replace(['-', '_'], "").as_str() {
                    "utf8" | "unicode" | "sqlascii" => Ok(()),
                    _ => refuse("only UTF8 is spoken"),
                };
            }
            "datestyle" => {
                return if plain.split(',').any(|part| part.trim() == "iso") || plain.trim() == "mdy" {
                    Ok(())
                } else {
                    refuse("only ISO is written")
                };
            }
            "intervalstyle" => {
                return if plain == "postgres" { Ok(()) } else { refuse("only the style postgres is written") };
            }
            "standard_conforming_strings" | "integer_datetimes" => {
                return if matches!(plain.as_str(), "on" | "true" | "1") { Ok(()) } else { refuse("it is always on") };
            }
            "bytea_output" => return if plain == "hex" { Ok(()) } else { refuse("only hex is written") },
            // Values carry their distance from UTC, so that they are right in any zone.
            "timezone" => return Ok(()),
            "session_authorization" | "role" => {
                return if matches!(plain.as_str(), "default" | "none")
                    || self.own.get(&name).is_some_and(|own| own == value)
                {
                    Ok(())
                } else {
                    Err(Fault::new("42501", format!("permission denied to set {name}")))
                };
            }
            "default_transaction_read_only" | "transaction_read_only" => {
                return if matches!(plain.as_str(), "on" | "true" | "1" | "yes") {
                    Ok(())
                } else {
                    Err(Fault::new("25006", "this door is for reading only"))
                };
            }
            "server_version" | "server_version_num" | "server_encoding" | "is_superuser" | "in_hot_standby" => {
                return Err(Fault::new("55P02", format!("parameter \"{name}\" cannot be changed")));
            }
            "statement_timeout" if span(&plain).is_none() => return refuse("it is no time"),
            _ => {}
        }
        if !self.own.contains_key(&name) && self.own.len() >= MOST {
            return Err(Fault::new("53400", format!("a session keeps {MOST} settings; reset some")));
        }
        self.own.insert(name, value.to_owned());
        Ok(())
    }

    /// Sets all to what they were at the start.
    pub(super) fn reset(&mut self) {
        self.own.retain(|name, _| matches!(name.as_str(), "session_authorization" | "role"));
    }

    /// The value of one.
    ///
    /// # Errors
    /// When there is none of this name.
    pub(super) fn show(&self, name: &str) -> Result<String, Fault> {
        let name = name.to_ascii_lowercase();
        if name == "statement_timeout" {
            return Ok(format!("{}ms", self.timeout().as_millis()));
        }
        if let Some(value) = self.own.get(&name) {
            return Ok(value.clone());
        }
        let fixed = FIXED.iter().find(|(known, ..)| known.eq_ignore_ascii_case(&name));
        match fixed {
            Some((_, value, _)) => Ok((*value).to_owned()),
            None if name == "application_name" => Ok(String::new()),
            None if name == "extra_float_digits" => Ok("1".to_owned()),
            None => Err(Fault::new("42704", format!("unrecognized configuration parameter \"{name}\""))),
        }
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> BTreeMap<String, String> {
        let fixed = FIXED.iter().map(|(name, value, _)| ((*name).to_owned(), (*value).to_owned()));
        let mut all: BTreeMap<_, _> = fixed.chain(self.own.clone()).collect();
        all.insert("statement_timeout".to_owned(), format!("{}ms", self.timeout().as_millis()));
        all
    }

    /// What clients are told at the start.
    pub(super) fn reported(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = ["application_name", "session_authorization"];
        let own = own.into_iter().map(|name| (name, self.own.get(name).map_or("", String::as_str)));
        FIXED.iter().filter(|(.., reported)| *reported).map(|(name, value, _)| (*name, *value)).chain(own)
    }
}

/// A time as PostgreSQL reads it: milliseconds where no unit is named.
fn span(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let millis = match unit.trim() {
        "" | "ms" => number,
        "us" => number / 1_000,
        "s" => number.checked_mul(1_000)?,
        "min" => number.checked_mul(60_000)?,
        "h" => number.checked_mul(3_600_000)?,
        "d" => number.checked_mul(86_400_000)?,
        _ => return None,
    };
    Some(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_time_out_is_never_longer_than_the_appliance_lets_it_be() {
        let mut settings = Settings::new(Duration::from_secs(30), "u");
        for (value, millis) in [("5000", 5_000), ("2s", 2_000), ("1min", 30_000), ("0", 30_000), ("1 h", 30_000)] {
            settings.set("Statement_Timeout", Some(value)).unwrap();
            assert_eq!(settings.timeout(), Duration::from_millis(millis), "{value}");
        }
        assert_eq!(settings.set("statement_timeout", Some("soon")).unwrap_err().code, "22023");
        settings.reset();
        assert_eq!(settings.show("statement_timeout").unwrap(), "30000ms");
    }

    #[test]
    fn what_cannot_be_kept_to_is_refused() {
        let mut settings = Settings::new(Duration::from_secs(30), "u");
        for (name, value, code) in [
            ("client_encoding", "LATIN1", "22023"),
            ("DateStyle", "German", "22023"),
            ("session_authorization", "postgres", "42501"),
            ("role", "postgres", "42501"),
            ("default_transaction_read_only", "off", "25006"),
            ("server_version", "1", "55P02"),
        ] {
            assert_eq!(settings.set(name, Some(value)).unwrap_err().code, code, "{name}");
        }
        for (name, value) in [("client_encoding", "utf-8"), ("DateStyle", "ISO, MDY"), ("TimeZone", "Asia/Tokyo")] {
            settings.set(name, Some(value)).unwrap();
        }
        assert_eq!(settings.show("timezone").unwrap(), "UTC");
        for number in 0..100 {
            let set = settings.set(&format!("a.b{number}"), Some("1"));
            assert!(number < 40 || set.is_ok() || set.unwrap_err().code == "53400");
        }
        assert!(settings.own.len() <= MOST);
        assert_eq!(settings.show("nope").unwrap_err().code, "42704");
    }
}
