//! The ledger over files that are closed and opened again, on disks that break.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod crash;
mod metrics;
mod once;
mod place;
mod rates;
