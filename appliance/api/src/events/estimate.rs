//! How much of a job is done, and how long the rest takes.

use std::time::Duration;

use jobs::JobKind;
use model::Timestamp;

/// Stages of a whole video with their shares of the time, as measured on talks of some minutes.
const STAGES: [(&str, f64); 7] = [
    ("prepare", 0.01),
    ("transcribe", 0.50),
    ("outline", 0.02),
    ("layout", 0.01),
    ("film", 0.01),
    ("render", 0.43),
    ("store", 0.02),
];

/// Goes by the pace of the attempt since it was first looked at: what an earlier attempt had done does not count for the pace.
#[derive(Debug)]
pub(super) struct Estimate {
    stages: Vec<(&'static str, f64)>,
    /// The attempt, when it was first looked at, and how much was done then.
    from: Option<(u32, Timestamp, f64)>,
}

impl Estimate {
    pub(super) fn new(kind: JobKind) -> Self {
        let runs = |stage: &str| match kind {
            JobKind::Transcribe => stage == "transcribe",
            JobKind::Outline => stage == "outline",
            JobKind::Render => stage != "transcribe" && stage != "outline",
            _ => true,
        };
        let around = |stage: &str| stage == "prepare" || stage == "store";
        let stages: Vec<_> = STAGES.into_iter().filter(|(stage, _)| runs(stage) || around(stage)).collect();
        Estimate { stages, from: None }
    }

    /// How much of the whole is done at `share` of `stage`, and how long the rest will take, where that can be told.
    pub(super) fn at(&mut self, attempt: u32, stage: &str, share: f64, now: Timestamp) -> (f64, Option<Duration>) {
        let whole: f64 = self.stages.iter().map(|(_, weight)| weight).sum();
        let mut done = 0.0;
        let known = self.stages.iter().any(|(name, _)| *name == stage);
        for (name, weight) in self.stages.iter().take_while(|_| known) {
            if *name == stage {
                done += weight * share;
                break;
            }
            done += weight;
        }
        let done = (done / whole).clamp(0.0, 1.0);
        let (_, since, before) = match self.from {
            Some(from) if from.0 == attempt && from.2 <= done => from,
            _ => *self.from.insert((attempt, now, done)),
        };
        let (took, step) = (now.since(since), done - before);
        // The pace of the first moments says nothing.
        if step < 0.02 || took < Duration::from_secs(1) {
            return (done, None);
        }
        (done, Some(took.mul_f64(((1.0 - done) / step).min(10_000.0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_goes_at_the_pace_so_far() {
        let at = |seconds: u64| Timestamp::from_millis(1_800_000_000_000 + seconds * 1_000);
        let mut estimate = Estimate::new(JobKind::Transcribe);
        assert_eq!(estimate.at(1, "", 0.0, at(0)), (0.0, None));
        let (done, left) = estimate.at(1, "transcribe", 0.5, at(30));
        assert!((done - 0.5).abs() < 0.02, "{done}");
        assert!((29..=31).contains(&left.unwrap().as_secs()), "{left:?}");
        // The next attempt takes up what is there, and has a pace of its own.
        assert_eq!(estimate.at(2, "transcribe", 0.5, at(40)).1, None);
        let left = estimate.at(2, "transcribe", 0.75, at(50)).1.unwrap();
        assert!((9..=11).contains(&left.as_secs()), "{left:?}");
        assert_eq!(estimate.at(3, "something else", 0.5, at(60)), (0.0, None));
    }

    #[test]
    fn stages_follow_one_another() {
        let mut estimate = Estimate::new(JobKind::MakeVideo);
        let mut before = -1.0;
        for (stage, _) in STAGES {
            for share in [0.0, 0.5, 1.0] {
                let (done, _) = estimate.at(1, stage, share, Timestamp::default());
                assert!(done >= before, "{stage} {share}");
                before = done;
            }
        }
        assert!((before - 1.0).abs() < 1e-9);
    }
}
