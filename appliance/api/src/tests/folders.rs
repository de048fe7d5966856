//! Folders over the API.

use axum::http::{Method, StatusCode};
use library::folder::{Folder, MAX_DEPTH, MAX_FOLDERS};
use model::{DataClass, Header, Id, Level, SystemTask, noun};
use serde_json::{Value, json};
use store::{EventDraft, Tx, WriteError};

use super::{
    uploads::project,
    world::{Answer, Person, World},
};

const ANY: &[(&str, &str)] = &[("if-match", "*")];

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

fn titles(answer: &Answer) -> Vec<&str> {
    let items = answer.body["items"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    items.iter().map(|item| item["title"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_folders() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let vic = world.person(&tenant, "vic", Level::Viewer);
    let project = project(&world, &ada, "Orders").await;
    let folders = format!("/v1/projects/{project}/folders");
    let post = async |who: &Person, body: Value| world.send(Some(who), Method::POST, &folders, body).await;
    let get = async |path: &str| world.send(Some(&vic), Method::GET, path, Value::Null).await;

    let talks = id(&post(&ada, json!({ "title": "  Talks " })).await);
    let year = id(&post(&ada, json!({ "title": "2027", "parent": talks })).await);
    let taken = post(&ada, json!({ "title": "TALKS" })).await;
    assert_eq!((taken.code(), &taken.body["errors"][0]["at"]), ("invalid", &json!("/title")));
    for bad in ["", " ", "a\nb"] {
        assert_eq!(post(&ada, json!({ "title": bad })).await.code(), "invalid", "{bad:?}");
    }
    assert_eq!(post(&vic, json!({ "title": "Mine" })).await.code(), "denied");
    assert_eq!(titles(&get(&folders).await), ["Talks", "2027"]);
    let page = get(&format!("{folders}?limit=1")).await;
    let next = page.body["next"].as_str().unwrap();
    assert_eq!(titles(&get(&format!("{folders}?limit=1&after={next}")).await), ["2027"]);

    // Recordings come into them by uploads and by moves.
    let upload = json!({ "file_name": "a.m4a", "media_type": "audio/mp4", "size": 5, "folder": year });
    let begun = world.send(Some(&ada), Method::POST, &format!("/v1/projects/{project}/uploads"), upload).await;
    let begun = world.send_bytes(&ada, &format!("/v1/uploads/{}", id(&begun)), 0, b"first").await;
    let first = begun.body["recording"].as_str().unwrap().to_owned();
    let second = world.upload(&ada, &project, "b.m4a", b"second").await;
    let listed = async |folder: &str| {
        let page = get(&format!("/v1/recordings?project={project}&folder={folder}")).await;
        titles(&page).into_iter().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        (listed(&year).await, listed(&talks).await, listed("none").await),
        (vec!["a".to_owned()], Vec::new(), vec!["b".to_owned()],)
    );
    assert_eq!(titles(&get(&format!("/v1/recordings?project={project}")).await), ["b", "a"], "all of the project");
    assert_eq!(get("/v1/recordings?folder=here").await.code(), "invalid");
    let both = json!({ "recordings": [{ "id": first }, { "id": second }], "folder": talks });
    let moving = format!("/v1/projects/{project}/recordings/move");
    let moved = world.send(Some(&ada), Method::POST, &moving, both).await;
    assert_eq!((titles(&moved), listed(&talks).await.len()), (vec!["a", "b"], 2));
    assert_eq!(get(&format!("/v1/recordings/{first}")).await.body["folder"], json!(talks));

    let path = format!("/v1/folders/{year}");
    let patch = async |body: Value, headers| world.send_with(Some(&ada), Method::PATCH, &path, body, headers).await;
    assert_eq!(patch(json!({ "title": "2028" }), &[]).await.code(), "precondition_required");
    assert_eq!(patch(json!({ "title": "2028" }), &[("if-match", "\"7\"")]).await.code(), "version_mismatch");
    let renamed = patch(json!({ "title": "2028", "parent": null }), &[("if-match", "\"1\"")]).await;
    assert_eq!((renamed.etag(), &renamed.body["title"]), ("\"2\"".to_owned(), &json!("2028")));
    assert_eq!(renamed.body["parent"], Value::Null);
    let itself = patch(json!({ "parent": year }), ANY).await;
    assert_eq!((itself.code(), &itself.body["errors"][0]["at"]), ("invalid", &json!("/parent")));

    let path = format!("/v1/folders/{talks}");
    let gone = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, ANY).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!((get(&path).await.code(), listed("none").await.len()), ("not_found", 2));
    world.verify(tenant.id);
}

/// Makes folders beside those that are there until there are as many as there may be.
fn fill(world: &World, who: &Person, project: Id<noun::Project>) {
    let event = EventDraft::system(SystemTask::TenantLife, project.erase());
    let write = |tx: &mut Tx<'_>| {
        for number in MAX_DEPTH..MAX_FOLDERS {
            let (home, owner) = (world.services.region, who.id.erase());
            let mut header = Header::new(tx.new_id(), who.tenant, home, owner, DataClass::K6, tx.now());
            header.project = Some(project);
            tx.put(&Folder { header, title: format!("More {number}"), parent: None })?;
        }
        Ok(())
    };
    world.services.store.tenant(who.tenant).unwrap().write::<_, WriteError>(event, write).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_as_deep_and_as_many_as_is_said() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let project = project(&world, &ada, "Orders").await;
    let folders = format!("/v1/projects/{project}/folders");
    let post = async |body: Value| world.send(Some(&ada), Method::POST, &folders, body).await;
    let mut parent = Value::Null;
    for depth in 0..MAX_DEPTH {
        parent = json!(id(&post(json!({ "title": format!("Depth {depth}"), "parent": parent })).await));
    }
    assert_eq!(post(json!({ "title": "Deeper", "parent": parent })).await.body["errors"][0]["at"], "/parent");
    fill(&world, &ada, project.parse().unwrap());
    assert_eq!(post(json!({ "title": "One more" })).await.code(), "quota_exceeded");
}
