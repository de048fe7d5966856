//! Glossaries: names and terms of a tenant, with which recordings are heard and labels are spelled.

mod csv;
mod term;

use access::{ListPermit, Permit};
use model::{
    DataClass, Header, Id,
    noun::{self, Project, Tenant},
    permission::{TemplateManage, TemplateRead},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, Page, Query, Read, ReadError, Record, Tx};
use studio::transcript::Term as Spelled;

pub use csv::{parse as parse_csv, write as write_csv};
pub use term::{Case, MAX_ALIASES, MAX_TERM, MAX_TERMS, Term};

use crate::{base::current, choice, error::LibraryError, text::line};

/// The longest name, in characters.
pub const MAX_NAME: usize = 100;
/// The most glossaries of one tenant.
pub const MAX_GLOSSARIES: usize = 200;

/// Terms with their spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glossary {
    /// Its header.
    pub header: Header<noun::Glossary>,
    /// What it is called.
    pub name: String,
    /// The terms; what matters most first, as engines listen to a few hundred at best.
    pub terms: Vec<Term>,
}

impl Record for Glossary {
    const NAME: &'static str = "glossary";
    const NUMBER: u8 = model::NounKind::Glossary as u8;
    type Key = Id<noun::Glossary>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for Glossary {
    type Noun = noun::Glossary;
    fn header(&self) -> &Header<noun::Glossary> {
        &self.header
    }
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct GlossaryChange {
    /// A new name.
    pub name: Option<String>,
    /// New terms, in place of the old.
    pub terms: Option<Vec<Term>>,
}

/// What to do with the terms that are there when others are read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// They go.
    Replace,
    /// They stay, but for those that come again.
    Keep,
}

/// Makes a glossary.
pub fn create(permit: Permit<TemplateManage>, name: &str, terms: Vec<Term>) -> Result<Glossary, LibraryError> {
    let name = line("name", name, MAX_NAME, false)?;
    let terms = term::checked(terms)?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        let query = Query { limit: MAX_GLOSSARIES, ..Query::newest(MAX_GLOSSARIES) };
        if tx.list::<Glossary>(&query, |_| true)?.items.len() >= MAX_GLOSSARIES {
            return Err(LibraryError::Limit { what: "glossaries", allowed: MAX_GLOSSARIES as u64 });
        }
        let header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        let glossary = Glossary { header, name, terms };
        tx.about(glossary.header.id.erase());
        tx.note("terms", glossary.terms.len().to_string());
        tx.put(&glossary)?;
        Ok(glossary)
    })
}

/// The glossary of the permit.
pub fn read(permit: &Permit<TemplateRead>) -> Result<Glossary, LibraryError> {
    permit.read()?.get::<Glossary>(&subject(permit.subject())?)?.ok_or(LibraryError::NotFound)
}

/// Glossaries that the caller may see, newest first.
pub fn list(
    permit: &ListPermit<TemplateRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Glossary>, LibraryError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<Glossary>(&query, |glossary| permit.visible(&glossary.header.subject()))?)
}

/// Changes a glossary that is still at version `base`, or at any version without one.
pub fn update(
    permit: Permit<TemplateManage>,
    base: Option<u64>,
    change: GlossaryChange,
) -> Result<Glossary, LibraryError> {
    let name = change.name.map(|name| line("name", &name, MAX_NAME, false)).transpose()?;
    let terms = change.terms.map(term::checked).transpose()?;
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut glossary = current::<Glossary>(tx, id, base)?;
        if let Some(name) = name {
            glossary.name = name;
            tx.note("name", "changed");
        }
        if let Some(terms) = terms {
            tx.note("terms", terms.len().to_string());
            glossary.terms = terms;
        }
        save(tx, glossary)
    })
}

/// Reads terms into a glossary that is still at version `base`.
pub fn import(
    permit: Permit<TemplateManage>,
    base: Option<u64>,
    terms: Vec<Term>,
    merge: Merge,
) -> Result<Glossary, LibraryError> {
    let terms = term::checked(terms)?;
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut glossary = current::<Glossary>(tx, id, base)?;
        tx.note("read_in", terms.len().to_string());
        let mut whole = match merge {
            Merge::Replace => Vec::new(),
            Merge::Keep => std::mem::take(&mut glossary.terms),
        };
        whole.retain(|old| !terms.iter().any(|new| new.key() == old.key()));
        whole.extend(terms);
        glossary.terms = term::checked(whole)?;
        tx.note("terms", glossary.terms.len().to_string());
        save(tx, glossary)
    })
}

/// Removes a glossary for good. Where it was chosen, the next choice counts from now on.
pub fn delete(permit: Permit<TemplateManage>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        current::<Glossary>(tx, id, base)?;
        tx.delete::<Glossary>(&id)?;
        Ok(())
    })
}

/// The terms with which a recording of `project` in `language` is heard: those of the glossary in force that are of this
/// language or of none, in their order. Without a language that is known beforehand, all of them.
///
/// # Errors
/// When they cannot be read.
pub fn terms(
    read: &impl Read,
    tenant: Id<Tenant>,
    project: Option<Id<Project>>,
    language: Option<&str>,
) -> Result<Vec<Spelled>, ReadError> {
    let Some(glossary) = choice::glossary(read, tenant, project)? else { return Ok(Vec::new()) };
    let heard = |term: &Term| term.is_of(language);
    let spelled =
        |term: Term| Spelled { spelling: term.spelling, heard_as: term.aliases, free_case: term.case == Case::Free };
    Ok(glossary.terms.into_iter().filter(heard).map(spelled).collect())
}

fn save(tx: &mut Tx<'_>, mut glossary: Glossary) -> Result<Glossary, LibraryError> {
    glossary.header.touch(tx.now());
    tx.put(&glossary)?;
    Ok(glossary)
}

fn subject(subject: &model::Subject) -> Result<Id<noun::Glossary>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}
