//! What a person should look at before publishing: what is doubtful, and what a careful illustrator would ask back.

use super::doubt::Doubt;
use super::normalise::Text;
use crate::storyboard::{Actor, Kind, Node, ReviewItem, Role, Scene, WordRange};
use crate::transcript::Transcript;

/// Below this an element is doubtful.
const DOUBTFUL: f64 = 0.45;
/// More boxes than this in a scene are too many to follow.
const MOST_BOXES: usize = 12;
/// This many new boxes within [`SHORT`] words appear faster than anybody can read them.
const BURST: usize = 6;
/// Words in about five seconds of speech.
const SHORT: u32 = 12;

/// Adds what is doubtful about a scene.
pub(crate) fn check(scene: &Scene, review: &mut Vec<ReviewItem>) {
    let mut list = List { scene, review };
    if scene.confidence < DOUBTFUL {
        list.say(None, Doubt::Kind(scene.kind), Some(scene.words));
    }
    if scene.nodes.is_empty() {
        list.say(None, Doubt::Empty, Some(scene.words));
    }
    for node in &scene.nodes {
        list.node(node);
    }
    for actor in &scene.actors {
        list.actor(actor);
    }
    list.crowd();
    for edge in scene.edges.iter().filter(|e| e.confidence < DOUBTFUL) {
        list.say(Some(&edge.id), Doubt::Arrow, edge.evidence.first().copied());
    }
}

struct List<'s, 'r> {
    scene: &'s Scene,
    review: &'r mut Vec<ReviewItem>,
}

impl List<'_, '_> {
    fn say(&mut self, element: Option<&str>, doubt: Doubt<'_>, words: Option<WordRange>) {
        let target = element.map_or_else(|| self.scene.id.clone(), |id| format!("{}/{id}", self.scene.id));
        self.review.push(doubt.item(target, words));
    }

    fn node(&mut self, node: &Node) {
        let scene = self.scene;
        let words = node.evidence.first().copied();
        if node.confidence < DOUBTFUL {
            self.say(Some(&node.id), Doubt::Box, words);
        }
        let flows = matches!(scene.kind, Kind::Flow | Kind::Swimlane);
        let mut ways = scene.edges.iter().filter(|e| e.from == node.id);
        let (way, more) = (ways.next(), ways.next().is_some());
        let alone = |label: &str| node.role == Role::Decision || (flows && !label.is_empty());
        let open = |label: &str| if more { flows && self.all_conditional(node) } else { alone(label) };
        if let Some(way) = way.filter(|way| open(&way.label)) {
            let cited = way.evidence.first().copied().or(words);
            self.say(Some(&node.id), Doubt::Otherwise, cited);
        }
        let reached = scene.edges.iter().any(|e| e.to == node.id);
        let first = scene.nodes.first().is_some_and(|n| n.id == node.id);
        if way.is_none() && !reached && matches!(scene.kind, Kind::Flow | Kind::Causes | Kind::Sequence | Kind::State) {
            self.say(Some(&node.id), Doubt::Alone, words);
        } else if flows && !reached && !first {
            self.say(Some(&node.id), Doubt::Before, words);
        }
    }

    /// Whether each way on has its condition and none of them is taken when another is not.
    fn all_conditional(&self, node: &Node) -> bool {
        const OTHERWISE: &[&str] = &[
            "otherwise",
            "else",
            "not",
            "no",
            "unless",
            "other",
            "rest",
            "more",
            "less",
            "over",
            "under",
            "above",
            "below",
            "fewer",
            "without",
            "never",
            "neither",
            "missing",
            "wrong",
            "bad",
        ];
        let otherwise = |label: &str| {
            label.to_lowercase().split_whitespace().any(|word| {
                OTHERWISE.contains(&word)
                    || word.ends_with("n't")
                    || ["reject", "fail", "refuse", "declin", "denied"].iter().any(|stem| word.starts_with(stem))
            })
        };
        let mut ways = self.scene.edges.iter().filter(|e| e.from == node.id);
        ways.all(|e| !e.label.is_empty() && !otherwise(&e.label))
    }

    /// An actor whose steps lead to nobody else's, unless the work ends there.
    fn actor(&mut self, actor: &Actor) {
        let scene = self.scene;
        let lane = |id: &str| scene.nodes.iter().find(|n| n.id == id).and_then(|n| n.actor.as_deref());
        let own = |id: &str| lane(id) == Some(actor.id.as_str());
        let hands_over = scene.edges.iter().any(|e| own(&e.from) && !own(&e.to));
        let ends = scene.nodes.last().is_some_and(|n| own(&n.id));
        if !hands_over && !ends {
            self.say(Some(&actor.id), Doubt::HandsOver(&actor.label), actor.evidence.first().copied());
        }
    }

    /// More boxes than can be followed.
    fn crowd(&mut self) {
        let scene = self.scene;
        if scene.nodes.len() > MOST_BOXES {
            self.say(None, Doubt::Many(scene.nodes.len()), Some(scene.words));
        }
        let mut shown: Vec<WordRange> = scene.nodes.iter().filter_map(|n| n.evidence.first().copied()).collect();
        shown.sort_unstable();
        let burst = shown.windows(BURST).find(|w| w[BURST - 1][0] - w[0][0] < SHORT);
        if let Some(burst) = burst {
            let last = burst.iter().map(|w| w[1]).max().unwrap_or(burst[0][1]);
            self.say(None, Doubt::Burst, Some([burst[0][0], last]));
        }
    }
}

/// A talk without full stops has sentences of any length: one that would bring more words than this is no help.
const LONGEST: u32 = 80;
/// The same where a word is a letter or two.
const LONGEST_DENSE: u32 = 250;

/// As [`cite_sentences`], of a transcript as it was heard, whatever its language.
pub(crate) fn cite(transcript: &Transcript, items: &mut [ReviewItem]) {
    let mut ends: Vec<u32> = Vec::new();
    for (i, word) in transcript.words.iter().enumerate() {
        let next = transcript.words.get(i + 1);
        if word.ends_sentence() || next.is_none_or(|n| n.new_line || n.speaker != word.speaker) {
            ends.push(u32::try_from(i).unwrap_or(u32::MAX));
        }
    }
    for words in items.iter_mut().filter_map(|item| item.words.as_mut()) {
        let (first, last) = (ends.partition_point(|e| *e < words[0]), ends.partition_point(|e| *e < words[1]));
        let from = first.checked_sub(1).map_or(0, |k| ends[k].saturating_add(1));
        let whole = [from.min(words[0]), ends.get(last).copied().unwrap_or(words[1]).max(words[1])];
        let joined = transcript.words.get(words[0] as usize).is_some_and(|word| word.joined);
        let most = if joined { LONGEST_DENSE } else { LONGEST };
        if (whole[1] - whole[0]) - (words[1].saturating_sub(words[0])) <= most {
            *words = whole;
        }
    }
}

/// Widens the words of the items to the sentences they stand in, so that a person reads what was said.
pub(crate) fn cite_sentences(text: &Text, items: &mut [ReviewItem]) {
    for words in items.iter_mut().filter_map(|item| item.words.as_mut()) {
        let first = text.sentences.partition_point(|s| s.words[1] < words[0]);
        let end = text.sentences.partition_point(|s| s.words[0] <= words[1]);
        if let Some(sentences) = text.sentences.get(first..end)
            && let (Some(from), Some(to)) = (sentences.first(), sentences.last())
        {
            *words = [from.words[0].min(words[0]), to.words[1].max(words[1])];
        }
    }
}

/// Whether a transcript says that it is English, or says nothing.
fn claims_english(lang: &str) -> bool {
    let lang = lang.to_ascii_lowercase();
    matches!(lang.split(['-', '_']).next(), Some("" | "en" | "und") | None)
}

/// Says that a language has no rules of its own yet, or that the talk is not in the language it is said to be.
pub(crate) fn language(lang: &str, review: &mut Vec<ReviewItem>) {
    let doubt = if claims_english(lang) { Doubt::NotEnglish } else { Doubt::NoRules(lang) };
    review.push(doubt.item("s1".to_owned(), None));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storyboard::{Edge, sample};

    fn check_why(change: impl Fn(&mut Scene), target: &str, why: &str) {
        let mut scene = sample().scenes.remove(0);
        change(&mut scene);
        let mut review = Vec::new();
        check(&scene, &mut review);
        assert!(review.iter().any(|r| r.target == target && r.why == why && r.words.is_some()), "{why}: {review:?}");
    }

    #[test]
    fn gaps_in_the_story_are_asked_back() {
        check_why(|_| {}, "s1/n2", "what happens otherwise is not said");
        check_why(|s| s.edges[0].label = "full".to_owned(), "s1/n1", "what happens otherwise is not said");
        check_why(|s| s.edges[0].to = "n3".to_owned(), "s1/n2", "what comes before this step is not said");
        check_why(|s| s.edges.clear(), "s1/n1", "nothing leads here and nothing follows");
        check_why(|s| s.edges.clear(), "s1/a1", "Sales hands over to nobody");
        let crowd =
            |s: &mut Scene| s.nodes = (0..13).map(|i| Node { id: format!("m{i}"), ..s.nodes[0].clone() }).collect();
        check_why(crowd, "s1", "13 boxes are many for one scene");
        check_why(crowd, "s1", "too many new boxes at once");
    }

    fn ways(labels: [&str; 2]) -> Vec<String> {
        let mut scene = sample().scenes.remove(0);
        let edge = scene.edges[0].clone();
        scene.edges = (0..2)
            .map(|i| Edge { id: format!("x{i}"), from: "n1".to_owned(), label: labels[i].to_owned(), ..edge.clone() })
            .collect();
        let mut review = Vec::new();
        check(&scene, &mut review);
        review.into_iter().filter(|r| r.target == "s1/n1" && r.why.contains("otherwise")).map(|r| r.why).collect()
    }

    #[test]
    fn ways_that_are_all_conditional_leave_one_unsaid() {
        let asked = ["what happens otherwise is not said"];
        assert_eq!(ways(["red", "green"]), asked);
        for labels in [
            ["red", "otherwise"],
            ["red", ""],
            ["in stock", "not in stock"],
            ["approved", "rejected"],
            ["under 500", "more"],
        ] {
            assert!(ways(labels).is_empty(), "{labels:?}");
        }
    }

    #[test]
    fn items_cite_whole_sentences() {
        let transcript = Transcript::from_text("Um, we pack it. Then the box, sorry, the crate goes out. Done.", "en");
        let text = super::super::normalise::normalise(&transcript, super::super::lexicon::Lexicon::english());
        let cited = |words: Option<WordRange>| {
            let mut items = [Doubt::Box.item("s1".to_owned(), words)];
            cite_sentences(&text, &mut items);
            items[0].words
        };
        assert_eq!(cited(Some([2, 2])), Some([0, 3]));
        assert_eq!(cited(Some([8, 9])), Some([4, 11]));
        assert_eq!(cited(Some([3, 4])), Some([0, 11]));
        assert_eq!(cited(None), None);
    }

    #[test]
    fn items_of_any_language_cite_whole_sentences() {
        let cited = |text: &str, lang: &str, words| {
            let mut items = [Doubt::Box.item("s1".to_owned(), Some(words))];
            let transcript = Transcript::from_text(text, lang);
            cite(&transcript, &mut items);
            let [from, to] = items[0].words.unwrap();
            transcript.text(from as usize, to as usize)
        };
        let text = "Zuerst prüfen wir den Bestand. Dann wird die Ware verpackt. Danach kommt die Rechnung.";
        assert_eq!(cited(text, "de", [6, 7]), "Dann wird die Ware verpackt.");
        assert_eq!(cited(text, "de", [4, 5]), "Zuerst prüfen wir den Bestand. Dann wird die Ware verpackt.");
        assert_eq!(cited("まず在庫を確認します。次に商品を送ります。", "ja", [1, 1]), "まず在庫を確認します。");
        assert_eq!(cited(&"Wort ".repeat(300), "de", [7, 7]), "Wort", "no sentence has 300 words");
    }
}
