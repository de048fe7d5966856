//! Transcripts.

use library::{
    recording::Recording,
    transcript::{self, Correction, Naming, Transcript},
};
use model::permission::{TranscriptEdit, TranscriptRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use studio::transcript::{cues, srt, turns, vtt};

use super::{
    jobs::JobView,
    making::{HearingBody, OfRecording, RestoreBody, VersionView},
    view::{HeaderView, PageQuery, PageView, parse_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, patch, post},
    guard::{Listing, On},
    problem::Problem,
    reply::{Form, Json, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<On<TranscriptEdit, Recording>>(
            "/v1/recordings/{recording}/transcripts",
            "transcribe_recording",
            "Have a recording heard; the transcript gets a new version",
        )
        .takes::<HearingBody>()
        .accepts()
        .by(transcribe),
        get::<Listing<TranscriptRead>>("/v1/transcripts", "list_transcripts", "Transcripts you may see, newest first")
            .query::<OfRecording>()
            .by(list),
        get::<On<TranscriptRead, Transcript>>("/v1/transcripts/{transcript}", "read_transcript", "A transcript")
            .by(read),
        patch::<On<TranscriptEdit, Transcript>>(
            "/v1/transcripts/{transcript}",
            "correct_transcript",
            "Correct words and speakers: a new version, in which all words keep their numbers and times",
        )
        .takes::<CorrectBody>()
        .versioned()
        .by(correct),
        get::<On<TranscriptRead, Transcript>>(
            "/v1/transcripts/{transcript}/content",
            "read_transcript_content",
            "The words of a version as JSON, captions or text",
        )
        .query::<ContentQuery>()
        .by(content),
        get::<On<TranscriptRead, Transcript>>(
            "/v1/transcripts/{transcript}/versions",
            "list_transcript_versions",
            "The versions of a transcript, newest first",
        )
        .query::<PageQuery>()
        .by(versions),
        post::<On<TranscriptEdit, Transcript>>(
            "/v1/transcripts/{transcript}/restore",
            "restore_transcript",
            "Make an earlier version the newest again",
        )
        .takes::<RestoreBody>()
        .versioned()
        .by(restore),
    ]
}

/// A transcript.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Transcript")]
struct TranscriptView {
    #[serde(flatten)]
    header: HeaderView,
    /// The recording it is of.
    recording: String,
    /// What the recording is called.
    title: String,
    /// The language of its words.
    language: String,
    /// Length of the recording in milliseconds.
    duration_ms: u64,
    /// How many words.
    words: u32,
    /// The SHA-256 of the newest version's canonical JSON.
    revision: String,
}

impl From<Transcript> for TranscriptView {
    fn from(transcript: Transcript) -> Self {
        TranscriptView {
            header: HeaderView::of(&transcript.header),
            recording: transcript.recording.to_string(),
            title: transcript.title,
            language: transcript.language,
            duration_ms: transcript.duration_ms,
            words: transcript.words,
            revision: transcript.digest.to_string(),
        }
    }
}

/// Corrections.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "TranscriptCorrection")]
#[serde(deny_unknown_fields, default)]
struct CorrectBody {
    /// Words to correct.
    #[schemars(length(max = 10000))]
    words: Vec<WordBody>,
    /// Speakers to rename, before words are given to speakers.
    #[schemars(length(max = 1000))]
    speakers: Vec<SpeakerBody>,
}

/// What a word should be.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "WordCorrection")]
#[serde(deny_unknown_fields)]
struct WordBody {
    /// The number of the word, from 0.
    word: u32,
    /// The right word, with its punctuation.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    text: Option<String>,
    /// Who says it: a speaker's name, which may be new.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    speaker: Option<String>,
}

/// Another name for a speaker.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "SpeakerNaming")]
#[serde(deny_unknown_fields)]
struct SpeakerBody {
    /// The name so far.
    from: String,
    /// The name from now on.
    #[schemars(length(min = 1, max = 100))]
    to: String,
}

/// Which version, in which form.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ContentQuery {
    /// The version; the newest without one.
    #[schemars(range(min = 1))]
    version: Option<u64>,
    /// The form.
    format: Format,
}

/// What words are written as.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "TranscriptFormat")]
enum Format {
    /// Words with times and confidence, `studio.transcript/1`.
    #[default]
    Json,
    /// Text, one paragraph a turn.
    Txt,
    /// SubRip captions.
    Srt,
    /// WebVTT captions.
    Vtt,
}

type Done = Result<Versioned<TranscriptView>, Problem>;

fn versioned(transcript: Transcript) -> Versioned<TranscriptView> {
    Versioned(transcript.header.version, transcript.into())
}

fn transcribe(call: Call<'_, On<TranscriptEdit, Recording>, Empty, HearingBody>) -> Result<Json<JobView>, Problem> {
    let plan = call.services.limits(call.pass.tenant())?;
    Ok(Json(transcript::transcribe(call.pass, &call.services.jobs, &plan, call.body.into())?.into()))
}

fn list(
    call: Call<'_, Listing<TranscriptRead>, OfRecording, Empty>,
) -> Result<Json<PageView<TranscriptView>>, Problem> {
    let OfRecording { after, limit, recording } = call.query;
    let query = PageQuery { after, limit };
    let recording = recording.map(|recording| parse_id("recording", &recording)).transpose()?;
    let page = transcript::list(&call.pass, recording, query.cursor()?.as_ref(), query.limit()?)?;
    Ok(Json(PageView::of(page, TranscriptView::from)))
}

fn read(call: Call<'_, On<TranscriptRead, Transcript>, Empty, Empty>) -> Done {
    Ok(versioned(transcript::read(&call.pass)?))
}

fn correct(call: Call<'_, On<TranscriptEdit, Transcript>, Empty, CorrectBody>) -> Done {
    let CorrectBody { words, speakers } = call.body;
    let words: Vec<_> =
        words.into_iter().map(|WordBody { word, text, speaker }| Correction { word, text, speaker }).collect();
    let speakers: Vec<_> = speakers.into_iter().map(|SpeakerBody { from, to }| Naming { from, to }).collect();
    Ok(versioned(transcript::correct(call.pass, call.request.base_version()?, &words, &speakers)?))
}

fn content(
    call: Call<'_, On<TranscriptRead, Transcript>, ContentQuery, Empty>,
) -> Result<Form<studio::transcript::Transcript>, Problem> {
    let (_, words) = transcript::content(&call.pass, call.query.version)?;
    Ok(match call.query.format {
        Format::Json => Form::Json(words),
        Format::Txt => Form::Text { kind: "text/plain; charset=utf-8", text: turns(&words) },
        Format::Srt => Form::Text { kind: "application/x-subrip", text: srt(&cues(&words)) },
        Format::Vtt => Form::Text { kind: "text/vtt", text: vtt(&cues(&words), &words.lang) },
    })
}

fn versions(
    call: Call<'_, On<TranscriptRead, Transcript>, PageQuery, Empty>,
) -> Result<Json<PageView<VersionView>>, Problem> {
    let page = transcript::versions(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, VersionView::from)))
}

fn restore(call: Call<'_, On<TranscriptEdit, Transcript>, Empty, RestoreBody>) -> Done {
    Ok(versioned(transcript::restore(call.pass, call.request.base_version()?, call.body.version)?))
}
