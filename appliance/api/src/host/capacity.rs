//! What the machine has and what is left of it, as the kernel tells.

use schemars::JsonSchema;
use serde::Serialize;

/// Disks, memory and processors as they are now.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Machine {
    /// Disks on which folders of the appliance lie.
    pub disks: Vec<Disk>,
    /// Memory.
    pub memory: Memory,
    /// Processors.
    pub processors: Processors,
    /// Jobs that may run at the same time.
    pub job_slots: u32,
}

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Disk {
    /// The appliance's folders on it.
    pub folders: Vec<Folder>,
    /// Its size in bytes.
    pub total_bytes: u64,
    /// What the appliance may still write, in bytes.
    pub free_bytes: u64,
    /// Files that it may still make, where the file system counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_files: Option<u64>,
}

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ApplianceFolder")]
pub struct Folder {
    /// The setting that names it.
    pub setting: String,
    /// Where it is.
    pub path: String,
}

/// Memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Memory {
    /// What the machine has.
    pub total_bytes: u64,
    /// What programs can still get.
    pub available_bytes: u64,
    /// What the appliance's own process holds; workers have theirs.
    pub process_bytes: u64,
    /// What the service or container may use, with its workers, where it is bounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_bytes: Option<u64>,
    /// What it uses of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limited_bytes: Option<u64>,
}

/// Processors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Processors {
    /// Threads that can run at once, as far as the process may use them.
    pub threads: usize,
    /// How many wanted to run, on average of the last minute, five and fifteen.
    pub load: [f64; 3],
}
