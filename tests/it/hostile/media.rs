//! Hostile recordings, with a real model where there is one.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{check, ends, files, has};
use crate::run::Scene;

const ORDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/order.ogg");

fn transcribe<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["transcribe", name, "--model", "tiny.en"], more].concat()
}

/// A WAV file: 16 kHz, mono, 16 bits, that claims `claimed` bytes of samples.
fn wav(samples: impl Iterator<Item = i16>, claimed: Option<u32>) -> Vec<u8> {
    let data: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    let length = claimed.unwrap_or(data.len() as u32);
    let mut wav = b"RIFF".to_vec();
    wav.extend(length.saturating_add(36).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    for field in [16_u32, 1 | 1 << 16, 16_000, 32_000, 2 | 16 << 16] {
        wav.extend(field.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.extend(data);
    wav
}

/// The samples of the fixture as a WAV file.
fn spoken(scene: &Scene) -> Option<Vec<u8>> {
    ffmpeg(scene, &["-i", ORDER, "-ar", "16000", "-ac", "1"], "spoken.wav")
}

/// Runs the ffmpeg program; `None`, and why, where it is not there or cannot write the format.
fn ffmpeg(scene: &Scene, arguments: &[&str], name: &str) -> Option<Vec<u8>> {
    let done = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments)
        .arg(scene.path(name))
        .stdin(Stdio::null())
        .output();
    match done {
        Ok(done) if done.status.success() => Some(std::fs::read(scene.path(name)).unwrap()),
        Ok(done) => {
            eprintln!("skipped: ffmpeg makes no {name}: {}", String::from_utf8_lossy(&done.stderr));
            None
        }
        Err(e) => {
            eprintln!("skipped: no ffmpeg: {e}");
            None
        }
    }
}

/// Heard, wholly or in part, or refused with a sentence that names the file.
#[track_caller]
fn heard_or_told(scene: &Scene, name: &str) -> Option<String> {
    let ran = ends(scene, &transcribe(name, &["--format", "json"]));
    match ran.code {
        Some(0) => Some(
            ran.json()["words"]
                .as_array()
                .unwrap()
                .iter()
                .fold(String::new(), |text, word| text + word["text"].as_str().unwrap() + " "),
        ),
        Some(3) => {
            assert!(ran.err.contains(name), "{}", ran.err);
            None
        }
        code => panic!("{code:?} for {name}\n{}", ran.err),
    }
}

#[test]
fn truncated_recordings_are_heard_as_far_as_they_go_or_told() {
    truncated(&[("a.wav", "pcm_s16le"), ("a.mp3", "libmp3lame"), ("a.m4a", "aac")]);
}

#[test]
fn truncated_recordings_of_the_web_too() {
    truncated(&[("a.ogg", "libvorbis"), ("a.webm", "libopus"), ("a.flac", "flac")]);
}

fn truncated(formats: &[(&str, &str)]) {
    let Some(scene) = Scene::with_models() else { return };
    for &(name, codec) in formats {
        let Some(whole) = ffmpeg(&scene, &["-i", ORDER, "-ac", "1", "-c:a", codec], name) else { continue };
        for percent in [2, 60] {
            scene.file(name, &whole[..whole.len() * percent / 100]);
            let words = heard_or_told(&scene, name);
            // The index of an m4a file is at its end: without it nothing can be heard.
            if percent == 60 && name != "a.m4a" {
                assert!(words.is_some_and(|w| w.split(' ').count() > 3), "{name}");
            }
        }
        if !["a.mp3", "a.m4a"].contains(&name) {
            continue;
        }
        // Damaged in the middle.
        let mut holed = whole.clone();
        let (from, to) = (whole.len() / 2, whole.len() / 2 + whole.len() / 20);
        holed[from..to].fill(0xa5);
        scene.file(name, holed);
        heard_or_told(&scene, name);
    }
}

#[test]
fn wrong_endings_and_headers_do_not_matter() {
    let Some(scene) = Scene::with_models() else { return };
    scene.file("empty.mp3", b"");
    check(&scene, &transcribe("empty.mp3", &[]), 3, &["empty.mp3", "empty"]);
    scene.file("text.mp3", "First the customer places an order. ".repeat(100));
    check(&scene, &transcribe("text.mp3", &[]), 3, &["text.mp3"]);
    scene.file("picture.mp3", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>");
    check(&scene, &transcribe("picture.mp3", &[]), 3, &["picture.mp3"]);
    scene.file("list.m3u8", "#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\nhttp://127.0.0.1:9/x.ts\n");
    check(&scene, &transcribe("list.m3u8", &[]), 3, &["list.m3u8"]);
    scene.file("list.wav", "ffconcat version 1.0\nfile /etc/passwd\n");
    check(&scene, &transcribe("list.wav", &[]), 3, &["list.wav"]);
    scene.file("noise.wav", noise(4096).flat_map(i16::to_le_bytes).collect::<Vec<u8>>());
    check(&scene, &transcribe("noise.wav", &[]), 3, &["noise.wav"]);
    // What it is, not what it is called.
    scene.file("ogg.wav", std::fs::read(ORDER).unwrap());
    assert!(heard_or_told(&scene, "ogg.wav").is_some_and(|words| words.contains("bicycle")));
    let strange = "\u{1b}[31m\u{9b}x\u{202e} 'ogg'\n.wav";
    scene.file(strange, b"no recording");
    check(&scene, &transcribe(strange, &[]), 3, &["ogg"]);
    // Ten hours in the header, and four seconds in the file.
    let Some(real) = spoken(&scene) else { return };
    let samples = real[44..].chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]]));
    scene.file("long.wav", wav(samples, Some(10 * 3600 * 32_000)));
    let ran = ends(&scene, &transcribe("long.wav", &["--format", "json"])).exits(0);
    let told: Value = ran.json();
    assert!(told["duration_ms"].as_u64().unwrap() < 20_000, "{}", told["duration_ms"]);
    assert!(told.to_string().contains("bicycle"), "{told}");
}

fn noise(count: usize) -> impl Iterator<Item = i16> {
    let mut state = 1_u32;
    (0..count).map(move |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i16 / 4
    })
}

/// Chords that follow each other, each a second.
fn music(seconds: usize) -> impl Iterator<Item = i16> {
    let chords = [[261.6, 329.6, 392.0], [220.0, 261.6, 329.6], [174.6, 220.0, 261.6], [196.0, 246.9, 293.7]];
    (0..seconds * 16_000).map(move |i| {
        let (time, chord) = (i as f64 / 16_000.0, chords[i / 16_000 % 4]);
        let fade = 1.0 - (i % 16_000) as f64 / 16_000.0;
        let sum: f64 = chord.iter().map(|hz| (time * hz * std::f64::consts::TAU).sin()).sum();
        (sum * fade * 6_000.0) as i16
    })
}

#[test]
fn nobody_speaks() {
    let Some(scene) = Scene::with_models() else { return };
    scene.file("silence.wav", wav(std::iter::repeat_n(0, 5 * 16_000), None));
    scene.file("music.wav", wav(music(12), None));
    scene.file("noise.wav", wav(noise(5 * 16_000), None));
    scene.file("click.wav", wav([i16::MAX].into_iter(), None));
    for name in ["silence.wav", "music.wav", "noise.wav", "click.wav"] {
        let words = heard_or_told(&scene, name).unwrap();
        assert_eq!(words, "", "words were heard in {name}");
    }
    let before = files(scene.folder.path());
    check(&scene, &["make", "music.wav", "--model", "tiny.en"], 3, &["music.wav", "no speech"]);
    assert_eq!(files(scene.folder.path()), before, "something was made of nothing");
}

/// Makes the first PNG picture in `bytes` claim 20,000 by 20,000 pixels.
fn blow_up(bytes: &mut [u8]) -> bool {
    let Some(at) = bytes.windows(8).position(|b| b == b"\x89PNG\r\n\x1a\n") else { return false };
    let header = &mut bytes[at + 12..at + 33];
    header[4..8].copy_from_slice(&20_000_u32.to_be_bytes());
    header[8..12].copy_from_slice(&20_000_u32.to_be_bytes());
    // The checksum, or readers would stop at it.
    let sum = crc(&header[..17]);
    header[17..].copy_from_slice(&sum.to_be_bytes());
    true
}

/// CRC-32 as PNG has it (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, &byte| {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
        crc
    })
}

#[test]
fn covers_are_not_looked_at() {
    let Some(scene) = Scene::with_models() else { return };
    let Some(mut picture) = ffmpeg(&scene, &["-f", "lavfi", "-i", "color=red:s=16x16", "-frames:v", "1"], "cover.png")
    else {
        return;
    };
    let cover = scene.path("cover.png").to_str().unwrap().to_owned();
    let inputs = ["-i", ORDER, "-i", &cover, "-map", "0:a", "-map", "1:v", "-c:a", "aac", "-c:v", "copy"];
    let mut m4a = ffmpeg(&scene, &[&inputs[..], &["-disposition:v:0", "attached_pic"]].concat(), "cover.m4a");
    if let Some(m4a) = &mut m4a {
        assert!(blow_up(m4a), "the cover is not in the file");
        scene.file("cover.m4a", m4a);
    }
    assert!(blow_up(&mut picture));
    // As ID3v2.3 has it: text encoding, type, kind of picture, description, bytes.
    let Some(mp3) = ffmpeg(&scene, &["-i", ORDER, "-c:a", "libmp3lame"], "plain.mp3") else { return };
    let frame: Vec<u8> = [b"\0image/png\0\x03\0", &picture[..]].concat();
    let mut tag = b"ID3\x03\0\0".to_vec();
    let size = frame.len() as u32 + 10;
    tag.extend([21, 14, 7, 0].map(|shift| (size >> shift & 0x7f) as u8));
    tag.extend(b"APIC");
    tag.extend((frame.len() as u32).to_be_bytes());
    tag.extend([0, 0]);
    tag.extend(frame);
    tag.extend(mp3);
    scene.file("cover.mp3", tag);
    for name in ["cover.mp3", "cover.m4a"] {
        if name == "cover.m4a" && m4a.is_none() {
            continue;
        }
        // 20,000 x 20,000 pixels take 1.6 GB, which do not fit beside the model; nobody tries to decode them.
        let ran = ends(&scene, &transcribe(name, &["--memory", "2048"])).exits(0);
        assert!(ran.out.contains("bicycle"), "{name}: {}", ran.out);
    }
}

/// A model that begins like a real one.
#[test]
fn broken_models_end_the_job_not_the_program() {
    let Some(scene) = Scene::with_models() else { return };
    let found = scene.run(&["model", "path", "tiny.en"]).exits(0).out;
    let model = std::fs::read(found.trim()).unwrap();
    scene.file("talk.ogg", std::fs::read(ORDER).unwrap());
    scene.file("talk.srt", "somebody's work");
    let before = std::fs::read(scene.path("talk.srt")).unwrap();
    let given = |scene: &Scene, bytes: &[u8], part: &str| {
        scene.file("given.bin", bytes);
        check(scene, &["transcribe", "talk.ogg", "--model", "given.bin", "-o", "talk.srt"], 4, &["given", part]);
        scene.file("given.bin", b"");
    };
    given(&scene, b"", "damaged");
    given(&scene, &model[..4096], "damaged");
    given(&scene, &model[..model.len() / 2], "damaged");
    given(&scene, &model[..model.len() - 1], "damaged");
    given(&scene, &std::fs::read(ORDER).unwrap(), "damaged");
    // Numbers of the header that do not fit the rest.
    for (at, value) in [(4, 7_u32), (12, u32::MAX), (16, 5), (44, 99)] {
        let mut changed = model.clone();
        changed[at..at + 4].copy_from_slice(&value.to_le_bytes());
        given(&scene, &changed, "given");
    }
    check(&scene, &["transcribe", "talk.ogg", "--model", "./"], 4, &["./"]);
    check(&scene, &["transcribe", "talk.ogg", "--model", "/dev/zero"], 4, &["/dev/zero"]);
    check(&scene, &["transcribe", "talk.ogg", "--model", "./none.bin"], 4, &["none.bin"]);
    assert_eq!(std::fs::read(scene.path("talk.srt")).unwrap(), before);
}

#[test]
fn what_lies_beside_is_not_lost() {
    let Some(scene) = Scene::with_models() else { return };
    scene.file("talk.ogg", std::fs::read(ORDER).unwrap());
    let make = ["make", "talk.ogg", "--model", "tiny.en", "--size", "240x240", "--fps", "5"];
    let trial = |name: &str, content: &[u8]| {
        scene.file(name, content);
        let before = files(scene.folder.path());
        check(&scene, &make, 3, &[name]);
        assert_eq!(files(scene.folder.path()), before, "{name}");
        std::fs::remove_file(scene.path(name)).unwrap();
    };
    trial("talk.storyboard.json", b"{\"schema\":\"studio.scene/1\"");
    trial("talk.storyboard.json", b"\xff\xfe");
    trial("talk.storyboard.json", b"");
    trial("talk.transcript.json", b"{}");
    trial("talk.transcript.json", b"\0\0\0\0");
    if has("mkfifo", &["--version"]) {
        for name in ["talk.storyboard.json", "talk.transcript.json"] {
            rustix::fs::mkfifoat(rustix::fs::CWD, scene.path(name), 0o600.into()).unwrap();
            check(&scene, &make, 3, &[name, "not a file"]);
            std::fs::remove_file(scene.path(name)).unwrap();
        }
    }
    assert!(Path::new(ORDER).exists());
}
