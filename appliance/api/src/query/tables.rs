//! The tables of a tenant, and what their columns mean.

use std::sync::Arc;

use ::jobs::Job;
use identity::{User, UserState};
use library::{project::Project, recording::Recording, transcript::Transcript, video::Video};
use metering::{Cell, Column, Kind, Table};
use model::{Classification, Header, Noun, Permission};
use store::{Read as _, ReadError, View};

use super::{Asker, listed::Listed};

const fn text(name: &'static str, about: &'static str) -> Column {
    Column { name, kind: Kind::Text, about }
}

const fn number(name: &'static str, about: &'static str) -> Column {
    Column { name, kind: Kind::Number, about }
}

const fn time(name: &'static str, about: &'static str) -> Column {
    Column { name, kind: Kind::Time, about }
}

/// The tables of what lies in projects.
pub(super) fn of_projects(asker: &Arc<Asker>) -> Vec<Arc<dyn Table>> {
    vec![
        Arc::new(Listed::<Project> {
            asker: asker.clone(),
            name: "projects",
            about: "folders of recordings and what is made of them, those in the trash left out",
            columns: PROJECTS,
            permission: Permission::ProjectRead,
            at_work: |_, project| Ok(project.trashed.is_none()),
            row: project,
        }),
        Arc::new(Listed::<Recording> {
            asker: asker.clone(),
            name: "recordings",
            about: "uploaded speech, what lies in the trash left out",
            columns: RECORDINGS,
            permission: Permission::AssetRead,
            at_work: |view, recording| Ok(recording.trashed.is_none() && in_open_project(view, &recording.header)?),
            row: recording,
        }),
        Arc::new(Listed::<Transcript> {
            asker: asker.clone(),
            name: "transcripts",
            about: "what was heard in recordings and how surely, without the words; those of recordings in the trash left out",
            columns: TRANSCRIPTS,
            permission: Permission::TranscriptRead,
            at_work: |view, transcript| {
                let recording = view.get::<Recording>(&transcript.recording)?;
                let at_work = recording.is_some_and(|it| it.trashed.is_none());
                Ok(at_work && in_open_project(view, &transcript.header)?)
            },
            row: transcript,
        }),
        Arc::new(Listed::<Video> {
            asker: asker.clone(),
            name: "videos",
            about: "rendered videos, those of recordings in the trash left out",
            columns: VIDEOS,
            permission: Permission::RenderRead,
            at_work: |view, video| {
                let recording = view.get::<Recording>(&video.recording)?;
                Ok(recording.is_some_and(|it| it.trashed.is_none()) && in_open_project(view, &video.header)?)
            },
            row: video,
        }),
        Arc::new(Listed::<Job> {
            asker: asker.clone(),
            name: "jobs",
            about: "work that waits, runs or has ended",
            columns: JOBS,
            permission: Permission::RenderRead,
            at_work: |view, job| in_open_project(view, &job.header),
            row: job,
        }),
    ]
}

/// The table of people.
pub(super) fn users(asker: &Arc<Asker>) -> Arc<dyn Table> {
    Arc::new(Listed::<User> {
        asker: asker.clone(),
        name: "users",
        about: "people of the tenant, without their credentials",
        columns: USERS,
        permission: Permission::MemberRead,
        at_work: |_, _| Ok(true),
        row: user,
    })
}

/// Whether what has this header lies in no project, or in one that is not in the trash.
fn in_open_project<K: Noun>(view: &View, header: &Header<K>) -> Result<bool, ReadError> {
    match header.project {
        None => Ok(true),
        Some(project) => Ok(view.get::<Project>(&project)?.is_some_and(|project| project.trashed.is_none())),
    }
}

const fn classification(of: Classification) -> &'static str {
    match of {
        Classification::Public => "public",
        Classification::Internal => "internal",
        Classification::Confidential => "confidential",
        Classification::Restricted => "restricted",
        Classification::Secret => "secret",
    }
}

const PROJECTS: &[Column] = &[
    text("project_id", "the project"),
    text("title", "what it is called"),
    text("owner_id", "who made it"),
    text("classification", "how secret it is"),
    time("created_at", "when it was made (UTC)"),
    time("updated_at", "when it was last changed (UTC)"),
];

fn project(project: Project) -> Vec<Cell> {
    let header = project.header;
    vec![
        Cell::Text(header.id.to_string()),
        Cell::Text(project.title),
        Cell::Text(header.owner.to_string()),
        Cell::Text(classification(header.classification).to_owned()),
        Cell::Time(header.created.millis()),
        Cell::Time(header.updated.millis()),
    ]
}

const RECORDINGS: &[Column] = &[
    text("recording_id", "the recording"),
    text("project_id", "the project it lies in"),
    text("title", "what it is called"),
    text("owner_id", "who uploaded it"),
    text("media_type", "the type of the file"),
    number("bytes", "how long the file is"),
    number("duration_ms", "how long it plays, once it was heard"),
    text("classification", "how secret it is"),
    time("created_at", "when it was uploaded (UTC)"),
    time("updated_at", "when it was last changed (UTC)"),
];

fn recording(recording: Recording) -> Vec<Cell> {
    let header = recording.header;
    vec![
        Cell::Text(header.id.to_string()),
        Cell::text(header.project),
        Cell::Text(recording.title),
        Cell::Text(header.owner.to_string()),
        Cell::Text(recording.media_type),
        Cell::number(recording.bytes),
        recording.duration_ms.map_or(Cell::Null, Cell::number),
        Cell::Text(classification(header.classification).to_owned()),
        Cell::Time(header.created.millis()),
        Cell::Time(header.updated.millis()),
    ]
}

const TRANSCRIPTS: &[Column] = &[
    text("transcript_id", "the transcript"),
    text("project_id", "the project it lies in"),
    text("recording_id", "the recording in which it was heard"),
    text("language", "the language of its words"),
    number("duration_ms", "how long the recording plays"),
    number("words", "how many words it has"),
    number("unsure_words", "words that the recogniser is unsure of (below 0.6) and nobody has corrected"),
    number("certainty", "how sure it was of a word on average, in thousandths; corrected words count as certain"),
    number("corrections", "how many corrections of words there were since it was heard"),
    number("versions", "how many versions it has"),
    time("created_at", "when it was first heard (UTC)"),
    time("updated_at", "when it last changed (UTC)"),
];

fn transcript(transcript: Transcript) -> Vec<Cell> {
    let Transcript { header, recording, language, duration_ms, words, unsure, certainty, corrected, .. } = transcript;
    vec![
        Cell::Text(header.id.to_string()),
        Cell::text(header.project),
        Cell::Text(recording.to_string()),
        Cell::Text(language),
        Cell::number(duration_ms),
        Cell::number(words.into()),
        Cell::number(unsure.into()),
        certainty.map_or(Cell::Null, |certainty| Cell::number(certainty.into())),
        Cell::number(corrected.into()),
        Cell::number(header.version),
        Cell::Time(header.created.millis()),
        Cell::Time(header.updated.millis()),
    ]
}

const VIDEOS: &[Column] = &[
    text("video_id", "the video"),
    text("project_id", "the project it lies in"),
    text("recording_id", "the recording it was made of"),
    text("storyboard_id", "the storyboard it shows"),
    text("job_id", "the job that rendered it"),
    text("title", "what it is called"),
    text("theme", "the theme"),
    number("width", "of a frame, in pixels"),
    number("height", "of a frame, in pixels"),
    number("fps", "frames a second"),
    number("duration_ms", "how long it plays"),
    number("bytes", "its files together"),
    text("owner_id", "who ordered it"),
    time("created_at", "when it was rendered (UTC)"),
    time("shared_at", "when a link first showed it to those without an account (UTC)"),
];

fn video(video: Video) -> Vec<Cell> {
    let header = video.header;
    let (width, height, fps) = video.canvas;
    let bytes = video.files.iter().fold(0u64, |bytes, file| bytes.saturating_add(file.bytes));
    vec![
        Cell::Text(header.id.to_string()),
        Cell::text(header.project),
        Cell::Text(video.recording.to_string()),
        Cell::Text(video.storyboard.to_string()),
        Cell::Text(video.job.to_string()),
        Cell::Text(video.title),
        Cell::Text(video.theme),
        Cell::number(width.into()),
        Cell::number(height.into()),
        Cell::number(fps.into()),
        Cell::number(video.duration_ms),
        Cell::number(bytes),
        Cell::Text(header.owner.to_string()),
        Cell::Time(header.created.millis()),
        video.shared.map_or(Cell::Null, |at| Cell::Time(at.millis())),
    ]
}

const JOBS: &[Column] = &[
    text("job_id", "the job"),
    text("project_id", "the project of what it works on"),
    text("kind", "what it does"),
    text("state", "queued, running, done, failed, dead or cancelled"),
    text("about", "what it works on"),
    text("result", "what it made"),
    text("owner_id", "who asked for it"),
    number("attempts", "how often it was begun"),
    number("failures", "how many of them failed"),
    time("created_at", "when it was asked for (UTC)"),
    time("ended_at", "when it was over (UTC)"),
];

fn job(job: Job) -> Vec<Cell> {
    let Job { header, kind, about, state, attempts, failures, result, .. } = job;
    let ended = if state.is_live() { Cell::Null } else { Cell::Time(state.at().millis()) };
    vec![
        Cell::Text(header.id.to_string()),
        Cell::text(header.project),
        Cell::Text(kind.code().to_owned()),
        Cell::Text(state.kind().to_string()),
        Cell::text(about),
        Cell::text(result),
        Cell::Text(header.owner.to_string()),
        Cell::number(attempts.into()),
        Cell::number(failures.into()),
        Cell::Time(header.created.millis()),
        ended,
    ]
}

const USERS: &[Column] = &[
    text("user_id", "the person"),
    text("name", "what they are called"),
    text("email", "their address"),
    text("state", "active, suspended or removed"),
    time("created_at", "since when they are known (UTC)"),
    time("last_sign_in_at", "when they last signed in (UTC)"),
];

fn user(user: User) -> Vec<Cell> {
    let state = match user.state {
        UserState::Active => "active",
        UserState::Suspended => "suspended",
        UserState::Removed => "removed",
    };
    vec![
        Cell::Text(user.header.id.to_string()),
        Cell::Text(user.name),
        Cell::text(user.email),
        Cell::Text(state.to_owned()),
        Cell::Time(user.header.created.millis()),
        user.last_sign_in.map_or(Cell::Null, |at| Cell::Time(at.millis())),
    ]
}
