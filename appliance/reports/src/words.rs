//! The few words that reports add of their own, in the languages of the product.

/// Something that reports say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Say {
    /// The list of sections.
    Contents,
    /// The time it is about.
    Period,
    /// When it was made.
    Made,
    /// The zone of its days.
    Zone,
    /// A page, before its number.
    Page,
    /// Nothing was found.
    Nothing,
    /// There is more than is shown.
    More,
    /// Before, of a number.
    Before,
    /// Times are in UTC.
    Utc,
    /// Back to the list.
    Overview,
}

/// In English, German, Hindi, Japanese, Chinese and Arabic.
const fn all(what: Say) -> [&'static str; 6] {
    match what {
        Say::Contents => ["Contents", "Inhalt", "विषय-सूची", "目次", "目录", "المحتويات"],
        Say::Period => ["Period", "Zeitraum", "अवधि", "期間", "期间", "الفترة"],
        Say::Made => ["Made", "Erstellt", "बनाया गया", "作成", "生成时间", "أُنشئ"],
        Say::Zone => ["Time zone", "Zeitzone", "समय क्षेत्र", "タイムゾーン", "时区", "المنطقة الزمنية"],
        Say::Page => ["Page", "Seite", "पृष्ठ", "ページ", "页", "صفحة"],
        Say::Nothing => [
            "There is nothing in this period.",
            "In diesem Zeitraum gibt es nichts.",
            "इस अवधि में कुछ नहीं है।",
            "この期間にはデータがありません。",
            "此期间没有数据。",
            "لا يوجد شيء في هذه الفترة.",
        ],
        Say::More => [
            "There are more rows; the files for data hold them.",
            "Es gibt weitere Zeilen; die Datendateien enthalten sie.",
            "और पंक्तियाँ हैं; डेटा फ़ाइलों में हैं।",
            "残りの行はデータ形式のファイルにあります。",
            "还有更多行，见数据格式的文件。",
            "توجد صفوف أخرى في ملفات البيانات.",
        ],
        Say::Before => ["Before", "Zuvor", "पहले", "以前", "以前", "سابقًا"],
        Say::Utc => [
            "Times in tables are in UTC.",
            "Zeiten in Tabellen sind in UTC.",
            "तालिकाओं में समय UTC में है।",
            "表の時刻は UTC です。",
            "表中的时间为 UTC。",
            "الأوقات في الجداول بتوقيت UTC.",
        ],
        Say::Overview => ["Overview", "Übersicht", "अवलोकन", "概要", "概览", "نظرة عامة"],
    }
}

/// The place of a language in [`all`]; that of English where it is not known.
fn place(language: &str) -> usize {
    match language {
        "de" => 1,
        "hi" => 2,
        "ja" => 3,
        "zh-CN" => 4,
        "ar" => 5,
        _ => 0,
    }
}

/// A word in a language; in English where that is not known.
pub(crate) fn word(what: Say, language: &str) -> &'static str {
    all(what)[place(language)]
}

/// What the days of a week are called, from Monday.
pub(crate) fn weekdays(language: &str) -> [&'static str; 7] {
    [
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
        ["सोम", "मंगल", "बुध", "गुरु", "शुक्र", "शनि", "रवि"],
        ["月", "火", "水", "木", "金", "土", "日"],
        ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
        ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
    ][place(language)]
}

/// All of these words in a language, for finding fonts.
pub(crate) fn everything(language: &str) -> String {
    use Say as S;
    let all = [S::Contents, S::Period, S::Made, S::Zone, S::Page, S::Nothing, S::More, S::Before, S::Utc, S::Overview];
    all.map(|what| word(what, language)).concat() + &weekdays(language).concat()
}

/// Whether a language is written from right to left.
pub(crate) fn is_rtl(language: &str) -> bool {
    matches!(language.split('-').next(), Some("ar" | "he" | "fa" | "ur"))
}
