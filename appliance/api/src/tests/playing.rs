//! Scenes in another order, and as another kind.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::{
    uploads::project,
    world::{Answer, Person, World},
};

struct Talk {
    world: World,
    ada: Person,
    path: String,
}

impl Talk {
    async fn new() -> Self {
        let world = World::new();
        let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
        let project = project(&world, &ada, "Talks").await;
        let recording = world.upload(&ada, &project, "talk.m4a", b"what was said").await;
        let path = format!("/v1/storyboards/{}", world.made_of(&ada, &recording).storyboard);
        Talk { world, ada, path }
    }

    async fn get(&self, rest: &str) -> Answer {
        self.world.send(Some(&self.ada), Method::GET, &format!("{}{rest}", self.path), Value::Null).await
    }

    async fn edit(&self, op: Value) -> Answer {
        self.world.send_with(Some(&self.ada), Method::PATCH, &self.path, op, &[("if-match", "*")]).await
    }

    /// Splits the only scene, so that there are two.
    async fn two_scenes(&self) -> [String; 2] {
        let content = self.get("/content").await.body;
        let scene = &content["scenes"][0];
        let (first, last) = (scene["words"][0].as_u64().unwrap(), scene["words"][1].as_u64().unwrap());
        let op = json!({ "op": "split_scene", "scene": scene["id"], "word": first + (last - first).div_ceil(2) });
        let split = self.edit(op).await;
        assert_eq!(split.status, StatusCode::OK, "{}", split.body);
        let content = self.get("/content").await.body;
        [0, 1].map(|at| content["scenes"][at]["id"].as_str().unwrap().to_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sound_of_a_scene_goes_with_it() {
    let talk = Talk::new().await;
    let [one, two] = talk.two_scenes().await;
    assert_eq!(talk.get("/playing").await.body["stretches"], json!([]), "as it was spoken");
    let before = talk.get("/content").await.body;
    let moved = talk.edit(json!({ "op": "move_scene", "scene": two, "before": one })).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.body);

    let content = talk.get("/content").await.body;
    assert_eq!(content["order"], json!([two, one]));
    assert_eq!(content["scenes"][0]["words"], before["scenes"][0]["words"], "words keep their ids");
    let playing = talk.get("/playing").await.body;
    let stretches = playing["stretches"].as_array().unwrap();
    assert_eq!((&stretches[0]["scene"], &stretches[1]["scene"]), (&json!(two), &json!(one)));
    assert_eq!((&stretches[0]["at_ms"], &stretches[1]["from_ms"]), (&json!(0), &json!(0)));
    let length = |at: usize| stretches[at]["to_ms"].as_u64().unwrap() - stretches[at]["from_ms"].as_u64().unwrap();
    assert_eq!(stretches[1]["at_ms"], json!(length(0)));
    assert_eq!(stretches[1]["to_ms"], stretches[0]["from_ms"]);
    assert_eq!(talk.get("/playing?version=2").await.body["stretches"], json!([]), "the version before");

    // A frame of the film, and files of it, are of that order; a page gets no voice that is in another.
    assert_eq!(talk.get("/frame?at_ms=0&side=240").await.status, StatusCode::OK);
    assert_eq!(talk.get("/export?form=pdf").await.status, StatusCode::OK);
    let voiced = talk.get("/export?form=html").await;
    assert_eq!((voiced.status, &voiced.body["errors"][0]["at"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("sound")));
    assert_eq!(talk.get("/export?form=html&sound=false").await.status, StatusCode::OK);

    let apart = talk.edit(json!({ "op": "merge_scenes", "first": one, "second": two })).await;
    assert_eq!(apart.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(apart.body["detail"].as_str().unwrap().contains("is not played right after"), "{}", apart.body);
    let back = talk.edit(moved.body["inverse"].clone()).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    assert_eq!(talk.get("/content").await.body, before);
    talk.world.verify(talk.ada.tenant);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_kind_is_shown_before_it_is_chosen() {
    let talk = Talk::new().await;
    let before = talk.get("/content").await.body;
    let scene = before["scenes"][0]["id"].as_str().unwrap();
    let now = talk.get(&format!("/layout?scene={scene}")).await.body;
    let kind = &before["scenes"][0]["kind"];
    for other in ["timeline", "mindmap", "swimlane", "cycle", "steps", "flow"].iter().filter(|other| kind != **other) {
        let shown = talk.get(&format!("/layout?scene={scene}&kind={other}")).await;
        assert_eq!(shown.status, StatusCode::OK, "{other}: {}", shown.body);
        assert!(!shown.body["nodes"].as_array().unwrap().is_empty(), "{other}: {}", shown.body);
    }
    let mindmap = talk.get(&format!("/layout?scene={scene}&kind=mindmap")).await.body;
    assert_ne!(mindmap["nodes"], now["nodes"]);
    let same = talk.get(&format!("/layout?scene={scene}&kind={}", kind.as_str().unwrap())).await.body;
    assert_eq!(same, now);
    assert_eq!(talk.get(&format!("/layout?scene={scene}&kind=poem")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(talk.get("/content").await.body, before, "nothing has changed");

    // It is what the scene looks like once the kind is chosen.
    let chosen = talk.edit(json!({ "op": "set_kind", "scene": scene, "kind": "mindmap" })).await;
    assert_eq!(chosen.status, StatusCode::OK, "{}", chosen.body);
    assert_eq!(talk.get(&format!("/layout?scene={scene}")).await.body["nodes"], mindmap["nodes"]);
}
