//! A value for each day: weeks from left to right, the days of each from top to bottom.

use jiff::civil::Date;

use super::{
    Anchor, LABEL, Picture, Setting,
    flat::{between_ends, ends, key, shade},
    on,
};
use crate::words::weekdays;

/// The room above for months, and below for the key.
const ROOM: (f32, f32) = (16.0, 20.0);
/// The widest day.
const WIDE: f32 = 62.0;

/// Draws a calendar. Days are numbered, and have their value in them, where there is room.
pub(super) fn days(picture: &mut Picture, days: &[(Date, f64)], setting: &Setting<'_>) {
    let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) else { return };
    let monday = |day: Date| day.checked_sub(jiff::ToSpan::days(i64::from(day.weekday().to_monday_zero_offset())));
    let Ok(start) = monday(*first) else { return };
    let place = |day: Date| {
        let since = usize::try_from(day.since(start).map_or(0, |span| span.get_days())).unwrap_or(0);
        (since / 7, since % 7)
    };
    let weeks = place(*last).0 + 1;
    let names = weekdays(setting.language);
    let side = names.iter().map(|name| (setting.measure)(name, LABEL)).fold(0.0, f32::max) + 6.0;
    let wide = ((picture.width - side) / weeks as f32).min(WIDE);
    let tall = (picture.height - ROOM.0 - ROOM.1) / 7.0;
    let gap = (wide.min(tall) * 0.1).min(1.5);
    for (row, name) in names.iter().enumerate().filter(|(row, _)| tall >= LABEL + 4.0 || row % 2 == 0) {
        let y = ROOM.0 + tall * (row as f32 + 0.5) + 2.8;
        picture.text((side - 6.0, y), LABEL, Anchor::End, "role:ink-soft", *name);
    }
    let ends = ends(days.iter().map(|(_, value)| *value));
    let mut found = days.iter().peekable();
    let (mut day, mut named) = (*first, f32::MIN);
    loop {
        let (week, row) = place(day);
        let (x, y) = (side + wide * week as f32, ROOM.0 + tall * row as f32);
        let value = found.next_if(|(own, _)| *own == day).map(|(_, value)| *value);
        let tone = value.map_or_else(|| "role:sunken".to_owned(), |value| shade(between_ends(value, ends)));
        picture.bar([x + gap, y + gap, wide - 2.0 * gap, tall - 2.0 * gap], &tone, 1.0);
        let ink = if value.is_some() { on(&tone) } else { "role:ink-soft" };
        if wide >= 24.0 && tall >= 14.0 {
            picture.text((x + gap + 3.0, y + gap + 9.0), 6.5, Anchor::Start, ink, day.day().to_string());
            let said = value.map(|value| setting.say(value));
            let room = wide - 2.0 * gap - 18.0;
            if let Some(said) = said.filter(|said| (setting.measure)(said, LABEL) <= room) {
                picture.text((x + wide - gap - 4.0, y + tall / 2.0 + 4.2), LABEL, Anchor::End, ink, said);
            }
        }
        // A month is named above the week of its first day.
        let month = day.strftime("%Y-%m").to_string();
        if (day == *first || day.day() == 1) && x >= named {
            named = x + (setting.measure)(&month, LABEL) + 6.0;
            picture.text((x + gap, 9.0), LABEL, Anchor::Start, "role:ink-soft", month);
        }
        match day.tomorrow() {
            Ok(next) if next <= *last => day = next,
            _ => break,
        }
    }
    key(picture, (side, picture.height - 10.0), ends, setting);
}
