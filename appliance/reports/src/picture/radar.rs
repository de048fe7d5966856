//! Several numbers of each thing, around a middle.

use std::f32::consts::TAU;

use super::{
    Anchor, LABEL, Picture, Setting, Step, Stroke,
    flat::tone,
    plane::{DASHES, legend},
    scale::Scale,
};

/// Draws a shape a thing over corners that all have one measure.
pub(super) fn radar(
    picture: &mut Picture,
    corners: &[String],
    most: f64,
    shapes: &[(String, Vec<f64>)],
    setting: &Setting<'_>,
) {
    let tones: Vec<String> = (0..shapes.len()).map(tone).collect();
    let names: Vec<(&str, &str)> =
        shapes.iter().zip(&tones).map(|((name, _), tone)| (name.as_str(), tone.as_str())).collect();
    let top = if names.len() > 1 { legend(picture, &names, true, setting) } else { 0.0 };
    let scale = Scale::of(0.0, most, setting.format.unit, false);
    let radius = (picture.height - top - 32.0) / 2.0;
    let middle = (picture.width / 2.0, top + 15.0 + radius);
    let at = |corner: usize, share: f32| {
        let angle = TAU * corner as f32 / corners.len().max(1) as f32;
        (middle.0 + radius * share * angle.sin(), middle.1 - radius * share * angle.cos())
    };
    let around = |shares: &[f32]| {
        let mut steps: Vec<Step> = shares
            .iter()
            .enumerate()
            .map(|(corner, share)| (corner, at(corner, *share)))
            .map(|(corner, (x, y))| if corner == 0 { Step::Move(x, y) } else { Step::Line(x, y) })
            .collect();
        steps.push(Step::Close);
        steps
    };
    for value in scale.steps().skip(1) {
        let line = Stroke { tone: "role:line".to_owned(), width: 0.6, dashes: &[] };
        picture.shape(around(&vec![scale.at(value); corners.len()]), None, Some(line));
    }
    for (corner, name) in corners.iter().enumerate() {
        let (x, y) = at(corner, 1.0);
        picture.stroke(middle, (x, y), "role:line", 0.6);
        let (across, down) = ((x - middle.0) / radius.max(1.0), (y - middle.1) / radius.max(1.0));
        let anchor = match across {
            _ if across > 0.2 => Anchor::Start,
            _ if across < -0.2 => Anchor::End,
            _ => Anchor::Middle,
        };
        let room = if anchor == Anchor::Middle { picture.width / 2.0 } else { picture.width / 2.0 - radius - 12.0 };
        let name = setting.fit(name, LABEL, room);
        picture.text((x + 7.0 * across, y + 2.8 + 8.0 * down), LABEL, anchor, "role:ink-soft", name);
    }
    for (place, ((_, values), tone)) in shapes.iter().zip(&tones).enumerate() {
        let shares: Vec<f32> = values.iter().map(|value| scale.at(*value)).collect();
        let line = Stroke { tone: tone.clone(), width: 1.6, dashes: DASHES[place % DASHES.len()] };
        picture.shape(around(&shares), Some((tone, 0.14)), Some(line));
        for (corner, share) in shares.iter().enumerate() {
            picture.dot(at(corner, *share), 2.0, tone, 1.0);
        }
    }
    // The measure, along the first way from the middle.
    for value in scale.steps().skip(1) {
        let y = middle.1 - radius * scale.at(value);
        picture.text((middle.0 + 4.0, y + 7.5), 6.5, Anchor::Start, "role:ink-soft", setting.say(value));
    }
}
