//! URLs of places to call, read strictly: what two parsers could read differently is refused.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// The longest URL, in bytes.
const MAX: usize = 2_048;

/// A place to call: `https://host[:port]/path?query`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub(crate) is_plain: bool,
    pub(crate) host: Host,
    pub(crate) port: u16,
    path: String,
}

/// A host as a URL names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// A name to be resolved, in lower case.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// A text that is no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Too long.
    #[error("a URL may have {MAX} bytes")]
    TooLong,
    /// Spaces, control characters, backslashes, or letters beyond ASCII.
    #[error(
        "a URL has visible ASCII characters only; write international names in their `xn--` form and encode the rest"
    )]
    Characters,
    /// Another scheme.
    #[error("a URL must begin with https://")]
    Scheme,
    /// Credentials in the URL.
    #[error("a URL must not hold a user name or password")]
    User,
    /// The host.
    #[error(
        "the URL's host must be a name like `hooks.example.com`, an IPv4 address in four decimal parts, or an IPv6 address in brackets"
    )]
    Host,
    /// The port.
    #[error("the URL's port must be a number from 1 to 65535")]
    Port,
    /// The fragment.
    #[error("a URL to call has no fragment")]
    Fragment,
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        if text.len() > MAX {
            return Err(TargetError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(TargetError::Characters);
        }
        let (is_plain, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => return Err(TargetError::Scheme),
        };
        if rest.contains('#') {
            return Err(TargetError::Fragment);
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(TargetError::User);
        }
        let (host, port) = split(authority)?;
        let port = match port {
            None if is_plain => 80,
            None => 443,
            Some(digits) => number(digits, 5)
                .and_then(|port| u16::try_from(port).ok())
                .filter(|port| *port > 0)
                .ok_or(TargetError::Port)?,
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Target { is_plain, host: host.parse()?, port, path })
    }
}

/// Host and port of an authority.
fn split(authority: &str) -> Result<(&str, Option<&str>), TargetError> {
    let end = match authority.strip_prefix('[') {
        Some(inner) => inner.find(']').ok_or(TargetError::Host)? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    match authority.split_at(end) {
        (host, "") => Ok((host, None)),
        (host, port) => Ok((host, Some(port.strip_prefix(':').ok_or(TargetError::Host)?))),
    }
}

/// A decimal number of at most so many digits, without a leading zero.
fn number(digits: &str, most: usize) -> Option<u32> {
    let plain = !digits.is_empty() && digits.len() <= most && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain && (digits.len() == 1 || !digits.starts_with('0')))
}

impl FromStr for Host {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return inner.parse::<Ipv6Addr>().map(|v6| Host::Address(IpAddr::V6(v6))).map_err(|_| TargetError::Host);
        }
        let label = |label: &str| {
            let bytes = label.as_bytes();
            (1..=63).contains(&bytes.len())
                && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
                && bytes[0] != b'-'
                && bytes[bytes.len() - 1] != b'-'
        };
        if text.len() > 253 || !text.split('.').all(label) {
            return Err(TargetError::Host);
        }
        // What ends in a number is an address to some resolvers, in octal, hexadecimal or with fewer parts: only the plain
        // form is taken. No name ends so (RFC 3696).
        let last = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let numeric = last.bytes().all(|byte| byte.is_ascii_digit())
            || last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if numeric {
            let parts: Option<Vec<u8>> =
                text.split('.').map(|part| number(part, 3).and_then(|part| u8::try_from(part).ok())).collect();
            let parts = parts.and_then(|parts| <[u8; 4]>::try_from(parts).ok()).ok_or(TargetError::Host)?;
            return Ok(Host::Address(IpAddr::V4(Ipv4Addr::from(parts))));
        }
        Ok(Host::Name(text.to_ascii_lowercase()))
    }
}

impl Target {
    /// The host as it stands in `Host` and in the TLS handshake; IPv6 addresses without brackets.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Name(name) => name.clone(),
            Host::Address(address) => address.to_string(),
        }
    }

    /// The value of the `Host` header.
    pub fn authority(&self) -> String {
        let usual = if self.is_plain { 80 } else { 443 };
        let host = self.bare_host();
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }

    /// The host as a URL has it, without the port.
    pub(crate) fn bare_host(&self) -> String {
        match &self.host {
            Host::Address(IpAddr::V6(v6)) => format!("[{v6}]"),
            _ => self.host(),
        }
    }

    /// Path and query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is called without TLS.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Another path at the same place, which begins with a slash.
    ///
    /// # Errors
    /// When that is no target.
    pub fn at(&self, path: &str) -> Result<Target, TargetError> {
        format!("{}{path}", self.origin()).parse()
    }

    /// Where a `Location` of its answer leads. Never from TLS to none.
    ///
    /// # Errors
    /// When the location is no target.
    pub fn redirect(&self, location: &str) -> Result<Target, TargetError> {
        let next: Target = match location.strip_prefix('/') {
            Some(rest) if !rest.starts_with('/') => format!("{}{location}", self.origin()).parse()?,
            _ => location.parse()?,
        };
        if next.is_plain && !self.is_plain { Err(TargetError::Scheme) } else { Ok(next) }
    }

    /// Whether `other` is at the same place: credentials go nowhere else.
    pub fn is_same_origin(&self, other: &Target) -> bool {
        (self.is_plain, &self.host, self.port) == (other.is_plain, &other.host, other.port)
    }

    fn origin(&self) -> String {
        format!("{}://{}", if self.is_plain { "http" } else { "https" }, self.authority())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}
