//! `audiagram outline`: from text to a storyboard.

use std::path::PathBuf;

use clap::Args;
use studio::import;
use studio::outline::{CueOutliner, Options, Outliner};
use studio::storyboard::{self, Storyboard};
use studio::transcript::{Timing, respell, spell};

use super::input::{read_drawing, read_transcript, stem};
use super::options::{BoardArgs, terms};
use crate::console::{self, Console};
use crate::failure::Failure;
use crate::files;
use crate::job::Look;

/// Print the storyboard of a text, a transcript, subtitles or a diagram
///
/// The storyboard is JSON (`studio.scene/1`). `first_word` of each scene is the index of its first word in the text,
/// from 0; containers stand among the nodes too, marked as such.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram outline notes.txt
  audiagram outline talk.srt --out talk.storyboard.json
  pbpaste | audiagram outline - --kind flow
  audiagram outline notes.txt --glossary \"OpenAI, Kubernetes = cooper netties\"
  audiagram outline flow.mmd -o flow.storyboard.json
  audiagram outline talk.transcript.json -o talk.storyboard.json --llm-url http://llm.example.org:8000/v1 --llm-model qwen")]
pub(crate) struct Outline {
    /// Text (.txt, .md), subtitles (.srt, .vtt), a transcript (.json) or a diagram (.mmd, .dot, .gv, .d2); `-` reads
    /// standard input
    input: PathBuf,
    /// File to write; standard output when absent
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Language of the text
    #[arg(long, default_value = "en", value_name = "LANG")]
    lang: String,
    /// Names and terms as they are spelled, each with what it is misheard as if need be (`Kubernetes = cooper netties | k8s`): a file
    /// with one a line, or a list with commas. The words of a transcript (.json) keep their numbers; those of a text are
    /// counted as they are spelled
    #[arg(long, value_name = "FILE|TERM,...")]
    glossary: Option<String>,
    #[command(flatten)]
    look: BoardArgs,
    #[cfg(feature = "appliance")]
    #[command(flatten)]
    language_model: super::language_model::LanguageModelArgs,
}

impl Outline {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let look = self.look.look(&stem(&self.input), None);
        let options = Options {
            id: look.name.clone(),
            theme: look.theme.clone().unwrap_or_else(|| "light".to_owned()),
            canvas: look.canvas.unwrap_or_default(),
            kind: look.kind,
        };
        let mut board = match read_drawing(&self.input)? {
            Some(drawing) => import::storyboard(&drawing, &self.lang, &options),
            None => self.heard(console, &options)?,
        };
        // Each scene was outlined as the kind that is asked for.
        Look { kind: None, ..look }.apply(&mut board);
        super::review::tell(console, &board);
        let text = storyboard::pretty(&storyboard::for_graphs(&board));
        match &self.out {
            Some(out) => files::write_atomic(out, text.as_bytes()).map_err(|e| files::unwritable(out, &e)),
            None => console::print(&text),
        }
    }

    /// The storyboard of what was said.
    #[cfg_attr(
        not(feature = "appliance"),
        allow(unused_variables, unused_mut, reason = "only a language model looks again")
    )]
    fn heard(&self, console: &Console, options: &Options) -> Result<Storyboard, Failure> {
        let mut transcript = read_transcript(&self.input, &self.lang)?;
        let terms = terms(self.glossary.as_deref())?;
        if transcript.timing == Timing::Audio {
            // A transcript whose words files beside it may refer to.
            let (_, left) = respell(&mut transcript, &terms);
            if left > 0 {
                console.warn(format!(
                    "{left} places are not as the glossary spells them, for their words would be others; hear the recording with --glossary"
                ));
            }
        } else {
            spell(&mut transcript, &terms);
        }
        let mut board = CueOutliner.outline(&transcript, options);
        #[cfg(feature = "appliance")]
        self.language_model.improve(console, &transcript, &mut board, options.kind)?;
        Ok(board)
    }
}
