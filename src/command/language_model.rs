//! A second look by a language model, where one is named.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use studio::outline::assist::{self, Tokens};
use studio::storyboard::{Extra, ReviewItem, Storyboard};
use studio::transcript::Transcript;

use crate::client::LanguageModel;
use crate::console::Console;
use crate::failure::{Failure, Kind};

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
    /// Asks for every scene. A scene for which there is no answer, or none that holds, stays as it is.
    ///
    /// # Errors
    /// When the address or the key make no sense: what the server does is no failure.
    pub(crate) fn improve(
        &self,
        console: &Console,
        transcript: &Transcript,
        board: &mut Storyboard,
    ) -> Result<(), Failure> {
        let (Some(url), Some(name)) = (&self.llm_url, &self.llm_model) else { return Ok(()) };
        let patience = Duration::from_secs(self.llm_timeout);
        let model = LanguageModel::new(url, self.llm_key_file.as_deref(), patience)?;
        let (mut cost, mut taken, mut dropped) = (Tokens::default(), 0_usize, 0_usize);
        let scenes = board.scenes.clone();
        for scene in &scenes {
            let reply = match assist::ask(transcript, scene, name) {
                Ok(body) => model.ask(&body),
                Err(refused) => Err(Failure::of(Kind::Limit, &refused)),
            };
            let reply = match reply {
                Ok(reply) => reply,
                Err(failure) => {
                    keep(console, board, &scene.id, &failure.to_string().replace('\n', ";"));
                    if matches!(failure.kind, Kind::Unreachable | Kind::Denied) {
                        // The next scene would wait for it as long.
                        break;
                    }
                    continue;
                }
            };
            let tokens = assist::tokens(&reply);
            cost.asked = cost.asked.saturating_add(tokens.asked);
            cost.answered = cost.answered.saturating_add(tokens.answered);
            match assist::take(transcript, scene, &reply) {
                Ok(better) => {
                    taken += 1;
                    dropped += better.dropped;
                    assist::replace(board, better);
                }
                Err(refused) => keep(console, board, &scene.id, &refused.to_string()),
            }
        }
        let Tokens { asked, answered } = cost;
        let price = self
            .llm_price
            .map_or_else(String::new, |(a, b)| format!(", cost {:.6}", (asked as f64 * a + answered as f64 * b) / 1e6));
        console.info(format!(
            "language model {name}: {taken} of {} scenes taken, {dropped} elements dropped as not said; {asked} tokens asked, {answered} answered{price}",
            scenes.len()
        ));
        Ok(())
    }
}

/// Says that a scene stays as the built-in outliner drew it.
fn keep(console: &Console, board: &mut Storyboard, scene: &str, why: &str) {
    console.warn(format!("scene {scene} stays as it was drawn without the language model: {why}"));
    let why = format!("the language model was of no use here: {why}");
    board.review.push(ReviewItem { target: scene.to_owned(), why, words: None, extra: Extra::default() });
}
