//! From speech to text: fillers, repeats and retractions go, numbers become digits, word ids stay.

use crate::transcript::Transcript;

use super::contraction;
use super::lexicon::{Lexicon, singular};
use super::numbers;
use super::repair;
use super::sentence;
use super::token::{Sentence, Stop, Tag, Token};

/// A talk as clean tokens in sentences.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Text {
    /// All tokens.
    pub(crate) tokens: Vec<Token>,
    /// The sentences, in order, none of them empty.
    pub(crate) sentences: Vec<Sentence>,
    /// The speakers of a dialogue whose turns begin with their names; empty where nobody is named so.
    pub(crate) speakers: Vec<String>,
}

const HESITATIONS: &[&str] = &["um", "umm", "uh", "uhh", "er", "erm", "hmm", "mm", "mhm", "ehm", "eh", "uhm", "hm"];
/// Longest phrase whose immediate repetition is taken for a stammer.
const REPEAT: usize = 5;

/// Cleans a transcript. Sentences of which nothing is left are dropped; their words belong to no sentence.
pub(crate) fn normalise(transcript: &Transcript, lexicon: &Lexicon) -> Text {
    let mut text = Text::default();
    let mut counter = 1.0;
    let mut raws = sentence::split(transcript);
    for raw in &mut raws {
        remove(&mut raw.tokens, |tokens, i| usize::from(tokens[i].is(HESITATIONS)));
        drop_repeats(&mut raw.tokens);
    }
    repair::across(&mut raws, lexicon);
    let clocks = numbers::timetable(raws.iter().map(|raw| raw.tokens.as_slice()));
    for mut raw in raws {
        let tokens = &mut raw.tokens;
        remove(tokens, |tokens, i| filler(tokens, i, lexicon));
        drop_repeats(tokens);
        contraction::resolve_apostrophes(tokens, lexicon);
        numbers::to_digits(tokens, clocks);
        for token in tokens.iter_mut() {
            token.lemma = lexicon.verb(&token.low).map_or_else(|| singular(&token.low), |v| v.lemma.to_owned());
        }
        drop_counters(tokens, &mut counter);
        if tokens.is_empty() || backchannel(tokens) {
            continue;
        }
        let first = text.tokens.len();
        text.tokens.append(tokens);
        text.sentences.push(Sentence { first, end: text.tokens.len(), ..raw.sentence });
    }
    numbers::short_years(&mut text.tokens);
    if (0..transcript.words.len()).any(|word| transcript.name_prefix(word) > 0) {
        text.speakers.clone_from(&transcript.speakers);
    }
    text
}

/// Whether a sentence only says that somebody listens.
fn backchannel(tokens: &[Token]) -> bool {
    const HEARD: &[&str] =
        &["uh-huh", "right", "okay", "ok", "yeah", "yep", "sure", "exactly", "really", "wow", "thanks"];
    const PHRASES: &[&str] =
        &["i see", "got it", "go on", "all right", "thank you", "fair enough", "makes sense", "of course"];
    let words: Vec<&str> = tokens.iter().map(|t| t.low.as_str()).collect();
    words.iter().all(|word| HEARD.contains(word)) || (words.len() <= 3 && PHRASES.contains(&words.join(" ").as_str()))
}

/// Drops counting that opens a clause, "number one, ...", "two, ...", as long as it counts on from one.
fn drop_counters(tokens: &mut Vec<Token>, expected: &mut f64) {
    let mut i = 0;
    while i < tokens.len() {
        let opens = i == 0 || tokens[i - 1].stop >= Stop::Comma || tokens[i - 1].low == "and";
        let named = usize::from(tokens[i].is(&["number", "point", "step"]));
        let Some(token) = tokens.get(i + named).filter(|t| opens && t.stop >= Stop::Comma && !t.stop.closes()) else {
            i += 1;
            continue;
        };
        let value = if token.low == "one" { Some(1.0) } else { token.number.map(|n| n.value) };
        if value == Some(*expected) || (value == Some(1.0) && named == 1) {
            *expected = value.unwrap_or(1.0) + 1.0;
            tokens.drain(i..=i + named);
        } else {
            i += 1;
        }
    }
}

/// Removes the tokens that `length` says at an index; their punctuation moves to the token before.
fn remove(tokens: &mut Vec<Token>, length: impl Fn(&[Token], usize) -> usize) {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while i < tokens.len() {
        let n = length(tokens, i).min(tokens.len() - i);
        if n == 0 {
            kept.push(tokens[i].clone());
            i += 1;
            continue;
        }
        let stop = tokens[i + n - 1].stop;
        // A filler at the start leaves no pause behind, one inside leaves the pause that stood before it.
        if let Some(last) = kept.last_mut() {
            if stop.closes() {
                last.stop = stop;
            } else if last.stop == Stop::Comma && binds(&last.low) {
                last.stop = Stop::None;
            }
        }
        i += n;
    }
    *tokens = kept;
}

/// Whether a comma after the word can only be a hesitation: `in, uh, the oven`.
pub(crate) fn binds(word: &str) -> bool {
    let closed = Lexicon::english().closed(word);
    closed.iter().any(|t| matches!(t, Tag::Det | Tag::Poss | Tag::Prep | Tag::Conj | Tag::Aux | Tag::Modal))
        || word == "to"
}

fn filler(tokens: &[Token], i: usize, lexicon: &Lexicon) -> usize {
    let Some(list) = lexicon.fillers.get(tokens[i].low.as_str()) else { return 0 };
    for filler in list {
        let n = filler.words.len();
        let matches = tokens.len() >= i + n
            && filler.words.iter().zip(&tokens[i..]).all(|(word, token)| *word == token.low)
            && tokens[i..i + n - 1].iter().all(|t| t.stop == Stop::None);
        if !matches || (n == tokens.len() && !filler.paused) {
            continue;
        }
        let open = i == 0 || tokens[i - 1].stop >= Stop::Comma || filler_before(tokens, i);
        let shut = tokens[i + n - 1].stop >= Stop::Comma;
        if !filler.paused || (open && shut) {
            return n;
        }
    }
    0
}

/// Whether only openers such as `so` stand before the token in its sentence.
fn filler_before(tokens: &[Token], i: usize) -> bool {
    i <= 2
        && tokens[..i].iter().all(|t| t.is(&["so", "and", "but", "okay", "yeah", "right", "well", "now", "then", "oh"]))
}

/// Keeps the last copy of words said twice in a row: `there's, there's the filler`.
fn drop_repeats(tokens: &mut Vec<Token>) {
    let mut i = 0;
    while i < tokens.len() {
        let found = (1..=REPEAT).rev().find(|n| {
            i + 2 * n <= tokens.len()
                && (0..*n).all(|k| tokens[i + k].low == tokens[i + n + k].low)
                && !tokens[i..i + n].iter().any(|t| t.low.chars().any(|c| c.is_ascii_digit()))
                && !(*n == 1 && keeps(&tokens[i].low))
                && (tokens[i + n - 1].stop < Stop::Comma || function(&tokens[i + n - 1].low))
        });
        match found {
            Some(n) => {
                tokens.drain(i..i + n);
            }
            None => i += 1,
        }
    }
}

/// Words that are said twice on purpose, or by grammar.
fn keeps(word: &str) -> bool {
    ["very", "that", "had", "twenty", "many", "no", "really", "so"].contains(&word)
}

/// Whether the word is of a closed class. Only those are stammered with a pause: in "it makes dust, dust means ..."
/// the second word opens a clause.
fn function(word: &str) -> bool {
    matches!(word, "'s" | "to") || !Lexicon::english().closed(word).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let transcript = Transcript::from_text(text, "en");
        let text_out = normalise(&transcript, Lexicon::english());
        let got: Vec<_> = text_out.tokens.iter().map(|t| t.text.as_str()).collect();
        assert_eq!(got.join(" "), expected, "{text}");
        for token in &text_out.tokens {
            assert!(token.words[0] <= token.words[1] && (token.words[1] as usize) < transcript.words.len());
        }
    }

    #[test]
    fn fillers_go() {
        check("So, um, the pump, you know, starts.", "So the pump starts");
        check("It's, like, really a ring.", "It is really a ring");
        check("I like the ring.", "I like the ring");
        check("Um.", "");
    }

    #[test]
    fn repeats_go() {
        check("The, the oven gets, uh, gets hot.", "the oven gets hot");
        check("There's, uh, there's the saw.", "there is the saw");
        check("It goes very very fast.", "It goes very very fast");
    }

    #[test]
    fn counting_goes() {
        check("Number one, fish. Two, birds, and three, mammals.", "fish birds and mammals");
        check("In the hall it was nine, in the yard two.", "In the hall it was 9 in the yard 2");
    }

    #[test]
    fn retractions_go() {
        check("We call the guard, no, sorry, we call the nurse.", "we call the nurse");
        check("It runs on the laptop, sorry, not the laptop, the tablet.", "It runs on the tablet");
        check("The form goes to the bank... no, to the court.", "The form goes to the court");
        check("Bake it for twenty, sorry, thirty minutes.", "Bake it for 30 minutes");
        check("They use Oracle, no wait, it's Postgres now.", "They use Postgres");
        check("Set it to forty, make that fifty minutes.", "Set it to 50 minutes");
        check("Set it to forty minutes, make that fifty.", "Set it to 50 minutes");
        check("Then the dough, no the cake, comes out.", "Then the cake comes out");
        check("Then the dough no the cake comes out.", "Then the cake comes out");
        check("The box goes to Ben no to Kim.", "The box goes to Kim");
        check("We say no to the offer.", "We say no to the offer");
        check("There's no driver in the van.", "There is no driver in the van");
        check("You put them on plates, I mean trays.", "You put them on trays");
    }

    #[test]
    fn clauses_given_up_go() {
        check("We take the, we put the cake in the oven.", "we put the cake in the oven");
        check("We take the, uh, we put the cake in the oven.", "we put the cake in the oven");
        check("I would, well, you should set the timer.", "you should set the timer");
        check("Then you eh glaze it.", "Then you glaze it");
        check("The car that we sold is back.", "The car that we sold is back");
        check("Is it the one we sold?", "Is it the one we sold");
        check("It starts as a, you know, a protostar.", "It starts as a protostar");
        check(
            "With a yes she packs it and with a no the desk pays.",
            "With a yes she packs it and with a no the desk pays",
        );
    }

    #[test]
    fn a_timetable_is_told_in_times() {
        check(
            "Crew alerted ten fifteen. First shock ten twenty. Left the scene ten forty-four.",
            "Crew alerted 10:15 First shock 10:20 Left the scene 10:44",
        );
        check(
            "A small one costs two fifty. A big one, three fifty.",
            "A small one costs two fifty A big one three fifty",
        );
    }

    #[test]
    fn retractions_reach_the_sentence_before() {
        check(
            "The driver takes it to the shop. Actually, scrap that, the driver takes it to the customer.",
            "the driver takes it to the customer",
        );
        check("The driver takes it to the shop. Strike that. He goes home.", "He goes home");
        check("The clerk opens it. No wait. The guard opens it.", "The guard opens it");
        check("Set the timer to forty minutes. Make that fifty.", "Set the timer to 50 minutes");
        check("It goes to the till. No, sorry, to the server.", "It goes to the server");
        check("So it goes to the till, right? No, to the server.", "So it goes to the server");
        check("Do we pay? No, we wait.", "Do we pay we wait");
        check(
            "The strings are violins. Sorry, violins are split in two.",
            "The strings are violins violins are split in 2",
        );
        check("No driver comes. Wait for the bus.", "No driver comes Wait for the bus");
        check("We use Redis. Actually scratch what I said about Redis, we moved to Memcached.", "We use Memcached");
        check("We hang a banner. We call Ben. Forget what I said about the banner.", "We call Ben");
        check("We call Ben. Forget what I said about the cold water thing.", "We call Ben");
        check(
            "The CRM sends customers to the ERP. Hang on, it's the other way round, the ERP sends customers to the CRM.",
            "the ERP sends customers to the CRM",
        );
        check(
            "The CRM sends customers to the ERP. No, it's the other way round.",
            "the ERP sends customers to The CRM",
        );
        check(
            "Then we add the salt. No, sorry, before the salt we add the heater. Then we wait.",
            "we add the heater Then we add the salt Then we wait",
        );
        check(
            "You put the filter in and screw the lid on. Oh wait, before you screw the lid on you have to grease the seal.",
            "You put the filter in you have to grease the seal and screw the lid on",
        );
        check("Add the water. Wait. Then stir.", "Add the water Wait Then stir");
        check("Forget that you have a key.", "Forget that you have a key");
        check("We print it. Then we post it. Scrap that.", "We print it");
        check("It opens in nineteen fifty. No, in nineteen sixty.", "It opens in 1960");
        check(
            "He pays. If it is the other way round you do nothing.",
            "He pays If it is the other way round you do nothing",
        );
        check(
            "You rinse it with cold water, with warm water I mean. We dry it.",
            "You rinse it with warm water We dry it",
        );
        check("I have four supervisors, no, three since May.", "I have 3 supervisors since May");
        check(
            "We rinse with cold water, with warm water I mean. Forget what I said about the cold water.",
            "We rinse with warm water",
        );
        check("Before we open we clean the floor.", "Before we open we clean the floor");
    }
}
