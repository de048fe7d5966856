//! placeholder
use clap::Args;
use crate::Done;
/// placeholder
#[derive(Debug, Args)]
pub(crate) struct Crash {}
impl Crash { pub(crate) fn run(self) -> Done { Ok(()) } }
