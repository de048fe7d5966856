//! Whatever people do in whatever order: nobody who is suspended or removed has a way in.

use std::time::Duration;

use model::{Id, Permission, PermissionSet, noun};
use proptest::prelude::*;

use super::World;
use crate::{
    Authenticator, Credential, Device, Factor, KeyRules, NewKey, SessionToken, UserState, api_key, session, user,
};

#[derive(Debug, Clone)]
enum Step {
    Begin(usize),
    Key(usize),
    Rotate(usize),
    Show(usize),
    Revoke(usize),
    Suspend(usize),
    Resume(usize),
    Remove(usize),
    Wait(u64),
    Ask(usize),
    StoreUses,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..4usize;
    let which = 0..64usize;
    prop_oneof![
        4 => who.clone().prop_map(Step::Begin),
        2 => who.clone().prop_map(Step::Key),
        2 => which.clone().prop_map(Step::Rotate),
        1 => which.clone().prop_map(Step::Show),
        1 => which.clone().prop_map(Step::Revoke),
        2 => who.clone().prop_map(Step::Suspend),
        2 => who.clone().prop_map(Step::Resume),
        1 => who.prop_map(Step::Remove),
        1 => (0..900u64).prop_map(Step::Wait),
        4 => which.prop_map(Step::Ask),
        1 => Just(Step::StoreUses),
    ]
}

fn sessions_of(world: &World, user: Id<noun::User>) -> usize {
    session::of_user(&world.db.read().unwrap(), user, world.db.clock().now(), &world.rules).unwrap().len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nobody_stays_in_who_is_out(steps in prop::collection::vec(step(), 1..60)) {
        let world = World::new();
        let auth = Authenticator::new(&world.rules);
        let users: Vec<_> = ["ann", "bob", "cat", "dan"].map(|name| world.user(name)).into();
        // Every credential that was ever given out, with whose it is.
        let mut given: Vec<(usize, Credential)> = Vec::new();
        let mut tokens: Vec<(usize, SessionToken)> = Vec::new();
        let state = |who: usize| user::get(&world.db.read().unwrap(), users[who]).unwrap().state;
        let ask = |credential: &Credential| {
            auth.authenticate(credential, &world.db, &world.realm, &world.grants, None)
        };
        for step in steps {
            let pick = |which: usize| tokens.get(which % tokens.len().max(1)).cloned();
            match step {
                Step::Begin(who) => {
                    let begun = world.write(|tx| {
                        session::begin(tx, &world.realm, users[who], Factor::Password, &Device::default(), &world.rules)
                    });
                    prop_assert_eq!(begun.is_ok(), state(who) == UserState::Active);
                    tokens.extend(begun.map(|(token, _)| (who, token)));
                }
                Step::Key(who) => {
                    let new = NewKey {
                        owner: users[who].erase(),
                        name: "key".to_owned(),
                        scopes: PermissionSet::of(&[Permission::ProjectRead]),
                        expires: world.db.clock().now().after(Duration::from_secs(1_000)),
                    };
                    let rules = KeyRules::default();
                    let made = world.write(|tx| api_key::create(tx, &world.realm, &new, world.grants.0, &rules));
                    prop_assert!(made.is_err() || state(who) == UserState::Active);
                    given.extend(made.map(|(text, _)| (who, Credential::from_bearer(text.expose()).unwrap())));
                }
                Step::Rotate(which) => {
                    if let Some((who, token)) = pick(which) {
                        let new = world.write(|tx| session::rotate(tx, token.id(), Duration::from_secs(20)));
                        tokens.extend(new.map(|token| (who, token)));
                    }
                }
                Step::Show(which) => {
                    if let Some((who, token)) = pick(which) {
                        let new = world.write(|tx| session::step_up(tx, token.id(), Factor::OneTimeCode));
                        tokens.extend(new.map(|token| (who, token)));
                    }
                }
                Step::Revoke(which) => {
                    if let Some((_, token)) = pick(which) {
                        let _ = world.write(|tx| session::revoke(tx, token.id()));
                        prop_assert!(ask(&Credential::Session(token)).is_err());
                    }
                }
                Step::Suspend(who) => drop(world.write(|tx| user::suspend(tx, users[who]))),
                Step::Resume(who) => drop(world.write(|tx| user::resume(tx, users[who]))),
                Step::Remove(who) => drop(world.write(|tx| user::remove(tx, users[who]))),
                Step::Wait(seconds) => world.clock.advance(Duration::from_secs(seconds)),
                Step::Ask(which) => {
                    if let Some((who, token)) = pick(which) {
                        prop_assert!(ask(&Credential::Session(token)).is_err() || state(who) == UserState::Active);
                    }
                }
                Step::StoreUses => drop(auth.store_uses(&world.db, &world.realm).unwrap()),
            }
            for (who, user) in users.iter().enumerate().filter(|(who, _)| state(*who) != UserState::Active) {
                prop_assert_eq!(sessions_of(&world, *user), 0);
                let mine = tokens.iter().filter(|(whose, _)| *whose == who).map(|(_, token)| token.clone());
                let keys = given.iter().filter(|(whose, _)| *whose == who).map(|(_, key)| key.clone());
                for credential in mine.map(Credential::Session).chain(keys) {
                    prop_assert!(ask(&credential).is_err());
                }
            }
        }
    }
}
