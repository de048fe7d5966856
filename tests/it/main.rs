//! The program from outside: its command line, its files, and its worker.

mod doctor;
mod edit;
mod escape;
mod help;
mod make;
mod model;
mod outline;
mod render;
mod resume;
mod run;
mod transcribe;
mod validate;
