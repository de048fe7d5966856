//! Outlining again without losing what a person did.
//!
//! Ids are kept stable by matching, not by hashing: the outliner numbers its elements as it likes, and the merge gives
//! each fresh scene and element the id of the old one it stands for (the most shared words of evidence, then the
//! likest label). What matches nothing gets an id that the old storyboard never used, so an id never changes its
//! meaning. What a person did survives:
//!
//! - scenes `by: user` keep their words, title and kind; fresh scenes are cut around them, and what was found in their
//!   words is merged into them,
//! - elements `by: user` stay as they are, with whatever they refer to,
//! - elements a person removed (the scene's `removed` list) stay away, those merged into another lead there,
//! - pins and timeline cues stay, and so does what they point at,
//! - scenes are played in the order of the old storyboard, as far as they are there,
//! - theme, canvas, the id, a title and unknown fields are those of the old storyboard.

mod elements;
mod scene;

use std::collections::{BTreeMap, BTreeSet};

use super::cut::{append, part};
use super::tidy::{free_id, tidy};
use super::{Extra, Origin, Scene, Storyboard, WordRange};

/// Final ids of scene and element by the temporary id of a fresh element.
type Places = BTreeMap<String, (String, String)>;

/// Between the index of a fresh scene and the id of an element, while ids of several scenes are in one pot. It is a
/// control character, which no sound id holds.
const SEPARATOR: char = '\u{1}';

/// Puts a fresh outline of the same talk in the place of `old`; see the module's documentation for what is kept.
pub fn merge(old: &Storyboard, mut fresh: Storyboard) -> Storyboard {
    let original: Vec<(String, WordRange)> = fresh.scenes.iter().map(|s| (s.id.clone(), s.words)).collect();
    let scenes = std::mem::take(&mut fresh.scenes).into_iter().enumerate().map(|(i, s)| scene::mark(s, i)).collect();
    let mut aliases = BTreeMap::new();
    let bases = around_user_scenes(&old.scenes, scenes, &mut aliases);
    let pairs = pair(&old.scenes, &bases);

    let mut taken: BTreeSet<String> = old.scenes.iter().map(|s| s.id.clone()).collect();
    let mut places = Places::new();
    let mut merged = Vec::with_capacity(bases.len());
    for (base, olds) in bases.into_iter().zip(pairs.olds) {
        let mut olds = olds.into_iter();
        let Some(first) = olds.next() else {
            let mut scene = base.fresh;
            scene.id = free_id(&scene.id, "s", &|id| taken.contains(id));
            taken.insert(scene.id.clone());
            merged.push(scene::settle(None, scene, &mut places));
            continue;
        };
        let mut known = old.scenes[first].clone();
        for more in olds {
            append(&mut known, scene::protected_only(&old.scenes[more]));
        }
        merged.push(scene::settle(Some(&known), base.fresh, &mut places));
    }
    merged.extend(pairs.alone.into_iter().map(|i| scene::protected_only(&old.scenes[i])));
    merged.sort_by_key(|s| s.words);

    let mut out = fresh;
    out.scenes = merged;
    out.id.clone_from(&old.id);
    out.theme.clone_from(&old.theme);
    out.motion = old.motion;
    out.canvas = old.canvas;
    if !old.title.is_empty() {
        out.title.clone_from(&old.title);
    }
    out.order.clone_from(&old.order);
    out.extra = joined(&old.extra, out.extra);
    out.source.extra = joined(&old.source.extra, out.source.extra);
    lead_review(&mut out, &original, &places, &aliases);
    scene::within_words(&mut out);
    tidy(&mut out);
    out
}

/// Puts a fresh drawing of the words of one scene in its place: ids and what a person did are kept as [`merge`] keeps
/// them.
pub(crate) fn merge_scene(old: &Scene, fresh: Scene) -> Scene {
    let known = Scene { by: Origin::Auto, ..old.clone() };
    let mut out = scene::settle(Some(&known), scene::mark(fresh, 0), &mut Places::new());
    out.by = old.by;
    out
}

/// The old unknown fields, and new ones that it does not have.
fn joined(old: &Extra, fresh: Extra) -> Extra {
    let mut out = old.clone();
    for (key, value) in fresh {
        out.entry(key).or_insert(value);
    }
    out
}

/// A scene of the result before the old elements come in.
struct Base {
    fresh: Scene,
    /// Index of the old scene whose words a person has set.
    fixed: Option<usize>,
}

/// The fresh scenes cut around the old scenes that a person has made, and for each of these a scene of what was found
/// in its words.
fn around_user_scenes(old: &[Scene], fresh: Vec<Scene>, aliases: &mut BTreeMap<String, String>) -> Vec<Base> {
    let fixed: Vec<usize> = (0..old.len()).filter(|i| old[*i].by == Origin::User).collect();
    let inside = |at: Option<u32>, [first, last]: WordRange| at.is_some_and(|at| (first..=last).contains(&at));
    let mut kept: Vec<Base> = fixed
        .iter()
        .map(|i| {
            let mut shell = part(&old[*i], &|_| false);
            shell.timeline.clear();
            shell.layout.pins.clear();
            Base { fresh: shell, fixed: Some(*i) }
        })
        .collect();
    for scene in fresh {
        if !kept.iter().any(|b| b.fixed.is_some() && shared(b.fresh.words, scene.words) > 0) {
            kept.push(Base { fresh: scene, fixed: None });
            continue;
        }
        let mut free = vec![scene.words];
        for base in kept.iter_mut().filter(|b| b.fixed.is_some()) {
            let words = base.fresh.words;
            if shared(words, scene.words) > 0 {
                let found = part(&scene, &|at| inside(at, words));
                aliases.extend(append(&mut base.fresh, found));
                free = free.into_iter().flat_map(|range| outside(range, words)).collect();
            }
        }
        for words in free {
            let mut rest = part(&scene, &|at| inside(at, words));
            rest.words = words;
            if !rest.nodes.is_empty() {
                kept.push(Base { fresh: rest, fixed: None });
            }
        }
    }
    kept.sort_by_key(|b| b.fresh.words);
    kept
}

/// The words of `range` that are not in `cut`: none, one or two stretches.
fn outside([first, last]: WordRange, cut: WordRange) -> Vec<WordRange> {
    let before = (first < cut[0]).then(|| [first, last.min(cut[0].saturating_sub(1))]);
    let after = (last > cut[1]).then(|| [first.max(cut[1].saturating_add(1)), last]);
    before.into_iter().chain(after).collect()
}

/// Number of words that two ranges share.
fn shared(a: WordRange, b: WordRange) -> u64 {
    let (first, last) = (a[0].max(b[0]), a[1].min(b[1]));
    if first > last { 0 } else { u64::from(last - first) + 1 }
}

struct Pairs {
    /// For each base the old scenes that go into it; the first gives its id.
    olds: Vec<Vec<usize>>,
    /// Old scenes with something to keep and no base to go into.
    alone: Vec<usize>,
}

/// Which old scene goes where: a scene of a person's to itself, else one to one by the most shared words, at least half
/// of the shorter. What is left and has something to keep goes where most of its words went.
fn pair(old: &[Scene], bases: &[Base]) -> Pairs {
    let mut olds: Vec<Vec<usize>> = bases.iter().map(|b| b.fixed.into_iter().collect()).collect();
    let mut used: BTreeSet<usize> = bases.iter().filter_map(|b| b.fixed).collect();
    let length = |words: WordRange| shared(words, words);
    let mut candidates = Vec::new();
    for (b, base) in bases.iter().enumerate().filter(|(_, base)| base.fixed.is_none()) {
        for (o, scene) in old.iter().enumerate().filter(|(o, _)| !used.contains(o)) {
            let common = shared(base.fresh.words, scene.words);
            if 2 * common >= length(base.fresh.words).min(length(scene.words)) && common > 0 {
                candidates.push((std::cmp::Reverse(common), b, o));
            }
        }
    }
    candidates.sort_unstable();
    for (_, b, o) in candidates {
        if olds[b].is_empty() && used.insert(o) {
            olds[b].push(o);
        }
    }
    let mut alone = Vec::new();
    for (o, scene) in old.iter().enumerate() {
        if used.contains(&o) || !scene::has_something_to_keep(scene) {
            continue;
        }
        let most = (0..bases.len()).max_by_key(|b| (shared(bases[*b].fresh.words, scene.words), std::cmp::Reverse(*b)));
        match most.filter(|b| shared(bases[*b].fresh.words, scene.words) > 0) {
            Some(b) => olds[b].push(o),
            None => alone.push(o),
        }
    }
    Pairs { olds, alone }
}

/// Leads fresh review items to where their targets are now. What a person has edited needs no review.
fn lead_review(
    board: &mut Storyboard,
    original: &[(String, WordRange)],
    places: &Places,
    aliases: &BTreeMap<String, String>,
) {
    let edited: BTreeSet<String> = board.scenes.iter().flat_map(scene::edited).collect();
    let place = |index: usize, element: &str| {
        let key = format!("{index}{SEPARATOR}{element}");
        places.get(aliases.get(&key).unwrap_or(&key))
    };
    let scenes: Vec<(String, WordRange)> = board.scenes.iter().map(|s| (s.id.clone(), s.words)).collect();
    board.review.retain_mut(|item| {
        let (scene, element) = item.target.split_once('/').unwrap_or((&item.target, ""));
        let index = original.iter().position(|(id, _)| id == scene);
        item.target = match (index, element) {
            (Some(index), "") => {
                let here = |words: WordRange| scenes.iter().max_by_key(|(_, other)| shared(*other, words));
                match here(original[index].1) {
                    Some((id, _)) => id.clone(),
                    None => return false,
                }
            }
            (Some(index), element) => match place(index, element) {
                Some((scene, element)) => format!("{scene}/{element}"),
                None => return false,
            },
            // An element without its scene.
            (None, _) => match (0..original.len()).find_map(|index| place(index, &item.target)) {
                Some((scene, element)) => format!("{scene}/{element}"),
                None => return false,
            },
        };
        !edited.contains(&item.target)
    });
}

#[cfg(test)]
mod tests;
