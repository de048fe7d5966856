//! The OpenAPI 3.1 document, made from the table of endpoints.

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    endpoint::{Door, Endpoint},
    problem::{Code, Problem},
};

/// The document over `endpoints`.
pub fn document(endpoints: &[Endpoint]) -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        })
        .into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths = Map::new();
    for endpoint in endpoints {
        let methods = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        methods[endpoint.method.as_str().to_ascii_lowercase()] = operation(endpoint, &mut generator, &problem);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Audiagram",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Recorded speech in, animated diagram videos out. Errors are RFC 9457 problems with a stable `code`. \
                            Lists are pages: send the `next` of one answer as `after` of the next request. A change names in \
                            `If-Match` the `ETag` it is based on. A request with an `Idempotency-Key` is done once.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags(endpoints),
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-audiagram" },
                "key": { "type": "http", "scheme": "bearer", "bearerFormat": "agm_live_…" },
            },
        },
    })
}

fn operation(endpoint: &Endpoint, generator: &mut SchemaGenerator, problem: &Schema) -> Value {
    let mut responses = Map::new();
    let mut success = json!({ "description": "Done" });
    if let Some(schema) = (endpoint.reply)(generator) {
        success["content"] = json!({ endpoint.reply_media: { "schema": schema } });
    }
    if endpoint.versioned || endpoint.path.ends_with('}') && endpoint.is_safe() {
        success["headers"] =
            json!({ "ETag": { "description": "The version, for If-Match", "schema": { "type": "string" } } });
    }
    if endpoint.streams() {
        responses.insert("206".to_owned(), success.clone());
    }
    responses.insert(endpoint.status.as_str().to_owned(), success);
    for code in codes(endpoint) {
        let description = responses
            .get(&code.status().to_string())
            .and_then(|response| response["description"].as_str())
            .map_or_else(|| format!("`{}`", code.text()), |known| format!("{known}, `{}`", code.text()));
        responses.insert(
            code.status().to_string(),
            json!({ "description": description, "content": { "application/problem+json": { "schema": problem } } }),
        );
    }
    let mut operation = json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [tag(endpoint)],
        "parameters": parameters(endpoint, generator),
        "responses": responses,
    });
    match endpoint.door {
        Door::Public => operation["security"] = json!([]),
        Door::SignedIn => operation["security"] = json!([{ "session": [] }, { "key": [] }]),
        Door::Permit(permission) => {
            operation["security"] = json!([{ "session": [] }, { "key": [] }]);
            operation["x-permission"] = json!(permission.code());
        }
    }
    if let Some(schema) = (endpoint.body)(generator) {
        operation["requestBody"] =
            json!({ "required": true, "content": { endpoint.body_media: { "schema": schema } } });
    }
    operation
}

fn parameters(endpoint: &Endpoint, generator: &mut SchemaGenerator) -> Vec<Value> {
    let mut parameters = Vec::new();
    for name in endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let longest = if name == "token" { 86 } else { 64 };
        parameters.push(json!({
            "name": name, "in": "path", "required": true, "schema": { "type": "string", "maxLength": longest },
        }));
    }
    if let Some(schema) = (endpoint.query)(generator) {
        let schema = resolve(schema, generator);
        let required: Vec<_> = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, of) in schema["properties"].as_object().into_iter().flatten() {
            let mut of = of.clone();
            let description = of.as_object_mut().and_then(|of| of.remove("description"));
            let mut parameter =
                json!({ "name": name, "in": "query", "required": required.contains(&json!(name)), "schema": of });
            if let Some(description) = description {
                parameter["description"] = description;
            }
            parameters.push(parameter);
        }
    }
    if endpoint.streams() {
        parameters.push(json!({
            "name": "Range", "in": "header", "required": false, "schema": { "type": "string", "maxLength": 100 },
            "description": "One range of bytes, like `bytes=0-1023`",
        }));
    }
    if endpoint.body_media != "application/json" {
        parameters.push(json!({
            "name": "Upload-Offset", "in": "header", "required": true, "schema": { "type": "integer", "minimum": 0 },
            "description": "Where in the whole the bytes of the body begin",
        }));
    }
    if endpoint.versioned {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": true, "schema": { "type": "string", "pattern": "^(\\*|\"[0-9]{1,19}\")$" },
            "description": "The ETag that the change is based on, or * to overwrite whatever is there",
        }));
    }
    parameters
}

/// The schema behind a reference.
fn resolve(schema: Schema, generator: &SchemaGenerator) -> Value {
    let value = schema.to_value();
    let name = value["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.and_then(|name| generator.definitions().get(name)).cloned().unwrap_or(value)
}

/// Which problems an endpoint can answer with, beside its success.
fn codes(endpoint: &Endpoint) -> Vec<Code> {
    let mut codes = vec![Code::BadRequest, Code::Invalid, Code::RateLimited, Code::Internal, Code::Unavailable];
    if endpoint.door != Door::Public {
        codes.extend([Code::Unauthenticated, Code::Denied, Code::StepUpRequired]);
    }
    if endpoint.path.contains('{') {
        codes.push(Code::NotFound);
    }
    if !endpoint.is_safe() {
        codes.extend([
            Code::CrossSite,
            Code::TooLarge,
            Code::UnsupportedMediaType,
            Code::Conflict,
            Code::QuotaExceeded,
            Code::LimitReached,
        ]);
    }
    if endpoint.streams() {
        codes.push(Code::RangeNotSatisfiable);
    }
    if endpoint.versioned {
        codes.extend([Code::VersionMismatch, Code::PreconditionRequired]);
    }
    codes.sort_by_key(|code| code.status());
    codes
}

fn tag(endpoint: &Endpoint) -> &'static str {
    endpoint.path.trim_start_matches("/v1/").split('/').next().unwrap_or("appliance")
}

fn tags(endpoints: &[Endpoint]) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for endpoint in endpoints {
        if !names.contains(&tag(endpoint)) {
            names.push(tag(endpoint));
        }
    }
    names.into_iter().map(|name| json!({ "name": name })).collect()
}
