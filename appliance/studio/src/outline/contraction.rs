//! Contractions taken apart: `don't` is two words, `'s` a possessive or a short `is`.

use super::lexicon::Lexicon;
use super::token::{Form, Stop, Tag, Token};

/// Pushes a word, contractions split into their parts, which share the word id.
pub(super) fn push_contracted(out: &mut Vec<Token>, core: &str, id: u32) {
    let low = core.to_lowercase().replace('’', "'");
    if low == "o'clock" || !low.contains('\'') {
        out.push(Token::new(core, id));
        return;
    }
    let parts: &[&str] = match low.as_str() {
        "can't" => &["can", "not"],
        "won't" => &["will", "not"],
        "shan't" => &["shall", "not"],
        "let's" => &["let's"],
        "i'm" => &["I", "am"],
        "d'you" => &["do", "you"],
        _ => &[],
    };
    if !parts.is_empty() {
        out.extend(parts.iter().map(|part| Token::new(part, id)));
        return;
    }
    let Some(at) = low.rfind('\'') else { return };
    let (stem, tail) = (&core[..core.rfind(['\'', '’']).unwrap_or(core.len())], &low[at..]);
    let second = match tail {
        "'ve" => "have",
        "'re" => "are",
        "'ll" => "will",
        "'d" => "would",
        "'m" => "am",
        "'s" => {
            out.push(Token::new(stem, id));
            let mut tail = Token::new("'s", id);
            tail.tag = Tag::Aux;
            out.push(tail);
            return;
        }
        "'t" if low.ends_with("n't") => {
            out.push(Token::new(&stem[..stem.len() - 1], id));
            out.push(Token::new("not", id));
            return;
        }
        _ => {
            out.push(Token::new(core, id));
            return;
        }
    };
    out.push(Token::new(stem, id));
    out.push(Token::new(second, id));
}

/// Decides what each `'s` is: part of a possessive, or a short `is`.
pub(super) fn resolve_apostrophes(tokens: &mut Vec<Token>, lexicon: &Lexicon) {
    let mut i = 0;
    while i < tokens.len() {
        if tokens[i].low != "'s" || i == 0 {
            i += 1;
            continue;
        }
        let owner = tokens[i - 1].low.clone();
        let short_is = !lexicon.closed(&owner).is_empty() || owner == "there";
        let next_nominal = tokens[i].stop == Stop::None
            && tokens.get(i + 1).is_some_and(|next| {
                lexicon.closed(&next.low).is_empty()
                    && lexicon.verb(&next.low).is_none_or(|v| v.form == Form::Base || (v.noun && v.form == Form::S))
                    && !next.low.ends_with("ly")
                    && !(lexicon.adjective(&next.low) && tokens[i + 1].stop != Stop::None)
                    && !(lexicon.adjective(&next.low)
                        && tokens.get(i + 2).is_none_or(|after| !lexicon.closed(&after.low).is_empty()))
            });
        // "The audio's cut into frames": a participle that looks like the base form.
        let done = tokens[i].stop == Stop::None
            && tokens.get(i + 1).is_some_and(|next| {
                next.is(&["cut", "set", "put", "shut", "split", "hit", "let", "spread", "read"])
                    && next.stop == Stop::None
                    && tokens.get(i + 2).is_some_and(|after| {
                        after.low == "to"
                            || lexicon.closed(&after.low).iter().any(|t| matches!(t, Tag::Prep | Tag::Part))
                    })
            });
        if !short_is && next_nominal && !done {
            let stop = tokens[i].stop;
            tokens[i - 1].owner = true;
            tokens[i - 1].text.push_str("'s");
            tokens[i - 1].low.push_str("'s");
            tokens[i - 1].stop = stop;
            tokens.remove(i);
        } else {
            tokens[i].text = "is".to_owned();
            tokens[i].low = "is".to_owned();
            tokens[i].lemma = "be".to_owned();
            i += 1;
        }
    }
}
