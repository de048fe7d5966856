//! Seccomp: the system calls that a worker may make.
//!
//! The list names what is allowed. Everything else answers `ENOSYS`, so that a C library which tries a newer call
//! first goes on to the older one, and so that nothing new that a kernel learns is open by itself. Not on the list,
//! and tested for: sockets, ptrace, process_vm_*, exec, fork, mounts, bpf, perf, keys, io_uring, namespaces, and
//! changes of mode, owner or attributes, which Landlock does not cover.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

use super::{Part, State};

/// Calls without conditions.
const ALLOWED: &[libc::c_long] = &[
    // Memory.
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    // Files; which ones is Landlock's matter.
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_copy_file_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fadvise64,
    libc::SYS_fallocate,
    libc::SYS_fcntl,
    libc::SYS_fdatasync,
    libc::SYS_flock,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_lseek,
    libc::SYS_mkdirat,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_pipe2,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_sync_file_range,
    libc::SYS_umask,
    libc::SYS_unlinkat,
    libc::SYS_write,
    libc::SYS_writev,
    // Threads and time.
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_gettimeofday,
    libc::SYS_nanosleep,
    libc::SYS_ppoll,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_get_priority_max,
    libc::SYS_sched_get_priority_min,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    // Itself.
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getpriority,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_sysinfo,
    libc::SYS_times,
    libc::SYS_uname,
];

/// Older forms of the calls above, which only this architecture has.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[libc::c_long] = &[
    libc::SYS_access,
    libc::SYS_dup2,
    libc::SYS_getdents,
    libc::SYS_getrlimit,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_open,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_rename,
    libc::SYS_rmdir,
    libc::SYS_stat,
    libc::SYS_time,
    libc::SYS_unlink,
];
#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_HERE: &[libc::c_long] = &[];

/// What drivers of graphics processors call besides; memory that they share with the kernel's part of them.
const GRAPHICS: &[libc::c_long] = &[libc::SYS_memfd_create, libc::SYS_sched_setscheduler];
/// Kinds of device calls (bits 8 to 15 of the number): those of the kernel's graphics drivers, of NVIDIA's, and of its shared
/// memory, whose numbers have no kind. Landlock lets them reach the device files of graphics processors alone.
const GRAPHICS_KINDS: [u64; 3] = [b'd' as u64, b'F' as u64, 0];

/// Filters the calls of this process and all its later threads. `graphics`: it may talk to graphics processors.
pub(super) fn filter(graphics: bool) -> Part {
    let program = match program(graphics) {
        Ok(program) => program,
        Err(e) => return Part::new(State::Off, format!("no seccomp filter for this processor: {e}")),
    };
    match seccompiler::apply_filter(&program) {
        Ok(()) if graphics => Part::new(State::On, "seccomp filter with room for graphics drivers"),
        Ok(()) => Part::new(State::On, "seccomp filter"),
        Err(e) => Part::new(State::Off, format!("seccomp refused: {e}")),
    }
}

fn program(graphics: bool) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().chain(ALLOWED_HERE).map(|call| (*call, Vec::new())).collect();
    let own_pid = u64::from(std::process::id());
    // Threads, but no processes: clone3 hides its flags from filters, answers ENOSYS, and libraries then use clone.
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    rules.insert(libc::SYS_clone, vec![when(0, SeccompCmpOp::MaskedEq(thread), thread)?]);
    // Signals to itself, which is how abort works.
    for call in [libc::SYS_kill, libc::SYS_tgkill] {
        rules.insert(call, vec![when(0, SeccompCmpOp::Eq, own_pid)?]);
    }
    // Its own limits; that they cannot be raised is the kernel's matter.
    rules.insert(libc::SYS_prlimit64, vec![when(0, SeccompCmpOp::Eq, 0)?]);
    // Names of threads and of anonymous memory.
    let prctl = [libc::PR_SET_NAME, libc::PR_GET_NAME, libc::PR_SET_VMA];
    let prctl = prctl.into_iter().map(|op| when(0, SeccompCmpOp::Eq, u64::from(op.unsigned_abs())));
    rules.insert(libc::SYS_prctl, prctl.collect::<Result<_, _>>()?);
    // Whether a descriptor is a terminal; not typing into it.
    let mut device_calls = vec![when(1, SeccompCmpOp::Eq, libc::TCGETS)?];
    if graphics {
        rules.extend(GRAPHICS.iter().map(|call| (*call, Vec::new())));
        for kind in GRAPHICS_KINDS {
            device_calls.push(when(1, SeccompCmpOp::MaskedEq(0xff00), kind << 8)?);
        }
    }
    rules.insert(libc::SYS_ioctl, device_calls);
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    #[allow(clippy::cast_sign_loss, reason = "error numbers are positive")]
    let refused = SeccompAction::Errno(libc::ENOSYS as u32);
    SeccompFilter::new(rules, refused, SeccompAction::Allow, arch)?.try_into()
}

fn when(argument: u8, op: SeccompCmpOp, value: u64) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Dword, op, value)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiles_for_this_processor() {
        let [plain, graphics] = [false, true].map(|graphics| program(graphics).unwrap().len());
        assert!(graphics > plain && plain > ALLOWED.len());
    }

    #[test]
    fn nothing_dangerous_is_on_the_list() {
        let forbidden = [
            libc::SYS_socket,
            libc::SYS_connect,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_clone3,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_mount,
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_keyctl,
            libc::SYS_add_key,
            libc::SYS_kexec_load,
            libc::SYS_io_uring_setup,
            libc::SYS_userfaultfd,
            libc::SYS_pidfd_open,
            libc::SYS_pidfd_send_signal,
            libc::SYS_rt_tgsigqueueinfo,
            libc::SYS_tkill,
            libc::SYS_fchmod,
            libc::SYS_fchmodat,
            libc::SYS_fchownat,
            libc::SYS_setxattr,
            libc::SYS_utimensat,
            libc::SYS_truncate,
            libc::SYS_setsid,
            libc::SYS_open_by_handle_at,
        ];
        for call in forbidden {
            let allowed = [ALLOWED, ALLOWED_HERE, GRAPHICS].concat();
            assert!(!allowed.contains(&call), "system call {call}");
        }
    }
}
