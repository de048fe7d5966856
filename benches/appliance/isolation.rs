//! placeholder
use clap::Args;
use crate::Done;
/// placeholder
#[derive(Debug, Args)]
pub(crate) struct Isolation {}
impl Isolation { pub(crate) fn run(self) -> Done { Ok(()) } }
