//! Who ordered a video is told how that ended.

use ::jobs::{Job, Reason};
use model::{AnyId, noun};
use store::{Read as _, Tx, WriteError};

use super::order::Order;
use crate::{
    anchor,
    notice::{self, Happening, Notice},
    video::Video,
    whereabouts::Whereabouts,
};

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With this.
    Made(AnyId),
    /// It was given up.
    GivenUp(Reason),
}

/// Tells who ordered the video of `job` how that ended, in the commit in which it does; nothing of jobs that make no video. That they may
/// see it is for the caller to know. `mails`: whether the appliance sends any.
///
/// # Errors
/// Those of the store.
pub fn tell_of_end(tx: &mut Tx<'_>, job: &Job, ended: Ended, mails: bool) -> Result<(), WriteError> {
    let Some(user) = job.header.owner.typed::<noun::User>() else { return Ok(()) };
    if !Order::of(job).is_some_and(|order| order.renders()) {
        return Ok(());
    }
    let about = job.about.map(|about| anchor::find(tx, about)).transpose()?.flatten();
    let Some(anchor) = about else { return Ok(()) };
    let mut data = Whereabouts::of(tx, &anchor.subject)?.facts();
    let notice = match ended {
        Ended::Made(made) => {
            let title = match made.typed() {
                Some(video) => tx.get::<Video>(&video)?.map(|video| video.title),
                None => None,
            };
            Notice::new(Happening::VideoMade, made, title.unwrap_or(anchor.title), data)
        }
        Ended::GivenUp(reason) => {
            data["reason"] = reason.code().into();
            Notice::new(Happening::VideoFailed, job.header.id.erase(), anchor.title, data)
        }
    };
    notice::tell(tx, (job.header.tenant, job.header.home), user, &notice, mails)
}
