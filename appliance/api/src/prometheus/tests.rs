#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use serde_json::{Value as Json, json};

use super::{
    Expr, Grid, Metric, Selector, Value, evaluate,
    fetch::Fetch,
    lexer::{duration, tokens},
    reads,
};

fn fetch(query: &str) -> Fetch {
    reads(&Expr::read(query).unwrap()).unwrap().unwrap()
}

#[test]
fn what_is_not_understood_is_named() {
    let check = |query: &str, expected: &str| {
        let error = Expr::read(query).and_then(|expr| reads(&expr).map(drop)).unwrap_err();
        assert!(error.to_string().contains(expected), "{query}: {error}");
    };
    for (query, expected) in [
        ("", "the end of the query stands where a metric"),
        ("sum(", "the end of the query stands where a metric"),
        ("histogram_quantile(0.9, x)", "`histogram_quantile` (of functions increase"),
        ("quantile by (a) (0.9, x)", "`quantile` (of functions"),
        ("a / b", "`/` between two sets of series"),
        ("a and b", "the set operator `and`"),
        ("a > bool 1", "`bool` is not understood"),
        ("1 > 2", "`>` between two numbers"),
        ("a * on (x) b", "`on` is not understood"),
        ("increase(a[5m:1m])", "a subquery"),
        ("increase(rate(a[1m])[5m])", "a range over anything but a selector"),
        ("increase(a)", "stands where a range like [5m] should"),
        ("a[5m]", "a range like [5m] stands within a function only"),
        ("a @ 5", "`@` is not understood"),
        ("a{b='c'", "`,` or `}`"),
        ("a{b=c}", "stands in quotes"),
        ("a{b}", "behind the label `b` stands"),
        ("'text'", "a text in quotes stands where"),
        ("a 5", "`5` stands where the end of the query should"),
        ("5x", "`5x` is no number and no duration"),
        ("a ? b", "`?` has no meaning here"),
        ("a{b='\\z'}", "of escapes in quotes"),
        ("a{b='", "has no end"),
        ("topk(x, a)", "begins with how many"),
        ("sum(1)", "here is a number"),
        ("sum_over_time(audiagram_usage_total[5m])", "is a counter"),
        ("audiagram_usage", "has a sample an event"),
        ("{__name__=~'audiagram.*'}", "must name its metric"),
        ("{__name__=~'(a|b)'}", "in patterns for the name"),
    ] {
        check(query, expected);
    }
    check(&"(".repeat(100), "nested deeper");
    check(&"-".repeat(8_000), "nested deeper");
    check(&"a".repeat(9_000), "more than 8192 bytes");
    check(&"1+".repeat(4_000), "more than 100 operators");
    check(&format!("a{{{}}}", "b='c',".repeat(40)), "more than 32 matchers");
}

#[test]
fn names_of_metrics_by_patterns() {
    let fits = |pattern: &str| {
        let selector = Selector::read(&format!("{{__name__=~'{pattern}'}}")).unwrap();
        Metric::fitting(&selector).unwrap()
    };
    let both = vec![Metric::Total, Metric::Events];
    for (pattern, expected) in [
        ("audiagram_usage", vec![Metric::Events]),
        ("audiagram_usage.*", both.clone()),
        ("audiagram_usage.+", vec![Metric::Total]),
        (".*", both.clone()),
        (".+_usage.*", both.clone()),
        ("x|.+total", vec![Metric::Total]),
        (".*usage.+x", Vec::new()),
        ("", Vec::new()),
    ] {
        assert_eq!(fits(pattern), expected, "{pattern}");
    }
    // Whatever is asked, the time grows with the pattern and no faster.
    assert_eq!(fits(&format!("{}x", ".*".repeat(500))), Vec::new());
    assert_eq!(fits(&".*".repeat(500)), both);
}

#[test]
fn durations_and_words() {
    for (text, expected) in [
        ("5m", Some(300_000)),
        ("1h30m", Some(5_400_000)),
        ("1m0s", Some(60_000)),
        ("20ms", Some(20)),
        ("1w", Some(604_800_000)),
        ("30m1h", None),
        ("5m5m", None),
        ("0s", None),
        ("5", None),
        ("m", None),
        ("200y", None),
        ("99999999999999999999s", None),
    ] {
        assert_eq!(duration(text), expected, "{text}");
    }
    assert_eq!(tokens("1e3 0.5 # rest\n <=").unwrap().len(), 3);
    assert_eq!(Expr::read("-2^2").unwrap(), Expr::read("-(2^2)").unwrap());
    assert_eq!(Expr::read("2^3^2").unwrap(), Expr::read("2^(3^2)").unwrap());
    assert_eq!(Expr::read("1+2*3").unwrap(), Expr::read("1+(2*3)").unwrap());
}

#[test]
fn numbers_ask_nothing() {
    for (query, expected) in [("1+1", 2.0), ("-2^2", -4.0), ("7 % 4 - 1 / 4", 2.75), ("+3", 3.0)] {
        let expr = Expr::read(query).unwrap();
        assert_eq!(reads(&expr).unwrap(), None);
        assert_eq!(evaluate(&expr, Grid::at(0), None).unwrap(), Value::Scalar(expected), "{query}");
    }
    // A metric that is not here is nothing, as in Prometheus.
    let expr = Expr::read("sum(up{job=\"x\"})").unwrap();
    assert_eq!(reads(&expr).unwrap(), None);
    assert_eq!(evaluate(&expr, Grid::at(0), None).unwrap(), Value::Series(Vec::new()));
}

#[test]
fn statements() {
    let grid = Grid { start: 1_000_000, step: 60_000, count: 3 };
    let mut text = String::new();
    for query in [
        "audiagram_usage_total",
        "audiagram_usage_total{meter=\"it's\", dim_http_method!=\"GET\", user_id=~\"usr.*|\", nothing!~\"x\"}",
        "sum by (meter) (increase(audiagram_usage_total{source=\"crm\"}[90s]))",
        "sum(avg_over_time(audiagram_usage[5m] offset 1h))",
        "topk(2, sum without (unit) (rate(audiagram_usage_total[1m])))",
        "sum by (job_id) (audiagram_usage_total) / 1000",
    ] {
        text += &format!("{query}\n  {}\n", fetch(query).sql(grid));
    }
    insta::assert_snapshot!(text);
}

/// What a query comes to, as `labels: points` a series.
fn answer(query: &str, grid: Grid, rows: &[Json]) -> Vec<String> {
    let expr = Expr::read(query).unwrap();
    let fetch = reads(&expr).unwrap().unwrap();
    let rows = rows.iter().map(|row| row.as_array().unwrap().clone()).collect();
    let Value::Series(series) = evaluate(&expr, grid, Some((&fetch, rows))).unwrap() else { panic!("{query}") };
    let shown = |series: &super::Series| {
        let labels: Vec<String> = series.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let point = |point: &Option<f64>| point.map_or("-".to_owned(), |value| value.to_string());
        format!("{}: {}", labels.join(","), series.points.iter().map(point).collect::<Vec<_>>().join(" "))
    };
    series.iter().map(shown).collect()
}

#[test]
fn points_of_buckets() {
    let grid = Grid { start: 600_000, step: 60_000, count: 4 };
    // Buckets are as narrow as the step: before the first moment, and each minute behind it.
    let total = [json!(["a", 0, 10, 2]), json!(["a", 2, 5, 1]), json!(["b", 3, -1, 1])];
    let by = "sum by (meter) (audiagram_usage_total)";
    assert_eq!(answer(by, grid, &total), ["meter=a: 10 10 15 15", "meter=b: - - - -1"]);
    // Two minutes before each moment, in buckets of one: the first moment lies at the end of the second bucket.
    let buckets = [
        json!(["a", 0, 100, 9]),
        json!(["a", 1, 1, 1]),
        json!(["a", 2, 2, 1]),
        json!(["a", 4, 4, 2]),
        json!(["b", 5, 7, 1]),
    ];
    let increase = "sum by (meter) (increase(audiagram_usage_total[2m]))";
    assert_eq!(answer(increase, grid, &buckets), ["meter=a: 3 2 4 4", "meter=b: - - - 7"]);
    let rate = "sum by (meter) (rate(audiagram_usage_total[2m])) * 120";
    assert_eq!(answer(rate, grid, &buckets), ["meter=a: 3 2 4 4", "meter=b: - - - 7"]);
    let count = "sum by (meter) (count_over_time(audiagram_usage[2m]))";
    assert_eq!(answer(count, grid, &buckets[1..]), ["meter=a: 2 1 2 2", "meter=b: - - - 1"]);
    let above = "sum by (meter) (increase(audiagram_usage_total[2m])) > 2";
    assert_eq!(answer(above, grid, &buckets), ["meter=a: 3 - 4 4", "meter=b: - - - 7"]);
    // Ranges that are no whole number of steps are put together of what both are.
    let third = [json!(["a", 1, 1, 1]), json!(["a", 3, 2, 1]), json!(["a", 5, 4, 1])];
    let odd = "sum by (meter) (increase(audiagram_usage_total[90s]))";
    assert_eq!(answer(odd, Grid { count: 2, ..grid }, &third), ["meter=a: 3 6"]);
}

#[test]
fn aggregations() {
    let row = |meter: &str, source: &str, sum: i64| json!([meter, "", source, "", "", 0, sum, 1]);
    // Labels in their order: meter, project_id, source, unit, user_id.
    let rows = [row("a", "x", 1), row("a", "y", 5), row("b", "x", 3)];
    let at = Grid::at(5_000);
    let check = |query: &str, expected: &[&str]| assert_eq!(answer(query, at, &rows), expected, "{query}");
    check(
        "audiagram_usage_total",
        &[
            "__name__=audiagram_usage_total,meter=a,source=x: 1",
            "__name__=audiagram_usage_total,meter=a,source=y: 5",
            "__name__=audiagram_usage_total,meter=b,source=x: 3",
        ],
    );
    check("avg by (meter) (audiagram_usage_total)", &["meter=a: 3", "meter=b: 3"]);
    check("max without (meter, unit) (audiagram_usage_total)", &["source=x: 3", "source=y: 5"]);
    check("min(audiagram_usage_total)", &[": 1"]);
    check("count by (source) (audiagram_usage_total)", &["source=x: 2", "source=y: 1"]);
    check("topk(2, -audiagram_usage_total)", &["meter=a,source=x: -1", "meter=b,source=x: -3"]);
    check("bottomk(1, audiagram_usage_total) - 1", &["meter=a,source=x: 0"]);
    check("sum(max by (meter) (audiagram_usage_total))", &[": 8"]);
    check("10 / audiagram_usage_total > 4", &["meter=a,source=x: 10"]);
    check("sum(topk(0, audiagram_usage_total))", &[]);
}

#[test]
fn too_much_is_refused() {
    let rows: Vec<Vec<Json>> = (0..3_000).map(|n| vec![json!(n.to_string()), json!(0), json!(1), json!(1)]).collect();
    let expr = Expr::read("max by (meter) (sum by (source) (audiagram_usage_total))").unwrap();
    let fetch = reads(&expr).unwrap().unwrap();
    let error = evaluate(&expr, Grid::at(0), Some((&fetch, rows.clone()))).unwrap_err();
    assert!(error.to_string().starts_with("3000 series of 1 points are too many"), "{error}");
    let grid = Grid { start: 0, step: 1, count: 11_000 };
    let error = evaluate(&expr, grid, Some((&fetch, rows[..100].to_vec()))).unwrap_err();
    assert_eq!(error.kind(), "execution");
}
