//! What is let in.

/// Demuxers that may be probed. None of them opens a second file, a device or the network (`concat`, `hls`, `dash`,
/// `image2`, `lavfi` and the like do, and are absent).
pub(super) const CONTAINERS: &str =
    "wav,w64,aiff,au,caf,mp3,aac,mov,flac,ogg,matroska,webm,amr,amrnb,amrwb,asf,avi,flv,mpegts,mpeg,ac3,eac3";

/// Decoders that may be opened; no picture decoder is among them, so pictures cannot be decoded even while probing.
pub(super) const CODECS: &str = "aac,aac_latm,ac3,eac3,alac,amrnb,amrwb,flac,mp1float,mp2float,mp3float,mp1,mp2,mp3,\
opus,libopus,vorbis,libvorbis,speex,libspeex,wmav1,wmav2,wmapro,wmavoice,gsm,gsm_ms,libgsm,libgsm_ms,g722,g726,\
pcm_alaw,pcm_mulaw,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_s16be,pcm_s16be_planar,pcm_s16le,pcm_s16le_planar,\
pcm_s24be,pcm_s24le,pcm_s24le_planar,pcm_s32be,pcm_s32le,pcm_s32le_planar,pcm_s8,pcm_s8_planar,pcm_u8,\
pcm_u16le,pcm_u16be,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,adpcm_swf,nellymoser";

/// Sample rates that are accepted, in hertz. Outside of them resampling would need absurd buffers.
pub(super) const RATES: std::ops::RangeInclusive<u32> = 2_000..=384_000;

/// Most channels that are accepted.
pub(super) const MAX_CHANNELS: u16 = 16;
