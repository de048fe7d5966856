//! Many policies in one. What the engine does around each policy costs more than the policy itself, so that a tenant's are
//! first asked as one statement, whether any of them has anything to say; only then which.
//!
//! To find an entity costs more than to compare what it has, so that the statement asks the context for what policies ask the
//! principal and the resource for, where that says the same: `principal.aal` becomes `context["principal.aal"]`.

use cedar_policy::{Effect, Policy, PolicySet};
use serde_json::{Value, json};

/// What of a tenant's policies is asked first.
#[derive(Debug)]
pub(crate) struct Merged {
    /// One statement for the policies that permit and one for those that forbid: each says something where any of its policies
    /// does, or fails where one of them may fail.
    pub(crate) policies: PolicySet,
    /// What a short question must have; nothing where only the whole question will do.
    pub(crate) short: Option<Kin>,
}

/// The variables whose ancestors are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Kin {
    pub(crate) principal: bool,
    pub(crate) resource: bool,
    pub(crate) action: bool,
}

impl Kin {
    /// `left` is asked whether it is in something.
    fn note(&mut self, left: Option<&Value>) {
        match left.and_then(variable) {
            Some("principal") => self.principal = true,
            Some("resource") => self.resource = true,
            Some("action") => self.action = true,
            _ => *self = Kin { principal: true, resource: true, action: true },
        }
    }
}

impl Merged {
    /// Nothing where a policy cannot be put so.
    ///
    /// The scope's action is left out: it holds for every policy of a slice.
    pub(crate) fn of(policies: &[Policy]) -> Option<Merged> {
        let conditions = |effect: Effect| -> Option<Vec<Value>> {
            policies.iter().filter(|policy| policy.effect() == effect).map(condition).collect()
        };
        let mut conditions = [conditions(Effect::Permit)?, conditions(Effect::Forbid)?];
        let whole = conditions.clone();
        let mut kin = Kin::default();
        let flat = conditions.iter_mut().flatten().all(|condition| flatten(condition, &mut kin));
        let policies = set(if flat { conditions } else { whole })?;
        Some(Merged { policies, short: flat.then_some(kin) })
    }
}

fn set(conditions: [Vec<Value>; 2]) -> Option<PolicySet> {
    let statements = conditions.iter().zip(["permit", "forbid"]).filter_map(|(conditions, word)| {
        let any = any(conditions)?;
        let statement = json!({
            "effect": word,
            "principal": { "op": "All" },
            "action": { "op": "All" },
            "resource": { "op": "All" },
            "conditions": [{ "kind": "when", "body": any }],
        });
        Some(Policy::from_json(Some(cedar_policy::PolicyId::new(word)), statement).ok())
    });
    PolicySet::from_policies(statements.collect::<Option<Vec<_>>>()?).ok()
}

/// Puts attributes of the principal and the resource as ones of the context. Says whether the condition then asks for nothing
/// that a short question lacks; when not, it may be changed in part.
fn flatten(json: &mut Value, kin: &mut Kin) -> bool {
    match json {
        Value::Array(items) => items.iter_mut().all(|item| flatten(item, kin)),
        Value::Object(fields) => fields.iter_mut().all(|(name, value)| match name.as_str() {
            "." | "has" => flatten_attribute(value).is_some(),
            // A context that stands alone is compared with another.
            "Var" => value != "context",
            _ => {
                // In the form of `is .. in ..` what comes after `in` stands alone.
                if name == "in" && value.get("right").is_some() || name == "is" && value.get("in").is_some() {
                    kin.note(value.get("left"));
                }
                flatten(value, kin)
            }
        }),
        _ => true,
    }
}

/// Only a variable's own: what is had by another entity cannot be told before.
fn flatten_attribute(access: &mut Value) -> Option<()> {
    let attribute = access.get("attr")?.as_str()?;
    let flat = match variable(access.get("left")?)? {
        "context" => return Some(()),
        whose @ ("principal" | "resource") => format!("{whose}.{attribute}"),
        _ => return None,
    };
    *access = json!({ "left": { "Var": "context" }, "attr": flat });
    Some(())
}

fn variable(json: &Value) -> Option<&str> {
    json.get("Var")?.as_str()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn short(condition: &str) -> Option<Kin> {
        let text = format!("forbid(principal, action, resource) when {{ {condition} }};");
        Merged::of(&[Policy::parse(None, text).unwrap()]).unwrap().short
    }

    #[test]
    fn short_questions_say_the_same() {
        let none = Kin::default();
        assert_eq!(short("principal.aal < 2 && resource has owner && context.api_key"), Some(none));
        assert_eq!(short("principal in Role::\"editor\""), Some(Kin { principal: true, ..none }));
        assert_eq!(short("resource is Resource in principal.tenant"), Some(Kin { resource: true, ..none }));
        let all = Kin { principal: true, resource: true, action: true };
        assert_eq!(short("resource.owner in Role::\"editor\""), Some(all));
        // What another entity has, and a context as a whole, are not in it.
        assert_eq!(short("resource.owner has aal"), None);
        assert_eq!(short("(if context.api_key then principal else resource).kind == \"user\""), None);
        assert_eq!(short("context == {}"), None);
    }
}
