//! A browser that is signed in to several workspaces.

use std::{collections::BTreeMap, time::Duration};

use axum::http::{Method, StatusCode, header};
use identity::session::COOKIE;
use model::Level;
use serde_json::{Value, json};
use tenancy::Tenant;

use super::{
    session::{PASSWORD, invite},
    world::{Answer, World},
};

/// What a browser keeps, and sends with each request.
#[derive(Default)]
struct Browser(BTreeMap<String, String>);

impl Browser {
    async fn ask(&mut self, world: &World, method: Method, path: &str, body: Value, more: &[(&str, &str)]) -> Answer {
        let jar: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        // A field each, as browsers send them over HTTP/2.
        let jar = jar.iter().map(|cookie| ("cookie", cookie.as_str()));
        let headers: Vec<_> = jar.chain(more.iter().copied()).collect();
        let answer = world.send_with(None, method, path, body, &headers).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
                assert!(cookie.contains(part), "{cookie}");
            }
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if cookie.contains("Max-Age=0") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    async fn get(&mut self, world: &World, path: &str) -> Answer {
        self.ask(world, Method::GET, path, Value::Null, &[]).await
    }

    async fn sign_in(&mut self, world: &World, tenant: &str) -> Answer {
        let body = json!({ "tenant": tenant, "email": "ada@example.org", "password": PASSWORD });
        self.ask(world, Method::POST, "/v1/session", body, &[]).await
    }

    async fn open(&mut self, world: &World, tenant: &Tenant, more: &[(&str, &str)]) -> Answer {
        let path = format!("/v1/me/workspaces/{}/open", tenant.id);
        self.ask(world, Method::POST, &path, Value::Null, more).await
    }

    /// Short names of the workspaces that it is told of, that in which it works with a star.
    async fn workspaces(&mut self, world: &World) -> Vec<String> {
        let answer = self.get(world, "/v1/me/workspaces").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let named = |item: &Value| {
            format!("{}{}", item["slug"].as_str().unwrap(), if item["current"] == json!(true) { "*" } else { "" })
        };
        answer.body["items"].as_array().unwrap().iter().map(named).collect()
    }
}

/// A workspace in which Ada has an account, under the same address everywhere.
async fn workspace(world: &World, name: &str) -> Tenant {
    let tenant = world.tenant(name);
    let code = invite(world, &tenant, "ada@example.org", Level::Editor);
    let accept = json!({ "tenant": name, "code": code, "name": format!("Ada of {name}"), "password": PASSWORD });
    let accepted = world.send(None, Method::POST, "/v1/invitations/accept", accept).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{}", accepted.body);
    tenant
}

#[tokio::test(flavor = "multi_thread")]
async fn one_browser_several_workspaces() {
    let world = World::new();
    let (acme, beta) = (workspace(&world, "acme").await, workspace(&world, "beta").await);
    workspace(&world, "gamma").await;
    let mut browser = Browser::default();
    assert_eq!(browser.workspaces(&world).await, [""; 0], "nobody is told of anything");

    assert_eq!(browser.sign_in(&world, "acme").await.status, StatusCode::CREATED);
    assert_eq!(browser.workspaces(&world).await, ["acme*"], "accounts of the same address elsewhere are not told of");
    assert_eq!(browser.sign_in(&world, "beta").await.status, StatusCode::CREATED);
    assert_eq!(browser.workspaces(&world).await, ["beta*", "acme"]);
    let listed = browser.get(&world, "/v1/me/workspaces").await;
    assert_eq!(listed.body["items"][1]["person"], json!("Ada of acme"));
    assert_eq!(browser.get(&world, "/v1/session").await.body["tenant"], json!(beta.id.to_string()));

    let rows = (world.rows(acme.id), world.rows(beta.id));
    let opened = browser.open(&world, &acme, &[]).await;
    assert_eq!((opened.status, &opened.body["items"][0]["slug"]), (StatusCode::OK, &json!("acme")), "{}", opened.body);
    assert_eq!(browser.get(&world, "/v1/session").await.body["tenant"], json!(acme.id.to_string()));
    assert_eq!(browser.workspaces(&world).await, ["acme*", "beta"]);
    assert_eq!(browser.open(&world, &acme, &[]).await.status, StatusCode::OK, "where one is already");
    assert_eq!(browser.0.len(), 2, "{:?}", browser.0.keys());
    assert_eq!((world.rows(acme.id), world.rows(beta.id)), rows, "nothing has changed in either");

    // Signed in once more: the session before ends, and the other workspace stays.
    let before = browser.0[COOKIE].clone();
    assert_eq!(browser.sign_in(&world, "acme").await.status, StatusCode::CREATED);
    assert_eq!(browser.workspaces(&world).await, ["acme*", "beta"]);
    let old = format!("{COOKIE}={before}");
    let gone = world.send_with(None, Method::GET, "/v1/session", Value::Null, &[("cookie", &old)]).await;
    assert_eq!(gone.code(), "unauthenticated");

    // Out of the one in which it does not work, with a row there; then out of the other.
    let rows = (world.rows(acme.id), world.rows(beta.id));
    let path = format!("/v1/me/workspaces/{}", beta.id);
    let left = browser.ask(&world, Method::DELETE, &path, Value::Null, &[]).await;
    assert_eq!(left.status, StatusCode::NO_CONTENT);
    assert_eq!((world.rows(acme.id), world.rows(beta.id)), (rows.0, rows.1 + 1));
    assert_eq!(browser.workspaces(&world).await, ["acme*"]);
    assert_eq!(browser.open(&world, &beta, &[]).await.code(), "not_found");
    assert_eq!(
        browser.ask(&world, Method::DELETE, "/v1/session", Value::Null, &[]).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(browser.0.is_empty());
    world.verify(acme.id);
    world.verify(beta.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_shows_that_is_no_session_is_nothing() {
    let world = World::new();
    let (acme, beta) = (workspace(&world, "acme").await, workspace(&world, "beta").await);
    let mut browser = Browser::default();
    browser.sign_in(&world, "acme").await;
    browser.sign_in(&world, "beta").await;
    let aside = |tenant: &Tenant| format!("{COOKIE}-{}", tenant.id);
    let of_acme = browser.0[&aside(&acme)].clone();

    // A session under the name of another workspace, a token that was made up, and a name that is none.
    let mut liar = Browser::default();
    liar.0.insert(aside(&beta), of_acme.clone());
    assert_eq!(liar.workspaces(&world).await, [""; 0]);
    assert!(liar.0.is_empty(), "what is of no use is removed");
    let mut made_up = of_acme.clone();
    made_up.replace_range(60..64, "AAAA");
    liar.0.insert(aside(&acme), made_up);
    liar.0.insert(format!("{COOKIE}-nobody"), of_acme.clone());
    assert_eq!(liar.workspaces(&world).await, [""; 0]);
    assert_eq!(liar.open(&world, &acme, &[]).await.code(), "not_found");
    assert_eq!(liar.open(&world, &beta, &[]).await.code(), "not_found");
    liar.0.insert(aside(&acme), of_acme);
    assert_eq!(liar.workspaces(&world).await, ["acme"], "a session that is kept is not one in which it works");
    assert_eq!(liar.get(&world, "/v1/session").await.code(), "unauthenticated");

    // Another site's page goes nowhere with the browser's cookies.
    let foreign = browser.open(&world, &acme, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(foreign.code(), "cross_site");
    let path = format!("/v1/me/workspaces/{}", acme.id);
    let foreign = browser.ask(&world, Method::DELETE, &path, Value::Null, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(foreign.code(), "cross_site");
    assert_eq!(browser.workspaces(&world).await, ["beta*", "acme"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_workspace_changes_nothing() {
    let world = World::new();
    let (acme, beta) = (workspace(&world, "acme").await, workspace(&world, "beta").await);
    let mut browser = Browser::default();
    browser.sign_in(&world, "acme").await;
    browser.sign_in(&world, "beta").await;
    let new = json!({ "title": "Where?" });
    let (in_acme, in_beta) = (acme.id.to_string(), beta.id.to_string());
    let shown = [("audiagram-workspace", in_acme.as_str())];
    let refused = browser.ask(&world, Method::POST, "/v1/projects", new.clone(), &shown).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "other_workspace"));
    let read = browser.ask(&world, Method::GET, "/v1/projects", Value::Null, &shown).await;
    assert_eq!(read.code(), "other_workspace", "nor does it show what is of the other");
    let shown = [("audiagram-workspace", in_beta.as_str())];
    let made = browser.ask(&world, Method::POST, "/v1/projects", new, &shown).await;
    assert!(made.status.is_success(), "{}", made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_kept_end_as_others_do() {
    let world = World::new();
    workspace(&world, "acme").await;
    workspace(&world, "beta").await;
    let mut browser = Browser::default();
    browser.sign_in(&world, "acme").await;
    browser.sign_in(&world, "beta").await;
    for _ in 0..2 {
        world.clock.advance(Duration::from_secs(20 * 60));
        // To look is no use: what one works in goes on, what is kept does not.
        browser.workspaces(&world).await;
        assert_eq!(browser.get(&world, "/v1/session").await.status, StatusCode::OK);
    }
    assert_eq!(browser.workspaces(&world).await, ["beta*"]);
    assert_eq!(browser.0.len(), 1, "the cookie of what is over is removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_holds_only_so_many() {
    let world = World::new();
    let mut browser = Browser::default();
    for number in 0..9 {
        let name = format!("team-{number}");
        workspace(&world, &name).await;
        assert_eq!(browser.sign_in(&world, &name).await.status, StatusCode::CREATED, "{name}");
    }
    workspace(&world, "one-more").await;
    let refused = browser.sign_in(&world, "one-more").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "conflict"));
    assert!(refused.body["detail"].as_str().unwrap().contains("sign out of one"), "{}", refused.body);
    assert_eq!(browser.workspaces(&world).await.len(), 9);
    assert_eq!(browser.sign_in(&world, "team-3").await.status, StatusCode::CREATED, "in one of them again");
    assert_eq!(browser.workspaces(&world).await[0], "team-3*");
}
