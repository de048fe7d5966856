//! What can be doubtful about a drawing: a code that stays, what its sentence names, and the sentence in English.
//!
//! The page says a code in the reader's language (`assets/web/src/routes/doubt-words.ts`); programs that do not know it show the
//! English sentence.

use std::collections::BTreeMap;

use super::assist::Refused;
use crate::storyboard::{Extra, Kind, ReviewItem, WordRange};

/// Something that a person should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt<'a> {
    /// Another kind is nearly as likely.
    Kind(Kind),
    /// The scene has no boxes.
    Empty,
    /// A box is drawn from little.
    Box,
    /// An arrow is drawn from little.
    Arrow,
    /// A decision has no way for the other case.
    Otherwise,
    /// A box has no arrows.
    Alone,
    /// A step has no predecessor.
    Before,
    /// An actor's steps lead to nobody else's.
    HandsOver(&'a str),
    /// There are more boxes than can be followed.
    Many(usize),
    /// Boxes appear faster than they can be read.
    Burst,
    /// The talk is not in the language that it is said to be in.
    NotEnglish,
    /// The language has no rules of its own.
    NoRules(&'a str),
    /// A language model's answer is not used.
    Refused(&'a Refused),
    /// A language model gave no answer.
    Silent(&'a str),
}

impl Doubt<'_> {
    /// By which programs know it; it never changes its meaning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Kind(_) => "kind_unsure",
            Self::Empty => "nothing_drawn",
            Self::Box => "box_unsure",
            Self::Arrow => "arrow_unsure",
            Self::Otherwise => "otherwise_unsaid",
            Self::Alone => "box_alone",
            Self::Before => "before_unsaid",
            Self::HandsOver(_) => "hands_over_to_nobody",
            Self::Many(_) => "many_boxes",
            Self::Burst => "boxes_at_once",
            Self::NotEnglish => "not_english",
            Self::NoRules(_) => "no_rules",
            Self::Refused(Refused::TooLong | Refused::Kind(_)) => "model_too_long",
            Self::Refused(Refused::Ungrounded { .. }) => "model_ungrounded",
            Self::Refused(Refused::NoCompletion | Refused::CutOff | Refused::Schema(_)) => "model_unread",
            Self::Silent(_) => "model_silent",
        }
    }

    fn args(&self) -> BTreeMap<String, String> {
        let one = |name: &str, value: String| BTreeMap::from([(name.to_owned(), value)]);
        match self {
            Self::Kind(kind) => one("kind", kind.to_string()),
            Self::HandsOver(actor) => one("label", (*actor).to_owned()),
            Self::Many(boxes) => one("n", boxes.to_string()),
            Self::NoRules(lang) => one("lang", (*lang).to_owned()),
            Self::Refused(Refused::Ungrounded { dropped }) => one("n", dropped.to_string()),
            _ => BTreeMap::new(),
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Kind(kind) => format!("not sure that `{kind}` is the right kind"),
            Self::Empty => "nothing to draw was found".to_owned(),
            Self::Box => "not sure of this box".to_owned(),
            Self::Arrow => "not sure of this arrow".to_owned(),
            Self::Otherwise => "what happens otherwise is not said".to_owned(),
            Self::Alone => "nothing leads here and nothing follows".to_owned(),
            Self::Before => "what comes before this step is not said".to_owned(),
            Self::HandsOver(actor) => format!("{actor} hands over to nobody"),
            Self::Many(boxes) => format!("{boxes} boxes are many for one scene"),
            Self::Burst => "too many new boxes at once".to_owned(),
            Self::NotEnglish => "this does not read like English: drawn as plain steps".to_owned(),
            Self::NoRules(lang) => format!("no rules for language `{lang}`: drawn as plain steps"),
            Self::Refused(why) => format!("the language model was of no use here: {why}"),
            Self::Silent(why) => format!("the language model was of no use here: {why}"),
        }
    }

    /// The item about `scene` or `scene/element`, with the words that it is about.
    pub fn item(&self, target: String, words: Option<WordRange>) -> ReviewItem {
        ReviewItem {
            target,
            why: self.sentence(),
            code: Some(self.code().to_owned()),
            args: self.args(),
            words,
            extra: Extra::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_says_what_its_sentence_names() {
        let item = Doubt::HandsOver("Sales").item("s1/a1".to_owned(), Some([0, 3]));
        assert_eq!((item.code.as_deref(), item.args["label"].as_str()), (Some("hands_over_to_nobody"), "Sales"));
        assert_eq!(item.why, "Sales hands over to nobody");
        assert_eq!(Doubt::Many(13).item("s1".to_owned(), None).args["n"], "13");
        let refused = Refused::Ungrounded { dropped: 4 };
        assert_eq!(Doubt::Refused(&refused).item("s1".to_owned(), None).args["n"], "4");
    }

    #[test]
    fn items_of_files_without_codes_are_read_and_written_as_they_are() {
        let old = r#"{"target":"s1","why":"low confidence 0.50","words":[9,9]}"#;
        let item: ReviewItem = serde_json::from_str(old).unwrap();
        assert_eq!((item.code.as_deref(), item.args.len()), (None, 0));
        assert_eq!(serde_json::to_string(&item).unwrap(), old);
    }

    /// Each code has its message in the page: else a reader would get English.
    #[test]
    fn the_page_says_each_code() {
        let page = include_str!("../../../../assets/web/src/routes/doubt-words.ts");
        let refused = [
            Refused::TooLong,
            Refused::NoCompletion,
            Refused::CutOff,
            Refused::Schema(String::new()),
            Refused::Ungrounded { dropped: 1 },
        ];
        let own = [
            Doubt::Kind(Kind::Flow),
            Doubt::Empty,
            Doubt::Box,
            Doubt::Arrow,
            Doubt::Otherwise,
            Doubt::Alone,
            Doubt::Before,
            Doubt::HandsOver("Sales"),
            Doubt::Many(13),
            Doubt::Burst,
            Doubt::NotEnglish,
            Doubt::NoRules("pt"),
            Doubt::Silent("no route"),
        ];
        for doubt in own.into_iter().chain(refused.iter().map(Doubt::Refused)) {
            assert!(page.contains(&format!("'doubt_{}'", doubt.code())), "{}", doubt.code());
        }
    }
}
