//! The few things the safe bindings of libav lack. All `unsafe` of the encoder is here.

use ffmpeg_next as ffmpeg;

use ffmpeg::format::{Pixel, stream::StreamMut};
use ffmpeg::{Dictionary, Packet, color, ffi};
use studio::draw::yuv::Planes;

use super::{EncodeError, surfaces::Surfaces};

/// Hands every packet that is ready to `out`.
pub(super) fn drain(
    encoder: &mut ffmpeg::encoder::Encoder,
    stage: &'static str,
    out: &mut dyn FnMut(Packet) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    loop {
        let mut packet = Packet::empty();
        match encoder.receive_packet(&mut packet) {
            Ok(()) => out(packet)?,
            Err(ffmpeg::Error::Eof | ffmpeg::Error::Other { errno: ffmpeg::error::EAGAIN }) => return Ok(()),
            Err(e) => return Err(EncodeError::library(stage)(e)),
        }
    }
}

/// An open encoder of pictures, and the surfaces that they are copied to where it reads them from a graphics processor.
pub(super) struct PictureEncoder {
    encoder: ffmpeg::encoder::video::Encoder,
    surfaces: Option<Surfaces>,
}

impl PictureEncoder {
    /// Opens an encoder by its name, with the colours of video and no points to seek to but those that are asked for.
    pub(super) fn open(
        name: &str,
        stage: &'static str,
        size: (u32, u32),
        fps: u32,
        settings: &[(&str, &str)],
        surfaces: Option<Surfaces>,
    ) -> Result<Self, EncodeError> {
        crate::libav::init();
        let codec = ffmpeg::encoder::find_by_name(name).ok_or_else(|| EncodeError::Codec {
            stage,
            reason: format!("this build of FFmpeg lacks {name}; install one that has it"),
        })?;
        let mut context = ffmpeg::codec::Context::new_with_codec(codec);
        tag_centred_colour(&mut context);
        context.set_flags(ffmpeg::codec::Flags::GLOBAL_HEADER);
        context.set_time_base((1, fps as i32));
        context.set_frame_rate(Some((fps as i32, 1)));
        if let Some(surfaces) = &surfaces {
            surfaces.feed(&mut context)?;
        }
        let mut video = context.encoder().video().map_err(EncodeError::library(stage))?;
        video.set_width(size.0);
        video.set_height(size.1);
        video.set_format(if surfaces.is_some() { Pixel::VAAPI } else { Pixel::YUV420P });
        video.set_aspect_ratio((1, 1));
        // Never by itself: takes are short, and each begins with one.
        video.set_gop(i32::MAX as u32);
        video.set_colorspace(color::Space::BT709);
        video.set_color_range(color::Range::MPEG);
        video.set_color_primaries(color::Primaries::BT709);
        video.set_color_transfer_characteristic(color::TransferCharacteristic::BT709);
        let settings = settings.iter().copied().collect::<Dictionary<'_>>();
        let encoder = video.open_with(settings).map_err(EncodeError::library(stage))?;
        Ok(Self { encoder, surfaces })
    }

    /// What a file has to know of its pictures.
    pub(super) fn parameters(&self) -> ffmpeg::codec::Parameters {
        ffmpeg::codec::Parameters::from(&**self.encoder)
    }

    /// Takes a picture made by [`yuv_frame`], and hands every packet that is ready to `out`.
    pub(super) fn picture(
        &mut self,
        picture: &ffmpeg::frame::Video,
        stage: &'static str,
        out: &mut dyn FnMut(Packet) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let copied = self.surfaces.as_ref().map(|surfaces| surfaces.copy(picture)).transpose()?;
        self.encoder.send_frame(copied.as_ref().unwrap_or(picture)).map_err(EncodeError::library(stage))?;
        drain(&mut self.encoder, stage, out)
    }

    /// Takes no more pictures, and hands the last packets to `out`.
    pub(super) fn end(
        &mut self,
        stage: &'static str,
        out: &mut dyn FnMut(Packet) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.encoder.send_eof().map_err(EncodeError::library(stage))?;
        drain(&mut self.encoder, stage, out)
    }
}

/// A picture in YUV 4:2:0 with storage.
pub(super) fn yuv_frame(width: u32, height: u32) -> Result<ffmpeg::frame::Video, EncodeError> {
    let frame = ffmpeg::frame::Video::new(Pixel::YUV420P, width, height);
    // SAFETY: reads whether the allocation gave a first plane; `planes` relies on it.
    if unsafe { frame.is_empty() } {
        return Err(EncodeError::Codec { stage: "allocating a picture", reason: "out of memory".to_owned() });
    }
    Ok(frame)
}

/// The planes of a picture made by [`yuv_frame`], its own even when a codec still reads the last content.
pub(super) fn planes(frame: &mut ffmpeg::frame::Video) -> Result<Planes<'_>, EncodeError> {
    // SAFETY: the frame is valid; the call copies its buffers when they are shared and keeps the content.
    let code = unsafe { ffi::av_frame_make_writable(frame.as_mut_ptr()) };
    if code < 0 {
        return Err(EncodeError::library("copying a picture")(code.into()));
    }
    let (y_stride, c_stride, height) = (frame.stride(0), frame.stride(1), frame.height() as usize);
    // SAFETY: `yuv_frame` made sure that three planes are there, of `height` and twice half of it rows of `stride`
    // bytes (both strides of colour are equal in this format); they do not overlap, and the borrow of the frame keeps
    // anyone else from them.
    unsafe {
        let data = (*frame.as_mut_ptr()).data;
        Ok(Planes {
            y: std::slice::from_raw_parts_mut(data[0], y_stride * height),
            cb: std::slice::from_raw_parts_mut(data[1], c_stride * height.div_ceil(2)),
            cr: std::slice::from_raw_parts_mut(data[2], c_stride * height.div_ceil(2)),
            y_stride,
            c_stride,
        })
    }
}

/// Tags a video: its colours are the means of two by two pixels, so they sit in the middle between them.
fn tag_centred_colour(context: &mut ffmpeg::codec::Context) {
    // SAFETY: sets a plain field of a context that is not open yet.
    unsafe {
        (*context.as_mut_ptr()).chroma_sample_location = ffi::AVChromaLocation::AVCHROMA_LOC_CENTER;
    }
}

/// Marks a stream as a picture for file lists.
pub(super) fn mark_as_poster(stream: &mut StreamMut<'_>) {
    // SAFETY: sets a plain field of a stream whose header is not written yet.
    unsafe {
        (*stream.as_mut_ptr()).disposition = ffi::AV_DISPOSITION_ATTACHED_PIC;
    }
}

/// Gives parameters the size of their picture.
pub(super) fn set_size(parameters: &mut ffmpeg::codec::Parameters, (width, height): (u32, u32)) {
    // SAFETY: sets plain fields of parameters that are owned here.
    unsafe {
        (*parameters.as_mut_ptr()).width = width as i32;
        (*parameters.as_mut_ptr()).height = height as i32;
    }
}

/// Gives parameters the private data of their codec.
pub(super) fn set_extradata(parameters: &mut ffmpeg::codec::Parameters, bytes: &[u8]) -> Result<(), EncodeError> {
    // SAFETY: the buffer is from the library's allocator, with the zeroed padding it asks for, and `bytes.len()` of it
    // are written; the parameters own it from then on and had none before.
    unsafe {
        let buffer = ffi::av_mallocz(bytes.len() + ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize).cast::<u8>();
        if buffer.is_null() {
            return Err(EncodeError::Codec { stage: "describing captions", reason: "out of memory".to_owned() });
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len());
        (*parameters.as_mut_ptr()).extradata = buffer;
        (*parameters.as_mut_ptr()).extradata_size = bytes.len() as i32;
    }
    Ok(())
}

/// The private data of a codec, as its encoder has left it.
pub(super) fn extradata(parameters: &ffmpeg::codec::Parameters) -> &[u8] {
    // SAFETY: the fields of valid parameters name `extradata_size` bytes that they own, or none; the borrow keeps them.
    unsafe {
        let (data, size) = ((*parameters.as_ptr()).extradata, (*parameters.as_ptr()).extradata_size);
        if data.is_null() { &[] } else { std::slice::from_raw_parts(data, usize::try_from(size).unwrap_or(0)) }
    }
}
