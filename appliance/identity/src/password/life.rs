//! What is kept of a user's passwords beside the present one: since when it holds, and hashes of those before.

use std::time::Duration;

use model::{Id, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record, Tx, WriteError};

use super::{PasswordHash, policy};
use crate::{people::number, user::User};

const DAY_S: u64 = 24 * 3_600;

/// The passwords of a user. There is none of who has never changed theirs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PasswordLife {
    pub(crate) user: Id<noun::User>,
    /// Since when the present one holds.
    pub(crate) set: Timestamp,
    /// Those before it, the newest first; as many as the tenant's policy asks for.
    pub(crate) former: Vec<PasswordHash>,
}

impl Record for PasswordLife {
    const NAME: &'static str = "password life";
    const NUMBER: u8 = number::PASSWORD_LIFE;
    type Key = Id<noun::User>;
    fn key(&self) -> Self::Key {
        self.user
    }
}

/// The hashes that a new password of a user must not fit: of the present one and those before it, as far as the tenant's policy goes.
pub fn former(read: &impl Read, user: &User) -> Result<Vec<PasswordHash>, ReadError> {
    let remembered = policy(read)?.remembered;
    if remembered == 0 {
        return Ok(Vec::new());
    }
    let life = read.get::<PasswordLife>(&user.id())?;
    let before = life.into_iter().flat_map(|life| life.former).take(usize::try_from(remembered).unwrap_or(usize::MAX));
    Ok(user.password.clone().into_iter().chain(before).collect())
}

/// When the password of a user has been in use for too long, if there is such a time. Of one that was never changed, or was before its
/// date was kept, the user's first day counts.
pub fn over(read: &impl Read, user: &User) -> Result<Option<Timestamp>, ReadError> {
    let Some(days) = policy(read)?.max_age_days.filter(|_| user.has_password()) else { return Ok(None) };
    let set = read.get::<PasswordLife>(&user.id())?.map_or(user.header.created, |life| life.set);
    Ok(Some(set.after(Duration::from_secs(days * DAY_S))))
}

/// Notes that the password of a user is about to be replaced now. One that another gave for one sign-in is not remembered.
pub(crate) fn replaced(tx: &mut Tx<'_>, user: &User) -> Result<(), WriteError> {
    let remembered = usize::try_from(policy(tx)?.remembered).unwrap_or(usize::MAX);
    let mut former = tx.get::<PasswordLife>(&user.id())?.map_or_else(Vec::new, |life| life.former);
    if let Some(present) = user.password.clone().filter(|_| !user.must_change) {
        former.insert(0, present);
    }
    former.truncate(remembered);
    tx.put(&PasswordLife { user: user.id(), set: tx.now(), former })
}

/// Forgets the passwords of a user who is removed.
pub(crate) fn forget(tx: &mut Tx<'_>, user: Id<noun::User>) -> Result<(), WriteError> {
    tx.delete::<PasswordLife>(&user).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Authenticator, Credential, MustChange, Passwords,
        password::{HashCost, PasswordPolicy, PasswordRules, set_policy},
        tests::World,
        user,
    };

    fn passwords() -> Passwords {
        Passwords::new(PasswordRules { cost: HashCost { memory_kib: 8, passes: 1 }, ..PasswordRules::default() })
    }

    fn set(world: &World, policy: &PasswordPolicy) {
        let event = store::EventDraft::system(model::SystemTask::SessionLife, world.db.log());
        world.db.write(event, |tx| set_policy(tx, policy, &passwords())).unwrap();
    }

    #[test]
    fn so_many_are_remembered_as_the_tenant_wants() {
        let world = World::new();
        let ann = world.user("ann");
        let hash = |byte| PasswordHash::fixed(byte);
        let change = |byte, given| world.write(|tx| user::set_password(tx, ann, hash(byte), given, None)).unwrap();
        let known = || {
            let view = world.db.read().unwrap();
            former(&view, &user::get(&view, ann).unwrap()).unwrap()
        };
        change(1, false);
        change(2, false);
        assert!(known().is_empty(), "nothing is remembered where nobody asks for it");
        set(&world, &PasswordPolicy { remembered: 2, ..PasswordPolicy::default() });
        assert_eq!(known(), [hash(2)], "the present one at least");
        change(3, false);
        change(4, true);
        assert_eq!(known(), [hash(4), hash(3), hash(2)]);
        change(5, false);
        assert_eq!(known(), [hash(5), hash(3), hash(2)], "one for one sign-in is no password of hers");
        change(6, false);
        assert_eq!(known(), [hash(6), hash(5), hash(3)]);
        set(&world, &PasswordPolicy { remembered: 1, ..PasswordPolicy::default() });
        assert_eq!(known(), [hash(6), hash(5)]);
        world.write(|tx| user::remove(tx, ann)).unwrap();
        assert!(world.db.read().unwrap().get::<PasswordLife>(&ann).unwrap().is_none());
    }

    #[test]
    fn a_password_is_over_after_so_many_days() {
        let world = World::new();
        let ann = world.user("ann");
        let day = Duration::from_secs(DAY_S);
        let change =
            |given| world.write(|tx| user::set_password(tx, ann, PasswordHash::fixed(1), given, None)).unwrap();
        let must = || {
            let token = world.session(ann);
            let auth = Authenticator::new(&world.rules);
            let ask = |auth: &Authenticator| {
                let credential = Credential::Session(token.clone());
                auth.authenticate(&credential, &world.db, &world.realm, &world.grants, None).unwrap()
            };
            ask(&auth).must_change_password
        };
        change(false);
        world.clock.advance(400 * day);
        assert_eq!(must(), None, "no age without a word");
        set(&world, &PasswordPolicy { max_age_days: Some(90), ..PasswordPolicy::default() });
        assert_eq!(must(), Some(MustChange::Old));
        change(false);
        assert_eq!(must(), None);
        world.clock.advance(90 * day - Duration::from_secs(1));
        assert_eq!(must(), None);
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(must(), Some(MustChange::Old));
        change(true);
        assert_eq!(must(), Some(MustChange::Given));
    }
}
