//! The edit operations of a storyboard and its transcript, each with its inverse.
