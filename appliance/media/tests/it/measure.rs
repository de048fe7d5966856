//! Not a check but a probe: hears the recordings that `AUDIAGRAM_RECORDINGS` names (separated by colons) with the model
//! `AUDIAGRAM_MODEL` (default `ggml-tiny.en.bin`) and prints each transcript as a line of JSON.
//! `benches/speech/measure.py` makes figures of it.

use std::path::Path;
use std::time::Instant;

use media::hear::{HearOptions, SileroDetector, WhisperOptions, WhisperTranscriber, hear};

use crate::recording::model;

#[test]
fn recordings_named_by_the_environment() {
    let Ok(recordings) = std::env::var("AUDIAGRAM_RECORDINGS") else {
        println!("skipped: AUDIAGRAM_RECORDINGS names no recording");
        return;
    };
    let name = std::env::var("AUDIAGRAM_MODEL").unwrap_or_else(|_| "ggml-tiny.en.bin".to_owned());
    let (Some(whisper), Some(silero)) = (model(&name), model("ggml-silero-v6.2.0.bin")) else { return };
    let threads = std::env::var("AUDIAGRAM_THREADS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut detector = SileroDetector::load(&silero).expect("the detector loads");
    for recording in recordings.split(':') {
        let options = WhisperOptions { threads, ..WhisperOptions::default() };
        let mut transcriber = WhisperTranscriber::load(&whisper, &options).expect("the model loads");
        let start = Instant::now();
        let heard =
            hear(Path::new(recording), &mut transcriber, &mut detector, &HearOptions::default(), None, &mut |_| {})
                .expect("hears");
        let wall = start.elapsed().as_secs_f32();
        let json = serde_json::to_string(&heard.transcript).expect("serialises");
        println!("HEARD {recording}\t{wall:.2}\t{json}");
    }
}
