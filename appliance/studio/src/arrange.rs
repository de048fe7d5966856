//! Scenes that are played in another order than they were spoken in.
//!
//! What is said over a scene goes with it, as in an editor of sound: the recording is taken apart in the pauses before scenes
//! and put together in the order in which they are played. Storyboard and transcript stay as they are, so that words keep
//! their ids and times, and with them evidence, corrections and redactions; [`arrange`] makes of both what a film of that
//! order is planned from. Nothing is left out and nothing is heard twice, so the film is as long as the recording.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::film::BREATH_MS;
use crate::storyboard::{At, Scene, Storyboard, WordRange};
use crate::transcript::{Transcript, Word};

/// The most stretches of which the sound is put together: for each that lies before the one that is played before it, the recording
/// is read from its beginning.
pub const MAX_STRETCHES: usize = 64;

impl Storyboard {
    /// Indices of the scenes in the order in which they are played.
    pub fn played(&self) -> Vec<usize> {
        let spoken = || (0..self.scenes.len()).collect();
        let at: BTreeMap<&str, usize> = self.scenes.iter().enumerate().map(|(at, s)| (s.id.as_str(), at)).collect();
        let played: Option<Vec<usize>> = self.order.iter().map(|id| at.get(id.as_str()).copied()).collect();
        let whole = |played: &Vec<usize>| {
            let mut seen = vec![false; self.scenes.len()];
            played.len() == seen.len() && played.iter().all(|at| !std::mem::replace(&mut seen[*at], true))
        };
        played.filter(whole).unwrap_or_else(spoken)
    }
}

/// What is said over a scene, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Index of the scene in spoken order.
    pub scene: usize,
    /// Where it begins in the recording.
    pub from_ms: u64,
    /// Where it ends there.
    pub to_ms: u64,
    /// When it is played.
    pub at_ms: u64,
}

/// A storyboard and its transcript as they are played.
#[derive(Debug, Clone, PartialEq)]
pub struct Arranged<'a> {
    /// The scenes in the order in which they are played; their words are those of `transcript`.
    pub board: Cow<'a, Storyboard>,
    /// The words in the order and at the times at which they are heard.
    pub transcript: Cow<'a, Transcript>,
    /// Of which stretches of the recording the sound is put together, one a scene; empty where it is heard as it was spoken.
    pub stretches: Vec<Stretch>,
}

impl Arranged<'_> {
    /// The same with neighbours that follow one another in the recording too as one, as `(from, to)` in milliseconds.
    pub fn cuts(&self) -> Vec<(u64, u64)> {
        let mut cuts: Vec<(u64, u64)> = Vec::new();
        for Stretch { from_ms, to_ms, .. } in &self.stretches {
            match cuts.last_mut() {
                Some((_, end)) if end == from_ms => *end = *to_ms,
                _ => cuts.push((*from_ms, *to_ms)),
            }
        }
        cuts.retain(|(from, to)| from < to);
        cuts
    }
}

/// Of how many stretches of the recording the sound of scenes in this order is put together.
pub(crate) fn stretches(played: &[usize]) -> usize {
    1 + played.windows(2).filter(|pair| pair[0] + 1 != pair[1]).count()
}

/// Storyboard and transcript as they are played. Where scenes refer to words that the transcript does not have, both are as they
/// were: what plans the film says so.
pub fn arrange<'a>(board: &'a Storyboard, transcript: &'a Transcript) -> Arranged<'a> {
    let as_spoken =
        Arranged { board: Cow::Borrowed(board), transcript: Cow::Borrowed(transcript), stretches: Vec::new() };
    let played = board.played();
    let known = |scene: &Scene| (scene.words[1] as usize) < transcript.words.len() && scene.words[0] <= scene.words[1];
    if played.is_sorted() || !board.scenes.iter().all(known) || !board.scenes.is_sorted_by_key(|scene| scene.words) {
        return as_spoken;
    }
    let way = Way::of(board, transcript, &played);
    let mut words: Vec<Word> = Vec::with_capacity(transcript.words.len());
    for part in &way.parts {
        let joint = words.len();
        words.extend(transcript.words[part.first..part.end].iter().map(|word| part.heard(word)));
        // No caption goes over the joint.
        if let Some(word) = words.get_mut(joint) {
            word.new_line = true;
        }
    }
    let mut scenes: Vec<Scene> = played.iter().map(|at| board.scenes[*at].clone()).collect();
    scenes.iter_mut().for_each(|scene| way.lead(scene));
    let stretches = way.parts.iter().map(|part| part.stretch).collect();
    Arranged {
        board: Cow::Owned(Storyboard { scenes, order: Vec::new(), review: Vec::new(), ..board.clone() }),
        transcript: Cow::Owned(Transcript { words, ..transcript.clone() }),
        stretches,
    }
}

/// The words of a scene on their way: those from `first` to before `end` are heard from word `to` on.
struct Part {
    stretch: Stretch,
    first: usize,
    end: usize,
    to: usize,
}

impl Part {
    fn heard(&self, word: &Word) -> Word {
        let Stretch { from_ms, to_ms, at_ms, .. } = self.stretch;
        let moment = |ms: u64| at_ms + ms.clamp(from_ms, to_ms) - from_ms;
        Word { start_ms: moment(word.start_ms), end_ms: moment(word.end_ms), ..word.clone() }
    }
}

/// Where words and moments go.
struct Way {
    /// As they are played.
    parts: Vec<Part>,
    /// Index in `parts` by the index of the scene in spoken order.
    by_scene: Vec<usize>,
}

impl Way {
    fn of(board: &Storyboard, transcript: &Transcript, played: &[usize]) -> Self {
        let words = &transcript.words;
        let length = words.last().map_or(0, |word| word.end_ms).max(transcript.duration_ms);
        // What nobody's scene holds belongs to the scene before it, and what is before the first to that.
        let mut firsts: Vec<usize> = board.scenes.iter().map(|scene| scene.words[0] as usize).collect();
        firsts[0] = 0;
        let mut starts = vec![0];
        for first in &firsts[1..] {
            let start = words[*first].start_ms;
            let quiet_from = words[..*first].iter().rev().take(8).map(|word| word.end_ms).max().unwrap_or(0);
            let cut = start.saturating_sub(BREATH_MS).max(quiet_from).min(start);
            starts.push(cut.max(starts.last().copied().unwrap_or(0)));
        }
        firsts.push(words.len());
        starts.push(length);
        let (mut at_ms, mut to) = (0, 0);
        let mut parts: Vec<Part> = Vec::with_capacity(played.len());
        let mut by_scene = vec![0; played.len()];
        for (place, scene) in played.iter().copied().enumerate() {
            let (first, end) = (firsts[scene], firsts[scene + 1]);
            let stretch = Stretch { scene, from_ms: starts[scene], to_ms: starts[scene + 1], at_ms };
            by_scene[scene] = place;
            at_ms += stretch.to_ms - stretch.from_ms;
            parts.push(Part { stretch, first, end, to });
            to += end - first;
        }
        Self { parts, by_scene }
    }

    /// Leads all that a scene says of words and moments to where they are now.
    fn lead(&self, scene: &mut Scene) {
        scene.words = scene.words.map(|word| self.word(word));
        let lists = scene.nodes.iter_mut().map(|element| &mut element.evidence);
        let lists = lists.chain(scene.edges.iter_mut().map(|element| &mut element.evidence));
        let lists = lists.chain(scene.actors.iter_mut().map(|element| &mut element.evidence));
        let lists = lists.chain(scene.groups.iter_mut().map(|element| &mut element.evidence));
        let lists = lists.chain(scene.notes.iter_mut().map(|element| &mut element.evidence));
        for evidence in lists.chain(scene.removed.iter_mut().map(|element| &mut element.evidence)) {
            *evidence = evidence.iter().flat_map(|range| self.range(*range)).collect();
        }
        for cue in &mut scene.timeline {
            match &mut cue.at {
                At::Word { word, .. } => *word = self.word(*word),
                At::Ms { ms } => *ms = self.moment(*ms),
            }
        }
    }

    /// The part whose words or moments begin at or before this, asked in spoken order.
    fn part(&self, begins: impl Fn(&Part) -> bool) -> &Part {
        let scene = self.by_scene.partition_point(|place| begins(&self.parts[*place])).saturating_sub(1);
        &self.parts[self.by_scene[scene]]
    }

    fn word(&self, word: u32) -> u32 {
        let at = word as usize;
        let part = self.part(|part| part.first <= at);
        u32::try_from(part.to + at.min(part.end.saturating_sub(1)).saturating_sub(part.first)).unwrap_or(u32::MAX)
    }

    fn moment(&self, ms: u64) -> u64 {
        let Stretch { from_ms, to_ms, at_ms, .. } = self.part(|part| part.stretch.from_ms <= ms).stretch;
        at_ms + ms.clamp(from_ms, to_ms) - from_ms
    }

    /// A range of words; where it goes on into other scenes, a range in each.
    fn range(&self, [first, last]: WordRange) -> Vec<WordRange> {
        let mut ranges = Vec::new();
        let mut from = first;
        loop {
            let end = u32::try_from(self.part(|part| part.first <= from as usize).end).unwrap_or(u32::MAX);
            let to = last.min(end.saturating_sub(1));
            ranges.push([self.word(from), self.word(to.max(from))]);
            if to >= last || end <= from {
                return ranges;
            }
            from = end;
        }
    }
}

#[cfg(test)]
mod tests;
