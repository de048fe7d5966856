//! Many policies in one. What the engine does around each policy costs more than the policy itself, so that a tenant's are
//! first asked as one statement, whether any of them has anything to say; only then which.

use cedar_policy::{Effect, Policy, PolicySet};
use serde_json::{Value, json};

/// One statement for the policies that permit and one for those that forbid: each says something where any of its policies
/// does, or fails where one of them may fail. Nothing where a policy cannot be put so.
///
/// The scope's action is left out: it holds for every policy of a slice.
pub(crate) fn merged(policies: &[Policy]) -> Option<PolicySet> {
    let statement = |effect: Effect, word: &str| {
        let conditions: Option<Vec<_>> =
            policies.iter().filter(|policy| policy.effect() == effect).map(condition).collect();
        Some(any(&conditions?).map(|any| {
            json!({
                "effect": word,
                "principal": { "op": "All" },
                "action": { "op": "All" },
                "resource": { "op": "All" },
                "conditions": [{ "kind": "when", "body": any }],
            })
        }))
    };
    let statements = [statement(Effect::Permit, "permit")?, statement(Effect::Forbid, "forbid")?];
    let read = statements.into_iter().enumerate().filter_map(|(number, statement)| {
        let named = cedar_policy::PolicyId::new(number.to_string());
        statement.map(|statement| Policy::from_json(Some(named), statement).ok())
    });
    PolicySet::from_policies(read.collect::<Option<Vec<_>>>()?).ok()
}

/// When a policy applies, in Cedar's JSON form.
fn condition(policy: &Policy) -> Option<Value> {
    let json = policy.to_json().ok()?;
    let mut parts = vec![scope("principal", json.get("principal")?)?, scope("resource", json.get("resource")?)?];
    for condition in json.get("conditions")?.as_array()? {
        let body = condition.get("body")?;
        parts.push(match condition.get("kind")?.as_str()? {
            "when" => body.clone(),
            "unless" => json!({ "!": { "arg": body } }),
            _ => return None,
        });
    }
    Some(
        parts.into_iter().reduce(|left, right| json!({ "&&": { "left": left, "right": right } })).expect("two or more"),
    )
}

/// What the scope asks of a variable.
fn scope(variable: &str, constraint: &Value) -> Option<Value> {
    let left = json!({ "Var": variable });
    let entity = |of: &Value| Some(json!({ "Value": { "__entity": of.get("entity")? } }));
    Some(match constraint.get("op")?.as_str()? {
        "All" => json!({ "Value": true }),
        "==" => json!({ "==": { "left": left, "right": entity(constraint)? } }),
        "in" => json!({ "in": { "left": left, "right": entity(constraint)? } }),
        "is" => {
            let kind = constraint.get("entity_type")?;
            match constraint.get("in") {
                Some(within) => json!({ "is": { "left": left, "entity_type": kind, "in": entity(within)? } }),
                None => json!({ "is": { "left": left, "entity_type": kind } }),
            }
        }
        _ => return None,
    })
}

/// That any of these holds: a balanced tree, for the engine follows it by recursion.
fn any(conditions: &[Value]) -> Option<Value> {
    match conditions {
        [] => None,
        [one] => Some(one.clone()),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            Some(json!({ "||": { "left": any(left)?, "right": any(right)? } }))
        }
    }
}
