//! The order of vertices within layers: medians of neighbours, then transpositions, best of several sweeps from two starts.

/// Sweeps over all layers, from each start.
const SWEEPS: usize = 8;

/// Reorders `layers` so that few arcs cross; `up` and `down` are the neighbours in the layers before and after.
pub(super) fn reduce_crossings(layers: &mut Vec<Vec<usize>>, up: &[Vec<usize>], down: &[Vec<usize>]) {
    let mut at = vec![0_usize; up.len()];
    layers.iter().for_each(|layer| number(layer, &mut at));
    let begun = layers.clone();
    let mut best = (crossings(layers, down, &at), begun.clone());
    // Beginning downwards and beginning upwards find orders that the other does not.
    for start in 0..2 {
        layers.clone_from(&begun);
        layers.iter().for_each(|layer| number(layer, &mut at));
        for sweep in 0..SWEEPS {
            if best.0 == 0 {
                break;
            }
            let downwards = (sweep + start) % 2 == 0;
            for i in 0..layers.len() {
                let i = if downwards { i } else { layers.len() - 1 - i };
                by_median(&mut layers[i], if downwards { up } else { down }, &mut at);
            }
            transpose(layers, up, down, &mut at, sweep % 2 == 1);
            let count = crossings(layers, down, &at);
            if count < best.0 {
                best = (count, layers.clone());
            }
        }
    }
    *layers = best.1;
}

fn number(layer: &[usize], at: &mut [usize]) {
    for (i, &v) in layer.iter().enumerate() {
        at[v] = i;
    }
}

/// Sorts one layer by the medians of the neighbours; vertices without any keep their places.
fn by_median(layer: &mut [usize], near: &[Vec<usize>], at: &mut [usize]) {
    let median = |v: usize| {
        let mut places: Vec<_> = near[v].iter().map(|&w| at[w]).collect();
        places.sort_unstable();
        let n = places.len();
        (n > 0).then(|| places[(n - 1) / 2] + places[n / 2])
    };
    let mut moving: Vec<_> = layer.iter().filter_map(|&v| Some((median(v)?, v))).collect();
    moving.sort_by_key(|&(place, _)| place);
    let mut moving = moving.into_iter().map(|(_, v)| v);
    for v in layer.iter_mut() {
        if !near[*v].is_empty() {
            *v = moving.next().expect("as many vertices move as have neighbours");
        }
    }
    number(layer, at);
}

/// Exchanges neighbours wherever that removes crossings; `stirring` also where it moves them elsewhere, from where others may remove them.
fn transpose(layers: &mut [Vec<usize>], up: &[Vec<usize>], down: &[Vec<usize>], at: &mut [usize], stirring: bool) {
    for _ in 0..6 {
        let mut better = false;
        for layer in layers.iter_mut() {
            for i in 1..layer.len() {
                let (a, b) = (layer[i - 1], layer[i]);
                let cost = |a: usize, b: usize| inversions(&up[a], &up[b], at) + inversions(&down[a], &down[b], at);
                let (now, then) = (cost(a, b), cost(b, a));
                if then < now || (stirring && then == now && now > 0) {
                    layer.swap(i - 1, i);
                    (at[a], at[b]) = (i, i - 1);
                    better |= then < now;
                }
            }
        }
        if !better {
            break;
        }
    }
}

/// Crossings between the arcs of two vertices when the first stands before the second.
fn inversions(a: &[usize], b: &[usize], at: &[usize]) -> usize {
    a.iter().map(|&v| b.iter().filter(|&&w| at[w] < at[v]).count()).sum()
}

/// Crossings between all neighbouring layers.
fn crossings(layers: &[Vec<usize>], down: &[Vec<usize>], at: &[usize]) -> usize {
    let mut total = 0;
    for pair in layers.windows(2) {
        // Counts, for each arc in order of its source, the earlier arcs that end further on (a Fenwick tree).
        let size = pair[1].len();
        let mut tree = vec![0_usize; size + 1];
        let mut seen = 0;
        for &v in &pair[0] {
            for &w in &down[v] {
                let (mut i, mut before) = (at[w] + 1, 0);
                while i > 0 {
                    before += tree[i];
                    i &= i - 1;
                }
                total += seen - before;
            }
            for &w in &down[v] {
                let mut i = at[w] + 1;
                while i <= size {
                    tree[i] += 1;
                    i += i & i.wrapping_neg();
                }
                seen += 1;
            }
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(layers: &[&[usize]], arcs: &[(usize, usize)], expected: &[&[usize]]) {
        let count = layers.iter().map(|l| l.len()).sum();
        let (mut up, mut down) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for &(a, b) in arcs {
            down[a].push(b);
            up[b].push(a);
        }
        let mut layers: Vec<_> = layers.iter().map(|l| l.to_vec()).collect();
        reduce_crossings(&mut layers, &up, &down);
        assert_eq!(layers, expected);
    }

    #[test]
    fn crossings_are_undone() {
        check(&[&[0, 1], &[2, 3]], &[(0, 3), (1, 2)], &[&[0, 1], &[3, 2]]);
        check(&[&[0, 1], &[2, 3]], &[(0, 2), (1, 3)], &[&[0, 1], &[2, 3]]);
        check(&[&[0], &[1, 2, 3], &[4, 5]], &[(0, 1), (0, 2), (0, 3), (3, 4), (1, 5)], &[&[0], &[1, 2, 3], &[5, 4]]);
    }

    #[test]
    fn crossings_are_counted() {
        let down = [vec![3], vec![2], vec![], vec![]];
        assert_eq!(crossings(&[vec![0, 1], vec![2, 3]], &down, &[0, 1, 0, 1]), 1);
    }
}
