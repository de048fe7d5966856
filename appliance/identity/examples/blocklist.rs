//! Makes `assets/identity/blocked.bin` from words, one a line: `cargo run -p identity --example blocklist <words >blocked.bin`.

use std::io::{self, Read, Write};

fn main() -> io::Result<()> {
    let mut words = String::new();
    io::stdin().read_to_string(&mut words)?;
    io::stdout().write_all(&identity::block_list(words.lines()))
}
