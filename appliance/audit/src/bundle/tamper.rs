//! Bundles that were tampered with, in every way we can think of.

use model::{AnyId, NounKind};
use store::chain::{Frontier, NoteError, Signer, leaf_hash, origin};

use super::{BundleError, BundleWriter, Fault, Row, WriteError, hex, unhex, verify};
use crate::fixture::{Log, Random, tenant};

fn fault(bundle: &str) -> Option<(u64, Fault)> {
    match verify(bundle.as_bytes(), None) {
        Ok(_) => None,
        Err(BundleError::Line { line, fault }) => Some((line, fault)),
        Err(BundleError::Io(error)) => panic!("{error}"),
    }
}

/// The bundle with its lines changed; lines keep their newlines.
fn with(bundle: &str, change: impl FnOnce(&mut Vec<String>)) -> String {
    let mut lines = bundle.split_inclusive('\n').map(str::to_owned).collect();
    change(&mut lines);
    lines.concat()
}

/// Changes a row's event and makes its leaf fit again, as someone would who knows the format.
fn forge(line: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
    value["event"]["outcome"] = if value["event"]["outcome"] == "done" { "denied" } else { "done" }.into();
    let salt = unhex(value["salt"].as_str().unwrap()).unwrap();
    let leaf = leaf_hash(&salt, &serde_json_canonicalizer::to_vec(&value["event"]).unwrap());
    value["leaf"] = hex(&leaf).into();
    serde_json_canonicalizer::to_string(&value).unwrap() + "\n"
}

/// The row as if its content had been erased, with its true leaf.
fn erase(line: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(line).unwrap();
    format!("{{\"erased\":true,\"index\":{},\"leaf\":{}}}\n", value["index"], value["leaf"])
}

fn renumber(line: &str, index: usize) -> String {
    let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
    value["index"] = index.into();
    serde_json_canonicalizer::to_string(&value).unwrap() + "\n"
}

#[test]
fn good_bundles() {
    for count in [0, 1, 2, 255, 256, 257] {
        let log = Log::new(tenant(1), count);
        if count > 2 {
            log.erase(1);
        }
        let key = log.signer();
        let report = verify(log.bundle().as_bytes(), Some(key.verifier())).unwrap();
        assert_eq!((report.log, report.checkpoint.size, report.trusted), (tenant(1), count, true));
        assert_eq!(report.erased, u64::from(count > 2));
        assert!(!verify(log.bundle().as_bytes(), None).unwrap().trusted);
    }
}

#[test]
fn a_log_that_was_altered_is_not_signed() {
    let log = Log::new(tenant(1), 3);
    let signer = log.signer();
    let leaf = [1; 32];
    let mut stored = Frontier::default();
    stored.append(leaf, &mut |_, _, _| ());
    let write = |rows: &[Row<'_>]| {
        let mut writer = BundleWriter::new(Vec::new(), log.log, &signer).unwrap();
        rows.iter().try_for_each(|row| writer.row(*row))?;
        writer.finish(stored.size(), stored.root()).map(drop)
    };
    assert!(write(&[Row::Erased { leaf }]).is_ok());
    assert!(matches!(write(&[]), Err(WriteError::Root { rows: 0 })));
    assert!(matches!(write(&[Row::Erased { leaf: [2; 32] }]), Err(WriteError::Root { rows: 1 })));
    assert!(matches!(write(&[Row::Erased { leaf }, Row::Erased { leaf }]), Err(WriteError::Root { rows: 2 })));
    let bad = Row::Kept { salt: &[0; 16], event: b"\xff" };
    assert!(matches!(write(&[bad]), Err(WriteError::Row { index: 0 })));
    let long = Row::Kept { salt: &[0; 16], event: &vec![b'x'; 2 << 20] };
    assert!(matches!(write(&[long]), Err(WriteError::Row { index: 0 })));
}

#[test]
fn the_first_bad_line_is_named() {
    let bundle = Log::new(tenant(1), 20).bundle();
    let other = Log::new(tenant(2), 20).bundle();
    let check = |expected: (u64, Fault), change: &dyn Fn(&mut Vec<String>)| {
        assert_eq!(fault(&with(&bundle, |lines| change(lines))), Some(expected));
    };
    check((6, Fault::Leaf), &|lines| lines[5] = lines[5].replace("because", "Because"));
    check((6, Fault::Form), &|lines| lines[5] = lines[5].replace(":", ": "));
    check((6, Fault::Form), &|lines| lines[5] = lines[5].replace("because", "\\u0062ecause"));
    check((6, Fault::Form), &|lines| lines[5] = lines[5].replace('\n', "\r\n"));
    check((6, Fault::Members), &|lines| lines[5] = lines[5].replace("\"salt\"", "\"sand\""));
    check((6, Fault::Index { expected: 4 }), &|lines| drop(lines.remove(5)));
    check((6, Fault::Index { expected: 4 }), &|lines| lines.swap(5, 9));
    check((7, Fault::Index { expected: 5 }), &|lines| lines.insert(6, lines[5].clone()));
    check((22, Fault::Truncated), &|lines| drop(lines.pop()));
    check((21, Fault::Count { signed: 20, found: 19 }), &|lines| drop(lines.remove(20)));
    check((1, Fault::Truncated), &|lines| lines.clear());
    check((23, Fault::After), &|lines| lines.push(lines[21].clone()));
    check((6, Fault::Foreign), &|lines| lines[5] = other.split_inclusive('\n').nth(5).unwrap().into());
    check((22, Fault::Root), &|lines| lines[5] = forge(&lines[5]));
    check((22, Fault::Root), &|lines| {
        let leaf = "0".repeat(64);
        lines[5] = format!("{{\"erased\":true,\"index\":4,\"leaf\":\"{leaf}\"}}\n");
    });
    check((23, Fault::Count { signed: 20, found: 21 }), &|lines| lines.insert(21, renumber(&lines[20], 20)));
    check((22, Fault::Erased), &|lines| lines[5] = erase(&lines[5]));
    check((22, Fault::Members), &|lines| lines[21] = lines[21].replace("\"rows\":20", "\"rows\":21"));
    check((1, Fault::Log), &|lines| {
        let (own, foreign) = (tenant(1).to_string(), tenant(2).to_string());
        lines[0] = lines[0].replace(&format!("\"log\":\"{own}\""), &format!("\"log\":\"{foreign}\""));
    });
    check((1, Fault::Members), &|lines| lines[0] = lines[0].replace("\"version\":1", "\"version\":2"));
    check((22, Fault::Checkpoint(NoteError::Signature)), &|lines| {
        lines[21] = lines[21].replace("\\n20\\n", "\\n19\\n");
    });
    check((22, Fault::Checkpoint(NoteError::Signature)), &|lines| {
        lines[21] = lines[21].replace("erased 0", "erased 1");
    });
    check((22, Fault::Checkpoint(NoteError::Unsigned)), &|lines| {
        lines[21] = other.split_inclusive('\n').nth(21).unwrap().into();
    });
    check((1, Fault::Checkpoint(NoteError::Key)), &|lines| lines[0] = lines[0].replace("\"key\":\"a", "\"key\":\"A"));
    check((6, Fault::TooLong), &|lines| lines[5] = "x".repeat(2 << 20));
    check((6, Fault::Form), &|lines| lines[5] = "[".repeat(100_000));
    check((6, Fault::Form), &|lines| lines[5] = "{\"a\":".repeat(10_000) + "\n");
}

#[test]
fn a_bundle_signed_anew_needs_the_trusted_key_to_be_seen() {
    let real = Log::new(tenant(1), 5);
    let name = origin(AnyId::new(NounKind::Appliance, 1), tenant(1));
    let other = Signer::new(&name, &[99; 32]).unwrap();
    let forged = with(&real.bundle(), |lines| {
        let report = verify(real.bundle().as_bytes(), None).unwrap();
        lines[0] = lines[0].replace(&real.signer().verifier().to_string(), &other.verifier().to_string());
        let mut end: serde_json::Value = serde_json::from_str(&lines[6]).unwrap();
        end["checkpoint"] = report.checkpoint.sign(&other).unwrap().into();
        lines[6] = serde_json_canonicalizer::to_string(&end).unwrap() + "\n";
    });
    assert!(!verify(forged.as_bytes(), None).unwrap().trusted);
    let found = verify(forged.as_bytes(), Some(real.signer().verifier()));
    assert!(matches!(found, Err(BundleError::Line { line: 1, fault: Fault::Key })));
}

#[test]
fn a_thousand_tamperings_are_all_seen() {
    let log = Log::new(tenant(1), 24);
    log.erase(7);
    log.erase(20);
    let (good, other) = (log.bundle(), Log::new(tenant(2), 24).bundle());
    let others: Vec<_> = other.split_inclusive('\n').collect();
    let mut random = Random(0xA0D1);
    let mut seen = [0; 13];
    for round in 0..1_000 {
        let way = round % seen.len();
        let rows = 1..good.lines().count() - 1;
        let row = rows.start + random.below(rows.len());
        let line = random.below(rows.end + 1);
        let bad = match way {
            // A bit.
            0..=2 => {
                let mut bytes = good.clone().into_bytes();
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
                bytes
            }
            // A byte gone, or one more.
            3 => {
                let mut bytes = good.clone().into_bytes();
                let at = random.below(bytes.len());
                if round % 2 == 0 {
                    bytes.remove(at);
                } else {
                    bytes.insert(at, random.next() as u8);
                }
                bytes
            }
            // The end of the file.
            4 => good.as_bytes()[..random.below(good.len())].to_vec(),
            // A line gone.
            5 => with(&good, |lines| drop(lines.remove(line))).into_bytes(),
            // Two lines for each other.
            6 => {
                let with_line = (line + 1 + random.below(rows.end)) % (rows.end + 1);
                with(&good, |lines| lines.swap(line, with_line)).into_bytes()
            }
            // A line twice.
            7 => with(&good, |lines| lines.insert(row, lines[line].clone())).into_bytes(),
            // A line of another tenant; the two ends are alike.
            8 => with(&good, |lines| lines[row] = others[row].into()).into_bytes(),
            // A row whose content and leaf were changed together.
            9 => with(&good, |lines| {
                let row = if lines[row].contains("erased") { row - 1 } else { row };
                lines[row] = forge(&lines[row]);
            })
            .into_bytes(),
            // A row gone and the others numbered anew, up to the end.
            10 => with(&good, |lines| {
                lines.remove(row);
                let end = lines.len() - 1;
                for (index, line) in lines.iter_mut().enumerate().take(end).skip(row) {
                    *line = renumber(line, index - 1);
                }
            })
            .into_bytes(),
            // A row that looks erased and is not.
            11 => with(&good, |lines| {
                let row = if lines[row].contains("erased") { row - 1 } else { row };
                lines[row] = erase(&lines[row]);
            })
            .into_bytes(),
            // Two rows for each other, numbers changed too.
            _ => with(&good, |lines| {
                let next = if row + 1 < rows.end { row + 1 } else { rows.start };
                lines.swap(row, next);
                lines[row] = renumber(&lines[row], row - 1);
                lines[next] = renumber(&lines[next], next - 1);
            })
            .into_bytes(),
        };
        assert_ne!(bad, good.as_bytes(), "way {way} changed nothing in round {round}");
        let found = verify(bad.as_slice(), Some(log.signer().verifier()));
        assert!(matches!(found, Err(BundleError::Line { .. })), "way {way}, round {round}: {found:?}");
        seen[way] += 1;
    }
    assert_eq!(seen.iter().sum::<i32>(), 1_000);
    assert!(verify(good.as_bytes(), Some(log.signer().verifier())).is_ok());
}
