//! The film as one SVG that moves (SMIL): plays wherever a browser shows a picture, without script and without sound.

use std::fmt::Write as _;

use super::xml::{escape, number};
use super::{Deck, Talk};
use crate::draw::{Piece, pieces};
use crate::film::{ElementState, Seen, seen};
use crate::geometry::{Point, Rect};

/// Where a group is, and how large; the second comes upon the first.
const TRANSLATE: &str = "animateTransform attributeName=\"transform\" type=\"translate\"";
const SCALE: &str = "animateTransform attributeName=\"transform\" type=\"scale\" additive=\"sum\"";

/// The whole film, over and over.
pub(super) fn write(deck: &Deck<'_>, talk: &Talk<'_>) -> String {
    let (w, h) = talk.film.canvas;
    let title = if deck.board.title.is_empty() { &deck.board.id } else { &deck.board.title };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\">\n\
         <title>{}</title>\n<rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>\n",
        escape(title),
        deck.theme.background.as_str()
    );
    let time = Time { frames: talk.film.frames().max(1), fps: talk.film.fps.max(1) };
    for (i, (placed, seen)) in deck.placed.iter().zip(seen(talk.film, deck.placed)).enumerate() {
        // Where nothing moves, as in a thumbnail, the first scene is seen complete.
        let hidden = if i == 0 { "" } else { " visibility=\"hidden\"" };
        let _ = writeln!(out, "<g{hidden}>");
        time.shown_in_its_frames(&mut out, seen.frames);
        let drawn = pieces(placed, deck.fonts, deck.theme);
        let parts: Vec<_> = drawn.pieces.iter().zip(seen.parts.iter().zip(&seen.middles)).collect();
        let camera = time.camera(&seen);
        let r = seen.window;
        let [x, y, w, h] = [r.x, r.y, r.w, r.h].map(number);
        // Groups and no inner picture: browsers give one a clock of its own.
        match camera.is_empty() {
            true => out.push_str("<g>\n"),
            false => drop(writeln!(
                out,
                "<clipPath id=\"w{i}\"><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/></clipPath>\n\
                 <g clip-path=\"url(#w{i})\"><g>{camera}"
            )),
        }
        for (piece, (states, middle)) in parts.iter().filter(|(piece, _)| !piece.part.is_fixed()) {
            time.part(&mut out, piece, states, **middle);
        }
        out.push_str(if camera.is_empty() { "</g>\n" } else { "</g></g>\n" });
        for (piece, (states, middle)) in parts.iter().filter(|(piece, _)| piece.part.is_fixed()) {
            time.part(&mut out, piece, states, **middle);
        }
        out.push_str(&drawn.marks);
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

/// A value at a frame.
type Key = (u64, Vec<f32>);

/// The time of the film.
struct Time {
    frames: u64,
    fps: u32,
}

impl Time {
    /// A scene is seen during its frames only.
    fn shown_in_its_frames(&self, out: &mut String, (first, end): (u64, u64)) {
        let (mut times, mut values) = (vec!["0".to_owned()], vec![if first == 0 { "visible" } else { "hidden" }]);
        if first > 0 {
            times.push(self.share(first));
            values.push("visible");
        }
        if end < self.frames {
            times.push(self.share(end));
            values.push("hidden");
        }
        self.write(out, "animate attributeName=\"visibility\" calcMode=\"discrete\"", &times, &values.join(";"));
    }

    /// The way of everything that is seen through the window; nothing where the camera stays.
    fn camera(&self, seen: &Seen) -> String {
        let window = seen.window;
        let near = |r: &Rect| window.w / r.w.max(1.0);
        let keys =
            |of: &dyn Fn(&Rect) -> Vec<f32>| -> Vec<Key> { seen.camera.iter().map(|(n, r)| (*n, of(r))).collect() };
        let mut out = String::new();
        let way = keys(&|r| vec![window.x - r.x * near(r), window.y - r.y * near(r)]);
        self.animate(&mut out, TRANSLATE, way, &[0.0, 0.0]);
        self.animate(&mut out, SCALE, keys(&|r| vec![near(r)]), &[1.0]);
        out
    }

    fn part(&self, out: &mut String, piece: &Piece, states: &[(u64, ElementState)], middle: Point) {
        // What is never seen is not there: cards for which there was no time.
        if states.iter().all(|(_, s)| s.opacity <= 0.0) {
            return;
        }
        let keys =
            |of: &dyn Fn(&ElementState) -> Vec<f32>| -> Vec<Key> { states.iter().map(|(n, s)| (*n, of(s))).collect() };
        out.push_str("<g>");
        self.animate(out, "animate attributeName=\"opacity\"", keys(&|s| vec![s.opacity]), &[1.0]);
        let way = keys(&|s| {
            // A part grows around its middle, which a scale around the corner has to be moved back to.
            let back = 1.0 - s.scale;
            vec![s.shift.0 + middle.x * back, s.shift.1 + s.sink + middle.y * back]
        });
        self.animate(out, TRANSLATE, way, &[0.0, 0.0]);
        let scale = keys(&|s| vec![s.scale]);
        self.animate(out, SCALE, scale, &[1.0]);
        if !piece.shaft.is_empty() {
            let shaft = piece.shaft.replacen("<path ", "<path pathLength=\"1\" stroke-dasharray=\"1 1\" ", 1);
            let _ = write!(out, "{}>", shaft.trim_end().trim_end_matches("/>"));
            self.animate(out, "animate attributeName=\"stroke-dashoffset\"", keys(&|s| vec![1.0 - s.drawn]), &[0.0]);
            out.push_str("</path><g>");
            // The head is there when the line has arrived.
            self.animate(
                out,
                "animate attributeName=\"opacity\"",
                keys(&|s| vec![(s.drawn * 4.0 - 3.0).max(0.0)]),
                &[1.0],
            );
            out.push_str(&piece.body);
            out.push_str("</g>");
        } else {
            out.push_str(&piece.body);
        }
        if !piece.lit.is_empty() && states.iter().any(|(_, s)| s.highlight > 0.0) {
            out.push_str("<g>");
            self.animate(out, "animate attributeName=\"opacity\"", keys(&|s| vec![s.highlight]), &[0.0]);
            out.push_str(&piece.lit);
            out.push_str("</g>");
        }
        out.push_str("</g>\n");
    }

    /// Lets an attribute follow its keys; nothing where it always is what it is `anyway`.
    fn animate(&self, out: &mut String, what: &str, keys: Vec<Key>, anyway: &[f32]) {
        let mut keys = straightened(keys);
        if keys.iter().all(|(_, value)| near(value, anyway)) {
            return;
        }
        // Keys begin and end with the film.
        if let Some((n, value)) = keys.first().cloned().filter(|(n, _)| *n > 0) {
            keys.insert(0, (0, value.clone()));
            keys[1] = (n, value);
        }
        if let Some((_, value)) = keys.last().cloned() {
            keys.push((self.frames, value));
        }
        let times: Vec<String> = keys.iter().map(|(n, _)| self.share(*n)).collect();
        let value = |value: &Vec<f32>| value.iter().map(|v| number(*v)).collect::<Vec<_>>().join(" ");
        let values: Vec<String> = keys.iter().map(|(_, v)| value(v)).collect();
        self.write(out, what, &times, &values.join(";"));
    }

    fn write(&self, out: &mut String, what: &str, times: &[String], values: &str) {
        #[allow(clippy::cast_precision_loss, reason = "frame counts are far below 2^53")]
        let seconds = self.frames as f64 / f64::from(self.fps);
        let _ = write!(
            out,
            "<{what} dur=\"{seconds:.3}s\" repeatCount=\"indefinite\" keyTimes=\"{}\" values=\"{values}\"/>",
            times.join(";")
        );
    }

    /// A frame as a share of the film.
    #[allow(clippy::cast_precision_loss, reason = "frame counts are far below 2^53")]
    fn share(&self, frame: u64) -> String {
        let share = (frame.min(self.frames) as f64 / self.frames as f64 * 1e6).round() / 1e6;
        format!("{share}")
    }
}

fn near(a: &[f32], b: &[f32]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.002)
}

/// The keys without those that lie on the straight line between their neighbours.
fn straightened(keys: Vec<Key>) -> Vec<Key> {
    let mut out: Vec<Key> = Vec::with_capacity(keys.len());
    for key in keys {
        if let [.., (a_at, a), (b_at, b)] = &out[..] {
            #[allow(clippy::cast_precision_loss, reason = "a share of two near frames")]
            let share = (b_at - a_at) as f32 / (key.0 - a_at).max(1) as f32;
            let line: Vec<f32> = a.iter().zip(&key.1).map(|(a, c)| a + (c - a) * share).collect();
            if near(&line, b) {
                out.pop();
            }
        }
        out.push(key);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_on_a_line_go() {
        let keys = [(0, 0.0), (2, 0.5), (4, 1.0), (6, 1.0), (9, 1.0)].map(|(n, v)| (n, vec![v])).to_vec();
        let kept: Vec<u64> = straightened(keys).into_iter().map(|(n, _)| n).collect();
        assert_eq!(kept, [0, 4, 9]);
    }
}
