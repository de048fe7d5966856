//! A fake engine at the port of the job runner: it hears what it is told to, outlines with the real outliner, and renders a few bytes.

use std::{
    collections::VecDeque,
    io::Read as _,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, Weak},
    time::Duration,
};

use jobs::{Allowance, Attempt, Ending, Failure, GivenUp, JobKind, Launcher, Reason, StopReason, Work};
use library::{
    making::{Content, Inputs, Order, Produced, publish},
    video::{File, Role},
};
use model::{Id, noun};
use store::{
    Store,
    blob::{BlobDigest, BlobStore},
};
use studio::{
    outline::{CueOutliner, Options, Outliner as _},
    storyboard,
    transcript::{Timing, Transcript},
};

use crate::services::Services;

pub(super) const SAID: &str = "First the customer places an order. Then the shop checks the stock. Finally the courier \
                               delivers the parcel to the customer.";

/// What the engine does at the next attempts; it works when nothing is said.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// Tells of progress and goes on when it is asked to stop, or let go.
    Hold,
    /// Fails.
    Fail(Reason),
    /// Panics.
    Panic,
}

#[derive(Debug, Default)]
struct State {
    acts: VecDeque<Act>,
    open: bool,
    let_go: u32,
    holding: u32,
    attempts: u32,
    said: String,
}

#[derive(Debug)]
pub(super) struct Engine {
    store: Arc<Store>,
    state: Mutex<State>,
    changed: Condvar,
    /// What reports are drawn up with.
    services: OnceLock<Weak<Services>>,
}

impl Engine {
    pub(super) fn new(store: Arc<Store>) -> Arc<Self> {
        let state = State { said: SAID.into(), ..State::default() };
        Arc::new(Engine { store, state: Mutex::new(state), changed: Condvar::new(), services: OnceLock::new() })
    }

    /// What reports are drawn up with.
    pub(super) fn serve(&self, services: &Arc<Services>) {
        self.services.get_or_init(|| Arc::downgrade(services));
    }

    /// Lets jobs be begun. Until then they wait, so that nothing writes beside the test.
    pub(super) fn open(&self) {
        self.lock().open = true;
    }

    pub(super) fn next(&self, acts: &[Act]) {
        self.lock().acts.extend(acts.iter().cloned());
    }

    /// What is said in recordings from now on.
    pub(super) fn say(&self, text: &str) {
        self.lock().said = text.into();
    }

    /// Waits until an attempt holds.
    pub(super) fn until_holding(&self) {
        let state = self.lock();
        let (state, waited) =
            self.changed.wait_timeout_while(state, Duration::from_secs(60), |state| state.holding == 0).unwrap();
        assert!(!waited.timed_out(), "no attempt was begun: {state:?}");
    }

    /// Lets the attempt that holds go on.
    pub(super) fn let_go(&self) {
        self.lock().let_go += 1;
    }

    pub(super) fn attempts(&self) -> u32 {
        self.lock().attempts
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn work(&self, work: &Work, attempt: &Attempt) -> Result<Ending, Failure> {
        let services = || self.services.get().and_then(Weak::upgrade).unwrap();
        match work.job.kind {
            JobKind::Report => return Ok(Ending::Done(services().report_of(work)?)),
            JobKind::Alert => return Ok(Ending::Done(services().alert_of(work)?)),
            JobKind::Mail => return Ok(Ending::Done(services().mail_of(work)?)),
            JobKind::Deliver => return Ok(Ending::Done(services().deliver_of(work)?)),
            JobKind::Deposit => return Ok(Ending::Done(services().deposit_of(work)?)),
            JobKind::ExtractTable => {
                return Ok(services().extract_of(work, attempt)?.map_or(Ending::Stopped, Ending::Done));
            }
            _ => {}
        }
        let plan = tenancy::Plan::Team.limits();
        let tenant = self.store.tenant(work.tenant).unwrap();
        let inputs = Inputs::of(&tenant, &work.job, &plan)?;
        let blobs = tenant.blobs();
        attempt.progress("transcribe", 0.5);
        let act = {
            let mut state = self.lock();
            state.attempts += 1;
            state.acts.pop_front()
        };
        match act {
            Some(Act::Fail(reason)) => return Err(Failure::new(reason, "as the test has it")),
            Some(Act::Panic) => panic!("as the test has it"),
            Some(Act::Hold) => {
                if let Some(ending) = self.hold(attempt) {
                    return Ok(ending);
                }
            }
            None => {}
        }
        let produced = self.produce(&blobs, &inputs);
        attempt.progress("render", 1.0);
        let (job, tell) = (work.job.clone(), services().tells_of_video(work));
        Ok(Ending::Done(Box::new(move |tx| {
            let made = publish(tx, &blobs, &job, &inputs, &plan, produced)?;
            made.map_or(Ok(()), |made| tell(tx, made))?;
            Ok(made)
        })))
    }

    fn hold(&self, attempt: &Attempt) -> Option<Ending> {
        self.lock().holding += 1;
        self.changed.notify_all();
        let ending = loop {
            if attempt.wait(Duration::from_millis(5)).is_some_and(|reason| reason != StopReason::Stalled) {
                break Some(Ending::Stopped);
            }
            let mut state = self.lock();
            if state.let_go > 0 {
                state.let_go -= 1;
                break None;
            }
        };
        self.lock().holding -= 1;
        ending
    }

    fn produce(&self, blobs: &BlobStore, inputs: &Inputs) -> Produced {
        let read = |digest: &BlobDigest| {
            let mut bytes = Vec::new();
            blobs.reader(digest).unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        let given = inputs.transcript.as_ref().map(|(_, version)| {
            let text = read(&version.digest);
            studio::transcript::read(&text, studio::transcript::TextFormat::Json, "en").unwrap()
        });
        let hears = given.is_none() || matches!(inputs.order, Order::Transcribe { .. });
        let words = if hears { heard(&self.lock().said) } else { given.unwrap() };
        let mut produced = Produced { transcript: hears.then(|| content(blobs, &words)), ..Produced::default() };
        let old = inputs.storyboard.as_ref().map(|(_, version)| storyboard::read(&read(&version.digest)).unwrap());
        let board = match &inputs.order {
            Order::Transcribe { .. } => return produced,
            Order::Render { .. } => old.unwrap(),
            Order::MakeVideo { .. } | Order::Outline { .. } => {
                let fresh = outlined(&words);
                let board = old.map_or_else(|| fresh.clone(), |old| storyboard::merge(&old, fresh.clone()));
                produced.storyboard = Some(Content::storyboard(blobs, &storyboard::canonical(&board)).unwrap());
                board
            }
        };
        if inputs.order.renders() {
            let film = format!("film of {} with {}", storyboard::revision(&board), words.revision());
            produced.video = vec![file(blobs, Role::Vtt, b"WEBVTT"), file(blobs, Role::Mp4, film.as_bytes())];
        }
        produced
    }
}

pub(super) fn outlined(words: &Transcript) -> storyboard::Storyboard {
    let options = Options { id: "talk".into(), theme: "light".into(), canvas: Default::default(), kind: None };
    CueOutliner.outline(words, &options)
}

fn content(blobs: &BlobStore, words: &Transcript) -> Content<Transcript> {
    Content::transcript(blobs, &words.canonical()).unwrap()
}

fn file(blobs: &BlobStore, role: Role, bytes: &[u8]) -> File {
    let mut writer = blobs.writer(bytes.len() as u64).unwrap();
    writer.append(bytes).unwrap();
    let stored = writer.finish().unwrap();
    File { role, digest: stored.digest, bytes: stored.length }
}

/// Words as a recogniser gives them.
fn heard(said: &str) -> Transcript {
    Transcript { timing: Timing::Audio, ..Transcript::from_text(said, "en") }
}

/// What a whole run makes, for tests that do not run one.
pub(super) fn made(blobs: &BlobStore) -> Produced {
    let words = heard(SAID);
    let board = storyboard::canonical(&outlined(&words));
    Produced {
        transcript: Some(content(blobs, &words)),
        storyboard: Some(Content::storyboard(blobs, &board).unwrap()),
        video: vec![file(blobs, Role::Mp4, b"a film of ten thousand pictures"), file(blobs, Role::Poster, b"png")],
        pieces: Vec::new(),
        graphics_ms: 1_500,
        tokens: (0, 0),
    }
}

/// The engine as the runner starts it.
pub(super) struct Started(pub(super) Arc<Engine>);

impl Launcher for Started {
    fn run(&self, work: &Work, attempt: &Attempt) -> Ending {
        self.0.work(work, attempt).unwrap_or_else(Ending::Failed)
    }

    fn given_up(&self, work: &Work) -> Option<GivenUp> {
        self.0.services.get().and_then(Weak::upgrade)?.tells_of_failure(work)
    }
}

/// Two jobs at once for everyone, once the engine is open.
pub(super) struct Two(pub(super) Arc<Engine>);

impl Allowance for Two {
    fn concurrent_jobs(&self, _: Id<noun::Tenant>) -> u32 {
        if self.0.lock().open { 2 } else { 0 }
    }
}
