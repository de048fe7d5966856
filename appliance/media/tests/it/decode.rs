//! Decoding recordings of many kinds, whole and broken.

use std::path::{Path, PathBuf};

use media::decode::{AudioReader, Channels, DecodeError};

use crate::recording::{converted, run, sine, wav};

const RATE: u32 = 16_000;

fn read_all(path: &Path, rate: u32, channels: Channels) -> Result<(Vec<f32>, AudioReader), DecodeError> {
    let mut reader = AudioReader::open(path, rate, channels)?;
    let (mut all, mut block) = (Vec::new(), Vec::new());
    while reader.read(&mut block)? {
        assert!(!block.is_empty());
        all.extend_from_slice(&block);
    }
    Ok((all, reader))
}

/// How much of `samples` is the tone of `hertz`, 0 to 1 (Goertzel).
fn tone(samples: &[f32], rate: u32, hertz: f32) -> f32 {
    let step = hertz * std::f32::consts::TAU / rate as f32;
    let (mut re, mut im, mut energy) = (0.0f64, 0.0f64, 1e-12f64);
    for (i, &s) in samples.iter().enumerate() {
        let angle = f64::from(step) * i as f64;
        re += f64::from(s) * angle.cos();
        im += f64::from(s) * angle.sin();
        energy += f64::from(s) * f64::from(s);
    }
    ((re * re + im * im) * 2.0 / (energy * samples.len() as f64)) as f32
}

/// Three seconds of a 440 Hz tone at 44.1 kHz, in a folder of its own.
fn source() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tone.wav");
    wav(&path, 44_100, 1, &sine(44_100, 3.0, 440.0));
    (folder, path)
}

/// Converts the tone with ffmpeg and checks that it comes back.
fn check(name: &str, options: &[&str], container: &str, codec: &str) {
    let (_folder, path) = source();
    let Some(path) = converted(&path, name, options) else { return };
    let (samples, reader) = read_all(&path, RATE, Channels::Mono).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(reader.info().container, container, "{name}");
    assert_eq!(reader.info().codec, codec, "{name}");
    assert_eq!(reader.damage(), None, "{name}");
    let seconds = samples.len() as f32 / RATE as f32;
    assert!((2.9..3.15).contains(&seconds), "{name}: {seconds} s");
    assert!(tone(&samples[8000..40_000], RATE, 440.0) > 0.9, "{name}: not the tone that went in");
}

#[test]
fn containers_and_codecs() {
    check("a.mp3", &[], "mp3", "mp3");
    check("a.m4a", &[], "mov", "aac");
    check("a.flac", &[], "flac", "flac");
    check("a.ogg", &["-c:a", "libvorbis"], "ogg", "vorbis");
    check("a.opus", &["-c:a", "libopus"], "ogg", "opus");
    check("a.webm", &["-c:a", "libopus"], "matroska", "opus");
    check("a.wav", &["-c:a", "pcm_f32le", "-ac", "2"], "wav", "pcm_f32le");
    check("8k.wav", &["-ar", "8000", "-c:a", "pcm_mulaw"], "wav", "pcm_mulaw");
    check("a.aac", &[], "aac", "aac");
    check("six.flac", &["-ac", "6"], "flac", "flac");
}

#[test]
fn webm_without_a_duration_and_names_that_lie() {
    // A pipe cannot be rewound, so the muxer leaves the duration out, as browsers do.
    let (folder, path) = source();
    let target = folder.path().join("browser.webm");
    let script = format!("ffmpeg -v error -i {} -c:a libopus -f webm - > {}", path.display(), target.display());
    if !run("sh", &["-c", &format!("command -v ffmpeg >/dev/null || exit 0; {script}")]) || !target.exists() {
        println!("skipped: no ffmpeg");
        return;
    }
    let (samples, reader) = read_all(&target, RATE, Channels::Mono).expect("decodes");
    assert_eq!(reader.info().header_duration_ms, None);
    assert!((2900..3150).contains(&(samples.len() * 1000 / RATE as usize)));

    let lying = folder.path().join("really-wav.mp3");
    std::fs::copy(&path, &lying).expect("copied");
    assert_eq!(read_all(&lying, RATE, Channels::Mono).expect("decodes").1.info().container, "wav");
}

#[test]
fn pictures_beside_the_sound_are_ignored() {
    check(
        "film.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=320x240:rate=10:duration=3",
            "-pix_fmt",
            "yuv420p",
            "-map",
            "0",
            "-map",
            "1",
        ],
        "mov",
        "aac",
    );
    check(
        "cover.mp3",
        &["-f", "lavfi", "-i", "color=red:size=64x64:duration=0.1", "-map", "0", "-map", "1", "-frames:v", "1"],
        "mp3",
        "mp3",
    );
}

#[test]
fn channels_are_mixed_doubled_or_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("two.wav");
    let (low, high) = (sine(RATE, 1.0, 300.0), sine(RATE, 1.0, 900.0));
    let both: Vec<f32> = low.iter().zip(&high).flat_map(|(&l, &r)| [l, r]).collect();
    wav(&path, RATE, 2, &both);

    let (native, reader) = read_all(&path, RATE, Channels::Native).expect("decodes");
    assert_eq!((reader.channels(), native.len()), (2, 2 * RATE as usize));
    let left: Vec<f32> = native.iter().step_by(2).copied().collect();
    assert!(tone(&left, RATE, 300.0) > 0.99 && tone(&left, RATE, 900.0) < 0.01);

    let (mono, _) = read_all(&path, RATE, Channels::Mono).expect("decodes");
    assert_eq!(mono.len(), RATE as usize);
    assert!(tone(&mono, RATE, 300.0) > 0.4 && tone(&mono, RATE, 900.0) > 0.4);
    assert!(mono.iter().all(|s| s.abs() <= 0.51), "mixing must not raise the level");

    wav(&path, RATE, 1, &low);
    let (stereo, _) = read_all(&path, 48_000, Channels::Stereo).expect("decodes");
    assert_eq!(stereo.len() / 2, 48_000);
    assert!(stereo.chunks_exact(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn gaps_in_the_timestamps_become_silence() {
    let (_folder, path) = source();
    // Packets between 1 s and 2 s are dropped; the others keep their stamps.
    let filter = "aselect='not(between(t,1,2))'";
    let Some(path) = converted(&path, "gap.mka", &["-af", filter, "-c:a", "flac"]) else { return };
    let (samples, _) = read_all(&path, RATE, Channels::Mono).expect("decodes");
    let seconds = samples.len() as f32 / RATE as f32;
    assert!((2.9..3.1).contains(&seconds), "{seconds} s");
    assert!(samples[18_500..30_000].iter().all(|s| s.abs() < 0.01), "the gap is silent");
    assert!(tone(&samples[34_000..44_000], RATE, 440.0) > 0.9, "what follows is in its place");
}

#[test]
fn truncated_files_keep_what_was_decoded() {
    for (name, options) in [("cut.wav", &[][..]), ("cut.flac", &[]), ("cut.mka", &["-c:a", "aac"])] {
        let (_folder, path) = source();
        let Some(path) = converted(&path, name, options) else { return };
        let bytes = std::fs::read(&path).expect("readable");
        std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("writable");
        let (samples, reader) = read_all(&path, RATE, Channels::Mono).unwrap_or_else(|e| panic!("{name}: {e}"));
        let seconds = samples.len() as f32 / RATE as f32;
        assert!((1.0..2.2).contains(&seconds), "{name}: {seconds} s");
        let damage = reader.damage().unwrap_or_else(|| panic!("{name}: the cut went unnoticed"));
        assert!(damage.at_ms.abs_diff((seconds * 1000.0) as u64) < 400, "{name}: {damage:?}");
    }
}

#[test]
fn broken_middles_are_survived_and_reported() {
    let (_folder, path) = source();
    let Some(path) = converted(&path, "hurt.flac", &[]) else { return };
    let mut bytes = std::fs::read(&path).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 3000].fill(0x55);
    std::fs::write(&path, &bytes).expect("writable");
    let (samples, reader) = read_all(&path, RATE, Channels::Mono).expect("decodes around it");
    assert!((2.5..3.2).contains(&(samples.len() as f32 / RATE as f32)));
    assert!(reader.damage().is_some());
}

/// Checks the kind of error a file gives.
#[track_caller]
fn refused(path: &Path, expected: fn(&DecodeError) -> bool) {
    let error = match read_all(path, RATE, Channels::Mono) {
        Ok((samples, _)) => panic!("{} gave {} samples", path.display(), samples.len()),
        Err(error) => error,
    };
    assert!(expected(&error), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&path.display().to_string()) && !text.ends_with('.'), "{text}");
}

#[test]
fn what_is_no_recording_says_why() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("writable");
        path
    };
    refused(&folder.path().join("absent.wav"), |e| matches!(e, DecodeError::NotFound(_)));
    refused(folder.path(), |e| matches!(e, DecodeError::Unreadable { .. }));
    refused(&write("nothing.mp3", b""), |e| matches!(e, DecodeError::Empty(_)));
    refused(&write("text.wav", b"Dear diary, today nothing was recorded.\n"), |e| {
        matches!(e, DecodeError::NotMedia { .. })
    });
    refused(&write("noise.bin", &[0xa5; 5000]), |e| matches!(e, DecodeError::NotMedia { .. }));
    let path = folder.path().join("silent.wav");
    wav(&path, RATE, 1, &[]);
    refused(&path, |e| matches!(e, DecodeError::Empty(_)));
}

#[test]
fn formats_that_open_other_files_are_refused() {
    let (folder, path) = source();
    let name = path.file_name().and_then(|n| n.to_str()).expect("a plain name");
    for (list, text) in [
        ("list.ffconcat", format!("ffconcat version 1.0\nfile {name}\n")),
        ("list.m3u8", format!("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{name}\n#EXT-X-ENDLIST\n")),
        ("list.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n".to_owned()),
    ] {
        let list = folder.path().join(list);
        std::fs::write(&list, text).expect("writable");
        refused(&list, |e| matches!(e, DecodeError::NotMedia { .. }));
    }
}

#[test]
fn a_film_without_sound_says_so() {
    let (_folder, path) = source();
    let options = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=10:duration=1", "-map", "1", "-pix_fmt", "yuv420p"];
    let Some(path) = converted(&path, "mute.mp4", &options) else { return };
    refused(&path, |e| matches!(e, DecodeError::NoAudio(_)));
}

#[test]
fn the_limit_counts_decoded_time() {
    let (_folder, path) = source();
    let mut reader = AudioReader::open(&path, RATE, Channels::Mono).expect("opens").with_limit(1000);
    let mut block = Vec::new();
    let error = loop {
        match reader.read(&mut block) {
            Ok(true) => {}
            Ok(false) => panic!("three seconds passed a limit of one"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, DecodeError::TooLong { limit_ms: 1000, .. }), "{error:?}");
}

#[cfg(unix)]
#[test]
fn file_names_need_not_be_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let (folder, path) = source();
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe talk.wav"));
    std::fs::copy(&path, &odd).expect("copied");
    assert_eq!(read_all(&odd, RATE, Channels::Mono).expect("decodes").0.len(), 3 * RATE as usize);
}
