//! placeholder
use clap::Args;
use crate::Done;
/// placeholder
#[derive(Debug, Args)]
pub(crate) struct Noisy {}
impl Noisy { pub(crate) fn run(self) -> Done { Ok(()) } }
