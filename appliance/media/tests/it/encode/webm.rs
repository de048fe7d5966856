//! The same films as WebM.

use super::*;

/// The decoders of VP9 that players use: that of the library, and that of its authors.
const DECODERS: [Option<&str>; 2] = [None, Some("libvpx-vp9")];

fn webm(audio: Option<AudioSpec>) -> VideoSpec<'static> {
    VideoSpec { container: Container::Webm, ..spec(audio) }
}

/// The 3 s with a sine as their voice.
fn film(folder: &Path) -> PathBuf {
    let recording = folder.join("voice.wav");
    wav(&recording, 16_000, 1, &sine(16_000, 3.0, 440.0));
    let target = folder.join("a.webm");
    let (chapters, captions) = (chapters(), captions());
    let audio = Some(AudioSpec { path: recording, mutes: Vec::new(), cuts: Vec::new() });
    let spec =
        VideoSpec { title: "Order\nhandling", lang: "de-AT", chapters: &chapters, captions: &captions, ..webm(audio) };
    Make::of(takes(), spec, folder).at(&target).result.unwrap();
    target
}

#[test]
fn pictures_come_back_at_their_times_in_true_colours() {
    let folder = tempfile::tempdir().unwrap();
    let path = film(folder.path());
    for decoder in DECODERS {
        let seen = read_back_by(&path, decoder);
        let mut expected: Vec<u64> = [0].into_iter().chain(15..36).collect();
        expected.push(65);
        assert_eq!(seen.pictures.iter().map(|p| p.frame).collect::<Vec<_>>(), expected, "{decoder:?}");
        assert!((seen.duration_ms - 3000).abs() <= 33, "{} ms", seen.duration_ms);
        assert_eq!([seen.matrix.as_str(), seen.range.as_str()], ["bt709", "tv"]);
        for picture in &seen.pictures {
            let scene = usize::from(picture.frame >= 35);
            for (quarter, (x, y)) in [(80, 60), (240, 45), (80, 135), (240, 135)].into_iter().enumerate() {
                let (pixel, colour) = (picture.rgb(x, y), COLOURS[(quarter + scene) % 4]);
                let off = (0..3).map(|c| pixel[c].abs_diff(colour[c])).max();
                assert!(off <= Some(4), "{decoder:?}: frame {} quarter {quarter}: {pixel:?}", picture.frame);
            }
        }
        let bar = |frame: u64, x: usize| seen.pictures.iter().find(|p| p.frame == frame).unwrap().rgb(x, 8)[0] < 40;
        assert!(bar(15, 1) && !bar(15, 8) && bar(30, 55) && !bar(30, 70) && !bar(35, 8));
    }
}

#[test]
fn chapters_captions_title_and_language_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let seen = read_back(&film(folder.path()));
    let titles = ["Bestellung – Überblick", "在庫"].map(str::to_owned);
    assert_eq!(seen.chapters, [(0, 1166, titles[0].clone()), (1166, 3000, titles[1].clone())]);
    let text = |start, end, text: &str| (start, end, text.to_owned());
    let expected =
        [text(200, 900, "First we check\nthe stock."), text(1500, 2400, "Größe – ok?"), text(2800, 3000, "last")];
    assert_eq!(seen.captions, expected);
    assert_eq!(seen.languages[1..], ["ger", "ger"], "voice, captions");
    assert_eq!(seen.shown_unasked, [true, true, false], "captions wait to be asked for");
    let tags: Vec<_> = seen.tags.iter().map(|(key, value)| (key.to_lowercase(), value.as_str())).collect();
    assert_eq!(tags, [("title".to_owned(), "Order handling"), ("encoder".to_owned(), "Lavf")], "no clock, no version");
    assert_eq!((seen.channels, seen.rate), (1, 48_000));
}

#[test]
fn the_index_comes_first_and_seeking_finds_the_scene() {
    let folder = tempfile::tempdir().unwrap();
    let path = film(folder.path());
    let bytes = std::fs::read(&path).unwrap();
    let position = |id: &[u8]| bytes.windows(4).position(|w| w == id).unwrap();
    let (cues, cluster) = ([0x1C, 0x53, 0xBB, 0x6B], [0x1F, 0x43, 0xB6, 0x75]);
    assert!(position(&cues) < position(&cluster));
    assert_eq!(read_back::seek(&path, 2000), 35);
    assert_eq!(read_back::seek(&path, 1000), 0);
}

#[test]
fn a_constant_rate_shows_the_same() {
    check_constant_rate(&webm(None), &DECODERS, 12);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("voice.wav");
    wav(&recording, 44_100, 2, &sine(44_100, 18.0, 440.0));
    check_threads(&webm(Some(AudioSpec { path: recording, mutes: vec![(300, 700)], cuts: Vec::new() })));
}

#[test]
fn the_voice_keeps_its_time_and_what_is_muted_cannot_be_heard() {
    let folder = tempfile::tempdir().unwrap();
    let (recording, target) = (folder.path().join("clicks.wav"), folder.path().join("a.webm"));
    for channels in [1_u16, 2] {
        let mut samples = vec![0.0; 44_100 * 3];
        for ms in (50..3000).step_by(700) {
            for (i, sample) in samples[ms * 44_100 / 1000..][..400].iter_mut().enumerate() {
                *sample = if i / 20 % 2 == 0 { 0.8 } else { -0.8 };
            }
        }
        let all: Vec<f32> = samples.iter().flat_map(|s| vec![*s; usize::from(channels)]).collect();
        wav(&recording, 44_100, channels, &all);
        let audio = AudioSpec { path: recording.clone(), mutes: vec![(740, 800)], cuts: Vec::new() };
        let reels = tempfile::tempdir().unwrap();
        Make::of(takes(), webm(Some(audio)), reels.path()).at(&target).result.unwrap();
        let seen = read_back(&target);
        let onsets = seen.onsets_ms(0.25);
        assert_eq!(onsets.len(), 4, "{onsets:?}");
        for (onset, at) in onsets.iter().zip([50.0, 1450.0, 2150.0, 2850.0]) {
            assert!((onset - at).abs() < 5.0, "a click at {at} ms is heard at {onset} ms");
        }
        let length = seen.samples.len() as f64 / 48.0;
        assert!((2990.0..3030.0).contains(&length), "{length} ms of sound");
    }
}
