//! Steps by sentence: what any language gets.

use super::draft::Draft;
use super::view::cut;
use super::{Options, empty_scene, review};
use crate::storyboard::{Kind, Role, Storyboard, WordRange};
use crate::transcript::Transcript;

/// Sentences of a scene.
const PER_SCENE: usize = 8;
/// Words of a label.
const LABEL_WORDS: usize = 5;
/// Words of a sentence that has no end.
const LONG: usize = 24;

/// One scene every [`PER_SCENE`] sentences; each sentence is a step, named by its first words.
pub(crate) fn outline(transcript: &Transcript, options: &Options, board: &mut Storyboard) {
    let sentences = sentences(transcript);
    for (i, group) in sentences.chunks(PER_SCENE).enumerate() {
        let first = if i == 0 { 0 } else { group[0][0] };
        let last = sentences.get((i + 1) * PER_SCENE).map_or(board.source.words.saturating_sub(1), |next| next[0] - 1);
        let mut scene = empty_scene(i + 1, [first, last]);
        let mut draft = Draft::default();
        for words in group {
            let label = label(transcript, *words);
            if !label.is_empty() {
                draft.node(&label, Role::Activity, *words);
            }
        }
        super::assemble::chain(&mut draft);
        scene.kind = options.kind.unwrap_or(Kind::Steps);
        scene.title = draft.nodes.first().map_or_else(String::new, |n| n.label.clone());
        scene.confidence = 0.4;
        scene.alt_kinds = [Kind::Steps, Kind::Timeline].into_iter().filter(|k| *k != scene.kind).collect();
        draft.write(&mut scene);
        review::check(&scene, &mut board.review);
        board.scenes.push(scene);
    }
    if !board.scenes.is_empty() {
        review::language(&transcript.lang, &mut board.review);
    }
}

fn sentences(transcript: &Transcript) -> Vec<WordRange> {
    let mut out: Vec<WordRange> = Vec::new();
    let mut first = 0_usize;
    for (i, word) in transcript.words.iter().enumerate() {
        let next = transcript.words.get(i + 1);
        let turn = next.is_none_or(|n| n.new_line || n.speaker != word.speaker);
        if word.ends_sentence() || turn || i + 1 - first >= LONG {
            out.push([u32::try_from(first).unwrap_or(u32::MAX), u32::try_from(i).unwrap_or(u32::MAX)]);
            first = i + 1;
        }
    }
    out
}

fn label(transcript: &Transcript, words: WordRange) -> String {
    let (first, last) = (words[0] as usize, words[1] as usize);
    // Scripts without spaces may hold a whole clause in one word: bounded by characters.
    let text = transcript.text(first, last.min(first + LABEL_WORDS - 1));
    let clause = text.split(['、', '，', ',', '。', '.', '！', '？']).find(|part| !part.trim().is_empty()).unwrap_or(&text);
    let core = clause.trim_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace() || c.is_control());
    if core.is_ascii() { return cut(core.to_owned()) }
    let mut short: String = core.chars().take(24).collect();
    short.retain(|c| !c.is_control());
    cut(short)
}
