//! Telling people and their programs what happened: into their inboxes, and by mail and to webhooks by jobs of the queue, all in the commit in which it
//! happens. Alerts, reports and what concerns one person are delivered by this and nothing else.

mod happening;
mod inbox;
mod keys;
mod wishes;

use std::time::Duration;

use jobs::{JobError, JobKind, NewJob};
use model::{AnyId, Id, Region, Timestamp, noun};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Read, Tx, WriteError};

pub use happening::{Happening, Wish};
pub use inbox::{MAX_KEPT, Notification, Unread};
pub use keys::remind;
pub use wishes::{Wishes, WishesChange};

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
    /// The thread of comments that it is about: it is not sent once the person has read in the page what was told of that.
    #[serde(default)]
    pub unless_read: Option<AnyId>,
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
    /// The thread of comments that it belongs to: one mail tells of all of it.
    pub thread: Option<AnyId>,
}

impl Notice {
    /// A notice without files, by itself.
    pub fn new(happening: Happening, about: AnyId, title: String, data: Value) -> Self {
        Notice { happening, about, title, data, attached: Vec::new(), thread: None }
    }

    /// The body of a message to a webhook: `type`, `timestamp` and `data`, as Standard Webhooks recommends.
    pub fn body(&self, now: Timestamp) -> Vec<u8> {
        let mut data = self.data.clone();
        data["id"] = self.about.to_string().into();
        data["title"] = self.title.clone().into();
        json!({ "type": self.happening.code(), "timestamp": rfc_3339(now), "data": data }).to_string().into_bytes()
    }
}

fn rfc_3339(at: Timestamp) -> String {
    let millis = i64::try_from(at.millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX).to_string()
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
            if !is_active(tx, *user)? {
                continue;
            }
            let wishes = Wishes::of(tx, *user)?;
            let wish = wishes.about(notice.happening);
            if wish.inbox {
                Notification::add(tx, (tenant, home), *user, notice)?;
            }
            if let Some(language) = self.mail.as_ref().filter(|_| wish.mail) {
                post(tx, (tenant, home), *user, notice, wishes.language.as_ref().unwrap_or(language), wish.inbox)?;
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
/// How long a mail about a thread of comments waits, and gathers what else is said there. So a person gets one of them in that time at
/// most, and none about what was read meanwhile.
const GATHER: Duration = Duration::from_secs(15 * 60);

/// Tells one person what concerns them alone, as they want it. That they may see what it is about is for the caller to know.
/// `mails`: whether the appliance sends any; announce the tenant first then.
///
/// # Errors
/// Those of the store. A queue that takes nothing more costs the mail alone.
pub fn tell(
    tx: &mut Tx<'_>,
    (tenant, home): (Id<noun::Tenant>, Region),
    user: Id<noun::User>,
    notice: &Notice,
    mails: bool,
) -> Result<(), WriteError> {
    if !is_active(tx, user)? {
        return Ok(());
    }
    let wishes = Wishes::of(tx, user)?;
    let wish = wishes.about(notice.happening);
    if wish.inbox {
        Notification::add(tx, (tenant, home), user, notice)?;
    }
    if !mails || !wish.mail {
        return Ok(());
    }
    let language = wishes.language.as_deref().unwrap_or(LANGUAGES[0]);
    match post(tx, (tenant, home), user, notice, language, wish.inbox) {
        Err(JobError::Read(error)) => Err(error.into()),
        Err(JobError::Write(error)) => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn is_active(read: &impl Read, user: Id<noun::User>) -> Result<bool, store::ReadError> {
    Ok(read.get::<identity::User>(&user)?.is_some_and(|user| user.state == identity::UserState::Active))
}

/// Hands in a mail, to be sent by a job.
fn post(
    tx: &mut Tx<'_>,
    (tenant, home): (Id<noun::Tenant>, Region),
    user: Id<noun::User>,
    notice: &Notice,
    language: &str,
    in_inbox: bool,
) -> Result<(), JobError> {
    jobs::queue::forget(tx, user.erase(), JobKind::Mail, MAX_MAILS)?;
    let letter = Letter {
        happening: notice.happening.code().to_owned(),
        about: notice.about,
        title: notice.title.clone(),
        data: notice.data.clone(),
        language: language.to_owned(),
        attached: notice.attached.clone(),
        unless_read: notice.thread.filter(|_| in_inbox),
    };
    let mut new = NewJob::new(JobKind::Mail, tenant, home, user.erase());
    new.about = Some(user.erase());
    if let Some(thread) = notice.thread {
        new.dedup = Some(format!("{user} {thread}"));
        new.not_before = Some(tx.now().after(GATHER));
    }
    new.payload = letter.payload();
    jobs::submit(tx, new)?;
    Ok(())
}

impl Letter {
    /// What its job is given.
    fn payload(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain data")
    }
}
