//! A thousand tenants and all that can lie in them before anybody asks for anything, with the mark of its tenant in every text.

use std::sync::Arc;

use access::{Assignment, Gate, RequestContext, RoleRef};
use identity::{Device, Email, Factor, NewUser, PeopleError, Realm, SessionRules, session, user};
use jobs::{JobKind, NewJob};
use library::{
    making::{self, Content, Hearing, Inputs, Look, Order, Produced},
    project::Project,
    upload::{self, NewUpload},
    video::{self, Role, Video},
};
use model::{
    Actor, ActorKind, Assurance, Classification, DataClass, Grant, Header, Id, Level, Origin, PermissionSet, Region,
    Scope, SystemTask, noun, permission::AssetUpload,
};
use store::{EventDraft, Read as _, Store, TenantStore, blob::BlobStore};
use studio::{
    outline::{CueOutliner, Options, Outliner as _},
    storyboard,
    transcript::Transcript,
};
use tenancy::{NewTenant, Plan, Tenant};

use crate::{Done, seed};

/// Operators of the appliance.
const OPERATORS: usize = 4;

/// Someone who asks.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// The number of the tenant; nothing for operators.
    pub(crate) tenant: Option<usize>,
    /// For messages.
    pub(crate) role: &'static str,
    pub(crate) cookie: String,
    /// The password, for those who have one.
    pub(crate) password: Option<String>,
}

/// Everyone, and every id that was made with the number of its tenant; nothing for the appliance's own.
#[derive(Debug, Default)]
pub(crate) struct House {
    pub(crate) people: Vec<Person>,
    pub(crate) known: Vec<(String, Option<usize>)>,
    /// An id of a scene, which is the same in all storyboards.
    pub(crate) scene: String,
    /// Operators who may be erased.
    pub(crate) spare: Vec<String>,
}

/// The mark of what a tenant makes: nobody else may see it, not even who runs the appliance. Digits and letters only, so that it
/// survives wherever text goes.
pub(crate) fn mark(tenant: usize) -> String {
    format!("canary{tenant:06}q")
}

/// The mark of what the register says of a tenant: for itself and for operators.
pub(crate) fn name(tenant: usize) -> String {
    format!("tenant{tenant:06}q")
}

/// Makes all of it.
pub(crate) fn build(store: &Arc<Store>, count: usize) -> Done<House> {
    let (mut house, mut tenants) = (House::default(), Vec::<Tenant>::new());
    for first in (0..count).step_by(1_000) {
        let new = (first..count.min(first + 1_000)).map(|number| NewTenant {
            slug: name(number),
            name: format!("Name {}", name(number)),
            home: seed::region(),
            plan: Plan::Business,
        });
        let event = EventDraft::system(SystemTask::TenantCreate, Id::<noun::Appliance>::from_bits(0).erase());
        tenants.extend(tenancy::create_many(store, event, new.collect())?);
    }
    let gate = Gate::new(store.clone(), seed::region());
    for (number, tenant) in tenants.iter().enumerate() {
        house.known.push((tenant.id.to_string(), Some(number)));
        let (owner, project) = house.people(store, number, tenant)?;
        house.furnish(store, &gate, number, tenant, &owner, &project)?;
    }
    house.operators(store)?;
    Ok(house)
}

fn new_user(name: String, email: &str) -> NewUser {
    let email = Email::parse(email).expect("an address");
    NewUser { name, email, clearance: Classification::Confidential, password: None, must_change: false }
}

/// The owner of a tenant with all that an owner may, in a session of the tenant's own number: an id that every tenant's audit
/// log held would look like a leak.
pub(crate) fn owner(tenant: Id<noun::Tenant>, home: Region, user: Id<noun::User>) -> Actor {
    Actor {
        tenant,
        home,
        kind: ActorKind::User,
        id: user.erase(),
        origin: Origin::Session(Id::from_bits(tenant.bits())),
        grants: vec![Grant { scope: Scope::Tenant, permissions: Level::Owner.permissions(), expires: None }],
        ceiling: PermissionSet::TENANT,
        clearance: Classification::Restricted,
        assurance: Assurance { level: 2, second_factor: None },
        suspended: false,
        address: None,
    }
}

impl House {
    /// A person of each role in a tenant, signed in with two factors, and a project of each. The owner, and one of the projects.
    fn people(&mut self, store: &Store, number: usize, tenant: &Tenant) -> Done<(Id<noun::User>, Project)> {
        let (mark, realm, db) = (mark(number), seed::realm(tenant), store.tenant(tenant.id)?);
        let event = EventDraft::system(SystemTask::TenantCreate, tenant.id.erase());
        let made = db.write::<_, PeopleError>(event, |tx| {
            let mut made = None;
            for level in Level::ALL {
                let email = format!("{}@{mark}.example.org", level.name());
                let id = user::create(tx, &realm, new_user(format!("{} {mark}", level.name()), &email))?.id();
                let header = Header::new(tx.new_id(), tenant.id, tenant.home, id.erase(), DataClass::K5, tx.now());
                self.known.extend([id.to_string(), header.id.to_string()].map(|id| (id, Some(number))));
                tx.put(&Assignment { header, principal: id.erase(), role: RoleRef::Level(*level), expires: None })?;
                let device = Device { agent: format!("agent {mark}"), address: None };
                let (_, begun) = session::begin(tx, &realm, id, Factor::Password, &device, &SessionRules::default())?;
                let token = session::step_up(tx, begun.id(), Factor::OneTimeCode)?.reveal();
                self.known.push((begun.id().to_string(), Some(number)));
                let cookie = format!("{}={}", session::COOKIE, token.expose());
                self.people.push(Person { tenant: Some(number), role: level.name(), cookie, password: None });
                let header = Header::new(tx.new_id(), tenant.id, tenant.home, id.erase(), DataClass::K6, tx.now());
                self.known.push((header.id.to_string(), Some(number)));
                let (title, description) = (format!("Title {mark}"), format!("About {mark}"));
                let project = Project { header, title, description, tags: Vec::new(), trashed: None };
                tx.put(&project)?;
                if *level == Level::Owner {
                    made = Some((id, project));
                }
            }
            Ok(made)
        })?;
        made.ok_or_else(|| "there is no owner".into())
    }

    /// A recording and what a job makes of one, without running it: a job that waits, one that was called off, a transcript, a
    /// storyboard and a video.
    fn furnish(
        &mut self,
        store: &Store,
        gate: &Gate,
        number: usize,
        tenant: &Tenant,
        owner: &Id<noun::User>,
        project: &Project,
    ) -> Done {
        let (mark, limits) = (mark(number), tenant.limits());
        let actor = self::owner(tenant.id, tenant.home, *owner);
        let (request, content) = (RequestContext::default(), format!("the sound of {mark}"));
        let new = NewUpload {
            title: Some(format!("Talk {mark}")),
            tags: Vec::new(),
            file_name: format!("{mark}.m4a"),
            media_type: "audio/mp4".to_owned(),
            size: content.len() as u64,
            digest: None,
            folder: None,
        };
        let permit = gate.permit::<AssetUpload>(&actor, &store::Headed::header(project).subject(), &request)?;
        let upload = upload::begin(permit, &limits, &new)?;
        let permit = gate.permit::<AssetUpload>(&actor, &upload.header.subject(), &request)?;
        let upload = upload::append(permit, 0, content.as_bytes())?;
        let recording = upload.recording.ok_or("the upload has become nothing")?;

        let db = store.tenant(tenant.id)?;
        let (blobs, event) = (db.blobs(), || EventDraft::system(SystemTask::JobRun, recording.erase()));
        let order = Order::MakeVideo { recording, hearing: Hearing::default(), look: Look::default() };
        let mut new = NewJob::new(JobKind::MakeVideo, tenant.id, tenant.home, owner.erase());
        new.payload = serde_json::to_vec(&order)?;
        (new.project, new.about) = (Some(project.header.id), Some(recording.erase()));
        let submit = |db: &TenantStore| {
            db.write::<_, jobs::JobError>(event(), |tx| Ok(jobs::submit(tx, new.clone())?.job().clone()))
        };
        let (job, other) = (submit(&db)?, submit(&db)?);
        db.write(event(), |tx| jobs::cancel(tx, other.header.id))?;
        let inputs = Inputs::of(&db, &job, &limits).map_err(|failure| failure.message)?;
        let produced = self.produce(&blobs, &mark)?;
        let publish = |tx: &mut store::Tx<'_>| making::publish(tx, &blobs, &job, &inputs, &limits, produced);
        let made = db.write(event(), publish)?.ok_or("nothing was made")?;
        let view = db.read()?;
        let video = made.typed::<noun::Video>().ok_or("no video was made")?;
        let video = view.get::<Video>(&video)?.ok_or("the video is gone")?;
        let transcript = library::transcript::Transcript::of_recording(&view, recording)?.ok_or("no transcript")?;
        let ids = [
            upload.header.id.to_string(),
            recording.to_string(),
            job.header.id.to_string(),
            other.header.id.to_string(),
            transcript.header.id.to_string(),
            video.storyboard.to_string(),
            video.header.id.to_string(),
        ];
        self.known.extend(ids.map(|id| (id, Some(number))));
        Ok(())
    }

    fn produce(&mut self, blobs: &BlobStore, mark: &str) -> Done<Produced> {
        let said = format!(
            "First the customer {mark} places an order. Then the shop {mark} checks the stock. Finally the courier \
             delivers the parcel to {mark}."
        );
        let words = Transcript::from_text(&said, "en");
        let options = Options { id: "talk".into(), theme: "light".into(), canvas: Default::default(), kind: None };
        let board = storyboard::canonical(&CueOutliner.outline(&words, &options));
        self.scene =
            CueOutliner.outline(&words, &options).scenes.first().map(|scene| scene.id.clone()).unwrap_or_default();
        let file = |role, text: String| -> Done<video::File> {
            let mut writer = blobs.writer(text.len() as u64)?;
            writer.append(text.as_bytes())?;
            let stored = writer.finish()?;
            Ok(video::File { role, digest: stored.digest, bytes: stored.length })
        };
        Ok(Produced {
            transcript: Some(Content::transcript(blobs, &words.canonical())?),
            storyboard: Some(Content::storyboard(blobs, &board)?),
            video: vec![
                file(Role::Mp4, format!("pictures of {mark}"))?,
                file(Role::Srt, format!("words of {mark}"))?,
                file(Role::Vtt, format!("WEBVTT {mark}"))?,
                file(Role::Poster, format!("a picture of {mark}"))?,
            ],
            pieces: Vec::new(),
            graphics_ms: 0,
            tokens: (0, 0),
        })
    }

    /// Those who run the appliance, and as many to be erased.
    fn operators(&mut self, store: &Store) -> Done {
        let (realm, db) = (Realm::system(seed::region()), store.system());
        let event = EventDraft::system(SystemTask::SessionLife, db.log());
        Ok(db.write::<_, PeopleError>(event, |tx| {
            for number in 0..2 * OPERATORS {
                let email = format!("operator{number}@example.org");
                let id = user::create(tx, &realm, new_user(format!("Operator {number}"), &email))?.id();
                self.known.push((id.to_string(), None));
                if number >= OPERATORS {
                    self.spare.push(id.to_string());
                    continue;
                }
                let device = Device { agent: "agent".to_owned(), address: None };
                let (_, begun) = session::begin(tx, &realm, id, Factor::Password, &device, &SessionRules::default())?;
                let token = session::step_up(tx, begun.id(), Factor::OneTimeCode)?.reveal();
                self.known.push((begun.id().to_string(), None));
                let cookie = format!("{}={}", session::COOKIE, token.expose());
                self.people.push(Person { tenant: None, role: "operator", cookie, password: None });
            }
            Ok(())
        })?)
    }
}
