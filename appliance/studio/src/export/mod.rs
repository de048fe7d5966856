//! A storyboard as files of other programs: one small file of code a format, all over one read-only view.
//!
//! [`Deck`] is all that an export may look at: the storyboard, where layout has put everything, and, where the talk is at
//! hand, its film and its words. `sheet` is one scene of it as boxes, lines and rooms with names that every format
//! takes. Every export is a pure function: the same deck gives the same bytes on every machine.

mod bpmn;
mod d2;
mod dot;
mod drawio;
mod excalidraw;
mod looped;
mod mermaid;
mod moving;
mod page;
pub mod pdf;
mod pptx;
mod scenery;
mod sheet;
mod still;
#[cfg(test)]
mod tests;
mod xml;

use crate::draw::{DrawError, Fonts, Theme};
use crate::film::Film;
use crate::layout::Placed;
use crate::storyboard::{Kind, Storyboard};
use crate::transcript::Transcript;

/// Largest recording that is put into a page, in bytes: browsers read the page as a whole.
pub const MAX_SOUND: usize = 96 << 20;

/// What exports look at.
#[derive(Debug, Clone, Copy)]
pub struct Deck<'a> {
    /// The storyboard.
    pub board: &'a Storyboard,
    /// Its scenes in order, placed on its canvas.
    pub placed: &'a [Placed],
    /// The fonts they were placed with.
    pub fonts: &'a Fonts,
    /// Their look.
    pub theme: &'a Theme,
    /// The talk, where its words are at hand.
    pub talk: Option<Talk<'a>>,
}

/// The talk behind a storyboard.
#[derive(Debug, Clone, Copy)]
pub struct Talk<'a> {
    /// Its words.
    pub transcript: &'a Transcript,
    /// What moves when.
    pub film: &'a Film,
    /// The voice, as a file that browsers play.
    pub sound: Option<Sound<'a>>,
}

/// A recording in a format that browsers play.
#[derive(Debug, Clone, Copy)]
pub struct Sound<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Its media type, such as `audio/mp4`.
    pub media_type: &'a str,
}

/// Recordings that browsers play, by their endings.
const PLAYED: [(&str, &str); 10] = [
    ("m4a", "audio/mp4"),
    ("m4b", "audio/mp4"),
    ("mp4", "audio/mp4"),
    ("aac", "audio/aac"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("webm", "audio/webm"),
];

impl Sound<'_> {
    /// The media type as which browsers play a recording, by the name of its file; none where they do not.
    pub fn media_type_of(file_name: &str) -> Option<&'static str> {
        let (_, ending) = file_name.rsplit_once('.')?;
        PLAYED.iter().find(|(own, _)| own.eq_ignore_ascii_case(ending)).map(|(_, media_type)| *media_type)
    }
}

/// One exported file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What comes behind the name of the talk, such as `.2.dot`.
    pub suffix: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

macro_rules! formats {
    ($($(#[$meta:meta])* $name:ident = $word:literal $ending:literal $media:literal $span:ident),+ $(,)?) => {
        /// A format that storyboards are exported to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Format { $($(#[$meta])* $name),+ }

        impl Format {
            /// Every format, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word that asks for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The ending of its files, with the dot.
            pub fn ending(self) -> &'static str {
                match self { $(Self::$name => $ending),+ }
            }

            /// The media type of its files.
            pub fn media_type(self) -> &'static str {
                match self { $(Self::$name => $media),+ }
            }

            fn span(self) -> Span {
                match self { $(Self::$name => Span::$span),+ }
            }
        }
    };
}

/// What one file of a format holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    /// One scene.
    Scene,
    /// The scenes, with or without the talk.
    Board,
    /// One scene as it moves, which needs the talk's words.
    Loop,
    /// The film, which needs the talk's words.
    Film,
}

formats! {
    /// Scalable picture of a scene, words as outlines.
    Svg = "svg" ".svg" "image/svg+xml" Scene,
    /// Picture of a scene in pixels.
    Png = "png" ".png" "image/png" Scene,
    /// Graphviz.
    Dot = "dot" ".dot" "text/vnd.graphviz; charset=utf-8" Scene,
    /// Mermaid.
    Mermaid = "mermaid" ".mmd" "text/vnd.mermaid; charset=utf-8" Scene,
    /// D2.
    D2 = "d2" ".d2" "text/plain; charset=utf-8" Scene,
    /// diagrams.net, one page a scene.
    Drawio = "drawio" ".drawio" "application/vnd.jgraph.mxfile" Board,
    /// Excalidraw, one frame a scene.
    Excalidraw = "excalidraw" ".excalidraw" "application/vnd.excalidraw+json" Board,
    /// BPMN 2.0 with the diagram; flows only.
    Bpmn = "bpmn" ".bpmn" "application/xml" Scene,
    /// Slides with shapes that can be edited, what was said as notes.
    Pptx = "pptx" ".pptx" "application/vnd.openxmlformats-officedocument.presentationml.presentation" Board,
    /// Tagged pages, one a scene.
    Pdf = "pdf" ".pdf" "application/pdf" Board,
    /// A scene as a picture that moves, in 256 colours.
    Gif = "gif" ".gif" "image/gif" Loop,
    /// A scene as a picture that moves, in all colours.
    Webp = "webp" ".webp" "image/webp" Loop,
    /// The film as one picture that moves, without sound.
    MovingSvg = "moving-svg" ".moving.svg" "image/svg+xml" Film,
    /// The film as a page: animation, voice, captions, search, keyboard.
    Html = "html" ".film.html" "text/html; charset=utf-8" Film,
}

impl Format {
    /// Whether it shows how things move, so that the talk's words are needed.
    pub fn needs_talk(self) -> bool {
        matches!(self.span(), Span::Film | Span::Loop)
    }

    /// Whether one file of it holds one scene.
    pub fn is_of_scene(self) -> bool {
        matches!(self.span(), Span::Scene | Span::Loop)
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|f| f.as_str() == word).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|f| f.as_str()).collect();
            format!("one of {}", known.join(", "))
        })
    }
}

/// Why a storyboard cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A film without its talk.
    #[error("{0} shows the film, which needs the words of the talk; give the transcript")]
    NoTalk(&'static str),
    /// Scenes and placed scenes do not go together.
    #[error("{scenes} scenes but {placed} placed scenes; place every scene once")]
    Count {
        /// Scenes of the storyboard.
        scenes: usize,
        /// Placed scenes.
        placed: usize,
    },
    /// No such scene.
    #[error("there is no scene {0}; the storyboard has {1}")]
    Scene(usize, usize),
    /// BPMN knows processes only.
    #[error("scene `{scene}` is of kind {kind}; BPMN takes {}", bpmn::KINDS.map(|k| k.as_str()).join(", "))]
    NoProcess {
        /// Id of the scene.
        scene: String,
        /// What it is drawn as.
        kind: Kind,
    },
    /// What was redacted can still be heard in the recording.
    #[error("words of the talk are redacted and the recording still says them; export without sound")]
    Redacted,
    /// A recording that no page can hold.
    #[error("the recording has {0} bytes and a page holds {MAX_SOUND}; export without sound, or a shorter recording")]
    Sound(usize),
    /// A part that cannot be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A container that cannot be written.
    #[error("the file cannot be put together: {0}")]
    Pack(String),
}

/// The files of `deck` in `format`: one, or one a scene. `scene` asks for one scene by its number from 0; formats of the
/// whole talk then hold nothing else, films stay whole.
///
/// # Errors
/// When the deck lacks what the format shows; see [`ExportError`].
pub fn export(deck: &Deck<'_>, format: Format, scene: Option<usize>) -> Result<Vec<File>, ExportError> {
    let count = deck.board.scenes.len();
    if deck.placed.len() != count {
        return Err(ExportError::Count { scenes: count, placed: deck.placed.len() });
    }
    let scenes: Vec<usize> = match scene {
        Some(at) if at >= count => return Err(ExportError::Scene(at + 1, count)),
        Some(at) => vec![at],
        None => (0..count).collect(),
    };
    let whole = |bytes: Vec<u8>| Ok(vec![File { suffix: format.ending().to_owned(), bytes }]);
    let each = |write: &dyn Fn(usize) -> Result<Vec<u8>, ExportError>| -> Result<Vec<File>, ExportError> {
        let file = |at: usize| write(at).map(|bytes| File { suffix: format!(".{}{}", at + 1, format.ending()), bytes });
        scenes.iter().map(|&at| file(at)).collect()
    };
    let text = |write: fn(&sheet::Sheet<'_>) -> String| each(&|at| Ok(write(&sheet::Sheet::of(deck, at)).into_bytes()));
    let sheets = || scenes.iter().map(|&at| sheet::Sheet::of(deck, at)).collect::<Vec<_>>();
    let talk = || deck.talk.ok_or(ExportError::NoTalk(format.as_str()));
    match format {
        Format::Svg => each(&|at| Ok(still::svg(deck, at))),
        Format::Png => each(&|at| still::png(deck, at)),
        Format::Dot => text(dot::write),
        Format::Mermaid => text(mermaid::write),
        Format::D2 => text(d2::write),
        Format::Bpmn => each(&|at| bpmn::write(&sheet::Sheet::of(deck, at)).map(String::into_bytes)),
        Format::Drawio => whole(drawio::write(deck, &sheets()).into_bytes()),
        Format::Excalidraw => whole(excalidraw::write(&sheets()).into_bytes()),
        Format::Pptx => whole(pptx::write(deck, &sheets())?),
        Format::Pdf => whole(pdf::write(deck, &scenes)?),
        Format::Gif => each(&|at| looped::gif(deck, &talk()?, at)),
        Format::Webp => each(&|at| looped::webp(deck, &talk()?, at)),
        Format::MovingSvg => whole(moving::write(deck, &talk()?).into_bytes()),
        Format::Html => whole(page::write(deck, &talk()?)?.into_bytes()),
    }
}
