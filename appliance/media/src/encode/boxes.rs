//! A last touch to the finished MP4: captions that are offered, not shown.
//!
//! Players show a subtitle track whose header carries the flag "enabled" (ISO/IEC 14496-12, 8.3.2), and libav sets it
//! on the first track of every kind.

use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};

/// Largest index that is read: that of about a hundred hours.
const LARGEST_INDEX: u64 = 256 << 20;

/// Clears the flag "enabled" of the subtitle tracks of an MP4.
pub(super) fn switch_captions_off(file: &mut (impl Read + Write + Seek)) -> Result<()> {
    let (start, size) = find_index(file)?;
    file.seek(SeekFrom::Start(start))?;
    let mut index = vec![0; size];
    file.read_exact(&mut index)?;
    for (track, body) in children(&index, 0..size).filter(|(kind, _)| kind == b"trak").map(|(_, b)| (b.start, b)) {
        let header = children(&index, body.clone()).find(|(kind, _)| kind == b"tkhd").map(|(_, b)| b.start);
        let handler = children(&index, body)
            .filter(|(kind, _)| kind == b"mdia")
            .flat_map(|(_, media)| children(&index, media))
            .find(|(kind, _)| kind == b"hdlr")
            .and_then(|(_, b)| index.get(b.start + 8..b.start + 12));
        if let (Some(header), Some(b"sbtl")) = (header, handler) {
            // Version, then 24 bits of flags, of which the lowest means "enabled".
            let flags = header + 3;
            let value = *index.get(flags).ok_or_else(|| broken(track))?;
            file.seek(SeekFrom::Start(start + flags as u64))?;
            file.write_all(&[value & !1])?;
        }
    }
    Ok(())
}

/// Position and size of the content of the box `moov`.
fn find_index(file: &mut (impl Read + Seek)) -> Result<(u64, usize)> {
    let mut at = 0;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        file.read_exact(&mut head)?;
        let (head, size) = match u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]])) {
            1 => (16, u64::from_be_bytes([8, 9, 10, 11, 12, 13, 14, 15].map(|i| head[i]))),
            size => (8, size),
        };
        let content = size.checked_sub(head).ok_or_else(|| broken(at as usize))?;
        file.seek(SeekFrom::Start(at + 4))?;
        let mut kind = [0; 4];
        file.read_exact(&mut kind)?;
        if &kind == b"moov" {
            let size = usize::try_from(content).ok().filter(|_| content <= LARGEST_INDEX);
            return Ok((at + head, size.ok_or_else(|| broken(at as usize))?));
        }
        at = at.checked_add(size).ok_or_else(|| broken(at as usize))?;
    }
}

/// The boxes inside `range`: kind and range of the content.
fn children(bytes: &[u8], range: std::ops::Range<usize>) -> impl Iterator<Item = ([u8; 4], std::ops::Range<usize>)> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let head = bytes.get(at..at + 8).filter(|_| at + 8 <= range.end)?;
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = at.checked_add(size).filter(|end| size >= 8 && *end <= range.end)?;
        let found = ([head[4], head[5], head[6], head[7]], at + 8..end);
        at = end;
        Some(found)
    })
}

fn broken(at: usize) -> Error {
    Error::new(ErrorKind::InvalidData, format!("the index of the video is broken at byte {at}"))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut bytes = (content.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend_from_slice(kind);
        bytes.extend_from_slice(content);
        bytes
    }

    fn track(handler: &[u8; 4], flags: u8) -> Vec<u8> {
        let header = boxed(b"tkhd", &[0, 0, 0, flags, 9, 9]);
        let handler = boxed(b"hdlr", &[&[0; 8], handler.as_slice(), &[0; 12]].concat());
        boxed(b"trak", &[header, boxed(b"mdia", &handler)].concat())
    }

    fn file(tracks: &[Vec<u8>]) -> Vec<u8> {
        let index = [vec![boxed(b"mvhd", &[0; 20])], tracks.to_vec()].concat().concat();
        [boxed(b"ftyp", b"isom"), boxed(b"moov", &index), boxed(b"mdat", &[1; 64])].concat()
    }

    #[test]
    fn only_subtitles_are_switched_off() {
        let mut seen = Cursor::new(file(&[track(b"vide", 3), track(b"sbtl", 3), track(b"soun", 3)]));
        switch_captions_off(&mut seen).unwrap();
        assert_eq!(seen.into_inner(), file(&[track(b"vide", 3), track(b"sbtl", 2), track(b"soun", 3)]));
    }

    fn check_broken(bytes: &[u8]) {
        let mut seen = Cursor::new(bytes.to_vec());
        assert!(switch_captions_off(&mut seen).is_err(), "{bytes:?}");
        assert_eq!(seen.into_inner(), bytes);
    }

    #[test]
    fn broken_files_are_errors() {
        check_broken(&Vec::new());
        check_broken(&boxed(b"ftyp", b"isom"));
        check_broken(&[&[0, 0, 0, 7], b"ftyp".as_slice(), &[0; 16]].concat());
        check_broken(&[&[0, 0, 0, 0], b"ftyp".as_slice(), &[0; 16]].concat());
        check_broken(&[&[0, 0, 0, 1], b"free".as_slice(), &[0xff; 16]].concat());
        check_broken(&[&[0x7f, 0, 0, 0], b"moov".as_slice(), &[0; 16]].concat());
        check_broken(&boxed(b"moov", &[]));
    }

    #[test]
    fn broken_tracks_are_passed_over() {
        let short = boxed(b"trak", &[0, 0, 0, 99, b't', b'k', b'h', b'd', 0, 0, 0, 3]);
        let mut seen = Cursor::new(file(std::slice::from_ref(&short)));
        switch_captions_off(&mut seen).unwrap();
        assert_eq!(seen.into_inner(), file(&[short]));
    }
}
