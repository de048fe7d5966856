//! Disks, memory and processors, as the kernel tells of them.

use std::{fs, os::unix::fs::MetadataExt as _, path::PathBuf};

use api::host::{Disk, Folder, Machine, Memory, Processors};

use crate::serve::Config;

pub(super) fn machine(config: &Config) -> Machine {
    Machine { disks: disks(config), memory: memory(), processors: processors(), job_slots: config.jobs.runner.slots }
}

/// The disks on which folders of the appliance lie. What is not there, or cannot be looked at, is left out.
fn disks(config: &Config) -> Vec<Disk> {
    let mut folders: Vec<(String, PathBuf)> = vec![("data".into(), config.data.clone())];
    let work = config.jobs.work.clone().unwrap_or_else(|| config.data.join("work"));
    folders.push(("jobs.work".into(), work));
    folders.extend(config.upkeep.backups.clone().map(|path| ("upkeep.backups".into(), path)));
    folders.extend(config.exports.folder.clone().map(|path| ("exports.folder".into(), path)));
    let volumes = config.upkeep.volumes.iter();
    folders.extend(volumes.map(|(name, path)| (format!("upkeep.volumes.{name}"), path.clone())));
    let mut disks: Vec<(u64, Disk)> = Vec::new();
    for (setting, path) in folders {
        let (Ok(found), Ok(disk)) = (fs::metadata(&path), rustix::fs::statvfs(&path)) else { continue };
        let folder = Folder { setting, path: path.display().to_string() };
        if let Some((_, known)) = disks.iter_mut().find(|(device, _)| *device == found.dev()) {
            known.folders.push(folder);
            continue;
        }
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        let free_files = Some(disk.f_favail).filter(|_| disk.f_files > 0);
        let (total_bytes, free_bytes) = (bytes(disk.f_blocks), bytes(disk.f_bavail));
        disks.push((found.dev(), Disk { folders: vec![folder], total_bytes, free_bytes, free_files }));
    }
    disks.into_iter().map(|(_, disk)| disk).collect()
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn memory() -> Memory {
    let machine = text("/proc/meminfo");
    let status = text("/proc/self/status");
    let bytes = |text: &str, name: &str| kib(text, name).unwrap_or(0).saturating_mul(1_024);
    let group = text("/proc/self/cgroup");
    let own = group.lines().find_map(|line| line.strip_prefix("0::"));
    let of_group = |file: &str| own.and_then(|path| text(&format!("/sys/fs/cgroup{path}/{file}")).trim().parse().ok());
    let limit_bytes: Option<u64> = of_group("memory.max");
    Memory {
        total_bytes: bytes(&machine, "MemTotal"),
        available_bytes: bytes(&machine, "MemAvailable"),
        process_bytes: bytes(&status, "VmRSS"),
        limit_bytes,
        limited_bytes: limit_bytes.and_then(|_| of_group("memory.current")),
    }
}

/// A line like `MemTotal:  16384 kB`.
fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn processors() -> Processors {
    let load = text("/proc/loadavg");
    let mut numbers = load.split_whitespace().map(|number| number.parse().unwrap_or(0.0));
    let load = std::array::from_fn(|_| numbers.next().unwrap_or(0.0));
    Processors { threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get), load }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_on_one_disk_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data: folder.path().to_owned(), ..Config::default() };
        config.upkeep.backups = Some(folder.path().to_owned());
        config.exports.folder = Some(folder.path().join("not there"));
        let told = machine(&config);
        let [disk] = &told.disks[..] else { panic!("{told:?}") };
        let settings: Vec<&str> = disk.folders.iter().map(|folder| folder.setting.as_str()).collect();
        assert_eq!(settings, ["data", "upkeep.backups"]);
        assert!(disk.free_bytes > 0 && disk.free_bytes <= disk.total_bytes, "{disk:?}");
        assert!(told.memory.process_bytes > 0 && told.memory.available_bytes <= told.memory.total_bytes, "{told:?}");
    }
}
