//! People are told once of each API key of theirs that ends soon.

use std::time::Duration;

use access::SystemPermit;
use identity::{ApiKey, api_key};
use model::{Id, Timestamp, noun};
use serde_json::json;
use store::{MAX_PAGE, Read, ReadError, WriteError};

use super::{Happening, Notice, Wishes, rfc_3339, tell};

/// How long before the end.
const AHEAD: Duration = Duration::from_secs(7 * 86_400);
/// Keys that were made for no longer than this are short on purpose.
const SHORT: Duration = Duration::from_secs(14 * 86_400);
/// The most keys that one call tells of: a write is held in memory.
const MOST: usize = 100;

/// Tells people of keys of theirs that end within a week; says how many. Where there is nothing to tell, nothing is written, no audit row
/// either. `mails`: whether the appliance sends any; announce the tenant first then.
///
/// # Errors
/// Those of the store.
pub fn remind(permit: SystemPermit, mails: bool, now: Timestamp) -> Result<usize, WriteError> {
    let due = due(&permit.read()?, now)?;
    if due.is_empty() {
        return Ok(0);
    }
    permit.write::<_, WriteError>(|tx| {
        let now = tx.now();
        let mut told = 0;
        for (user, id) in due {
            let Some(key) = tx.get::<ApiKey>(&id)?.filter(|key| key.is_live(now)) else { continue };
            // Keys that are gone need not be remembered.
            let mut wishes = Wishes::of(tx, user)?;
            let mut kept = Vec::new();
            for reminded in std::mem::take(&mut wishes.reminded) {
                if tx.get::<ApiKey>(&reminded)?.is_some_and(|key| key.is_live(now)) {
                    kept.push(reminded);
                }
            }
            if kept.contains(&id) {
                continue;
            }
            kept.push(id);
            wishes.reminded = kept;
            tx.put(&wishes)?;
            let facts = json!({ "ends": rfc_3339(key.expires) });
            let notice = Notice::new(Happening::KeyExpiring, id.erase(), key.name, facts);
            tell(tx, (key.header.tenant, key.header.home), user, &notice, mails)?;
            told += 1;
        }
        tx.note("keys", told.to_string());
        Ok(told)
    })
}

/// Whose key, and which.
type Due = (Id<noun::User>, Id<noun::ApiKey>);

/// Keys of people that end soon and of which nobody was told yet.
fn due(read: &impl Read, now: Timestamp) -> Result<Vec<Due>, ReadError> {
    let ends_soon = |key: &ApiKey| {
        key.header.owner.typed::<noun::User>().is_some()
            && key.is_live(now)
            && key.expires.since(now) <= AHEAD
            && key.expires.since(key.header.created) > SHORT
    };
    let (mut due, mut after) = (Vec::new(), None);
    loop {
        let page = api_key::list(read, after.as_ref(), MAX_PAGE, ends_soon)?;
        for key in page.items {
            let Some(user) = key.header.owner.typed() else { continue };
            if due.len() < MOST && !Wishes::of(read, user)?.reminded.contains(&key.id()) {
                due.push((user, key.id()));
            }
        }
        after = page.next;
        if after.is_none() || due.len() == MOST {
            return Ok(due);
        }
    }
}
