//! The program from outside: its command line, its files, and its worker.

mod escape;
mod run;
