//! Recordings that move to another project over the API: who may do it, and who sees what afterwards.

use axum::http::{Method, StatusCode};
use model::{Level, Outcome};
use serde_json::{Value, json};

use super::{
    uploads::project,
    world::{Answer, Person, World},
};

async fn into(world: &World, who: &Person, project: &str, body: Value) -> Answer {
    world.send(Some(who), Method::POST, &format!("/v1/projects/{project}/recordings/move"), body).await
}

async fn get(world: &World, who: &Person, path: &str) -> Answer {
    world.send(Some(who), Method::GET, path, Value::Null).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_works_in_one_project_neither_moves_out_of_it_nor_sees_what_has_left() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let (one, two) = (project(&world, &ada, "One").await, project(&world, &ada, "Two").await);
    let recording = world.upload(&ada, &one, "talk.m4a", b"some bytes").await;
    let made = world.made_of(&ada, &recording);
    world.call_off(&ada, &made.job);
    let ben = world.newcomer(&tenant, "ben");
    world.give(&ben, Some(one.parse().unwrap()), Level::Editor);
    let mia = world.newcomer(&tenant, "mia");
    world.give(&mia, Some(two.parse().unwrap()), Level::Editor);
    let comments = format!("/v1/subjects/{}/comments", made.video);
    world.send(Some(&ben), Method::POST, &comments, json!({ "text": "Good" })).await;
    let just = json!({ "recordings": [{ "id": recording }] });

    // From a project into one that they do not see, out of one that they do not see, and as who may only look.
    let rows = world.rows(tenant.id);
    let refused = into(&world, &ben, &two, just.clone()).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::NOT_FOUND, "not_found"));
    let refused = into(&world, &mia, &two, just.clone()).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::NOT_FOUND, "not_found"));
    let unknown = json!({ "recordings": [{ "id": "rec_00000000000000000000000001" }] });
    assert_eq!(into(&world, &mia, &two, unknown).await.body["detail"], refused.body["detail"], "the same as for none");
    world.give(&mia, Some(one.parse().unwrap()), Level::Viewer);
    assert_eq!(into(&world, &mia, &two, just.clone()).await.code(), "denied");
    let denied = world.rows_from(tenant.id, rows);
    assert!(denied.iter().filter(|row| row.actor.is_some()).all(|row| row.outcome == Outcome::Denied));

    let seen = [
        format!("/v1/recordings/{recording}"),
        format!("/v1/transcripts/{}", made.transcript),
        format!("/v1/storyboards/{}", made.storyboard),
        format!("/v1/videos/{}", made.video),
        format!("/v1/jobs/{}", made.job),
        comments,
    ];
    let dan = world.newcomer(&tenant, "dan");
    world.give(&dan, Some(two.parse().unwrap()), Level::Viewer);
    for path in &seen {
        assert_eq!(get(&world, &ben, path).await.status, StatusCode::OK, "{path}");
        assert_eq!(get(&world, &dan, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let found =
        async |who: &Person| get(&world, who, "/v1/search?q=talk").await.body["items"].as_array().unwrap().len();
    assert_eq!((found(&ben).await > 0, found(&dan).await), (true, 0));

    let rows = world.rows(tenant.id);
    let moved = into(&world, &ada, &two, just).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.body);
    assert_eq!(moved.body["items"][0]["project"], json!(two));
    let row = world.last_row(tenant.id);
    assert_eq!((world.rows(tenant.id), row.subject.to_string()), (rows + 1, recording.clone()));
    let detail = |name: &str| row.detail.get(name).cloned();
    assert_eq!((detail("from"), detail("to")), (Some(one.clone()), Some(two.clone())));
    for path in &seen {
        assert_eq!(get(&world, &ben, path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(get(&world, &dan, path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!((found(&ben).await, found(&dan).await > 0), (0, true));
    let listed = async |who: &Person, project: &str| {
        let page = get(&world, who, &format!("/v1/recordings?project={project}")).await;
        page.body["items"].as_array().unwrap().len()
    };
    assert_eq!((listed(&ben, &one).await, listed(&dan, &two).await), (0, 1));
    let asked = json!({ "sql": "SELECT project_id FROM videos" });
    let mia = world.person(&tenant, "max", Level::Manager);
    let answer = world.send(Some(&mia), Method::POST, "/v1/query", asked).await;
    assert!(answer.body.to_string().contains(&two), "{}", answer.body);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_on_which_jobs_work_says_so() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let (one, two) = (project(&world, &ada, "One").await, project(&world, &ada, "Two").await);
    let recording = world.upload(&ada, &one, "talk.m4a", b"some bytes").await;
    let made = world.made_of(&ada, &recording);
    let just = json!({ "recordings": [{ "id": recording }] });
    let busy = into(&world, &ada, &two, just.clone()).await;
    assert_eq!((busy.status, busy.code()), (StatusCode::CONFLICT, "busy"));
    assert!(busy.body["detail"].as_str().unwrap().contains("cancel them"), "{}", busy.body);
    world.call_off(&ada, &made.job);
    assert_eq!(into(&world, &ada, &two, just.clone()).await.status, StatusCode::OK);
    let stale = json!({ "recordings": [{ "id": recording, "version": 1 }] });
    assert_eq!(into(&world, &ada, &one, stale).await.code(), "version_mismatch");
    world.verify(tenant.id);
}
