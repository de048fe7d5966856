//! The forms in which findings are written.

use studio::draw::Fonts;

use crate::{Findings, csv, html, json, parquet, pdf, xlsx};

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident $code:literal $media:literal $suffix:literal;)*) => {
        /// A form of files.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Form { $($(#[$doc])* $name,)* }

        impl Form {
            /// All of them.
            pub const ALL: &[Form] = &[$(Form::$name,)*];

            /// Its name in the API.
            pub const fn code(self) -> &'static str { match self { $(Form::$name => $code,)* } }

            /// The media type of its files.
            pub const fn media_type(self) -> &'static str { match self { $(Form::$name => $media,)* } }

            /// What the names of its files end in.
            pub const fn suffix(self) -> &'static str { match self { $(Form::$name => $suffix,)* } }

            /// The one of this name.
            pub fn find(code: &str) -> Option<Form> { Form::ALL.iter().copied().find(|form| form.code() == code) }
        }
    };
}

forms! {
    /// Tagged pages.
    Pdf "pdf" "application/pdf" ".pdf";
    /// A workbook with native charts.
    Xlsx "xlsx" "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" ".xlsx";
    /// One page that needs nothing else.
    Html "html" "text/html; charset=utf-8" ".html";
    /// Data for programs.
    Json "json" "application/json" ".json";
    /// Data for programs: a file a section, in one archive.
    Csv "csv" "application/zip" ".csv.zip";
    /// Data for engines: a file a section, in one archive.
    Parquet "parquet" "application/zip" ".parquet.zip";
}

/// Why findings cannot be written in a form.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The workbook.
    #[error("the workbook cannot be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The archive.
    #[error("the archive cannot be written: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// An entry of the archive.
    #[error("the archive cannot be written: {0}")]
    Entry(#[from] std::io::Error),
    /// A file of columns.
    #[error("the columns cannot be written: {0}")]
    Columns(#[from] ::parquet::errors::ParquetError),
    /// There is no such section.
    #[error("the report has no such section")]
    NoSection,
}

impl Form {
    /// Findings in this form. `fonts` should have what [`Findings::spoken`] says.
    ///
    /// # Errors
    /// When the parts do not fit into a file of it.
    pub fn write(self, findings: &Findings, fonts: &Fonts) -> Result<Vec<u8>, WriteError> {
        match self {
            Form::Pdf => Ok(pdf::write(findings, fonts)),
            Form::Xlsx => xlsx::write(findings),
            Form::Html => Ok(html::write(findings, fonts).into_bytes()),
            Form::Json => Ok(json::write(findings).into_bytes()),
            Form::Csv => csv::archive(findings),
            Form::Parquet => parquet::archive(findings),
        }
    }
}

impl Findings {
    /// One section as CSV.
    ///
    /// # Errors
    /// When there is no such section.
    pub fn csv_of(&self, section: &str) -> Result<String, WriteError> {
        csv::section(self, section).ok_or(WriteError::NoSection)
    }
}
