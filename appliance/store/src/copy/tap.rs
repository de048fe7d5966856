//! Following a database that is written to while it is being copied.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::CopyError;
use crate::read::Layer;

/// The most bytes of changes that wait for a copy to catch up.
const MOST_BYTES: usize = 256 << 20;

/// The commits since a moment, in order. A commit may be told of that the snapshot taken after that moment holds too: laying all of them
/// over it gives the same.
#[derive(Debug, Default)]
pub(crate) struct Tap(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    layers: VecDeque<Arc<Layer>>,
    bytes: usize,
    overflown: bool,
}

impl Tap {
    /// Tells of a commit.
    pub(crate) fn tell(&self, layer: &Arc<Layer>) {
        let mut queue = self.queue();
        queue.bytes += layer.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len)).sum::<usize>();
        queue.overflown |= queue.bytes > MOST_BYTES;
        if queue.overflown {
            queue.layers.clear();
        } else {
            queue.layers.push_back(layer.clone());
        }
    }

    /// The commits that were told of since the last time.
    pub(crate) fn drain(&self) -> Result<VecDeque<Arc<Layer>>, CopyError> {
        let mut queue = self.queue();
        if queue.overflown {
            return Err(CopyError::Behind);
        }
        queue.bytes = 0;
        Ok(std::mem::take(&mut queue.layers))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
