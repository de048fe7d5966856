//! Findings as Parquet (the Apache Parquet format, 2.11): a file a section, in one archive.
//!
//! Written here rather than by the crates of Arrow, which belong to the engine for queries: one row group, a plain page a column, and
//! nothing compressed, for the archive is. Any reader of Parquet takes that.

mod column;
mod thrift;

use std::io::{Cursor, Write as _};

use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

use self::{
    column::{Column, Values},
    thrift::Struct,
};
use crate::{Findings, WriteError, findings::Shown, say};

/// What every file begins and ends with.
const MAGIC: &[u8; 4] = b"PAR1";

/// All sections in one archive, named by their place and id.
pub(crate) fn archive(findings: &Findings) -> Result<Vec<u8>, WriteError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The same findings make the same bytes.
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for (at, (shown, part)) in findings.shown().zip(&findings.parts).enumerate() {
        archive.start_file(format!("{:02}-{}.parquet", at + 1, part.id), options)?;
        archive.write_all(&file(findings, &shown))?;
    }
    Ok(archive.finish()?.into_inner())
}

/// A section as a file; one that has no answer says why in a column of its own.
fn file(findings: &Findings, shown: &Shown<'_>) -> Vec<u8> {
    let columns = match &shown.drawing {
        Ok(drawing) => column::all(&drawing.table, &shown.format()),
        Err(why) => vec![Column { name: "problem".to_owned(), values: Values::Texts(vec![Some(why.clone())]) }],
    };
    let rows = columns.first().map_or(0, |column| column.values.len());
    let mut out = MAGIC.to_vec();
    let (mut chunks, mut bytes) = (Vec::new(), 0);
    for column in &columns {
        let (page, place) = (column.page(), out.len());
        let head = page_head(page.len(), rows).done();
        out.extend_from_slice(&head);
        out.extend_from_slice(&page);
        let size = out.len() - place;
        bytes += size;
        chunks.push(chunk(column, place, size, rows));
    }
    let mut schema = vec![root(columns.len())];
    schema.extend(columns.iter().map(Column::element));
    let group = Struct::default().list(1, chunks).i64(2, bytes).i64(3, rows);
    let facts = [
        ("title", shown.title.to_owned()),
        ("report", findings.title.clone()),
        ("from", say::rfc3339(findings.from)),
        ("to", say::rfc3339(findings.to)),
        ("made", say::rfc3339(findings.made)),
    ];
    let facts = facts.iter().map(|(name, fact)| Struct::default().text(1, name).text(2, fact)).collect();
    let groups = if rows == 0 { Vec::new() } else { vec![group] };
    let footer = Struct::default().i32(1, 1).list(2, schema).i64(3, rows).list(4, groups).list(5, facts);
    let footer = footer.text(6, "Audiagram").done();
    out.extend_from_slice(&footer);
    out.extend_from_slice(&u32::try_from(footer.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(MAGIC);
    out
}

/// The root of a schema.
fn root(columns: usize) -> Struct {
    Struct::default().text(4, "schema").i32(5, columns)
}

/// `PageHeader` of a data page with plain values, whose definition levels are runs of bits.
fn page_head(bytes: usize, rows: usize) -> Struct {
    const PLAIN: usize = 0;
    const RLE: usize = 3;
    let data = Struct::default().i32(1, rows).i32(2, PLAIN).i32(3, RLE).i32(4, RLE);
    Struct::default().i32(1, 0).i32(2, bytes).i32(3, bytes).inner(5, data)
}

/// `ColumnChunk` with its `ColumnMetaData`.
fn chunk(column: &Column, place: usize, size: usize, rows: usize) -> Struct {
    let meta = Struct::default()
        .i32(1, column.values.physical())
        .numbers(2, &[0, 3])
        .texts(3, &[&column.name])
        .i32(4, 0)
        .i64(5, rows)
        .i64(6, size)
        .i64(7, size)
        .i64(9, place);
    Struct::default().i64(2, place).inner(3, meta)
}
