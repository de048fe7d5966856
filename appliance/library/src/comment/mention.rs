//! Who is named in a comment: `@Ada Lovelace`, or `@usr_…`.

use identity::{User, UserState, user};
use model::{Id, noun};
use store::{Read, ReadError};

/// The most people that one comment names; who is named beyond is passed over.
pub const MAX_MENTIONS: usize = 20;
/// The most `@` that are looked at.
const MAX_MARKS: usize = 50;
/// A name has at most so many words.
const MAX_WORDS: usize = 5;
/// A name of at most so many characters is looked for.
const MAX_NAME: usize = 100;

/// The users whom a text names by id or by their whole name, and for whom `sees` holds. A name that several of them have names
/// nobody: their ids tell them apart. Names that nobody has and names of those who may not see look the same.
///
/// # Errors
/// Those of `sees`, and when users cannot be read.
pub fn mentioned<E: From<ReadError>>(
    read: &impl Read,
    text: &str,
    mut sees: impl FnMut(&User) -> Result<bool, E>,
) -> Result<Vec<Id<noun::User>>, E> {
    let mut found: Vec<Id<noun::User>> = Vec::new();
    for mark in marks(text).take(MAX_MARKS) {
        let mut named = Vec::new();
        for candidates in [by_id(read, mark)?].into_iter().chain(by_name(read, mark)?) {
            for user in candidates {
                if user.state == UserState::Active && sees(&user)? {
                    named.push(user.id());
                }
            }
            if !named.is_empty() {
                break;
            }
        }
        if let [one] = named[..]
            && !found.contains(&one)
        {
            found.push(one);
        }
        if found.len() == MAX_MENTIONS {
            break;
        }
    }
    Ok(found)
}

/// What follows each `@` that does not stand in a word, as those of e-mail addresses do.
fn marks(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('@').filter_map(|(at, _)| {
        let in_word = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        (!in_word).then(|| &text[at + 1..])
    })
}

fn by_id(read: &impl Read, mark: &str) -> Result<Vec<User>, ReadError> {
    let end = mark.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(mark.len());
    match mark[..end].parse() {
        Ok(id) => Ok(read.get::<User>(&id)?.into_iter().collect()),
        Err(_) => Ok(Vec::new()),
    }
}

/// Those with the longest name that the text begins with, then those with the next shorter one, and so on.
fn by_name(read: &impl Read, mark: &str) -> Result<Vec<Vec<User>>, ReadError> {
    let mut found = Vec::new();
    for name in names(mark).into_iter().rev() {
        let users = user::by_name(read, &name)?;
        if !users.is_empty() {
            found.push(users);
        }
    }
    Ok(found)
}

/// The first word, the first two, and so on, each without the signs behind it.
fn names(mark: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let line = mark.lines().next().unwrap_or_default();
    let line: String = line.chars().take(MAX_NAME).collect();
    if line.starts_with(char::is_whitespace) {
        return names;
    }
    let mut whole = String::new();
    for word in line.split_whitespace().take(MAX_WORDS) {
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(word);
        let bare = whole.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        if !bare.is_empty() && names.last().is_none_or(|last| last != bare) {
            names.push(bare.to_owned());
        }
        if bare.len() < whole.len() {
            // A name may have a sign inside, as `Dr. No` has; it is one more try.
            names.push(whole.clone());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_name() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<_> = marks(text).map(names).collect();
            assert_eq!(found, [expected], "{text}");
        };
        check("hello @Ada Lovelace, look", &["Ada", "Ada Lovelace", "Ada Lovelace,", "Ada Lovelace, look"]);
        check("(@ada)", &["ada", "ada)"]);
        check("@ada\nnext", &["ada"]);
        check("@ ada", &[]);
        assert_eq!(marks("ada@example.org").count(), 0);
        assert_eq!(names(&"x".repeat(9_000))[0].len(), MAX_NAME);
    }
}
