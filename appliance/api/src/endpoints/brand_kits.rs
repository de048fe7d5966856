//! Brand kits: colours, font, logo, banner and watermark of a tenant's videos.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use library::brand::{self, Banner, Base, BrandKit, BrandKitChange, Font, LogoKind, Look, MAX_LOGO, Watermark};
use model::permission::{TemplateManage, TemplateRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::view::{PageQuery, PageView, moment};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<TemplateRead>>("/v1/brand-kits", "list_brand_kits", "Brand kits, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<TemplateManage>>(
            "/v1/brand-kits",
            "create_brand_kit",
            "Make a brand kit; colours that stand out too little are refused, with the pair and one that would do",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        get::<On<TemplateRead, BrandKit>>("/v1/brand-kits/{brand_kit}", "read_brand_kit", "A brand kit").by(read),
        patch::<On<TemplateManage, BrandKit>>("/v1/brand-kits/{brand_kit}", "update_brand_kit", "Change a brand kit")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        delete::<On<TemplateManage, BrandKit>>("/v1/brand-kits/{brand_kit}", "delete_brand_kit", "Remove a brand kit")
            .versioned()
            .silently()
            .by(remove),
        get::<On<TemplateRead, BrandKit>>(
            "/v1/brand-kits/{brand_kit}/theme",
            "read_brand_theme",
            "The theme that videos are drawn in",
        )
        .by(theme),
        get::<On<TemplateRead, BrandKit>>("/v1/brand-kits/{brand_kit}/logo", "read_logo", "The logo, as it was given")
            .by(logo),
        post::<On<TemplateManage, BrandKit>>(
            "/v1/brand-kits/{brand_kit}/logo",
            "set_logo",
            "Give a brand kit a logo, in place of the one it has",
        )
        .takes::<LogoBody>()
        .versioned()
        .by(set_logo),
        delete::<On<TemplateManage, BrandKit>>("/v1/brand-kits/{brand_kit}/logo", "remove_logo", "Take the logo away")
            .versioned()
            .by(remove_logo),
    ]
}

/// How a brand looks. Colours are written `#RRGGBB`; those that are absent are the base's.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BrandLook")]
#[serde(deny_unknown_fields, default)]
struct LookView {
    /// The theme to begin with.
    base: BaseView,
    /// Behind everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^#[0-9A-Fa-f]{6}$"))]
    background: Option<String>,
    /// Headings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^#[0-9A-Fa-f]{6}$"))]
    ink: Option<String>,
    /// Lines and arrows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^#[0-9A-Fa-f]{6}$"))]
    line: Option<String>,
    /// The colour of the brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^#[0-9A-Fa-f]{6}$"))]
    accent: Option<String>,
    /// Colours of boxes, six at most. With less, they come again.
    #[schemars(length(max = 6), inner(regex(pattern = r"^#[0-9A-Fa-f]{6}$")))]
    tones: Vec<String>,
    /// The font.
    font: FontView,
    /// Classification across every picture; of a recording that is confidential or more, its own is written in place of the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    banner: Option<BannerView>,
    /// Whose every picture is.
    #[serde(skip_serializing_if = "Option::is_none")]
    watermark: Option<WatermarkView>,
}

/// Words on a strip across every picture.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Banner")]
#[serde(deny_unknown_fields)]
struct BannerView {
    /// The words.
    #[schemars(length(min = 1, max = 80))]
    text: String,
    /// Behind them; that of the headings without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^#[0-9A-Fa-f]{6}$"))]
    fill: Option<String>,
    /// Of the words; one that stands out without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^#[0-9A-Fa-f]{6}$"))]
    ink: Option<String>,
    /// Where the strip is.
    #[serde(default)]
    edge: EdgeView,
}

/// An edge of the picture.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PictureEdge")]
#[serde(rename_all = "lowercase")]
enum EdgeView {
    /// The upper one.
    #[default]
    Top,
    /// The lower one.
    Bottom,
}

/// Small words, or the logo, below every diagram.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Watermark")]
#[serde(deny_unknown_fields)]
struct WatermarkView {
    /// The words; empty for the logo in place of them.
    #[serde(default)]
    #[schemars(length(max = 80))]
    text: String,
    /// How much of it is seen, in percent.
    #[serde(default = "whole")]
    #[schemars(range(min = 10, max = 100))]
    opacity: u8,
}

fn whole() -> u8 {
    100
}

impl From<BannerView> for Banner {
    fn from(BannerView { text, fill, ink, edge }: BannerView) -> Self {
        Banner { text, fill, ink, bottom: matches!(edge, EdgeView::Bottom) }
    }
}

impl From<Banner> for BannerView {
    fn from(Banner { text, fill, ink, bottom }: Banner) -> Self {
        BannerView { text, fill, ink, edge: if bottom { EdgeView::Bottom } else { EdgeView::Top } }
    }
}

impl From<WatermarkView> for Watermark {
    fn from(WatermarkView { text, opacity }: WatermarkView) -> Self {
        Watermark { text, opacity }
    }
}

impl From<Watermark> for WatermarkView {
    fn from(Watermark { text, opacity }: Watermark) -> Self {
        WatermarkView { text, opacity }
    }
}

/// A theme to begin with.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BaseTheme")]
#[serde(rename_all = "lowercase")]
enum BaseView {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

/// A bundled font.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Font")]
#[serde(rename_all = "snake_case")]
enum FontView {
    /// Inter.
    #[default]
    Inter,
    /// Noto Sans Devanagari.
    NotoSansDevanagari,
    /// Noto Sans Arabic.
    NotoSansArabic,
    /// Noto Sans Hebrew.
    NotoSansHebrew,
}

impl From<LookView> for Look {
    fn from(view: LookView) -> Self {
        let LookView { base, background, ink, line, accent, tones, font, banner, watermark } = view;
        let (banner, watermark) = (banner.map(Into::into), watermark.map(Into::into));
        let base = match base {
            BaseView::Light => Base::Light,
            BaseView::Dark => Base::Dark,
        };
        let font = match font {
            FontView::Inter => Font::Inter,
            FontView::NotoSansDevanagari => Font::NotoSansDevanagari,
            FontView::NotoSansArabic => Font::NotoSansArabic,
            FontView::NotoSansHebrew => Font::NotoSansHebrew,
        };
        Look { base, background, ink, line, accent, tones, font, banner, watermark }
    }
}

impl From<Look> for LookView {
    fn from(look: Look) -> Self {
        let Look { base, background, ink, line, accent, tones, font, banner, watermark } = look;
        let (banner, watermark) = (banner.map(Into::into), watermark.map(Into::into));
        let base = match base {
            Base::Light => BaseView::Light,
            Base::Dark => BaseView::Dark,
        };
        let font = match font {
            Font::Inter => FontView::Inter,
            Font::NotoSansDevanagari => FontView::NotoSansDevanagari,
            Font::NotoSansArabic => FontView::NotoSansArabic,
            Font::NotoSansHebrew => FontView::NotoSansHebrew,
        };
        LookView { base, background, ink, line, accent, tones, font, banner, watermark }
    }
}

/// A logo without its bytes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Logo")]
struct LogoView {
    /// `image/png` or `image/svg+xml`.
    media_type: &'static str,
    /// How many bytes it has.
    bytes: u32,
    /// Its width in pixels, if it has pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    /// Its height in pixels, if it has pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
}

/// A brand kit.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BrandKit")]
struct KitView {
    /// The id.
    id: String,
    /// What it is called.
    name: String,
    /// How it looks.
    look: LookView,
    /// Its logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<LogoView>,
    /// Who made it.
    owner: String,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was made (RFC 3339).
    created: String,
    /// When it was last changed (RFC 3339).
    updated: String,
}

impl From<BrandKit> for KitView {
    fn from(kit: BrandKit) -> Self {
        let logo = kit.logo.map(|logo| LogoView {
            media_type: logo.kind.media_type(),
            bytes: logo.bytes,
            width: logo.size.map(|(width, _)| width),
            height: logo.size.map(|(_, height)| height),
        });
        KitView {
            id: kit.header.id.to_string(),
            name: kit.name,
            look: kit.look.into(),
            logo,
            owner: kit.header.owner.to_string(),
            version: kit.header.version,
            created: moment(kit.header.created),
            updated: moment(kit.header.updated),
        }
    }
}

/// A new brand kit.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewBrandKit")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// What it is called.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// How it looks.
    #[serde(default)]
    look: LookView,
}

/// A change of a brand kit: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "BrandKitChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// A new name.
    #[schemars(length(min = 1, max = 100))]
    name: Option<String>,
    /// A new look, in place of the old.
    look: Option<LookView>,
}

/// A logo.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewLogo")]
#[serde(deny_unknown_fields)]
struct LogoBody {
    /// Of which kind.
    media_type: MediaType,
    /// Its bytes in base 64, 256 KiB at most.
    #[schemars(length(min = 1, max = 349_528))]
    data: String,
}

/// A kind of picture.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "LogoMediaType")]
enum MediaType {
    /// Pixels.
    #[serde(rename = "image/png")]
    Png,
    /// Outlines; without scripts, document types and foreign content.
    #[serde(rename = "image/svg+xml")]
    Svg,
}

/// The theme of a brand kit.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BrandTheme")]
struct ThemeView {
    /// The theme, in the form of the bundled ones.
    theme: Value,
}

type Done = Result<Versioned<KitView>, Problem>;

fn versioned(kit: BrandKit) -> Versioned<KitView> {
    Versioned(kit.header.version, kit.into())
}

fn list(call: Call<'_, Listing<TemplateRead>, PageQuery, Empty>) -> Result<Json<PageView<KitView>>, Problem> {
    let page = brand::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, KitView::from)))
}

fn create(call: Call<'_, InTenant<TemplateManage>, Empty, NewBody>) -> Done {
    Ok(versioned(brand::create(call.pass, &call.body.name, call.body.look.into())?))
}

fn read(call: Call<'_, On<TemplateRead, BrandKit>, Empty, Empty>) -> Done {
    Ok(versioned(brand::read(&call.pass)?))
}

fn update(call: Call<'_, On<TemplateManage, BrandKit>, Empty, ChangeBody>) -> Done {
    let ChangeBody { name, look } = call.body;
    let change = BrandKitChange { name, look: look.map(Into::into) };
    Ok(versioned(brand::update(call.pass, call.request.base_version()?, change)?))
}

fn remove(call: Call<'_, On<TemplateManage, BrandKit>, Empty, Empty>) -> Result<Nothing, Problem> {
    brand::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}

fn theme(call: Call<'_, On<TemplateRead, BrandKit>, Empty, Empty>) -> Result<Json<ThemeView>, Problem> {
    let theme = serde_json::to_value(brand::read(&call.pass)?.theme());
    Ok(Json(ThemeView { theme: theme.expect("a theme is plain data") }))
}

fn logo(call: Call<'_, On<TemplateRead, BrandKit>, Empty, Empty>) -> Result<Response, Problem> {
    let (kind, bytes) = brand::logo(&call.pass)?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    // It came from outside: whoever opens it by its address gets a file, not a page of the appliance.
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}

fn set_logo(call: Call<'_, On<TemplateManage, BrandKit>, Empty, LogoBody>) -> Done {
    let kind = match call.body.media_type {
        MediaType::Png => LogoKind::Png,
        MediaType::Svg => LogoKind::Svg,
    };
    if call.body.data.len() > MAX_LOGO.div_ceil(3) * 4 {
        return Err(Problem::at("/data", "has more than 256 KiB; give a smaller picture"));
    }
    let bytes = STANDARD.decode(&call.body.data).map_err(|_| Problem::at("/data", "is no base 64"))?;
    Ok(versioned(brand::set_logo(call.pass, call.request.base_version()?, kind, bytes)?))
}

fn remove_logo(call: Call<'_, On<TemplateManage, BrandKit>, Empty, Empty>) -> Done {
    Ok(versioned(brand::remove_logo(call.pass, call.request.base_version()?)?))
}
