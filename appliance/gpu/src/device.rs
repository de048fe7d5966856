//! Finding a graphics processor and opening it by Vulkan.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use studio::draw::DrawError;
use studio::draw::yuv;
use wgpu::{DeviceType, PollType};

/// Longest wait for a frame. The drivers' own watchdogs end what takes some seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which graphics processors will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// One that is made of hardware.
    Hardware,
    /// Also one that is a program, such as Mesa's lavapipe; hardware first.
    Any,
}

/// Why there is no graphics processor to draw with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GpuError {
    /// Vulkan finds nothing.
    #[error("no graphics processor with Vulkan was found; is its driver installed?")]
    None,
    /// Vulkan finds programs only.
    #[error("only {0} was found, which is a program and no graphics processor")]
    Software(String),
    /// It is there and does not open.
    #[error("{name} cannot be opened: {reason}")]
    Open {
        /// What it calls itself.
        name: String,
        /// What the driver says.
        reason: String,
    },
}

/// An open graphics processor; threads share it.
#[derive(Debug)]
pub struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) compose: wgpu::ComputePipeline,
    pub(crate) convert: wgpu::ComputePipeline,
    name: String,
    software: bool,
    /// The first thing that went wrong.
    fault: Arc<Mutex<Option<String>>>,
}

impl Gpu {
    /// Opens the best one that will do.
    ///
    /// # Errors
    /// See [`GpuError`].
    pub fn open(wanted: Wanted) -> Result<Self, GpuError> {
        let mut ways = wgpu::InstanceDescriptor::new_without_display_handle();
        ways.backends = wgpu::Backends::VULKAN;
        // Neither debug layers nor variables of the environment: what is opened depends on the machine alone.
        ways.flags = wgpu::InstanceFlags::empty();
        let adapters = pollster::block_on(wgpu::Instance::new(ways).enumerate_adapters(wgpu::Backends::VULKAN));
        let rank = |kind: DeviceType| match kind {
            DeviceType::DiscreteGpu => 0,
            DeviceType::IntegratedGpu => 1,
            DeviceType::VirtualGpu => 2,
            DeviceType::Other => 3,
            DeviceType::Cpu => 4,
        };
        let adapter = adapters.into_iter().min_by_key(|a| rank(a.get_info().device_type)).ok_or(GpuError::None)?;
        let info = adapter.get_info();
        let software = info.device_type == DeviceType::Cpu;
        if software && wanted == Wanted::Hardware {
            return Err(GpuError::Software(info.name));
        }
        let has = adapter.limits();
        let limits = wgpu::Limits {
            max_buffer_size: has.max_buffer_size,
            max_storage_buffer_binding_size: has.max_storage_buffer_binding_size,
            ..wgpu::Limits::downlevel_defaults()
        };
        let limits = wgpu::Limits { max_storage_buffers_per_shader_stage: 5, ..limits };
        let asked = wgpu::DeviceDescriptor { required_limits: limits, ..wgpu::DeviceDescriptor::default() };
        let (device, queue) = pollster::block_on(adapter.request_device(&asked))
            .map_err(|e| GpuError::Open { name: info.name.clone(), reason: e.to_string() })?;
        let fault = Arc::new(Mutex::new(None));
        let (wrong, lost) = (Arc::clone(&fault), Arc::clone(&fault));
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| note(&wrong, error.to_string())));
        device.set_device_lost_callback(move |_, reason| note(&lost, reason));
        let colours = format!(
            "const Y = vec3<i32>({});\nconst CB = vec3<i32>({});\nconst CR = vec3<i32>({});\nconst BITS = {}u;\n\
             const Y_BIAS = {};\nconst C_BIAS = {};\n",
            list(yuv::Y),
            list(yuv::CB),
            list(yuv::CR),
            yuv::BITS,
            yuv::Y_BIAS,
            yuv::C_BIAS
        );
        let compose = pipeline(&device, include_str!("compose.wgsl").to_owned());
        let convert = pipeline(&device, colours + include_str!("yuv.wgsl"));
        let gpu = Self { device, queue, compose, convert, name: info.name, software, fault };
        match gpu.check() {
            Err(DrawError::Device(reason)) => Err(GpuError::Open { name: gpu.name, reason }),
            _ => Ok(gpu),
        }
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a program.
    pub fn is_software(&self) -> bool {
        self.software
    }

    /// Waits for what was submitted.
    pub(crate) fn wait(&self, until: wgpu::SubmissionIndex) -> Result<(), DrawError> {
        let waited = self.device.poll(PollType::Wait { submission_index: Some(until), timeout: Some(PATIENCE) });
        self.check()?;
        waited.map(drop).map_err(|e| DrawError::Device(e.to_string()))
    }

    /// Bytes that a buffer may have which shaders see.
    pub(crate) fn largest(&self) -> u64 {
        let limits = self.device.limits();
        limits.max_buffer_size.min(limits.max_storage_buffer_binding_size)
    }

    /// A buffer for so many bytes.
    pub(crate) fn buffer(&self, bytes: u64, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer, DrawError> {
        let size = bytes.max(16).next_multiple_of(16);
        if size > self.largest() {
            return Err(DrawError::Device(format!("its buffers have {} bytes at most, not {size}", self.largest())));
        }
        let buffer =
            self.device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false });
        self.check().map(|()| buffer)
    }

    /// Runs a shader over so many groups across and down; its bindings are `buffers` in order.
    pub(crate) fn dispatch(
        &self,
        pipeline: &wgpu::ComputePipeline,
        buffers: &[&wgpu::Buffer],
        groups: (u32, u32),
    ) -> Result<(), DrawError> {
        let entries: Vec<_> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let layout = &pipeline.get_bind_group_layout(0);
        let group =
            self.device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries });
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(groups.0, groups.1, 1);
        drop(pass);
        self.queue.submit([encoder.finish()]);
        self.check()
    }

    /// Whether nothing has gone wrong.
    pub(crate) fn check(&self) -> Result<(), DrawError> {
        match &*self.fault.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(reason) => Err(DrawError::Device(reason.clone())),
            None => Ok(()),
        }
    }
}

fn note(fault: &Mutex<Option<String>>, reason: String) {
    fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
}

fn list(numbers: [i32; 3]) -> String {
    numbers.map(|n| n.to_string()).join(", ")
}

fn pipeline(device: &wgpu::Device, code: String) -> wgpu::ComputePipeline {
    let source = wgpu::ShaderSource::Wgsl(code.into());
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: None,
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    })
}
