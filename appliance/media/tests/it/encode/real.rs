//! A real storyboard, drawn as the product draws it.

use studio::draw::{Fonts, SceneRasterizer, Theme};
use studio::film::plan;
use studio::layout::{Placed, place};
use studio::outline::{CueOutliner, Options, Outliner as _};
use studio::storyboard::{Canvas, Storyboard};
use studio::transcript::Transcript;

use super::*;

const TALK: &str = "Let me explain how an order is handled. First the customer sends an order to the shop. Then the clerk checks the \
                    stock. If it is in stock, the clerk packs the box. Otherwise the clerk calls the supplier. After that the driver \
                    takes the box to the customer. Now the company. The company has three departments. They are sales, accounts and \
                    the warehouse. Sales has two teams. The warehouse holds spare parts.";
/// Small enough for a test; sprites, blending and colours are those of any size.
const CANVAS: Canvas = Canvas { w: 480, h: 270, fps: 10 };

/// What is drawn of the talk, without a person.
fn board(talk: &Transcript) -> Storyboard {
    let options = Options { id: "t".to_owned(), theme: "light".to_owned(), canvas: CANVAS, kind: None };
    CueOutliner.outline(talk, &options)
}

/// The film of the talk as a file, made by so many threads.
fn filmed(container: Container, threads: usize) -> Vec<u8> {
    let talk = Transcript::from_text(TALK, "en");
    let board = board(&talk);
    let (fonts, theme) = (Fonts::bundled(), Theme::named("light").unwrap());
    let placed: Vec<Placed> = board.scenes.iter().map(|scene| place(scene, CANVAS, &fonts)).collect();
    let film = plan(&board, &talk, &placed).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let named = |(i, take): (usize, Take)| (take, folder.path().join(format!("{i}.reel")));
    let takes: Vec<(Take, PathBuf)> = film.takes().into_iter().enumerate().map(named).collect();
    assert!(takes.len() >= 3, "{} takes are no work for four threads", takes.len());
    let spec = VideoSpec { container, size: film.canvas, fps: film.fps, ..VideoSpec::default() };
    let render = Render {
        takes: &takes,
        frame: &|n| film.frame(n),
        rasterizer: &|| Box::new(SceneRasterizer::new(&placed, &fonts, &theme)),
        encoder: &|reel| Ok(Box::new(TakeEncoder::create(reel, &spec)?)),
        voice: None,
        threads,
    };
    render.run(&AtomicBool::new(false), &mut |_| {}).unwrap();
    let reels: Vec<(u64, &Path)> = takes.iter().map(|(take, reel)| (take.first(), reel.as_path())).collect();
    let target = folder.path().join("film");
    assemble(&target, &spec, &Reels { takes: &reels, frames: film.frames(), voice: None }).unwrap();
    std::fs::read(target).unwrap()
}

#[test]
fn a_real_film_is_the_same_file_by_any_number_of_threads() {
    for container in [Container::Mp4, Container::Webm] {
        let one = filmed(container, 1);
        assert!(one.len() > 5_000, "{} bytes are no film", one.len());
        for threads in [1, 2, 4] {
            assert!(filmed(container, threads) == one, "{container:?} by {threads} threads");
        }
    }
}
