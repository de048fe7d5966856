//! What the engine can hear with besides the processor.

#![cfg_attr(feature = "vulkan", allow(unsafe_code, reason = "the engine's list of devices is C's"))]

/// The name of the graphics processor that the engine would use: the first with Vulkan 1.2 and 16-bit storage, opened for real. `None`
/// also where the engine was built without (the feature `vulkan`).
///
/// The engine passes over programs that do what a graphics processor does, unless [`PROGRAM`] is in the environment. One that it cannot
/// open ends the process, with a line on standard error that begins with `ggml_vulkan: ` and says what is missing.
pub fn graphics() -> Option<String> {
    #[cfg(feature = "vulkan")]
    {
        use std::ffi::CStr;

        use whisper_rs::whisper_rs_sys as engine;

        super::whisper::quieten();
        // The engine's own list has none where a driver fails; asking the driver by its name would end the process then.
        // SAFETY: devices of the list live as long as the process, and so do their names; what was opened is closed once.
        unsafe {
            let devices = (0..engine::ggml_backend_dev_count()).map(|i| engine::ggml_backend_dev_get(i));
            let mut graphics = devices.filter(|&device| {
                let kind = engine::ggml_backend_dev_type(device);
                kind == engine::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_GPU
                    || kind == engine::ggml_backend_dev_type_GGML_BACKEND_DEVICE_TYPE_IGPU
            });
            let device = graphics.next()?;
            let opened = engine::ggml_backend_dev_init(device, std::ptr::null());
            if opened.is_null() {
                return None;
            }
            engine::ggml_backend_free(opened);
            Some(CStr::from_ptr(engine::ggml_backend_dev_description(device)).to_string_lossy().into_owned())
        }
    }
    #[cfg(not(feature = "vulkan"))]
    None
}

/// Name and value of the variable by which the engine takes the first device that a driver offers, be it a program.
pub const PROGRAM: (&str, &str) = ("GGML_VK_VISIBLE_DEVICES", "0");
