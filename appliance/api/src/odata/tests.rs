#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use serde_json::{Value as Json, json};

use super::{Options, Set, metadata, options::Place, properties};

fn options(pairs: &[(&str, &str)]) -> Result<Options, super::ODataError> {
    Options::read(pairs.iter().copied())
}

#[test]
fn statements() {
    let mut text = String::new();
    let behind = Place::Behind(json!("prj_1'")).token();
    let rows = Place::Rows(40).token();
    for (set, pairs) in [
        ("usage", vec![]),
        (
            "usage",
            vec![(
                "$filter",
                "meter eq 'it''s' and (quantity gt -5 or not contains(tolower(source),'X{0}')) and at ge 2027-01-15T08:00:00Z",
            )],
        ),
        (
            "usage",
            vec![(
                "$filter",
                "user_id ne null and job_id eq null and unit ne 'ms' and meter in ('a','b') and dimensions/height eq '720'",
            )],
        ),
        (
            "usage",
            vec![
                ("$filter", "quantity mul 2 add 1 ge 3.5 and date(at) eq 2027-01-15 and year(at) eq 2027"),
                ("$count", "true"),
            ],
        ),
        ("projects", vec![("$select", "title, project_id"), ("$skiptoken", &behind), ("$top", "10")]),
        ("projects", vec![("$orderby", "title desc, created_at"), ("$skiptoken", &rows)]),
        ("charges", vec![("$skip", "5"), ("custom", "ignored")]),
        (
            "usage",
            vec![
                (
                    "$apply",
                    "filter(meter eq 'a/b,(c')/groupby((meter,unit),aggregate(quantity with sum as total,$count as n))",
                ),
                ("$filter", "total gt 5"),
                ("$orderby", "total desc"),
            ],
        ),
        ("usage", vec![("$apply", "aggregate(quantity with average as mean)")]),
        ("usage", vec![("$apply", "groupby((meter))")]),
    ] {
        let set = Set::find(set).unwrap();
        let options = options(&pairs).unwrap();
        text += &format!("{set:?} {pairs:?}\n  {}\n", options.sql(set, 3));
        if options.count {
            text += &format!("  {}\n", options.count_sql(set));
        }
    }
    insta::assert_snapshot!(text.replace("Set { name: ", "").replace(", order: None }", ""));
}

#[test]
fn what_is_not_understood_is_named() {
    for (name, value, expected) in [
        ("$filter", "", "the end stands where a column"),
        ("$filter", "a eq", "the end stands where a column"),
        ("$filter", "a eq 1 1", "a value stands where an operator"),
        ("$filter", "(a eq 1", "the end stands where `)`"),
        ("$filter", "geo.distance(a,b) lt 1", "`geo.distance` is no name"),
        ("$filter", "matches(a,'b')", "the function `matches` is not understood"),
        ("$filter", "contains(a)", "`contains` takes 2 values"),
        ("$filter", "a eq 'b", "has no end"),
        ("$filter", "a eq 1; DROP TABLE usage", "`1;` is no name"),
        ("$filter", "a eq \"b\"", "is no name"),
        ("$filter", "$it eq 1", "begins with `$`"),
        ("$filter", "a eq 2027-13-01", "is no name"),
        ("$select", "a,b c", "no column"),
        ("$select", "", "no column"),
        ("$orderby", "a up", "$orderby has columns"),
        ("$top", "-1", "$top must be a whole number"),
        ("$skip", "many", "$skip must be a whole number"),
        ("$skiptoken", "x", "$skiptoken is not that of a next link"),
        ("$count", "yes", "$count must be"),
        ("$format", "xml", "$format must be json"),
        ("$expand", "jobs", "of options $filter"),
        ("$apply", "topcount(2,a)", "of $apply these are understood"),
        ("$apply", "groupby(a)", "brackets of their own"),
        ("$apply", "groupby((a),b)", "has no brackets"),
        ("$apply", "aggregate(a with median as b)", "of aggregation methods"),
        ("$apply", "aggregate(a as b)", "aggregates are like"),
        ("$apply", "groupby((a)", "not closed"),
        ("$apply", "aggregate(a with sum as b\")", "no column"),
    ] {
        let error = options(&[(name, value)]).unwrap_err();
        assert!(error.to_string().contains(expected), "{name}={value}: {error}");
    }
    assert!(options(&[("$top", "1"), ("$top", "2")]).is_err());
    for deep in ["(".repeat(100), "not ".repeat(1_000), "tolower(".repeat(500)] {
        let error = options(&[("$filter", &deep)]).unwrap_err();
        assert!(error.to_string().contains("nested deeper"), "{error}");
    }
    assert!(options(&[("$filter", &"a".repeat(5_000))]).is_err());
    let many = vec!["1"; 300].join(",");
    assert!(options(&[("$filter", &format!("a in ({many})"))]).is_err());
}

#[test]
fn pages() {
    let plain = options(&[("$top", "5000")]).unwrap();
    assert_eq!((plain.page(None), plain.page(Some(10)), plain.left(10)), (2_000, 10, Some(4_990)));
    assert_eq!(options(&[("$top", "3")]).unwrap().page(Some(10)), 3);
    assert_eq!(options(&[]).unwrap().page(Some(0)), 2_000);
    assert_eq!(plain.next(10, Some(json!(7))), Place::Behind(json!(7)));
    let ordered = options(&[("$orderby", "at"), ("$skip", "3")]).unwrap();
    assert_eq!(ordered.next(10, None), Place::Rows(13));
    let token = Place::Rows(13).token();
    let later = options(&[("$orderby", "at"), ("$skiptoken", &token)]).unwrap();
    assert_eq!(later.next(10, None), Place::Rows(23));
}

#[test]
fn the_document_is_made_of_columns() {
    let row = |table: &str, column: &str, kind: &str| vec![json!(table), json!(column), json!(kind)];
    let rows: Vec<Vec<Json>> = vec![
        row("charges", "amount_micros", "Int64"),
        row("cost_focus", "BilledCost", "Decimal128(38, 12)"),
        row("usage", "number", "UInt64"),
        row("usage", "meter", "Utf8View"),
        row("usage", "at", "Timestamp(µs, \"UTC\")"),
        row("usage", "dimensions", "Map(…)"),
        row("table_columns", "comment", "Utf8View"),
    ];
    insta::assert_snapshot!(metadata(&properties(&rows)).replace("><", ">\n<"));
}
