//! Things that exist, so that there is a valid call of every endpoint.

use axum::http::Method;
use model::Level;
use serde_json::{Value, json};

use super::super::{
    engine::{SAID, outlined},
    world::{Made, Person, World},
};
use crate::endpoint::Endpoint;

/// One of each, and what its path is called by.
pub(super) struct Things {
    project: String,
    share: String,
    user: String,
    invitation: String,
    group: String,
    role: String,
    policy: String,
    assignment: String,
    access_review: String,
    service_account: String,
    api_key: String,
    session: String,
    /// An operator beside the one who calls.
    operator: String,
    operator_invitation: String,
    comment: String,
    glossary: String,
    dashboard: String,
    report: String,
    report_run: String,
    schedule: String,
    alert: String,
    webhook: String,
    connector: String,
    table_export: String,
    saved_search: String,
    /// A message to the webhook that was called off.
    delivery: String,
    brand_kit: String,
    view_link: String,
    /// A tenant for operators to rule over.
    tenant: String,
    /// A project at work; `project` lies in the trash.
    open_project: String,
    folder: String,
    recording: String,
    /// One on which no job works.
    idle_recording: String,
    trashed_recording: String,
    upload: String,
    /// What was made of the recording.
    made: Made,
    backup: String,
    job: String,
    /// Its short name.
    slug: String,
    /// The short name of the owner's own tenant.
    own_slug: String,
}

pub(super) async fn things(world: &World, owner: &Person) -> Things {
    let make = async |path: &str, body: Value| {
        let made = world.send(Some(owner), Method::POST, path, body).await;
        assert!(made.status.is_success(), "{path}: {}", made.body);
        made.body["id"].as_str().unwrap_or_default().to_owned()
    };
    let name = world.fresh_name();
    let user = world.person(&world.tenant_of(owner), &name, Level::Viewer).id.to_string();
    world.begin_second_factor(owner.tenant, user.parse().unwrap());
    let email = format!("invited-{name}@example.org");
    let invitation = make("/v1/invitations", json!({ "email": email, "role": "viewer" })).await;
    let group = make("/v1/groups", json!({ "name": name })).await;
    make(&format!("/v1/groups/{group}/members"), json!({ "user": user })).await;
    let role = make("/v1/roles", json!({ "name": name, "permissions": ["project:read"] })).await;
    // One that does not count: those that do let people see empty lists where they would be refused.
    let text = "forbid(principal, action == Action::\"connector:manage\", resource);";
    let policy = make("/v1/policies", json!({ "name": name, "text": text })).await;
    let assignment = make("/v1/assignments", json!({ "principal": user, "role": "editor" })).await;
    let asking = json!({ "name": "Thing", "due": "2027-03-01T00:00:00Z", "reviewers": [owner.id.to_string()], "undecided": "keep" });
    let access_review = make("/v1/access-reviews", asking).await;
    let service_account = make("/v1/service-accounts", json!({ "name": name })).await;
    let key = json!({
        "name": name, "permissions": ["project:read"], "expires": "2027-03-01T00:00:00Z", "service_account": service_account,
    });
    let api_key = make("/v1/api-keys", key).await;
    let sessions = world.send(Some(owner), Method::GET, &format!("/v1/sessions?user={user}"), Value::Null).await;
    let session = sessions.body["items"][0]["id"].as_str().unwrap().to_owned();
    let project = make("/v1/projects", json!({ "title": "Thing" })).await;
    let path = format!("/v1/projects/{project}");
    let share = make(&format!("{path}/shares"), json!({ "principal": user, "role": "viewer" })).await;
    let glossary = make("/v1/glossaries", json!({ "name": "Names", "terms": [{ "spelling": "redb" }] })).await;
    let dashboard = make("/v1/dashboards", board()).await;
    let report = make("/v1/reports", report_document()).await;
    let schedule = make(&format!("/v1/reports/{report}/schedules"), daily()).await;
    let report_run = make(&format!("/v1/reports/{report}/runs"), Value::Null).await;
    let webhook = make("/v1/webhooks", json!({ "title": "Thing", "url": "https://hooks.example.com/" })).await;
    let delivery = make(&format!("/v1/webhooks/{webhook}/test"), Value::Null).await;
    world.call_off(owner, &delivery);
    let connector = make("/v1/connectors", json!({ "title": "Thing", "place": { "folder": { "path": "bi" } } })).await;
    let table_export = make("/v1/table-exports", json!({ "table": "projects", "connector": connector })).await;
    let saved_search = make("/v1/audit/searches", json!({ "name": "Thing", "wanted": { "outcome": "denied" } })).await;
    let alert = make("/v1/alerts", alert_document()).await;
    let silence = json!({ "to": "2027-02-01T00:00:00Z", "reason": "a test" });
    make(&format!("/v1/alerts/{alert}/silences"), silence).await;
    let brand_kit = make("/v1/brand-kits", json!({ "name": "House" })).await;
    let logo = json!({ "media_type": "image/svg+xml", "data": "PHN2Zy8+" });
    let logo_path = format!("/v1/brand-kits/{brand_kit}/logo");
    world.send_with(Some(owner), Method::POST, &logo_path, logo, &[("if-match", "*")]).await;
    let hanging = format!("/v1/subjects/{project}");
    let comment = make(&format!("{hanging}/comments"), json!({ "text": "Good" })).await;
    let trashed = json!({ "trashed": true });
    world.send_with(Some(owner), Method::PATCH, &path, trashed, &[("if-match", "*")]).await;
    let backup = world.backup(owner.tenant);
    let (backup, job) = (backup.to_string(), world.errand(owner.id, backup).to_string());
    let ruled = world.tenant(&format!("t-{name}"));
    let (tenant, slug, own_slug) = (ruled.id.to_string(), ruled.slug, world.tenant_of(owner).slug);
    let open_project = make("/v1/projects", json!({ "title": "Open thing" })).await;
    let recording = world.upload(owner, &open_project, "thing.m4a", b"some bytes").await;
    let idle_recording = world.upload(owner, &open_project, "idle.m4a", b"more bytes").await;
    let folder = make(&format!("/v1/projects/{open_project}/folders"), json!({ "title": "Thing" })).await;
    let trashed_recording = world.upload(owner, &open_project, "thing.m4a", b"other bytes").await;
    let path = format!("/v1/recordings/{trashed_recording}/trash");
    world.send_with(Some(owner), Method::POST, &path, Value::Null, &[("if-match", "*")]).await;
    let new = json!({ "file_name": "thing.m4a", "media_type": "audio/mp4", "size": 5 });
    let upload = make(&format!("/v1/projects/{open_project}/uploads"), new).await;
    let made = world.made_of(owner, &recording);
    let view_link = make(&format!("/v1/subjects/{}/view-links", made.video), json!({})).await;
    let other_operator = world.operator(&name).id;
    world.begin_second_factor(identity::Realm::SYSTEM, other_operator);
    let operator_invitation = world.invite_operator(&name);
    Things {
        made,
        open_project,
        folder,
        recording,
        idle_recording,
        trashed_recording,
        upload,
        project,
        share,
        user,
        invitation,
        group,
        role,
        policy,
        assignment,
        access_review,
        service_account,
        api_key,
        session,
        backup,
        job,
        operator: other_operator.to_string(),
        operator_invitation,
        slug,
        own_slug,
        comment,
        glossary,
        dashboard,
        report,
        report_run,
        schedule,
        alert,
        webhook,
        connector,
        table_export,
        saved_search,
        delivery,
        brand_kit,
        view_link,
        tenant,
    }
}

/// A dashboard with one chart and one variable.
fn board() -> Value {
    let sql = "SELECT title, count(*) AS n FROM projects WHERE $title IS NULL OR title = $title GROUP BY title";
    json!({
        "title": "Thing",
        "tiles": [{ "id": "projects", "x": 0, "y": 0, "w": 6, "h": 4, "chart": { "type": "bar", "title": "Projects", "query": { "sql": sql } } }],
        "variables": [{ "name": "title", "title": "Title", "query": "SELECT title FROM projects" }],
    })
}

/// A report with one chart.
fn report_document() -> Value {
    let chart =
        json!({ "type": "value", "title": "Projects", "query": { "sql": "SELECT count(*) AS n FROM projects" } });
    json!({ "title": "Thing", "period": "last_week", "sections": [{ "id": "projects", "chart": chart }] })
}

/// An alert that is not due while a test goes on.
fn alert_document() -> Value {
    let rule = json!({ "threshold": { "side": "above", "bound": 10 } });
    json!({ "alert": {
        "title": "Thing", "question": { "sql": "SELECT count(*) FROM projects" }, "rule": rule, "every_minutes": 1440,
    } })
}

/// A schedule that is not due while a test goes on.
fn daily() -> Value {
    json!({ "cadence": { "daily": { "at": "06:00" } } })
}

impl Things {
    pub(super) fn path(&self, endpoint: &Endpoint) -> String {
        let assignment = if endpoint.path.contains("/shares/") { &self.share } else { &self.assignment };
        let project = match endpoint.name {
            "begin_upload" | "create_folder" | "import_file" | "move_recordings" => &self.open_project,
            _ => &self.project,
        };
        let recording = match endpoint.name {
            "delete_recording" | "restore_recording" => &self.trashed_recording,
            _ => &self.recording,
        };
        // A stream about a waiting job would not end.
        let job = match endpoint.name {
            "retry_job" | "watch_job" => &self.made.ended_job,
            "read_upkeep" => &self.job,
            "replay_webhook_delivery" => &self.delivery,
            _ => &self.made.job,
        };
        let subject = if endpoint.path.ends_with("/view-links") { &self.made.video } else { &self.project };
        let mut path = endpoint.path.to_owned();
        for (name, id) in [
            ("{project}", project),
            ("{folder}", &self.folder),
            ("{recording}", recording),
            ("{upload}", &self.upload),
            ("{job}", job),
            ("{transcript}", &self.made.transcript),
            ("{storyboard}", &self.made.storyboard),
            ("{video}", &self.made.video),
            ("{file}", &"mp4".to_owned()),
            ("{user}", &self.user),
            ("{invitation}", &self.invitation),
            ("{group}", &self.group),
            ("{role}", &self.role),
            ("{policy}", &self.policy),
            ("{assignment}", assignment),
            ("{access_review}", &self.access_review),
            ("{service_account}", &self.service_account),
            ("{api_key}", &self.api_key),
            ("{session}", &self.session),
            ("{operator}", &self.operator),
            ("{operator_invitation}", &self.operator_invitation),
            ("{subject}", subject),
            ("{comment}", &self.comment),
            ("{glossary}", &self.glossary),
            ("{dashboard}", &self.dashboard),
            ("{report}", &self.report),
            ("{report_run}", &self.report_run),
            ("{schedule}", &self.schedule),
            ("{alert}", &self.alert),
            ("{silence}", &"1".to_owned()),
            ("{webhook}", &self.webhook),
            ("{connector}", &self.connector),
            ("{table_export}", &self.table_export),
            ("{saved_search}", &self.saved_search),
            ("{notification}", &"ntf_00000000000000000000000001".to_owned()),
            ("{tile}", &"projects".to_owned()),
            ("{variable}", &"title".to_owned()),
            ("{brand_kit}", &self.brand_kit),
            ("{view_link}", &self.view_link),
            ("{tenant}", &self.tenant),
            ("{backup}", &self.backup),
            ("{label}", &"meter".to_owned()),
            ("{set}", &"projects".to_owned()),
        ] {
            path = path.replace(name, id);
        }
        assert!(!path.contains('{'), "{path}: the test knows no thing for it");
        match endpoint.name {
            "simulate_permission" => path + &format!("?principal={}&permission=project:read", self.user),
            "preview_permissions" => path + &format!("?change=give&principal={}&role=editor", self.user),
            "prove_audit_inclusion" => path + "?row=1",
            "prove_audit_consistency" => path + "?from=2",
            "search_library" => path + "?q=thing",
            "export_audit" => path + "?format=csv",
            // They go on else.
            "watch_appliance" | "watch_usage" => path + "?for_s=0",
            "lay_out_scene" => path + "?scene=s1",
            "export_storyboard" => path + "?form=pptx",
            "export_report_run" => path + "?form=html",
            "compare_storyboard_versions" => path + "?from=1&to=1",
            "prometheus_query" | "prometheus_query_by_form" => path + "?query=audiagram_usage_total",
            "prometheus_query_range" | "prometheus_query_range_by_form" => {
                path + "?query=audiagram_usage_total&start=1799999000&end=1800000000&step=100"
            }
            "prometheus_series" | "prometheus_series_by_form" => path + "?match[]=audiagram_usage_total",
            _ => path,
        }
    }

    pub(super) fn body(&self, endpoint: &Endpoint) -> Value {
        match endpoint.name {
            "create_backup" | "verify_backup" | "move_tenant" => json!({}),
            "prune_backups" => json!({ "newest": 7 }),
            "drill_backup" => json!({ "backup": self.backup }),
            "restore_backup" => json!({ "tenant": self.tenant }),
            "export_tenant" => json!({ "passphrase": "a passphrase for the way" }),
            "export_tenant_for_appliance" => json!({ "receiver": "ab".repeat(32) }),
            "rotate_key" => json!({ "key": "tenant", "tenant": self.tenant }),
            "create_project" => json!({ "title": "Another" }),
            "update_project" | "update_recording" => json!({ "title": "Renamed" }),
            "create_folder" => json!({ "title": "Another" }),
            "update_folder" => json!({ "title": "Renamed" }),
            "move_recordings" => json!({ "recordings": [{ "id": self.idle_recording }], "folder": self.folder }),
            "begin_upload" => json!({ "file_name": "more.m4a", "media_type": "audio/mp4", "size": 5 }),
            "transcribe_recording"
            | "make_video"
            | "outline_transcript"
            | "outline_storyboard"
            | "render_storyboard" => {
                json!({})
            }
            "correct_transcript" => json!({ "words": [{ "word": 0, "text": "Second" }] }),
            "restore_transcript" | "restore_storyboard" => json!({ "version": 1 }),
            "edit_storyboard" => {
                let words = studio::transcript::Transcript::from_text(SAID, "en");
                json!({ "op": "set_label", "scene": outlined(&words).scenes[0].id, "label": "Another title" })
            }
            "prioritize_job" => json!({ "priority": "interactive" }),
            "update_member" => json!({ "name": "Renamed" }),
            "create_invitation" => json!({ "email": "someone@example.org", "role": "viewer" }),
            "resend_invitation" => json!({}),
            "create_group" => json!({ "name": "More" }),
            "update_group" => json!({ "name": "Others" }),
            "add_group_member" => json!({ "user": self.user }),
            "create_role" => json!({ "name": "Another", "permissions": ["project:read"] }),
            "create_policy" => {
                json!({ "name": "Another", "text": "forbid(principal, action == Action::\"connector:manage\", resource);" })
            }
            "update_policy" => json!({ "name": "Renamed" }),
            "update_networks" => json!({ "networks": ["127.0.0.0/8"] }),
            "update_role" => json!({ "permissions": ["project:read", "asset:read"] }),
            "update_assignment" | "update_share" => json!({ "expires": "2027-03-01T00:00:00Z" }),
            "create_assignment" | "share_project" => json!({ "principal": self.user, "role": "manager" }),
            "start_access_review" => {
                json!({ "name": "More", "due": "2027-03-01T00:00:00Z", "reviewers": [self.user], "undecided": "revoke" })
            }
            "decide_access" => json!({ "assignments": [self.assignment], "decision": "revoke" }),
            "create_comment" | "reply" => json!({ "text": "Fine" }),
            "update_comment" => json!({ "resolved": true }),
            "import_file" => json!({ "file_name": "flow.mmd", "text": "flowchart TD\n a[Take] --> b[Pack]" }),
            "create_glossary" => json!({ "name": "More" }),
            "update_glossary" => json!({ "name": "Other" }),
            "import_glossary" => json!({ "csv": "Kubernetes,cooper netties" }),
            "schedule_report" => daily(),
            "switch_report_schedule" => json!({ "enabled": false }),
            "create_alert" => alert_document(),
            "update_alert" => json!({ "enabled": false }),
            "silence_alert" => json!({ "to": "2027-02-01T00:00:00Z", "reason": "more tests" }),
            "create_webhook" => json!({ "title": "Another", "url": "https://hooks.example.com/more" }),
            "update_webhook" => json!({ "enabled": false }),
            "create_connector" => json!({ "title": "Another", "place": { "folder": { "path": "more" } } }),
            "update_connector" => json!({ "title": "Renamed" }),
            "update_session_rules" => json!({ "idle_s": 600 }),
            "update_password_rules" => json!({ "blocked": ["acme"] }),
            "invite_operator" => json!({ "email": "someone@example.org" }),
            "update_sign_in_rules" => json!({ "second_factor": "optional" }),
            "save_audit_search" => json!({ "name": "More", "shared": true, "wanted": { "text": "denied" } }),
            "update_audit_search" => json!({ "name": "Renamed" }),
            "export_table" => json!({ "table": "usage", "connector": self.connector, "by": "day" }),
            "create_report" => report_document(),
            "update_report" => json!({ "report": report_document() }),
            "create_dashboard" => board(),
            "update_dashboard" => json!({ "board": board() }),
            "restore_dashboard" => json!({ "version": 1 }),
            "draw_chart" => {
                json!({ "chart": board()["tiles"][0]["chart"], "range": "7d", "variables": { "title": null } })
            }
            "create_brand_kit" => json!({ "name": "More" }),
            "update_brand_kit" => json!({ "look": { "accent": "#AA0000" } }),
            "set_logo" => json!({ "media_type": "image/svg+xml", "data": "PHN2Zz48L3N2Zz4=" }),
            "update_choices" | "update_project_choices" => json!({ "glossary": self.glossary }),
            "create_view_link" => json!({ "note": "For the board" }),
            "create_service_account" => json!({ "name": "Another" }),
            "update_service_account" => json!({ "name": "Renamed" }),
            "create_api_key" => {
                json!({ "name": "Mine", "permissions": ["project:read"], "expires": "2027-03-01T00:00:00Z" })
            }
            "run_query" => json!({ "sql": "SELECT count(*) FROM projects" }),
            "send_usage_events" => {
                json!({ "specversion": "1.0", "id": "1", "source": "crm", "type": "mails", "data": { "quantity": 3 } })
            }
            "send_otlp_metrics" => {
                let point = json!({ "asInt": "3", "timeUnixNano": "1800000000000000000" });
                let sum = json!({ "aggregationTemporality": 1, "dataPoints": [point] });
                json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": [{ "name": "mails", "sum": sum }] }] }] })
            }
            "create_rate_card" => {
                let rate = json!({ "meter": "mails", "price_micros": 10, "block": 1 });
                json!({ "from": "2027-01-01T00:00:00Z", "currency": "EUR", "rates": [rate] })
            }
            "create_tenant" => json!({ "slug": format!("{}-more", self.slug), "owner": "first@example.org" }),
            "create_tenants" => json!({ "tenants": [{ "slug": format!("{}-many", self.slug) }] }),
            "update_tenant" => json!({ "plan": "business" }),
            "suspend_tenant" | "resume_tenant" | "close_tenant" | "reopen_tenant" => json!({ "reason": "a test" }),
            "erase_tenant" => json!({ "confirm": self.slug }),
            "update_own_tenant" => json!({ "theme": "dark", "name": "Renamed" }),
            "close_own_tenant" => json!({ "confirm": self.own_slug }),
            _ => Value::Null,
        }
    }
}
