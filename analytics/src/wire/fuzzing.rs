//! Ways in for the fuzz targets. Each panics where a promise is broken.

use bytes::BytesMut;

use super::{
    command::Command,
    kind::PgType,
    message::{self, LONGEST},
    parameter,
    split::statements,
    value::Column,
};

/// What a stranger and one who has signed in may send: the same messages come of it however it arrives.
pub fn messages(bytes: &[u8]) {
    let _ = message::opening(&mut BytesMut::from(bytes));
    let mut whole = BytesMut::from(bytes);
    let mut arriving = BytesMut::new();
    let mut parts = bytes.chunks(7);
    while let Some(expected) = message::next(&mut whole, LONGEST).transpose() {
        let found = loop {
            match message::next(&mut arriving, LONGEST).transpose() {
                Some(found) => break found,
                None => arriving.extend_from_slice(parts.next().expect("the message is in these bytes")),
            }
        };
        assert_eq!(found, expected, "a message depends on how it arrives");
        if expected.is_err() {
            return;
        }
    }
}

/// A text with statements: each is told apart and read.
pub fn text(text: &str) {
    for statement in statements(text) {
        assert!(text.contains(statement));
        let _ = Command::of(statement);
    }
}

/// A value of the type with this number. What is taken is written so that it is read as the same again.
pub fn value(oid: u32, bytes: &[u8], binary: bool) {
    let Some(kind) = PgType::of_oid(oid) else { return };
    let Ok(taken) = parameter::value(1, kind, Some(bytes), binary) else { return };
    let array = taken.to_array().expect("a value makes an array of one");
    for binary in [false, true] {
        let Ok(column) = Column::new(&array, kind, binary) else { return };
        let mut written = BytesMut::new();
        if column.is_null(0) || column.put_bare(0, &mut written).is_err() {
            return;
        }
        let again = parameter::value(1, kind, Some(&written), binary);
        let again = again.unwrap_or_else(|fault| panic!("{taken:?} was written as {written:?}: {fault:?}"));
        assert_eq!(again, taken, "written as {written:?}");
    }
}

/// The numbers of all types.
pub fn types() -> Vec<u32> {
    (0..4_096).filter(|oid| PgType::of_oid(*oid).is_some()).collect()
}
