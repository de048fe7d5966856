//! Whether annotations are sound, beyond their grammar.

use std::collections::HashSet;

use super::passage::{Diagram, Fault, Passage, Problem};
use super::similar::stems_of;
use crate::storyboard::Kind;

const STYLES: &[&str] = &[
    "plain",
    "digression",
    "fillers",
    "question-led",
    "self-correction",
    "passive",
    "dialogue",
    "enumeration",
    "pronouns",
    "rambling",
    "terse",
    "narrative",
];
/// Most words of a label.
const LABEL_WORDS: usize = 6;

/// Finds where the scenes start, and reports whatever does not fit together, also among several files.
pub fn check(passages: &mut [Passage]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for passage in passages {
        let line = passage.line;
        let mut say = |line, fault| problems.push(Problem { line, fault });
        if !seen.insert(passage.id.clone()) {
            say(line, Fault::PassageTwice(passage.id.clone()));
        }
        if passage.text.trim().is_empty() {
            say(line, Fault::NoText(passage.id.clone()));
        }
        if passage.scenes.is_empty() {
            say(line, Fault::NoScene(passage.id.clone()));
        }
        let lang = passage.lang.clone();
        let said: HashSet<String> = spoken(&passage.text, &lang).collect();
        let words: Vec<String> = passage.transcript().words.into_iter().map(|word| word.text).collect();
        starts(&words, &mut passage.scenes, &mut say);
        for scene in &passage.scenes {
            diagram(scene, &lang, &said, &mut say);
        }
    }
    problems
}

/// The rules of our own corpus: known styles, short labels, whole forks, one edge a way.
pub(super) fn house(passages: &[Passage]) -> Vec<Problem> {
    let style = passages
        .iter()
        .filter(|p| !STYLES.contains(&p.style.as_str()))
        .map(|p| Problem { line: p.line, fault: Fault::Style(p.style.clone()) });
    let label = passages
        .iter()
        .flat_map(|p| &p.scenes)
        .flat_map(|s| &s.nodes)
        .filter(|n| n.label.split_whitespace().count() > LABEL_WORDS)
        .map(|n| Problem { line: n.line, fault: Fault::LongLabel(n.label.clone()) });
    let mut out: Vec<Problem> = style.chain(label).collect();
    for scene in passages.iter().flat_map(|p| &p.scenes) {
        edges(scene, &mut out);
        if scene.kind == Kind::Sequence {
            oneself(scene, &mut out);
        }
    }
    out
}

/// Whoever takes part as "I" is spoken of as "me" too.
fn oneself(scene: &Diagram, out: &mut Vec<Problem>) {
    for node in &scene.nodes {
        let named = |name: &str| node.label == name || node.aliases.iter().any(|alias| alias == name);
        for (subject, object) in [("I", "me"), ("we", "us")] {
            if named(subject) && !named(object) {
                out.push(Problem { line: node.line, fault: Fault::Oneself(node.label.clone(), subject, object) });
            }
        }
    }
}

/// Forks are labelled as a whole, and only messages repeat.
fn edges(scene: &Diagram, out: &mut Vec<Problem>) {
    for (i, edge) in scene.edges.iter().enumerate() {
        let mut before = scene.edges[..i].iter().filter(|e| e.from == edge.from);
        let branches = matches!(scene.kind, Kind::Flow | Kind::Swimlane);
        if branches && before.clone().next().is_some_and(|e| e.label.is_empty() != edge.label.is_empty()) {
            out.push(Problem { line: edge.line, fault: Fault::Fork(edge.from.clone()) });
        }
        if scene.kind != Kind::Sequence && before.any(|e| e.to == edge.to) {
            out.push(Problem { line: edge.line, fault: Fault::EdgeTwice(edge.from.clone(), edge.to.clone()) });
        }
    }
}

/// The stems of the words of a text, function words included.
fn spoken<'t>(text: &'t str, lang: &'t str) -> impl Iterator<Item = String> + 't {
    let part = move |c: char| if lang == "en" { !c.is_ascii_alphanumeric() } else { !c.is_alphanumeric() };
    text.split(part).filter(|part| !part.is_empty()).flat_map(move |part| stems_of(part, lang))
}

/// Writes the first word of every scene.
fn starts(words: &[String], scenes: &mut [Diagram], say: &mut impl FnMut(usize, Fault)) {
    let mut before = None;
    for (i, scene) in scenes.iter_mut().enumerate() {
        let first: Vec<&str> = scene.starts_at.split_whitespace().collect();
        if first.is_empty() && i > 0 {
            say(scene.line, Fault::NoStart);
            continue;
        }
        let at = if first.is_empty() { Some(0) } else { position(words, &first) };
        let at = at.filter(|at| before.is_none_or(|before| *at > before));
        match at {
            Some(0) | None if i == 0 => {}
            Some(_) if i == 0 => say(scene.line, Fault::FirstStart),
            None => say(scene.line, Fault::Start(scene.starts_at.clone())),
            Some(_) => {}
        }
        scene.first_word = at;
        before = at.or(before);
    }
}

/// Where the words of a start stand. Words without spaces between them are cut otherwise in the text, so letters are compared.
fn position(words: &[String], first: &[&str]) -> Option<usize> {
    let wanted = first.concat();
    (0..words.len()).find(|at| {
        let mut rest = wanted.as_str();
        for word in &words[*at..] {
            match rest.strip_prefix(word.as_str()) {
                Some("") => return true,
                Some(after) => rest = after,
                None => return false,
            }
        }
        false
    })
}

fn diagram(scene: &Diagram, lang: &str, said: &HashSet<String>, say: &mut impl FnMut(usize, Fault)) {
    let mut ids: HashSet<&str> = HashSet::new();
    if scene.nodes.len() < 2 {
        say(scene.line, Fault::TooFewNodes);
    }
    for node in &scene.nodes {
        if !ids.insert(&node.id) {
            say(node.line, Fault::NodeTwice(node.id.clone()));
        }
        let names = std::iter::once(&node.label).chain(&node.aliases);
        if !names.flat_map(|name| spoken(name, lang)).any(|stem| said.contains(&stem)) {
            say(node.line, Fault::Unspoken(node.label.clone()));
        }
    }
    for node in &scene.nodes {
        if let Some(group) = node.group.as_deref().filter(|g| !ids.contains(g)) {
            say(node.line, Fault::Container(group.to_owned()));
        }
    }
    for edge in &scene.edges {
        for end in [&edge.from, &edge.to].into_iter().filter(|end| !ids.contains(end.as_str())) {
            say(edge.line, Fault::EdgeEnd(end.clone()));
        }
    }
}
