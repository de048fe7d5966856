//! Whether the English rules fit a transcript.

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
    let sample = transcript.words.len().min(SAMPLE);
    let latin = transcript.words[..sample].iter().filter(|w| w.text.chars().any(|c| c.is_ascii_alphanumeric())).count();
    if sample < 20 { latin * 2 >= sample } else { share(transcript, |word| FUNCTION.contains(&word)) >= 0.1 }
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
