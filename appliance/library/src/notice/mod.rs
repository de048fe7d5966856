//! Telling people and their programs what happened: into their inboxes, and by mail and to webhooks by jobs of the queue, all in the commit in which it
//! happens. Alerts and reports are delivered by this and nothing else.

mod inbox;

use jobs::{JobKind, NewJob};
use model::{AnyId, Id, Region, Timestamp, noun};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Read, Tx};

pub use inbox::{MAX_KEPT, Notification, Unread};

use crate::{
    error::LibraryError,
    webhook::{self, Webhook},
};

/// The most people that one thing is told to.
pub const MAX_USERS: usize = 50;
/// The most webhooks.
pub const MAX_WEBHOOKS: usize = 10;

/// Who is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// People of the tenant.
    pub users: Vec<Id<noun::User>>,
    /// Webhooks of the tenant.
    pub webhooks: Vec<Id<noun::Webhook>>,
    /// In which of [`LANGUAGES`] people get a mail too; none without.
    #[serde(default)]
    pub mail: Option<String>,
}

/// The languages of mails: those of the web app.
pub const LANGUAGES: [&str; 6] = ["en", "de", "ja", "zh-CN", "hi", "ar"];

/// What a job that sends a mail is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// A code of [`Happening`].
    pub happening: String,
    /// To what.
    pub about: AnyId,
    /// What that is called.
    pub title: String,
    /// The facts: an object.
    pub data: Value,
    /// One of [`LANGUAGES`].
    pub language: String,
    /// The forms of the files of a run that lie in it.
    #[serde(default)]
    pub attached: Vec<String>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Series of an alert fire.
    AlertFiring,
    /// They do not any more.
    AlertResolved,
    /// An alert's question cannot be asked.
    AlertTrouble,
    /// A report was drawn up.
    ReportMade,
    /// Somebody tries a webhook out.
    WebhookTest,
}

impl Happening {
    /// The name in messages and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Happening::AlertFiring => "alert.firing",
            Happening::AlertResolved => "alert.resolved",
            Happening::AlertTrouble => "alert.trouble",
            Happening::ReportMade => "report.made",
            Happening::WebhookTest => "webhook.test",
        }
    }
}

/// What is told.
#[derive(Debug, Clone)]
pub struct Notice {
    /// What happened.
    pub happening: Happening,
    /// To what.
    pub about: AnyId,
    /// What that is called.
    pub title: String,
    /// The facts: an object.
    pub data: Value,
    /// The forms of the files of a run that lie in mails, where its reader may take them.
    pub attached: Vec<String>,
}

impl Notice {
    /// The body of a message to a webhook: `type`, `timestamp` and `data`, as Standard Webhooks recommends.
    pub fn body(&self, now: Timestamp) -> Vec<u8> {
        let mut data = self.data.clone();
        data["id"] = self.about.to_string().into();
        data["title"] = self.title.clone().into();
        let millis = i64::try_from(now.millis()).unwrap_or(i64::MAX);
        let now = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX).to_string();
        json!({ "type": self.happening.code(), "timestamp": now, "data": data }).to_string().into_bytes()
    }
}

impl Audience {
    /// Whether nobody is told.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.webhooks.is_empty()
    }

    /// Whether all of them are people and webhooks of the tenant, each once.
    ///
    /// # Errors
    /// Which is not.
    pub fn check(&mut self, read: &impl Read) -> Result<(), LibraryError> {
        self.users.sort_unstable();
        self.users.dedup();
        self.webhooks.sort_unstable();
        self.webhooks.dedup();
        if self.users.len() > MAX_USERS {
            return Err(LibraryError::Limit { what: "people to tell", allowed: MAX_USERS as u64 });
        }
        if self.webhooks.len() > MAX_WEBHOOKS {
            return Err(LibraryError::Limit { what: "webhooks to tell", allowed: MAX_WEBHOOKS as u64 });
        }
        let field = |field, fault: String| LibraryError::Field { field, fault };
        if self.mail.as_deref().is_some_and(|language| !LANGUAGES.contains(&language)) {
            return Err(field("deliver/mail", format!("must be one of {}", LANGUAGES.join(", "))));
        }
        for id in &self.users {
            let user = read.get::<identity::User>(id)?;
            if user.is_none_or(|user| user.state == identity::UserState::Removed) {
                return Err(field("deliver/users", format!("{id} is nobody of this tenant")));
            }
        }
        for id in &self.webhooks {
            if read.get::<Webhook>(id)?.is_none() {
                return Err(field("deliver/webhooks", format!("{id} is no webhook of this tenant")));
            }
        }
        Ok(())
    }

    /// Tells them. Who is gone or put off meanwhile is passed over. Announce the tenant first where there are webhooks.
    ///
    /// # Errors
    /// Those of the store, and a full queue.
    pub fn tell(
        &self,
        tx: &mut Tx<'_>,
        (tenant, home): (Id<noun::Tenant>, Region),
        owner: AnyId,
        notice: &Notice,
    ) -> Result<(), LibraryError> {
        for user in &self.users {
            let active = |user: identity::User| user.state == identity::UserState::Active;
            if tx.get::<identity::User>(user)?.is_some_and(active) {
                Notification::add(tx, (tenant, home), *user, notice)?;
                if let Some(language) = &self.mail {
                    post(tx, (tenant, home), *user, notice, language)?;
                }
            }
        }
        let now = tx.now();
        for id in &self.webhooks {
            if tx.get::<Webhook>(id)?.is_some_and(|webhook| webhook.enabled) {
                webhook::send(tx, (tenant, home), owner, *id, notice.body(now))?;
            }
        }
        Ok(())
    }
}

/// The most mails to one person that are remembered after their end.
const MAX_MAILS: usize = 20;

/// Hands in a mail, to be sent by a job.
fn post(
    tx: &mut Tx<'_>,
    (tenant, home): (Id<noun::Tenant>, Region),
    user: Id<noun::User>,
    notice: &Notice,
    language: &str,
) -> Result<(), LibraryError> {
    jobs::queue::forget(tx, user.erase(), JobKind::Mail, MAX_MAILS)?;
    let letter = Letter {
        happening: notice.happening.code().to_owned(),
        about: notice.about,
        title: notice.title.clone(),
        data: notice.data.clone(),
        language: language.to_owned(),
        attached: notice.attached.clone(),
    };
    let mut new = NewJob::new(JobKind::Mail, tenant, home, user.erase());
    new.about = Some(user.erase());
    new.payload = serde_json::to_vec(&letter).map_err(|error| LibraryError::Stored(error.to_string()))?;
    jobs::submit(tx, new)?;
    Ok(())
}
