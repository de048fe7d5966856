//! Names and e-mail addresses as they are stored.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The most characters of a name.
pub const MAX_NAME: usize = 100;
/// The most bytes of an address (RFC 5321, 4.5.3.1.3, less the angle brackets).
const MAX_EMAIL: usize = 254;
/// The most bytes before the `@` (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// A text that cannot be a name or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Empty, too long, or with characters that do not show.
    #[error("a name has 1 to {MAX_NAME} characters that can be seen")]
    Name,
    /// Not of the form of an address.
    #[error("not an e-mail address: expected one like `name@example.org`")]
    Email,
}

/// A name for people to read: NFC, without blanks at its ends.
pub(crate) fn name(text: &str) -> Result<String, TextError> {
    // Normalization may lengthen a text a little; what is far too long is not even looked at.
    if text.len() > MAX_NAME * 16 {
        return Err(TextError::Name);
    }
    let name: String = text.trim().nfc().collect();
    let count = name.chars().count();
    // Joiners are letters' business in Persian and the scripts of India.
    let shows = |letter: char| !is_hidden(letter) || matches!(letter, '\u{200C}' | '\u{200D}');
    if (1..=MAX_NAME).contains(&count) && name.chars().all(shows) && !name.chars().all(is_hidden) {
        Ok(name)
    } else {
        Err(TextError::Name)
    }
}

/// Control characters, marks of direction, and blanks of no width: with them two texts look alike and are not.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

/// An e-mail address in the one form in which it is compared: NFC, lower case. It is the name a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

// What comes from outside is checked; what was stored was checked then, and stays readable if the rule becomes stricter.
impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let outside = deserializer.is_human_readable();
        let text = String::deserialize(deserializer)?;
        if outside { Self::parse(&text).map_err(serde::de::Error::custom) } else { Ok(Self(text)) }
    }
}

impl Email {
    /// Reads an address. Quoted parts and comments are not taken; a host without a dot is, for networks without the outside.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.len() > MAX_EMAIL * 2 {
            return Err(TextError::Email);
        }
        let email: String = text.trim().nfc().collect::<String>().to_lowercase().nfc().collect();
        let (local, host) = email.split_once('@').ok_or(TextError::Email)?;
        let fits = email.len() <= MAX_EMAIL
            && (1..=MAX_LOCAL).contains(&local.len())
            && local.split('.').all(|part| !part.is_empty())
            && local.chars().all(|letter| letter.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(letter))
            && host.split('.').all(|label| {
                !label.is_empty()
                    && label.len() <= 63
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
            });
        if fits { Ok(Self(email)) } else { Err(TextError::Email) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_form_is_the_last_form(text in "\\PC{0,20}@?\\PC{0,20}", letters in "[a-zA-ZİßΣﬁé\u{301}]{1,9}@[a-zßİ]{1,9}") {
            for text in [text, letters] {
                if let Ok(email) = Email::parse(&text) {
                    prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
                }
                if let Ok(shown) = name(&text) {
                    prop_assert_eq!(name(&shown), Ok(shown));
                }
            }
        }
    }

    #[test]
    fn addresses() {
        for (text, stored) in [
            ("ann@example.org", "ann@example.org"),
            ("  Ann.Lee+x@Example.ORG\n", "ann.lee+x@example.org"),
            ("root@localhost", "root@localhost"),
            ("JOSE\u{301}@bücher.example", "josé@bücher.example"),
        ] {
            let email = Email::parse(text).unwrap();
            assert_eq!(email.as_str(), stored);
            assert_eq!(serde_json::from_value::<Email>(text.into()).unwrap(), email);
            assert_eq!(postcard::from_bytes::<Email>(&postcard::to_allocvec(&email).unwrap()).unwrap(), email);
        }
        for bad in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "a b@example.org",
            "a@b@c",
            ".a@b",
            "a..b@c",
            "a@b..c",
            "a@-b",
            "a@b-",
            "a\u{200B}b@c",
            "a@b\0",
            "\"a\"@b",
            "a@b\u{202E}c",
            &format!("{}@b", "a".repeat(65)),
            &format!("a@{}", "b".repeat(64)),
            &format!("a@{}", "b.".repeat(130)),
        ] {
            assert_eq!(Email::parse(bad), Err(TextError::Email), "{bad}");
            assert!(serde_json::from_value::<Email>(bad.into()).is_err());
        }
    }

    #[test]
    fn names() {
        assert_eq!(name(" Jose\u{301} ").unwrap(), "José");
        assert_eq!(name("می\u{200C}خواهم").unwrap(), "می\u{200C}خواهم");
        assert!(name(&"x".repeat(MAX_NAME)).is_ok());
        for bad in ["", "  ", "a\nb", "a\u{202E}b", "\u{200D}", &"x".repeat(MAX_NAME + 1), &"x".repeat(1 << 20)] {
            assert_eq!(name(bad), Err(TextError::Name));
        }
    }
}
