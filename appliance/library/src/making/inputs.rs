//! What a job of making starts from.

use ::jobs::{Failure, Job, Reason};
use access::usage::{Limits, Meter};
use model::{Header, Id, noun};
use store::{Read, TenantStore, blob::BlobDigest};

use super::{
    order::Order,
    pieces::{Piece, Pieces},
};
use crate::{
    choice,
    error::LibraryError,
    glossary,
    recording::{self, Recording},
    storyboard::{Storyboard, words_for},
    transcript::Transcript,
    version::Version,
};

/// A file that a job reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its content.
    pub digest: BlobDigest,
    /// Its bytes.
    pub bytes: u64,
}

/// What an attempt starts from, as it stands now.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// What is asked for.
    pub order: Order,
    /// The recording.
    pub recording: Recording,
    /// The transcript so far, and its version that is worked with.
    pub transcript: Option<(Id<noun::Transcript>, Version)>,
    /// The storyboard so far, and its version that is worked with.
    pub storyboard: Option<(Id<noun::Storyboard>, Version)>,
    /// The theme of the chosen brand kit, unless a theme was asked for by name and the kit is not locked.
    pub kit: Option<serde_json::Value>,
    /// Finished parts of earlier attempts, and of earlier jobs on the recording.
    pub pieces: Vec<Piece>,
}

impl Inputs {
    /// What `job` starts from.
    ///
    /// # Errors
    /// As the failure of the attempt: what it was to work on is gone, or the plan's minutes are used up.
    pub fn of(tenant: &TenantStore, job: &Job, plan: &Limits) -> Result<Inputs, Failure> {
        let order = Order::of(job).ok_or_else(|| Failure::new(Reason::Defect, "the job holds no order"))?;
        let view = tenant.read().map_err(|error| failure(&error.into()))?;
        let inputs = read(&view, job, order).map_err(|error| failure(&error))?;
        let minutes = Meter::VideoSeconds.of(&view, tenant.clock().now(), plan);
        let (used, allowed) = minutes.map_err(|error| failure(&error.into()))?;
        if inputs.order.renders() && used >= allowed {
            return Err(Failure::new(Reason::NotAllowed, "the rendered minutes of this month are used up"));
        }
        Ok(inputs)
    }

    /// The recording's file.
    pub fn media(&self) -> Source {
        Source { digest: self.recording.media, bytes: self.recording.bytes }
    }
}

fn read(view: &impl Read, job: &Job, order: Order) -> Result<Inputs, LibraryError> {
    let (recording, transcript, storyboard) = match &order {
        Order::MakeVideo { recording, .. } => {
            let transcript = Transcript::of_recording(view, *recording)?;
            let newest = Storyboard::of_recording(view, *recording, None, 1, |_| true)?.items.pop();
            let board = newest.map(|board| Ok::<_, LibraryError>((board.header.id, newest_of(view, &board)?)));
            (*recording, transcript, board.transpose()?)
        }
        Order::Transcribe { recording, .. } => (*recording, Transcript::of_recording(view, *recording)?, None),
        Order::Outline { transcript, storyboard, .. } => {
            let transcript = view.get::<Transcript>(transcript)?.ok_or(LibraryError::NotFound)?;
            let board = storyboard.map(|id| {
                let board = view.get::<Storyboard>(&id)?.ok_or(LibraryError::NotFound)?;
                Ok::<_, LibraryError>((id, newest_of(view, &board)?))
            });
            (transcript.recording, Some(transcript), board.transpose()?)
        }
        Order::Render { storyboard, version, .. } => {
            let board = view.get::<Storyboard>(storyboard)?.ok_or(LibraryError::NotFound)?;
            let transcript = view.get::<Transcript>(&board.transcript)?.ok_or(LibraryError::NotFound)?;
            (board.recording, Some(transcript), Some((*storyboard, board.version(view, *version)?)))
        }
    };
    let transcript = transcript.map(|transcript| {
        let version = match (&order, &storyboard) {
            (Order::Render { .. }, Some((_, board))) => words_for(view, board, &transcript)?,
            _ => transcript.newest(view)?,
        };
        Ok::<_, LibraryError>((transcript.header.id, version))
    });
    let mut pieces = Pieces::of(view, recording.erase())?;
    pieces.extend(Pieces::of(view, job.header.id.erase())?);
    let recording = recording::at_work(view, recording)?;
    let mut order = order;
    if let Order::MakeVideo { hearing, .. } | Order::Transcribe { hearing, .. } = &mut order
        && hearing.glossary.is_empty()
    {
        // Who names no terms hears with those that the project or the tenant has chosen.
        let Header { tenant, project, .. } = recording.header;
        hearing.glossary = glossary::terms(view, tenant, project, hearing.language.as_deref())?;
    }
    let Header { tenant, project, .. } = recording.header;
    let kit = match order.renders() {
        true => choice::brand_kit(view, tenant, project, order.look().theme.is_some())?,
        false => None,
    };
    let kit = kit.map(|kit| kit.dressed(view)).transpose()?;
    Ok(Inputs { order, recording, transcript: transcript.transpose()?, storyboard, kit, pieces })
}

fn newest_of(view: &impl Read, board: &Storyboard) -> Result<Version, LibraryError> {
    board.version(view, board.header.version)
}

/// What an error means for an attempt.
pub(super) fn failure(error: &LibraryError) -> Failure {
    use model::ErrorKind as K;
    let reason = match error.kind() {
        K::Exhausted if matches!(error, LibraryError::Limit { .. } | LibraryError::Usage(_)) => Reason::NotAllowed,
        K::NotFound | K::Conflict => Reason::Missing,
        K::Invalid => Reason::BadInput,
        K::Denied | K::Unauthenticated => Reason::NotAllowed,
        K::Exhausted => Reason::Limit,
        K::Unavailable => Reason::Unavailable,
        K::Corrupt | K::Bug => Reason::Defect,
    };
    Failure::new(reason, error.to_string())
}
