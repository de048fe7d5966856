//! The parts of a presentation that do not depend on what is on its slides.

use std::fmt::Write as _;

use super::super::Deck;
use super::super::xml::{DECLARATION, escape};
use super::slide::emu;

/// Namespaces of every part.
pub(super) const NAMESPACES: &str = "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
     xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\"";
/// The root of the shapes of a slide.
pub(super) const TREE: &str =
    "<p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>";

const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const COLORS: &str = "bg1=\"lt1\" tx1=\"dk1\" bg2=\"lt2\" tx2=\"dk2\" accent1=\"accent1\" accent2=\"accent2\" \
     accent3=\"accent3\" accent4=\"accent4\" accent5=\"accent5\" accent6=\"accent6\" hlink=\"hlink\" folHlink=\"folHlink\"";

/// Names and contents of the parts, in the order of the file: what kinds there are comes first.
pub(super) fn parts(deck: &Deck<'_>, slides: usize, logo: bool) -> Vec<(String, Vec<u8>)> {
    let part = |name: &str, text: String| (name.to_owned(), format!("{DECLARATION}{text}").into_bytes());
    let bare = |name: &str, bytes: Vec<u8>| (name.to_owned(), bytes);
    let slide_links: Vec<String> = (1..=slides).map(|i| format!("slides/slide{i}.xml")).collect();
    let mut links = vec![
        ("slideMaster", "slideMasters/slideMaster1.xml"),
        ("notesMaster", "notesMasters/notesMaster1.xml"),
        ("theme", "theme/theme1.xml"),
    ];
    links.extend(slide_links.iter().map(|link| ("slide", link.as_str())));
    vec![
        part("[Content_Types].xml", types(slides, logo)),
        bare(
            "_rels/.rels",
            relations_of(&[
                (format!("{RELATION}/officeDocument"), "ppt/presentation.xml"),
                (
                    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties".to_owned(),
                    "docProps/core.xml",
                ),
            ]),
        ),
        part("docProps/core.xml", core(deck)),
        part("ppt/presentation.xml", presentation(deck, slides)),
        bare("ppt/_rels/presentation.xml.rels", relations(&links)),
        part("ppt/theme/theme1.xml", theme(deck, "Audiagram")),
        part("ppt/theme/theme2.xml", theme(deck, "Notes")),
        part("ppt/slideMasters/slideMaster1.xml", master(deck)),
        bare(
            "ppt/slideMasters/_rels/slideMaster1.xml.rels",
            relations(&[("slideLayout", "../slideLayouts/slideLayout1.xml"), ("theme", "../theme/theme1.xml")]),
        ),
        part("ppt/slideLayouts/slideLayout1.xml", layout()),
        bare(
            "ppt/slideLayouts/_rels/slideLayout1.xml.rels",
            relations(&[("slideMaster", "../slideMasters/slideMaster1.xml")]),
        ),
        part("ppt/notesMasters/notesMaster1.xml", notes_master()),
        bare("ppt/notesMasters/_rels/notesMaster1.xml.rels", relations(&[("theme", "../theme/theme2.xml")])),
    ]
}

/// A part that says where others are: `rId1` is the first of them.
pub(super) fn relations(links: &[(&str, &str)]) -> Vec<u8> {
    let links: Vec<(String, &str)> = links.iter().map(|(kind, to)| (format!("{RELATION}/{kind}"), *to)).collect();
    relations_of(&links)
}

fn relations_of(links: &[(String, &str)]) -> Vec<u8> {
    let mut out =
        format!("{DECLARATION}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
    for (i, (kind, to)) in links.iter().enumerate() {
        let _ = write!(out, "<Relationship Id=\"rId{}\" Type=\"{kind}\" Target=\"{to}\"/>", i + 1);
    }
    out.push_str("</Relationships>");
    out.into_bytes()
}

fn types(slides: usize, logo: bool) -> String {
    let mut out = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
                   <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                   <Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        .to_owned();
    if logo {
        out.push_str("<Default Extension=\"png\" ContentType=\"image/png\"/>");
    }
    let mut part = |name: String, kind: &str| {
        let _ =
            write!(out, "<Override PartName=\"{name}\" ContentType=\"application/vnd.openxmlformats-{kind}+xml\"/>");
    };
    let own = "officedocument.presentationml";
    part("/docProps/core.xml".to_owned(), "package.core-properties");
    part("/ppt/presentation.xml".to_owned(), &format!("{own}.presentation.main"));
    part("/ppt/slideMasters/slideMaster1.xml".to_owned(), &format!("{own}.slideMaster"));
    part("/ppt/slideLayouts/slideLayout1.xml".to_owned(), &format!("{own}.slideLayout"));
    part("/ppt/notesMasters/notesMaster1.xml".to_owned(), &format!("{own}.notesMaster"));
    part("/ppt/theme/theme1.xml".to_owned(), "officedocument.theme");
    part("/ppt/theme/theme2.xml".to_owned(), "officedocument.theme");
    for i in 1..=slides {
        part(format!("/ppt/slides/slide{i}.xml"), &format!("{own}.slide"));
        part(format!("/ppt/notesSlides/notesSlide{i}.xml"), &format!("{own}.notesSlide"));
    }
    out.push_str("</Types>");
    out
}

fn core(deck: &Deck<'_>) -> String {
    let title = if deck.board.title.is_empty() { &deck.board.id } else { &deck.board.title };
    format!(
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:creator>Audiagram</dc:creator>\
         <dc:language>{}</dc:language></cp:coreProperties>",
        escape(title),
        escape(&deck.board.lang)
    )
}

fn presentation(deck: &Deck<'_>, slides: usize) -> String {
    let canvas = deck.placed.first().map_or((1920, 1080), |placed| placed.canvas);
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    let (w, h) = (emu(canvas.0 as f32), emu(canvas.1 as f32));
    // The first three relations are masters and theme.
    let ids: String = (0..slides).map(|i| format!("<p:sldId id=\"{}\" r:id=\"rId{}\"/>", 256 + i, 4 + i)).collect();
    format!(
        "<p:presentation {NAMESPACES}><p:sldMasterIdLst><p:sldMasterId id=\"2147483648\" r:id=\"rId1\"/></p:sldMasterIdLst>\
         <p:notesMasterIdLst><p:notesMasterId r:id=\"rId2\"/></p:notesMasterIdLst><p:sldIdLst>{ids}</p:sldIdLst>\
         <p:sldSz cx=\"{w}\" cy=\"{h}\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/></p:presentation>"
    )
}

/// The theme's colours as those of the presentation, so that shapes that are added fit.
fn theme(deck: &Deck<'_>, name: &str) -> String {
    let t = deck.theme;
    let hex = |color: &str| color.trim_start_matches('#').to_owned();
    let mut colors = String::new();
    let named = [("dk1", &t.ink), ("lt1", &t.background), ("dk2", &t.muted), ("lt2", &t.surface)];
    let accents = t.tones.iter().enumerate().map(|(i, tone)| (format!("accent{}", i + 1), &tone.border));
    let links = [("hlink", &t.accent), ("folHlink", &t.muted)];
    let owned = |(name, color): (&str, _)| (name.to_owned(), color);
    for (name, color) in named.map(owned).into_iter().chain(accents).chain(links.map(owned)) {
        let _ = write!(colors, "<a:{name}><a:srgbClr val=\"{}\"/></a:{name}>", hex(color.as_str()));
    }
    let fill = "<a:solidFill><a:schemeClr val=\"phClr\"/></a:solidFill>";
    let line = format!("<a:ln w=\"12700\">{fill}</a:ln>");
    let font = "<a:latin typeface=\"Arial\"/><a:ea typeface=\"\"/><a:cs typeface=\"\"/>";
    format!(
        "<a:theme xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" name=\"{name}\"><a:themeElements>\
         <a:clrScheme name=\"{name}\">{colors}</a:clrScheme>\
         <a:fontScheme name=\"{name}\"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont></a:fontScheme>\
         <a:fmtScheme name=\"{name}\"><a:fillStyleLst>{fill}{fill}{fill}</a:fillStyleLst>\
         <a:lnStyleLst>{line}{line}{line}</a:lnStyleLst><a:effectStyleLst>{}</a:effectStyleLst>\
         <a:bgFillStyleLst>{fill}{fill}{fill}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>",
        "<a:effectStyle><a:effectLst/></a:effectStyle>".repeat(3)
    )
}

fn master(deck: &Deck<'_>) -> String {
    let ink = deck.theme.ink.as_str().trim_start_matches('#');
    format!(
        "<p:sldMaster {NAMESPACES}><p:cSld><p:bg><p:bgPr><a:solidFill><a:schemeClr val=\"bg1\"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>\
         <p:spTree>{TREE}</p:spTree></p:cSld><p:clrMap {COLORS}/>\
         <p:sldLayoutIdLst><p:sldLayoutId id=\"2147483649\" r:id=\"rId1\"/></p:sldLayoutIdLst>\
         <p:txStyles><p:titleStyle><a:lvl1pPr algn=\"l\"><a:defRPr sz=\"2800\" b=\"1\"><a:solidFill><a:srgbClr val=\"{ink}\"/></a:solidFill></a:defRPr></a:lvl1pPr></p:titleStyle>\
         <p:bodyStyle/><p:otherStyle/></p:txStyles></p:sldMaster>"
    )
}

fn layout() -> String {
    format!(
        "<p:sldLayout {NAMESPACES} type=\"titleOnly\"><p:cSld name=\"Diagram\"><p:spTree>{TREE}\
         <p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"Title\"/><p:cNvSpPr><a:spLocks noGrp=\"1\"/></p:cNvSpPr><p:nvPr><p:ph type=\"title\"/></p:nvPr></p:nvSpPr>\
         <p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody></p:sp></p:spTree></p:cSld>\
         <p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
    )
}

fn notes_master() -> String {
    let place = |id: u8, name: &str, kind: &str, [x, y, w, h]: [u32; 4], body: &str| {
        format!(
            "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{name}\"/><p:cNvSpPr><a:spLocks noGrp=\"1\"/></p:cNvSpPr><p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr>\
             <p:spPr><a:xfrm><a:off x=\"{x}\" y=\"{y}\"/><a:ext cx=\"{w}\" cy=\"{h}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr>{body}</p:sp>"
        )
    };
    let body = "<p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody>";
    format!(
        "<p:notesMaster {NAMESPACES}><p:cSld><p:bg><p:bgPr><a:solidFill><a:srgbClr val=\"FFFFFF\"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>\
         <p:spTree>{TREE}{}{}</p:spTree></p:cSld><p:clrMap {COLORS}/>\
         <p:notesStyle><a:lvl1pPr><a:defRPr sz=\"1200\"><a:solidFill><a:srgbClr val=\"000000\"/></a:solidFill></a:defRPr></a:lvl1pPr></p:notesStyle></p:notesMaster>",
        place(2, "Slide", "type=\"sldImg\"", [685_800, 685_800, 5_486_400, 3_086_100], ""),
        place(3, "Notes", "type=\"body\" idx=\"1\"", [685_800, 4_000_500, 5_486_400, 4_457_700], body)
    )
}
