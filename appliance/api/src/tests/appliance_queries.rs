//! Questions of those who run the appliance: sums over tenants, and nothing of theirs.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::{Answer, Person, World};

/// Stands wherever a tenant may write something of its own.
const CANARY: &str = "kestrel";

async fn ask(world: &World, who: &Person, sql: &str) -> Answer {
    world.send(Some(who), Method::POST, "/v1/query", json!({ "sql": sql })).await
}

async fn rows(world: &World, who: &Person, sql: &str) -> Value {
    let answer = ask(world, who, sql).await;
    assert_eq!(answer.status, StatusCode::OK, "{sql}: {}", answer.body);
    answer.body["rows"].clone()
}

/// A tenant that has said the canary wherever it can.
async fn fill(world: &World, slug: &str, quantity: i64) -> Person {
    let tenant = world.tenant(slug);
    let ada = world.person(&tenant, CANARY, Level::Owner);
    let renamed = json!({ "name": format!("{CANARY} works") });
    world.send_with(Some(&ada), Method::PATCH, "/v1/tenant", renamed, &[("if-match", "*")]).await;
    let project = json!({ "title": CANARY, "tags": [CANARY] });
    let project = world.send(Some(&ada), Method::POST, "/v1/projects", project).await;
    let project = project.body["id"].as_str().unwrap().to_owned();
    let recording = world.upload(&ada, &project, &format!("{CANARY}.m4a"), b"some bytes").await;
    world.made_of(&ada, &recording);
    let event = json!({
        "specversion": "1.0", "id": CANARY, "source": CANARY, "type": CANARY, "time": "2027-01-14T10:00:00Z",
        "subject": CANARY, "data": { "quantity": quantity, "unit": CANARY, "dimensions": { CANARY: CANARY } },
    });
    let sent = world.send(Some(&ada), Method::POST, "/v1/usage/events", event).await;
    assert_eq!(sent.body["accepted"], 1, "{}", sent.body);
    world.heard(ada.tenant, "a", 20, Some(&project));
    ada
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_ask_for_sums_over_tenants() {
    let world = World::new();
    let root = world.operator("root");
    let (ada, _) = (fill(&world, "acme", 5).await, fill(&world, "other", 7).await);
    let before = world.rows(root.tenant);
    let tenants = rows(&world, &root, "SELECT slug, state, seats, projects FROM tenants ORDER BY slug").await;
    assert_eq!(tenants, json!([["acme", "active", 1, 1], ["other", "active", 1, 1]]));
    assert_eq!(world.rows(root.tenant), before + 1, "a question is a row");
    let row = world.last_row(root.tenant);
    assert_eq!((row.action.code(), row.actor), ("system:read", Some(root.id.erase())));
    let used = "SELECT t.slug, u.meter, u.quantity, u.events FROM usage_by_day u JOIN tenants t ON t.tenant_id = u.tenant_id \
                WHERE u.meter = 'other' AND u.day >= '2027-01-14' ORDER BY 1";
    assert_eq!(rows(&world, &root, used).await, json!([["acme", "other", null, 1], ["other", "other", null, 1]]));
    // The sums are those of the tenant's own rows.
    let own = "SELECT meter, CAST(sum(quantity) AS BIGINT), CAST(count(*) AS BIGINT) FROM usage \
               WHERE meter LIKE 'audiagram.%' GROUP BY meter ORDER BY meter";
    let summed = format!(
        "SELECT meter, CAST(sum(quantity) AS BIGINT), CAST(sum(events) AS BIGINT) FROM usage_by_day \
         WHERE tenant_id = '{}' AND meter <> 'other' GROUP BY meter ORDER BY meter",
        ada.tenant
    );
    assert_eq!(rows(&world, &ada, own).await, rows(&world, &root, &summed).await);
    let jobs = rows(&world, &root, "SELECT sum(jobs) > 0 FROM jobs_by_day").await;
    assert_eq!(jobs, json!([[true]]));
    let sign_ins = rows(&world, &root, "SELECT count(*) FROM sign_ins").await;
    assert_eq!(sign_ins, json!([[0]]), "in this test nobody signs in by password");
    for tenant in [ada.tenant, root.tenant] {
        world.verify(tenant);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_tenant_can_be_read() {
    let world = World::new();
    let root = world.operator("root");
    let ada = fill(&world, "acme", 5).await;
    let own = rows(&world, &ada, "SELECT * FROM usage").await.to_string();
    assert!(own.contains(CANARY), "the canary sings where it may");
    let tables = rows(&world, &root, "SELECT DISTINCT table_name FROM table_columns WHERE column_name IS NULL").await;
    let mut tables: Vec<_> = tables.as_array().unwrap().iter().map(|row| row[0].as_str().unwrap().to_owned()).collect();
    tables.sort_unstable();
    assert_eq!(tables, ["jobs_by_day", "sign_ins", "table_columns", "tenants", "usage_by_day"]);
    tables.extend(
        ["information_schema.tables", "information_schema.columns", "information_schema.df_settings"]
            .map(str::to_owned),
    );
    for table in &tables {
        let seen = rows(&world, &root, &format!("SELECT * FROM {table}")).await.to_string();
        assert!(!seen.contains(CANARY) && !seen.contains("example.org"), "{table}: {seen}");
    }
    for table in [
        "usage",
        "users",
        "audit",
        "projects",
        "recordings",
        "transcripts",
        "videos",
        "jobs",
        "charges",
        "prices",
        "cost_focus",
    ] {
        for sql in [
            format!("SELECT * FROM {table}"),
            format!("SELECT * FROM {}.{table}", ada.tenant),
            format!("DESCRIBE {table}"),
        ] {
            let refused = ask(&world, &root, &sql).await;
            assert_eq!(refused.code(), "invalid", "{sql}: {}", refused.body);
            assert!(!refused.body.to_string().contains(CANARY), "{}", refused.body);
        }
    }
    for sql in ["COPY tenants TO 'x.csv'", "CREATE TABLE x AS SELECT 1", "DELETE FROM tenants", "SELECT 1; SELECT 2"] {
        let refused = ask(&world, &root, sql).await;
        assert!(["read_only", "invalid"].contains(&refused.code()), "{sql}: {}", refused.body);
    }
    // And no tenant sees the appliance's tables.
    for table in ["tenants", "usage_by_day", "jobs_by_day", "sign_ins"] {
        assert_eq!(ask(&world, &ada, &format!("SELECT * FROM {table}")).await.code(), "invalid");
    }
}
