//! What those who run the appliance look at: what is running, what the doctor finds, certificates, settings, capacity, the log, and
//! the bundle that helps others to help.

mod bundle;
mod capacity;
mod fleet;

use std::time::Duration;

use model::permission::SystemRead;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::InTenant,
    host::{About, Certificates, Configuration, Findings, Level, Licences, LogWanted, Logged},
    problem::Problem,
    reply::Json,
};

/// How long a caller waits for the doctor.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many lines of the log an answer has where nothing is asked, and at most.
const LINES: (usize, usize) = (100, 500);

pub(super) fn table() -> Vec<Endpoint> {
    let own = vec![
        get::<InTenant<SystemRead>>("/v1/appliance/about", "read_about", "What is running: version, build, libraries")
            .by(about),
        get::<InTenant<SystemRead>>(
            "/v1/appliance/licences",
            "read_licences",
            "What ships, every package of others in it, and under which licences",
        )
        .by(licences),
        get::<InTenant<SystemRead>>(
            "/v1/appliance/doctor",
            "read_findings",
            "What machine and appliance have and lack, why it matters, and what to do; looks where nothing was looked at yet",
        )
        .query::<DoctorQuery>()
        .by(doctor),
        get::<InTenant<SystemRead>>(
            "/v1/appliance/certificates",
            "read_certificates",
            "The certificate that is served, the authorities that are trusted, and what is to be mended",
        )
        .by(certificates),
        get::<InTenant<SystemRead>>(
            "/v1/appliance/configuration",
            "read_configuration",
            "Every setting with its value, its default and where it was made; secrets are not shown",
        )
        .by(configuration),
        get::<InTenant<SystemRead>>("/v1/appliance/log", "read_log", "The last lines of the log, newest first")
            .query::<LogQuery>()
            .by(log),
    ];
    [own, capacity::table(), fleet::table(), bundle::table()].concat()
}

/// Whether to look anew.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct DoctorQuery {
    /// Look now, whatever was found before.
    anew: bool,
}

/// Which lines of the log.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct LogQuery {
    /// The least that they matter; everything without a word.
    level: Option<Level>,
    /// What their target begins with, like `api::router`.
    #[schemars(length(max = 100))]
    target: Option<String>,
    /// What is in them, in any case.
    #[schemars(length(max = 100))]
    text: Option<String>,
    /// The `next` of the page before.
    before: Option<u64>,
    /// How many, 100 without a word.
    #[schemars(range(min = 1, max = 500))]
    limit: Option<usize>,
}

type Bare<'a> = Call<'a, InTenant<SystemRead>, Empty, Empty>;

fn about(call: Bare<'_>) -> Result<Json<About>, Problem> {
    Ok(Json(call.services.host()?.about()))
}

fn licences(call: Bare<'_>) -> Result<Json<Licences>, Problem> {
    Ok(Json(call.services.host()?.licences()))
}

fn doctor(call: Call<'_, InTenant<SystemRead>, DoctorQuery, Empty>) -> Result<Json<Findings>, Problem> {
    let found = call.services.doctor.ask(call.services.host()?, call.query.anew, PATIENCE)?;
    Ok(Json((*found).clone()))
}

fn certificates(call: Bare<'_>) -> Result<Json<Certificates>, Problem> {
    Ok(Json(call.services.host()?.certificates()))
}

fn configuration(call: Bare<'_>) -> Result<Json<Configuration>, Problem> {
    Ok(Json(call.services.host()?.configuration()))
}

fn log(call: Call<'_, InTenant<SystemRead>, LogQuery, Empty>) -> Result<Json<Logged>, Problem> {
    let LogQuery { level, target, text, before, limit } = call.query;
    let (usual, most) = LINES;
    let limit = limit.unwrap_or(usual);
    if !(1..=most).contains(&limit) {
        return Err(Problem::at("limit", format!("must be 1 to {most}")));
    }
    let short = |name: &str, text: Option<String>| {
        let text = text.unwrap_or_default();
        if text.chars().count() > 100 { Err(Problem::at(name, "must have 100 characters or less")) } else { Ok(text) }
    };
    let (target, text) = (short("target", target)?, short("text", text)?);
    let wanted = LogWanted { least: level.unwrap_or(Level::Trace), target, text, before, most: limit };
    Ok(Json(call.services.host()?.log(&wanted)))
}
