//! What draws the frames of a job, what codes them and what hears: the processor, or a graphics processor where one is asked for and works.

#[cfg(feature = "gpu")]
use std::sync::Arc;

use std::path::Path;

use media::encode::{Coder, hardware};
use serde::{Deserialize, Serialize};

use super::Device;

/// What draws.
pub(crate) enum Graphics {
    /// The processor, and why it is not the other where that was asked for.
    Processor(Option<String>),
    /// A graphics processor.
    #[cfg(feature = "gpu")]
    Gpu(Arc<gpu::Gpu>),
}

/// What was found to draw with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Found {
    /// A graphics processor.
    Hardware(String),
    /// A program that does what a graphics processor does.
    Software(String),
    /// None, and why.
    None(String),
}

impl Graphics {
    /// What it is, for people.
    pub(crate) fn found(&self) -> Found {
        match self {
            Self::Processor(reason) => Found::None(reason.clone().unwrap_or_default()),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) if gpu.is_software() => Found::Software(gpu.name().to_owned()),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => Found::Hardware(gpu.name().to_owned()),
        }
    }
}

/// Device files of graphics processors.
const DEVICES: &[&str] = &["/dev/dri", "/dev/nvidiactl"];

fn has_hardware() -> bool {
    DEVICES.iter().any(|path| std::fs::exists(path).unwrap_or(false))
}

impl Device {
    /// What codes the pictures of MP4, and why it is not a graphics processor where that was asked for. `folder` is for files
    /// while one is tried.
    pub(crate) fn coder(self, folder: &Path) -> (Coder, Option<String>) {
        if !self.looks() {
            return (Coder::X264, None);
        }
        match hardware(folder) {
            Ok(coder) => (coder, None),
            Err(errors) if errors.is_empty() => (Coder::X264, Some("no graphics processor was found".to_owned())),
            Err(errors) => {
                let reasons: Vec<String> = errors.iter().map(ToString::to_string).collect();
                (Coder::X264, Some(reasons.join("; ")))
            }
        }
    }

    /// Whether a graphics processor should be looked for on this machine. Where none can be, drivers are not loaded and
    /// workers stay as confined as they are.
    pub(crate) fn looks(self) -> bool {
        match self {
            Self::Cpu => false,
            Self::Auto => has_hardware(),
            Self::Gpu => true,
        }
    }

    /// Whether a program is looked for that does what a graphics processor does: one is asked for, and there is none.
    pub(crate) fn is_program(self) -> bool {
        self == Self::Gpu && !has_hardware()
    }

    /// Opens what draws.
    #[cfg(feature = "gpu")]
    pub(crate) fn open(self) -> Graphics {
        if !self.looks() {
            return Graphics::Processor(None);
        }
        let wanted = if self == Self::Gpu { gpu::Wanted::Any } else { gpu::Wanted::Hardware };
        match gpu::Gpu::open(wanted) {
            Ok(gpu) => Graphics::Gpu(Arc::new(gpu)),
            Err(e) => Graphics::Processor(Some(e.to_string())),
        }
    }

    /// Opens what draws.
    #[cfg(not(feature = "gpu"))]
    pub(crate) fn open(self) -> Graphics {
        let reason = "this program was built without the feature `gpu`";
        Graphics::Processor((self == Self::Gpu).then(|| reason.to_owned()))
    }
}
