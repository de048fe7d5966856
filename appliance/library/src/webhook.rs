//! Webhooks: places of a tenant's own that are told what happens, by messages in the form of Standard Webhooks 1.0
//! (<https://www.standardwebhooks.com>): signed with HMAC-SHA256, sent again until they are taken.

use std::time::Duration;

use access::{ListPermit, Permit};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use identity::Secret;
use jobs::{Desk, Job, JobKind, NewJob, queue};
use model::{
    AnyId, DataClass, Header, Id, Region, Timestamp, noun,
    permission::{WebhookManage, WebhookRead, WebhookReplay},
};
use serde::{Deserialize, Serialize, Serializer};
use sha2::Sha256;
use store::{Cursor, Headed, Page, Query, Read, Record, Tx};

use crate::{base::current, error::LibraryError, text};

/// The most webhooks of a tenant.
pub const MAX_WEBHOOKS: usize = 50;
/// The most messages of a webhook that are remembered after their end.
const MAX_DELIVERIES: usize = 100;
const MAX_TITLE: usize = 120;
/// The longest address, in bytes.
const MAX_URL: usize = 2_048;
/// How long messages are signed with the former key too, after a new one was made.
const OVERLAP: Duration = Duration::from_secs(24 * 3_600);

/// A webhook.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Webhook {
    /// Its header.
    pub header: Header<noun::Webhook>,
    /// What it is called.
    pub title: String,
    /// The address, as the crate `outbound` reads it.
    pub url: String,
    /// Whether it is told.
    pub enabled: bool,
    key: SigningKey,
    /// The key before, and how long messages are signed with it too.
    former: Option<(SigningKey, Timestamp)>,
}

/// What messages are signed with. It lies in the tenant's file and is shown once.
#[derive(Clone, Copy, Deserialize)]
struct SigningKey([u8; 32]);

impl Serialize for SigningKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return Err(serde::ser::Error::custom("a webhook's key is not shown"));
        }
        serializer.serialize_newtype_struct("SigningKey", &self.0)
    }
}
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl SigningKey {
    /// A fresh one.
    ///
    /// # Panics
    /// When the operating system has no random numbers to give.
    fn random() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
        SigningKey(bytes)
    }

    /// As receivers take it.
    fn reveal(&self) -> Secret {
        format!("whsec_{}", STANDARD.encode(self.0)).into()
    }

    fn sign(&self, id: &str, at_s: u64, body: &[u8]) -> String {
        signed(&self.0, id, at_s, body)
    }
}

/// The signature of a message by a key of any length.
fn signed(key: &[u8], id: &str, at_s: u64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is one");
    mac.update(format!("{id}.{at_s}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

impl Record for Webhook {
    const NAME: &'static str = "webhook";
    const NUMBER: u8 = model::NounKind::Webhook as u8;
    type Key = Id<noun::Webhook>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for Webhook {
    type Noun = noun::Webhook;
    fn header(&self) -> &Header<noun::Webhook> {
        &self.header
    }
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    /// What it is called.
    pub title: Option<String>,
    /// Its address.
    pub url: Option<String>,
    /// Whether it is told.
    pub enabled: Option<bool>,
}

impl Webhook {
    /// The value of `webhook-signature` for a message with this id, sent at `now`; and that of `webhook-timestamp`.
    pub fn signature(&self, id: &str, now: Timestamp, body: &[u8]) -> (String, String) {
        let at_s = now.millis() / 1_000;
        let mut signatures = self.key.sign(id, at_s, body);
        if let Some((former, until)) = &self.former
            && *until > now
        {
            signatures = format!("{signatures} {}", former.sign(id, at_s, body));
        }
        (at_s.to_string(), signatures)
    }

    #[cfg(test)]
    pub(crate) fn fixed(header: Header<noun::Webhook>, byte: u8) -> Self {
        let former = Some((SigningKey([byte + 1; 32]), Timestamp::from_millis(1_800_000_000_000)));
        let url = "https://hooks.example.com/a".to_owned();
        Webhook { header, title: "Pager".to_owned(), url, enabled: true, key: SigningKey([byte; 32]), former }
    }
}

/// Makes a webhook; the key is shown this once. Whether the address is one, the caller has seen to.
///
/// # Errors
/// When the title is none, or there are too many.
pub fn create(permit: Permit<WebhookManage>, title: &str, url: String) -> Result<(Webhook, Secret), LibraryError> {
    let title = text::line("title", title, MAX_TITLE, false)?;
    let url = address(url)?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    let key = SigningKey::random();
    permit.write(|tx| {
        if tx.list::<Webhook>(&Query::newest(MAX_WEBHOOKS), |_| true)?.items.len() >= MAX_WEBHOOKS {
            return Err(LibraryError::Limit { what: "webhooks", allowed: MAX_WEBHOOKS as u64 });
        }
        let header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        let webhook = Webhook { header, title, url, enabled: true, key, former: None };
        tx.about(webhook.header.id.erase());
        tx.put(&webhook)?;
        Ok((webhook, key.reveal()))
    })
}

/// Webhooks that the caller may see, newest first.
///
/// # Errors
/// When they cannot be read.
pub fn list(
    permit: &ListPermit<WebhookRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Webhook>, LibraryError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<Webhook>(&query, |webhook| permit.visible(&webhook.header.subject()))?)
}

/// Changes a webhook of version `base`, or of whichever there is without one.
///
/// # Errors
/// When it has another version, or a field is wrong.
pub fn update(
    permit: Permit<WebhookManage>,
    base: Option<u64>,
    change: WebhookChange,
) -> Result<Webhook, LibraryError> {
    let title = change.title.map(|title| text::line("title", &title, MAX_TITLE, false)).transpose()?;
    let url = change.url.map(address).transpose()?;
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut webhook = current::<Webhook>(tx, id, base)?;
        if let Some(title) = title {
            webhook.title = title;
        }
        if let Some(url) = url {
            webhook.url = url;
        }
        if let Some(enabled) = change.enabled {
            webhook.enabled = enabled;
        }
        keep(tx, webhook)
    })
}

/// Gives a webhook a new key, shown this once. For a day messages are signed with the former one too.
///
/// # Errors
/// When it is gone.
pub fn renew(permit: Permit<WebhookManage>) -> Result<(Webhook, Secret), LibraryError> {
    let (id, key) = (subject(permit.subject())?, SigningKey::random());
    permit.write(|tx| {
        let mut webhook = current::<Webhook>(tx, id, None)?;
        webhook.former = Some((webhook.key, tx.now().after(OVERLAP)));
        webhook.key = key;
        Ok((keep(tx, webhook)?, key.reveal()))
    })
}

/// Removes a webhook; messages that wait for it come to nothing.
///
/// # Errors
/// When it has another version.
pub fn delete(permit: Permit<WebhookManage>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        current::<Webhook>(tx, id, base)?;
        tx.delete::<Webhook>(&id)?;
        Ok(())
    })
}

/// Sends a message to try a webhook out.
///
/// # Errors
/// When it is gone, or the queue is full.
pub fn probe(permit: Permit<WebhookManage>, desk: &Desk, body: Vec<u8>) -> Result<Job, LibraryError> {
    let id = subject(permit.subject())?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    let _posting = desk.announce(tenant)?;
    permit.write(|tx| {
        current::<Webhook>(tx, id, None)?;
        send(tx, (tenant, home), owner, id, body)
    })
}

/// Messages to a webhook, newest first: jobs.
///
/// # Errors
/// When they cannot be read.
pub fn deliveries(
    read: &impl Read,
    webhook: Id<noun::Webhook>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Job>, LibraryError> {
    Ok(queue::about(read, webhook.erase(), after, limit, |job| job.kind == JobKind::Deliver)?)
}

/// Sends a message anew that was not taken.
///
/// # Errors
/// When the webhook has no such message, or it waits or was taken.
pub fn replay(permit: Permit<WebhookReplay>, desk: &Desk, job: Id<noun::Job>) -> Result<Job, LibraryError> {
    let id = subject(permit.subject())?;
    let _posting = desk.announce(permit.tenant())?;
    permit.write(|tx| {
        let found = tx.get::<Job>(&job)?;
        found.filter(|found| found.about == Some(id.erase())).ok_or(LibraryError::NotFound)?;
        tx.note("job", job.to_string());
        Ok(jobs::requeue(tx, job)?)
    })
}

/// Hands in a message to a webhook, to be sent by a job. Announce the tenant first.
pub(crate) fn send(
    tx: &mut Tx<'_>,
    (tenant, home): (Id<noun::Tenant>, Region),
    owner: AnyId,
    webhook: Id<noun::Webhook>,
    body: Vec<u8>,
) -> Result<Job, LibraryError> {
    queue::forget(tx, webhook.erase(), JobKind::Deliver, MAX_DELIVERIES)?;
    let mut new = NewJob::new(JobKind::Deliver, tenant, home, owner);
    (new.about, new.payload) = (Some(webhook.erase()), body);
    Ok(jobs::submit(tx, new)?.job().clone())
}

fn address(url: String) -> Result<String, LibraryError> {
    if url.len() > MAX_URL {
        return Err(LibraryError::Field { field: "url", fault: format!("has more than {MAX_URL} bytes") });
    }
    Ok(url)
}

fn keep(tx: &mut Tx<'_>, mut webhook: Webhook) -> Result<Webhook, LibraryError> {
    webhook.header.touch(tx.now());
    tx.put(&webhook)?;
    Ok(webhook)
}

fn subject(subject: &model::Subject) -> Result<Id<noun::Webhook>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the reference libraries' tests (standard-webhooks, Rust): its key has 24 bytes, ours have 32.
    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = signed(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b"{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

        let header = store::full_header(1);
        let webhook = Webhook::fixed(header, 7);
        let at = Timestamp::from_millis(1_799_999_999_500);
        let (at_s, both) = webhook.signature("job_1", at, b"{}");
        assert_eq!(at_s, "1799999999");
        let by = |byte| SigningKey([byte; 32]).sign("job_1", 1_799_999_999, b"{}");
        assert_eq!(both, format!("{} {}", by(7), by(8)));
        // The former key has had its day.
        let (_, one) = webhook.signature("job_1", Timestamp::from_millis(1_800_000_000_000), b"{}");
        assert!(!one.contains(' '), "{one}");
    }

    #[test]
    fn keys_are_not_shown() {
        let webhook = Webhook::fixed(store::full_header(1), 7);
        assert!(serde_json::to_string(&webhook).is_err());
        assert!(format!("{webhook:?}").contains("SigningKey(..)"));
        assert!(SigningKey([7; 32]).reveal().expose().starts_with("whsec_BwcH"));
    }
}
