//! A file of tagged pages under way (PDF/UA-1): what is written where, and what it is.

use std::fmt::Write as _;

use studio::{
    draw::{Fonts, Weight},
    export::pdf::{File, Lettering, Opacities, Ref, metadata, number, text},
};

use crate::picture::{Anchor, Mark, Picture, Step, channels};

/// A4, in points.
pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
/// The room between the edges of a page and what is on it.
pub(super) const SIDE: f32 = 52.0;
/// Where the text of a page begins, and where it ends.
pub(super) const TOP: f32 = 70.0;
pub(super) const BOTTOM: f32 = PAGE.1 - 62.0;
/// How wide the text of a page is.
pub(super) const WIDTH: f32 = PAGE.0 - 2.0 * SIDE;

/// A tag's number.
pub(super) type Tag = usize;

struct Element {
    kind: &'static str,
    parent: Option<Tag>,
    kids: Vec<Kid>,
    /// Entries of its dictionary besides.
    more: String,
    /// The page it begins on.
    page: Option<usize>,
}

enum Kid {
    Tag(Tag),
    Mark { page: usize, number: usize },
    Link(usize),
}

#[derive(Default)]
struct Sheet {
    content: String,
    /// The tags of its marks.
    marks: Vec<Tag>,
}

struct Link {
    page: usize,
    to: (usize, f32),
    rect: [f32; 4],
    tag: Tag,
    about: String,
}

/// Pages, tags and links.
pub(super) struct Book<'f> {
    letters: Lettering<'f>,
    opacities: Opacities,
    sheets: Vec<Sheet>,
    elements: Vec<Element>,
    links: Vec<Link>,
    /// Titles of the outline, and where they lead.
    outline: Vec<(String, (usize, f32))>,
    /// The page that is written on.
    page: usize,
    /// How far down it is written.
    pub(super) y: f32,
    /// Whether lines begin on the right.
    pub(super) rtl: bool,
}

impl<'f> Book<'f> {
    /// A book with one empty page, and the tag of the document.
    pub(super) fn new(fonts: &'f Fonts, rtl: bool) -> (Self, Tag) {
        let mut book = Book {
            letters: Lettering::new(fonts),
            opacities: Opacities::default(),
            sheets: vec![Sheet::default()],
            elements: Vec::new(),
            links: Vec::new(),
            outline: Vec::new(),
            page: 0,
            y: TOP,
            rtl,
        };
        let document = book.tag("Document", None, "");
        (book, document)
    }

    /// A tag within another; `more` is what its dictionary says besides.
    pub(super) fn tag(&mut self, kind: &'static str, parent: Option<Tag>, more: &str) -> Tag {
        let tag = self.elements.len();
        self.elements.push(Element { kind, parent, kids: Vec::new(), more: more.to_owned(), page: None });
        if let Some(parent) = parent {
            self.elements[parent].kids.push(Kid::Tag(tag));
        }
        tag
    }

    /// Begins another page.
    pub(super) fn turn(&mut self) {
        self.sheets.push(Sheet::default());
        (self.page, self.y) = (self.sheets.len() - 1, TOP);
    }

    /// Begins another page unless there is so much room on this one.
    pub(super) fn need(&mut self, room: f32) -> bool {
        let turns = self.y + room > BOTTOM && self.y > TOP;
        if turns {
            self.turn();
        }
        turns
    }

    /// The page that is written on, from 0.
    pub(super) fn page(&self) -> usize {
        self.page
    }

    /// How many pages there are.
    pub(super) fn pages(&self) -> usize {
        self.sheets.len()
    }

    /// Goes back to a page.
    pub(super) fn open(&mut self, page: usize) {
        self.page = page;
    }

    /// Writes what belongs to a tag.
    pub(super) fn within(&mut self, tag: Tag, write: impl FnOnce(&mut Self)) {
        let page = self.page;
        let number = self.sheets[page].marks.len();
        self.sheets[page].marks.push(tag);
        let element = &mut self.elements[tag];
        element.kids.push(Kid::Mark { page, number });
        element.page.get_or_insert(page);
        let _ = writeln!(self.sheets[page].content, "/{}<</MCID {number}>>BDC", element.kind);
        write(self);
        self.sheets[page].content.push_str("EMC\n");
    }

    /// Writes what is there for the eye only, or comes back on every page.
    pub(super) fn beside(&mut self, pagination: bool, write: impl FnOnce(&mut Self)) {
        let page = self.page;
        let begin = if pagination { "/Artifact<</Type/Pagination>>BDC\n" } else { "/Artifact BMC\n" };
        self.sheets[page].content.push_str(begin);
        write(self);
        self.sheets[page].content.push_str("EMC\n");
    }

    pub(super) fn width(&self, line: &str, weight: Weight, size: f32) -> f32 {
        self.letters.width(line, weight, size)
    }

    /// Writes a line whose anchor is at a place on its base line. Its ends are those of its reading direction, seen from the page's.
    pub(super) fn line(
        &mut self,
        line: &str,
        weight: Weight,
        (x, base): (f32, f32),
        size: f32,
        anchor: Anchor,
        tone: &str,
    ) {
        let width = self.letters.width(line, weight, size);
        let x = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        self.ink(tone);
        self.letters.write(&mut self.sheets[self.page].content, line, weight, (x, base), size);
    }

    /// The same, mirrored where lines begin on the right.
    pub(super) fn read(
        &mut self,
        line: &str,
        weight: Weight,
        (x, base): (f32, f32),
        size: f32,
        anchor: Anchor,
        tone: &str,
    ) {
        let (x, anchor) = match (self.rtl, anchor) {
            (false, anchor) => (x, anchor),
            (true, Anchor::Start) => (PAGE.0 - x, Anchor::End),
            (true, Anchor::End) => (PAGE.0 - x, Anchor::Start),
            (true, Anchor::Middle) => (PAGE.0 - x, Anchor::Middle),
        };
        self.line(line, weight, (x, base), size, anchor, tone);
    }

    fn ink(&mut self, tone: &str) {
        let state = self.opacities.take(1.0);
        let colour = rgb(tone);
        let _ = writeln!(self.sheets[self.page].content, "{state} gs {colour} rg");
    }

    /// A filled rectangle.
    pub(super) fn block(&mut self, [x, y, w, h]: [f32; 4], tone: &str) {
        self.ink(tone);
        let at = [x, y, w, h].map(number).join(" ");
        let _ = writeln!(self.sheets[self.page].content, "{at} re f");
    }

    /// A hairline.
    pub(super) fn rule(&mut self, x: f32, y: f32, w: f32, tone: &str) {
        self.block([x, y, w, 0.6], tone);
    }

    /// A picture with its upper left corner at a place.
    pub(super) fn picture(&mut self, picture: &Picture, (x, y): (f32, f32)) {
        for mark in &picture.marks {
            match mark {
                Mark::Text { at, size, strong, anchor, tone, text } => {
                    let weight = if *strong { Weight::Strong } else { Weight::Regular };
                    self.line(text, weight, (x + at.0, y + at.1), *size, *anchor, tone);
                }
                Mark::Shape { steps, fill, line } => {
                    if let Some((tone, opacity)) = fill {
                        let state = self.opacities.take(*opacity);
                        let out = &mut self.sheets[self.page].content;
                        let _ = writeln!(out, "{state} gs {} rg", rgb(tone));
                        path(out, steps, (x, y));
                        out.push_str("f\n");
                    }
                    if let Some(line) = line {
                        let state = self.opacities.take(1.0);
                        let dashes: Vec<String> = line.dashes.iter().map(|dash| number(*dash)).collect();
                        let out = &mut self.sheets[self.page].content;
                        let (tone, width) = (rgb(&line.tone), number(line.width));
                        let _ = writeln!(out, "{state} gs {tone} RG {width} w 0 J 1 j [{}] 0 d", dashes.join(" "));
                        path(out, steps, (x, y));
                        out.push_str("S\n");
                    }
                }
            }
        }
    }

    /// An entry of the outline that leads to where is written now.
    pub(super) fn note(&mut self, title: &str, at: (usize, f32)) {
        self.outline.push((title.to_owned(), at));
    }

    /// A rectangle of this page that leads somewhere, as part of a tag.
    pub(super) fn link(&mut self, tag: Tag, rect: [f32; 4], to: (usize, f32), about: &str) {
        self.elements[tag].kids.push(Kid::Link(self.links.len()));
        self.elements[tag].page.get_or_insert(self.page);
        self.links.push(Link { page: self.page, to, rect, tag, about: about.to_owned() });
    }

    /// The bytes of the file.
    pub(super) fn finish(self, title: &str, language: &str) -> Vec<u8> {
        let mut file = File::default();
        let (catalog, pages, resources) = (file.reserve(), file.reserve(), file.reserve());
        let leaves: Vec<Ref> = self.sheets.iter().map(|_| file.reserve()).collect();
        let tags: Vec<Ref> = self.elements.iter().map(|_| file.reserve()).collect();
        let root = file.reserve();
        let links: Vec<Ref> = self.links.iter().map(|_| file.reserve()).collect();
        for (at, sheet) in self.sheets.iter().enumerate() {
            let content = format!("1 0 0 -1 0 {} cm\n{}", number(PAGE.1), sheet.content);
            let content = file.stream("", content.as_bytes());
            let own: String = self
                .links
                .iter()
                .zip(&links)
                .filter(|(link, _)| link.page == at)
                .map(|(_, at)| format!("{at} "))
                .collect();
            let notes = if own.is_empty() { String::new() } else { format!("/Annots[{own}]") };
            file.fill(
                leaves[at],
                format!(
                    "<</Type/Page/Parent {pages}/MediaBox[0 0 {} {}]/Resources {resources}/Contents {content}/StructParents {at}/Tabs/S{notes}>>",
                    number(PAGE.0),
                    number(PAGE.1)
                ),
            );
        }
        let dest = |(page, y): (usize, f32)| format!("[{} /XYZ 0 {} 0]", leaves[page], number(PAGE.1 - y));
        for (at, link) in self.links.iter().enumerate() {
            let [x, y, w, h] = link.rect;
            let rect = [x, PAGE.1 - y - h, x + w, PAGE.1 - y].map(number).join(" ");
            file.fill(
                links[at],
                format!(
                    "<</Type/Annot/Subtype/Link/Rect[{rect}]/Border[0 0 0]/F 4/Dest{}/StructParent {}/Contents{}>>",
                    dest(link.to),
                    self.sheets.len() + at,
                    text(&link.about)
                ),
            );
        }
        for (at, element) in self.elements.iter().enumerate() {
            let kid = |kid: &Kid| match kid {
                Kid::Tag(tag) => format!("{} ", tags[*tag]),
                Kid::Mark { page, number } => format!("<</Type/MCR/Pg {}/MCID {number}>>", leaves[*page]),
                Kid::Link(link) => format!("<</Type/OBJR/Pg {}/Obj {}>>", leaves[self.links[*link].page], links[*link]),
            };
            let kids: String = element.kids.iter().map(kid).collect();
            let parent = element.parent.map_or(root, |parent| tags[parent]);
            let page = element.page.map_or_else(String::new, |page| format!("/Pg {}", leaves[page]));
            let Element { kind, more, .. } = element;
            file.fill(tags[at], format!("<</Type/StructElem/S/{kind}/P {parent}{page}/K[{kids}]{more}>>"));
        }
        self.close(file, (catalog, pages, resources, root), &leaves, &tags, (title, language), dest)
    }

    fn close(
        self,
        mut file: File,
        (catalog, pages, resources, root): (Ref, Ref, Ref, Ref),
        leaves: &[Ref],
        tags: &[Ref],
        (title, language): (&str, &str),
        dest: impl Fn((usize, f32)) -> String,
    ) -> Vec<u8> {
        let mut parents = String::new();
        for (at, sheet) in self.sheets.iter().enumerate() {
            let own: String = sheet.marks.iter().map(|tag| format!("{} ", tags[*tag])).collect();
            let _ = write!(parents, "{at}[{own}]");
        }
        for (at, link) in self.links.iter().enumerate() {
            let _ = write!(parents, "{} {} ", self.sheets.len() + at, tags[link.tag]);
        }
        let next = self.sheets.len() + self.links.len();
        let parents = file.add(format!("<</Nums[{parents}]>>"));
        file.fill(
            root,
            format!("<</Type/StructTreeRoot/K[{}]/ParentTree {parents}/ParentTreeNextKey {next}>>", tags[0]),
        );
        let (fonts, forms) = self.letters.resources(&mut file);
        file.fill(resources, format!("<</ExtGState {}/Font {fonts}/XObject<<{forms}>>>>", self.opacities.resource()));
        let kids: String = leaves.iter().map(|leaf| format!("{leaf} ")).collect();
        file.fill(pages, format!("<</Type/Pages/Kids[{kids}]/Count {}>>", leaves.len()));
        let outlines = file.reserve();
        let entries: Vec<Ref> = self.outline.iter().map(|_| file.reserve()).collect();
        for (at, (name, to)) in self.outline.iter().enumerate() {
            let near = |name: &str, at: Option<usize>| {
                at.and_then(|at| entries.get(at)).map_or_else(String::new, |entry| format!("/{name} {entry}"))
            };
            let (before, after) = (near("Prev", at.checked_sub(1)), near("Next", Some(at + 1)));
            file.fill(
                entries[at],
                format!("<</Title{}/Parent {outlines}/Dest{}{before}{after}>>", text(name), dest(*to)),
            );
        }
        let ends = entries.first().zip(entries.last());
        let ends = ends.map_or_else(String::new, |(first, last)| format!("/First {first}/Last {last}"));
        file.fill(outlines, format!("<</Type/Outlines{ends}/Count {}>>", entries.len()));
        let about = file.plain_stream("/Type/Metadata/Subtype/XML", &metadata(title, language));
        file.fill(
            catalog,
            format!(
                "<</Type/Catalog/Pages {pages}/Lang{}/MarkInfo<</Marked true>>/StructTreeRoot {root}/Metadata {about}\
                 /ViewerPreferences<</DisplayDocTitle true{}>>/PageMode/UseOutlines/Outlines {outlines}>>",
                text(language),
                if self.rtl { "/Direction/R2L" } else { "" }
            ),
        );
        let info = file.add(format!("<</Title{}/Producer{}>>", text(title), text("Audiagram")));
        file.finish(catalog, info)
    }
}

fn rgb(tone: &str) -> String {
    channels(tone).map(|channel| number(f32::from(channel) / 255.0)).join(" ")
}

fn path(out: &mut String, steps: &[Step], (x, y): (f32, f32)) {
    let p = |px: f32, py: f32| format!("{} {}", number(x + px), number(y + py));
    for step in steps {
        let _ = match step {
            Step::Move(px, py) => writeln!(out, "{} m", p(*px, *py)),
            Step::Line(px, py) => writeln!(out, "{} l", p(*px, *py)),
            Step::Curve([ax, ay, bx, by, cx, cy]) => writeln!(out, "{} {} {} c", p(*ax, *ay), p(*bx, *by), p(*cx, *cy)),
            Step::Close => writeln!(out, "h"),
        };
    }
}
