//! Edit operations: every result is sound, a refused edit changes nothing, and the inverse restores the document.

use crate::drawn::{assert_sound, document, op, values};
use arbitrary::Unstructured;
use studio::edit::{apply, read};

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let mut document = document();
    let mut u = Unstructured::new(bytes);
    let as_file = bytes.first() == Some(&b'{');
    for _ in 0..8 {
        let op = if as_file { read(bytes).ok() } else { op(&mut u, &document, 2).ok() };
        let Some(op) = op else { return };
        let before = values(&document);
        match apply(&mut document, &op) {
            Err(_) => assert_eq!(values(&document), before, "a refused edit changed something"),
            Ok(inverse) => {
                assert_sound(&document.storyboard, Some(&document.transcript));
                let Some(inverse) = inverse else { return };
                let after = values(&document);
                let inverse = read(&serde_json::to_vec(&inverse).expect("serialises")).expect("an inverse can be read");
                let again = apply(&mut document, &inverse).expect("an inverse applies");
                assert_eq!(values(&document), before, "the inverse of {op:?}");
                apply(&mut document, &again.expect("no purge")).expect("the inverse's inverse applies");
                assert_eq!(values(&document), after);
            }
        }
        if as_file || u.is_empty() {
            return;
        }
    }
}
