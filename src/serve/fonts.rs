//! Fonts for what all tenants write: what was found is kept, for reading the large ones takes longer than drawing.

use std::sync::{Arc, Mutex, PoisonError};

use studio::draw::Fonts;

use crate::job::fonts;

/// How many are kept: a family and a language each.
const KEPT: usize = 4;

/// Fonts that were asked for lately, the latest last: for which language, those of which family first.
type Shelf = Vec<(String, String, Arc<Fonts>)>;

/// Fonts as a worker finds them.
pub(crate) fn finder() -> Arc<api::FontsFor> {
    let shelf: Mutex<Shelf> = Mutex::default();
    Arc::new(move |text, language, family| {
        // What the bundled fonts write needs no others, whatever its language is called.
        let language = if fonts::bundled_cover(text) { "" } else { language };
        let find = || shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            find().iter().find(|(lang, of, _)| lang == language && of == family).map(|(.., fonts)| fonts.clone());
        known.unwrap_or_else(|| {
            let found = Arc::new(read(text, language).preferring(family));
            let mut shelf = find();
            if shelf.len() == KEPT {
                shelf.remove(0);
            }
            shelf.push((language.to_owned(), family.to_owned(), found.clone()));
            found
        })
    })
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
