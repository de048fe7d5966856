//! Colours by their role. Options name roles; whoever draws puts the colours of a look in their place: a page its tokens, paper these.

/// What a role begins with.
const ROLE: &str = "role:";

/// The roles of series, in their order; those behind the sixth begin again, with other patterns and marks.
pub(crate) const SERIES: [&str; 6] =
    ["role:tone-0", "role:tone-1", "role:tone-2", "role:tone-3", "role:tone-4", "role:tone-5"];

/// The tokens that charts use, as they are on paper: those of `assets/web/src/kit/tokens.css` in the light, which a test holds them against.
pub(crate) const TOKENS: &[(&str, &str)] = &[
    ("tone-0", "#4347cf"),
    ("tone-1", "#0b7285"),
    ("tone-2", "#a1450c"),
    ("tone-3", "#8a2c8f"),
    ("tone-4", "#2b7a2b"),
    ("tone-5", "#9c6a00"),
    ("surface", "#ffffff"),
    ("sunken", "#eef0f5"),
    ("line", "#dcdfe8"),
    ("line-strong", "#7c8496"),
    ("ink", "#171b26"),
    ("ink-soft", "#535b6e"),
    ("accent", "#4347cf"),
    ("accent-soft", "#e8e9fd"),
    ("good", "#146c43"),
    ("warn", "#7d4a00"),
    ("bad", "#b3202c"),
];

/// The colour of a role, like `role:ink`, on paper, as `#rrggbb`; what is no role stays as it is.
pub fn colour(text: &str) -> String {
    let Some(role) = text.strip_prefix(ROLE) else { return text.to_owned() };
    let found = TOKENS.iter().find(|(name, _)| *name == role);
    found.unwrap_or(&TOKENS[0]).1.to_owned()
}
