//! A language model's second look at an outline, scene by scene.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use studio::outline::Doubt;
use studio::outline::assist::{self, Tokens};
use studio::storyboard::{self, Scene, Storyboard};
use studio::transcript::Transcript;

use crate::console::event::Level;
use crate::failure::{Failure, Kind};

/// Which language model looks again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assistant {
    /// The model that its server is asked for.
    pub(crate) model: String,
    /// What a million tokens cost, asked and answered, to tell the cost.
    #[serde(default)]
    pub(crate) price: Option<(f64, f64)>,
}

/// What came of it.
#[derive(Default)]
struct Done {
    scenes: usize,
    /// Scenes of kinds for which it is not asked.
    left: usize,
    /// Scenes that are now as the model would have them.
    taken: usize,
    /// Elements that were dropped because nothing that was said bears them out.
    dropped: usize,
    tokens: Tokens,
}

/// Sends a request and gives the reply.
pub(crate) type Ask<'a> = dyn FnMut(&Value) -> Result<Value, Failure> + 'a;

/// Sends nothing: for jobs without a language model.
pub(crate) fn nobody(_: &Value) -> Result<Value, Failure> {
    Err(Failure::new(Kind::Unreachable, "no language model is set"))
}

impl Assistant {
    /// Asks for every scene of a kind that an answer can hold; `wanted` is the kind that a person has asked for. A scene for which
    /// there is no answer, or none that holds, stays as it is, and among the items to review it is said why. `note` gets lines for a
    /// person, `share` how much is done.
    pub(crate) fn improve(
        &self,
        transcript: &Transcript,
        board: &mut Storyboard,
        wanted: Option<storyboard::Kind>,
        ask: &mut Ask<'_>,
        note: &mut dyn FnMut(Level, String),
        share: &mut dyn FnMut(f64),
    ) {
        let scenes = board.scenes.clone();
        let mut done = Done { scenes: scenes.len(), ..Done::default() };
        for (at, scene) in scenes.iter().enumerate() {
            #[allow(clippy::cast_precision_loss, reason = "scenes are few")]
            share(at as f64 / scenes.len() as f64);
            let reply = match assist::ask(transcript, scene, wanted, &self.model) {
                Ok(body) => ask(&body),
                Err(assist::Refused::Kind(_)) => {
                    done.left += 1;
                    continue;
                }
                Err(refused) => {
                    keep(board, scene, &Doubt::Refused(&refused), &refused.to_string(), note);
                    continue;
                }
            };
            let reply = match reply {
                Ok(reply) => reply,
                Err(failure) => {
                    let why = failure.to_string().replace('\n', ";");
                    keep(board, scene, &Doubt::Silent(&why), &why, note);
                    if matches!(failure.kind, Kind::Unreachable | Kind::Denied) {
                        // The next scene would wait for it as long.
                        break;
                    }
                    continue;
                }
            };
            done.tokens.add(assist::tokens(&reply));
            match assist::take(transcript, scene, wanted, &reply) {
                Ok(better) => {
                    done.taken += 1;
                    done.dropped += better.dropped;
                    assist::replace(board, better);
                }
                Err(refused) => keep(board, scene, &Doubt::Refused(&refused), &refused.to_string(), note),
            }
        }
        note(Level::Info, self.sentence(&done));
    }

    fn sentence(&self, done: &Done) -> String {
        let Done { scenes, left, taken, dropped, tokens: Tokens { asked, answered } } = done;
        let left = if *left > 0 { format!(", {left} not asked for") } else { String::new() };
        #[allow(clippy::cast_precision_loss, reason = "tokens of a talk are far below 2^53")]
        let cost = |(a, b): (f64, f64)| format!(", cost {:.6}", (*asked as f64 * a + *answered as f64 * b) / 1e6);
        format!(
            "language model {}: {taken} of {scenes} scenes taken{left}, {dropped} elements dropped as not said; {asked} tokens asked, {answered} answered{}",
            self.model,
            self.price.map(cost).unwrap_or_default(),
        )
    }
}

/// Says that a scene stays as the built-in outliner drew it.
fn keep(board: &mut Storyboard, scene: &Scene, doubt: &Doubt<'_>, why: &str, note: &mut dyn FnMut(Level, String)) {
    note(Level::Warn, format!("scene {} stays as it was drawn without the language model: {why}", scene.id));
    board.review.push(doubt.item(scene.id.clone(), None));
}
