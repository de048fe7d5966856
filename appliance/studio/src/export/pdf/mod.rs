//! PDF with tags (PDF/UA-1): a page a scene, drawn as it is in the film, with a description and words that can be found.

mod file;
mod lettering;
mod paint;
mod words;

use std::fmt::Write as _;

use super::xml::escape;
pub use super::xml::number;
use super::{Deck, ExportError};
use crate::alternative::describe;
use crate::draw::{Emblem, flat};
use crate::layout::{Guide, Placed, Text};
pub use file::{File, Ref, text};
pub use lettering::Lettering;
pub use paint::Opacities;

use paint::paint;
use words::Words;

/// Points for each pixel: a full page of 1920 pixels is a slide of 13 1/3 inches.
const SCALE: f32 = 0.5;

/// The scenes of these numbers as pages.
///
/// # Errors
/// When a part cannot be drawn.
pub(super) fn write(deck: &Deck<'_>, scenes: &[usize]) -> Result<Vec<u8>, ExportError> {
    let mut file = File::default();
    let (mut opacities, mut words) = (Opacities::default(), Words::default());
    let (catalog, pages, resources) = (file.reserve(), file.reserve(), file.reserve());
    let tree = Tree { root: file.reserve(), document: file.reserve() };
    let mut made: Vec<Page> = Vec::new();
    let mut pictures = String::new();
    for &at in scenes {
        let drawn = flat(&deck.placed[at], deck.fonts, deck.theme)?;
        let mut content = format!("{SCALE} 0 0 -{SCALE} 0 {} cm\n", number(height(&deck.placed[at])));
        let artifact = |content: &mut String, paths: &[_], opacities: &mut Opacities| {
            content.push_str("/Artifact BMC\n");
            paint(content, paths, opacities);
            content.push_str("EMC\n");
        };
        artifact(&mut content, &drawn.ground, &mut opacities);
        let placed = &deck.placed[at];
        content.push_str("/H1<</MCID 0>>BDC\n");
        paint(&mut content, &drawn.heading, &mut opacities);
        words.write(&mut content, &placed.title, deck.fonts);
        content.push_str("EMC\n/Figure<</MCID 1>>BDC\n");
        paint(&mut content, &drawn.diagram, &mut opacities);
        for label in labels(placed) {
            words.write(&mut content, label, deck.fonts);
        }
        content.push_str("EMC\n");
        artifact(&mut content, &drawn.marks, &mut opacities);
        for (i, emblem) in drawn.emblems.iter().enumerate() {
            let name = format!("/x{}-{i}", made.len());
            let _ = write!(pictures, "{name} {}", picture(&mut file, emblem));
            let [x, y, w, h] = [emblem.rect.x, emblem.rect.bottom(), emblem.rect.w, emblem.rect.h].map(number);
            let _ = writeln!(content, "/Artifact BMC q {w} 0 0 -{h} {x} {y} cm {name} Do Q EMC");
        }
        let content = file.stream("", content.as_bytes());
        made.push(tree.page(&mut file, deck, at, made.len(), content, (pages, resources)));
    }
    let fonts = words.resource(&mut file);
    file.fill(resources, format!("<</ExtGState {}/Font {fonts}/XObject<<{pictures}>>>>", opacities.resource()));
    let kids: String = made.iter().map(|page| format!("{} ", page.page)).collect();
    file.fill(pages, format!("<</Type/Pages/Kids[{kids}]/Count {}>>", made.len()));
    tree.close(&mut file, &made);
    let outlines = outlines(&mut file, &made);
    let title = if deck.board.title.is_empty() { &deck.board.id } else { &deck.board.title };
    // A language must be named, be it as unknown (BCP 47: `und`).
    let lang = if deck.board.lang.trim().is_empty() { "und" } else { deck.board.lang.trim() };
    let metadata = file.plain_stream("/Type/Metadata/Subtype/XML", &metadata(title, lang));
    file.fill(
        catalog,
        format!(
            "<</Type/Catalog/Pages {pages}/Lang{}/MarkInfo<</Marked true>>/StructTreeRoot {}/Metadata {metadata}\
             /ViewerPreferences<</DisplayDocTitle true>>/PageMode/UseOutlines/Outlines {outlines}>>",
            text(lang),
            tree.root
        ),
    );
    let info = file.add(format!("<</Title{}/Producer{}>>", text(title), text("Audiagram")));
    Ok(file.finish(catalog, info))
}

#[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
fn height(placed: &Placed) -> f32 {
    placed.canvas.1 as f32 * SCALE
}

/// Every text that is drawn of the diagram.
fn labels(placed: &Placed) -> impl Iterator<Item = &Text> {
    let guides = placed.guides.iter().filter_map(|guide| match guide {
        Guide::Container { label, .. } | Guide::Slice { label, .. } => Some(label),
        Guide::Note { label, .. } | Guide::Key { label, .. } => Some(label),
        Guide::Lifeline { .. } | Guide::Axis { .. } | Guide::Tick { .. } => None,
    });
    let letters = placed.guides.iter().filter_map(|guide| match guide {
        Guide::Key { sign, .. } => sign.as_ref(),
        _ => None,
    });
    let nodes = placed.nodes.iter().flat_map(|n| [Some(&n.label), n.badge.as_ref(), n.sign.as_ref()]).flatten();
    guides.chain(letters).chain(nodes).chain(placed.edges.iter().filter_map(|e| e.label.as_ref()))
}

/// A picture with its transparency.
fn picture(file: &mut File, emblem: &Emblem) -> Ref {
    let (w, h) = emblem.size;
    let entries =
        |space: &str| format!("/Type/XObject/Subtype/Image/Width {w}/Height {h}/BitsPerComponent 8/ColorSpace/{space}");
    let mask = file.stream(&entries("DeviceGray"), &emblem.alpha);
    file.stream(&format!("{}/SMask {mask}", entries("DeviceRGB")), &emblem.rgb)
}

/// A page and its place in the tree of tags.
struct Page {
    page: Ref,
    section: Ref,
    /// Heading and figure, in the order of their marks.
    marked: [Ref; 2],
    title: String,
}

/// The tags: a section a scene with its heading and its figure.
struct Tree {
    root: Ref,
    document: Ref,
}

impl Tree {
    fn page(
        &self,
        file: &mut File,
        deck: &Deck<'_>,
        at: usize,
        index: usize,
        content: Ref,
        (pages, resources): (Ref, Ref),
    ) -> Page {
        let (scene, placed) = (&deck.board.scenes[at], &deck.placed[at]);
        #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
        let size = [placed.canvas.0 as f32 * SCALE, height(placed)].map(number).join(" ");
        let page = file.add(format!(
            "<</Type/Page/Parent {pages}/MediaBox[0 0 {size}]/Resources {resources}/Contents {content}\
             /StructParents {index}/Tabs/S>>"
        ));
        let section = file.reserve();
        let title = if scene.title.trim().is_empty() { (at + 1).to_string() } else { scene.title.trim().to_owned() };
        let heading = file.add(format!("<</Type/StructElem/S/H1/P {section}/Pg {page}/K 0/T{}>>", text(&title)));
        // A figure without words for it is none to who does not see it.
        let told = describe(scene, &deck.board.lang).join(" ");
        let told = if told.trim().is_empty() { title.clone() } else { told };
        let figure = file.add(format!(
            "<</Type/StructElem/S/Figure/P {section}/Pg {page}/K 1/Alt{}/A<</O/Layout/Placement/Block/BBox[0 0 {size}]>>>>",
            text(&told)
        ));
        file.fill(section, format!("<</Type/StructElem/S/Sect/P {}/K[{heading} {figure}]>>", self.document));
        Page { page, section, marked: [heading, figure], title }
    }

    fn close(&self, file: &mut File, pages: &[Page]) {
        let sections: String = pages.iter().map(|page| format!("{} ", page.section)).collect();
        file.fill(self.document, format!("<</Type/StructElem/S/Document/P {}/K[{sections}]>>", self.root));
        let marked = |(i, page): (usize, &Page)| format!("{i}[{} {}]", page.marked[0], page.marked[1]);
        let parents: String = pages.iter().enumerate().map(marked).collect();
        let parents = file.add(format!("<</Nums[{parents}]>>"));
        file.fill(
            self.root,
            format!(
                "<</Type/StructTreeRoot/K[{}]/ParentTree {parents}/ParentTreeNextKey {}>>",
                self.document,
                pages.len()
            ),
        );
    }
}

/// The list of pages that readers show beside them.
fn outlines(file: &mut File, pages: &[Page]) -> Ref {
    let root = file.reserve();
    let items: Vec<Ref> = pages.iter().map(|_| file.reserve()).collect();
    for (i, page) in pages.iter().enumerate() {
        let near = |name: &str, at: Option<usize>| {
            at.and_then(|at| items.get(at)).map_or_else(String::new, |item| format!("/{name} {item}"))
        };
        let (before, next) = (near("Prev", i.checked_sub(1)), near("Next", Some(i + 1)));
        file.fill(
            items[i],
            format!("<</Title{}/Parent {root}/Dest[{} /Fit]{before}{next}>>", text(&page.title), page.page),
        );
    }
    let ends = items.first().zip(items.last());
    let ends = ends.map_or_else(String::new, |(first, last)| format!("/First {first}/Last {last}"));
    file.fill(root, format!("<</Type/Outlines{ends}/Count {}>>", items.len()));
    root
}

/// What the file is, for readers of metadata: XMP that says its title and language, and that it is PDF/UA-1.
pub fn metadata(title: &str, lang: &str) -> String {
    let (title, lang) = (escape(title), escape(lang));
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\">\n\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
         <dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>\n\
         <pdf:Producer>Audiagram</pdf:Producer>\n<pdfuaid:part>1</pdfuaid:part>\n\
         </rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>"
    )
}
