//! `?fields=a,b`: an answer with some of its fields only. In one place for all endpoints that read a thing or a list.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::Response,
};
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    endpoint::Endpoint,
    problem::{Code, Problem},
};

/// The query parameter.
pub(crate) const PARAMETER: &str = "fields";
/// The largest answer that is cut down, in bytes.
const MAX_ANSWER: usize = 8 << 20;

/// The fields that an endpoint's answer may have.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    /// Names and schemas, of the thing or of each item of the list.
    pub(crate) of: Map<String, Value>,
    /// The other fields of a list: its items are cut down, these stay.
    page: Option<Map<String, Value>>,
}

/// Which fields were asked for.
#[derive(Debug)]
pub(crate) struct Picked {
    names: BTreeSet<String>,
    is_page: bool,
}

impl Fields {
    /// Those of an endpoint, where it reads things that have fields.
    pub(crate) fn of(endpoint: &Endpoint) -> Option<Fields> {
        let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let schema = (endpoint.reply)(&mut generator).filter(|_| endpoint.is_safe())?;
        Self::within(&resolve(schema, &generator), |reference| resolve(reference, &generator))
    }

    /// Those of an answer with this schema.
    pub(crate) fn within(schema: &Value, resolve: impl Fn(Schema) -> Value) -> Option<Fields> {
        let properties = schema["properties"].as_object()?;
        let items = properties.get("items").and_then(|items| items.get("items"));
        let Some(items) = items else { return Some(Fields { of: properties.clone(), page: None }) };
        let items = resolve(Schema::try_from(items.clone()).ok()?);
        Some(Fields { of: items["properties"].as_object()?.clone(), page: Some(properties.clone()) })
    }

    /// Takes the parameter out of a query.
    pub(crate) fn pick(&self, query: &mut String) -> Result<Option<Picked>, Problem> {
        if query.is_empty() {
            return Ok(None);
        }
        let (own, rest): (Vec<&str>, Vec<&str>) = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .partition(|pair| pair.split('=').next() == Some(PARAMETER));
        let own: Vec<String> = own.into_iter().map(str::to_owned).collect();
        *query = rest.join("&");
        let value = match own.as_slice() {
            [] => return Ok(None),
            [one] => one.split_once('=').map_or("", |(_, value)| value),
            _ => return Err(Problem::at(PARAMETER, "stands more than once")),
        };
        let mut names = BTreeSet::new();
        for name in value.replace("%2C", ",").replace("%2c", ",").split(',') {
            if !self.of.contains_key(name) {
                let known: Vec<_> = self.of.keys().map(String::as_str).collect();
                return Err(Problem::at(PARAMETER, format!("may name {}", known.join(", "))));
            }
            names.insert(name.to_owned());
        }
        Ok(Some(Picked { names, is_page: self.page.is_some() }))
    }

    /// The schema of an answer that was cut down.
    pub(crate) fn schema(&self) -> Value {
        let item = json!({ "type": "object", "properties": self.of, "description": "With `fields`: those only" });
        let Some(mut page) = self.page.clone() else { return item };
        page.insert("items".to_owned(), json!({ "type": "array", "items": item }));
        json!({ "type": "object", "required": ["items"], "properties": page })
    }
}

impl Picked {
    /// Cuts an answer down.
    pub(crate) async fn cut(&self, response: Response) -> Result<Response, Problem> {
        let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
        if response.status() != StatusCode::OK || !is_json {
            return Ok(response);
        }
        let (mut parts, body) = response.into_parts();
        let bug = |error: &(dyn std::error::Error + 'static)| Problem::of(model::ErrorKind::Bug, error);
        let bytes = axum::body::to_bytes(body, MAX_ANSWER)
            .await
            .map_err(|_| Problem::new(Code::Invalid, "the answer is too large for `fields`; ask for fewer items"))?;
        let mut value: Value = serde_json::from_slice(&bytes).map_err(|error| bug(&error))?;
        let things = match value.get_mut("items").filter(|_| self.is_page) {
            Some(Value::Array(items)) => items.iter_mut().collect(),
            _ => vec![&mut value],
        };
        for thing in things.into_iter().filter_map(Value::as_object_mut) {
            thing.retain(|name, _| self.names.contains(name));
        }
        let bytes = serde_json::to_vec(&value).map_err(|error| bug(&error))?;
        parts.headers.remove(header::CONTENT_LENGTH);
        Ok(Response::from_parts(parts, Body::from(bytes)))
    }
}

/// The schema behind a reference.
pub(crate) fn resolve(schema: Schema, generator: &SchemaGenerator) -> Value {
    let value = schema.to_value();
    let name = value["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.and_then(|name| generator.definitions().get(name)).cloned().unwrap_or(value)
}
