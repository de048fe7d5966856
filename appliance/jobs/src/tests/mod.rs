//! The queue as a whole.
