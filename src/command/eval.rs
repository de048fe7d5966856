//! `audiagram eval`: how good the outlines are, on annotated passages.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use studio::eval::{self, Passage, Problem, pet};
use studio::outline::{CueOutliner, WeightedOutliner, Weights};
use studio::storyboard::{self, Kind as SceneKind};

use crate::console;
use crate::failure::{Failure, Kind};
use crate::files;

/// Measure the outliner on annotated passages
///
/// A folder holds corpus files (`.txt`, many passages each, in the format of `assets/language/en/corpus/GUIDELINES.md`)
/// or gold narrations (`.json`, one passage each). Boxes and arrows are counted over all passages; folds are by domain. A
/// passage says its language where it is not English: de, ja, zh. What is drawn and was never said is counted and named.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 3 when a file has a mistake in it; every mistake is named. Low figures are no failure.

Examples:
  audiagram eval assets/language/en/corpus
  audiagram eval assets/language/en/corpus --kind flow --worst 10
  audiagram eval assets/language/en/corpus --check
  audiagram eval assets/language/de/corpus
  audiagram eval assets/language/en/corpus --train assets/language/en/weights
  audiagram eval pet --folds --predictions found.jsonl")]
pub(crate) struct Eval {
    /// Folders or files
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Print one JSON object with the figures of every passage
    #[arg(long)]
    json: bool,
    /// Name the N worst passages
    #[arg(long, value_name = "N", default_value_t = 0)]
    worst: usize,
    /// Only passages of this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<SceneKind>,
    /// Only check that the files are sound
    #[arg(long)]
    check: bool,
    /// Train the weights on the passages, report how they do on domains they have not seen, and write them to this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["check", "kind"])]
    train: Option<PathBuf>,
    /// Outline with the weights of this folder, as --train writes them, not with those of the program
    #[arg(long, value_name = "DIR", conflicts_with_all = ["check", "train", "folds"])]
    weights: Option<PathBuf>,
    /// The folder holds descriptions of processes as PET publishes them (all.jsonl, folds.json): train on four folds and
    /// find spans and relations in the fifth, in turn
    #[arg(long, conflicts_with_all = ["check", "kind", "train", "worst"])]
    folds: bool,
    /// Write what was found there, one JSON object a document
    #[arg(long, value_name = "FILE", requires = "folds")]
    predictions: Option<PathBuf>,
}

/// Most bytes of a set of process descriptions that are read.
const SET_BYTES: u64 = 64 << 20;

/// Most bytes of a file of weights that are read.
const WEIGHTS_BYTES: u64 = 16 << 20;

impl Eval {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        if self.folds {
            return self.inputs.iter().try_for_each(|folder| self.cross_validate(folder));
        }
        let mut passages = Vec::new();
        let mut mistakes: Vec<(PathBuf, Problem)> = Vec::new();
        for file in self.files()? {
            match read(&file)? {
                Ok(more) => passages.extend(more),
                Err(problems) => mistakes.extend(problems.into_iter().map(|p| (file.clone(), p))),
            }
        }
        for problem in eval::check(&mut passages) {
            // Only what files have in common is left to find: a passage of the same name.
            mistakes.push((PathBuf::from("(all files)"), problem));
        }
        for (file, problem) in &mistakes {
            console::print(&format!("{}: {problem}\n", file.display()))?;
        }
        match mistakes.len() {
            0 => {}
            1 => return Err(Failure::new(Kind::BadInput, "1 mistake in the annotations")),
            n => return Err(Failure::new(Kind::BadInput, format!("{n} mistakes in the annotations"))),
        }
        if let Some(kind) = self.kind {
            passages.retain(|p| p.kind == kind);
        }
        if passages.is_empty() {
            let remedy = "name a folder with corpus files (.txt) or gold narrations (.json)";
            return Err(Failure::new(Kind::BadInput, "no passages found").remedy(remedy));
        }
        if self.check {
            let words: usize = passages.iter().map(|p| p.text.split_whitespace().count()).sum();
            return console::print(&format!("{} passages of {words} words are sound\n", passages.len()));
        }
        if let Some(other) = passages.iter().find(|p| self.train.is_some() && !p.english()) {
            let message =
                format!("weights are learned from English passages, and `{}` is in `{}`", other.id, other.lang);
            return Err(Failure::new(Kind::Usage, message).remedy("name the English corpus alone"));
        }
        let report = match (&self.train, &self.weights) {
            (None, None) => eval::run(&passages, &CueOutliner),
            (None, Some(folder)) => eval::run(&passages, &WeightedOutliner(&weights(folder)?)),
            (Some(folder), _) => {
                for (name, text) in eval::train(&passages).files() {
                    let file = folder.join(name);
                    files::write_atomic(&file, text.as_bytes()).map_err(|e| files::unwritable(&file, &e))?;
                }
                eval::cross_validate(&passages)
            }
        };
        if self.json {
            return console::print(&storyboard::pretty(&json!(report)));
        }
        console::print(&format!("{}{}", report.text(self.worst), report.claims()))
    }

    /// Spans and relations of process descriptions, each found by models that have not seen its fold.
    fn cross_validate(&self, folder: &Path) -> Result<(), Failure> {
        let text = |name: &str| {
            let file = folder.join(name);
            String::from_utf8(files::read_small(&file, SET_BYTES)?)
                .map_err(|e| Failure::new(Kind::BadInput, "is not UTF-8 text").file(&file).because(&e))
        };
        let wrong = |e: pet::ReadError| Failure::of(Kind::BadInput, &e).file(folder);
        let documents = pet::documents(&text("all.jsonl")?).map_err(wrong)?;
        let folds = pet::folds(&text("folds.json")?, &documents).map_err(wrong)?;
        let found = pet::cross_validate(&documents, &folds);
        if let Some(file) = &self.predictions {
            let lines: Vec<String> = found.iter().map(|f| json!(f).to_string() + "\n").collect();
            files::write_atomic(file, lines.concat().as_bytes()).map_err(|e| files::unwritable(file, &e))?;
        }
        let figures = pet::Figures::of(found.iter().zip(documents.iter().map(|d| &d.gold)));
        if self.json {
            return console::print(&storyboard::pretty(&json!(figures)));
        }
        console::print(&figures.text())
    }

    /// The files of all inputs, in order of their names within a folder.
    fn files(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut out = Vec::new();
        for input in &self.inputs {
            if !input.is_dir() {
                out.push(input.clone());
                continue;
            }
            let entries = input.read_dir().map_err(|e| files::unreadable(input, &e))?;
            let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            found.sort();
            let ends = |path: &Path, ending: &str| path.extension().is_some_and(|e| e == ending);
            // Beside a gold narration stands its bare text.
            let bare = |path: &Path| found.binary_search(&path.with_extension("json")).is_ok();
            out.extend(found.iter().filter(|p| ends(p, "json") || (ends(p, "txt") && !bare(p))).cloned());
        }
        Ok(out)
    }
}

/// The weights of a folder.
fn weights(folder: &Path) -> Result<Weights, Failure> {
    let text = |name: &str| {
        let file = folder.join(name);
        String::from_utf8(files::read_small(&file, WEIGHTS_BYTES)?)
            .map_err(|e| Failure::new(Kind::BadInput, "is not UTF-8 text").file(&file).because(&e))
    };
    let weights = Weights::read(text)?;
    for (name, written) in weights.files() {
        if text(name)? != written {
            return Err(Failure::new(Kind::BadInput, "is no file of weights")
                .file(folder.join(name))
                .remedy("a folder that `audiagram eval CORPUS --train FOLDER` has written"));
        }
    }
    Ok(weights)
}

fn read(file: &Path) -> Result<Result<Vec<Passage>, Vec<Problem>>, Failure> {
    let bytes = files::read_small(file, eval::MAX_BYTES as u64)?;
    if file.extension().is_some_and(|e| e == "json") {
        return Ok(eval::gold(&bytes).map(|passage| vec![passage]));
    }
    let text = String::from_utf8(bytes)
        .map_err(|e| Failure::new(Kind::BadInput, "is not UTF-8 text").file(file).because(&e))?;
    Ok(eval::corpus(&text))
}
