//! placeholder
use crate::Done;
use clap::Args;
/// placeholder
#[derive(Debug, Args)]
pub(crate) struct Isolation {}
impl Isolation {
    pub(crate) fn run(self) -> Done {
        Ok(())
    }
}
