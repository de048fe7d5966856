//! A second look by a language model, where one is named.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use studio::storyboard::{Kind, Storyboard};
use studio::transcript::Transcript;

use crate::client::{LanguageModel, Trust};
use crate::console::Console;
use crate::console::event::Level;
use crate::failure::Failure;
use crate::job::assist::Assistant;

/// Which language model looks at what the built-in outliner drew. Off unless it is named.
#[derive(Debug, Args)]
#[command(next_help_heading = "Language model")]
pub(crate) struct LanguageModelArgs {
    /// A server on your network that speaks OpenAI's protocol; it gets the words of the talk. Off when absent
    #[arg(long, value_name = "URL", requires = "llm_model")]
    llm_url: Option<String>,
    /// The model it is asked for
    #[arg(long, value_name = "NAME", requires = "llm_url")]
    llm_model: Option<String>,
    /// File with the key of the server; else AUDIAGRAM_LLM_KEY, where it wants one
    #[arg(long, value_name = "FILE", requires = "llm_url")]
    llm_key_file: Option<PathBuf>,
    /// How long one scene may take
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    llm_timeout: u64,
    /// What a million tokens cost, asked and answered, to report the cost: 0.5,1.5
    #[arg(long, value_name = "ASKED,ANSWERED", requires = "llm_url", value_parser = prices)]
    llm_price: Option<(f64, f64)>,
}

fn prices(text: &str) -> Result<(f64, f64), String> {
    let two = text.split_once(',').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
    two.filter(|(a, b): &(f64, f64)| [a, b].iter().all(|x| x.is_finite() && **x >= 0.0))
        .ok_or_else(|| "two prices such as 0.5,1.5".to_owned())
}

impl LanguageModelArgs {
    /// Who looks again, and where it is asked.
    ///
    /// # Errors
    /// When the address or the key make no sense.
    pub(crate) fn assistant(&self) -> Result<Option<(Assistant, LanguageModel)>, Failure> {
        let (Some(url), Some(name)) = (&self.llm_url, &self.llm_model) else { return Ok(None) };
        let patience = Duration::from_secs(self.llm_timeout);
        let server = LanguageModel::new("--llm-url", url, self.llm_key_file.as_deref(), &Trust::System, patience)?;
        Ok(Some((Assistant { model: name.clone(), price: self.llm_price }, server)))
    }

    /// Asks for every scene that an answer can hold, as `wanted` where a person has asked for a kind.
    ///
    /// # Errors
    /// When the address or the key make no sense: what the server does is no failure.
    pub(crate) fn improve(
        &self,
        console: &Console,
        transcript: &Transcript,
        board: &mut Storyboard,
        wanted: Option<Kind>,
    ) -> Result<(), Failure> {
        let Some((assistant, server)) = self.assistant()? else { return Ok(()) };
        let mut note = |level, text: String| match level {
            Level::Info => console.info(text),
            Level::Warn => console.warn(text),
        };
        assistant.improve(
            transcript,
            board,
            wanted,
            &mut |body| server.ask(body, &mut || false),
            &mut note,
            &mut |_| {},
        );
        Ok(())
    }

    /// What decides how a storyboard comes out, for those who keep results.
    pub(crate) fn key(&self) -> (&Option<String>, &Option<String>) {
        (&self.llm_url, &self.llm_model)
    }
}
