//! How much of an annotation an outline hits.

use serde::Serialize;

use super::passage::{Diagram, GoldNode, Passage};
use super::similar::{SAME, similarity, stems_of};
use crate::outline::{Ungrounded, ungrounded};
use crate::storyboard::{Kind, Storyboard};
use crate::transcript::Transcript;

/// A scene start within this many words of the right one is right.
const NEAR: usize = 12;

/// Hits, what was drawn and what should be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Right boxes, drawn boxes, boxes of the annotation.
    pub nodes: [usize; 3],
    /// Right arrows, drawn arrows, arrows of the annotation.
    pub edges: [usize; 3],
    /// Right scene starts, drawn and annotated ones; the first scene's start does not count.
    pub starts: [usize; 3],
    /// Thousandths of likeness of the headings of the annotated scenes, and how many they are.
    pub titles: [usize; 2],
    /// Passages whose first or largest scene is of the right kind.
    pub kinds: usize,
    /// Passages.
    pub passages: usize,
}

impl Counts {
    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        for (own, more) in
            [(&mut self.nodes, other.nodes), (&mut self.edges, other.edges), (&mut self.starts, other.starts)]
        {
            for (own, more) in own.iter_mut().zip(more) {
                *own += more;
            }
        }
        for (own, more) in self.titles.iter_mut().zip(other.titles) {
            *own += more;
        }
        self.kinds += other.kinds;
        self.passages += other.passages;
    }
}

/// The result of one passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Name of the passage.
    pub id: String,
    /// Its domain.
    pub domain: String,
    /// Its kind.
    pub kind: Kind,
    /// What it was drawn as: the right kind where the first or largest scene has it, the largest scene's otherwise.
    pub drawn: Kind,
    /// The language of the words.
    pub lang: String,
    /// What was drawn and never said.
    pub ungrounded: Vec<Ungrounded>,
    /// The figures.
    pub counts: Counts,
}

/// Holds an outline against the annotation.
///
/// A box is right when its label and a name of a box of the annotation share enough stems (F1 of at least 0.6), best
/// pairs first, each box once. An arrow is right when both its ends are right and the annotation has it in that
/// direction, in any where it has none and in comparisons; repeated arrows count each. Boxes of equal stems in two
/// scenes are one.
pub fn score(passage: &Passage, transcript: &Transcript, board: &Storyboard) -> Outcome {
    let drawn: Vec<Diagram> = board.scenes.iter().map(Diagram::of).collect();
    let (gold, ours) = (Flat::of(&passage.scenes, &passage.lang), Flat::of(&drawn, &passage.lang));
    let matched = matches(&gold.names, &ours.names);
    let largest = drawn.iter().rev().max_by_key(|d| d.nodes.len()).map(|d| d.kind);
    let first = drawn.first().map(|d| d.kind);
    let right = first == Some(passage.kind) || largest == Some(passage.kind);
    let starts = |scenes: &[Diagram]| -> Vec<usize> { scenes.iter().skip(1).filter_map(|s| s.first_word).collect() };
    let (wanted, found) = (starts(&passage.scenes), starts(&drawn));
    Outcome {
        id: passage.id.clone(),
        domain: passage.domain.clone(),
        kind: passage.kind,
        drawn: if right { passage.kind } else { largest.unwrap_or(Kind::Steps) },
        lang: passage.lang.clone(),
        ungrounded: ungrounded(transcript, board),
        counts: Counts {
            nodes: [matched.iter().flatten().count(), ours.names.len(), gold.names.len()],
            edges: [arrows(&gold.edges, &ours.edges, &matched), ours.edges.len(), gold.edges.len()],
            starts: [close(&wanted, &found), found.len(), wanted.len()],
            titles: [headings(&passage.scenes, &drawn, &passage.lang), passage.scenes.len()],
            kinds: usize::from(right),
            passages: 1,
        },
    }
}

/// The boxes of all scenes as one list, every name of each as stems; arrows as pairs of indices, and whether they
/// match either way.
pub(crate) struct Flat {
    pub(crate) names: Vec<Vec<Vec<String>>>,
    pub(crate) edges: Vec<(usize, usize, bool)>,
}

impl Flat {
    pub(crate) fn of(scenes: &[Diagram], lang: &str) -> Self {
        let mut flat = Self { names: Vec::new(), edges: Vec::new() };
        for scene in scenes {
            let index: Vec<(&str, usize)> =
                scene.nodes.iter().map(|node| (node.id.as_str(), flat.place(node, lang))).collect();
            let at = |id: &str| index.iter().rev().find(|(own, _)| *own == id).map(|(_, at)| *at);
            for edge in &scene.edges {
                if let (Some(from), Some(to)) = (at(&edge.from), at(&edge.to)) {
                    flat.edges.push((from, to, !edge.directed || scene.kind == Kind::Comparison));
                }
            }
        }
        flat
    }

    fn place(&mut self, node: &GoldNode, lang: &str) -> usize {
        let label = stems_of(&node.label, lang);
        self.names.iter().position(|names| names[0] == label).unwrap_or_else(|| {
            let names = std::iter::once(label).chain(node.aliases.iter().map(|alias| stems_of(alias, lang)));
            self.names.push(names.collect());
            self.names.len() - 1
        })
    }
}

/// For each box of the annotation the drawn box that is it.
pub(crate) fn matches(gold: &[Vec<Vec<String>>], ours: &[Vec<Vec<String>>]) -> Vec<Option<usize>> {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (g, names) in gold.iter().enumerate() {
        for (o, own) in ours.iter().enumerate() {
            let best = names.iter().map(|name| similarity(name, &own[0])).fold(0.0, f64::max);
            if best >= SAME {
                pairs.push((best, g, o));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut out = vec![None; gold.len()];
    let mut used = vec![false; ours.len()];
    for (_, g, o) in pairs {
        if out[g].is_none() && !used[o] {
            out[g] = Some(o);
            used[o] = true;
        }
    }
    out
}

fn arrows(gold: &[(usize, usize, bool)], ours: &[(usize, usize, bool)], matched: &[Option<usize>]) -> usize {
    let mut left: Vec<Option<(usize, usize)>> = ours.iter().map(|(a, b, _)| Some((*a, *b))).collect();
    let mut take = |pair: (usize, usize)| {
        let at = left.iter().position(|own| *own == Some(pair))?;
        left[at] = None;
        Some(())
    };
    let mut hits = 0;
    for (from, to, either) in gold {
        let (Some(a), Some(b)) = (matched[*from], matched[*to]) else { continue };
        if take((a, b)).is_some() || (*either && take((b, a)).is_some()) {
            hits += 1;
        }
    }
    hits
}

/// How far the heading of each annotated scene is that of the drawn scene in which it starts, in thousandths.
fn headings(wanted: &[Diagram], drawn: &[Diagram], lang: &str) -> usize {
    let over = |scene: &Diagram| drawn.iter().rev().find(|d| d.first_word <= scene.first_word.or(Some(0)));
    let like = |scene: &Diagram| {
        over(scene).map_or(0.0, |d| similarity(&stems_of(&d.title, lang), &stems_of(&scene.title, lang)))
    };
    wanted.iter().map(|scene| (1000.0 * like(scene)) as usize).sum()
}

/// How many of the wanted starts have one of their own nearby.
fn close(wanted: &[usize], found: &[usize]) -> usize {
    let mut left = found.to_vec();
    let mut hits = 0;
    for start in wanted {
        let near = left.iter().enumerate().filter(|(_, own)| own.abs_diff(*start) <= NEAR);
        if let Some((at, _)) = near.min_by_key(|(_, own)| own.abs_diff(*start)) {
            left.remove(at);
            hits += 1;
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus;
    use crate::storyboard::sample;

    fn counts(diagram: &str) -> Counts {
        let text = format!(
            "=== a-flow-01 | flow | a | plain\nSales checks stock in the office. In stock? Ship it. Then load the van.\n\
             @ flow \"A\"\n{diagram}"
        );
        let passage = &corpus(&text).unwrap()[0];
        score(passage, &passage.transcript(), &sample()).counts
    }

    #[test]
    fn an_outline_is_held_against_the_annotation() {
        let all = counts("a : check stock\nb : in stock?\nc : ship\na -> b\nb -> c : yes\n");
        // The sample has three boxes, a group and a box of a second scene.
        assert_eq!((all.nodes, all.edges, all.starts, all.kinds), ([3, 5, 3], [2, 2, 2], [0, 1, 0], 1));
        let wrong = counts("a : check stock | stock\nb : in stock?\nb -> a\na -> b\n");
        assert_eq!((wrong.nodes, wrong.edges), ([2, 5, 2], [1, 2, 2]));
        assert_eq!(counts("a : check stock\nb : in stock?\nb -- a\n").edges, [1, 2, 1]);
    }

    #[test]
    fn starts_are_taken_once() {
        assert_eq!(close(&[50, 60], &[55]), 1);
        assert_eq!(close(&[50, 90], &[45, 103, 80]), 2);
    }
}
