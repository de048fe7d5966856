//! Ranges of addresses, for lists of networks that a tenant allows.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A range of addresses in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`.
///
/// Bits beyond the prefix are dropped, and IPv4 addresses mapped into IPv6 count as IPv4, so that equal ranges are equal values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    /// The range of the addresses that share the first `prefix` bits with `address`; nothing when there are not that many.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Network> {
        let canonical = address.to_canonical();
        let prefix = if canonical == address { prefix } else { prefix.checked_sub(96)? };
        let base = match canonical {
            IpAddr::V4(v4) if prefix <= 32 => IpAddr::V4((u32::from(v4) & mask(prefix, 32) as u32).into()),
            IpAddr::V6(v6) if prefix <= 128 => IpAddr::V6((u128::from(v6) & mask(prefix, 128)).into()),
            _ => return None,
        };
        Some(Network { base, prefix })
    }

    /// Whether `address` lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                u32::from(address) & mask(self.prefix, 32) as u32 == u32::from(base)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => u128::from(address) & mask(self.prefix, 128) == u128::from(base),
            _ => false,
        }
    }
}

/// The first `prefix` of `width` bits set.
fn mask(prefix: u8, width: u8) -> u128 {
    let all = u128::MAX >> (128 - width);
    all & !all.checked_shr(u32::from(prefix)).unwrap_or(0)
}

/// A text that is no range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a network: expected an address and a prefix length, like `10.0.0.0/8` or `2001:db8::/32`")]
pub struct ParseNetworkError;

impl FromStr for Network {
    type Err = ParseNetworkError;
    fn from_str(text: &str) -> Result<Self, ParseNetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) if prefix.len() <= 3 && prefix.bytes().all(|byte| byte.is_ascii_digit()) => {
                (address, Some(prefix.parse().map_err(|_| ParseNetworkError)?))
            }
            Some(_) => return Err(ParseNetworkError),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| ParseNetworkError)?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        Network::new(address, prefix.unwrap_or(whole)).ok_or(ParseNetworkError)
    }
}
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(network: &str, written: &str, inside: &[&str], outside: &[&str]) {
        let network: Network = network.parse().unwrap();
        assert_eq!(network.to_string(), written);
        for address in inside {
            assert!(network.contains(address.parse().unwrap()), "{address} in {network}");
        }
        for address in outside {
            assert!(!network.contains(address.parse().unwrap()), "{address} not in {network}");
        }
    }

    #[test]
    fn ranges() {
        check("10.1.2.3/8", "10.0.0.0/8", &["10.0.0.0", "10.255.255.255", "::ffff:10.9.9.9"], &["11.0.0.0", "::a00:1"]);
        check("0.0.0.0/0", "0.0.0.0/0", &["0.0.0.0", "255.255.255.255"], &["::", "::1"]);
        check("192.0.2.7", "192.0.2.7/32", &["192.0.2.7"], &["192.0.2.6", "192.0.2.8"]);
        check("2001:db8::1/32", "2001:db8::/32", &["2001:db8:ffff::"], &["2001:db9::", "10.0.0.1"]);
        check("::/0", "::/0", &["::", "ffff::"], &["0.0.0.0", "::ffff:1.2.3.4"]);
        check("::ffff:10.0.0.0/104", "10.0.0.0/8", &["10.1.1.1"], &["11.1.1.1"]);
        check("fe80::1", "fe80::1/128", &["fe80::1"], &["fe80::2"]);
    }

    #[test]
    fn texts_that_are_no_ranges() {
        for bad in [
            "",
            "/",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "::ffff:1.2.3.4/95",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
