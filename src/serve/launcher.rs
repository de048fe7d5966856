//! Does jobs: starts a worker in a private folder, tells how far it is, and brings what it made to the tenant.

use std::{
    cell::RefCell,
    path::PathBuf,
    sync::{Arc, OnceLock, Weak},
    time::{Duration, Instant},
};

use api::Services;
use jobs::{Attempt, Ending, GivenUp, JobKind, Launcher, Publish, Reason, StopReason, Work};
use library::{
    making::{Content, Inputs, Order, Piece, Pieces, Produced, publish},
    settings::{self, Settings},
    video,
};
use model::SystemTask;
use serde_json::Value;
use store::{EventDraft, Store, TenantStore, blob::BlobStore};
use studio::{
    outline::assist::{self, Tokens},
    storyboard::Canvas,
};
use tenancy::Tenant;

use super::{runner::JobsConfig, workplace::Workplace};
use crate::{
    client::LanguageModel,
    command::model::installed,
    console::event::{Event, Level, Output, Role},
    failure::{Failure, Kind},
    job::{
        Container, Hearing, JobSpec, Limits, Look, Recording, SCHEMA, Task,
        assist::{Assistant, nobody},
    },
    worker::launch,
};

/// How often finished parts are kept while a stage goes on.
const KEEP_EVERY: Duration = Duration::from_secs(20);
/// The largest transcript or storyboard, in bytes.
const TEXT: u64 = 32 << 20;
/// The largest video, in bytes.
const VIDEO: u64 = 16 << 30;

/// What starts workers.
pub(super) struct Workers {
    store: Arc<Store>,
    config: JobsConfig,
    folder: PathBuf,
    /// What reports are drawn up with; there as soon as the appliance serves.
    services: Arc<OnceLock<Weak<Services>>>,
    /// The language model that outlines are shown to where the tenant lets it in, and its server.
    helper: Option<(Assistant, LanguageModel)>,
}

/// Why an attempt comes to nothing.
enum End {
    Failed(jobs::Failure),
    Stopped,
}

impl From<jobs::Failure> for End {
    fn from(failure: jobs::Failure) -> Self {
        End::Failed(failure)
    }
}

/// Something that the attempt needs is not to be had now.
fn unavailable(error: &dyn std::error::Error) -> jobs::Failure {
    // Errors of the disk name places of this machine, which are the operator's business.
    tracing::warn!(error = %error, "a job cannot be done now");
    jobs::Failure::new(Reason::Unavailable, "the appliance cannot use the tenant's files now; its log says why")
}

impl Launcher for Workers {
    fn run(&self, work: &Work, attempt: &Attempt) -> Ending {
        let ended = match work.job.kind {
            JobKind::MakeVideo | JobKind::Transcribe | JobKind::Outline | JobKind::Render => self.make(work, attempt),
            JobKind::Report => self.here(attempt, |services| services.report_of(work)),
            JobKind::Alert => self.here(attempt, |services| services.alert_of(work)),
            JobKind::Mail => self.here(attempt, |services| services.mail_of(work)),
            JobKind::Deposit => self.here(attempt, |services| services.deposit_of(work)),
            JobKind::Deliver => self.here(attempt, |services| services.deliver_of(work)),
            JobKind::ExtractTable => self.extract(work, attempt),
            kind => Err(jobs::Failure::new(Reason::Defect, format!("nothing in this appliance does `{kind}`")).into()),
        };
        match ended {
            Ok(ending) => ending,
            Err(End::Failed(failure)) => Ending::Failed(failure),
            Err(End::Stopped) => Ending::Stopped,
        }
    }

    fn given_up(&self, work: &Work) -> Option<GivenUp> {
        self.services.get().and_then(Weak::upgrade)?.tells_of_failure(work)
    }
}

impl Workers {
    pub(super) fn new(
        store: Arc<Store>,
        config: JobsConfig,
        folder: PathBuf,
        services: Arc<OnceLock<Weak<Services>>>,
        helper: Option<(Assistant, LanguageModel)>,
    ) -> Self {
        Workers { store, config, folder, services, helper }
    }

    fn make(&self, work: &Work, attempt: &Attempt) -> Result<Ending, End> {
        attempt.progress("prepare", 0.0);
        let register = self.register(work)?;
        let plan = register.limits();
        let tenant = self.store.tenant(work.tenant).map_err(|error| unavailable(&error))?;
        let inputs = Inputs::of(&tenant, &work.job, &plan)?;
        let settings = tenant.read().map_err(Into::into).and_then(|view| settings::of(&view));
        let settings = settings.map_err(|error| unavailable(&error))?;
        let blobs = tenant.blobs();
        let mut place = Workplace::open(&self.folder, work.job.header.id).map_err(|error| unavailable(&error))?;
        let spec = self.furnish(&mut place, &blobs, &inputs, &settings, attempt)?;
        let keeper = RefCell::new(Keeper {
            tenant: &tenant,
            blobs: &blobs,
            work,
            place,
            pieces: Vec::new(),
            last: Instant::now(),
        });
        let (mut stage, mut graphics_ms, mut tokens) = (None, 0u64, Tokens::default());
        let done = launch(
            &spec,
            &mut |process| attempt.works_in(process),
            &mut || {
                keeper.borrow_mut().keep_now_and_then();
                attempt.stop().map(|_| Failure::new(Kind::Terminated, "stopped"))
            },
            &mut |body| self.ask(body, attempt, &mut tokens),
            &mut |event| match event {
                Event::Progress { stage: now, share, .. } => {
                    if stage.replace(*now).is_some_and(|before| before != *now) {
                        keeper.borrow_mut().keep();
                    }
                    attempt.progress(now.as_str(), *share);
                }
                Event::Worked { graphics_ms: more } => graphics_ms = graphics_ms.saturating_add(*more),
                Event::Note { level: Level::Warn, text } => {
                    tracing::info!(job.id = %work.lease.job, "the worker says: {text}");
                    attempt.alive();
                }
                _ => attempt.alive(),
            },
        );
        let mut keeper = keeper.into_inner();
        match done {
            Ok(outputs) => {
                let produced = Produced {
                    graphics_ms,
                    tokens: (tokens.asked, tokens.answered),
                    ..keeper.produced(&outputs, attempt)?
                };
                let job = work.job.clone();
                let tell = self.services.get().and_then(Weak::upgrade).map(|services| services.tells_of_video(work));
                Ok(Ending::Done(Box::new(move |tx| {
                    let made = publish(tx, &blobs, &job, &inputs, &plan, produced)?;
                    if let Some((made, tell)) = made.zip(tell) {
                        tell(tx, made)?;
                    }
                    Ok(made)
                })))
            }
            Err(failure) => {
                // What was called off is not wanted again.
                if attempt.stop() != Some(StopReason::Cancelled) {
                    keeper.keep();
                }
                if attempt.stop().is_some() {
                    return Err(End::Stopped);
                }
                Err(keeper.explain(&failure).into())
            }
        }
    }

    /// Passes on what a worker asks the language model, and counts its tokens: the worker, which has read a stranger's file, is not believed.
    /// What the model's server says of itself is for the operator's log.
    fn ask(&self, body: &Value, attempt: &Attempt, tokens: &mut Tokens) -> Result<Value, Failure> {
        let Some((_, server)) = &self.helper else { return nobody(body) };
        let mut stopped = || {
            attempt.alive();
            attempt.stop().is_some()
        };
        let reply = server.ask(body, &mut stopped).map_err(|failure| {
            tracing::warn!("the language model: {failure}");
            Failure::new(failure.kind, "it gave no answer; the appliance's log says why")
        })?;
        tokens.add(assist::tokens(&reply));
        Ok(reply)
    }

    /// Reports and alerts ask the engine that answers requests, and messages are short, so no worker is started for them.
    fn here(
        &self,
        attempt: &Attempt,
        job: impl FnOnce(&Arc<Services>) -> Result<Publish, jobs::Failure>,
    ) -> Result<Ending, End> {
        Ok(Ending::Done(job(&self.services(attempt)?)?))
    }

    /// Tables as files are made by that engine too. It takes a while, so it can be stopped.
    fn extract(&self, work: &Work, attempt: &Attempt) -> Result<Ending, End> {
        let done = self.services(attempt)?.extract_of(work, attempt)?;
        Ok(done.map_or(Ending::Stopped, Ending::Done))
    }

    fn services(&self, attempt: &Attempt) -> Result<Arc<Services>, jobs::Failure> {
        attempt.progress("prepare", 0.0);
        self.services.get().and_then(Weak::upgrade).ok_or_else(|| {
            jobs::Failure::new(
                Reason::Unavailable,
                "the appliance is starting or stopping; its work is done when it runs",
            )
        })
    }

    fn register(&self, work: &Work) -> Result<Tenant, End> {
        let found = self.store.system().read().and_then(|view| tenancy::find(&view, work.tenant));
        let found = found.map_err(|error| unavailable(&error))?;
        Ok(found.ok_or_else(|| jobs::Failure::new(Reason::Missing, "there is no such tenant"))?)
    }

    /// Puts all that the worker reads into its folder, and says what it is to do.
    fn furnish(
        &self,
        place: &mut Workplace,
        blobs: &BlobStore,
        inputs: &Inputs,
        settings: &Settings,
        attempt: &Attempt,
    ) -> Result<JobSpec, End> {
        let mut goes_on = || {
            attempt.alive();
            attempt.stop().is_none()
        };
        let mut put = |place: &Workplace, digest, name: &str| {
            let put = place.put(blobs, digest, name, &mut goes_on).map_err(|error| unavailable(&error))?;
            put.ok_or(End::Stopped)
        };
        let task = match &inputs.order {
            Order::MakeVideo { .. } => Task::Make,
            Order::Transcribe { .. } => Task::Transcribe,
            Order::Outline { .. } => Task::Outline,
            Order::Render { .. } => Task::Render,
        };
        let media = inputs.media();
        let recording = match task {
            Task::Outline => None,
            // A video of a text is silent.
            _ if !inputs.recording.speaks() => None,
            _ => {
                put(place, &media.digest, "recording")?;
                Some(Recording { path: place.recording(), sha256: media.digest.to_string() })
            }
        };
        let transcript = inputs.transcript.as_ref();
        let transcript =
            transcript.map(|(_, version)| put(place, &version.digest, "given.transcript.json")).transpose()?;
        let storyboard = inputs.storyboard.as_ref();
        let storyboard =
            storyboard.map(|(_, version)| put(place, &version.digest, "given.storyboard.json")).transpose()?;
        // An outline is quick, and made of nothing but what was given.
        if task != Task::Outline {
            place.put_pieces(blobs, &inputs.pieces, &mut goes_on);
        }
        let hears = matches!(task, Task::Transcribe) || transcript.is_none();
        let (transcript, redactions) = if task == Task::Transcribe { (None, transcript) } else { (transcript, None) };
        let hearing = if hears { self.hearing(inputs, settings)? } else { (Hearing::default(), 0) };
        Ok(JobSpec {
            schema: SCHEMA.to_owned(),
            recording,
            transcript,
            redactions,
            look: Look {
                rasterizer: self.config.rasterizer,
                encoder: self.config.encoder,
                ..look(inputs, settings, storyboard.is_some())
            },
            storyboard,
            assistant: self.assistant(&task, settings),
            task,
            work: place.path().to_owned(),
            hearing: hearing.0,
            limits: Limits {
                memory_bytes: (self.config.memory_mib << 20).saturating_add(hearing.1.saturating_mul(2)),
                // The runner keeps the time; this one is for a runner that does not.
                deadline_ms: u64::from(self.config.runner.longest_attempt_s)
                    .saturating_mul(1_000)
                    .saturating_add(60_000),
                file_bytes: VIDEO,
                ..Limits::default()
            },
            sandbox: self.config.sandbox,
            verbose: 0,
        })
    }

    /// Who looks at the outline again: nobody, unless the operator has named a language model and the tenant lets it in.
    fn assistant(&self, task: &Task, settings: &Settings) -> Option<Assistant> {
        let outlines = matches!(task, Task::Make | Task::Outline);
        self.helper.as_ref().filter(|_| outlines && settings.language_model).map(|(assistant, _)| assistant.clone())
    }

    /// How to hear, and the size of the speech model.
    fn hearing(&self, inputs: &Inputs, settings: &Settings) -> Result<(Hearing, u64), End> {
        let (Order::MakeVideo { hearing, .. } | Order::Transcribe { hearing, .. }) = &inputs.order else {
            return Err(jobs::Failure::new(Reason::Missing, "the transcript is gone").into());
        };
        let name = hearing.model.as_deref().unwrap_or(&settings.model);
        let model = installed(name).map_err(|failure| {
            let remedy = failure.remedy.map(|remedy| format!("; try {remedy}")).unwrap_or_default();
            tracing::error!(model = name, "a speech model is not to be had: {}{remedy}", failure.message);
            // Where it lies is nobody's business but the operator's.
            jobs::Failure::new(Reason::Unavailable, format!("the speech model `{name}` is not on this appliance"))
        })?;
        // Where it speaks one language, nothing has to be found out.
        let spoken = <&[String; 1]>::try_from(settings.languages.as_slice()).ok().map(|[only]| only.clone());
        let slots = usize::try_from(self.config.runner.slots).unwrap_or(1).max(1);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = media::hear::default_threads().min((cores / slots).max(1));
        let hearing = Hearing {
            model: Some(model.path),
            detector: Some(model.detector),
            model_name: model.name,
            lang: hearing.language.clone().or(spoken),
            glossary: hearing.glossary.clone(),
            threads: u32::try_from(threads).unwrap_or(1),
            device: self.config.hearing,
        };
        Ok((hearing, model.bytes))
    }
}

/// How it should look: as ordered, else as the storyboard has it, else as the tenant has set.
fn look(inputs: &Inputs, settings: &Settings, again: bool) -> Look {
    let asked = inputs.order.look();
    let default = Canvas::default();
    let sized = asked.width.zip(asked.height);
    let canvas = (sized.is_some() || asked.fps.is_some()).then(|| {
        let (w, h) = sized.unwrap_or((default.w, default.h));
        Canvas { w, h, fps: asked.fps.unwrap_or(default.fps) }
    });
    let theme = asked.theme.clone().or_else(|| (!again).then(|| settings.theme.clone()));
    let banner = library::storyboard::banner(inputs.recording.header.classification);
    let (kit, banner) = (inputs.kit.clone(), banner.to_owned());
    let container = if asked.webm { Container::Webm } else { Container::Mp4 };
    let library::making::Look { kind, motion, captions, constant_rate, .. } = asked;
    Look {
        name: inputs.recording.title.clone(),
        theme,
        kit,
        banner,
        canvas,
        kind,
        motion,
        captions,
        constant_rate,
        container,
        ..Look::default()
    }
}

/// Keeps finished parts of an attempt among the tenant's blobs, so that nothing that was finished is lost with the folder.
struct Keeper<'a> {
    tenant: &'a TenantStore,
    blobs: &'a BlobStore,
    work: &'a Work,
    place: Workplace,
    pieces: Vec<Piece>,
    last: Instant,
}

impl Keeper<'_> {
    fn keep_now_and_then(&mut self) {
        if self.last.elapsed() >= KEEP_EVERY {
            self.keep();
        }
    }

    /// Keeps what is finished. A failure costs time at most, when it has to be made again.
    fn keep(&mut self) {
        let job = self.work.lease.job.erase();
        let kept = self.place.keep_pieces(self.blobs);
        self.last = Instant::now();
        let (pieces, changed) = match kept {
            Ok(kept) => kept,
            Err(error) => {
                tracing::warn!(job.id = %job, error = &error as &dyn std::error::Error, "finished parts of a job are not kept");
                return;
            }
        };
        self.pieces.clone_from(&pieces);
        if !changed {
            return;
        }
        let event = EventDraft::system(SystemTask::JobRun, job);
        let (blobs, lease) = (self.blobs, &self.work.lease);
        if let Err(error) = self.tenant.write(event, |tx| Pieces::keep_of_job(tx, blobs, lease, pieces)) {
            tracing::warn!(job.id = %job, error = &error as &dyn std::error::Error, "finished parts of a job are not kept");
        }
    }

    /// Brings what the worker made to the tenant's blobs.
    fn produced(&mut self, outputs: &[Output], attempt: &Attempt) -> Result<Produced, End> {
        attempt.progress("store", 0.0);
        let mut produced = Produced::default();
        let (place, blobs) = (&self.place, self.blobs);
        for output in outputs {
            attempt.alive();
            let text = || place.text(&output.path, TEXT).map_err(|error| unavailable(&error));
            let refused = |error: library::LibraryError| {
                tracing::error!(error = &error as &dyn std::error::Error, "a worker made something unsound");
                jobs::Failure::new(Reason::Defect, "the worker made something unsound")
            };
            let role = match output.role {
                Role::Transcript => {
                    produced.transcript = Some(Content::transcript(blobs, &text()?).map_err(refused)?);
                    continue;
                }
                Role::Storyboard => {
                    produced.storyboard = Some(Content::storyboard(blobs, &text()?).map_err(refused)?);
                    continue;
                }
                Role::Srt => video::Role::Srt,
                Role::Vtt => video::Role::Vtt,
                Role::Poster => video::Role::Poster,
                Role::Video => video::Role::Mp4,
                Role::Webm => video::Role::Webm,
                Role::Chapters => video::Role::Chapters,
                Role::Descriptions => video::Role::Descriptions,
                Role::Page => video::Role::Page,
                Role::Frame => continue,
            };
            let stored = place.take(blobs, &output.path, VIDEO).map_err(|error| unavailable(&error))?;
            produced.video.push(video::File { role, digest: stored.digest, bytes: stored.length });
        }
        match self.place.keep_pieces(blobs) {
            // What was heard lives on as a version, and its windows with it.
            Ok((pieces, _)) => {
                produced.pieces = pieces.into_iter().filter(|piece| !piece.name.starts_with("windows/")).collect();
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "finished parts of a job are not kept");
            }
        }
        Ok(produced)
    }

    /// What a worker's failure means for the job, in words that name no file of this machine.
    fn explain(&self, failure: &Failure) -> jobs::Failure {
        let reason = match failure.kind {
            Kind::BadInput => Reason::BadInput,
            Kind::Model | Kind::Sandbox => Reason::Unavailable,
            Kind::Limit => Reason::Limit,
            Kind::Failed => Reason::Crashed,
            // No worker speaks to an appliance.
            Kind::Usage | Kind::Denied | Kind::Conflict | Kind::Unreachable | Kind::Interrupted | Kind::Terminated => {
                Reason::Defect
            }
        };
        tracing::warn!(job.id = %self.work.lease.job, "a worker failed: {failure}");
        let folder = self.place.path().display().to_string();
        let mut message = failure.message.replace(&format!("{folder}/"), "").replace(&folder, "its folder");
        if let Some(stage) = failure.stage {
            message += &format!(" (while {})", stage.doing());
        }
        jobs::Failure::new(reason, message)
    }
}
