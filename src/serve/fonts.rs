//! Fonts for what all tenants write: what was found is kept, for reading the large ones takes longer than drawing.

use std::sync::{Arc, Mutex, PoisonError};

use studio::draw::Fonts;

use crate::job::fonts;

/// How many are kept: a family and a language each.
const KEPT: usize = 4;

/// Fonts that were asked for lately, the latest last: for which language, those of which family first. Without a language those that write
/// what the bundled fonts do, whatever its language is called.
type Shelf = Vec<(Option<String>, String, Arc<Fonts>)>;

/// Fonts as a worker finds them.
pub(crate) fn finder() -> Arc<api::FontsFor> {
    let shelf: Mutex<Shelf> = Mutex::default();
    Arc::new(move |text, language, family| {
        let key = (!fonts::bundled_cover(text)).then(|| language.to_owned());
        let taken = take(&mut shelf.lock().unwrap_or_else(PoisonError::into_inner), &key, family);
        let found = taken.unwrap_or_else(|| Arc::new(read(text, language).preferring(family)));
        let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may have read them meanwhile.
        take(&mut shelf, &key, family);
        if shelf.len() == KEPT {
            shelf.remove(0);
        }
        shelf.push((key, family.to_owned(), found.clone()));
        found
    })
}

fn take(shelf: &mut Shelf, language: &Option<String>, family: &str) -> Option<Arc<Fonts>> {
    let at = shelf.iter().position(|(lang, of, _)| lang == language && of == family)?;
    Some(shelf.remove(at).2)
}

fn read(text: &str, language: &str) -> Fonts {
    match fonts::for_text(text, language) {
        Ok(found) => found.fonts,
        Err(error) => {
            tracing::warn!(%error, "the fonts of the system cannot be used; the bundled ones are");
            Fonts::bundled()
        }
    }
}
