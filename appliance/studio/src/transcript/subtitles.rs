//! SubRip and WebVTT: timed lines to words, read forgivingly.

use super::{ReadError, SCHEMA, Timing, Transcript, Word, read::MAX_DURATION_MS, read::MAX_WORDS, speakers, split};

/// One timed block.
struct Block {
    start_ms: u64,
    end_ms: u64,
    /// Name of a voice span.
    voice: Option<String>,
    lines: Vec<String>,
}

pub(super) fn read(text: &str, lang: &str, vtt: bool) -> Result<Transcript, ReadError> {
    if vtt && text.split_whitespace().next() != Some("WEBVTT") {
        return Err(ReadError::NotVtt);
    }
    let mut blocks = blocks(text, vtt)?;
    if blocks.is_empty() && text.contains(|c: char| !c.is_whitespace()) && !vtt {
        return Err(ReadError::NoCues);
    }
    blocks.sort_by_key(|b| b.start_ms);
    let told = language(text).filter(|_| vtt && (lang.is_empty() || lang == "und"));
    let names = names(&blocks);
    let mut transcript = Transcript {
        schema: SCHEMA.to_owned(),
        lang: told.unwrap_or(lang).to_owned(),
        duration_ms: blocks.iter().map(|b| b.end_ms).max().unwrap_or(0),
        audio_sha256: None,
        model: None,
        speakers: names,
        words: Vec::new(),
        timing: Timing::Lines,
    };
    let mut speaker = None;
    for (i, block) in blocks.iter().enumerate() {
        // Lines that overlap the next block would break the order of words.
        let end = blocks.get(i + 1).map_or(block.end_ms, |next| block.end_ms.min(next.start_ms)).max(block.start_ms);
        add_block(&mut transcript, block, end, &mut speaker);
        if transcript.words.len() > MAX_WORDS {
            return Err(ReadError::TooManyWords(MAX_WORDS));
        }
    }
    Ok(transcript)
}

/// Voice names, and names before a colon where the lines are a dialogue, in order of appearance.
fn names(blocks: &[Block]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in blocks.iter().filter_map(|b| b.voice.as_ref()) {
        if !names.contains(name) && names.len() < usize::from(u16::MAX) {
            names.push(name.clone());
        }
    }
    if names.is_empty() {
        // A turn may go on over many lines, so only those with a name are looked at.
        let lines = blocks.iter().flat_map(|b| &b.lines).map(String::as_str);
        names = speakers::of(lines.filter(|line| speakers::prefix(line).is_some()));
    }
    names
}

fn add_block(transcript: &mut Transcript, block: &Block, end_ms: u64, speaker: &mut Option<u16>) {
    let position =
        |name: &str, names: &[String]| names.iter().position(|n| n == name).and_then(|at| u16::try_from(at).ok());
    if let Some(voice) = &block.voice {
        *speaker = position(voice, &transcript.speakers);
    }
    // Dashes mark turns of people without names where there is more than one.
    let dashes = block.lines.iter().filter(|l| l.starts_with("- ")).count() > 1;
    let mut tokens: Vec<(&str, bool, bool, Option<u16>)> = Vec::new();
    for (l, line) in block.lines.iter().enumerate() {
        let mut line = line.as_str();
        if let Some((name, rest)) = speakers::prefix(line)
            && let Some(known) = position(name, &transcript.speakers)
        {
            *speaker = Some(known);
            line = rest;
        }
        let line = line.trim_start();
        let line = line.strip_prefix("- ").filter(|_| dashes).unwrap_or(line);
        for (i, (word, joined)) in split::words(line).enumerate() {
            let before = tokens.last().map(|t| t.0).or(transcript.words.last().map(|w| w.text.as_str()));
            let joined = joined || (i == 0 && before.is_some_and(|before| split::joins(before, word)));
            tokens.push((word, joined, i == 0 && l == 0, *speaker));
        }
    }
    // Longer words take longer to say.
    let weight = |word: &str| word.chars().count() as u64 + 1;
    let total: u64 = tokens.iter().map(|t| weight(t.0)).sum();
    let length = end_ms - block.start_ms;
    let mut before = 0;
    for (text, joined, first, speaker) in tokens {
        let at = |part: u64| block.start_ms + length * part / total;
        let mut word = Word::new(text, at(before), at(before + weight(text)));
        before += weight(text);
        word.joined = joined;
        word.speaker = speaker;
        word.redacted = text == super::captions::REDACTED || text == super::REDACTED;
        word.new_line = first && transcript.words.last().is_some_and(|w| w.speaker != speaker || w.ends_sentence());
        transcript.words.push(word);
    }
}

/// The `Language:` of a WebVTT header.
fn language(text: &str) -> Option<&str> {
    let header = text.split("\n\n").next()?;
    header.lines().find_map(|l| l.strip_prefix("Language:")).map(str::trim).filter(|l| !l.is_empty() && l.len() <= 35)
}

fn blocks(text: &str, vtt: bool) -> Result<Vec<Block>, ReadError> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        if let Some((from, to)) = line.split_once("-->") {
            let time =
                |text: &str| time(text).filter(|ms| *ms <= MAX_DURATION_MS).ok_or(ReadError::Time { line: number + 1 });
            // Positions follow the end time after a space.
            let to = to.split_whitespace().next().unwrap_or_default();
            let start_ms = time(from.trim())?;
            blocks.push(Block { start_ms, end_ms: time(to)?.max(start_ms), voice: None, lines: Vec::new() });
            open = true;
        } else if line.trim().is_empty() {
            open = false;
        } else if let (true, Some(block)) = (open, blocks.last_mut()) {
            let (spoken, voice) = strip(line, vtt);
            if let Some(voice) = voice {
                block.voice.get_or_insert(voice);
            }
            // Several voices in one block keep the first; the rest of its words are still read.
            if !spoken.trim().is_empty() {
                block.lines.push(spoken.trim().to_owned());
            }
        }
    }
    Ok(blocks)
}

/// `hh:mm:ss,mmm`, `mm:ss.mmm` and the like, in milliseconds.
fn time(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let digits = |t: &str| (!t.is_empty() && t.len() <= 9 && t.bytes().all(|b| b.is_ascii_digit())).then_some(());
    let parts: Vec<&str> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut seconds = 0_u64;
    for part in parts {
        digits(part)?;
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    digits(fraction)?;
    let ms: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    seconds.checked_mul(1000)?.checked_add(ms)
}

/// A line without markup, and the name of its first voice span.
fn strip(line: &str, vtt: bool) -> (String, Option<String>) {
    let mut out = String::with_capacity(line.len());
    let mut voice = None;
    let mut rest = line;
    while let Some(at) = rest.find(['<', '&', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((tag, after)) = tag(rest, vtt) {
            if let Some(name) = tag.strip_prefix('v').filter(|n| n.starts_with([' ', '.', '\t'])) {
                let name = name.split_once([' ', '\t']).map_or("", |(_, name)| name);
                let name = unescape(name.trim());
                voice = voice.or_else(|| (!name.is_empty()).then(|| name.chars().take(200).collect()));
            }
            rest = after;
        } else if let Some((c, after)) = entity(rest).filter(|_| vtt) {
            out.extend(c);
            rest = after;
        } else {
            let c = rest.chars().next().unwrap_or_default();
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out.push_str(rest);
    (out, voice)
}

/// The inside of the tag that `text` begins with, and what follows it. In SubRip only what looks like a tag is one,
/// and `{\an8}` is a position.
fn tag(text: &str, vtt: bool) -> Option<(&str, &str)> {
    if let Some(inside) = text.strip_prefix('<') {
        let (inside, after) = inside.split_once('>')?;
        let name = inside.trim_start_matches('/').split([' ', '.', '\t']).next().unwrap_or_default();
        let known = matches!(name.to_ascii_lowercase().as_str(), "b" | "i" | "u" | "s" | "font" | "ruby" | "rt");
        (vtt || known).then_some((inside, after))
    } else {
        text.strip_prefix("{\\").filter(|_| !vtt)?.split_once('}')
    }
}

/// The character of the entity that `text` begins with (none for a direction mark), and what follows it.
fn entity(text: &str) -> Option<(Option<char>, &str)> {
    let (name, after) = text.strip_prefix('&')?.split_once(';')?;
    let c = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "nbsp" => Some(' '),
        "lrm" | "rlm" => None,
        _ => {
            let code = name.strip_prefix('#').filter(|c| c.len() <= 7)?;
            let code = code.strip_prefix('x').map_or_else(|| code.parse().ok(), |h| u32::from_str_radix(h, 16).ok())?;
            Some(char::from_u32(code).filter(|c| !c.is_control())?)
        }
    };
    Some((c, after))
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let (c, after) = entity(&rest[at..]).unwrap_or((Some('&'), &rest[at + 1..]));
        out.extend(c);
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words as `start text`, with `speaker/` before it where known.
    #[track_caller]
    fn check(text: &str, vtt: bool, expected: &[&str]) {
        let transcript = read(text, "en", vtt).unwrap();
        let words: Vec<String> = transcript
            .words
            .iter()
            .map(|w| {
                let who = w.speaker.map_or_else(String::new, |s| format!("{}/", transcript.speakers[usize::from(s)]));
                format!("{} {who}{}", w.start_ms, w.text)
            })
            .collect();
        assert_eq!(words, expected);
    }

    #[test]
    fn srt() {
        check(
            "1\n00:00:01,000 --> 00:00:02,000\nab ab\n\n2\n00:00:03,500 --> 00:00:04,000\nend",
            false,
            &["1000 ab", "1500 ab", "3500 end"],
        );
        check(
            "0:01.5 --> 0:02 X1:3\n{\\an8}<i>a</i> < b & c\n",
            false,
            &["1500 a", "1600 <", "1700 b", "1800 &", "1900 c"],
        );
        check(
            "0:03,0 --> 0:04,0\nlate\n\n0:01,0 --> 0:09,0\nearly words",
            false,
            &["1000 early", "2000 words", "3000 late"],
        );
        check("0:00,0 --> 0:01,0\n- Yes.\n- No.", false, &["0 Yes.", "555 No."]);
    }

    #[test]
    fn speakers_from_srt() {
        let text = "0:00,0 --> 0:01,0\nAnna: Hello\n\n0:01,0 --> 0:02,0\nagain\n\n0:02,0 --> 0:03,0\nBen: Hi\n\n\
                    0:03,0 --> 0:04,0\nAnna: Bye";
        check(text, false, &["0 Anna/Hello", "1000 Anna/again", "2000 Ben/Hi", "3000 Anna/Bye"]);
    }

    #[test]
    fn vtt() {
        let text = "WEBVTT - a title\nLanguage: de\n\nNOTE\nnothing\n\nid\n00:01.000 --> 00:02.000 align:start\n\
                    <v.loud Ben &amp; Co>Fish &amp; <c.x>chips</c>&lrm;</v>\n\nSTYLE\n::cue {}\n";
        check(text, true, &["1000 Ben & Co/Fish", "1384 Ben & Co/&", "1538 Ben & Co/chips"]);
        assert_eq!(read(text, "", true).unwrap().lang, "de");
        assert_eq!(read(text, "en", true).unwrap().lang, "en");
    }

    #[test]
    fn dense_text_joins_over_line_breaks() {
        let transcript = read("0:00,0 --> 0:01,0\n在庫\n確認\n\n0:01,0 --> 0:02,0\nする", "ja", false).unwrap();
        assert_eq!(transcript.text(0, transcript.words.len() - 1), "在庫確認する");
    }

    #[test]
    fn wrong_files() {
        let check = |text: &str, vtt: bool, expected: &str| {
            assert_eq!(read(text, "en", vtt).unwrap_err().to_string(), expected);
        };
        check(
            "1\n0:0x,0 --> 0:01,0\na",
            false,
            "line 2 has no time that can be read; write 00:01:02,345 --> 00:01:04,000",
        );
        check(
            "999999999:00:00,0 --> 0:01,0\na",
            false,
            "line 1 has no time that can be read; write 00:01:02,345 --> 00:01:04,000",
        );
        check("just text", false, "no timed line in the file; is it plain text?");
        check("just text", true, "the file does not begin with WEBVTT");
    }
}
