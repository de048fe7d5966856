//! The trash over the API, and the sweep.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use library::trash::{Retention, Swept, sweep};
use model::{Level, SystemTask};
use serde_json::{Value, json};
use store::{EventDraft, WriteError};
use tenancy::Tenant;

use super::{
    uploads::{content, project},
    world::{Person, World},
};

const ANY: [(&str, &str); 1] = [("if-match", "*")];

fn swept(world: &World, tenant: &Tenant, trash_days: u32, recording_days: Option<u32>) -> Swept {
    let gate = &world.services.gate;
    let now = world.services.store.clock().now();
    let mut permit = || gate.system(SystemTask::Retention, tenant.id, tenant.id.erase());
    sweep(&mut permit, now, &Retention { trash_days, recording_days, report_days: 30 }).unwrap()
}

async fn trash(world: &World, who: &Person, recording: &str) {
    let path = format!("/v1/recordings/{recording}/trash");
    let done = world.send_with(Some(who), Method::POST, &path, Value::Null, &ANY).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
}

async fn is_there(world: &World, who: &Person, recording: &str) -> bool {
    let path = format!("/v1/recordings/{recording}");
    world.send(Some(who), Method::GET, &path, Value::Null).await.status == StatusCode::OK
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_erases_what_is_past_its_time_and_keeps_what_is_referred_to() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Manager);
    let project = project(&world, &ada, "Orders").await;
    let (shared, own) = (content(100_000, 1), content(50_000, 2));
    let first = world.upload(&ada, &project, "first.m4a", &shared).await;
    let second = world.upload(&ada, &project, "second.m4a", &shared).await;
    let third = world.upload(&ada, &project, "third.m4a", &own).await;
    trash(&world, &ada, &first).await;
    trash(&world, &ada, &third).await;
    world.later(&mut ada, Duration::from_hours(24 * 29));
    let rows = world.rows(tenant.id);
    assert_eq!(swept(&world, &tenant, 30, None), Swept { uploads: 3, ..Swept::default() });
    assert_eq!(world.rows(tenant.id), rows + 1, "a row for what was removed, none for what was looked at");
    assert_eq!(swept(&world, &tenant, 30, None), Swept::default());
    world.later(&mut ada, Duration::from_hours(24));
    let done = swept(&world, &tenant, 30, None);
    assert_eq!((done.recordings, done.files, done.bytes, done.more), (2, 1, 50_000, false));
    assert!(!is_there(&world, &ada, &first).await && !is_there(&world, &ada, &third).await);
    let media = world.send(Some(&ada), Method::GET, &format!("/v1/recordings/{second}/media"), Value::Null).await;
    assert!(media.bytes == shared, "the file is still referred to");
    let files = world.services.store.tenant(tenant.id).unwrap();
    assert_eq!(access::usage::current(&files.read().unwrap()).unwrap().storage_bytes, 100_000);
    trash(&world, &ada, &second).await;
    let path = format!("/v1/recordings/{second}");
    let gone = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, &ANY).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!((swept(&world, &tenant, 30, None).files, files.blobs().list().count()), (1, 0));
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_erased_with_all_that_lies_in_it_unless_something_is_held() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Manager);
    let mut held = String::new();
    let mut projects = Vec::new();
    for name in ["Gone", "Held"] {
        let project = project(&world, &ada, name).await;
        for number in 0..3 {
            held = world.upload(&ada, &project, "a.m4a", &content(1_000 + number, 7)).await;
        }
        let path = format!("/v1/projects/{project}");
        world.send_with(Some(&ada), Method::PATCH, &path, json!({ "trashed": true }), &ANY).await;
        projects.push(path);
    }
    let files = world.services.store.tenant(tenant.id).unwrap();
    let event = EventDraft::system(SystemTask::TenantLife, tenant.id.erase());
    files
        .write::<_, WriteError>(event, |tx| {
            use store::Read as _;
            let mut recording = tx.get::<library::recording::Recording>(&held.parse().unwrap())?.unwrap();
            recording.header.legal_hold = true;
            tx.put(&recording)
        })
        .unwrap();
    let hasty = world.send_with(Some(&ada), Method::DELETE, &projects[1], Value::Null, &ANY).await;
    assert_eq!(hasty.code(), "denied", "{}", hasty.body);
    world.later(&mut ada, Duration::from_hours(24 * 30));
    let done = swept(&world, &tenant, 30, Some(1));
    assert_eq!((done.projects, done.recordings), (1, 5), "{done:?}");
    assert_eq!(done.files, 2, "the third is what the held recording refers to");
    assert_eq!(world.send(Some(&ada), Method::GET, &projects[0], Value::Null).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.send(Some(&ada), Method::GET, &projects[1], Value::Null).await.status, StatusCode::OK);
    assert!(is_there(&world, &ada, &held).await);
    let rows = world.rows(tenant.id);
    assert_eq!((swept(&world, &tenant, 30, Some(1)), world.rows(tenant.id)), (Swept::default(), rows));
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_are_kept_as_long_as_the_tenant_has_set() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Manager);
    let project = project(&world, &ada, "Orders").await;
    let old = world.upload(&ada, &project, "old.m4a", b"old").await;
    world.later(&mut ada, Duration::from_hours(24 * 7));
    let new = world.upload(&ada, &project, "new.m4a", b"new").await;
    assert_eq!(swept(&world, &tenant, 30, Some(8)).recordings, 0);
    assert_eq!(swept(&world, &tenant, 30, Some(7)).recordings, 1);
    assert!(!is_there(&world, &ada, &old).await && is_there(&world, &ada, &new).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_nothing_was_heard_of_are_given_up() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Manager);
    let project = project(&world, &ada, "Orders").await;
    let new = json!({ "file_name": "a.m4a", "media_type": "audio/mp4", "size": 1_000 });
    let begun = world.send(Some(&ada), Method::POST, &format!("/v1/projects/{project}/uploads"), new).await;
    let path = format!("/v1/uploads/{}", begun.body["id"].as_str().unwrap());
    world.send_bytes(&ada, &path, 0, &content(500, 1)).await;
    world.later(&mut ada, Duration::from_hours(23));
    assert_eq!(swept(&world, &tenant, 30, None), Swept::default());
    world.send_bytes(&ada, &path, 500, &content(1, 1)).await;
    world.later(&mut ada, Duration::from_hours(24));
    let late = world.send_bytes(&ada, &path, 501, &content(1, 1)).await;
    assert_eq!(late.code(), "conflict", "{}", late.body);
    assert_eq!(swept(&world, &tenant, 30, None).uploads, 1);
    assert_eq!(world.send(Some(&ada), Method::GET, &path, Value::Null).await.status, StatusCode::NOT_FOUND);
    let files = world.services.store.tenant(tenant.id).unwrap();
    assert_eq!(access::usage::current(&files.read().unwrap()).unwrap().storage_bytes, 0);
    assert_eq!(std::fs::read_dir(files.folder.join("incoming")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_which_no_record_tells_are_swept_when_they_are_old() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    let project = project(&world, &ada, "Orders").await;
    world.upload(&ada, &project, "a.m4a", b"known").await;
    let files = world.services.store.tenant(tenant.id).unwrap();
    // What a crash between the file and its record leaves.
    let blobs = files.blobs();
    let mut writer = blobs.writer(100).unwrap();
    writer.append(b"orphan").unwrap();
    let orphan = writer.finish().unwrap().digest;
    // Dates of files are those of the machine, so the test's clock starts there.
    let written = blobs.list().map(|stored| stored.unwrap().written).max().unwrap();
    world.clock.set(written.after(Duration::from_hours(47)));
    assert_eq!(swept(&world, &tenant, 30, None).files, 0);
    world.clock.set(written.after(Duration::from_hours(49)));
    assert_eq!((swept(&world, &tenant, 30, None).files, blobs.list().count()), (1, 1));
    assert!(blobs.reader(&orphan).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_shows_what_one_may_see() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    let ben = world.person(&tenant, "ben", Level::Billing);
    let mut ids = Vec::new();
    for name in ["One", "Two"] {
        let project = project(&world, &ada, name).await;
        for number in 0..2 {
            let recording = world.upload(&ada, &project, &format!("{name}{number}.m4a"), name.as_bytes()).await;
            trash(&world, &ada, &recording).await;
        }
        ids.push(project);
    }
    let whole = project(&world, &ada, "Whole").await;
    world.upload(&ada, &whole, "inside.m4a", b"x").await;
    let trashed = json!({ "trashed": true });
    world.send_with(Some(&ada), Method::PATCH, &format!("/v1/projects/{whole}"), trashed, &ANY).await;
    world.give(&ben, Some(ids[0].parse().unwrap()), Level::Viewer);
    let titles = async |who, limit: usize| {
        let (mut titles, mut after) = (Vec::new(), String::new());
        loop {
            let page =
                world.send(Some(who), Method::GET, &format!("/v1/trash?limit={limit}{after}"), Value::Null).await;
            let items = page.body["items"].as_array().unwrap_or_else(|| panic!("{}", page.body)).clone();
            assert!(items.len() <= limit);
            titles.extend(items.iter().map(|item| item["title"].as_str().unwrap().to_owned()));
            assert!(items.iter().all(|item| item["trashed"] == "2027-01-15T08:00:00Z"), "{}", page.body);
            assert!(items.iter().all(|item| item["erased_from"] == "2027-02-14T08:00:00Z"), "{}", page.body);
            let Some(next) = page.body["next"].as_str() else { return titles };
            after = format!("&after={next}");
        }
    };
    for limit in 1..6 {
        assert_eq!(titles(&ada, limit).await, ["Whole", "Two1", "Two0", "One1", "One0"], "{limit}");
    }
    assert_eq!(titles(&ben, 50).await, ["One1", "One0"]);
}

/// What reports found is kept for days, however many runs there are.
#[tokio::test(flavor = "multi_thread")]
async fn runs_of_reports_are_kept_for_the_tenants_days() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let read = world.send(Some(&ada), Method::GET, "/v1/tenant", Value::Null).await;
    assert_eq!(read.body["settings"]["report_days"], 3_653, "{}", read.body);
    let set = async |days: u32| {
        let change = json!({ "report_days": days });
        world.send_with(Some(&ada), Method::PATCH, "/v1/tenant", change, &ANY).await
    };
    assert_eq!(set(0).await.code(), "invalid");
    assert_eq!(set(30).await.body["settings"]["report_days"], 30);
    let chart = json!({ "type": "table", "title": "x", "query": { "sql": "SELECT 1 AS one" } });
    let sections = json!([{ "id": "one", "chart": chart }]);
    let report = json!({ "title": "x", "period": "last_week", "zone": "UTC", "sections": sections });
    let made = world.send(Some(&ada), Method::POST, "/v1/reports", report).await;
    let report = format!("/v1/reports/{}", made.body["id"].as_str().unwrap());
    let view = || world.services.store.tenant(tenant.id).unwrap().read().unwrap();
    let stored = || access::usage::current(&view()).unwrap().storage_bytes;
    let before = stored();
    // More than were ever kept by their number.
    for _ in 0..105 {
        let run = world.send(Some(&ada), Method::POST, &format!("{report}/runs"), Value::Null).await;
        assert_eq!(run.status, StatusCode::CREATED, "{}", run.body);
    }
    world.later(&mut ada, Duration::from_hours(24 * 29));
    world.send(Some(&ada), Method::POST, &format!("{report}/runs"), Value::Null).await;
    assert_eq!(swept(&world, &tenant, 30, None).report_runs, 0);
    world.later(&mut ada, Duration::from_hours(25));
    assert_eq!(swept(&world, &tenant, 30, None).report_runs, 105);
    let left = world.send(Some(&ada), Method::GET, &format!("{report}/runs"), Value::Null).await;
    assert_eq!(left.body["items"].as_array().unwrap().len(), 1, "{}", left.body);
    assert!(stored() > before, "the one that is left counts");
    world.verify(tenant.id);
}
