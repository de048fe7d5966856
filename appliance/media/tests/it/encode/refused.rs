//! What cannot be encoded is refused, and leaves what was there.

use super::*;

/// A canvas that cannot be encoded leaves nothing behind.
fn check_refused(size: (u32, u32)) {
    let folder = tempfile::tempdir().unwrap();
    let error =
        TakeEncoder::create(&folder.path().join("a.reel"), &VideoSpec { size, ..spec(None) }).map(drop).unwrap_err();
    assert!(matches!(error, EncodeError::Size { .. }), "{error:?}");
    let spec = VideoSpec { size, ..spec(None) };
    let error = assemble(&folder.path().join("a.mp4"), &spec, &Reels { takes: &[], frames: 1, voice: None });
    assert!(matches!(error, Err(EncodeError::Size { .. })), "{error:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_encoded_is_refused() {
    for size in [(321, 180), (320, 181), (0, 0), (2, 2), (100_000, 100_000)] {
        check_refused(size);
    }
    let folder = tempfile::tempdir().unwrap();
    let noise = folder.path().join("noise");
    std::fs::write(&noise, "no recording").unwrap();
    for path in [noise, "/nonexistent/voice.wav".into()] {
        let voice = AudioSpec { path, mutes: Vec::new(), cuts: Vec::new() };
        let error = video(&folder.path().join("a.mp4"), Some(voice)).unwrap_err();
        assert!(matches!(error, RenderError::Encode(EncodeError::Voice(_))), "{error}");
    }
    let error = video(&folder.path().join("missing/a.mp4"), None).unwrap_err();
    assert!(matches!(error, RenderError::Encode(EncodeError::Unwritable { .. })), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Reels that are not those of the film.
fn check_reels(change: impl Fn(&Path), firsts: [u64; 2], expected: fn(&EncodeError) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.mp4");
    Make::of(takes(), spec(None), folder.path()).at(&target).result.unwrap();
    std::fs::remove_file(&target).unwrap();
    let [a, b] = ["0.reel", "1.reel"].map(|name| folder.path().join(name));
    change(&b);
    let error =
        assemble(&target, &spec(None), &Reels { takes: &[(firsts[0], &a), (firsts[1], &b)], frames: 90, voice: None });
    assert!(error.as_ref().is_err_and(expected), "{error:?}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name.to_string_lossy().ends_with(".reel")), "{left:?}");
}

#[test]
fn reels_that_are_not_of_the_film_are_refused() {
    let nothing = |_: &Path| {};
    check_reels(nothing, [0, 34], |e| matches!(e, EncodeError::Order { .. }));
    check_reels(nothing, [35, 0], |e| matches!(e, EncodeError::Order { .. }));
    check_reels(nothing, [0, 90], |e| matches!(e, EncodeError::Order { .. }));
    check_reels(|b| std::fs::remove_file(b).unwrap(), [0, 35], |e| matches!(e, EncodeError::Unwritable { .. }));
    check_reels(|b| std::fs::write(b, [7; 99]).unwrap(), [0, 35], |e| matches!(e, EncodeError::Unreadable { .. }));
}

#[test]
fn a_recording_without_sound_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let silent = folder.path().join("silent.mp4");
    video(&silent, None).unwrap();
    let error =
        video(&folder.path().join("a.mp4"), Some(AudioSpec { path: silent, mutes: Vec::new(), cuts: Vec::new() }))
            .unwrap_err();
    assert!(error.to_string().contains("no audio"), "{error}");
}

#[test]
fn a_recording_that_ends_early_leaves_silence() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("voice.wav");
    wav(&recording, 16_000, 1, &sine(16_000, 3.0, 440.0));
    let bytes = std::fs::read(&recording).unwrap();
    std::fs::write(&recording, &bytes[..bytes.len() / 3]).unwrap();
    let target = folder.path().join("a.mp4");
    video(&target, Some(AudioSpec { path: recording, mutes: Vec::new(), cuts: Vec::new() })).unwrap();
    let seen = read_back(&target);
    assert!((850..1010).contains(&(seen.samples.len() / 48)), "{} samples", seen.samples.len());
    assert!((seen.duration_ms - 3000).abs() <= 33);
}

/// Frames sent to an encoder: its error, and that no file is left.
fn check_order(frames: &[u64], end: Option<u64>, picture: (u32, u32), expected: fn(&EncodeError) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let reel = folder.path().join("a.reel");
    let mut encoder: Box<dyn Encoder> = Box::new(TakeEncoder::create(&reel, &spec(None)).unwrap());
    let (w, h) = picture;
    let picture = Picture { w, h, rgba: vec![0; (SIZE.0 * SIZE.1 * 4) as usize] };
    let result = frames
        .iter()
        .try_for_each(|&at| encoder.frame(at, &picture, None))
        .and_then(|()| end.map_or(Ok(()), |end| encoder.finish(end)));
    let error = result.unwrap_err();
    assert!(expected(&error), "{frames:?}: {error:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn frames_out_of_order_are_refused() {
    let order = |e: &EncodeError| matches!(e, EncodeError::Order { .. });
    check_order(&[1], None, SIZE, order);
    check_order(&[0, 5, 5], None, SIZE, order);
    check_order(&[0, 5], Some(5), SIZE, order);
    check_order(&[], Some(5), SIZE, order);
    check_order(&[0], None, (320, 182), |e| matches!(e, EncodeError::Picture { .. }));
    check_order(&[0], None, (640, 90), |e| matches!(e, EncodeError::Picture { .. }));
}

#[test]
fn a_failed_or_cancelled_film_leaves_the_old_video() {
    let run = |fail_at, cancel_at| {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.mp4");
        std::fs::write(&target, "the last one").unwrap();
        let made = Make { fail_at, cancel_at, threads: 1, ..Make::of(takes(), spec(None), folder.path()) }.at(&target);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "the first take was not finished");
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "the last one");
        made.result.unwrap_err()
    };
    assert!(matches!(run(Some(7), u64::MAX), RenderError::Draw(_)));
    assert!(matches!(run(None, 20), RenderError::Cancelled));
}

#[test]
fn spans_must_join() {
    let span = |first, end| Span { first, end, moving: false };
    let folder = tempfile::tempdir().unwrap();
    for (takes, at) in [
        (vec![vec![span(1, 2)]], 0),
        (vec![vec![span(0, 5), span(6, 7)]], 0),
        (vec![vec![span(0, 5)], vec![span(5, 5)]], 1),
        (vec![vec![span(0, 5)], vec![span(4, 9)]], 1),
    ] {
        let takes: Vec<Take> = takes.into_iter().map(|spans| Take { scene: 0, spans }).collect();
        let made = Make::of(takes.clone(), spec(None), folder.path()).at(&folder.path().join("a.mp4"));
        assert!(matches!(made.result, Err(RenderError::Takes(index)) if index == at), "{takes:?}");
    }
}
