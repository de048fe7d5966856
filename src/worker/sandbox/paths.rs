//! Landlock: the files that a worker may open.

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::{Part, State};

/// What may be read everywhere: shared libraries that libav opens late, and fonts.
const SYSTEM: &[&str] = &["/usr/lib", "/lib", "/lib64", "/usr/share/fonts", "/usr/local/share/fonts", "/dev/urandom"];

/// What drivers of graphics processors read besides: where their libraries are, and what the machine has.
const GRAPHICS: &[&str] = &[
    "/etc/vulkan",
    "/usr/share/vulkan",
    "/usr/local/share/vulkan",
    "/usr/share/drirc.d",
    "/usr/share/nvidia",
    "/sys/bus/pci",
    "/sys/class/drm",
    "/sys/dev/char",
    "/sys/devices",
    "/proc/cpuinfo",
    "/proc/devices",
    "/proc/driver/nvidia",
    "/proc/meminfo",
    "/proc/modules",
];

/// Their device files. Those of NVIDIA's cards are numbered beside the one for all.
const DEVICES: &[&str] = &["/dev/dri", "/dev/nvidiactl", "/dev/nvidia-modeset", "/dev/nvidia-uvm"];
/// Most cards that are looked for.
const CARDS: u32 = 16;

/// The latest rights that this program knows; older kernels enforce those that they have.
const RIGHTS: ABI = ABI::V6;

/// Files and folders of one job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths {
    /// Read only: recording, storyboard, transcript, model, fonts.
    pub(crate) read: Vec<PathBuf>,
    /// Read and written, with everything beneath: the work folder.
    pub(crate) write: Vec<PathBuf>,
    /// Whether it may talk to graphics processors.
    pub(crate) graphics: bool,
}

pub(super) fn confine(paths: &Paths) -> Part {
    match enforce(paths) {
        Ok(status) => describe(&status),
        Err(e) => Part::new(State::Off, format!("landlock refused: {e}")),
    }
}

fn enforce(paths: &Paths) -> Result<RestrictionStatus, RulesetError> {
    let look = AccessFs::ReadFile | AccessFs::ReadDir;
    // Making devices, sockets, pipes or links is no part of the work, and nothing is ever executed.
    let change = look
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::Refer;
    let (graphics, devices) = if paths.graphics { (GRAPHICS, devices()) } else { (&[][..], Vec::new()) };
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(RIGHTS))?
        .handle_access(AccessNet::from_all(RIGHTS))?
        .scope(Scope::from_all(RIGHTS))?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, look))?
        .add_rules(path_beneath_rules(["/dev/null"], look | AccessFs::WriteFile))?
        .add_rules(path_beneath_rules(graphics, look))?
        .add_rules(path_beneath_rules(devices, look | AccessFs::WriteFile | AccessFs::IoctlDev))?
        .add_rules(path_beneath_rules(&paths.read, look))?
        .add_rules(path_beneath_rules(&paths.write, change))?
        .restrict_self()
}

fn devices() -> Vec<PathBuf> {
    let cards = (0..CARDS).map(|i| PathBuf::from(format!("/dev/nvidia{i}")));
    DEVICES.iter().map(PathBuf::from).chain(cards).collect()
}

fn describe(status: &RestrictionStatus) -> Part {
    let kernel = match status.landlock {
        LandlockStatus::NotImplemented => return Part::new(State::Off, "this kernel is built without Landlock"),
        LandlockStatus::NotEnabled => {
            return Part::new(State::Off, "Landlock is not enabled; boot with lsm=landlock,...");
        }
        LandlockStatus::Available { effective_abi, .. } => format!("landlock ABI {}", effective_abi as i32),
    };
    match status.ruleset {
        RulesetStatus::FullyEnforced => Part::new(State::On, kernel),
        RulesetStatus::PartiallyEnforced => Part::new(State::Partly, format!("{kernel}; newer kernels enforce more")),
        RulesetStatus::NotEnforced => Part::new(State::Off, format!("{kernel}, but nothing is enforced")),
    }
}
