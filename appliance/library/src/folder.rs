//! Folders: a small tree inside a project, in which its recordings are kept apart. A recording is in one of them or in none.

use std::collections::BTreeMap;

use access::Permit;
use model::{
    DataClass, Header, Id, noun,
    permission::{AssetRead, AssetUpload},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, IndexEntries, KeyBytes, MAX_PAGE, Page, Query, Read, ReadError, Record, Tx};

use crate::{
    base::check_base,
    error::LibraryError,
    project::{self, MAX_TITLE},
    recording,
    text::line,
};

/// How many folders may lie in one another.
pub const MAX_DEPTH: usize = 8;
/// The most folders of a project.
pub const MAX_FOLDERS: usize = 1_000;
/// The most recordings that one removal of their folder moves.
pub const MAX_MOVED_UP: usize = 1_000;

/// A folder of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Its header; `project` is always there.
    pub header: Header<noun::Folder>,
    /// What it is called; no other folder beside it is called so, in capitals or not.
    pub title: String,
    /// The folder in which it lies; none for those of the project itself.
    pub parent: Option<Id<noun::Folder>>,
}

const BY_PROJECT: u8 = 1;

impl Record for Folder {
    const NAME: &'static str = "folder";
    const NUMBER: u8 = model::NounKind::Folder as u8;
    type Key = Id<noun::Folder>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        if let Some(project) = self.header.project {
            entries.add(BY_PROJECT, &KeyBytes::new().with(&project));
        }
    }
}

impl Headed for Folder {
    type Noun = noun::Folder;
    fn header(&self) -> &Header<noun::Folder> {
        &self.header
    }
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct FolderChange {
    /// A new title.
    pub title: Option<String>,
    /// Into another folder; `Some(None)`: into the project itself.
    pub parent: Option<Option<Id<noun::Folder>>>,
}

/// Makes a folder in the project of the permit, in `parent` or in none.
pub fn create(
    permit: Permit<AssetUpload>,
    title: &str,
    parent: Option<Id<noun::Folder>>,
) -> Result<Folder, LibraryError> {
    let title = line("title", title, MAX_TITLE, false)?;
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        let project = project::at_work(tx, id)?;
        let tree = Tree::of(tx, id)?;
        if tree.0.len() >= MAX_FOLDERS {
            return Err(LibraryError::Limit { what: "folders of a project", allowed: MAX_FOLDERS as u64 });
        }
        let mut header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        header.project = Some(id);
        // As for what comes into a project.
        header.classification = project.header.classification;
        header.residency = project.header.residency;
        let folder = Folder { header, title, parent };
        tree.check(&folder)?;
        tx.about(folder.header.id.erase());
        tx.put(&folder)?;
        Ok(folder)
    })
}

/// Folders of the project of the permit, oldest first: one comes after that in which it lies, unless it was moved there later.
pub fn list(permit: &Permit<AssetRead>, after: Option<&Cursor>, limit: usize) -> Result<Page<Folder>, LibraryError> {
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    Ok(of_project(&permit.read()?, id, after, limit)?)
}

/// Renames a folder that is still at version `base`, or at any version without one, or moves it with all that is in it.
pub fn update(permit: Permit<AssetUpload>, base: Option<u64>, change: &FolderChange) -> Result<Folder, LibraryError> {
    let title = change.title.as_deref().map(|title| line("title", title, MAX_TITLE, false)).transpose()?;
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    permit.write(|tx| {
        let (mut folder, tree) = at_work(tx, id, base)?;
        let mut changed = Vec::new();
        if let Some(title) = title {
            folder.title = title;
            changed.push("title");
        }
        if let Some(parent) = change.parent {
            folder.parent = parent;
            changed.push("parent");
        }
        tree.check(&folder)?;
        folder.header.touch(tx.now());
        tx.note("changed", changed.join(","));
        tx.put(&folder)?;
        Ok(folder)
    })
}

/// Removes a folder. What is in it moves to where the folder lay; a folder whose name is taken there gets a number behind it. Nothing
/// else is removed.
pub fn delete(permit: Permit<AssetUpload>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    permit.write(|tx| {
        let (folder, mut tree) = at_work(tx, id, base)?;
        let now = tx.now();
        let inside = recording::of_folder(tx, id, MAX_MOVED_UP)?;
        if inside.next.is_some() {
            let fault = format!("has more than {MAX_MOVED_UP} recordings; move some of them first");
            return Err(LibraryError::Field { field: "folder", fault });
        }
        tx.note("recordings", inside.items.len().to_string());
        for mut recording in inside.items {
            recording.folder = folder.parent;
            recording.header.touch(now);
            tx.put(&recording)?;
        }
        tree.0.remove(&id);
        let under: Vec<_> = tree.0.values().filter(|other| other.parent == Some(id)).cloned().collect();
        tx.note("folders", under.len().to_string());
        for mut child in under {
            child.parent = folder.parent;
            child.title = tree.free_title(&child);
            child.header.touch(now);
            tx.put(&child)?;
            tree.0.insert(child.header.id, child);
        }
        tx.delete::<Folder>(&id)?;
        Ok(())
    })
}

/// Refuses a folder that is none of this project's.
pub(crate) fn check(
    read: &impl Read,
    project: Id<noun::Project>,
    folder: Option<Id<noun::Folder>>,
) -> Result<(), LibraryError> {
    let Some(id) = folder else { return Ok(()) };
    match read.get::<Folder>(&id)?.filter(|folder| folder.header.project == Some(project)) {
        Some(_) => Ok(()),
        None => Err(none_of_it("folder")),
    }
}

/// Removes the folders of a project that is removed for good.
pub(crate) fn remove_of(tx: &mut Tx<'_>, project: Id<noun::Project>) -> Result<(), LibraryError> {
    for id in Tree::of(tx, project)?.0.into_keys() {
        tx.delete::<Folder>(&id)?;
    }
    Ok(())
}

fn of_project(
    read: &impl Read,
    project: Id<noun::Project>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Folder>, ReadError> {
    let query = Query { after, ..Query::by(BY_PROJECT, KeyBytes::new().with(&project), limit) };
    read.list::<Folder>(&query, |_| true)
}

/// A folder for a change that is based on version `base`, and all folders of its project, which is not in the trash.
fn at_work(tx: &Tx<'_>, id: Id<noun::Folder>, base: Option<u64>) -> Result<(Folder, Tree), LibraryError> {
    let folder = tx.get::<Folder>(&id)?.ok_or(LibraryError::NotFound)?;
    let project = folder.header.project.ok_or(LibraryError::NotFound)?;
    project::at_work(tx, project)?;
    check_base(folder.header.version, base)?;
    Ok((folder, Tree::of(tx, project)?))
}

fn none_of_it(field: &'static str) -> LibraryError {
    LibraryError::Field { field, fault: "is no folder of this project".into() }
}

/// All folders of a project.
struct Tree(BTreeMap<Id<noun::Folder>, Folder>);

impl Tree {
    fn of(read: &impl Read, project: Id<noun::Project>) -> Result<Self, ReadError> {
        // One page holds them all.
        const { assert!(MAX_FOLDERS <= MAX_PAGE) };
        let all = of_project(read, project, None, MAX_PAGE)?.items;
        Ok(Tree(all.into_iter().map(|folder| (folder.header.id, folder)).collect()))
    }

    /// The folders around what lies in `parent`, from inside out. It ends on any data: no way is longer than there are folders.
    fn around(&self, parent: Option<Id<noun::Folder>>) -> impl Iterator<Item = Id<noun::Folder>> {
        std::iter::successors(parent, |id| self.0.get(id)?.parent).take(self.0.len() + 1)
    }

    /// How many folders lie in one another from `id` inwards, itself among them.
    fn height(&self, id: Id<noun::Folder>) -> usize {
        let within = |folder: &Folder| self.around(folder.parent).position(|other| other == id).map(|at| at + 2);
        self.0.values().filter_map(within).max().unwrap_or(1)
    }

    /// Whether `folder`, new or changed, may be as it is.
    fn check(&self, folder: &Folder) -> Result<(), LibraryError> {
        let (id, parent) = (folder.header.id, folder.parent);
        let field = |field, fault: String| Err(LibraryError::Field { field, fault });
        if parent.is_some_and(|parent| !self.0.contains_key(&parent)) {
            return Err(none_of_it("parent"));
        }
        if self.around(parent).any(|other| other == id) {
            return field("parent", "lies in the folder itself".into());
        }
        if self.around(parent).count() + self.height(id) > MAX_DEPTH {
            return field("parent", format!("is too deep: at most {MAX_DEPTH} folders lie in one another"));
        }
        if self.is_taken(folder, &folder.title) {
            return field("title", "is the name of another folder here".into());
        }
        Ok(())
    }

    fn is_taken(&self, folder: &Folder, title: &str) -> bool {
        let title = title.to_lowercase();
        let beside = self.0.values().filter(|other| other.parent == folder.parent);
        let mut others = beside.filter(|other| other.header.id != folder.header.id);
        others.any(|other| other.title.to_lowercase() == title)
    }

    /// The title of a folder, with a number behind it where another folder beside it is called so.
    fn free_title(&self, folder: &Folder) -> String {
        let numbered = |number: usize| {
            let end = format!(" ({number})");
            let kept: String = folder.title.chars().take(MAX_TITLE - end.len()).collect();
            kept + &end
        };
        let mut titles = std::iter::once(folder.title.clone()).chain((2..=MAX_FOLDERS + 1).map(numbered));
        titles.find(|title| !self.is_taken(folder, title)).expect("there are more numbers than folders")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(id: u128, parent: Option<u128>, title: &str) -> Folder {
        let id = Id::from_bits(id);
        let mut header = Header::new(
            id,
            Id::from_bits(1),
            "eu".parse().unwrap(),
            id.erase(),
            DataClass::K6,
            model::Timestamp::from_millis(1),
        );
        header.project = Some(Id::from_bits(10));
        Folder { header, title: title.into(), parent: parent.map(Id::from_bits) }
    }

    /// 1 > 2 > … > `MAX_DEPTH - 1`, and 100 beside the first.
    fn tree() -> Tree {
        let chain = (1..MAX_DEPTH as u128).map(|id| folder(id, (id > 1).then(|| id - 1), &format!("Level {id}")));
        let all = chain.chain([folder(100, None, "Grüße"), folder(101, Some(100), "Inside")]);
        Tree(all.map(|folder| (folder.header.id, folder)).collect())
    }

    #[track_caller]
    fn check(folder: &Folder, expected: Option<&str>) {
        let fault = tree().check(folder).err().map(|error| error.to_string());
        match (fault, expected) {
            (None, None) => {}
            (Some(fault), Some(part)) if fault.contains(part) => {}
            (fault, expected) => panic!("{}: {fault:?}, expected {expected:?}", folder.title),
        }
    }

    #[test]
    fn where_a_folder_may_lie() {
        let deepest = MAX_DEPTH as u128 - 1;
        check(&folder(200, None, "New"), None);
        check(&folder(200, Some(deepest), "New"), None);
        check(&folder(deepest, Some(100), "Level 7"), None);
        check(&folder(200, Some(999), "New"), Some("is no folder of this project"));
        // With what is in it, a folder may be too high for where it would lie.
        check(&folder(100, Some(deepest), "Grüße"), Some("too deep"));
        check(&folder(100, Some(deepest - 1), "Grüße"), None);
        check(&folder(1, Some(1), "Level 1"), Some("in the folder itself"));
        check(&folder(1, Some(deepest), "Level 1"), Some("in the folder itself"));
    }

    #[test]
    fn names_beside_one_another_differ() {
        check(&folder(200, None, "GRÜSSE"), None);
        check(&folder(200, None, "GRÜßE"), Some("the name of another folder"));
        check(&folder(200, Some(1), "Grüße"), None);
        check(&folder(100, None, "grüße"), None);
        assert_eq!(tree().free_title(&folder(200, None, "grüße")), "grüße (2)");
        assert_eq!(tree().free_title(&folder(200, None, "Other")), "Other");
        let long = "x".repeat(MAX_TITLE);
        let mut tree = tree();
        tree.0.insert(Id::from_bits(300), folder(300, None, &long));
        let free = tree.free_title(&folder(200, None, &long));
        assert!(free.ends_with("x (2)") && free.chars().count() <= MAX_TITLE, "{free}");
    }

    #[test]
    fn circles_on_the_disk_end() {
        let mut tree = tree();
        tree.0.insert(Id::from_bits(1), folder(1, Some(2), "Level 1"));
        assert!(tree.check(&folder(3, Some(2), "Level 3")).is_err());
        assert!(tree.check(&folder(200, Some(1), "New")).is_err());
    }
}
