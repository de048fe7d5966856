//! Headings, as a person would write them.

use super::draft::Draft;
use super::learn::titles::headings;
use super::view::View;
use crate::storyboard::Kind;

/// A heading of words that the scene says: what of its opening, or of its boxes, reads most like one.
pub(crate) fn title(view: &View<'_>, kind: Kind, draft: &Draft) -> String {
    let all = headings(view, kind, draft);
    let sums = all.iter().map(|heading| view.weights.titles.sum(&heading.features));
    let best = sums.enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    best.map_or_else(|| kind.to_string(), |(at, _)| all[at].label.clone())
}
