//! A frame of a storyboard's video, before there is one.

use library::storyboard::{Storyboard, shown};
use model::permission::RenderRead;
use schemars::JsonSchema;
use serde::Deserialize;
use studio::{
    arrange::arrange,
    draw::{png, preview},
    film::plan,
    layout::{overlay, place_for},
    storyboard::Canvas,
};
use tokio::runtime::Handle;

use super::exports::theme;
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::On,
    media::Media,
    problem::Problem,
};

/// Pixels of the longer side.
const SIDE: std::ops::RangeInclusive<u32> = 240..=1920;
/// The least that a side has.
const LEAST: u32 = 240;
/// Without a word.
const USUAL: u32 = 1280;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<On<RenderRead, Storyboard>>(
            "/v1/storyboards/{storyboard}/frame",
            "preview_frame",
            "The picture at a moment of a storyboard's video, as PNG, whether the video is there or not",
        )
        .query::<FrameQuery>()
        .by(frame),
    ]
}

/// Which frame.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct FrameQuery {
    /// The moment, in milliseconds; after the end it is the last one.
    at_ms: u64,
    /// Pixels of the longer side; more where the shorter one would have less than 240.
    #[schemars(range(min = 240, max = 1920))]
    side: Option<u32>,
    /// The version; the newest without one.
    #[schemars(range(min = 1))]
    version: Option<u64>,
}

fn frame(call: Call<'_, On<RenderRead, Storyboard>, FrameQuery, Empty>) -> Result<Media, Problem> {
    let FrameQuery { at_ms, side, version } = call.query;
    let side = side.unwrap_or(USUAL);
    if !SIDE.contains(&side) {
        return Err(Problem::at("side", format!("must be {} to {}", SIDE.start(), SIDE.end())));
    }
    // Drawing takes a processor for a while, so only some do it at once, and no tenant all of them.
    let _turn = Handle::current().block_on(call.services.walls.export(call.pass.tenant()))?;
    let exhibit = shown(&call.pass, version)?;
    let played = arrange(&exhibit.board, &exhibit.transcript);
    let (mut board, transcript) = (played.board.into_owned(), &*played.transcript);
    board.canvas = within(board.canvas, side);
    let theme = theme(&exhibit)?;
    let fonts = call.services.fonts(&board, &theme);
    let mut placed: Vec<_> =
        board.scenes.iter().map(|scene| place_for(&board.lang, scene, board.canvas, &*fonts)).collect();
    overlay(&mut placed, &board, transcript, &*fonts);
    let corrupt = |error: &(dyn std::error::Error + 'static)| Problem::of(model::ErrorKind::Corrupt, error);
    let film = plan(&board, transcript, &placed).map_err(|error| corrupt(&error))?;
    let picture = preview(&film, &placed, &fonts, &theme, at_ms).map_err(|error| corrupt(&error))?;
    let bytes = png(&picture).map_err(|error| corrupt(&error))?;
    Ok(Media::made(call.request, bytes, "image/png", &format!("{}.png", exhibit.storyboard.title)))
}

/// A canvas of the same shape whose longer side has so many pixels, or its own where it has less. Both sides are even, and the shorter one
/// has what a picture must have.
fn within(Canvas { w, h, fps }: Canvas, side: u32) -> Canvas {
    let (longer, shorter) = (w.max(h).max(1), w.min(h).max(1));
    let side = side.max((LEAST * longer).div_ceil(shorter)).min(longer);
    let scaled = |length: u32| {
        let pixels = u64::from(length) * u64::from(side) / u64::from(longer);
        u32::try_from(pixels).unwrap_or(side).next_multiple_of(2)
    };
    Canvas { w: scaled(w), h: scaled(h), fps }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_their_shape() {
        let check = |w, h, side, expected| {
            let Canvas { w, h, .. } = within(Canvas { w, h, fps: 30 }, side);
            assert_eq!((w, h), expected);
        };
        check(1920, 1080, 1280, (1280, 720));
        check(1080, 1920, 1280, (720, 1280));
        check(640, 360, 1280, (640, 360));
        check(1920, 1080, 240, (428, 240));
        check(3840, 240, 240, (3840, 240));
    }
}
