//! Plain text and Markdown.

use super::{MS_PER_WORD, ReadError, SCHEMA, Timing, Transcript, Word, read::MAX_WORDS, speakers, split};

/// How long a blank line between two paragraphs is silent, in milliseconds.
const PARAGRAPH_MS: u64 = 1500;
/// Nobody wraps lines narrower than this, in characters.
const LEAST_WIDTH: usize = 40;
/// So many full lines show that a text is wrapped.
const FULL_LINES: usize = 3;

/// A transcript of plain text; see [`Transcript::from_text`].
pub(super) fn from_text(text: &str, lang: &str) -> Transcript {
    let names = speakers::of(text.lines());
    let wrapped = wrapped(text);
    let mut words: Vec<Word> = Vec::new();
    let mut speaker = None;
    let (mut at, mut last, mut blank) = (0, "", false);
    for line in text.lines() {
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        if let Some((name, _)) = speakers::prefix(line)
            && let Some(known) = names.iter().position(|n| n == name)
        {
            speaker = u16::try_from(known).ok();
        }
        // Turns of a dialogue are kept apart by blank lines for the eye alone.
        if blank && names.is_empty() && !words.is_empty() {
            at += PARAGRAPH_MS;
        }
        let broken = blank || !wrapped.is_some_and(|width| full(last, line, width)) || speakers::prefix(line).is_some();
        for (i, (token, joined)) in split::words(line).enumerate() {
            let mut word = Word::new(token, at, at + MS_PER_WORD);
            word.new_line = i == 0 && broken && !words.is_empty();
            word.joined = joined;
            word.speaker = speaker;
            words.push(word);
            at += MS_PER_WORD;
        }
        (last, blank) = (line, false);
    }
    Transcript {
        schema: SCHEMA.to_owned(),
        lang: lang.to_owned(),
        duration_ms: at,
        audio_sha256: None,
        model: None,
        speakers: names,
        words,
        timing: Timing::Assumed,
    }
}

/// The width to which an editor or a mail program wrapped the paragraphs of a text, in characters: the longest line, where no
/// line within a paragraph had room for the first word of the next one. None where breaks are the writer's own.
fn wrapped(text: &str) -> Option<usize> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let width = lines.iter().map(|line| line.chars().count()).max().filter(|width| *width >= LEAST_WIDTH)?;
    let breaks: Vec<_> = lines.windows(2).filter(|pair| pair.iter().all(|line| !line.is_empty())).collect();
    let filled = breaks.iter().all(|pair| full(pair[0], pair[1], width));
    // One or two long lines are full by chance; who wrote on in small letters did not end a line.
    let goes_on = breaks.iter().all(|pair| pair[1].starts_with(char::is_lowercase));
    (filled && (breaks.len() >= FULL_LINES || goes_on)).then_some(width)
}

/// Whether a line of `width` characters has no room for the first word of the next.
fn full(line: &str, next: &str, width: usize) -> bool {
    let word = next.split_whitespace().next().unwrap_or("");
    line.trim().chars().count() + 1 + word.chars().count() > width
}

pub(super) fn read(text: &str, lang: &str) -> Result<Transcript, ReadError> {
    let transcript = from_text(text, lang);
    if transcript.words.len() > MAX_WORDS { Err(ReadError::TooManyWords(MAX_WORDS)) } else { Ok(transcript) }
}

/// The spoken text of a Markdown file: without fenced code, heading and list marks, emphasis and link targets.
pub(super) fn strip_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fenced = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        let rule = line.len() >= 3 && line.chars().all(|c| matches!(c, '-' | '*' | '_' | '='));
        if fenced || rule {
            continue;
        }
        let line = line.trim_start_matches(['#', '>']).trim_start();
        let line = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
        out.push_str(&inline(line));
        out.push('\n');
    }
    out
}

/// A line without `**`, `__`, backquotes and link targets.
fn inline(line: &str) -> String {
    let mut out = line.replace("**", "").replace("__", "").replace('`', "");
    let mut from = 0;
    while let Some(middle) = out[from..].find("](").map(|at| from + at) {
        let (Some(open), Some(close)) = (out[from..middle].rfind('['), out[middle..].find(')')) else {
            from = middle + 2;
            continue;
        };
        let open = from + open;
        out.replace_range(middle..=middle + close, "");
        let start = open.saturating_sub(usize::from(out[..open].ends_with('!')));
        out.replace_range(start..=open, "");
        from = start;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_index_is_that_of_white_space() {
        let text = "Anna: Hello there.\n\n  Ben: Hi,\tAnna!\u{a0}Well.\nAnna: Bye.";
        let transcript = from_text(text, "en");
        let plain: Vec<&str> = text.split_whitespace().collect();
        let words: Vec<&str> = transcript.words.iter().map(|w| w.text.as_str()).collect();
        assert_eq!(words, plain);
        assert_eq!(transcript.speakers, ["Anna", "Ben"]);
        let speakers: Vec<_> = transcript.words.iter().map(|w| w.speaker.unwrap()).collect();
        assert_eq!(speakers, [0, 0, 0, 1, 1, 1, 1, 0, 0]);
        assert_eq!(transcript.name_prefix(0), 1);
        assert_eq!(transcript.name_prefix(1), 0);
        assert_eq!(transcript.name_prefix(3), 1);
        assert_eq!(transcript.words[3].start_ms, 3 * MS_PER_WORD, "turns are apart for the eye alone");
    }

    #[test]
    fn paragraphs_are_apart_by_a_silence() {
        let transcript = from_text("One two.\n\nThree.\nFour.\n", "en");
        let starts: Vec<u64> = transcript.words.iter().map(|w| w.start_ms).collect();
        let rest = 2 * MS_PER_WORD + PARAGRAPH_MS;
        assert_eq!(starts, [0, MS_PER_WORD, rest, rest + MS_PER_WORD]);
        assert_eq!(transcript.words.iter().map(|w| w.new_line).collect::<Vec<_>>(), [false, false, true, true]);
        assert_eq!(transcript.duration_ms, rest + 2 * MS_PER_WORD);
    }

    #[test]
    fn wrapped_lines_are_no_breaks() {
        let breaks = |text: &str| from_text(text, "en").words.iter().filter(|w| w.new_line).count();
        let wrapped = "First the clerk checks the stock and then\nshe packs the order with great care until\nAnna takes the parcel and the driver can\nbring it to the customer.\n\nFinally the customer signs.";
        assert_eq!(breaks(wrapped), 1, "only the paragraph");
        assert_eq!(breaks("The clerk who is in the house checks the\nstock."), 0);
        assert_eq!(breaks("The clerk who is in the house checks it.\nThe driver comes."), 1);
        assert_eq!(breaks("Check the stock\nPack the order\nCall the driver of the van of the firm"), 2);
    }

    #[test]
    fn markdown() {
        let check = |text: &str, expected: &str| assert_eq!(strip_markdown(text), expected);
        check("# Title\n\n- **Check** the `stock`\n> quoted", "Title\n\nCheck the stock\nquoted\n");
        check("```\ncode\n```\nsee [the page](http://x/y) and ![pic](p.png)!", "see the page and pic!\n");
        check("a\n---\n[x](", "a\n[x](\n");
        check("](a)[b](c)", "](a)b\n");
    }
}
