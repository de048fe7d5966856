//! Where in a thing a comment is.

use model::NounKind;
use serde::{Deserialize, Serialize};

use crate::error::LibraryError;

/// The longest id of a scene or a node.
const MAX_ID: usize = 64;
/// The latest moment: a recording has a day at most.
const MAX_TIME_MS: u64 = 24 * 3_600_000;

/// A place in a thing: all of it, or a part.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// A scene of a storyboard.
    pub scene: Option<String>,
    /// A node or an edge of that scene.
    pub node: Option<String>,
    /// A moment of a recording or a video, in milliseconds.
    pub time_ms: Option<u64>,
}

/// The place, if a thing of this kind can have it. Whether the part is there is not looked at: it may go with the next version of
/// the thing, and the comment stays.
pub(super) fn checked(kind: NounKind, place: Place) -> Result<Place, LibraryError> {
    let fault = |field, fault: &str| Err(LibraryError::Field { field, fault: fault.to_owned() });
    if kind == NounKind::Dashboard {
        return fault("subject", "dashboards have no comments");
    }
    if kind != NounKind::Storyboard {
        for (field, part) in [("scene", &place.scene), ("node", &place.node)] {
            if part.is_some() {
                return fault(field, "only storyboards have scenes and nodes");
            }
        }
    }
    if place.node.is_some() && place.scene.is_none() {
        return fault("scene", "is missing: a node is named with its scene");
    }
    for (field, part) in [("scene", &place.scene), ("node", &place.node)] {
        let fits = |id: &String| {
            (1..=MAX_ID).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        };
        if part.as_ref().is_some_and(|id| !fits(id)) {
            return fault(field, "is no id of a part of a storyboard");
        }
    }
    match place.time_ms {
        Some(_) if !matches!(kind, NounKind::Recording | NounKind::Video) => {
            fault("time_ms", "only recordings and videos have moments")
        }
        Some(time) if time > MAX_TIME_MS => fault("time_ms", "lies behind the end"),
        _ => Ok(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_fit_their_things() {
        let at = |scene: Option<&str>, node: Option<&str>, time_ms| Place {
            scene: scene.map(str::to_owned),
            node: node.map(str::to_owned),
            time_ms,
        };
        let check =
            |kind, place: Place, fits: bool| assert_eq!(checked(kind, place.clone()).is_ok(), fits, "{place:?}");
        check(NounKind::Project, at(None, None, None), true);
        check(NounKind::Project, at(Some("s1"), None, None), false);
        check(NounKind::Project, at(None, None, Some(1)), false);
        check(NounKind::Storyboard, at(Some("s1"), Some("n-2"), None), true);
        check(NounKind::Storyboard, at(None, Some("n2"), None), false);
        check(NounKind::Storyboard, at(Some("a b"), None, None), false);
        check(NounKind::Storyboard, at(Some(""), None, None), false);
        check(NounKind::Video, at(None, None, Some(90_000)), true);
        check(NounKind::Video, at(None, None, Some(u64::MAX)), false);
        check(NounKind::Recording, at(Some("s1"), None, Some(5)), false);
    }
}
