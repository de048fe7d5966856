//! Webhooks: places of the tenant's own that are told what happens, and what they were told.

use ::jobs::{Job, State};
use library::{
    notice::{Happening, Notice},
    webhook::{self, Webhook, WebhookChange},
};
use model::permission::{WebhookManage, WebhookRead, WebhookReplay};
use outbound::Target;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::view::{PageQuery, PageView, moment, path_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On, Reading},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

type Seeing = Reading<WebhookRead, Webhook>;
type Managing = On<WebhookManage, Webhook>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<WebhookRead>>("/v1/webhooks", "list_webhooks", "Webhooks of the tenant, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<WebhookManage>>(
            "/v1/webhooks",
            "create_webhook",
            "Have a place of your own told by messages in the form of Standard Webhooks; the answer shows its key once",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        get::<Seeing>("/v1/webhooks/{webhook}", "read_webhook", "A webhook").by(read),
        patch::<Managing>("/v1/webhooks/{webhook}", "update_webhook", "Change a webhook, or put it on or off")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        delete::<Managing>("/v1/webhooks/{webhook}", "delete_webhook", "Remove a webhook")
            .versioned()
            .silently()
            .by(remove),
        post::<Managing>(
            "/v1/webhooks/{webhook}/key",
            "renew_webhook_key",
            "Give a webhook a new key, shown once; for a day messages are signed with the former one too",
        )
        .by(renew),
        post::<Managing>("/v1/webhooks/{webhook}/test", "test_webhook", "Send a message to try a webhook out")
            .accepted()
            .by(test),
        get::<Seeing>(
            "/v1/webhooks/{webhook}/deliveries",
            "list_webhook_deliveries",
            "Messages to a webhook, newest first",
        )
        .query::<PageQuery>()
        .by(deliveries),
        post::<On<WebhookReplay, Webhook>>(
            "/v1/webhooks/{webhook}/deliveries/{job}/replay",
            "replay_webhook_delivery",
            "Send a message anew that was not taken",
        )
        .accepted()
        .by(replay),
    ]
}

/// A webhook to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewWebhook")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// What it is called.
    #[schemars(length(min = 1, max = 120))]
    title: String,
    /// Its address: `https://`, in the public Internet or in a network that the operator allows.
    #[schemars(length(min = 9, max = 2048))]
    url: String,
}

/// A change of a webhook.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "WebhookUpdate")]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    /// What it is called.
    #[serde(default)]
    #[schemars(length(min = 1, max = 120))]
    title: Option<String>,
    /// Its address.
    #[serde(default)]
    #[schemars(length(min = 9, max = 2048))]
    url: Option<String>,
    /// Whether it is told.
    #[serde(default)]
    enabled: Option<bool>,
}

/// A webhook.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
struct WebhookView {
    /// The id.
    id: String,
    /// What it is called.
    title: String,
    /// Its address.
    url: String,
    /// Whether it is told.
    enabled: bool,
    /// Who made it.
    owner: String,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was last changed (RFC 3339).
    updated: String,
}

/// A webhook with its key, which is shown this once.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookWithKey")]
struct WithKeyView {
    #[serde(flatten)]
    webhook: WebhookView,
    /// What messages are signed with: `whsec_` and 32 bytes in base64.
    key: String,
}

/// A message to a webhook.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookDelivery")]
struct DeliveryView {
    /// The id of the job that sends it, and of the message: `webhook-id`.
    id: String,
    /// What it tells.
    #[serde(rename = "type")]
    kind: String,
    /// `queued`, `running`, `done` (taken), `failed` or `dead` (not taken), `cancelled`.
    state: String,
    /// How often it was sent.
    attempts: u32,
    /// When it is sent next, or was taken or given up (RFC 3339).
    at: String,
    /// Why it was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// When it came to be.
    created: String,
}

impl From<&Webhook> for WebhookView {
    fn from(webhook: &Webhook) -> Self {
        WebhookView {
            id: webhook.header.id.to_string(),
            title: webhook.title.clone(),
            url: webhook.url.clone(),
            enabled: webhook.enabled,
            owner: webhook.header.owner.to_string(),
            version: webhook.header.version,
            updated: moment(webhook.header.updated),
        }
    }
}

/// The part of a message's body that its list shows.
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: String,
}

impl From<Job> for DeliveryView {
    fn from(job: Job) -> Self {
        let state: State = job.state;
        let body: Option<Body> = serde_json::from_slice(&job.payload.0).ok();
        DeliveryView {
            id: job.header.id.to_string(),
            kind: body.map(|body| body.kind).unwrap_or_default(),
            state: state.kind().to_string(),
            attempts: job.attempts,
            at: moment(state.at()),
            why: job.failure.map(|failure| failure.message),
            created: moment(job.header.created),
        }
    }
}

/// The address as it is read; where it leads is looked at whenever it is called.
fn address(url: &str) -> Result<String, Problem> {
    let target: Target = url.parse().map_err(|error: outbound::TargetError| Problem::at("/url", error.to_string()))?;
    if target.is_plain() {
        return Err(Problem::at("/url", "must begin with https://"));
    }
    Ok(target.to_string())
}

fn list(call: Call<'_, Listing<WebhookRead>, PageQuery, Empty>) -> Result<Json<PageView<WebhookView>>, Problem> {
    let page = webhook::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, |webhook| WebhookView::from(&webhook))))
}

fn create(call: Call<'_, InTenant<WebhookManage>, Empty, NewBody>) -> Result<Json<WithKeyView>, Problem> {
    let url = address(&call.body.url)?;
    let (webhook, key) = webhook::create(call.pass, &call.body.title, url)?;
    Ok(Json(WithKeyView { webhook: (&webhook).into(), key: key.expose().to_owned() }))
}

fn read(call: Call<'_, Seeing, Empty, Empty>) -> Result<Versioned<WebhookView>, Problem> {
    Ok(Versioned(call.pass.header.version, (&call.pass).into()))
}

fn update(call: Call<'_, Managing, Empty, ChangeBody>) -> Result<Versioned<WebhookView>, Problem> {
    let ChangeBody { title, url, enabled } = call.body;
    let url = url.map(|url| address(&url)).transpose()?;
    let base = call.request.base_version()?;
    let webhook = webhook::update(call.pass, base, WebhookChange { title, url, enabled })?;
    Ok(Versioned(webhook.header.version, (&webhook).into()))
}

fn remove(call: Call<'_, Managing, Empty, Empty>) -> Result<Nothing, Problem> {
    webhook::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}

fn renew(call: Call<'_, Managing, Empty, Empty>) -> Result<Json<WithKeyView>, Problem> {
    let (webhook, key) = webhook::renew(call.pass)?;
    Ok(Json(WithKeyView { webhook: (&webhook).into(), key: key.expose().to_owned() }))
}

fn test(call: Call<'_, Managing, Empty, Empty>) -> Result<Json<DeliveryView>, Problem> {
    let notice = Notice::new(Happening::WebhookTest, call.pass.subject().id, "Test".to_owned(), json!({}));
    let body = notice.body(call.services.store.clock().now());
    Ok(Json(webhook::probe(call.pass, &call.services.jobs, body)?.into()))
}

fn deliveries(call: Call<'_, Seeing, PageQuery, Empty>) -> Result<Json<PageView<DeliveryView>>, Problem> {
    let view = call.services.file(call.request.actor()?)?.read()?;
    let (after, limit) = (call.query.cursor()?, call.query.limit()?);
    let page = webhook::deliveries(&view, call.pass.header.id, after.as_ref(), limit)?;
    Ok(Json(PageView::of(page, DeliveryView::from)))
}

fn replay(call: Call<'_, On<WebhookReplay, Webhook>, Empty, Empty>) -> Result<Json<DeliveryView>, Problem> {
    let job = path_id(call.request)?;
    Ok(Json(webhook::replay(call.pass, &call.services.jobs, job)?.into()))
}
