//! placeholder
use clap::Args;
use crate::Done;
/// placeholder
#[derive(Debug, Args)]
pub(crate) struct Decision {}
impl Decision { pub(crate) fn run(self) -> Done { Ok(()) } }
