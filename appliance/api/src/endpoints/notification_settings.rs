//! Of what people want to be told, and how.

use identity::user;
use library::{
    LibraryError,
    notice::{Happening, LANGUAGES, Wishes, WishesChange},
};
use model::SystemTask;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    me::{person, signed_in},
    session::own_event,
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, patch},
    guard::SignedIn,
    problem::Problem,
    reply::Versioned,
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<SignedIn>("/v1/me/notifications", "read_notification_settings", "Of what you are told, and how").by(read),
        patch::<SignedIn>(
            "/v1/me/notifications",
            "update_notification_settings",
            "Say of what you want to be told, and how",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
    ]
}

/// Of what somebody is told, and how.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NotificationSettings")]
struct SettingsView {
    /// All that people are told of.
    items: Vec<WishView>,
    /// Whether the appliance sends mails; if not, its operator has set up no server for them.
    mails: bool,
    /// The address that mails go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// The language of mails: `en`, `de`, `ja`, `zh-CN`, `hi` or `ar`. Where it is absent, that of the alert or the report, or English.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// Counts changes from 1; the entity tag.
    version: u64,
}

/// How to tell of something.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NotificationSetting")]
struct WishView {
    /// What happened: `comment.mention`, `comment.reply`, `comment.made`, `video.made`, `video.failed`, `project.shared`, `report.made`,
    /// `alert.firing`, `alert.resolved`, `alert.trouble`, `key.expiring`.
    happening: &'static str,
    /// Whether it stands among the notifications of the page.
    inbox: bool,
    /// Whether there is a mail too, where the appliance sends any.
    mail: bool,
    /// Whether who sets up the alert or the report says whom it concerns, and whether there are mails at all.
    addressed: bool,
}

/// What to change: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NotificationSettingsChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// Another language of mails.
    #[schemars(length(max = 5))]
    language: Option<String>,
    /// What to tell otherwise than until now.
    #[schemars(length(max = 11))]
    items: Vec<WishBody>,
}

/// How to tell of something: what is absent stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NotificationSettingChange")]
#[serde(deny_unknown_fields)]
struct WishBody {
    /// What happened.
    #[schemars(length(max = 32))]
    happening: String,
    /// Whether it stands among the notifications of the page.
    inbox: Option<bool>,
    /// Whether there is a mail too.
    mail: Option<bool>,
}

fn view(services: &Services, wishes: Wishes, address: Option<String>) -> Versioned<SettingsView> {
    let wish = |happening: Happening| {
        let wish = wishes.about(happening);
        let (inbox, mail, addressed) = (wish.inbox, wish.mail, happening.is_addressed());
        WishView { happening: happening.code(), inbox, mail, addressed }
    };
    let items = Happening::OF_PEOPLE.map(wish).into();
    let mails = services.sends_mail();
    Versioned(
        wishes.version,
        SettingsView { items, mails, address, language: wishes.language, version: wishes.version },
    )
}

fn read(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Versioned<SettingsView>, Problem> {
    let id = person(&call.pass)?;
    let read = call.services.file(&call.pass)?.read()?;
    let address = user::get(&read, id)?.email.map(|email| email.to_string());
    Ok(view(call.services, Wishes::of(&read, id)?, address))
}

fn update(call: Call<'_, SignedIn, Empty, ChangeBody>) -> Result<Versioned<SettingsView>, Problem> {
    let (actor, id, base) = (&call.pass, signed_in(&call.pass)?, call.request.base_version()?);
    let ChangeBody { language, items } = call.body;
    if language.as_ref().is_some_and(|language| !LANGUAGES.contains(&language.as_str())) {
        return Err(Problem::at("/language", format!("must be one of {}", LANGUAGES.join(", "))));
    }
    if items.len() > Happening::OF_PEOPLE.len() {
        return Err(Problem::at("/items", "names each at most once"));
    }
    let said = items.iter().enumerate().map(|(at, one)| {
        let happening = Happening::of_people(&one.happening);
        let happening = happening
            .ok_or_else(|| Problem::at(format!("/items/{at}/happening"), "is nothing that people are told of"))?;
        Ok((happening, one.inbox, one.mail))
    });
    let change = WishesChange { language, said: said.collect::<Result<_, Problem>>()? };
    let event = own_event(call.request, actor, SystemTask::ProfileChange, id.erase());
    let file = call.services.file(actor)?;
    let wishes = file.write::<_, LibraryError>(event, |tx| Wishes::change(tx, id, base, change))?;
    let address = user::get(&file.read()?, id)?.email.map(|email| email.to_string());
    Ok(view(call.services, wishes, address))
}
