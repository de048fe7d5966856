//! Options that several commands share.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use studio::draw::{Kit, Logo, LogoKind, MAX_LOGO};
use studio::storyboard::{Canvas, CaptionStyle, Kind, Motion};
use studio::transcript::Term;

use crate::failure::{self, Failure};
use crate::files;
use crate::job::{Container, Device, Limits, Look, Policy};

/// Most glossary terms.
const TERMS: usize = 1000;
/// Largest file of a brand kit in bytes; a logo may be in it.
const KIT: usize = 1 << 20;

/// How to hear.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Hearing")]
pub(crate) struct HearingArgs {
    /// Speech model: a name from `audiagram model list`, or a file
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Language of the talk, such as en, en-GB (British spelling) or pt; found when absent
    #[arg(long, value_name = "LANG")]
    pub(crate) lang: Option<String>,
    /// Names and terms that are said, each with what it is misheard as if need be (`Kubernetes = cooper netties | k8s`):
    /// a file with one a line, or a list with commas
    #[arg(long, value_name = "FILE|TERM,...")]
    glossary: Option<String>,
    /// Threads to hear with; when absent, as many as processors are idle
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: Option<u32>,
    /// What hears: auto (a graphics processor where there is one, and this program was built to use it), cpu, or gpu (even one
    /// that is a program)
    #[arg(
        long,
        value_enum,
        default_value_t = Device::Auto,
        hide_possible_values = true,
        hide_default_value = true,
        value_name = "auto|cpu|gpu"
    )]
    pub(crate) hearing: Device,
}

impl HearingArgs {
    /// Whether something is asked that a transcript of an earlier run may not answer.
    pub(crate) fn asks(&self) -> bool {
        self.model.is_some() || self.lang.is_some() || self.glossary.is_some()
    }

    /// Threads to hear with. Found out here: the worker cannot see how busy the machine is.
    pub(crate) fn threads(&self) -> u32 {
        self.threads.unwrap_or_else(|| u32::try_from(media::hear::default_threads()).unwrap_or(1))
    }

    /// The glossary's terms.
    ///
    /// # Errors
    /// When a file of that name cannot be read or is not a short list of lines in UTF-8.
    pub(crate) fn terms(&self) -> Result<Vec<Term>, Failure> {
        terms(self.glossary.as_deref())
    }
}

/// The terms of a glossary that is given as a file or as a list with commas.
///
/// # Errors
/// When a file of that name cannot be read or is not a short list of lines in UTF-8.
pub(crate) fn terms(given: Option<&str>) -> Result<Vec<Term>, Failure> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let path = PathBuf::from(given);
    let text = if path.is_file() {
        String::from_utf8(files::read_small(&path, 1 << 20)?)
            .map_err(|e| Failure::of(failure::Kind::BadInput, &e).file(&path).remedy("save the file as UTF-8"))?
    } else {
        given.replace(',', "\n")
    };
    let terms: Vec<_> = text.lines().map(Term::parse).filter(|term| !term.spelling.is_empty()).collect();
    if terms.len() > TERMS {
        return Err(Failure::new(failure::Kind::Usage, format!("a glossary has at most {TERMS} terms")));
    }
    Ok(terms)
}

/// How the storyboard of a talk should look.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Look")]
pub(crate) struct BoardArgs {
    /// Colours
    #[arg(long, value_parser = studio::draw::Theme::NAMES)]
    theme: Option<String>,
    /// Size of the video: 720p, 1080p, 4k, 9:16, 1:1 or WIDTHxHEIGHT
    #[arg(long, value_name = "SIZE")]
    size: Option<Size>,
    /// Frames a second, 5 to 60
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(5..=60))]
    fps: Option<u32>,
    /// Draw every scene as this kind: flow, swimlane, sequence, timeline, hierarchy, steps, ...
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// How much moves: full, or reduced to fading in
    #[arg(long, value_name = "MOTION", value_parser = motion)]
    motion: Option<Motion>,
    /// Captions beside the picture, to be switched on, or burned into it
    #[arg(long, value_name = "sidecar|burned", value_parser = captions)]
    captions: Option<CaptionStyle>,
}

/// Whose pictures they are.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Look")]
pub(crate) struct KitArgs {
    /// Brand kit, in place of the theme: a JSON file with any of name, base (light, dark), background, ink, line, accent, tones
    /// (colours of boxes), font, logo (a PNG or SVG file beside it), banner (text, fill, ink, edge: top or bottom) and watermark
    /// (text, or none for the logo; opacity in percent). Refused where a colour stands out too little
    #[arg(long, value_name = "FILE", value_parser = kit, conflicts_with = "theme")]
    pub(crate) kit: Option<serde_json::Value>,
}

/// How a video should look.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Look")]
pub(crate) struct LookArgs {
    #[command(flatten)]
    board: BoardArgs,
    #[command(flatten)]
    kit: KitArgs,
    /// A picture in every frame, for editors that want a constant rate; otherwise one where something changes
    #[arg(long)]
    constant_rate: bool,
    /// The file of the video: mp4 (H.264 and AAC) or webm (VP9 and Opus)
    #[arg(
        long,
        value_enum,
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true,
        value_name = "mp4|webm"
    )]
    container: Container,
    /// What draws the frames: auto (a graphics processor where there is one), cpu, or gpu (even one that is a program). They
    /// look the same
    #[arg(
        long,
        value_enum,
        default_value_t = Device::Auto,
        hide_possible_values = true,
        hide_default_value = true,
        value_name = "auto|cpu|gpu"
    )]
    rasterizer: Device,
    /// What codes the pictures of MP4: cpu (x264, the same bytes on every machine), gpu (NVENC or VA-API, where what it
    /// codes is as good), or auto (gpu where there is one)
    #[arg(
        long,
        value_enum,
        default_value_t = Device::Cpu,
        hide_possible_values = true,
        value_name = "cpu|gpu|auto"
    )]
    encoder: Device,
}

/// The theme of the brand kit in a file, whose logo lies beside it.
fn kit(path: &str) -> Result<serde_json::Value, String> {
    let path = Path::new(path);
    let read = |path: &Path, most: usize| {
        let bytes = files::read_small(path, most as u64);
        bytes.map_err(|e| format!("{}: {}", path.display(), e.message))
    };
    let mut kit: serde_json::Value = serde_json::from_slice(&read(path, KIT)?).map_err(|e| e.to_string())?;
    if let Some(name) = kit.get("logo").and_then(serde_json::Value::as_str) {
        let kind = match Path::new(name).extension().and_then(|ending| ending.to_str()) {
            Some(ending) if ending.eq_ignore_ascii_case("png") => LogoKind::Png,
            Some(ending) if ending.eq_ignore_ascii_case("svg") => LogoKind::Svg,
            _ => return Err("the logo is no file with the ending .png or .svg".to_owned()),
        };
        let logo = Logo::new(kind, &read(&files::folder_of(path).join(name), MAX_LOGO)?);
        kit["logo"] = serde_json::to_value(logo).map_err(|e| e.to_string())?;
    }
    let theme = Kit::parse(kit.to_string().as_bytes()).map_err(|e| e.to_string())?;
    serde_json::to_value(theme).map_err(|e| e.to_string())
}

fn motion(text: &str) -> Result<Motion, String> {
    match text {
        "full" => Ok(Motion::Full),
        "reduced" => Ok(Motion::Reduced),
        _ => Err("one of full, reduced".to_owned()),
    }
}

fn captions(text: &str) -> Result<CaptionStyle, String> {
    match text {
        "sidecar" => Ok(CaptionStyle::Sidecar),
        "burned" => Ok(CaptionStyle::Burned),
        _ => Err("one of sidecar, burned".to_owned()),
    }
}

impl LookArgs {
    /// For a job that makes a video called `name`; what is not asked stays as `before` has it.
    pub(crate) fn look(&self, name: &str, before: Option<Canvas>) -> Look {
        let Self { constant_rate, container, rasterizer, encoder, .. } = *self;
        let kit = self.kit.kit.clone();
        Look { kit, constant_rate, container, rasterizer, encoder, ..self.board.look(name, before) }
    }
}

impl BoardArgs {
    /// For a job that makes a storyboard called `name`; what is not asked stays as `before` has it.
    pub(crate) fn look(&self, name: &str, before: Option<Canvas>) -> Look {
        Look {
            name: name.to_owned(),
            theme: self.theme.clone(),
            canvas: self.canvas(before),
            kind: self.kind,
            motion: self.motion,
            captions: self.captions,
            ..Look::default()
        }
    }

    fn canvas(&self, before: Option<Canvas>) -> Option<Canvas> {
        if self.size.is_none() && self.fps.is_none() {
            return None;
        }
        let before = before.unwrap_or_default();
        let Size(w, h) = self.size.unwrap_or(Size(before.w, before.h));
        Some(Canvas { w, h, fps: self.fps.unwrap_or(before.fps) })
    }
}

/// Width and height in pixels, both even.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(u32, u32);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = match text {
            "720p" => Some((1280, 720)),
            "1080p" | "16:9" => Some((1920, 1080)),
            "4k" | "2160p" => Some((3840, 2160)),
            "9:16" => Some((1080, 1920)),
            "1:1" => Some((1080, 1080)),
            "4:3" => Some((1440, 1080)),
            _ => text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?))),
        };
        let (w, h) = named.ok_or("one of 720p, 1080p, 4k, 9:16, 1:1, 4:3, or WIDTHxHEIGHT such as 1600x900")?;
        let side = |n: u32| (240..=3840).contains(&n) && n.is_multiple_of(2);
        if side(w) && side(h) { Ok(Self(w, h)) } else { Err("both sides must be even, 240 to 3840".to_owned()) }
    }
}

/// What the worker may use.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Worker")]
pub(crate) struct WorkerArgs {
    /// How strictly the worker that reads the file is confined
    #[arg(long, value_enum, default_value_t = Policy::Prefer, hide_possible_values = true,
          value_name = "require|prefer|off")]
    pub(crate) sandbox: Policy,
    /// Memory that the worker may use beside the speech model, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4096, value_parser = clap::value_parser!(u64).range(64..=1 << 20))]
    memory: u64,
    /// End the job after so many minutes; it can be resumed
    #[arg(long, value_name = "MINUTES", default_value_t = 1440, value_parser = clap::value_parser!(u64).range(1..=10_080))]
    deadline: u64,
}

impl WorkerArgs {
    /// The limits, with room for a model of `model_bytes`.
    pub(crate) fn limits(&self, model_bytes: u64) -> Limits {
        Limits {
            // Weights are read into memory once and, while they are being read, partly twice.
            memory_bytes: (self.memory << 20).saturating_add(model_bytes.saturating_mul(2)),
            deadline_ms: self.deadline * 60_000,
            ..Limits::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u32, u32)>) {
        assert_eq!(text.parse::<Size>().ok(), expected.map(|(w, h)| Size(w, h)), "{text}");
    }

    #[test]
    fn kits() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("house.kit.json");
        let check = |json: &str, expected: Result<&str, &str>| {
            std::fs::write(&path, json).expect("written");
            match (kit(&path.to_string_lossy()), expected) {
                (Ok(theme), Ok(part)) => assert!(theme.to_string().contains(part), "{theme}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (found, _) => panic!("{json}: {found:?}"),
            }
        };
        std::fs::write(folder.path().join("logo.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>").expect("written");
        check(r##"{"name": "House", "accent": "#7A1FA2"}"##, Ok("#7A1FA2"));
        check(r##"{"logo": "logo.svg", "watermark": {"opacity": 50}}"##, Ok("\"kind\":\"svg\""));
        check(r##"{"logo": "../logo.gif"}"##, Err(".png or .svg"));
        check(r##"{"logo": "none.png"}"##, Err("none.png"));
        check(r##"{"accent": "#FFD400"}"##, Err("accent #FFD400 on the background #F7F8FB"));
        check(
            r##"{"banner": {"text": "Internal", "fill": "#FFD400", "ink": "#FFFFFF"}}"##,
            Err("#FFFFFF on the banner #FFD400"),
        );
        check("{", Err("EOF"));
    }

    #[test]
    fn sizes() {
        check("1080p", Some((1920, 1080)));
        check("9:16", Some((1080, 1920)));
        check("1600x900", Some((1600, 900)));
        check("1601x900", None);
        check("100x100", None);
        check("99999999999x900", None);
        check("big", None);
    }
}
