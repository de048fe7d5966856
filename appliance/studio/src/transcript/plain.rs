//! Plain text and Markdown.

use super::{MS_PER_WORD, ReadError, SCHEMA, Timing, Transcript, Word, read::MAX_WORDS, speakers, split};

/// A transcript of plain text; see [`Transcript::from_text`].
pub(super) fn from_text(text: &str, lang: &str) -> Transcript {
    let names = speakers::of(text.lines());
    let mut words: Vec<Word> = Vec::new();
    let mut speaker = None;
    for line in text.lines() {
        if let Some((name, _)) = speakers::prefix(line)
            && let Some(known) = names.iter().position(|n| n == name)
        {
            speaker = u16::try_from(known).ok();
        }
        for (i, (token, joined)) in split::words(line).enumerate() {
            let start = words.len() as u64 * MS_PER_WORD;
            let mut word = Word::new(token, start, start + MS_PER_WORD);
            word.new_line = i == 0 && !words.is_empty();
            word.joined = joined;
            word.speaker = speaker;
            words.push(word);
        }
    }
    Transcript {
        schema: SCHEMA.to_owned(),
        lang: lang.to_owned(),
        duration_ms: words.len() as u64 * MS_PER_WORD,
        audio_sha256: None,
        model: None,
        speakers: names,
        words,
        timing: Timing::Assumed,
    }
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
