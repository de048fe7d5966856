//! Which glossary and which brand kit are used: by the tenant as a whole, and by one project in place of it.

use access::Permit;
use model::{
    AnyId, Id, Permitted,
    noun::{self, Project, Tenant},
    permission::{ProjectRead, ProjectUpdate, TemplateManage, TemplateRead},
};
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record};

use crate::{brand::BrandKit, error::LibraryError, glossary::Glossary};

/// What a tenant or a project has chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The tenant or the project.
    pub of: AnyId,
    /// The glossary with which recordings are heard.
    pub glossary: Option<Id<noun::Glossary>>,
    /// The look of videos.
    pub brand_kit: Option<Id<noun::BrandKit>>,
    /// Counts changes; 0 while nothing was ever chosen.
    pub version: u64,
}

impl Record for Choice {
    const NAME: &'static str = "choice";
    const NUMBER: u8 = 120;
    type Key = AnyId;
    fn key(&self) -> AnyId {
        self.of
    }
}

/// Whether the brand kit of a tenant holds everywhere in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KitLock {
    /// The tenant.
    of: AnyId,
    /// Whether projects and orders can choose no other look.
    locked: bool,
}

impl Record for KitLock {
    const NAME: &'static str = "brand kit lock";
    const NUMBER: u8 = 122;
    type Key = AnyId;
    fn key(&self) -> AnyId {
        self.of
    }
}

/// What was chosen, and whether the tenant's brand kit holds whatever is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The choice.
    pub choice: Choice,
    /// Whether the tenant's brand kit holds in every project and for every order.
    pub brand_kit_locked: bool,
}

/// A change: what is `None` stays, and `Some(None)` takes the choice back.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChoiceChange {
    /// Another glossary.
    pub glossary: Option<Option<Id<noun::Glossary>>>,
    /// Another brand kit.
    pub brand_kit: Option<Option<Id<noun::BrandKit>>>,
    /// Whether the tenant's brand kit holds everywhere; for the tenant only.
    pub brand_kit_locked: Option<bool>,
}

/// What the tenant has chosen.
pub fn of_tenant(permit: &Permit<TemplateRead>) -> Result<Chosen, LibraryError> {
    let (view, tenant) = (permit.read()?, permit.tenant());
    Ok(Chosen { choice: stored(&view, tenant.erase())?, brand_kit_locked: is_locked(&view, tenant)? })
}

/// What the project of the permit has chosen.
pub fn of_project(permit: &Permit<ProjectRead>) -> Result<Chosen, LibraryError> {
    let view = permit.read()?;
    Ok(Chosen { choice: stored(&view, permit.subject().id)?, brand_kit_locked: is_locked(&view, permit.tenant())? })
}

/// Chooses for the whole tenant, if its choice is still at version `base`.
pub fn for_tenant(
    permit: Permit<TemplateManage>,
    base: Option<u64>,
    change: ChoiceChange,
) -> Result<Chosen, LibraryError> {
    let tenant = permit.tenant().erase();
    choose(permit, tenant, base, change)
}

/// Chooses for the project of the permit, if its choice is still at version `base`.
pub fn for_project(
    permit: Permit<ProjectUpdate>,
    base: Option<u64>,
    change: ChoiceChange,
) -> Result<Chosen, LibraryError> {
    let project = permit.subject().id;
    choose(permit, project, base, change)
}

/// The glossary with which a recording of this project is heard: the project's choice, or else the tenant's.
///
/// # Errors
/// When it cannot be read.
pub fn glossary(
    read: &impl Read,
    tenant: Id<Tenant>,
    project: Option<Id<Project>>,
) -> Result<Option<Glossary>, ReadError> {
    chosen(read, tenant, project, |choice| choice.glossary)
}

/// The brand kit in which a video of this project is drawn: the project's choice, or else the tenant's. None for who
/// has `named` a theme, unless the tenant's kit is locked: then it holds for all.
///
/// # Errors
/// When it cannot be read.
pub fn brand_kit(
    read: &impl Read,
    tenant: Id<Tenant>,
    project: Option<Id<Project>>,
    named: bool,
) -> Result<Option<BrandKit>, ReadError> {
    let of_tenant =
        if is_locked(read, tenant)? { chosen(read, tenant, None, |choice| choice.brand_kit)? } else { None };
    match of_tenant {
        Some(kit) => Ok(Some(kit)),
        None if named => Ok(None),
        None => chosen(read, tenant, project, |choice| choice.brand_kit),
    }
}

fn is_locked(read: &impl Read, tenant: Id<Tenant>) -> Result<bool, ReadError> {
    Ok(read.get::<KitLock>(&tenant.erase())?.is_some_and(|lock| lock.locked))
}

/// What was chosen may have been removed since; then the next choice counts.
fn chosen<R: Record>(
    read: &impl Read,
    tenant: Id<Tenant>,
    project: Option<Id<Project>>,
    which: fn(&Choice) -> Option<R::Key>,
) -> Result<Option<R>, ReadError> {
    for of in project.map(Id::erase).into_iter().chain([tenant.erase()]) {
        if let Some(key) = which(&stored(read, of)?)
            && let Some(record) = read.get::<R>(&key)?
        {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

fn stored(read: &impl Read, of: AnyId) -> Result<Choice, ReadError> {
    Ok(read.get::<Choice>(&of)?.unwrap_or(Choice { of, glossary: None, brand_kit: None, version: 0 }))
}

fn choose<P: Permitted>(
    permit: Permit<P>,
    of: AnyId,
    base: Option<u64>,
    change: ChoiceChange,
) -> Result<Chosen, LibraryError> {
    let tenant = permit.tenant();
    let field = |field, fault: &str| Err(LibraryError::Field { field, fault: fault.into() });
    permit.write(|tx| {
        let locked = is_locked(tx, tenant)?;
        match change.brand_kit_locked {
            Some(_) if of != tenant.erase() => return field("brand_kit_locked", "is for the whole workspace"),
            _ if locked && of != tenant.erase() && change.brand_kit.is_some() => {
                return field("brand_kit", "is locked: the brand kit of the workspace holds in every project");
            }
            _ => {}
        }
        let mut choice = stored(tx, of)?;
        if let Some(read) = base.filter(|base| *base != choice.version) {
            return Err(LibraryError::Version { read, now: choice.version });
        }
        if let Some(glossary) = change.glossary {
            exists::<Glossary>(tx, glossary, "glossary")?;
            tx.note("glossary", glossary.map_or_else(|| "none".to_owned(), |id| id.to_string()));
            choice.glossary = glossary;
        }
        if let Some(kit) = change.brand_kit {
            exists::<BrandKit>(tx, kit, "brand_kit")?;
            tx.note("brand_kit", kit.map_or_else(|| "none".to_owned(), |id| id.to_string()));
            choice.brand_kit = kit;
        }
        if let Some(locked) = change.brand_kit_locked {
            tx.note("brand_kit_locked", if locked { "yes" } else { "no" });
            tx.put(&KitLock { of, locked })?;
        }
        choice.version += 1;
        tx.put(&choice)?;
        Ok(Chosen { choice, brand_kit_locked: change.brand_kit_locked.unwrap_or(locked) })
    })
}

fn exists<R: Record>(read: &impl Read, key: Option<R::Key>, field: &'static str) -> Result<(), LibraryError> {
    match key {
        Some(key) if read.get::<R>(&key)?.is_none() => {
            Err(LibraryError::Field { field, fault: "names none that is there".into() })
        }
        _ => Ok(()),
    }
}
