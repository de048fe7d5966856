//! The words around what the speaker said, by language; English where a language has none yet.

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
    pub(super) and: &'static str,
    pub(super) gathered: &'static str,
    pub(super) note: &'static str,
    pub(super) contents: &'static str,
    pub(super) picture: &'static str,
    pub(super) spoken: &'static str,
}

const ALL: [Phrases; 2] = [
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
        and: "and",
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
        and: "und",
        gathered: "Jetzt im Bild: {}.",
        note: "Anmerkung: {}",
        contents: "Inhalt",
        picture: "Was das Bild zeigt",
        spoken: "Was gesagt wird",
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
            [first @ .., last] => format!("{} {} {last}", first.join(", "), self.and),
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
