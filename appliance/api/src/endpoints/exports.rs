//! Storyboards as files of other programs.

use library::storyboard::{Exhibit, Storyboard, banner, exhibit};
use model::{ErrorKind, permission::AssetDownload};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use studio::{
    arrange::arrange,
    draw::Theme,
    export::{Deck, ExportError, Format, MAX_SOUND, Sound, Talk, export},
    film::plan,
    layout::{overlay, place_for},
    storyboard::Storyboard as Board,
};
use tokio::runtime::Handle;

use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::On,
    media::Media,
    problem::{Code, Problem},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<On<AssetDownload, Storyboard>>(
            "/v1/storyboards/{storyboard}/export",
            "export_storyboard",
            "A version of a storyboard as a file of another program: slides, pages, pictures, diagrams in text, a page with the \
             voice; ranges can be asked for",
        )
        .query::<ExportQuery>()
        .by(write),
    ]
}

/// What is wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    /// The form. `svg`, `png`, `dot`, `mermaid`, `d2`, `bpmn`, `gif` and `webp` hold one scene, the others all of them; `html` holds
    /// the voice too.
    #[schemars(schema_with = "forms")]
    form: String,
    /// The id of the scene; needed for forms of one scene where there are several.
    #[serde(default)]
    #[schemars(length(min = 1, max = 64))]
    scene: Option<String>,
    /// The version; the newest without one.
    #[serde(default)]
    #[schemars(range(min = 1))]
    version: Option<u64>,
    /// Whether the page `html` holds the voice of the recording.
    #[serde(default = "yes")]
    sound: bool,
}

fn yes() -> bool {
    true
}

fn forms(_: &mut SchemaGenerator) -> Schema {
    let words: Vec<_> = Format::ALL.iter().map(|form| form.as_str()).collect();
    json_schema!({ "type": "string", "enum": words })
}

fn write(call: Call<'_, On<AssetDownload, Storyboard>, ExportQuery, Empty>) -> Result<Media, Problem> {
    let ExportQuery { form, scene, version, sound } = call.query;
    let form: Format = form.parse().map_err(|known: String| Problem::at("form", format!("must be {known}")))?;
    // Drawing takes a processor for a while, so only some do it at once, and no tenant all of them.
    let tenant = call.pass.tenant();
    let _turn = Handle::current().block_on(call.services.walls.export(tenant))?;
    let exhibit = exhibit(call.pass, version, ("form", form.as_str()))?;
    let played = arrange(&exhibit.board, &exhibit.transcript);
    let (board, transcript) = (&*played.board, &*played.transcript);
    let scene = chosen(board, form, scene.as_deref())?;
    if form == Format::Html && sound && exhibit.recording.speaks() && !played.stretches.is_empty() {
        return Err(silent("the recording is not in the order in which its scenes are played"));
    }
    let voice = if form == Format::Html && sound && exhibit.recording.speaks() { Some(voice(&exhibit)?) } else { None };

    let theme = theme(&exhibit)?;
    let fonts = call.services.fonts(board, &theme);
    let mut placed: Vec<_> =
        board.scenes.iter().map(|scene| place_for(&board.lang, scene, board.canvas, &*fonts)).collect();
    overlay(&mut placed, board, transcript, &*fonts);
    let film = plan(board, transcript, &placed).map_err(|error| Problem::of(ErrorKind::Corrupt, &error))?;
    let sound = voice.as_ref().map(|(bytes, media_type)| Sound { bytes, media_type });
    let talk = Some(Talk { transcript, film: &film, sound });
    let deck = Deck { board, placed: &placed, fonts: &fonts, theme: &theme, talk };
    let mut files = export(&deck, form, scene).map_err(|error| refused(&error))?;
    let file = files.pop().ok_or_else(|| Problem::at("scene", "the storyboard has no scene"))?;
    let title = if exhibit.storyboard.title.is_empty() { &exhibit.recording.title } else { &exhibit.storyboard.title };
    Ok(Media::made(call.request, file.bytes, form.media_type(), &format!("{title}{}", file.suffix)))
}

/// The scene that is wanted, by its number from 0.
fn chosen(board: &Board, form: Format, scene: Option<&str>) -> Result<Option<usize>, Problem> {
    let scenes = &board.scenes;
    match scene {
        Some(id) => {
            let found = scenes.iter().position(|scene| scene.id == id);
            found.map(Some).ok_or_else(|| Problem::new(Code::NotFound, "the storyboard has no such scene"))
        }
        None if form.is_of_scene() && scenes.len() > 1 => {
            let detail = format!("is missing: a file of the form `{}` holds one scene", form.as_str());
            Err(Problem::at("scene", detail))
        }
        None => Ok(None),
    }
}

/// The look of its videos.
pub(super) fn theme(exhibit: &Exhibit) -> Result<Theme, Problem> {
    let corrupt = |error: &(dyn std::error::Error + 'static)| Problem::of(ErrorKind::Corrupt, error);
    let mut theme = match &exhibit.kit {
        Some(kit) => Theme::parse(kit.to_string().as_bytes()).map_err(|error| corrupt(&error))?,
        None => Theme::named(&exhibit.board.theme).map_err(|error| corrupt(&error))?,
    };
    theme.marks.classify(banner(exhibit.recording.header.classification));
    Ok(theme)
}

/// Why a page is not given the voice.
fn silent(why: &str) -> Problem {
    Problem::at("sound", format!("{why}; ask with `sound=false`"))
}

/// The recording as browsers play it.
fn voice(exhibit: &Exhibit) -> Result<(Vec<u8>, &'static str), Problem> {
    let recording = &exhibit.recording;
    if exhibit.redacted {
        return Err(silent("the recording still says words that are redacted"));
    }
    if recording.bytes > MAX_SOUND as u64 {
        return Err(silent("the recording is too large for a page"));
    }
    let media_type = Sound::media_type_of(&recording.file_name);
    let media_type = media_type.ok_or_else(|| silent("browsers do not play recordings of this kind"))?;
    Ok((exhibit.voice()?, media_type))
}

fn refused(error: &ExportError) -> Problem {
    match error {
        ExportError::NoProcess { .. } => Problem::at("form", error.to_string()),
        ExportError::Redacted | ExportError::Sound(_) => Problem::at("sound", error.to_string()),
        ExportError::NoTalk(_)
        | ExportError::Count { .. }
        | ExportError::Scene(..)
        | ExportError::Draw(_)
        | ExportError::Pack(_) => Problem::of(ErrorKind::Bug, error),
    }
}
