//! Counting anew what is counted, for the check that the counts are right.

use access::usage::{Usage, current};
use identity::{User, UserState};
use store::{Query, Read};

use crate::{error::LibraryError, project::Project};

/// How many records are looked at together.
const PAGE: usize = 500;

/// What there is in a file, counted one by one. Seconds of video are no stock: what was rendered once stays counted.
pub fn recount(read: &impl Read) -> Result<Usage, LibraryError> {
    Ok(Usage {
        seats: count(read, |user: &User| user.state != UserState::Removed)?,
        projects: count(read, |_: &Project| true)?,
        storage_bytes: current(read)?.storage_bytes,
    })
}

fn count<R: store::Record>(read: &impl Read, mut counts: impl FnMut(&R) -> bool) -> Result<u64, LibraryError> {
    let mut total = 0;
    let mut after = None;
    loop {
        let page = read.list::<R>(&Query { after: after.as_ref(), ..Query::newest(PAGE) }, &mut counts)?;
        total += page.items.len() as u64;
        after = page.next;
        if after.is_none() {
            return Ok(total);
        }
    }
}
