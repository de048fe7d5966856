//! Being asked to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::failure::{Failure, Kind};

/// Remembers the signal that asked this process to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Listens for SIGINT, SIGTERM and SIGHUP from now on, instead of being ended by them.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let stop = Self::default();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            #[allow(clippy::cast_sign_loss, reason = "signal numbers are positive")]
            signal_hook::flag::register_usize(signal, Arc::clone(&stop.0), signal as usize)
                .map_err(|e| Failure::new(Kind::Failed, "cannot listen for signals").because(&e))?;
        }
        Ok(stop)
    }

    /// The failure to end with, once asked to stop.
    pub(crate) fn asked(&self) -> Option<Failure> {
        let kind = match i32::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(0) {
            0 => return None,
            SIGINT => Kind::Interrupted,
            _ => Kind::Terminated,
        };
        let word = if kind == Kind::Interrupted { "interrupted" } else { "terminated" };
        Some(Failure::new(kind, word).remedy("the same command again; it goes on where it stopped"))
    }
}
