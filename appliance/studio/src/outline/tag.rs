//! Parts of speech from word lists, endings and context.

use super::lexicon::{Lexicon, singular};
use super::token::{Form, Stop, Tag, Token};

/// Tags one sentence in place.
pub(crate) fn tag(tokens: &mut [Token], lexicon: &Lexicon) {
    let mut verb_seen = false;
    for i in 0..tokens.len() {
        let (tag, form, lemma) = decide(tokens, i, lexicon, verb_seen);
        let token = &mut tokens[i];
        token.tag = tag;
        token.form = form;
        if let Some(lemma) = lemma {
            token.lemma = lemma;
        }
        if matches!(tag, Tag::Verb | Tag::Aux) {
            verb_seen = true;
        }
        if matches!(tag, Tag::Conj | Tag::Sub | Tag::Wh) || token.stop >= Stop::Comma {
            verb_seen = false;
        }
    }
}

type Decision = (Tag, Form, Option<String>);

fn plain(tag: Tag) -> Decision {
    (tag, Form::None, None)
}

fn decide(tokens: &[Token], i: usize, lexicon: &Lexicon, verb_seen: bool) -> Decision {
    let token = &tokens[i];
    if token.number.is_some() {
        return plain(Tag::Num);
    }
    if token.owner {
        return plain(Tag::Noun);
    }
    let low = token.low.as_str();
    let prev = i.checked_sub(1).map(|k| &tokens[k]);
    let joined = prev.is_some_and(|p| p.stop == Stop::None);
    let next = tokens.get(i + 1);
    let next_low = next.map_or("", |t| t.low.as_str());
    let next_closed =
        |tags: &[Tag]| token.stop == Stop::None && lexicon.closed(next_low).iter().any(|t| tags.contains(t));
    let closed = lexicon.closed(low);
    match low {
        "let's" => return plain(Tag::Mark),
        "to" => {
            let verb = lexicon.verb(next_low).filter(|v| v.form == Form::Base);
            let infinitive = token.stop == Stop::None
                && (matches!(next_low, "be" | "have" | "do" | "get")
                    || verb.is_some_and(|v| !v.noun || to_infinitive(tokens, i, lexicon)));
            return plain(if infinitive { Tag::To } else { Tag::Prep });
        }
        "there" => return plain(if next_closed(&[Tag::Aux, Tag::Modal]) { Tag::There } else { Tag::Adv }),
        "that" => {
            let relative = joined && prev.is_some_and(|p| p.tag.nominal()) && !next_closed(&[Tag::Det]);
            let determiner = next.is_some()
                && !next_closed(&[Tag::Aux, Tag::Modal, Tag::Pron, Tag::Prep, Tag::Adv, Tag::Neg, Tag::Part])
                && lexicon.verb(next_low).is_none_or(|v| v.noun && v.form == Form::Base)
                && token.stop == Stop::None;
            return plain(if relative {
                Tag::Wh
            } else if determiner {
                Tag::Det
            } else {
                Tag::Pron
            });
        }
        "this" | "these" | "those" | "each" | "both" | "all" | "another" | "some" | "either" | "any" => {
            let bare = next.is_none()
                || token.stop != Stop::None
                || next_closed(&[Tag::Aux, Tag::Modal, Tag::Prep, Tag::Adv, Tag::Neg, Tag::Conj, Tag::Pron, Tag::Sub])
                    && !next_closed(&[Tag::Poss, Tag::Det])
                || lexicon.verb(next_low).is_some_and(|v| !v.noun && matches!(v.form, Form::Base | Form::S));
            return plain(if bare { Tag::Pron } else { Tag::Det });
        }
        "her" => {
            let noun = token.stop == Stop::None && next.is_some() && (lexicon.closed(next_low).is_empty());
            return plain(if noun { Tag::Poss } else { Tag::Pron });
        }
        "first" if joined && prev.is_some_and(|p| p.tag.nominal()) => return plain(Tag::Adv),
        "only" if joined && prev.is_some_and(|p| p.tag == Tag::Det) => return plain(Tag::Adj),
        "so" if i == 0 => return plain(Tag::Mark),
        "so" if joined && prev.is_some_and(|p| matches!(p.tag, Tag::Aux | Tag::Verb)) => return plain(Tag::Adv),
        "then" | "first" | "next" if joined && prev.is_some_and(|p| matches!(p.tag, Tag::Aux | Tag::Modal)) => {
            return plain(Tag::Adv);
        }
        "first"
            if (i == 0 || !joined || prev.is_some_and(|p| matches!(p.tag, Tag::Conj | Tag::Mark)))
                && next_closed(&[Tag::Pron, Tag::Det, Tag::Poss]) =>
        {
            return plain(Tag::Mark);
        }
        "then" | "next" if low == "then" || i == 0 || !joined || token.stop >= Stop::Comma => {
            return plain(if low == "next" && next_low == "to" { Tag::Prep } else { Tag::Mark });
        }
        "next" => return plain(if next_low == "to" { Tag::Prep } else { Tag::Adj }),
        "like" if joined && prev.is_some_and(|p| matches!(p.tag, Tag::Pron | Tag::To | Tag::Modal)) => {
            return (Tag::Verb, Form::Base, None);
        }
        "before" | "after" if matches!(next_low, "that" | "this") => return plain(Tag::Prep),
        "before" | "after" | "since" | "until" | "till" | "as" | "than" => {
            return plain(if clause_follows(tokens, i + 1, lexicon) { Tag::Sub } else { Tag::Prep });
        }
        "out" | "off" | "up" | "down" | "back" | "away" | "over" | "round" | "along" | "around" | "through" | "on"
        | "in" | "together" => {
            let after_verb =
                prev.is_some_and(|p| p.tag == Tag::Verb || matches!(p.low.as_str(), "it" | "them")) && joined;
            let object = next_closed(&[Tag::Det, Tag::Poss]) || next.is_some_and(|n| lexicon.closed(&n.low).is_empty());
            let pure = matches!(low, "up" | "out" | "away" | "back" | "together" | "off" | "down");
            if after_verb && (pure || !object || token.stop != Stop::None || next_low == "to") {
                return plain(Tag::Part);
            }
            if low == "round" && !object && joined && prev.is_some_and(|p| p.tag.nominal()) {
                return plain(Tag::Noun);
            }
            if low == "back" && prev.is_some_and(|p| matches!(p.tag, Tag::Det | Tag::Poss)) {
                return plain(Tag::Noun);
            }
            return plain(if pure && !object { Tag::Adv } else { Tag::Prep });
        }
        "cut" | "set" | "put" | "shut" | "split" | "hit" | "let" | "spread" | "read"
            if joined && prev.is_some_and(|p| p.tag == Tag::Aux && p.lemma == "be") =>
        {
            // A participle that looks like the base form: "it is cut into frames".
            return (Tag::Verb, Form::Part, None);
        }
        "have" | "has" | "had" | "having" | "get" | "gets" | "got" | "do" | "does" | "did" | "doing" => {
            return have_do(tokens, i, lexicon);
        }
        _ => {}
    }
    if let Some(tag) = closed.iter().find(|t| **t != Tag::Part && **t != Tag::Mark) {
        let lemma = (*tag == Tag::Aux).then(|| "be".to_owned());
        return (*tag, if *tag == Tag::Aux { aux_form(low) } else { Form::None }, lemma);
    }
    if closed.contains(&Tag::Mark) && i == 0 && token.stop >= Stop::Comma {
        return plain(Tag::Mark);
    }
    if let Some(verb) = lexicon.verb(low)
        && verb_here(tokens, i, verb.form, verb.noun, lexicon, verb_seen)
    {
        return (Tag::Verb, verb.form, Some(verb.lemma.to_owned()));
    }
    open_class(tokens, i, lexicon)
}

fn aux_form(low: &str) -> Form {
    match low {
        "was" | "were" | "had" | "did" => Form::Past,
        "been" => Form::Part,
        "being" => Form::Ing,
        "be" => Form::Base,
        _ => Form::S,
    }
}

/// `have`, `get` and `do` are verbs of their own unless another verb follows.
fn have_do(tokens: &[Token], i: usize, lexicon: &Lexicon) -> Decision {
    let low = tokens[i].low.as_str();
    let lemma = match low {
        "have" | "has" | "had" | "having" => "have",
        "get" | "gets" | "got" => "get",
        _ => "do",
    };
    let mut k = i + 1;
    while k < tokens.len()
        && tokens[k - 1].stop == Stop::None
        && lexicon.closed(&tokens[k].low).iter().any(|t| matches!(t, Tag::Adv | Tag::Neg | Tag::Pron | Tag::Aux))
    {
        k += 1;
    }
    let follows = tokens[k - 1].stop == Stop::None
        && tokens.get(k).and_then(|t| lexicon.verb(&t.low)).is_some_and(|v| match lemma {
            "do" => v.form == Form::Base,
            "have" => matches!(v.form, Form::Part),
            _ => v.form == Form::Part && !lexicon.adjective(&tokens[k].low),
        });
    let aux = follows || (k > i + 1 && tokens[i + 1].low == "got");
    let form = match low {
        "had" | "did" | "got" => Form::Part,
        "has" | "gets" | "does" => Form::S,
        "having" | "doing" => Form::Ing,
        _ => Form::Base,
    };
    (if aux { Tag::Aux } else { Tag::Verb }, form, Some(lemma.to_owned()))
}

/// Whether `to` before a word that is verb or noun opens an infinitive.
fn to_infinitive(tokens: &[Token], i: usize, lexicon: &Lexicon) -> bool {
    let after = tokens.get(i + 2).map_or("", |t| t.low.as_str());
    let object = tokens[i + 1].stop == Stop::None
        && lexicon
            .closed(after)
            .iter()
            .any(|t| matches!(t, Tag::Det | Tag::Poss | Tag::Pron | Tag::Part | Tag::Wh | Tag::Sub));
    let wanting = i > 0
        && (tokens[i - 1].is(&[
            "want", "need", "have", "has", "had", "going", "able", "ready", "used", "got", "how", "try", "order",
            "like", "starts", "begins",
        ]) || tokens[i - 1].tag == Tag::Adj);
    object || wanting
}

/// Whether a subject and a verb follow before the next comma.
fn clause_follows(tokens: &[Token], from: usize, lexicon: &Lexicon) -> bool {
    let mut nominal = false;
    for token in tokens.iter().skip(from).take(8) {
        let closed = lexicon.closed(&token.low);
        if closed.iter().any(|t| matches!(t, Tag::Aux | Tag::Modal)) || matches!(token.low.as_str(), "have" | "has") {
            return nominal;
        }
        if nominal && (closed.contains(&Tag::Pron) || token.low == "there") {
            // "after three weeks they ...": the phrase is complete, another subject begins.
            return false;
        }
        if closed.contains(&Tag::Pron) {
            nominal = true;
        } else if closed.is_empty() {
            if let Some(verb) = lexicon.verb(&token.low)
                && nominal
                && (!verb.noun || verb.form != Form::Base)
                && verb.form != Form::Ing
            {
                return true;
            }
            nominal = true;
        }
        if token.stop >= Stop::Comma {
            return false;
        }
    }
    false
}

fn verb_here(tokens: &[Token], i: usize, form: Form, noun: bool, lexicon: &Lexicon, verb_seen: bool) -> bool {
    let token = &tokens[i];
    let joined = i > 0 && tokens[i - 1].stop == Stop::None;
    // The token that decides, adverbs and negation skipped.
    let mut k = i;
    let mut before = None;
    while k > 0 && tokens[k - 1].stop == Stop::None {
        k -= 1;
        before = Some(tokens[k].tag);
        if !matches!(tokens[k].tag, Tag::Adv | Tag::Neg) {
            break;
        }
    }
    let next = tokens.get(i + 1).filter(|_| token.stop == Stop::None);
    let next_closed = |tags: &[Tag]| next.is_some_and(|n| lexicon.closed(&n.low).iter().any(|t| tags.contains(t)));
    let next_open = next.is_some_and(|n| {
        lexicon.closed(&n.low).is_empty()
            && n.number.is_none()
            && lexicon.verb(&n.low).is_none_or(|v| v.noun || matches!(v.form, Form::Base | Form::Ing))
    });
    let argument = next_closed(&[Tag::Det, Tag::Poss, Tag::Pron, Tag::Prep, Tag::Part, Tag::Wh])
        || next.is_some_and(|n| n.low == "to" || n.number.is_some());
    let capital = i > 0 && token.text.starts_with(char::is_uppercase);
    if capital || (joined && tokens[i - 1].owner) {
        return false;
    }
    match form {
        Form::Base => match before {
            Some(Tag::To | Tag::Modal | Tag::Pron) => true,
            Some(Tag::Aux) => tokens[k].lemma == "do" || !noun,
            Some(Tag::Num) if !verb_seen && next_closed(&[Tag::Det, Tag::Poss]) => true,
            Some(Tag::Det | Tag::Poss | Tag::Adj | Tag::Num | Tag::Prep) => {
                !noun && !next_open && !lexicon.adjective(&token.low) && before != Some(Tag::Prep)
            }
            Some(Tag::Noun | Tag::Name) => {
                let plural = singular(&tokens[k].low) != tokens[k].low;
                !verb_seen && (plural || (!noun && argument))
            }
            Some(Tag::Verb) => matches!(tokens[k].lemma.as_str(), "help" | "let" | "make" | "go"),
            _ => {
                !lexicon.adjective(&token.low) && (!noun || argument || next_open || (i + 1 == tokens.len() && joined))
            }
        },
        Form::S => match before {
            Some(Tag::Det | Tag::Poss | Tag::Adj | Tag::Num | Tag::Prep) => false,
            Some(Tag::Pron | Tag::Wh) => true,
            Some(Tag::Noun | Tag::Name) => {
                let plural = singular(&tokens[k].low) != tokens[k].low && tokens[k].tag == Tag::Noun;
                // "consent forms" against "the clerk forms": a bare compound at the end of a phrase names a thing.
                let bare = (0..=k)
                    .rev()
                    .take_while(|j| *j == k || tokens[*j].stop == Stop::None)
                    .find(|j| !matches!(tokens[*j].tag, Tag::Noun | Tag::Adj));
                let compound = tokens[k].tag == Tag::Noun
                    && bare.is_none_or(|j| !matches!(tokens[j].tag, Tag::Det | Tag::Poss))
                    && !argument
                    && !next_open;
                !noun || (!verb_seen && !plural && !compound)
            }
            _ => !noun || argument || next_open,
        },
        Form::Past | Form::Part => match before {
            Some(Tag::Verb)
                if matches!(
                    tokens[k].lemma.as_str(),
                    "become" | "turn" | "stay" | "remain" | "seem" | "look" | "feel" | "keep"
                ) =>
            {
                false
            }
            Some(Tag::Aux | Tag::Pron | Tag::Noun | Tag::Name | Tag::Wh | Tag::Verb) => {
                !(before != Some(Tag::Aux) && verb_seen && next_open && !argument)
            }
            Some(Tag::Det | Tag::Poss | Tag::Adj | Tag::Num) => false,
            Some(Tag::Prep) => false,
            _ => !next_open || argument || joined,
        },
        Form::Ing => match before {
            Some(Tag::Aux | Tag::Verb | Tag::Sub) => true,
            Some(Tag::Det | Tag::Poss | Tag::Adj | Tag::Num) => false,
            Some(Tag::Prep) => argument,
            Some(Tag::Pron) => argument,
            Some(Tag::Noun | Tag::Name) => argument,
            // "parking for the bus" is a thing, "parking the bus" is done.
            _ => next_closed(&[Tag::Det, Tag::Poss, Tag::Pron, Tag::Part]) || next_open,
        },
        Form::None => false,
    }
}

fn open_class(tokens: &[Token], i: usize, lexicon: &Lexicon) -> Decision {
    let token = &tokens[i];
    let low = token.low.as_str();
    let joined = i > 0 && tokens[i - 1].stop == Stop::None;
    let next = tokens.get(i + 1).filter(|_| token.stop == Stop::None);
    let next_noun = next.is_some_and(|n| {
        lexicon.closed(&n.low).is_empty()
            && n.number.is_none()
            && lexicon.verb(&n.low).is_none_or(|v| v.noun || v.form == Form::Ing)
    });
    let lemma = Some(singular(low));
    if lexicon.deed(low) && has_object(tokens, i, lexicon) {
        return (Tag::Verb, Form::Base, None);
    }
    if i > 0 && token.text.starts_with(char::is_uppercase) {
        return (Tag::Name, Form::None, lemma);
    }
    let named =
        i == 0 && token.text.starts_with(char::is_uppercase) && lexicon.verb(low).is_none() && !lexicon.adjective(low);
    if named && next.is_some_and(|n| n.text.starts_with(char::is_uppercase) && n.low != "i" && n.number.is_none()) {
        return (Tag::Name, Form::None, lemma);
    }
    if lexicon.adjective(low) {
        return plain(Tag::Adj);
    }
    if low.len() > 4 && low.ends_with("ly") && !matches!(low, "family" | "assembly" | "supply" | "anomaly" | "reply") {
        return plain(Tag::Adv);
    }
    if let Some(verb) = lexicon.verb(low)
        && matches!(verb.form, Form::Part | Form::Past | Form::Ing)
    {
        let after_be = joined && matches!(tokens[i - 1].tag, Tag::Aux | Tag::Verb) && verb.form != Form::Ing;
        let tag = if next_noun || after_be { Tag::Adj } else { Tag::Noun };
        return (tag, verb.form, Some(if tag == Tag::Noun { low.to_owned() } else { verb.lemma.to_owned() }));
    }
    if let Some(form) = unknown_verb(tokens, i, lexicon) {
        let stem = if form == Form::S { low.strip_suffix('s') } else { low.strip_suffix("ed") };
        return (Tag::Verb, form, stem.map(str::to_owned));
    }
    const ENDINGS: &[&str] = &["able", "ible", "ful", "less", "ous", "ish", "ive", "ic", "al", "ed"];
    let ending = low.len() > 5 && ENDINGS.iter().any(|end| low.ends_with(end));
    if ending && (next_noun || joined && matches!(tokens[i - 1].tag, Tag::Aux | Tag::Adv)) {
        return plain(Tag::Adj);
    }
    (Tag::Noun, Form::None, lemma)
}

/// Whether a word that is seldom a verb stands where a clause has its verb, with an object behind it: "rock it", "and
/// wedge the clay", but not "sooner or later it rains".
fn has_object(tokens: &[Token], i: usize, lexicon: &Lexicon) -> bool {
    let free = i == 0
        || tokens[i - 1].stop != Stop::None
        || matches!(tokens[i - 1].tag, Tag::Pron | Tag::Mark | Tag::Conj | Tag::To | Tag::Modal);
    let Some(next) = tokens.get(i + 1).filter(|_| free && tokens[i].stop == Stop::None) else { return false };
    let closed = |token: &Token, tags: &[Tag]| lexicon.closed(&token.low).iter().any(|t| tags.contains(t));
    if next.is(&["it", "them", "him", "us", "me"]) {
        let after = tokens.get(i + 2).filter(|_| next.stop == Stop::None);
        return after
            .is_none_or(|t| !closed(t, &[Tag::Aux, Tag::Modal]) && lexicon.verb(&t.low).is_none_or(|v| v.noun));
    }
    closed(next, &[Tag::Det, Tag::Poss])
}

/// A word that no list knows, but that ends like a verb and stands where one is needed: "the agent zorbs the file".
fn unknown_verb(tokens: &[Token], i: usize, lexicon: &Lexicon) -> Option<Form> {
    let low = tokens[i].low.as_str();
    let joined = i > 0 && tokens[i - 1].stop == Stop::None;
    let next = tokens.get(i + 1).filter(|_| tokens[i].stop == Stop::None)?;
    let object = lexicon.closed(&next.low).iter().any(|t| matches!(t, Tag::Det | Tag::Poss | Tag::Pron));
    let open = (0..i)
        .rev()
        .take_while(|k| tokens[*k].stop == Stop::None && !matches!(tokens[*k].tag, Tag::Conj | Tag::Sub | Tag::Wh));
    let free = !open.into_iter().any(|k| matches!(tokens[k].tag, Tag::Verb | Tag::Aux | Tag::Modal));
    if !joined || !object || !free || low.len() < 5 {
        return None;
    }
    match tokens[i - 1].tag {
        Tag::Noun | Tag::Name | Tag::Pron if low.ends_with("ed") => Some(Form::Past),
        Tag::Noun | Tag::Name
            if low.ends_with('s') && !low.ends_with("ss") && tokens[i - 1].low == tokens[i - 1].lemma =>
        {
            Some(Form::S)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::normalise::normalise;
    use crate::transcript::Transcript;

    fn check(text: &str, verbs: &[&str]) {
        let mut out = normalise(&Transcript::from_text(text, "en"), Lexicon::english());
        for s in out.sentences.clone() {
            tag(&mut out.tokens[s.first..s.end], Lexicon::english());
        }
        let got: Vec<_> = out.tokens.iter().filter(|t| t.tag == Tag::Verb).map(|t| t.lemma.as_str()).collect();
        assert_eq!(got, verbs, "{text}: {:?}", out.tokens.iter().map(|t| (&t.low, t.tag)).collect::<Vec<_>>());
    }

    #[test]
    fn verbs_are_told_from_nouns() {
        check("The clerk checks the order and files the report.", &["check", "file"]);
        check("Every order needs a check.", &["need"]);
        check("You check the stock.", &["check"]);
        check("Check the stock, then ship the order.", &["check", "ship"]);
        check("The analysts query the warehouse.", &["query"]);
        check("The claim is declined.", &["decline"]);
        check("The load balancer spreads the requests over two servers.", &["spread"]);
        check("At the reading desk they pull the images.", &["pull"]);
        check("It has to be cleaned.", &["have", "clean"]);
        check("Rock it for two minutes, then wedge the clay.", &["rock", "wedge"]);
        check("We snooze them and power both encoders.", &["snooze", "power"]);
        check("Sooner or later it rains.", &["rain"]);
    }
}
