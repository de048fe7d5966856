//! Findings as Parquet: a file a section, in one archive.

mod column;

use std::{
    io::{Cursor, Write as _},
    sync::Arc,
};

use ::parquet::{
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};
use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

use self::column::{Column, Values};
use crate::{Findings, WriteError, findings::Shown, say};

/// All sections in one archive, named by their place and id.
pub(crate) fn archive(findings: &Findings) -> Result<Vec<u8>, WriteError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The same findings make the same bytes.
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for (at, (shown, part)) in findings.shown().zip(&findings.parts).enumerate() {
        archive.start_file(format!("{:02}-{}.parquet", at + 1, part.id), options)?;
        archive.write_all(&file(findings, &shown)?)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// A section as a file of one group of rows; one that has no answer says why in a column of its own.
fn file(findings: &Findings, shown: &Shown<'_>) -> Result<Vec<u8>, ParquetError> {
    let columns = match &shown.drawing {
        Ok(drawing) => column::all(&drawing.table, &shown.format()),
        Err(why) => vec![Column { name: "problem".to_owned(), values: Values::Texts(vec![Some(why.clone())]) }],
    };
    let shapes = columns.iter().map(Column::shape).collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder("schema").with_fields(shapes).build()?;
    let facts = [
        ("title", shown.title.to_owned()),
        ("report", findings.title.clone()),
        ("from", say::rfc3339(findings.from)),
        ("to", say::rfc3339(findings.to)),
        ("made", say::rfc3339(findings.made)),
    ];
    let facts = facts.map(|(name, fact)| KeyValue::new(name.to_owned(), fact)).to_vec();
    // Not compressed, for the archive is.
    let how = WriterProperties::builder().set_created_by("Audiagram".to_owned()).set_key_value_metadata(Some(facts));
    let mut out = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(how.build()))?;
    let mut group = out.next_row_group()?;
    for column in &columns {
        if let Some(mut place) = group.next_column()? {
            column.write(&mut place)?;
            place.close()?;
        }
    }
    group.close()?;
    out.into_inner()
}
