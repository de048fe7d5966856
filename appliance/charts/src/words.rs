//! Words of a dashboard in other languages, and the few that charts add of their own.

use std::collections::BTreeMap;

/// Finds the words of one language.
#[derive(Debug, Clone, Default)]
pub struct Words<'a> {
    language: &'a str,
    own: Option<&'a BTreeMap<String, String>>,
}

impl<'a> Words<'a> {
    /// Those of a language, with what a dashboard brings.
    pub fn of(language: &'a str, all: &'a BTreeMap<String, BTreeMap<String, String>>) -> Self {
        Words { language, own: all.get(language).or_else(|| all.get("en")) }
    }

    /// A text in this language, or as it is.
    pub fn say<'t>(&self, text: &'t str) -> &'t str
    where
        'a: 't,
    {
        self.own.and_then(|own| own.get(text)).map_or(text, String::as_str)
    }

    /// What many small things are called together.
    pub(crate) fn other(&self) -> &'static str {
        match self.language {
            "de" => "Übrige",
            "hi" => "अन्य",
            "ja" => "その他",
            "zh-CN" => "其他",
            "ar" => "أخرى",
            _ => "Other",
        }
    }

    /// What all things are called together.
    pub(crate) fn total(&self) -> &'static str {
        match self.language {
            "de" => "Summe",
            "hi" => "कुल",
            "ja" => "合計",
            "zh-CN" => "合计",
            "ar" => "المجموع",
            _ => "Total",
        }
    }

    /// What adds to a sum, and what takes from it.
    pub(crate) fn more_and_less(&self) -> (&'static str, &'static str) {
        match self.language {
            "de" => ("Zunahme", "Abnahme"),
            "hi" => ("वृद्धि", "कमी"),
            "ja" => ("増加", "減少"),
            "zh-CN" => ("增加", "减少"),
            "ar" => ("زيادة", "نقصان"),
            _ => ("Increase", "Decrease"),
        }
    }
}
