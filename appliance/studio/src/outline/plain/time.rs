//! Dates in words with spaces: `im Jahr 1950`, `am 3. Mai 1990`, `zwei Jahre später`, `um 9 Uhr`.

use crate::outline::pack::Pack;

/// The date among the words and the words it takes, with the small words before it.
pub(super) fn date(words: &[&str], pack: &Pack) -> Option<(String, std::ops::Range<usize>)> {
    let core = |i: usize| words.get(i).map_or("", |w| w.trim_matches(|c: char| !c.is_alphanumeric()));
    let low = |i: usize| core(i).to_lowercase();
    let digits = |i: usize| !core(i).is_empty() && core(i).bytes().all(|b| b.is_ascii_digit());
    let year =
        |i: usize| core(i).len() == 4 && digits(i) && (1000..=2199).contains(&core(i).parse::<u32>().unwrap_or(0));
    let named = |i: usize| pack.is("time", &low(i));
    let day = |i: usize| core(i).len() <= 2 && digits(i) && (named(i + 1) || pack.is("clock", &low(i + 1)));
    let later = |i: usize| pack.is("later", &low(i)) && i >= 2;
    let at = (0..words.len()).find(|i| year(*i) || named(*i) || day(*i) || later(*i))?;
    let mut from = at;
    let mut to = at + 1;
    if later(at) {
        from = at - 2;
    } else {
        while to < words.len() && (year(to) || named(to) || (digits(to - 1) && pack.is("clock", &low(to)))) {
            to += 1;
        }
    }
    let text = words[from..to].iter().map(|w| w.trim_matches(|c: char| c == ',' || c == ';')).collect::<Vec<_>>();
    // `am 3. Mai`: the small words before it belong to it, and are not shown.
    for _ in 0..3 {
        let two = from >= 2 && pack.is("time-lead", &format!("{} {}", low(from - 2), low(from - 1)));
        let one = from >= 1 && pack.is("time-lead", &low(from - 1));
        from -= if two { 2 } else { usize::from(one) };
    }
    let text = text.join(" ");
    Some((text.trim_end_matches(['.', '!', '?']).to_owned(), from..to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    #[track_caller]
    fn check(text: &str, expected: &str, rest: &str) {
        let pack = Pack::of(&Transcript::from_text("", "de")).unwrap();
        let words: Vec<&str> = text.split(' ').collect();
        let (date, range) = date(&words, pack).unwrap_or_default();
        let left: Vec<&str> = words.iter().enumerate().filter(|(i, _)| !range.contains(i)).map(|(_, w)| *w).collect();
        assert_eq!((date.as_str(), left.join(" ").as_str()), (expected, rest), "{text}");
    }

    #[test]
    fn german_dates() {
        check("Im Jahr 1950 öffnete die Mühle.", "1950", "öffnete die Mühle.");
        check("Am 3. Mai 1990 fiel die Brücke.", "3. Mai 1990", "fiel die Brücke.");
        check("Zwei Jahre später kam der Umbau.", "Zwei Jahre später", "kam der Umbau.");
        check("Um 9 Uhr beginnt die Schicht.", "9 Uhr", "beginnt die Schicht.");
        check("Die Brücke wurde 1961 gesprengt.", "1961", "Die Brücke wurde gesprengt.");
        check("Wir prüfen 12 Kisten.", "", "Wir prüfen 12 Kisten.");
    }
}
