//! People told of what concerns them alone: comments, their videos, what is shared with them, keys that end.

use std::{sync::mpsc::TryRecvError, time::Duration};

use axum::http::{Method, StatusCode};
use jobs::{JobKind, Reason};
use model::Level;
use outbound::Mailer;
use serde_json::{Value, json};
use tenancy::Plan;

use super::{
    engine::Act,
    mail::server,
    world::{Person, World},
};

const MINUTE: u64 = 60;
const DAY: u64 = 86_400;

async fn post(world: &World, who: &Person, path: &str, body: Value) -> Value {
    let answer = world.send(Some(who), Method::POST, path, body).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
    answer.body
}

async fn project(world: &World, who: &Person) -> String {
    post(world, who, "/v1/projects", json!({ "title": "Orders" })).await["id"].as_str().unwrap().to_owned()
}

/// What somebody was told, the newest first.
async fn inbox(world: &World, who: &Person) -> Vec<Value> {
    let told = world.send(Some(who), Method::GET, "/v1/notifications", Value::Null).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    told.body["items"].as_array().unwrap().clone()
}

/// What happened, the newest first.
async fn told(world: &World, who: &Person) -> Vec<String> {
    inbox(world, who).await.iter().map(|one| one["happening"].as_str().unwrap().to_owned()).collect()
}

async fn wish(world: &World, who: &Person, happening: &str, inbox: bool, mail: bool) {
    let body = json!({ "items": [{ "happening": happening, "inbox": inbox, "mail": mail }] });
    let any = [("if-match", "*")];
    let said = world.send_with(Some(who), Method::PATCH, "/v1/me/notifications", body, &any).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.body);
}

/// The mails to somebody that wait or were sent, the newest first.
fn mails(world: &World, who: &Person) -> Vec<jobs::Job> {
    let file = world.services.store.tenant(who.tenant).unwrap();
    let of_mail = |job: &jobs::Job| job.kind == JobKind::Mail;
    jobs::queue::about(&file.read().unwrap(), who.id.erase(), None, 50, of_mail).unwrap().items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_told_to_whom_it_concerns() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let people = ["ada", "ben", "mia"].map(|name| world.person(&tenant, name, Level::Editor));
    let [ada, ben, mia] = &people;
    let eve = world.newcomer(&tenant, "eve");
    let project = project(&world, ada).await;
    let on = format!("/v1/subjects/{project}/comments");

    // The owner of the thing is told, who is named is told so, and nobody who may not see it.
    let rows = world.rows(tenant.id);
    let first = post(&world, ben, &on, json!({ "text": "Secret words for @mia and @eve" })).await;
    assert_eq!(world.rows(tenant.id), rows + 1, "one row, however many are told");
    let seen = inbox(&world, ada).await;
    assert_eq!((seen.len(), &seen[0]["happening"], &seen[0]["by"]), (1, &json!("comment.made"), &json!("ben")));
    assert_eq!((&seen[0]["title"], &seen[0]["about"]), (&json!("Orders"), &json!(project)));
    assert!(!seen[0].to_string().contains("Secret"), "what it says is not told: {}", seen[0]);
    assert_eq!(told(&world, mia).await, ["comment.mention"]);
    assert_eq!((told(&world, &eve).await.len(), told(&world, ben).await.len()), (0, 0));

    // An answer is told to those who wrote in the thread, and to the owner; not to who gives it.
    let replies = format!("/v1/comments/{}/replies", first["id"].as_str().unwrap());
    post(&world, mia, &replies, json!({ "text": "Yes" })).await;
    assert_eq!((told(&world, ben).await, told(&world, mia).await.len()), (vec!["comment.reply".to_owned()], 1));
    post(&world, ada, &replies, json!({ "text": "No" })).await;
    assert_eq!(told(&world, mia).await, ["comment.reply", "comment.mention"]);
    assert_eq!(told(&world, ada).await, ["comment.made", "comment.made"]);

    // Other words tell those who are named now and were not before.
    let path = format!("/v1/comments/{}", first["id"].as_str().unwrap());
    let words = json!({ "text": "For @mia and @ada" });
    let changed = world.send_with(Some(ben), Method::PATCH, &path, words, &[("if-match", "*")]).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!((told(&world, ada).await[0].as_str(), told(&world, mia).await.len()), ("comment.mention", 2));

    // Who does not want it is not told.
    wish(&world, ada, "comment.made", false, true).await;
    post(&world, ben, &on, json!({ "text": "Again" })).await;
    assert_eq!(told(&world, ada).await.len(), 3);
    assert!(mails(&world, ada).is_empty(), "this appliance sends none");
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_one_mail_and_none_when_it_was_read() {
    let (server, letters) = server();
    let world = World::mailing(Mailer::new(server).unwrap());
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Editor);
    let ben = world.person(&tenant, "ben", Level::Editor);
    let project = project(&world, &ada).await;
    let on = format!("/v1/subjects/{project}/comments");
    let language = json!({ "language": "de" });
    let any = [("if-match", "*")];
    assert!(
        world.send_with(Some(&ada), Method::PATCH, "/v1/me/notifications", language, &any).await.status.is_success()
    );

    // Ten things said in a thread are one mail, a quarter of an hour after the first.
    let first = post(&world, &ben, &on, json!({ "text": "Secret words" })).await;
    let replies = format!("/v1/comments/{}/replies", first["id"].as_str().unwrap());
    for at in 0..9 {
        post(&world, &ben, &replies, json!({ "text": format!("More {at}") })).await;
    }
    let waiting = mails(&world, &ada);
    assert_eq!((told(&world, &ada).await.len(), waiting.len()), (10, 1));
    world.engine.open();
    world.services.jobs.wake(tenant.id);
    world.later(&mut ada, Duration::from_secs(14 * MINUTE));
    assert!(mails(&world, &ada)[0].state.is_live());
    world.later(&mut ada, Duration::from_secs(MINUTE));
    world.services.jobs.wake(tenant.id);
    let job = waiting[0].header.id.to_string();
    // The server wants the first one later.
    world.until_next_attempt(&ada, &job, 1);
    assert_eq!(world.finish(&ada, &job).state.kind().to_string(), "done");
    let mail = letters.recv().unwrap().mail.replace("=\r\n", "");
    assert!(mail.contains(&format!("https://video.example.org/projects/{project}")), "{mail}");
    assert!(mail.contains("Subject: Neuer Kommentar: Orders"), "{mail}");
    assert!(!mail.contains("Secret") && !mail.contains("More"), "{mail}");

    // The next one is a mail of its own; it is not sent when the page has shown it meanwhile.
    let ben = world.person(&tenant, "bea", Level::Editor);
    post(&world, &ben, &replies, json!({ "text": "Later" })).await;
    let second = mails(&world, &ada).remove(0);
    assert_ne!(second.header.id.to_string(), job);
    post(&world, &ada, "/v1/notifications/read", Value::Null).await;
    world.later(&mut ada, Duration::from_secs(15 * MINUTE));
    world.services.jobs.wake(tenant.id);
    assert_eq!(world.finish(&ada, &second.header.id.to_string()).state.kind().to_string(), "done");
    assert!(matches!(letters.try_recv(), Err(TryRecvError::Empty)));

    // No mail where none is wanted; a mail where only that is.
    wish(&world, &ada, "comment.made", true, false).await;
    let ben = world.person(&tenant, "bob", Level::Editor);
    post(&world, &ben, &on, json!({ "text": "No mail" })).await;
    assert_eq!(mails(&world, &ada).len(), 2);
    wish(&world, &ada, "comment.made", false, true).await;
    let before = told(&world, &ada).await.len();
    post(&world, &ben, &on, json!({ "text": "A mail alone" })).await;
    let third = mails(&world, &ada).remove(0);
    assert_eq!((mails(&world, &ada).len(), told(&world, &ada).await.len()), (3, before));
    world.later(&mut ada, Duration::from_secs(15 * MINUTE));
    world.services.jobs.wake(tenant.id);
    assert_eq!(world.finish(&ada, &third.header.id.to_string()).state.kind().to_string(), "done");
    letters.recv().unwrap();
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_ordered_a_video_is_told_how_it_ended() {
    let world = World::new();
    world.engine.open();
    let tenant = world.tenant_with("acme", Plan::Team);
    let ada = world.person(&tenant, "ada", Level::Editor);
    let recording = world.upload(&ada, &project(&world, &ada).await, "talk.m4a", b"speech").await;
    let path = format!("/v1/recordings/{recording}/videos");
    let order = async || post(&world, &ada, &path, json!({})).await["id"].as_str().unwrap().to_owned();
    let job = world.finish(&ada, &order().await);
    let made = &inbox(&world, &ada).await[0];
    assert_eq!((&made["happening"], &made["about"]), (&json!("video.made"), &json!(job.result.unwrap().to_string())));
    assert_eq!(made["data"]["recording"], json!(recording), "{made}");

    // One try that fails is nobody's business; that it is given up is.
    world.engine.next(&[Act::Fail(Reason::BadInput)]);
    let job = world.finish(&ada, &order().await);
    let failed = &inbox(&world, &ada).await[0];
    assert_eq!((&failed["happening"], &failed["about"]), (&json!("video.failed"), &json!(job.header.id.to_string())));
    assert_eq!((&failed["data"]["reason"], inbox(&world, &ada).await.len()), (&json!("bad_input"), 2));
    // Words alone are no video.
    let words = post(&world, &ada, &format!("/v1/recordings/{recording}/transcripts"), json!({})).await;
    world.finish(&ada, words["id"].as_str().unwrap());
    wish(&world, &ada, "video.made", false, false).await;
    world.finish(&ada, &order().await);
    assert_eq!(told(&world, &ada).await, ["video.failed", "video.made"]);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_given_a_project_is_told() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let (eve, sam) = (world.newcomer(&tenant, "eve"), world.newcomer(&tenant, "sam"));
    let project = project(&world, &ada).await;
    let path = format!("/v1/projects/{project}/shares");
    let rows = world.rows(tenant.id);
    post(&world, &ada, &path, json!({ "principal": eve.id.to_string(), "role": "viewer" })).await;
    assert_eq!(world.rows(tenant.id), rows + 1);
    let seen = &inbox(&world, &eve).await[0];
    assert_eq!((&seen["happening"], &seen["title"]), (&json!("project.shared"), &json!("Orders")));
    assert_eq!((&seen["by"], &seen["about"]), (&json!("ada"), &json!(project)));
    // A role that shows nothing of it tells nothing of it; a group tells those in it, but for who gives the role.
    let role = json!({ "name": "Clerk", "permissions": ["dashboard:read"] });
    let role = post(&world, &ada, "/v1/roles", role).await["id"].as_str().unwrap().to_owned();
    post(&world, &ada, &path, json!({ "principal": sam.id.to_string(), "role": role })).await;
    assert!(told(&world, &sam).await.is_empty());
    let group = post(&world, &ada, "/v1/groups", json!({ "name": "Sales" })).await["id"].as_str().unwrap().to_owned();
    for user in [ada.id, sam.id] {
        let members = format!("/v1/groups/{group}/members");
        post(&world, &ada, &members, json!({ "user": user.to_string() })).await;
    }
    let mut ada = ada;
    world.later(&mut ada, Duration::ZERO);
    post(&world, &ada, &path, json!({ "principal": group, "role": "viewer" })).await;
    let mut sam = sam;
    world.later(&mut sam, Duration::ZERO);
    assert_eq!((told(&world, &sam).await, told(&world, &ada).await.len()), (vec!["project.shared".to_owned()], 0));
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_key_is_told_once_that_it_ends() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let key = |name: &str, expires: &str| json!({ "name": name, "permissions": ["project:read"], "expires": expires });
    // It is 15 January 2027.
    post(&world, &ada, "/v1/me/api-keys", key("CI", "2027-02-15T08:00:00Z")).await;
    post(&world, &ada, "/v1/me/api-keys", key("Short", "2027-01-20T08:00:00Z")).await;
    let rows = world.rows(tenant.id);
    assert_eq!(world.services.remind_of_keys(tenant.id).unwrap(), 0);
    assert_eq!(world.rows(tenant.id), rows, "nothing to tell is no row");
    world.later(&mut ada, Duration::from_secs(25 * DAY));
    let rows = world.rows(tenant.id);
    assert_eq!(world.services.remind_of_keys(tenant.id).unwrap(), 1);
    assert_eq!((world.services.remind_of_keys(tenant.id).unwrap(), world.rows(tenant.id)), (0, rows + 1));
    let seen = inbox(&world, &ada).await;
    assert_eq!((seen.len(), &seen[0]["happening"], &seen[0]["title"]), (1, &json!("key.expiring"), &json!("CI")));
    assert_eq!(seen[0]["data"]["ends"], "2027-02-15T08:00:00Z");
    world.verify(tenant.id);
}
