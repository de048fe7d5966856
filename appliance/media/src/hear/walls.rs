//! Where the engine may not go. It times the words of a stretch by where its attention lay, through a filter over seven positions, and
//! ends the process where a stretch has no more than these (`median_filter` in whisper.cpp 1.8.3): when it looks once more at the last
//! moment of a window, or believes that all was said in an instant.

use std::{
    ffi::{c_int, c_void},
    sync::atomic::{AtomicI32, Ordering},
};

use whisper_rs::{FullParams, WhisperSysContext, WhisperSysState, WhisperTokenData};

/// Samples between two frames of the engine (10 ms); a position is two frames.
const HOP: usize = 160;
/// Moments, of 20 ms, after which a stretch may end.
const SHORTEST: i32 = 8;

/// What the engine is told while it works.
#[derive(Debug)]
pub(super) struct Walls {
    /// The token of the first moment; the next one's is one more.
    first_moment: c_int,
    /// At the end of a window nothing is looked for in so many frames.
    rest: i32,
    frames: AtomicI32,
    /// How far the engine is, in percent, rounded down.
    progress: AtomicI32,
}

impl Walls {
    /// `rest_ms`: in so much at the end of a window nothing is said.
    pub(super) fn new(first_moment: c_int, rest_ms: u64) -> Box<Self> {
        let rest = i32::try_from(rest_ms / 10).unwrap_or(i32::MAX);
        Box::new(Walls { first_moment, rest, frames: AtomicI32::new(0), progress: AtomicI32::new(0) })
    }

    /// Has the engine ask these walls, which must stay where they are as long as `parameters` are used.
    #[allow(unsafe_code, reason = "the binding has these callbacks as C has them")]
    pub(super) fn surround(&self, parameters: &mut FullParams<'_, '_>) {
        let walls = std::ptr::from_ref(self).cast_mut().cast::<c_void>();
        // SAFETY: the callbacks below read the walls, which outlive the parameters, and write nothing but atomics and logits.
        unsafe {
            parameters.set_progress_callback(Some(progress));
            parameters.set_progress_callback_user_data(walls);
            parameters.set_start_encoder_callback(Some(goes_on));
            parameters.set_start_encoder_callback_user_data(walls);
            parameters.set_filter_logits_callback(Some(no_instant));
            parameters.set_filter_logits_callback_user_data(walls);
        }
    }

    /// A window of so many samples comes next.
    pub(super) fn begin(&self, samples: usize) {
        self.frames.store(i32::try_from(samples / HOP).unwrap_or(i32::MAX), Ordering::Relaxed);
        self.progress.store(0, Ordering::Relaxed);
    }

    /// How far the engine has told that it is, in percent.
    #[cfg(test)]
    pub(super) fn told(&self) -> i32 {
        self.progress.load(Ordering::Relaxed)
    }

    /// Whether more than the rest may be left. Progress is known to a hundredth of the window, which has at most 3,000 frames: what is
    /// left is more than 15 frames where this is true, and within the rest where it is not.
    fn goes_on(&self) -> bool {
        let left = 100 - self.progress.load(Ordering::Relaxed).clamp(0, 100);
        i64::from(self.frames.load(Ordering::Relaxed)) * i64::from(left) > i64::from(self.rest) * 100
    }
}

/// # Safety
/// `walls` is what [`Walls::surround`] gave to the engine.
#[allow(unsafe_code, reason = "a callback of C")]
unsafe fn of<'w>(walls: *mut c_void) -> &'w Walls {
    // SAFETY: as said above; nobody has them mutably.
    unsafe { &*walls.cast_const().cast::<Walls>() }
}

#[allow(unsafe_code, reason = "a callback of C")]
unsafe extern "C" fn progress(_: *mut WhisperSysContext, _: *mut WhisperSysState, percent: c_int, walls: *mut c_void) {
    // SAFETY: the engine gives what it was given.
    unsafe { of(walls) }.progress.store(percent, Ordering::Relaxed);
}

#[allow(unsafe_code, reason = "a callback of C")]
unsafe extern "C" fn goes_on(_: *mut WhisperSysContext, _: *mut WhisperSysState, walls: *mut c_void) -> bool {
    // SAFETY: the engine gives what it was given.
    unsafe { of(walls) }.goes_on()
}

/// Leaves out the moments so soon after the beginning that a stretch up to there could not be timed.
#[allow(unsafe_code, reason = "a callback of C")]
unsafe extern "C" fn no_instant(
    _: *mut WhisperSysContext,
    _: *mut WhisperSysState,
    _: *const WhisperTokenData,
    _: c_int,
    logits: *mut f32,
    walls: *mut c_void,
) {
    // SAFETY: there is a logit for each token, and the moments are among them: the engine has 1,501.
    unsafe {
        let first = of(walls).first_moment;
        for moment in first + 1..first + SHORTEST {
            *logits.offset(moment as isize) = f32::NEG_INFINITY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_the_rest_or_long_enough() {
        for frames in [110, 400, 1_499, 1_500, 1_501, 1_502, 2_777, 2_999, 3_000] {
            let walls = Walls::new(50_364, 300);
            walls.begin(frames as usize * HOP);
            for at in 0..frames {
                walls.progress.store(100 * at / frames, Ordering::Relaxed);
                let left = frames - at;
                if walls.goes_on() {
                    assert!(left >= 2 * SHORTEST, "{frames} frames, {left} left");
                } else {
                    assert!(left <= walls.rest, "{frames} frames, {left} left");
                }
            }
        }
    }
}
