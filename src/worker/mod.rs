//! The worker: a second process of this program that does one job, confined, so that what a stranger's file makes
//! libraries do ends one job and nothing else.

pub(crate) mod child;
mod crash;
#[cfg(debug_assertions)]
pub(crate) mod escape;
mod launch;
pub(crate) mod sandbox;
mod stop;

pub(crate) use launch::launch;
pub(crate) use stop::Stop;
