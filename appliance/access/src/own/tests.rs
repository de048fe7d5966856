use std::{fmt::Write, time::Duration};

use model::{Scope, Timestamp};

use super::*;
use crate::{
    Reason, decide,
    world::{NOW, Question, Random, context, grant, thing, user},
};

fn id(number: u128) -> Id<Policy> {
    Id::from_bits(number)
}

fn own(texts: &[&str]) -> OwnPolicies {
    let specification = Arc::new(Specification::new());
    let checked = texts.iter().enumerate();
    let checked = checked.map(|(at, text)| CheckedPolicy::new(&specification, id(at as u128), text).unwrap()).collect();
    OwnPolicies::new(&specification, checked).unwrap().unwrap()
}

/// Whether an editor of the tenant may download with this policy; why, by short ids.
#[track_caller]
fn check(text: &str, expected: &str) {
    let decision = decide(
        &user(&[grant(Level::Editor, Scope::Tenant)]),
        Permission::AssetDownload,
        &thing(),
        &context(),
        Some(&own(&[text])),
    );
    let reason = decision.reason.to_string().replace(&id(0).to_string(), "it");
    assert_eq!(reason, expected);
    assert_eq!(decision.allowed, expected.starts_with("granted"));
}

#[test]
fn what_they_say() {
    check("forbid(principal, action, resource);", "forbidden: it");
    check(r#"forbid(principal, action == Action::"project:read", resource);"#, "granted: role.editor");
    check(r#"forbid(principal in Role::"editor", action == Action::"asset:download", resource);"#, "forbidden: it");
    check(r#"forbid(principal in Role::"viewer", action, resource);"#, "granted: role.editor");
    check(r#"permit(principal, action == Action::"asset:download", resource);"#, "granted: role.editor it");
    check(
        r#"forbid(principal, action in Action::"level:editor", resource) unless { context.now.toTime() > duration("20h") };"#,
        "forbidden: it",
    );
    check(
        r#"forbid(principal, action, resource) when { resource.kind == "project" && !context.api_key };"#,
        "forbidden: it",
    );
    let project = thing().project.unwrap();
    check(&format!(r#"forbid(principal, action, resource in Resource::"{project}");"#), "forbidden: it");
    let actor = user(&[]).id;
    check(&format!(r#"forbid(principal == User::"{actor}", action, resource);"#), "forbidden: it");
    // An answer that fails is not a yes.
    check("forbid(principal, action, resource) when { 9223372036854775807 + principal.aal > 0 };", "failed: it");
}

#[test]
fn they_permit_what_no_role_grants_and_never_pass_a_guard() {
    let own = own(&[r#"permit(principal, action == Action::"project:read", resource);"#]);
    let ask = |actor: &Actor, permission| decide(actor, permission, &thing(), &context(), Some(&own));
    let decision = ask(&user(&[]), Permission::ProjectRead);
    assert_eq!(decision.reason, Reason::GrantedByOwn(vec![id(0)], Rules::NONE));
    assert!(!ask(&user(&[]), Permission::ProjectUpdate).allowed);
    assert!(!ask(&Actor { suspended: true, ..user(&[]) }, Permission::ProjectRead).allowed);
    assert!(!ask(&Actor { tenant: Id::from_bits(9), ..user(&[]) }, Permission::ProjectRead).allowed);
}

#[test]
fn errors_name_their_place() {
    let specification = Specification::new();
    let place = |text: &str| match CheckedPolicy::new(&specification, id(1), text) {
        Err(PolicyError::Unfit { line, column, .. }) => (line, column),
        other => panic!("{other:?}"),
    };
    assert_eq!(place("permit(principal, action,\n  resouce);"), (2, 3));
    assert_eq!(place("forbid(principal, action, resource)\nwhen {\n  principal.colour == 3\n};"), (3, 3));
    assert_eq!(place("forbid(principal, action == Action::\"project:fly\", resource);").0, 1);
    assert_eq!(place("forbid(principal, action, resource);\nforbid(principal, action, resource);"), (2, 1));
    assert_eq!(place("").0, 1);
    assert_eq!(place("permit(principal == ?principal, action, resource);").0, 1);
    let long = format!("forbid(principal, action, resource); //{}", "x".repeat(MAX_POLICY_BYTES));
    assert!(matches!(CheckedPolicy::new(&specification, id(1), &long), Err(PolicyError::Long { .. })));
}

#[test]
fn deep_texts_are_refused_and_do_not_crash() {
    let specification = Arc::new(Specification::new());
    let check = |open: &str, close: &str, times: usize| {
        let (open, close) = (open.repeat(times), close.repeat(times));
        let text = format!("forbid(principal, action, resource) when {{ {open}1{close} == 1 || true }};");
        CheckedPolicy::new(&specification, id(1), &text)
    };
    let forms = [
        ("(", ")"),
        ("!", ""),
        ("-", ""),
        ("[", "]"),
        ("{a:", "}"),
        ("1+", ""),
        ("1*", ""),
        ("", ".a"),
        ("if true then ", " else 1"),
        ("true&&", ""),
        ("true||", ""),
    ];
    for (open, close) in forms {
        let full = (MAX_POLICY_BYTES - 100) / (open.len() + close.len());
        assert!(check(open, close, full).is_err(), "{open} {close}");
        // Whatever passes the scan must be read and evaluated on an ordinary stack.
        for times in [2, 4, 14, 100, 199, 398] {
            if let Ok(policy) = check(open, close, times) {
                let own = OwnPolicies::new(&specification, vec![policy]).unwrap().unwrap();
                let decision = decide(&user(&[]), Permission::ProjectRead, &thing(), &context(), Some(&own));
                assert_eq!(decision.reason, Reason::ForbiddenByOwn(vec![id(1)]), "{open} {close} {times}");
            }
        }
    }
}

#[test]
fn nobody_permits_what_they_lack() {
    let specification = Specification::new();
    let within = |text: &str, level: Level| {
        let checked = CheckedPolicy::new(&specification, id(1), text).unwrap();
        checked.within(level.permissions()).map_err(|error| error.to_string())
    };
    assert_eq!(within("forbid(principal, action, resource);", Level::Viewer), Ok(()));
    assert!(within("permit(principal, action, resource);", Level::Owner).is_err(), "it would name the appliance's");
    assert_eq!(within(r#"permit(principal, action in Action::"level:admin", resource);"#, Level::Admin), Ok(()));
    assert!(within(r#"permit(principal, action in Action::"level:owner", resource);"#, Level::Admin).is_err());
    let error = within(r#"permit(principal, action == Action::"tenant:delete", resource);"#, Level::Admin);
    assert!(error.unwrap_err().contains("tenant:delete"));
}

#[test]
fn limits() {
    let specification = Arc::new(Specification::new());
    let checked =
        |number| CheckedPolicy::new(&specification, id(number), "forbid(principal, action, resource);").unwrap();
    let many = (0..=MAX_OWN_POLICIES as u128).map(checked).collect();
    assert_eq!(OwnPolicies::new(&specification, many).unwrap_err(), PolicyError::Many);
    let twice = vec![checked(1), checked(1)];
    assert_eq!(OwnPolicies::new(&specification, twice).unwrap_err(), PolicyError::Twice { id: id(1) });
    assert!(OwnPolicies::new(&specification, Vec::new()).unwrap().is_none());
}

#[test]
fn policies_that_look_at_the_time_are_known() {
    let specification = Specification::new();
    let timed = |condition: &str| {
        let text = format!("forbid(principal, action, resource) when {{ {condition} }};");
        Sight::of(&CheckedPolicy::new(&specification, id(1), &text).unwrap().0).is_timed()
    };
    assert!(timed(r#"context.now > datetime("2026-01-01")"#));
    assert!(timed(r#"context["n\u{6f}w"] > datetime("2026-01-01")"#));
    assert!(timed("principal.mfa_age_s > 60"));
    assert!(timed("context == context"));
    assert!(timed("[context].contains(context)"));
    assert!(!timed("context.api_key && context has ip && context.ip.isLoopback()"));
    assert!(!timed("principal.aal > 1 && resource.kind == \"now\""));
}

/// Twenty policies that look at all there is to see.
const TWENTY: &[&str] = &[
    r#"forbid(principal, action in Action::"level:owner", resource) when { context.api_key && resource.classification > 2 };"#,
    r#"forbid(principal in Role::"auditor", action, resource) when { context has ip && context.ip.isIpv6() };"#,
    r#"permit(principal in Role::"billing", action == Action::"report:create", resource);"#,
    r#"forbid(principal, action in [Action::"asset:download", Action::"report:export"], resource) unless { principal.aal >= 2 };"#,
    r#"permit(principal, action == Action::"project:read", resource) when { principal.home_region == "in" };"#,
    r#"forbid(principal, action, resource) when { context.break_glass && resource.kind == "video" };"#,
    r#"forbid(principal, action, resource) when { context.now.toTime() > duration("14h20m") };"#,
    r#"permit(principal, action in [Action::"render:read", Action::"asset:read"], resource) when { resource.residency.contains("in") };"#,
    r#"forbid(principal, action == Action::"project:share", resource) when { resource.residency == ["eu"] };"#,
    r#"forbid(principal, action, resource) when { principal.mfa_age_s > 4000 && principal.aal == 3 };"#,
    r#"permit(principal, action == Action::"comment:create", resource is Resource) when { resource has owner };"#,
    r#"forbid(principal is User, action, resource) when { principal.kind == "service_account" && resource.legal_hold };"#,
    r#"forbid(principal, action == Action::"query:run", resource) when { context has not_after };"#,
    r#"permit(principal, action == Action::"cost:read", resource) when { context.custom_role || principal.clearance > 3 };"#,
    r#"forbid(principal, action, resource) when { principal.suspended };"#,
    r#"forbid(principal, action in Action::"level:viewer", resource) when { resource.kind like "rec*" && context.api_key };"#,
    r#"forbid(principal, action, resource) when { context has allow_net && context.allow_net.isIpv6() };"#,
    r#"permit(principal, action == Action::"member:read", resource) unless { context.within_key };"#,
    r#"forbid(principal, action == Action::"tenant:update", resource) when { 9223372036854775800 + principal.clearance > 0 && principal.clearance * 9223372036854775807 > 0 };"#,
    r#"forbid(principal, action, resource) when { resource has owner && resource.owner == principal && context.api_key };"#,
];

/// Guards and roles in native code with only the tenant's own policies in Cedar say the same as all in Cedar; and what is
/// remembered is what would be said afresh.
#[test]
fn random_questions_are_equal_in_cedar_with_policies_of_the_tenant() {
    let own = own(TWENTY);
    let whole = own.whole();
    let mut random = Random::new(4);
    let mut words: std::collections::BTreeMap<String, usize> = Default::default();
    for _ in 0..10_000 {
        let question = Question::random(&mut random);
        let (actor, permission, subject) = (&question.actor, question.permission, &question.subject);
        let context = question.context();
        let decision = decide(actor, permission, subject, &context, Some(&own));
        if permission.is_of_appliance() {
            // Own policies have no say about the appliance.
            assert_eq!(decision, decide(actor, permission, subject, &context, None));
            continue;
        }
        let (allowed, determining) = whole.judge(actor, permission, subject, &context);
        assert_eq!(decision.allowed, allowed, "{decision:?} {determining:?}");
        let mut policies = decision.reason.policies();
        policies.sort_unstable();
        match decision.reason {
            // Guards are told without the tenant's policies that forbid as well.
            Reason::Guarded(_) => assert!(policies.iter().all(|policy| determining.contains(policy))),
            Reason::OwnFailed(_) => (),
            _ => assert_eq!(policies, determining),
        }
        let word = decision.reason.to_string();
        *words.entry(word.split(':').next().unwrap().to_owned()).or_default() += 1;
        assert_eq!(decision, decide(actor, permission, subject, &context, Some(&own)), "the second time from memory");
        assert!(own.remembered.lock().unwrap().len() <= MAX_REMEMBERED);
    }
    let mut seen = String::new();
    for word in words.keys() {
        write!(seen, "{word} ").unwrap();
    }
    assert_eq!(seen, "failed forbidden granted guarded not granted ");
    let slices = || own.slices.iter().filter_map(OnceLock::get);
    assert!(slices().count() > 30 && slices().all(|slice| slice.merged.is_some()), "each form of policy can be merged");
}

/// What changes an answer changes its key.
#[test]
fn nothing_is_remembered_too_long() {
    let timely =
        own(&[r#"forbid(principal, action, resource) when { context.now >= datetime("2026-09-21T14:13:21Z") };"#]);
    let actor = user(&[grant(Level::Viewer, Scope::Tenant)]);
    let ask = |own: &OwnPolicies, actor: &Actor, at: Timestamp| {
        decide(actor, Permission::ProjectRead, &thing(), &Context { now: at, ..context() }, Some(own)).allowed
    };
    assert!(ask(&timely, &actor, NOW));
    assert!(!ask(&timely, &actor, NOW.after(Duration::from_secs(1))), "the time is part of the key");

    let roles = own(&[r#"permit(principal in Role::"viewer", action == Action::"tenant:delete", resource);"#]);
    let delete = |actor: &Actor| decide(actor, Permission::TenantDelete, &thing(), &context(), Some(&roles)).allowed;
    assert!(delete(&actor));
    assert!(!delete(&user(&[])), "a role taken away counts at once");
    assert_eq!(roles.remembered.lock().unwrap().len(), 2);
}
