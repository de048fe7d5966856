//! What goes wrong with models, and what mends it.

use std::io;
use std::path::PathBuf;

use super::convert::ConvertError;

/// Why a model cannot be listed, fetched, imported, verified or used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The catalogue has no such model and the store none that was imported under that name.
    #[error("there is no model `{name}`; the catalogue has {known}, and `audiagram model import` adds others")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Names of the catalogue.
        known: String,
    },
    /// The name cannot be that of a file, or its file is that of a model of the catalogue.
    #[error("`{0}` cannot name a model; use another, of 1 to 64 of a-z, 0-9, `.`, `_` and `-`, not a sign first")]
    Name(String),
    /// The model is not there.
    #[error("model `{name}` is not installed; run `audiagram model fetch {name}`")]
    Missing {
        /// Its name.
        name: String,
    },
    /// The model's file is not what it should be.
    #[error("model `{name}` at {} is damaged: {reason}; run `{mend}`", path.display())]
    Damaged {
        /// Its name.
        name: String,
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
        /// Command that mends it.
        mend: String,
    },
    /// What was imported or fetched is another model than the one named.
    #[error("{what} is not the model `{name}`: {reason}")]
    Mismatch {
        /// Name that was asked for.
        name: String,
        /// File or package.
        what: String,
        /// How it differs.
        reason: String,
    },
    /// Nothing that can be imported.
    #[error("{} cannot be imported: {reason}", path.display())]
    Unrecognised {
        /// File or folder.
        path: PathBuf,
        /// What was found or missed.
        reason: String,
    },
    /// A sound model that the catalogue does not know, without a name.
    #[error("{} is no model of the catalogue; give it a name of your own with `--name`", path.display())]
    Nameless {
        /// File or folder.
        path: PathBuf,
    },
    /// Weights that do not convert.
    #[error("{}: {source}", path.display())]
    Convert {
        /// File or folder.
        path: PathBuf,
        /// What is wrong with them.
        source: ConvertError,
    },
    /// The source does not have the model.
    #[error("model `{name}` does not come from {from}; run `audiagram model fetch {name} --from {instead}`")]
    Source {
        /// Its name.
        name: String,
        /// Where it was looked for.
        from: &'static str,
        /// Where it is.
        instead: &'static str,
    },
    /// The program that would fetch is absent or failed.
    #[error("model `{name}` cannot be fetched: {reason}; with another machine's help: {remedy}")]
    Fetch {
        /// Its name.
        name: String,
        /// What the programs said.
        reason: String,
        /// How to do without.
        remedy: String,
    },
    /// No folder to keep models in is known.
    #[error("no folder for models: set AUDIAGRAM_MODELS, XDG_DATA_HOME or HOME to an absolute path")]
    Homeless,
    /// The disk failed.
    #[error("{doing} {} failed: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ModelError {
    /// Puts a name to an input or output error.
    pub(super) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }

    pub(super) fn unrecognised(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self::Unrecognised { path: path.into(), reason: reason.into() }
    }
}
