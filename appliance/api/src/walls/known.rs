//! Who sent what was sent lately: so that a request can be refused before anything is looked up for it.
//!
//! This only says whose count a request goes to. Whether its credential is good is found out anew for every request that is let in.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::{AnyId, Id, noun};

/// The most credentials that are remembered; one takes about 100 bytes.
const MOST: usize = 1 << 16;
/// How long, in microseconds: a changed plan counts after this at the latest.
const REMEMBERED: u64 = 60 * 1_000_000;

/// A caller who was known a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its tenant.
    pub(crate) tenant: Id<noun::Tenant>,
    /// The user, service account or operator.
    pub(crate) actor: AnyId,
    /// What the tenant may send, a second.
    pub(crate) per_second: u32,
}

/// Callers by a keyed hash of what they showed; the credentials themselves are not kept.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    known: Mutex<HashMap<u64, (Known, u64)>>,
    hasher: RandomState,
}

impl Callers {
    /// Who showed this credential.
    pub(crate) fn find(&self, credential: &str, now: u64) -> Option<Known> {
        let (known, at) = *self.lock().get(&self.hasher.hash_one(credential))?;
        (now.checked_sub(at)? < REMEMBERED).then_some(known)
    }

    /// Remembers who showed it, after it was found to be good.
    pub(crate) fn remember(&self, credential: &str, known: Known, now: u64) {
        let name = self.hasher.hash_one(credential);
        let mut callers = self.lock();
        if callers.len() >= MOST && !callers.contains_key(&name) {
            callers.retain(|_, (_, at)| now.checked_sub(*at).is_some_and(|age| age < REMEMBERED));
            // Still full: all are looked up again, which is slower and nothing else.
            if callers.len() >= MOST {
                callers.clear();
            }
        }
        callers.insert(name, (known, now));
    }

    /// Forgets a credential that was found to be no good.
    pub(crate) fn forget(&self, credential: &str) {
        self.lock().remove(&self.hasher.hash_one(credential));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, (Known, u64)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_a_minute() {
        let callers = Callers::default();
        let known = Known { tenant: Id::from_bits(1), actor: Id::<noun::User>::from_bits(2).erase(), per_second: 7 };
        callers.remember("a", known, 100);
        assert_eq!(callers.find("a", 100 + REMEMBERED - 1), Some(known));
        assert_eq!(callers.find("a", 100 + REMEMBERED), None);
        assert_eq!(callers.find("a", 99), None, "the clock was set back");
        assert_eq!(callers.find("b", 100), None);
        callers.forget("a");
        assert_eq!(callers.find("a", 100), None);
        for number in 0..MOST + 10 {
            callers.remember(&number.to_string(), known, 100);
        }
        assert!(callers.lock().len() <= MOST);
    }
}
