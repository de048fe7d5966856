//! How one connection stops what another one does.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

use super::fault::Fault;

/// The bells of all connections, by the numbers that were given to their clients.
#[derive(Debug, Default)]
pub(super) struct Bells(Mutex<HashMap<u32, (u32, Arc<Bell>)>>);

/// Rings while a statement runs.
#[derive(Debug, Default)]
pub(super) struct Bell {
    runs: AtomicBool,
    rung: Notify,
}

/// A connection's entry among the others.
#[derive(Debug)]
pub(super) struct Hung {
    bells: Arc<Bells>,
    pub(super) process: u32,
    pub(super) secret: u32,
    pub(super) bell: Arc<Bell>,
}

impl Bells {
    /// Hangs a bell of its own for a connection.
    pub(super) fn hang(self: &Arc<Self>) -> Hung {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut process, secret) = (random() >> 1, random());
        while process == 0 || bells.contains_key(&process) {
            process = random() >> 1;
        }
        let bell = Arc::<Bell>::default();
        bells.insert(process, (secret, bell.clone()));
        drop(bells);
        Hung { bells: self.clone(), process, secret, bell }
    }

    /// Rings the bell of a connection, if the secret is its own. Nobody learns whether it is.
    pub(super) fn ring(&self, process: u32, secret: u32) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, bell)) = bells.get(&process)
            && *known == secret
            && bell.runs.load(Ordering::SeqCst)
        {
            bell.rung.notify_one();
        }
    }
}

impl Drop for Hung {
    fn drop(&mut self) {
        self.bells.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.process);
    }
}

impl Bell {
    /// Waits for what a statement does, or for the bell.
    pub(super) async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Fault> {
        self.runs.store(true, Ordering::SeqCst);
        let done = tokio::select! {
            biased;
            () = self.rung.notified() => Err(Fault::cancelled()),
            done = work => Ok(done),
        };
        self.runs.store(false, Ordering::SeqCst);
        done
    }

    /// Forgets that it was rung for a statement that has ended.
    pub(super) fn hush(&self) {
        let mut rung = std::pin::pin!(self.rung.notified());
        rung.as_mut().enable();
    }
}

/// # Panics
/// When the operating system has no random numbers: nothing is safe without them.
fn random() -> u32 {
    getrandom::u32().expect("the operating system gives random numbers")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[tokio::test]
    async fn a_bell_rings_for_who_knows_its_secret_while_something_runs() {
        let bells = Arc::<Bells>::default();
        let hung = bells.hang();
        // Nothing runs.
        bells.ring(hung.process, hung.secret);
        assert_eq!(hung.bell.or(async { 1 }).await.unwrap(), 1);
        let (ring, bell) = (bells.clone(), hung.bell.clone());
        let (process, secret) = (hung.process, hung.secret);
        let wrong = hung.bell.or(async {
            ring.ring(process, secret.wrapping_add(1));
            tokio::task::yield_now().await;
            2
        });
        assert_eq!(wrong.await.unwrap(), 2);
        let stopped = bell.or(async {
            ring.ring(process, secret);
            std::future::pending::<()>().await;
        });
        assert_eq!(stopped.await.unwrap_err().code, "57014");
        drop(hung);
        assert!(bells.0.lock().unwrap().is_empty());
    }
}
