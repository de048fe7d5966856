//! The document that people edit together: a Yjs map of cells, and the storyboard that they say.

use std::{
    collections::BTreeSet,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};
use studio::storyboard::{Scene, Storyboard, settled};
use yrs::{
    Any, Doc, Map as _, MapRef, Out, ReadTxn as _, StateVector, Transact as _, TransactionMut, Update,
    updates::decoder::Decode as _, updates::encoder::Encode as _,
};

use super::{
    cells,
    wire::{self, MAP, WireError},
};

/// The most bytes of a document: it must fit into one write.
pub const MAX_STATE: usize = 3 << 20;
/// The most bytes of one update.
pub const MAX_UPDATE: usize = 512 << 10;

/// Why an update of somebody is not taken. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is not what updates of storyboards look like.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// It builds on changes that are not here.
    #[error("the update builds on changes that are not here; start over from the document as it is")]
    Ahead,
    /// The document would be too large.
    #[error("the document would have more than {most} bytes", most = MAX_STATE)]
    Large,
    /// It changes what is not edited here.
    #[error("{0} cannot be changed here")]
    Fixed(&'static str),
    /// The storyboard would not be sound.
    #[error("{0}")]
    Unsound(String),
    /// The engine cannot take it.
    #[error("the update cannot be applied")]
    Engine,
}

/// A document at work.
pub struct Document {
    doc: Doc,
    map: MapRef,
    board: Arc<Storyboard>,
    /// No less than the bytes it takes.
    size: usize,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("size", &self.size).finish_non_exhaustive()
    }
}

impl Document {
    /// A new document that says this storyboard.
    pub(crate) fn fresh(board: Storyboard) -> Self {
        let (doc, map) = empty();
        {
            let mut tx = doc.transact_mut();
            for (key, value) in cells::of(&board) {
                map.insert(&mut tx, key, value);
            }
        }
        let mut document = Document { doc, map, board: Arc::new(board), size: 0 };
        document.size = document.whole().len();
        document
    }

    /// The document that these updates have made.
    pub(crate) fn load<'a>(updates: impl Iterator<Item = &'a [u8]>) -> Result<Self, Refused> {
        let (doc, map) = empty();
        let mut size = 0;
        for update in updates {
            size += update.len();
            apply(&doc, update)?;
        }
        let board = project(&doc, &map)?;
        Ok(Document { doc, map, board: Arc::new(board), size })
    }

    /// The storyboard that it says.
    pub fn board(&self) -> &Arc<Storyboard> {
        &self.board
    }

    /// What it has of each client, as the sync protocol says it.
    pub fn state(&self) -> Vec<u8> {
        self.doc.transact().state_vector().encode_v1()
    }

    /// What somebody lacks who has what `state` says; nothing where that cannot be read.
    pub fn since(&self, state: &[u8]) -> Option<Vec<u8>> {
        wire::state(state).ok()?;
        let state = StateVector::decode_v1(state).ok()?;
        Some(self.doc.transact().encode_state_as_update_v1(&state))
    }

    /// All of it as one update.
    pub fn whole(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    /// The same on all who have the same cells.
    pub fn digest(&self) -> [u8; 32] {
        let tx = self.doc.transact();
        let mut cells: Vec<(String, String)> = self
            .map
            .iter(&tx)
            .map(|(key, value)| (key.to_owned(), text_of(&value).unwrap_or_default().to_owned()))
            .collect();
        cells.sort_unstable();
        Sha256::digest(serde_json::to_vec(&cells).expect("texts are always JSON")).into()
    }

    /// Whether an update brings nothing that is not here, as the answers of those who have nothing new: they name all that was
    /// ever removed. It must have been [read](writers) before.
    pub fn knows(&self, update: &[u8]) -> bool {
        let Ok(update) = Update::decode_v1(update) else { return false };
        let tx = self.doc.transact();
        let here = tx.state_vector();
        let brought = update.insertions(true);
        let known = brought.iter().all(|(client, ranges)| ranges.iter().all(|range| range.end <= here.get(client)));
        known && update.delete_set().diff(&tx.snapshot().delete_set).is_empty()
    }

    /// Takes updates of people: all, or an error, after which the document must be loaded anew.
    pub fn take(&mut self, updates: &[&[u8]]) -> Result<(), Refused> {
        for update in updates {
            self.size += update.len();
            apply(&self.doc, update)?;
        }
        if self.size > MAX_STATE {
            self.size = self.whole().len();
        }
        if self.size > MAX_STATE {
            return Err(Refused::Large);
        }
        let board = project(&self.doc, &self.map)?;
        same_frame(&self.board, &board)?;
        self.board = Arc::new(board);
        Ok(())
    }

    /// Lays over it what was changed elsewhere; the update that does so.
    pub(super) fn overlay(&mut self, before: &Storyboard, after: &Storyboard) -> Result<Vec<u8>, Refused> {
        let (new, gone) = cells::between(before, after);
        self.change(|map, tx| {
            for key in gone {
                map.remove(tx, &key);
            }
            for (key, value) in new {
                map.insert(tx, key, value);
            }
        })
    }

    /// Makes it say this storyboard and nothing else; the update that does so.
    pub(super) fn settle(&mut self, board: &Storyboard) -> Result<Vec<u8>, Refused> {
        let wanted = cells::of(board);
        self.change(|map, tx| {
            let known: Vec<(String, Option<String>)> =
                map.iter(&*tx).map(|(key, value)| (key.to_owned(), text_of(&value).map(str::to_owned))).collect();
            let mut here = BTreeSet::new();
            for (key, value) in known {
                match wanted.get(&key) {
                    None => drop(map.remove(tx, &key)),
                    // Places are as people have left them: the order they say is that of the storyboard.
                    Some(wanted) if !cells::is_place(&key) && value.as_ref() != Some(wanted) => {
                        map.insert(tx, key.clone(), wanted.clone());
                    }
                    Some(_) => {}
                }
                here.insert(key);
            }
            for (key, value) in wanted.iter().filter(|(key, _)| !here.contains(*key)) {
                map.insert(tx, key.clone(), value.clone());
            }
        })
    }

    fn change(&mut self, with: impl FnOnce(&MapRef, &mut TransactionMut<'_>)) -> Result<Vec<u8>, Refused> {
        let update = {
            let mut tx = self.doc.transact_mut();
            with(&self.map, &mut tx);
            tx.encode_update_v1()
        };
        self.size += update.len();
        self.board = Arc::new(project(&self.doc, &self.map)?);
        Ok(update)
    }
}

fn empty() -> (Doc, MapRef) {
    // A client id of its own each time, so that what was lost in a crash is never mistaken for what comes after.
    let doc = Doc::new();
    let map = doc.get_or_insert_map(MAP);
    (doc, map)
}

/// Whose structs an update brings.
pub fn writers(update: &[u8]) -> Result<BTreeSet<u64>, WireError> {
    wire::writers(update)
}

/// Several updates as one. They must have been [read](writers) before.
pub fn joined(updates: &[&[u8]]) -> Result<Vec<u8>, Refused> {
    if let [one] = updates {
        return Ok(one.to_vec());
    }
    catch_unwind(|| yrs::merge_updates_v1(updates)).ok().and_then(Result::ok).ok_or(Refused::Engine)
}

fn apply(doc: &Doc, update: &[u8]) -> Result<(), Refused> {
    wire::writers(update)?;
    // The engine is not made for hostile updates: what the narrow reading lets through must not end more than this document.
    let applied = catch_unwind(AssertUnwindSafe(|| {
        let update = Update::decode_v1(update).map_err(|_| Refused::Engine)?;
        let mut tx = doc.transact_mut();
        tx.apply_update(update).map_err(|_| Refused::Engine)?;
        if tx.has_missing_updates() { Err(Refused::Ahead) } else { Ok(()) }
    }));
    applied.unwrap_or(Err(Refused::Engine))
}

fn text_of(value: &Out) -> Option<&str> {
    if let Out::Any(Any::String(text)) = value { Some(text) } else { None }
}

fn project(doc: &Doc, map: &MapRef) -> Result<Storyboard, Refused> {
    let tx = doc.transact();
    let texts: Vec<(&str, Out)> = map.iter(&tx).collect();
    let mut cells = Vec::with_capacity(texts.len());
    for (key, value) in &texts {
        cells.push((*key, text_of(value).ok_or(WireError::Content)?));
    }
    let value =
        cells::to_json(cells.into_iter()).map_err(|key| Refused::Unsound(format!("the cell `{key}` holds no JSON")))?;
    settled(value).map_err(|error| Refused::Unsound(error.to_string()))
}

/// What people edit together is what scenes show. Which scenes there are and what was said over them changes by the edits of the
/// API, which know the words.
fn same_frame(before: &Storyboard, after: &Storyboard) -> Result<(), Refused> {
    let spoken = |scene: &Scene| (scene.id.clone(), scene.words);
    if !before.scenes.iter().map(spoken).eq(after.scenes.iter().map(spoken)) {
        return Err(Refused::Fixed("the order of scenes and what is said over them"));
    }
    if frame(before) == frame(after) { Ok(()) } else { Err(Refused::Fixed("the recording, language, theme and size")) }
}

/// All of a storyboard but its title, its scenes and what is to be looked at in them.
fn frame(board: &Storyboard) -> impl PartialEq + '_ {
    let Storyboard { schema, id, lang, title: _, source, theme, canvas, motion, scenes: _, order, review: _, extra } =
        board;
    (schema, id, lang, source, theme, canvas, motion, order, extra)
}
