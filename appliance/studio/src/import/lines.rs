//! Text that is read from front to back, with the number of the line for who must be told.

use super::ImportError;

/// What is left of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a str,
    line: usize,
    language: &'static str,
}

impl<'a> Reader<'a> {
    /// A text from its beginning, or from a later line.
    pub(super) fn new(text: &'a str, line: usize, language: &'static str) -> Self {
        Self { rest: text, line, language }
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Takes one character.
    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.advance(c.len_utf8());
        Some(c)
    }

    /// Takes so many bytes, which end at a character.
    pub(super) fn advance(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    /// Takes `mark` if it comes next.
    pub(super) fn take(&mut self, mark: &str) -> bool {
        let there = self.rest.starts_with(mark);
        if there {
            self.advance(mark.len());
        }
        there
    }

    /// Takes all that fits.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        self.advance(end)
    }

    /// Takes everything before `mark`, and the mark.
    ///
    /// # Errors
    /// When it does not come.
    pub(super) fn until(&mut self, mark: &str) -> Result<&'a str, ImportError> {
        let Some(at) = self.rest.find(mark) else { return Err(self.wrong(format!("`{mark}` is missing"))) };
        let text = self.advance(at);
        self.advance(mark.len());
        Ok(text)
    }

    /// Takes a string whose opening quote was taken; a backslash takes the next character with it.
    ///
    /// # Errors
    /// When it does not end.
    pub(super) fn quoted(&mut self, quote: char) -> Result<String, ImportError> {
        let begun = *self;
        let mut out = String::new();
        while let Some(c) = self.next() {
            match c {
                c if c == quote => return Ok(out),
                '\\' => match self.next() {
                    // Line breaks of labels.
                    Some('n' | 'l' | 'r') => out.push(' '),
                    Some('\n') | None => {}
                    Some(c) => out.push(c),
                },
                c => out.push(c),
            }
        }
        Err(begun.wrong(format!("a string does not end with {quote}")))
    }

    /// The error of what stands here.
    pub(super) fn wrong(&self, what: impl Into<String>) -> ImportError {
        ImportError::Syntax { line: self.line, language: self.language, what: what.into() }
    }

    /// The error of something that does not belong here.
    pub(super) fn unexpected(&self) -> ImportError {
        let found: String = self.rest.lines().next().unwrap_or_default().trim().chars().take(40).collect();
        self.wrong(if found.is_empty() {
            "it ends too early".to_owned()
        } else {
            format!("`{found}` does not belong here")
        })
    }
}
