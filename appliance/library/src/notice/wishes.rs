//! How a person wants to be told of what.

use model::{Id, noun};
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record, Tx, WriteError};

use super::{Happening, LANGUAGES, Wish};
use crate::error::LibraryError;

/// How a person wants to be told. Without a record it is all as [`Happening::by_default`] has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// The person.
    pub user: Id<noun::User>,
    /// In which of [`LANGUAGES`] mails to them are; without one, as the alert or report has it, or English.
    pub language: Option<String>,
    /// What they have said, by codes of [`Happening`].
    pub said: Vec<(String, Wish)>,
    /// Counts changes by the person from 1.
    pub version: u64,
    /// Keys of theirs whose end they were told of.
    pub(super) reminded: Vec<Id<noun::ApiKey>>,
}

impl Record for Wishes {
    const NAME: &'static str = "wishes about notifications";
    const NUMBER: u8 = 208;
    type Key = Id<noun::User>;
    fn key(&self) -> Self::Key {
        self.user
    }
}

/// A change: what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct WishesChange {
    /// Another language of mails.
    pub language: Option<String>,
    /// Whether to be told of something in the inbox, and by mail.
    pub said: Vec<(Happening, Option<bool>, Option<bool>)>,
}

impl Wishes {
    /// Those of `user`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn of(read: &impl Read, user: Id<noun::User>) -> Result<Self, ReadError> {
        let stored = read.get::<Wishes>(&user)?;
        Ok(stored.unwrap_or_else(|| Wishes {
            user,
            language: None,
            said: Vec::new(),
            version: 1,
            reminded: Vec::new(),
        }))
    }

    /// How to tell of it.
    pub fn about(&self, happening: Happening) -> Wish {
        let said = self.said.iter().find(|(code, _)| code == happening.code());
        said.map_or(happening.by_default(), |(_, wish)| *wish)
    }

    /// Changes those of `user` that are still at version `base`.
    ///
    /// # Errors
    /// When they have changed meanwhile, or there are no mails in the language.
    pub fn change(
        tx: &mut Tx<'_>,
        user: Id<noun::User>,
        base: Option<u64>,
        change: WishesChange,
    ) -> Result<Self, LibraryError> {
        let mut wishes = Wishes::of(tx, user)?;
        if let Some(read) = base.filter(|base| *base != wishes.version) {
            return Err(LibraryError::Version { read, now: wishes.version });
        }
        if let Some(language) = change.language {
            if !LANGUAGES.contains(&language.as_str()) {
                let fault = format!("must be one of {}", LANGUAGES.join(", "));
                return Err(LibraryError::Field { field: "language", fault });
            }
            tx.note("language", language.clone());
            wishes.language = Some(language);
        }
        for (happening, inbox, mail) in change.said {
            let before = wishes.about(happening);
            let wish = Wish { inbox: inbox.unwrap_or(before.inbox), mail: mail.unwrap_or(before.mail) };
            wishes.said.retain(|(code, _)| code != happening.code());
            wishes.said.push((happening.code().to_owned(), wish));
            let on = |on| if on { "on" } else { "off" };
            tx.note(happening.code(), format!("inbox {}, mail {}", on(wish.inbox), on(wish.mail)));
        }
        wishes.version += 1;
        tx.put(&wishes)?;
        Ok(wishes)
    }

    /// Forgets those of somebody who is removed.
    ///
    /// # Errors
    /// Those of the store.
    pub fn forget(tx: &mut Tx<'_>, user: Id<noun::User>) -> Result<(), WriteError> {
        tx.delete::<Wishes>(&user)?;
        Ok(())
    }
}
