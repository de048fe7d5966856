//! SVG as text: numbers, escaping, and the few shapes the diagrams are made of.

use std::fmt::Write as _;

use crate::geometry::{Point, Rect};

/// A number with at most two decimals; anything that is not finite is 0, and magnitudes end at a million.
pub(super) fn number(value: f32) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let hundredths = (f64::from(value).clamp(-1e6, 1e6) * 100.0).round() as i64;
    let (sign, hundredths) = if hundredths < 0 { ("-", -hundredths) } else { ("", hundredths) };
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match rest {
        0 => format!("{sign}{whole}"),
        _ if rest % 10 == 0 => format!("{sign}{whole}.{}", rest / 10),
        _ => format!("{sign}{whole}.{rest:02}"),
    }
}

/// Text for an XML attribute or element; characters that XML does not allow are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{FFFE}' | '\u{FFFF}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Fill and stroke of a shape.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Paint<'a> {
    /// Fill colour; `None` leaves the shape hollow.
    pub(super) fill: Option<&'a str>,
    /// Stroke colour and width.
    pub(super) stroke: Option<(&'a str, f32)>,
    /// Opacity of fill and stroke; 0 counts as 1, which is what most shapes are.
    pub(super) opacity: f32,
    /// Dash and gap.
    pub(super) dash: Option<(f32, f32)>,
}

impl<'a> Paint<'a> {
    /// A filled shape.
    pub(super) fn fill(color: &'a str) -> Self {
        Self { fill: Some(color), ..Self::default() }
    }

    /// A line.
    pub(super) fn stroke(color: &'a str, width: f32) -> Self {
        Self { stroke: Some((color, width)), ..Self::default() }
    }

    /// The same with an opacity.
    pub(super) fn opacity(self, opacity: f32) -> Self {
        Self { opacity, ..self }
    }

    fn write(&self, out: &mut String) {
        let _ = write!(out, r#" fill="{}""#, self.fill.unwrap_or("none"));
        if let Some((color, width)) = self.stroke {
            let _ = write!(out, r#" stroke="{color}" stroke-width="{}""#, number(width));
            out.push_str(r#" stroke-linejoin="round" stroke-linecap="round""#);
        }
        if let Some((dash, gap)) = self.dash {
            let _ = write!(out, r#" stroke-dasharray="{} {}""#, number(dash), number(gap));
        }
        if self.opacity > 0.0 {
            // Not `opacity`, which would have the shape drawn into a layer of its own.
            let attribute = |name: &str| format!(r#" {name}-opacity="{}""#, (self.opacity * 1000.0).round() / 1000.0);
            out.push_str(&self.fill.map(|_| attribute("fill")).unwrap_or_default());
            out.push_str(&self.stroke.map(|_| attribute("stroke")).unwrap_or_default());
        }
    }
}

/// Adds a rectangle with rounded corners.
pub(super) fn rect(out: &mut String, r: Rect, radius: f32, paint: Paint<'_>) {
    let radius = radius.min(r.w / 2.0).min(r.h / 2.0).max(0.0);
    let _ = write!(
        out,
        r#"<rect x="{}" y="{}" width="{}" height="{}""#,
        number(r.x),
        number(r.y),
        number(r.w),
        number(r.h)
    );
    if radius > 0.0 {
        let _ = write!(out, r#" rx="{}""#, number(radius));
    }
    paint.write(out);
    out.push_str("/>\n");
}

/// Adds a circle.
pub(super) fn circle(out: &mut String, center: Point, radius: f32, paint: Paint<'_>) {
    let _ = write!(out, r#"<circle cx="{}" cy="{}" r="{}""#, number(center.x), number(center.y), number(radius));
    paint.write(out);
    out.push_str("/>\n");
}

/// Adds a path; nothing when it is empty.
pub(super) fn path(out: &mut String, data: &str, paint: Paint<'_>) {
    if data.is_empty() {
        return;
    }
    let _ = write!(out, r#"<path d="{data}""#);
    paint.write(out);
    out.push_str("/>\n");
}

/// Path data of a line through `points` whose corners are rounded.
pub(super) fn rounded(points: &[Point], radius: f32, closed: bool) -> String {
    let n = points.len();
    if n < 2 {
        return String::new();
    }
    let mut data = String::new();
    let inner = if closed { 0..n } else { 1..n - 1 };
    if !closed {
        let _ = write!(data, "M{} {}", number(points[0].x), number(points[0].y));
    }
    for i in inner {
        let (before, at, after) = (points[(i + n - 1) % n], points[i], points[(i + 1) % n]);
        let (enter, leave) = (toward(at, before, radius), toward(at, after, radius));
        let command = if data.is_empty() { 'M' } else { 'L' };
        let _ = write!(data, "{command}{} {}", number(enter.x), number(enter.y));
        let _ = write!(data, "Q{} {} {} {}", number(at.x), number(at.y), number(leave.x), number(leave.y));
    }
    if closed {
        data.push('Z');
    } else {
        let _ = write!(data, "L{} {}", number(points[n - 1].x), number(points[n - 1].y));
    }
    data
}

/// The point `reach` pixels from `from` towards `to`, at most half way.
fn toward(from: Point, to: Point, reach: f32) -> Point {
    let length = distance(from, to);
    if length <= f32::EPSILON {
        return from;
    }
    let share = (reach / length).min(0.5);
    Point::new(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share)
}

/// Length of the line between two points.
pub(super) fn distance(a: Point, b: Point) -> f32 {
    libm::hypotf(b.x - a.x, b.y - a.y)
}

/// A whole document that shows `view` of canvas pixels.
pub(super) fn document(view: Rect, title: &str, body: &str) -> String {
    let (x, y, w, h) = (number(view.x), number(view.y), number(view.w), number(view.h));
    let title = if title.is_empty() { String::new() } else { format!("<title>{}</title>\n", escape(title)) };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"{x} {y} {w} {h}\">\n{title}{body}</svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_finite() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.001, "0"),
            (1.5, "1.5"),
            (2.346, "2.35"),
            (-3.07, "-3.07"),
            (f32::NAN, "0"),
            (f32::INFINITY, "0"),
            (3e9, "1000000"),
        ] {
            assert_eq!(number(value), expected, "{value}");
        }
    }

    #[test]
    fn text_cannot_leave_its_attribute() {
        assert_eq!(escape("a<b>&\"'\u{0}\u{1b}\u{FFFF}c"), "a&lt;b&gt;&amp;&quot;&apos;c");
    }

    #[test]
    fn corners_are_rounded_and_ends_are_kept() {
        let points = [Point::new(0.0, 0.0), Point::new(10.0, 0.0), Point::new(10.0, 40.0)];
        assert_eq!(rounded(&points, 8.0, false), "M0 0L5 0Q10 0 10 8L10 40");
        assert_eq!(rounded(&points[..1], 8.0, false), "");
    }
}
