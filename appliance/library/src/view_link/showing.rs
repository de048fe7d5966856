//! How links show dashboards: which version, what is chosen and what may be, whose rows, and in whose frames.

use std::collections::{BTreeMap, BTreeSet};

use charts::{Board, Range};
use model::{AnyId, Id, NounKind, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Tx};

use super::{ViewLink, ViewToken};
use crate::{
    dashboard::{Dashboard, DashboardVersion},
    error::LibraryError,
    project::Project,
};

/// The most origins whose pages may hold a link in a frame.
pub const MAX_ORIGINS: usize = 10;
/// The most projects to whose rows a link is narrowed.
pub const MAX_PROJECTS: usize = 50;
/// The longest origin, in bytes.
const MAX_ORIGIN: usize = 200;
/// The longest value of a variable, in bytes.
const MAX_VALUE: usize = 400;

/// How a link shows a dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Showing {
    /// The version of the document: what its maker has shared, or changed since.
    pub version: u64,
    /// The time range; that of the document without a word.
    pub range: Option<String>,
    /// Whether who looks may choose another.
    pub free_range: bool,
    /// What is chosen for variables; an empty text is everything.
    pub chosen: BTreeMap<String, String>,
    /// The variables that who looks may choose.
    pub free: BTreeSet<String>,
    /// The projects whose rows are shown; where there are none, all that its maker sees.
    pub projects: BTreeSet<Id<noun::Project>>,
    /// The origins whose pages may hold it in a frame.
    pub origins: Vec<String>,
}

/// How a link is to show a dashboard; without a word as the document has it, with nothing to choose.
#[derive(Debug, Clone, Default)]
pub struct NewShowing {
    /// The time range.
    pub range: Option<String>,
    /// Whether who looks may choose another.
    pub free_range: bool,
    /// What is chosen for variables.
    pub chosen: BTreeMap<String, String>,
    /// The variables that who looks may choose.
    pub free: BTreeSet<String>,
    /// The projects whose rows are shown.
    pub projects: BTreeSet<Id<noun::Project>>,
    /// The origins whose pages may hold it in a frame.
    pub origins: Vec<String>,
}

impl NewShowing {
    /// The showing of the newest version of a dashboard.
    pub(super) fn of(self, tx: &Tx<'_>, subject: AnyId) -> Result<Showing, LibraryError> {
        let NewShowing { range, free_range, chosen, free, projects, origins } = self;
        let id: Id<noun::Dashboard> = subject.typed().ok_or(LibraryError::NotFound)?;
        let dashboard = tx.get::<Dashboard>(&id)?.ok_or(LibraryError::NotFound)?;
        let board = dashboard.board()?;
        let field = |field, fault: String| LibraryError::Field { field, fault };
        if let Some(range) = &range {
            Range::of(range, 0).map_err(|fault| field("dashboard/range", fault.detail))?;
        }
        let known = |name: &String| board.variables.iter().any(|variable| variable.name == *name);
        if let Some(name) = chosen.keys().chain(&free).find(|name| !known(name)) {
            return Err(field("dashboard/variables", format!("`{name}` is no variable of the dashboard")));
        }
        if chosen.values().any(|value| value.len() > MAX_VALUE) {
            return Err(field("dashboard/variables", format!("have a value of more than {MAX_VALUE} bytes")));
        }
        if projects.len() > MAX_PROJECTS {
            return Err(LibraryError::Limit { what: "projects of a link", allowed: MAX_PROJECTS as u64 });
        }
        for project in &projects {
            if tx.get::<Project>(project)?.is_none() {
                return Err(field("dashboard/projects", format!("{project} is no project of this tenant")));
            }
        }
        check_origins("dashboard/origins", &origins)?;
        Ok(Showing { version: dashboard.header.version, range, free_range, chosen, free, projects, origins })
    }
}

/// Refuses what is no list of origins.
pub(super) fn check_origins(field: &'static str, origins: &[String]) -> Result<(), LibraryError> {
    if origins.len() > MAX_ORIGINS {
        return Err(LibraryError::Limit { what: "origins of a link", allowed: MAX_ORIGINS as u64 });
    }
    let Some(wrong) = origins.iter().find(|origin| !is_origin(origin)) else { return Ok(()) };
    let fault = format!("`{}` is no origin like `https://wiki.example.com`", wrong.escape_default());
    Err(LibraryError::Field { field, fault })
}

/// Whether a text is one origin and nothing else: it becomes a word of a policy that browsers read (`frame-ancestors`), in which
/// `*`, a blank or a semicolon would say more.
fn is_origin(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text.len() <= MAX_ORIGIN
        && host.split('.').all(is_label)
        && port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

impl Showing {
    /// The time range of a look at `board`: the one that who looks wishes, where they may choose.
    pub fn range<'a>(&'a self, board: &'a Board, wished: Option<&'a str>) -> &'a str {
        wished.filter(|_| self.free_range).or(self.range.as_deref()).unwrap_or(&board.range)
    }

    /// What is chosen for variables: of what who looks wishes, what they may choose.
    pub fn chosen(&self, wished: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut chosen = self.chosen.clone();
        chosen.extend(wished.into_iter().filter(|(name, _)| self.free.contains(name)));
        chosen
    }
}

/// The live link of a token with the dashboard that it shows. Nothing for tokens that are wrong and for links that show nothing any
/// more: which it is, is not said.
///
/// # Errors
/// When they cannot be read.
pub fn board(
    read: &impl Read,
    token: &ViewToken,
    now: Timestamp,
) -> Result<Option<(ViewLink, Showing, Board)>, LibraryError> {
    shown(read, token, |link| link.digest == token.digest() && link.is_live(now))
}

/// The link for which a pass was given out, with the dashboard that it shows; nothing where the pass is wrong or not good any more.
///
/// # Errors
/// When they cannot be read.
pub fn board_by_pass(
    read: &impl Read,
    pass: &ViewToken,
    now: Timestamp,
) -> Result<Option<(ViewLink, Showing, Board)>, LibraryError> {
    shown(read, pass, |link| link.admits(pass, now))
}

/// The origins whose pages may hold the thing of a token in a frame; none where it shows nothing of this kind.
///
/// # Errors
/// When it cannot be read.
pub fn framers(read: &impl Read, token: &ViewToken, kind: NounKind, now: Timestamp) -> Result<Vec<String>, ReadError> {
    let found = read.get::<ViewLink>(&token.id())?;
    let live = found.filter(|link| link.digest == token.digest() && link.is_live(now));
    Ok(live.filter(|link| link.subject.kind == kind).map(|link| link.framers().to_vec()).unwrap_or_default())
}

fn shown(
    read: &impl Read,
    token: &ViewToken,
    opens: impl FnOnce(&ViewLink) -> bool,
) -> Result<Option<(ViewLink, Showing, Board)>, LibraryError> {
    let Some(link) = read.get::<ViewLink>(&token.id())?.filter(opens) else { return Ok(None) };
    let (Some(showing), Some(id)) = (link.showing.clone(), link.subject.typed()) else { return Ok(None) };
    // A version that is not kept any more ends the link, as does the dashboard's end.
    let Some(version) = DashboardVersion::of(read, id, showing.version)? else { return Ok(None) };
    Ok(Some((link, showing, version.board()?)))
}

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn origins_are_origins() {
        for good in ["https://wiki.example.com", "http://intranet:8080", "https://10.0.0.7", "https://a-b.example"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "https://*",
            "https://*.example.com",
            "*",
            "'self'",
            "data:",
            "https:",
            "https://",
            "https://a;b",
            "https://a b",
            "https://a/",
            "https://a/b",
            "https://A.example",
            "https://a:99999",
            "https://a:",
            "https://a..b",
            "ftp://a",
            "https://a,https://b",
            "https://a\n",
            "https://me@a",
            "https://a?x",
            "https://[::1]",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
