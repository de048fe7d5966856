//! A disk for tests: bytes in memory that outlive the database on them.

use std::{io, sync::Arc};

use redb::{StorageBackend, backends::InMemoryBackend};

/// Bytes in memory. Clones are the same bytes, so a database can be closed and opened again on them.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<InMemoryBackend>);

impl StorageBackend for Memory {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}
