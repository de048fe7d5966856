//! Brand kits: colours, font, logo, banner and watermark of a tenant, from which the theme of its videos is made.

pub(crate) mod logo;

use access::{ListPermit, Permit};
use model::{
    DataClass, Header, Id, noun,
    permission::{TemplateManage, TemplateRead},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, DecodeError, Headed, Page, Query, Read, Record, Tx, decode_body};
use studio::draw::{Color, Edge, Kit, KitError, TONES, Theme, ThemeError, Typeface};

pub use logo::{Logo, LogoKind, MAX_LOGO};

use crate::{base::current, error::LibraryError, text::line};

/// The longest name, in characters.
pub const MAX_NAME: usize = 100;
/// The most brand kits of one tenant.
pub const MAX_KITS: usize = 100;

/// Colours, font, logo, banner and watermark.
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
    /// Classification across every picture.
    pub banner: Option<Banner>,
    /// Whose every picture is.
    pub watermark: Option<Watermark>,
}

/// Words on a strip across every picture. The order is part of stored records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Banner {
    /// The words.
    pub text: String,
    /// Behind them; the ink without one.
    pub fill: Option<String>,
    /// Of the words; one that stands out without one.
    pub ink: Option<String>,
    /// Whether it is at the foot of the picture, and not at its head.
    pub bottom: bool,
}

/// Small words, or the logo, below every diagram. The order is part of stored records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Watermark {
    /// The words; empty for the logo in place of them.
    pub text: String,
    /// How much of it is seen, in percent.
    pub opacity: u8,
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
    const VERSION: u8 = 2;
    type Key = Id<noun::BrandKit>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        match version {
            Self::VERSION => decode_body(body),
            1 => decode_body::<Unmarked>(body).map(Self::from),
            _ => Err(DecodeError::Version(version)),
        }
    }
}

/// A kit as it was stored before it had a banner and a watermark.
#[derive(Deserialize)]
struct Unmarked {
    header: Header<noun::BrandKit>,
    name: String,
    look: PlainLook,
    logo: Option<Logo>,
}

/// The look of an [`Unmarked`] kit.
#[derive(Deserialize)]
struct PlainLook {
    base: Base,
    background: Option<String>,
    ink: Option<String>,
    line: Option<String>,
    accent: Option<String>,
    tones: Vec<String>,
    font: Font,
}

impl From<Unmarked> for BrandKit {
    fn from(Unmarked { header, name, look, logo }: Unmarked) -> Self {
        let PlainLook { base, background, ink, line, accent, tones, font } = look;
        let look = Look { base, background, ink, line, accent, tones, font, banner: None, watermark: None };
        BrandKit { header, name, look, logo }
    }
}

impl Headed for BrandKit {
    type Noun = noun::BrandKit;
    fn header(&self) -> &Header<noun::BrandKit> {
        &self.header
    }
}

impl BrandKit {
    /// The theme of its videos, without the logo. What was saved before its contrast was asked for is mended.
    pub fn theme(&self) -> Theme {
        // Colours are checked when they are saved.
        self.look.kit(&self.name).unwrap_or_default().mended().0
    }

    /// The theme with all that a worker draws: the logo too.
    ///
    /// # Errors
    /// When the logo cannot be read.
    pub fn dressed(&self, read: &impl Read) -> Result<serde_json::Value, store::ReadError> {
        let mut theme = self.theme();
        theme.marks.logo = logo_of(read, self.header.id)?.map(|(kind, bytes)| {
            let kind = match kind {
                LogoKind::Png => studio::draw::LogoKind::Png,
                LogoKind::Svg => studio::draw::LogoKind::Svg,
            };
            studio::draw::Logo::new(kind, &bytes)
        });
        Ok(serde_json::to_value(theme).expect("a theme is plain data"))
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

/// A look whose colours can be told apart.
fn checked(mut look: Look) -> Result<Look, LibraryError> {
    let upper = |text: &mut String| text.make_ascii_uppercase();
    let banner = look.banner.as_mut().map(|banner| [&mut banner.fill, &mut banner.ink]);
    [&mut look.background, &mut look.ink, &mut look.line, &mut look.accent]
        .into_iter()
        .chain(banner.into_iter().flatten())
        .flatten()
        .chain(&mut look.tones)
        .for_each(upper);
    if look.tones.len() > TONES {
        return Err(LibraryError::Field { field: "tones", fault: format!("at most {TONES} are allowed") });
    }
    if let Some(banner) = &mut look.banner {
        banner.text = line("banner", &banner.text, studio::draw::MAX_MARK, false)?;
    }
    if let Some(mark) = &mut look.watermark {
        mark.text = line("watermark", &mark.text, studio::draw::MAX_MARK, true)?;
    }
    look.kit("")?.theme().map_err(|error| {
        let field = match &error {
            KitError::Contrast(clashes) => FIELDS
                .into_iter()
                .find(|field| clashes.first().is_some_and(|clash| clash.field.split('/').next() == Some(*field))),
            KitError::Theme(ThemeError::Bounds { .. } | ThemeError::Contrast { .. } | ThemeError::Format(_))
            | KitError::Format(_) => None,
        };
        let fault = match &error {
            KitError::Contrast(clashes) => clashes.iter().map(ToString::to_string).collect::<Vec<_>>().join(". "),
            error => error.to_string(),
        };
        LibraryError::Field { field: field.unwrap_or("look"), fault }
    })?;
    Ok(look)
}

/// Fields of a look whose colours are judged.
const FIELDS: [&str; 7] = ["background", "ink", "line", "accent", "tones", "banner", "watermark"];

impl Look {
    /// As the studio takes it.
    fn kit(&self, name: &str) -> Result<Kit, LibraryError> {
        let color = |field: &'static str, text: &Option<String>| {
            let read = |text: &String| Color::try_from(text.clone());
            text.as_ref().map(read).transpose().map_err(|fault| LibraryError::Field { field, fault })
        };
        let tone = |text: &String| Color::try_from(text.clone());
        let tones = self.tones.iter().map(tone).collect::<Result<_, _>>();
        let banner = self.banner.as_ref().map(|banner| {
            Ok::<_, LibraryError>(studio::draw::Banner {
                text: banner.text.clone(),
                fill: color("banner", &banner.fill)?,
                ink: color("banner", &banner.ink)?,
                edge: if banner.bottom { Edge::Bottom } else { Edge::Top },
            })
        });
        let watermark = self.watermark.as_ref();
        Ok(Kit {
            name: name.to_owned(),
            base: match self.base {
                Base::Light => studio::draw::Base::Light,
                Base::Dark => studio::draw::Base::Dark,
            },
            background: color("background", &self.background)?,
            ink: color("ink", &self.ink)?,
            line: color("line", &self.line)?,
            accent: color("accent", &self.accent)?,
            tones: tones.map_err(|fault| LibraryError::Field { field: "tones", fault })?,
            font: match self.font {
                Font::Inter => Typeface::Inter,
                Font::NotoSansDevanagari => Typeface::NotoSansDevanagari,
                Font::NotoSansArabic => Typeface::NotoSansArabic,
                Font::NotoSansHebrew => Typeface::NotoSansHebrew,
            },
            logo: None,
            banner: banner.transpose()?,
            watermark: watermark.map(|mark| studio::draw::Watermark { text: mark.text.clone(), opacity: mark.opacity }),
        })
    }
}

fn save(tx: &mut Tx<'_>, mut kit: BrandKit) -> Result<BrandKit, LibraryError> {
    kit.header.touch(tx.now());
    tx.put(&kit)?;
    Ok(kit)
}

fn subject(subject: &model::Subject) -> Result<Id<noun::BrandKit>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}
