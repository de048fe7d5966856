//! Dashboards of a tenant: documents of the crate `charts`, with all their versions; and those that come with the appliance.

mod built_in;
mod version;

use access::{ListPermit, Permit};
use charts::Board;
use model::{
    DataClass, Header, Id, noun,
    permission::{DashboardManage, DashboardRead},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, Page, Query, Read, Record, Tx};

pub use built_in::{BUILT_IN, BuiltIn};
pub use version::{DashboardVersion, MAX_VERSIONS};

use crate::{base::current, error::LibraryError, view_link};

/// The most dashboards of one tenant.
pub const MAX_DASHBOARDS: usize = 500;

/// A dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    /// Its header; its version is the number of its newest document.
    pub header: Header<noun::Dashboard>,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// How many charts it has.
    pub tiles: u32,
    /// The document: JSON of [`charts::Board`], so that documents may grow without a new form of records.
    pub text: String,
}

impl Record for Dashboard {
    const NAME: &'static str = "dashboard";
    const NUMBER: u8 = model::NounKind::Dashboard as u8;
    type Key = Id<noun::Dashboard>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for Dashboard {
    type Noun = noun::Dashboard;
    fn header(&self) -> &Header<noun::Dashboard> {
        &self.header
    }
}

impl Dashboard {
    /// Its document.
    ///
    /// # Errors
    /// When what is stored is none.
    pub fn board(&self) -> Result<Board, LibraryError> {
        Board::read(&self.text).map_err(|fault| LibraryError::Stored(fault.to_string()))
    }

    fn hold(&mut self, board: &Board) {
        self.title.clone_from(&board.title);
        self.description.clone_from(&board.description);
        self.tiles = u32::try_from(board.tiles.len()).unwrap_or(u32::MAX);
        self.text = board.text();
    }
}

/// Makes a dashboard of a document.
pub fn create(permit: Permit<DashboardManage>, board: &Board) -> Result<Dashboard, LibraryError> {
    board.check()?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        if tx.list::<Dashboard>(&Query::newest(MAX_DASHBOARDS), |_| true)?.items.len() >= MAX_DASHBOARDS {
            return Err(LibraryError::Limit { what: "dashboards", allowed: MAX_DASHBOARDS as u64 });
        }
        let header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        let mut dashboard =
            Dashboard { header, title: String::new(), description: String::new(), tiles: 0, text: String::new() };
        dashboard.hold(board);
        tx.about(dashboard.header.id.erase());
        tx.note("tiles", dashboard.tiles.to_string());
        tx.put(&dashboard)?;
        DashboardVersion::add(tx, &dashboard, owner, None)?;
        Ok(dashboard)
    })
}

/// Dashboards that the caller may see, newest first.
pub fn list(
    permit: &ListPermit<DashboardRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Dashboard>, LibraryError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<Dashboard>(&query, |dashboard| permit.visible(&dashboard.header.subject()))?)
}

/// A dashboard that the caller may see.
///
/// # Errors
/// When there is none, or they may not see it.
pub fn read(permit: &ListPermit<DashboardRead>, id: Id<noun::Dashboard>) -> Result<Dashboard, LibraryError> {
    let found = permit.read()?.get::<Dashboard>(&id)?;
    found.filter(|dashboard| permit.visible(&dashboard.header.subject())).ok_or(LibraryError::NotFound)
}

/// Puts another document in the place of that of version `base`, or of whichever there is without one.
pub fn replace(permit: Permit<DashboardManage>, base: Option<u64>, board: &Board) -> Result<Dashboard, LibraryError> {
    board.check()?;
    let (id, by) = (subject(permit.subject())?, permit.actor());
    permit.write(|tx| {
        let mut dashboard = current::<Dashboard>(tx, id, base)?;
        dashboard.hold(board);
        tx.note("tiles", dashboard.tiles.to_string());
        save(tx, dashboard, by, None)
    })
}

/// Makes an earlier version the newest.
pub fn restore(permit: Permit<DashboardManage>, base: Option<u64>, number: u64) -> Result<Dashboard, LibraryError> {
    let (id, by) = (subject(permit.subject())?, permit.actor());
    permit.write(|tx| {
        let mut dashboard = current::<Dashboard>(tx, id, base)?;
        let missing = || LibraryError::Field { field: "version", fault: "is none that is kept".into() };
        let version = DashboardVersion::of(tx, id, number)?.ok_or_else(missing)?;
        let board = version.board()?;
        dashboard.hold(&board);
        tx.note("restored", number.to_string());
        save(tx, dashboard, by, Some(number))
    })
}

/// Removes a dashboard with its versions and the links to it.
pub fn delete(permit: Permit<DashboardManage>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        current::<Dashboard>(tx, id, base)?;
        DashboardVersion::remove_all(tx, id)?;
        view_link::remove_of(tx, id.erase())?;
        tx.delete::<Dashboard>(&id)?;
        Ok(())
    })
}

fn save(
    tx: &mut Tx<'_>,
    mut dashboard: Dashboard,
    by: model::AnyId,
    restored: Option<u64>,
) -> Result<Dashboard, LibraryError> {
    dashboard.header.touch(tx.now());
    tx.put(&dashboard)?;
    DashboardVersion::add(tx, &dashboard, by, restored)?;
    view_link::follow(tx, dashboard.header.id.erase(), by, dashboard.header.version)?;
    Ok(dashboard)
}

fn subject(subject: &model::Subject) -> Result<Id<noun::Dashboard>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}
