//! Descriptions of processes with annotated spans and relations (PET), learned and found with what the outliner is made
//! of: the same tagger and clause reader, linear models, and a linear-chain random field. Folds are predicted by models
//! that have not seen them.

mod chain;
mod document;
mod mentions;
mod page;
mod relations;
mod score;

pub use document::{Annotation, Document, Link, Mention, ReadError, Relation, Type, documents, folds};
pub use score::{Figures, Tally};

use mentions::Finder;
use page::Page;
use relations::{Joiner, Spans};

/// Parts of the training texts of which each is read with what the others teach, so that relations are learned on spans
/// as they are found.
const PARTS: usize = 4;

/// Predicts each document by models trained on the folds that do not hold it, in the order of the documents.
pub fn cross_validate(documents: &[Document], folds: &[Vec<usize>]) -> Vec<Annotation> {
    let pages: Vec<Page<'_>> = documents.iter().map(Page::of).collect();
    let mut out: Vec<Annotation> = vec![Annotation::default(); documents.len()];
    for held in folds {
        let rest: Vec<&Page<'_>> = (0..pages.len()).filter(|i| !held.contains(i)).map(|i| &pages[i]).collect();
        let (finder, joiner) = train(&rest);
        for at in held {
            let page = &pages[*at];
            let spans = Spans::new(page, finder.find(page));
            let relations = joiner.join(&spans);
            out[*at] = Annotation { id: documents[*at].gold.id.clone(), mentions: spans.list, relations };
        }
    }
    out
}

fn train(pages: &[&Page<'_>]) -> (Finder, Joiner) {
    let mut found: Vec<Spans<'_, '_>> = Vec::new();
    for part in 0..PARTS {
        let rest: Vec<&Page<'_>> =
            pages.iter().enumerate().filter(|(i, _)| i % PARTS != part).map(|(_, p)| *p).collect();
        let finder = Finder::train(&rest);
        found.extend(
            pages.iter().enumerate().filter(|(i, _)| i % PARTS == part).map(|(_, p)| Spans::new(p, finder.find(p))),
        );
    }
    found.extend(pages.iter().map(|p| Spans::new(p, p.document.gold.mentions.clone())));
    (Finder::train(pages), Joiner::train(&found))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text whose words carry their annotation: `A` activity, `D` data, `P` performer; flow goes from activity to activity.
    fn row(id: &str, sentences: &[&str]) -> String {
        let (mut tokens, mut mentions, mut relations) = (Vec::new(), Vec::new(), Vec::new());
        let mut last: Option<usize> = None;
        for (s, sentence) in sentences.iter().enumerate() {
            let at = mentions.len();
            for (i, word) in sentence.split(' ').enumerate() {
                let (text, mark) = word.split_once('/').unwrap_or((word, ""));
                tokens.push(serde_json::json!({ "text": text, "sentence_id": s }));
                let kind = match mark {
                    "A" => "Activity",
                    "D" => "Activity Data",
                    "P" => "Actor",
                    _ => continue,
                };
                mentions.push(serde_json::json!({ "ner": kind, "sentence_id": s, "token_indices": [i] }));
            }
            let end = |i: usize| serde_json::json!({ "mention_indices": [i] });
            let mut join = |kind: &str, a: usize, b: usize| {
                relations.push(serde_json::json!({ "type": kind, "head_entity": end(a), "tail_entity": end(b) }));
            };
            // Each sentence says who does what with what.
            join("actor performer", at + 1, at);
            join("uses", at + 1, at + 2);
            if let Some(last) = last {
                join("flow", last, at + 1);
            }
            last = Some(at + 1);
        }
        serde_json::json!({ "id": id, "tokens": tokens, "mentions": mentions, "relations": relations }).to_string()
    }

    fn texts() -> String {
        let rows = [
            row("a", &["The clerk/P checks/A the form/D .", "Then the cook/P washes/A the rice/D ."]),
            row("b", &["The nurse/P checks/A the chart/D .", "Then the clerk/P sends/A the bill/D ."]),
            row("c", &["The cook/P sends/A the rice/D .", "Then the nurse/P checks/A the bill/D ."]),
            row("d", &["The clerk/P washes/A the chart/D .", "Then the cook/P checks/A the form/D ."]),
        ];
        rows.join("\n")
    }

    #[test]
    fn what_other_texts_show_is_found() {
        let documents = documents(&texts()).unwrap();
        let folds = folds(r#"[{"test": ["a", "b"]}, {"test": ["c", "d"]}]"#, &documents).unwrap();
        let found = cross_validate(&documents, &folds);
        let figures = Figures::of(found.iter().zip(documents.iter().map(|d| &d.gold)));
        assert!(figures.mention().f1() > 0.8, "{}", figures.text());
        assert!(figures.relation().f1() > 0.6, "{}", figures.text());
        assert_eq!(cross_validate(&documents, &folds), found);
        let perfect = Figures::of(documents.iter().map(|d| (&d.gold, &d.gold)));
        assert!((perfect.flow().f1() - 1.0).abs() < 1e-9 && perfect.strict.right == 24);
    }

    #[test]
    fn other_files_are_told_apart() {
        let told = |text: &str| documents(text).unwrap_err().to_string();
        assert_eq!(told("{}"), "line 1 is no document of PET");
        let outside = texts().replacen(r#""token_indices":[1]"#, r#""token_indices":[77]"#, 1);
        assert_eq!(told(&outside), "line 1 names a token, sentence or mention that it has not");
        let documents = documents(&texts()).unwrap();
        assert!(matches!(folds(r#"[{"test": ["a"]}]"#, &documents), Err(ReadError::Unfolded(id)) if id == "b"));
        assert!(folds("{}", &documents).is_err());
    }
}
