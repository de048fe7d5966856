//! Pictures in the memory of a graphics processor, as encoders of VA-API take them.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use ffmpeg_next as ffmpeg;

use ffmpeg::ffi;

use super::EncodeError;

const STAGE: &str = "opening the graphics processor";

/// Surfaces that are kept: one that is filled, those that the encoder reads and refers to, and some in between.
const KEPT: i32 = 8;

/// Surfaces of one size.
pub(super) struct Surfaces {
    /// Never null; a reference that is owned here.
    frames: *mut ffi::AVBufferRef,
}

// SAFETY: the reference is counted atomically, and libav locks what is behind it.
unsafe impl Send for Surfaces {}

impl Surfaces {
    /// Opens the device and has it set surfaces of `size` aside.
    ///
    /// # Errors
    /// [`EncodeError::Codec`] when there is no such device, or it cannot.
    pub(super) fn open(device: &Path, (width, height): (u32, u32)) -> Result<Self, EncodeError> {
        crate::libav::init();
        let failed = |code: i32| EncodeError::library(STAGE)(code.into());
        let name = CString::new(device.as_os_str().as_bytes()).map_err(|_| failed(ffi::AVERROR(ffi::EINVAL)))?;
        let mut opened = std::ptr::null_mut();
        // SAFETY: the name ends with a zero; what is opened is a reference that is owned here, or stays null.
        let code = unsafe {
            let kind = ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_VAAPI;
            ffi::av_hwdevice_ctx_create(&raw mut opened, kind, name.as_ptr(), std::ptr::null_mut(), 0)
        };
        if code < 0 {
            return Err(failed(code));
        }
        // SAFETY: the device is valid; the surfaces hold a reference of their own to it, so that ours is given up.
        let frames = unsafe {
            let frames = ffi::av_hwframe_ctx_alloc(opened);
            ffi::av_buffer_unref(&raw mut opened);
            frames
        };
        if frames.is_null() {
            return Err(failed(ffi::AVERROR(ffi::ENOMEM)));
        }
        let surfaces = Self { frames };
        // SAFETY: the data of such a reference is an `AVHWFramesContext` until it is initialized, and nobody else has it.
        let code = unsafe {
            let context = (*frames).data.cast::<ffi::AVHWFramesContext>();
            (*context).format = ffi::AVPixelFormat::AV_PIX_FMT_VAAPI;
            (*context).sw_format = ffi::AVPixelFormat::AV_PIX_FMT_NV12;
            (*context).width = width as i32;
            (*context).height = height as i32;
            (*context).initial_pool_size = KEPT;
            ffi::av_hwframe_ctx_init(frames)
        };
        if code < 0 { Err(failed(code)) } else { Ok(surfaces) }
    }

    /// Has an encoder that is not open yet take pictures from here.
    pub(super) fn feed(&self, context: &mut ffmpeg::codec::Context) -> Result<(), EncodeError> {
        // SAFETY: a new reference, which the context owns from then on; it had none before.
        let reference = unsafe { ffi::av_buffer_ref(self.frames) };
        if reference.is_null() {
            return Err(EncodeError::library(STAGE)(ffi::AVERROR(ffi::ENOMEM).into()));
        }
        // SAFETY: sets a plain field of a context that is not open yet.
        unsafe { (*context.as_mut_ptr()).hw_frames_ctx = reference };
        Ok(())
    }

    /// A picture of the processor's memory, copied to a surface; it keeps its time and its type.
    pub(super) fn copy(&self, picture: &ffmpeg::frame::Video) -> Result<ffmpeg::frame::Video, EncodeError> {
        let mut surface = ffmpeg::frame::Video::empty();
        // SAFETY: both frames are valid; libav gives the empty one storage and then fills it.
        let code = unsafe {
            match ffi::av_hwframe_get_buffer(self.frames, surface.as_mut_ptr(), 0) {
                0 => ffi::av_hwframe_transfer_data(surface.as_mut_ptr(), picture.as_ptr(), 0),
                code => code,
            }
        };
        if code < 0 {
            return Err(EncodeError::library("copying a picture to the graphics processor")(code.into()));
        }
        surface.set_pts(picture.pts());
        surface.set_kind(picture.kind());
        surface.set_color_space(picture.color_space());
        surface.set_color_range(picture.color_range());
        Ok(surface)
    }
}

impl Drop for Surfaces {
    fn drop(&mut self) {
        // SAFETY: the reference is ours, and this is the last use of it.
        unsafe { ffi::av_buffer_unref(&raw mut self.frames) };
    }
}
