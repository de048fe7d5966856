//! Access reviews over HTTP: who is asked, what they see, what taking back does, what is exported.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_review_takes_roles_back_and_leaves_signed_evidence() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let olga = world.person(&tenant, "olga", Level::Owner);
    let adam = world.person(&tenant, "adam", Level::Admin);
    let eve = world.person(&tenant, "eve", Level::Editor);
    let post = async |who, path: &str, body: Value| world.send(Some(who), Method::POST, path, body).await;
    let group = post(&olga, "/v1/groups", json!({ "name": "=Team" })).await.body["id"].clone();
    let path = format!("/v1/groups/{}/members", group.as_str().unwrap());
    post(&olga, &path, json!({ "user": adam.id.to_string() })).await;
    post(&olga, "/v1/assignments", json!({ "principal": group, "role": "viewer" })).await;

    let asking = json!({
        "name": "Spring", "due": "2027-03-01T00:00:00Z", "undecided": "revoke",
        "reviewers": [adam.id.to_string(), eve.id.to_string(), olga.id.to_string()],
    });
    let both = json!({ "project": "prj_00000000000000000000000001", "role": "editor" });
    let mut wrong = asking.clone();
    wrong["scope"] = both;
    assert_eq!(post(&olga, "/v1/access-reviews", wrong).await.body["errors"][0]["at"], "/scope");
    let review = post(&adam, "/v1/access-reviews", asking).await;
    assert_eq!((review.status, &review.body["items"]), (StatusCode::CREATED, &json!(4)), "{}", review.body);
    let path = format!("/v1/access-reviews/{}", review.body["id"].as_str().unwrap());

    let asked = world.send(Some(&adam), Method::GET, &format!("{path}/items"), Value::Null).await;
    let of = |name: &str| {
        let items = asked.body["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["principal_name"] == name).unwrap_or_else(|| panic!("{}", asked.body));
        item["assignment"].clone()
    };
    let decisions = format!("{path}/decisions");
    let decide = async |who, of: &[Value], decision: &str| {
        post(who, &decisions, json!({ "assignments": of, "decision": decision, "reason": "left, \"so\"" })).await
    };
    // Asked, but without the right to take people out; asked about oneself, also by way of a group; beyond one's rights.
    assert_eq!(decide(&eve, &[of("adam")], "keep").await.code(), "denied");
    assert_eq!(decide(&adam, &[of("adam")], "keep").await.code(), "denied");
    assert_eq!(decide(&adam, &[of("=Team")], "keep").await.code(), "denied");
    assert_eq!(decide(&adam, &[of("olga")], "revoke").await.code(), "denied");
    assert_eq!(decide(&olga, &[of("adam"), of("=Team")], "revoke").await.body["errors"][0]["at"], "/assignments");

    let kept = decide(&olga, &[of("adam"), of("=Team")], "keep").await;
    assert_eq!((kept.status, &kept.body["kept"]), (StatusCode::OK, &json!(2)), "{}", kept.body);
    let undone = decide(&olga, &[of("=Team")], "undecided").await;
    assert_eq!(undone.body["kept"], 1);
    let eves = of("eve");
    let rows = world.rows(tenant.id);
    assert_eq!(decide(&adam, std::slice::from_ref(&eves), "revoke").await.body["revoked"], 1);
    // At once, with one row, which is about the role that was taken.
    assert_eq!(world.rows(tenant.id), rows + 1);
    let row = world.last_row(tenant.id);
    assert_eq!((row.action.code(), row.subject.to_string()), ("member:remove", eves.as_str().unwrap().to_owned()));
    assert_eq!(row.detail.get("review").map(String::as_str), review.body["id"].as_str());
    assert_eq!(row.detail.get("role").map(String::as_str), Some("editor"));
    assert_eq!(world.send(Some(&eve), Method::GET, "/v1/tenant", Value::Null).await.code(), "denied");

    let open = world.send(Some(&olga), Method::GET, &format!("{path}/export"), Value::Null).await;
    assert!(open.body["record"].is_null() && open.body["items"].as_array().unwrap().len() == 4, "{}", open.body);
    let closed = post(&olga, &format!("{path}/close"), Value::Null).await;
    assert_eq!(closed.status, StatusCode::OK, "{}", closed.body);
    // The group's went with closing; the last owner's was kept though nobody had decided.
    assert_eq!((&closed.body["kept"], &closed.body["revoked"]), (&json!(2), &json!(2)));
    assert_eq!(post(&olga, &format!("{path}/close"), Value::Null).await.code(), "conflict");
    let result = world.send(Some(&olga), Method::GET, &format!("{path}/export"), Value::Null).await.body;
    let record = result["record"].as_str().unwrap();
    assert!(record.contains("\"left, \"\"so\"\"\"") && record.contains("\"last_owner\""), "{record}");
    let signature = world.services.store.vault().sign(record.as_bytes());
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(result["signature"], hex);
    let table = world.text(Some(&olga), &format!("{path}/export?format=csv")).await;
    assert_eq!(table.lines().count(), 5, "{table}");
    assert!(table.contains("\r\n\"'=Team\",grp_") && table.contains(",revoke,"), "{table}");

    let listed = world.send(Some(&olga), Method::GET, "/v1/access-reviews", Value::Null).await;
    assert_eq!(listed.body["items"][0], closed.body);
    let gone = world.send(Some(&olga), Method::DELETE, &path, Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    assert_eq!(world.send(Some(&olga), Method::GET, &path, Value::Null).await.code(), "not_found");
    world.verify(tenant.id);
}
