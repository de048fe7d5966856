//! What clients of the PostgreSQL door send: messages however they arrive, statements, and values of every type.

use std::sync::LazyLock;

use analytics::wire::fuzzing::{messages, text, types, value};

/// Panics where a message depends on how it arrives, or a value is written so that it is read as another.
pub fn run(bytes: &[u8]) {
    static TYPES: LazyLock<Vec<u32>> = LazyLock::new(types);
    messages(bytes);
    if let Ok(sql) = std::str::from_utf8(bytes) {
        text(sql);
    }
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let (kind, binary) = (usize::from(kind >> 1), kind & 1 == 1);
    value(TYPES[kind % TYPES.len()], bytes, binary);
}
