//! What an endpoint can be told so that it does what it is for: chance alone seldom hits on it.

use serde_json::{Value, json};

use crate::draw::Random;

/// Where the parts of a valid request come from.
pub(crate) struct Given<'a> {
    /// The mark of the caller's tenant, or a word for operators.
    pub(crate) mark: &'a str,
    /// The short name of the caller's tenant.
    pub(crate) slug: &'a str,
    /// An id of a scene.
    pub(crate) scene: &'a str,
    /// An id of the caller's tenant, by its prefix.
    pub(crate) id: &'a dyn Fn(&str) -> Option<String>,
    /// The short name of the tenant that the path names.
    pub(crate) ruled: Option<String>,
    /// A code of an invitation with the short name of its tenant.
    pub(crate) invitation: Option<(String, String)>,
    /// A tenant that operators have closed.
    pub(crate) closed: Option<&'a str>,
    /// Someone with a password: short name of the tenant, address, password.
    pub(crate) account: Option<(String, String, String)>,
    /// The caller's password.
    pub(crate) password: Option<&'a str>,
}

/// The password of all who have one.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Endpoints that take any text where others take ids: names of a customer's own meters, words to listen for.
pub(crate) const TEXTS: [&str; 3] = ["send_usage_events", "send_otlp_metrics", "transcribe_recording"];

const CODES: &str = "nobody here has an app that shows codes: the api's tests have one";

/// Endpoints that never succeed here, and why.
pub(crate) const EXCUSED: [(&str, &str); 10] = [
    ("edit_together", "it is a WebSocket: `load collaborate` edits there"),
    (
        "read_notification",
        "alerts tell people, and are looked at five minutes after they were made: the api's tests read one",
    ),
    (
        "replay_webhook_delivery",
        "only what was given up or cancelled is sent again, which chance seldom meets: the api's tests replay one",
    ),
    ("confirm_second_factor", CODES),
    ("show_second_factor", CODES),
    ("renew_recovery_codes", CODES),
    ("remove_second_factor", CODES),
    ("reset_second_factor", CODES),
    ("reset_operator_second_factor", CODES),
    ("set_up", "there are operators already: the code is printed for the first one only"),
];

/// How many bytes an upload is announced with and sent at once.
pub(crate) fn sound(mark: &str) -> String {
    format!("sound of {mark}")
}

/// A body that the endpoint takes; nothing where any will do.
pub(crate) fn body(endpoint: &str, given: &Given<'_>, random: &mut Random) -> Option<Value> {
    let (mark, id) = (given.mark, given.id);
    let number = random.below(100_000);
    let named = |what: &str| format!("{what} {mark} {number}");
    let slug = format!("made-by-operators-{number}");
    let later = "2026-12-31T00:00:00Z";
    Some(match endpoint {
        "create_project" => {
            json!({ "title": named("Project"), "description": named("About"), "tags": [mark], "labels": { "of": mark } })
        }
        "update_project" if random.below(4) == 0 => json!({ "trashed": true }),
        "update_project" => json!({ "title": named("Project"), "trashed": false }),
        "update_recording" => json!({ "title": named("Talk"), "tags": [mark] }),
        "begin_upload" => json!({
            "file_name": format!("{mark}.m4a"), "media_type": "audio/mp4", "size": sound(mark).len(), "title": named("Talk"),
        }),
        "transcribe_recording" | "make_video" | "outline_transcript" | "outline_storyboard" | "render_storyboard" => {
            json!({})
        }
        "correct_transcript" => json!({ "words": [{ "word": 0, "text": mark }] }),
        "restore_transcript" | "restore_storyboard" => json!({ "version": 1 }),
        "edit_storyboard" => json!({ "op": "set_label", "scene": given.scene, "label": named("Scene") }),
        "prioritize_job" => json!({ "priority": "interactive" }),
        "update_member" => json!({ "name": named("Member") }),
        "create_invitation" => json!({ "email": format!("i{number}@{mark}.example.org"), "role": "viewer" }),
        "resend_invitation" => json!({}),
        "accept_invitation" => {
            let (tenant, code) = given.invitation.clone()?;
            json!({ "tenant": tenant, "code": code, "name": "Newcomer", "password": PASSWORD })
        }
        "sign_in" => {
            let (tenant, email, password) = given.account.clone()?;
            json!({ "tenant": tenant, "email": email, "password": password })
        }
        "change_password" => json!({ "old": given.password?, "new": format!("{PASSWORD} {number}") }),
        "create_group" | "update_group" | "create_service_account" | "update_service_account" => {
            json!({ "name": named("Name") })
        }
        "add_group_member" => json!({ "user": id("usr")? }),
        "create_role" => json!({ "name": named("Role"), "permissions": ["project:read"] }),
        "update_role" => json!({ "permissions": ["project:read", "asset:read"] }),
        "create_assignment" | "share_project" => json!({ "principal": id("usr")?, "role": "viewer" }),
        "create_api_key" | "create_own_api_key" => {
            json!({ "name": named("Key"), "permissions": ["project:read"], "expires": later })
        }
        // One that forbids what nobody can do yet, so that the rest goes on.
        "create_policy" => {
            json!({ "name": named("Policy"), "text": "forbid(principal, action == Action::\"connector:manage\", resource);" })
        }
        "update_policy" => json!({ "name": named("Policy"), "enabled": random.below(2) == 0 }),
        "update_networks" => json!({ "networks": ["127.0.0.0/8"] }),
        "create_comment" | "reply" => json!({ "text": named("Comment") }),
        "update_comment" => json!({ "resolved": true }),
        "create_glossary" => json!({ "name": named("Glossary"), "terms": [{ "spelling": mark }] }),
        "update_glossary" => json!({ "name": named("Glossary") }),
        "import_glossary" => json!({ "csv": format!("{mark},as it sounds") }),
        "create_brand_kit" => json!({ "name": named("Kit") }),
        "update_brand_kit" => json!({ "look": { "accent": "#AA0000" } }),
        "set_logo" => json!({ "media_type": "image/svg+xml", "data": "PHN2Zy8+" }),
        "update_choices" | "update_project_choices" => json!({ "glossary": id("gls")? }),
        "create_view_link" => json!({ "note": named("Link") }),
        "update_own_tenant" => json!({ "theme": "dark", "name": format!("Name {}", given.slug) }),
        "close_own_tenant" => json!({ "confirm": given.slug }),
        "export_tenant" => json!({ "passphrase": "a passphrase for the way" }),
        "create_tenant" => json!({ "slug": slug, "owner": format!("owner{number}@example.org") }),
        "create_tenants" => json!({ "tenants": [{ "slug": slug }] }),
        "update_tenant" => json!({ "plan": "business" }),
        "suspend_tenant" | "resume_tenant" | "close_tenant" | "reopen_tenant" => json!({ "reason": "a test" }),
        "erase_tenant" => json!({ "confirm": given.ruled.clone()? }),
        "move_tenant" => json!({ "volume": "other" }),
        "export_tenant_for_appliance" => json!({ "receiver": "ab".repeat(32) }),
        "rotate_key" => json!({ "key": "tenant", "tenant": id("tnt")? }),
        "create_backup" => json!({ "tenant": id("tnt")? }),
        "verify_backup" => json!({ "records_only": true }),
        "prune_backups" => json!({ "newest": 50 }),
        "restore_backup" => json!({ "tenant": id("tnt")? }),
        "run_query" => json!({ "sql": "SELECT meter, sum(quantity) FROM usage GROUP BY meter" }),
        "send_usage_events" => {
            let data = json!({ "quantity": 3, "dimensions": { "mark": mark } });
            json!({ "specversion": "1.0", "id": format!("{mark}-{number}"), "source": "load", "type": mark, "data": data })
        }
        "send_otlp_metrics" => {
            let point = json!({ "asInt": 3, "timeUnixNano": format!("{}000000000", 1_790_000_000 + number) });
            let sum = json!({ "aggregationTemporality": 1, "dataPoints": [point] });
            json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": [{ "name": mark, "sum": sum }] }] }] })
        }
        "create_rate_card" => {
            let rate = json!({ "meter": mark, "price_micros": 10, "block": 1 });
            json!({ "from": format!("2090-01-01T00:{:02}:{:02}Z", number / 60 % 60, number % 60), "currency": "EUR", "rates": [rate] })
        }
        "create_dashboard" => board(mark),
        "update_dashboard" => json!({ "board": board(mark) }),
        "restore_dashboard" => json!({ "version": 1 }),
        "draw_chart" => json!({ "chart": chart(mark), "range": "7d" }),
        "create_report" => report(mark),
        "update_report" => json!({ "report": report(mark) }),
        "schedule_report" => json!({ "cadence": { "daily": { "at": "06:00" } } }),
        "create_alert" => {
            let sql = "SELECT count(*) AS n FROM projects WHERE created_at < $to OR created_at >= $from";
            let rule = json!({ "threshold": { "side": "above", "bound": 0 } });
            let alert = json!({ "title": named("Alert"), "question": { "sql": sql }, "rule": rule });
            json!({ "alert": alert, "deliver": { "users": [id("usr")?] } })
        }
        "update_alert" | "update_webhook" => json!({ "enabled": random.below(4) > 0 }),
        "silence_alert" => json!({ "to": later, "reason": named("Silence") }),
        "create_webhook" => json!({ "title": named("Webhook"), "url": "https://93.184.215.14/told" }),
        "create_connector" | "update_connector" => {
            json!({ "title": named("Connector"), "place": { "folder": { "path": mark } } })
        }
        "begin_second_factor" => json!({ "password": given.password? }),
        "save_audit_search" => json!({ "name": named("Search"), "wanted": { "outcome": "denied" } }),
        "update_audit_search" => json!({ "name": named("Search") }),
        "update_sign_in_rules" => json!({ "second_factor": "optional" }),
        "export_table" => json!({ "table": "usage", "connector": id("con")?, "by": "day" }),
        "start_access_review" => {
            let mut reviewers: Vec<String> = (0..12).filter_map(|_| id("usr")).collect();
            reviewers.sort_unstable();
            reviewers.dedup();
            json!({ "name": named("Review"), "due": later, "reviewers": reviewers, "undecided": "keep" })
        }
        "decide_access" => json!({ "assignments": [id("asg")?], "decision": "keep" }),
        "switch_report_schedule" => json!({ "enabled": random.below(2) == 0 }),
        _ => return None,
    })
}

fn chart(mark: &str) -> Value {
    let sql = "SELECT date_trunc($bucket, at) AS day, sum(quantity) AS n FROM usage WHERE at >= $from AND at < $to GROUP BY 1";
    json!({ "type": "bar", "title": format!("Chart {mark}"), "query": { "sql": sql } })
}

fn board(mark: &str) -> Value {
    let tile = json!({ "id": "tile", "x": 0, "y": 0, "w": 6, "h": 4, "chart": chart(mark) });
    let variable =
        json!({ "name": "variable", "title": mark, "query": "SELECT DISTINCT meter FROM usage ORDER BY meter" });
    json!({ "title": format!("Dashboard {mark}"), "range": "7d", "tiles": [tile], "variables": [variable] })
}

fn report(mark: &str) -> Value {
    let section = json!({ "id": "section", "chart": chart(mark) });
    let title = format!("Report {mark}");
    json!({ "title": title, "period": "last_week", "zone": "Europe/Berlin", "language": "en", "sections": [section] })
}

/// A form that every endpoint takes that takes forms: what one does not know it leaves alone.
pub(crate) const FORM: &str = "query=sum+by+(meter)+(audiagram_usage_total)&match[]=audiagram_usage_total&start=1790000000&end=1790086400&step=1h";

/// A value of a parameter in the path or the query that the endpoint takes.
pub(crate) fn parameter(endpoint: &str, name: &str, given: &Given<'_>) -> Option<String> {
    Some(match (endpoint, name) {
        ("reopen_tenant", "tenant") => given.closed?.to_owned(),
        ("lay_out_scene", "scene") => given.scene.to_owned(),
        (_, "file") => "mp4".to_owned(),
        ("simulate_permission", "permission") => "project:read".to_owned(),
        ("simulate_permission", "principal") => (given.id)("usr")?,
        ("preview_permissions", "change") => "give".to_owned(),
        ("preview_permissions", "principal") => (given.id)("usr")?,
        ("preview_permissions", "role") => "editor".to_owned(),
        ("prove_audit_inclusion", "row") => "1".to_owned(),
        ("prove_audit_consistency", "from") => "2".to_owned(),
        ("search_library", "q") => given.mark.to_owned(),
        ("export_audit", "format") => "csv".to_owned(),
        ("compare_storyboard_versions", "from" | "to") => "1".to_owned(),
        ("prometheus_query" | "prometheus_query_range", "query") => "sum by (meter) (audiagram_usage_total)".to_owned(),
        ("prometheus_series", "match[]") => "audiagram_usage_total".to_owned(),
        ("prometheus_query_range", "start") => "1790000000".to_owned(),
        ("prometheus_query_range", "end") => "1790086400".to_owned(),
        ("prometheus_query_range", "step") => "1h".to_owned(),
        ("prometheus_label_values", "label") => "meter".to_owned(),
        ("read_tile", "tile") => "tile".to_owned(),
        ("read_variable", "variable") => "variable".to_owned(),
        ("watch_appliance" | "watch_usage", "for_s") => "0".to_owned(),
        ("odata_rows", "set") => "usage".to_owned(),
        _ => return None,
    })
}
