//! What leads from where to where: sankeys and graphs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Drawn, base, columns::Columns, tone};
use crate::{frame::Frame, spec::ChartKind, table::number, words::Words};

/// The most links.
const MAX_LINKS: usize = 400;

/// Links between the names of two or more columns. Of a sankey those that would lead in a circle are left out: its flow has a direction.
pub(super) fn links(kind: ChartKind, frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let mut sums: BTreeMap<(String, String), f64> = BTreeMap::new();
    for row in 0..frame.rows.len() {
        let value = columns.y.first().map_or(Some(1.0), |y| frame.number(row, *y)).unwrap_or(0.0);
        for pair in columns.path.windows(2) {
            let name = |column: usize| words.say(&frame.label(row, column)).to_owned();
            *sums.entry((name(pair[0]), name(pair[1]))).or_default() += value;
        }
    }
    let mut links: Vec<((String, String), f64)> = sums.into_iter().filter(|(_, value)| *value > 0.0).collect();
    links.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    links.truncate(MAX_LINKS);
    if kind == ChartKind::Sankey {
        let mut onward: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        links.retain(|((from, to), _)| {
            let fine = from != to && !leads(&onward, to, from);
            if fine {
                onward.entry(from.clone()).or_default().insert(to.clone());
            }
            fine
        });
    }
    let mut weights: BTreeMap<&str, f64> = BTreeMap::new();
    for ((from, to), value) in &links {
        *weights.entry(from).or_default() += value;
        *weights.entry(to).or_default() += value;
    }
    let most = weights.values().copied().fold(0.0, f64::max);
    let node = |(at, (name, weight)): (usize, (&&str, &f64))| {
        let mut node = json!({ "name": name, "itemStyle": { "color": tone(at) } });
        if kind == ChartKind::Graph {
            node["symbolSize"] = number(Some((10.0 + 30.0 * (weight / most).sqrt()).round()));
            node["value"] = number(Some(*weight));
        }
        node
    };
    let nodes: Vec<Value> = weights.iter().enumerate().map(node).collect();
    let widest = links.first().map_or(1.0, |(_, value)| *value);
    let link = |((from, to), value): &((String, String), f64)| {
        let mut link = json!({ "source": from, "target": to, "value": number(Some(*value)) });
        if kind == ChartKind::Graph {
            link["lineStyle"] = json!({ "width": number(Some((1.0 + 5.0 * value / widest).round())) });
        }
        link
    };
    let links: Vec<Value> = links.iter().map(link).collect();
    let mut option = base(false);
    let series = match kind {
        ChartKind::Sankey => json!({
            "type": "sankey", "left": 4, "right": 110, "top": 10, "bottom": 10, "nodeWidth": 14, "nodeGap": 12, "draggable": false, "data": nodes, "links": links,
            "label": { "color": "role:ink", "overflow": "truncate", "width": 100 }, "lineStyle": { "color": "gradient", "opacity": 0.34 },
            "itemStyle": { "borderWidth": 0, "borderRadius": 3 }, "emphasis": { "focus": "adjacency" },
        }),
        _ => json!({
            "type": "graph", "layout": "circular", "left": 70, "right": 70, "top": 30, "bottom": 30, "data": nodes, "links": links, "roam": false,
            "label": { "show": true, "position": "right", "color": "role:ink", "overflow": "truncate", "width": 100 }, "circular": { "rotateLabel": true },
            "lineStyle": { "color": "role:line-strong", "curveness": 0.2, "opacity": 0.5 }, "emphasis": { "focus": "adjacency" },
        }),
    };
    option.insert("series".into(), json!([series]));
    option["tooltip"]["trigger"] = json!("item");
    Drawn { option: Some(option), ..Drawn::default() }
}

/// Whether one comes from `from` to `to`.
fn leads(onward: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(place) = open.pop() {
        if place == to {
            return true;
        }
        if seen.insert(place)
            && let Some(next) = onward.get(place)
        {
            open.extend(next.iter().map(String::as_str));
        }
    }
    false
}
