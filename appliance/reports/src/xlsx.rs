//! Findings as a workbook: an overview, then a sheet a section with its numbers as numbers and a native chart of them.

mod chart;

use charts::{Drawing, Format as Numbers, GridColumn, Kind, Unit};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Url, Workbook, Worksheet, XlsxError,
};
use serde_json::Value;

use crate::{
    Findings, WriteError,
    findings::Shown,
    plot::Plot,
    words::{Say, is_rtl, word},
};

/// The row of a sheet in which the heads of its table are; the numbers begin below.
const HEAD: u32 = 3;
/// The longest text of a cell that programs take.
const MAX_TEXT: usize = 32_000;
/// Where amounts of time are better read as hours than as milliseconds.
const MINUTE: f64 = 60_000.0;
const DAY: f64 = 86_400_000.0;

/// How cells look.
struct Looks {
    title: Format,
    soft: Format,
    head: Format,
    day: Format,
    moment: Format,
}

/// The bytes of the workbook.
pub(crate) fn write(findings: &Findings) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    let made = date(findings.made)?;
    workbook.set_properties(&DocProperties::new().set_title(&findings.title).set_creation_datetime(&made));
    let looks = Looks {
        title: Format::new().set_bold().set_font_size(14),
        soft: Format::new().set_font_color("#535B6E"),
        head: Format::new()
            .set_bold()
            .set_font_color("#535B6E")
            .set_background_color("#EEF0F5")
            .set_border_bottom(FormatBorder::Thin)
            .set_align(FormatAlign::Top)
            .set_text_wrap(),
        day: Format::new().set_num_format("yyyy-mm-dd"),
        moment: Format::new().set_num_format("yyyy-mm-dd hh:mm"),
    };
    let rtl = is_rtl(&findings.language);
    let shown: Vec<Shown<'_>> = findings.shown().collect();
    let first = word(Say::Overview, &findings.language);
    let names: Vec<String> = shown.iter().enumerate().map(|(at, own)| sheet_name(at, own.title)).collect();
    let sheet = workbook.add_worksheet().set_name(first)?.set_right_to_left(rtl);
    overview(sheet, findings, &shown, &names, &looks)?;
    for (own, name) in shown.iter().zip(&names) {
        let sheet = workbook.add_worksheet().set_name(name)?.set_right_to_left(rtl);
        section(sheet, own, name, findings, &looks)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn overview(
    sheet: &mut Worksheet,
    findings: &Findings,
    shown: &[Shown<'_>],
    names: &[String],
    looks: &Looks,
) -> Result<(), XlsxError> {
    let say = |what| word(what, &findings.language);
    sheet.set_column_width(0, 24)?.set_column_width(1, 60)?;
    sheet.write_string_with_format(0, 0, text(&findings.title), &looks.title)?;
    sheet.write_string_with_format(1, 0, text(&findings.description), &looks.soft)?;
    for ((what, fact), row) in findings.facts().into_iter().zip(3..) {
        sheet.write_string_with_format(row, 0, say(what), &looks.soft)?;
        sheet.write_string(row, 1, fact)?;
    }
    sheet.write_string_with_format(7, 0, say(Say::Contents), &looks.head)?;
    sheet.write_string_with_format(7, 1, "", &looks.head)?;
    for ((own, name), row) in shown.iter().zip(names).zip(8..) {
        let link = Url::new(format!("internal:'{}'!A1", name.replace('\'', "''"))).set_text(text(own.title));
        sheet.write_url(row, 0, link)?;
        if let Some(single) =
            own.drawing.as_ref().ok().and_then(|drawing| drawing.drawn.single).and_then(|single| single.value)
        {
            let format = own.format();
            let (value, looks) =
                (scaled(&format, single, single), number_format(&format, single, single.fract() == 0.0));
            sheet.write_number_with_format(
                row,
                1,
                value,
                &Format::new().set_num_format(looks).set_align(FormatAlign::Left),
            )?;
        }
    }
    sheet.write_string_with_format(10 + u32::try_from(shown.len()).unwrap_or(0), 0, say(Say::Utc), &looks.soft)?;
    Ok(())
}

fn section(
    sheet: &mut Worksheet,
    shown: &Shown<'_>,
    name: &str,
    findings: &Findings,
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, text(shown.title), &looks.title)?;
    sheet.write_string_with_format(1, 0, text(shown.description), &looks.soft)?;
    let drawing = match &shown.drawing {
        Ok(drawing) if drawing.table.rows.is_empty() => {
            sheet.write_string_with_format(HEAD, 0, word(Say::Nothing, &findings.language), &looks.soft)?;
            return Ok(());
        }
        Ok(drawing) => drawing,
        Err(why) => {
            sheet.write_string_with_format(HEAD, 0, text(why), &looks.soft)?;
            return Ok(());
        }
    };
    let format = shown.format();
    table(sheet, drawing, &format, looks)?;
    sheet.set_freeze_panes(HEAD + 1, 0)?;
    let behind = u16::try_from(drawing.table.columns.len()).unwrap_or(u16::MAX - 64) + 1;
    if let Some(plot) = Plot::of(drawing) {
        chart::put(sheet, &plot, shown, &format, (name, behind), looks)?;
    }
    Ok(())
}

/// The numbers, with heads above.
fn table(sheet: &mut Worksheet, drawing: &Drawing, format: &Numbers, looks: &Looks) -> Result<(), XlsxError> {
    for (column, at) in drawing.table.columns.iter().zip(0u16..) {
        let place = usize::from(at);
        let cells = || drawing.table.rows.iter().map(|row| &row[place]);
        let numbers = || cells().filter_map(Value::as_f64);
        let largest = numbers().fold(0.0f64, |largest, own| largest.max(own.abs()));
        let whole = numbers().all(|own| own.fract() == 0.0);
        let plain = Numbers::default();
        let own = if column.formatted { format } else { &plain };
        let number = Format::new().set_num_format(number_format(own, largest, whole));
        sheet.write_string_with_format(HEAD, at, text(&heading(own, column, largest)), &looks.head)?;
        let longest =
            cells().take(200).map(|cell| cell.as_str().map_or(0, |text| text.chars().count())).max().unwrap_or(0);
        let width = match column.kind {
            Kind::Text => longest.clamp(column.title.chars().count().min(20), 48) + 2,
            _ => column.title.chars().count().clamp(14, 24),
        };
        sheet.set_column_width(at, u32::try_from(width).unwrap_or(24))?;
        for (cell, row) in cells().zip(HEAD + 1..) {
            match cell {
                Value::Null => {}
                Value::Number(value) => {
                    let value = value.as_f64().unwrap_or(0.0);
                    sheet.write_number_with_format(row, at, scaled(own, value, largest), &number)?;
                }
                Value::Bool(flag) => {
                    sheet.write_boolean(row, at, *flag)?;
                }
                Value::String(own) if column.kind == Kind::Time => moment(sheet, row, at, own, looks)?,
                Value::String(own) => {
                    sheet.write_string(row, at, text(own))?;
                }
                other => {
                    sheet.write_string(row, at, text(&other.to_string()))?;
                }
            }
        }
    }
    Ok(())
}

/// A moment as a date; what is none as it is.
fn moment(sheet: &mut Worksheet, row: u32, column: u16, own: &str, looks: &Looks) -> Result<(), XlsxError> {
    let Ok(at) = own.parse::<jiff::Timestamp>() else {
        sheet.write_string(row, column, text(own))?;
        return Ok(());
    };
    let midnight = at.as_second() % 86_400 == 0;
    let look = if midnight { &looks.day } else { &looks.moment };
    sheet.write_datetime_with_format(row, column, &ExcelDateTime::from_timestamp(at.as_second())?, look)?;
    Ok(())
}

fn date(millis: i64) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_timestamp(millis.div_euclid(1000))
}

/// A number in the unit that its cell shows: money in the currency's unit, long times in days.
fn scaled(format: &Numbers, value: f64, largest: f64) -> f64 {
    match format.unit {
        Unit::Micros => value / 1e6,
        Unit::Milliseconds if largest.abs() >= MINUTE => value / DAY,
        _ => value,
    }
}

/// How programs for tables write such numbers.
fn number_format(format: &Numbers, largest: f64, whole: bool) -> String {
    let digits = |most: u8| {
        let digits = usize::from(format.decimals.unwrap_or(most));
        if digits == 0 { String::new() } else { format!(".{}", "0".repeat(digits)) }
    };
    match format.unit {
        Unit::Number => format!("#,##0{}", digits(if whole { 0 } else { 2 })),
        Unit::Share => format!("0{}%", digits(1)),
        Unit::Micros => {
            let currency = format.currency.as_deref().filter(|code| code.bytes().all(|byte| byte.is_ascii_uppercase()));
            format!("#,##0{}{}", digits(2), currency.map(|code| format!("\" {code}\"")).unwrap_or_default())
        }
        Unit::Bytes => "[>=1000000000]#,##0.0,,,\" GB\";[>=1000000]#,##0.0,,\" MB\";#,##0\" B\"".to_owned(),
        Unit::Milliseconds if largest.abs() >= MINUTE => "[h]:mm:ss".to_owned(),
        Unit::Milliseconds => "#,##0\" ms\"".to_owned(),
    }
}

fn heading(format: &Numbers, column: &GridColumn, largest: f64) -> String {
    match format.unit {
        Unit::Milliseconds if largest.abs() >= MINUTE && column.formatted => format!("{} (h:mm:ss)", column.title),
        _ => column.title.clone(),
    }
}

/// A text that fits into a cell.
fn text(own: &str) -> String {
    own.chars().take(MAX_TEXT).collect()
}

/// A name that sheets can have: its number makes it the only one.
fn sheet_name(at: usize, title: &str) -> String {
    let plain: String =
        title.chars().map(|sign| if "[]:*?/\\'".contains(sign) || sign.is_control() { ' ' } else { sign }).collect();
    let mut name = format!("{} ", at + 1);
    for sign in plain.trim().chars() {
        // Programs count in units of UTF-16.
        if name.encode_utf16().count() + sign.len_utf16() > 31 {
            break;
        }
        name.push(sign);
    }
    name.trim_end().to_owned()
}
