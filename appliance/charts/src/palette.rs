//! Colours by their role. Options name roles; whoever draws puts the colours of a look in their place.

use serde_json::Value;

/// How a page looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Dark on light: pages and paper.
    Light,
    /// Light on dark.
    Dark,
}

/// What a role begins with.
const ROLE: &str = "role:";

/// The roles of series, in their order; those behind the sixth begin again, with other patterns and marks.
pub(crate) const SERIES: [&str; 6] =
    ["role:tone-0", "role:tone-1", "role:tone-2", "role:tone-3", "role:tone-4", "role:tone-5"];

/// The tokens that charts use, light and dark: those of `assets/web/src/kit/tokens.css`, which a test holds them against.
pub(crate) const TOKENS: &[(&str, &str, &str)] = &[
    ("tone-0", "#4347cf", "#8a8eff"),
    ("tone-1", "#0b7285", "#4fc3d9"),
    ("tone-2", "#a1450c", "#ff9d66"),
    ("tone-3", "#8a2c8f", "#e08be4"),
    ("tone-4", "#2b7a2b", "#7bd07b"),
    ("tone-5", "#9c6a00", "#e6bb4d"),
    ("surface", "#ffffff", "#181c25"),
    ("sunken", "#eef0f5", "#0b0e13"),
    ("line", "#dcdfe8", "#2b3240"),
    ("line-strong", "#7c8496", "#7b859a"),
    ("ink", "#171b26", "#e9ecf3"),
    ("ink-soft", "#535b6e", "#a5aec0"),
    ("accent", "#4347cf", "#6b70f5"),
    ("accent-soft", "#e8e9fd", "#25284f"),
    ("good", "#146c43", "#6fd7a0"),
    ("warn", "#7d4a00", "#f2bd5c"),
    ("bad", "#b3202c", "#ff8d92"),
];

/// The keys under which options have colours; under no other is a text one.
const KEYS: [&str; 7] =
    ["color", "color0", "borderColor", "borderColor0", "backgroundColor", "areaColor", "pageIconColor"];

/// Puts colours in the place of roles.
pub fn paint(option: &mut Value, look: Look) {
    put(option, look, false);
}

fn put(value: &mut Value, look: Look, is_colour: bool) {
    match value {
        Value::String(text) if is_colour => *text = colour(text, look),
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                put(value, look, KEYS.contains(&key.as_str()));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, look, is_colour)),
        _ => {}
    }
}

/// The colour of a role, like `role:ink`, as `#rrggbb`; what is no role stays as it is.
pub fn colour(text: &str, look: Look) -> String {
    let Some(role) = text.strip_prefix(ROLE) else { return text.to_owned() };
    let found = TOKENS.iter().find(|(name, _, _)| *name == role);
    let (_, light, dark) = found.unwrap_or(&TOKENS[0]);
    (if look == Look::Light { light } else { dark }).to_string()
}
