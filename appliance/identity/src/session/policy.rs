//! What a tenant asks of sessions beyond what the appliance does.

use model::{Assurance, Timestamp, permission::STEP_UP_S};
use serde::{Deserialize, Serialize};
use store::{KeyBytes, MAX_PAGE, Query, Read, ReadError, Record, Tx};

use super::{BY_USER, Session, SessionRules};
use crate::{
    people::number,
    policy::{Bounds, PolicyError, told},
};

/// Shorter than these a person could not work: seconds.
const LEAST_IDLE_S: u64 = 60;
const LEAST_ABSOLUTE_S: u64 = 15 * 60;
const LEAST_STEP_UP_S: u64 = 60;

/// A tenant's own rules for sessions; where it says nothing, the appliance's hold. One record a tenant; none where nothing was ever set.
/// Whatever is stored, what is stricter counts: the appliance's rules may have become so since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionPolicy {
    /// A session unused for so long is over, in seconds.
    pub idle_s: Option<u64>,
    /// A session is over so long after its sign-in however much it is used, in seconds.
    pub absolute_s: Option<u64>,
    /// How long a second factor counts once it was shown, in seconds.
    pub step_up_s: Option<u64>,
    /// How many sessions a person may have; the oldest ends.
    pub per_user: Option<u64>,
    /// Counts changes from 1; 0 where there was none.
    pub version: u64,
}

impl Record for SessionPolicy {
    const NAME: &'static str = "session policy";
    const NUMBER: u8 = number::SESSION_POLICY;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// Between which values a tenant may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionBounds {
    /// Of [`SessionPolicy::idle_s`].
    pub idle_s: Bounds,
    /// Of [`SessionPolicy::absolute_s`].
    pub absolute_s: Bounds,
    /// Of [`SessionPolicy::step_up_s`].
    pub step_up_s: Bounds,
    /// Of [`SessionPolicy::per_user`].
    pub per_user: Bounds,
}

impl SessionBounds {
    /// What the appliance leaves to its tenants. Its own rules are the most; where they are less than what people can work with, they are
    /// the least, too.
    pub fn of(rules: &SessionRules) -> Self {
        let up_to = |least: u64, most: u64| Bounds { least: least.min(most), most };
        SessionBounds {
            idle_s: up_to(LEAST_IDLE_S, rules.idle_s.min(rules.absolute_s)),
            absolute_s: up_to(LEAST_ABSOLUTE_S, rules.absolute_s),
            step_up_s: up_to(LEAST_STEP_UP_S, STEP_UP_S),
            per_user: up_to(1, rules.share() as u64),
        }
    }
}

impl SessionPolicy {
    /// The rules that hold: the appliance's, or this policy's where they are stricter.
    pub fn within(&self, rules: &SessionRules) -> SessionRules {
        let stricter = |own: Option<u64>, most: u64| own.map_or(most, |own| own.min(most));
        let per_user = stricter(self.per_user, rules.share() as u64);
        SessionRules {
            idle_s: stricter(self.idle_s, rules.idle_s),
            absolute_s: stricter(self.absolute_s, rules.absolute_s),
            rotation_grace_s: rules.rotation_grace_s,
            per_user: usize::try_from(per_user).unwrap_or(usize::MAX),
        }
    }

    /// What was shown, as far as it still counts.
    pub(crate) fn counts(&self, assurance: Assurance, now: Timestamp) -> Assurance {
        let over = |shown: &Timestamp| self.step_up_s.is_some_and(|step_up| now.since(*shown).as_secs() > step_up);
        Assurance { second_factor: assurance.second_factor.filter(|shown| !over(shown)), ..assurance }
    }

    /// Whether a session is among the newest of its user, as many as this policy allows. Sessions that were begun before it count, too.
    pub(crate) fn allows(&self, read: &impl Read, session: &Session) -> Result<bool, ReadError> {
        let Some(per_user) = self.per_user else { return Ok(true) };
        let index = Some((BY_USER, KeyBytes::new().with(&session.header.owner)));
        let limit = usize::try_from(per_user).unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
        let newest = read.list::<Session>(&Query { index, ..Query::newest(limit) }, |_| true)?.items;
        Ok(newest.iter().any(|one| one.id() == session.id()))
    }
}

/// The policy of a tenant.
pub fn policy(read: &impl Read) -> Result<SessionPolicy, ReadError> {
    Ok(read.get::<SessionPolicy>(&0)?.unwrap_or_default())
}

/// The rules that hold in a tenant.
pub fn in_force(read: &impl Read, rules: &SessionRules) -> Result<SessionRules, ReadError> {
    Ok(policy(read)?.within(rules))
}

/// Sets the policy of a tenant, within what the appliance's `rules` leave it. It counts for every session from its next request on.
/// That the caller knew what was set before is for the caller to see to.
pub fn set_policy(tx: &mut Tx<'_>, new: SessionPolicy, rules: &SessionRules) -> Result<SessionPolicy, PolicyError> {
    let bounds = SessionBounds::of(rules);
    bounds.absolute_s.check("absolute_s", new.absolute_s)?;
    bounds.idle_s.check("idle_s", new.idle_s)?;
    bounds.step_up_s.check("step_up_s", new.step_up_s)?;
    bounds.per_user.check("per_user", new.per_user)?;
    let whole = new.within(rules).absolute_s;
    if new.idle_s.is_some_and(|idle| idle > whole) {
        return Err(PolicyError::IdleBeyondEnd(whole));
    }
    let before = policy(tx)?;
    for (name, before, after) in [
        ("idle_s", before.idle_s, new.idle_s),
        ("absolute_s", before.absolute_s, new.absolute_s),
        ("step_up_s", before.step_up_s, new.step_up_s),
        ("per_user", before.per_user, new.per_user),
    ] {
        if let Some(change) = told(before, after) {
            tx.note(name, change);
        }
    }
    let policy = SessionPolicy { version: before.version + 1, ..new };
    tx.put(&policy)?;
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        AuthError, Authenticator, Credential, Device, Factor, SessionToken,
        session::{begin, of_user, step_up},
        tests::{MINUTE, World},
    };

    fn set(world: &World, policy: SessionPolicy) -> Result<SessionPolicy, PolicyError> {
        let event = store::EventDraft::system(model::SystemTask::SessionLife, world.db.log());
        world.db.write(event, |tx| set_policy(tx, policy, &world.rules))
    }

    fn ask(world: &World, auth: &Authenticator, token: &SessionToken) -> Result<Assurance, AuthError> {
        let credential = Credential::Session(token.clone());
        let found = auth.authenticate(&credential, &world.db, &world.realm, &world.grants, None)?;
        Ok(found.actor.assurance)
    }

    fn none() -> SessionPolicy {
        SessionPolicy::default()
    }

    #[test]
    fn a_tenant_can_only_be_stricter() {
        let world = World::new();
        let refused = |policy: SessionPolicy, name: &str| match set(&world, policy) {
            Err(PolicyError::Bounds { field, .. }) => assert_eq!(field, name),
            other => panic!("{name}: {other:?}"),
        };
        refused(SessionPolicy { idle_s: Some(1_801), ..none() }, "idle_s");
        refused(SessionPolicy { idle_s: Some(59), ..none() }, "idle_s");
        refused(SessionPolicy { absolute_s: Some(12 * 3_600 + 1), ..none() }, "absolute_s");
        refused(SessionPolicy { absolute_s: Some(0), ..none() }, "absolute_s");
        refused(SessionPolicy { step_up_s: Some(901), ..none() }, "step_up_s");
        refused(SessionPolicy { per_user: Some(0), ..none() }, "per_user");
        refused(SessionPolicy { per_user: Some(51), ..none() }, "per_user");
        let crossed = SessionPolicy { idle_s: Some(1_800), absolute_s: Some(900), ..none() };
        assert!(matches!(set(&world, crossed), Err(PolicyError::IdleBeyondEnd(900))));
        assert_eq!(policy(&world.db.read().unwrap()).unwrap(), none(), "nothing was kept");

        let first = set(&world, SessionPolicy { idle_s: Some(600), per_user: Some(2), ..none() }).unwrap();
        assert_eq!(first.version, 1);
        let row = world.last_row();
        assert_eq!((row.detail["idle_s"].as_str(), row.detail["per_user"].as_str()), ("none to 600", "none to 2"));
        assert_eq!(set(&world, none()).unwrap().version, 2);
        // The appliance has become stricter than what is stored.
        let rules = SessionRules { idle_s: 120, ..SessionRules::default() };
        assert_eq!(first.within(&rules).idle_s, 120);
        let narrow = SessionBounds::of(&SessionRules { idle_s: 30, ..rules });
        assert_eq!(narrow.idle_s, Bounds { least: 30, most: 30 });
    }

    #[test]
    fn a_stricter_policy_counts_for_sessions_that_are_there() {
        let world = World::new();
        let user = world.user("ann");
        let (early, late) = (world.session(user), world.session(user));
        let auth = Authenticator::new(&world.rules);
        world.clock.advance(11 * MINUTE);
        ask(&world, &auth, &late).unwrap();
        ask(&world, &auth, &early).unwrap();
        world.clock.advance(MINUTE);
        ask(&world, &auth, &late).unwrap();
        world.clock.advance(9 * MINUTE);
        set(&world, SessionPolicy { idle_s: Some(600), ..none() }).unwrap();
        assert!(matches!(ask(&world, &auth, &early), Err(AuthError::Expired)), "unused for ten minutes");
        ask(&world, &auth, &late).unwrap();
        auth.store_uses(&world.db, &world.realm).unwrap();
        let now = world.db.clock().now();
        let live = of_user(&world.db.read().unwrap(), user, now, &world.rules).unwrap();
        assert_eq!(live.len(), 1);
        // Signed in 21 minutes ago.
        set(&world, SessionPolicy { absolute_s: Some(22 * 60), ..none() }).unwrap();
        ask(&world, &auth, &late).unwrap();
        world.clock.advance(MINUTE);
        assert!(matches!(ask(&world, &auth, &late), Err(AuthError::Expired)));
        assert!(of_user(&world.db.read().unwrap(), user, world.db.clock().now(), &world.rules).unwrap().is_empty());
        // What is taken back counts no more.
        set(&world, none()).unwrap();
        ask(&world, &auth, &late).unwrap();
    }

    #[test]
    fn the_oldest_sessions_make_room() {
        let world = World::new();
        let (ann, bob) = (world.user("ann"), world.user("bob"));
        let tokens: Vec<_> = (0..4).map(|_| world.session(ann)).collect();
        let other = world.session(bob);
        let auth = Authenticator::new(&world.rules);
        let live = || tokens.iter().map(|token| ask(&world, &auth, token).is_ok()).collect::<Vec<_>>();
        assert_eq!(live(), [true; 4]);
        set(&world, SessionPolicy { per_user: Some(2), ..none() }).unwrap();
        assert_eq!(live(), [false, false, true, true]);
        assert!(ask(&world, &auth, &other).is_ok(), "each person has their own");
        let count = || of_user(&world.db.read().unwrap(), ann, world.db.clock().now(), &world.rules).unwrap().len();
        assert_eq!(count(), 2);
        let fifth = world.session(ann);
        assert_eq!((live(), count()), (vec![false, false, false, true], 2));
        assert!(ask(&world, &auth, &fifth).is_ok());
    }

    #[test]
    fn a_second_factor_counts_for_so_long() {
        let world = World::new();
        let user = world.user("ann");
        let auth = Authenticator::new(&world.rules);
        let begun = world
            .write(|tx| begin(tx, &world.realm, user, Factor::Password, &Device::default(), &world.rules))
            .unwrap()
            .1
            .id();
        let token = world.write(|tx| step_up(tx, begun, Factor::OneTimeCode)).unwrap();
        let shown = world.db.clock().now();
        world.clock.advance(5 * MINUTE);
        let fresh = Assurance { level: 2, second_factor: Some(shown) };
        assert_eq!(ask(&world, &auth, &token).unwrap(), fresh);
        set(&world, SessionPolicy { step_up_s: Some(300), ..none() }).unwrap();
        assert_eq!(ask(&world, &auth, &token).unwrap(), fresh);
        world.clock.advance(Duration::from_secs(1));
        // Two factors were shown; what asks for a fresh one has none.
        assert_eq!(ask(&world, &auth, &token).unwrap(), Assurance { level: 2, second_factor: None });
        let again = world.write(|tx| step_up(tx, begun, Factor::OneTimeCode)).unwrap();
        assert!(ask(&world, &auth, &again).unwrap().second_factor.is_some());
    }
}
