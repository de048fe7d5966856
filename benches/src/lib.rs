//! The measurements are the scripts beside this package: `job/` and `speech/`.
