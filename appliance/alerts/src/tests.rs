#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Alert, Normal, Phase, Rule, Series, Side, Standing, Standings, Tell, Timing, read};

const MINUTE: i64 = 60_000;
/// 15 January 2027, 08:00 (UTC).
const NOW: i64 = 1_800_000_000_000;

fn alert(rule: &Value) -> Alert {
    let alert: Alert = serde_json::from_value(json!({
        "title": "Mails", "question": { "sql": "SELECT sum(quantity) FROM usage WHERE at >= $from AND at < $to" }, "rule": rule,
    }))
    .unwrap();
    alert.check().unwrap();
    alert
}

fn series(pairs: &[(&str, Option<f64>)]) -> Series {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

/// Phases and messages of one series, minute by minute: `1` where the rule holds, `s` where it holds and is silenced, `.` where it does not.
fn run(times: &str, holds: i64, quiet: i64, repeats: bool) -> String {
    let timing = Timing { holds: holds * MINUTE, quiet: quiet * MINUTE, repeats };
    let mut standing = Standing::default();
    let mut out = String::new();
    for (minute, sign) in times.chars().enumerate() {
        let now = NOW + i64::try_from(minute).unwrap() * MINUTE;
        let (next, tell) = standing.step(matches!(sign, '1' | 's'), Some(1.0), now, &timing, matches!(sign, 's' | 'q'));
        standing = next;
        out.push(match standing.phase {
            Phase::Inactive => 'i',
            Phase::Pending => 'p',
            Phase::Firing => 'f',
            Phase::Resolved => 'r',
        });
        out.push_str(match tell {
            Some(Tell::Firing) => "!",
            Some(Tell::Still) => "+",
            Some(Tell::Resolved) => "-",
            None => "",
        });
    }
    out
}

#[test]
fn a_rule_must_hold_for_its_time_before_somebody_is_told() {
    assert_eq!(run(".11.", 0, 60, false), "if!fr-");
    assert_eq!(run(".1111.", 2, 60, false), "ippf!fr-");
    // Shorter than that is nothing, and the time begins anew.
    assert_eq!(run(".11.1111", 2, 60, false), "ippippf!f");
    assert_eq!(run("1.1.1.", 1, 60, false), "pipipi");
}

#[test]
fn one_firing_is_told_once_and_flapping_is_not_told_again() {
    assert_eq!(run("1111111111", 0, 5, false), "f!fffffffff");
    assert_eq!(run("1.1.1.1.1.", 0, 60, false), "f!r-frfrfrfr");
    // When the quiet time is over and it fires still, it is told.
    assert_eq!(run("1.1.11111.", 0, 6, false), "f!r-frfff!ffr-");
    assert_eq!(run("1111111", 0, 3, true), "f!fff+fff+");
}

#[test]
fn silence_hides_what_happens_and_stops_nothing() {
    assert_eq!(run("sss.", 0, 60, false), "fffr");
    // What fires still when it is over is told then.
    assert_eq!(run("sss11.", 0, 60, false), "ffff!fr-");
    // What was told before and ends in silence is told when that is over.
    assert_eq!(run("11qq..", 0, 60, false), "f!frrr-r");
}

#[test]
fn a_clock_that_was_put_back_holds_nothing_up() {
    let timing = Timing { holds: 2 * MINUTE, quiet: 60 * MINUTE, repeats: false };
    let (pending, _) = Standing::default().step(true, None, NOW, &timing, false);
    let (after, _) = pending.step(true, None, NOW - 100 * MINUTE, &timing, false);
    assert_eq!((after.phase, after.since), (Phase::Pending, NOW - 100 * MINUTE));
    let (firing, tell) = after.step(true, None, NOW - 98 * MINUTE, &timing, false);
    assert_eq!((firing.phase, tell), (Phase::Firing, Some(Tell::Firing)));
}

#[test]
fn thresholds() {
    let above = Rule::Threshold { side: Side::Above, bound: 5.0 };
    let below = Rule::Threshold { side: Side::Below, bound: 5.0 };
    for (value, over, under) in
        [(Some(5.0), false, false), (Some(5.1), true, false), (Some(4.9), false, true), (None, false, false)]
    {
        assert_eq!((above.judge(value, &[]).met, below.judge(value, &[]).met), (over, under), "{value:?}");
    }
}

#[test]
fn anomalies_are_far_from_the_same_hours_of_weeks_before() {
    let rule = |side, at_least| Rule::Anomaly { weeks: 6, deviations: 3.5, side, at_least };
    let past = [10.0, 12.0, 11.0, 9.0, 10.0, 11.0];
    // The median is 10.5, deviations are 0.5, 1.5, 0.5, 1.5, 0.5, 0.5: their median is 0.5, the spread 0.7413.
    let normal = Normal::of(&past).unwrap();
    assert_eq!((normal.median, (normal.spread * 10_000.0).round()), (10.5, 7_413.0));
    let met = |value, side, at_least| rule(side, at_least).judge(Some(value), &past).met;
    assert!(!met(13.0, None, 0.0) && met(13.2, None, 0.0) && met(7.5, None, 0.0));
    assert!(met(13.2, Some(Side::Above), 0.0) && !met(13.2, Some(Side::Below), 0.0));
    assert!(!met(13.2, None, 3.0) && met(20.0, None, 3.0));
    // One wild week does not hide what is wild now.
    assert!(rule(None, 0.0).judge(Some(30.0), &[10.0, 12.0, 500.0, 9.0, 10.0, 11.0]).met);
    // Weeks that were alike: any difference is far, as far as it counts at all.
    let alike = [4.0; 6];
    assert!(!rule(None, 0.0).judge(Some(4.0), &alike).met);
    assert!(rule(None, 0.0).judge(Some(5.0), &alike).met && !rule(None, 2.0).judge(Some(5.0), &alike).met);
    // Half of them alike: the mean deviation stands in.
    assert!(!rule(None, 0.0).judge(Some(5.0), &[4.0, 4.0, 4.0, 4.0, 4.0, 8.0]).met);
    // Too little past says nothing.
    assert!(!rule(None, 0.0).judge(Some(1_000.0), &past[..3]).met);
    assert!(!rule(None, 0.0).judge(None, &past).met);
}

#[test]
fn weeks_before_are_asked_about_the_same_hours() {
    let alert = alert(&json!({ "anomaly": { "weeks": 4, "deviations": 3.5 } }));
    let windows = alert.windows(NOW);
    assert_eq!(windows.len(), 5);
    for (week, window) in windows.iter().enumerate() {
        let to = NOW - i64::try_from(week).unwrap() * 7 * 24 * 60 * MINUTE;
        assert_eq!((window.from, window.to), (to - 60 * MINUTE, to));
    }
}

#[test]
fn what_was_there_and_is_gone_is_missed() {
    let alert = alert(&json!({ "absence": {} }));
    let look =
        |known: &Standings, answer: Series, minute: i64| alert.look(known, &[answer], NOW + minute * MINUTE, false);
    let phases = |standings: &Standings| -> Vec<(String, Phase)> {
        standings.iter().map(|(name, standing)| (name.clone(), standing.phase)).collect()
    };
    // Nothing was ever there: that is missed as a whole, until something comes.
    let nothing = look(&Standings::new(), Series::new(), 0);
    assert_eq!((phases(&nothing.standings), nothing.told.len()), (vec![(String::new(), Phase::Firing)], 1));
    let some = look(&nothing.standings, series(&[("a", Some(1.0)), ("b", Some(2.0))]), 5);
    assert_eq!(
        some.told.iter().map(|told| (told.series.as_str(), told.tell)).collect::<Vec<_>>(),
        [("", Tell::Resolved)]
    );
    // One of two is gone, then both.
    let one = look(&some.standings, series(&[("a", Some(1.0))]), 10);
    assert_eq!(
        one.told.iter().map(|told| (told.series.as_str(), told.tell)).collect::<Vec<_>>(),
        [("b", Tell::Firing)]
    );
    let none = look(&one.standings, series(&[("a", None)]), 15);
    assert_eq!(
        none.told.iter().map(|told| (told.series.as_str(), told.tell)).collect::<Vec<_>>(),
        [("a", Tell::Firing)]
    );
    // After a month nobody misses it any more.
    let late = look(&none.standings, Series::new(), 31 * 24 * 60);
    assert!(!late.standings.contains_key("b"), "{late:?}");
}

#[test]
fn series_that_a_threshold_does_not_see_any_more_are_resolved_and_forgotten() {
    let alert = alert(&json!({ "threshold": { "side": "above", "bound": 5 } }));
    let first = alert.look(&Standings::new(), &[series(&[("a", Some(9.0)), ("b", Some(1.0))])], NOW, false);
    assert_eq!(first.changes.len(), 1);
    let gone = alert.look(&first.standings, &[Series::new()], NOW + 5 * MINUTE, false);
    assert_eq!(gone.told.iter().map(|told| told.tell).collect::<Vec<_>>(), [Tell::Resolved]);
    // What it told holds the next message back for its quiet time, so it is remembered for that.
    assert_eq!(gone.standings.keys().collect::<Vec<_>>(), ["a"]);
    let later = alert.look(&gone.standings, &[Series::new()], NOW + 25 * 60 * MINUTE, false);
    assert!(later.standings.is_empty());
}

fn columns(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn answers_are_read_as_series() {
    let plain = read(&columns(&[("n", "bigint")]), &[vec![json!(3)]], None).unwrap();
    assert_eq!(plain, series(&[("", Some(3.0))]));
    let exact = read(&columns(&[("n", "numeric(38,0)")]), &[vec![json!("3.5")]], None).unwrap();
    assert_eq!(exact, series(&[("", Some(3.5))]));
    let named = columns(&[("meter", "text"), ("project", "text"), ("n", "double precision")]);
    let rows = [vec![json!("mails"), json!(null), json!(1.5)], vec![json!("calls"), json!("p"), json!(null)]];
    assert_eq!(read(&named, &rows, None).unwrap(), series(&[("calls · p", None), ("mails · –", Some(1.5))]));
    // Of a time axis, the latest.
    let timed = columns(&[("day", "timestamp with time zone"), ("n", "bigint")]);
    let rows = [vec![json!("2027-01-02T00:00:00Z"), json!(2)], vec![json!("2027-01-01T00:00:00Z"), json!(1)]];
    assert_eq!(read(&timed, &rows, None).unwrap(), series(&[("", Some(2.0))]));
    // Another column of numbers tells nothing apart.
    let two = columns(&[("meter", "text"), ("n", "bigint"), ("before", "bigint")]);
    let rows = [vec![json!("mails"), json!(1), json!(7)]];
    assert_eq!(read(&two, &rows, None).unwrap(), series(&[("mails", Some(7.0))]));
    assert_eq!(read(&two, &rows, Some("n")).unwrap(), series(&[("mails", Some(1.0))]));
    assert!(read(&two, &rows, Some("meter")).is_err());
    for (columns, rows) in [
        (columns(&[("name", "text")]), vec![]),
        (columns(&[("n", "bigint")]), vec![vec![json!(1)], vec![json!(2)]]),
        (columns(&[("id", "text"), ("n", "bigint")]), (0..101).map(|n| vec![json!(n.to_string()), json!(n)]).collect()),
    ] {
        assert!(read(&columns, &rows, None).is_err());
    }
}

#[test]
fn documents_that_make_no_sense_are_refused() {
    let base = json!({ "title": "x", "question": { "sql": "SELECT 1" }, "rule": { "absence": {} } });
    let check = |change: Value, at: &str| {
        let mut document = base.clone();
        for (key, value) in change.as_object().unwrap() {
            document[key] = value.clone();
        }
        let fault = Alert::read(&document.to_string()).unwrap().check().unwrap_err();
        assert_eq!(fault.at, at, "{change}");
    };
    assert!(Alert::read(&base.to_string()).unwrap().check().is_ok());
    check(json!({ "title": " " }), "/title");
    check(json!({ "every_minutes": 0 }), "/every_minutes");
    check(json!({ "window_minutes": 50_000 }), "/window_minutes");
    check(json!({ "for_minutes": 20_000 }), "/for_minutes");
    check(json!({ "quiet_minutes": 1 }), "/quiet_minutes");
    check(json!({ "question": { "sql": "" } }), "/question/sql");
    check(json!({ "question": { "sql": "SELECT $meter" } }), "/question/sql");
    check(json!({ "rule": { "anomaly": { "weeks": 3, "deviations": 3.5 } } }), "/rule/anomaly/weeks");
    // It looks at no window, so weeks before would be the same.
    check(json!({ "rule": { "anomaly": { "weeks": 4, "deviations": 3.5 } } }), "/question/sql");
    assert!(Alert::read("{}").is_err());
}

proptest! {
    /// Whatever comes, nobody is told the same twice without its quiet time between, nor of an end without a beginning.
    #[test]
    fn messages_are_in_order(steps in prop::collection::vec((any::<bool>(), any::<bool>(), 1_i64..90), 1..200), holds in 0_i64..20, repeats: bool) {
        let timing = Timing { holds: holds * MINUTE, quiet: 60 * MINUTE, repeats };
        let (mut standing, mut now, mut open, mut last) = (Standing::default(), NOW, false, None);
        for (met, silenced, minutes) in steps {
            now += minutes * MINUTE;
            let (next, tell) = standing.step(met, None, now, &timing, silenced);
            prop_assert!(!silenced || tell.is_none());
            match tell {
                Some(Tell::Firing) => {
                    prop_assert!(!open && met);
                    prop_assert!(last.is_none_or(|last| now - last >= timing.quiet));
                    (open, last) = (true, Some(now));
                }
                Some(Tell::Still) => {
                    prop_assert!(open && repeats && last.is_some_and(|last| now - last >= timing.quiet));
                    last = Some(now);
                }
                Some(Tell::Resolved) => {
                    prop_assert!(open && !met);
                    open = false;
                }
                None => {}
            }
            standing = next;
        }
    }
}
