//! Links that show a thing without an account.

use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{Level, Outcome, Timestamp};
use serde_json::{Value, json};
use tenancy::State;

use super::world::{Answer, Person, World};

const ANY: &[(&str, &str)] = &[("if-match", "*")];

struct Linked {
    world: World,
    tenant: tenancy::Tenant,
    mia: Person,
    project: String,
    video: String,
}

impl Linked {
    async fn new() -> Self {
        let world = World::new();
        let tenant = world.tenant("acme");
        let mia = world.person(&tenant, "mia", Level::Manager);
        let made = world.send(Some(&mia), Method::POST, "/v1/projects", json!({ "title": "Orders" })).await;
        let project = made.body["id"].as_str().unwrap().to_owned();
        let recording = world.upload(&mia, &project, "talk.m4a", b"some bytes").await;
        let video = world.made_of(&mia, &recording).video;
        Linked { world, tenant, mia, project, video }
    }

    async fn make(&self, body: Value) -> Answer {
        let path = format!("/v1/subjects/{}/view-links", self.video);
        self.world.send(Some(&self.mia), Method::POST, &path, body).await
    }

    async fn token(&self, body: Value) -> String {
        let made = self.make(body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        made.body["token"].as_str().unwrap().to_owned()
    }

    async fn view(&self, token: &str, password: Option<&str>) -> Answer {
        let basic = password.map(|password| format!("Basic {}", STANDARD.encode(format!("anyone:{password}"))));
        let headers: Vec<_> = basic.iter().map(|basic| ("authorization", basic.as_str())).collect();
        self.world.send_with(None, Method::GET, &format!("/v1/view/{token}"), Value::Null, &headers).await
    }

    async fn shows(&self, token: &str) -> bool {
        let answer = self.view(token, None).await;
        if answer.status == StatusCode::OK {
            return true;
        }
        // Whatever is wrong, the answer is the same.
        let mut body = answer.body.clone();
        body.as_object_mut().unwrap().remove("instance");
        let expected = json!({
            "type": "urn:audiagram:problem:not_found", "title": "There is no such thing", "status": 404, "code": "not_found",
        });
        assert_eq!((answer.status, body), (StatusCode::NOT_FOUND, expected));
        false
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_one_thing_until_it_ends() {
    let linked = Linked::new().await;
    let made = linked.make(json!({ "note": "Board", "max_views": 2 })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let token = made.body["token"].as_str().unwrap();
    let rows = linked.world.rows(linked.tenant.id);
    let shown = linked.view(token, None).await;
    assert_eq!(shown.body["views_left"].as_u64(), Some(1), "{}", shown.body);
    assert_eq!(linked.world.rows(linked.tenant.id), rows + 1, "each view is a row");
    let row = linked.world.last_row(linked.tenant.id);
    assert_eq!((row.action.code(), row.address.as_deref()), ("task:link.view", Some("127.0.0.1")));
    assert!(linked.shows(token).await);
    assert!(!linked.shows(token).await, "its views are used up");
    let path = format!("/v1/subjects/{}/view-links", linked.video);
    let listed = linked.world.send(Some(&linked.mia), Method::GET, &path, Value::Null).await;
    let item = &listed.body["items"][0];
    assert_eq!((item["views"].as_u64(), item["note"].as_str()), (Some(2), Some("Board")));
    assert!(item["last_used"].is_string() && item.get("token").is_none());
    assert!(!listed.body.to_string().contains(&token[50..]), "the secret is shown once");

    // Wrong in one letter, cut, of nobody.
    let good = linked.token(json!({})).await;
    let wrong = format!("{}{}", &good[..60], if &good[60..61] == "A" { "B" } else { "A" }) + &good[61..];
    for bad in [wrong.as_str(), &good[..85], "x", &"A".repeat(86)] {
        assert!(!linked.shows(bad).await, "{bad}");
    }
    // Revoked.
    let other = linked.make(json!({})).await;
    let revoke = format!("/v1/view-links/{}", other.body["id"].as_str().unwrap());
    let revoked = linked.world.send(Some(&linked.mia), Method::DELETE, &revoke, Value::Null).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert!(!linked.shows(other.body["token"].as_str().unwrap()).await);
    // What lies in the trash.
    let project = format!("/v1/projects/{}", linked.project);
    assert!(linked.shows(&good).await);
    let project_link = format!("/v1/subjects/{}/view-links", linked.project);
    let refused = linked.world.send(Some(&linked.mia), Method::POST, &project_link, json!({})).await;
    assert_eq!(refused.code(), "invalid", "links show videos");
    let trashed =
        linked.world.send_with(Some(&linked.mia), Method::PATCH, &project, json!({ "trashed": true }), ANY).await;
    assert_eq!(trashed.status, StatusCode::OK);
    assert!(!linked.shows(&good).await, "it lies in the trash");
    linked.world.verify(linked.tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_end_by_time_and_with_the_tenant() {
    let linked = Linked::new().await;
    let week = linked.token(json!({})).await;
    let year = linked.token(json!({ "expires": "2028-01-01T00:00:00Z" })).await;
    for expires in ["2020-01-01T00:00:00Z", "2029-01-01T00:00:00Z", "soon"] {
        assert_eq!(linked.make(json!({ "expires": expires })).await.code(), "invalid", "{expires}");
    }
    assert_eq!(linked.make(json!({ "max_views": 0 })).await.code(), "invalid");
    assert_eq!(linked.make(json!({ "password": "12345678" })).await.code(), "invalid");
    linked.world.clock.set(Timestamp::from_millis(1_800_000_000_000 + 8 * 86_400_000));
    assert!(!linked.shows(&week).await, "seven days without a word");
    assert!(linked.shows(&year).await);
    let services = &linked.world.services;
    let event = store::EventDraft::system(model::SystemTask::TenantLife, linked.tenant.id.erase());
    let state = tenancy::Tenant { state: State::Suspended, ..linked.tenant.clone() };
    services.store.system().write::<_, store::WriteError>(event, |tx| tx.put(&state)).unwrap();
    assert!(!linked.shows(&year).await, "the tenant is suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_of_links_are_throttled_and_wrong_ones_are_written_down() {
    let linked = Linked::new().await;
    let token = linked.token(json!({ "password": "voltmeter sieve" })).await;
    let asked = linked.view(&token, None).await;
    assert_eq!((asked.status, asked.code()), (StatusCode::UNAUTHORIZED, "link_password"));
    assert!(asked.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    let right = linked.view(&token, Some("voltmeter sieve")).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.body);
    let rows = linked.world.rows(linked.tenant.id);
    for _ in 0..9 {
        assert_eq!(linked.view(&token, Some("voltmeter sift")).await.code(), "link_password");
    }
    assert_eq!(linked.world.rows(linked.tenant.id), rows + 9);
    assert_eq!(linked.world.last_row(linked.tenant.id).outcome, Outcome::Denied);
    let throttled = linked.view(&token, Some("voltmeter sieve")).await;
    assert_eq!(throttled.code(), "rate_limited");
    assert!(throttled.headers.contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_ask_for_ever() {
    let linked = Linked::new().await;
    let mut refused = None;
    for number in 0..200 {
        if linked.view("nonsense", None).await.code() == "rate_limited" {
            refused = Some(number);
            break;
        }
    }
    assert_eq!(refused, Some(120));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_origins_that_a_link_names_hold_the_page_of_its_video_in_a_frame() {
    let linked = Linked::new().await;
    let framed = linked.token(json!({ "origins": ["https://wiki.example.com", "http://intranet:8080"] })).await;
    assert_eq!(
        linked.world.last_row(linked.tenant.id).detail.get("frames").map(String::as_str),
        Some("https://wiki.example.com http://intranet:8080")
    );
    let plain = linked.token(json!({})).await;
    for origins in
        [json!(["*"]), json!(["https://a; script-src *"]), json!(["https://a/"]), json!(vec!["https://a"; 11])]
    {
        let refused = linked.make(json!({ "origins": origins })).await;
        assert!(refused.status.is_client_error(), "{}", refused.body);
    }
    let page = async |path: &str| {
        let headers = [("accept", "text/html")];
        let answer = linked.world.send_with(None, Method::GET, path, Value::Null, &headers).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
        let found = policy.split("; ").find(|part| part.starts_with("frame-ancestors")).unwrap().to_owned();
        (found, answer.headers.contains_key("x-frame-options"))
    };
    let nobody = ("frame-ancestors 'none'".to_owned(), true);
    for path in
        [format!("/watch/{plain}"), format!("/shown/{framed}"), format!("/watch/{framed}/x"), "/watch/x".to_owned()]
    {
        assert_eq!(page(&path).await, nobody, "{path}");
    }
    let home = linked.world.send_with(None, Method::GET, "/", Value::Null, &[]).await;
    if home.headers["content-type"].to_str().unwrap().starts_with("text/html") {
        let named = ("frame-ancestors https://wiki.example.com http://intranet:8080".to_owned(), false);
        assert_eq!(page(&format!("/watch/{framed}")).await, named);
    }
    linked.world.clock.set(Timestamp::from_millis(1_800_000_000_000 + 8 * 86_400_000));
    assert_eq!(page(&format!("/watch/{framed}")).await, nobody, "it has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_gives_a_pass_for_the_files() {
    let linked = Linked::new().await;
    let token = linked.token(json!({ "max_views": 1, "password": "voltmeter sieve" })).await;
    let shown = linked.view(&token, Some("voltmeter sieve")).await;
    let pass = shown.body["pass"].as_str().unwrap_or_else(|| panic!("{}", shown.body)).to_owned();
    let file = async |token: &str, name: &str, range: Option<&str>| {
        let headers: Vec<_> = range.iter().map(|range| ("range", *range)).collect();
        linked
            .world
            .send_with(None, Method::GET, &format!("/v1/view/{token}/files/{name}"), Value::Null, &headers)
            .await
    };
    let rows = linked.world.rows(linked.tenant.id);
    let whole = file(&pass, "mp4", None).await;
    assert_eq!(whole.status, StatusCode::OK);
    assert_eq!(whole.headers["content-type"], "video/mp4");
    assert_eq!(file(&pass, "mp4", Some("bytes=1-2")).await.bytes, whole.bytes[1..3]);
    assert_eq!(linked.world.rows(linked.tenant.id), rows, "the view was written down already");
    assert_eq!(file(&token, "mp4", None).await.code(), "not_found", "the token itself opens no files");
    assert_eq!(linked.view(&pass, None).await.code(), "not_found", "and the pass no page");
    assert_eq!(file(&pass, "exe", None).await.code(), "not_found");
    linked.world.clock.set(Timestamp::from_millis(1_800_000_000_000 + 7 * 3_600_000));
    assert_eq!(file(&pass, "mp4", None).await.code(), "not_found", "a pass is good for six hours");
}
