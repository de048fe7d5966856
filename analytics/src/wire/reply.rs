//! What clients are answered: messages of protocol 3, written one after the other into a buffer.

use bytes::{BufMut as _, BytesMut};

use super::{fault::Fault, kind::PgType};

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: PgType,
    /// The precision and scale of a number, as PostgreSQL packs them; -1 for none.
    pub(super) modifier: i32,
    pub(super) binary: bool,
}

/// Where a session stands between two statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Standing {
    /// Not in a transaction.
    #[default]
    Idle,
    /// In one.
    Within,
    /// In one that has failed.
    Failed,
}

/// Answers on their way out, and what a copy's next piece begins with.
#[derive(Debug, Default)]
pub(super) struct Replies(pub(super) BytesMut, Vec<u8>);

impl Replies {
    /// A message of this kind, whose body `write` writes.
    fn message(&mut self, kind: u8, write: impl FnOnce(&mut BytesMut)) {
        self.0.put_u8(kind);
        let at = self.0.len();
        self.0.put_u32(0);
        write(&mut self.0);
        // What is written is bounded far below that.
        let length = u32::try_from(self.0.len() - at).unwrap_or(u32::MAX);
        self.0[at..at + 4].copy_from_slice(&length.to_be_bytes());
    }

    pub(super) fn authentication(&mut self, code: u32, more: &[u8]) {
        self.message(b'R', |body| {
            body.put_u32(code);
            body.put_slice(more);
        });
    }

    pub(super) fn parameter(&mut self, name: &str, value: &str) {
        self.message(b'S', |body| {
            text(body, name);
            text(body, value);
        });
    }

    pub(super) fn key(&mut self, process: u32, secret: u32) {
        self.message(b'K', |body| {
            body.put_u32(process);
            body.put_u32(secret);
        });
    }

    /// Says that 3.0 is spoken, and which options are not known.
    pub(super) fn negotiate(&mut self, unknown: &[&str]) {
        self.message(b'v', |body| {
            body.put_u32(0);
            body.put_u32(u32::try_from(unknown.len()).unwrap_or_default());
            unknown.iter().for_each(|name| text(body, name));
        });
    }

    pub(super) fn ready(&mut self, standing: Standing) {
        let code = match standing {
            Standing::Idle => b'I',
            Standing::Within => b'T',
            Standing::Failed => b'E',
        };
        self.message(b'Z', |body| body.put_u8(code));
    }

    pub(super) fn fault(&mut self, fault: &Fault) {
        let severity = if fault.is_last { "FATAL" } else { "ERROR" };
        self.message(b'E', |body| {
            for (code, value) in [(b'S', severity), (b'V', severity), (b'C', fault.code), (b'M', &fault.message)] {
                body.put_u8(code);
                text(body, value);
            }
            body.put_u8(0);
        });
    }

    pub(super) fn fields(&mut self, fields: &[Field]) {
        self.message(b'T', |body| {
            body.put_u16(u16::try_from(fields.len()).unwrap_or(u16::MAX));
            for field in fields {
                text(body, &field.name);
                // Of no table, at no place in it.
                body.put_u32(0);
                body.put_u16(0);
                body.put_u32(field.kind.oid());
                body.put_i16(field.kind.size());
                body.put_i32(field.modifier);
                body.put_u16(u16::from(field.binary));
            }
        });
    }

    pub(super) fn parameters(&mut self, types: &[u32]) {
        self.message(b't', |body| {
            body.put_u16(u16::try_from(types.len()).unwrap_or(u16::MAX));
            types.iter().for_each(|oid| body.put_u32(*oid));
        });
    }

    /// A row, whose values `write` writes.
    pub(super) fn row(&mut self, columns: usize, write: impl FnOnce(&mut BytesMut)) {
        self.message(b'D', |body| {
            body.put_u16(u16::try_from(columns).unwrap_or(u16::MAX));
            write(body);
        });
    }

    /// Says that a statement is done, in the words of PostgreSQL.
    pub(super) fn complete(&mut self, tag: &str) {
        self.message(b'C', |body| text(body, tag));
    }

    /// Says that a copy in so many columns follows.
    pub(super) fn copy_out(&mut self, columns: usize, binary: bool) {
        self.message(b'H', |body| {
            body.put_u8(u8::from(binary));
            body.put_u16(u16::try_from(columns).unwrap_or(u16::MAX));
            (0..columns).for_each(|_| body.put_u16(u16::from(binary)));
        });
    }

    /// What the next piece of a copy begins with.
    pub(super) fn copy_head(&mut self, head: &[u8]) {
        self.1 = head.to_vec();
    }

    pub(super) fn copy_data(&mut self, write: impl FnOnce(&mut BytesMut)) {
        let head = std::mem::take(&mut self.1);
        self.message(b'd', |body| {
            body.put_slice(&head);
            write(body);
        });
    }

    pub(super) fn copy_done(&mut self) {
        self.message(b'c', |_| ());
    }

    pub(super) fn parsed(&mut self) {
        self.message(b'1', |_| ());
    }
    pub(super) fn bound(&mut self) {
        self.message(b'2', |_| ());
    }
    pub(super) fn closed(&mut self) {
        self.message(b'3', |_| ());
    }
    pub(super) fn no_data(&mut self) {
        self.message(b'n', |_| ());
    }
    pub(super) fn empty(&mut self) {
        self.message(b'I', |_| ());
    }
    pub(super) fn suspended(&mut self) {
        self.message(b's', |_| ());
    }
}

/// A text with its end. What stands behind a zero would be taken for something else.
fn text(body: &mut BytesMut, text: &str) {
    body.put_slice(text.split('\0').next().unwrap_or_default().as_bytes());
    body.put_u8(0);
}
