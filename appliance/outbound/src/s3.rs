//! Files into storage that speaks S3: one signed request a file, by path (`https://host/bucket/key`), which every such storage knows.
//!
//! Signed by AWS Signature Version 4, the body with it
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>).

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::{
    post::{Client, Method, PostError},
    target::{Target, TargetError},
};

/// A bucket and who may write into it.
#[derive(Clone)]
pub struct Bucket {
    /// Where the storage is: `https://host[:port]`.
    pub endpoint: Target,
    /// The region that requests are signed for.
    pub region: String,
    /// The bucket.
    pub name: String,
    /// What stands before the names of files, without slashes at its ends; nothing where it is empty.
    pub prefix: String,
    /// The id of the key.
    pub key_id: String,
    /// The key.
    pub secret: String,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bucket").field("endpoint", &self.endpoint).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why a file is not where it should be.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// A name that makes no address.
    #[error("the name of a file makes no address: {0}")]
    Name(#[from] TargetError),
    /// Nobody answered.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The storage refuses who asks.
    #[error("the storage refuses: it answered {0}; check the key, and whether it may write into the bucket")]
    Refused(u16),
    /// It has no such bucket, or has it elsewhere.
    #[error("the storage has no such bucket here: it answered {0}; check its name, the region and the address")]
    Missing(u16),
    /// It answered something else.
    #[error("the storage answered {0}")]
    Status(u16),
}

impl BucketError {
    /// Whether another try may fare better.
    pub fn may_pass(&self) -> bool {
        match self {
            BucketError::Name(_) | BucketError::Refused(_) | BucketError::Missing(_) => false,
            BucketError::Post(_) => true,
            BucketError::Status(status) => *status >= 500 || *status == 429,
        }
    }
}

impl Bucket {
    /// Puts a file into it; one of that name is replaced. `now`: seconds since 1970.
    ///
    /// # Errors
    /// When the storage did not take it.
    pub fn put(&self, client: &Client, name: &str, bytes: &[u8], now: u64) -> Result<(), BucketError> {
        self.send(client, Method::Put, name, bytes, now)
    }

    /// Takes a file out of it. That there is none is well.
    ///
    /// # Errors
    /// When the storage did not do it.
    pub fn delete(&self, client: &Client, name: &str, now: u64) -> Result<(), BucketError> {
        match self.send(client, Method::Delete, name, b"", now) {
            Err(BucketError::Missing(404)) => Ok(()),
            done => done,
        }
    }

    fn send(&self, client: &Client, method: Method, name: &str, body: &[u8], now: u64) -> Result<(), BucketError> {
        let path = self.path(name);
        let target = self.endpoint.at(&path)?;
        let digest = hex(&Sha256::digest(body));
        let (date, time) = moment(now);
        let authorization = self.authorization(method, &path, &digest, &date, &time);
        let headers = [
            ("authorization", authorization.as_str()),
            ("x-amz-content-sha256", digest.as_str()),
            ("x-amz-date", time.as_str()),
        ];
        match client.send(method, target, &headers, body)? {
            200..=299 => Ok(()),
            status @ (401 | 403) => Err(BucketError::Refused(status)),
            status @ (301 | 307 | 404) => Err(BucketError::Missing(status)),
            status => Err(BucketError::Status(status)),
        }
    }

    /// The path of a file, as it is asked for and signed: each sign but the plainest is encoded.
    fn path(&self, name: &str) -> String {
        let prefix = if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) };
        let mut path = String::from("/");
        for byte in format!("{}/{prefix}{name}", self.name).bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => path.push(byte.into()),
                byte => {
                    let _ = write!(path, "%{byte:02X}");
                }
            }
        }
        path
    }

    fn authorization(&self, method: Method, path: &str, digest: &str, date: &str, time: &str) -> String {
        const SIGNED: &str = "host;x-amz-content-sha256;x-amz-date";
        let host = self.endpoint.authority();
        let request = format!(
            "{}\n{path}\n\nhost:{host}\nx-amz-content-sha256:{digest}\nx-amz-date:{time}\n\n{SIGNED}\n{digest}",
            method.name()
        );
        let scope = format!("{date}/{}/s3/aws4_request", self.region);
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(request)));
        let mut key = sign(format!("AWS4{}", self.secret).as_bytes(), date);
        for part in [self.region.as_str(), "s3", "aws4_request"] {
            key = sign(&key, part);
        }
        let signature = hex(&sign(&key, &text));
        format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={SIGNED}, Signature={signature}", self.key_id)
    }
}

fn sign(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is one");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The day and the moment as signatures have them: `20130524`, `20130524T000000Z`.
fn moment(seconds: u64) -> (String, String) {
    let at = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let at = at.unwrap_or_default();
    (at.strftime("%Y%m%d").to_string(), at.strftime("%Y%m%dT%H%M%SZ").to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn bucket() -> Bucket {
        Bucket {
            endpoint: "https://s3.example.com:9000".parse().unwrap(),
            region: "eu-1".into(),
            name: "lake".into(),
            prefix: "audiagram/acme".into(),
            key_id: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        }
    }

    #[test]
    fn moments_are_days_of_the_calendar() {
        for (seconds, expected) in [(0, "19700101T000000Z"), (1_369_353_599, "20130523T235959Z")] {
            assert_eq!(moment(seconds).1, expected);
        }
    }

    #[test]
    fn paths_are_encoded_as_they_are_signed() {
        let path = bucket().path("usage/day=2026-11-01/part-00000.parquet");
        assert_eq!(path, "/lake/audiagram/acme/usage/day%3D2026-11-01/part-00000.parquet");
        let bare = Bucket { prefix: String::new(), ..bucket() };
        assert_eq!(bare.path("ä b"), "/lake/%C3%A4%20b");
    }

    /// What botocore 1.44 (`botocore.auth.S3SigV4Auth`) signs for the same request.
    #[test]
    fn signatures_are_those_of_others() {
        let digest = hex(&Sha256::digest(b"one"));
        let (date, time) = moment(1_369_353_600);
        let path = bucket().path("usage/day=2026-11-01/part.parquet");
        let said = bucket().authorization(Method::Put, &path, &digest, &date, &time);
        let expected = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20130524/eu-1/s3/aws4_request, \
                        SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                        Signature=63113a0c52e956dde02daf7af9c744ab865fe2ba26d705f2bf15077d34cdc259";
        assert_eq!(said, expected);
    }

    #[test]
    fn secrets_are_not_shown() {
        assert!(!format!("{:?}", bucket()).contains("wJalr"));
    }
}
