//! Progress of one job as a bar, as lines or as JSON.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::event::{Event, Level};
use super::{Mode, err_line, json_line};
use crate::job::Stage;

/// Rough share of a whole job's time that each stage takes, in the order of [`Stage::ALL`]. Only the bar depends
/// on it.
const WEIGHTS: [f64; 5] = [0.65, 0.01, 0.01, 0.01, 0.32];

/// Plain lines come at most this often inside one stage.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows the events of one job.
#[derive(Debug)]
pub(crate) struct Display {
    mode: Mode,
    bar: Option<ProgressBar>,
    course: Course,
    line_at: Option<(Stage, Instant)>,
    /// That an earlier run has done some of it was told.
    resumed: bool,
}

impl Display {
    pub(super) fn new(mode: Mode) -> Self {
        let bar = (mode == Mode::Bar).then(|| {
            let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{prefix:>10} {bar:32} {percent:>3} %  {msg}")
                .expect("the template is well formed");
            bar.set_style(style.progress_chars("━━─"));
            bar
        });
        Self { mode, bar, course: Course::default(), line_at: None, resumed: false }
    }

    /// Shows one event. The end of the job ([`Event::Done`], [`Event::Error`]) is left to the caller; what a worker asks
    /// ([`Event::Ask`]) does not come here.
    pub(crate) fn show(&mut self, event: &Event) {
        self.show_at(event, Instant::now());
    }

    fn show_at(&mut self, event: &Event, now: Instant) {
        self.course.follow(event, now);
        match self.mode {
            Mode::None => {}
            Mode::Json => match event {
                Event::Done { .. } | Event::Error(_) => {}
                _ => err_line(&json_line(event)),
            },
            _ => match event {
                Event::Progress { stage, share, resumed } => self.progress(*stage, *share, *resumed, now),
                Event::Note { level, text } => {
                    self.line(&if *level == Level::Warn { format!("warning: {text}") } else { text.clone() });
                }
                Event::Sandbox(report) => {
                    for gap in report.gaps() {
                        self.line(&format!("warning: {gap}"));
                    }
                }
                Event::Plan { .. }
                | Event::Worked { .. }
                | Event::Ask { .. }
                | Event::Graphics(_)
                | Event::Encoder(_)
                | Event::Engine(_)
                | Event::Done { .. }
                | Event::Error(_) => {}
            },
        }
    }

    fn progress(&mut self, stage: Stage, share: f64, resumed: f64, now: Instant) {
        let left = self.course.left(now).map(|left| format!("{} left", clock(left))).unwrap_or_default();
        let begins = self.line_at.is_none_or(|(last, _)| last != stage);
        if resumed > 0.0 && !std::mem::replace(&mut self.resumed, true) {
            self.line("resuming where an earlier run stopped");
        }
        if let Some(bar) = &self.bar {
            bar.set_prefix(stage.as_str());
            bar.set_message(left);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 1000")]
            bar.set_position((self.course.share() * 1000.0).clamp(0.0, 1000.0) as u64);
        } else if begins {
            self.line(stage.doing());
        } else if self.line_at.is_some_and(|(_, at)| now - at >= LINE_EVERY) {
            let separator = if left.is_empty() { "" } else { ", " };
            self.line(&format!("  {:.0} %{separator}{left}", share * 100.0));
        } else {
            return;
        }
        self.line_at = Some((stage, now));
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| err_line(text)),
            None => err_line(text),
        }
    }

    /// Takes the bar off the screen.
    pub(crate) fn close(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How far the whole job is, and how fast it goes.
#[derive(Debug, Default)]
struct Course {
    stages: Vec<Stage>,
    at: Option<(Stage, f64)>,
    /// When and where this run began.
    began: Option<(Instant, f64)>,
}

impl Course {
    fn follow(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Plan { stages } => self.stages.clone_from(stages),
            Event::Progress { stage, share, resumed } => {
                self.at = Some((*stage, share.clamp(0.0, 1.0)));
                let done = self.share();
                // What an earlier run did says nothing about the pace of this one.
                if self.began.is_none() || (*resumed > 0.0 && share <= resumed) {
                    self.began = Some((now, done));
                }
            }
            _ => {}
        }
    }

    /// Share of the whole job, by [`WEIGHTS`].
    fn share(&self) -> f64 {
        let Some((current, share)) = self.at else { return 0.0 };
        let planned = if self.stages.is_empty() { &[current][..] } else { &self.stages };
        let weight = |stage: Stage| WEIGHTS[Stage::ALL.iter().position(|s| *s == stage).expect("all are listed")];
        let whole: f64 = planned.iter().map(|s| weight(*s)).sum();
        let done: f64 = planned.iter().filter(|s| **s < current).map(|s| weight(*s)).sum();
        (done + weight(current) * share) / whole.max(weight(current))
    }

    /// Time left at the pace of this run; nothing before there is a pace.
    fn left(&self, now: Instant) -> Option<Duration> {
        let (since, from) = self.began?;
        let (done, spent) = (self.share() - from, now.saturating_duration_since(since));
        if done < 0.01 || spent < Duration::from_secs(1) {
            return None;
        }
        Duration::try_from_secs_f64(spent.as_secs_f64() * (1.0 - self.share()).max(0.0) / done).ok()
    }
}

/// `1:02:03`, `2:03`, `0:03`.
fn clock(time: Duration) -> String {
    let s = time.as_secs();
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, m, s) => format!("{m}:{s:02}"),
        (h, m, s) => format!("{h}:{m:02}:{s:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks() {
        for (seconds, expected) in [(3, "0:03"), (123, "2:03"), (3723, "1:02:03")] {
            assert_eq!(clock(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn time_left_counts_from_where_this_run_began() {
        let start = Instant::now();
        let mut course = Course::default();
        course.follow(&Event::Plan { stages: vec![Stage::Transcribe] }, start);
        course.follow(&Event::Progress { stage: Stage::Transcribe, share: 0.5, resumed: 0.5 }, start);
        assert_eq!(course.left(start), None);
        let later = start + Duration::from_secs(10);
        course.follow(&Event::Progress { stage: Stage::Transcribe, share: 0.75, resumed: 0.5 }, later);
        assert_eq!(course.left(later).unwrap().as_secs(), 10);
    }

    #[test]
    fn share_never_falls_from_stage_to_stage() {
        let mut course = Course::default();
        let now = Instant::now();
        course.follow(&Event::Plan { stages: Stage::ALL.to_vec() }, now);
        let mut last = 0.0;
        for stage in Stage::ALL {
            for share in [0.0, 0.5, 1.0] {
                course.follow(&Event::Progress { stage, share, resumed: 0.0 }, now);
                assert!(course.share() >= last, "{stage:?} {share}");
                last = course.share();
            }
        }
        assert!((last - 1.0).abs() < 1e-9);
    }
}
