use cedar_policy::ValidationMode;
use model::PermissionSet;

use super::*;
use crate::{
    rule::{HELD, OWNER_SELF},
    world::{Question, Random},
};

#[test]
fn the_schema_follows_the_table_of_permissions() {
    for permission in Permission::ALL {
        let line = if permission.is_of_appliance() {
            format!(
                r#"action "{permission}" in ["appliance"] appliesTo {{ principal: Operator, resource: Appliance, context: How }};"#
            )
        } else {
            let levels = Level::ALL.iter().filter(|level| level.permissions().contains(*permission));
            let groups: Vec<_> = levels.map(|level| format!(r#""level:{}""#, level.name())).collect();
            let groups = groups.join(", ");
            format!(
                r#"action "{permission}" in [{groups}] appliesTo {{ principal: User, resource: Resource, context: How }};"#
            )
        };
        assert!(SCHEMA.lines().any(|known| known == line), "the schema lacks this line:\n{line}");
    }
    let actions = SCHEMA.lines().filter(|line| line.starts_with("action ")).count();
    assert_eq!(actions, Permission::ALL.len() + Level::ALL.len() + 1);
}

#[test]
fn the_rules_are_valid_and_named_as_in_the_table() {
    let specification = Specification::new();
    let result = specification.validator.validate(&specification.base, ValidationMode::Strict);
    assert!(result.validation_passed(), "{result}");
    let mut names: Vec<_> = specification.base.policies().map(|policy| policy.id().to_string()).collect();
    let mut table: Vec<_> = Rule::ALL.iter().map(|rule| rule.id().to_owned()).collect();
    names.sort_unstable();
    table.sort_unstable();
    assert_eq!(names, table);
    for policy in specification.base.policies() {
        let rule = Rule::from_id(policy.id().as_ref()).unwrap();
        assert_eq!(rule.is_guard(), policy.effect() == cedar_policy::Effect::Forbid);
    }
}

#[test]
fn lists_of_actions_are_those_of_the_code() {
    let step_up = Permission::ALL.iter().copied().filter(|permission| permission.needs_step_up()).collect();
    for (rule, expected) in [(Rule::OwnerSelf, OWNER_SELF), (Rule::StepUp, step_up), (Rule::LegalHold, HELD)] {
        let specification = Specification::new();
        let policy = specification.base.policy(&PolicyId::new(rule.id())).unwrap();
        let cedar_policy::ActionConstraint::In(actions) = policy.action_constraint() else {
            panic!("{} names its actions", rule.id());
        };
        let actions: PermissionSet =
            actions.iter().map(|action| AsRef::<str>::as_ref(action.id()).parse::<Permission>().unwrap()).collect();
        assert_eq!(actions, expected, "{}", rule.id());
    }
}

/// What is built from structs, unchecked for speed, would pass the check.
#[test]
fn questions_conform_to_the_schema() {
    let specification = Specification::new();
    let mut random = Random::new(3);
    for _ in 0..2_000 {
        let question = Question::random(&mut random);
        let (actor, permission, subject) = (&question.actor, question.permission, &question.subject);
        let right = permission.is_of_appliance() == (actor.kind == ActorKind::Operator)
            && permission.is_of_appliance() == (subject.id.kind == NounKind::Appliance);
        let conforms = specification.conforms(actor, permission, subject, &question.context());
        assert_eq!(conforms.is_ok(), right, "{conforms:?}");
    }
}

#[test]
fn times() {
    for (millis, expected) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_799_999, "2000-02-29T23:59:59.999Z"),
        (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
        (1_790_000_000_000, "2026-09-21T14:13:20.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (u64::MAX, "9999-12-31T23:59:59.999Z"),
    ] {
        assert_eq!(iso(Timestamp::from_millis(millis)), expected);
    }
}
