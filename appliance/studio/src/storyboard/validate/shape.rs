//! Checks a value against a schema that `schemars` generated: the part of JSON Schema that it uses, with messages
//! for people.

use serde_json::{Map, Value};

use super::super::near::nearest;
use super::Report;

/// Reports every way in which `value` departs from `schema`, which is the root of its own references.
pub(crate) fn check(value: &Value, schema: &Value, report: &mut Report) {
    walk(value, schema, schema, report);
}

fn walk(value: &Value, schema: &Value, root: &Value, report: &mut Report) {
    if report.full() {
        return;
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return walk(value, target.expect("a generated schema refers to its own definitions"), root, report);
    }
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        return any_of(value, branches, root, report);
    }
    if let Some(words) = words(schema) {
        return closed_word(value, &words, report);
    }
    if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
        return tagged(value, branches, root, report);
    }
    if let Some(only) = schema.get("const") {
        if value != only {
            report.error(format!("must be {only}, not {}", shown(value)));
        }
        return;
    }
    if !has_type(value, schema) {
        return report.error(format!("must be {}, not {}", wanted(schema), shown(value)));
    }
    match value {
        Value::Number(_) => range(value, schema, report),
        Value::String(text) => length(text.chars().count(), "character", schema, ("minLength", "maxLength"), report),
        Value::Array(items) => array(items, schema, root, report),
        Value::Object(fields) => object(fields, schema, root, report),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The closed list of words that the schema allows, if it is one.
fn words(schema: &Value) -> Option<Vec<&str>> {
    if let Some(list) = schema.get("enum").and_then(Value::as_array) {
        return list.iter().map(Value::as_str).collect();
    }
    schema.get("oneOf").and_then(Value::as_array)?.iter().map(|branch| branch.get("const")?.as_str()).collect()
}

fn closed_word(value: &Value, words: &[&str], report: &mut Report) {
    match value.as_str() {
        Some(word) if words.contains(&word) => {}
        Some(word) => {
            let near = report.hint(word, words.iter().copied());
            report.error(format!("unknown word {}; one of {}{near}", shown(value), words.join(", ")));
        }
        None => report.error(format!("must be one of {}, not {}", words.join(", "), shown(value))),
    }
}

fn has_type(value: &Value, schema: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    match schema.get("type") {
        Some(Value::String(name)) => is(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

fn wanted(schema: &Value) -> String {
    let name = |n: &str| match n {
        "null" => "null".to_owned(),
        "integer" => "a whole number".to_owned(),
        "object" | "array" => format!("an {n}"),
        _ => format!("a {n}"),
    };
    match schema.get("type") {
        Some(Value::String(n)) => name(n),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(name).collect::<Vec<_>>().join(" or "),
        _ => "something else".to_owned(),
    }
}

/// The value as it is quoted in a message.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().count() > 40 => {
            format!("`{}…`", text.chars().take(40).collect::<String>())
        }
        Value::String(text) => format!("`{text}`"),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        plain => plain.to_string(),
    }
}

/// A value that may have one of several shapes. When none fits, the errors of the likeliest are reported: of the
/// right type and, for objects, with a field that only it requires.
fn any_of(value: &Value, branches: &[Value], root: &Value, report: &mut Report) {
    let mut best: Option<(usize, Report)> = None;
    for branch in branches {
        let branch = branch
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|r| root.pointer(r.strip_prefix('#')?))
            .unwrap_or(branch);
        let mut trial = Report { problems: Vec::new(), at: report.at.clone() };
        walk(value, branch, root, &mut trial);
        if trial.problems.iter().all(|p| p.severity == super::Severity::Warning) {
            report.problems.extend(trial.problems);
            return;
        }
        let required = branch.get("required").and_then(Value::as_array).into_iter().flatten();
        let present = required.filter(|n| n.as_str().is_some_and(|n| value.get(n).is_some())).count();
        let fit = usize::from(has_type(value, branch) && branch.get("type").is_some_and(|t| t != "null"))
            + usize::from(words(branch).is_some() && value.is_string())
            + present;
        if best.as_ref().is_none_or(|(other, _)| fit > *other) {
            best = Some((fit, trial));
        }
    }
    match best {
        Some((1.., trial)) => report.problems.extend(trial.problems),
        _ => {
            let shapes: Vec<String> = branches
                .iter()
                .map(|b| b.get("$ref").and_then(Value::as_str).and_then(|r| root.pointer(&r[1..])).unwrap_or(b))
                .map(|b| words(b).map_or_else(|| wanted(b), |w| format!("one of {}", w.join(", "))))
                .collect();
            report.error(format!("must be {}, not {}", shapes.join(" or "), shown(value)));
        }
    }
}

/// An object whose shape follows from one of its fields, the tag, which has another word in each branch.
fn tagged(value: &Value, branches: &[Value], root: &Value, report: &mut Report) {
    let tag_of = |branch: &Value| {
        let properties = branch.get("properties")?.as_object()?;
        let (name, word) = properties.iter().find_map(|(name, of)| Some((name, of.get("const")?.as_str()?)))?;
        Some((name.clone(), word.to_owned()))
    };
    let tags: Vec<(String, String)> = branches.iter().filter_map(tag_of).collect();
    let Some(name) = tags.first().map(|(name, _)| name.as_str()) else { return };
    if !value.is_object() {
        return report.error(format!("must be an object, not {}", shown(value)));
    }
    let Some(word) = value.get(name) else { return report.error(format!("`{name}` is missing")) };
    match tags.iter().position(|(_, tag)| word.as_str() == Some(tag)) {
        Some(at) => walk(value, &branches[at], root, report),
        None => {
            let known: Vec<&str> = tags.iter().map(|(_, tag)| tag.as_str()).collect();
            report.within(name, |report| closed_word(word, &known, report));
        }
    }
}

fn range(value: &Value, schema: &Value, report: &mut Report) {
    let (Some(number), bound) = (value.as_f64(), |name: &str| schema.get(name).and_then(Value::as_f64)) else {
        return;
    };
    // The schema says how wide a whole number is by its format alone.
    let widest = match schema.get("format").and_then(Value::as_str) {
        Some("uint8") => Some(f64::from(u8::MAX)),
        Some("uint16") => Some(f64::from(u16::MAX)),
        Some("uint32") => Some(f64::from(u32::MAX)),
        Some("int64") if !value.is_i64() => return report.error(format!("{value} is too large")),
        _ => None,
    };
    let (least, most) = (bound("minimum"), bound("maximum").or(widest));
    if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
        report.error(match (least, most) {
            (Some(least), Some(most)) => format!("{value} is not in {least} to {most}"),
            (Some(least), None) => format!("{value} is less than {least}"),
            (_, most) => format!("{value} is more than {}", most.unwrap_or_default()),
        });
    } else if let (Some(step), Some(whole)) = (schema.get("multipleOf").and_then(Value::as_u64), value.as_u64())
        && whole % step != 0
    {
        report.error(format!("{value} is not a multiple of {step}"));
    }
}

fn length(count: usize, unit: &str, schema: &Value, bounds: (&str, &str), report: &mut Report) {
    let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
    let short = bound(bounds.0).filter(|least| (count as u64) < *least).map(|least| format!("at least {least}"));
    let long = bound(bounds.1).filter(|most| count as u64 > *most).map(|most| format!("at most {most}"));
    if let Some(limit) = short.or(long) {
        let plural = if limit.ends_with(" 1") { "" } else { "s" };
        report.error(format!("must have {limit} {unit}{plural}, not {count}"));
    }
}

fn array(items: &[Value], schema: &Value, root: &Value, report: &mut Report) {
    length(items.len(), "item", schema, ("minItems", "maxItems"), report);
    let first = schema.get("prefixItems").and_then(Value::as_array);
    let rest = schema.get("items");
    for (i, item) in items.iter().enumerate() {
        if let Some(of) = first.and_then(|f| f.get(i)).or(rest).filter(|of| of.is_object()) {
            report.within(i, |report| walk(item, of, root, report));
        }
    }
}

fn object(fields: &Map<String, Value>, schema: &Value, root: &Value, report: &mut Report) {
    let none = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            // A misspelt name explains the missing one better than a second message would.
            if report.full() {
                return;
            }
            let strangers = fields.keys().map(String::as_str).filter(|k| !properties.contains_key(*k));
            let near = nearest(name, strangers).map_or_else(String::new, |n| format!("; is it spelt `{n}`?"));
            report.error(format!("`{name}` is missing{near}"));
        }
    }
    let more = schema.get("additionalProperties");
    for (name, field) in fields {
        if report.full() {
            return;
        }
        report.within(name, |report| match (properties.get(name), more) {
            (Some(of), _) => walk(field, of, root, report),
            (None, Some(of @ Value::Object(_))) => walk(field, of, root, report),
            (None, Some(Value::Bool(false))) => {
                let near = report.hint(name, properties.keys().map(String::as_str));
                report.error(format!("unknown field{near}"));
            }
            (None, _) => {
                let near = report.hint(name, properties.keys().map(String::as_str));
                report.warning(format!("unknown field, kept as it is{near}"));
            }
        });
    }
}
