//! Passwords: which are good enough (NIST SP 800-63B-4, 3.1.1), and how they are kept.
//!
//! Length and guessability count; no rules of composition, every character that can be typed is welcome. What a tenant asks beyond that is
//! its policy.

mod blocked;
mod hash;
mod life;
mod policy;
mod strength;

use model::ErrorKind;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

pub use blocked::block_list;
pub use hash::{Busy, HashCost, Hasher, PasswordHash};
pub use life::{former, over};
pub use policy::{MAX_BLOCKED, MAX_REMEMBERED, PasswordBounds, PasswordPolicy, WORD_CHARS, policy, set_policy};

#[cfg(test)]
pub(crate) use life::PasswordLife;
pub(crate) use life::{forget, replaced};

/// The most characters of a password.
const MAX_CHARS: usize = 256;
/// The least characters of a password that is the only factor, whatever was configured.
const LEAST_CHARS: usize = 15;
/// The most bytes of a password: each character has up to four.
const MAX_BYTES: usize = MAX_CHARS * 4;
/// The least bits of a password that is the only factor, and of one beside a second. Sign-in is throttled and stops after 100
/// failures; this is for one who has stolen the hashes.
const MIN_BITS: [u32; 2] = [33, 20];

/// What passwords must be, and what checking them costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordRules {
    /// The least characters of a password that is the only factor; 15 at least.
    pub min_chars: usize,
    /// The least characters of a password beside a second factor; 8 at least.
    pub min_chars_with_second_factor: usize,
    /// What a hash costs.
    pub cost: HashCost,
    /// How many passwords are worked on at once; each takes a core and the memory of a hash.
    pub at_once: usize,
    /// How many more may wait.
    pub waiting: usize,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            min_chars: 15,
            min_chars_with_second_factor: 8,
            cost: HashCost::default(),
            at_once: std::thread::available_parallelism().map_or(1, usize::from),
            waiting: 64,
        }
    }
}

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too few characters.
    #[error("the password must have at least {0} characters; a few unrelated words are easy to remember")]
    TooShort(usize),
    /// Too many characters.
    #[error("the password must have at most {MAX_CHARS} characters")]
    TooLong,
    /// Among the first that a guesser tries.
    #[error("the password is made of common words, names or patterns; choose a few unrelated words")]
    Guessable,
    /// It has a word that the tenant does not allow.
    #[error("the password contains \"{0}\", which is not allowed here; leave it out")]
    Blocked(String),
    /// It is the present one, or one of those before.
    #[error("this password was used before; choose another")]
    Former,
    /// Too much to do at the moment.
    #[error(transparent)]
    Busy(#[from] Busy),
}

impl PasswordError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            PasswordError::Busy(_) => ErrorKind::Unavailable,
            _ => ErrorKind::Invalid,
        }
    }
}

/// Judges, hashes and checks passwords; one for the appliance.
#[derive(Debug)]
pub struct Passwords {
    rules: PasswordRules,
    hasher: Hasher,
}

impl Passwords {
    /// Passwords by these rules.
    pub fn new(rules: PasswordRules) -> Self {
        let hasher = Hasher::new(rules.cost, rules.at_once, rules.waiting);
        Self { rules, hasher }
    }

    /// The hash of a new password, if it is good enough for one of whom `context` is known: names, addresses, the company.
    ///
    /// Takes tens of milliseconds: never call it inside a write.
    pub fn accept(
        &self,
        password: &Secret,
        context: &[&str],
        has_second_factor: bool,
    ) -> Result<PasswordHash, PasswordError> {
        self.judge(password, context, has_second_factor, None)?;
        Ok(self.hasher.hash(password)?)
    }

    /// The hash of a new password of a user, if it is good enough for the tenant, too, and is none of `former`.
    ///
    /// Takes tens of milliseconds for each of them: never call it inside a write.
    pub fn accept_by(
        &self,
        policy: &PasswordPolicy,
        password: &Secret,
        context: &[&str],
        former: &[PasswordHash],
    ) -> Result<PasswordHash, PasswordError> {
        self.judge(password, context, false, policy.min_chars)?;
        if let Some(word) = policy.blocks(&hash::normal(password)) {
            return Err(PasswordError::Blocked(word.to_owned()));
        }
        for one in former {
            if self.hasher.verify(password, Some(one))? {
                return Err(PasswordError::Former);
            }
        }
        Ok(self.hasher.hash(password)?)
    }

    /// The least characters of a password that is the only factor.
    pub fn min_chars(&self) -> u64 {
        self.rules.min_chars.max(LEAST_CHARS) as u64
    }

    /// Whether a new password is good enough, without making its hash; `more` characters than the appliance asks for, if a tenant does.
    fn judge(
        &self,
        password: &Secret,
        context: &[&str],
        has_second_factor: bool,
        more: Option<u64>,
    ) -> Result<(), PasswordError> {
        if password.expose().len() > MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        let normal = hash::normal(password);
        let count = normal.chars().count();
        let min = if has_second_factor {
            self.rules.min_chars_with_second_factor.max(8)
        } else {
            self.rules.min_chars.max(LEAST_CHARS)
        };
        let min = more.map_or(min, |more| min.max(usize::try_from(more).unwrap_or(usize::MAX)));
        if count < min {
            return Err(PasswordError::TooShort(min));
        }
        if count > MAX_CHARS {
            return Err(PasswordError::TooLong);
        }
        let context: Vec<&str> = context.iter().copied().chain(["audiagram"]).collect();
        if strength::bits(&normal, &context) < MIN_BITS[usize::from(has_second_factor)] {
            return Err(PasswordError::Guessable);
        }
        Ok(())
    }

    /// Checks and makes hashes.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules() {
        let cost = HashCost { memory_kib: 8, passes: 1 };
        let passwords = Passwords::new(PasswordRules { min_chars: 3, cost, ..PasswordRules::default() });
        let check = |password: &str, second, expected: Result<(), PasswordError>| {
            assert_eq!(passwords.judge(&password.into(), &["Ann Lee"], second, None), expected, "{password}");
            let hash = passwords.accept(&password.into(), &["Ann Lee"], second);
            assert_eq!(hash.map(|_| ()), expected);
        };
        check("kvzx qwpj mtrh", false, Err(PasswordError::TooShort(15)));
        check("kvzx qwpj mtrhl", false, Ok(()));
        check("kvzx qwpj mtrh", true, Ok(()));
        check("kvzxqwp", true, Err(PasswordError::TooShort(8)));
        check("kvzxqwpj", true, Ok(()));
        check("password", true, Err(PasswordError::Guessable));
        check("ann lee ann lee ann lee", false, Err(PasswordError::Guessable));
        check("audiagram audiagram", false, Err(PasswordError::Guessable));
        // Characters count, not bytes, and only after normalization.
        check("ééééééé", true, Err(PasswordError::TooShort(8)));
        check(&"e\u{301}".repeat(7), true, Err(PasswordError::TooShort(8)));
        check("žluťoučký kůň pěl", false, Ok(()));
        check("🦊🐙🦉🐝🐌🦔🐢🦎🐇🦜🐞🦩🐡🦘🐊", false, Ok(()));
        let longest: String = ('\u{4E00}'..).take(MAX_CHARS).collect();
        check(&longest, false, Ok(()));
        check(&format!("{longest}x"), false, Err(PasswordError::TooLong));
        check(&"x".repeat(1 << 20), false, Err(PasswordError::TooLong));
    }
}
