//! The machine: memory, clock, limits, kernel.

use std::fs;
use std::time::{Duration, Instant, SystemTime};

use rustix::process::{Resource, getrlimit};

use super::{Check, Health, disk_free};

/// Memory below which speech recognition with the default model is not comfortable, in KiB.
const MEMORY_KIB: u64 = 2 << 20;
/// Free space below which temporary files may not fit.
const TEMP: u64 = 1 << 30;
/// The first kernel with landlock, by which workers are confined to their folder.
const KERNEL: (u32, u32) = (5, 13);
/// No clock that is right shows an earlier time: the start of 2026.
const EARLIEST: Duration = Duration::from_secs(1_767_225_600);

pub(super) fn checks() -> Vec<Check> {
    vec![
        kernel(),
        memory(),
        group_limits(),
        handles(),
        processes(),
        swap(),
        core_dumps(),
        temporary(),
        clock(),
        steady_clock(),
        entropy(),
        time_zones(),
        locale(),
    ]
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn kernel() -> Check {
    let release = read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let detail = format!("Linux {}", release.trim());
    Check::that(version >= KERNEL, Health::Warn, "kernel", detail, "Linux 5.13 or later, like that of Debian 12")
        .why("older kernels cannot confine what reads strangers' files to one folder")
}

/// A line of `/proc/meminfo`, in KiB.
pub(super) fn memory_of(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn memory() -> Check {
    let text = read("/proc/meminfo").unwrap_or_default();
    let of = |name| memory_of(&text, name).unwrap_or(0);
    let (total, free) = (of("MemTotal"), of("MemAvailable"));
    let detail = format!("{} MiB, {} MiB of it free", total >> 10, free >> 10);
    Check::that(
        free >= MEMORY_KIB,
        Health::Warn,
        "memory",
        detail,
        "end other programs, or more memory; 2 GiB free are comfortable",
    )
    .why("a job that runs out of memory is ended by the kernel")
}

/// The limits of the control group, which systemd and containers set.
fn group_limits() -> Check {
    let name = "service limits";
    let why = "a limit that is too tight ends the appliance or its workers under load";
    let group = read("/proc/self/cgroup").unwrap_or_default();
    let Some(path) = group.lines().find_map(|line| line.strip_prefix("0::")) else {
        return Check::ok(name, "no control group of version 2").why(why);
    };
    let of = |file: &str| read(&format!("/sys/fs/cgroup{path}/{file}")).map(|text| text.trim().to_owned());
    let told: Vec<String> = ["memory.max", "pids.max", "cpu.max"]
        .into_iter()
        .filter_map(|file| Some(format!("{file} {}", of(file)?)))
        .collect();
    if told.is_empty() {
        return Check::ok(name, "none").why(why);
    }
    let below =
        |file: &str, least: u64| of(file).and_then(|text| text.parse::<u64>().ok()).is_some_and(|max| max < least);
    let tight = below("memory.max", MEMORY_KIB << 10) || below("pids.max", 256);
    Check::that(
        !tight,
        Health::Warn,
        name,
        told.join(", "),
        "MemoryMax=4G and TasksMax=1024 in the unit, or the same for the container",
    )
    .why(why)
}

fn handles() -> Check {
    let limit = getrlimit(Resource::Nofile);
    let detail = format!("{} of at most {}", shown(limit.current), shown(limit.maximum));
    let enough = limit.current.is_none_or(|current| current >= 4_096);
    Check::that(enough, Health::Warn, "file handles", detail, "ulimit -n 65536, or LimitNOFILE=65536 in the unit")
        .why("each tenant at work and each connection takes one; beyond the limit requests are refused")
}

fn processes() -> Check {
    let limit = getrlimit(Resource::Nproc);
    let enough = limit.current.is_none_or(|current| current >= 512);
    Check::that(enough, Health::Warn, "processes", shown(limit.current), "ulimit -u 4096, or TasksMax=4096 in the unit")
        .why("every video is made in a process with threads of its own")
}

fn shown(limit: Option<u64>) -> String {
    limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string())
}

fn swap() -> Check {
    let swaps = read("/proc/swaps").unwrap_or_default();
    let places: Vec<&str> = swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    // What is compressed in memory or enciphered on its way does not last on a disk.
    let plain: Vec<&str> =
        places.iter().copied().filter(|place| !place.contains("zram") && !place.starts_with("/dev/dm-")).collect();
    let detail = if places.is_empty() { "none".to_owned() } else { places.join(", ") };
    Check::that(plain.is_empty(), Health::Warn, "swap", detail, "enciphered swap, zram, or none (swapoff -a)")
        .why("keys and recordings in memory can be written to it, and stay readable there")
}

fn core_dumps() -> Check {
    let limit = getrlimit(Resource::Core);
    let pattern = read("/proc/sys/kernel/core_pattern").unwrap_or_default();
    let off = limit.current == Some(0);
    let detail =
        if off { "off".to_owned() } else { format!("up to {} bytes, to {}", shown(limit.current), pattern.trim()) };
    Check::that(off, Health::Warn, "core dumps", detail, "ulimit -c 0, or LimitCORE=0 in the unit")
        .why("after a crash they hold the keys that were in memory")
}

fn temporary() -> Check {
    let folder = std::env::temp_dir();
    let why = "tests of the encoder and parts of uploads pass through it";
    if let Err(e) = tempfile::tempfile_in(&folder) {
        let detail = format!("{}: {e}", folder.display());
        return Check::bad("temporary files", Health::Fail, detail, "TMPDIR with a folder that you may write to")
            .why(why);
    }
    let free = disk_free(&folder).unwrap_or(u64::MAX);
    let detail = format!("{}, {} MiB free", folder.display(), free >> 20);
    Check::that(free >= TEMP, Health::Warn, "temporary files", detail, "free some space, or TMPDIR on a larger disk")
        .why(why)
}

#[expect(clippy::disallowed_methods, reason = "this is about the clock of the machine")]
fn clock() -> Check {
    let why = "sessions, certificates, retention and the audit trail go by it";
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if since < EARLIEST {
        let detail = format!("{} s after 1970, which is before this program was made", since.as_secs());
        return Check::bad("clock", Health::Fail, detail, "set it: timedatectl set-ntp true").why(why);
    }
    let kept = ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/ntpd.pid", "/var/run/ntpd.pid"];
    let by = if kept.iter().any(|path| fs::exists(path).unwrap_or(false)) {
        "kept right by a time service"
    } else {
        "set; whether it is kept right cannot be seen from here"
    };
    Check::ok("clock", by).why(why)
}

/// The two clocks must run alike; a machine that was just stopped and continued, or a broken one, shows otherwise.
#[expect(clippy::disallowed_methods, reason = "this is about the clocks of the machine")]
fn steady_clock() -> Check {
    let (start, wall) = (Instant::now(), SystemTime::now());
    std::thread::sleep(Duration::from_millis(20));
    let passed = start.elapsed();
    let apart = wall.elapsed().map_or_else(|e| e.duration() + passed, |wall| wall.abs_diff(passed));
    let detail = format!("{} ms apart after {} ms", apart.as_millis(), passed.as_millis());
    Check::that(
        apart < Duration::from_millis(500),
        Health::Warn,
        "clock steadiness",
        detail,
        "see whether two time services fight over it",
    )
    .why("leases of jobs and limits on requests are measured with it")
}

fn entropy() -> Check {
    let pool = read("/proc/sys/kernel/random/entropy_avail").and_then(|text| text.trim().parse::<u32>().ok());
    let why = "every key and session is drawn from it";
    match pool {
        Some(bits) => Check::that(
            bits >= 128,
            Health::Fail,
            "random numbers",
            format!("{bits} bits"),
            "rng-tools5 or haveged, or a virtio-rng device",
        )
        .why(why),
        None => Check::ok("random numbers", "the kernel does not tell").why(why),
    }
}

fn time_zones() -> Check {
    let there = fs::exists("/usr/share/zoneinfo/Europe/Berlin").unwrap_or(false);
    let detail = if there { "there" } else { "missing: moments are shown in UTC" };
    Check::that(there, Health::Warn, "time zones", detail, "apt-get install tzdata")
        .why("schedules that name a zone follow its summer time")
}

fn locale() -> Check {
    let set =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let text = set.unwrap_or_default();
    let upper = text.to_ascii_uppercase();
    let fits =
        text.is_empty() || upper.contains("UTF-8") || upper.contains("UTF8") || matches!(upper.as_str(), "C" | "POSIX");
    let detail = if text.is_empty() { "not set".to_owned() } else { text };
    Check::that(fits, Health::Warn, "locale", detail, "LC_ALL=C.UTF-8").why("names and titles are printed as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo() {
        let text = "MemTotal:       16384 kB\nMemFree: 1 kB\nMemAvailable:    8192 kB\n";
        assert_eq!(
            (memory_of(text, "MemTotal"), memory_of(text, "MemAvailable"), memory_of(text, "Swap")),
            (Some(16384), Some(8192), None)
        );
    }

    #[test]
    fn every_check_says_why() {
        for check in checks() {
            assert!(!check.why.is_empty() && !check.detail.is_empty(), "{check:?}");
            assert!(check.state == Health::Ok || check.remedy.is_some(), "{check:?}");
        }
    }
}
