//! What clients send: messages of protocol 3, read within bounds. Nothing of a message is believed before its length is known.

use bytes::{Buf as _, Bytes, BytesMut};

/// The longest message before anyone has signed in.
pub(super) const LONGEST_OF_STRANGER: usize = 10_000;
/// The longest message after that: a statement of 64 KiB, or the values of its parameters.
pub(super) const LONGEST: usize = 1 << 20;
/// The most parameters of a statement.
pub(super) const PARAMETERS: usize = 1_000;

/// The version of the protocol that is spoken.
const VERSION: u32 = 3 << 16;
const CANCEL: u32 = (1234 << 16) | 5678;
const TLS: u32 = (1234 << 16) | 5679;
const GSS: u32 = (1234 << 16) | 5680;

/// What opens a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// A wish for TLS.
    Tls,
    /// A wish for another encryption.
    Gss,
    /// Stop what another connection does.
    Cancel { process: u32, secret: u32 },
    /// A session: the minor version that is wished for, and parameters in the order they came.
    Session { minor: u32, parameters: Vec<(String, String)> },
}

/// A prepared statement or a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    Statement(String),
    Portal(String),
}

/// Values for the parameters of a statement, and how its columns are wished for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) portal: String,
    pub(super) statement: String,
    /// Whether values are binary: none for all text, one for all, or one each.
    pub(super) formats: Vec<bool>,
    pub(super) values: Vec<Option<Bytes>>,
    /// The same for the columns of the answer.
    pub(super) columns: Vec<bool>,
}

/// A message of a session.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Query(String),
    Parse {
        name: String,
        sql: String,
        types: Vec<u32>,
    },
    Bind(Binding),
    Describe(Named),
    Execute {
        portal: String,
        rows: usize,
    },
    Close(Named),
    Sync,
    Flush,
    Terminate,
    /// An answer to what was asked about a password.
    Password(Bytes),
    /// What belongs to a COPY from the client, which has been refused.
    Copy,
}

/// A message that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is not well formed: {0}")]
pub(super) struct Malformed(pub(super) &'static str);

type Result<T> = std::result::Result<T, Malformed>;

/// Takes the opening off `bytes`, if it is there as a whole.
pub(super) fn opening(bytes: &mut BytesMut) -> Result<Option<Opening>> {
    let Some(body) = body(bytes, 0, LONGEST_OF_STRANGER)? else { return Ok(None) };
    let mut body = Body(body);
    let code = body.u32()?;
    Ok(Some(match code {
        TLS => Opening::Tls,
        GSS => Opening::Gss,
        CANCEL => Opening::Cancel { process: body.u32()?, secret: body.u32()? },
        version if version & 0xffff_0000 == VERSION => {
            let mut parameters = Vec::new();
            loop {
                let name = body.text()?;
                if name.is_empty() {
                    break;
                }
                parameters.push((name, body.text()?));
            }
            Opening::Session { minor: version & 0xffff, parameters }
        }
        _ => return Err(Malformed("this version of the protocol is not known")),
    }))
}

/// Takes the next message off `bytes`, if it is there as a whole.
pub(super) fn next(bytes: &mut BytesMut, longest: usize) -> Result<Option<Message>> {
    let Some(kind) = bytes.first().copied() else { return Ok(None) };
    let Some(body) = body(bytes, 1, longest)? else { return Ok(None) };
    let mut body = Body(body);
    let message = match kind {
        b'Q' => Message::Query(body.text()?),
        b'P' => {
            let (name, sql) = (body.text()?, body.text()?);
            let count = body.count(PARAMETERS)?;
            let types = (0..count).map(|_| body.u32()).collect::<Result<_>>()?;
            Message::Parse { name, sql, types }
        }
        b'B' => Message::Bind(bind(&mut body)?),
        b'D' => Message::Describe(body.named()?),
        b'E' => Message::Execute { portal: body.text()?, rows: usize::try_from(body.i32()?).unwrap_or_default() },
        b'C' => Message::Close(body.named()?),
        b'S' => Message::Sync,
        b'H' => Message::Flush,
        b'X' => Message::Terminate,
        b'p' => Message::Password(std::mem::take(&mut body.0)),
        b'd' | b'c' | b'f' => {
            body.0.clear();
            Message::Copy
        }
        _ => return Err(Malformed("its kind is not known")),
    };
    if !body.0.is_empty() {
        return Err(Malformed("it is longer than it should be"));
    }
    Ok(Some(message))
}

fn bind(body: &mut Body) -> Result<Binding> {
    let (portal, statement) = (body.text()?, body.text()?);
    let formats = body.formats()?;
    let count = body.count(PARAMETERS)?;
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        let length = body.i32()?;
        values.push(match usize::try_from(length) {
            Ok(length) => Some(body.take(length)?),
            Err(_) if length == -1 => None,
            Err(_) => return Err(Malformed("a value has no length")),
        });
    }
    let columns = body.formats()?;
    Ok(Binding { portal, statement, formats, values, columns })
}

/// The body of a message whose length stands `before` bytes from the begin.
fn body(bytes: &mut BytesMut, before: usize, longest: usize) -> Result<Option<Bytes>> {
    let Some(length) = bytes.get(before..before + 4) else { return Ok(None) };
    let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
    if length < 4 {
        return Err(Malformed("it is shorter than its own length"));
    }
    if length > longest {
        return Err(Malformed("it is too long"));
    }
    if bytes.len() < before + length {
        return Ok(None);
    }
    bytes.advance(before + 4);
    Ok(Some(bytes.split_to(length - 4).freeze()))
}

/// What is left of a message's body.
struct Body(Bytes);

impl Body {
    fn take(&mut self, length: usize) -> Result<Bytes> {
        if self.0.len() < length {
            return Err(Malformed("it is shorter than it says"));
        }
        Ok(self.0.split_to(length))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(&self.take(N)?);
        Ok(array)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    fn i32(&mut self) -> Result<i32> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    fn count(&mut self, most: usize) -> Result<usize> {
        let count = usize::from(u16::from_be_bytes(self.array()?));
        if count > most { Err(Malformed("it counts too many")) } else { Ok(count) }
    }

    fn text(&mut self) -> Result<String> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or(Malformed("a text has no end"))?;
        let text = self.0.split_to(end);
        self.0.advance(1);
        String::from_utf8(text.into()).map_err(|_| Malformed("a text is not UTF-8"))
    }

    fn formats(&mut self) -> Result<Vec<bool>> {
        let count = self.count(u16::MAX.into())?;
        let format = |code| match code {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed("a format is not known")),
        };
        (0..count).map(|_| self.array().and_then(|code| format(u16::from_be_bytes(code)))).collect()
    }

    fn named(&mut self) -> Result<Named> {
        let kind = self.array::<1>()?;
        let name = self.text()?;
        match kind {
            [b'S'] => Ok(Named::Statement(name)),
            [b'P'] => Ok(Named::Portal(name)),
            _ => Err(Malformed("it names neither statement nor portal")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn message(kind: u8, body: &[u8]) -> BytesMut {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        BytesMut::from(&[&[kind][..], &length, body].concat()[..])
    }

    #[test]
    fn messages_are_read() {
        let read = |kind, body: &[u8]| next(&mut message(kind, body), LONGEST).map(Option::unwrap);
        assert_eq!(read(b'Q', b"SELECT 1\0"), Ok(Message::Query("SELECT 1".to_owned())));
        let parse = Message::Parse { name: "s".to_owned(), sql: "x".to_owned(), types: vec![23] };
        assert_eq!(read(b'P', b"s\0x\0\0\x01\0\0\0\x17"), Ok(parse));
        assert_eq!(read(b'E', b"\0\xff\xff\xff\xff"), Ok(Message::Execute { portal: String::new(), rows: 0 }));
        let binding =
            Binding { formats: vec![true], values: vec![None, Some(Bytes::from_static(b"a"))], ..Binding::default() };
        let body = b"\0\0\0\x01\0\x01\0\x02\xff\xff\xff\xff\0\0\0\x01a\0\0";
        assert_eq!(read(b'B', body), Ok(Message::Bind(binding)));
        assert_eq!(read(b'D', b"Sname\0"), Ok(Message::Describe(Named::Statement("name".to_owned()))));
    }

    #[test]
    fn a_message_waits_for_its_end_and_leaves_the_next_one() {
        let whole = [&message(b'S', b"")[..], &message(b'Q', b"a\0")[..]].concat();
        for cut in 0..5 {
            assert_eq!(next(&mut BytesMut::from(&whole[..cut]), LONGEST), Ok(None), "{cut}");
        }
        let mut bytes = BytesMut::from(&whole[..]);
        assert_eq!(next(&mut bytes, LONGEST), Ok(Some(Message::Sync)));
        assert_eq!(next(&mut bytes, LONGEST), Ok(Some(Message::Query("a".to_owned()))));
        assert!(bytes.is_empty());
    }

    /// Each message cut anywhere, and with each byte changed: read, refused or waited for, and nothing else.
    #[test]
    fn whatever_comes_is_read_or_refused() {
        let bind = message(b'B', b"p\0s\0\0\x01\0\x01\0\x02\xff\xff\xff\xff\0\0\0\x01a\0\x01\0\x01");
        let parse = message(b'P', b"s\0x\0\0\x01\0\0\0\x17");
        for whole in [bind, parse, message(b'D', b"Sname\0"), message(b'E', b"p\0\0\0\0\x05"), message(b'Z', b"")] {
            for at in 0..whole.len() {
                for byte in [0, 1, 4, 0x7f, 0xff] {
                    let mut bytes = whole.clone();
                    bytes[at] = byte;
                    let before = bytes.len();
                    let read = next(&mut bytes, LONGEST);
                    assert!(matches!(read, Ok(None)) || bytes.len() < before || read.is_err());
                    // The same body, shorter than it says inside.
                    let mut body = whole[5..].to_vec();
                    body.truncate(at);
                    let _ = next(&mut message(whole[0], &body), LONGEST);
                }
            }
        }
        for (bytes, longest) in [(&b"Q\0\0\0\x03"[..], 100), (b"Q\xff\xff\xff\xff", LONGEST), (b"Q\0\0\0\x80", 100)] {
            assert!(next(&mut BytesMut::from(bytes), longest).is_err());
        }
    }

    #[test]
    fn openings() {
        let open = |body: &[u8]| opening(&mut BytesMut::from(&message(b'x', body)[1..]));
        assert_eq!(open(&TLS.to_be_bytes()), Ok(Some(Opening::Tls)));
        let cancel = [CANCEL, 7, 9].map(u32::to_be_bytes).concat();
        assert_eq!(open(&cancel), Ok(Some(Opening::Cancel { process: 7, secret: 9 })));
        let parameters = vec![("user".to_owned(), "a".to_owned())];
        assert_eq!(open(b"\0\x03\0\x02user\0a\0\0"), Ok(Some(Opening::Session { minor: 2, parameters })));
        for bad in [&b"\0\x02\0\0"[..], b"\0\x03\0\0user\0a\0", b"\0\x03\0\0user\0a", b"\0"] {
            assert!(open(bad).is_err(), "{bad:?}");
        }
        assert_eq!(opening(&mut BytesMut::from(&b"\0\0"[..])), Ok(None));
        assert!(opening(&mut BytesMut::from(&b"\0\xff\0\0"[..])).is_err());
    }
}
