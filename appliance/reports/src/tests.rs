//! One run in every form: the same numbers, read back out of each file.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Read as _},
};

use charts::Range;
use serde_json::{Value, json};
use studio::draw::Fonts;

use crate::{Findings, Form, Found, Part, Report, say};

mod pictures;

fn chart(kind: &str, title: &str, more: Value) -> charts::ChartSpec {
    let mut chart = json!({ "type": kind, "title": title, "query": { "sql": "SELECT 1" } });
    if let Value::Object(more) = more {
        for (key, value) in more {
            chart[key] = value;
        }
    }
    serde_json::from_value(chart).unwrap()
}

fn part(id: &str, chart: charts::ChartSpec, columns: &[(&str, &str)], rows: Vec<Value>) -> Part {
    let columns = columns.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect();
    let rows = rows.into_iter().map(|row| row.as_array().unwrap().clone()).collect();
    Part { id: id.to_owned(), chart, found: Found::Rows { columns, rows } }
}

fn day(at: u32) -> String {
    format!("2026-12-{:02}T00:00:00Z", at + 1)
}

/// A month of something of each kind.
pub(crate) fn findings(language: &str) -> Findings {
    let report = json!({
        "title": "Monthly statement", "description": "What was used and what it cost", "period": "last_month",
        "zone": "Europe/Berlin", "language": language, "sections": [{ "id": "a", "chart": chart("value", "a", json!({})) }],
    });
    let report = Report::read(&report.to_string()).unwrap();
    let range = report.range(1_800_000_000_000).unwrap();
    let mut findings = Findings::of(&report, range, 1_800_000_000_000);
    assert_eq!(
        (range.bucket, say::days(range.from, range.to, "Europe/Berlin").as_str()),
        ("day", "2026-12-01 – 2026-12-31")
    );
    let days = |rows: &dyn Fn(u32) -> Value| (0..31).map(rows).collect::<Vec<_>>();
    let stamp = "timestamp with time zone";
    let money = json!({ "format": { "unit": "micros", "decimals": 2 } });
    findings.parts = vec![
        part(
            "total",
            chart("value", "Cost", money),
            &[("day", stamp), ("amount", "bigint"), ("currency", "text")],
            days(&|at| json!([day(at), 1_234_567_000 + 40_000_000 * i64::from(at * 7 % 11), "EUR"])),
        ),
        part(
            "speech",
            chart(
                "value",
                "Speech heard",
                json!({ "format": { "unit": "milliseconds" }, "encoding": { "x": "day", "y": ["ms", "before"] } }),
            ),
            &[("day", stamp), ("ms", "bigint"), ("before", "bigint")],
            days(&|at| json!([day(at), 3_600_000 + at * 111_000, 3_000_000])),
        ),
        part(
            "people",
            chart("value", "Active people", json!({ "encoding": { "y": ["n"] } })),
            &[("n", "bigint")],
            vec![json!([4_213])],
        ),
        part(
            "time",
            chart(
                "line",
                "Time to a result",
                json!({ "description": "Half of all, and 95 of 100", "format": { "unit": "milliseconds" }, "encoding": { "x": "day", "y": ["typical", "slow"] } }),
            ),
            &[("day", stamp), ("typical", "bigint"), ("slow", "bigint")],
            days(&|at| json!([day(at), 61_000 + at * 1_300, 180_000 + (at * 37 % 13) * 9_000])),
        ),
        part(
            "services",
            chart(
                "stacked_bar",
                "Cost by service",
                json!({ "format": { "unit": "micros", "decimals": 2 }, "encoding": { "x": "day", "y": ["amount"], "series": "service" } }),
            ),
            &[("day", stamp), ("service", "text"), ("amount", "bigint"), ("currency", "text")],
            (0..93)
                .map(|at| {
                    json!([
                        day(at / 3),
                        (["Speech", "Video", "Storage"][at as usize % 3]),
                        12_340_000 * i64::from(at % 7 + 1),
                        "EUR"
                    ])
                })
                .collect(),
        ),
        part(
            "area",
            chart("area", "Active people over time", json!({})),
            &[("day", stamp), ("n", "bigint")],
            days(&|at| json!([day(at), 80 + at * 17 % 23])),
        ),
        part(
            "projects",
            chart(
                "bar",
                "By project",
                json!({ "options": { "horizontal": true }, "encoding": { "x": "project", "y": ["ms"] }, "format": { "unit": "milliseconds" } }),
            ),
            &[("project", "text"), ("ms", "bigint")],
            vec![
                json!(["Orders & invoices", 9_000_000]),
                json!(["=HYPERLINK(\"http://x\")", 5_400_000]),
                json!(["<script>alert(1)</script>", 1_800_000]),
            ],
        ),
        part(
            "share",
            chart("donut", "Share of meters", json!({})),
            &[("meter", "text"), ("n", "bigint")],
            vec![json!(["Speech", 512]), json!(["Video", 301]), json!(["Storage", 77]), json!(["Seats", 12])],
        ),
        part(
            "hours",
            chart(
                "heat_map",
                "When people work",
                json!({ "encoding": { "x": "hour", "y": ["n"], "series": "weekday" } }),
            ),
            &[("hour", "text"), ("weekday", "text"), ("n", "bigint")],
            (0..168)
                .map(|at| {
                    json!([
                        format!("{:02}", at % 24),
                        (["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][at / 24]),
                        (at * 31) % 57
                    ])
                })
                .collect(),
        ),
        part(
            "failed",
            chart(
                "gauge",
                "Jobs that fail",
                json!({ "format": { "unit": "share" }, "options": { "max": 0.25, "less_is_better": true }, "encoding": { "y": ["share", "target"] } }),
            ),
            &[("share", "double precision"), ("target", "double precision")],
            vec![json!([0.0321, 0.05])],
        ),
        part(
            "growth",
            chart("waterfall", "Recordings added", json!({ "format": { "unit": "bytes" } })),
            &[("step", "text"), ("bytes", "bigint")],
            vec![
                json!(["October", 4_200_000_000i64]),
                json!(["November", -1_300_000_000i64]),
                json!(["December", 2_100_000_000i64]),
            ],
        ),
        part(
            "sizes",
            chart("scatter", "Length and size", json!({})),
            &[("length", "bigint"), ("size", "bigint")],
            (0..40).map(|at| json!([at * 3, at * at % 97])).collect(),
        ),
        part(
            "tree",
            chart("treemap", "Parts", json!({})),
            &[("service", "text"), ("meter", "text"), ("n", "bigint")],
            vec![json!(["Speech", "heard", 40]), json!(["Video", "rendered", 60])],
        ),
        part(
            "rows",
            chart("table", "All meters", json!({})),
            &[("meter", "text"), ("unit", "text"), ("quantity", "bigint"), ("last", stamp)],
            (0..120)
                .map(|at| {
                    json!([
                        format!("meter-{at:03} {}", "with a name that is long enough to be broken".repeat(at % 2)),
                        "ms",
                        at * 1_000,
                        day(u32::try_from(at % 31).unwrap())
                    ])
                })
                .collect(),
        ),
        part("none", chart("table", "Refused", json!({})), &[("a", "text")], vec![]),
        Part {
            id: "denied".to_owned(),
            chart: chart("value", "Prices", json!({})),
            found: Found::Nothing("it asks about `prices`, for which you need the permission cost:read".to_owned()),
        },
    ];
    findings
}

/// The rows of each file of an archive of Parquet, as another reader sees them: numbers alone, in their places.
fn parquet_numbers(bytes: &[u8]) -> BTreeMap<String, Vec<Vec<Option<f64>>>> {
    use parquet::{
        file::reader::{FileReader as _, SerializedFileReader},
        record::Field,
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let number = |field: &Field| match field {
        Field::Long(whole) => Some(*whole as f64),
        Field::Double(number) => Some(*number),
        Field::Decimal(amount) => {
            let value = amount.data().iter().fold(0i64, |value, byte| value << 8 | i64::from(*byte));
            assert_eq!((amount.precision(), amount.scale()), (18, 6));
            Some(value as f64 / 1e6)
        }
        _ => None,
    };
    let mut all = BTreeMap::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut file = tempfile::tempfile().unwrap();
        std::io::copy(&mut entry, &mut file).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
        let rows = rows.map(|row| row.get_column_iter().map(|(_, field)| number(field)).collect());
        all.insert(name, rows.collect());
    }
    all
}

/// Every entry of an archive.
fn entries(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let read = |at: usize, archive: &mut zip::ZipArchive<Cursor<&[u8]>>| {
        let mut entry = archive.by_index(at).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (name, text)
    };
    (0..archive.len()).map(|at| read(at, &mut archive)).collect()
}

/// The words of a PDF: what its pages write, through the maps of its fonts.
fn words_of(pdf: &[u8]) -> String {
    let mut streams = Vec::new();
    let mut at = 0;
    let find =
        |from: usize, what: &[u8]| pdf[from..].windows(what.len()).position(|own| own == what).map(|own| from + own);
    while let Some(begin) = find(at, b"stream\n") {
        let end = find(begin, b"\nendstream").unwrap();
        let mut text = Vec::new();
        if flate2::read::ZlibDecoder::new(&pdf[begin + 7..end]).read_to_end(&mut text).is_ok() {
            streams.push(String::from_utf8_lossy(&text).into_owned());
        }
        at = end + 10;
    }
    // Maps in the order of their fonts; codes are bytes from 1.
    let maps: Vec<BTreeMap<String, char>> = streams
        .iter()
        .filter(|own| own.contains("beginbfchar"))
        .map(|map| {
            let pair = |line: &str| {
                let (code, unit) = line.strip_prefix('<')?.split_once("> <")?;
                let units: Vec<u16> = unit
                    .trim_end_matches('>')
                    .as_bytes()
                    .chunks(4)
                    .filter_map(|hex| u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok())
                    .collect();
                Some((code.to_owned(), char::decode_utf16(units).next()?.ok()?))
            };
            map.lines().filter_map(pair).collect()
        })
        .collect();
    let mut out = String::new();
    for page in streams.iter().filter(|own| own.contains(" Tj")) {
        for piece in page.split(" Tf <").zip(page.split(" Tf <").skip(1)) {
            let font: usize = piece
                .0
                .rsplit("/t")
                .next()
                .and_then(|own| own.split(' ').next())
                .and_then(|own| own.parse().ok())
                .unwrap();
            let codes = piece.1.split('>').next().unwrap();
            out.extend(
                codes.as_bytes().chunks(2).filter_map(|code| maps[font].get(std::str::from_utf8(code).unwrap())),
            );
            if piece.1.contains(" ET") {
                out.push('\n');
            }
        }
    }
    out
}

fn tables(findings: &Findings) -> Value {
    let fonts = Fonts::bundled();
    serde_json::from_slice(&Form::Json.write(findings, &fonts).unwrap()).unwrap()
}

#[test]
fn every_form_says_the_same_numbers() {
    let compared = same_numbers(&findings("en")) + same_numbers(&pictures::every("en"));
    assert!(compared > 1500, "{compared}");
}

/// Holds all forms of findings against their JSON; how many numbers there are.
fn same_numbers(findings: &Findings) -> usize {
    let fonts = Fonts::bundled();
    let report = tables(findings);
    let csv = entries(&Form::Csv.write(findings, &fonts).unwrap());
    let tables = parquet_numbers(&Form::Parquet.write(findings, &fonts).unwrap());
    let html = String::from_utf8(Form::Html.write(findings, &fonts).unwrap()).unwrap();
    let pdf = words_of(&Form::Pdf.write(findings, &fonts).unwrap());
    let book = entries(&Form::Xlsx.write(findings, &fonts).unwrap());
    let shown: Vec<_> = findings.shown().collect();
    let mut compared = 0;
    for (at, section) in report["sections"].as_array().unwrap().iter().enumerate() {
        let id = section["id"].as_str().unwrap();
        let Some(rows) = section["rows"].as_array() else { continue };
        let lines: Vec<&str> = csv[&format!("{:02}-{id}.csv", at + 1)].lines().skip(1).collect();
        assert_eq!(lines.len(), rows.len(), "{id}");
        let own = &tables[&format!("{:02}-{id}.parquet", at + 1)];
        assert_eq!(own.len(), rows.len(), "{id}");
        let sheet = &book[&format!("xl/worksheets/sheet{}.xml", at + 2)];
        let format = shown[at].format();
        let card = section["type"] == "value" && section.get("single").is_some();
        for ((row, line), own) in rows.iter().zip(&lines).zip(own) {
            for (place, cell) in row.as_array().unwrap().iter().enumerate() {
                let Some(number) = cell.as_f64() else { continue };
                let column: charts::GridColumn = grid_column(&section["columns"][place]);
                let money = column.formatted && format.unit == charts::Unit::Micros;
                let data = if money { number / 1e6 } else { number };
                let fields: Vec<&str> = line.split(',').collect();
                assert_eq!(fields[place].parse::<f64>().unwrap(), data, "{id}: {line}");
                assert_eq!(own[place], Some(data), "{id}: {line}");
                let said = say::cell(&column, cell, &format, "en");
                assert!(html.contains(&format!("<td class=\"n\">{said}</td>")), "{id}: {said} is not on the page");
                if !card {
                    assert!(pdf.lines().any(|own| own == said), "{id}: {said} is not in the pages");
                }
                let scale =
                    if column.formatted && format.unit == charts::Unit::Milliseconds { 86_400_000.0 } else { 1.0 };
                let values: BTreeSet<String> =
                    sheet.split("<v>").skip(1).map(|own| own.split("</v>").next().unwrap().to_owned()).collect();
                let there = |value: f64| {
                    values
                        .iter()
                        .any(|own| own.parse::<f64>().is_ok_and(|own| (own - value).abs() <= value.abs() * 1e-12))
                };
                assert!(there(data) || there(data / scale), "{id}: {data} is not in the sheet");
                compared += 1;
            }
        }
        if card {
            let said = say::number(&format, section["single"]["value"].as_f64().unwrap(), "en");
            assert!(pdf.lines().any(|own| own == said) && html.contains(&said), "{id}: {said}");
        }
    }
    let denied = findings.parts.iter().any(|part| matches!(part.found, Found::Nothing(_)));
    assert_eq!(pdf.contains("for which you need the permission cost:read"), denied);
    compared
}

fn grid_column(column: &Value) -> charts::GridColumn {
    let kind = match column["kind"].as_str().unwrap() {
        "number" => charts::Kind::Number,
        "time" => charts::Kind::Time,
        _ => charts::Kind::Text,
    };
    let text = |name: &str| column[name].as_str().unwrap().to_owned();
    charts::GridColumn {
        name: text("name"),
        title: text("title"),
        kind,
        formatted: column["formatted"].as_bool().unwrap(),
    }
}

#[test]
fn nothing_that_people_wrote_becomes_markup_or_a_formula() {
    let (findings, fonts) = (findings("en"), Fonts::bundled());
    let html = String::from_utf8(Form::Html.write(&findings, &fonts).unwrap()).unwrap();
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    let csv = findings.csv_of("projects").unwrap();
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{csv}");
    assert!(findings.csv_of("nothing").is_err());
    let book = entries(&Form::Xlsx.write(&findings, &fonts).unwrap());
    assert!(book.values().all(|own| !own.contains("<f>")), "a cell is a formula");
    let charts = book.keys().filter(|name| name.starts_with("xl/charts/chart")).count();
    assert_eq!(charts, 7, "line, bars, area, bars that lie, donut, steps, points");
}

#[test]
fn the_same_findings_make_the_same_files() {
    let (fonts, languages) = (Fonts::bundled(), ["en", "de", "hi", "ar"]);
    for language in languages {
        let findings = findings(language);
        let again = Findings::read(findings.text().as_bytes()).unwrap();
        assert_eq!(again, findings);
        for form in Form::ALL {
            let (one, other) = (form.write(&findings, &fonts).unwrap(), form.write(&again, &fonts).unwrap());
            assert!(one == other, "{} in {language}", form.code());
            // To be looked at.
            if let Some(folder) = std::env::var_os("REPORTS_OUT") {
                std::fs::write(std::path::Path::new(&folder).join(format!("{language}{}", form.suffix())), &one)
                    .unwrap();
            }
        }
    }
    assert!(Findings::read(b"{}").is_err());
    let wrong = findings("en").text().replace("audiagram.report/1", "audiagram.report/2");
    assert!(Findings::read(wrong.as_bytes()).is_err());
}

#[test]
fn findings_are_stored_as_ever() {
    let mut findings = findings("en");
    findings.parts.retain(|part| ["people", "denied"].contains(&part.id.as_str()));
    insta::assert_snapshot!("findings", serde_json::to_string_pretty(&findings).unwrap());
}

#[test]
fn documents_have_bounds() {
    let section = json!({ "id": "a", "chart": chart("value", "a", json!({})) });
    let good = json!({ "title": "x", "period": "last_week", "sections": [section] });
    assert!(Report::read(&good.to_string()).is_ok());
    for (change, at) in [
        (json!({ "title": "" }), "/title"),
        (json!({ "period": "soon" }), "/period"),
        (json!({ "zone": "Mars" }), "/zone"),
        (json!({ "sections": [] }), "/sections"),
        (json!({ "dashboard": "usage" }), "/sections"),
        (json!({ "sections": [section, section] }), "/sections/1/id"),
        (
            json!({ "sections": [{ "id": "a", "chart": { "type": "value", "title": "a", "query": { "sql": "SELECT $nobody" } } }] }),
            "/sections/0/chart/query/sql",
        ),
    ] {
        let mut wrong = good.clone();
        for (key, value) in change.as_object().unwrap() {
            wrong[key] = value.clone();
        }
        assert_eq!(Report::read(&wrong.to_string()).unwrap_err().at, at);
    }
    let of_dashboard = Report::read(r#"{"title":"x","period":"last_day","dashboard":"usage"}"#).unwrap();
    let board = charts::Board::read(
        &json!({ "title": "b", "tiles": [
        { "id": "low", "x": 0, "y": 4, "w": 6, "h": 4, "chart": chart("value", "low", json!({})) },
        { "id": "high", "x": 0, "y": 0, "w": 6, "h": 4, "chart": chart("value", "high", json!({})) },
    ] })
        .to_string(),
    )
    .unwrap();
    let questions = of_dashboard.questions(Some(&board), Range { from: 0, to: 1, bucket: "day" }).unwrap();
    assert_eq!(questions.iter().map(|(section, _)| section.id.as_str()).collect::<Vec<_>>(), ["high", "low"]);
}
