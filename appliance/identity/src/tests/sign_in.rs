//! Who is let in with a password, who is not, and what the audit log says of it.

use model::{ActorKind, ErrorKind, Id, Outcome, noun};

use super::{MINUTE, World, new_user};
use crate::{
    Attempt, Authenticator, Config, Credential, Device, HashCost, MAX_FAILURES, MustChange, PasswordChange,
    PasswordError, PasswordRules, Proof, SignIn, SignInError, SignInRules, SignedIn, ThrottleRules, second_factor,
    second_factor::tests::app, session, user,
};

const PASSWORD: &str = "voltmeter sieve glacier";

fn config() -> Config {
    let cost = HashCost { memory_kib: 8, passes: 1 };
    Config { passwords: PasswordRules { cost, ..PasswordRules::default() }, ..Config::default() }
}

struct Hall {
    world: World,
    desk: SignIn,
}

impl Hall {
    fn new(world: World, config: &Config) -> Self {
        Self { world, desk: SignIn::new(config) }
    }

    fn user(&self, name: &str) -> Id<noun::User> {
        let hash = self.desk.passwords().accept(&PASSWORD.into(), &[], false).unwrap();
        self.world.write(|tx| user::create(tx, &self.world.realm, new_user(name, Some(hash)))).unwrap().id()
    }

    fn attempt(&self, email: &str, password: &str) -> Result<SignedIn, SignInError> {
        self.attempt_from("192.0.2.1", email, password)
    }

    fn attempt_from(&self, address: &str, email: &str, password: &str) -> Result<SignedIn, SignInError> {
        let attempt = Attempt {
            email: email.to_owned(),
            password: password.into(),
            code: None,
            device: Device { agent: "Browser\n/1.0".to_owned() + &"x".repeat(500), address: address.parse().ok() },
            replaces: None,
        };
        self.desk.with_password(&self.world.db, &self.world.realm, &attempt)
    }

    fn passes(&self, token: &crate::SessionToken) -> bool {
        let auth = Authenticator::new(&self.world.rules);
        let credential = Credential::Session(token.clone());
        auth.authenticate(&credential, &self.world.db, &self.world.realm, &self.world.grants, None).is_ok()
    }

    fn failures(&self, user: Id<noun::User>) -> u32 {
        user::get(&self.world.db.read().unwrap(), user).unwrap().failures
    }
}

#[test]
fn the_right_password_opens() {
    let hall = Hall::new(World::new(), &config());
    let ann = hall.user("ann");
    let signed_in = hall.attempt(" Ann@Example.org", PASSWORD).unwrap();
    assert_eq!(signed_in.user.id(), ann);
    assert!(hall.passes(&signed_in.token));
    let row = hall.world.last_row();
    assert_eq!((row.action.code(), row.outcome), ("task:auth.sign_in", Outcome::Done));
    assert_eq!((row.actor, row.subject), (Some(ann.erase()), ann.erase()));
    assert_eq!(row.address.as_deref(), Some("192.0.2.1"));
    assert_eq!(row.detail["session"], signed_in.session.id().to_string());
    assert!(signed_in.session.device.starts_with("Browser/1.0") && signed_in.session.device.len() == 120);
    let last = signed_in.user.last_sign_in.unwrap();
    assert_eq!(last.millis() % 3_600_000, 0, "to the hour");
    assert_eq!(signed_in.user.header.version, 1, "signing in is no change of the user");
}

#[test]
fn everyone_else_hears_the_same() {
    let hall = Hall::new(World::new(), &config());
    let ann = hall.user("ann");
    hall.world.user("passwordless");
    let out = hall.user("out");
    hall.world.write(|tx| user::suspend(tx, out)).unwrap();
    let rows = || hall.world.db.audit_head().unwrap().0;
    for (email, password, reason) in [
        ("ann@example.org", "Voltmeter sieve glacier", "wrong_password"),
        ("ann@example.org", "", "wrong_password"),
        ("ann@example.org", &"x".repeat(10_000), "wrong_password"),
        ("bob@example.org", PASSWORD, "unknown_name"),
        ("not an address", PASSWORD, "unknown_name"),
        (&"x".repeat(10_000), PASSWORD, "unknown_name"),
        ("passwordless@example.org", PASSWORD, "no_password"),
        ("out@example.org", PASSWORD, "not_active"),
    ] {
        let before = rows();
        let error = hall.attempt(email, password).unwrap_err();
        assert!(matches!(error, SignInError::Refused));
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Unauthenticated, "the e-mail address or the password is wrong")
        );
        let row = hall.world.last_row();
        assert_eq!((rows() - before, row.outcome, row.actor), (1, Outcome::Denied, None));
        assert_eq!(row.detail["reason"], reason, "{email}");
        let text = format!("{row:?}");
        assert!(!text.contains("bob@") && !text.contains(PASSWORD) && !text.contains("not an address"));
    }
    assert_eq!(hall.failures(ann), 3);
    hall.attempt("ann@example.org", PASSWORD).unwrap();
    assert_eq!(hall.failures(ann), 0);
}

#[test]
fn tries_are_counted_by_name_and_address() {
    let hall = Hall::new(World::new(), &config());
    hall.user("ann");
    for _ in 0..10 {
        assert!(matches!(hall.attempt("ann@example.org", "wrong"), Err(SignInError::Refused)));
    }
    let rows = hall.world.db.audit_head().unwrap().0;
    let refused = hall.attempt("ann@example.org", PASSWORD).unwrap_err();
    assert!(matches!(refused, SignInError::Throttled(throttled) if throttled.seconds() == 6));
    assert_eq!(refused.kind(), ErrorKind::Exhausted);
    assert_eq!(hall.world.db.audit_head().unwrap().0, rows, "a flood does not fill the log");
    hall.attempt_from("192.0.2.2", "ann@example.org", PASSWORD).unwrap();
    hall.world.clock.advance(MINUTE);
    hall.attempt("ann@example.org", PASSWORD).unwrap();
}

#[test]
fn an_office_behind_one_address_can_sign_in() {
    let throttle = ThrottleRules { address_per_hour: 5, ..ThrottleRules::default() };
    let hall = Hall::new(World::new(), &Config { throttle, ..config() });
    for number in 0..8 {
        hall.user(&format!("user{number}"));
    }
    for number in 0..8 {
        hall.attempt(&format!("user{number}@example.org"), PASSWORD).unwrap();
    }
    for number in 0..5 {
        hall.attempt(&format!("user{number}@example.org"), "wrong").unwrap_err();
    }
    assert!(matches!(hall.attempt("user7@example.org", PASSWORD), Err(SignInError::Throttled(_))));
}

#[test]
fn many_unknown_names_raise_an_alarm() {
    let throttle = ThrottleRules { unknown_names_per_hour: 3, ..ThrottleRules::default() };
    let hall = Hall::new(World::new(), &Config { throttle, ..config() });
    for number in 0..5 {
        hall.attempt(&format!("nobody{number}@example.org"), PASSWORD).unwrap_err();
        assert_eq!(hall.world.last_row().detail.contains_key("alarm"), number >= 3);
    }
}

#[test]
fn a_hundred_failures_lock_the_user() {
    let throttle =
        ThrottleRules { name_and_address_per_minute: 1_000, address_per_hour: 1_000, ..ThrottleRules::default() };
    let hall = Hall::new(World::new(), &Config { throttle, ..config() });
    let ann = hall.user("ann");
    for number in 1..=MAX_FAILURES {
        hall.attempt("ann@example.org", "wrong").unwrap_err();
        assert_eq!(hall.world.last_row().detail.contains_key("alarm"), number == MAX_FAILURES);
    }
    assert!(matches!(hall.attempt("ann@example.org", PASSWORD), Err(SignInError::Refused)));
    assert_eq!(hall.world.last_row().detail["reason"], "locked");
    assert_eq!(hall.failures(ann), MAX_FAILURES);
    hall.world.write(|tx| user::unlock(tx, ann)).unwrap();
    hall.attempt("ann@example.org", PASSWORD).unwrap();
}

#[test]
fn a_new_sign_in_ends_the_browsers_old_session() {
    let hall = Hall::new(World::new(), &config());
    hall.user("ann");
    let first = hall.attempt("ann@example.org", PASSWORD).unwrap();
    let attempt = |replaces| Attempt {
        email: "ann@example.org".to_owned(),
        password: PASSWORD.into(),
        code: None,
        device: Device::default(),
        replaces: Some(replaces),
    };
    // A stranger who knows the id only ends nothing.
    let guess = crate::Token::fresh(first.token.tenant(), first.token.id());
    hall.desk.with_password(&hall.world.db, &hall.world.realm, &attempt(guess)).unwrap();
    assert!(hall.passes(&first.token));
    let second = hall.desk.with_password(&hall.world.db, &hall.world.realm, &attempt(first.token.clone())).unwrap();
    assert!(!hall.passes(&first.token) && hall.passes(&second.token));
    assert_eq!(hall.world.last_row().detail["replaces"], first.session.id().to_string());
    hall.desk.out(&hall.world.db, second.session.id(), None).unwrap();
    assert!(!hall.passes(&second.token));
    let row = hall.world.last_row();
    assert_eq!((row.action.code(), row.actor), ("task:auth.sign_out", Some(second.user.id().erase())));
}

#[test]
fn one_changes_ones_own_password() {
    let hall = Hall::new(World::new(), &config());
    let ann = hall.user("ann");
    let here = hall.attempt("ann@example.org", PASSWORD).unwrap();
    let there = hall.attempt("ann@example.org", PASSWORD).unwrap();
    let change = |old: &str, new: &str| {
        let change = PasswordChange { old: old.into(), new: new.into(), address: None };
        hall.desk.change_password(&hall.world.db, &hall.world.realm, here.session.id(), &change)
    };
    assert!(matches!(change("wrong", "kettle orbit marzipan"), Err(SignInError::Refused)));
    assert_eq!((hall.failures(ann), hall.world.last_row().outcome), (1, Outcome::Denied));
    assert!(matches!(change(PASSWORD, "short"), Err(SignInError::Password(PasswordError::TooShort(15)))));
    assert!(matches!(
        change(PASSWORD, "ann@example.org Acme Rockets"),
        Err(SignInError::Password(PasswordError::Guessable))
    ));
    assert!(matches!(change(PASSWORD, PASSWORD), Err(SignInError::Password(PasswordError::Guessable))));
    let token = change(PASSWORD, "kettle orbit marzipan").unwrap();
    assert!(!hall.passes(&here.token) && !hall.passes(&there.token) && hall.passes(&token));
    assert_eq!(hall.failures(ann), 0);
    assert!(hall.attempt("ann@example.org", PASSWORD).is_err());
    hall.attempt("ann@example.org", "kettle orbit marzipan").unwrap();
}

#[test]
fn hashes_follow_the_cost() {
    let before = Hall::new(World::new(), &config());
    let ann = before.user("ann");
    let mut dearer = config();
    dearer.passwords.cost.passes = 2;
    let after = Hall::new(before.world, &dearer);
    after.attempt("ann@example.org", "wrong").unwrap_err();
    let passes = || user::get(&after.world.db.read().unwrap(), ann).unwrap().password.unwrap().cost().passes;
    assert_eq!(passes(), 1);
    after.attempt("ann@example.org", PASSWORD).unwrap();
    assert_eq!(passes(), 2);
    after.attempt("ann@example.org", PASSWORD).unwrap();
}

#[test]
fn a_password_from_an_administrator_is_changed_first() {
    let hall = Hall::new(World::new(), &config());
    let ann = hall.user("ann");
    let old = hall.attempt("ann@example.org", PASSWORD).unwrap();
    let hash = hall.desk.passwords().accept(&"kettle orbit marzipan".into(), &[], false).unwrap();
    hall.world.write(|tx| user::set_password(tx, ann, hash, true, None)).unwrap();
    assert!(!hall.passes(&old.token));
    let signed_in = hall.attempt("ann@example.org", "kettle orbit marzipan").unwrap();
    assert!(signed_in.user.must_change);
    let auth = Authenticator::new(&hall.world.rules);
    let ask = |token: &crate::SessionToken| {
        let credential = Credential::Session(token.clone());
        auth.authenticate(&credential, &hall.world.db, &hall.world.realm, &hall.world.grants, None).unwrap()
    };
    assert_eq!(ask(&signed_in.token).must_change_password, Some(MustChange::Given));
    let change = PasswordChange { old: "kettle orbit marzipan".into(), new: PASSWORD.into(), address: None };
    let token = hall.desk.change_password(&hall.world.db, &hall.world.realm, signed_in.session.id(), &change).unwrap();
    assert_eq!(ask(&token).must_change_password, None);
}

#[test]
fn an_operators_sign_in_raises_an_alarm() {
    let hall = Hall::new(World::system(), &config());
    let root = hall.user("root");
    let signed_in = hall.attempt("root@example.org", PASSWORD).unwrap();
    let row = hall.world.last_row();
    assert_eq!((row.detail["alarm"].as_str(), row.detail["break_glass"].as_str()), ("operator_sign_in", "true"));
    assert_eq!(row.actor, Some(root.erase()));
    hall.attempt("root@example.org", "wrong").unwrap_err();
    assert_eq!(hall.world.last_row().detail["alarm"], "operator_sign_in");
    let auth = Authenticator::new(&hall.world.rules);
    let credential = Credential::Session(signed_in.token);
    assert_eq!(credential.tenant(), crate::Realm::SYSTEM);
    let found = auth.authenticate(&credential, &hall.world.db, &hall.world.realm, &hall.world.grants, None).unwrap();
    assert_eq!(found.actor.kind, ActorKind::Operator);
    // A tenant's door does not lead to the operators, nor theirs to a tenant.
    let tenant = Hall::new(World::new(), &config());
    assert!(tenant.attempt("root@example.org", PASSWORD).is_err());
    let attempt = Attempt {
        email: "root@example.org".to_owned(),
        password: PASSWORD.into(),
        code: None,
        device: Device::default(),
        replaces: None,
    };
    assert!(hall.desk.with_password(&hall.world.db, &tenant.world.realm, &attempt).is_err());
}

#[test]
fn nothing_secret_shows() {
    let hall = Hall::new(World::new(), &config());
    hall.user("ann");
    let signed_in = hall.attempt("ann@example.org", PASSWORD).unwrap();
    let token = signed_in.token.reveal();
    // The last 40 characters are of the secret part.
    let secret = &token.expose()[46..];
    let attempt = Attempt {
        email: "ann@example.org".to_owned(),
        password: PASSWORD.into(),
        code: None,
        device: Device::default(),
        replaces: Some(signed_in.token.clone()),
    };
    let credential = Credential::Session(signed_in.token.clone());
    let shown = format!("{signed_in:?} {attempt:?} {credential:?} {:?} {:?}", hall.desk, hall.world.last_row());
    assert!(!shown.contains(secret) && !shown.contains(PASSWORD));
    assert!(serde_json::to_string(&signed_in.session).is_err());
    assert!(serde_json::to_string(&signed_in.user).is_err());
    let live = session::of_user(
        &hall.world.db.read().unwrap(),
        signed_in.user.id(),
        hall.world.db.clock().now(),
        &hall.world.rules,
    );
    assert!(!format!("{live:?}").contains(secret));
}

#[test]
fn who_has_a_second_factor_needs_both() {
    let hall = Hall::new(World::new(), &config());
    let ann = hall.user("ann");
    let (db, realm) = (&hall.world.db, &hall.world.realm);
    let at_work = hall.attempt("ann@example.org", PASSWORD).unwrap();
    let session = at_work.session.id();
    let proof = |secret: &str| Proof { session, secret: secret.into(), address: "192.0.2.1".parse().ok() };
    // Whoever finds the browser open does not know the password.
    let guessed = hall.desk.begin_second_factor(db, realm, &proof("ann's dog's name"));
    assert!(matches!(guessed, Err(SignInError::Refused)));
    assert_eq!((hall.failures(ann), hall.world.last_row().outcome), (1, Outcome::Denied));
    let offer = hall.desk.begin_second_factor(db, realm, &proof(PASSWORD)).unwrap();
    // What was begun asks nobody for anything.
    hall.attempt("ann@example.org", PASSWORD).unwrap();
    assert_eq!(hall.failures(ann), 0);
    let wrong = hall.desk.confirm_second_factor(db, realm, &proof("000000"));
    assert!(matches!(wrong, Err(SignInError::Code)));
    let code = || app(&offer.key, db.clock().now());
    let (papers, token) = hall.desk.confirm_second_factor(db, realm, &proof(code().expose())).unwrap();
    assert!(hall.passes(&token) && !hall.passes(&at_work.token));
    assert_eq!(session::get(&db.read().unwrap(), session).unwrap().assurance().level, 2);

    hall.world.clock.advance(MINUTE);
    let with = |password: &str, code: Option<&str>| {
        let device = Device { agent: "Browser".to_owned(), address: "192.0.2.1".parse().ok() };
        let (email, password) = ("ann@example.org".to_owned(), password.into());
        let attempt = Attempt { email, password, code: code.map(Into::into), device, replaces: None };
        let answer = hall.desk.with_password(db, realm, &attempt);
        (answer, hall.world.last_row())
    };
    let (answer, row) = with(PASSWORD, None);
    assert!(matches!(answer, Err(SignInError::CodeNeeded)));
    assert_eq!(
        (row.outcome, row.detail["reason"].as_str(), row.subject),
        (Outcome::Denied, "code_needed", ann.erase())
    );
    let (answer, row) = with(PASSWORD, Some("000000"));
    assert!(matches!(answer, Err(SignInError::Code)));
    assert_eq!((row.detail["reason"].as_str(), hall.failures(ann)), ("wrong_code", 2));
    // The right code tells nothing of the password.
    let now = code();
    let (answer, _) = with("another password entirely", Some(now.expose()));
    assert!(matches!(answer, Err(SignInError::Refused)));
    let (answer, row) = with(PASSWORD, Some(now.expose()));
    let in_again = answer.unwrap();
    assert_eq!((in_again.session.assurance().level, hall.failures(ann)), (2, 0));
    assert!(hall.passes(&in_again.token));
    assert_eq!((row.detail["factor"].as_str(), row.subject), ("password, code", ann.erase()));
    // Each code is good once, that on paper too.
    hall.world.clock.advance(MINUTE);
    assert!(matches!(with(PASSWORD, Some(now.expose())).0, Err(SignInError::Code)));
    let (answer, row) = with(PASSWORD, Some(papers[0].expose()));
    assert_eq!(answer.unwrap().session.assurance().level, 2);
    assert_eq!(row.detail["recovery_codes_left"], "7");
    assert!(matches!(with(PASSWORD, Some(papers[0].expose())).0, Err(SignInError::Code)));

    hall.world.clock.advance(MINUTE);
    let wrong = hall.desk.show_second_factor(db, realm, &proof("1"));
    assert!(matches!(wrong, Err(SignInError::Code)));
    let token = hall.desk.show_second_factor(db, realm, &proof(code().expose())).unwrap();
    assert!(hall.passes(&token));
    let shown = session::get(&db.read().unwrap(), session).unwrap().assurance().second_factor;
    assert_eq!(shown, Some(db.clock().now()));
}

#[test]
fn a_tenant_can_ask_everyone_for_a_second_factor() {
    let hall = Hall::new(World::new(), &config());
    let ann = hall.user("ann");
    let signed_in = hall.attempt("ann@example.org", PASSWORD).unwrap();
    let auth = Authenticator::new(&hall.world.rules);
    let must_show = |token: &crate::SessionToken| {
        let credential = Credential::Session(token.clone());
        let known = auth.authenticate(&credential, &hall.world.db, &hall.world.realm, &hall.world.grants, None);
        known.unwrap().must_show_second_factor
    };
    assert!(!must_show(&signed_in.token));
    let set = |second_factor_required| {
        hall.world.write(|tx| Ok(second_factor::set_rules(tx, SignInRules { second_factor_required })?)).unwrap();
    };
    set(true);
    assert!(must_show(&signed_in.token), "sessions that were there, too");
    let session = signed_in.session.id();
    let token = hall.world.write(|tx| session::step_up(tx, session, crate::Factor::OneTimeCode)).unwrap();
    assert!(!must_show(&token));
    let another = hall.world.session(ann);
    assert!(must_show(&another));
    set(false);
    assert!(!must_show(&another));
}
