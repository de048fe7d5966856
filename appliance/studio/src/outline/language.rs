//! Whether the English rules fit a transcript.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::transcript::Transcript;

/// How many words are looked at.
const SAMPLE: usize = 2000;

/// Whether the transcript says it is English and reads like it: at least a tenth of the words are English function
/// words. Very short texts are believed.
pub(crate) fn english(transcript: &Transcript) -> bool {
    const FUNCTION: &[&str] = &[
        "the", "a", "an", "of", "to", "and", "in", "is", "it", "that", "for", "on", "with", "we", "you", "they", "are",
        "was", "if", "then", "this", "at", "by", "be", "or", "so", "i", "have", "has", "it's", "there", "not", "but",
    ];
    let lang = transcript.lang.to_ascii_lowercase();
    if !(lang.is_empty() || lang == "en" || lang.starts_with("en-") || lang == "und") {
        return false;
    }
    if foreign(transcript) {
        return false;
    }
    let sample = transcript.words.len().min(SAMPLE);
    let latin = transcript.words[..sample].iter().filter(|w| w.text.chars().any(|c| c.is_ascii_alphanumeric())).count();
    if sample < 20 { latin * 2 >= sample } else { share(transcript, |word| FUNCTION.contains(&word)) >= 0.1 }
}

const OTHER: &str = include_str!("../../../../assets/language/other.txt");
/// Fewer words tell nothing of their language.
const LEAST: usize = 6;

/// Whether the small words are rather those of another language than of English, which has none of these.
fn foreign(transcript: &Transcript) -> bool {
    const ENGLISH: &[&str] = &[
        "the", "of", "to", "and", "it", "that", "for", "with", "we", "you", "they", "are", "if", "then", "this", "at",
        "by", "be", "have", "has", "it's", "there", "but", "or", "from", "is", "when", "which", "your", "our",
    ];
    static LISTS: OnceLock<HashMap<&str, Vec<&str>>> = OnceLock::new();
    let lists = LISTS.get_or_init(|| {
        let lines = OTHER.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':'));
        lines.map(|(code, words)| (code, words.split_whitespace().collect())).collect()
    });
    if transcript.words.len() < LEAST {
        return false;
    }
    let own = share(transcript, |word| ENGLISH.contains(&word));
    lists.values().any(|list| {
        let other = share(transcript, |word| list.contains(&word));
        other >= 0.15 && other > own
    })
}

/// The share of words that `is` knows, lower case and without marks.
pub(crate) fn share(transcript: &Transcript, is: impl Fn(&str) -> bool) -> f64 {
    let sample = transcript.words.len().min(SAMPLE);
    let known = transcript.words[..sample]
        .iter()
        .filter(|w| is(&w.text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('’', "'")))
        .count();
    if sample == 0 { 0.0 } else { known as f64 / sample as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(english(&Transcript::from_text(text, "en")), expected, "{text}");
    }

    #[test]
    fn short_texts_tell_their_language() {
        check("O pedido entra no sistema e o vendedor confirma a data. Depois o armazém separa a mercadoria.", false);
        check("Om man vill baka bröd så blandar man mjöl och vatten i en bunke. Sedan knådar man degen.", false);
        check(
            "Alors, pour faire une crêpe, on mélange d'abord la farine et les œufs. Ensuite on ajoute le lait.",
            false,
        );
        check("Para hacer la masa, mezclamos la harina con un huevo. Después añadimos la leche.", false);
        check("Il cliente ordina la merce e poi il magazzino la prepara per la spedizione.", false);
        check("De klant bestelt het boek en het magazijn pakt het in.", false);
        check("Pump on. Valve open. Drain the tank. Wait for the light.", true);
        check("Hazard lights on. Handbrake. Nuts off, wheel off, spare on.", true);
        check("We serve crème brûlée and pain au chocolat to the guests.", true);
        check("Hello there", true);
    }
}
