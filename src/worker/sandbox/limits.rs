//! Resource limits: what a worker may use up.

use rustix::process::{Resource, Rlimit, setrlimit};

use super::{Part, State};
use crate::job::Limits;

/// Sets the limits. `own_users`: the process has a user namespace of its own, in which the kernel counts its threads
/// alone; elsewhere it would count all threads of the person, so there the number is left to the system. `graphics`: drivers of
/// graphics processors reserve far more addresses than any machine has memory, so what is written to is counted instead.
pub(super) fn apply(limits: &Limits, own_users: bool, graphics: bool) -> Part {
    let mut wanted = vec![
        (if graphics { Resource::Data } else { Resource::As }, "memory", limits.memory_bytes, 0),
        // The soft limit ends the process with SIGXCPU, which is told as a limit; the hard one is for a process
        // that survives it.
        (Resource::Cpu, "cpu", limits.cpu_seconds, 5),
        (Resource::Fsize, "file size", limits.file_bytes, 0),
        (Resource::Nofile, "files", limits.files, 0),
        // A core file would hold what was said in the recording.
        (Resource::Core, "core", 0, 0),
    ];
    if own_users {
        wanted.push((Resource::Nproc, "threads", limits.threads, 0));
    }
    let refused: Vec<String> = wanted
        .into_iter()
        .filter_map(|(resource, name, soft, grace)| {
            let hard = soft.saturating_add(grace);
            let hard = rustix::process::getrlimit(resource).maximum.map_or(hard, |ceiling| ceiling.min(hard));
            let limit = Rlimit { current: Some(soft.min(hard)), maximum: Some(hard) };
            setrlimit(resource, limit).err().map(|e| format!("{name}: {e}"))
        })
        .collect();
    match (refused.is_empty(), own_users) {
        (true, true) => Part::new(State::On, "memory, cpu, file size, files, threads"),
        (true, false) => Part::new(State::On, "memory, cpu, file size, files"),
        (false, _) => Part::new(State::Off, format!("refused: {}", refused.join(", "))),
    }
}
