//! Glossaries, brand kits and which of them are used, over the API.

use axum::http::{Method, StatusCode};
use library::{choice, glossary};
use model::{Id, Level, noun};
use serde_json::{Value, json};

use super::world::World;

const ANY: &[(&str, &str)] = &[("if-match", "*")];

#[tokio::test(flavor = "multi_thread")]
async fn terms_go_in_and_out_as_tables() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mia = world.person(&tenant, "mia", Level::Manager);
    let body = json!({ "name": "Products", "terms": [{ "spelling": "redb" }, { "spelling": "=SUM(A1)", "aliases": ["sum"] }] });
    let made = world.send(Some(&mia), Method::POST, "/v1/glossaries", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let path = format!("/v1/glossaries/{}", made.body["id"].as_str().unwrap());
    let table = "spelling;language;case\r\nRedb;;free\r\nKubernetes;en;exact\r\n";
    let import = json!({ "csv": table, "keep": true });
    let merged = world.send_with(Some(&mia), Method::POST, &format!("{path}/import"), import, ANY).await;
    let spellings: Vec<_> = merged.body["terms"].as_array().unwrap().iter().map(|term| &term["spelling"]).collect();
    assert_eq!(spellings, ["=SUM(A1)", "Redb", "Kubernetes"], "{}", merged.body);
    let export = world.send(Some(&mia), Method::GET, &format!("{path}/export?format=csv"), Value::Null).await;
    let export = String::from_utf8(export.bytes).unwrap();
    assert!(export.starts_with("spelling,aliases,language,case\r\n\"'=SUM(A1)\",\"sum\",\"\",exact\r\n"), "{export}");
    let json = world.send(Some(&mia), Method::GET, &format!("{path}/export"), Value::Null).await;
    let back = json!({ "csv": export, "keep": false });
    let again = world.send_with(Some(&mia), Method::POST, &format!("{path}/import"), back, ANY).await;
    assert_eq!(again.body["terms"], json.body["terms"], "out and in again is the same");
    let bad = json!({ "csv": "a\n\"b" });
    let bad = world.send_with(Some(&mia), Method::POST, &format!("{path}/import"), bad, ANY).await;
    assert_eq!((bad.code(), bad.body["errors"][0]["at"].as_str()), ("invalid", Some("/csv")), "{}", bad.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_chooses_in_place_of_the_tenant() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mia = world.person(&tenant, "mia", Level::Manager);
    let make = async |path: &str, body: Value| {
        let made = world.send(Some(&mia), Method::POST, path, body).await;
        made.body["id"].as_str().unwrap().to_owned()
    };
    let terms =
        |term: &str| json!({ "name": term, "terms": [{ "spelling": term }, { "spelling": "Bahn", "language": "de" }] });
    let (common, special) =
        (make("/v1/glossaries", terms("redb")).await, make("/v1/glossaries", terms("tantivy")).await);
    let kit = make("/v1/brand-kits", json!({ "name": "House" })).await;
    let project = make("/v1/projects", json!({ "title": "Orders" })).await;
    let id: Id<noun::Project> = project.parse().unwrap();
    let heard = |language: Option<&str>| {
        let view = world.services.store.tenant(tenant.id).unwrap().read().unwrap();
        let terms = glossary::terms(&view, tenant.id, Some(id), language).unwrap();
        terms.into_iter().map(|term| term.spelling).collect::<Vec<_>>()
    };
    assert_eq!(heard(None), Vec::<String>::new());
    let choose = async |path: &str, body: Value, tag: &str| {
        world.send_with(Some(&mia), Method::PATCH, path, body, &[("if-match", tag)]).await
    };
    let own = format!("/v1/projects/{project}/choices");
    let chosen = choose("/v1/choices", json!({ "glossary": common, "brand_kit": kit }), "\"0\"").await;
    assert_eq!((chosen.status, chosen.body["version"].as_u64()), (StatusCode::OK, Some(1)), "{}", chosen.body);
    assert_eq!(heard(Some("de-AT")), ["redb", "Bahn"]);
    assert_eq!(choose(&own, json!({ "glossary": special }), "*").await.body["glossary"], special);
    assert_eq!(heard(Some("en")), ["tantivy"]);
    let view = world.services.store.tenant(tenant.id).unwrap().read().unwrap();
    assert_eq!(choice::brand_kit(&view, tenant.id, Some(id), false).unwrap().unwrap().name, "House");
    assert_eq!(choose(&own, json!({}), "\"0\"").await.code(), "version_mismatch");
    assert_eq!(choose(&own, json!({ "glossary": kit }), "*").await.code(), "invalid");
    let unknown = special.replace(&special[20..], "0123456789");
    assert_eq!(choose(&own, json!({ "glossary": unknown }), "*").await.code(), "invalid");
    // What is gone is not used, and null takes a choice back.
    let gone =
        world.send_with(Some(&mia), Method::DELETE, &format!("/v1/glossaries/{special}"), Value::Null, ANY).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(heard(Some("en")), ["redb"]);
    assert!(choose("/v1/choices", json!({ "glossary": null }), "*").await.body.get("glossary").is_none());
    assert_eq!(heard(None), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_brand_kit_holds_everywhere() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mia = world.person(&tenant, "mia", Level::Manager);
    let make = async |path: &str, body: Value| {
        let made = world.send(Some(&mia), Method::POST, path, body).await;
        made.body["id"].as_str().unwrap().to_owned()
    };
    let house = make("/v1/brand-kits", json!({ "name": "House" })).await;
    let wild = make("/v1/brand-kits", json!({ "name": "Wild" })).await;
    let project = make("/v1/projects", json!({ "title": "Orders" })).await;
    let id: Id<noun::Project> = project.parse().unwrap();
    let choose = async |path: &str, body: Value| world.send_with(Some(&mia), Method::PATCH, path, body, ANY).await;
    let drawn = |named: bool| {
        let view = world.services.store.tenant(tenant.id).unwrap().read().unwrap();
        choice::brand_kit(&view, tenant.id, Some(id), named).unwrap().map(|kit| kit.name)
    };
    let own = format!("/v1/projects/{project}/choices");
    assert_eq!(choose(&own, json!({ "brand_kit": wild })).await.status, StatusCode::OK);
    let chosen = choose("/v1/choices", json!({ "brand_kit": house })).await;
    assert_eq!(chosen.body["brand_kit_locked"], false, "{}", chosen.body);
    assert_eq!((drawn(false).as_deref(), drawn(true)), (Some("Wild"), None), "a project and an order choose");
    assert_eq!(choose(&own, json!({ "brand_kit_locked": true })).await.code(), "invalid", "not for a project to say");
    let locked = choose("/v1/choices", json!({ "brand_kit_locked": true })).await;
    assert_eq!(locked.body["brand_kit_locked"], true, "{}", locked.body);
    assert_eq!((drawn(false).as_deref(), drawn(true).as_deref()), (Some("House"), Some("House")));
    assert_eq!(choose(&own, json!({ "brand_kit": wild })).await.code(), "invalid", "it is locked");
    assert_eq!(choose(&own, json!({ "glossary": null })).await.body["brand_kit_locked"], true);
    choose("/v1/choices", json!({ "brand_kit_locked": false })).await;
    assert_eq!(drawn(false).as_deref(), Some("Wild"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pale_brands_are_refused() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mia = world.person(&tenant, "mia", Level::Manager);
    let look = json!({ "background": "#ffffff", "accent": "#ffd400", "tones": ["#0050b3"] });
    let pale = world.send(Some(&mia), Method::POST, "/v1/brand-kits", json!({ "name": "Sun", "look": look })).await;
    let fault = &pale.body["errors"][0];
    assert_eq!((pale.code(), fault["at"].as_str()), ("invalid", Some("/accent")), "{}", pale.body);
    let pair = "accent #FFD400 on the background #FFFFFF has a contrast of 1.32:1, and 3:1 is needed";
    assert!(fault["detail"].as_str().unwrap().contains(pair), "{}", pale.body);
    let banner = json!({ "text": "Internal", "fill": "#00337a", "edge": "bottom" });
    let look = json!({ "accent": "#0050b3", "banner": banner, "watermark": { "text": "Acme", "opacity": 80 } });
    let made = world.send(Some(&mia), Method::POST, "/v1/brand-kits", json!({ "name": "Sea", "look": look })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.body["look"]["banner"]["fill"], "#00337A", "what was given is kept");
    let path = format!("/v1/brand-kits/{}", made.body["id"].as_str().unwrap());
    let theme = world.send(Some(&mia), Method::GET, &format!("{path}/theme"), Value::Null).await;
    assert_eq!(theme.body["theme"]["accent"], "#0050B3");
    assert_eq!(theme.body["theme"]["marks"]["banner"]["edge"], "bottom", "{}", theme.body);
    for look in [
        json!({ "banner": { "text": "Internal", "fill": "#FFD400", "ink": "#FFFFFF" } }),
        json!({ "banner": { "text": "" } }),
        json!({ "banner": { "text": "x".repeat(81) } }),
        json!({ "watermark": { "text": "Acme", "opacity": 20 } }),
        json!({ "watermark": { "opacity": 5 } }),
    ] {
        let bad = world.send_with(Some(&mia), Method::PATCH, &path, json!({ "look": look }), ANY).await;
        assert_eq!(bad.code(), "invalid", "{look}: {}", bad.body);
    }
    for look in [json!({ "accent": "red" }), json!({ "tones": vec!["#000000"; 7] }), json!({ "font": "comic" })] {
        let bad = world.send_with(Some(&mia), Method::PATCH, &path, json!({ "look": look }), ANY).await;
        assert_eq!(bad.code(), "invalid", "{look}");
    }
    let logo = format!("{path}/logo");
    let set = async |kind: &str, data: &str| {
        let body = json!({ "media_type": kind, "data": data });
        world.send_with(Some(&mia), Method::POST, &logo, body, ANY).await
    };
    assert_eq!(set("image/svg+xml", "PHNjcmlwdC8+").await.code(), "invalid");
    assert_eq!(set("image/png", "PHN2Zy8+").await.code(), "invalid");
    assert_eq!(set("image/svg+xml", "no base 64!").await.code(), "invalid");
    assert_eq!(set("image/svg+xml", &"A".repeat(400_000)).await.code(), "invalid");
    assert_eq!(set("image/svg+xml", "PHN2Zy8+").await.body["logo"]["bytes"], 6);
    let shown = world.send(Some(&mia), Method::GET, &logo, Value::Null).await;
    assert_eq!(shown.headers["content-type"], "image/svg+xml");
    assert_eq!(shown.headers["content-disposition"], "attachment");
    assert!(shown.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let removed = world.send_with(Some(&mia), Method::DELETE, &logo, Value::Null, ANY).await;
    assert!(removed.body.get("logo").is_none());
    assert_eq!(world.send(Some(&mia), Method::GET, &logo, Value::Null).await.code(), "not_found");
}
