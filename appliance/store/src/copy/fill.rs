//! A new database filled with rows: under its own name only when it is whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::CopyError;
use crate::{
    backend,
    read::{Layer, TABLE},
    vault::DataKey,
};

/// Bytes of rows that are put in together.
const BATCH: usize = 8 << 20;
/// Memory for pages of the new file.
const CACHE: usize = 32 << 20;

/// A database in the making. Dropped before [`Filling::finish`], it leaves a file that the next one at this place removes.
pub(crate) struct Filling {
    database: redb::Database,
    path: PathBuf,
    batch: Layer,
    bytes: usize,
}

impl Filling {
    /// Begins a new file; one that an interrupted filling left is removed.
    pub(crate) fn begin(path: &Path, key: &DataKey) -> Result<Self, CopyError> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let database = backend::create(path, key, CACHE)?;
        Ok(Filling { database, path: path.to_owned(), batch: Layer::new(), bytes: 0 })
    }

    pub(crate) fn put(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), CopyError> {
        self.bytes += key.len() + value.map_or(0, <[u8]>::len);
        self.batch.insert(key.to_vec(), value.map(<[u8]>::to_vec));
        if self.bytes >= BATCH { self.flush(redb::Durability::None) } else { Ok(()) }
    }

    /// Lays a later change over what was put in.
    pub(crate) fn apply(&mut self, layer: &Layer) -> Result<(), CopyError> {
        layer.iter().try_for_each(|(key, value)| self.put(key, value.as_deref()))
    }

    fn flush(&mut self, durability: redb::Durability) -> Result<(), CopyError> {
        let mut transaction = self.database.begin_write().map_err(redb::Error::from)?;
        transaction.set_durability(durability).map_err(redb::Error::from)?;
        {
            let mut table = transaction.open_table(TABLE).map_err(redb::Error::from)?;
            for (key, value) in std::mem::take(&mut self.batch) {
                match value {
                    Some(value) => drop(table.insert(key.as_slice(), value.as_slice()).map_err(redb::Error::from)?),
                    None => drop(table.remove(key.as_slice()).map_err(redb::Error::from)?),
                }
            }
        }
        self.bytes = 0;
        Ok(transaction.commit().map_err(redb::Error::from)?)
    }

    /// Closes the file, on the disk to its last byte.
    pub(crate) fn finish(mut self) -> Result<PathBuf, CopyError> {
        self.flush(redb::Durability::Immediate)?;
        let Filling { database, path, .. } = self;
        drop(database);
        fs::File::open(&path)?.sync_all()?;
        Ok(path)
    }
}
