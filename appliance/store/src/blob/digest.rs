//! Names of blobs: the digest that records hold, and the name of the file.

use std::{fmt, str::FromStr};

use hkdf::hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;

use crate::vault::DataKey;

/// The SHA-256 of a blob's plain content; 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobDigest(pub [u8; 32]);

/// The name of a blob's file: the HMAC-SHA256 of its digest under a key of the tenant, so that whoever sees the disk can
/// neither tell a known content nor find the same one in two tenants. As text, 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobName(pub(super) [u8; 32]);

impl BlobName {
    /// The name with these bytes.
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn new(key: &DataKey, digest: &BlobDigest) -> Self {
        let secret = key.derive::<32>("audiagram blob name 1");
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret[..]).expect("HMAC takes keys of any length");
        mac.update(&digest.0);
        Self(mac.finalize().into_bytes().into())
    }
}

/// A text that is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: expected 64 lower-case hexadecimal digits")]
pub struct ParseDigestError;

fn write_hex(bytes: &[u8; 32], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn read_hex(text: &str) -> Result<[u8; 32], ParseDigestError> {
    let mut bytes = [0; 32];
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(ParseDigestError),
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(ParseDigestError) };
    if pairs.len() != bytes.len() {
        return Err(ParseDigestError);
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Ok(bytes)
}

impl fmt::Display for BlobDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}
impl fmt::Debug for BlobDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}
impl FromStr for BlobDigest {
    type Err = ParseDigestError;
    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        read_hex(text).map(BlobDigest)
    }
}
impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}
impl fmt::Debug for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}
impl FromStr for BlobName {
    type Err = ParseDigestError;
    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        read_hex(text).map(BlobName)
    }
}

// Bytes in compact formats (stored records) and text in readable ones (JSON), as ids are.
impl Serialize for BlobDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
    }
}
impl<'de> Deserialize<'de> for BlobDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        <[u8; 32]>::deserialize(deserializer).map(BlobDigest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::Purpose;

    #[test]
    fn texts_and_bytes() {
        let digest = BlobDigest(std::array::from_fn(|i| (i * 9) as u8));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(serde_json::from_str::<BlobDigest>(&serde_json::to_string(&digest).unwrap()).unwrap(), digest);
        assert_eq!(postcard::to_allocvec(&digest).unwrap(), digest.0);
        let good = digest.to_string();
        for bad in ["", "00", &good[1..], &good.to_uppercase(), &format!("{good}00"), &good.replacen("00", "g0", 1)] {
            assert!(bad.parse::<BlobDigest>().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_differ_by_tenant() {
        let digest = BlobDigest([5; 32]);
        let name = |seed| BlobName::new(&DataKey::for_test(Purpose::Blob, seed), &digest);
        assert_eq!(name(1), name(1));
        assert_ne!(name(1), name(2));
        assert_ne!(name(1).0, digest.0);
    }
}
