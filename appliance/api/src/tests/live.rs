//! Storyboards that several people edit at once, over real WebSockets.

use std::{net::SocketAddr, time::Instant};

use axum::http::{Method, StatusCode};
use model::{AuditEvent, Level};
use serde_json::{Value, json};

use super::{
    live_client::Client,
    world::{Made, Person, World},
};

pub(super) struct Desk {
    pub(super) world: World,
    pub(super) at: SocketAddr,
    pub(super) owner: Person,
    pub(super) made: Made,
    pub(super) scene: String,
    node: String,
}

impl Desk {
    pub(super) async fn new() -> Self {
        let world = World::new();
        let tenant = world.tenant("acme");
        let owner = world.person(&tenant, "ada", Level::Owner);
        let project = world.send(Some(&owner), Method::POST, "/v1/projects", json!({ "title": "Talks" })).await;
        let recording = world.upload(&owner, project.body["id"].as_str().unwrap(), "talk.m4a", b"a talk").await;
        let made = world.made_of(&owner, &recording);
        let at = world.listen().await;
        let mut desk = Desk { world, at, owner, made, scene: String::new(), node: String::new() };
        let content = desk.content().await;
        let scene = &content["scenes"][0];
        desk.scene = scene["id"].as_str().unwrap().to_owned();
        desk.node = scene["nodes"][0]["id"].as_str().unwrap().to_owned();
        desk
    }

    pub(super) fn person(&self, name: &str, level: Level) -> Person {
        self.world.person(&self.world.tenant_of(&self.owner), name, level)
    }

    pub(super) async fn join(&self, who: &Person) -> Client {
        let mut client = Client::new();
        client.join(self.at, who, &self.made.storyboard).await;
        client
    }

    pub(super) async fn content(&self) -> Value {
        let path = format!("/v1/storyboards/{}/content", self.made.storyboard);
        self.world.send(Some(&self.owner), Method::GET, &path, Value::Null).await.body
    }

    async fn version(&self) -> u64 {
        let path = format!("/v1/storyboards/{}", self.made.storyboard);
        self.world.send(Some(&self.owner), Method::GET, &path, Value::Null).await.body["version"].as_u64().unwrap()
    }

    pub(super) fn label(&self) -> String {
        format!("scenes/{}/nodes/{}/label", self.scene, self.node)
    }

    pub(super) fn node_of(&self, content: &Value) -> Value {
        let nodes = content["scenes"][0]["nodes"].as_array().unwrap();
        nodes.iter().find(|node| node["id"] == self.node).cloned().unwrap_or_default()
    }

    /// What the rows since `from` say of editing together.
    fn rows(&self, from: u64) -> Vec<(String, AuditEvent)> {
        let rows = self.world.rows_from(self.owner.tenant, from);
        let of = |row: AuditEvent| {
            let live = row.detail.get("live")?.clone();
            Some((live, row))
        };
        rows.into_iter().filter_map(of).collect()
    }

    /// Waits until a row says this.
    async fn row(&self, from: u64, live: &str) -> AuditEvent {
        loop {
            if let Some((_, row)) = self.rows(from).into_iter().find(|(said, _)| said == live) {
                return row;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_edit_one_storyboard() {
    let desk = Desk::new().await;
    let bob = desk.person("bob", Level::Editor);
    let from = desk.world.rows(desk.owner.tenant);
    let (mut one, mut other) = (desk.join(&desk.owner).await, desk.join(&bob).await);
    assert_eq!(one.told[0]["kind"], "welcome");
    assert_eq!((&one.told[0]["version"], &one.told[0]["may_edit"]), (&json!(1), &json!(true)));

    one.set(&desk.label(), &json!("Look it up")).await;
    let label = desk.label();
    other.until(|client| client.cell(&label) == Some(json!("Look it up"))).await;
    // What the others hear of is stored already.
    let kept = desk.rows(from).into_iter().find(|(said, _)| said == "edited").expect("a row").1;
    assert_eq!(kept.actor, Some(desk.owner.id.erase()));

    let title = format!("scenes/{}/title", desk.scene);
    other.set(&title, &json!("How it is done")).await;
    one.until(|client| client.cell(&title) == Some(json!("How it is done"))).await;
    other.save().await;
    assert_eq!(desk.version().await, 2);
    let content = desk.content().await;
    assert_eq!(content["scenes"][0]["title"], "How it is done");
    assert_eq!(content["scenes"][0]["by"], "user");
    assert_eq!(
        (&desk.node_of(&content)["label"], &desk.node_of(&content)["by"]),
        (&json!("Look it up"), &json!("user"))
    );
    let saved = desk.row(from, "saved").await;
    assert_eq!(saved.actor, Some(bob.id.erase()));
    assert_eq!(saved.detail.get("with"), Some(&desk.owner.id.to_string()));
    // The marks of the version come to those who edit.
    let by = format!("scenes/{}/nodes/{}/by", desk.scene, desk.node);
    one.until(|client| client.cell(&by) == Some(json!("user"))).await;
    other.until(|client| client.cell(&by) == Some(json!("user"))).await;
    assert_eq!(one.cells(), other.cells());

    one.leave().await;
    assert_eq!(desk.row(from, "left").await.actor, Some(desk.owner.id.erase()));
    assert_eq!(desk.rows(from).iter().filter(|(said, _)| said == "joined").count(), 2);
    desk.world.verify(desk.owner.tenant);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_where_the_others_are_and_who_they_are() {
    let desk = Desk::new().await;
    let bob = desk.person("bob", Level::Viewer);
    let (mut one, mut other) = (desk.join(&desk.owner).await, desk.join(&bob).await);
    other.be_at("n1").await;
    let client = other.doc.client_id().get();
    one.until(|one| one.others.contains_key(&client)).await;
    // Nobody can take another name.
    assert_eq!(one.others[&client], json!({ "at": "n1", "user": { "id": bob.id.to_string(), "name": "bob" } }));
    // Who comes later sees it too.
    let mut late = desk.join(&desk.owner).await;
    late.until(|late| late.others.contains_key(&client)).await;
    other.vanish();
    one.until(|one| one.others[&client].is_null()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_look_cannot_write() {
    let desk = Desk::new().await;
    let (viewer, eve) = (desk.person("vic", Level::Viewer), desk.person("eve", Level::Editor));
    let (mut one, mut other) = (desk.join(&viewer).await, desk.join(&eve).await);
    assert_eq!(one.told[0]["may_edit"], false);
    let before = other.cells();
    let from = desk.world.rows(desk.owner.tenant);
    one.set(&desk.label(), &json!("Mine")).await;
    assert_eq!(one.until_closed().await.0, 4403);
    let denied = desk.world.rows_from(desk.owner.tenant, from);
    assert!(denied.iter().any(|row| row.outcome == model::Outcome::Denied && row.action.code() == "diagram:edit"));
    other.set(&desk.label(), &json!("Hers")).await;
    other.save().await;
    assert_eq!(other.cell(&desk.label()), Some(json!("Hers")));
    assert_eq!(before.len(), other.cells().len());
    // A viewer comes back with what it has not been allowed, and is shown the door again.
    one.enter(desk.at, &viewer, &desk.made.storyboard, "same-origin").await.unwrap();
    assert_eq!(one.until_closed().await.0, 4403);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_other_sites_do_not_get_in() {
    let desk = Desk::new().await;
    let storyboard = &desk.made.storyboard;
    let stranger = desk.world.person(&desk.world.tenant("other"), "eve", Level::Owner);
    assert_eq!(Client::new().enter(desk.at, &stranger, storyboard, "same-origin").await, Err(404));
    assert_eq!(Client::new().enter(desk.at, &desk.owner, storyboard, "cross-site").await, Err(403));
    let mut forged = desk.owner.clone();
    forged.forge();
    assert_eq!(Client::new().enter(desk.at, &forged, storyboard, "same-origin").await, Err(401));
}

#[tokio::test(flavor = "multi_thread")]
async fn losing_the_role_ends_the_session() {
    let desk = Desk::new().await;
    let eve = desk.person("eve", Level::Editor);
    let mut client = desk.join(&eve).await;
    let given = desk.world.send(Some(&desk.owner), Method::GET, "/v1/assignments", Value::Null).await;
    let hers = given.body["items"].as_array().unwrap().iter().find(|item| item["principal"] == eve.id.to_string());
    let path = format!("/v1/assignments/{}", hers.unwrap()["id"].as_str().unwrap());
    let taken = desk.world.send_with(Some(&desk.owner), Method::DELETE, &path, Value::Null, &[("if-match", "*")]).await;
    assert_eq!(taken.status, StatusCode::NO_CONTENT, "{}", taken.body);
    let since = Instant::now();
    assert_eq!(client.until_closed().await.0, 4401);
    println!("out after {:?}", since.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_sound_storyboard_is_refused_and_nobody_else_notices() {
    let desk = Desk::new().await;
    let eve = desk.person("eve", Level::Editor);
    let mut other = desk.join(&desk.owner).await;
    for (key, value) in [
        (desk.label(), json!(7)),
        (desk.label(), json!("x".repeat(5_000))),
        ("canvas".to_owned(), json!({ "w": 640, "h": 360, "fps": 30 })),
        (format!("scenes/{}/words", desk.scene), json!([0, 1])),
        (format!("scenes/{}/@", desk.scene), json!("first")),
        ("scenes/other/@".to_owned(), json!(1)),
    ] {
        let mut one = desk.join(&eve).await;
        one.set(&key, &value).await;
        let (code, why) = one.until_closed().await;
        assert_eq!(code, 4409, "{key}: {why}");
        assert_eq!(one.told.last().unwrap()["kind"], "refused", "{key}");
    }
    // Changes that build on others which nobody has sent.
    let mut one = desk.join(&eve).await;
    one.change(&desk.label(), Some(&json!("first")));
    one.set(&desk.label(), &json!("second")).await;
    assert_eq!(one.until_closed().await.0, 4409);
    // Changes under the name of somebody else who is here.
    other.be_at("n1").await;
    let mut one = desk.join(&eve).await;
    let client = other.doc.client_id().get();
    one.until(|one| one.others.contains_key(&client)).await;
    let forged = yrs::Doc::with_client_id(client);
    let map = forged.get_or_insert_map("cells");
    let update = {
        use yrs::{Map as _, Transact as _};
        let mut tx = forged.transact_mut();
        map.insert(&mut tx, desk.label(), "\"forged\"");
        tx.encode_update_v1()
    };
    one.send(&[0, 2], &update).await;
    assert_eq!(one.until_closed().await.0, 4409);

    other.set(&desk.label(), &json!("Fine")).await;
    other.save().await;
    let fresh = desk.join(&eve).await;
    assert_eq!(fresh.cells(), other.cells());
    assert_eq!(desk.node_of(&desk.content().await)["label"], "Fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_the_api_is_laid_over_what_people_edit() {
    let desk = Desk::new().await;
    let mut one = desk.join(&desk.owner).await;
    one.set(&desk.label(), &json!("Together")).await;
    let path = format!("/v1/storyboards/{}", desk.made.storyboard);
    let op = json!({ "op": "set_label", "scene": desk.scene, "label": "From elsewhere" });
    let edited = desk.world.send_with(Some(&desk.owner), Method::PATCH, &path, op, &[("if-match", "*")]).await;
    assert_eq!(edited.status, StatusCode::OK, "{}", edited.body);
    let title = format!("scenes/{}/title", desk.scene);
    one.until(|one| one.cell(&title) == Some(json!("From elsewhere"))).await;
    one.save().await;
    let content = desk.content().await;
    assert_eq!(content["scenes"][0]["title"], "From elsewhere");
    assert_eq!(desk.node_of(&content)["label"], "Together");
}

/// Operations that follow one another at once, each on the version that was asked for: none meets an older one.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_asked_for_has_what_was_changed_elsewhere() {
    let desk = Desk::new().await;
    let mut one = desk.join(&desk.owner).await;
    let path = format!("/v1/storyboards/{}", desk.made.storyboard);
    for label in ["One", "Two", "Three"] {
        let version = format!("\"{}\"", one.save().await);
        let op = json!({ "op": "set_label", "scene": desk.scene, "label": label });
        let edited = desk.world.send_with(Some(&desk.owner), Method::PATCH, &path, op, &[("if-match", &version)]).await;
        assert_eq!(edited.status, StatusCode::OK, "{label}: {}", edited.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_while_another_connects_it_is_a_sound_storyboard() {
    let desk = Desk::new().await;
    let eve = desk.person("eve", Level::Editor);
    let (mut one, mut other) = (desk.join(&desk.owner).await, desk.join(&eve).await);
    one.vanish();
    let prefix = format!("scenes/{}/nodes/{}/", desk.scene, desk.node);
    let gone: Vec<String> = one.cells().into_keys().filter(|key| key.starts_with(&prefix)).collect();
    gone.iter().for_each(|key| drop(one.change(key, None)));
    let second = desk.content().await["scenes"][0]["nodes"][1]["id"].clone();
    let edge = format!("scenes/{}/edges/c1", desk.scene);
    let fields = [
        ("@", json!(9e9)),
        ("from", second),
        ("to", json!(desk.node)),
        ("type", json!("then")),
        ("evidence", json!([])),
        ("confidence", json!(1.0)),
        ("by", json!("user")),
    ];
    let parts: Vec<Vec<u8>> =
        fields.iter().map(|(field, value)| other.change(&format!("{edge}/{field}"), Some(value))).collect();
    let whole = yrs::merge_updates_v1(parts).unwrap();
    other.send(&[0, 2], &whole).await;
    one.join(desk.at, &desk.owner, &desk.made.storyboard).await;
    one.save().await;
    let content = desk.content().await;
    assert_eq!(desk.node_of(&content), Value::Null);
    assert!(content["scenes"][0]["edges"].as_array().unwrap().iter().all(|edge| edge["to"] != desk.node.as_str()));
    let removed = content["scenes"][0]["removed"].as_array().unwrap();
    assert!(removed.iter().any(|removed| removed["id"] == desk.node.as_str()), "{removed:?}");
}
