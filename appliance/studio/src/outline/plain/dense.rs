//! Labels and dates in scripts without spaces: Japanese, Chinese.

use crate::outline::pack::{Pack, trivial};

/// The label of a clause and its date.
pub(super) fn label(text: &str, pack: &Pack) -> (String, Option<String>) {
    let text = clean(text, pack);
    let (date, rest) = match date(&text, pack) {
        Some((date, rest)) => (Some(date), rest),
        None => (None, text),
    };
    let mut core = rest.as_str();
    for _ in 0..4 {
        let Some(shorter) = pack.after("lead", core).or_else(|| pack.after("pronoun", core)).filter(|s| !s.is_empty())
        else {
            break;
        };
        core = shorter;
    }
    (ended(core, pack), date)
}

/// The text without fillers and marks around it.
fn clean(text: &str, pack: &Pack) -> String {
    let mut out = text.to_owned();
    for filler in pack.list("filler") {
        out = out.replace(filler, "");
    }
    out.trim_matches(mark).to_owned()
}

fn mark(c: char) -> bool {
    trivial(c) || matches!(c, '。' | '．' | '！' | '？' | '.' | '!' | '?' | '…')
}

/// The text with the ending that its last verb has as a step.
pub(super) fn ended(text: &str, pack: &Pack) -> String {
    let core = text.trim_matches(mark);
    let pairs = pack.list("ending").iter().chain(pack.list("joint")).filter_map(|e| e.split_once('='));
    let best = pairs.filter(|(end, _)| core.ends_with(end)).max_by_key(|(end, _)| end.chars().count());
    match best {
        Some((end, other)) if core.len() > end.len() => {
            let stem = core[..core.len() - end.len()].trim_end_matches(['を', 'は']);
            format!("{stem}{other}")
        }
        _ => core.to_owned(),
    }
}

/// A date, such as `1990年5月` or `昭和三十年`, and the text without it and the small words after it.
fn date(text: &str, pack: &Pack) -> Option<(String, String)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let digit = |c: char| {
        c.is_ascii_digit()
            || matches!(
                c,
                '０'
                    ..='９'
                        | '〇'
                        | '一'
                        | '二'
                        | '三'
                        | '四'
                        | '五'
                        | '六'
                        | '七'
                        | '八'
                        | '九'
                        | '十'
                        | '百'
                        | '千'
                        | '元'
            )
    };
    let unit = |c: char| pack.list("unit").iter().any(|u| u.starts_with(c));
    let mut i = 0;
    while i < chars.len() {
        let mut end = i;
        let mut k = i;
        // Numbers with their units, one after another.
        loop {
            let digits = chars[k..].iter().take_while(|(_, c)| digit(*c)).count();
            match chars.get(k + digits) {
                Some((_, c)) if digits > 0 && unit(*c) => {
                    k += digits + 1;
                    end = k;
                }
                _ => break,
            }
        }
        let at = |k: usize| chars.get(k).map_or(text.len(), |(at, _)| *at);
        let lasts = pack.list("duration").iter().any(|d| text[at(end)..].starts_with(d));
        if end > i && !lasts {
            let mut from = at(i);
            if let Some(era) = pack.list("era").iter().find(|era| text[..from].ends_with(*era)) {
                from -= era.len();
            }
            let mut rest = &text[at(end)..];
            let mut shown = text[from..at(end)].to_owned();
            if let Some(after) = rest.strip_prefix('後').or_else(|| rest.strip_prefix('后')) {
                shown.push_str(&rest[..rest.len() - after.len()]);
                rest = after;
            }
            for _ in 0..2 {
                rest = pack.list("after-time").iter().find_map(|small| rest.strip_prefix(*small)).unwrap_or(rest);
            }
            let before = text[..from].trim_end_matches(['在', '于', '到', '、', '，', '和']);
            return Some((shown, format!("{before}{rest}")));
        }
        i += (end - i).max(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    #[track_caller]
    fn check(lang: &str, text: &str, expected: &str, time: Option<&str>) {
        let pack = Pack::of(&Transcript::from_text("", lang)).unwrap();
        let (label, date) = label(text, pack);
        assert_eq!((label.as_str(), date.as_deref()), (expected, time), "{text}");
    }

    #[test]
    fn japanese_steps_and_dates() {
        check("ja", "まず、在庫を確認します。", "在庫を確認", None);
        check("ja", "次に商品を箱に入れます。", "商品を箱に入れる", None);
        check("ja", "最後に荷物を送ります。", "荷物を送る", None);
        check("ja", "1964年に新幹線が開業しました。", "新幹線が開業", Some("1964年"));
        check("ja", "昭和三十年五月に工場が完成しました。", "工場が完成", Some("昭和三十年五月"));
        check("ja", "三年間使います。", "三年間使う", None);
    }

    #[test]
    fn chinese_steps_and_dates() {
        check("zh", "首先，我们检查库存。", "检查库存", None);
        check("zh", "然后把商品装进箱子。", "把商品装进箱子", None);
        check("zh", "1990年，工厂开工了。", "工厂开工", Some("1990年"));
        check("zh", "工厂在二〇〇八年五月搬到郊区。", "工厂搬到郊区", Some("二〇〇八年五月"));
    }
}
