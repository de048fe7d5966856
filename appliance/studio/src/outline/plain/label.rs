//! Clauses as steps and events, worded as the language does.

use super::{DENSE_CHARS, LABEL_WORDS, dense, shown, time};
use crate::outline::pack::{Order, Pack, trivial};

/// The label of a clause and when it happens.
pub(super) fn label(text: &str, pack: &Pack) -> (String, Option<String>) {
    if pack.order == Order::Suffix {
        let (label, date) = dense::label(text, pack);
        return (shown(&label, DENSE_CHARS), date);
    }
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        if !pack.is("filler", &low(word)) {
            words.push(word);
        } else if let Some(last) = words.last_mut() {
            // The commas around a filler are its own.
            *last = last.trim_end_matches(',');
        }
    }
    if let Some((date, range)) = time::date(&words, pack) {
        let rest: Vec<&str> = [&words[..range.start], &words[range.end..]].concat();
        let label = event(&rest, pack, range.start == 0);
        return (if label.is_empty() { date.clone() } else { label }, Some(date));
    }
    (step(&words.join(" "), pack), None)
}

/// What a clause says that only tells what the talk is about: `heute zeige ich, wie wir ...`.
pub(super) fn heading(text: &str, pack: &Pack) -> Option<String> {
    let folded = text.to_lowercase();
    // Case may change how long a letter is; then positions in the two do not agree.
    if folded.len() != text.len() {
        return None;
    }
    let before = pack.list("about").iter().find_map(|cue| folded.find(cue).map(|at| &text[..at]));
    let after = || pack.list("intro").iter().find_map(|cue| folded.find(cue).map(|at| &text[at + cue.len()..]));
    let mut rest = before.or_else(after)?.trim_matches(edge);
    while let Some(shorter) = pack.after("intro-drop", rest).filter(|s| !s.is_empty()) {
        rest = shorter;
    }
    let mut title = rest.trim_matches(edge).to_owned();
    if pack.order == Order::VerbSecond {
        title = title.split_whitespace().take(LABEL_WORDS + 1).collect::<Vec<_>>().join(" ");
    }
    let title = capital(&shown(title.trim_end_matches(edge), 48));
    (!title.is_empty()).then_some(title)
}

fn edge(c: char) -> bool {
    trivial(c) || matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '…' | '的')
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn low(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

fn small(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_lowercase)
}

/// `Zuerst prüfen wir den Bestand` as `Bestand prüfen`.
fn step(text: &str, pack: &Pack) -> String {
    let mut core = text;
    let mut led = false;
    while let Some(rest) = pack.after("lead", core).filter(|rest| !rest.is_empty()) {
        (core, led) = (rest, true);
    }
    // After a condition the main clause begins with its verb.
    if pack.after("condition", core).is_some()
        && let Some((_, main)) = core.split_once(',').filter(|(_, main)| !main.trim().is_empty())
    {
        core = main.trim();
        led = true;
        core = pack.after("lead", core).filter(|rest| !rest.is_empty()).unwrap_or(core);
    }
    let words: Vec<&str> = bare(core.split(", ").next().unwrap_or(core));
    let Some((verb, rest)) = verb_and_rest(&words, pack, led) else { return fit(&words, None, pack) };
    complete(verb, rest, pack)
}

/// The words without marks around them.
fn bare(text: &str) -> Vec<&str> {
    let words = text.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric() && c != '%' && c != '€'));
    words.filter(|w| !w.is_empty()).collect()
}

/// The finite verb of a clause and the other words, the subject left out where it is only who does it.
fn verb_and_rest<'t>(words: &[&'t str], pack: &Pack, led: bool) -> Option<(&'t str, Vec<&'t str>)> {
    let first = words.first()?;
    let is = |key: &str, i: usize| words.get(i).is_some_and(|w| pack.is(key, &low(w)));
    let phrase_end = |from: usize| {
        let head = (from..words.len()).find(|i| !small(words[*i]) && !is("determiner", *i))?;
        Some((head..words.len()).find(|i| small(words[*i])).unwrap_or(words.len()))
    };
    if is("preposition", 0) {
        // `nach dem Kneten ruht der Teig`: the verb stands behind the phrase.
        let end = phrase_end(1).filter(|end| *end < words.len())?;
        return verb_and_rest(&words[end..], pack, true);
    }
    if is("pronoun", 0) && !is("determiner", 0) {
        return Some((words.get(1)?, words[2..].to_vec()));
    }
    if is("determiner", 0) || (!led && !small(first) && words.get(1).is_some_and(|w| small(w) && !is("pronoun", 1))) {
        let end = phrase_end(0)?;
        let verb = words.get(end)?;
        let rest = &words[end + 1..];
        let object = rest.iter().any(|w| !small(w) || pack.is("pronoun", &low(w)));
        return Some((verb, if object { rest.to_vec() } else { [&words[..end], rest].concat() }));
    }
    let mut from = 1;
    if is("pronoun", 1) && !is("determiner", 1)
        || (is("pronoun", 1) && words.get(2).is_some_and(|w| pack.is("determiner", &low(w))))
    {
        from = 2;
    } else if is("determiner", 1) && !pack.is("auxiliary", &low(first)) {
        // `schickt der Händler die Ware`: who does it stands before what it is done to.
        let end = phrase_end(1)?;
        let object = words.get(end).is_some_and(|w| pack.is("determiner", &low(w)) || !small(w));
        from = if object { end } else { 1 };
    }
    Some((first, words[from.min(words.len())..].to_vec()))
}

/// The words with the verb at the end, as an infinitive; of `wird ... geprüft` the participle stays.
fn complete(verb: &str, mut rest: Vec<&str>, pack: &Pack) -> String {
    let finite = verb.to_lowercase();
    let last = rest.last().copied().filter(|w| small(w));
    if pack.is("auxiliary", &finite) {
        if let Some(last) = last {
            rest.pop();
            return fit(&rest, Some(last.to_owned()), pack);
        }
        return fit(&rest, None, pack);
    }
    let particle = last.filter(|w| pack.is("particle", &low(w)));
    if particle.is_some() {
        rest.pop();
    }
    fit(&rest, Some(format!("{}{}", particle.unwrap_or_default(), infinitive(&finite, pack))), pack)
}

fn infinitive(verb: &str, pack: &Pack) -> String {
    if let Some(base) = pack.base(verb) {
        return base.to_owned();
    }
    // A number that stands where a verb would is none.
    if verb.ends_with('n') || !verb.ends_with(char::is_alphabetic) {
        return verb.to_owned();
    }
    if let Some(stem) = verb.strip_suffix('t') {
        // `wechselt`, `liefert`; but `holt` and `alarmiert`.
        if verb.len() >= 6 && (stem.ends_with("el") || stem.ends_with("er")) && !stem.ends_with("ier") {
            return format!("{stem}n");
        }
        let stem = stem.strip_suffix('e').unwrap_or(stem);
        return format!("{stem}en");
    }
    if verb.ends_with('e') { format!("{verb}n") } else { format!("{verb}en") }
}

/// Articles go, unless they follow a preposition; then the first phrases that fit, and the verb.
fn fit(words: &[&str], verb: Option<String>, pack: &Pack) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let after = i > 0 && pack.is("preposition", &low(words[i - 1]));
        let article = pack.is("determiner", &low(word)) && !after;
        if !article && !pack.is("filler", &low(word)) {
            kept.push(word);
        }
    }
    let room = LABEL_WORDS - usize::from(verb.is_some());
    if kept.len() > room {
        let cut = (1..=room).rev().find(|i| pack.is("preposition", &low(kept[*i]))).unwrap_or(room);
        kept.truncate(cut);
    }
    let mut out: Vec<String> = kept.into_iter().map(str::to_owned).collect();
    out.extend(verb);
    out.join(" ")
}

/// `öffnete die Mühle` as `Mühle öffnete`, `wurde die Brücke gebaut` as `Brücke gebaut`.
fn event(words: &[&str], pack: &Pack, fronted: bool) -> String {
    let text = words.join(" ");
    let mut core = text.as_str();
    while let Some(rest) = pack.after("lead", core).filter(|rest| !rest.is_empty()) {
        core = rest;
    }
    let mut words = bare(core);
    let verb = if fronted { Some(0) } else { (1..words.len()).find(|i| pack.is("auxiliary", &low(words[*i]))) };
    let mut tail = None;
    if let Some(at) = verb.filter(|at| *at < words.len()) {
        let helps = pack.is("auxiliary", &low(words[at]));
        let ended = words.last().is_some_and(|w| small(w)) && at + 1 < words.len();
        let verb = words.remove(at);
        if helps && ended {
            tail = words.pop().map(str::to_owned);
        } else if fronted && !pack.is("copula", &low(verb)) {
            let particle = words.last().copied().filter(|w| pack.is("particle", &low(w)));
            if particle.is_some() {
                words.pop();
            }
            tail = Some(particle.map_or_else(|| verb.to_owned(), |p| format!("{verb} {p}")));
        }
    }
    words.retain(|w| !pack.is("pronoun", &low(w)) || pack.is("determiner", &low(w)));
    fit(&words, tail, pack)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    #[track_caller]
    fn check(text: &str, expected: &str, time: Option<&str>) {
        let pack = Pack::of(&Transcript::from_text("", "de")).unwrap();
        let (got, date) = label(text, pack);
        assert_eq!((got.as_str(), date.as_deref()), (expected, time), "{text}");
    }

    #[test]
    fn german_steps_end_with_the_infinitive() {
        check("Zuerst prüfen wir den Bestand.", "Bestand prüfen", None);
        check("Dann schickt der Händler die Ware ab.", "Ware abschicken", None);
        check("Der Kunde füllt das Formular aus.", "Formular ausfüllen", None);
        check("Danach wird der Antrag geprüft.", "Antrag geprüft", None);
        check("Dann alarmiert die Leitstelle den Wagen.", "Wagen alarmieren", None);
        check("Zum Schluss muss man die Tür abschließen.", "Tür abschließen", None);
        check("Wenn die Ware da ist, packen wir sie in den Karton.", "sie in den Karton packen", None);
        check("Anschließend liefert der Fahrer das Paket.", "Paket liefern", None);
    }

    #[test]
    fn german_events_keep_their_verb() {
        check("Im Jahr 1950 öffnete die Mühle.", "Mühle öffnete", Some("1950"));
        check("Am 3. Mai 1990 wurde die Brücke gebaut.", "Brücke gebaut", Some("3. Mai 1990"));
        check("Die Brücke wurde 1961 gesprengt.", "Brücke gesprengt", Some("1961"));
        check("1984 brannte sie ab.", "brannte ab", Some("1984"));
    }

    #[test]
    fn what_a_talk_is_about_is_its_title() {
        let pack = |lang| Pack::of(&Transcript::from_text("", lang)).unwrap();
        let of = |lang, text| heading(text, pack(lang));
        assert_eq!(
            of("de", "Heute zeige ich Ihnen, wie wir eine Bestellung bearbeiten.").as_deref(),
            Some("Bestellung bearbeiten")
        );
        assert_eq!(of("de", "Wir prüfen die Ware."), None);
        assert_eq!(of("ja", "今日は注文の処理について説明します。").as_deref(), Some("注文の処理"));
        assert_eq!(of("zh", "今天我来介绍订单处理的流程。").as_deref(), Some("订单处理的流程"));
    }
}
