//! Findings as one page that needs nothing else: no script, no address, its style inside.

use std::fmt::Write as _;

use charts::Kind;
use studio::draw::Fonts;

use crate::{
    Findings,
    findings::{MAX_SHOWN, Shown},
    picture::{self, escape, svg},
    plot::Plot,
    say,
    words::{Say, is_rtl, word},
};

const STYLE: &str = include_str!("page.css");

/// The text of the page.
pub(crate) fn write(findings: &Findings, fonts: &Fonts) -> String {
    let language = findings.language.as_str();
    let say = |what| word(what, language);
    let direction = if is_rtl(language) { "rtl" } else { "ltr" };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{}</title><style>{STYLE}</style></head><body>\n<header><h1>{}</h1>",
        escape(language),
        escape(&findings.title),
        escape(&findings.title)
    );
    if !findings.description.is_empty() {
        let _ = write!(out, "<p>{}</p>", escape(&findings.description));
    }
    out.push_str("<dl>");
    for (what, fact) in findings.facts() {
        let _ = write!(out, "<div><dt>{}</dt><dd>{}</dd></div>", say(what), escape(&fact));
    }
    let _ = write!(out, "</dl></header>\n<nav aria-label=\"{0}\"><h2>{0}</h2><ol>", say(Say::Contents));
    let shown: Vec<(Shown<'_>, &str)> =
        findings.shown().zip(findings.parts.iter().map(|part| part.id.as_str())).collect();
    for (own, id) in &shown {
        let _ = write!(out, "<li><a href=\"#{}\">{}</a></li>", escape(id), escape(own.title));
    }
    out.push_str("</ol></nav>\n<main>");
    for (own, id) in &shown {
        let _ = write!(
            out,
            "<section id=\"{0}\" aria-labelledby=\"{0}-title\"><h2 id=\"{0}-title\">{1}</h2>",
            escape(id),
            escape(own.title)
        );
        if !own.description.is_empty() {
            let _ = write!(out, "<p>{}</p>", escape(own.description));
        }
        section(&mut out, own, findings, fonts);
        out.push_str("</section>\n");
    }
    let _ = writeln!(out, "</main><footer><p>{}</p></footer></body></html>", say(Say::Utc));
    out
}

fn section(out: &mut String, shown: &Shown<'_>, findings: &Findings, fonts: &Fonts) {
    let language = findings.language.as_str();
    let drawing = match &shown.drawing {
        Ok(drawing) if drawing.table.rows.is_empty() => {
            let _ = write!(out, "<p>{}</p>", word(Say::Nothing, language));
            return;
        }
        Ok(drawing) => drawing,
        Err(why) => {
            let _ = write!(out, "<p role=\"note\">{}</p>", escape(why));
            return;
        }
    };
    let format = shown.format();
    let plot = Plot::of(drawing);
    if let Some(single) = drawing.drawn.single.filter(|_| matches!(plot, None | Some(Plot::Spark(_)))) {
        let said = single.value.map_or_else(|| "–".to_owned(), |value| say::number(&format, value, language));
        let _ = write!(out, "<p class=\"value\">{}</p>", escape(&said));
        if let Some(before) = single.before {
            let said = say::number(&format, before, language);
            let _ = write!(out, "<p>{}: {}</p>", word(Say::Before, language), escape(&said));
        }
    }
    if let Some(plot) = &plot {
        let height = if matches!(plot, Plot::Spark(_)) { 60.0 } else { 240.0 };
        let drawn = picture::of(plot, (640.0, height), &format, findings, fonts);
        let _ = write!(out, "<figure dir=\"ltr\">{}</figure>", svg(&drawn, &drawing.sentence));
    }
    let _ = write!(
        out,
        "<div class=\"rows\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table><thead><tr>",
        escape(shown.title)
    );
    let columns = &drawing.table.columns;
    let class = |kind: Kind| if kind == Kind::Number { " class=\"n\"" } else { "" };
    for column in columns {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(column.kind), escape(&column.title));
    }
    out.push_str("</tr></thead><tbody>");
    for row in drawing.table.rows.iter().take(MAX_SHOWN) {
        out.push_str("<tr>");
        for (column, cell) in columns.iter().zip(row) {
            let said = say::cell(column, cell, &format, language);
            let _ = write!(out, "<td{}>{}</td>", class(column.kind), escape(&said));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    if drawing.cut || drawing.table.rows.len() > MAX_SHOWN {
        let _ = write!(out, "<p>{}</p>", word(Say::More, language));
    }
}
