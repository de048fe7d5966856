//! A picture as SVG, for pages: its colours are those of paper, its words are text.

use std::fmt::Write as _;

use super::{Anchor, Mark, Picture, Step, channels};

/// The picture as an element with a description.
pub(crate) fn svg(picture: &Picture, description: &str) -> String {
    let (w, h) = (number(picture.width), number(picture.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{}\">",
        escape(description)
    );
    for mark in &picture.marks {
        match mark {
            Mark::Shape { steps, fill, line } => {
                let fill = match fill {
                    Some((tone, opacity)) if *opacity < 1.0 => {
                        format!("fill=\"{}\" fill-opacity=\"{}\"", hex(tone), number(*opacity))
                    }
                    Some((tone, _)) => format!("fill=\"{}\"", hex(tone)),
                    None => "fill=\"none\"".to_owned(),
                };
                let line = line.as_ref().map_or_else(String::new, |line| {
                    let dashes: Vec<String> = line.dashes.iter().map(|dash| number(*dash)).collect();
                    let dashes = if dashes.is_empty() {
                        String::new()
                    } else {
                        format!(" stroke-dasharray=\"{}\"", dashes.join(" "))
                    };
                    format!(
                        " stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dashes}",
                        hex(&line.tone),
                        number(line.width)
                    )
                });
                let _ = write!(out, "<path d=\"{}\" {fill}{line}/>", path(steps));
            }
            Mark::Text { at, size, strong, anchor, tone, text } => {
                let anchor = match anchor {
                    Anchor::Start => "",
                    Anchor::Middle => " text-anchor=\"middle\"",
                    Anchor::End => " text-anchor=\"end\"",
                };
                let weight = if *strong { " font-weight=\"600\"" } else { "" };
                let _ = write!(
                    out,
                    "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{anchor}{weight}>{}</text>",
                    number(at.0),
                    number(at.1),
                    number(*size),
                    hex(tone),
                    escape(text)
                );
            }
        }
    }
    out.push_str("</svg>");
    out
}

fn path(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        let _ = match step {
            Step::Move(x, y) => write!(out, "M{} {}", number(*x), number(*y)),
            Step::Line(x, y) => write!(out, "L{} {}", number(*x), number(*y)),
            Step::Curve(points) => {
                let points: Vec<String> = points.iter().map(|own| number(*own)).collect();
                write!(out, "C{}", points.join(" "))
            }
            Step::Close => write!(out, "Z"),
        };
    }
    out
}

fn hex(tone: &str) -> String {
    let [r, g, b] = channels(tone);
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// At most two decimals.
fn number(value: f32) -> String {
    studio::export::pdf::number((value * 100.0).round() / 100.0)
}

/// A text inside of markup and of attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML takes no other control characters, and nothing that turns the direction of what follows.
            '\t' | '\n' => out.push(' '),
            sign if sign.is_control() || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {}
            sign => out.push(sign),
        }
    }
    out
}
