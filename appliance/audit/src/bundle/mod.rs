//! Audit bundles: a whole log in one file that can be checked without the appliance.
//!
//! A bundle is text, one object of canonical JSON (RFC 8785) a line, every line ended by a newline:
//!
//! ```text
//! {"format":"audiagram-audit","key":"…","log":"tnt_…","version":1}       the head
//! {"event":{…},"index":0,"leaf":"…","salt":"…"}                          a row
//! {"erased":true,"index":1,"leaf":"…"}                                   a row whose content was erased
//! {"checkpoint":"…","end":true,"rows":2}                                 the end
//! ```
//!
//! `leaf` and `salt` are hexadecimal. `checkpoint` is a signed note (C2SP tlog-checkpoint) and `key` the public key that signed
//! it. Its one extension line, `erased` with a number and a root, signs the erased rows as a Merkle log of their own leaves, so
//! that nobody can make a row look erased that is not. Each line must be exactly what its content is in canonical form, so that
//! no byte can change unseen.
//!
//! The key in the file says who signed, not whether that is the appliance one means: give the key it printed when it was set
//! up to be sure.

mod verify;
mod write;

#[cfg(test)]
mod tamper;

use store::chain::Frontier;

pub use verify::{BundleError, Fault, Report, verify};
pub use write::{BundleWriter, Row, WriteError, write};

const FORMAT: &str = "audiagram-audit";
const VERSION: u64 = 1;

/// Longer lines are refused; rows are far shorter.
const MAX_LINE: usize = 1 << 20;

/// The extension line that signs the erased rows.
fn erased_line(erased: &Frontier) -> String {
    format!("erased {} {}", erased.size(), hex(&erased.root()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes from lower-case hexadecimal of exactly the right length.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}
