//! The queue as a whole: turns between tenants, the state machine against a model with crashes, the runner with threads.

mod machine;
mod place;
mod power;
mod repeat;
mod running;
mod turns;
