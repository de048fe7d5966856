//! Cuts a transcript into captions: where to break, how long to show.

use super::lines::{MAX_COLUMNS, Token, best_break, lines};
use super::{Cue, Transcript, Word};

/// What captions show for redacted words.
pub(super) const REDACTED: &str = "[…]";

/// Longest caption in milliseconds.
const MAX_MS: u64 = 7000;
/// Shortest caption, where the next one leaves room.
const MIN_MS: u64 = 1000;
/// Reading speed in columns a second, where speech leaves room.
const COLUMNS_PER_S: u64 = 20;
/// A gap shorter than this flickers; the caption stays until the next.
const MIN_GAP_MS: u64 = 80;
/// Silence after which a caption never goes on.
const PAUSE_MS: u64 = 1500;
/// Most words of one caption: two full lines of one-letter words.
const MAX_TOKENS: usize = 2 * MAX_COLUMNS;

/// Words that begin a phrase, so that a break before them reads well (English and German).
const OPENERS: [&str; 40] = [
    "and", "but", "or", "so", "because", "if", "when", "while", "that", "which", "who", "where", "then", "than", "to",
    "with", "from", "into", "before", "after", "until", "unless", "although", "for", "in", "on", "at", "by", "und",
    "aber", "oder", "weil", "wenn", "dass", "der", "die", "das", "mit", "von", "bis",
];

/// Cuts a transcript into captions of at most two lines of 42 columns (21 wide characters) and 7 s, in order and
/// without overlap. Breaks fall at sentence ends, punctuation, pauses and before conjunctions where they can; a
/// caption never holds two speakers, and where the speaker changes the name stands before the words. Runs of redacted
/// words show as one `[…]`; names of turns (see [`Transcript::name_prefix`]) are not shown twice.
pub fn cues(transcript: &Transcript) -> Vec<Cue> {
    let mut cues = Vec::new();
    let mut shown = None;
    for turn in turns(transcript) {
        let words = &transcript.words[turn.from..turn.to];
        let speaker = words[0].speaker;
        let name = speaker.and_then(|s| transcript.speakers.get(usize::from(s))).filter(|n| !n.is_empty());
        let announce = name.filter(|_| transcript.speakers.len() > 1 && shown != Some(speaker));
        shown = Some(speaker);
        cut_turn(words, name, announce.map(String::as_str), &mut cues);
    }
    settle(&mut cues, transcript.duration_ms);
    cues
}

/// Words of one speaker without a long pause: `from..to`.
struct Turn {
    from: usize,
    to: usize,
}

fn turns(transcript: &Transcript) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let words = &transcript.words;
    let mut i = 0;
    while i < words.len() {
        i += transcript.name_prefix(i);
        let from = i;
        while i < words.len() {
            i += 1;
            let Some((last, next)) = words.get(i - 1).zip(words.get(i)) else { break };
            let pause = next.start_ms.saturating_sub(last.end_ms) >= PAUSE_MS;
            if pause || next.speaker != last.speaker || transcript.name_prefix(i) > 0 {
                break;
            }
        }
        let to = i.min(words.len());
        if from < to {
            turns.push(Turn { from, to });
        }
    }
    turns
}

/// Cuts one turn at the cheapest set of places (dynamic programming over word borders).
fn cut_turn(words: &[Word], name: Option<&String>, announce: Option<&str>, cues: &mut Vec<Cue>) {
    let prefix = announce.map(|name| Token::new(&format!("{name}:"), false, 100));
    let tokens: Vec<Option<Token>> = (0..words.len()).map(|i| token(words, i)).collect();
    // best[i]: cost of captions for the first i words, and where the last of them begins.
    let mut best: Vec<(u64, usize)> = vec![(u64::MAX, 0); words.len() + 1];
    best[0].0 = 0;
    let piece = |from: usize, to: usize| -> Vec<&Token> {
        prefix.iter().filter(|_| from == 0).chain(tokens[from..to].iter().flatten()).collect()
    };
    for to in 1..=words.len() {
        for from in (to.saturating_sub(MAX_TOKENS)..to).rev() {
            let long = words[to - 1].end_ms.saturating_sub(words[from].start_ms) > MAX_MS;
            let columns: usize = tokens[from..to].iter().flatten().map(|t| t.columns).sum();
            if to - from > 1 && (long || columns > 2 * MAX_COLUMNS) {
                break;
            }
            let lines = match best_break(&piece(from, to)) {
                Some((_, cost)) => u64::from(cost),
                None if to - from > 1 => continue,
                None => 1000,
            };
            let cost = best[from].0.saturating_add(lines).saturating_add(price(words, &tokens, from, to));
            if cost < best[to].0 {
                best[to] = (cost, from);
            }
        }
    }
    let mut cuts = Vec::new();
    let mut to = words.len();
    while to > 0 {
        let from = best[to].1.min(to - 1);
        cuts.push((from, to));
        to = from;
    }
    for (from, to) in cuts.into_iter().rev() {
        let lines = lines(&piece(from, to));
        if !lines.is_empty() {
            let (start_ms, end_ms) = (words[from].start_ms, words[to - 1].end_ms.min(words[from].start_ms + MAX_MS));
            cues.push(Cue { start_ms, end_ms: end_ms.max(start_ms), lines, speaker: name.cloned() });
        }
    }
}

/// What a caption costs besides its line break: a little for being one, more for being too short or too fast, most
/// for ending in the middle of a phrase.
fn price(words: &[Word], tokens: &[Option<Token>], from: usize, to: usize) -> u64 {
    let room = words.get(to).map_or(u64::MAX, |next| next.start_ms).saturating_sub(words[from].start_ms);
    let columns = tokens[from..to].iter().flatten().map(|t| t.columns as u64 + 1).sum::<u64>();
    let needed = (columns * 1000 / COLUMNS_PER_S).max(MIN_MS);
    let hurry = if room < needed { 10 + (needed - room) / 50 } else { 0 };
    let end = tokens[from..to].iter().rev().flatten().next().map_or(0, |t| u64::from(t.cost));
    8 + hurry + if to == words.len() { 0 } else { end * 6 }
}

/// The piece a word shows as; a redacted word after another shows as nothing.
fn token(words: &[Word], i: usize) -> Option<Token> {
    let word = &words[i];
    if word.redacted {
        return (i == 0 || !words[i - 1].redacted).then(|| Token::new(REDACTED, false, 4));
    }
    let next = words.get(i + 1);
    let pause = next.map_or(0, |n| n.start_ms.saturating_sub(word.end_ms));
    let opens = next.is_some_and(|n| OPENERS.contains(&n.text.to_lowercase().as_str()));
    let cost = if word.ends_sentence() || next.is_some_and(|n| n.new_line) {
        0
    } else if word.text.ends_with([',', ';', ':', '—', '、', '，', '；', '：']) || pause >= 400 {
        2
    } else if opens || pause >= 200 {
        5
    } else {
        10
    };
    Some(Token::new(word.text.trim(), word.joined, cost))
}

/// Gives captions the time to be read: to their end, at least a second and 20 columns a second where the next one
/// leaves room, without overlap and without gaps that flicker.
fn settle(cues: &mut [Cue], duration_ms: u64) {
    for i in 0..cues.len() {
        let next = cues.get(i + 1).map(|c| c.start_ms);
        let cue = &mut cues[i];
        let columns: usize = cue.lines.iter().map(|l| super::split::columns(l)).sum();
        let needed = (columns as u64 * 1000 / COLUMNS_PER_S).clamp(MIN_MS, MAX_MS);
        let limit = next.unwrap_or_else(|| duration_ms.max(cue.end_ms));
        cue.end_ms = cue.end_ms.max(cue.start_ms.saturating_add(needed)).min(limit);
        let gap = next.map_or(0, |next| next - cue.end_ms);
        if gap > 0 && gap < MIN_GAP_MS && cue.end_ms + gap - cue.start_ms <= MAX_MS {
            cue.end_ms += gap;
        }
    }
}

#[cfg(test)]
mod tests;
