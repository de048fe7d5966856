//! What a tenant asks of passwords beyond what the appliance does.

use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record, Tx};

use super::{Passwords, blocked::fold};
use crate::{
    people::number,
    policy::{Bounds, PolicyError, told},
};

/// The most characters that a tenant may ask for: verifiers should take passwords of 64 (NIST SP 800-63B-4, 3.1.1.2), so nobody need think
/// of a longer one.
const MOST_MIN_CHARS: u64 = 64;
/// How many former passwords may be remembered: checking each takes as long as a sign-in.
pub const MAX_REMEMBERED: u64 = 10;
/// The longest a greatest age may be: ten years.
const MAX_AGE_DAYS: u64 = 3_650;
/// How many words may be blocked.
pub const MAX_BLOCKED: usize = 100;
/// How long a blocked word may be, in letters and digits. Shorter ones stand in too many passwords by chance.
pub const WORD_CHARS: Bounds = Bounds { least: 3, most: 40 };

/// A tenant's own rules for passwords; where it says nothing, the appliance's hold. One record a tenant; none where nothing was ever set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// The least characters.
    pub min_chars: Option<u64>,
    /// Words that no password may contain, whatever their case and whatever stands for a letter.
    pub blocked: Vec<String>,
    /// How many passwords before the present one may not be used again. The present one may not either, if there are any.
    pub remembered: u64,
    /// After how many days a password must be changed; never where nothing is said, as NIST SP 800-63B advises.
    pub max_age_days: Option<u64>,
    /// Counts changes from 1; 0 where there was none.
    pub version: u64,
}

impl Record for PasswordPolicy {
    const NAME: &'static str = "password policy";
    const NUMBER: u8 = number::PASSWORD_POLICY;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// Between which values a tenant may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordBounds {
    /// Of [`PasswordPolicy::min_chars`].
    pub min_chars: Bounds,
    /// Of [`PasswordPolicy::remembered`].
    pub remembered: Bounds,
    /// Of [`PasswordPolicy::max_age_days`].
    pub max_age_days: Bounds,
}

impl PasswordBounds {
    /// What the appliance leaves to its tenants.
    pub fn of(passwords: &Passwords) -> Self {
        let least = passwords.min_chars();
        PasswordBounds {
            min_chars: Bounds { least, most: least.max(MOST_MIN_CHARS) },
            remembered: Bounds { least: 0, most: MAX_REMEMBERED },
            max_age_days: Bounds { least: 1, most: MAX_AGE_DAYS },
        }
    }
}

impl PasswordPolicy {
    /// The blocked word that a password contains.
    pub(super) fn blocks(&self, password: &str) -> Option<&str> {
        let folded: String = fold(password).collect();
        let contains = |word: &&String| folded.contains(&letters(word));
        self.blocked.iter().find(contains).map(String::as_str)
    }
}

/// A word as it is looked for: its letters and digits, folded.
fn letters(word: &str) -> String {
    fold(word).filter(|letter| letter.is_alphanumeric()).collect()
}

/// The policy of a tenant.
pub fn policy(read: &impl Read) -> Result<PasswordPolicy, ReadError> {
    Ok(read.get::<PasswordPolicy>(&0)?.unwrap_or_default())
}

/// Sets the policy of a tenant, within what the appliance leaves it: for every password that is set from now on, and the greatest age for
/// those that are. That the caller knew what was set before is for the caller to see to.
pub fn set_policy(tx: &mut Tx<'_>, new: &PasswordPolicy, passwords: &Passwords) -> Result<PasswordPolicy, PolicyError> {
    let bounds = PasswordBounds::of(passwords);
    bounds.min_chars.check("min_chars", new.min_chars)?;
    bounds.remembered.check("remembered", Some(new.remembered))?;
    bounds.max_age_days.check("max_age_days", new.max_age_days)?;
    let blocked = words(&new.blocked)?;
    let before = policy(tx)?;
    for (name, before, after) in [
        ("min_chars", before.min_chars, new.min_chars),
        ("remembered", Some(before.remembered), Some(new.remembered)),
        ("max_age_days", before.max_age_days, new.max_age_days),
    ] {
        if let Some(change) = told(before, after) {
            tx.note(name, change);
        }
    }
    if before.blocked != blocked {
        tx.note("blocked_words", format!("{} to {}", before.blocked.len(), blocked.len()));
    }
    let policy = PasswordPolicy { version: before.version + 1, blocked, ..*new };
    tx.put(&policy)?;
    Ok(policy)
}

/// Blocked words, each once, in the order in which they were given.
fn words(given: &[String]) -> Result<Vec<String>, PolicyError> {
    if given.len() > MAX_BLOCKED {
        return Err(PolicyError::TooManyWords(MAX_BLOCKED));
    }
    let (mut kept, mut seen) = (Vec::new(), Vec::new());
    for (at, word) in given.iter().enumerate() {
        let (word, looked_for) = (word.trim(), letters(word));
        let count = looked_for.chars().count() as u64;
        if !(WORD_CHARS.least..=WORD_CHARS.most).contains(&count) || word.chars().any(char::is_control) {
            let Bounds { least, most } = WORD_CHARS;
            return Err(PolicyError::Word { at, least, most });
        }
        if !seen.contains(&looked_for) {
            seen.push(looked_for);
            kept.push(word.to_owned());
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HashCost, PasswordError, PasswordRules, tests::World};

    fn passwords() -> Passwords {
        let cost = HashCost { memory_kib: 8, passes: 1 };
        Passwords::new(PasswordRules { cost, ..PasswordRules::default() })
    }

    fn set(world: &World, policy: &PasswordPolicy) -> Result<PasswordPolicy, PolicyError> {
        let event = store::EventDraft::system(model::SystemTask::SessionLife, world.db.log());
        world.db.write(event, |tx| set_policy(tx, policy, &passwords()))
    }

    fn blocking(words: &[&str]) -> PasswordPolicy {
        PasswordPolicy { blocked: words.iter().map(|word| (*word).to_owned()).collect(), ..PasswordPolicy::default() }
    }

    #[test]
    fn a_tenant_can_only_be_stricter() {
        let world = World::new();
        let none = PasswordPolicy::default;
        for (policy, name) in [
            (PasswordPolicy { min_chars: Some(14), ..none() }, "min_chars"),
            (PasswordPolicy { min_chars: Some(65), ..none() }, "min_chars"),
            (PasswordPolicy { remembered: 11, ..none() }, "remembered"),
            (PasswordPolicy { max_age_days: Some(0), ..none() }, "max_age_days"),
            (PasswordPolicy { max_age_days: Some(3_651), ..none() }, "max_age_days"),
        ] {
            match set(&world, &policy) {
                Err(PolicyError::Bounds { field, .. }) => assert_eq!(field, name),
                other => panic!("{name}: {other:?}"),
            }
        }
        for (word, at) in [("ab", 1), ("", 1), ("- - -", 1), ("tab\tbed", 1), (&*"x".repeat(41), 1)] {
            match set(&world, &blocking(&["rocket", word])) {
                Err(PolicyError::Word { at: found, .. }) => assert_eq!(found, at, "{word}"),
                other => panic!("{word}: {other:?}"),
            }
        }
        let many: Vec<String> = (0..=MAX_BLOCKED).map(|number| format!("word{number}")).collect();
        assert!(matches!(
            set(&world, &PasswordPolicy { blocked: many, ..none() }),
            Err(PolicyError::TooManyWords(100))
        ));
        let kept = set(&world, &blocking(&[" Rocket ", "R0CKET", "Acme"])).unwrap();
        assert_eq!((kept.blocked, kept.version), (vec!["Rocket".to_owned(), "Acme".to_owned()], 1));
        let row = world.last_row();
        assert_eq!(row.detail["blocked_words"], "0 to 2");
        assert!(!format!("{row:?}").contains("Rocket"), "words are no matter of the trail");
    }

    #[test]
    fn what_a_policy_asks() {
        let passwords = passwords();
        let policy = PasswordPolicy { min_chars: Some(20), ..blocking(&["Rocket-Ship", "acme"]) };
        let hash = |password: &str| passwords.hasher().hash(&password.into()).unwrap();
        let former = [hash("voltmeter sieve glacier"), hash("summer dragon teapot lamp")];
        let check = |password: &str, expected: Result<(), PasswordError>| {
            let accepted = passwords.accept_by(&policy, &password.into(), &["Ann Lee"], &former);
            assert_eq!(accepted.map(drop), expected, "{password}");
        };
        check("kvzx qwpj mtrh lbn", Err(PasswordError::TooShort(20)));
        check("kvzx qwpj mtrh lbnd w", Ok(()));
        check("ann lee ann lee ann lee", Err(PasswordError::Guessable));
        check("a rocketship to the moon base", Err(PasswordError::Blocked("Rocket-Ship".to_owned())));
        check("kvzx AC/M3 @cm3 mtrh lbnd", Err(PasswordError::Blocked("acme".to_owned())));
        check("voltmeter sieve glacier", Err(PasswordError::Former));
        check("summer dragon teapot lamp", Err(PasswordError::Former));
        check("voltmeter sieve glaciers", Ok(()));
    }
}
