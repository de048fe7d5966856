//! The data folder as it lies on the disk.

use std::{
    fs,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{Check, Health, disk_free};
use crate::serve::{Config, SOCKET};

/// Free space below which writing may end soon.
const LOW: u64 = 2 << 30;
/// Files that are looked at for what was left behind.
const MOST_FILES: usize = 200_000;
/// Times of files may be this much ahead of the clock.
const AHEAD: Duration = Duration::from_secs(300);

pub(super) fn checks(config: &Config) -> Vec<Check> {
    vec![
        owner(config),
        closed(config),
        space(config),
        inodes(config),
        file_system(config),
        key_file(config),
        times(config),
        left_behind(config),
        socket(config),
    ]
}

fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn owner(config: &Config) -> Check {
    let (name, why) = ("data owner", "files of another user can be neither read nor written by the appliance");
    let found = match fs::metadata(&config.data) {
        Ok(found) => found,
        Err(e) => return Check::bad(name, Health::Fail, e.to_string(), "a --data folder that you may read").why(why),
    };
    let detail = format!("user {} owns {}", found.uid(), config.data.display());
    let remedy = format!("run the appliance and this as user {}, or chown -R", found.uid());
    Check::that(found.uid() == own_user(), Health::Warn, name, detail, remedy).why(why)
}

fn closed(config: &Config) -> Check {
    let mode = fs::metadata(&config.data).map_or(0, |found| found.mode() & 0o777);
    let remedy = format!("chmod 700 {}", config.data.display());
    Check::that(mode & 0o077 == 0, Health::Warn, "data access", format!("mode {mode:o}"), remedy)
        .why("what lies there is enciphered, and still nobody else has business in it")
}

fn space(config: &Config) -> Check {
    let free = disk_free(&config.data).unwrap_or(u64::MAX);
    let state = if free < LOW / 8 { Health::Fail } else { Health::Warn };
    Check::that(
        free >= LOW,
        state,
        "data space",
        format!("{} MiB free", free >> 20),
        "remove what is not needed, or a larger disk",
    )
    .why("on a full disk nothing can be changed any more")
}

fn inodes(config: &Config) -> Check {
    let (name, why) =
        ("data inodes", "every tenant takes a few; without them no file can be made although there is space");
    match rustix::fs::statvfs(&config.data) {
        Ok(disk) if disk.f_files > 0 => {
            let free = disk.f_favail * 100 / disk.f_files;
            let detail = format!("{free} % of {} free", disk.f_files);
            Check::that(
                free >= 5,
                Health::Warn,
                name,
                detail,
                "a file system with more inodes (mkfs.ext4 -T small), or XFS",
            )
            .why(why)
        }
        _ => Check::ok(name, "made as they are needed").why(why),
    }
}

fn file_system(config: &Config) -> Check {
    let (name, why) = ("file system", "a commit counts only if the file system keeps what it was told to keep");
    let Ok(found) = rustix::fs::statfs(&config.data) else {
        return Check::ok(name, "not known").why(why);
    };
    let local = "a local disk with ext4 or XFS";
    let (kind, state) = match found.f_type as u64 & 0xffff_ffff {
        0xef53 => ("ext4", Health::Ok),
        0x5846_5342 => ("XFS", Health::Ok),
        0x9123_683e => ("Btrfs", Health::Ok),
        0x2fc1_2fc1 => ("ZFS", Health::Ok),
        0xf2f5_2010 => ("F2FS", Health::Ok),
        0x0102_1994 => ("tmpfs: gone after a restart", Health::Warn),
        0x794c_7630 => ("overlay: gone with the container unless a volume lies there", Health::Warn),
        0x6573_5546 => ("FUSE: whether it keeps what it was told depends on the program behind", Health::Warn),
        0x6969 => ("NFS: locks and synced writes are not to be relied on", Health::Fail),
        0xff53_4d42 | 0xfe53_4d42 => ("SMB: locks and synced writes are not to be relied on", Health::Fail),
        _ => ("of a kind that was not tried", Health::Ok),
    };
    Check::that(state == Health::Ok, state, name, kind, local).why(why)
}

fn key_file(config: &Config) -> Check {
    let (name, why) = ("key file", "who has this file and the data can read all of it; without it nobody can");
    let path = config.key_path();
    let found = match fs::metadata(&path) {
        Ok(found) => found,
        Err(e) => {
            let detail = format!("{}: {e}", path.display());
            return Check::bad(name, Health::Fail, detail, "put your copy of the key back").why(why);
        }
    };
    let mode = found.mode() & 0o777;
    let detail = format!("{}, mode {mode:o}", path.display());
    if mode & 0o077 != 0 {
        return Check::bad(name, Health::Fail, detail, format!("chmod 600 {}", path.display())).why(why);
    }
    let beside = path.starts_with(&config.data);
    let detail = if beside { format!("{detail}, beside the data") } else { detail };
    let remedy =
        "the setting `key` with a place outside the data folder, so that a stolen copy of the folder is worth nothing";
    Check::that(!beside, Health::Warn, name, detail, remedy).why(why)
}

/// The clock against the times of files that the appliance wrote last.
#[expect(clippy::disallowed_methods, reason = "this is about the clock of the machine")]
fn times(config: &Config) -> Check {
    let newest = ["system.redb", "keys.redb", "tls/cert.pem"]
        .into_iter()
        .filter_map(|file| fs::metadata(config.data.join(file)).ok()?.modified().ok())
        .max();
    let ahead = newest.and_then(|newest| newest.duration_since(SystemTime::now()).ok()).unwrap_or_default();
    let detail = if ahead.is_zero() {
        "not before its last write".to_owned()
    } else {
        format!("{} s before its last write", ahead.as_secs())
    };
    Check::that(ahead <= AHEAD, Health::Fail, "clock and data", detail, "set the clock: timedatectl set-ntp true")
        .why("after the clock was set back, sessions live longer and rows of the audit trail seem out of order")
}

/// Parts of files that were never finished.
fn left_behind(config: &Config) -> Check {
    let (mut looked, mut found) = (0usize, Vec::new());
    let mut folders = vec![config.data.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            looked += 1;
            if looked > MOST_FILES {
                folders.clear();
                break;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(_) if is_part(&path) && is_old(&path) => found.push(path),
                _ => {}
            }
        }
    }
    let shown: Vec<String> = found.iter().take(3).map(|path| path.display().to_string()).collect();
    let detail = match found.len() {
        0 => format!("none among {} files", looked.min(MOST_FILES)),
        many => format!("{many}, like {}", shown.join(", ")),
    };
    Check::that(
        found.is_empty(),
        Health::Warn,
        "unfinished files",
        detail,
        "remove them while the appliance does not run",
    )
    .why("a crash in the middle of writing leaves parts that nothing refers to")
}

fn is_part(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "part" || ending == "tmp")
        || path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".audiagram-"))
}

fn is_old(path: &PathBuf) -> bool {
    let changed = fs::metadata(path).and_then(|found| found.modified()).ok();
    changed.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > Duration::from_secs(86_400))
}

fn socket(config: &Config) -> Check {
    let (name, why) = ("control socket", "whoever may open it is the appliance's owner without a password");
    let path = config.data.join(SOCKET);
    match fs::symlink_metadata(&path) {
        Err(_) => Check::ok(name, "none, as the appliance does not run").why(why),
        Ok(found) if !found.file_type().is_socket() => {
            Check::bad(name, Health::Fail, "something else lies in its place", format!("remove {}", path.display()))
                .why(why)
        }
        Ok(found) => {
            let mode = found.mode() & 0o777;
            let remedy = format!("chmod 600 {}", path.display());
            Check::that(mode & 0o077 == 0, Health::Fail, name, format!("mode {mode:o}"), remedy).why(why)
        }
    }
}
