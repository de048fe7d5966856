//! Tags: marks by which projects and recordings are found.

use access::ListPermit;
use model::{Permission, permission::ProjectRead};
use store::{Cursor, Headed, KeyBytes, KeyPart as _, Query, Read as _, View};

use crate::{
    error::LibraryError,
    project::Project,
    recording::{Projects, Recording},
    text::line,
};

/// How many tags a thing may have.
pub const MAX_TAGS: usize = 32;
/// The longest tag, in characters.
pub const MAX_TAG: usize = 64;

/// A record with tags, and the index by them; what lies in the trash is not in it.
pub(crate) trait Tagged: Headed {
    /// The number of the index.
    const BY_TAG: u8;
    /// Its tags.
    fn tags(&self) -> &[String];
}

/// A tag as it is stored: in small letters.
pub(crate) fn one(tag: &str) -> Result<String, LibraryError> {
    line("tags", &tag.to_lowercase(), MAX_TAG, false)
}

/// Tags as they are stored: in small letters, in order, each once.
pub(crate) fn normal(tags: &[String]) -> Result<Vec<String>, LibraryError> {
    if tags.len() > MAX_TAGS {
        return Err(LibraryError::Field { field: "tags", fault: format!("at most {MAX_TAGS} are allowed") });
    }
    let mut tags = tags.iter().map(|tag| one(tag)).collect::<Result<Vec<_>, _>>()?;
    tags.sort_unstable();
    tags.dedup();
    Ok(tags)
}

/// A tag that is in use, on something that the caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagInUse {
    /// The tag.
    pub tag: String,
    /// Whether a project has it.
    pub projects: bool,
    /// Whether a recording has it.
    pub recordings: bool,
}

/// Tags in use, in order, after the tag `after`: those of projects and recordings at work that the caller may see.
pub fn list(
    permit: &ListPermit<ProjectRead>,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<TagInUse>, Option<String>), LibraryError> {
    let view = permit.read()?;
    let visible = |project: &Project| permit.visible(&project.header.subject());
    let mut projects = Projects::default();
    let mut failed = None;
    let mut audible = |recording: &Recording| {
        permit.allows(Permission::AssetRead, &recording.header.subject())
            && projects.at_work(&view, recording).unwrap_or_else(|error| failed.replace(error).is_some())
    };
    let mut of_projects = next(&view, after, visible)?;
    let mut of_recordings = next(&view, after, &mut audible)?;
    let mut tags = Vec::new();
    while tags.len() < limit {
        let Some(tag) = of_projects.iter().chain(&of_recordings).min().cloned() else { return Ok((tags, None)) };
        let of = |next: &Option<String>| next.as_ref() == Some(&tag);
        let found = TagInUse { projects: of(&of_projects), recordings: of(&of_recordings), tag };
        if found.projects {
            of_projects = next(&view, Some(&found.tag), visible)?;
        }
        if found.recordings {
            of_recordings = next(&view, Some(&found.tag), &mut audible)?;
        }
        tags.push(found);
    }
    if let Some(error) = failed {
        return Err(error.into());
    }
    let more = of_projects.is_some() || of_recordings.is_some();
    let last = tags.last().filter(|_| more).map(|found| found.tag.clone());
    Ok((tags, last))
}

/// The first tag after `after` of a record that `keep` keeps. Records are looked at until one is kept.
fn next<R: Tagged>(
    view: &View,
    after: Option<&str>,
    mut keep: impl FnMut(&R) -> bool,
) -> Result<Option<String>, LibraryError> {
    // Behind the last row of the tag before, whatever the id of the record.
    let cursor = after.map(|tag| {
        let mut row = Vec::new();
        tag.write(&mut row);
        row.extend([u8::MAX; 17]);
        Cursor(row)
    });
    let query =
        Query { index: Some((R::BY_TAG, KeyBytes::new())), after: cursor.as_ref(), limit: 1, newest_first: false };
    let mut found = false;
    // Whatever comes after the first one ends the walk.
    let page = view.list::<R>(&query, |record| {
        found = found || keep(record);
        found
    })?;
    // Rows are in the order of tags, so it was found by the first of its tags that comes after.
    let tags = page.items.first().into_iter().flat_map(Tagged::tags);
    Ok(tags.into_iter().find(|tag| after.is_none_or(|after| tag.as_str() > after)).cloned())
}
