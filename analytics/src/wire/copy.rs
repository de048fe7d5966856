//! Answers as copies: text, CSV, binary.

use bytes::{BufMut as _, BytesMut};

use super::{
    command::CopyForm,
    fault::Fault,
    reply::{Field, Replies},
    value::Column,
};

/// What a binary copy begins with: its mark, no flags, nothing more.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What stands before the rows.
pub(super) fn begin(form: CopyForm, fields: &[Field], replies: &mut Replies) {
    replies.copy_out(fields.len(), form == CopyForm::Binary);
    match form {
        // PostgreSQL sends it together with the first row, and there are clients that rely on it.
        CopyForm::Binary => replies.copy_head(HEAD),
        CopyForm::Csv { header: true } => replies.copy_data(|out| {
            for (at, field) in fields.iter().enumerate() {
                if at > 0 {
                    out.put_u8(b',');
                }
                quoted(field.name.as_bytes(), out);
            }
            out.put_u8(b'\n');
        }),
        CopyForm::Text | CopyForm::Csv { .. } => {}
    }
}

/// A row.
pub(super) fn row(form: CopyForm, columns: &[Column], row: usize, replies: &mut Replies) -> Result<(), Fault> {
    let mut done = Ok(());
    replies.copy_data(|out| done = write(form, columns, row, out));
    done
}

/// What stands behind the rows.
pub(super) fn end(form: CopyForm, replies: &mut Replies) {
    if form == CopyForm::Binary {
        replies.copy_data(|out| out.put_i16(-1));
    }
    replies.copy_done();
}

fn write(form: CopyForm, columns: &[Column], row: usize, out: &mut BytesMut) -> Result<(), Fault> {
    if form == CopyForm::Binary {
        out.put_u16(u16::try_from(columns.len()).unwrap_or(u16::MAX));
        return columns.iter().try_for_each(|column| column.put(row, out));
    }
    let mut value = BytesMut::new();
    for (at, column) in columns.iter().enumerate() {
        let csv = form != CopyForm::Text;
        if at > 0 {
            out.put_u8(if csv { b',' } else { b'\t' });
        }
        if column.is_null(row) {
            if !csv {
                out.put_slice(b"\\N");
            }
            continue;
        }
        value.clear();
        column.put_bare(row, &mut value)?;
        if csv { quoted(&value, out) } else { escaped(&value, out) }
    }
    out.put_u8(b'\n');
    Ok(())
}

fn quoted(value: &[u8], out: &mut BytesMut) {
    let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    if !value.is_empty() && !value.iter().any(special) && value != b"\\." {
        out.put_slice(value);
        return;
    }
    out.put_u8(b'"');
    for byte in value {
        if *byte == b'"' {
            out.put_u8(b'"');
        }
        out.put_u8(*byte);
    }
    out.put_u8(b'"');
}

fn escaped(value: &[u8], out: &mut BytesMut) {
    for byte in value {
        let sign = match byte {
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0b => b'v',
            0x0c => b'f',
            byte => {
                out.put_u8(*byte);
                continue;
            }
        };
        out.put_slice(&[b'\\', sign]);
    }
}
