//! A worker that is a copy of this process: a frame is drawn in less time than the loader takes to bring in the libraries of
//! recorded media once more.

use std::os::unix::process::CommandExt;
use std::process::Command;

use super::child;

/// Has the child that `command` starts do the job itself, where it can: with the folder, pipes and process group of `command`, behind the
/// same walls, without the environment of this process. Where other threads run, the program is started as always.
#[allow(unsafe_code, reason = "the child goes on as a copy of this process")]
pub(super) fn of_this(command: &mut Command) {
    if !is_alone() {
        return;
    }
    let work = || {
        // SAFETY: neither call touches memory of Rust; nobody else is here who could read the environment or use the descriptors.
        let closed = unsafe {
            libc::clearenv();
            // Locks, files, and the pipe by which `spawn` waits for the program that this child does not become.
            libc::close_range(3, libc::c_uint::MAX, 0) == 0
        };
        if !closed {
            // An old kernel: the program is started.
            return Ok(());
        }
        let code = child::work().map_or_else(|kind| i32::from(kind.exit_code()), |()| 0);
        // SAFETY: ends the process, without what the original has planned for its own end.
        unsafe { libc::_exit(code) }
    };
    // SAFETY: with one thread, no lock is held and nothing half done in the copy, so that it may do whatever this process may.
    unsafe { command.pre_exec(work) };
}

/// Whether this process has one thread.
fn is_alone() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.take(2).count() == 1)
}
