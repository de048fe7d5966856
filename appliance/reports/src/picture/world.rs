//! A value for each country, on the outline of the world that the page draws.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

use super::{
    Anchor, LABEL, Picture, Setting, Step, Stroke,
    flat::{between_ends, ends, key, shade},
};

/// The outline: countries by their two letters, as polygons of rings of longitude and latitude (Natural Earth, public domain).
static OUTLINE: &str = include_str!("../../../../assets/web/src/charts/world.json");
/// The ends of what is shown: west, north, east, south. Nobody works south of it.
const ENDS: [f32; 4] = [-170.0, 84.0, 180.0, -56.0];
/// How much narrower a degree of longitude is than one of latitude, as on the screen.
const NARROW: f32 = 0.75;
/// The most countries that are named beside it.
const MOST: usize = 10;

type Ring = Vec<(f32, f32)>;

static COUNTRIES: LazyLock<BTreeMap<String, Vec<Vec<Ring>>>> = LazyLock::new(|| {
    let outline: Value = serde_json::from_str(OUTLINE).unwrap_or_default();
    let none = Vec::new();
    let items = |value: Option<&Value>| value.and_then(Value::as_array).unwrap_or(&none).clone();
    let point = |own: &Value| Some((own.get(0)?.as_f64()? as f32, own.get(1)?.as_f64()? as f32));
    let ring = |own: &Value| items(Some(own)).iter().filter_map(point).collect::<Ring>();
    let country = |own: &Value| {
        let name = own.pointer("/properties/name")?.as_str()?.to_owned();
        let polygons = items(own.pointer("/geometry/coordinates"));
        Some((name, polygons.iter().map(|rings| items(Some(rings)).iter().map(ring).collect()).collect()))
    };
    items(outline.get("features")).iter().filter_map(country).collect()
});

/// Draws a map with the largest values beside it.
pub(super) fn world(picture: &mut Picture, places: &[(String, f64)], setting: &Setting<'_>) {
    let [west, north, east, south] = ENDS;
    let values: BTreeMap<&str, f64> = places.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let beside = (picture.width * 0.24).min(120.0);
    let (room, high) = (picture.width - beside - 16.0, picture.height - 18.0);
    let scale = (room / ((east - west) * NARROW)).min(high / (north - south));
    let at = |(x, y): (f32, f32)| ((x.clamp(west, east) - west) * NARROW * scale, (north - y.max(south)) * scale);
    let ends = ends(places.iter().map(|(_, value)| *value));
    for (name, polygons) in COUNTRIES.iter() {
        let mut steps = Vec::new();
        for ring in polygons.iter().flatten() {
            let mut last: Option<(f32, f32)> = None;
            for point in ring.iter().map(|point| at(*point)) {
                // What is nearer than a third of a point is not seen, and makes files large.
                if last.is_some_and(|last| (last.0 - point.0).hypot(last.1 - point.1) < 0.35) {
                    continue;
                }
                let step = if last.is_none() { Step::Move(point.0, point.1) } else { Step::Line(point.0, point.1) };
                steps.push(step);
                last = Some(point);
            }
            steps.push(Step::Close);
        }
        let tone = values.get(name.as_str()).map(|value| shade(between_ends(*value, ends)));
        let edge = Stroke { tone: "role:line-strong".to_owned(), width: 0.25, dashes: &[] };
        picture.shape(steps, Some((tone.as_deref().unwrap_or("role:sunken"), 1.0)), Some(edge));
    }
    let mut most: Vec<&(String, f64)> = places.iter().collect();
    most.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    most.truncate(MOST);
    let (left, pitch) = (picture.width - beside, 15.0);
    let top = (picture.height - 18.0 - pitch * most.len() as f32).max(0.0) / 2.0 + 9.0;
    for (row, (name, value)) in most.into_iter().enumerate() {
        let (y, tone) = (top + pitch * row as f32, shade(between_ends(*value, ends)));
        picture.bar([left, y - 7.5, 9.0, 9.0], &tone, 1.0);
        let said = setting.say(*value);
        let room = beside - 22.0 - (setting.measure)(&said, LABEL);
        picture.text((left + 15.0, y), LABEL, Anchor::Start, "role:ink", setting.fit(name, LABEL, room));
        picture.text((picture.width - 2.0, y), LABEL, Anchor::End, "role:ink-soft", said);
    }
    key(picture, (0.0, picture.height - 10.0), ends, setting);
}
