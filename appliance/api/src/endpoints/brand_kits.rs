//! Brand kits: colours, font and logo of a tenant's videos.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use library::brand::{self, Base, BrandKit, BrandKitChange, Font, LogoKind, Look, MAX_LOGO, Warning};
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
        post::<InTenant<TemplateManage>>("/v1/brand-kits", "create_brand_kit", "Make a brand kit")
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
        let LookView { base, background, ink, line, accent, tones, font } = view;
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
        Look { base, background, ink, line, accent, tones, font }
    }
}

impl From<Look> for LookView {
    fn from(look: Look) -> Self {
        let Look { base, background, ink, line, accent, tones, font } = look;
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
        LookView { base, background, ink, line, accent, tones, font }
    }
}

/// A colour that stands out too little (WCAG 2.2).
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ContrastWarning")]
struct WarningView {
    /// Which colour of the look.
    color: String,
    /// Before what.
    against: &'static str,
    /// The contrast ratio that it has, 1 to 21, rounded down to hundredths; that of the dimmed form, where it is less: what is not
    /// spoken of steps back and must stay readable.
    ratio: f64,
    /// The least ratio.
    least: f64,
    /// The colour that is drawn in its place.
    used: String,
}

impl From<Warning> for WarningView {
    fn from(warning: Warning) -> Self {
        let Warning { color, against, ratio, least, used } = warning;
        WarningView { color, against, ratio: (ratio * 100.0).floor() / 100.0, least, used }
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
    /// Colours that stand out too little; others are drawn in their place.
    warnings: Vec<WarningView>,
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
        let warnings = kit.theme().warnings.into_iter().map(WarningView::from).collect();
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
            warnings,
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
    /// Colours of the brand that stand out too little; others are drawn in their place.
    warnings: Vec<WarningView>,
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
    let made = brand::read(&call.pass)?.theme();
    Ok(Json(ThemeView { theme: made.theme, warnings: made.warnings.into_iter().map(WarningView::from).collect() }))
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
