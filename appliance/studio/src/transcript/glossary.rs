//! Names that were nearly heard, spelled as the glossary has them.

use super::{Transcript, Word};

/// Terms with fewer letters than this are near to too many words.
const LETTERS: usize = 5;
/// A term may have been heard in so many words more than it has.
const SPLIT: usize = 2;

impl Transcript {
    /// Spells what is nearly a term of the glossary as the term: `cube ernetes` becomes `Kubernetes`. Punctuation, times
    /// and speakers stay; inflected forms of a term and redacted words are left alone.
    pub fn spell(&mut self, glossary: &[String]) {
        let terms: Vec<Term<'_>> = glossary.iter().filter_map(|term| Term::of(term)).collect();
        let mut at = 0;
        while at < self.words.len() && !terms.is_empty() {
            let best = terms.iter().filter_map(|term| Some((term.near(&self.words[at..])?, term)));
            let found = best.min_by_key(|((distance, width), _)| (*distance, std::cmp::Reverse(*width)));
            let Some(((_, width), term)) = found else {
                at += 1;
                continue;
            };
            term.write(&mut self.words, at, width);
            at += term.words.len();
        }
    }
}

/// A term as it is looked for.
struct Term<'g> {
    words: Vec<&'g str>,
    /// Its letters and digits, without case and spaces.
    letters: Vec<char>,
}

impl<'g> Term<'g> {
    fn of(term: &'g str) -> Option<Self> {
        let letters = letters(term);
        (letters.len() >= LETTERS).then(|| Self { words: term.split_whitespace().collect(), letters })
    }

    /// How far the words at the start of `rest` are from the term, and how many they are; nothing when they are too far.
    fn near(&self, rest: &[Word]) -> Option<(usize, usize)> {
        let most = if self.letters.len() < 8 { 1 } else { self.letters.len() / 4 };
        let count = self.words.len();
        let mut heard: Vec<char> = Vec::new();
        let mut best: Option<(usize, usize)> = None;
        for (i, word) in rest.iter().take(count + SPLIT).enumerate() {
            let apart = i > 0 && (rest[i - 1].text.ends_with(stops) || word.speaker != rest[0].speaker);
            if word.redacted || apart {
                break;
            }
            heard.extend(letters(&word.text));
            let own = heard.first().is_some_and(|first| sound(*first) == sound(self.letters[0]));
            if !own || heard.len() > self.letters.len() + most {
                break;
            }
            if i + 1 >= count && heard.len() + most >= self.letters.len() && !inflected(&heard, &self.letters) {
                let distance = distance(&heard, &self.letters);
                if distance <= most && best.is_none_or(|(before, _)| distance < before) {
                    best = Some((distance, i + 1));
                }
            }
        }
        best
    }

    /// Puts the term in the place of `width` words, no fewer than its own.
    fn write(&self, words: &mut Vec<Word>, at: usize, width: usize) {
        let last = at + self.words.len() - 1;
        let lead = |text: &str| text.chars().take_while(|c| !c.is_alphanumeric()).collect::<String>();
        let before = lead(&words[at].text);
        let after: String = lead(&words[at + width - 1].text.chars().rev().collect::<String>()).chars().rev().collect();
        words[last].end_ms = words[at + width - 1].end_ms;
        words.drain(last + 1..at + width);
        for (word, text) in words[at..].iter_mut().zip(&self.words) {
            (*text).clone_into(&mut word.text);
        }
        words[at].text.insert_str(0, &before);
        words[last].text.push_str(&after);
    }
}

fn stops(c: char) -> bool {
    matches!(c, '.' | ',' | ';' | ':' | '?' | '!')
}

fn letters(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Letters that begin a word with the same sound are one.
fn sound(letter: char) -> char {
    match letter {
        'c' | 'q' => 'k',
        'z' => 's',
        'f' | 'v' => 'p',
        'j' => 'g',
        other => other,
    }
}

/// Whether the words are the term with an ending, or the other way round: `clusters` is no misheard `cluster`.
fn inflected(heard: &[char], term: &[char]) -> bool {
    let (short, long) = if heard.len() < term.len() { (heard, term) } else { (term, heard) };
    let ending: String = long[short.len()..].iter().collect();
    long.starts_with(short) && matches!(ending.as_str(), "s" | "es" | "d" | "ed" | "ing" | "er" | "ers")
}

/// Letters to put in, to leave out or to change.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (k, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != y);
            corner = row[k + 1];
            row[k + 1] = changed.min(row[k] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, glossary: &[&str], expected: &str) {
        let mut transcript = Transcript::from_text(said, "en");
        let before = transcript.words.last().map(|w| w.end_ms);
        transcript.spell(&glossary.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        let words: Vec<&str> = transcript.words.iter().map(|w| w.text.as_str()).collect();
        assert_eq!(words.join(" "), expected);
        assert_eq!(transcript.words.last().map(|w| w.end_ms), before);
        assert!(transcript.words.windows(2).all(|pair| pair[0].end_ms <= pair[1].start_ms));
    }

    #[test]
    fn what_is_nearly_a_term_is_spelled_as_the_term() {
        check("We open the audiogram, then Grafanna.", &["Audiagram", "Grafana"], "We open the Audiagram, then Grafana.");
        check("Run it on cube ernetes.", &["Kubernetes"], "Run it on Kubernetes.");
        check("Ask miss Okorro first", &["Ms Okoro", "Okoro"], "Ask miss Okoro first");
        check("the open telemetry collector", &["OpenTelemetry"], "the OpenTelemetry collector");
        check("send it to data fusion please", &["DataFusion"], "send it to DataFusion please");
    }

    #[test]
    fn what_is_another_word_stays() {
        check("both clusters are up", &["Cluster"], "both clusters are up");
        check("the grandma and the read", &["Grafana", "redb"], "the grandma and the read");
        check("in data. Fusion is hot", &["DataFusion"], "in data. Fusion is hot");
        check("", &["Kubernetes"], "");
        check("anything", &["", " ", "a"], "anything");
        let mut hidden = Transcript::from_text("audiogram", "en");
        hidden.words[0].redacted = true;
        hidden.spell(&["Audiagram".to_owned()]);
        assert_eq!(hidden.words[0].text, "audiogram");
    }
}
