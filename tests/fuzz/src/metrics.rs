//! Metrics of OpenTelemetry in both forms.

use metering::{
    Event, MAX_DIMENSIONS, Measured,
    otlp::{Metrics, answer},
};

/// Panics where more comes out of a request than its points make, or an event has more than one may have.
pub fn run(bytes: &[u8]) {
    for read in [Metrics::from_wire(bytes), Metrics::from_json(bytes)] {
        let Ok(metrics) = read else { continue };
        let parts = metrics.parts();
        let measured = metrics.measured();
        // Points without a value say nothing.
        assert!(measured.iter().map(|point| point.as_ref().map_or(1, Vec::len)).sum::<usize>() <= parts);
        for event in measured.into_iter().filter_map(Result::ok).flatten() {
            let (Measured::Event(event) | Measured::Counter { event, .. }) = event;
            let Event { dimensions, source, .. } = event;
            assert!(dimensions.len() <= MAX_DIMENSIONS && !source.is_empty() && source != "appliance");
        }
    }
    let words = String::from_utf8_lossy(bytes);
    // A field longer than a byte can say has a longer length before it.
    assert!(answer(1, &words).len() > words.len());
}
