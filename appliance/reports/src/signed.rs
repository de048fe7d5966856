//! What a run found as it is kept, with what proves that the appliance kept it so: for whoever asks years later what was sent.

use std::io::{Cursor, Write as _};

use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

use crate::WriteError;

/// How to hold the files against each other without the appliance.
const ABOUT: &str = "\
findings.json   what the run found: every file of it is written from this
statement.txt   which run it is, of which report, and the SHA-256 of findings.json
statement.sig   the appliance's Ed25519 signature of statement.txt
key.pem         the appliance's public key; hold it against the one that you know

sha256sum findings.json        must be the last line of statement.txt
openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in statement.txt -sigfile statement.sig

Files that schedules sent are rows `report:export` of the audit trail, with their SHA-256 and where they went; the trail is signed too
(`audiagram audit verify`).
";

/// A run with its proof.
#[derive(Debug)]
pub struct Signed<'a> {
    /// The bytes that were kept.
    pub findings: &'a [u8],
    /// What was signed.
    pub statement: &'a str,
    /// Ed25519 over the statement.
    pub signature: &'a [u8],
    /// The key, as PEM.
    pub key: &'a str,
}

impl Signed<'_> {
    /// All of it in one archive, the same for the same run.
    ///
    /// # Errors
    /// When it does not fit into one.
    pub fn archive(&self) -> Result<Vec<u8>, WriteError> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
        let files = [
            ("README.txt", ABOUT.as_bytes()),
            ("findings.json", self.findings),
            ("statement.txt", self.statement.as_bytes()),
            ("statement.sig", self.signature),
            ("key.pem", self.key.as_bytes()),
        ];
        for (name, bytes) in files {
            archive.start_file(name, options)?;
            archive.write_all(bytes)?;
        }
        Ok(archive.finish()?.into_inner())
    }
}
