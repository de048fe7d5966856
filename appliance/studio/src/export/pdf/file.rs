//! The shape of a PDF file: numbered objects, where they begin, and what is in them.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha2::{Digest, Sha256};

/// Number of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ref(usize);

impl std::fmt::Display for Ref {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} 0 R", self.0)
    }
}

/// A file whose objects are filled in any order.
#[derive(Debug, Default)]
pub struct File {
    objects: Vec<Option<Vec<u8>>>,
}

impl File {
    /// An object that is filled later.
    pub fn reserve(&mut self) -> Ref {
        self.objects.push(None);
        Ref(self.objects.len())
    }

    /// Fills an object.
    pub fn fill(&mut self, at: Ref, content: impl Into<Vec<u8>>) {
        self.objects[at.0 - 1] = Some(content.into());
    }

    /// A new object.
    pub fn add(&mut self, content: impl Into<Vec<u8>>) -> Ref {
        let at = self.reserve();
        self.fill(at, content);
        at
    }

    /// A new stream, compressed; `entries` are what its dictionary says besides.
    pub fn stream(&mut self, entries: &str, data: &[u8]) -> Ref {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
        packer.write_all(data).expect("memory takes everything");
        let packed = packer.finish().expect("memory takes everything");
        let mut object = format!("<<{entries}/Filter/FlateDecode/Length {}>>stream\n", packed.len()).into_bytes();
        object.extend(packed);
        object.extend(b"\nendstream");
        self.add(object)
    }

    /// A new stream as it is: metadata must be found without unpacking.
    pub fn plain_stream(&mut self, entries: &str, data: &str) -> Ref {
        self.add(format!("<<{entries}/Length {}>>stream\n{data}\nendstream", data.len()))
    }

    /// The bytes of the file. Every object is filled.
    pub fn finish(self, catalog: Ref, info: Ref) -> Vec<u8> {
        // The second line says that there are bytes that are no text.
        let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        let mut places = Vec::with_capacity(self.objects.len());
        for (i, object) in self.objects.iter().enumerate() {
            places.push(out.len());
            out.extend(format!("{} 0 obj\n", i + 1).into_bytes());
            out.extend(object.as_deref().unwrap_or(b"null"));
            out.extend(b"\nendobj\n");
        }
        let start = out.len();
        let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
        for place in &places {
            let _ = writeln!(end, "{place:010} 00000 n ");
        }
        let name = Sha256::digest(&out).iter().take(16).fold(String::new(), |hex, byte| format!("{hex}{byte:02X}"));
        let _ = write!(
            end,
            "trailer\n<</Size {}/Root {catalog}/Info {info}/ID[<{name}><{name}>]>>\nstartxref\n{start}\n%%EOF\n",
            places.len() + 1
        );
        out.extend(end.into_bytes());
        out
    }
}

/// A text string: UTF-16 with its mark, in hexadecimal digits, so that nothing needs escaping.
pub fn text(words: &str) -> String {
    let mut out = "<FEFF".to_owned();
    for unit in words.encode_utf16() {
        let _ = write!(out, "{unit:04X}");
    }
    out.push('>');
    out
}
