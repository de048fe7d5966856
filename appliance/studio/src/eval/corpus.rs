//! The compact form of annotated passages; `assets/language/en/corpus/GUIDELINES.md` describes it.

use super::check::{check, house};
use super::passage::{Diagram, Fault, GoldEdge, GoldNode, Passage, Problem};
use super::similar::LANGUAGES;
use crate::outline::assemble::only_time;
use crate::storyboard::Kind;

/// The passages of one file.
///
/// # Errors
/// Everything that is wrong with the file, in the order of its lines.
pub fn corpus(text: &str) -> Result<Vec<Passage>, Vec<Problem>> {
    if text.len() > super::MAX_BYTES {
        return Err(vec![Problem { line: 0, fault: Fault::TooLarge }]);
    }
    let mut reader = Reader::default();
    for (i, line) in text.lines().enumerate() {
        reader.line(i + 1, line.trim_end());
    }
    let Reader { mut passages, mut problems, .. } = reader;
    problems.extend(check(&mut passages));
    problems.extend(house(&passages));
    problems.sort_by_key(|p| p.line);
    if problems.is_empty() { Ok(passages) } else { Err(problems) }
}

#[derive(Default)]
struct Reader {
    passages: Vec<Passage>,
    problems: Vec<Problem>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) {
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        if let Some(head) = line.strip_prefix("=== ") {
            return self.head(number, head);
        }
        let Some(passage) = self.passages.last_mut() else {
            return self.problems.push(Problem { line: number, fault: Fault::Stray });
        };
        let read = if let Some(scene) = line.strip_prefix("@ ") {
            scene_line(number, scene).map(|scene| passage.scenes.push(scene))
        } else if let Some(scene) = passage.scenes.last_mut() {
            element(number, line, scene)
        } else {
            if !passage.text.is_empty() {
                passage.text.push('\n');
            }
            passage.text.push_str(line);
            Ok(())
        };
        if let Err(fault) = read {
            self.problems.push(Problem { line: number, fault });
        }
    }

    fn head(&mut self, line: usize, head: &str) {
        let parts: Vec<&str> = head.split('|').map(str::trim).collect();
        let mut fault = |fault| self.problems.push(Problem { line, fault });
        let (id, kind, domain, style, lang) = match parts[..] {
            [id, kind, domain, style] => (id, kind, domain, style, "en"),
            [id, kind, domain, style, lang] => (id, kind, domain, style, lang),
            _ => return fault(Fault::Head),
        };
        if !LANGUAGES.contains(&lang) {
            fault(Fault::Language(lang.to_owned()));
        }
        let kind = kind.parse().unwrap_or_else(|e| {
            fault(Fault::Kind(e));
            Kind::Steps
        });
        self.passages.push(Passage {
            id: id.to_owned(),
            line,
            kind,
            domain: domain.to_owned(),
            style: style.to_owned(),
            lang: lang.to_owned(),
            text: String::new(),
            scenes: Vec::new(),
        });
    }
}

/// `kind "title" : first words`
fn scene_line(line: usize, text: &str) -> Result<Diagram, Fault> {
    let (kind, rest) = text.split_once(" \"").ok_or(Fault::SceneLine)?;
    let (title, rest) =
        rest.rsplit_once("\" : ").or_else(|| Some((rest.strip_suffix('"')?, ""))).ok_or(Fault::SceneLine)?;
    if title.is_empty() {
        return Err(Fault::SceneLine);
    }
    Ok(Diagram {
        line,
        kind: kind.trim().parse().map_err(Fault::Kind)?,
        title: title.to_owned(),
        starts_at: rest.trim().to_owned(),
        first_word: None,
        nodes: Vec::new(),
        edges: Vec::new(),
    })
}

/// `a -> b : label`, `a -- b`, or `id : label | alias = value [container]`
fn element(line: usize, text: &str, scene: &mut Diagram) -> Result<(), Fault> {
    let unread = || Fault::Line(text.to_owned());
    let name = |id: &str| id.chars().all(|c| c.is_alphanumeric() || c == '_') && !id.is_empty();
    for (mark, directed) in [(" -> ", true), (" -- ", false)] {
        let Some((from, rest)) = text.split_once(mark).filter(|(from, _)| name(from)) else { continue };
        let (to, label) = rest.split_once(" :").map_or((rest, ""), |(to, label)| (to, label.trim()));
        if !name(to) {
            return Err(unread());
        }
        let (from, to, label) = (from.to_owned(), to.to_owned(), label.to_owned());
        scene.edges.push(GoldEdge { line, from, to, label, directed });
        return Ok(());
    }
    let (id, mut rest) = text.split_once(" : ").filter(|(id, _)| name(id)).ok_or_else(unread)?;
    let mut node = GoldNode { line, id: id.to_owned(), ..GoldNode::default() };
    if let Some((before, group)) = rest.strip_suffix(']').and_then(|r| r.rsplit_once('[')).filter(|(_, g)| name(g)) {
        node.group = Some(group.to_owned());
        rest = before.trim_end();
    }
    if let Some((before, value)) = rest.rsplit_once("= ")
        && let Ok(value) = value.parse::<f64>()
        && value.is_finite()
    {
        node.value = Some(value);
        rest = before.trim_end();
    }
    let mut names = rest.split('|').map(|n| n.trim().to_owned());
    node.label = names.next().filter(|label| !label.is_empty()).ok_or_else(unread)?;
    // Of an event an alias may say when it is: that is no name of it.
    let date = |alias: &String| scene.kind == Kind::Timeline && only_time(alias);
    node.aliases = names.filter(|alias| !alias.is_empty() && !date(alias)).collect();
    scene.nodes.push(node);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "\
# A comment.
=== mill-flow-01 | flow | milling | plain
First we clean the grain. Then we grind it. Now the shops. One sells forty bags, the other nine.
@ flow \"Grain to flour\"
clean : clean grain | cleaning
grind : grind grain | grind it [mill]
mill : we | mill house
clean -> grind : done
grind -- mill
@ quantities \"Bags: sold\" : Now the shops.
one : one = 40
two : other shop = 9
";

    #[test]
    fn a_file_gives_its_passages() {
        let passages = corpus(SOUND).unwrap();
        assert_eq!(passages.len(), 1);
        let [flow, bags] = &passages[0].scenes[..] else { panic!("two scenes") };
        assert_eq!(flow.nodes[0].aliases, ["cleaning"]);
        assert_eq!(flow.nodes[1].group.as_deref(), Some("mill"));
        assert_eq!((flow.edges[0].label.as_str(), flow.edges[0].directed), ("done", true));
        assert!(!flow.edges[1].directed);
        assert_eq!((bags.title.as_str(), bags.first_word, bags.nodes[0].value), ("Bags: sold", Some(9), Some(40.0)));
    }

    fn check(change: (&str, &str), line: usize, expected: Fault) {
        let text = SOUND.replacen(change.0, change.1, 1);
        assert_ne!(text, SOUND, "{change:?}");
        let problems = corpus(&text).unwrap_err();
        assert!(problems.contains(&Problem { line, fault: expected }), "{change:?}: {problems:?}");
    }

    #[test]
    fn every_fault_has_its_line() {
        check((" | plain", ""), 2, Fault::Head);
        check(("| plain", "| plain | xx"), 2, Fault::Language("xx".to_owned()));
        check(("| plain", "| plain | de | x"), 2, Fault::Head);
        check(("| plain", "| sung"), 2, Fault::Style("sung".to_owned()));
        check(("# A", "A"), 1, Fault::Stray);
        check(("@ flow \"Grain to flour\"", "@ flow Grain"), 4, Fault::SceneLine);
        check(("clean -> grind : done", "clean => grind"), 8, Fault::Line("clean => grind".to_owned()));
        check(("clean -> grind", "clean -> grinds"), 8, Fault::EdgeEnd("grinds".to_owned()));
        check(("grind -- mill", "clean -> mill"), 9, Fault::Fork("clean".to_owned()));
        let twice = Fault::EdgeTwice("clean".to_owned(), "grind".to_owned());
        check(("grind -- mill", "clean -> grind : again"), 9, twice);
        check(("[mill]", "[barn]"), 6, Fault::Container("barn".to_owned()));
        check(("mill : we", "grind : we"), 7, Fault::NodeTwice("grind".to_owned()));
        check(("clean grain | cleaning", "wash"), 5, Fault::Unspoken("wash".to_owned()));
        check((": Now the shops.", ""), 10, Fault::NoStart);
        check((": Now the shops.", ": Now the barns."), 10, Fault::Start("Now the barns.".to_owned()));
        check(("two : other shop = 9\n", ""), 10, Fault::TooFewNodes);
    }

    #[test]
    fn the_date_of_an_event_is_no_name_of_it() {
        let text =
            SOUND.replace("@ flow", "@ timeline").replace("clean grain | cleaning", "clean grain | cleaning | 1936");
        let passages = corpus(&text.replace("the grain. Then", "the grain, in 1936. Then")).unwrap();
        assert_eq!(passages[0].scenes[0].nodes[0].aliases, ["cleaning"]);
    }

    #[test]
    fn all_problems_come_at_once() {
        let text = SOUND.replace("[mill]", "[barn]").replace("= 40", "= forty").replace("Now the shops.\n", "Never.\n");
        assert_eq!(corpus(&text).unwrap_err().len(), 2);
        let twice = format!("{SOUND}{SOUND}");
        assert_eq!(corpus(&twice).unwrap_err()[0].fault, Fault::PassageTwice("mill-flow-01".to_owned()));
    }

    #[test]
    fn passages_say_their_language() {
        let text = "=== 送る-steps-01 | steps | 送る | plain | ja\nまず在庫を確認します。次に荷物を送ります。それでは請求です。請求書を書きます。切手を貼ります。\n\
                    @ steps \"発送\"\na : 在庫を確認\nb : 荷物を送る\na -> b\n@ steps \"請求\" : それでは請求です。\nc : 請求書を書く\nd : 切手を貼る\nc -> d\n";
        let passage = corpus(text).unwrap().remove(0);
        assert_eq!((passage.lang.as_str(), passage.english()), ("ja", false));
        let words = passage.transcript().words;
        let first = passage.scenes[1].first_word.unwrap();
        assert!(words[first].text.starts_with('そ'), "{:?}", words[first]);
        let unspoken = corpus(&text.replace("切手を貼る", "荷馬車")).unwrap_err();
        assert_eq!(unspoken[0].fault, Fault::Unspoken("荷馬車".to_owned()));
        assert_eq!(corpus(SOUND).unwrap()[0].lang, "en");
    }

    #[test]
    fn whoever_says_i_is_me_too() {
        let text = "=== a-sequence-01 | sequence | a | plain\nI ask the clerk. The clerk answers me.\n\
                    @ sequence \"A\"\nm : caller | I\nc : clerk\nm -> c : ask\nc -> m : answer\n";
        let fault = Fault::Oneself("caller".to_owned(), "I", "me");
        assert_eq!(corpus(text).unwrap_err(), [Problem { line: 4, fault }]);
        assert!(corpus(&text.replace("| I", "| I | me")).is_ok());
    }
}
