//! Paths as operators of a page.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::draw::{Path, Step};
use crate::export::xml::number;
use crate::geometry::Point;

/// Opacities that a file uses, in hundredths.
#[derive(Debug, Default)]
pub struct Opacities(BTreeSet<u8>);

impl Opacities {
    /// The name of the state that paints with an opacity.
    pub fn take(&mut self, opacity: f32) -> String {
        let hundredths = (opacity.clamp(0.0, 1.0) * 100.0).round() as u8;
        self.0.insert(hundredths);
        format!("/a{hundredths}")
    }

    /// The states as a resource.
    pub fn resource(&self) -> String {
        let state = |h: &u8| format!("/a{h}<</ca {0}/CA {0}>>", f32::from(*h) / 100.0);
        format!("<<{}>>", self.0.iter().map(state).collect::<String>())
    }
}

/// Adds the operators that paint `paths`.
pub(super) fn paint(out: &mut String, paths: &[Path], opacities: &mut Opacities) {
    for path in paths {
        if let Some((color, opacity)) = path.fill {
            let _ = writeln!(out, "{} gs {} rg", opacities.take(opacity), channels(color));
            steps(out, &path.steps);
            out.push_str(if path.even_odd { "f*\n" } else { "f\n" });
        }
        if let Some(ink) = &path.line {
            let dashes: Vec<String> = ink.dashes.iter().map(|d| number(*d)).collect();
            let _ = writeln!(
                out,
                "{} gs {} RG {} w 1 J 1 j [{}] 0 d",
                opacities.take(ink.opacity),
                channels(ink.color),
                number(ink.width),
                dashes.join(" ")
            );
            steps(out, &path.steps);
            out.push_str("S\n");
        }
    }
}

fn steps(out: &mut String, steps: &[Step]) {
    let p = |p: Point| format!("{} {}", number(p.x), number(p.y));
    for step in steps {
        let _ = match *step {
            Step::Move(to) => writeln!(out, "{} m", p(to)),
            Step::Line(to) => writeln!(out, "{} l", p(to)),
            Step::Curve(a, b, to) => writeln!(out, "{} {} {} c", p(a), p(b), p(to)),
            Step::Close => writeln!(out, "h"),
        };
    }
}

fn channels(color: [u8; 3]) -> String {
    color.map(|c| number(f32::from(c) / 255.0)).join(" ")
}
