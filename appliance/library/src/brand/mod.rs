//! Brand kits: colours, font and logo of a tenant, from which the theme of its videos is made.

pub(crate) mod logo;
mod theme;

use access::{ListPermit, Permit};
use model::{
    DataClass, Header, Id, noun,
    permission::{TemplateManage, TemplateRead},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, Page, Query, Read, Record, Tx};
use studio::draw::{Color, TONES};

pub use logo::{Logo, LogoKind, MAX_LOGO};
pub use theme::{Document, Warning};

use crate::{base::current, error::LibraryError, text::line};

/// The longest name, in characters.
pub const MAX_NAME: usize = 100;
/// The most brand kits of one tenant.
pub const MAX_KITS: usize = 100;

/// Colours, font and logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandKit {
    /// Its header.
    pub header: Header<noun::BrandKit>,
    /// What it is called.
    pub name: String,
    /// How it looks.
    pub look: Look,
    /// What its logo is, if it has one; the bytes are a record of their own.
    pub logo: Option<Logo>,
}

/// How a brand looks. The order is part of stored records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Look {
    /// The theme to begin with.
    pub base: Base,
    /// Behind everything.
    pub background: Option<String>,
    /// Headings.
    pub ink: Option<String>,
    /// Lines and arrows.
    pub line: Option<String>,
    /// The colour of the brand: the bar beside the heading, and lines that are spoken of.
    pub accent: Option<String>,
    /// Colours of boxes, six at most. With less, they come again; without any, they are those of the base.
    pub tones: Vec<String>,
    /// The font.
    pub font: Font,
}

/// A theme to begin with. The order is part of stored records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Base {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

/// A bundled font. Whichever is chosen, letters that it lacks come from the others. The order is part of stored records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Font {
    /// Inter, for Latin, Greek and Cyrillic.
    #[default]
    Inter,
    /// Noto Sans Devanagari.
    NotoSansDevanagari,
    /// Noto Sans Arabic.
    NotoSansArabic,
    /// Noto Sans Hebrew.
    NotoSansHebrew,
}

impl Record for BrandKit {
    const NAME: &'static str = "brand kit";
    const NUMBER: u8 = model::NounKind::BrandKit as u8;
    type Key = Id<noun::BrandKit>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for BrandKit {
    type Noun = noun::BrandKit;
    fn header(&self) -> &Header<noun::BrandKit> {
        &self.header
    }
}

impl BrandKit {
    /// The theme of its videos.
    pub fn theme(&self) -> Document {
        theme::document(&self.name, &self.look)
    }

    /// The theme with all that a worker draws: font and logo too.
    ///
    /// # Errors
    /// When the logo cannot be read.
    pub fn dressed(&self, read: &impl Read) -> Result<serde_json::Value, store::ReadError> {
        let mut theme = self.theme().theme;
        theme["font"] = serde_json::json!(match self.look.font {
            Font::Inter => "Inter",
            Font::NotoSansDevanagari => "Noto Sans Devanagari",
            Font::NotoSansArabic => "Noto Sans Arabic",
            Font::NotoSansHebrew => "Noto Sans Hebrew",
        });
        if let Some((kind, bytes)) = logo_of(read, self.header.id)? {
            let kind = match kind {
                LogoKind::Png => studio::draw::LogoKind::Png,
                LogoKind::Svg => studio::draw::LogoKind::Svg,
            };
            theme["marks"] = serde_json::json!({ "logo": studio::draw::Logo::new(kind, &bytes) });
        }
        Ok(theme)
    }
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct BrandKitChange {
    /// A new name.
    pub name: Option<String>,
    /// A new look, in place of the old.
    pub look: Option<Look>,
}

/// Makes a brand kit.
pub fn create(permit: Permit<TemplateManage>, name: &str, look: Look) -> Result<BrandKit, LibraryError> {
    let name = line("name", name, MAX_NAME, false)?;
    let look = checked(look)?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        if tx.list::<BrandKit>(&Query::newest(MAX_KITS), |_| true)?.items.len() >= MAX_KITS {
            return Err(LibraryError::Limit { what: "brand kits", allowed: MAX_KITS as u64 });
        }
        let header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        let kit = BrandKit { header, name, look, logo: None };
        tx.about(kit.header.id.erase());
        tx.put(&kit)?;
        Ok(kit)
    })
}

/// The brand kit of the permit.
pub fn read(permit: &Permit<TemplateRead>) -> Result<BrandKit, LibraryError> {
    permit.read()?.get::<BrandKit>(&subject(permit.subject())?)?.ok_or(LibraryError::NotFound)
}

/// Brand kits that the caller may see, newest first.
pub fn list(
    permit: &ListPermit<TemplateRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<BrandKit>, LibraryError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<BrandKit>(&query, |kit| permit.visible(&kit.header.subject()))?)
}

/// Changes a brand kit that is still at version `base`, or at any version without one.
pub fn update(
    permit: Permit<TemplateManage>,
    base: Option<u64>,
    change: BrandKitChange,
) -> Result<BrandKit, LibraryError> {
    let name = change.name.map(|name| line("name", &name, MAX_NAME, false)).transpose()?;
    let look = change.look.map(checked).transpose()?;
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut kit = current::<BrandKit>(tx, id, base)?;
        if let Some(name) = name {
            kit.name = name;
            tx.note("name", "changed");
        }
        if let Some(look) = look {
            kit.look = look;
            tx.note("look", "changed");
        }
        save(tx, kit)
    })
}

/// Gives a brand kit this logo, in place of the one it had.
pub fn set_logo(
    permit: Permit<TemplateManage>,
    base: Option<u64>,
    kind: LogoKind,
    bytes: Vec<u8>,
) -> Result<BrandKit, LibraryError> {
    let logo = logo::checked(kind, &bytes)?;
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut kit = current::<BrandKit>(tx, id, base)?;
        tx.note("logo", format!("{} bytes", bytes.len()));
        tx.put(&logo::LogoBytes { kit: id, bytes })?;
        kit.logo = Some(logo);
        save(tx, kit)
    })
}

/// Takes the logo away.
pub fn remove_logo(permit: Permit<TemplateManage>, base: Option<u64>) -> Result<BrandKit, LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut kit = current::<BrandKit>(tx, id, base)?;
        if !tx.delete::<logo::LogoBytes>(&id)? {
            return Err(LibraryError::NotFound);
        }
        tx.note("logo", "removed");
        kit.logo = None;
        save(tx, kit)
    })
}

/// The logo of the permit's brand kit, with its bytes.
pub fn logo(permit: &Permit<TemplateRead>) -> Result<(LogoKind, Vec<u8>), LibraryError> {
    logo_of(&permit.read()?, subject(permit.subject())?)?.ok_or(LibraryError::NotFound)
}

/// The logo of a brand kit with its bytes, for the worker that draws it.
///
/// # Errors
/// When it cannot be read.
pub fn logo_of(read: &impl Read, kit: Id<noun::BrandKit>) -> Result<Option<(LogoKind, Vec<u8>)>, store::ReadError> {
    let Some(logo) = read.get::<BrandKit>(&kit)?.and_then(|kit| kit.logo) else { return Ok(None) };
    Ok(read.get::<logo::LogoBytes>(&kit)?.map(|stored| (logo.kind, stored.bytes)))
}

/// Removes a brand kit with its logo for good. Where it was chosen, the next choice counts from now on.
pub fn delete(permit: Permit<TemplateManage>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        current::<BrandKit>(tx, id, base)?;
        tx.delete::<logo::LogoBytes>(&id)?;
        tx.delete::<BrandKit>(&id)?;
        Ok(())
    })
}

fn checked(mut look: Look) -> Result<Look, LibraryError> {
    let color = |field: &'static str, text: &mut String| match Color::try_from(text.to_uppercase()) {
        Ok(color) => {
            color.as_str().clone_into(text);
            Ok(())
        }
        Err(fault) => Err(LibraryError::Field { field, fault }),
    };
    for (field, text) in [
        ("background", &mut look.background),
        ("ink", &mut look.ink),
        ("line", &mut look.line),
        ("accent", &mut look.accent),
    ] {
        text.as_mut().map_or(Ok(()), |text| color(field, text))?;
    }
    if look.tones.len() > TONES {
        return Err(LibraryError::Field { field: "tones", fault: format!("at most {TONES} are allowed") });
    }
    look.tones.iter_mut().try_for_each(|text| color("tones", text))?;
    Ok(look)
}

fn save(tx: &mut Tx<'_>, mut kit: BrandKit) -> Result<BrandKit, LibraryError> {
    kit.header.touch(tx.now());
    tx.put(&kit)?;
    Ok(kit)
}

fn subject(subject: &model::Subject) -> Result<Id<noun::BrandKit>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}
