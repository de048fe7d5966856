use std::{net::IpAddr, time::Duration};

use model::{Classification, Grant, Level, PermissionSet};

use super::*;
use crate::{
    Specification,
    world::{NOW, Question, Random, context, grant, project, region, tenant, thing, user},
};

/// Asks, and reads the answer as text.
fn check(actor: &Actor, permission: Permission, subject: &Subject, context: &Context<'_>, expected: &str) {
    let decision = decide(actor, permission, subject, context, None);
    assert_eq!(decision.reason.to_string(), expected);
    assert_eq!(decision.allowed, expected.starts_with("granted"));
}

#[test]
fn roles_hold_where_they_were_given() {
    let read = Permission::ProjectRead;
    let inside = |grants: &[Grant], expected| check(&user(grants), read, &thing(), &context(), expected);
    inside(&[], "not granted");
    inside(&[grant(Level::Viewer, Scope::Tenant)], "granted: role.viewer");
    inside(&[grant(Level::Viewer, Scope::Project(project(1)))], "granted: role.viewer");
    inside(&[grant(Level::Owner, Scope::Project(project(2)))], "not granted");
    inside(&[grant(Level::Billing, Scope::Tenant), grant(Level::Auditor, Scope::Tenant)], "not granted");
    inside(
        &[grant(Level::Editor, Scope::Tenant), grant(Level::Viewer, Scope::Tenant)],
        "granted: role.viewer role.editor",
    );
    let custom = Grant { scope: Scope::Tenant, permissions: PermissionSet::of(&[read]), expires: None };
    inside(&[custom], "granted: role.custom");
    let no_project = Subject { project: None, id: tenant(1).erase(), ..thing() };
    check(&user(&[grant(Level::Owner, Scope::Project(project(1)))]), read, &no_project, &context(), "not granted");
}

#[test]
fn roles_end() {
    let until = |expires| user(&[Grant { expires: Some(expires), ..grant(Level::Viewer, Scope::Tenant) }]);
    let read = Permission::ProjectRead;
    check(&until(NOW.after(Duration::from_millis(1))), read, &thing(), &context(), "granted: role.viewer");
    check(&until(NOW), read, &thing(), &context(), "not granted");
}

#[test]
fn owners_of_things() {
    let own = |permission, expected| {
        let actor = user(&[]);
        let subject = Subject { owner: Some(actor.id), ..thing() };
        check(&actor, permission, &subject, &context(), expected);
    };
    own(Permission::ProjectDelete, "granted: owner.self");
    own(Permission::ProjectShare, "not granted");
    own(Permission::RoleAssign, "not granted");
    let actor = Actor { ceiling: PermissionSet::of(&[Permission::AssetRead]), ..user(&[]) };
    let subject = Subject { owner: Some(actor.id), ..thing() };
    check(&actor, Permission::AssetRead, &subject, &context(), "granted: owner.self");
    check(&actor, Permission::ProjectRead, &subject, &context(), "guarded: guard.key");
}

#[test]
fn guards_win_over_roles() {
    let owner = user(&[grant(Level::Owner, Scope::Tenant)]);
    let delete = Permission::ProjectDelete;
    let ask = |actor: Actor, subject: Subject, context: Context<'_>, expected| {
        check(&actor, delete, &subject, &context, expected);
    };
    ask(owner.clone(), thing(), context(), "granted: role.owner");
    ask(owner.clone(), Subject { tenant: tenant(2), ..thing() }, context(), "guarded: guard.tenant");
    ask(Actor { suspended: true, ..owner.clone() }, thing(), context(), "guarded: guard.suspended");
    ask(owner.clone(), thing(), Context { region: region("in"), ..context() }, "guarded: guard.residency");
    let secret = Subject { classification: Classification::Secret, ..thing() };
    let cleared = |clearance| Actor { clearance, ..owner.clone() };
    ask(cleared(Classification::Confidential), secret.clone(), context(), "guarded: guard.clearance");
    ask(cleared(Classification::Secret), secret, context(), "granted: role.owner");
    ask(owner.clone(), Subject { legal_hold: true, ..thing() }, context(), "guarded: guard.legal_hold");
    let ended = |not_after| Context { not_after: Some(Timestamp::from_millis(not_after)), ..context() };
    ask(owner.clone(), thing(), ended(NOW.millis()), "granted: role.owner");
    ask(owner.clone(), thing(), ended(NOW.millis() - 1), "guarded: guard.time");
    let networks = ["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    let from = |address: Option<&str>| Context {
        address: address.map(|address| address.parse::<IpAddr>().unwrap()),
        allow_networks: &networks,
        ..context()
    };
    ask(owner.clone(), thing(), from(Some("10.1.1.1")), "granted: role.owner");
    ask(owner.clone(), thing(), from(Some("2001:db8::7")), "granted: role.owner");
    ask(owner.clone(), thing(), from(None), "granted: role.owner");
    ask(owner.clone(), thing(), from(Some("11.1.1.1")), "guarded: guard.network");
    let both = Subject { tenant: tenant(2), legal_hold: true, ..thing() };
    ask(owner, both, context(), "guarded: guard.tenant guard.legal_hold");
}

#[test]
fn dangerous_permissions_ask_for_a_second_factor() {
    let ask = |level, ago: Option<u64>, expected| {
        let mut actor = user(&[grant(Level::Owner, Scope::Tenant)]);
        actor.assurance.level = level;
        actor.assurance.second_factor = ago.map(|millis| Timestamp::from_millis(NOW.millis() - millis));
        check(&actor, Permission::TenantDelete, &thing(), &context(), expected);
        check(&actor, Permission::TenantUpdate, &thing(), &context(), "granted: role.owner");
    };
    ask(2, Some(900_000), "granted: role.owner");
    ask(3, Some(0), "granted: role.owner");
    ask(2, Some(900_001), "guarded: guard.step_up");
    ask(2, None, "guarded: guard.step_up");
    ask(1, Some(0), "guarded: guard.step_up");
    let mut actor = user(&[grant(Level::Owner, Scope::Tenant)]);
    actor.assurance.second_factor = Some(NOW.after(Duration::from_secs(1)));
    check(&actor, Permission::TenantDelete, &thing(), &context(), "guarded: guard.step_up");
}

#[test]
fn operators_run_the_appliance_and_nothing_else() {
    let appliance = crate::appliance(region("eu"));
    let all = Grant {
        scope: Scope::Tenant,
        permissions: PermissionSet::TENANT.union(PermissionSet::APPLIANCE),
        expires: None,
    };
    let operator = Actor { kind: ActorKind::Operator, tenant: crate::SYSTEM, ..user(&[all]) };
    check(&operator, Permission::SystemRead, &appliance, &context(), "granted: role.custom");
    check(&operator, Permission::SystemRead, &thing(), &context(), "guarded: guard.tenant guard.realm");
    check(&operator, Permission::ProjectRead, &thing(), &context(), "guarded: guard.tenant guard.realm");
    check(&operator, Permission::ProjectRead, &appliance, &context(), "guarded: guard.realm");
    check(&user(&[all]), Permission::SystemRead, &appliance, &context(), "guarded: guard.tenant guard.realm");
    check(&user(&[all]), Permission::SystemRead, &thing(), &context(), "guarded: guard.realm");
    check(&user(&[all]), Permission::ProjectRead, &appliance, &context(), "guarded: guard.tenant guard.realm");
}

/// Every permission x every role x every guard: the native code says the same as the Cedar text, and for the same reason.
#[test]
fn the_matrix_is_equal_in_cedar() {
    let specification = Specification::new();
    let mut count = 0;
    for question in guarded_questions() {
        for permission in Permission::ALL {
            for level in Level::ALL.iter().map(|level| Some(*level)).chain([None]) {
                let grants = level.map(|level| grant(level, Scope::Tenant));
                let actor = Actor { grants: grants.into_iter().collect(), ..question.0.clone() };
                hold(&specification, &actor, *permission, &question.1, &question.2);
                count += 1;
            }
        }
    }
    assert_eq!(count, 76 * 8 * 12);
}

/// One question that passes and one that each guard stops, and one about the appliance.
fn guarded_questions() -> Vec<(Actor, Subject, Context<'static>)> {
    let (actor, subject) = (user(&[]), thing());
    let networks: &[Network] = Box::leak(Box::new(["10.0.0.0/8".parse().unwrap()]));
    let mut stale = actor.clone();
    stale.assurance.second_factor = None;
    vec![
        (actor.clone(), subject.clone(), context()),
        (actor.clone(), Subject { owner: Some(actor.id), ..subject.clone() }, context()),
        (actor.clone(), Subject { tenant: tenant(2), ..subject.clone() }, context()),
        (Actor { kind: ActorKind::Operator, ..actor.clone() }, subject.clone(), context()),
        (Actor { suspended: true, ..actor.clone() }, subject.clone(), context()),
        (Actor { ceiling: Level::Viewer.permissions(), ..actor.clone() }, subject.clone(), context()),
        (actor.clone(), Subject { residency: [region("in")].into(), ..subject.clone() }, context()),
        (Actor { clearance: Classification::Public, ..actor.clone() }, subject.clone(), context()),
        (
            actor.clone(),
            subject.clone(),
            Context { address: "11.0.0.1".parse().ok(), allow_networks: networks, ..context() },
        ),
        (actor.clone(), subject.clone(), Context { not_after: Some(Timestamp::from_millis(0)), ..context() }),
        (stale, subject.clone(), context()),
        (actor, Subject { legal_hold: true, ..subject }, context()),
    ]
}

#[track_caller]
fn hold(
    specification: &Specification,
    actor: &Actor,
    permission: Permission,
    subject: &Subject,
    context: &Context<'_>,
) {
    let native = decide(actor, permission, subject, context, None);
    let rules = match native.reason {
        Reason::Granted(rules) | Reason::Guarded(rules) => rules,
        _ => Rules::NONE,
    };
    let cedar = specification.judge(actor, permission, subject, context);
    assert_eq!((native.allowed, rules), cedar, "{permission} on {subject:?} by {actor:?} in {context:?}");
}

#[test]
fn random_questions_are_equal_in_cedar_and_never_cross_tenants() {
    let specification = Specification::new();
    let mut random = Random::new(1);
    let (mut allowed, mut crossing) = (0, 0);
    let mut seen = Rules::NONE;
    for _ in 0..100_000 {
        let question = Question::random(&mut random);
        let (actor, subject) = (&question.actor, &question.subject);
        hold(&specification, actor, question.permission, subject, &question.context());
        let decision = decide(actor, question.permission, subject, &question.context(), None);
        if let Reason::Granted(rules) | Reason::Guarded(rules) = decision.reason {
            seen = rules.iter().fold(seen, |seen, rule| seen.with(rule, true));
        }
        allowed += usize::from(decision.allowed);
        if actor.tenant != subject.tenant {
            crossing += 1;
            assert!(!decision.allowed, "{question:?}", question = (actor, subject));
        }
    }
    assert!(allowed > 5_000 && crossing > 10_000, "{allowed} allowed, {crossing} across tenants");
    assert_eq!(seen, Rule::ALL.iter().copied().collect(), "every rule came up");
}

/// No actor of a tenant reaches anything of another's, whatever it holds.
#[test]
fn nothing_crosses_tenants() {
    let mut random = Random::new(2);
    for _ in 0..100_000 {
        let mut question = Question::random(&mut random);
        question.actor.tenant = tenant(1);
        question.subject.tenant = tenant(2);
        let decision = decide(&question.actor, question.permission, &question.subject, &question.context(), None);
        assert!(!decision.allowed && decision.reason.guards().contains(Rule::Tenant));
    }
}

/// Role x permission x guard: what each built-in role may, and which guards can refuse it.
#[test]
fn the_golden_matrix() {
    let names = ["tenant", "residency", "clearance", "step_up", "legal_hold"];
    let mut text = format!("{:22}", "");
    for level in Level::ALL {
        text += &format!("{:>8}", level.name());
    }
    text += &format!("{:>8}  guards beside suspended, key, network, time", "self");
    let hard = Subject {
        tenant: tenant(2),
        classification: Classification::Restricted,
        residency: [region("in")].into(),
        legal_hold: true,
        ..thing()
    };
    for permission in Permission::ALL {
        text += &format!("\n{:22}", permission.code());
        let mark = |allowed: bool| if allowed { "x" } else { "." };
        let operator = permission.is_of_appliance();
        let subject = if operator { crate::appliance(region("eu")) } else { thing() };
        let kind = if operator { ActorKind::Operator } else { ActorKind::User };
        let home = if operator { crate::SYSTEM } else { tenant(1) };
        let asker = |grants: &[Grant]| Actor { kind, tenant: home, ..user(grants) };
        for level in Level::ALL {
            let actor = asker(&[grant(*level, Scope::Tenant)]);
            let decision = decide(&actor, *permission, &subject, &context(), None);
            text += &format!("{:>8}", mark(decision.allowed));
        }
        let actor = asker(&[]);
        let owned = Subject { owner: Some(actor.id), ..subject };
        text += &format!("{:>8} ", mark(decide(&actor, *permission, &owned, &context(), None).allowed));
        let mut weak = Actor { clearance: Classification::Public, ..actor };
        weak.assurance.second_factor = None;
        let refusing = guards(&weak, *permission, &hard, &context());
        for name in names.iter().filter(|name| refusing.contains(Rule::from_id(&format!("guard.{name}")).unwrap())) {
            text += &format!(" {name}");
        }
    }
    insta::assert_snapshot!("matrix", text);
}
