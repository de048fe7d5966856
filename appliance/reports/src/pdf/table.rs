//! Tables that go on over pages, with their head on each of them.

use charts::{GridColumn, Kind};
use studio::draw::Weight;

use super::book::{Book, PAGE, SIDE, Tag, WIDTH};
use crate::picture::Anchor;

/// The largest and the smallest size of text in tables.
const SIZES: [f32; 5] = [8.6, 8.0, 7.4, 6.8, 6.2];
/// The room at both sides of a cell.
const PAD: f32 = 7.0;
/// The most lines of one cell.
const MAX_LINES: usize = 6;
/// The narrowest column of texts.
const NARROW: f32 = 42.0;

/// A table as it is written: its heads, and what its cells say.
pub(super) struct Table<'a> {
    pub(super) columns: &'a [GridColumn],
    pub(super) rows: Vec<Vec<String>>,
}

/// Where the columns are, and how large the text is.
struct Plan {
    size: f32,
    widths: Vec<f32>,
}

impl Table<'_> {
    /// Writes the table from the book's place on, as part of a tag.
    pub(super) fn write(&self, book: &mut Book<'_>, parent: Tag) {
        let plan = self.plan(book);
        let heads: Vec<Vec<String>> = self
            .columns
            .iter()
            .zip(&plan.widths)
            .map(|(column, width)| wrap(book, &column.title, Weight::Strong, plan.size, width - 2.0 * PAD, MAX_LINES))
            .collect();
        let head_height = height(&heads, &plan);
        let first = self.rows.first().map_or(0.0, |row| height(&self.wrapped(book, row, &plan), &plan));
        book.need(head_height + first);
        let table = book.tag("Table", Some(parent), "");
        let head = book.tag("THead", Some(table), "");
        let line = book.tag("TR", Some(head), "");
        self.head(book, &heads, &plan, Some(line));
        let body = book.tag("TBody", Some(table), "");
        for row in &self.rows {
            let cells = self.wrapped(book, row, &plan);
            let tall = height(&cells, &plan);
            if book.need(tall) {
                // Who hears the table has heard its head already.
                self.head(book, &heads, &plan, None);
            }
            let line = book.tag("TR", Some(body), "");
            for (at, cell) in cells.iter().enumerate() {
                let tag = book.tag("TD", Some(line), "");
                book.within(tag, |book| self.cell(book, cell, at, &plan, Weight::Regular, "role:ink"));
            }
            let y = book.y + tall;
            book.beside(false, |book| book.rule(SIDE, y - 0.3, WIDTH, "role:line"));
            book.y = y;
        }
    }

    fn wrapped(&self, book: &Book<'_>, row: &[String], plan: &Plan) -> Vec<Vec<String>> {
        row.iter()
            .zip(&plan.widths)
            .map(|(text, width)| wrap(book, text, Weight::Regular, plan.size, width - 2.0 * PAD, MAX_LINES))
            .collect()
    }

    fn head(&self, book: &mut Book<'_>, heads: &[Vec<String>], plan: &Plan, line: Option<Tag>) {
        let tall = height(heads, plan);
        let y = book.y;
        book.beside(false, |book| book.block([SIDE, y, WIDTH, tall], "role:sunken"));
        for (at, head) in heads.iter().enumerate() {
            let write = |book: &mut Book<'_>| self.cell(book, head, at, plan, Weight::Strong, "role:ink-soft");
            match line {
                Some(line) => {
                    let tag = book.tag("TH", Some(line), "/A<</O/Table/Scope/Column>>");
                    book.within(tag, write);
                }
                None => book.beside(true, write),
            }
        }
        book.beside(false, |book| book.rule(SIDE, y + tall - 0.3, WIDTH, "role:line-strong"));
        book.y += tall;
    }

    fn cell(&self, book: &mut Book<'_>, lines: &[String], at: usize, plan: &Plan, weight: Weight, tone: &str) {
        let left = SIDE + plan.widths[..at].iter().sum::<f32>();
        let pitch = plan.size * 1.3;
        for (number, line) in lines.iter().enumerate() {
            let base = book.y + 4.0 + plan.size + pitch * number as f32;
            let right = left + plan.widths[at] - PAD;
            let (x, anchor) = match self.columns[at].kind {
                Kind::Number => (right, Anchor::End),
                _ => (left + PAD, Anchor::Start),
            };
            book.read(line, weight, (x, base), plan.size, anchor, tone);
        }
    }

    /// The largest size at which all columns have room; numbers and moments are never broken, texts are.
    fn plan(&self, book: &Book<'_>) -> Plan {
        for size in SIZES {
            let natural = self.natural(book, size);
            let total: f32 = natural.iter().sum();
            if total <= WIDTH {
                // What is left goes to the texts, or to all where there are none.
                let texts = self.columns.iter().filter(|column| column.kind == Kind::Text).count();
                let rest = (WIDTH - total) / if texts > 0 { texts } else { natural.len().max(1) } as f32;
                let grow = |(own, column): (f32, &GridColumn)| {
                    if texts == 0 || column.kind == Kind::Text { own + rest } else { own }
                };
                return Plan { size, widths: natural.into_iter().zip(self.columns).map(grow).collect() };
            }
            let fixed: f32 = natural
                .iter()
                .zip(self.columns)
                .filter(|(_, column)| column.kind != Kind::Text)
                .map(|(own, _)| own)
                .sum();
            let texts: f32 = total - fixed;
            let count = self.columns.iter().filter(|column| column.kind == Kind::Text).count();
            if texts > 0.0 && WIDTH - fixed >= NARROW * count as f32 {
                // Each text a share of the room by its width, none less than the narrowest.
                let spare = WIDTH - fixed - NARROW * count as f32;
                let share = |(own, column): (&f32, &GridColumn)| {
                    if column.kind == Kind::Text { NARROW + spare * own / texts } else { *own }
                };
                return Plan { size, widths: natural.iter().zip(self.columns).map(share).collect() };
            }
        }
        let size = SIZES[SIZES.len() - 1];
        Plan { size, widths: vec![WIDTH / self.columns.len().max(1) as f32; self.columns.len()] }
    }

    fn natural(&self, book: &Book<'_>, size: f32) -> Vec<f32> {
        let width = |(at, column): (usize, &GridColumn)| {
            let head = book.width(&column.title, Weight::Strong, size);
            let cells = self.rows.iter().take(400).map(|row| book.width(&row[at], Weight::Regular, size));
            cells.fold(head, f32::max) + 2.0 * PAD + 0.5
        };
        self.columns.iter().enumerate().map(width).collect()
    }
}

fn height(cells: &[Vec<String>], plan: &Plan) -> f32 {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
    plan.size * 1.3 * lines as f32 + 7.0
}

/// A text as lines that are no wider than there is room: broken at spaces, and where a word has no room between its characters.
pub(super) fn wrap(book: &Book<'_>, text: &str, weight: Weight, size: f32, room: f32, most: usize) -> Vec<String> {
    if book.width(text, weight, size) <= room {
        return vec![text.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        if book.width((line.clone() + word).trim_end(), weight, size) <= room {
            line += word;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for sign in word.chars() {
            line.push(sign);
            if book.width(line.trim_end(), weight, size) > room && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::take(&mut line));
                line.push(sign);
            }
        }
        if lines.len() > most {
            break;
        }
    }
    lines.push(line);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.pop();
            last.push('…');
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Where a picture of this width is in the middle of a page.
pub(super) fn centred(width: f32) -> f32 {
    (PAGE.0 - width) / 2.0
}
