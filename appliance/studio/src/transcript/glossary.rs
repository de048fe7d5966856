//! The spelling of names and terms: what was heard, written as the glossary has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Transcript, Word};

/// A name or term that is likely to be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Given")]
pub struct Term {
    /// How it is written; with a space between its words.
    pub spelling: String,
    /// How it is said, or often misheard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heard_as: Vec<String>,
    /// Whether it takes the capitals of its place, like any word; else it is always written as it is spelled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub free_case: bool,
}

/// A term in JSON: its spelling alone, or with more.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Spelling(String),
    Term {
        spelling: String,
        #[serde(default)]
        heard_as: Vec<String>,
        #[serde(default)]
        free_case: bool,
    },
}

impl From<Given> for Term {
    fn from(given: Given) -> Self {
        match given {
            Given::Spelling(spelling) => spelling.into(),
            Given::Term { spelling, heard_as, free_case } => Term { spelling, heard_as, free_case },
        }
    }
}

impl From<String> for Term {
    fn from(spelling: String) -> Self {
        Term { spelling, heard_as: Vec::new(), free_case: false }
    }
}

impl Term {
    /// Reads `Kubernetes = cooper netties | k eight s`: the spelling, and after an equals sign how it is heard.
    pub fn parse(text: &str) -> Self {
        let (spelling, heard) = text.split_once('=').unwrap_or((text, ""));
        let heard_as = heard.split('|').map(str::trim).filter(|form| !form.is_empty()).map(str::to_owned).collect();
        Term { heard_as, ..spelling.trim().to_owned().into() }
    }
}

/// The most words that one term is heard as: letters that are spelled out come as words of their own.
const LONGEST: usize = 6;
/// The most words of a near miss.
const NEAR: usize = 3;
/// Below so many letters a near miss is taken for another word, as it is above this confidence, unless the term has so many
/// letters that one other does not make another word of it: a recogniser is sure of a wrong name once it has written it.
const SHORT: usize = 6;
const SURE: f32 = 0.6;
const LONG: usize = 9;

/// Writes the terms as they are spelled, wherever they or what they are heard as were heard: in other capitals, cut in other places
/// (`open ai`), or, where the recogniser was not sure or the term is long, in letters that sound much the same. Returns how many
/// places were changed.
///
/// Words may become fewer or more, so this is for a transcript that nothing refers to yet.
pub fn spell(transcript: &mut Transcript, terms: &[Term]) -> usize {
    write_all(transcript, terms, false).0
}

/// As [`spell`], for a transcript whose words something may refer to: they keep their numbers. Returns how many places were changed,
/// and how many were left because the term has fewer or more words than were heard.
pub fn respell(transcript: &mut Transcript, terms: &[Term]) -> (usize, usize) {
    write_all(transcript, terms, true)
}

/// Places that were changed, and those that were left where words must `stay` as many as they are.
fn write_all(transcript: &mut Transcript, terms: &[Term], stay: bool) -> (usize, usize) {
    let forms = Forms::of(terms);
    if forms.exact.is_empty() {
        return (0, 0);
    }
    let words = std::mem::take(&mut transcript.words);
    let (mut at, mut changed, mut left) = (0, 0, 0);
    while at < words.len() {
        match forms.at(&words[at..]) {
            Some((term, count)) => {
                let heard = &words[at..at + count];
                let written = write(&terms[term], heard);
                if stay && written.len() != heard.len() {
                    left += 1;
                    transcript.words.extend_from_slice(heard);
                } else {
                    changed += usize::from(written != heard);
                    transcript.words.extend(written);
                }
                at += count;
            }
            None => {
                transcript.words.push(words[at].clone());
                at += 1;
            }
        }
    }
    (changed, left)
}

/// All forms of all terms, by their letters.
struct Forms {
    /// The term of each form; the first one where two share it.
    exact: BTreeMap<String, usize>,
    /// The sounds of long forms by the first one, for near misses.
    near: BTreeMap<char, Vec<(Vec<char>, usize)>>,
}

impl Forms {
    fn of(terms: &[Term]) -> Self {
        let mut forms = Forms { exact: BTreeMap::new(), near: BTreeMap::new() };
        let written = |term: &Term| !letters(&term.spelling).is_empty();
        for (at, term) in terms.iter().enumerate().filter(|(_, term)| written(term)) {
            for form in std::iter::once(&term.spelling).chain(&term.heard_as) {
                let letters = letters(form);
                if letters.is_empty() || forms.exact.contains_key(&letters) {
                    continue;
                }
                let sounds = sounds(&letters);
                if sounds.len() >= SHORT {
                    forms.near.entry(sounds[0]).or_default().push((sounds, at));
                }
                forms.exact.insert(letters, at);
            }
        }
        forms
    }

    /// The term that is heard at the beginning of `words`, and in how many of them; the longest one.
    fn at(&self, words: &[Word]) -> Option<(usize, usize)> {
        let mut heard = String::new();
        let (mut exact, mut near) = (None, None::<(usize, usize, usize)>);
        let mut unsure = false;
        for (count, word) in words.iter().take(LONGEST).enumerate() {
            if word.redacted || count > 0 && (word.new_line || word.speaker != words[0].speaker) {
                break;
            }
            let parts = Parts::of(&word.text);
            if count > 0 && !parts.before.is_empty() {
                break;
            }
            heard.push_str(&letters(parts.word));
            unsure |= word.confidence < SURE;
            if let Some(term) = self.exact.get(&heard) {
                exact = Some((*term, count + 1));
            } else if count < NEAR {
                let found = self.nearly(&heard, unsure).map(|(distance, term)| (distance, term, count + 1));
                near = [near, found].into_iter().flatten().min_by_key(|(distance, _, _)| *distance);
            }
            if !parts.after.is_empty() {
                break;
            }
        }
        exact.or(near.map(|(_, term, count)| (term, count)))
    }

    /// The term with the fewest other letters, if they are few.
    fn nearly(&self, heard: &str, unsure: bool) -> Option<(usize, usize)> {
        let heard = sounds(heard);
        let forms = self.near.get(heard.first()?)?;
        let misses = forms.iter().filter_map(|(form, term)| {
            let most = usize::from(unsure) + usize::from(form.len() >= LONG);
            // An ending makes it another form of the word, or another word.
            let ending = heard != *form && (heard.starts_with(form) || form.starts_with(&heard));
            (!ending && form.len().abs_diff(heard.len()) <= most)
                .then(|| (distance(&heard, form), *term))
                .filter(|(distance, _)| *distance <= most)
        });
        misses.min()
    }
}

/// A word without what stands before and after it.
pub(super) struct Parts<'a> {
    pub(super) before: &'a str,
    pub(super) word: &'a str,
    /// `'s`, as people add it to names.
    pub(super) ending: &'a str,
    pub(super) after: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let inner = text.trim_start_matches(|c: char| !c.is_alphanumeric());
        let before = &text[..text.len() - inner.len()];
        let word = inner.trim_end_matches(|c: char| !c.is_alphanumeric());
        let after = &inner[word.len()..];
        let bare = ["'s", "’s"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
        Parts { before, word: bare, ending: &word[bare.len()..], after }
    }
}

/// The letters and digits of a text, small.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Letters with one for those that often sound alike.
fn sounds(letters: &str) -> Vec<char> {
    let alike = |letter| match letter {
        'c' | 'q' => 'k',
        'y' => 'i',
        'z' => 's',
        other => other,
    };
    letters.replace("ph", "f").chars().map(alike).collect()
}

/// The words of a term in the place of those that were heard: each with its own time where there are as many, else with a share of
/// the whole time by its letters.
fn write(term: &Term, heard: &[Word]) -> Vec<Word> {
    let (first, last) = (&heard[0], &heard[heard.len() - 1]);
    let parts: Vec<_> = term.spelling.split_whitespace().collect();
    if term.free_case && parts.len() == heard.len() && letters(&term.spelling) == heard_letters(heard) {
        return heard.to_vec();
    }
    let total: usize = parts.iter().map(|part| part.chars().count()).sum();
    let share = |letters: usize| {
        first.start_ms + last.end_ms.saturating_sub(first.start_ms) * letters as u64 / total.max(1) as u64
    };
    let confidence = heard.iter().map(|word| word.confidence).fold(0.0, f32::max);
    let mut said = 0;
    let mut words: Vec<Word> = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        let from = said;
        said += part.chars().count();
        let mut word = match heard.get(at).filter(|_| heard.len() == parts.len()) {
            Some(own) => own.clone(),
            None => Word { start_ms: share(from), end_ms: share(said), confidence, ..first.clone() },
        };
        word.text = (*part).to_owned();
        (word.joined, word.new_line) = if at == 0 { (first.joined, first.new_line) } else { (false, false) };
        words.push(word);
    }
    let (before, after) = (Parts::of(&first.text), Parts::of(&last.text));
    if term.free_case && before.word.starts_with(char::is_uppercase) {
        let mut text = words[0].text.chars();
        words[0].text = text.next().into_iter().flat_map(char::to_uppercase).chain(text).collect();
    }
    words[0].text.insert_str(0, before.before);
    let end = words.len() - 1;
    words[end].text += after.ending;
    words[end].text += after.after;
    words
}

fn heard_letters(heard: &[Word]) -> String {
    heard.iter().map(|word| letters(Parts::of(&word.text).word)).collect()
}

/// How many letters are missing, too many, others or exchanged with their neighbour (optimal string alignment).
fn distance(one: &[char], other: &[char]) -> usize {
    // The row before the last, and the last.
    let (mut before, mut last) = (Vec::new(), (0..=other.len()).collect::<Vec<_>>());
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        (before, last) = (last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `word?` was heard unsurely.
    fn heard(text: &str) -> Transcript {
        let mut transcript = Transcript::from_text(&text.replace('?', ""), "en");
        for (word, said) in transcript.words.iter_mut().zip(text.split_whitespace()) {
            word.confidence = if said.contains('?') { 0.3 } else { 0.95 };
        }
        transcript
    }

    #[track_caller]
    fn check(terms: &[&str], said: &str, expected: &str) {
        let terms: Vec<_> = terms.iter().map(|term| Term::parse(term)).collect();
        let mut transcript = heard(said);
        let changed = spell(&mut transcript, &terms);
        let texts: Vec<_> = transcript.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts.join(" "), expected);
        assert_eq!(changed > 0, expected != said.replace('?', ""));
        assert!(transcript.words.is_sorted_by_key(|word| word.start_ms));
        assert!(transcript.words.iter().all(|word| word.start_ms <= word.end_ms));
    }

    #[test]
    fn terms_are_written_as_they_are_spelled() {
        check(&["OpenAI"], "we asked open ai, and openai said no", "we asked OpenAI, and OpenAI said no");
        check(
            &["Kubernetes = cooper netties | k8s"],
            "on (cooper netties). Then K8s",
            "on (Kubernetes). Then Kubernetes",
        );
        check(&["AWS"], "it is in a w s today", "it is in AWS today");
        check(&["Cloud Run"], "a cloudrun service and Cloud run", "a Cloud Run service and Cloud Run");
        check(&["redb"], "Redb's file", "redb's file");
        check(&["Acme", "Acme Cloud"], "acme acme cloud", "Acme Acme Cloud");
        check(&["São Paulo"], "in são paulo.", "in São Paulo.");
        // A sentence or a pause with a comma is in between.
        check(&["OpenAI"], "it is open. AI follows, open, ai", "it is open. AI follows, open, ai");
        check(&["", " = x"], "x stays", "x stays");
    }

    #[test]
    fn near_misses_count_where_the_recogniser_was_not_sure_or_the_term_is_long() {
        check(&["Kubernetes"], "the kubernetis? cluster", "the Kubernetes cluster");
        check(&["Kubernetes"], "Cabernetes, and Kybernetis", "Kubernetes, and Kybernetis");
        check(&["Grafana"], "a graphana? chart, a graphena chart", "a Grafana chart, a graphena chart");
        check(&["Stripe"], "two stripes? and a strip?", "two stripes and a strip");
        check(&["Hibari"], "and hi bary? sang", "and Hibari sang");
        check(&["redb"], "a red? bus", "a red bus");
    }

    #[test]
    fn a_free_term_takes_the_capitals_of_its_place() {
        let term = Term { free_case: true, ..Term::parse("ledger = letcher") };
        let mut transcript = heard("Letcher first, the letcher then, LEDGER last");
        assert_eq!(spell(&mut transcript, &[term]), 2);
        assert_eq!(transcript.text(0, 6), "Ledger first, the ledger then, LEDGER last");
    }

    #[test]
    fn times_are_kept_or_shared_out() {
        let mut transcript = heard("cloud run runs open ai");
        spell(&mut transcript, &[Term::parse("Cloud Run"), Term::parse("OpenAI")]);
        let times: Vec<_> =
            transcript.words.iter().map(|word| (word.text.as_str(), word.start_ms, word.end_ms)).collect();
        let plain = heard("cloud run runs open ai").words;
        let (first, last) = (plain[3].start_ms, plain[4].end_ms);
        assert_eq!(times[0], ("Cloud", plain[0].start_ms, plain[0].end_ms));
        assert_eq!(times[1], ("Run", plain[1].start_ms, plain[1].end_ms));
        assert_eq!(times[3], ("OpenAI", first, last));
    }

    #[test]
    fn words_that_are_referred_to_keep_their_numbers() {
        let mut transcript = heard("acme runs open ai on cloudrun");
        let terms = ["ACME", "OpenAI", "Cloud Run"].map(Term::parse);
        assert_eq!(respell(&mut transcript, &terms), (1, 2));
        assert_eq!(transcript.text(0, 5), "ACME runs open ai on cloudrun");
        assert_eq!(spell(&mut transcript, &terms), 2);
        assert_eq!(transcript.text(0, 5), "ACME runs OpenAI on Cloud Run");
    }

    #[test]
    fn redacted_words_and_other_speakers_are_left_alone() {
        let mut transcript = heard("open ai");
        transcript.words[1].redacted = true;
        assert_eq!(spell(&mut transcript, &[Term::parse("OpenAI")]), 0);
        let mut transcript = heard("open ai");
        transcript.words[1].speaker = Some(1);
        assert_eq!(spell(&mut transcript, &[Term::parse("OpenAI")]), 0);
    }

    #[test]
    fn terms_are_read_from_either_form_of_json() {
        let read: Vec<Term> = serde_json::from_str(r#"["redb", {"spelling": "K8s", "heard_as": ["kates"]}]"#).unwrap();
        assert_eq!(read, [Term::parse("redb"), Term::parse("K8s = kates")]);
        let again: Vec<Term> = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }

    #[test]
    fn distances() {
        let of =
            |one: &str, other: &str| distance(&one.chars().collect::<Vec<_>>(), &other.chars().collect::<Vec<_>>());
        assert_eq!((of("", "abc"), of("abc", "abc"), of("abc", "acb"), of("abc", "xbcd")), (3, 0, 1, 2));
    }
}
