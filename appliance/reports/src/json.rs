//! Findings as JSON: the tables with their formats, and what there is to say about each.

use serde_json::{Value, json};

use crate::{Findings, say};

/// The text of the file.
pub(crate) fn write(findings: &Findings) -> String {
    let sections: Vec<Value> = findings
        .shown()
        .zip(&findings.parts)
        .map(|(shown, part)| {
            let mut section = json!({ "id": part.id, "title": shown.title, "type": shown.chart.kind.code() });
            if !shown.description.is_empty() {
                section["description"] = json!(shown.description);
            }
            match &shown.drawing {
                Err(why) => section["problem"] = json!(why),
                Ok(drawing) => {
                    section["format"] = json!(shown.format());
                    section["columns"] = json!(drawing.table.columns);
                    section["rows"] = json!(drawing.table.rows);
                    section["summary"] = json!(drawing.summary);
                    section["cut"] = json!(drawing.cut);
                    if let Some(single) = &drawing.drawn.single {
                        section["single"] = json!(single);
                    }
                }
            }
            section
        })
        .collect();
    let report = json!({
        "title": findings.title, "description": findings.description, "language": findings.language, "zone": findings.zone,
        "from": say::rfc3339(findings.from), "to": say::rfc3339(findings.to), "made": say::rfc3339(findings.made),
        "sections": sections,
    });
    serde_json::to_string_pretty(&report).expect("a report is plain data with texts as keys")
}
