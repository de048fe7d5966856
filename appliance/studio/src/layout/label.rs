//! Words measured once and wrapped at any size: all widths are in em, so that a size is tried without shaping again.

use unicode_segmentation::UnicodeSegmentation;

use super::Measure;

/// Distance of base lines in em.
pub(super) const LINE: f32 = 1.22;
/// Longest label that is shown, in graphemes; what is longer ends in an ellipsis.
const LONGEST: usize = 110;
/// Widest token in em; longer words are broken.
const WIDEST_TOKEN: f32 = 13.0;
/// Lines up to which the least widths are known beforehand: layouts ask for them again and again.
const FEW: usize = 4;
/// Size at which text is measured; widths at other sizes follow in proportion.
const MEASURED_PX: f32 = 100.0;

/// A label as words with their widths.
#[derive(Debug, Clone, Default)]
pub(super) struct Label {
    tokens: Vec<Token>,
    space: f32,
    longest: f32,
    /// The least width in em of one line, two lines and so on, no word being broken.
    least: [f32; FEW],
}

/// A piece of text that is not broken.
#[derive(Debug, Clone)]
struct Token {
    text: String,
    /// Width in em.
    width: f32,
    /// Whether a space stands before it inside a line.
    spaced: bool,
}

impl Label {
    /// Splits and measures `text`.
    pub(super) fn new(text: &str, measure: &dyn Measure) -> Self {
        let em = |text: &str| {
            let width = measure.width(text, MEASURED_PX) / MEASURED_PX;
            // A font that cannot tell must not break the geometry.
            if width.is_finite() && width >= 0.0 { width.min(1e4) } else { 0.6 * text.chars().count() as f32 }
        };
        let mut tokens = Vec::new();
        for (word, spaced) in split(&shorten(text)) {
            let width = em(&word);
            let token = Token { text: word, width, spaced };
            if width > WIDEST_TOKEN { tokens.extend(token.broken(WIDEST_TOKEN)) } else { tokens.push(token) }
        }
        Self::of(tokens, em("n n") - em("nn").min(em("n n")))
    }

    fn of(tokens: Vec<Token>, space: f32) -> Self {
        let longest = tokens.iter().fold(0.0, |w: f32, t| w.max(t.width));
        let mut label = Self { tokens, space, longest, least: [0.0; FEW] };
        label.least = label.least_widths();
        label
    }

    /// The least widths at which the tokens fit on one line, two lines and so on: the widest line of the best cuts.
    fn least_widths(&self) -> [f32; FEW] {
        let count = self.tokens.len();
        // Width of the tokens so far on their last line, by where that begins; one more cut a round.
        let mut widest: Vec<f32> = Vec::with_capacity(count + 1);
        let mut used = 0.0_f32;
        widest.push(0.0);
        for (i, token) in self.tokens.iter().enumerate() {
            used += token.width + if used > 0.0 { self.gap(i) } else { 0.0 };
            widest.push(used);
        }
        let mut least = [0.0; FEW];
        for (lines, found) in least.iter_mut().enumerate() {
            if lines > 0 {
                let before = widest.clone();
                for (start, before) in before.iter().enumerate() {
                    let mut used = 0.0_f32;
                    for end in start..count {
                        used += self.tokens[end].width + if used > 0.0 { self.gap(end) } else { 0.0 };
                        widest[end + 1] = widest[end + 1].min(before.max(used));
                    }
                }
            }
            *found = widest[count];
        }
        least
    }

    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Width of the widest word in em.
    pub(super) fn longest(&self) -> f32 {
        self.longest
    }

    /// Width on one line in em.
    pub(super) fn width(&self) -> f32 {
        self.tokens.iter().enumerate().map(|(i, t)| t.width + self.gap(i)).sum()
    }

    /// Number of lines when none is wider than `width` em.
    pub(super) fn lines_at(&self, width: f32) -> usize {
        let width = width.max(0.1) + 1e-3;
        if width >= self.longest
            && let Some(lines) = self.least.iter().position(|least| *least <= width)
        {
            return (lines + 1).min(self.tokens.len());
        }
        let (mut lines, mut used) = (usize::from(!self.is_empty()), 0.0_f32);
        for (i, token) in self.tokens.iter().enumerate() {
            let gap = if used > 0.0 { self.gap(i) } else { 0.0 };
            if used > 0.0 && used + gap + token.width > width {
                lines += 1;
                used = token.width;
            } else {
                used += gap + token.width;
            }
            if used > width {
                lines += libm::ceilf(used / width) as usize - 1;
                used = width;
            }
        }
        lines
    }

    /// The smallest width in em at which the label takes at most `lines` lines without breaking a word.
    pub(super) fn width_for(&self, lines: usize) -> f32 {
        if let Some(&least) = lines.checked_sub(1).and_then(|i| self.least.get(i)) {
            return least;
        }
        let (mut low, mut high) = (self.longest, self.width().max(self.longest));
        if self.lines_at(low) <= lines {
            return low;
        }
        for _ in 0..14 {
            let middle = (low + high) / 2.0;
            if self.lines_at(middle) <= lines { high = middle } else { low = middle }
        }
        high
    }

    /// Balanced lines no wider than `width` em, at most `limit`, and the width of the widest. What does not fit ends
    /// in an ellipsis.
    pub(super) fn wrap(&self, width: f32, limit: usize) -> (Vec<String>, f32) {
        let width = width.max(0.6);
        let label = if self.longest > width { &self.broken(width) } else { self };
        let count = label.lines_at(width);
        let width = if count <= limit { label.width_for(count).min(width) } else { width };
        let mut lines: Vec<(String, f32)> = Vec::new();
        for (i, token) in label.tokens.iter().enumerate() {
            let gap = label.gap(i);
            match lines.last_mut() {
                Some((line, used)) if *used + gap + token.width <= width + 1e-3 => {
                    if token.spaced {
                        line.push(' ');
                    }
                    line.push_str(&token.text);
                    *used += gap + token.width;
                }
                _ => lines.push((token.text.clone(), token.width)),
            }
        }
        if lines.len() > limit.max(1) {
            lines.truncate(limit.max(1));
            if let Some((line, used)) = lines.last_mut() {
                cut(line, used, width);
            }
        }
        let widest = lines.iter().fold(0.0, |w: f32, (_, used)| w.max(*used));
        (lines.into_iter().map(|(line, _)| line).collect(), widest)
    }

    /// Space before token `i` when it is not the first of its line.
    fn gap(&self, i: usize) -> f32 {
        if i > 0 && self.tokens[i].spaced { self.space } else { 0.0 }
    }

    fn broken(&self, width: f32) -> Self {
        Self::of(self.tokens.iter().flat_map(|t| t.broken(width)).collect(), self.space)
    }
}

impl Token {
    /// Pieces no wider than `width`, as far as graphemes allow; all graphemes count alike.
    fn broken(&self, width: f32) -> Vec<Self> {
        if self.width <= width {
            return vec![self.clone()];
        }
        let graphemes: Vec<_> = self.text.graphemes(true).collect();
        let each = self.width / graphemes.len().max(1) as f32;
        let count = (libm::floorf(width / each) as usize).max(1);
        let piece = |(i, part): (usize, &[&str])| Self {
            text: part.concat(),
            width: each * part.len() as f32,
            spaced: self.spaced && i == 0,
        };
        graphemes.chunks(count).enumerate().map(piece).collect()
    }
}

/// Ends `line` in an ellipsis within `width` em.
fn cut(line: &mut String, used: &mut f32, width: f32) {
    let mut graphemes: Vec<_> = line.graphemes(true).collect();
    let each = *used / graphemes.len().max(1) as f32;
    while graphemes.len() > 1 && each * graphemes.len() as f32 + 1.0 > width {
        graphemes.pop();
    }
    *used = (each * graphemes.len() as f32 + 1.0).min(width);
    *line = format!("{}…", graphemes.concat().trim_end());
}

/// The first [`LONGEST`] graphemes of `text`, ending in an ellipsis at a word where there was more.
fn shorten(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let Some((end, _)) = clean.trim().grapheme_indices(true).nth(LONGEST) else {
        return clean.trim().to_owned();
    };
    let head = &clean.trim()[..end];
    let word = head.rfind(' ').filter(|&at| at > end / 2).unwrap_or(end);
    format!("{}…", head[..word].trim_end())
}

/// Words, and single characters of scripts that are written without spaces; with whether a space stands before.
fn split(text: &str) -> Vec<(String, bool)> {
    let mut tokens: Vec<(String, bool)> = Vec::new();
    for word in text.split_whitespace() {
        let mut fresh = true;
        let mut after_ideograph = false;
        for grapheme in word.graphemes(true) {
            let ideograph = grapheme.chars().next().is_some_and(is_ideograph);
            let joins = is_closing(grapheme) || (!ideograph && !after_ideograph);
            match tokens.last_mut() {
                Some((token, _)) if !fresh && joins => token.push_str(grapheme),
                _ => tokens.push((grapheme.to_owned(), fresh)),
            }
            (fresh, after_ideograph) = (false, ideograph);
        }
    }
    tokens
}

/// Whether a line may break on either side of the character: Han, Kana and full-width forms.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF01..=0xFF60 | 0x2_0000..=0x3_FFFF)
}

/// Whether the character may not begin a line.
fn is_closing(grapheme: &str) -> bool {
    matches!(
        grapheme,
        "、" | "。"
            | "」"
            | "』"
            | "）"
            | "！"
            | "？"
            | "ー"
            | "，"
            | "："
            | "・"
            | "々"
            | "ゃ"
            | "ゅ"
            | "ょ"
            | "っ"
            | "ャ"
            | "ュ"
            | "ョ"
            | "ッ"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::Even;

    fn check(text: &str, width: f32, limit: usize, expected: &[&str]) {
        assert_eq!(Label::new(text, &Even).wrap(width, limit).0, expected, "{text} at {width}");
    }

    #[test]
    fn lines_are_balanced() {
        check("check the stock", 100.0, 3, &["check the stock"]);
        check("check the stock again", 8.0, 3, &["check the", "stock again"]);
        check("a bb ccc dddd eeeee", 6.0, 3, &["a bb ccc", "dddd eeeee"]);
        check("", 5.0, 3, &[]);
        check("  \n\t ", 5.0, 3, &[]);
    }

    #[test]
    fn words_break_only_alone_and_too_long() {
        check("internationalisation", 6.0, 4, &["internatio", "nalisation"]);
        check("an internationalisation", 12.0, 4, &["an", "internationalisation"]);
    }

    #[test]
    fn too_much_ends_in_an_ellipsis() {
        check("one two three four five six", 5.0, 2, &["one two", "three…"]);
        assert!(Label::new(&"word ".repeat(100), &Even).wrap(1e3, 1).0[0].ends_with('…'));
    }

    #[test]
    fn ideographs_break_anywhere_but_before_closing_marks() {
        check("在庫を確認する。", 2.3, 9, &["在庫を確", "認する。"]);
        check("在庫。", 1.2, 9, &["在", "庫。"]);
    }
}
