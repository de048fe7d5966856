//! What stays on the screen from one scene to the next: boxes of the same name move from the old place to the new one.

use std::collections::BTreeMap;

use super::cast::Part;
use super::scene::Grid;
use super::track::Track;
use super::{Carry, FilmScene};
use crate::layout::{Placed, PlacedNode};
use crate::storyboard::Ease;

/// Time in which boxes move to their new places, and in which the rest of the old scene leaves.
const CARRY_MS: u64 = 500;
const LEAVE_MS: u64 = 200;
/// Shortest scene from or to which something is carried: shorter ones are over before the eye has followed.
const SHORTEST_MS: u64 = 3_000;

/// Lets the boxes that both scenes show move from their old places to the new ones.
pub(super) fn carry(old: (&mut FilmScene, &Placed), new: (&mut FilmScene, &Placed), fps: u64) {
    let ((old, from), (new, to)) = (old, new);
    let shortest = SHORTEST_MS * fps / 1000;
    let short = [&*old, &*new].iter().any(|s| s.end_frame - s.first_frame < shortest);
    // Through a camera that is near, old places mean nothing.
    if short || old.camera.at(old.end_frame - 1).is_some() || new.camera.at(new.first_frame).is_some() {
        return;
    }
    let (before, after) = (by_name(from), by_name(to));
    let shared: Vec<(usize, usize)> =
        after.iter().filter_map(|(name, &j)| Some((before.get(name).copied().flatten()?, j?))).collect();
    if shared.is_empty() {
        return;
    }
    let grid = Grid { fps, first: new.first_frame, end: new.end_frame };
    for element in &mut new.elements {
        let Part::Node(j) = element.part else { continue };
        let Some(&(i, _)) = shared.iter().find(|(_, at)| *at == j) else { continue };
        let (a, b) = (&from.nodes[i], &to.nodes[j]);
        let mut track = Track::new(0.0);
        track.go(grid.first, grid.first + grid.frames(CARRY_MS), 1.0, Ease::InOut);
        element.shown = Track::new(1.0);
        (element.first_frame, element.full_frame) = (grid.first, grid.first);
        let ((a_at, b_at), ratio) = ((a.rect.center(), b.rect.center()), a.label.px / b.label.px);
        element.carry = Some(Carry {
            track,
            off: (a_at.x - b_at.x, a_at.y - b_at.y),
            ratio: if ratio.is_finite() { ratio.clamp(0.25, 4.0) } else { 1.0 },
        });
    }
    let leave = old.end_frame - Grid { fps, first: old.first_frame, end: old.end_frame }.frames(LEAVE_MS);
    for element in &mut old.elements {
        let stays = matches!(element.part, Part::Node(i) if shared.iter().any(|(at, _)| *at == i));
        if !stays {
            element.dim.go(leave, old.end_frame, 0.0, Ease::Linear);
        }
    }
}

/// The boxes of a scene by their names; `None` for names that more than one has.
fn by_name(placed: &Placed) -> BTreeMap<String, Option<usize>> {
    let mut names = BTreeMap::new();
    for (i, node) in placed.nodes.iter().enumerate() {
        let name = name(node);
        if !name.is_empty() {
            names.entry(name).and_modify(|at| *at = None).or_insert(Some(i));
        }
    }
    names
}

fn name(node: &PlacedNode) -> String {
    node.label.lines.join(" ").to_lowercase()
}
