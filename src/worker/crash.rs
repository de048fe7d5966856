//! What a crash of a worker means.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use signal_hook::consts::{SIGABRT, SIGKILL, SIGSEGV, SIGXCPU, SIGXFSZ};

use crate::failure::{Failure, Kind};

/// What to do where the driver of a graphics processor fails.
const PROCESSOR: &str = "--hearing cpu; for the appliance `hearing = \"cpu\"` in [jobs]";

/// A failure from the way a worker ended and the last it wrote on standard error.
pub(super) fn explain(status: Option<ExitStatus>, tail: &str) -> Failure {
    let signal = status.and_then(|s| s.signal());
    // What Rust, C++ and the speech engine say when an allocation is refused, before they end in their own ways.
    let memory = [
        "memory allocation of",
        "bad_alloc",
        "Cannot allocate memory",
        "failed to allocate",
        "GGML_ASSERT(buffer)",
        "GGML_ASSERT(ctx->mem_buffer != NULL)",
        // An exception of the engine: it throws for lack of memory or of threads.
        "Rust cannot catch foreign exceptions",
        // No thread could be started.
        "GGML_ASSERT(rc == 0)",
    ];
    let last = tail.lines().map(str::trim).rfind(|line| !line.is_empty());
    let driver = tail.lines().map(str::trim).rfind(|line| line.starts_with("ggml_vulkan: "));
    let mut failure = match signal {
        Some(SIGABRT | SIGSEGV) if driver.is_some() => {
            Failure::new(Kind::Failed, "the graphics processor cannot hear this recording").remedy(PROCESSOR)
        }
        Some(SIGXCPU) => Failure::new(Kind::Limit, "the worker used up its processor time")
            .remedy("a shorter recording, or a higher --cpu-seconds"),
        Some(SIGXFSZ) => Failure::new(Kind::Limit, "the worker wrote too large a file")
            .remedy("a shorter recording or a smaller --size"),
        Some(SIGABRT | SIGSEGV) | None if memory.iter().any(|sign| tail.contains(sign)) => {
            Failure::new(Kind::Limit, "the worker ran out of memory").remedy("a higher --memory")
        }
        Some(SIGKILL) => Failure::new(Kind::Failed, "the worker was killed from outside, perhaps for lack of memory")
            .remedy("the same command again; it goes on where it stopped"),
        Some(signal) => {
            let name = signal_hook::low_level::signal_name(signal).unwrap_or("an unknown signal");
            Failure::new(Kind::Failed, format!("the worker crashed ({name}); nothing else is affected"))
                .remedy("the file may be damaged; convert it with another program, or report the crash")
        }
        None => Failure::new(Kind::Failed, "the worker ended without a result"),
    };
    if let Some(last) = driver.or(last) {
        failure.causes.push(last.chars().take(300).collect());
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw_status: i32, tail: &str, kind: Kind, part: &str) {
        let failure = explain(Some(ExitStatus::from_raw(raw_status)), tail);
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.to_string().contains(part), "{failure}");
    }

    #[test]
    fn endings_are_explained() {
        check(11, "", Kind::Failed, "SIGSEGV");
        check(6, "memory allocation of 10737418240 bytes failed\n", Kind::Limit, "memory");
        check(11, "ggml-backend.cpp:194: GGML_ASSERT(buffer) failed\n", Kind::Limit, "memory");
        check(11, "ggml.c:1555: GGML_ASSERT(ctx->mem_buffer != NULL) failed\n", Kind::Limit, "memory");
        let unfit = "ggml_vulkan: device Vulkan0 does not support 16-bit storage.\nfatal runtime error: Rust cannot catch foreign exceptions\n";
        check(6, unfit, Kind::Failed, "16-bit storage");
        check(6, unfit, Kind::Failed, "--hearing cpu");
        check(6, "assertion `x` failed\n", Kind::Failed, "assertion `x` failed");
        check(24, "", Kind::Limit, "processor time");
        check(25, "", Kind::Limit, "too large");
        check(9, "", Kind::Failed, "killed");
        check(1 << 8, "", Kind::Failed, "without a result");
    }
}
