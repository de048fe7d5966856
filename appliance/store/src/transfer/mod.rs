//! One tenant as one file, for another appliance.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `ADGTENT1` |
//! | 16 | the tenant |
//! | 32 | public key of the appliance that made it |
//! | 32 | salt |
//! | 1 + n | how it is locked: length, then a passphrase's parameters or the receiver's key |
//! | … | the sealed stream: what the register says, rows, blobs with their content, an end that counts them, and the sender's Ed25519 signature over the SHA-256 of the header and of all that came before |
//!
//! The stream is made and read in one pass with a bounded memory. The receiving appliance makes keys of its own for the tenant; ids stay. Nothing
//! is seen of a tenant there before its last byte was checked. Uploads that are on their way do not travel.

mod error;
mod export;
mod import;
#[cfg(test)]
mod tests;

pub use error::TransferError;
pub use export::{Exported, export};
pub use import::{Arrived, Header, MAX_PARCEL_HEADER, import};

pub use crate::vault::{Lock, Opening, ReceiverKey};

const MAGIC: &[u8; 8] = b"ADGTENT1";
const LABEL: &[u8] = b"audiagram parcel 1";
const SIGNED: &[u8] = b"audiagram parcel signature 1";

fn stream_key(header: &[u8], secret: &crate::vault::Secret) -> crate::vault::Secret {
    let mut key = crate::vault::Secret::default();
    let expanded = hkdf::Hkdf::<sha2::Sha256>::new(Some(header), &secret[..]).expand(LABEL, &mut key[..]);
    expanded.expect("32 bytes are within the limit of HKDF");
    key
}

fn signed(header: &[u8], content: &[u8; 32]) -> Vec<u8> {
    use sha2::Digest as _;
    [SIGNED, &sha2::Sha256::digest(header)[..], content].concat()
}
