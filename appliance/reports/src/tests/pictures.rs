//! Every kind of chart on paper: golden pictures, what is said instead of them, and that they draw the numbers of their tables.

use charts::ChartKind;
use serde_json::{Value, json};
use studio::draw::Fonts;

use super::{chart, day, findings, part};
use crate::{
    Findings, Form, Part,
    picture::{self, Picture},
    plot::{Branch, Plot},
};

const STAMP: &str = "timestamp with time zone";
const SERVICES: [&str; 4] = ["Speech", "Video", "Storage", "Seats"];

/// A chart of each kind with rows as an appliance has them.
pub(super) fn every(language: &str) -> Findings {
    let mut all = findings(language);
    all.parts = ChartKind::ALL.iter().map(|kind| one(*kind)).collect();
    all
}

fn one(kind: ChartKind) -> Part {
    use ChartKind as K;
    let make = |title: &str, more: Value, columns: &[(&str, &str)], rows: Vec<Value>| {
        part(kind.code(), chart(kind.code(), title, more), columns, rows)
    };
    let millis = || json!({ "format": { "unit": "milliseconds" } });
    let money = || json!({ "format": { "unit": "micros", "decimals": 2, "currency": "EUR" } });
    let days = |count: u32, row: &dyn Fn(u32) -> Value| (0..count).map(row).collect::<Vec<_>>();
    match kind {
        K::Line => make(
            "Time to a result",
            millis(),
            &[("day", STAMP), ("typical", "bigint"), ("slow", "bigint")],
            days(31, &|at| json!([day(at), 61_000 + at * 1_300, 180_000 + (at * 37 % 13) * 9_000])),
        ),
        K::Area => make(
            "Active people over time",
            json!({}),
            &[("day", STAMP), ("people", "bigint")],
            days(31, &|at| json!([day(at), 80 + at * 17 % 23])),
        ),
        K::Bar => make(
            "Speech by project",
            json!({ "options": { "horizontal": true }, "format": { "unit": "milliseconds" } }),
            &[("project", "text"), ("ms", "bigint")],
            (0..6i64).map(|at| json!([format!("Project {}", at + 1), 9_000_000 / (at + 1)])).collect(),
        ),
        K::StackedBar => make(
            "Cost by service",
            money(),
            &[("day", STAMP), ("service", "text"), ("amount", "bigint")],
            (0..124)
                .map(|at| json!([day(at / 4), (SERVICES[at as usize % 4]), 12_340_000 * i64::from(at * 5 % 7 + 1)]))
                .collect(),
        ),
        K::Pie | K::Donut => make(
            "Share of meters",
            json!({}),
            &[("meter", "text"), ("n", "bigint")],
            [512, 301, 77, 12].iter().zip(SERVICES).map(|(n, name)| json!([name, n])).collect(),
        ),
        K::Scatter => make(
            "Length and time",
            millis(),
            &[("minutes", "bigint"), ("ms", "bigint")],
            days(40, &|at| json!([at * 3, 4_000 + at * 900 + at * at % 97 * 120])),
        ),
        K::Bubble => make(
            "Length, time and size",
            json!({ "format": { "unit": "milliseconds" }, "encoding": { "x": "minutes", "y": ["ms"], "size": "mib", "series": "quality" } }),
            &[("minutes", "bigint"), ("ms", "bigint"), ("mib", "bigint"), ("quality", "text")],
            days(18, &|at| json!([at * 5, 9_000 + at * 2_100, at * 31 % 17 + 1, (["720p", "1080p"][at as usize % 2])])),
        ),
        K::HeatMap => make(
            "When people work",
            json!({ "encoding": { "x": "hour", "y": ["n"], "series": "weekday" } }),
            &[("hour", "text"), ("weekday", "text"), ("n", "bigint")],
            (0..168usize)
                .map(|at| json!([format!("{:02}", at % 24), (crate::words::weekdays("en")[at / 24]), at * 31 % 57]))
                .collect(),
        ),
        K::Histogram => make(
            "Lengths of recordings",
            json!({ "encoding": { "x": "minutes" } }),
            &[("minutes", "double precision")],
            days(120, &|at| json!([f64::from(at * at % 89) / 3.0 + f64::from(at % 11)])),
        ),
        K::BoxPlot => make(
            "Time of rendering by size",
            millis(),
            &[
                ("size", "text"),
                ("least", "bigint"),
                ("lower", "bigint"),
                ("middle", "bigint"),
                ("upper", "bigint"),
                ("most", "bigint"),
            ],
            vec![
                json!(["480p", 4_000, 9_000, 12_000, 17_000, 31_000]),
                json!(["720p", 7_000, 15_000, 21_000, 32_000, 55_000]),
                json!(["1080p", 12_000, 26_000, 41_000, 58_000, 96_000]),
                json!(["1440p", 30_000, 52_000, 66_000, 91_000, 120_000]),
                json!(["2160p", 61_000, 88_000, null, 140_000, 190_000]),
            ],
        ),
        K::Gauge => make(
            "Jobs that fail",
            json!({ "format": { "unit": "share" }, "options": { "max": 0.25, "less_is_better": true }, "encoding": { "y": ["share", "target"] } }),
            &[("share", "double precision"), ("target", "double precision")],
            vec![json!([0.0321, 0.05])],
        ),
        K::Value => make(
            "Speech heard",
            json!({ "format": { "unit": "milliseconds" }, "encoding": { "x": "day", "y": ["ms", "before"] } }),
            &[("day", STAMP), ("ms", "bigint"), ("before", "bigint")],
            days(31, &|at| json!([day(at), 3_600_000 + at * 111_000, 3_000_000])),
        ),
        K::Table => make(
            "All meters",
            json!({}),
            &[("meter", "text"), ("quantity", "bigint"), ("last", STAMP)],
            days(12, &|at| json!([format!("meter-{at:02}"), at * 1_000, day(at)])),
        ),
        K::Pivot => make(
            "Meters by service",
            json!({ "encoding": { "x": "day", "y": ["n"], "series": "service" } }),
            &[("day", STAMP), ("service", "text"), ("n", "bigint")],
            days(20, &|at| json!([day(at / 4), (SERVICES[at as usize % 4]), at * 3 + 1])),
        ),
        K::Treemap | K::Sunburst => make(
            "What is stored",
            json!({ "format": { "unit": "bytes" }, "encoding": { "path": ["kind", "project"], "y": ["bytes"] } }),
            &[("kind", "text"), ("project", "text"), ("bytes", "bigint")],
            ["Videos", "Recordings", "Exports", "Brand kits"]
                .iter()
                .zip([9_000_000_000i64, 5_000_000_000, 2_200_000_000, 300_000_000])
                .flat_map(|(kind, size)| {
                    (1..=6i64).map(move |at| json!([kind, format!("Project {at}"), size / (at + 1) / at]))
                })
                .collect(),
        ),
        K::Sankey => make(
            "From where to where",
            json!({ "encoding": { "path": ["from", "to"], "y": ["n"] } }),
            &[("from", "text"), ("to", "text"), ("n", "bigint")],
            vec![
                json!(["Recorded here", "Transcript", 210]),
                json!(["Uploaded", "Transcript", 480]),
                json!(["Uploaded", "Refused", 31]),
                json!(["Drawing taken in", "Storyboard", 64]),
                json!(["Transcript", "Storyboard", 655]),
                json!(["Transcript", "Left as it is", 35]),
                json!(["Storyboard", "Video", 560]),
                json!(["Storyboard", "Exported", 120]),
                json!(["Video", "Shared", 310]),
                json!(["Video", "Downloaded", 190]),
            ],
        ),
        K::Graph => make(
            "Who comments on whom",
            json!({ "encoding": { "path": ["from", "to"], "y": ["n"] } }),
            &[("from", "text"), ("to", "text"), ("n", "bigint")],
            vec![
                json!(["Ana", "Bela", 12]),
                json!(["Bela", "Chen", 7]),
                json!(["Chen", "Ana", 4]),
                json!(["Devi", "Ana", 9]),
                json!(["Emre", "Bela", 3]),
                json!(["Emre", "Fumi", 5]),
                json!(["Fumi", "Fumi", 2]),
                json!(["Devi", "Chen", 1]),
            ],
        ),
        K::Funnel => make(
            "From upload to share",
            json!({}),
            &[("step", "text"), ("n", "bigint")],
            vec![
                json!(["Uploaded", 690]),
                json!(["Storyboard", 655]),
                json!(["Video", 560]),
                json!(["Shared", 310]),
                json!(["Watched", 288]),
            ],
        ),
        K::Waterfall => make(
            "Recordings added",
            json!({ "format": { "unit": "bytes" } }),
            &[("step", "text"), ("bytes", "bigint")],
            vec![
                json!(["October", 4_200_000_000i64]),
                json!(["November", -1_300_000_000i64]),
                json!(["December", 2_100_000_000i64]),
            ],
        ),
        K::Radar => make(
            "Work by step",
            json!({ "encoding": { "x": "step", "y": ["n"], "series": "project" } }),
            &[("step", "text"), ("project", "text"), ("n", "bigint")],
            ["Recorded", "Edited", "Commented", "Rendered", "Shared", "Watched"]
                .iter()
                .enumerate()
                .flat_map(|(at, step)| {
                    [json!([step, "Orders", 40 + at * 29 % 50]), json!([step, "Training", 75 - at * 13 % 60])]
                })
                .collect(),
        ),
        K::Calendar => make(
            "Videos made",
            json!({}),
            &[("day", STAMP), ("n", "bigint")],
            days(31, &|at| json!([day(at), (at * 37 % 53) * u32::from(at % 7 < 5)])),
        ),
        K::Candlestick => make(
            "Length of the queue",
            json!({}),
            &[("day", STAMP), ("first", "bigint"), ("last", "bigint"), ("least", "bigint"), ("most", "bigint")],
            days(24, &|at| {
                let (first, last) = (20 + at * 7 % 19, 20 + (at + 1) * 7 % 19);
                json!([day(at), first, last, first.min(last) - at % 5, first.max(last) + at % 6 + 1])
            }),
        ),
        K::Map => make(
            "Viewers",
            json!({}),
            &[("country", "text"), ("n", "bigint")],
            [("DE", 412), ("JP", 377), ("IN", 290), ("FR", 120), ("BR", 64), ("US", 51), ("EG", 33), ("ZA", 12)]
                .iter()
                .map(|(country, n)| json!([country, n]))
                .collect(),
        ),
    }
}

/// What is drawn, the picture, and the same as markup.
type Made = (Plot, Picture, String);

/// What each part of findings draws, with widths that no font changes.
fn drawn(findings: &Findings) -> Vec<(ChartKind, Option<Made>)> {
    let measure = |text: &str, size: f32| text.chars().count() as f32 * size * 0.55;
    findings
        .shown()
        .map(|shown| {
            let drawing = shown.drawing.as_ref().unwrap();
            let format = shown.format();
            let setting = picture::Setting { format: &format, language: "en", bucket: "day", measure: &measure };
            let made = Plot::of(drawing).map(|plot| {
                let drawn = picture::draw(&plot, 480.0, 214.0, &setting);
                let svg = picture::svg(&drawn, &drawing.sentence);
                (plot, drawn, svg)
            });
            (shown.chart.kind, made)
        })
        .collect()
}

/// Pictures as text, so that a change of a drawing is seen where it is reviewed; of the map, which has the whole world in it, its words.
#[test]
fn charts_are_drawn_as_ever() {
    for (kind, made) in drawn(&every("en")) {
        let Some((_, _, svg)) = made else {
            assert!(matches!(kind, ChartKind::Table | ChartKind::Pivot), "{kind:?} has no picture");
            continue;
        };
        // To be looked at.
        if let Some(folder) = std::env::var_os("REPORTS_OUT") {
            std::fs::write(std::path::Path::new(&folder).join(format!("{}.svg", kind.code())), &svg).unwrap();
        }
        let lines = svg.replace("><", ">\n<");
        let lines: Vec<&str> =
            lines.lines().filter(|line| kind != ChartKind::Map || !line.starts_with("<path")).collect();
        insta::assert_snapshot!(format!("chart-{}", kind.code()), lines.join("\n"));
    }
}

/// Where a picture's marks may lie: within it, but for the width of a line.
#[test]
fn pictures_stay_within_their_edges() {
    for (kind, made) in drawn(&every("en")) {
        let Some((_, picture, _)) = made else { continue };
        let within = |x: f32, y: f32| {
            assert!(x.is_finite() && y.is_finite(), "{kind:?}");
            assert!(
                (-1.0..=picture.width + 1.0).contains(&x) && (-1.0..=picture.height + 1.0).contains(&y),
                "{kind:?}: {x} {y} lies outside"
            );
        };
        for mark in &picture.marks {
            match mark {
                picture::Mark::Text { at, size, anchor, text, .. } => {
                    let wide = text.chars().count() as f32 * size * 0.55;
                    let left = match anchor {
                        picture::Anchor::Start => at.0,
                        picture::Anchor::Middle => at.0 - wide / 2.0,
                        picture::Anchor::End => at.0 - wide,
                    };
                    within(left, at.1);
                    within(left + wide, at.1);
                }
                picture::Mark::Shape { steps, .. } => {
                    for step in steps {
                        match step {
                            picture::Step::Move(x, y) | picture::Step::Line(x, y) => within(*x, *y),
                            picture::Step::Curve([.., x, y]) => within(*x, *y),
                            picture::Step::Close => {}
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_picture_is_said_in_words_too() {
    let (findings, fonts) = (every("en"), Fonts::bundled());
    let html = String::from_utf8(Form::Html.write(&findings, &fonts).unwrap()).unwrap();
    let pdf = Form::Pdf.write(&findings, &fonts).unwrap();
    // To be looked at.
    if let Some(folder) = std::env::var_os("REPORTS_OUT") {
        std::fs::write(std::path::Path::new(&folder).join("every.pdf"), &pdf).unwrap();
        std::fs::write(std::path::Path::new(&folder).join("every.xlsx"), Form::Xlsx.write(&findings, &fonts).unwrap())
            .unwrap();
    }
    let pdf = String::from_utf8_lossy(&pdf).into_owned();
    let pictures = drawn(&findings).iter().filter(|(_, made)| made.is_some()).count();
    assert_eq!(pictures, ChartKind::ALL.len() - 2);
    assert_eq!(
        (html.matches("<svg").count(), html.matches("role=\"img\" aria-label=\"").count()),
        (pictures, pictures)
    );
    assert_eq!((pdf.matches("/S/Figure").count(), pdf.matches("/Alt").count()), (pictures, pictures));
    for shown in findings.shown() {
        let sentence = &shown.drawing.as_ref().unwrap().sentence;
        assert!(sentence.starts_with(shown.title) && sentence.chars().any(|sign| sign.is_ascii_digit()), "{sentence}");
        let has_picture = Plot::of(shown.drawing.as_ref().unwrap()).is_some();
        assert_eq!(html.contains(&format!("aria-label=\"{}\"", picture::escape(sentence))), has_picture, "{sentence}");
    }
}

/// The numbers that a plot draws as they are, without those that it makes of them (bins, lifts, sums).
fn numbers(plot: &Plot) -> Vec<f64> {
    let leaves =
        |parts: &[Branch]| parts.iter().flat_map(|part| part.parts.iter().map(|own| own.value)).collect::<Vec<_>>();
    match plot {
        Plot::Plane(plane) => plane.series.iter().flat_map(|own| own.values.iter().flatten().copied()).collect(),
        Plot::Shares { parts, .. } | Plot::Steps(parts) | Plot::World(parts) => {
            parts.iter().map(|(_, value)| *value).collect()
        }
        Plot::Points { series, .. } => {
            series.iter().flat_map(|(_, own)| own.iter().flat_map(|own| [own.0, own.1])).collect()
        }
        Plot::Heat { cells, .. } => cells.iter().map(|own| own.2).collect(),
        Plot::Gauge { value, .. } => vec![*value],
        Plot::Spark(values) => values.clone(),
        Plot::Boxes(spread) => spread.rows.iter().flatten().flatten().copied().collect(),
        Plot::Candles(spread) => spread.rows.iter().flatten().flatten().copied().collect(),
        Plot::Days(days) => days.iter().map(|(_, value)| *value).collect(),
        Plot::Nested { parts, .. } => leaves(parts),
        Plot::Flow(ways) | Plot::Links(ways) => ways.links.iter().map(|own| own.2).collect(),
        Plot::Radar { shapes, .. } => shapes.iter().flat_map(|(_, values)| values.iter().copied()).collect(),
    }
}

#[test]
fn pictures_draw_the_numbers_of_their_tables() {
    let findings = every("en");
    for ((kind, made), shown) in drawn(&findings).into_iter().zip(findings.shown()) {
        let Some((plot, ..)) = made else { continue };
        // Both make other numbers of those that they get: how often each is, and where a step begins.
        if matches!(kind, ChartKind::Histogram | ChartKind::Waterfall) {
            continue;
        }
        let table = &shown.drawing.as_ref().unwrap().table;
        let cells: Vec<f64> = table.rows.iter().flatten().filter_map(Value::as_f64).collect();
        let drawn = numbers(&plot);
        assert!(!drawn.is_empty(), "{kind:?}");
        for number in &drawn {
            assert!(cells.contains(number), "{kind:?} draws {number}, which its table lacks");
        }
        if let Plot::Nested { parts, .. } = &plot {
            let sum = |part: &Branch| part.parts.iter().map(|own| own.value).sum::<f64>();
            assert!(parts.iter().all(|part| (part.value - sum(part)).abs() < 1e-6));
        }
        // All of the table's rows are drawn, but those that lack a number.
        let complete = table.rows.iter().filter(|row| !row.contains(&Value::Null)).count();
        assert!(drawn.len() >= complete, "{kind:?}: {} numbers of {complete} rows", drawn.len());
    }
}
