//! Making: from a recording to words, scenes and a video, as durable jobs.
//!
//! Request code submits an [`Order`]; whoever runs the job asks [`Inputs`] what to start from, keeps finished parts as [`Pieces`]
//! so that a killed run goes on where it stopped, and stores the results by [`publish`] in the commit that ends the job.

mod inputs;
mod jobs;
mod order;
mod pieces;
mod publish;
mod told;

pub use inputs::{Inputs, Source};
pub use jobs::{cancel, is_making, list, prioritize, read, retry};
pub use order::{Hearing, Look, Order};
pub use pieces::{MAX_PIECES, Piece, Pieces};
pub use publish::{Content, Produced, publish};
pub use told::{Ended, tell_of_end};

pub(crate) use order::submit;
