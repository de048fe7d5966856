//! Requests made from the OpenAPI document: a value for each schema, so that an endpoint that is added is covered by itself.

use serde_json::{Map, Value, json};

use crate::draw::Random;

/// An endpoint of the document.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Name, place and schema of each parameter, and whether it must be there.
    pub(crate) parameters: Vec<(String, String, Value, bool)>,
    /// Media type and schema of the body.
    pub(crate) body: Option<(String, Value)>,
}

/// Every endpoint of a document.
pub(crate) fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, about) in methods.as_object().into_iter().flatten() {
            let parameters = about["parameters"].as_array().into_iter().flatten().map(|parameter| {
                let text = |name: &str| parameter[name].as_str().unwrap_or_default().to_owned();
                (text("name"), text("in"), parameter["schema"].clone(), parameter["required"] == true)
            });
            let content = about["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
            operations.push(Operation {
                name: about["operationId"].as_str().unwrap_or(path).to_owned(),
                method: method.to_ascii_uppercase(),
                path: path.clone(),
                parameters: parameters.collect(),
                body: content.map(|(kind, about)| (kind.clone(), about["schema"].clone())),
            });
        }
    }
    operations
}

/// Where texts and ids come from.
pub(crate) trait Source {
    /// A text for the field `name`.
    fn text(&mut self, name: &str, random: &mut Random) -> String;
}

/// A value of `schema`; `name` is the field it is for.
pub(crate) fn value(
    schema: &Value,
    document: &Value,
    name: &str,
    depth: usize,
    source: &mut impl Source,
    random: &mut Random,
) -> Value {
    if let Some(path) = schema["$ref"].as_str() {
        let target = document.pointer(path.trim_start_matches('#')).cloned().unwrap_or(Value::Null);
        return if depth > 8 { Value::Null } else { value(&target, document, name, depth + 1, source, random) };
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(known) = schema["enum"].as_array() {
        return random.pick(known).cloned().unwrap_or(Value::Null);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(forms) = schema[choice].as_array() {
            let form = random.pick(forms).cloned().unwrap_or(Value::Null);
            return value(&form, document, name, depth + 1, source, random);
        }
    }
    if let Some(forms) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for form in forms {
            if let Value::Object(part) = value(form, document, name, depth + 1, source, random) {
                whole.extend(part);
            }
        }
        return Value::Object(whole);
    }
    match kind(schema) {
        "object" => object(schema, document, depth, source, random),
        "array" => {
            let count = random.below(3).max(schema["minItems"].as_u64().unwrap_or(0) as usize);
            (0..count).map(|_| value(&schema["items"], document, name, depth + 1, source, random)).collect()
        }
        "integer" | "number" => {
            let least = schema["minimum"].as_i64().unwrap_or(0);
            let most = schema["maximum"].as_i64().unwrap_or(i64::MAX).min(least + 20).max(least);
            json!(least + (random.unit() * (most - least + 1) as f64) as i64)
        }
        "boolean" => json!(random.below(2) == 0),
        "null" => Value::Null,
        _ => json!(clipped(source.text(name, random), schema)),
    }
}

fn object(schema: &Value, document: &Value, depth: usize, source: &mut impl Source, random: &mut Random) -> Value {
    let mut made = Map::new();
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, of) in schema["properties"].as_object().into_iter().flatten() {
        if required.contains(&name.as_str()) || depth < 6 && random.below(2) == 0 {
            made.insert(name.clone(), value(of, document, name, depth + 1, source, random));
        }
    }
    if schema["additionalProperties"].is_object() && random.below(2) == 0 {
        let of = value(&schema["additionalProperties"], document, "label", depth + 1, source, random);
        made.insert(source.text("label", random), of);
    }
    Value::Object(made)
}

/// The type, the one that is not null where there are two.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("string"),
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    }
}

fn clipped(text: String, schema: &Value) -> String {
    match schema["maxLength"].as_u64() {
        Some(most) => text.chars().take(most as usize).collect(),
        None => text,
    }
}
