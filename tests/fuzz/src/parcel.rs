//! Files of exported tenants: the header of any bytes is refused or sound; what the sealed stream holds is refused or counted, whatever a sender
//! who knows the key puts in it.

use store::transfer::{Header, MAX_PARCEL_HEADER};

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let mut rest = bytes;
    if Header::read(&mut rest).is_ok() {
        assert!(bytes.len() - rest.len() <= MAX_PARCEL_HEADER);
    }
    if let Some((rows, blobs)) = store::fuzzing::items(bytes) {
        // Each takes at least its tag and lengths.
        assert!((rows * 7 + blobs * 9) as usize <= bytes.len());
    }
    store::fuzzing::unsealed(bytes);
}
