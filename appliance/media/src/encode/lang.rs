//! Languages as containers write them: ISO 639-2, three letters; MP4 the code of terminology, WebM that of libraries.

use super::Container;

/// ISO 639-1 to ISO 639-2/T (the terminology code, which MP4 asks for), of the languages that speech models know.
#[rustfmt::skip]
const CODES: &[(&str, &str)] = &[
    ("af", "afr"), ("am", "amh"), ("ar", "ara"), ("as", "asm"), ("az", "aze"), ("ba", "bak"), ("be", "bel"),
    ("bg", "bul"), ("bn", "ben"), ("bo", "bod"), ("br", "bre"), ("bs", "bos"), ("ca", "cat"), ("cs", "ces"),
    ("cy", "cym"), ("da", "dan"), ("de", "deu"), ("el", "ell"), ("en", "eng"), ("es", "spa"), ("et", "est"),
    ("eu", "eus"), ("fa", "fas"), ("fi", "fin"), ("fo", "fao"), ("fr", "fra"), ("ga", "gle"), ("gl", "glg"),
    ("gu", "guj"), ("ha", "hau"), ("he", "heb"), ("hi", "hin"), ("hr", "hrv"), ("ht", "hat"), ("hu", "hun"),
    ("hy", "hye"), ("id", "ind"), ("is", "isl"), ("it", "ita"), ("ja", "jpn"), ("jv", "jav"), ("ka", "kat"),
    ("kk", "kaz"), ("km", "khm"), ("kn", "kan"), ("ko", "kor"), ("la", "lat"), ("lb", "ltz"), ("ln", "lin"),
    ("lo", "lao"), ("lt", "lit"), ("lv", "lav"), ("mg", "mlg"), ("mi", "mri"), ("mk", "mkd"), ("ml", "mal"),
    ("mn", "mon"), ("mr", "mar"), ("ms", "msa"), ("mt", "mlt"), ("my", "mya"), ("nb", "nob"), ("ne", "nep"),
    ("nl", "nld"), ("nn", "nno"), ("no", "nor"), ("oc", "oci"), ("pa", "pan"), ("pl", "pol"), ("ps", "pus"),
    ("pt", "por"), ("ro", "ron"), ("ru", "rus"), ("sa", "san"), ("sd", "snd"), ("si", "sin"), ("sk", "slk"),
    ("sl", "slv"), ("sn", "sna"), ("so", "som"), ("sq", "sqi"), ("sr", "srp"), ("su", "sun"), ("sv", "swe"),
    ("sw", "swa"), ("ta", "tam"), ("te", "tel"), ("tg", "tgk"), ("th", "tha"), ("tk", "tuk"), ("tl", "tgl"),
    ("tr", "tur"), ("tt", "tat"), ("uk", "ukr"), ("ur", "urd"), ("uz", "uzb"), ("vi", "vie"), ("yi", "yid"),
    ("yo", "yor"), ("zh", "zho"),
];

/// Codes of terminology whose code of libraries (ISO 639-2/B) is another.
#[rustfmt::skip]
const OF_LIBRARIES: &[(&str, &str)] = &[
    ("bod", "tib"), ("ces", "cze"), ("cym", "wel"), ("deu", "ger"), ("ell", "gre"), ("eus", "baq"), ("fas", "per"),
    ("fra", "fre"), ("hye", "arm"), ("isl", "ice"), ("kat", "geo"), ("mkd", "mac"), ("mri", "mao"), ("msa", "may"),
    ("mya", "bur"), ("nld", "dut"), ("ron", "rum"), ("slk", "slo"), ("sqi", "alb"), ("zho", "chi"),
];

/// The three letters of a BCP 47 tag as `container` writes them.
pub(super) fn code(tag: &str, container: Container) -> &str {
    let three = three_letters(tag);
    let other = OF_LIBRARIES.iter().find(|(own, _)| container == Container::Webm && *own == three);
    other.map_or(three, |(_, library)| library)
}

/// The three letters of a BCP 47 tag; `und` (undetermined) for what has none.
fn three_letters(tag: &str) -> &str {
    let language = tag.split(['-', '_']).next().unwrap_or_default();
    let found = CODES.iter().find(|(two, _)| two.eq_ignore_ascii_case(language));
    match found {
        Some((_, three)) => three,
        None if language.len() == 3 && language.bytes().all(|b| b.is_ascii_lowercase()) => language,
        None => "und",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tag: &str, expected: &str) {
        assert_eq!(three_letters(tag), expected, "{tag}");
    }

    #[test]
    fn tags() {
        check("en", "eng");
        check("de-AT", "deu");
        check("pt_BR", "por");
        check("ZH-Hant", "zho");
        check("yue", "yue");
        check("", "und");
        check("auto", "und");
        check("x\0", "und");
        check("日本語", "und");
        assert_eq!(["de-AT", "en", "xx"].map(|tag| code(tag, Container::Webm)), ["ger", "eng", "und"]);
        assert_eq!(code("de", Container::Mp4), "deu");
    }
}
