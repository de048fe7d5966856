//! The mel filterbank that Whisper hears through; CTranslate2 packages leave it out.

/// Samples a second.
const RATE: f64 = 16_000.0;
/// Samples in one Fourier window.
const WINDOW: usize = 400;
/// Frequency bins of one window.
pub(super) const BINS: usize = WINDOW / 2 + 1;

/// Slaney's scale is linear below this frequency and logarithmic above.
const BREAK_HZ: f64 = 1000.0;
/// Hertz a mel below [`BREAK_HZ`].
const HZ_PER_MEL: f64 = 200.0 / 3.0;
/// Mel at [`BREAK_HZ`].
const BREAK_MEL: f64 = BREAK_HZ / HZ_PER_MEL;

/// Row-major `[bands][BINS]` triangular filters on Slaney's mel scale (Auditory Toolbox, 1998) from 0 to 8 kHz, each of
/// unit area. Computed in `f64`; each weight is rounded to `f32` before and after it is scaled, as the program that made
/// the table of OpenAI's release did, which gives that table bit for bit.
pub(super) fn filterbank(bands: usize) -> Vec<f32> {
    let top = hz_to_mel(RATE / 2.0);
    let edges: Vec<f64> = (0..bands + 2).map(|i| mel_to_hz(top * i as f64 / (bands + 1) as f64)).collect();
    let mut filters = Vec::with_capacity(bands * BINS);
    for band in edges.windows(3) {
        let [low, mid, high] = [band[0], band[1], band[2]];
        let norm = 2.0 / (high - low);
        for bin in 0..BINS {
            let hz = bin as f64 * RATE / WINDOW as f64;
            let rising = (hz - low) / (mid - low);
            let falling = (high - hz) / (high - mid);
            filters.push((f64::from(rising.min(falling).max(0.0) as f32) * norm) as f32);
        }
    }
    filters
}

fn log_step() -> f64 {
    libm::log(6.4) / 27.0
}

fn hz_to_mel(hz: f64) -> f64 {
    if hz < BREAK_HZ { hz / HZ_PER_MEL } else { BREAK_MEL + libm::log(hz / BREAK_HZ) / log_step() }
}

fn mel_to_hz(mel: f64) -> f64 {
    if mel < BREAK_MEL { mel * HZ_PER_MEL } else { BREAK_HZ * libm::exp(log_step() * (mel - BREAK_MEL)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_has_its_known_points() {
        for (hz, mel) in [(0.0, 0.0), (200.0, 3.0), (1000.0, 15.0), (6400.0, 42.0)] {
            assert!((hz_to_mel(hz) - mel).abs() < 1e-9, "{hz} Hz");
            assert!((mel_to_hz(mel) - hz).abs() < 1e-9, "{mel} mel");
        }
    }

    #[test]
    fn filters_are_triangles_of_unit_area() {
        for bands in [80, 128] {
            let filters = filterbank(bands);
            assert_eq!(filters.len(), bands * BINS);
            let mut last_peak = 0;
            for (band, row) in filters.chunks(BINS).enumerate() {
                let peak = (0..BINS).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
                assert!(row[peak] > 0.0, "band {band} of {bands} hears nothing");
                assert!(row[..peak].is_sorted() && row[peak..].is_sorted_by(|a, b| a >= b), "band {band}");
                assert!(peak >= last_peak, "band {band}");
                last_peak = peak;
            }
            // A wide triangle is sampled finely enough for its area to show.
            let area: f32 = filters[(bands - 1) * BINS..].iter().sum::<f32>() * 40.0;
            assert!((area - 1.0).abs() < 0.02, "{area}");
        }
    }

    #[test]
    fn first_filter_is_the_published_one() {
        // mel_filters.npz of OpenAI's release: row 0 is 0, 0.024862595, 0, ...
        let filters = filterbank(80);
        assert_eq!(&filters[..3], [0.0, 0.024_862_595, 0.0]);
    }
}
