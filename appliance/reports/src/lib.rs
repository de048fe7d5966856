//! Reports: documents of charts over a period, and what a run of one found, written in every form.
//!
//! A [`Report`] says what is asked; a run asks each of its sections once and keeps the answers as [`Findings`]; every form ([`Form`])
//! is written from the same findings, so that they say the same numbers. Pure: no clock, no disk, no network; the same findings and
//! fonts make the same bytes, but for the stamps inside of XLSX, which are the run's own time.

mod csv;
mod findings;
mod form;
mod html;
mod json;
mod parquet;
mod pdf;
mod period;
mod picture;
mod plot;
mod report;
mod say;
mod signed;
mod template;
#[cfg(test)]
mod tests;
mod words;
mod xlsx;

pub use findings::{Findings, Found, MAX_FINDINGS, MAX_ROWS, Part};
pub use form::{Form, WriteError};
pub use period::Period;
pub use report::{MAX_BYTES, MAX_SECTIONS, Report, Section};
pub use signed::Signed;
pub use template::{TEMPLATES, Template};
