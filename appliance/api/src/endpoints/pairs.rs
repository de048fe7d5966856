//! Names and values as forms and query strings have them, for protocols that let one stand more than once or begin with odd signs.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{
    endpoint::Part,
    problem::{Code, Problem},
    request::Request,
};

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";
/// The most pairs of a request.
const MAX_PAIRS: usize = 200;

/// Pairs in the query string, or in a body that is a form; `T` is their schema.
#[derive(Debug)]
pub(super) struct Pairs<T> {
    pairs: Vec<(String, String)>,
    schema: PhantomData<T>,
}

impl<T> Pairs<T> {
    fn of(query: &[u8], body: &[u8]) -> Result<Self, Problem> {
        let both = form_urlencoded::parse(query).chain(form_urlencoded::parse(body));
        let pairs: Vec<(String, String)> =
            both.take(MAX_PAIRS + 1).map(|(name, value)| (name.into(), value.into())).collect();
        if pairs.len() > MAX_PAIRS {
            return Err(Problem::new(Code::BadRequest, format!("there are more than {MAX_PAIRS} parameters")));
        }
        Ok(Pairs { pairs, schema: PhantomData })
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<T: JsonSchema> Part for Pairs<T> {
    const MEDIA: &'static str = FORM;
    const LIMIT: usize = 64 << 10;
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }
    fn of_query(request: &Request) -> Result<Self, Problem> {
        Pairs::of(request.query.as_bytes(), b"")
    }
    fn of_body(request: &Request) -> Result<Self, Problem> {
        if !request.body.is_empty() && !request.media_type().eq_ignore_ascii_case(FORM) {
            return Err(Problem::new(Code::UnsupportedMediaType, format!("the body must have content-type {FORM}")));
        }
        // As servers of forms do, those of the address count too.
        Pairs::of(request.query.as_bytes(), &request.body)
    }
}
