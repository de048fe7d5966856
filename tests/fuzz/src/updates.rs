//! Updates of those who edit a storyboard together: one that is taken leaves a sound storyboard and is known from then on, one that
//! is refused changes nothing, and what was taken makes the same document again.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use library::{
    fuzzing::{live, loaded},
    live::{joined, writers},
};
use studio::storyboard::Storyboard;
use yrs::{Doc, Map as _, ReadTxn as _, StateVector, Transact as _, Update, updates::decoder::Decode as _};

use crate::drawn::{assert_sound, document, text};

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    static BOARD: LazyLock<Storyboard> = LazyLock::new(|| document().storyboard);
    let mut document = live(BOARD.clone());
    let mut taken = vec![document.whole()];
    let mut u = Unstructured::new(bytes);
    // As they are, and then as what a client would make of them.
    let mut update = bytes.to_vec();
    for _ in 0..8 {
        let before = document.digest();
        match document.take(&[&update]) {
            Ok(()) => {
                assert!(writers(&update).is_ok(), "the engine saw what was not read before");
                assert_sound(document.board(), None);
                assert!(document.knows(&update), "what was taken is not known");
                taken.push(std::mem::take(&mut update));
                let parts: Vec<&[u8]> = taken.iter().map(Vec::as_slice).collect();
                for whole in [document.whole(), joined(&parts).expect("what was taken can be joined")] {
                    let again = loaded(&[whole]).expect("what was taken can be loaded");
                    assert_eq!(again.digest(), document.digest());
                }
            }
            Err(_) => {
                document = loaded(&taken).expect("what was taken before can be loaded");
                assert_eq!(document.digest(), before, "a refused update changed something");
            }
        }
        match drawn(&mut u, &document.whole()) {
            Ok(next) if !u.is_empty() => update = next,
            _ => return,
        }
    }
}

/// What a client sends that changes some cells, and at times a byte of it.
fn drawn(u: &mut Unstructured<'_>, whole: &[u8]) -> Result<Vec<u8>> {
    let client = Doc::with_client_id(u.int_in_range(1..=4_u64)?);
    let cells = client.get_or_insert_map("cells");
    let mut tx = client.transact_mut();
    tx.apply_update(Update::decode_v1(whole).expect("the document's own")).expect("the document's own");
    let before: StateVector = tx.state_vector();
    let mut keys: Vec<String> = cells.keys(&tx).map(str::to_owned).collect();
    keys.sort_unstable();
    for _ in 0..u.int_in_range(1..=4)? {
        let key = if u.ratio(3, 4)? { u.choose(&keys)?.clone() } else { text(u)? };
        if u.ratio(1, 4)? {
            cells.remove(&mut tx, &key);
            continue;
        }
        let value = if u.ratio(3, 4)? {
            let other = u.choose(&keys)?;
            cells.get_as::<_, String>(&tx, other).unwrap_or_default()
        } else {
            serde_json::to_string(&text(u)?).expect("a text is always JSON")
        };
        cells.insert(&mut tx, key, value);
    }
    let mut update = tx.encode_state_as_update_v1(&before);
    if u.ratio(1, 4)? && !update.is_empty() {
        let at = u.choose_index(update.len())?;
        update[at] ^= u.arbitrary::<u8>()?;
    }
    Ok(update)
}
