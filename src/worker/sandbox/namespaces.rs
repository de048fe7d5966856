//! Namespaces: a network without devices, and no privileges.

use rustix::thread::{CapabilitySet, CapabilitySets, UnshareFlags, set_capabilities, set_no_new_privs, unshare_unsafe};

use super::{Part, State};

/// Leaves the network and System V objects of the machine, gives up privileges, and tells whether the process now
/// has a user namespace of its own.
///
/// There is no process namespace: it would cost a second process a job, and what it would give (no signals to
/// others, no look at others) the filter of calls and Landlock's scopes give already.
pub(super) fn leave() -> (Part, bool) {
    let _ = set_no_new_privs(true);
    let apart = UnshareFlags::NEWNET | UnshareFlags::NEWIPC;
    // A privileged process needs no user namespace, and would lose the right to read its users' recordings in one.
    let privileged = rustix::process::geteuid().is_root();
    // SAFETY: the flags do not include FILES, the only one that can pull a descriptor from under another thread.
    let direct = unsafe { unshare_unsafe(if privileged { apart } else { apart | UnshareFlags::NEWUSER }) };
    let kept =
        if privileged { CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH } else { CapabilitySet::empty() };
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    let dropped = set_capabilities(None, sets);
    let part = match (direct, dropped) {
        (Ok(()), Ok(())) if privileged => Part::new(State::On, "own network namespace, capabilities dropped"),
        (Ok(()), Ok(())) => Part::new(State::On, "own user and network namespaces"),
        (Ok(()), Err(e)) => Part::new(State::Partly, format!("own network namespace; capabilities kept: {e}")),
        (Err(e), _) => Part::new(State::Partly, format!("no namespace ({e}); sockets are refused by the call filter")),
    };
    (part, direct.is_ok() && !privileged)
}
