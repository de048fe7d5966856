//! What leads from where to where: flows in one direction, and links in a circle.

use std::f32::consts::TAU;

use super::{
    Anchor, LABEL, Picture, Setting, Step, Stroke,
    flat::{between, tone},
};
use crate::plot::Ways;

/// How wide a thing of a flow is, and how far apart those below one another are at most.
const THING: (f32, f32) = (10.0, 12.0);
/// How often the places of a flow are made better.
const ROUNDS: usize = 12;

/// A thing of a flow: its column, its place in it, and how much goes through it.
#[derive(Clone, Copy, Default)]
struct Thing {
    column: usize,
    y: f32,
    h: f32,
    value: f64,
}

/// Draws bands between things, as wide as much flows, from left to right.
pub(super) fn flow(picture: &mut Picture, ways: &Ways, setting: &Setting<'_>) {
    let (things, scale) = placed(ways, picture.height);
    let last = things.iter().map(|thing| thing.column).max().unwrap_or(0).max(1);
    // Behind the last column there is room for names.
    let behind = (picture.width * 0.22).min(130.0);
    let pitch = (picture.width - behind - THING.0) / last as f32;
    let x = |thing: usize| pitch * things[thing].column as f32;
    let mut order: Vec<usize> = (0..ways.links.len()).collect();
    // Bands leave and arrive in the order of where they come from and go to, so that few cross.
    let (mut leaves, mut arrives) = (vec![0.0f32; things.len()], vec![0.0f32; things.len()]);
    let mut bands = vec![(0.0, 0.0); ways.links.len()];
    order.sort_by(|a, b| things[ways.links[*a].1].y.total_cmp(&things[ways.links[*b].1].y));
    for link in &order {
        let (from, _, value) = ways.links[*link];
        bands[*link].0 = things[from].y + leaves[from];
        leaves[from] += (value * scale) as f32;
    }
    order.sort_by(|a, b| things[ways.links[*a].0].y.total_cmp(&things[ways.links[*b].0].y));
    for link in &order {
        let (_, to, value) = ways.links[*link];
        bands[*link].1 = things[to].y + arrives[to];
        arrives[to] += (value * scale) as f32;
    }
    for ((from, to, value), (a, b)) in ways.links.iter().zip(&bands) {
        let (left, right, thick) = (x(*from) + THING.0, x(*to), ((value * scale) as f32).max(0.4));
        let middle = f32::midpoint(left, right);
        let band = vec![
            Step::Move(left, *a),
            Step::Curve([middle, *a, middle, *b, right, *b]),
            Step::Line(right, b + thick),
            Step::Curve([middle, b + thick, middle, a + thick, left, a + thick]),
            Step::Close,
        ];
        picture.shape(band, Some((&tone(*from), 0.3)), None);
    }
    for (at, (thing, name)) in things.iter().zip(&ways.names).enumerate() {
        let left = x(at);
        picture.bar([left, thing.y, THING.0, thing.h.max(0.8)], &tone(at), 1.0);
        let room = if thing.column == last { behind } else { pitch - THING.0 } - 8.0;
        let said = setting.say(thing.value);
        let taken = (setting.measure)(&said, LABEL) + 6.0;
        let name = setting.fit(name, LABEL, (room - taken).max(room * 0.4));
        let (start, y) = (left + THING.0 + 5.0, thing.y + thing.h / 2.0 + 2.8);
        let wide = (setting.measure)(&name, LABEL);
        picture.text((start, y), LABEL, Anchor::Start, "role:ink", name);
        if wide + taken <= room {
            picture.text((start + wide + 5.0, y), LABEL, Anchor::Start, "role:ink-soft", said);
        }
    }
}

/// Things in columns by how many stand before them, each near to those it is linked with; and how high one of a value is.
fn placed(ways: &Ways, height: f32) -> (Vec<Thing>, f64) {
    let mut things = vec![Thing::default(); ways.names.len()];
    let (mut sent, mut got) = (vec![0.0f64; things.len()], vec![0.0f64; things.len()]);
    for (from, to, value) in &ways.links {
        sent[*from] += value;
        got[*to] += value;
    }
    for (thing, (sent, got)) in things.iter_mut().zip(sent.iter().zip(&got)) {
        thing.value = sent.max(*got);
    }
    // A flow has no circle, so that each round settles at least one more column.
    for _ in 0..things.len() {
        let mut settled = true;
        for (from, to, _) in &ways.links {
            let next = (things[*from].column + 1).min(things.len());
            if things[*to].column < next {
                things[*to].column = next;
                settled = false;
            }
        }
        if settled {
            break;
        }
    }
    let count = things.iter().map(|thing| thing.column + 1).max().unwrap_or(0);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, thing) in things.iter().enumerate() {
        columns[thing.column].push(at);
    }
    let gap = |column: &Vec<usize>| THING.1.min(height * 0.4 / column.len().max(1) as f32);
    let scale = columns
        .iter()
        .filter(|column| !column.is_empty())
        .map(|column| {
            let sum: f64 = column.iter().map(|thing| things[*thing].value).sum();
            f64::from(height - gap(column) * (column.len() - 1) as f32) / sum.max(f64::MIN_POSITIVE)
        })
        .fold(f64::MAX, f64::min);
    for column in &mut columns {
        column.sort_by(|a, b| things[*b].value.total_cmp(&things[*a].value).then(a.cmp(b)));
        let gap = gap(column);
        let mut y = 0.0;
        for thing in column {
            let own = &mut things[*thing];
            (own.y, own.h) = (y, (own.value * scale) as f32);
            y += own.h + gap;
        }
    }
    for round in 0..ROUNDS {
        let forth = round % 2 == 0;
        for at in 0..count {
            let column = if forth { at } else { count - 1 - at };
            for thing in &columns[column] {
                let middle = |thing: usize| things[thing].y + things[thing].h / 2.0;
                let (mut sum, mut weight) = (0.0f64, 0.0f64);
                for (from, to, value) in &ways.links {
                    let (own, other) = if forth { (to, from) } else { (from, to) };
                    if own == thing {
                        sum += f64::from(middle(*other)) * value;
                        weight += value;
                    }
                }
                if weight > 0.0 {
                    things[*thing].y = (sum / weight) as f32 - things[*thing].h / 2.0;
                }
            }
            settle(&mut things, &mut columns[column], height);
        }
    }
    (things, scale)
}

/// Moves the things of a column apart, and all of them within the height.
fn settle(things: &mut [Thing], column: &mut [usize], height: f32) {
    column.sort_by(|a, b| things[*a].y.total_cmp(&things[*b].y).then(a.cmp(b)));
    let gap = THING.1.min(height * 0.4 / column.len().max(1) as f32);
    let mut free = 0.0f32;
    for thing in column.iter() {
        let own = &mut things[*thing];
        own.y = own.y.max(free);
        free = own.y + own.h + gap;
    }
    let mut below = height;
    for thing in column.iter().rev() {
        let own = &mut things[*thing];
        own.y = own.y.min(below - own.h).max(0.0);
        below = own.y - gap;
    }
}

/// Draws things around a circle and bent lines between those that are linked, thicker where more leads along them.
pub(super) fn circle(picture: &mut Picture, ways: &Ways, setting: &Setting<'_>) {
    let count = ways.names.len().max(1);
    let radius = picture.height / 2.0 - 24.0;
    let middle = (picture.width / 2.0, picture.height / 2.0);
    let mut weights = vec![0.0f64; ways.names.len()];
    for (from, to, value) in &ways.links {
        weights[*from] += value;
        weights[*to] += value;
    }
    let most = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let widest = ways.links.iter().map(|(.., value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let at = |thing: usize, far: f32| {
        let angle = TAU * thing as f32 / count as f32;
        (middle.0 + far * angle.sin(), middle.1 - far * angle.cos())
    };
    let size = |thing: usize| 2.5 + 8.0 * (weights[thing] / most).sqrt() as f32;
    // What is thin lies above what is thick.
    let mut links: Vec<&(usize, usize, f64)> = ways.links.iter().collect();
    links.sort_by(|a, b| b.2.total_cmp(&a.2));
    for (from, to, value) in links {
        let share = (value / widest) as f32;
        let line =
            Stroke { tone: between("role:line", "role:line-strong", share), width: 0.6 + 3.4 * share, dashes: &[] };
        if from == to {
            let mut loop_of = super::arc(at(*from, radius + size(*from)), 6.0, 0.0, TAU, true);
            loop_of.push(Step::Close);
            picture.shape(loop_of, None, Some(line));
            continue;
        }
        let ((ax, ay), (bx, by)) = (at(*from, radius), at(*to, radius));
        let bent = |x: f32, y: f32| (x + (middle.0 - x) * 0.55, y + (middle.1 - y) * 0.55);
        let ((cx, cy), (dx, dy)) = (bent(ax, ay), bent(bx, by));
        picture.shape(vec![Step::Move(ax, ay), Step::Curve([cx, cy, dx, dy, bx, by])], None, Some(line));
    }
    for (thing, name) in ways.names.iter().enumerate() {
        picture.dot(at(thing, radius), size(thing), &tone(thing), 1.0);
        let (x, y) = at(thing, radius + size(thing) + 5.0);
        let across = (x - middle.0) / radius.max(1.0);
        let anchor = match across {
            _ if across > 0.15 => Anchor::Start,
            _ if across < -0.15 => Anchor::End,
            _ => Anchor::Middle,
        };
        let said = setting.say(weights[thing]);
        let room = picture.width / 2.0 - radius - 30.0 - (setting.measure)(&said, LABEL);
        let name = format!("{}  {said}", setting.fit(name, LABEL, room));
        let down = if anchor == Anchor::Middle { if y < middle.1 { 0.0 } else { 6.0 } } else { 2.8 };
        picture.text((x, y + down), LABEL, anchor, "role:ink-soft", name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_of_a_flow_stand_behind_what_flows_into_them_and_apart() {
        let names = (0..40).map(|at| format!("thing {at}")).collect();
        let links = (0..39).flat_map(|at| [(at, at + 1, 3.0), (at, (at + 7).min(39), 1.0 + at as f64)]).collect();
        let ways = Ways { names, links };
        let (things, _) = placed(&ways, 200.0);
        for (from, to, _) in &ways.links {
            assert!(things[*from].column < things[*to].column);
        }
        let columns: Vec<usize> = (0..6).flat_map(|at| [at, 6]).collect();
        let wide = Ways {
            names: (0..7).map(|at| at.to_string()).collect(),
            links: columns.chunks(2).map(|own| (own[0], own[1], 2.0)).collect(),
        };
        let (things, _) = placed(&wide, 200.0);
        let mut left: Vec<Thing> = things[..6].to_vec();
        left.sort_by(|a, b| a.y.total_cmp(&b.y));
        assert!(left.windows(2).all(|pair| pair[0].y + pair[0].h <= pair[1].y), "they lie upon each other");
        assert!(left[5].y + left[5].h <= 200.1);
    }
}
