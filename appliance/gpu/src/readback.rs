//! Bytes on their way from the graphics processor into memory.

use std::ops::Range;
use std::sync::mpsc::channel;

use studio::draw::DrawError;
use wgpu::{BufferUsages, MapMode};

use crate::device::Gpu;

/// Memory that both can see.
#[derive(Debug, Default)]
pub(crate) struct Readback {
    buffer: Option<wgpu::Buffer>,
}

impl Readback {
    /// Hands ranges of the bytes of `from` to `look`. Their ends are multiples of four.
    pub(crate) fn read<const N: usize>(
        &mut self,
        gpu: &Gpu,
        from: &wgpu::Buffer,
        ranges: [Range<u64>; N],
        look: impl FnOnce([&[u8]; N]),
    ) -> Result<(), DrawError> {
        let bytes: u64 = ranges.iter().map(|range| range.end - range.start).sum();
        let buffer = match self.buffer.take().filter(|buffer| buffer.size() >= bytes) {
            Some(buffer) => buffer,
            None => gpu.buffer(from.size(), BufferUsages::MAP_READ | BufferUsages::COPY_DST)?,
        };
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut at = 0;
        let parts = ranges.map(|range| {
            let length = range.end - range.start;
            encoder.copy_buffer_to_buffer(from, range.start, &buffer, at, length);
            at += length;
            (at - length) as usize..at as usize
        });
        let submitted = gpu.queue.submit([encoder.finish()]);
        let (tell, told) = channel();
        buffer.slice(..bytes).map_async(MapMode::Read, move |mapped| {
            let _ = tell.send(mapped);
        });
        gpu.wait(submitted)?;
        let failed = |reason: String| DrawError::Device(reason);
        told.try_recv().map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))?;
        let view = buffer.slice(..bytes).get_mapped_range().map_err(|e| failed(e.to_string()))?;
        look(parts.map(|part| &view[part]));
        drop(view);
        buffer.unmap();
        self.buffer = Some(buffer);
        Ok(())
    }
}
