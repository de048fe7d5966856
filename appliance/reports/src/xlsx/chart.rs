//! Native charts over the numbers that they draw, which stand beside the table.

use charts::{Format as Numbers, Unit, colour};
use rust_xlsxwriter::{
    Chart, ChartFormat, ChartLegendPosition, ChartLine, ChartPoint, ChartSolidFill, ChartType, Format, Worksheet,
    XlsxError,
};

use super::{HEAD, Looks, moment, number_format, scaled, text};
use crate::{
    findings::Shown,
    plot::{Cloud, Plane, Plot, Series, Shape, Spread},
};

/// The longest description that programs take.
const MAX_ALT: usize = 250;

/// Puts the numbers of a plot behind the table, and a chart of them. Kinds that programs for tables do not have get none: their
/// numbers are in the table.
pub(super) fn put(
    sheet: &mut Worksheet,
    plot: &Plot,
    shown: &Shown<'_>,
    format: &Numbers,
    (name, behind): (&str, u16),
    looks: &Looks,
) -> Result<(), XlsxError> {
    let chart = match plot {
        Plot::Plane(plane) => columns(sheet, plane, format, (name, behind), looks)?,
        Plot::Shares { parts, donut } => shares(sheet, parts, *donut, format, (name, behind), looks)?,
        Plot::Points { series, .. } => points(sheet, series, format, (name, behind), looks)?,
        Plot::Steps(steps) => columns(sheet, &lying(steps, shown), format, (name, behind), looks)?,
        Plot::Candles(spread) => candles(sheet, spread, format, (name, behind), looks)?,
        Plot::Radar { corners, shapes, .. } => {
            let series = shapes.iter().enumerate().map(|(at, (name, values))| plain(name, at, values));
            columns(sheet, &standing(corners, Shape::Around, series.collect()), format, (name, behind), looks)?
        }
        Plot::Heat { .. }
        | Plot::Gauge { .. }
        | Plot::Spark(_)
        | Plot::Boxes(_)
        | Plot::Days(_)
        | Plot::World(_)
        | Plot::Nested { .. }
        | Plot::Flow(_)
        | Plot::Links(_) => return Ok(()),
    };
    let (mut chart, wide) = chart;
    let about: String = shown.drawing.as_ref().map_or_else(|_| String::new(), |drawing| drawing.sentence.clone());
    chart.set_alt_text(about.chars().take(MAX_ALT).collect::<String>());
    // The cell that says it, for a text could be read as a place in a sheet.
    chart.title().set_name((name, 0, 0));
    chart.set_width(720).set_height(380);
    sheet.insert_chart(HEAD, behind + wide + 1, &chart)?;
    Ok(())
}

/// A series that is nothing but its numbers.
fn plain(name: &str, at: usize, values: &[f64]) -> Series {
    Series {
        name: name.to_owned(),
        shape: Shape::Around,
        stacked: false,
        hidden: false,
        tone: format!("role:tone-{}", at % 6),
        values: values.iter().copied().map(Some).collect(),
    }
}

fn standing(places: &[String], shape: Shape, series: Vec<Series>) -> Plane {
    let series = series.into_iter().map(|own| Series { shape, ..own }).collect();
    Plane { timed: false, lying: false, formatted: true, places: places.to_vec(), series }
}

/// The steps of a funnel as bars that lie: programs for tables have no funnels that all of them show.
fn lying(steps: &[(String, f64)], shown: &Shown<'_>) -> Plane {
    let (places, values): (Vec<String>, Vec<f64>) = steps.iter().cloned().unzip();
    let series = vec![plain(shown.title, 0, &values)];
    Plane { lying: true, ..standing(&places, Shape::Bar, series) }
}

/// First, highest, lowest and last of each place, in the order that programs for tables want.
fn candles(
    sheet: &mut Worksheet,
    spread: &Spread<4>,
    format: &Numbers,
    (name, behind): (&str, u16),
    looks: &Looks,
) -> Result<(Chart, u16), XlsxError> {
    let values = || spread.rows.iter().flatten().flatten().copied();
    let (most, whole) = (largest(values()), values().all(|own| own.fract() == 0.0));
    let number = Format::new().set_num_format(number_format(format, most, whole));
    let mut chart = Chart::new(ChartType::Stock);
    let last = HEAD + u32::try_from(spread.rows.len()).unwrap_or(u32::MAX - HEAD);
    sheet.write_string_with_format(HEAD, behind, "", &looks.head)?;
    for (place, row) in spread.places.iter().zip(HEAD + 1..) {
        if spread.timed {
            moment(sheet, row, behind, place, looks)?;
        } else {
            sheet.write_string(row, behind, text(place))?;
        }
    }
    for (of, at) in [0, 3, 2, 1].into_iter().zip(behind + 1..) {
        sheet.write_string_with_format(HEAD, at, "", &looks.head)?;
        for (numbers, row) in spread.rows.iter().zip(HEAD + 1..) {
            if let Some(numbers) = numbers {
                sheet.write_number_with_format(row, at, scaled(format, numbers[of], most), &number)?;
            }
        }
        let own = chart.add_series();
        own.set_categories((name, HEAD + 1, behind, last, behind)).set_values((name, HEAD + 1, at, last, at));
        own.set_format(ChartFormat::new().set_no_line());
    }
    // A rise is hollow, as on paper.
    let fill = |tone: &str| {
        let tone = colour(tone);
        ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(tone.as_str())).clone()
    };
    chart.set_high_low_lines(true).set_up_down_bars(true);
    chart.set_up_bar_format(&mut fill("role:surface")).set_down_bar_format(&mut fill("role:bad"));
    chart.legend().set_hidden();
    Ok((chart, 5))
}

/// The largest of numbers.
fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |largest, own| largest.max(own.abs()))
}

fn columns(
    sheet: &mut Worksheet,
    plane: &Plane,
    format: &Numbers,
    (name, behind): (&str, u16),
    looks: &Looks,
) -> Result<(Chart, u16), XlsxError> {
    let plain = Numbers::default();
    let format = if plane.formatted { format } else { &plain };
    let values = || plane.series.iter().flat_map(|own| own.values.iter().flatten().copied());
    let (most, whole) = (largest(values()), values().all(|own| own.fract() == 0.0));
    let number = Format::new().set_num_format(number_format(format, most, whole));
    sheet.write_string_with_format(HEAD, behind, "", &looks.head)?;
    sheet.set_column_width(behind, 16)?;
    for (place, row) in plane.places.iter().zip(HEAD + 1..) {
        if plane.timed {
            moment(sheet, row, behind, place, looks)?;
        } else {
            sheet.write_string(row, behind, text(place))?;
        }
    }
    for (series, at) in plane.series.iter().zip(behind + 1..) {
        sheet.write_string_with_format(HEAD, at, text(&series.name), &looks.head)?;
        for (value, row) in series.values.iter().zip(HEAD + 1..) {
            if let Some(value) = value {
                sheet.write_number_with_format(row, at, scaled(format, *value, most), &number)?;
            }
        }
    }
    let bars = plane.series.iter().any(|own| own.shape == Shape::Bar);
    let stacked = plane.series.iter().any(|own| own.stacked);
    let area = plane.series.iter().any(|own| own.shape == Shape::Area);
    let around = plane.series.iter().any(|own| own.shape == Shape::Around);
    let mut chart = Chart::new(match (bars, stacked, plane.lying, area) {
        _ if around => ChartType::RadarWithMarkers,
        (true, true, true, _) => ChartType::BarStacked,
        (true, false, true, _) => ChartType::Bar,
        (true, true, false, _) => ChartType::ColumnStacked,
        (true, false, false, _) => ChartType::Column,
        (false, true, _, true) => ChartType::AreaStacked,
        (false, false, _, true) => ChartType::Area,
        (false, ..) => ChartType::Line,
    });
    let last = HEAD + u32::try_from(plane.places.len()).unwrap_or(u32::MAX - HEAD);
    for (series, at) in plane.series.iter().zip(behind + 1..) {
        let tone = colour(&series.tone);
        let look = &mut ChartFormat::new();
        match series.shape {
            _ if series.hidden => look.set_no_fill().set_no_line(),
            Shape::Line | Shape::Around => look.set_line(ChartLine::new().set_color(tone.as_str()).set_width(2.0)),
            Shape::Area | Shape::Bar => look.set_solid_fill(ChartSolidFill::new().set_color(tone.as_str())),
        };
        let own = chart.add_series();
        own.set_name((name, HEAD, at)).set_categories((name, HEAD + 1, behind, last, behind));
        own.set_values((name, HEAD + 1, at, last, at)).set_format(look);
    }
    // What is along is on the axis of categories, wherever that lies.
    if plane.timed {
        chart.x_axis().set_date_axis(true);
    }
    if plane.lying {
        chart.x_axis().set_reverse();
    }
    if format.unit == Unit::Milliseconds {
        chart.y_axis().set_num_format(number_format(format, most, whole));
    }
    if plane.series.len() > 1 {
        chart.legend().set_position(ChartLegendPosition::Bottom);
    } else {
        chart.legend().set_hidden();
    }
    Ok((chart, u16::try_from(plane.series.len()).unwrap_or(0) + 1))
}

fn shares(
    sheet: &mut Worksheet,
    parts: &[(String, f64)],
    donut: bool,
    format: &Numbers,
    (name, behind): (&str, u16),
    looks: &Looks,
) -> Result<(Chart, u16), XlsxError> {
    let most = largest(parts.iter().map(|(_, value)| *value));
    let whole = parts.iter().all(|(_, value)| value.fract() == 0.0);
    let number = Format::new().set_num_format(number_format(format, most, whole));
    for at in [behind, behind + 1] {
        sheet.write_string_with_format(HEAD, at, "", &looks.head)?;
        sheet.set_column_width(at, 20)?;
    }
    for ((part, value), row) in parts.iter().zip(HEAD + 1..) {
        sheet.write_string(row, behind, text(part))?;
        sheet.write_number_with_format(row, behind + 1, scaled(format, *value, most), &number)?;
    }
    let mut chart = Chart::new(if donut { ChartType::Doughnut } else { ChartType::Pie });
    let last = HEAD + u32::try_from(parts.len()).unwrap_or(0);
    let point = |at: usize| {
        let fill = colour(&format!("role:tone-{}", at % 6));
        ChartPoint::new().set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(fill.as_str())))
    };
    let points: Vec<ChartPoint> = (0..parts.len()).map(point).collect();
    let own = chart.add_series();
    own.set_categories((name, HEAD + 1, behind, last, behind))
        .set_values((name, HEAD + 1, behind + 1, last, behind + 1))
        .set_points(&points);
    Ok((chart, 2))
}

fn points(
    sheet: &mut Worksheet,
    series: &[Cloud],
    format: &Numbers,
    (name, behind): (&str, u16),
    looks: &Looks,
) -> Result<(Chart, u16), XlsxError> {
    let most = largest(series.iter().flat_map(|(_, points)| points.iter().map(|point| point.1)));
    let number = Format::new().set_num_format(number_format(format, most, false));
    let mut chart = Chart::new(ChartType::Scatter);
    let mut at = behind;
    for ((title, points), place) in series.iter().zip(0..) {
        sheet.write_string_with_format(HEAD, at, "", &looks.head)?;
        sheet.write_string_with_format(HEAD, at + 1, text(title), &looks.head)?;
        for ((x, y, _), row) in points.iter().zip(HEAD + 1..) {
            sheet.write_number(row, at, *x)?;
            sheet.write_number_with_format(row, at + 1, scaled(format, *y, most), &number)?;
        }
        let last = HEAD + u32::try_from(points.len()).unwrap_or(0);
        let tone = colour(&format!("role:tone-{}", place % 6));
        let own = chart.add_series();
        own.set_name((name, HEAD, at + 1)).set_categories((name, HEAD + 1, at, last, at)).set_values((
            name,
            HEAD + 1,
            at + 1,
            last,
            at + 1,
        ));
        own.set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(tone.as_str())));
        at += 2;
    }
    Ok((chart, at - behind))
}
