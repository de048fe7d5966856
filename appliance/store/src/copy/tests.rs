//! Sealed streams and what is written in them.

use std::io::{Read as _, Write as _};

use proptest::prelude::*;

use super::*;
use crate::{
    blob::BlobName,
    chain::{Frontier, leaf_hash},
    key,
    vault::Secret,
};

fn secret() -> Secret {
    Secret::new([7; 32])
}

fn sealed(content: &[u8]) -> Vec<u8> {
    let mut sealer = Sealer::new(Vec::new(), &secret());
    sealer.write_all(content).unwrap();
    sealer.finish().unwrap()
}

fn opened(sealed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    Opener::new(sealed, &secret())?.read_to_end(&mut content)?;
    Ok(content)
}

#[test]
fn streams_of_all_lengths() {
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let content: Vec<u8> = (0..length).map(|i| i as u8).collect();
        let sealed = sealed(&content);
        assert_eq!(opened(&sealed).unwrap(), content, "{length}");
        for cut in [0, 1, 16, 65_551, 65_552, 65_553, sealed.len() - 1] {
            if cut < sealed.len() {
                assert!(opened(&sealed[..cut]).is_err(), "{length} cut to {cut}");
            }
        }
        assert!(opened(&[sealed.as_slice(), &[0]].concat()).is_err());
    }
}

#[test]
fn parts_cannot_change_places() {
    let sealed = sealed(&[1; 3 * 65_536]);
    let (first, rest) = sealed.split_at(65_552);
    let (second, third) = rest.split_at(65_552);
    assert!(opened(&[first, second, third].concat()).is_ok());
    assert!(opened(&[second, first, third].concat()).is_err());
    assert!(opened(&[first, third].concat()).is_err());
}

/// Rows with an audit log of so many.
fn rows(audit: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut rows, mut frontier) = (Vec::new(), Frontier::default());
    for index in 0..audit {
        let json = format!("{{\"row\":{index}}}------------------------");
        let value = [[3; 16].as_slice(), json.as_bytes()].concat();
        rows.push((key::leaf(index), value));
        frontier.append(leaf_hash(&[3; 16], json.as_bytes()), &mut |level, index, hash| {
            rows.push((key::node(level, index), hash.to_vec()));
        });
    }
    rows.push((key::meta("frontier"), frontier.encode()));
    rows.push((key::record(200, &5u64), b"value".to_vec()));
    rows.sort();
    rows
}

fn written(rows: &[(Vec<u8>, Vec<u8>)]) -> Result<Vec<u8>, CopyError> {
    let mut writer = ItemWriter::new(Vec::new());
    writer.about(b"about")?;
    for (key, value) in rows {
        writer.row(key, value)?;
    }
    writer.blob(&BlobName::from_bytes([9; 32]), 55)?;
    writer.content(7, b"content".as_slice())?;
    Ok(writer.end()?.0)
}

fn read(bytes: &[u8]) -> Result<u64, CopyError> {
    let mut reader = ItemReader::new(bytes);
    let mut count = 0;
    while let Some(item) = reader.next()? {
        count += 1;
        if let Item::Content(length) = item
            && count % 2 == 0
        {
            assert_eq!(std::io::copy(&mut reader.content(), &mut std::io::sink())?, length);
        }
    }
    Ok(count)
}

#[test]
fn items_come_back_and_count() {
    for audit in [0, 1, 2, 255, 256, 257, 700] {
        let rows = rows(audit);
        let bytes = written(&rows).unwrap();
        assert_eq!(read(&bytes).unwrap(), rows.len() as u64 + 4, "{audit}");
        assert!(read(&[bytes.as_slice(), &[1]].concat()).is_err());
    }
}

#[test]
fn a_log_that_does_not_verify_is_not_copied() {
    let good = rows(300);
    for place in 0..good.len() {
        // A record may hold anything; all others are part of the log.
        if good[place].0[0] == 1 {
            continue;
        }
        let mut changed = good.clone();
        let last = changed[place].1.len() - 1;
        changed[place].1[last] ^= 1;
        assert!(matches!(written(&changed), Err(CopyError::Chain(_))), "row {place}");
        let mut shorter = good.clone();
        shorter.remove(place);
        assert!(matches!(written(&shorter), Err(CopyError::Chain(_))), "without row {place}");
    }
    let mut twice = good.clone();
    twice.insert(1, good[1].clone());
    assert!(matches!(written(&twice), Err(CopyError::Form(_))));
    let mut strange = good;
    strange.push((vec![0x77], vec![]));
    assert!(matches!(written(&strange), Err(CopyError::Form(_))));
    assert!(matches!(written(&[(vec![], vec![])]), Err(CopyError::Form(_))));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_items(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let _ = opened(&bytes);
    }

    #[test]
    fn changed_items_never_panic(place in 0..10_000usize, change in 1..255u8) {
        let mut bytes = written(&rows(20)).unwrap();
        let place = place % bytes.len();
        bytes[place] ^= change;
        let _ = read(&bytes);
    }
}
