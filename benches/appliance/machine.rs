//! The machine: its notes beside every figure, limits, the time and memory of processes.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::{Duration, Instant},
};

use crate::Done;

/// Lets this process and its children open as many files as the machine allows.
pub(crate) fn raise_file_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls read or fill the struct they are given and nothing else.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
        }
    }
}

/// A line about the machine: figures without it mean nothing. `folder` is where the data lie.
pub(crate) fn notes(folder: &Path) -> Done {
    let cores = std::thread::available_parallelism()?;
    let load = fs::read_to_string("/proc/loadavg")?;
    let memory = kib(&fs::read_to_string("/proc/meminfo")?, "MemTotal:");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    println!(
        "machine: {cores} cores, {} GiB, Linux {}, load {}, fdatasync of 4 KiB {:.2} ms (median of 50)",
        memory >> 20,
        kernel.trim(),
        load.split(' ').take(3).collect::<Vec<_>>().join(" "),
        sync_time(folder)?.as_secs_f64() * 1e3,
    );
    Ok(())
}

/// How long the disk takes to make a page durable.
pub(crate) fn sync_time(folder: &Path) -> Done<Duration> {
    let path = folder.join(".sync-probe");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    fs::remove_file(path)?;
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

fn kib(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

/// The resident memory of a process, in bytes.
pub(crate) fn resident(process: u32) -> Done<u64> {
    Ok(kib(&fs::read_to_string(format!("/proc/{process}/status"))?, "VmRSS:") << 10)
}

/// The processor time that a process has used.
pub(crate) fn used(process: u32) -> Done<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in brackets may hold blanks; the times are the 12th and 13th fields behind it.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

/// The processor time that this thread has used.
pub(crate) fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: fills the struct it is given and nothing else.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The bytes that a file or folder takes on disk.
pub(crate) fn on_disk(path: &Path) -> Done<u64> {
    let about = fs::symlink_metadata(path)?;
    let mut bytes = about.blocks() * 512;
    if about.is_dir() {
        for entry in fs::read_dir(path)? {
            bytes += on_disk(&entry?.path())?;
        }
    }
    Ok(bytes)
}

/// Prints a figure beside its bar.
pub(crate) fn bar(name: &str, value: f64, unit: &str, bar: f64, more_is_better: bool) {
    let holds = if more_is_better { value >= bar } else { value <= bar };
    let word = if more_is_better { "at least" } else { "at most" };
    println!("{name}: {value:.3} {unit} (bar: {word} {bar} {unit}) {}", if holds { "ok" } else { "MISSED" });
}
