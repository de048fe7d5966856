//! The compact protocol of Thrift, as far as footers of Parquet need it.

/// A structure whose fields are written in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct Struct {
    out: Vec<u8>,
    last: u8,
}

const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

impl Struct {
    fn field(&mut self, number: u8, kind: u8) {
        // All numbers are less than 16 apart, so that they fit beside the kind.
        self.out.push((number - self.last) << 4 | kind);
        self.last = number;
    }

    pub(super) fn i32(mut self, number: u8, value: usize) -> Self {
        self.field(number, I32);
        zigzag(&mut self.out, value);
        self
    }

    pub(super) fn i64(mut self, number: u8, value: usize) -> Self {
        self.field(number, I64);
        zigzag(&mut self.out, value);
        self
    }

    /// A flag, whose value is its kind.
    pub(super) fn flag(mut self, number: u8, value: bool) -> Self {
        self.field(number, if value { 1 } else { 2 });
        self
    }

    pub(super) fn text(mut self, number: u8, value: &str) -> Self {
        self.field(number, BINARY);
        text(&mut self.out, value);
        self
    }

    pub(super) fn inner(mut self, number: u8, value: Struct) -> Self {
        self.field(number, STRUCT);
        self.out.extend(value.done());
        self
    }

    pub(super) fn list(mut self, number: u8, values: Vec<Struct>) -> Self {
        self.head(number, values.len(), STRUCT);
        self.out.extend(values.into_iter().flat_map(Struct::done));
        self
    }

    pub(super) fn numbers(mut self, number: u8, values: &[usize]) -> Self {
        self.head(number, values.len(), I32);
        values.iter().for_each(|value| zigzag(&mut self.out, *value));
        self
    }

    pub(super) fn texts(mut self, number: u8, values: &[&str]) -> Self {
        self.head(number, values.len(), BINARY);
        values.iter().for_each(|value| text(&mut self.out, value));
        self
    }

    fn head(&mut self, number: u8, count: usize, kind: u8) {
        self.field(number, LIST);
        if count < 15 {
            self.out.push(u8::try_from(count).unwrap_or(0) << 4 | kind);
        } else {
            self.out.push(0xf0 | kind);
            varint(&mut self.out, count as u64);
        }
    }

    /// Its bytes, with the mark of its end.
    pub(super) fn done(mut self) -> Vec<u8> {
        self.out.push(0);
        self.out
    }
}

/// A number that is not negative, as zigzag has it.
fn zigzag(out: &mut Vec<u8>, value: usize) {
    varint(out, (value as u64) << 1);
}

fn text(out: &mut Vec<u8>, value: &str) {
    varint(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}

/// Seven bits a byte, the lowest first.
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
