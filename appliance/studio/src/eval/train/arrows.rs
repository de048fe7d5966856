//! What the corpus teaches about arrows.

use super::{PARTS, part, sentences};
use crate::eval::passage::Passage;
use crate::eval::score::{Flat, matches};
use crate::eval::similar::stems;
use crate::outline::Weights;
use crate::outline::assemble::assemble;
use crate::outline::draft::Draft;
use crate::outline::learn;
use crate::outline::learn::arrows::{Pair, alone, among, look};
use crate::outline::learn::boxes::FEWEST;
use crate::outline::learn::grow::{Ground, Growing, grow};
use crate::outline::learn::linear::{Contest, Example, Linear, Training, train as fit, train_contests};
use crate::outline::learn::trees::Trees;
use crate::outline::reading::Reading;
use crate::storyboard::Kind;
use crate::transcript::Transcript;

/// How arrows looked at alone are trained.
const ALONE: Training = Training { rounds: 5, decay: 0.008, groups: 12, balance: 0.0 };

/// How arrows looked at beside the others are trained.
const BESIDE: Growing = Growing { trees: 300, depth: 5, rate: 0.06, least: 6.0, pull: 4.0, groups: 6 };

/// How they are trained when they are looked at once more.
const AGAIN: Growing = Growing { trees: 150, ..BESIDE };

/// The boxes of a scene as they are drawn when the talk is new, their pairs and which of these the annotation joins.
struct Board {
    domain: String,
    kind: Kind,
    /// Index of the reading, first and after the last sentence.
    place: (usize, usize, usize),
    draft: Draft,
    pairs: Vec<Pair>,
    joined: Vec<bool>,
    /// By box: whether the annotation has it, and whether it has an arrow to it.
    known: Vec<(bool, bool)>,
}

/// Teaches which boxes are joined: the pairs looked at alone, those whose sources compete, and the pairs beside the
/// others, twice. `parts` are the weights of boxes that have not seen the part of the corpus.
pub(super) fn teach(passages: &[Passage], domains: &[&str], parts: &[Weights]) -> (Linear, Linear, Trees, Trees) {
    let mut readings = Vec::new();
    let mut boards = Vec::new();
    let nothing = Weights::default();
    // The boxes of a passage are chosen by weights that have not seen its domain, as they are when a new talk is drawn.
    for (held, weights) in parts.iter().enumerate() {
        for passage in passages.iter().filter(|p| part(domains, &p.domain) == held) {
            self::boards(passage, weights, readings.len(), &mut boards);
            readings.push(Reading::of(&Transcript::from_text(&passage.text, "en"), &nothing));
        }
    }
    let (arrows, sources) = lone(boards.iter());
    // How each pair looks alone, and then beside the others, is told by weights that have not seen its domain, as it is
    // later.
    let of = |board: &Board, held: usize| part(domains, &board.domain) == held;
    let mut sums = vec![Vec::new(); boards.len()];
    for held in 0..PARTS {
        let (arrows, sources) = lone(boards.iter().filter(|b| !of(b, held)));
        let weights = Weights { arrows, sources, ..Weights::default() };
        for (board, sums) in boards.iter().zip(&mut sums).filter(|(b, _)| of(b, held)) {
            *sums = alone(&weights, board.kind, board.draft.nodes.len(), &board.pairs);
        }
    }
    let joints = grow(&ground(&readings, boards.iter().zip(&sums)), BESIDE);
    let mut settled = sums.clone();
    for held in 0..PARTS {
        let trees = grow(&ground(&readings, boards.iter().zip(&sums).filter(|(b, _)| !of(b, held))), BESIDE);
        for (board, sums) in boards.iter().zip(&mut settled).filter(|(b, _)| of(b, held)) {
            let (reading, from, to) = board.place;
            let view = readings[reading].view(from, to);
            if view.clauses.len() >= FEWEST {
                look(&trees, &view, board.kind, &board.draft, &board.pairs, sums);
            }
        }
    }
    let knit = grow(&ground(&readings, boards.iter().zip(&settled)), AGAIN);
    (arrows, sources, joints, knit)
}

/// What pairs look like beside the others, with how much speaks for each beforehand.
fn ground<'b>(readings: &[Reading<'_>], boards: impl Iterator<Item = (&'b Board, &'b Vec<f64>)>) -> Ground {
    let mut ground = Ground::default();
    for (board, sums) in boards {
        let (reading, from, to) = board.place;
        let view = readings[reading].view(from, to);
        let seen = among(&view, board.kind, &board.draft, &board.pairs, sums);
        for ((seen, sum), joined) in seen.into_iter().zip(sums).zip(&board.joined) {
            if !seen.is_empty() {
                ground.seen.push(seen);
                ground.groups.push(board.domain.clone());
                ground.offsets.push(*sum);
                ground.right.push(*joined);
            }
        }
    }
    ground
}

/// The scenes of a passage whose arrows are to be learned.
fn boards(passage: &Passage, weights: &Weights, place: usize, out: &mut Vec<Board>) {
    let reading = Reading::of(&Transcript::from_text(&passage.text, "en"), weights);
    for (i, scene) in passage.scenes.iter().enumerate() {
        let (from, to) = sentences(&reading, passage, i);
        if from >= to || matches!(scene.kind, Kind::Steps | Kind::Timeline | Kind::Quantities) {
            continue;
        }
        let view = reading.view(from, to);
        let draft = learn::pick(&view, scene.kind, assemble(&view, scene.kind), learn::LIKELY);
        let drawn: Vec<Vec<Vec<String>>> = draft.nodes.iter().map(|n| vec![stems(&n.label)]).collect();
        let gold = Flat::of(std::slice::from_ref(scene), "en");
        let matched = matches(&gold.names, &drawn);
        let pairs = learn::arrows::pairs(&view, scene.kind, &draft);
        let joined = |pair: &Pair| {
            gold.edges.iter().any(|(a, b, either)| {
                let (a, b) = (matched[*a], matched[*b]);
                (a, b) == (Some(pair.from), Some(pair.to))
                    || (*either && scene.kind != Kind::Comparison && (b, a) == (Some(pair.from), Some(pair.to)))
            })
        };
        let known =
            |at: usize| (matched.contains(&Some(at)), gold.edges.iter().any(|(_, b, _)| matched[*b] == Some(at)));
        out.push(Board {
            domain: passage.domain.clone(),
            kind: scene.kind,
            place: (place, from, to),
            joined: if scene.kind == Kind::Sequence {
                messages(&gold, &matched, &pairs)
            } else {
                pairs.iter().map(joined).collect()
            },
            known: (0..draft.nodes.len()).map(known).collect(),
            pairs,
            draft,
        });
    }
}

/// Which pairs are the messages of the annotation: both are told in order, so the longest common thread is right.
fn messages(gold: &Flat, matched: &[Option<usize>], pairs: &[Pair]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_key(|at| (pairs[*at].clause, *at));
    let is = |edge: usize, at: usize| {
        let (a, b, _) = gold.edges[edge];
        (matched[a], matched[b]) == (Some(pairs[at].from), Some(pairs[at].to))
    };
    let (n, m) = (gold.edges.len(), order.len());
    // Longest thread from edge `i` and pair `k` on.
    let mut longest = vec![vec![0_usize; m + 1]; n + 1];
    for i in (0..n).rev() {
        for k in (0..m).rev() {
            let with = if is(i, order[k]) { longest[i + 1][k + 1] + 1 } else { 0 };
            longest[i][k] = with.max(longest[i + 1][k]).max(longest[i][k + 1]);
        }
    }
    let mut out = vec![false; m];
    let (mut i, mut k) = (0, 0);
    while i < n && k < m {
        if is(i, order[k]) && longest[i][k] == longest[i + 1][k + 1] + 1 {
            out[order[k]] = true;
            (i, k) = (i + 1, k + 1);
        } else if longest[i][k] == longest[i][k + 1] {
            k += 1;
        } else {
            i += 1;
        }
    }
    out
}

/// The weights of pairs looked at alone, and of those whose sources compete.
fn lone<'b>(boards: impl Iterator<Item = &'b Board>) -> (Linear, Linear) {
    let mut free: Vec<Example> = Vec::new();
    let mut contests: Vec<Contest> = Vec::new();
    for board in boards {
        let group = || board.domain.clone();
        if !learn::arrows::contested(board.kind) {
            free.extend(board.pairs.iter().zip(&board.joined).map(|(pair, joined)| Example {
                features: pair.features.clone(),
                class: usize::from(*joined),
                group: group(),
            }));
            continue;
        }
        for (to, (known, wanted)) in board.known.iter().enumerate() {
            if !known {
                // What a box that should not be there hangs on is nobody's business.
                continue;
            }
            let own: Vec<usize> = (0..board.pairs.len()).filter(|i| board.pairs[*i].to == to).collect();
            let mut right: Vec<usize> = (0..own.len()).filter(|i| board.joined[own[*i]]).collect();
            if right.is_empty() {
                if *wanted {
                    // The box it hangs on was not found: nothing to learn here.
                    continue;
                }
                right.push(own.len());
            }
            let mut things: Vec<_> = own.iter().map(|i| board.pairs[*i].features.clone()).collect();
            things.push(learn::arrows::nothing(board.kind, to));
            contests.push(Contest { things, right, group: group() });
        }
    }
    (fit(&["no", "yes"], &free, ALONE), train_contests(&contests, ALONE))
}
