//! English as it is spelled where the speaker lives. Recognisers write American English whoever speaks.

use std::{collections::HashMap, sync::OnceLock};

use super::{Transcript, glossary::Parts};

const BRITISH: &str = include_str!("../../../../assets/language/en/british.txt");

/// Where people spell as in Britain.
const REGIONS: &[&str] = &["AU", "GB", "IE", "IN", "NZ", "SG", "ZA"];

/// Words in `-ize` that are spelled so everywhere, by what stands before these letters.
const ALWAYS: &[&str] = &[
    "", "appr", "ass", "ba", "bel", "caps", "downs", "ma", "overs", "pr", "res", "rights", "s", "se", "supers",
    "unders", "ups",
];

/// Endings of words in `-ize`, and what they are in Britain. (Oxford writes as Americans do; most others do not.)
const ENDINGS: &[(&str, &str)] = &[
    ("izations", "isations"),
    ("ization", "isation"),
    ("izing", "ising"),
    ("izers", "isers"),
    ("izer", "iser"),
    ("ized", "ised"),
    ("izes", "ises"),
    ("ize", "ise"),
];

/// Writes English words as people spell them in the region of `lang` (BCP 47, such as `en-GB`); without a region, or in one that
/// spells as recognisers do, nothing changes. Returns how many words were changed.
pub fn localise(transcript: &mut Transcript, lang: &str) -> usize {
    let mut parts = lang.split(['-', '_']);
    let is_english = parts.next().is_some_and(|code| code.eq_ignore_ascii_case("en"));
    let region = parts.next_back().unwrap_or_default().to_ascii_uppercase();
    if !is_english || !REGIONS.contains(&region.as_str()) {
        return 0;
    }
    let mut changed = 0;
    for word in &mut transcript.words {
        if let Some(text) = british(&word.text) {
            word.text = text;
            changed += 1;
        }
    }
    changed
}

/// A word with its marks and capitals, spelled as in Britain, where that differs.
fn british(text: &str) -> Option<String> {
    // Of "color-coded" each part is a word.
    if let Some((first, rest)) = text.split_once('-') {
        let (left, right) = (british(first), british(rest));
        let changed = left.is_some() || right.is_some();
        return changed.then(|| format!("{}-{}", left.as_deref().unwrap_or(first), right.as_deref().unwrap_or(rest)));
    }
    let Parts { before, word, ending, after } = Parts::of(text);
    let low = word.to_lowercase();
    let spelled = match pairs().get(low.as_str()) {
        Some(spelled) => (*spelled).to_owned(),
        None => {
            let (stem, ending) = ENDINGS.iter().find_map(|(from, to)| Some((low.strip_suffix(from)?, to)))?;
            (!ALWAYS.contains(&stem)).then(|| format!("{stem}{ending}"))?
        }
    };
    let all_capitals = word.chars().count() > 1 && word.chars().all(char::is_uppercase);
    let written = match word.chars().next() {
        _ if all_capitals => spelled.to_uppercase(),
        Some(first) if first.is_uppercase() => {
            let mut letters = spelled.chars();
            letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str())?
        }
        _ => spelled,
    };
    Some(format!("{before}{written}{ending}{after}"))
}

fn pairs() -> &'static HashMap<&'static str, &'static str> {
    static PAIRS: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let lines = BRITISH.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.split_once(' ')).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lang: &str, heard: &str, expected: &str) {
        let mut transcript = Transcript::from_text(heard, lang);
        let before = transcript.clone();
        let changed = localise(&mut transcript, lang);
        let words = |t: &Transcript| t.words.iter().map(|w| w.text.clone()).collect::<Vec<_>>();
        assert_eq!(words(&transcript).join(" "), expected);
        assert_eq!(changed, words(&before).iter().zip(words(&transcript)).filter(|(a, b)| **a != *b).count());
    }

    #[test]
    fn british_speakers_see_their_own_spelling() {
        check("en-GB", "The color-coded labels, Labeled in GRAY.", "The colour-coded labels, Labelled in GREY.");
        check(
            "en-AU",
            "We organize the center's catalog; realizing it",
            "We organise the centre's catalogue; realising it",
        );
        check(
            "en-GB",
            "The size of the prize: resize it, seize it, capsized",
            "The size of the prize: resize it, seize it, capsized",
        );
        check("en-GB", "meter program check", "meter program check");
    }

    #[test]
    fn others_see_what_was_heard() {
        for lang in ["en", "en-US", "de-DE", "und", ""] {
            check(lang, "The color of the center.", "The color of the center.");
        }
    }

    #[test]
    fn the_list_is_sound() {
        for (american, british) in pairs() {
            assert_ne!(american, british);
            assert!(american.chars().chain(british.chars()).all(|c| c.is_ascii_lowercase()), "{american} {british}");
            assert!(!pairs().contains_key(british), "{british} would change again");
        }
        assert_eq!(pairs().len(), BRITISH.lines().filter(|line| !line.starts_with('#')).count(), "none twice");
    }
}
