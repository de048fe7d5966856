//! Whether the words of a label were said: the judge of what a language model claims and of what this program draws.
//!
//! A word counts as said when a word with the same base form was. What base forms are depends on the language: English has its
//! lists of verbs and plurals, a language with a pack the endings of its verbs and nouns, any other only the word itself.
//! Nothing is asked of words that say nothing by themselves, such as articles.

use std::collections::HashMap;

use serde::Serialize;

use super::language;
use super::learn::titles;
use super::lexicon::{self, Lexicon};
use super::normalise;
use super::pack::{Order, Pack};
use crate::storyboard::{Scene, Storyboard, WordRange};
use crate::transcript::{Transcript, is_dense};

/// English words that say nothing by themselves. Negations are none of them: a label that denies needs a denial.
const FUNCTION: &[&str] = &[
    "a", "an", "the", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our", "their", "whose",
    "i", "you", "he", "she", "it", "we", "they", "me", "him", "us", "them", "who", "one", "am", "is", "are", "was",
    "were", "be", "been", "being", "do", "does", "did", "doing", "done", "has", "have", "had", "having", "of", "in",
    "on", "at", "by", "with", "from", "into", "onto", "to", "for", "as", "and", "or", "if", "then", "yes", "s", "t",
    "ll", "ve", "re", "d", "m",
];
/// English words that deny; each bears out another.
const DENIALS: &[&str] = &["no", "not", "never", "none", "nobody", "nothing", "neither", "nor", "without", "cannot"];
/// As which a denial is kept.
const DENIAL: &str = "not";
/// Endings of German verbs, nouns and adjectives, longest first.
const ENDINGS: [&str; 17] =
    ["test", "tet", "ten", "est", "ern", "em", "en", "er", "es", "et", "te", "st", "e", "n", "t", "s", ""];
/// Fewest letters that are left of a word without its ending.
const STEM: usize = 3;
/// A label in a script without spaces may be put together of pieces of this many characters and more.
const PIECE: usize = 2;

/// How words of a language are compared.
enum Tongue {
    English,
    Pack(&'static Pack),
    Unknown,
}

/// What was said in some words of a talk.
pub(crate) struct Said {
    tongue: Tongue,
    /// The words by their base forms, in order.
    places: HashMap<String, Vec<u32>>,
    /// Scripts without spaces: the letters of each word, from the first on.
    dense: Vec<String>,
    first: u32,
}

/// Something that is drawn and was not said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ungrounded {
    /// The scene, or `scene/element`.
    pub target: String,
    /// What stands there.
    pub label: String,
}

impl Said {
    /// What is said in the words; nothing where the talk has fewer.
    pub(crate) fn of(transcript: &Transcript, words: WordRange) -> Self {
        let tongue = if language::english(transcript) {
            Tongue::English
        } else {
            Pack::of(transcript).map_or(Tongue::Unknown, Tongue::Pack)
        };
        let range = words[0] as usize..=words[1] as usize;
        let spoken = transcript.words.get(range).unwrap_or_default();
        let mut said = Self { tongue, places: HashMap::new(), dense: Vec::new(), first: words[0] };
        for (i, word) in spoken.iter().enumerate() {
            let at = words[0].saturating_add(u32::try_from(i).unwrap_or(u32::MAX));
            let parts = parts(&word.text);
            if let Tongue::English = said.tongue {
                // `re-check` is `recheck`, too.
                said.add(&parts.concat(), at);
            }
            for part in &parts {
                said.add(part, at);
            }
            said.dense.push(parts.concat());
        }
        if let Tongue::English = said.tongue {
            // `two hundred and nineteen` is drawn as 219, `isn't` as `not`.
            let slice = Transcript {
                schema: String::new(),
                lang: transcript.lang.clone(),
                audio_sha256: None,
                model: None,
                speakers: transcript.speakers.clone(),
                words: spoken.to_vec(),
                ..*transcript
            };
            for token in normalise::normalise(&slice, Lexicon::english()).tokens {
                for part in parts(&token.text).iter().chain(&parts(&token.low)) {
                    said.add(part, words[0] + token.words[0]);
                }
            }
        }
        // Whoever speaks need not be named in the words.
        let speakers = spoken.iter().filter_map(|word| transcript.speakers.get(usize::from(word.speaker?)));
        let mut named: Vec<&String> = speakers.collect();
        named.dedup();
        for part in named.into_iter().flat_map(|name| parts(name)) {
            said.add(&part, words[0]);
            said.add(&part, words[1]);
        }
        for places in said.places.values_mut() {
            places.sort_unstable();
            places.dedup();
        }
        said
    }

    fn add(&mut self, part: &str, at: u32) {
        if part.is_empty() {
            return;
        }
        for form in self.bases(part) {
            self.places.entry(form).or_default().push(at);
        }
    }

    /// Whether each word of a label is said in a range of words.
    pub(crate) fn bears(&self, label: &str, near: WordRange) -> bool {
        label.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).all(|written| {
            let part = written.to_lowercase();
            if part.contains(is_dense) {
                return self.pieces(&part, near);
            }
            // `IT` is somebody.
            let name = part.len() > 1 && !written.contains(char::is_lowercase);
            (!name && self.empty(&part)) || self.near(&part, near) || self.separable(&part, near)
        })
    }

    /// Whether a word with the same base form is said in the range.
    fn near(&self, part: &str, [from, to]: WordRange) -> bool {
        let mut forms = self.bases(part);
        if let Tongue::English = self.tongue
            && part.is_ascii()
        {
            // Forms of verbs that no list knows.
            forms.extend([lexicon::past(part), lexicon::ing(part)]);
        }
        forms.iter().filter_map(|form| self.places.get(form)).any(|places| {
            let at = places.partition_point(|place| *place < from);
            places.get(at).is_some_and(|place| *place <= to)
        })
    }

    /// Whether a word says nothing by itself.
    fn empty(&self, part: &str) -> bool {
        match self.tongue {
            Tongue::English => FUNCTION.contains(&part),
            Tongue::Pack(pack) => ["determiner", "pronoun", "auxiliary", "copula"].iter().any(|key| pack.is(key, part)),
            Tongue::Unknown => false,
        }
    }

    /// `abschicken`, of which `schickt ... ab` was said.
    fn separable(&self, part: &str, near: WordRange) -> bool {
        let Tongue::Pack(pack) = self.tongue else { return false };
        pack.list("particle").iter().any(|particle| {
            part.strip_prefix(particle)
                .filter(|verb| verb.chars().count() >= STEM)
                .is_some_and(|verb| self.near(verb, near) && self.near(particle, near))
        })
    }

    /// The base forms of a word in small letters.
    fn bases(&self, part: &str) -> Vec<String> {
        match self.tongue {
            Tongue::English if DENIALS.contains(&part) => vec![DENIAL.to_owned()],
            Tongue::English => {
                let base =
                    Lexicon::english().verb(part).map_or_else(|| lexicon::singular(part), |v| v.lemma.to_owned());
                if base == part { vec![base] } else { vec![base, part.to_owned()] }
            }
            Tongue::Pack(pack) if pack.order == Order::VerbSecond => forms(part, pack),
            Tongue::Pack(_) | Tongue::Unknown => vec![part.to_owned()],
        }
    }

    /// Whether a label in a script without spaces is put together of pieces that are said, in whatever form its last verb is.
    fn pieces(&self, part: &str, near: WordRange) -> bool {
        let at = |word: u32| (word.saturating_sub(self.first) as usize).min(self.dense.len());
        let spoken = self.dense[at(near[0])..at(near[1].saturating_add(1))].concat();
        let forms: Vec<&str> = match self.tongue {
            Tongue::Pack(pack) => ["ending", "joint"].iter().flat_map(|key| pack.list(key)).copied().collect(),
            _ => Vec::new(),
        };
        let other = |form: &&str| {
            let (said, drawn) = form.split_once('=')?;
            let ended = part.strip_suffix(said).filter(|_| drawn.is_empty()).map(str::to_owned);
            ended.or_else(|| Some(format!("{}{said}", part.strip_suffix(drawn)?)))
        };
        covered(part, &spoken) || forms.iter().filter_map(other).any(|form| covered(&form, &spoken))
    }
}

/// Whether a text is put together of pieces of another. One character is a piece where it is all there is.
fn covered(text: &str, spoken: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
        let said = ends.take_while(|end| spoken.contains(&rest[..*end])).last().unwrap_or(0);
        let size = rest[..said].chars().count();
        if size < PIECE && !(size == 1 && rest.len() == text.len() && said == text.len()) {
            return false;
        }
        rest = &rest[said..];
    }
    true
}

/// A German word without its ending, umlauts and the `ge` of a participle.
pub(crate) fn german(part: &str, pack: &Pack) -> String {
    let (plain, bare) = plain(part, pack);
    let stem = ENDINGS.iter().find_map(|end| bare.strip_suffix(end).filter(|stem| stem.chars().count() >= STEM));
    stem.map_or(plain, str::to_owned)
}

/// The same without each ending that it may have: `überweist` has `st` or `t`.
fn forms(part: &str, pack: &Pack) -> Vec<String> {
    let (plain, bare) = plain(part, pack);
    let mut out = vec![plain.clone()];
    for word in [&plain, &bare] {
        let stems = ENDINGS.iter().filter_map(|end| word.strip_suffix(end)).filter(|stem| stem.chars().count() >= STEM);
        out.extend(stems.map(str::to_owned));
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The base of a German word without umlauts, and that without the `ge` of a participle.
fn plain(part: &str, pack: &Pack) -> (String, String) {
    let word = pack.base(part).unwrap_or(part);
    let letter = |c: char| match c {
        'ä' => 'a',
        'ö' => 'o',
        'ü' => 'u',
        other => other,
    };
    let plain = word.chars().map(letter).collect::<String>().replace('ß', "ss");
    let bare = plain.strip_prefix("ge").filter(|rest| rest.len() > STEM && rest.ends_with(['t', 'n']));
    let bare = bare.unwrap_or(&plain).to_owned();
    (plain, bare)
}

/// The words of a text in small letters.
fn parts(text: &str) -> Vec<String> {
    let folded = text.to_lowercase();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

/// What a storyboard shows that was not said in the scene in which it stands: boxes, their times, arrows, lanes, containers and
/// headings. Headings that only name the kind of the drawing claim nothing.
pub fn ungrounded(transcript: &Transcript, board: &Storyboard) -> Vec<Ungrounded> {
    let last = u32::try_from(transcript.words.len()).unwrap_or(u32::MAX).saturating_sub(1);
    let said = Said::of(transcript, [0, last]);
    let mut out = Vec::new();
    for scene in &board.scenes {
        let mut check = |element: Option<&str>, label: &str| {
            if !said.bears(label, scene.words) {
                let target = element.map_or_else(|| scene.id.clone(), |id| format!("{}/{id}", scene.id));
                out.push(Ungrounded { target, label: label.to_owned() });
            }
        };
        if !named_by_kind(scene, &said) {
            check(None, without_frame(scene));
        }
        for node in &scene.nodes {
            check(Some(&node.id), &node.label);
            check(Some(&node.id), node.time.as_deref().unwrap_or_default());
        }
        let edges = scene.edges.iter().map(|e| (&e.id, &e.label));
        let lanes = scene.actors.iter().map(|a| (&a.id, &a.label));
        for (id, label) in edges.chain(lanes).chain(scene.groups.iter().map(|g| (&g.id, &g.label))) {
            check(Some(id), label);
        }
    }
    out
}

/// A heading without the words that say what kind of drawing it stands over: `States of a queen`.
pub(crate) fn without_frame(scene: &Scene) -> &str {
    titles::frame(scene.kind).and_then(|frame| scene.title.strip_prefix(frame)).unwrap_or(&scene.title)
}

/// Whether a heading only says what kind of drawing it stands over.
fn named_by_kind(scene: &Scene, said: &Said) -> bool {
    let pack = |key: &str| matches!(said.tongue, Tongue::Pack(pack) if pack.word(key) == scene.title);
    scene.title.is_empty() || scene.title == scene.kind.to_string() || pack("title") || pack("timeline")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lang: &str, talk: &str, yes: &[&str], no: &[&str]) {
        let transcript = Transcript::from_text(talk, lang);
        let all = [0, u32::try_from(transcript.words.len()).unwrap() - 1];
        let said = Said::of(&transcript, all);
        for label in yes {
            assert!(said.bears(label, all), "`{label}` is said in: {talk}");
        }
        for label in no {
            assert!(!said.bears(label, all), "`{label}` is not said in: {talk}");
        }
    }

    #[test]
    fn base_forms_are_compared_and_not_beginnings() {
        check(
            "en",
            "The clerk checks the stock and signs the contract, then a report goes to the order desk. It weighs two hundred and five.",
            &["Check stock", "Sign the contract", "Reports", "Clerk checked orders", "Weigh 205", "Go to desk", ""],
            &[
                "Stop",
                "Contrast",
                "Repair",
                "Ordeal",
                "HR approves",
                "HR",
                "No",
                "Check 206",
                "Order X",
                "Under desk",
                "Stocky",
            ],
        );
        check(
            "en",
            "Then stop it. In contrast, the repair was an ordeal.",
            &["Stop it", "Contrast", "Repair", "Ordeal"],
            &["Stock", "Contract", "Report", "Order", "No stock", "No ordeal", "Not an ordeal", "Stop at once"],
        );
        check(
            "en",
            "If there is no stock, call.",
            &["No stock", "Without stock", "Call"],
            &["HR approves", "Stock up"],
        );
        check("en", "It isn't full.", &["Not full"], &["HR full"]);
        check("en", "We frobnicated the widgets.", &["Frobnicate widget"], &["Frobnicator"]);
    }

    #[test]
    fn german_words_are_compared_without_their_endings() {
        check(
            "de",
            "Zuerst prüfen wir den Bestand. Dann schickt der Händler die Waren ab, und die Kisten werden gewogen. Er überweist den Betrag.",
            &["Bestand prüfen", "Ware abschicken", "Kiste gewogen", "Der Händler prüft", "Betrag überweisen"],
            &["Besteck prüfen", "Ware abholen", "Kein Bestand", "EU prüft", "Bestand bestellen"],
        );
    }

    #[test]
    fn labels_without_spaces_are_made_of_pieces_that_were_said() {
        check(
            "ja",
            "まず在庫を確認します。次に商品を箱に入れて、荷物を運びます。",
            &["在庫を確認", "在庫を確認する", "商品を箱に入れる", "荷物を運ぶ", "箱"],
            &["在庫を発送", "請求書を送る", "箱を捨てる", "無在庫"],
        );
        check(
            "zh",
            "工厂在二〇〇八年五月搬到郊区。",
            &["工厂搬到郊区", "二〇〇八年五月"],
            &["工厂关门", "没工厂", "学校搬到郊区"],
        );
    }

    #[test]
    fn a_word_counts_where_it_is_said() {
        let transcript = Transcript::from_text("We check the stock. Then we sing a song.", "en");
        let said = Said::of(&transcript, [4, 8]);
        assert!(said.bears("Sing song", [4, 8]) && !said.bears("Check", [4, 8]) && !said.bears("Song", [4, 6]));
    }
}
