//! libswresample, into interleaved 32-bit floats.

use ffmpeg_next as ffmpeg;

use ffmpeg::ChannelLayout;
use ffmpeg::ffi;
use ffmpeg::format::Sample;
use ffmpeg::format::sample::Type;
use ffmpeg::software::resampling::Context;

/// The shape of decoded samples.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    format: Sample,
    layout: ChannelLayout,
    rate: u32,
    pub(super) channels: u16,
}

impl Shape {
    /// The shape of a frame; a missing channel layout is taken to be the usual one of that many channels.
    pub(super) fn of(frame: &ffmpeg::frame::Audio) -> Self {
        let channels = frame.channels();
        let mut layout = frame.channel_layout();
        if layout.channels() != i32::from(channels) {
            layout = ChannelLayout::default(i32::from(channels));
        }
        Self { format: frame.format(), layout, rate: frame.rate(), channels }
    }

    pub(super) fn rate(&self) -> u32 {
        self.rate
    }
}

/// A resampler from one [`Shape`] to interleaved floats.
pub(super) struct Resampler {
    context: Context,
    from: Shape,
    channels: u16,
}

impl Resampler {
    pub(super) fn new(from: Shape, channels: u16, rate: u32) -> Result<Self, ffmpeg::Error> {
        let layout = if channels == from.channels { from.layout } else { ChannelLayout::default(i32::from(channels)) };
        let mut options = ffmpeg::Dictionary::new();
        // Without it two loud channels mixed to one would exceed full scale.
        options.set("rematrix_maxval", "1.0");
        let to = Sample::F32(Type::Packed);
        let context = Context::get_with(from.format, from.layout, from.rate, to, layout, rate, options)?;
        Ok(Self { context, from, channels })
    }

    pub(super) fn from(&self) -> Shape {
        self.from
    }

    /// Sample frames at the output rate that went in and have not come out.
    pub(super) fn pending(&self) -> u64 {
        self.context.delay().map_or(0, |delay| u64::try_from(delay.output).unwrap_or(0))
    }

    /// Appends the resampled `frame` to `out`; its shape must be [`Resampler::from`].
    pub(super) fn convert(&mut self, frame: &ffmpeg::frame::Audio, out: &mut Vec<f32>) -> Result<(), ffmpeg::Error> {
        let count = i32::try_from(frame.samples()).map_err(|_| ffmpeg::Error::InvalidData)?;
        // SAFETY: `frame` owns its planes and lives through the call; its shape is what the context was made for, so
        // `extended_data` has as many planes of `count` samples as the context reads.
        unsafe { self.run((*frame.as_ptr()).extended_data.cast_const().cast(), count, out) }
    }

    /// Appends what is still inside; the resampler is spent afterwards.
    pub(super) fn finish(mut self, out: &mut Vec<f32>) -> Result<(), ffmpeg::Error> {
        // SAFETY: no input is read when the count is zero and the planes are null.
        unsafe { self.run(std::ptr::null(), 0, out) }
    }

    /// # Safety
    /// `planes` must be null with `count` 0, or hold the planes of `count` samples in the shape of the context.
    unsafe fn run(&mut self, planes: *const *const u8, count: i32, out: &mut Vec<f32>) -> Result<(), ffmpeg::Error> {
        // SAFETY: the context is initialised.
        let room = unsafe { ffi::swr_get_out_samples(self.context.as_mut_ptr(), count) };
        if room < 0 {
            return Err(ffmpeg::Error::from(room));
        }
        let width = usize::from(self.channels);
        let old = out.len();
        out.resize(old + room.unsigned_abs() as usize * width, 0.0);
        let mut target: *mut u8 = out[old..].as_mut_ptr().cast();
        // SAFETY: `target` has room for `room` frames of `channels` packed floats; the caller vouches for `planes`.
        let written = unsafe {
            ffi::swr_convert(self.context.as_mut_ptr(), &raw mut target, room, planes.cast_mut().cast(), count)
        };
        if written < 0 {
            out.truncate(old);
            return Err(ffmpeg::Error::from(written));
        }
        out.truncate(old + written.unsigned_abs() as usize * width);
        Ok(())
    }
}
