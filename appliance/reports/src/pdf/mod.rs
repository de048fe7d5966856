//! Findings as pages: a first page with contents, then a section a chart with its table, under running heads.

mod book;
mod table;
mod wide;

use charts::{ChartKind, Drawing};
use studio::{
    draw::{Fonts, Weight},
    export::pdf::text,
};

use crate::{
    Findings,
    findings::{MAX_SHOWN, Shown},
    picture::{self, Anchor},
    plot::Plot,
    say,
    words::{Say, is_rtl, word},
};
use book::{BOTTOM, Book, PAGE, SIDE, TOP, Tag, WIDTH};
use table::{Table, centred, wrap};

/// The height of a chart.
const CHART: f32 = 214.0;
/// The height of a single value's card, and how many stand side by side.
const CARD: (f32, usize) = (92.0, 3);

/// The bytes of the file.
pub(crate) fn write(findings: &Findings, fonts: &Fonts) -> Vec<u8> {
    let (book, document) = Book::new(fonts, is_rtl(&findings.language));
    let mut writer = Writer { book, document, findings, fonts, places: Vec::new() };
    // The first page is written when the others' numbers are known; its tags come first.
    let (title, contents) = (writer.book.tag("Sect", Some(document), ""), writer.book.tag("Sect", Some(document), ""));
    writer.book.turn();
    let shown: Vec<Shown<'_>> = findings.shown().collect();
    let mut at = 0;
    while at < shown.len() {
        let cards = shown[at..].iter().take_while(|own| card(own).is_some()).count();
        if cards > 0 {
            for row in shown[at..at + cards].chunks(CARD.1) {
                writer.cards(row);
            }
            at += cards;
        } else {
            writer.section(&shown[at]);
            at += 1;
        }
    }
    writer.cover(title, contents, &shown);
    writer.running();
    writer.book.finish(&findings.title, &findings.language)
}

/// A drawing that is one number without a picture of its own, also where there is no such number.
fn card<'a>(shown: &'a Shown<'_>) -> Option<&'a Drawing> {
    let drawing = shown.drawing.as_ref().ok()?;
    let single = shown.chart.kind == ChartKind::Value || drawing.drawn.single.is_some();
    (single && matches!(Plot::of(drawing), None | Some(Plot::Spark(_)))).then_some(drawing)
}

struct Writer<'a> {
    book: Book<'a>,
    document: Tag,
    findings: &'a Findings,
    fonts: &'a Fonts,
    /// Where each section begins.
    places: Vec<(usize, f32)>,
}

impl Writer<'_> {
    fn say(&self, what: Say) -> &'static str {
        word(what, &self.findings.language)
    }

    /// A heading; what must stay with it is `room` high.
    fn heading(&mut self, section: Tag, title: &str, room: f32) {
        let lines = wrap(&self.book, title, Weight::Strong, 13.0, WIDTH, 3);
        let tall = 17.0 * lines.len() as f32;
        if self.book.y > TOP {
            self.book.y += 22.0;
        }
        self.book.need(tall + room);
        let at = (self.book.page(), self.book.y);
        self.places.push(at);
        self.book.note(title, at);
        let tag = self.book.tag("H2", Some(section), &format!("/T{}", text(title)));
        self.lines(tag, &lines, Weight::Strong, 13.0, 17.0, "role:ink");
        self.book.y += 3.0;
    }

    fn paragraph(&mut self, section: Tag, text: &str, tone: &str) {
        let lines = wrap(&self.book, text, Weight::Regular, 9.4, WIDTH, 8);
        self.book.need(13.0 * lines.len() as f32);
        let tag = self.book.tag("P", Some(section), "");
        self.lines(tag, &lines, Weight::Regular, 9.4, 13.0, tone);
        self.book.y += 4.0;
    }

    fn lines(&mut self, tag: Tag, lines: &[String], weight: Weight, size: f32, pitch: f32, tone: &str) {
        let y = self.book.y;
        self.book.within(tag, |book| {
            for (at, line) in lines.iter().enumerate() {
                book.read(line, weight, (SIDE, y + size + pitch * at as f32), size, Anchor::Start, tone);
            }
        });
        self.book.y += pitch * lines.len() as f32;
    }

    fn section(&mut self, shown: &Shown<'_>) {
        let section = self.book.tag("Sect", Some(self.document), "");
        let plot = shown.drawing.as_ref().ok().and_then(Plot::of);
        let room = if plot.is_some() { CHART + 20.0 } else { 60.0 };
        self.heading(section, shown.title, room);
        if !shown.description.is_empty() {
            self.paragraph(section, shown.description, "role:ink-soft");
        }
        let drawing = match &shown.drawing {
            Ok(drawing) if drawing.table.rows.is_empty() => {
                return self.paragraph(section, self.say(Say::Nothing), "role:ink-soft");
            }
            Ok(drawing) => drawing,
            Err(why) => return self.paragraph(section, why, "role:ink-soft"),
        };
        let format = shown.format();
        if let Some(plot) = &plot {
            let height = bars_that_lie(plot).map_or(CHART, |count| (26.0 + 20.0 * count as f32).clamp(70.0, CHART));
            let drawn = picture::of(plot, (WIDTH, height), &format, self.findings, self.fonts);
            self.figure(section, &drawn, &drawing.sentence, centred(WIDTH), self.book.y + 4.0);
            self.book.y += height + 16.0;
        }
        let grid = wide::grid(drawing, plot.as_ref());
        let rows = grid.rows.iter().take(MAX_SHOWN).map(|row| {
            let cell = |(column, cell)| say::cell(column, cell, &format, &self.findings.language);
            grid.columns.iter().zip(row).map(cell).collect()
        });
        let table = Table { columns: &grid.columns, rows: rows.collect() };
        table.write(&mut self.book, section);
        if drawing.cut || drawing.table.rows.len() > MAX_SHOWN {
            self.book.y += 4.0;
            self.paragraph(section, self.say(Say::More), "role:ink-soft");
        }
    }

    fn figure(&mut self, section: Tag, drawn: &picture::Picture, about: &str, x: f32, y: f32) {
        let sides = [x, PAGE.1 - y - drawn.height, x + drawn.width, PAGE.1 - y].map(|side| side.to_string()).join(" ");
        let more = format!("/Alt{}/A<</O/Layout/Placement/Block/BBox[{sides}]>>", text(about));
        let tag = self.book.tag("Figure", Some(section), &more);
        self.book.within(tag, |book| book.picture(drawn, (x, y)));
    }

    /// Single values, side by side.
    fn cards(&mut self, row: &[Shown<'_>]) {
        if self.book.y > TOP {
            self.book.y += 14.0;
        }
        self.book.need(CARD.0);
        let gap = 12.0;
        let width = (WIDTH - gap * (CARD.1 - 1) as f32) / CARD.1 as f32;
        let y = self.book.y;
        for (at, shown) in row.iter().enumerate() {
            let Some(drawing) = card(shown) else { continue };
            let section = self.book.tag("Sect", Some(self.document), "");
            let x = SIDE + (width + gap) * at as f32;
            let left = if self.book.rtl { PAGE.0 - x - width } else { x };
            self.places.push((self.book.page(), y));
            self.book.note(shown.title, (self.book.page(), y));
            self.book.beside(false, |book| {
                book.block([left, y, width, CARD.0], "role:sunken");
                book.block([if book.rtl { left + width - 2.5 } else { left }, y, 2.5, CARD.0], "role:tone-0");
            });
            let format = shown.format();
            let single =
                drawing.drawn.single.unwrap_or(charts::Single { value: None, before: None, less_is_better: false });
            let said = |value: f64| say::number(&format, value, &self.findings.language);
            let value = single.value.map_or_else(|| "–".to_owned(), &said);
            let before = single.before.map(|before| format!("{}: {}", self.say(Say::Before), said(before)));
            let heading = self.book.tag("H2", Some(section), &format!("/T{}", text(shown.title)));
            let title = wrap(&self.book, shown.title, Weight::Regular, 9.0, width - 24.0, 1).remove(0);
            self.book.within(heading, |book| {
                book.read(&title, Weight::Regular, (x + 12.0, y + 18.0), 9.0, Anchor::Start, "role:ink-soft");
            });
            let tag = self.book.tag("P", Some(section), "");
            let size = (0..6)
                .map(|less| 21.0 - 2.5 * less as f32)
                .find(|size| self.book.width(&value, Weight::Strong, *size) <= width - 24.0)
                .unwrap_or(8.0);
            self.book.within(tag, |book| {
                book.read(&value, Weight::Strong, (x + 12.0, y + 44.0), size, Anchor::Start, "role:ink");
                if let Some(before) = &before {
                    book.read(before, Weight::Regular, (x + 12.0, y + 58.0), 8.0, Anchor::Start, "role:ink-soft");
                }
            });
            if let Some(plot) = Plot::of(drawing) {
                let drawn = picture::of(&plot, (width - 24.0, 22.0), &format, self.findings, self.fonts);
                self.figure(section, &drawn, &drawing.sentence, left + 12.0, y + CARD.0 - 28.0);
            }
        }
        self.book.y = y + CARD.0;
    }

    /// The first page: what it is, and what is where.
    fn cover(&mut self, title: Tag, contents: Tag, shown: &[Shown<'_>]) {
        let findings = self.findings;
        self.book.open(0);
        self.book.y = 96.0;
        self.book.beside(false, |book| {
            book.block([if book.rtl { PAGE.0 - SIDE - 44.0 } else { SIDE }, 74.0, 44.0, 4.0], "role:tone-0");
        });
        let lines = wrap(&self.book, &findings.title, Weight::Strong, 25.0, WIDTH, 3);
        let tag = self.book.tag("H1", Some(title), &format!("/T{}", text(&findings.title)));
        self.lines(tag, &lines, Weight::Strong, 25.0, 31.0, "role:ink");
        self.book.y += 4.0;
        if !findings.description.is_empty() {
            self.paragraph(title, &findings.description, "role:ink-soft");
        }
        self.book.y += 10.0;
        for (what, fact) in findings.facts() {
            let (what, y) = (self.say(what), self.book.y);
            let tag = self.book.tag("P", Some(title), "");
            self.book.within(tag, |book| {
                book.read(what, Weight::Regular, (SIDE, y + 10.0), 9.4, Anchor::Start, "role:ink-soft");
                book.read(&fact, Weight::Regular, (SIDE + 92.0, y + 10.0), 9.4, Anchor::Start, "role:ink");
            });
            self.book.y += 15.0;
        }
        self.book.y += 30.0;
        let heading = self.book.tag("H2", Some(contents), &format!("/T{}", text(self.say(Say::Contents))));
        self.lines(heading, &[self.say(Say::Contents).to_owned()], Weight::Strong, 13.0, 17.0, "role:ink");
        self.book.y += 6.0;
        let list = self.book.tag("TOC", Some(contents), "");
        let pitch = ((BOTTOM - 24.0 - self.book.y) / shown.len().max(1) as f32).min(19.0);
        let places = self.places.clone();
        for (own, place) in shown.iter().zip(places) {
            let y = self.book.y;
            let item = self.book.tag("TOCI", Some(list), "");
            // What an item may hold is told (ISO 32000-1, table 333): links among them only within a reference.
            let reference = self.book.tag("Reference", Some(item), "");
            let link = self.book.tag("Link", Some(reference), "");
            let size = (pitch * 0.56).min(9.8);
            let name = wrap(&self.book, own.title, Weight::Regular, size, WIDTH - 60.0, 1).remove(0);
            let number = (place.0 + 1).to_string();
            let base = y + pitch * 0.68;
            self.book.within(link, |book| {
                book.read(&name, Weight::Regular, (SIDE, base), size, Anchor::Start, "role:ink");
                book.read(&number, Weight::Regular, (PAGE.0 - SIDE, base), size, Anchor::End, "role:ink-soft");
            });
            self.book.link(link, [SIDE, y, WIDTH, pitch], place, own.title);
            self.book.beside(false, |book| book.rule(SIDE, y + pitch - 0.6, WIDTH, "role:line"));
            self.book.y += pitch;
        }
        let y = BOTTOM - 4.0;
        let tag = self.book.tag("P", Some(contents), "");
        let note = self.say(Say::Utc);
        self.book.within(tag, |book| book.read(note, Weight::Regular, (SIDE, y), 8.0, Anchor::Start, "role:ink-soft"));
    }

    /// Heads and numbers of the pages.
    fn running(&mut self) {
        let findings = self.findings;
        let days = say::days(findings.from, findings.to, &findings.zone);
        let title = wrap(&self.book, &findings.title, Weight::Regular, 8.0, WIDTH - 150.0, 1).remove(0);
        let count = self.book.pages();
        for page in 0..count {
            self.book.open(page);
            let number = format!("{} {} / {count}", self.say(Say::Page), page + 1);
            self.book.beside(true, |book| {
                if page > 0 {
                    book.read(&title, Weight::Regular, (SIDE, 44.0), 8.0, Anchor::Start, "role:ink-soft");
                    book.read(&days, Weight::Regular, (PAGE.0 - SIDE, 44.0), 8.0, Anchor::End, "role:ink-soft");
                    book.rule(SIDE, 52.0, WIDTH, "role:line");
                }
                book.read(&number, Weight::Regular, (PAGE.0 - SIDE, PAGE.1 - 34.0), 8.0, Anchor::End, "role:ink-soft");
            });
        }
    }
}

/// How many bars lie one under the other.
fn bars_that_lie(plot: &Plot) -> Option<usize> {
    match plot {
        Plot::Plane(plane) if plane.lying => {
            Some(plane.places.len() * if plane.series.iter().any(|own| own.stacked) { 1 } else { plane.series.len() })
        }
        _ => None,
    }
}
