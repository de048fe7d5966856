//! What a tenant's admin has set for what is made in it. In the tenant's own file, so that a change and its audit row are one
//! commit and a copy of the tenant has its settings.

use access::Permit;
use model::{
    Classification, Timestamp,
    permission::{TenantRead, TenantUpdate},
};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Read, Record, decode_body};

use crate::error::LibraryError;

/// The most languages that can be named.
pub const MAX_LANGUAGES: usize = 16;
/// The longest time that anything is kept by a rule, in days: a hundred years.
pub const MAX_DAYS: u32 = 36_500;
/// The shortest time that rows of usage are kept, in days: bills are drawn up for the month before, and corrections come for five weeks.
pub const MIN_USAGE_DAYS: u32 = 62;

/// The settings. One record a tenant; the defaults hold without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The theme of new storyboards.
    pub theme: String,
    /// The languages that its recordings are in; a single one is taken as given, of several the one that is heard. All without one.
    pub languages: Vec<String>,
    /// The speech model.
    pub model: String,
    /// How secret new things are.
    pub classification: Classification,
    /// How long the trash is kept, in days.
    pub trash_days: u32,
    /// How long recordings are kept, in days; for ever without a number.
    pub recording_days: Option<u32>,
    /// Counts changes from 1.
    pub version: u64,
    /// When they were last changed.
    pub updated: Timestamp,
    /// How long rows of usage are kept, in days, where that is less than the appliance keeps them.
    pub usage_days: Option<u32>,
    /// Whether a language model may look at diagrams again, where the appliance has one. It gets the words of the talk.
    pub language_model: bool,
    /// How long what reports found is kept, in days.
    pub report_days: u32,
}

/// Ten years: for so long, the longest that tax law commonly asks, an auditor may want to see on what a charge was based.
const REPORT_DAYS: u32 = 3_653;

impl Default for Settings {
    fn default() -> Self {
        Settings {
            theme: "light".into(),
            languages: Vec::new(),
            model: "base".into(),
            classification: Classification::Internal,
            trash_days: 30,
            recording_days: None,
            version: 1,
            updated: Timestamp::default(),
            usage_days: None,
            language_model: false,
            report_days: REPORT_DAYS,
        }
    }
}

impl Record for Settings {
    const NAME: &'static str = "settings";
    const NUMBER: u8 = 143;
    const VERSION: u8 = 3;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        match version {
            Self::VERSION => decode_body(body),
            // It ended with the language model: ten years of reports are these two bytes.
            2 => decode_body(&[body, &[0xC5, 0x1C]].concat()),
            // It ended with the time of its change: no days of usage and no language model are a byte each.
            1 => decode_body(&[body, &[0, 0, 0xC5, 0x1C]].concat()),
            _ => Err(DecodeError::Version(version)),
        }
    }
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct SettingsChange {
    /// Another theme.
    pub theme: Option<String>,
    /// Other languages.
    pub languages: Option<Vec<String>>,
    /// Another speech model.
    pub model: Option<String>,
    /// Another classification of new things.
    pub classification: Option<Classification>,
    /// Another time in the trash.
    pub trash_days: Option<u32>,
    /// Another time for recordings; `Some(None)` is for ever.
    pub recording_days: Option<Option<u32>>,
    /// Another time for rows of usage; `Some(None)` is as long as the appliance keeps them.
    pub usage_days: Option<Option<u32>>,
    /// Whether a language model may look at diagrams again.
    pub language_model: Option<bool>,
    /// Another time for what reports found.
    pub report_days: Option<u32>,
}

/// The settings as a file has them.
pub fn of(read: &impl Read) -> Result<Settings, LibraryError> {
    Ok(read.get::<Settings>(&0)?.unwrap_or_default())
}

/// The settings of the permit's tenant.
pub fn read(permit: &Permit<TenantRead>) -> Result<Settings, LibraryError> {
    of(&permit.read()?)
}

/// Changes settings that are still at version `base`, or at any version without one. `also` names what the caller changes of the
/// tenant besides, for the audit row.
pub fn update(
    permit: Permit<TenantUpdate>,
    base: Option<u64>,
    change: &SettingsChange,
    also: &[&'static str],
) -> Result<Settings, LibraryError> {
    check(change)?;
    permit.write(|tx| {
        let mut settings = of(tx)?;
        if let Some(read) = base.filter(|base| *base != settings.version) {
            return Err(LibraryError::Version { read, now: settings.version });
        }
        let mut changed = also.to_vec();
        let SettingsChange {
            theme,
            languages,
            model,
            classification,
            trash_days,
            recording_days,
            usage_days,
            language_model,
            report_days,
        } = change.clone();
        put(&mut settings.theme, theme, "theme", &mut changed);
        put(&mut settings.languages, languages, "languages", &mut changed);
        put(&mut settings.model, model, "model", &mut changed);
        put(&mut settings.classification, classification, "classification", &mut changed);
        put(&mut settings.trash_days, trash_days, "trash_days", &mut changed);
        put(&mut settings.recording_days, recording_days, "recording_days", &mut changed);
        put(&mut settings.usage_days, usage_days, "usage_days", &mut changed);
        put(&mut settings.language_model, language_model, "language_model", &mut changed);
        put(&mut settings.report_days, report_days, "report_days", &mut changed);
        settings.version += 1;
        settings.updated = tx.now();
        tx.note("changed", changed.join(","));
        tx.put(&settings)?;
        Ok(settings)
    })
}

fn put<T>(field: &mut T, value: Option<T>, name: &'static str, changed: &mut Vec<&'static str>) {
    if let Some(value) = value {
        *field = value;
        changed.push(name);
    }
}

fn check(change: &SettingsChange) -> Result<(), LibraryError> {
    let faulty = |field, fault: &str| Err(LibraryError::Field { field, fault: fault.to_owned() });
    if change.theme.as_deref().is_some_and(|theme| !is_word(theme, 64)) {
        return faulty("theme", "is no name of a theme: lower-case letters, digits, `-`, `_` and `.`, 64 at most");
    }
    if change.model.as_deref().is_some_and(|model| !is_word(model, 64)) {
        return faulty("model", "is no name of a model: lower-case letters, digits, `-`, `_` and `.`, 64 at most");
    }
    if let Some(languages) = &change.languages {
        let is_code =
            |code: &String| (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase());
        if languages.len() > MAX_LANGUAGES || !languages.iter().all(is_code) {
            return faulty("languages", "must be 16 language codes at most, of two or three letters like `en`");
        }
    }
    if change.trash_days.is_some_and(|days| days > MAX_DAYS) {
        return faulty("trash_days", "must be 36500 at most");
    }
    if change.recording_days.flatten().is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
        return faulty("recording_days", "must be 1 to 36500, or null for ever");
    }
    if change.report_days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
        return faulty("report_days", "must be 1 to 36500");
    }
    if change.usage_days.flatten().is_some_and(|days| !(MIN_USAGE_DAYS..=MAX_DAYS).contains(&days)) {
        return faulty("usage_days", "must be 62 to 36500, or null for as long as the appliance keeps them");
    }
    Ok(())
}

fn is_word(text: &str, most: usize) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    (1..=most).contains(&text.len()) && text.bytes().all(fits)
}
