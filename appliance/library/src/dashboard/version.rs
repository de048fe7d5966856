//! Versions of dashboards.

use access::ListPermit;
use charts::Board;
use model::{AnyId, Id, Timestamp, noun, permission::DashboardRead};
use serde::{Deserialize, Serialize};
use store::{Cursor, IndexEntries, KeyBytes, Page, Query, Read, ReadError, Record, Tx};

use super::Dashboard;
use crate::error::LibraryError;

/// The most versions of a dashboard that are kept; the oldest goes first.
pub const MAX_VERSIONS: usize = 100;

/// A version of a dashboard: never changed once it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DashboardVersion {
    /// Of which.
    pub dashboard: Id<noun::Dashboard>,
    /// Counts from 1.
    pub number: u64,
    /// What it was called.
    pub title: String,
    /// Its document.
    pub text: String,
    /// When it was made.
    pub made: Timestamp,
    /// Who made it.
    pub by: AnyId,
    /// The version that it is again.
    pub restored: Option<u64>,
}

const BY_DASHBOARD: u8 = 1;

impl Record for DashboardVersion {
    const NAME: &'static str = "version of a dashboard";
    const NUMBER: u8 = 166;
    type Key = (AnyId, u64);
    fn key(&self) -> (AnyId, u64) {
        (self.dashboard.erase(), self.number)
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_DASHBOARD, &KeyBytes::new().with(&self.dashboard.erase()).with(&self.number));
    }
}

impl DashboardVersion {
    /// Its document.
    ///
    /// # Errors
    /// When what is stored is none.
    pub fn board(&self) -> Result<Board, LibraryError> {
        Board::read(&self.text).map_err(|fault| LibraryError::Stored(fault.to_string()))
    }

    /// A version of a dashboard that the caller has read.
    ///
    /// # Errors
    /// When there is none.
    pub fn read(
        permit: &ListPermit<DashboardRead>,
        dashboard: &Dashboard,
        number: u64,
    ) -> Result<DashboardVersion, LibraryError> {
        DashboardVersion::of(&permit.read()?, dashboard.header.id, number)?.ok_or(LibraryError::NotFound)
    }

    /// The versions of a dashboard that the caller has read, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(
        permit: &ListPermit<DashboardRead>,
        dashboard: &Dashboard,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<DashboardVersion>, LibraryError> {
        Ok(page(&permit.read()?, dashboard.header.id, after, limit, true)?)
    }

    pub(crate) fn of(
        read: &impl Read,
        id: Id<noun::Dashboard>,
        number: u64,
    ) -> Result<Option<DashboardVersion>, ReadError> {
        read.get::<DashboardVersion>(&(id.erase(), number))
    }

    /// Keeps what a dashboard is now.
    pub(super) fn add(
        tx: &mut Tx<'_>,
        dashboard: &Dashboard,
        by: AnyId,
        restored: Option<u64>,
    ) -> Result<(), LibraryError> {
        let Dashboard { header, title, text, .. } = dashboard;
        let kept = page(tx, header.id, None, MAX_VERSIONS, false)?;
        if let Some(oldest) = kept.items.first().filter(|_| kept.items.len() >= MAX_VERSIONS) {
            tx.delete::<DashboardVersion>(&oldest.key())?;
        }
        tx.put(&DashboardVersion {
            dashboard: header.id,
            number: header.version,
            title: title.clone(),
            text: text.clone(),
            made: header.updated,
            by,
            restored,
        })?;
        Ok(())
    }

    pub(super) fn remove_all(tx: &mut Tx<'_>, id: Id<noun::Dashboard>) -> Result<(), LibraryError> {
        loop {
            let kept = page(tx, id, None, MAX_VERSIONS, true)?;
            for version in &kept.items {
                tx.delete::<DashboardVersion>(&version.key())?;
            }
            if kept.next.is_none() {
                return Ok(());
            }
        }
    }
}

fn page(
    read: &impl Read,
    id: Id<noun::Dashboard>,
    after: Option<&Cursor>,
    limit: usize,
    newest_first: bool,
) -> Result<Page<DashboardVersion>, ReadError> {
    let index = Some((BY_DASHBOARD, KeyBytes::new().with(&id.erase())));
    read.list::<DashboardVersion>(&Query { index, after, limit, newest_first }, |_| true)
}
