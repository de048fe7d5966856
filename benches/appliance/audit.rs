//! placeholder
use clap::Args;
use crate::Done;
/// placeholder
#[derive(Debug, Args)]
pub(crate) struct Audit {}
impl Audit { pub(crate) fn run(self) -> Done { Ok(()) } }
