#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{palette::TOKENS, *};

fn spec(kind: ChartKind) -> ChartSpec {
    serde_json::from_value(json!({ "type": kind.code(), "title": "Orders", "query": { "sql": "SELECT 1" } })).unwrap()
}

/// Rows that suit a kind.
fn frame(kind: ChartKind) -> Frame {
    use ChartKind as K;
    let moment = |day: usize| json!(format!("2026-11-{:02}T00:00:00Z", day + 1));
    let rows = |columns: &[(&str, &str)], rows: Vec<Value>| {
        let rows = rows.into_iter().map(|row| row.as_array().unwrap().clone()).collect();
        Frame::new(columns, rows)
    };
    const DAY: (&str, &str) = ("day", "timestamp with time zone");
    match kind {
        K::Line | K::Area | K::StackedBar | K::HeatMap | K::Pivot => rows(
            &[DAY, ("meter", "text"), ("quantity", "bigint")],
            (0..6).map(|n| json!([moment(n % 3), if n < 3 { "speech" } else { "video" }, n * 10])).collect(),
        ),
        K::Value | K::Calendar => {
            rows(&[DAY, ("quantity", "bigint")], (0..5).map(|n| json!([moment(4 - n), n * n])).collect())
        }
        K::Scatter | K::Histogram => rows(
            &[("length", "double precision"), ("seconds", "bigint")],
            (0..9).map(|n| json!([f64::from(n) / 2.0, n * n])).collect(),
        ),
        K::Bubble => rows(
            &[("length", "bigint"), ("seconds", "bigint"), ("bytes", "bigint")],
            (0..4).map(|n| json!([n, n * 2, n * n])).collect(),
        ),
        K::BoxPlot | K::Candlestick => {
            let names = [("a", "bigint"), ("b", "bigint"), ("c", "bigint"), ("d", "bigint"), ("e", "bigint")];
            let columns: Vec<_> = [("size", "text")].into_iter().chain(names).collect();
            rows(&columns, vec![json!(["720p", 1, 2, 3, 4, 5]), json!(["1080p", 2, 4, 5, 7, 9])])
        }
        K::Gauge => rows(&[("used", "bigint"), ("allowed", "bigint")], vec![json!([70, 100])]),
        K::Sankey | K::Graph | K::Treemap | K::Sunburst => rows(
            &[("from", "text"), ("to", "text"), ("n", "bigint")],
            vec![
                json!(["upload", "video", 5]),
                json!(["upload", "nothing", 2]),
                json!(["video", "shared", 3]),
                json!(["shared", "upload", 1]),
            ],
        ),
        K::Map => rows(&[("country", "text"), ("n", "bigint")], vec![json!(["DE", 4]), json!(["JP", 7])]),
        K::Radar | K::Waterfall | K::Bar | K::Pie | K::Donut | K::Funnel | K::Table => rows(
            &[("meter", "text"), ("cost", "numeric(38,12)")],
            vec![json!(["speech", "12.5"]), json!(["video", 40]), json!(["credit", -5]), json!([null, 3])],
        ),
    }
}

/// Every kind of chart, as an option that a page or a report draws. Whoever changes a drawing sees what changes.
#[test]
fn options_of_every_kind() {
    for kind in ChartKind::ALL {
        let drawing = draw(&spec(*kind), &frame(*kind), &Words::default()).unwrap();
        insta::assert_json_snapshot!(format!("option-{}", kind.code()), drawing);
    }
}

#[test]
fn the_same_input_is_the_same_drawing() {
    for kind in ChartKind::ALL {
        let draw = || serde_json::to_string(&draw(&spec(*kind), &frame(*kind), &Words::default()).unwrap()).unwrap();
        assert_eq!(draw(), draw());
    }
}

#[test]
fn nothing_is_drawn_of_nothing() {
    for kind in ChartKind::ALL {
        let mut empty = frame(*kind);
        empty.rows.clear();
        let drawing = draw(&spec(*kind), &empty, &Words::default()).unwrap();
        assert_eq!(drawing.drawn, Drawn::default(), "{kind:?}");
        assert_eq!(drawing.sentence, "Orders: there is nothing to show.");
    }
}

/// Texts of an option and where they stand.
fn texts<'a>(value: &'a Value, key: &'a str, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::String(text) => found.push((key, text)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, key, found)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| texts(value, key, found)),
        _ => {}
    }
}

#[test]
fn options_are_data_and_their_colours_are_roles() {
    let paint = include_str!("../../../assets/web/src/charts/paint.ts");
    let keys = paint.split_once("const KEYS = new Set([").unwrap().1.split_once(']').unwrap().0;
    for kind in ChartKind::ALL {
        let drawing = draw(&spec(*kind), &frame(*kind), &Words::default()).unwrap();
        let Some(option) = drawing.drawn.option else { continue };
        let option = Value::Object(option);
        let mut found = Vec::new();
        texts(&option, "", &mut found);
        for (key, text) in &found {
            assert!(!text.contains("function") && *key != "formatter" && *key != "rich", "{kind:?}: {key}: {text}");
            assert!(!text.starts_with('#'), "{kind:?}: {key} is {text}, which suits one look only");
            let Some(role) = text.strip_prefix("role:") else { continue };
            assert!(TOKENS.iter().any(|(name, _)| *name == role), "{kind:?}: {key} is {text}, which no look has");
            assert!(keys.contains(&format!("'{key}'")), "{kind:?}: {key} is {text}, where the page paints nothing");
        }
    }
}

#[test]
fn labels_stay_as_they_are_and_lose_what_hides() {
    let rows = vec![vec![json!("role:bad"), json!(1)], vec![json!("<img src=x>\u{202e}\n\u{200b}"), json!(2)]];
    let frame = Frame::new(&[("name", "text"), ("n", "bigint")], rows);
    let drawing = draw(&spec(ChartKind::Bar), &frame, &Words::default()).unwrap();
    let option = drawing.drawn.option.unwrap();
    assert_eq!(option["xAxis"]["data"], json!(["role:bad", "<img src=x>"]));
    let long = Frame::new(&[("name", "text"), ("n", "bigint")], vec![vec![json!("語".repeat(500)), json!(1)]]);
    let drawing = draw(&spec(ChartKind::Bar), &long, &Words::default()).unwrap();
    assert_eq!(drawing.drawn.option.unwrap()["xAxis"]["data"][0].as_str().unwrap().chars().count(), 80);
}

#[test]
fn many_series_become_few_and_their_sum_stays() {
    let rows =
        (0..500).map(|n| vec![json!(format!("2026-11-{:02}", n % 20 + 1)), json!(format!("s{}", n % 50)), json!(n)]);
    let frame = Frame::new(&[("day", "date"), ("who", "text"), ("n", "bigint")], rows.collect());
    let drawing = draw(&spec(ChartKind::StackedBar), &frame, &Words::default()).unwrap();
    let option = drawing.drawn.option.unwrap();
    let series = option["series"].as_array().unwrap();
    assert_eq!((series.len(), series[9]["name"].as_str()), (10, Some("Other")));
    let sum: i64 =
        series.iter().flat_map(|one| one["data"].as_array().unwrap()).map(|point| point[1].as_i64().unwrap()).sum();
    assert_eq!(sum, (0..500).sum::<i64>());
    assert_eq!(drawing.summary.sum, Some(sum as f64));
}

#[test]
fn words_of_a_language_stand_in_drawing_and_table() {
    let german =
        BTreeMap::from([("speech".to_owned(), "Sprache".to_owned()), ("cost".to_owned(), "Kosten".to_owned())]);
    let all = BTreeMap::from([("de".to_owned(), german)]);
    let drawing = draw(&spec(ChartKind::Bar), &frame(ChartKind::Bar), &Words::of("de", &all)).unwrap();
    assert_eq!(drawing.table.columns[1].title, "Kosten");
    assert_eq!(drawing.table.rows[0], [json!("Sprache"), json!(12.5)]);
    assert_eq!(drawing.drawn.option.unwrap()["xAxis"]["data"][0], "Sprache");
}

/// What the parts of a chart mean by the values of a column: how each is called in German, and the value.
fn meant(
    kind: ChartKind,
    columns: &[(&str, &str)],
    rows: &[Value],
    column: &str,
) -> (Vec<Value>, Vec<(String, String)>) {
    let german = [("done", "Fertig"), ("failed", "Fehlgeschlagen"), ("mail", "Post")];
    let german: BTreeMap<String, String> = german.map(|(own, said)| (own.to_owned(), said.to_owned())).into();
    let all = BTreeMap::from([("de".to_owned(), german)]);
    let frame = Frame::new(columns, rows.iter().map(|row| row.as_array().unwrap().clone()).collect());
    let leads = Leads::of(&spec(kind), &frame, &Words::of("de", &all), column).unwrap().unwrap();
    let parts = leads.parts.into_iter().map(|part| (part.of.join("/"), part.value)).collect();
    (leads.rows.into_iter().map(Value::from).collect(), parts)
}

fn pair(of: &str, value: &str) -> (String, String) {
    (of.to_owned(), value.to_owned())
}

#[test]
fn parts_mean_values_and_not_words() {
    const STATES: &[(&str, &str)] = &[("day", "date"), ("state", "text"), ("n", "bigint")];
    let days = [
        json!(["2026-11-01", "done", 5]),
        json!(["2026-11-01", "failed", 1]),
        json!(["2026-11-02", "done", 2]),
        json!(["2026-11-02", null, 2]),
    ];
    // Each series of a day is its own; a day with several states means none.
    let (rows, parts) = meant(ChartKind::StackedBar, STATES, &days, "state");
    assert_eq!(rows, [json!("done"), json!("failed"), json!("done"), Value::Null]);
    assert_eq!(
        parts,
        [
            pair("2026-11-01/Fehlgeschlagen", "failed"),
            pair("2026-11-01/Fertig", "done"),
            pair("2026-11-02/Fertig", "done")
        ]
    );
    // By the day itself every part of it means the day.
    let (_, parts) = meant(ChartKind::Line, STATES, &days, "day");
    assert_eq!(parts.len(), 6, "{parts:?}");
    assert!(parts.iter().all(|(of, value)| of.starts_with(value.as_str())), "{parts:?}");
    let shares = [json!(["done", 5]), json!(["failed", 2])];
    let (_, parts) = meant(ChartKind::Donut, &STATES[1..], &shares, "state");
    assert_eq!(parts, [pair("Fehlgeschlagen", "failed"), pair("Fertig", "done")]);
    // Two of one name are not told apart.
    let titled = [json!(["Shop", 5, "prj_1"]), json!(["Shop", 2, "prj_2"]), json!(["Tram", 2, "prj_3"])];
    let named = [("project", "text"), ("n", "bigint"), ("project_id", "text")];
    assert_eq!(meant(ChartKind::Donut, &named, &titled, "project_id").1, [pair("Tram", "prj_3")]);
}

#[test]
fn parts_of_parts_links_and_sums_mean_what_all_their_rows_have() {
    const WAYS: &[(&str, &str)] = &[("kind", "text"), ("state", "text"), ("n", "bigint")];
    let ways = [json!(["mail", "done", 5]), json!(["mail", "failed", 1]), json!(["video", "done", 2])];
    let (_, parts) = meant(ChartKind::Sunburst, WAYS, &ways, "kind");
    assert_eq!(
        parts,
        [
            pair("Post", "mail"),
            pair("Post/Fehlgeschlagen", "mail"),
            pair("Post/Fertig", "mail"),
            pair("video", "video"),
            pair("video/Fertig", "video"),
        ]
    );
    let (_, parts) = meant(ChartKind::Sankey, WAYS, &ways, "state");
    assert!(
        parts.contains(&pair("Post/Fehlgeschlagen", "failed")) && parts.contains(&pair("Fertig", "done")),
        "{parts:?}"
    );
    assert!(!parts.iter().any(|(of, _)| of == "Post"), "{parts:?}");
    // A pivot's rows are those of its side, and the last is the sum of all.
    let (rows, _) = meant(ChartKind::Pivot, WAYS, &ways, "state");
    assert_eq!(rows, [json!("done"), json!("failed"), Value::Null]);
    // What is drawn together under one name means nothing by itself.
    let many: Vec<Value> = (0..30).map(|n| json!([format!("s{n}"), 100 - n])).collect();
    let (rows, parts) = meant(ChartKind::Donut, &WAYS[1..], &many, "state");
    assert_eq!((rows.len(), parts.len()), (30, 8), "{parts:?}");
    let points = [json!([1, 2, "de"]), json!([1, 2, "en"]), json!([3, 4, "en"])];
    let places = [("words", "bigint"), ("unsure", "bigint"), ("language", "text")];
    let (_, parts) = meant(ChartKind::Scatter, &places, &points, "language");
    assert_eq!(parts, [pair("unsure/0", "de"), pair("unsure/1", "en"), pair("unsure/2", "en")]);
}

#[test]
fn what_an_answer_lacks_is_named() {
    let check = |kind, columns: &[(&str, &str)], expected: &str| {
        let frame = Frame::new(columns, vec![vec![json!(1)]]);
        assert_eq!(draw(&spec(kind), &frame, &Words::default()).unwrap_err().at, expected);
    };
    check(ChartKind::Bar, &[("a", "text")], "/encoding/y");
    check(ChartKind::Bar, &[("a", "bigint")], "/encoding/x");
    check(ChartKind::Sankey, &[("a", "text"), ("n", "bigint")], "/encoding/path");
    check(ChartKind::HeatMap, &[("a", "text"), ("n", "bigint")], "/encoding/series");
    check(ChartKind::Bubble, &[("a", "bigint"), ("n", "bigint")], "/encoding/size");
    check(ChartKind::BoxPlot, &[("a", "text"), ("n", "bigint")], "/encoding/y");
    let named: ChartSpec = serde_json::from_value(
        json!({ "type": "bar", "title": "x", "query": { "sql": "S" }, "encoding": { "x": "nobody" } }),
    )
    .unwrap();
    let error = draw(&named, &frame(ChartKind::Bar), &Words::default()).unwrap_err();
    assert!(error.to_string().contains("`nobody`"), "{error}");
}

#[test]
fn pivots_have_sums_at_both_ends() {
    let drawing = draw(&spec(ChartKind::Pivot), &frame(ChartKind::Pivot), &Words::default()).unwrap();
    assert_eq!(drawing.table.rows.last().unwrap()[1..], [json!(30), json!(50), json!(70), json!(150)]);
    assert_eq!(drawing.table.rows[1], [json!("video"), json!(30), json!(40), json!(50), json!(120)]);
}

#[test]
fn numbers_in_words() {
    let say = |unit: &str, value: f64| {
        serde_json::from_value::<Format>(json!({ "unit": unit, "currency": "EUR" })).unwrap().say(value)
    };
    assert_eq!(say("number", 1_234_567.5), "1,234,567.5");
    assert_eq!(say("number", -0.001), "0");
    assert_eq!(say("bytes", 1_500_000.0), "1.5 MB");
    assert_eq!(say("bytes", 7.0), "7 B");
    assert_eq!(say("milliseconds", 90_000.0), "1.5 min");
    assert_eq!(say("milliseconds", 12.0), "12 ms");
    assert_eq!(say("share", 0.256), "25.6%");
    assert_eq!(say("micros", 12_345_678.0), "12.35 EUR");
    assert_eq!(say("number", f64::NAN), "–");
}

#[test]
fn picks_become_sql() {
    let check = |pick: Value, expected: &str| {
        let spec: ChartSpec =
            serde_json::from_value(json!({ "type": "bar", "title": "x", "query": { "pick": pick } })).unwrap();
        spec.check().unwrap();
        let variables = BTreeMap::from([("meter".to_owned(), Some("a'b".to_owned()))]);
        let bound = bind(&spec, &Bindings { from: 0, to: 1, bucket: "day", variables }).unwrap();
        assert_eq!(bound, expected);
    };
    check(
        json!({ "table": "jobs", "measures": [{ "aggregate": "count" }] }),
        r#"SELECT count(*) AS "count" FROM "jobs" LIMIT 10000"#,
    );
    check(
        json!({ "table": "us\"age", "measures": [{ "aggregate": "sum", "column": "quantity" }], "by": { "column": "at", "step": "auto" },
                "split": { "column": "meter" }, "conditions": [{ "column": "meter", "test": "is", "value": "$meter" }, { "column": "unit", "test": "is_not", "value": "'; DROP" }] }),
        r#"SELECT date_trunc('day', "at") AS "at", "meter" AS "meter", sum("quantity") AS "sum_quantity" FROM "us""age" WHERE ('a''b' IS NULL OR CAST("meter" AS VARCHAR) = 'a''b') AND CAST("unit" AS VARCHAR) <> '''; DROP' GROUP BY 1, 2 ORDER BY 1 LIMIT 10000"#,
    );
    for wrong in [
        json!({ "table": "", "measures": [{ "aggregate": "count" }] }),
        json!({ "table": "t", "measures": [] }),
        json!({ "table": "t", "measures": [{ "aggregate": "sum" }] }),
        json!({ "table": "t", "measures": [{ "aggregate": "count" }], "limit": 0 }),
        json!({ "table": "t", "measures": [{ "aggregate": "count" }], "conditions": [{ "column": "a", "test": "above", "value": "1 OR 1" }] }),
    ] {
        let spec: ChartSpec =
            serde_json::from_value(json!({ "type": "bar", "title": "x", "query": { "pick": wrong } })).unwrap();
        assert!(spec.check().is_err(), "{wrong}");
    }
}

#[test]
fn ranges() {
    // 22 November 2026, 17:05:30.
    let now = 1_795_367_130_000;
    let check = |text: &str, from: &str, bucket: &str| {
        let range = Range::of(text, now).unwrap();
        let began = jiff::Timestamp::from_millisecond(range.from).unwrap().to_string();
        assert_eq!((began.as_str(), range.bucket), (from, bucket), "{text}");
    };
    check("24h", "2026-11-21T18:00:00Z", "hour");
    check("7d", "2026-11-16T00:00:00Z", "day");
    check("30d", "2026-10-24T00:00:00Z", "day");
    check("12m", "2025-12-01T00:00:00Z", "month");
    check("2026-11-01/2026-11-02", "2026-11-01T00:00:00Z", "hour");
    assert_eq!(Range::of("2026-11-01/2026-11-02", now).unwrap().to, 1_793_664_000_000);
    for wrong in
        ["", "d", "0d", "-1d", "9999999d", "7", "7x", "2026-11-02/2026-11-01", "2026-13-01/2026-13-02", "a/b", "語"]
    {
        assert!(Range::of(wrong, now).is_err(), "{wrong}");
    }
    assert!(Range::of("1d", i64::MAX).is_err());
}

fn board(tiles: &Value) -> Result<Board, Fault> {
    Board::read(
        &json!({ "title": "x", "tiles": tiles, "variables": [{ "name": "meter", "title": "Meter" }] }).to_string(),
    )
}

#[test]
fn dashboards_are_looked_at() {
    let chart = json!({ "type": "bar", "title": "x", "query": { "sql": "SELECT $meter" } });
    let tile = |id: &str, x: u8, w: u8| json!({ "id": id, "x": x, "y": 0, "w": w, "h": 2, "chart": chart });
    let fine = board(&json!([tile("a", 0, 6), tile("b", 6, 6)])).unwrap();
    assert_eq!(Board::read(&fine.text()).unwrap(), fine);
    let check = |tiles: Value, expected: &str| {
        let error = board(&tiles).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    check(json!([tile("a", 0, 6), tile("b", 5, 6)]), "lies upon `a`");
    check(json!([tile("a", 0, 6), tile("a", 6, 6)]), "is taken");
    check(json!([tile("a", 7, 6)]), "does not fit");
    check(json!([tile("a", 0, 0)]), "does not fit");
    check(json!([tile("A!", 0, 1)]), "must be 1 to 40 of a-z");
    let mut unknown = tile("a", 0, 6);
    unknown["chart"]["query"]["sql"] = json!("SELECT $nobody");
    check(json!([unknown]), "`$nobody`");
    let mut more = tile("a", 0, 6);
    more["colour"] = json!("red");
    check(json!([more]), "unknown field");
    let many: Vec<Value> =
        (0..41).map(|n| json!({ "id": format!("t{n}"), "x": 0, "y": n, "w": 1, "h": 1, "chart": chart })).collect();
    check(Value::Array(many), "more than 40");
    assert!(Board::read(&format!("{{\"title\":\"{}\"}}", "x".repeat(300_000))).is_err());
}

/// The page's tokens are this crate's: what is drawn on a page and on paper has the same colours.
#[test]
fn the_tokens_are_those_of_the_page() {
    let css = include_str!("../../../assets/web/src/kit/tokens.css");
    let (light, dark) = css.split_once("[data-theme='dark'] {").unwrap();
    for (name, own) in TOKENS {
        assert!(light.contains(&format!("--{name}: {own};")), "{name} is not {own} in the light");
        assert!(dark.contains(&format!("--{name}: ")), "{name} is not there in the dark");
    }
}

fn cell() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("2026-11-01T00:00:00Z")),
        Just(json!({ "a": [1] })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_an_answer_holds_is_drawn_or_refused(
        kinds in proptest::collection::vec(prop_oneof![Just("text"), Just("bigint"), Just("double precision"), Just("date"), Just("numeric(38,9)")], 0..8),
        rows in proptest::collection::vec(proptest::collection::vec(cell(), 0..8), 0..30),
        kind in 0..ChartKind::ALL.len(),
    ) {
        let names: Vec<String> = (0..kinds.len()).map(|at| format!("c{at}")).collect();
        let columns: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(kinds).collect();
        if let Ok(drawing) = draw(&spec(ChartKind::ALL[kind]), &Frame::new(&columns, rows), &Words::default()) {
            serde_json::to_string(&drawing).unwrap();
        }
    }

    #[test]
    fn a_bound_statement_holds_what_stands_in_quotes_as_it_is(text in "[$a-z'\"/*\\- \n]{0,40}") {
        let variables = BTreeMap::from([("a".to_owned(), Some("'".to_owned()))]);
        let spec: ChartSpec = serde_json::from_value(json!({ "type": "bar", "title": "x", "query": { "sql": text } })).unwrap();
        let _ = bind(&spec, &Bindings { from: 0, to: 1, bucket: "day", variables });
    }
}
