//! Every decoder and format of ours under bytes of a stranger: one module a format, whose `run` panics where a promise is
//! broken. libFuzzer calls them (`libfuzzer/`), and the tests here call them with everything that lies in `seeds/`.

#[cfg(feature = "engine")]
pub mod arrow;
#[cfg(feature = "media")]
pub mod audio;
#[cfg(feature = "appliance")]
pub mod bundle;
pub mod captions;
#[cfg(feature = "media")]
pub mod checkpoint;
#[cfg(feature = "appliance")]
pub mod credentials;
pub mod diagrams;
pub mod drawn;
pub mod edit;
pub mod fonts;
#[cfg(feature = "media")]
pub mod ggml;
#[cfg(feature = "media")]
pub mod import;
pub mod layout;
pub mod merge;
#[cfg(feature = "appliance")]
pub mod metrics;
#[cfg(feature = "appliance")]
pub mod outbound;
pub mod outline;
#[cfg(feature = "appliance")]
pub mod parcel;
#[cfg(feature = "appliance")]
pub mod policy;
#[cfg(feature = "engine")]
pub mod postgres;
#[cfg(feature = "appliance")]
pub mod records;
#[cfg(feature = "appliance")]
pub mod requests;
pub mod storyboard;
pub mod theme;
pub mod transcript;
#[cfg(feature = "appliance")]
pub mod updates;
#[cfg(feature = "media")]
pub mod vocabulary;
#[cfg(feature = "media")]
pub mod weights;

#[cfg(test)]
mod seeds;
