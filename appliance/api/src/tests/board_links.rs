//! Links that show one dashboard without an account, and nothing else.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{Level, Timestamp};
use serde_json::{Value, json};

use super::world::{Answer, Person, World};

const ANY: &[(&str, &str)] = &[("if-match", "*")];
const END: &str = "2027-02-01T00:00:00Z";

struct Shared {
    world: World,
    tenant: tenancy::Tenant,
    ada: Person,
    mia: Person,
    board: String,
}

fn event(id: &str, meter: &str, quantity: i64) -> Value {
    let data = json!({ "quantity": quantity });
    json!({ "specversion": "1.0", "id": id, "source": "crm", "type": meter, "time": "2027-01-14T10:00:00Z", "data": data })
}

fn document(sql: &str) -> Value {
    let value = |id: &str, x: u8, sql: &str| {
        json!({ "id": id, "x": x, "y": 0, "w": 4, "h": 4, "chart": { "type": "table", "title": id, "query": { "sql": sql } },
                "link": { "dashboard": "usage" }, "select": { "column": "meter", "variable": "meter" } })
    };
    json!({
        "title": "Mails", "range": "7d",
        "tiles": [value("mails", 0, sql), value("trail", 4, "SELECT count(*) AS n FROM audit")],
        "variables": [
            { "name": "meter", "title": "Meter", "query": "SELECT DISTINCT meter FROM usage ORDER BY meter" },
            { "name": "secret", "title": "Secret", "query": "SELECT title FROM projects" },
        ],
    })
}

const BY_METER: &str = "SELECT meter, sum(quantity) AS n FROM usage \
    WHERE at >= $from AND at < $to AND ($meter IS NULL OR meter = $meter) AND ($secret IS NULL OR project_id = $secret) \
    GROUP BY meter ORDER BY meter";

impl Shared {
    /// A manager, who may share and does not see the trail, and an owner.
    async fn new() -> Self {
        let world = World::new();
        let tenant = world.tenant("acme");
        let ada = world.person(&tenant, "ada", Level::Owner);
        let mia = world.person(&tenant, "mia", Level::Manager);
        let events = json!([event("1", "calls", 3), event("2", "mails", 5)]);
        let sent = world.send(Some(&ada), Method::POST, "/v1/usage/events", events).await;
        assert_eq!(sent.body["accepted"], 2, "{}", sent.body);
        let made = world.send(Some(&ada), Method::POST, "/v1/dashboards", document(BY_METER)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let board = made.body["id"].as_str().unwrap().to_owned();
        Shared { world, tenant, ada, mia, board }
    }

    async fn make(&self, who: &Person, body: Value) -> Answer {
        let path = format!("/v1/subjects/{}/view-links", self.board);
        self.world.send(Some(who), Method::POST, &path, body).await
    }

    async fn token(&self, who: &Person, mut body: Value) -> String {
        body["expires"] = json!(END);
        let made = self.make(who, body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        made.body["token"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str) -> Answer {
        self.world.send(None, Method::GET, path, Value::Null).await
    }

    async fn look(&self, token: &str) -> Answer {
        self.get(&format!("/v1/view/{token}/dashboard")).await
    }

    async fn pass(&self, token: &str) -> String {
        let shown = self.look(token).await;
        shown.body["pass"].as_str().unwrap_or_else(|| panic!("{}", shown.body)).to_owned()
    }

    async fn rows(&self, pass: &str, query: &str) -> Value {
        let shown = self.get(&format!("/v1/view/{pass}/tiles/mails{query}")).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
        shown.body["table"]["rows"].clone()
    }

    /// Whatever is wrong, the answer is the same.
    async fn gone(&self, path: &str) {
        let answer = self.get(path).await;
        let mut body = answer.body.clone();
        body.as_object_mut().unwrap().remove("instance");
        let expected = json!({
            "type": "urn:audiagram:problem:not_found", "title": "There is no such thing", "status": 404, "code": "not_found",
        });
        assert_eq!((answer.status, body), (StatusCode::NOT_FOUND, expected), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_the_charts_of_one_dashboard_and_nothing_else() {
    let shared = Shared::new().await;
    let token = shared.token(&shared.ada, json!({})).await;
    let rows = shared.world.rows(shared.tenant.id);
    let shown = shared.look(&token).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    assert_eq!(shared.world.rows(shared.tenant.id), rows + 1, "a look is a row");
    assert_eq!(shared.world.last_row(shared.tenant.id).action.code(), "task:link.view");
    // No queries, nothing to choose, no way to others.
    let text = shown.body.to_string();
    for hidden in ["SELECT", "audit", "secret", "\"link\"", "\"select\"", "owner", "usr_"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let pass = shown.body["pass"].as_str().unwrap();
    assert_eq!(shared.rows(pass, "").await, json!([["calls", 3], ["mails", 5]]));
    assert_eq!(shared.world.rows(shared.tenant.id), rows + 1, "its charts are none");
    // What is not left free stays, and what is chosen is never SQL.
    assert_eq!(shared.rows(pass, "?range=24h").await, json!([["calls", 3], ["mails", 5]]), "the range is fixed");
    let chosen = "?variables=%7B%22meter%22%3A%22mails%22%7D";
    assert_eq!(shared.rows(pass, chosen).await, json!([["calls", 3], ["mails", 5]]));
    shared.gone(&format!("/v1/view/{pass}/variables/meter")).await;
    for query in ["sql=SELECT%201", "query=SELECT%201"] {
        let refused = shared.get(&format!("/v1/view/{pass}/tiles/mails?{query}")).await;
        assert_eq!(refused.code(), "invalid", "{}", refused.body);
    }
    // The token opens no chart, the pass no page, neither of them anything else.
    shared.gone(&format!("/v1/view/{token}/tiles/mails")).await;
    shared.gone(&format!("/v1/view/{pass}/dashboard")).await;
    shared.gone(&format!("/v1/view/{token}")).await;
    shared.gone(&format!("/v1/view/{pass}/files/mp4")).await;
    shared.gone(&format!("/v1/view/{pass}/tiles/nothing")).await;
    for secret in [token.as_str(), pass] {
        let bearer = format!("Bearer {secret}");
        let basic = format!("Basic {}", STANDARD.encode(format!("x:{secret}")));
        for value in [&bearer, &basic] {
            for path in ["/v1/dashboards", "/v1/projects", "/v1/members", &format!("/v1/dashboards/{}", shared.board)] {
                let headers = [("authorization", value.as_str())];
                let answer = shared.world.send_with(None, Method::GET, path, Value::Null, &headers).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            }
        }
    }
    let more = shared.world.send(Some(&shared.ada), Method::POST, "/v1/dashboards", document("SELECT 1 AS n")).await;
    let more = more.body["id"].as_str().unwrap();
    shared.gone(&format!("/v1/view/{pass}/dashboards/{more}")).await;
    shared.world.verify(shared.tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_free_can_be_chosen() {
    let shared = Shared::new().await;
    let free = json!({ "dashboard": { "free": ["meter"], "free_range": true, "variables": { "meter": "calls" } } });
    let token = shared.token(&shared.ada, free).await;
    let shown = shared.look(&token).await;
    let variables = shown.body["board"]["variables"].as_array().unwrap();
    assert_eq!((variables.len(), &variables[0]["initial"]), (1, &json!("calls")), "{}", shown.body);
    let pass = shown.body["pass"].as_str().unwrap();
    assert_eq!(shared.rows(pass, "").await, json!([["calls", 3]]));
    assert_eq!(shared.rows(pass, "?variables=%7B%22meter%22%3A%22mails%22%7D").await, json!([["mails", 5]]));
    assert_eq!(shared.rows(pass, "?range=2026-01-01/2026-01-02").await, json!([]));
    let hostile = "?variables=%7B%22meter%22%3A%22x%27%20OR%201%3D1%20--%22%7D";
    assert_eq!(shared.rows(pass, hostile).await, json!([]));
    let choices = shared.get(&format!("/v1/view/{pass}/variables/meter")).await;
    assert_eq!(choices.body["choices"].as_array().unwrap().len(), 2, "{}", choices.body);
    shared.gone(&format!("/v1/view/{pass}/variables/secret")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends() {
    let mut shared = Shared::new().await;
    let board = shared.board.clone();
    for (body, at) in [
        (json!({}), "/expires"),
        (json!({ "expires": "2020-01-01T00:00:00Z" }), "/expires"),
        (json!({ "expires": END, "dashboard": { "range": "soon" } }), "/dashboard/range"),
        (json!({ "expires": END, "dashboard": { "free": ["nobody"] } }), "/dashboard/variables"),
        (json!({ "expires": END, "dashboard": { "origins": ["https://*"] } }), "/dashboard/origins"),
        (json!({ "expires": END, "dashboard": { "origins": ["https://a; script-src *"] } }), "/dashboard/origins"),
        (
            json!({ "expires": END, "dashboard": { "projects": ["prj_0000000000000000000000000a"] } }),
            "/dashboard/projects",
        ),
    ] {
        let refused = shared.make(&shared.ada, body).await;
        assert_eq!(
            (refused.code(), refused.body["errors"][0]["at"].as_str()),
            ("invalid", Some(at)),
            "{}",
            refused.body
        );
    }
    let good = shared.token(&shared.ada, json!({})).await;
    let pass = shared.pass(&good).await;
    // Changed in one letter of its secret or of the ids before it, cut, of nobody.
    for at in [0, 30, 60, 85] {
        let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
        shared.gone(&format!("/v1/view/{}{other}{}/dashboard", &good[..at], &good[at + 1..])).await;
        let other = if pass.as_bytes()[at] == b'A' { "B" } else { "A" };
        shared.gone(&format!("/v1/view/{}{other}{}/tiles/mails", &pass[..at], &pass[at + 1..])).await;
    }
    // Another tenant's ids before this secret.
    let other = shared.world.tenant("other");
    let eve = shared.world.person(&other, "eve", Level::Owner);
    let answer = shared
        .world
        .send(Some(&eve), Method::POST, &format!("/v1/subjects/{board}/view-links"), json!({ "expires": END }))
        .await;
    assert_eq!(answer.code(), "not_found");
    // Revoked, and every pass with it.
    let revoked = shared.make(&shared.ada, json!({ "expires": END })).await;
    let (id, token) = (revoked.body["id"].as_str().unwrap(), revoked.body["token"].as_str().unwrap());
    let other_pass = shared.pass(token).await;
    shared.world.send(Some(&shared.ada), Method::DELETE, &format!("/v1/view-links/{id}"), Value::Null).await;
    shared.gone(&format!("/v1/view/{token}/dashboard")).await;
    shared.gone(&format!("/v1/view/{other_pass}/tiles/mails")).await;
    // With a password.
    let locked = shared.token(&shared.ada, json!({ "password": "voltmeter sieve" })).await;
    assert_eq!(shared.look(&locked).await.code(), "link_password");
    let basic = format!("Basic {}", STANDARD.encode("anyone:voltmeter sieve"));
    let path = format!("/v1/view/{locked}/dashboard");
    let opened = shared.world.send_with(None, Method::GET, &path, Value::Null, &[("authorization", &basic)]).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
    // By its time, by its views, and with the dashboard.
    let once = shared.token(&shared.ada, json!({ "max_views": 1 })).await;
    shared.pass(&once).await;
    shared.gone(&format!("/v1/view/{once}/dashboard")).await;
    shared.world.later(&mut shared.ada, Duration::from_secs(7 * 3_600));
    shared.gone(&format!("/v1/view/{pass}/tiles/mails")).await;
    let pass = shared.pass(&good).await;
    let removed = shared
        .world
        .send_with(Some(&shared.ada), Method::DELETE, &format!("/v1/dashboards/{board}"), Value::Null, ANY)
        .await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    shared.gone(&format!("/v1/view/{good}/dashboard")).await;
    shared.gone(&format!("/v1/view/{pass}/tiles/mails")).await;
    shared.world.verify(shared.tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_has_the_rights_of_its_maker_at_the_moment() {
    let shared = Shared::new().await;
    // Who may not share, shares nothing.
    let vera = shared.world.person(&shared.tenant, "vera", Level::Viewer);
    assert_eq!(shared.make(&vera, json!({ "expires": END })).await.code(), "denied");
    let (hers, owners) = (shared.token(&shared.mia, json!({})).await, shared.token(&shared.ada, json!({})).await);
    let (pass, owners_pass) = (shared.pass(&hers).await, shared.pass(&owners).await);
    assert_eq!(shared.rows(&pass, "").await, json!([["calls", 3], ["mails", 5]]));
    // What its maker does not see, it does not show, and does not say why.
    shared.gone(&format!("/v1/view/{pass}/tiles/trail")).await;
    assert_eq!(shared.get(&format!("/v1/view/{owners_pass}/tiles/trail")).await.status, StatusCode::OK);
    // What another writes into the dashboard is not asked with the rights of who shared it.
    let path = format!("/v1/dashboards/{}", shared.board);
    let trick = document("SELECT action AS meter, count(*) AS n FROM audit GROUP BY 1");
    let changed = shared.world.send_with(Some(&shared.mia), Method::PATCH, &path, json!({ "board": trick }), ANY).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(shared.rows(&owners_pass, "").await, json!([["calls", 3], ["mails", 5]]), "as it was shared");
    shared.gone(&format!("/v1/view/{pass}/tiles/mails")).await;
    let own = document("SELECT 'own' AS meter, 1 AS n");
    shared.world.send_with(Some(&shared.ada), Method::PATCH, &path, json!({ "board": own }), ANY).await;
    assert_eq!(shared.rows(&owners_pass, "").await, json!([["own", 1]]), "what its maker changes it follows");
    // Suspended, the maker has no rights, and the link shows nothing.
    let member = format!("/v1/members/{}", shared.mia.id);
    let suspended =
        shared.world.send_with(Some(&shared.ada), Method::PATCH, &member, json!({ "suspended": true }), ANY).await;
    assert_eq!(suspended.status, StatusCode::OK, "{}", suspended.body);
    let rows = shared.world.rows(shared.tenant.id);
    shared.gone(&format!("/v1/view/{hers}/dashboard")).await;
    shared.gone(&format!("/v1/view/{pass}/tiles/mails")).await;
    assert_eq!(shared.world.rows(shared.tenant.id), rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_can_be_narrowed_to_projects() {
    let shared = Shared::new().await;
    let make = async |title: &str| {
        let made = shared.world.send(Some(&shared.ada), Method::POST, "/v1/projects", json!({ "title": title })).await;
        made.body["id"].as_str().unwrap().to_owned()
    };
    let (red, blue) = (make("Red").await, make("Blue").await);
    shared.world.heard(shared.tenant.id, "a", 20, Some(&red));
    shared.world.heard(shared.tenant.id, "b", 100, Some(&blue));
    let path = format!("/v1/dashboards/{}", shared.board);
    let mut board = document(BY_METER);
    board["tiles"][1]["chart"]["query"]["sql"] = json!("SELECT title FROM projects ORDER BY title");
    shared.world.send_with(Some(&shared.ada), Method::PATCH, &path, json!({ "board": board }), ANY).await;
    let narrow = json!({ "dashboard": { "projects": [red] } });
    let pass = shared.pass(&shared.token(&shared.ada, narrow).await).await;
    assert_eq!(shared.rows(&pass, "").await, json!([["audiagram.speech", 20]]));
    let projects = shared.get(&format!("/v1/view/{pass}/tiles/trail")).await;
    assert_eq!(projects.body["table"]["rows"], json!([["Red"]]), "what its maker owns elsewhere is left out too");
    let whole = shared.pass(&shared.token(&shared.ada, json!({})).await).await;
    assert_eq!(shared.rows(&whole, "").await, json!([["audiagram.speech", 120], ["calls", 3], ["mails", 5]]));
    // Tables that are of no project are not there.
    board["tiles"][1]["chart"]["query"]["sql"] = json!("SELECT count(*) AS n FROM users");
    shared.world.send_with(Some(&shared.ada), Method::PATCH, &path, json!({ "board": board }), ANY).await;
    shared.gone(&format!("/v1/view/{pass}/tiles/trail")).await;
    assert_eq!(shared.get(&format!("/v1/view/{whole}/tiles/trail")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_origins_that_a_link_names_hold_its_page_in_a_frame() {
    let shared = Shared::new().await;
    let framed = json!({ "dashboard": { "origins": ["https://wiki.example.com"] } });
    let made = shared.token(&shared.ada, framed).await;
    let plain = shared.token(&shared.ada, json!({})).await;
    let page = async |path: &str| {
        let headers = [("accept", "text/html")];
        let answer = shared.world.send_with(None, Method::GET, path, Value::Null, &headers).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
        let found = policy.split("; ").find(|part| part.starts_with("frame-ancestors")).unwrap().to_owned();
        (found, answer.headers.contains_key("x-frame-options"))
    };
    let nobody = ("frame-ancestors 'none'".to_owned(), true);
    assert_eq!(page(&format!("/shown/{plain}")).await, nobody);
    for path in ["/", "/shown/x", "/shown/", "/dashboards", &format!("/watch/{made}"), &format!("/shown/{made}/more")] {
        assert_eq!(page(path).await, nobody, "{path}");
    }
    if shared.get("/").await.headers["content-type"].to_str().unwrap().starts_with("text/html") {
        let named = ("frame-ancestors https://wiki.example.com".to_owned(), false);
        assert_eq!(page(&format!("/shown/{made}")).await, named);
    }
    shared.world.clock.set(Timestamp::from_millis(1_800_000_000_000 + 40 * 86_400_000));
    assert_eq!(page(&format!("/shown/{made}")).await, nobody, "it has ended");
}
