//! How many are left, step by step.

use super::{
    Anchor, LABEL, Picture, Setting, Step,
    flat::{share, tone},
};

/// The highest step.
const TALL: f32 = 34.0;

/// Draws a funnel: a bar a step, as wide as many are left, names before it and behind it how many and which share of the first.
pub(super) fn steps(picture: &mut Picture, steps: &[(String, f64)], setting: &Setting<'_>) {
    let most = steps.iter().map(|(_, value)| *value).fold(0.0f64, f64::max);
    if most <= 0.0 {
        return;
    }
    let first = steps[0].1;
    let said: Vec<String> = steps
        .iter()
        .map(|(_, value)| match first > 0.0 {
            true => format!("{}  ·  {}", setting.say(*value), share(value / first, setting)),
            false => setting.say(*value),
        })
        .collect();
    let widest =
        |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| (setting.measure)(text, LABEL)).fold(0.0, f32::max);
    let before = widest(&mut steps.iter().map(|(name, _)| name)).min(picture.width * 0.3);
    let behind = widest(&mut said.iter());
    let (left, right) = (before + 12.0, picture.width - behind - 14.0);
    let middle = f32::midpoint(left, right);
    let half = |value: f64| ((value / most) as f32 * (right - left) / 2.0).max(0.6);
    let pitch = (picture.height / steps.len() as f32).min(TALL * 1.5);
    let tall = pitch / 1.5;
    let top = (picture.height - pitch * steps.len() as f32 + (pitch - tall)) / 2.0;
    for (at, (name, value)) in steps.iter().enumerate() {
        let (y, own) = (top + pitch * at as f32, half(*value));
        if let Some((_, next)) = steps.get(at + 1) {
            let next = half(*next);
            let way = vec![
                Step::Move(middle - own, y + tall),
                Step::Line(middle + own, y + tall),
                Step::Line(middle + next, y + pitch),
                Step::Line(middle - next, y + pitch),
                Step::Close,
            ];
            picture.shape(way, Some((&tone(at), 0.18)), None);
        }
        picture.bar([middle - own, y, 2.0 * own, tall], &tone(at), 1.0);
        let line = y + tall / 2.0 + 2.8;
        let name = setting.fit(name, LABEL, before);
        picture.text((before, line), LABEL, Anchor::End, "role:ink", name);
        picture.text((right + 12.0, line), LABEL, Anchor::Start, "role:ink-soft", said[at].as_str());
    }
}
