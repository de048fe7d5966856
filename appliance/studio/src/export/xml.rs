//! XML as text: declarations, attributes, and characters that XML takes.

pub(super) use crate::draw::escape;

/// The first line of a document.
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A number with at most three decimals; what is not finite is 0.
pub fn number(value: f32) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let rounded = (f64::from(value).clamp(-1e6, 1e6) * 1000.0).round() / 1000.0;
    // No minus before zero.
    format!("{}", rounded + 0.0)
}
