//! The last lines of the log, kept in memory for operators who have no shell at hand.
//!
//! A line holds what standard error gets, and nothing else: the product logs neither content nor secrets. What a line holds is
//! cut, so that memory is bounded whatever is logged.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use api::host::{Level, LogField, LogLine, LogWanted, Logged};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

/// Lines that are kept.
const KEPT: usize = 2_000;
/// Bytes of a message or a field that are kept.
const LONGEST: usize = 1_024;
/// Fields of a line that are kept.
const FIELDS: usize = 16;

static RECENT: Recent = Recent(Mutex::new(Lines { lines: VecDeque::new(), written: 0, filter: String::new() }));

/// The last lines of this process.
pub(crate) struct Recent(Mutex<Lines>);

struct Lines {
    lines: VecDeque<LogLine>,
    /// Lines since the start.
    written: u64,
    filter: String,
}

/// What keeps every line that gets through `filter`.
pub(super) fn keep<S: Subscriber>(filter: &str) -> impl Layer<S> {
    RECENT.lines().filter = filter.to_owned();
    &RECENT
}

/// The lines that are wanted, newest first.
pub(crate) fn recent(wanted: &LogWanted) -> Logged {
    RECENT.find(wanted)
}

/// The last lines, newest first.
pub(crate) fn all() -> Vec<LogLine> {
    RECENT.lines().lines.iter().rev().cloned().collect()
}

impl Recent {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, wanted: &LogWanted) -> Logged {
        let LogWanted { least, target, text, before, most } = wanted;
        let text = text.to_lowercase();
        let has = |part: &str| part.to_lowercase().contains(&text);
        let kept = self.lines();
        let fits = |line: &&LogLine| {
            line.level >= *least
                && line.target.starts_with(target.as_str())
                && before.is_none_or(|before| line.number < before)
                && (text.is_empty() || has(&line.message) || line.fields.iter().any(|field| has(&field.value)))
        };
        let mut found = kept.lines.iter().rev().filter(fits);
        let lines: Vec<LogLine> = found.by_ref().take(*most).cloned().collect();
        let next = found.next().and_then(|_| lines.last()).map(|last| last.number);
        let mut targets: BTreeMap<&str, ()> = BTreeMap::new();
        for line in &kept.lines {
            targets.insert(line.target.split("::").next().unwrap_or_default(), ());
        }
        let targets = targets.into_keys().map(str::to_owned).collect();
        Logged { lines, next, filter: kept.filter.clone(), kept: KEPT, targets }
    }
}

impl<S: Subscriber> Layer<S> for &'static Recent {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut told = Told::default();
        event.record(&mut told);
        let meta = event.metadata();
        let level = match *meta.level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            tracing::Level::INFO => Level::Info,
            tracing::Level::DEBUG => Level::Debug,
            tracing::Level::TRACE => Level::Trace,
        };
        let (at, target) = (jiff::Timestamp::now().to_string(), cut(meta.target().to_owned()));
        let mut kept = self.lines();
        kept.written += 1;
        let number = kept.written;
        kept.lines.push_back(LogLine { number, at, level, target, message: told.message, fields: told.fields });
        if kept.lines.len() > KEPT {
            kept.lines.pop_front();
        }
    }
}

#[derive(Default)]
struct Told {
    message: String,
    fields: Vec<LogField>,
}

impl Told {
    fn put(&mut self, field: &Field, text: String) {
        if field.name() == "message" {
            self.message = cut(text);
        } else if self.fields.len() < FIELDS {
            self.fields.push(LogField { name: field.name().to_owned(), value: cut(text) });
        }
    }
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        self.put(field, text);
    }
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn wanted() -> LogWanted {
        LogWanted { least: Level::Trace, target: String::new(), text: String::new(), before: None, most: 2 }
    }

    #[test]
    fn lines_are_kept_found_and_forgotten() {
        let kept: &'static Recent = Box::leak(Box::new(Recent(Mutex::new(Lines {
            lines: VecDeque::new(),
            written: 0,
            filter: "info".to_owned(),
        }))));
        let messages = |wanted: &LogWanted| -> (Vec<String>, Option<u64>) {
            let found = kept.find(wanted);
            (found.lines.into_iter().map(|line| line.message).collect(), found.next)
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(kept), || {
            tracing::info!(target: "api::router", status = 200, "first");
            tracing::warn!(target: "store", error = &std::io::Error::other("Full Disk") as &dyn std::error::Error, "second");
            tracing::error!(target: "api::tls", "{}", "é".repeat(LONGEST));
        });
        let (newest, next) = messages(&wanted());
        assert_eq!((newest[0].chars().count(), newest[1].as_str(), next), (LONGEST / 2 + 1, "second", Some(2)));
        assert_eq!(messages(&LogWanted { before: next, ..wanted() }), (vec!["first".to_owned()], None));
        assert_eq!(messages(&LogWanted { least: Level::Warn, target: "store".into(), ..wanted() }).0, ["second"]);
        assert_eq!(messages(&LogWanted { text: "full disk".into(), ..wanted() }).0, ["second"]);
        let first = kept.find(&LogWanted { text: "200".into(), ..wanted() });
        assert_eq!(first.lines[0].fields, [LogField { name: "status".into(), value: "200".into() }]);
        assert_eq!(first.targets, ["api", "store"]);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(kept), || {
            for _ in 0..KEPT {
                tracing::info!("more");
            }
        });
        assert_eq!(kept.lines().lines.len(), KEPT);
        assert!(messages(&LogWanted { text: "second".into(), ..wanted() }).0.is_empty());
    }
}
