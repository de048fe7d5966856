//! What must be settled before libav is used for anything.

use std::sync::Once;

use ffmpeg_next as ffmpeg;

/// Processor features that libav may use: those of x86-64-v3. Its floating point code differs between processors
/// in the last bits, and with it decoded samples and the bytes of the audio; capped to what every supported machine
/// has, it does not.
#[cfg(target_arch = "x86_64")]
const FEATURES: u32 = {
    use ffmpeg::ffi;
    ffi::AV_CPU_FLAG_CMOV as u32
        | (ffi::AV_CPU_FLAG_MMX | ffi::AV_CPU_FLAG_MMXEXT) as u32
        | (ffi::AV_CPU_FLAG_SSE | ffi::AV_CPU_FLAG_SSE2 | ffi::AV_CPU_FLAG_SSE3 | ffi::AV_CPU_FLAG_SSSE3) as u32
        | (ffi::AV_CPU_FLAG_SSE4 | ffi::AV_CPU_FLAG_SSE42) as u32
        | (ffi::AV_CPU_FLAG_AVX | ffi::AV_CPU_FLAG_AVX2 | ffi::AV_CPU_FLAG_FMA3) as u32
        | (ffi::AV_CPU_FLAG_BMI1 | ffi::AV_CPU_FLAG_BMI2) as u32
};

/// Prepares the library, once in a process; called wherever a reader or an encoder is opened.
pub(crate) fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // It writes to standard error by itself; that is for debugging only.
        let debugging = tracing::enabled!(tracing::Level::DEBUG);
        ffmpeg::log::set_level(if debugging { ffmpeg::log::Level::Warning } else { ffmpeg::log::Level::Quiet });
        #[cfg(target_arch = "x86_64")]
        // SAFETY: both calls read and write one atomic of the library.
        unsafe {
            ffmpeg::ffi::av_force_cpu_flags((ffmpeg::ffi::av_get_cpu_flags() as u32 & FEATURES) as i32);
        }
    });
}
