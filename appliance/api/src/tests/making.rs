//! From a recording to a video through the API, with a fake engine.

use axum::http::{Method, StatusCode};
use jobs::{Reason, StateKind};
use model::Level;
use serde_json::{Value, json};
use tenancy::Plan;

use super::{
    engine::Act,
    world::{Answer, Person, World},
};

struct Talk {
    world: World,
    ada: Person,
    recording: String,
}

impl Talk {
    async fn new() -> Self {
        let world = World::new();
        world.engine.open();
        let ada = world.person(&world.tenant_with("acme", Plan::Team), "ada", Level::Owner);
        let project = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "Talks" })).await;
        let recording = world.upload(&ada, project.body["id"].as_str().unwrap(), "talk.m4a", b"speech").await;
        Talk { world, ada, recording }
    }

    async fn get(&self, path: &str) -> Answer {
        self.world.send(Some(&self.ada), Method::GET, path, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.world.send(Some(&self.ada), Method::POST, path, body).await
    }

    async fn change(&self, method: Method, path: &str, base: &str, body: Value) -> Answer {
        self.world.send_with(Some(&self.ada), method, path, body, &[("if-match", base)]).await
    }

    /// Asks for work; the id of its job.
    async fn order(&self, path: &str, body: Value) -> String {
        let ordered = self.post(path, body).await;
        assert_eq!(ordered.status, StatusCode::ACCEPTED, "{}", ordered.body);
        ordered.body["id"].as_str().unwrap().to_owned()
    }

    /// Asks for work and waits for it; the id of what was made.
    async fn done(&self, path: &str, body: Value) -> String {
        let job = self.order(path, body).await;
        let job = self.world.finish(&self.ada, &job);
        assert_eq!(job.state.kind(), StateKind::Done, "{:?}", job.failure);
        job.result.unwrap().to_string()
    }

    /// Makes the video; its view.
    async fn video(&self) -> Value {
        let made = self.done(&format!("/v1/recordings/{}/videos", self.recording), json!({})).await;
        self.get(&format!("/v1/videos/{made}")).await.body
    }

    async fn storyboard(&self) -> String {
        let video = self.video().await;
        format!("/v1/storyboards/{}", video["storyboard"].as_str().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_makes_transcript_storyboard_and_video() {
    let talk = Talk::new().await;
    talk.world.engine.next(&[Act::Hold]);
    let job = talk.order(&format!("/v1/recordings/{}/videos", talk.recording), json!({})).await;
    // The same order again is the same job.
    assert_eq!(talk.order(&format!("/v1/recordings/{}/videos", talk.recording), json!({})).await, job);
    let mut watched = talk.world.watch(&talk.ada, &job, &[]).await;
    assert_eq!(watched.status, StatusCode::OK);
    talk.world.engine.until_holding();
    let told = watched.until("progress").await;
    assert_eq!(told["job"], json!(job));
    talk.world.engine.let_go();
    let end = watched.until("end").await;
    assert_eq!((&end["state"], &end["kind"]), (&json!("done"), &json!("video.make")));
    assert!(watched.is_over().await);

    let video = talk.get(&format!("/v1/videos/{}", end["result"].as_str().unwrap())).await.body;
    assert_eq!(video["files"][0]["file"], "mp4");
    let path = format!("/v1/videos/{}/files/mp4", video["id"].as_str().unwrap());
    let whole = talk.get(&path).await;
    assert_eq!((whole.status, &whole.headers["content-type"]), (StatusCode::OK, &"video/mp4".parse().unwrap()));
    assert!(whole.bytes.starts_with(b"film of "));
    let part = talk.world.send_with(Some(&talk.ada), Method::GET, &path, Value::Null, &[("range", "bytes=0-3")]).await;
    assert_eq!((part.status, part.bytes.as_ref()), (StatusCode::PARTIAL_CONTENT, b"film".as_slice()));

    let listed = talk.get(&format!("/v1/transcripts?recording={}", talk.recording)).await.body;
    let transcript = format!("/v1/transcripts/{}", listed["items"][0]["id"].as_str().unwrap());
    let text = talk.get(&format!("{transcript}/content?format=txt")).await;
    assert!(text.bytes.starts_with(b"First the customer places an order."));
    let captions = talk.get(&format!("{transcript}/content?format=vtt")).await;
    assert!(captions.bytes.starts_with(b"WEBVTT"));
    let recording = talk.get(&format!("/v1/recordings/{}", talk.recording)).await.body;
    assert!(recording["duration_ms"].as_u64().unwrap() > 0);
    let jobs = talk.get(&format!("/v1/jobs?about={}&state=done", talk.recording)).await.body;
    assert_eq!(jobs["items"][0]["id"], json!(job));
    talk.world.verify(talk.ada.tenant);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_then_given_up_and_can_be_begun_anew() {
    let talk = Talk::new().await;
    talk.world.engine.next(&[Act::Fail(Reason::Crashed), Act::Panic, Act::Fail(Reason::Limit)]);
    let job = talk.order(&format!("/v1/recordings/{}/videos", talk.recording), json!({})).await;
    talk.world.until_next_attempt(&talk.ada, &job, 1);
    talk.world.until_next_attempt(&talk.ada, &job, 2);
    let dead = talk.world.finish(&talk.ada, &job);
    assert_eq!((dead.state.kind(), dead.attempts, dead.failures), (StateKind::Dead, 3, 3));
    let letters = talk.get("/v1/jobs?state=dead").await.body;
    assert_eq!((&letters["items"][0]["id"], &letters["items"][0]["failure"]["reason"]), (&json!(job), &json!("limit")));
    assert_eq!(talk.get("/v1/videos").await.body["items"], json!([]));

    let again = talk.post(&format!("/v1/jobs/{job}/retry"), Value::Null).await;
    assert_eq!((again.status, &again.body["state"]), (StatusCode::OK, &json!("queued")));
    assert_eq!(talk.world.finish(&talk.ada, &job).state.kind(), StateKind::Done);
    assert_eq!(talk.get("/v1/videos").await.body["items"].as_array().unwrap().len(), 1);
    let twice = talk.post(&format!("/v1/jobs/{job}/retry"), Value::Null).await;
    assert_eq!((twice.status, twice.code()), (StatusCode::CONFLICT, "conflict"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_mended_is_not_tried_again() {
    let talk = Talk::new().await;
    talk.world.engine.next(&[Act::Fail(Reason::BadInput)]);
    let job = talk.order(&format!("/v1/recordings/{}/transcripts", talk.recording), json!({})).await;
    let failed = talk.world.finish(&talk.ada, &job);
    assert_eq!((failed.state.kind(), failed.attempts), (StateKind::Failed, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_leaves_nothing() {
    let talk = Talk::new().await;
    talk.world.engine.next(&[Act::Hold]);
    let job = talk.order(&format!("/v1/recordings/{}/videos", talk.recording), json!({})).await;
    talk.world.engine.until_holding();
    let mut watched = talk.world.watch(&talk.ada, &job, &[]).await;
    let cancelled = talk.post(&format!("/v1/jobs/{job}/cancel"), Value::Null).await;
    assert_eq!((cancelled.status, &cancelled.body["state"]), (StatusCode::OK, &json!("cancelled")));
    assert_eq!(watched.until("end").await["state"], "cancelled");
    for path in ["/v1/videos", "/v1/transcripts", "/v1/storyboards"] {
        assert_eq!(talk.get(path).await.body["items"], json!([]), "{path}");
    }
    assert_eq!(talk.post(&format!("/v1/jobs/{job}/cancel"), Value::Null).await.code(), "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_survive_and_can_be_taken_back() {
    let talk = Talk::new().await;
    let board = talk.storyboard().await;
    let content = talk.get(&format!("{board}/content")).await.body;
    let (scene, node) = (&content["scenes"][0]["id"], &content["scenes"][0]["nodes"][0]["id"]);
    let op = json!({ "op": "set_label", "scene": scene, "element": node, "label": "Mine" });
    let edited = talk.change(Method::PATCH, &board, "\"1\"", op.clone()).await;
    assert_eq!((edited.status, edited.etag().as_str()), (StatusCode::OK, "\"2\""), "{}", edited.body);
    // Based on what is no more.
    let late = talk.change(Method::PATCH, &board, "\"1\"", op).await;
    assert_eq!((late.status, late.code()), (StatusCode::PRECONDITION_FAILED, "version_mismatch"));

    // The talk is heard otherwise, and outlined again.
    talk.world
        .engine
        .say("First the customer places an order. Then the shop checks the stock twice. Finally it is sent.");
    talk.done(&format!("/v1/recordings/{}/transcripts", talk.recording), json!({})).await;
    talk.done(&format!("{board}/outline"), json!({})).await;
    let fresh = talk.get(&format!("{board}/content")).await.body;
    assert!(fresh.to_string().contains("\"Mine\""), "{fresh}");
    assert_ne!(fresh["source"]["words"], content["source"]["words"], "{fresh}");
    let versions = talk.get(&format!("{board}/versions")).await.body;
    let origins: Vec<_> = versions["items"].as_array().unwrap().iter().map(|item| item["origin"].clone()).collect();
    assert_eq!(origins, ["outlined", "edited", "outlined"]);

    let scene = &fresh["scenes"][0];
    let laid = talk.get(&format!("{board}/layout?scene={}", scene["id"].as_str().unwrap())).await.body;
    assert_eq!((&laid["version"], laid["width"].as_u64()), (&json!(3), fresh["canvas"]["w"].as_u64()), "{laid}");
    let ids = |of: &Value| of["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&laid), ids(scene));
    // Each box comes with the word that says it, not with the "first" and "then" before it.
    for node in scene["nodes"].as_array().unwrap() {
        let said = laid["said"][node["id"].as_str().unwrap()][0].as_u64().unwrap();
        assert!(said > node["evidence"][0][0].as_u64().unwrap() && said <= node["evidence"][0][1].as_u64().unwrap());
    }
    assert_eq!(talk.get(&format!("{board}/layout?scene=none")).await.status, StatusCode::NOT_FOUND);

    let difference = talk.get(&format!("{board}/difference?from=1&to=2")).await.body;
    assert!(difference["edit"].to_string().contains("Mine"), "{difference}");
    let restored = talk.change(Method::POST, &format!("{board}/restore"), "\"3\"", json!({ "version": 1 })).await;
    assert_eq!(restored.etag(), "\"4\"");
    assert_eq!(talk.get(&format!("{board}/content")).await.body, content);
    // The edit between two versions makes the later of the earlier; the inverse of an edit takes it back.
    let forward = talk.change(Method::PATCH, &board, "\"4\"", difference["edit"].clone()).await;
    assert_eq!(forward.status, StatusCode::OK, "{}", forward.body);
    assert_eq!(forward.body["revision"], edited.body["revision"]);
    let back = talk.change(Method::PATCH, &board, "\"5\"", edited.body["inverse"].clone()).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    assert_eq!(talk.get(&format!("{board}/content")).await.body, content);
    talk.world.verify(talk.ada.tenant);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_while_it_is_outlined_is_not_lost() {
    let talk = Talk::new().await;
    let board = talk.storyboard().await;
    let content = talk.get(&format!("{board}/content")).await.body;
    talk.world.engine.next(&[Act::Hold]);
    let job = talk.order(&format!("{board}/outline"), json!({})).await;
    talk.world.engine.until_holding();
    let (scene, node) = (&content["scenes"][0]["id"], &content["scenes"][0]["nodes"][0]["id"]);
    let op = json!({ "op": "set_label", "scene": scene, "element": node, "label": "Meanwhile" });
    assert_eq!(talk.change(Method::PATCH, &board, "\"1\"", op).await.status, StatusCode::OK);
    // The engine has read its inputs before the edit.
    talk.world.engine.let_go();
    talk.world.until_next_attempt(&talk.ada, &job, 1);
    assert_eq!(talk.world.finish(&talk.ada, &job).state.kind(), StateKind::Done);
    let now = talk.get(&format!("{board}/content")).await.body;
    assert!(now.to_string().contains("Meanwhile"), "{now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_keep_the_times_of_words() {
    let talk = Talk::new().await;
    let video = talk.video().await;
    let listed = talk.get("/v1/transcripts").await.body;
    let path = format!("/v1/transcripts/{}", listed["items"][0]["id"].as_str().unwrap());
    let before = talk.get(&format!("{path}/content")).await.body;
    let correction = json!({ "words": [
        { "word": 0, "text": "Firstly", "speaker": "Anna" }, { "word": 5, "speaker": "Ben" }] });
    let corrected = talk.change(Method::PATCH, &path, "\"1\"", correction).await;
    assert_eq!((corrected.status, corrected.etag().as_str()), (StatusCode::OK, "\"2\""), "{}", corrected.body);
    let renamed = json!({ "speakers": [{ "from": "Anna", "to": "Annie" }] });
    assert_eq!(talk.change(Method::PATCH, &path, "\"2\"", renamed).await.status, StatusCode::OK);
    let now = talk.get(&format!("{path}/content")).await.body;
    assert_eq!((&now["words"][0]["text"], &now["speakers"]), (&json!("Firstly"), &json!(["Annie", "Ben"])));
    let times = |words: &Value| {
        let words = words["words"].as_array().unwrap();
        words.iter().map(|word| (word["start_ms"].clone(), word["end_ms"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(times(&now), times(&before));
    assert_eq!(talk.get(&format!("{path}/content?version=1")).await.body, before);
    for (bad, code) in [
        (json!({ "words": [{ "word": 100_000, "text": "x" }] }), "invalid"),
        (json!({ "words": [{ "word": 0, "text": "two words" }] }), "invalid"),
        (json!({ "speakers": [{ "from": "Nobody", "to": "x" }] }), "invalid"),
    ] {
        assert_eq!(talk.change(Method::PATCH, &path, "\"3\"", bad.clone()).await.code(), code, "{bad}");
    }
    // A storyboard is rendered with the corrected words, for their numbers are the same.
    let board = video["storyboard"].as_str().unwrap();
    let again = talk.done(&format!("/v1/storyboards/{board}/videos"), json!({})).await;
    let again = talk.get(&format!("/v1/videos/{again}")).await.body;
    assert_eq!((&again["transcript_version"], &again["storyboard_version"]), (&json!(3), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_corrected_in_the_storyboard_is_corrected_in_the_transcript() {
    let talk = Talk::new().await;
    let board = talk.storyboard().await;
    let op = json!({ "op": "correct_word", "word": 2, "text": "client" });
    let edited = talk.change(Method::PATCH, &board, "\"1\"", op).await;
    assert_eq!((edited.status, &edited.body["transcript_version"]), (StatusCode::OK, &json!(2)), "{}", edited.body);
    let purge = json!({ "op": "redact", "first": 0, "last": 1, "purge": true });
    assert_eq!(talk.change(Method::PATCH, &board, "\"2\"", purge).await.code(), "invalid");
    let redact = json!({ "op": "redact", "first": 0, "last": 1 });
    assert_eq!(talk.change(Method::PATCH, &board, "\"2\"", redact).await.body["transcript_version"], 3);
    let listed = talk.get("/v1/transcripts").await.body;
    let path = format!("/v1/transcripts/{}/content", listed["items"][0]["id"].as_str().unwrap());
    let words = talk.get(&path).await.body;
    assert_eq!((&words["words"][2]["text"], &words["words"][0]["redacted"]), (&json!("client"), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_bounds_what_can_be_ordered() {
    let talk = Talk::new().await;
    let path = format!("/v1/recordings/{}/videos", talk.recording);
    for (body, status, code) in [
        (json!({ "look": { "width": 3840, "height": 2160 } }), 403, "limit_reached"),
        (json!({ "look": { "width": 1281, "height": 720 } }), 422, "invalid"),
        (json!({ "look": { "theme": "pink" } }), 422, "invalid"),
        (json!({ "hearing": { "model": "../../etc/passwd" } }), 422, "invalid"),
        (json!({ "look": { "container": "avi" } }), 422, "invalid"),
    ] {
        let refused = talk.post(&path, body.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (status, code), "{body}");
    }
    assert_eq!(talk.world.engine.attempts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_with_the_right_to_see_and_with_the_appliance() {
    let talk = Talk::new().await;
    let tenant = talk.world.tenant_of(&talk.ada);
    let (eve, bob) =
        (talk.world.person(&tenant, "eve", Level::Viewer), talk.world.person(&tenant, "bob", Level::Viewer));
    talk.world.engine.next(&[Act::Hold]);
    let job = talk.order(&format!("/v1/recordings/{}/videos", talk.recording), json!({})).await;
    talk.world.engine.until_holding();
    let (mut eves, mut bobs) = (talk.world.watch(&eve, &job, &[]).await, talk.world.watch(&bob, &job, &[]).await);
    // First how it stands, then how far it is.
    while eves.until("progress").await["stage"] != "transcribe" {}
    bobs.until("progress").await;
    let path = format!("/v1/members/{}", eve.id);
    let removed = talk.change(Method::DELETE, &path, "*", Value::Null).await;
    assert!(removed.status.is_success(), "{}", removed.body);
    assert_eq!(eves.until("closed").await["reason"], "denied");
    assert!(eves.is_over().await);
    // A stranger learns nothing.
    let other = talk.world.person(&talk.world.tenant("other"), "mallory", Level::Owner);
    assert_eq!(talk.world.watch(&other, &job, &[]).await.status, StatusCode::NOT_FOUND);

    talk.world.services.drain();
    assert_eq!(bobs.until("closed").await["reason"], "restart");
    assert!(bobs.is_over().await);
    talk.world.engine.let_go();
    talk.world.finish(&talk.ada, &job);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_told_what_is_new() {
    let talk = Talk::new().await;
    let job = talk.order(&format!("/v1/recordings/{}/videos", talk.recording), json!({})).await;
    let done = talk.world.finish(&talk.ada, &job);
    let mut watched = talk.world.watch(&talk.ada, &job, &[]).await;
    assert_eq!(watched.until("end").await["result"], json!(done.result.unwrap().to_string()));
    let last = format!("{}.done.{}.{}", done.attempts, done.progress.stage, done.progress.permille);
    let again = talk.world.watch(&talk.ada, &job, &[("last-event-id", &last)]).await;
    assert_eq!(again.status, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_loses_nothing_and_does_nothing_twice() {
    let talk = Talk::new().await;
    talk.world.engine.next(&[Act::Hold]);
    let job = talk.order(&format!("/v1/recordings/{}/videos", talk.recording), json!({})).await;
    talk.world.engine.until_holding();
    let Talk { world, ada, recording } = talk;
    let world = world.restart();
    world.engine.open();
    let talk = Talk { world, ada, recording };
    let done = talk.world.finish(&talk.ada, &job);
    assert_eq!((done.state.kind(), done.attempts), (StateKind::Done, 2));
    assert_eq!(talk.get("/v1/videos").await.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_goes_with_its_recording() {
    let talk = Talk::new().await;
    let video = talk.video().await;
    let path = format!("/v1/recordings/{}", talk.recording);
    talk.change(Method::POST, &format!("{path}/trash"), "*", Value::Null).await;
    let refused = talk.post(&format!("{path}/videos"), json!({})).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "conflict"));
    assert_eq!(talk.change(Method::DELETE, &path, "*", Value::Null).await.status, StatusCode::NO_CONTENT);
    for path in ["/v1/videos", "/v1/transcripts", "/v1/storyboards"] {
        assert_eq!(talk.get(path).await.body["items"], json!([]), "{path}");
    }
    assert_eq!(talk.get(&format!("/v1/videos/{}", video["id"].as_str().unwrap())).await.status, StatusCode::NOT_FOUND);
}
