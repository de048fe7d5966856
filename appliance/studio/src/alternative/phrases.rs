//! The words around what the speaker said, by language; English where a language has none.

use crate::storyboard::{EdgeType, Kind};

/// The phrases of one language. `{}` stands for labels and numbers.
#[derive(Debug)]
pub(super) struct Phrases {
    /// Primary language subtag.
    pub(super) lang: &'static str,
    /// Names of the kinds, in the order of [`Kind::ALL`].
    kinds: [&'static str; 13],
    /// What edges say, in the order of [`EdgeType::ALL`].
    edges: [&'static str; 8],
    /// What an edge says with a label: the sentence, the label.
    pub(super) labelled: &'static str,
    pub(super) one_box: &'static str,
    pub(super) boxes: &'static str,
    pub(super) one_arrow: &'static str,
    pub(super) arrows: &'static str,
    /// Who does what; what holds what; when what happens; how much of what.
    pub(super) does: &'static str,
    pub(super) holds: &'static str,
    pub(super) when: &'static str,
    pub(super) amounts: &'static str,
    /// Two things; more of them are joined by `comma` before the last.
    pub(super) pair: &'static str,
    comma: &'static str,
    /// A label in quotes, and one that stands alone.
    pub(super) quoted: &'static str,
    pub(super) alone: &'static str,
    /// The kind of picture and its size; that behind the title.
    pub(super) sums: &'static str,
    pub(super) titled: &'static str,
    pub(super) gathered: &'static str,
    pub(super) note: &'static str,
    pub(super) contents: &'static str,
    pub(super) picture: &'static str,
    pub(super) spoken: &'static str,
}

const ALL: [Phrases; 6] = [
    Phrases {
        lang: "en",
        kinds: [
            "flow chart",
            "swimlane diagram",
            "sequence diagram",
            "timeline",
            "hierarchy",
            "cycle",
            "comparison",
            "architecture diagram",
            "diagram of causes and effects",
            "mind map",
            "state diagram",
            "chart",
            "list of steps",
        ],
        edges: [
            "“{}” leads to “{}”.",
            "If so, “{}” leads to “{}”.",
            "If not, “{}” leads to “{}”.",
            "“{}” contains “{}”.",
            "A kind of “{}” is “{}”.",
            "“{}” brings about “{}”.",
            "“{}” sends to “{}”.",
            "“{}” has to do with “{}”.",
        ],
        labelled: "{} On the arrow: “{}”.",
        one_box: "one box",
        boxes: "{} boxes",
        one_arrow: "one arrow",
        arrows: "{} arrows",
        does: "{}: {}.",
        holds: "“{}” holds {}.",
        when: "{}: “{}”.",
        amounts: "“{}”: {}.",
        pair: "{} and {}",
        comma: ", ",
        quoted: "“{}”",
        alone: "“{}”.",
        sums: "{}: {}.",
        titled: "{}. {}",
        gathered: "On the screen now: {}.",
        note: "Note: {}",
        contents: "Contents",
        picture: "What the picture shows",
        spoken: "What is said",
    },
    Phrases {
        lang: "de",
        kinds: [
            "Ablaufdiagramm",
            "Schwimmbahnen-Diagramm",
            "Sequenzdiagramm",
            "Zeitleiste",
            "Hierarchie",
            "Kreislauf",
            "Gegenüberstellung",
            "Architekturdiagramm",
            "Diagramm von Ursachen und Wirkungen",
            "Mindmap",
            "Zustandsdiagramm",
            "Diagramm von Zahlen",
            "Liste von Schritten",
        ],
        edges: [
            "Auf „{}“ folgt „{}“.",
            "Wenn ja, folgt auf „{}“ „{}“.",
            "Wenn nein, folgt auf „{}“ „{}“.",
            "Zu „{}“ gehört „{}“.",
            "Eine Art von „{}“ ist „{}“.",
            "„{}“ bewirkt „{}“.",
            "„{}“ sendet an „{}“.",
            "„{}“ hängt zusammen mit „{}“.",
        ],
        labelled: "{} Am Pfeil steht: „{}“.",
        one_box: "ein Kasten",
        boxes: "{} Kästen",
        one_arrow: "ein Pfeil",
        arrows: "{} Pfeile",
        does: "{}: {}.",
        holds: "„{}“ enthält {}.",
        when: "{}: „{}“.",
        amounts: "„{}“: {}.",
        pair: "{} und {}",
        comma: ", ",
        quoted: "„{}“",
        alone: "„{}“.",
        sums: "{}: {}.",
        titled: "{}. {}",
        gathered: "Jetzt im Bild: {}.",
        note: "Anmerkung: {}",
        contents: "Inhalt",
        picture: "Was das Bild zeigt",
        spoken: "Was gesagt wird",
    },
    Phrases {
        lang: "hi",
        kinds: [
            "प्रवाह आरेख",
            "स्विमलेन आरेख",
            "अनुक्रम आरेख",
            "समयरेखा",
            "पदानुक्रम",
            "चक्र",
            "तुलना",
            "संरचना आरेख",
            "कारण और प्रभाव का आरेख",
            "माइंड मैप",
            "अवस्था आरेख",
            "संख्याओं का आरेख",
            "चरणों की सूची",
        ],
        edges: [
            "“{}” के बाद “{}” आता है।",
            "यदि हाँ, तो “{}” के बाद “{}” आता है।",
            "यदि नहीं, तो “{}” के बाद “{}” आता है।",
            "“{}” में “{}” शामिल है।",
            "“{}” का एक प्रकार “{}” है।",
            "“{}” से “{}” होता है।",
            "“{}” से “{}” को संदेश जाता है।",
            "“{}” का संबंध “{}” से है।",
        ],
        labelled: "{} तीर पर लिखा है: “{}”।",
        one_box: "एक बॉक्स",
        boxes: "{} बॉक्स",
        one_arrow: "एक तीर",
        arrows: "{} तीर",
        does: "{}: {}।",
        holds: "“{}” में हैं: {}।",
        when: "{}: “{}”।",
        amounts: "“{}”: {}।",
        pair: "{} और {}",
        comma: ", ",
        quoted: "“{}”",
        alone: "“{}”।",
        sums: "{}: {}।",
        titled: "{}। {}",
        gathered: "अब स्क्रीन पर: {}।",
        note: "टिप्पणी: {}",
        contents: "विषय-सूची",
        picture: "चित्र में क्या दिखता है",
        spoken: "क्या कहा गया",
    },
    Phrases {
        lang: "ja",
        kinds: [
            "フローチャート",
            "スイムレーン図",
            "シーケンス図",
            "タイムライン",
            "階層図",
            "循環図",
            "比較表",
            "構成図",
            "因果関係の図",
            "マインドマップ",
            "状態遷移図",
            "グラフ",
            "手順の一覧",
        ],
        edges: [
            "「{}」の次は「{}」です。",
            "はいの場合、「{}」の次は「{}」です。",
            "いいえの場合、「{}」の次は「{}」です。",
            "「{}」には「{}」が含まれます。",
            "「{}」の一種に「{}」があります。",
            "「{}」によって「{}」が起こります。",
            "「{}」から「{}」へ送られます。",
            "「{}」は「{}」と関係があります。",
        ],
        labelled: "{}矢印の文字は「{}」です。",
        one_box: "箱が1個",
        boxes: "箱が{}個",
        one_arrow: "矢印が1本",
        arrows: "矢印が{}本",
        does: "{}：{}。",
        holds: "「{}」の中には{}があります。",
        when: "{}：「{}」。",
        amounts: "「{}」：{}。",
        pair: "{}、{}",
        comma: "、",
        quoted: "「{}」",
        alone: "「{}」。",
        sums: "{}：{}。",
        titled: "{}。{}",
        gathered: "現在の画面：{}。",
        note: "注記：{}",
        contents: "目次",
        picture: "画面に見えるもの",
        spoken: "話されていること",
    },
    Phrases {
        lang: "zh",
        kinds: [
            "流程图",
            "泳道图",
            "时序图",
            "时间线",
            "层级图",
            "循环图",
            "对比表",
            "架构图",
            "因果图",
            "思维导图",
            "状态图",
            "数据图",
            "步骤列表",
        ],
        edges: [
            "“{}”之后是“{}”。",
            "如果是，“{}”之后是“{}”。",
            "如果否，“{}”之后是“{}”。",
            "“{}”包含“{}”。",
            "“{}”的一种是“{}”。",
            "“{}”导致“{}”。",
            "“{}”发送给“{}”。",
            "“{}”与“{}”有关。",
        ],
        labelled: "{}箭头上写着“{}”。",
        one_box: "1个方框",
        boxes: "{}个方框",
        one_arrow: "1个箭头",
        arrows: "{}个箭头",
        does: "{}：{}。",
        holds: "“{}”中有{}。",
        when: "{}：“{}”。",
        amounts: "“{}”：{}。",
        pair: "{}和{}",
        comma: "、",
        quoted: "“{}”",
        alone: "“{}”。",
        sums: "{}：{}。",
        titled: "{}。{}",
        gathered: "当前画面：{}。",
        note: "备注：{}",
        contents: "目录",
        picture: "画面内容",
        spoken: "讲述内容",
    },
    Phrases {
        lang: "ar",
        kinds: [
            "مخطط انسيابي",
            "مخطط مسارات",
            "مخطط تسلسل",
            "خط زمني",
            "تسلسل هرمي",
            "دورة",
            "مقارنة",
            "مخطط بنية",
            "مخطط أسباب ونتائج",
            "خريطة ذهنية",
            "مخطط حالات",
            "رسم بياني",
            "قائمة خطوات",
        ],
        edges: [
            "«{}» يؤدي إلى «{}».",
            "إذا كان الجواب نعم، فإن «{}» يؤدي إلى «{}».",
            "إذا كان الجواب لا، فإن «{}» يؤدي إلى «{}».",
            "«{}» يحتوي على «{}».",
            "من أنواع «{}»: «{}».",
            "«{}» يسبب «{}».",
            "«{}» يرسل إلى «{}».",
            "«{}» له علاقة بـ«{}».",
        ],
        labelled: "{} على السهم: «{}».",
        one_box: "مربع واحد",
        boxes: "عدد المربعات {}",
        one_arrow: "سهم واحد",
        arrows: "عدد الأسهم {}",
        does: "{}: {}.",
        holds: "«{}» يضم {}.",
        when: "{}: «{}».",
        amounts: "«{}»: {}.",
        pair: "{} و{}",
        comma: "، ",
        quoted: "«{}»",
        alone: "«{}».",
        sums: "{}: {}.",
        titled: "{}. {}",
        gathered: "على الشاشة الآن: {}.",
        note: "ملاحظة: {}",
        contents: "المحتويات",
        picture: "ما تعرضه الصورة",
        spoken: "ما يقال",
    },
];

impl Phrases {
    /// The phrases for a BCP 47 language.
    pub(super) fn of(lang: &str) -> &'static Self {
        let primary = lang.split(['-', '_']).next().unwrap_or_default();
        ALL.iter().find(|p| p.lang.eq_ignore_ascii_case(primary)).unwrap_or(&ALL[0])
    }

    pub(super) fn kind(&self, kind: Kind) -> &'static str {
        self.kinds[Kind::ALL.iter().position(|k| *k == kind).unwrap_or(0)]
    }

    pub(super) fn edge(&self, kind: EdgeType) -> &'static str {
        self.edges[EdgeType::ALL.iter().position(|k| *k == kind).unwrap_or(0)]
    }

    /// `one`, or `many` with its number.
    pub(super) fn count(one: &str, many: &str, n: usize) -> String {
        if n == 1 { one.to_owned() } else { many.replace("{}", &n.to_string()) }
    }

    /// `a, b and c`.
    pub(super) fn list(&self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => put(self.pair, &[&first.join(self.comma), last]),
        }
    }
}

/// Puts values where a phrase has `{}`; the values themselves are not looked at again.
pub(super) fn put(phrase: &str, values: &[&str]) -> String {
    let mut out = String::with_capacity(phrase.len() + 32);
    let mut values = values.iter();
    for (i, part) in phrase.split("{}").enumerate() {
        if i > 0 {
            out.push_str(values.next().copied().unwrap_or_default());
        }
        out.push_str(part);
    }
    out
}
