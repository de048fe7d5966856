//! Documents of people who edit together: what merges, what is refused, and that hostile updates end no more than themselves.

use proptest::prelude::*;
use studio::{
    outline::{CueOutliner, Options, Outliner as _},
    storyboard::{Storyboard, canonical},
    transcript::Transcript,
};
use yrs::{Any, Doc, Map as _, MapRef, Transact as _, Update, updates::decoder::Decode as _};

use super::{Document, Refused, cells, joined, wire::MAP};

fn board() -> Storyboard {
    let said =
        "First the customer places an order. Then the shop checks the stock. Finally the courier delivers the parcel.";
    let options = Options { id: "talk".into(), theme: "light".into(), canvas: Default::default(), kind: None };
    // As it is stored.
    studio::storyboard::settled(studio::storyboard::to_value(
        &CueOutliner.outline(&Transcript::from_text(said, "en"), &options),
    ))
    .unwrap()
}

/// Somebody's copy of a document.
struct Copy(Doc, MapRef);

impl Copy {
    fn of(document: &Document, client: u64) -> Self {
        let doc = Doc::with_client_id(client);
        let map = doc.get_or_insert_map(MAP);
        doc.transact_mut().apply_update(Update::decode_v1(&document.whole()).unwrap()).unwrap();
        Copy(doc, map)
    }

    fn change(&self, key: &str, value: Option<&str>) -> Vec<u8> {
        let mut tx = self.0.transact_mut();
        match value {
            Some(value) => drop(self.1.insert(&mut tx, key.to_owned(), value.to_owned())),
            None => drop(self.1.remove(&mut tx, key)),
        }
        tx.encode_update_v1()
    }
}

/// The key of a field of the first box.
fn field(board: &Storyboard, name: &str) -> String {
    let scene = &board.scenes[0];
    format!("scenes/{}/nodes/{}/{name}", scene.id, scene.nodes[0].id)
}

fn text(board: &Storyboard) -> String {
    String::from_utf8(canonical(board)).unwrap()
}

#[test]
fn cells_say_what_the_storyboard_says() {
    let board = board();
    let cells = cells::of(&board);
    let again = cells::to_json(cells.iter().map(|(key, text)| (key.as_str(), text.as_str()))).unwrap();
    assert_eq!(text(&studio::storyboard::settled(again).unwrap()), text(&board));
    assert_eq!(text(Document::fresh(board.clone()).board()), text(&board));
    // And so does the document when it is loaded from what is stored.
    let whole = Document::fresh(board.clone()).whole();
    let loaded = Document::load([whole.as_slice()].into_iter()).unwrap();
    assert_eq!(text(loaded.board()), text(&board));
    assert_eq!(loaded.digest(), Document::fresh(board).digest());
}

#[test]
fn edits_of_two_meet_only_in_the_same_field() {
    let board = board();
    let mut document = Document::fresh(board.clone());
    let (one, other) = (Copy::of(&document, 1), Copy::of(&document, 2));
    let title = format!("scenes/{}/title", board.scenes[0].id);
    let updates = [
        one.change(&field(&board, "label"), Some("\"One\"")),
        other.change(&title, Some("\"Other\"")),
        one.change(&field(&board, "shape"), Some("\"ellipse\"")),
    ];
    let both = joined(&[&updates[0], &updates[2]]).unwrap();
    document.take(&[&updates[1], &both]).unwrap();
    assert_eq!(document.board().scenes[0].title, "Other");
    assert_eq!(document.board().scenes[0].nodes[0].label, "One");
    assert!(document.board().scenes[0].nodes[0].shape.is_some());
    // Whoever sends it again brings nothing.
    assert!(document.knows(&both) && document.knows(&updates[1]));
    assert!(!document.knows(&one.change(&field(&board, "label"), Some("\"New\""))));
}

#[test]
fn what_was_changed_elsewhere_is_laid_over_it() {
    let board = board();
    let mut document = Document::fresh(board.clone());
    let copy = Copy::of(&document, 1);
    document.take(&[&copy.change(&field(&board, "label"), Some("\"Mine\""))]).unwrap();
    let mut after = board.clone();
    after.scenes[0].title = "Elsewhere".into();
    after.scenes[0].edges.clear();
    let update = document.overlay(&board, &after).unwrap();
    assert!(!board.scenes[0].edges.is_empty() && document.board().scenes[0].edges.is_empty());
    assert_eq!(document.board().scenes[0].title, "Elsewhere");
    assert_eq!(document.board().scenes[0].nodes[0].label, "Mine");
    copy.0.transact_mut().apply_update(Update::decode_v1(&update).unwrap()).unwrap();
    let mine: Vec<(String, String)> = {
        let tx = copy.0.transact();
        let text = |value| if let yrs::Out::Any(Any::String(text)) = value { text.to_string() } else { panic!() };
        copy.1.iter(&tx).map(|(key, value)| (key.to_owned(), text(value))).collect()
    };
    let theirs = Document::load([document.whole().as_slice()].into_iter()).unwrap();
    assert_eq!(mine.len(), cells::of(theirs.board()).len());
}

#[test]
fn what_is_not_edited_here_is_refused() {
    let board = board();
    let scene = &board.scenes[0].id;
    for (key, value) in [
        ("canvas".to_owned(), Some(r#"{"w":640,"h":360,"fps":30}"#)),
        (format!("scenes/{scene}/words"), Some("[0,1]")),
        (format!("scenes/{scene}/@"), None),
        ("scenes/another/@".to_owned(), Some("1e9")),
    ] {
        let mut document = Document::fresh(board.clone());
        let update = Copy::of(&document, 1).change(&key, value);
        assert!(matches!(document.take(&[&update]), Err(Refused::Fixed(_) | Refused::Unsound(_))), "{key} {value:?}");
    }
    let mut document = Document::fresh(board.clone());
    let copy = Copy::of(&document, 1);
    copy.change(&field(&board, "label"), Some("\"first\""));
    let second = copy.change(&field(&board, "label"), Some("\"second\""));
    assert!(matches!(document.take(&[&second]), Err(Refused::Ahead)));
}

#[test]
fn deep_and_large_values_are_refused() {
    let board = board();
    for value in
        ["[".repeat(200_000), format!("{}1{}", "[".repeat(400), "]".repeat(400)), "\"x".to_owned(), String::new()]
    {
        let mut document = Document::fresh(board.clone());
        let update = Copy::of(&document, 1).change(&field(&board, "alt"), Some(&value));
        assert!(document.take(&[&update]).is_err(), "{}", &value[..value.len().min(20)]);
    }
    let mut document = Document::fresh(board.clone());
    let copy = Copy::of(&document, 1);
    let long = format!("\"{}\"", "x".repeat(500 << 10));
    let refused = (0..8).find_map(|number| {
        let update = copy.change(&format!("scenes/{}/nodes/gone{number}/label", board.scenes[0].id), Some(&long));
        document.take(&[&update]).err()
    });
    assert!(matches!(refused, Some(Refused::Large | Refused::Unsound(_))), "{refused:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// An update with some bytes turned is taken or refused; what is taken is a sound storyboard that loads again.
    #[test]
    fn turned_bytes(turns in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), all: bool) {
        let board = board();
        let mut document = Document::fresh(board.clone());
        let copy = Copy::of(&document, 1);
        let edits = [
            copy.change(&field(&board, "label"), Some("\"One\"")),
            copy.change(&field(&board, "alt"), None),
            copy.change(&field(&board, "by"), Some("\"user\"")),
        ];
        let mut update = if all { document.whole() } else { joined(&edits.each_ref().map(Vec::as_slice)).unwrap() };
        for (at, byte) in turns {
            let at = at.index(update.len());
            update[at] = byte;
        }
        if document.take(&[&update]).is_ok() {
            let said = text(document.board());
            let loaded = Document::load([document.whole().as_slice()].into_iter()).unwrap();
            prop_assert_eq!(text(loaded.board()), said);
        }
    }

    /// Edits that reach two documents in another order come to the same.
    #[test]
    fn any_order(edits in prop::collection::vec((0..3_u64, 0..4_usize, 0..100_u32), 1..40)) {
        let board = board();
        let mut one = Document::fresh(board.clone());
        let mut other = Document::load([one.whole().as_slice()].into_iter()).unwrap();
        let copies: Vec<Copy> = (0..3).map(|client| Copy::of(&one, client + 10)).collect();
        let mut by_client = vec![Vec::new(); 3];
        for (client, what, number) in edits {
            let key = [field(&board, "label"), field(&board, "alt"), format!("scenes/{}/title", board.scenes[0].id), format!("scenes/{}/layout/pins/{}", board.scenes[0].id, board.scenes[0].nodes[0].id)];
            let value = if what == 3 { "[0.5,0.25]".to_owned() } else { format!("\"Number {number}\"") };
            let value = (what != 3 || number % 2 == 0).then_some(value);
            by_client[client as usize].push(copies[client as usize].change(&key[what], value.as_deref()));
        }
        for updates in &by_client {
            updates.iter().for_each(|update| one.take(&[update]).unwrap());
        }
        for updates in by_client.iter().rev().filter(|updates| !updates.is_empty()) {
            let all: Vec<&[u8]> = updates.iter().map(Vec::as_slice).collect();
            other.take(&[&joined(&all).unwrap()]).unwrap();
        }
        prop_assert_eq!(one.digest(), other.digest());
        prop_assert_eq!(text(one.board()), text(other.board()));
    }
}
