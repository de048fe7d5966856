//! Waiting, on a thread that has other things to do than to wait.
//!
//! A short read takes microseconds while its file is open and its pages are in memory: less than handing it to another thread and
//! back. So who asks may do it on the spot, if it says how to step aside where there is something to wait for after all: the disk,
//! a file that is opened or closed, the commit of an audit row.

use std::cell::Cell;

/// Lets others have the thread for as long as what it is given waits.
pub type StepAside = fn(&mut dyn FnMut());

thread_local! {
    static STEP: Cell<Option<StepAside>> = const { Cell::new(None) };
}

/// Does `work` on a thread that others need: `step` is put around whatever in it waits.
pub fn briskly<T>(step: StepAside, work: impl FnOnce() -> T) -> T {
    let _before = Before(STEP.replace(Some(step)));
    work()
}

/// Does what may wait.
pub fn wait<T>(what: impl FnOnce() -> T) -> T {
    let Some(step) = STEP.take() else { return what() };
    let _before = Before(Some(step));
    let (mut what, mut done) = (Some(what), None);
    step(&mut || done = what.take().map(|what| what()));
    done.expect("who steps aside does what it was given")
}

/// What this thread did before, to go back to in the end, also that of a panic.
struct Before(Option<StepAside>);

impl Drop for Before {
    fn drop(&mut self) {
        STEP.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static STEPS: Cell<u32> = const { Cell::new(0) };
    }

    fn step(work: &mut dyn FnMut()) {
        STEPS.set(STEPS.get() + 1);
        work();
    }

    #[test]
    fn only_what_waits_steps_aside_and_only_once() {
        assert_eq!(wait(|| 1), 1);
        assert_eq!(STEPS.get(), 0, "nobody needs this thread");
        let done = briskly(step, || {
            let first = wait(|| wait(|| 2));
            assert_eq!(STEPS.get(), 1, "who has stepped aside does not do it again inside");
            first + wait(|| 3)
        });
        assert_eq!((done, STEPS.get()), (5, 2));
        let panicked = std::panic::catch_unwind(|| briskly(step, || wait(|| panic!("as planned"))));
        assert!(panicked.is_err());
        assert_eq!((wait(|| 4), STEPS.get()), (4, 3), "a panic leaves the thread as it was");
    }
}
