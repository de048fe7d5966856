//! The OpenAPI 3.1 document, made from the table of endpoints.

use model::Permission;
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    endpoint::{Bytes, Door, Endpoint, Part as _, binary},
    once,
    problem::{Code, Problem},
    sparse::{self, Fields},
};

/// The document over `endpoints`.
pub fn document(endpoints: &[Endpoint]) -> Value {
    // What is sent may leave out other fields than what is answered.
    let settings = |settings: SchemaSettings| {
        settings.with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        })
    };
    let mut sent = settings(SchemaSettings::draft2020_12()).into_generator();
    let mut answered = settings(SchemaSettings::draft2020_12().for_serialize()).into_generator();
    let problem = answered.subschema_for::<Problem>();
    let mut paths = Map::new();
    for endpoint in endpoints {
        let methods = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        methods[endpoint.method.as_str().to_ascii_lowercase()] =
            operation(endpoint, &mut sent, &mut answered, &problem);
    }
    let (mut schemas, answered) = (sent.take_definitions(true), answered.take_definitions(true));
    let clashes: Vec<_> = schemas
        .iter()
        .filter(|(name, schema)| answered.get(*name).is_some_and(|other| !alike(schema, other)))
        .map(|(name, _)| name.clone())
        .collect();
    debug_assert!(
        clashes.is_empty(),
        "schemas that are sent and answered with the same name, but are different things: {clashes:?}"
    );
    schemas.extend(answered);
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
            "schemas": schemas,
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-audiagram" },
                "key": { "type": "http", "scheme": "bearer", "bearerFormat": "agm_live_…" },
            },
        },
    })
}

/// Whether two schemas of one name are of one thing. Which fields may be left out may differ; which there are may not.
fn alike(sent: &Value, answered: &Value) -> bool {
    let names = |of: &Value| of.as_object().map(|of| of.keys().cloned().collect::<Vec<_>>());
    let parts = |schema: &Value| (names(&schema["properties"]), schema["enum"].clone(), schema["type"].clone());
    parts(sent) == parts(answered)
}

fn operation(
    endpoint: &Endpoint,
    sent: &mut SchemaGenerator,
    answered: &mut SchemaGenerator,
    problem: &Schema,
) -> Value {
    let mut responses = Map::new();
    let mut success = json!({ "description": "Done" });
    if let Some(schema) = (endpoint.reply)(answered) {
        let whole = sparse::resolve(schema.clone(), answered);
        let fields = Fields::within(&whole, |schema| sparse::resolve(schema, answered)).filter(|_| endpoint.is_safe());
        let schema = fields.map_or_else(|| json!(schema), |fields| json!({ "anyOf": [schema, fields.schema()] }));
        success["content"] = json!({ endpoint.reply_media: { "schema": schema } });
        for kind in endpoint.texts {
            success["content"][*kind] = json!({ "schema": { "type": "string" } });
        }
    }
    if endpoint.versioned || endpoint.path.ends_with('}') && endpoint.is_safe() {
        success["headers"] =
            json!({ "ETag": { "description": "The version, for If-Match", "schema": { "type": "string" } } });
    }
    if endpoint.streams() {
        responses.insert("206".to_owned(), success.clone());
    }
    responses.insert(endpoint.status.as_str().to_owned(), success);
    let codes = codes(endpoint);
    for same in codes.chunk_by(|one, next| one.status() == next.status()) {
        let names: Vec<_> = same.iter().map(|code| format!("`{}`", code.text())).collect();
        let examples: Map<String, Value> = same.iter().map(|code| (code.text().to_owned(), example(*code))).collect();
        let mut response = json!({
            "description": names.join(", "),
            "content": { "application/problem+json": { "schema": problem, "examples": examples } },
        });
        if same[0].status() == Code::RateLimited.status() {
            response["headers"] = limits();
        }
        // Of these the protocol speaks itself; who may not call learns it as everywhere.
        if [400, 404, 422, 503].contains(&same[0].status())
            && let Some(fault) = (endpoint.own_fault)(answered)
        {
            response["content"]["application/json"] = json!({ "schema": fault });
        }
        responses.insert(same[0].status().to_string(), response);
    }
    let mut operation = json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [tag(endpoint)],
        "parameters": parameters(endpoint, sent),
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
    if let Some(schema) = (endpoint.body)(sent) {
        let mut content = json!({ endpoint.body_media: { "schema": schema } });
        for kind in endpoint.body_also {
            content[*kind] = json!({ "schema": binary() });
        }
        operation["requestBody"] = json!({ "required": true, "content": content });
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
        let schema = sparse::resolve(schema, generator);
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
    let fields = Fields::of(endpoint).map(|fields| fields.of.keys().cloned().collect::<Vec<_>>());
    if let Some(names) = fields.filter(|names| !names.is_empty()) {
        parameters.push(json!({
            "name": sparse::PARAMETER, "in": "query", "required": false, "style": "form", "explode": false,
            "schema": { "type": "array", "minItems": 1, "items": { "type": "string", "enum": names } },
            "description": "Only these fields of the answer, or of each item of a list",
        }));
    }
    if once::takes_key(endpoint) {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": { "type": "string", "pattern": "^[!-~]{16,128}$" }, "example": "9f1f2c0e-5d0e-4c1e-8f0a-1b2c3d4e5f60",
            "description": "Names this request: sent again within 24 hours it is done once and answered the same. Choose a fresh UUID for each request",
        }));
    }
    if endpoint.streams() {
        parameters.push(json!({
            "name": "Range", "in": "header", "required": false, "schema": { "type": "string", "maxLength": 100 },
            "description": "One range of bytes, like `bytes=0-1023`",
        }));
    }
    if endpoint.body_media == Bytes::MEDIA {
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

/// The headers by which a caller sees how much more it may send. They come with every answer to a known caller.
fn limits() -> Value {
    let header = |description: &str, kind: &str| json!({ "description": description, "schema": { "type": kind } });
    json!({
        "Retry-After": header("Seconds after which trying again makes sense", "integer"),
        "RateLimit-Policy": header("How many requests may be sent at once, and in how many seconds they come back, by rule", "string"),
        "RateLimit": header("How many more may be sent at once, and in how many seconds all are back, by rule", "string"),
    })
}

/// What a problem with this code looks like.
fn example(code: Code) -> Value {
    let problem = Problem { instance: Some("0123456789abcdef0123456789abcdef".to_owned()), ..Problem::new(code, "") };
    json!({ "summary": code.title(), "value": problem })
}

/// Which problems an endpoint can answer with, beside its success.
fn codes(endpoint: &Endpoint) -> Vec<Code> {
    let mut codes = vec![
        Code::BadRequest,
        Code::Invalid,
        Code::RateLimited,
        Code::TooManyAtOnce,
        Code::Internal,
        Code::DataDamaged,
        Code::Unavailable,
    ];
    if endpoint.door != Door::Public {
        codes.extend([Code::Unauthenticated, Code::Denied, Code::StepUpRequired, Code::NotFound]);
    } else if !endpoint.is_safe() {
        codes.push(Code::WrongCredentials);
    }
    if endpoint.door == Door::Public && endpoint.path.contains('{') {
        // What is public and named by its path is a view link, which may have a password.
        codes.extend([Code::NotFound, Code::LinkPassword]);
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
    if once::takes_key(endpoint) {
        codes.extend([Code::IdempotencyConflict, Code::AlreadyDone, Code::IdempotencyMismatch]);
    }
    if endpoint.streams() {
        codes.push(Code::RangeNotSatisfiable);
    }
    if endpoint.door == Door::Permit(Permission::QueryRun) {
        codes.extend([Code::ReadOnly, Code::QueryTooLarge, Code::QueryTimedOut]);
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
