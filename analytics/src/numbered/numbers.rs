//! Numbers for texts.

use std::sync::Arc;

use arrow::{
    array::{Array as _, StringViewArray, StringViewBuilder, UInt32Array},
    buffer::Buffer,
};
use datafusion::common::{DataFusionError, HashMap, Result};

/// How many places are remembered.
const PLACES: usize = 8_192;

/// The distinct texts of one column, numbered from 0 as they came.
#[derive(Debug)]
pub(super) struct Dictionary {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    bytes: usize,
    places: Box<[Place]>,
    /// Where the texts of the last rows lay; held, so that nothing else comes to lie there.
    buffers: Vec<Buffer>,
    /// Counts how often they lay elsewhere.
    turn: u32,
}

/// What was found at a place: two rows with the same view of the same buffers have the same text.
#[derive(Debug, Clone, Copy)]
struct Place {
    view: u128,
    turn: u32,
    number: u32,
}

impl Default for Dictionary {
    fn default() -> Self {
        let places = vec![Place { view: 0, turn: 0, number: 0 }; PLACES].into_boxed_slice();
        Dictionary { texts: Vec::new(), numbers: HashMap::default(), bytes: 0, places, buffers: Vec::new(), turn: 0 }
    }
}

impl Dictionary {
    /// The number of each row's text; null stays null.
    pub(super) fn numbers(&mut self, texts: &StringViewArray) -> Result<UInt32Array> {
        self.look_at(texts.data_buffers())?;
        let views = texts.views();
        let mut numbers = Vec::with_capacity(views.len());
        let (mut last, mut number) = (None, 0);
        for (row, &view) in views.iter().enumerate() {
            // A null has the view of some text.
            if last != Some(view) && texts.is_valid(row) {
                number = self.number(view, || texts.value(row))?;
                last = Some(view);
            }
            numbers.push(number);
        }
        Ok(UInt32Array::new(numbers.into(), texts.nulls().cloned()))
    }

    /// The texts of numbers.
    pub(super) fn texts(&self, numbers: &UInt32Array) -> Result<StringViewArray> {
        let mut texts = StringViewBuilder::with_capacity(numbers.len());
        for number in numbers {
            let Some(number) = number else {
                texts.append_null();
                continue;
            };
            let text = self.texts.get(number as usize);
            texts.append_value(text.ok_or_else(|| DataFusionError::Internal(format!("no text has number {number}")))?);
        }
        Ok(texts.finish())
    }

    /// How much memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        /// A text's place among the texts and in the map, and the head of its memory.
        const TEXT: usize = 64;
        self.bytes + self.texts.len() * TEXT + size_of_val(&*self.places)
    }

    fn look_at(&mut self, buffers: &[Buffer]) -> Result<()> {
        let same = |(a, b): (&Buffer, &Buffer)| a.as_ptr() == b.as_ptr() && a.len() == b.len();
        if self.turn == 0 || self.buffers.len() != buffers.len() || !self.buffers.iter().zip(buffers).all(same) {
            self.buffers = buffers.to_vec();
            self.turn = self.turn.checked_add(1).ok_or_else(full)?;
        }
        Ok(())
    }

    fn number<'a>(&mut self, view: u128, text: impl FnOnce() -> &'a str) -> Result<u32> {
        let place = self.places[slot(view)];
        if place.view == view && place.turn == self.turn {
            return Ok(place.number);
        }
        let text = text();
        let number = match self.numbers.get(text) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.texts.len()).map_err(|_| full())?;
                let text: Arc<str> = text.into();
                self.bytes += text.len();
                self.texts.push(text.clone());
                self.numbers.insert(text, number);
                number
            }
        };
        self.places[slot(view)] = Place { view, turn: self.turn, number };
        Ok(number)
    }
}

fn full() -> DataFusionError {
    DataFusionError::ResourcesExhausted("there are too many distinct texts to group by".into())
}

/// Where a view is remembered: its halves multiplied into the high bits (Fibonacci hashing).
fn slot(view: u128) -> usize {
    let mixed = (view as u64 ^ (view >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (64 - PLACES.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(dictionary: &mut Dictionary, rows: &[Option<&str>], expected: &[Option<u32>]) {
        let numbers = dictionary.numbers(&rows.iter().copied().collect()).unwrap();
        assert_eq!(numbers.iter().collect::<Vec<_>>(), expected);
        assert_eq!(dictionary.texts(&numbers).unwrap().iter().collect::<Vec<_>>(), rows);
    }

    #[test]
    fn texts_have_one_number_wherever_they_lie() {
        let mut dictionary = Dictionary::default();
        let (long, longer) = ("a text of more than twelve bytes", "a text of more than twelve bytes too");
        check(&mut dictionary, &[Some(long), Some("b"), Some(long), None], &[Some(0), Some(1), Some(0), None]);
        // At the same places of other buffers lie other texts.
        check(&mut dictionary, &[Some(longer), None, Some(""), Some("b")], &[Some(2), None, Some(3), Some(1)]);
        check(&mut dictionary, &[None, Some(long), Some(longer)], &[None, Some(0), Some(2)]);
    }

    #[test]
    fn more_texts_than_places() {
        let mut dictionary = Dictionary::default();
        let texts: Vec<String> = (0..3 * PLACES).map(|number| format!("the text with number {number}")).collect();
        for _ in 0..2 {
            let rows: StringViewArray = texts.iter().map(|text| Some(text.as_str())).collect();
            let numbers = dictionary.numbers(&rows).unwrap();
            assert!(numbers.values().iter().enumerate().all(|(row, number)| row == *number as usize));
            assert_eq!(dictionary.texts(&numbers).unwrap(), rows);
        }
        assert!(dictionary.size() > texts.iter().map(String::len).sum());
    }

    #[test]
    fn a_number_without_a_text_is_an_error() {
        assert!(Dictionary::default().texts(&UInt32Array::from(vec![0])).is_err());
    }
}
