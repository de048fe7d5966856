//! Storyboards as files of other programs.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};
use studio::export::Format;

use super::world::{Answer, Person, World};

struct Talk {
    world: World,
    ada: Person,
    recording: String,
    path: String,
}

impl Talk {
    async fn new(file_name: &str) -> Self {
        let world = World::new();
        let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
        let project = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "Talks" })).await;
        let recording = world.upload(&ada, project.body["id"].as_str().unwrap(), file_name, b"what was said").await;
        let made = world.made_of(&ada, &recording);
        let path = format!("/v1/storyboards/{}", made.storyboard);
        Talk { world, ada, recording, path }
    }

    async fn get(&self, query: &str) -> Answer {
        self.get_with(query, &[]).await
    }

    async fn get_with(&self, query: &str, headers: &[(&str, &str)]) -> Answer {
        let path = format!("{}/export?{query}", self.path);
        self.world.send_with(Some(&self.ada), Method::GET, &path, Value::Null, headers).await
    }

    async fn change(&self, path: &str, body: Value) {
        let changed = self.world.send_with(Some(&self.ada), Method::PATCH, path, body, &[("if-match", "*")]).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_can_be_had() {
    let talk = Talk::new("talk.m4a").await;
    // Small, for two of them draw the film.
    let content =
        talk.world.send(Some(&talk.ada), Method::GET, &format!("{}/content", talk.path), Value::Null).await.body;
    let scene = content["scenes"][0]["id"].as_str().unwrap().to_owned();
    for form in Format::ALL {
        let one = if form.is_of_scene() { format!("&scene={scene}") } else { String::new() };
        let file = talk.get(&format!("form={}{one}", form.as_str())).await;
        assert_eq!(file.status, StatusCode::OK, "{form:?}: {}", file.body);
        assert_eq!(file.headers["content-type"], form.media_type());
        let name = file.headers["content-disposition"].to_str().unwrap();
        assert!(name.starts_with("attachment; ") && name.ends_with(form.ending()), "{name}");
        let begins: &[u8] = match form {
            Format::Svg | Format::MovingSvg => b"<svg",
            Format::Png => b"\x89PNG",
            Format::Dot => b"digraph",
            Format::Mermaid => b"---\ntitle",
            Format::D2 => b"direction",
            Format::Drawio | Format::Bpmn => b"<?xml",
            Format::Excalidraw => b"{",
            Format::Pptx => b"PK\x03\x04",
            Format::Pdf => b"%PDF-1.",
            Format::Gif => b"GIF89a",
            Format::Webp => b"RIFF",
            Format::Html => b"<!DOCTYPE html>",
        };
        let head = String::from_utf8_lossy(&file.bytes[..file.bytes.len().min(40)]);
        assert!(file.bytes.starts_with(begins), "{form:?}: {head}");
    }
    let row = talk.world.last_row(talk.ada.tenant);
    assert_eq!((row.detail["form"].as_str(), row.detail["version"].as_str()), ("html", "1"));
    talk.world.verify(talk.ada.tenant);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_of_its_version_and_comes_in_parts() {
    let talk = Talk::new("talk.m4a").await;
    let content =
        talk.world.send(Some(&talk.ada), Method::GET, &format!("{}/content", talk.path), Value::Null).await.body;
    let (scene, node) = (&content["scenes"][0]["id"], &content["scenes"][0]["nodes"][0]["id"]);
    let before = talk.get("form=drawio").await;
    talk.change(&talk.path, json!({ "op": "set_label", "scene": scene, "element": node, "label": "Renamed" })).await;
    let (after, old) = (talk.get("form=drawio").await, talk.get("form=drawio&version=1").await);
    let text = String::from_utf8(after.bytes.clone()).unwrap();
    assert!(text.contains("Renamed") && !String::from_utf8(before.bytes.clone()).unwrap().contains("Renamed"));
    assert_eq!((&old.bytes, old.etag()), (&before.bytes, before.etag()));
    assert_ne!(after.etag(), before.etag());

    let part = talk.get_with("form=drawio", &[("range", "bytes=3-10"), ("if-range", &after.etag())]).await;
    assert_eq!((part.status, &part.bytes[..]), (StatusCode::PARTIAL_CONTENT, &after.bytes[3..=10]));
    assert_eq!(part.headers["content-range"], format!("bytes 3-10/{}", after.bytes.len()));
    let same = talk.get_with("form=drawio", &[("if-none-match", &after.etag())]).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    let beyond = talk.get_with("form=drawio", &[("range", "bytes=99999999-")]).await;
    assert_eq!(beyond.code(), "range_not_satisfiable");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_holds_the_voice_unless_it_must_not() {
    let talk = Talk::new("talk.m4a").await;
    let holds = |file: &Answer| {
        String::from_utf8(file.bytes.clone()).unwrap().contains("data:audio/mp4;base64,d2hhdCB3YXMgc2FpZA==")
    };
    assert!(holds(&talk.get("form=html").await));
    assert!(!holds(&talk.get("form=html&sound=false").await));
    // What was redacted can still be heard in the recording, in whichever version of the words.
    talk.change(&talk.path, json!({ "op": "redact", "first": 0, "last": 1 })).await;
    for version in ["", "&version=1"] {
        let refused = talk.get(&format!("form=html{version}")).await;
        assert_eq!(
            (refused.code(), &refused.body["errors"][0]["at"]),
            ("invalid", &json!("sound")),
            "{}",
            refused.body
        );
        let silent = talk.get(&format!("form=html&sound=false{version}")).await;
        assert_eq!(silent.status, StatusCode::OK);
        assert!(!holds(&silent));
    }
    let film = Talk::new("talk.amr").await;
    assert_eq!(film.get("form=html").await.body["errors"][0]["at"], "sound");
    assert_eq!(film.get("form=html&sound=false").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused() {
    let talk = Talk::new("talk.m4a").await;
    for (query, code) in [
        ("", "invalid"),
        ("form=exe", "invalid"),
        ("form=pdf&sound=perhaps", "invalid"),
        ("form=pdf&colour=red", "invalid"),
        ("form=svg&scene=none", "not_found"),
        ("form=pdf&version=7", "not_found"),
    ] {
        let refused = talk.get(query).await;
        assert_eq!(refused.code(), code, "{query}: {}", refused.body);
    }
    // Of what lies in the trash nothing is made any more.
    let trash = format!("/v1/recordings/{}/trash", talk.recording);
    talk.world.send_with(Some(&talk.ada), Method::POST, &trash, Value::Null, &[("if-match", "*")]).await;
    assert_eq!(talk.get("form=pdf").await.code(), "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenant_draws_one_at_a_time() {
    let talk = Talk::new("talk.m4a").await;
    let tenant = talk.ada.tenant;
    let other = talk.world.tenant("other").id;
    let walls = &talk.world.services.walls;
    let busy = walls.export(tenant).await.unwrap();
    // Whoever comes meanwhile waits for the turn.
    let (file, ()) = tokio::join!(talk.get("form=d2&scene=s1"), async {
        let room = walls.export(other).await.unwrap();
        drop((busy, room));
    });
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_is_seen_before_there_is_a_video() {
    let talk = Talk::new("talk.m4a").await;
    let rows = talk.world.rows(talk.ada.tenant);
    let frame = async |query: &str| {
        let path = format!("{}/frame{query}", talk.path);
        talk.world.send(Some(&talk.ada), Method::GET, &path, Value::Null).await
    };
    let side = |answer: &Answer, at: usize| u32::from_be_bytes(answer.bytes[at..at + 4].try_into().unwrap());
    let (first, last) = (frame("?side=480").await, frame("?side=480&at_ms=99999999").await);
    assert_eq!((first.status, first.headers["content-type"].as_bytes()), (StatusCode::OK, &b"image/png"[..]));
    assert_eq!((side(&first, 16), side(&first, 20)), (480, 270));
    assert_ne!(first.bytes, last.bytes, "something has come meanwhile");
    for bad in ["?side=100", "?side=5000", "?at_ms=-1", "?version=99"] {
        assert!(frame(bad).await.status.is_client_error(), "{bad}");
    }
    assert_eq!(talk.world.rows(talk.ada.tenant), rows, "looking is not written down");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_other_programs_become_storyboards() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let project = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "Talks" })).await;
    let path = format!("/v1/projects/{}/imports", project.body["id"].as_str().unwrap());
    let flow = json!({ "file_name": "flow.mmd", "text": "flowchart TD\n a[Take order] --> b[Pack] --> c[Send]" });
    let made = world.send(Some(&ada), Method::POST, &path, flow).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(
        (&made.body["recording"]["title"], &made.body["recording"]["media_type"]),
        (&json!("flow"), &json!("text/vnd.mermaid"))
    );
    let row = world.last_row(ada.tenant);
    assert_eq!(row.action.code(), "asset:upload");
    let board = format!("/v1/storyboards/{}", made.body["storyboard"].as_str().unwrap());
    let content = world.send(Some(&ada), Method::GET, &format!("{board}/content"), Value::Null).await.body;
    let labels: Vec<_> = content["scenes"][0]["nodes"].as_array().unwrap().iter().map(|node| &node["label"]).collect();
    assert_eq!(labels, ["Take order", "Pack", "Send"]);
    let versions = world.send(Some(&ada), Method::GET, &format!("{board}/versions"), Value::Null).await.body;
    assert_eq!(versions["items"][0]["origin"], "imported");
    let page = world.send(Some(&ada), Method::GET, &format!("{board}/export?form=html"), Value::Null).await;
    assert_eq!(page.status, StatusCode::OK, "a page without a voice: {}", page.body);
    let recording = made.body["recording"]["id"].as_str().unwrap();
    let heard =
        world.send(Some(&ada), Method::POST, &format!("/v1/recordings/{recording}/transcripts"), json!({})).await;
    assert_eq!(heard.code(), "invalid", "nothing is heard in a text");
    for (file_name, text, at, part) in [
        ("flow.dot", "digraph {\n a -> \n}", "/text", "line 3"),
        ("flow.mmd", "gantt\n a", "/text", "only flowcharts"),
        ("flow.exe", "a", "/file_name", ".mmd"),
        ("notes.txt", "...", "/text", ""),
    ] {
        let bad = json!({ "file_name": file_name, "text": text });
        let bad = world.send(Some(&ada), Method::POST, &path, bad).await;
        let fault = &bad.body["errors"][0];
        assert_eq!((bad.code(), fault["at"].as_str()), ("invalid", Some(at)), "{file_name}: {}", bad.body);
        assert!(fault["detail"].as_str().unwrap().contains(part), "{}", bad.body);
    }
    world.verify(ada.tenant);
}
