//! What a job of making is asked to do.

use ::jobs::{Desk, Job, JobKind, NewJob};
use access::{
    Permit,
    usage::{self, Limits, Meter},
};
use model::{Id, Permitted, noun};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{Headed, Read as _, blob::BlobDigest};
use studio::{
    draw::Theme,
    storyboard::{CaptionStyle, Kind, Motion},
    transcript::Term,
};

use crate::{error::LibraryError, text::line};

/// The payload of a job of making. Stored as JSON, so that fields can be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Everything from recording to video.
    MakeVideo {
        /// From what.
        recording: Id<noun::Recording>,
        /// How to hear.
        hearing: Hearing,
        /// How it should look.
        look: Look,
    },
    /// Words out of a recording.
    Transcribe {
        /// From what.
        recording: Id<noun::Recording>,
        /// How to hear.
        hearing: Hearing,
    },
    /// Scenes out of a transcript.
    Outline {
        /// From what.
        transcript: Id<noun::Transcript>,
        /// Whose edits are kept; a new one without.
        storyboard: Option<Id<noun::Storyboard>>,
        /// How it should look.
        look: Look,
    },
    /// A video out of a storyboard.
    Render {
        /// Of what.
        storyboard: Id<noun::Storyboard>,
        /// Which version of it.
        version: u64,
        /// How it should look.
        look: Look,
    },
}

/// How to hear.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hearing {
    /// The language that is spoken; found out without one.
    pub language: Option<String>,
    /// The speech model; the tenant's without one.
    pub model: Option<String>,
    /// Names and terms that are likely to be said.
    pub glossary: Vec<Term>,
}

/// How it should look. What is absent stays as the storyboard has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// The theme.
    pub theme: Option<String>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// Frames a second.
    pub fps: Option<u32>,
    /// What every scene is drawn as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// How much moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motion: Option<Motion>,
    /// Where captions go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captions: Option<CaptionStyle>,
    /// Whether there is a picture in every frame, and not only where something changes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub constant_rate: bool,
    /// Whether the video is a WebM, and not an MP4.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub webm: bool,
}

/// The most glossary terms of one order.
const MAX_TERMS: usize = 500;

impl Order {
    /// The kind of job that does it.
    pub fn kind(&self) -> JobKind {
        match self {
            Order::MakeVideo { .. } => JobKind::MakeVideo,
            Order::Transcribe { .. } => JobKind::Transcribe,
            Order::Outline { .. } => JobKind::Outline,
            Order::Render { .. } => JobKind::Render,
        }
    }

    /// The order that a job was given; nothing when it is no job of making.
    pub fn of(job: &Job) -> Option<Order> {
        serde_json::from_slice(&job.payload.0).ok()
    }

    /// The look it asks for.
    pub fn look(&self) -> Look {
        match self {
            Order::MakeVideo { look, .. } | Order::Outline { look, .. } | Order::Render { look, .. } => look.clone(),
            Order::Transcribe { .. } => Look::default(),
        }
    }

    /// Whether pictures are rendered, which a plan counts.
    pub fn renders(&self) -> bool {
        matches!(self, Order::MakeVideo { .. } | Order::Render { .. })
    }

    fn check(&self, plan: &Limits) -> Result<(), LibraryError> {
        if let Order::MakeVideo { hearing, .. } | Order::Transcribe { hearing, .. } = self {
            hearing.check()?;
        }
        self.look().check(plan)
    }
}

impl Hearing {
    fn check(&self) -> Result<(), LibraryError> {
        let plain = |text: &str| {
            (1..=40).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        };
        let field = |field, fault: &str| Err(LibraryError::Field { field, fault: fault.into() });
        if self.language.as_deref().is_some_and(|language| !plain(language)) {
            return field("language", "must be a language tag like `en` or `pt-BR`");
        }
        // Never a path: the name is looked up among the models that the operator has installed.
        if self.model.as_deref().is_some_and(|model| !plain(model)) {
            return field("model", "must be the name of a speech model like `base`");
        }
        if self.glossary.len() > MAX_TERMS {
            return Err(LibraryError::Field { field: "glossary", fault: format!("has at most {MAX_TERMS} terms") });
        }
        let mut forms = self.glossary.iter().flat_map(|term| std::iter::once(&term.spelling).chain(&term.heard_as));
        forms.try_for_each(|form| line("glossary", form, 100, false).map(drop))
    }
}

impl Look {
    fn check(&self, plan: &Limits) -> Result<(), LibraryError> {
        let field = |field, fault: String| Err(LibraryError::Field { field, fault });
        if self.theme.as_deref().is_some_and(|theme| !Theme::NAMES.contains(&theme)) {
            return field("theme", format!("must be one of {}", Theme::NAMES.join(", ")));
        }
        let (width, height) = match (self.width, self.height) {
            (None, None) => {
                let canvas = studio::storyboard::Canvas::default();
                (canvas.w, canvas.h)
            }
            (Some(width), Some(height)) => (width, height),
            (Some(_), None) => return field("height", "must be given together with width".into()),
            (None, Some(_)) => return field("width", "must be given together with height".into()),
        };
        for (name, side) in [("width", width), ("height", height)] {
            if !(240..=3840).contains(&side) || !side.is_multiple_of(2) {
                return field(name, "must be even, 240 to 3840".into());
            }
        }
        if self.fps.is_some_and(|fps| !(5..=60).contains(&fps)) {
            return field("fps", "must be 5 to 60".into());
        }
        plan.check_height(width.min(height))?;
        Ok(())
    }
}

/// Submits an order about `thing`, as the one write of `permit`; gives the live job where the same was ordered before.
pub(crate) fn submit<P: Permitted, R: Headed>(
    permit: Permit<P>,
    desk: &Desk,
    plan: &Limits,
    thing: &R,
    order: &Order,
) -> Result<Job, LibraryError> {
    order.check(plan)?;
    if order.renders() {
        let (used, allowed) = Meter::VideoSeconds.of(&permit.read()?, permit.now(), plan)?;
        if used >= allowed {
            return Err(usage::LimitError::Reached { limit: Meter::VideoSeconds.limit(), allowed, used }.into());
        }
    }
    let (used, allowed) = Meter::StorageBytes.of(&permit.read()?, permit.now(), plan)?;
    if used >= allowed {
        return Err(usage::LimitError::Reached { limit: Meter::StorageBytes.limit(), allowed, used }.into());
    }
    let payload = serde_json::to_vec(order).expect("an order is plain data");
    let (header, id) = (thing.header(), thing.header().id);
    let about = id.erase();
    let mut new = NewJob::new(order.kind(), permit.tenant(), permit.home(), permit.actor());
    new.project = header.project;
    new.classification = header.classification;
    new.about = Some(about);
    // The same order about the same thing is one job while it is live.
    new.dedup = Some(format!("{about} {}", BlobDigest(Sha256::digest(&payload).into())));
    new.payload = payload;
    // Kept until the write has returned, so that no crash leaves a job that nobody knows of.
    let _posting = desk.announce(permit.tenant())?;
    permit.write(|tx| {
        // It was moved since the caller's rights were asked for, which were those of another project.
        if tx.get::<R>(&id)?.is_none_or(|thing| thing.header().project != new.project) {
            return Err(LibraryError::NotFound);
        }
        tx.note("order", order.kind().code());
        Ok(::jobs::submit(tx, new)?.job().clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Limits = Limits {
        max_height_px: 1080,
        minutes_per_month: 60,
        storage_bytes: 1 << 30,
        concurrent_jobs: 1,
        seats: 1,
        requests_per_second: 1,
        projects: 1,
    };

    #[track_caller]
    fn check(look: &Look, expected: Option<&str>) {
        let fault = look.check(&PLAN).err().map(|error| error.to_string());
        match (fault, expected) {
            (None, None) => {}
            (Some(fault), Some(part)) if fault.contains(part) => {}
            (fault, expected) => panic!("{look:?}: {fault:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn looks() {
        let size = |width, height| Look { width: Some(width), height: Some(height), ..Look::default() };
        check(&Look::default(), None);
        check(&size(1080, 1920), None);
        check(&size(3840, 2160), Some("1080 max_height_px"));
        check(&size(1281, 720), Some("width"));
        check(&size(1280, 100), Some("height"));
        check(&Look { width: Some(1280), ..Look::default() }, Some("together"));
        check(&Look { fps: Some(100), ..Look::default() }, Some("fps"));
        check(&Look { theme: Some("../x".into()), ..Look::default() }, Some("theme"));
    }

    #[test]
    fn what_is_not_said_is_not_written() {
        let json = serde_json::to_string(&Look::default()).expect("plain data");
        assert_eq!(json, r#"{"theme":null,"width":null,"height":null,"fps":null}"#);
        let look = Look {
            kind: Some(Kind::Timeline),
            motion: Some(Motion::Reduced),
            captions: Some(CaptionStyle::Burned),
            constant_rate: true,
            ..Look::default()
        };
        let json = serde_json::to_string(&look).expect("plain data");
        assert!(
            json.ends_with(r#""kind":"timeline","motion":"reduced","captions":"burned","constant_rate":true}"#),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Look>(&json).expect("it reads back"), look);
    }

    #[test]
    fn a_model_is_never_a_path() {
        for bad in ["../base", "/etc/passwd", "", "a b"] {
            let hearing = Hearing { model: Some(bad.into()), ..Hearing::default() };
            assert!(hearing.check().is_err(), "{bad}");
        }
        let hearing = Hearing { model: Some("tiny.en".into()), language: Some("pt-BR".into()), ..Hearing::default() };
        assert!(hearing.check().is_ok());
    }
}
