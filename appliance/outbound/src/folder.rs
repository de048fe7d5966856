//! A folder of the operator's into which files of tenants are put: strictly inside of it, through no link.

use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, fsync, mkdirat, open, openat, renameat, unlinkat},
    io::Errno,
};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// How deep folders may lie in each other when they are removed: what is put here is not as deep.
const DEPTH: usize = 16;

/// A folder that is open: what its path leads to later changes nothing.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

impl Folder {
    /// Opens the operator's folder, which may be reached by links, and in it the folder with these names, making those that are not there.
    pub(crate) fn open<'a>(root: &Path, names: impl IntoIterator<Item = &'a str>) -> io::Result<Self> {
        let root = open(root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        names.into_iter().try_fold(Folder(root), |folder, name| folder.enter(name))
    }

    /// A folder in this one, made where there is none.
    fn enter(&self, name: &str) -> io::Result<Self> {
        let name = plain(name)?;
        match mkdirat(&self.0, name, Mode::RWXU | Mode::RGRP | Mode::XGRP) {
            Ok(()) => fsync(&self.0)?,
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(Folder(openat(&self.0, name, FOLDER, Mode::empty())?))
    }

    /// Puts a file into it, whole or not at all; one of that name is replaced. Folders in the name are made.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (folders, file) = name.rsplit_once('/').map_or((None, name), |(folders, file)| (Some(folders), file));
        let inner = folders.into_iter().flat_map(|folders| folders.split('/'));
        let mut here = Folder(self.0.as_fd().try_clone_to_owned()?);
        for folder in inner {
            here = here.enter(folder)?;
        }
        let (file, waiting) = (plain(file)?, format!(".{file}.part"));
        match unlinkat(&here.0, &waiting, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut to = File::from(openat(&here.0, &waiting, flags, Mode::RUSR | Mode::WUSR | Mode::RGRP)?);
        to.write_all(bytes)?;
        to.sync_all()?;
        renameat(&here.0, &waiting, &here.0, file)?;
        Ok(fsync(&here.0)?)
    }

    /// Removes a folder in this one with all that lies in it, following no link. That there is none is well.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        self.remove_inner(plain(name)?, DEPTH)
    }

    fn remove_inner(&self, name: &str, depth: usize) -> io::Result<()> {
        let folder = match openat(&self.0, name, FOLDER, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(()),
            folder => Folder(folder?),
        };
        let depth = depth.checked_sub(1).ok_or_else(|| io::Error::other("folders lie too deep in each other"))?;
        for entry in Dir::read_from(&folder.0)? {
            let entry = entry?;
            let Ok(inner) = entry.file_name().to_str() else { return Err(io::ErrorKind::InvalidData.into()) };
            match (inner, entry.file_type()) {
                ("." | "..", _) => {}
                (_, FileType::Directory) => folder.remove_inner(inner, depth)?,
                _ => unlinkat(&folder.0, inner, AtFlags::empty())?,
            }
        }
        Ok(unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }
}

/// One name of a file or folder, and nothing that leads elsewhere.
fn plain(name: &str) -> io::Result<&str> {
    let leads = name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']);
    if leads { Err(io::ErrorKind::InvalidInput.into()) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::{fs, os::unix::fs::symlink, path::PathBuf};

    use super::*;

    /// A root with a tenant's folder, and a folder beside it.
    fn place(name: &str) -> (PathBuf, PathBuf) {
        let base = std::env::temp_dir().join(format!("audiagram-folder-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        let (root, beside) = (base.join("root"), base.join("beside"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&beside).unwrap();
        (root, beside)
    }

    #[test]
    fn files_lie_where_they_were_put() {
        let (root, _) = place("put");
        let folder = Folder::open(&root, ["tnt_1", "bi"]).unwrap();
        folder.put("usage/day=2026-11-01/part.parquet", b"one").unwrap();
        folder.put("usage/day=2026-11-01/part.parquet", b"two").unwrap();
        let day = root.join("tnt_1/bi/usage/day=2026-11-01");
        assert_eq!(fs::read(day.join("part.parquet")).unwrap(), b"two");
        assert_eq!(fs::read_dir(&day).unwrap().count(), 1, "nothing else is left");
        folder.remove("usage").unwrap();
        folder.remove("usage").unwrap();
        assert_eq!(fs::read_dir(root.join("tnt_1/bi")).unwrap().count(), 0);
        fs::remove_dir_all(root.parent().unwrap()).unwrap();
    }

    #[test]
    fn no_name_and_no_link_leads_out() {
        let (root, beside) = place("links");
        fs::write(beside.join("kept"), "kept").unwrap();
        fs::create_dir(root.join("tnt_1")).unwrap();
        symlink(&beside, root.join("tnt_1/bi")).unwrap();
        assert!(Folder::open(&root, ["tnt_1", "bi"]).is_err());
        for names in [["..", "beside"], ["tnt_1", ".."], ["tnt_1", ""], ["tnt_1", "a/b"]] {
            assert!(Folder::open(&root, names).is_err(), "{names:?}");
        }
        let folder = Folder::open(&root, ["tnt_1", "own"]).unwrap();
        symlink(&beside, root.join("tnt_1/own/usage")).unwrap();
        for name in ["usage/part", "../part", "a/../../part", "a//part", "/part", ""] {
            assert!(folder.put(name, b"x").is_err(), "{name}");
        }
        // A link in the place of a file is replaced, not followed.
        symlink(beside.join("kept"), root.join("tnt_1/own/part")).unwrap();
        folder.put("part", b"x").unwrap();
        assert!(folder.remove("usage").is_err());
        fs::create_dir(root.join("tnt_1/own/more")).unwrap();
        symlink(&beside, root.join("tnt_1/own/more/link")).unwrap();
        folder.remove("more").unwrap();
        assert_eq!(fs::read_to_string(beside.join("kept")).unwrap(), "kept");
        fs::remove_dir_all(root.parent().unwrap()).unwrap();
    }
}
