//! Texts that callers show: refused, or the same when written again.

use identity::{Credential, Email, InvitationToken, KeyText, SessionToken};
use model::{AnyId, Id, Permission, Region, noun};

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(token) = text.parse::<SessionToken>() {
        assert_eq!(token.reveal().expose(), text);
    }
    if let Ok(token) = text.parse::<InvitationToken>() {
        assert_eq!(token.reveal().expose(), text);
    }
    let _ = text.parse::<KeyText>();
    let _ = (Credential::from_cookie(text), Credential::from_bearer(text));
    if let Ok(id) = text.parse::<AnyId>() {
        assert_eq!(id.to_string().parse::<AnyId>(), Ok(id));
    }
    if let Ok(id) = text.parse::<Id<noun::Project>>() {
        assert_eq!(id.to_string().parse::<Id<noun::Project>>(), Ok(id));
    }
    if let Ok(permission) = text.parse::<Permission>() {
        assert_eq!(permission.code(), text);
    }
    let _ =
        (Email::parse(text).map(|email| email.to_string()), text.parse::<Region>(), text.parse::<access::Network>());
}
