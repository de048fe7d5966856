//! The whisper.cpp engine.

use std::path::Path;

use studio::transcript::Word;
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState};

use super::words::{Token, words};
use super::{HearError, MAX_WINDOW, RATE, Transcriber, align, ggml, guard, level, walls::Walls};

/// Most characters of glossary the engine is prompted with; its own limit is 224 tokens.
const MAX_PROMPT: usize = 500;
/// The engine makes things up for shorter windows: they are padded with silence.
const SHORTEST: usize = RATE as usize * 11 / 10;
/// Nothing is said in so much at the end of a window: it is the silence after the last utterance.
const REST_MS: u64 = 300;
/// Samples from which the language is told (10 s).
const LISTENED: usize = RATE as usize * 10;
/// Mean log probability below which a segment is a guess, and below which it is one when it may be no speech at all.
const GUESS: f32 = -1.5;
const GUESS_WITHOUT_SPEECH: f32 = -0.8;
const NO_SPEECH: f32 = 0.6;

/// How a [`WhisperTranscriber`] hears.
#[derive(Debug, Clone, Default)]
pub struct WhisperOptions {
    /// BCP 47 language, such as `en` or `de-CH`; `None` lets the model find out from the first window.
    pub lang: Option<String>,
    /// Names and terms to expect, most important first.
    pub glossary: Vec<String>,
    /// Threads; 0 means [`super::default_threads`].
    pub threads: usize,
    /// Hear with a graphics processor where the engine has one ([`super::graphics`]).
    pub graphics: bool,
}

/// A [`Transcriber`] on a whisper model in ggml format.
pub struct WhisperTranscriber {
    context: WhisperContext,
    state: WhisperState,
    name: String,
    identity: String,
    lang: Option<String>,
    prompt: String,
    threads: usize,
    graphics: Option<String>,
    shape: ggml::Shape,
    /// Parameters with and without the prompt, made once: the binding leaks what it is given.
    prepared: Option<(FullParams<'static, 'static>, FullParams<'static, 'static>)>,
    walls: Box<Walls>,
}

impl WhisperTranscriber {
    /// Loads a model such as `ggml-base.bin`.
    ///
    /// # Errors
    /// [`HearError::NoModel`] and [`HearError::BadModel`] for the file, [`HearError::UnknownLanguage`] and
    /// [`HearError::EnglishOnly`] for the language.
    pub fn load(model: &Path, options: &WhisperOptions) -> Result<Self, HearError> {
        quieten();
        let name = model_name(model);
        let bad = || HearError::BadModel { name: name.clone(), path: model.to_owned() };
        let Ok(inspected) = ggml::inspect(model) else {
            return Err(HearError::NoModel { name, path: model.to_owned() });
        };
        let shape = inspected.ok_or_else(bad)?;
        let digest = super::session::file_digest(model)?;
        let mut parameters = WhisperContextParameters::new();
        // Word times come from the attention, which flash attention does not keep; and on processors this version's
        // flash kernels are slower than its matrix products.
        parameters.dtw_parameters.mode = shape.alignment();
        let graphics = if options.graphics { super::graphics() } else { None };
        parameters.use_gpu(graphics.is_some());
        let context = WhisperContext::new_with_params(model, parameters).map_err(|_| bad())?;
        let state = context.create_state().map_err(|_| bad())?;

        let asked = options.lang.as_deref().map(known_language).transpose()?;
        let lang = match asked {
            Some(lang) if lang != "en" && !context.is_multilingual() => {
                return Err(HearError::EnglishOnly { model: name, lang });
            }
            None if !context.is_multilingual() => Some("en".to_owned()),
            asked => asked,
        };
        let prompt = prompt(&options.glossary);
        let identity = format!(
            "whisper.cpp {} {digest} on={} lang={} prompt={prompt}",
            whisper_rs::WHISPER_CPP_VERSION,
            graphics.as_deref().unwrap_or("cpu"),
            lang.as_deref().unwrap_or("auto"),
        );
        let threads = if options.threads == 0 { super::default_threads() } else { options.threads.min(64) };
        let walls = Walls::new(context.token_beg(), REST_MS);
        Ok(Self { context, state, name, identity, lang, prompt, threads, graphics, shape, prepared: None, walls })
    }

    /// The graphics processor that hears, if one does.
    pub fn graphics(&self) -> Option<&str> {
        self.graphics.as_deref()
    }

    /// Finds the language of `samples`.
    ///
    /// The engine's own detection encodes 30 s whatever it is given. Here a pass that stops at its first token encodes
    /// the first seconds at their own length; the model is then asked what follows its start token: the language.
    fn detect(&mut self, samples: &[f32]) -> Result<String, HearError> {
        let failed = |e| HearError::Engine(format!("detecting the language failed ({e})"));
        let samples = &samples[..samples.len().min(LISTENED)];
        // The language of this pass does not matter: only what it leaves encoded is used.
        let mut parameters = plain_parameters("en", self.engine_threads());
        parameters.set_audio_ctx(ggml::positions(samples.len()));
        parameters.set_token_timestamps(false);
        parameters.set_no_timestamps(true);
        parameters.set_single_segment(true);
        parameters.set_max_tokens(1);
        self.state.full(parameters, samples).map_err(failed)?;
        self.state.decode(&[self.context.token_sot()], 0, self.threads).map_err(failed)?;
        let logits = self.state.get_logits().map_err(failed)?;
        let logit = |id| logits.get(usize::try_from(self.context.token_lang(id)).ok()?).copied();
        let best = (0..=whisper_rs::get_lang_max_id())
            .filter_map(|id| Some((id, logit(id)?)))
            .max_by(|(_, a), (_, b)| a.total_cmp(b));
        Ok(best.and_then(|(id, _)| whisper_rs::get_lang_str(id)).unwrap_or("en").to_owned())
    }

    fn engine_threads(&self) -> i32 {
        i32::try_from(self.threads).unwrap_or(1)
    }

    fn parameters(&mut self, lang: &str, prompted: bool) -> FullParams<'static, 'static> {
        let threads = self.engine_threads();
        let (prompt, walls) = (&self.prompt, &self.walls);
        let (with, without) = self.prepared.get_or_insert_with(|| {
            let mut plain = plain_parameters(lang, threads);
            walls.surround(&mut plain);
            let mut with = plain.clone();
            if !prompt.is_empty() {
                with.set_initial_prompt(prompt);
            }
            (with, plain)
        });
        if prompted { with.clone() } else { without.clone() }
    }

    /// One pass of the engine over a window, encoded with `positions`.
    fn pass(&mut self, samples: &[f32], lang: &str, prompted: bool, positions: i32) -> Result<Vec<Word>, HearError> {
        let mut parameters = self.parameters(lang, prompted);
        parameters.set_audio_ctx(positions);
        self.walls.begin(samples.len());
        self.state.full(parameters, samples).map_err(|e| HearError::Engine(e.to_string()))?;
        let end_of_text = self.context.token_eot();
        let length_ms = samples.len() as u64 * 1000 / u64::from(RATE);
        let mut tokens = Vec::new();
        for segment in self.state.as_iter() {
            // The moment after the last sentence is encoded again, and words are made up for it.
            let start_ms = u64::try_from(segment.start_timestamp()).unwrap_or(0).saturating_mul(10);
            if start_ms > 0 && start_ms + REST_MS > length_ms {
                continue;
            }
            let from = tokens.len();
            for i in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(i) else { continue };
                if token.token_id() >= end_of_text {
                    continue;
                }
                let bytes = token.to_bytes().map_err(|e| HearError::Engine(e.to_string()))?.to_vec();
                let data = token.token_data();
                let left_ms = u64::try_from(data.t_dtw).ok().map(|t| t.saturating_mul(10));
                let ms = |centiseconds: i64| u64::try_from(centiseconds).unwrap_or(0).saturating_mul(10);
                tokens.push(Token { bytes, p: data.p, start_ms: ms(data.t0), end_ms: ms(data.t1), left_ms });
            }
            if made_up(&tokens[from..], segment.no_speech_probability()) {
                tokens.truncate(from);
            }
        }
        let mut words = words(&tokens, lang, length_ms, self.shape.lag_ms());
        guard::drop_timeless(&mut words);
        Ok(words)
    }
}

impl Transcriber for WhisperTranscriber {
    fn transcribe(&mut self, samples: &[f32]) -> Result<Vec<Word>, HearError> {
        if samples.is_empty() {
            return Ok(Vec::new());
        }
        let samples = &samples[..samples.len().min(MAX_WINDOW)];
        let length_ms = samples.len() as u64 * 1000 / u64::from(RATE);
        let levels = level::levels(samples);
        let mut padded = samples.to_vec();
        padded.resize(padded.len().max(SHORTEST), 0.0);
        let lang = match self.lang.clone() {
            Some(lang) => lang,
            None => {
                let found = self.detect(&padded)?;
                self.lang.insert(found).clone()
            }
        };
        let positions = self.shape.positions(padded.len());
        let mut heard = self.pass(&padded, &lang, true, positions)?;
        if guard::repeats(&heard) && positions < ggml::POSITIONS {
            // Someone who repeats himself is heard right only with all positions: with fewer the engine runs away.
            heard = self.pass(&padded, &lang, true, ggml::POSITIONS)?;
        }
        if !self.prompt.is_empty() && (guard::find_loop(&heard).is_some() || sparse(&heard, length_ms)) {
            // A prompt can start a loop, or be taken for the text itself, after which nothing is left to say.
            let plain = self.pass(&padded, &lang, false, positions)?;
            if guard::find_loop(&plain).is_none() && (plain.len() > heard.len() || guard::find_loop(&heard).is_some()) {
                heard = plain;
            }
        }
        guard::drop_loops(&mut heard);
        guard::drop_notes(&mut heard);
        guard::into_sound(&mut heard, &levels, level::HOP);
        align::align(&mut heard, &levels);
        super::words::settle(&mut heard, length_ms);
        Ok(heard)
    }

    fn model(&self) -> &str {
        &self.name
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn language(&self) -> Option<&str> {
        self.lang.as_deref()
    }

    fn settle_language(&mut self, lang: &str) {
        if self.lang.is_none()
            && let Ok(lang) = known_language(lang)
        {
            self.lang = Some(lang);
        }
    }
}

/// Greedy, deterministic, each window on its own.
fn plain_parameters(lang: &str, threads: i32) -> FullParams<'static, 'static> {
    let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    parameters.set_n_threads(threads);
    // Only a known code gets here, and the binding keeps a copy of its own; the lifetime is nominal.
    parameters.set_language(whisper_rs::get_lang_id(lang).and_then(whisper_rs::get_lang_str));
    parameters.set_no_context(true);
    parameters.set_token_timestamps(true);
    parameters.set_suppress_blank(true);
    parameters.set_suppress_nst(true);
    // No second try at a higher temperature: it would be random, and loops are dealt with here.
    parameters.set_temperature(0.0);
    parameters.set_temperature_inc(0.0);
    parameters.set_print_special(false);
    parameters.set_print_progress(false);
    parameters.set_print_realtime(false);
    parameters.set_print_timestamps(false);
    parameters
}

/// Whether far fewer words were heard than anybody says in that time: one a second.
fn sparse(words: &[Word], length_ms: u64) -> bool {
    length_ms > 2000 && (words.len() as u64) < length_ms / 1000
}

/// Whether a segment is a guess: its tokens are improbable, or fairly so and it may be no speech.
fn made_up(tokens: &[Token], no_speech: f32) -> bool {
    if tokens.is_empty() {
        return false;
    }
    let mean = tokens.iter().map(|t| t.p.max(1e-6).ln()).sum::<f32>() / tokens.len() as f32;
    mean < GUESS || (no_speech > NO_SPEECH && mean < GUESS_WITHOUT_SPEECH)
}

/// The glossary as a sentence, cut at a whole term.
fn prompt(glossary: &[String]) -> String {
    let mut out = String::new();
    for term in glossary {
        let term: String = term.chars().filter(|c| !c.is_control()).collect();
        let term = term.trim();
        if term.is_empty() {
            continue;
        }
        if out.chars().count() + term.chars().count() + 2 > MAX_PROMPT {
            break;
        }
        out.push_str(if out.is_empty() { "" } else { ", " });
        out.push_str(term);
    }
    if !out.is_empty() {
        out.push('.');
    }
    out
}

/// The engine's code of a language: `en` of `en-GB`.
fn known_language(lang: &str) -> Result<String, HearError> {
    let code = lang.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let known = code.len() <= 4 && code.chars().all(|c| c.is_ascii_lowercase()) && code.len() >= 2;
    if known && whisper_rs::get_lang_id(&code).is_some() {
        return Ok(code);
    }
    Err(HearError::UnknownLanguage(lang.to_owned()))
}

/// The name of a model by its file: `base` of `ggml-base.bin`.
pub(super) fn model_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.strip_prefix("ggml-").unwrap_or(&stem).to_owned()
}

/// Keeps the engine from writing to standard error.
pub(super) fn quieten() {
    whisper_rs::install_logging_hooks();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{AudioReader, Channels};

    /// Six seconds of a sample that comes with the product.
    fn speech() -> Vec<f32> {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/samples/order.ogg");
        let mut reader = AudioReader::open(&sample, RATE, Channels::Mono).unwrap();
        let (mut samples, mut block) = (Vec::new(), Vec::new());
        while samples.len() < 6 * RATE as usize && reader.read(&mut block).unwrap() {
            samples.append(&mut block);
        }
        samples.truncate(6 * RATE as usize);
        samples
    }

    /// Whatever walls it is given, the engine asks them: those of its own keep it from ending the process.
    #[test]
    fn the_engine_stays_within_its_walls() {
        let folder = std::env::var_os("AUDIAGRAM_MODELS");
        let model = folder.map(|f| Path::new(&f).join("ggml-tiny.en.bin")).filter(|p| p.is_file());
        let Some(model) = model else {
            println!("skipped: ggml-tiny.en.bin is not in the folder that AUDIAGRAM_MODELS names");
            return;
        };
        let samples = speech();
        let options = WhisperOptions { threads: 1, ..WhisperOptions::default() };
        let mut transcriber = WhisperTranscriber::load(&model, &options).unwrap();
        let mut said = |walls: Option<Box<Walls>>| {
            if let Some(walls) = walls {
                (transcriber.walls, transcriber.prepared) = (walls, None);
            }
            transcriber.transcribe(&samples).unwrap();
            let end = transcriber.context.token_eot();
            let segments: Vec<_> = transcriber.state.as_iter().collect();
            let tokens =
                segments.iter().flat_map(|s| (0..s.n_tokens()).filter_map(move |i| Some(s.get_token(i)?.token_id())));
            (tokens.filter(|id| *id < end).collect::<Vec<_>>(), transcriber.walls.told())
        };
        let (freely, told) = said(None);
        let [first, ..] = freely[..] else { panic!("nothing was heard") };
        assert!(told > 0, "what is left is known by how far the engine says that it is");
        let (rested, _) = said(Some(Walls::new(first - 1, 60_000)));
        assert!(rested.is_empty(), "nothing is looked for in what is left: {rested:?}");
        let (filtered, _) = said(Some(Walls::new(first - 1, REST_MS)));
        assert!(!filtered.is_empty() && !filtered.contains(&first), "{first} was left out: {filtered:?}");
    }

    #[test]
    fn glossaries_become_a_bounded_prompt() {
        let check = |terms: &[&str], expected: &str| {
            assert_eq!(prompt(&terms.iter().map(|&t| t.to_owned()).collect::<Vec<_>>()), expected);
        };
        check(&[], "");
        check(&["Redis", " ", "Kafka\0\n"], "Redis, Kafka.");
        let long = prompt(&vec!["terminology".to_owned(); 1000]);
        assert!(long.len() <= MAX_PROMPT + 1 && long.ends_with("terminology."));
    }

    #[test]
    fn languages_are_reduced_to_what_the_engine_knows() {
        let check = |lang, expected: Option<&str>| assert_eq!(known_language(lang).ok().as_deref(), expected, "{lang}");
        check("en", Some("en"));
        check("de-CH", Some("de"));
        check("PT_br", Some("pt"));
        check("yue", Some("yue"));
        check("xx", None);
        check("", None);
        check("e\0n", None);
    }

    #[test]
    fn guesses_are_told_from_speech() {
        let tokens = |p: f32| vec![Token { bytes: b" a".to_vec(), p, start_ms: 0, end_ms: 1, left_ms: None }; 5];
        let check = |p, no_speech, expected| assert_eq!(made_up(&tokens(p), no_speech), expected, "{p} {no_speech}");
        check(0.9, 0.9, false);
        check(0.4, 0.1, false);
        check(0.4, 0.9, true);
        check(0.1, 0.0, true);
        assert!(!made_up(&[], 1.0));
    }

    #[test]
    fn models_are_named_by_their_file() {
        assert_eq!(model_name(Path::new("/models/ggml-tiny.en.bin")), "tiny.en");
        assert_eq!(model_name(Path::new("own.bin")), "own");
    }
}
