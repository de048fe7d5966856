//! Fonts for the storyboards of all tenants: what was found is kept, for reading the large ones takes longer than drawing.

use std::sync::{Arc, Mutex, PoisonError};

use studio::draw::Fonts;
use studio::storyboard::Storyboard;

use crate::job::fonts;

/// How many are kept: a family and a language each.
const KEPT: usize = 4;

/// Fonts that were asked for lately, the latest last: for which language, those of which family first. Without a language those that write
/// what the bundled fonts do, whatever its language is called.
type Shelf = Vec<(Option<String>, String, Arc<Fonts>)>;

/// Fonts as a worker finds them.
pub(crate) fn finder() -> Arc<api::FontsFor> {
    let shelf: Mutex<Shelf> = Mutex::default();
    Arc::new(move |board, family| {
        let language = (!fonts::bundled_cover(board)).then(|| board.lang.clone());
        let taken = take(&mut shelf.lock().unwrap_or_else(PoisonError::into_inner), &language, family);
        let found = taken.unwrap_or_else(|| Arc::new(read(board).preferring(family)));
        let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may have read them meanwhile.
        take(&mut shelf, &language, family);
        if shelf.len() == KEPT {
            shelf.remove(0);
        }
        shelf.push((language, family.to_owned(), found.clone()));
        found
    })
}

fn take(shelf: &mut Shelf, language: &Option<String>, family: &str) -> Option<Arc<Fonts>> {
    let at = shelf.iter().position(|(lang, of, _)| lang == language && of == family)?;
    Some(shelf.remove(at).2)
}

fn read(board: &Storyboard) -> Fonts {
    match fonts::for_board(board) {
        Ok(found) => found.fonts,
        Err(error) => {
            tracing::warn!(%error, "the fonts of the system cannot be used; the bundled ones are");
            Fonts::bundled()
        }
    }
}
