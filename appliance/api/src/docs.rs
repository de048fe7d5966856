//! The documentation page: the OpenAPI document as plain HTML, without scripts, for machines without internet.

use std::fmt::Write as _;

use serde_json::Value;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6675; --line: #d8dee6; --page: #fff; --code: #f4f6f9; --accent: #0b63c5 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf3; --soft: #9fabba; --line: #313b48; --page: #12171d; --code: #1c232c; --accent: #6fb1ff } }
* { box-sizing: border-box } body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--page) }
.frame { display: grid; grid-template-columns: 17rem minmax(0, 1fr); max-width: 78rem; margin: auto }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 2rem 1rem 2rem 1.5rem; font-size: .875rem }
nav h2 { font-size: .75rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); margin: 1.4rem 0 .3rem }
nav a { display: block; padding: .15rem 0; color: inherit; text-decoration: none } nav a:hover, nav a:focus { color: var(--accent) }
main { padding: 2rem 2rem 6rem; border-left: 1px solid var(--line) }
h1 { font-size: 1.75rem; margin: 0 0 .5rem } article { border-top: 1px solid var(--line); padding: 1.5rem 0 } article h3 { margin: 0 0 .25rem; font-size: 1.125rem }
code, pre { font: .875rem/1.5 ui-monospace, monospace } pre { background: var(--code); padding: .8rem 1rem; border-radius: .5rem; overflow: auto }
.verb { font-weight: 700; color: var(--accent) } .soft { color: var(--soft) }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-size: .9375rem } th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line) } th { color: var(--soft); font-weight: 600 }
@media (max-width: 52rem) { .frame { grid-template-columns: 1fr } nav { position: static; max-height: none } main { border: 0; padding: 1rem } }
";

/// The page over an OpenAPI document.
pub(crate) fn page(document: &Value) -> String {
    let mut nav = String::new();
    let mut main = String::new();
    for tag in items(&document["tags"]) {
        let tag = text(&tag["name"]);
        let _ = write!(nav, "<h2>{}</h2>", escape(tag));
        for (path, methods) in members(&document["paths"]) {
            for (method, operation) in members(methods) {
                if items(&operation["tags"]).iter().any(|name| text(name) == tag) {
                    let name = escape(text(&operation["operationId"]));
                    let _ = write!(nav, "<a href=\"#{name}\">{}</a>", escape(text(&operation["summary"])));
                    article(&mut main, path, method, operation, &document["components"]["schemas"]);
                }
            }
        }
    }
    let info = &document["info"];
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} API</title><style>{STYLE}</style><div class=\"frame\"><nav aria-label=\"Endpoints\">{nav}</nav>\
         <main><h1>{title} API <span class=\"soft\">{version}</span></h1><p>{description}</p>{main}</main></div></html>",
        title = escape(text(&info["title"])),
        version = escape(text(&info["version"])),
        description = escape(text(&info["description"])),
    )
}

fn article(out: &mut String, path: &str, method: &str, operation: &Value, schemas: &Value) {
    let _ = write!(
        out,
        "<article id=\"{}\"><h3>{}</h3><p><code><span class=\"verb\">{}</span> {}</code></p>",
        escape(text(&operation["operationId"])),
        escape(text(&operation["summary"])),
        escape(&method.to_ascii_uppercase()),
        escape(path),
    );
    if let Some(permission) = operation["x-permission"].as_str() {
        let _ = write!(out, "<p class=\"soft\">Needs <code>{}</code></p>", escape(permission));
    }
    let parameters = items(&operation["parameters"]);
    if !parameters.is_empty() {
        out.push_str("<table><tr><th>Parameter<th>In<th>About</tr>");
        for parameter in parameters {
            let _ = write!(
                out,
                "<tr><td><code>{}</code><td>{}<td>{}</tr>",
                escape(text(&parameter["name"])),
                escape(text(&parameter["in"])),
                escape(text(&parameter["description"])),
            );
        }
        out.push_str("</table>");
    }
    fields(out, "Body", &operation["requestBody"]["content"]["application/json"]["schema"], schemas);
    for (status, response) in members(&operation["responses"]) {
        if let Some(schema) = response["content"]["application/json"].get("schema") {
            fields(out, &format!("Answer {status}"), schema, schemas);
        }
    }
    let problems: Vec<_> = members(&operation["responses"])
        .filter(|(_, response)| response["content"].get("application/problem+json").is_some())
        .map(|(status, response)| format!("{status} {}", text(&response["description"]).replace('`', "")))
        .collect();
    let _ = write!(out, "<p class=\"soft\">Problems: {}</p></article>", escape(&problems.join("; ")));
}

/// The fields of an object, one row each.
fn fields(out: &mut String, heading: &str, schema: &Value, schemas: &Value) {
    let schema = resolve(schema, schemas);
    let properties: Vec<_> = members(&schema["properties"]).collect();
    if properties.is_empty() {
        return;
    }
    let required = items(&schema["required"]);
    let _ = write!(out, "<table><tr><th>{}<th>Type<th>About</tr>", escape(heading));
    for (name, of) in properties {
        let must = if required.iter().any(|required| text(required) == name) {
            ""
        } else {
            " <span class=\"soft\">optional</span>"
        };
        let _ = write!(
            out,
            "<tr><td><code>{}</code>{must}<td>{}<td>{}</tr>",
            escape(name),
            escape(&kind(of, schemas)),
            escape(text(&of["description"])),
        );
    }
    out.push_str("</table>");
}

fn kind(schema: &Value, schemas: &Value) -> String {
    let schema = resolve(schema, schemas);
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(text).collect::<Vec<_>>().join(" | ");
    }
    if let Some(values) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        let kinds: Vec<_> = values
            .iter()
            .filter(|value| value["type"] != "null")
            .map(|value| value["const"].as_str().map_or_else(|| kind(value, schemas), str::to_owned))
            .collect();
        return kinds.join(" | ");
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"], schemas)),
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().map(text).filter(|name| *name != "null").collect::<Vec<_>>().join(" | "),
        _ => "any".to_owned(),
    }
}

fn resolve<'a>(schema: &'a Value, schemas: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.and_then(|name| schemas.get(name)).unwrap_or(schema)
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
