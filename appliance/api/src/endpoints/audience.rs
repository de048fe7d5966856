//! Who is told, as callers say it.

use library::notice::Audience;
use model::{Id, Noun, Permission};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::parse_id;
use crate::{
    problem::{Code, Problem},
    request::Request,
    services::Services,
};

/// Who is told.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Audience")]
#[serde(deny_unknown_fields, default)]
pub(super) struct AudienceView {
    /// People of the tenant, by their ids. Who may not see what they would be told is passed over.
    #[schemars(length(max = 50))]
    pub(super) users: Vec<String>,
    /// Webhooks, by their ids.
    #[schemars(length(max = 10))]
    pub(super) webhooks: Vec<String>,
    /// In which language people get a mail too: `en`, `de`, `ja`, `zh-CN`, `hi` or `ar`; none without a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5))]
    pub(super) mail: Option<String>,
}

impl From<&Audience> for AudienceView {
    fn from(audience: &Audience) -> Self {
        AudienceView {
            users: audience.users.iter().map(ToString::to_string).collect(),
            webhooks: audience.webhooks.iter().map(ToString::to_string).collect(),
            mail: audience.mail.clone(),
        }
    }
}

impl AudienceView {
    /// The audience that a caller names. Webhooks are named by those who may see them.
    pub(super) fn audience(&self, services: &Services, request: &Request) -> Result<Audience, Problem> {
        let (users, webhooks) = (ids("users", &self.users)?, ids("webhooks", &self.webhooks)?);
        if !webhooks.is_empty() {
            let actor = request.actor()?;
            let realm = services.gate.realm(actor);
            if !services.gate.decide(actor, Permission::WebhookRead, &realm, &request.context())?.allowed {
                return Err(Problem::new(Code::Denied, "to tell webhooks you need the permission webhook:read"));
            }
        }
        if self.mail.is_some() && services.mailer.is_none() {
            return Err(Problem::at("/deliver/mail", "cannot be: the appliance sends no mail; ask its operator"));
        }
        Ok(Audience { users, webhooks, mail: self.mail.clone() })
    }
}

fn ids<K: Noun>(field: &str, texts: &[String]) -> Result<Vec<Id<K>>, Problem> {
    texts.iter().enumerate().map(|(at, text)| parse_id(&format!("/deliver/{field}/{at}"), text)).collect()
}
