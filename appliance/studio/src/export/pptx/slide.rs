//! A slide: shapes, connectors and words, each where the film has it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::scenery::{Slice, Solid, Stroke, Thing, Words, centred, things};
use super::super::sheet::Sheet;
use super::super::xml::{DECLARATION, escape};
use super::frame;
use crate::draw::{Color, Strip};
use crate::geometry::{Point, Rect};
use crate::layout::quadratics;
use crate::storyboard::Shape;

/// English metric units of a pixel: 1920 pixels are 13 1/3 inches.
const EMU: f32 = 6350.0;

/// A length in English metric units.
pub(super) fn emu(pixels: f32) -> i64 {
    if pixels.is_finite() { (pixels.clamp(-1e5, 1e5) * EMU).round() as i64 } else { 0 }
}

/// A scene as a slide; pictures of the logo are its relations from the third on.
pub(super) fn write(sheet: &Sheet<'_>, logos: &[Rect]) -> String {
    let mut slide = Slide { out: String::new(), ids: BTreeMap::new(), last: 1, lang: escape(&sheet.board.lang) };
    slide.heading(sheet);
    let things = things(sheet);
    // Lines lie behind the boxes that they tie, and name them: numbers come first.
    for thing in &things {
        if let Thing::Solid(of) = thing {
            slide.last += 1;
            slide.ids.insert(of.key.clone(), slide.last);
        }
    }
    for thing in &things {
        match thing {
            Thing::Solid(of) => slide.solid(of),
            Thing::Words(of) => slide.words(of, None),
            Thing::Stroke(of) => slide.stroke(sheet, of),
            Thing::Slice(of) => slide.slice(of),
            Thing::Strip(of, name) => slide.strip(of, name),
        }
    }
    for (i, rect) in logos.iter().enumerate() {
        let (id, link) = (slide.next(), i + 3);
        let _ = write!(
            slide.out,
            "<p:pic><p:nvPicPr><p:cNvPr id=\"{id}\" name=\"Logo\" descr=\"Logo\"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>\
             <p:blipFill><a:blip r:embed=\"rId{link}\"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>\
             <p:spPr>{}<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr></p:pic>",
            place(*rect)
        );
    }
    format!(
        "{DECLARATION}<p:sld {}><p:cSld><p:spTree>{}{}</p:spTree></p:cSld>\
         <p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>",
        frame::NAMESPACES,
        frame::TREE,
        slide.out
    )
}

struct Slide {
    out: String,
    /// Numbers of the shapes, by name.
    ids: BTreeMap<String, u32>,
    last: u32,
    lang: String,
}

impl Slide {
    fn next(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// The heading as the slide's title, which outlines and screen readers show.
    fn heading(&mut self, sheet: &Sheet<'_>) {
        let text = &sheet.placed.title;
        let id = self.next();
        let words = Words { key: "Title".to_owned(), text, color: &sheet.theme.ink, bold: true };
        let body = if text.lines.is_empty() {
            format!(
                "<a:p><a:r><a:rPr lang=\"{}\" sz=\"100\"/><a:t>{}</a:t></a:r></a:p>",
                self.lang,
                escape(&sheet.title)
            )
        } else {
            self.paragraphs(&words)
        };
        let _ = write!(
            self.out,
            "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"Title\"/><p:cNvSpPr><a:spLocks noGrp=\"1\"/></p:cNvSpPr><p:nvPr><p:ph type=\"title\"/></p:nvPr></p:nvSpPr>\
             <p:spPr>{}</p:spPr><p:txBody>{}<a:lstStyle/>{body}</p:txBody></p:sp>",
            place(text.rect),
            self::body(true)
        );
    }

    fn solid(&mut self, of: &Solid<'_>) {
        let id = self.ids.get(&of.key).copied().unwrap_or_default();
        let short = of.rect.w.min(of.rect.h).max(1.0);
        let round = |radius: f32| {
            format!("<a:gd name=\"adj\" fmla=\"val {}\"/>", (radius / short * 100_000.0).round().min(50_000.0))
        };
        let (shape, adjust) = match of.shape {
            Shape::Box | Shape::Person => ("roundRect", round(14.0)),
            Shape::Pill => ("roundRect", round(short)),
            Shape::Diamond => ("diamond", String::new()),
            Shape::Ellipse => ("ellipse", String::new()),
            Shape::Cylinder => ("can", String::new()),
            Shape::Document => ("snip1Rect", String::new()),
        };
        let opacity = (of.opacity.clamp(0.0, 1.0) * 100_000.0).round();
        let alpha = if of.opacity < 1.0 { format!("<a:alpha val=\"{opacity}\"/>") } else { String::new() };
        let line = of.border.map_or_else(
            || "<a:ln><a:noFill/></a:ln>".to_owned(),
            |(color, width)| format!("<a:ln w=\"{}\">{}</a:ln>", emu(width), fill(color, "")),
        );
        let words = of.words.as_ref().map_or_else(|| "<a:p/>".to_owned(), |words| self.paragraphs(words));
        let _ = write!(
            self.out,
            "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{}\" descr=\"{}\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>{}\
             <a:prstGeom prst=\"{shape}\"><a:avLst>{adjust}</a:avLst></a:prstGeom>{}{line}</p:spPr>\
             <p:txBody>{}<a:lstStyle/>{words}</p:txBody></p:sp>",
            of.key,
            escape(&of.alt),
            place(of.rect),
            fill(of.fill, &alpha),
            body(false)
        );
    }

    /// Words alone; on a plate where they stand on a line.
    fn words(&mut self, of: &Words<'_>, plate: Option<&Color>) {
        let id = self.next();
        let (back, rect) = match plate {
            Some(color) => (fill(color, ""), snug(of)),
            None => ("<a:noFill/>".to_owned(), of.text.rect),
        };
        let _ = write!(
            self.out,
            "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{}\"/><p:cNvSpPr txBox=\"1\"/><p:nvPr/></p:nvSpPr><p:spPr>{}\
             <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom>{back}</p:spPr><p:txBody>{}<a:lstStyle/>{}</p:txBody></p:sp>",
            of.key,
            place(rect),
            body(false),
            self.paragraphs(of)
        );
    }

    /// One paragraph whose lines are those of the layout.
    fn paragraphs(&self, words: &Words<'_>) -> String {
        // Hundredths of a point; a pixel is half a point.
        let size = (words.text.px * 50.0).round().clamp(100.0, 400_000.0);
        let (align, bold) = (if centred(words) { "ctr" } else { "l" }, u8::from(words.bold));
        let mut out = format!("<a:p><a:pPr algn=\"{align}\"/>");
        for (i, line) in words.text.lines.iter().enumerate() {
            if i > 0 {
                out.push_str("<a:br/>");
            }
            let _ = write!(
                out,
                "<a:r><a:rPr lang=\"{}\" sz=\"{size}\" b=\"{bold}\">{}</a:rPr><a:t>{}</a:t></a:r>",
                self.lang,
                fill(words.color, ""),
                escape(line)
            );
        }
        out.push_str("</a:p>");
        out
    }

    fn stroke(&mut self, sheet: &Sheet<'_>, of: &Stroke<'_>) {
        let dash = if of.dashed { "<a:prstDash val=\"dash\"/>" } else { "" };
        let head = if of.arrow { "<a:tailEnd type=\"triangle\" w=\"med\" len=\"med\"/>" } else { "" };
        let line = format!(
            "<a:noFill/><a:ln w=\"{}\" cap=\"rnd\">{}{dash}<a:round/>{head}</a:ln>",
            emu(of.width),
            fill(of.color, "")
        );
        let id = self.next();
        match of.points[..] {
            [from, to] => {
                let tie = |name: &str, end: usize, at: Point| {
                    let id = of.ends.and_then(|ends| self.ids.get(ends[end]));
                    let rect = of.ends.and_then(|ends| rect_of(sheet, ends[end]));
                    let site = rect.and_then(|rect| site(rect, at));
                    id.zip(site)
                        .map_or_else(String::new, |(id, site)| format!("<a:{name} id=\"{id}\" idx=\"{site}\"/>"))
                };
                let ties = format!("{}{}", tie("stCxn", 0, from), tie("endCxn", 1, to));
                let (x, y) = (from.x.min(to.x), from.y.min(to.y));
                let rect = Rect::new(x, y, (from.x - to.x).abs(), (from.y - to.y).abs());
                let flip = |name: &str, on: bool| if on { format!(" {name}=\"1\"") } else { String::new() };
                let flips = format!("{}{}", flip("flipH", to.x < from.x), flip("flipV", to.y < from.y));
                let _ = write!(
                    self.out,
                    "<p:cxnSp><p:nvCxnSpPr><p:cNvPr id=\"{id}\" name=\"{}\" descr=\"{}\"/><p:cNvCxnSpPr>{ties}</p:cNvCxnSpPr><p:nvPr/></p:nvCxnSpPr>\
                     <p:spPr>{}<a:prstGeom prst=\"straightConnector1\"><a:avLst/></a:prstGeom>{line}</p:spPr></p:cxnSp>",
                    of.key,
                    escape(&of.alt),
                    place(rect).replacen("<a:xfrm>", &format!("<a:xfrm{flips}>"), 1)
                );
            }
            _ if of.curved => self.curve(id, of, &line),
            _ => self.freeform(id, &of.key, &of.alt, &of.points, false, &line),
        }
        if let Some(words) = &of.words {
            self.words(words, Some(&sheet.theme.background));
        }
    }

    fn slice(&mut self, of: &Slice<'_>) {
        let id = self.next();
        let paint = format!("{}<a:ln w=\"{}\">{}</a:ln>", fill(of.fill, ""), emu(4.0), fill(of.rim, ""));
        self.freeform(id, &of.key, "", &of.outline(), true, &paint);
        self.words(&of.words, None);
    }

    fn strip(&mut self, of: &Strip, name: &Words<'_>) {
        let id = self.next();
        let r = of.rect;
        let corners = [(r.x, r.y), (r.right(), r.y), (r.right(), r.bottom()), (r.x, r.bottom())];
        let points = corners.map(|(x, y)| Point::new(x, y));
        let paint = format!("{}<a:ln><a:noFill/></a:ln>", fill(&of.fill, ""));
        self.freeform(id, "banner", "", &points, true, &paint);
        self.words(name, None);
    }

    /// A curve of quadratic pieces.
    fn curve(&mut self, id: u32, of: &Stroke<'_>, paint: &str) {
        let Some((&first, r)) = of.points.first().zip(bounds(&of.points)) else { return };
        let pt = |p: Point| format!("<a:pt x=\"{}\" y=\"{}\"/>", emu(p.x - r.x), emu(p.y - r.y));
        let mut path = format!("<a:moveTo>{}</a:moveTo>", pt(first));
        for (control, end) in quadratics(&of.points) {
            let _ = write!(path, "<a:quadBezTo>{}{}</a:quadBezTo>", pt(control), pt(end));
        }
        self.custom(id, (&of.key, &of.alt), r, &path, false, paint);
    }

    /// A shape with corners of its own.
    fn freeform(&mut self, id: u32, key: &str, alt: &str, points: &[Point], closed: bool, paint: &str) {
        let Some(r) = bounds(points) else { return };
        let mut path = String::new();
        for (i, p) in points.iter().enumerate() {
            let step = if i == 0 { "moveTo" } else { "lnTo" };
            let (x, y) = (emu(p.x - r.x), emu(p.y - r.y));
            let _ = write!(path, "<a:{step}><a:pt x=\"{x}\" y=\"{y}\"/></a:{step}>");
        }
        self.custom(id, (key, alt), r, &path, closed, paint);
    }

    /// A shape with a path of its own.
    fn custom(&mut self, id: u32, (key, alt): (&str, &str), r: Rect, path: &str, closed: bool, paint: &str) {
        let (inside, end) = if closed { ("norm", "<a:close/>") } else { ("none", "") };
        let _ = write!(
            self.out,
            "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{key}\" descr=\"{}\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>{}\
             <a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/><a:rect l=\"0\" t=\"0\" r=\"r\" b=\"b\"/><a:pathLst>\
             <a:path w=\"{}\" h=\"{}\" fill=\"{inside}\">{path}{end}</a:path></a:pathLst></a:custGeom>{paint}</p:spPr></p:sp>",
            escape(alt),
            place(r),
            emu(r.w),
            emu(r.h)
        );
    }
}

/// The box around points.
fn bounds(points: &[Point]) -> Option<Rect> {
    points.iter().map(|p| Rect::new(p.x, p.y, 0.0, 0.0)).reduce(|a, b| a.union(&b))
}

fn rect_of(sheet: &Sheet<'_>, key: &str) -> Option<Rect> {
    let room = sheet.rooms.iter().find(|r| r.key == key).and_then(|r| r.at.map(|(rect, _)| rect));
    sheet.boxes.iter().find(|b| b.key == key).map(|b| b.at.rect).or(room)
}

/// The middle of a side that a connector ends at: 0 top, 1 left, 2 bottom, 3 right. `None` where it ends elsewhere, since
/// PowerPoint would pull it there.
fn site(r: Rect, p: Point) -> Option<u8> {
    let c = r.center();
    let sites = [(c.x, r.y), (r.x, c.y), (c.x, r.bottom()), (r.right(), c.y)];
    sites.iter().position(|(x, y)| (x - p.x).abs() < 6.0 && (y - p.y).abs() < 6.0).and_then(|i| u8::try_from(i).ok())
}

/// The room that words on a plate take.
#[allow(clippy::cast_precision_loss, reason = "labels have a few characters")]
fn snug(words: &Words<'_>) -> Rect {
    let text = words.text;
    let longest = text.lines.iter().map(|l| l.chars().count()).max().unwrap_or_default() as f32;
    let w = (longest * 0.6 * text.px + 0.3 * text.px).min(text.rect.w.max(1.0));
    Rect::new(text.rect.center().x - w / 2.0, text.rect.y, w, text.rect.h)
}

fn place(r: Rect) -> String {
    let (x, y, w, h) = (emu(r.x), emu(r.y), emu(r.w.max(0.0)), emu(r.h.max(0.0)));
    format!("<a:xfrm><a:off x=\"{x}\" y=\"{y}\"/><a:ext cx=\"{w}\" cy=\"{h}\"/></a:xfrm>")
}

fn fill(color: &Color, inner: &str) -> String {
    format!(
        "<a:solidFill><a:srgbClr val=\"{}\">{inner}</a:srgbClr></a:solidFill>",
        color.as_str().trim_start_matches('#')
    )
}

/// How text sits: in the middle, without margins; its lines as they are, unless it may `wrap`.
fn body(wrap: bool) -> String {
    let wrap = if wrap { "square" } else { "none" };
    format!(
        "<a:bodyPr wrap=\"{wrap}\" lIns=\"0\" tIns=\"0\" rIns=\"0\" bIns=\"0\" anchor=\"ctr\"><a:noAutofit/></a:bodyPr>"
    )
}
