//! Breaking out, for the tests: the twelve attempts that a worker must contain. Only in debug builds.

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::child::Teller;
use crate::console::event::{Level, Output};
use crate::failure::{Failure, Kind};
use crate::job::JobSpec;

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Escape {
    /// What to try.
    pub(crate) way: Way,
    /// A file outside the job that belongs to somebody else.
    pub(crate) secret: PathBuf,
    /// A port on this machine where somebody listens.
    pub(crate) port: u16,
}

/// A way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// Reach the network.
    Connect,
    /// Open a file of another tenant.
    OtherTenant,
    /// Look into the parent.
    Ptrace,
    /// Start processes without end.
    ForkBomb,
    /// Take 10 GB of memory.
    Allocate,
    /// Reach a file through a link.
    Symlink,
    /// Read other processes in /proc.
    Proc,
    /// Write outside the work folder, or change what lies there.
    WriteOutside,
    /// Start a shell.
    Shell,
    /// Never end.
    Sleep,
    /// Kill the parent.
    KillParent,
    /// Write without end.
    Flood,
    /// Not an escape: die of a signal, to see that it ends one job.
    Crash,
}

/// Tries; an attempt that succeeds is a failure of the sandbox.
pub(crate) fn attempt(escape: &Escape, spec: &JobSpec, tell: &Teller) -> Result<Vec<Output>, Failure> {
    let secret = &escape.secret;
    let tried: Vec<(&str, std::io::Result<()>)> = match escape.way {
        Way::Connect => vec![
            ("tcp", TcpStream::connect((Ipv4Addr::LOCALHOST, escape.port)).map(drop)),
            ("udp", UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map(drop)),
            ("unix", std::os::unix::net::UnixStream::pair().map(drop)),
        ],
        Way::OtherTenant => vec![
            ("read", std::fs::read(secret).map(drop)),
            ("list", std::fs::read_dir(secret.parent().unwrap_or(secret)).map(drop)),
            ("root", std::fs::read_dir("/").map(drop)),
            ("passwords", std::fs::read("/etc/passwd").map(drop)),
        ],
        Way::Ptrace => vec![("attach", ptrace_parent()), ("memory", vm_read_parent())],
        Way::ForkBomb => vec![("fork", (0..64).map(|_| fork()).find(Result::is_ok).unwrap_or_else(fork))],
        Way::Allocate => vec![("allocate", allocate(10 << 30))],
        Way::Symlink => symlink(secret, &spec.work),
        Way::Proc => proc(),
        Way::WriteOutside => write_outside(secret, &spec.work),
        Way::Shell => vec![("exec", shell())],
        Way::Sleep => loop {
            std::thread::sleep(std::time::Duration::from_secs(3600));
        },
        Way::KillParent => vec![("kill", kill(parent(), libc::SIGKILL)), ("stop", kill(parent(), libc::SIGSTOP))],
        Way::Flood => flood(),
        Way::Crash => std::process::abort(),
    };
    for (what, result) in &tried {
        let outcome = result.as_ref().map_or_else(|e| format!("contained: {e}"), |()| "ESCAPED".to_owned());
        tell.note(Level::Info, format!("{what}: {outcome}"));
    }
    match tried.iter().find(|(_, result)| result.is_ok()) {
        Some((what, _)) => Err(Failure::new(Kind::Sandbox, format!("escaped by {what}"))),
        None => Ok(Vec::new()),
    }
}

fn parent() -> i32 {
    // SAFETY: getppid has no preconditions.
    unsafe { libc::getppid() }
}

fn answer(code: i64) -> std::io::Result<()> {
    if code < 0 { Err(std::io::Error::last_os_error()) } else { Ok(()) }
}

fn kill(pid: i32, signal: i32) -> std::io::Result<()> {
    // SAFETY: kill touches no memory of this process.
    answer(i64::from(unsafe { libc::kill(pid, signal) }))
}

fn ptrace_parent() -> std::io::Result<()> {
    // SAFETY: attaching takes no pointers.
    answer(unsafe { libc::ptrace(libc::PTRACE_SEIZE, parent(), 0, 0) })
}

fn vm_read_parent() -> std::io::Result<()> {
    let mut byte = 0_u8;
    let here = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    let there = libc::iovec { iov_base: 0x1000 as *mut libc::c_void, iov_len: 1 };
    // SAFETY: `here` is one writable byte; `there` is an address of the other process.
    let code = unsafe { libc::process_vm_readv(parent(), &raw const here, 1, &raw const there, 1, 0) };
    match answer(code as i64) {
        // The address was wrong but the parent was open.
        Err(e) if e.raw_os_error() == Some(libc::EFAULT) => Ok(()),
        other => other,
    }
}

fn fork() -> std::io::Result<()> {
    // SAFETY: the child, should there be one, ends at once.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: ends the forked process without running anything of this one.
            unsafe { libc::_exit(0) }
        }
        pid => answer(i64::from(pid)),
    }
}

fn allocate(bytes: usize) -> std::io::Result<()> {
    let mut memory: Vec<u8> = Vec::new();
    memory.try_reserve_exact(bytes).map_err(std::io::Error::other)?;
    memory.resize(bytes, 1);
    Ok(())
}

fn symlink(secret: &Path, work: &Path) -> Vec<(&'static str, std::io::Result<()>)> {
    let (link, hard) = (work.join("link"), work.join("hard"));
    // The test has laid `planted`, a link that an attacker might have got into the folder.
    let planted = std::fs::read(work.join("planted")).map(drop);
    let linked = std::os::unix::fs::symlink(secret, &link).and_then(|()| std::fs::read(&link)).map(drop);
    vec![("planted link", planted), ("new link", linked), ("hard link", std::fs::hard_link(secret, hard))]
}

fn proc() -> Vec<(&'static str, std::io::Result<()>)> {
    let of = |pid: i32, file: &str| std::fs::read(format!("/proc/{pid}/{file}")).map(drop);
    vec![
        ("environment", of(parent(), "environ")),
        ("command line", of(parent(), "cmdline")),
        ("maps", of(parent(), "maps")),
        ("root", std::fs::read_dir(format!("/proc/{}/root", parent())).map(drop)),
        ("init", of(1, "status")),
        ("list", std::fs::read_dir("/proc").map(drop)),
    ]
}

fn write_outside(secret: &Path, work: &Path) -> Vec<(&'static str, std::io::Result<()>)> {
    use std::os::unix::fs::PermissionsExt;
    let beside = secret.with_file_name("beside");
    let own = work.join("own");
    let written = std::fs::write(&own, "mine");
    vec![
        ("new file", std::fs::write(&beside, "x")),
        ("temporary file", std::fs::write("/tmp/audiagram-escape", "x")),
        ("overwrite", std::fs::write(secret, "x")),
        ("move out", written.and_then(|()| std::fs::rename(&own, &beside))),
        ("remove", std::fs::remove_file(secret)),
        ("mode", std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o777))),
        ("folder", std::fs::create_dir(beside)),
    ]
}

#[allow(clippy::disallowed_methods, reason = "this is the attempt")]
fn shell() -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;
    // Without a fork, so that the exec itself is what is refused.
    Err(std::process::Command::new("/bin/sh").args(["-c", "exit 0"]).exec())
}

fn flood() -> ! {
    let line = vec![b'x'; 1 << 16];
    loop {
        // The parent closes the pipe when it has had enough; it kills this process then.
        let _ = std::io::stdout().lock().write_all(&line);
    }
}
