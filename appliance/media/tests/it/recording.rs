//! Recordings made by the tests themselves.

#![allow(clippy::print_stdout, reason = "a test that cannot run says why")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A 16-bit PCM wav file of interleaved samples, -1 to 1.
pub(crate) fn wav(path: &Path, rate: u32, channels: u16, samples: &[f32]) {
    let data = samples.len() as u32 * 2;
    let mut bytes = Vec::with_capacity(44 + data as usize);
    bytes.extend(b"RIFF");
    bytes.extend((36 + data).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(channels) * 2).to_le_bytes());
    bytes.extend((channels * 2).to_le_bytes());
    bytes.extend(16u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|s| ((s.clamp(-1.0, 1.0) * 32767.0) as i16).to_le_bytes()));
    std::fs::write(path, bytes).expect("the temporary folder is writable");
}

/// `seconds` of a sine of `hertz`, half of full scale.
pub(crate) fn sine(rate: u32, seconds: f32, hertz: f32) -> Vec<f32> {
    (0..(rate as f32 * seconds) as usize)
        .map(|i| 0.5 * (i as f32 * hertz * std::f32::consts::TAU / rate as f32).sin())
        .collect()
}

/// Runs a program; `false`, with the reason on standard output, when this machine lacks it.
pub(crate) fn run(program: &str, arguments: &[&str]) -> bool {
    #[allow(clippy::disallowed_methods, reason = "tests make their recordings with the programs at hand")]
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(error) => {
            println!("skipped: {program} cannot be run ({error})");
            false
        }
    }
}

/// `source` converted by the ffmpeg program; `None` when this machine lacks it.
pub(crate) fn converted(source: &Path, name: &str, options: &[&str]) -> Option<PathBuf> {
    let target = source.with_file_name(name);
    let mut arguments = vec!["-v", "error", "-y", "-i", source.to_str().expect("a plain path")];
    arguments.extend(options);
    arguments.push(target.to_str().expect("a plain path"));
    run("ffmpeg", &arguments).then_some(target)
}

/// `text` spoken by flite (16 kHz mono); `None` when this machine lacks it.
pub(crate) fn spoken(folder: &Path, name: &str, text: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    run("flite", &["-voice", "rms", "-t", text, "-o", path.to_str().expect("a plain path")]).then_some(path)
}

/// The model file `name` in the folder that `AUDIAGRAM_MODELS` names; `None`, with the reason on standard output, when
/// it is not there.
pub(crate) fn model(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("AUDIAGRAM_MODELS").map(PathBuf::from);
    let path = folder.map(|f| f.join(name)).filter(|p| p.is_file());
    if path.is_none() {
        println!("skipped: {name} is not in the folder that AUDIAGRAM_MODELS names");
    }
    path
}
