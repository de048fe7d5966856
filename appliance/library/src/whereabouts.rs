//! On which page something is found: that of its recording, or else that of its project.

use model::{Id, NounKind, Subject, noun};
use serde_json::{Value, json};
use store::{Read, ReadError};

use crate::{storyboard::Storyboard, video::Video};

/// Where something is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    project: Option<Id<noun::Project>>,
    recording: Option<Id<noun::Recording>>,
}

impl Whereabouts {
    /// Those of a thing.
    pub(crate) fn of(read: &impl Read, thing: &Subject) -> Result<Self, ReadError> {
        let recording = match thing.id.kind {
            NounKind::Recording => thing.id.typed(),
            NounKind::Storyboard => match thing.id.typed() {
                Some(id) => read.get::<Storyboard>(&id)?.map(|board| board.recording),
                None => None,
            },
            NounKind::Video => match thing.id.typed() {
                Some(id) => read.get::<Video>(&id)?.map(|video| video.recording),
                None => None,
            },
            _ => None,
        };
        Ok(Whereabouts { project: thing.project, recording })
    }

    /// As people are told.
    pub(crate) fn facts(self) -> Value {
        let mut facts = json!({});
        if let Some(recording) = self.recording {
            facts["recording"] = recording.to_string().into();
        }
        if let Some(project) = self.project {
            facts["project"] = project.to_string().into();
        }
        facts
    }
}
