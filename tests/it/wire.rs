//! The door of PostgreSQL from outside: who comes in, what is answered, what is stopped, and what never comes out.

mod client;

use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use self::client::{Client, cancel, plain, told};
use crate::{
    appliance::{Running, serve},
    run::Scene,
    serve::curl,
};

/// What nobody but the other tenant may ever see.
const CANARY: &str = "canary-of-the-other";
const PASSWORD: &str = "correct horse battery staple";
const CORPUS: &str = include_str!("../../analytics/tests/it/hostile.sql");

/// An appliance with the door open, and two tenants.
struct House {
    scene: Scene,
    running: Running,
    ours: Tenant,
    other: Tenant,
}

/// A tenant with some rows, and an API key of its owner.
struct Tenant {
    id: String,
    name: &'static str,
    key: String,
    secret: String,
}

impl House {
    fn new() -> Self {
        let scene = Scene::new();
        scene.file(
            "audiagram.toml",
            "[postgres]\nlisten = '127.0.0.1:0'\n[query]\nrunning_per_tenant = 8\n[requests]\nburst_s = 10000\n",
        );
        let made = ["acme", "other"].map(|name| {
            let email = format!("ada@{name}.example");
            let command = ["tenant", "create", name, "--owner", &email, "--json", "--data", "data"];
            let made = scene.command().args(command).output().unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            serde_json::from_slice::<Value>(&made.stdout).unwrap()
        });
        let running = serve(&scene, &["--config", "audiagram.toml"]);
        let [ours, other] = made;
        let other = Tenant::fill(&scene, &running, "other", &other, CANARY);
        let ours = Tenant::fill(&scene, &running, "acme", &ours, "Orders");
        House { scene, running, ours, other }
    }

    fn address(&self) -> &str {
        self.running.wire.as_deref().expect("the door is open")
    }

    fn client(&self) -> Client {
        let Tenant { name, key, secret, .. } = &self.ours;
        Client::connect(self.address(), key, name, secret).unwrap()
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, answer) = curl(&self.scene, &self.running, method, path, body);
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }
}

impl Tenant {
    /// Signs the owner in, who makes a project, an event of use and a key. The owner stays signed in.
    fn fill(scene: &Scene, running: &Running, name: &'static str, made: &Value, title: &str) -> Self {
        let ask = |path: &str, body: &Value| {
            let (status, answer) = curl(scene, running, "POST", path, Some(body));
            assert!((200..300).contains(&status), "{path}: {status} {answer}");
            answer
        };
        let code = &made["invitation"]["code"];
        let email = format!("ada@{name}.example");
        ask("/v1/invitations/accept", &json!({ "tenant": name, "code": code, "name": "Ada", "password": PASSWORD }));
        ask("/v1/session", &json!({ "tenant": name, "email": email, "password": PASSWORD }));
        ask("/v1/projects", &json!({ "title": title }));
        let event = |id: &str, quantity: i64| {
            json!({ "specversion": "1.0", "id": id, "source": title, "type": format!("mails.{name}"),
                "data": { "quantity": quantity, "dimensions": { "list": title } } })
        };
        ask("/v1/usage/events", &json!([event("1", 3), event("2", 39)]));
        let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
        let permissions =
            ["query:run", "project:read", "cost:read", "member:read", "audit:read", "asset:read", "render:read"];
        let key = json!({ "name": "reports", "permissions": permissions, "expires": expires.to_string() });
        let made_key = ask("/v1/me/api-keys", &key);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Tenant { id: text(&made["id"]), name, key: text(&made_key["id"]), secret: text(&made_key["secret"]) }
    }
}

#[test]
fn who_comes_in_and_who_does_not() {
    let house = House::new();
    let (ours, other) = (&house.ours, &house.other);
    let mut client = house.client();
    let of = |name: &str| client.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    assert_eq!(of("server_version").as_deref(), Some("15.8"));
    assert_eq!(client.query("SELECT sum(quantity) FROM usage WHERE source = 'Orders'").text(), "42");

    let refused = |user: &str, database: &str, secret: &str| {
        Client::connect(house.address(), user, database, secret).map(drop).unwrap_err().code
    };
    let wrong = format!("{}x", &ours.secret[..ours.secret.len() - 1]);
    assert_eq!(refused(&ours.key, ours.name, &wrong), "28P01");
    assert_eq!(refused(&ours.key, other.name, &ours.secret), "28P01", "a key is good for its own tenant");
    assert_eq!(refused(&other.key, ours.name, &other.secret), "28P01");
    assert_eq!(refused(&ours.key, "nobody", &ours.secret), "28P01");
    assert_eq!(refused("postgres", ours.name, &ours.secret), "28P01");
    assert_eq!(refused(&ours.key, "appliance", &ours.secret), "28P01");

    // In the clear nobody gets as far as a name.
    let mut stream = plain(house.address());
    stream.write_all(b"\0\0\0\x15\0\x03\0\0user\0postgr\0\0").unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).unwrap();
    assert_eq!((said[0], told(&said[5..]).code.as_str()), (b'E', "28000"));

    // A key that may not ask comes in nowhere, and one that is revoked is refused with its next statement.
    let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let weak = json!({ "name": "weak", "permissions": ["project:read"], "expires": expires.to_string() });
    let weak = house.ask("POST", "/v1/me/api-keys", Some(&weak));
    assert_eq!(refused(weak["id"].as_str().unwrap(), ours.name, weak["secret"].as_str().unwrap()), "28P01");
    assert_eq!(client.query("SELECT 1").text(), "1");
    house.ask("DELETE", &format!("/v1/me/api-keys/{}", ours.key), None);
    assert_eq!(client.query("SELECT 1").code(), "28000");
    assert_eq!(refused(&ours.key, ours.name, &ours.secret), "28P01");

    // Each of it is in the trail: good and bad sign-ins, and each statement.
    let trail = house.ask("GET", "/v1/audit?limit=100", None);
    let rows = trail["items"].as_array().unwrap();
    let count = |action: &str, outcome: &str| {
        rows.iter()
            .filter(|row| {
                row["action"] == action && row["outcome"] == outcome && row["credential"] == ours.key.as_str()
            })
            .count()
    };
    let sign_ins: Vec<_> = rows.iter().filter(|row| row["detail"]["door"] == "postgresql").collect();
    let reasons: Vec<_> = sign_ins.iter().filter_map(|row| row["detail"]["reason"].as_str()).collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == "wrong_key").count(), 1, "{sign_ins:#?}");
    assert_eq!(reasons.iter().filter(|reason| **reason == "not_valid_any_more").count(), 1, "{sign_ins:#?}");
    assert_eq!(sign_ins.len() - reasons.len(), 1, "{sign_ins:#?}");
    assert_eq!(count("query:run", "done"), 2, "{rows:#?}");
}

/// Those who run the appliance ask for sums by the same doors, and read nothing that a tenant wrote.
#[test]
fn operators_see_sums_by_every_door() {
    let house = House::new();
    let code = house.running.code.as_deref().expect("there is no operator yet");
    let root = json!({ "code": code, "name": "Root", "email": "root@example.org", "password": PASSWORD });
    house.ask("POST", "/v1/setup", Some(&root));
    let sign_in = json!({ "tenant": "appliance", "email": "root@example.org", "password": PASSWORD });
    house.ask("POST", "/v1/session", Some(&sign_in));
    let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let key = json!({ "name": "sums", "permissions": ["system:read"], "expires": expires.to_string() });
    let key = house.ask("POST", "/v1/me/api-keys", Some(&key));
    let (user, secret) = (key["id"].as_str().unwrap(), key["secret"].as_str().unwrap());
    let mut client = Client::connect(house.address(), user, "appliance", secret).unwrap();
    let sums = "SELECT t.slug, u.events FROM usage_by_day u JOIN tenants t ON t.tenant_id = u.tenant_id WHERE u.meter = 'other' ORDER BY 1";
    assert_eq!(client.query(sums).text(), "acme|2\nother|2");
    for table in ["tenants", "usage_by_day", "jobs_by_day", "sign_ins", "table_columns", "pg_catalog.pg_class"] {
        let answer = client.query(&format!("SELECT * FROM {table}"));
        assert_eq!(answer.error, None, "{table}");
        let text = answer.text();
        assert!(!text.contains(CANARY) && !text.contains("Orders") && !text.contains("mails."), "{table}: {text}");
    }
    for table in ["usage", "projects", "users", "audit", "other.public.projects"] {
        assert!(client.query(&format!("SELECT * FROM {table}")).error.is_some(), "{table}");
    }
    let Tenant { name, .. } = house.ours;
    assert!(Client::connect(house.address(), user, name, secret).is_err(), "the key is no tenant's");
    let asked = ["sql", "SELECT count(*) AS n FROM tenants", "--format", "csv", "--data", "data"];
    let ran = house.scene.run(&asked).exits(0);
    assert_eq!(ran.out.lines().last(), Some("2"), "{}", ran.out);
}

#[test]
fn questions_in_one_message_and_in_steps() {
    let house = House::new();
    let mut client = house.client();
    for (sql, columns, rows) in [
        ("SELECT 1, 'a', NULL, 1.5::float8", "?column?,?column?,?column?,float8", "1|a|NULL|1.5"),
        ("SELECT count(*), sum(quantity) FROM usage WHERE meter = 'mails.acme'", "count,sum", "2|42"),
        ("SELECT dimensions FROM usage WHERE quantity = 3", "dimensions", "{\"list\": \"Orders\"}"),
        (
            "SELECT true, DATE '2026-11-22', TIMESTAMP '2026-11-22 10:00:00.5'",
            "?column?,date,timestamp",
            "t|2026-11-22|2026-11-22 10:00:00.5",
        ),
        ("SELECT title FROM acme.public.projects", "title", "Orders"),
        ("SHOW transaction_isolation", "transaction_isolation", "repeatable read"),
        ("SELECT current_database(), current_schema()", "current_database,current_schema", "acme|public"),
    ] {
        let answer = client.query(sql);
        assert_eq!(answer.error, None, "{sql}");
        assert_eq!((answer.columns.join(",").as_str(), answer.text().as_str()), (columns, rows), "{sql}");
        let steps = client.steps(sql, &[], false);
        assert_eq!((steps.text(), steps.error.clone()), (answer.text(), None), "{sql}");
        assert_eq!(steps.columns, answer.columns);
    }
    // Several statements, up to the first that fails; what comes after a session is the session's.
    let many = client.query("BEGIN; SELECT 1; SELECT nope FROM usage; SELECT 2");
    assert_eq!((many.tags.join(","), many.code()), ("BEGIN,SELECT 1".to_owned(), "42703"));
    assert_eq!(client.query("SELECT 1").code(), "25P02");
    assert_eq!(client.query("ROLLBACK").tags, ["ROLLBACK"]);
    assert_eq!(client.query("").kinds, "IZ");

    // Values for parameters, and columns in binary.
    let sql = "SELECT quantity, meter, at > '2020-01-01' FROM usage WHERE quantity = $1 AND meter LIKE $2";
    let answer = client.steps(sql, &[Some("39"), Some("mails%")], true);
    assert_eq!(answer.error, None);
    assert_eq!(answer.rows, [[Some(39_i64.to_be_bytes().to_vec()), Some(b"mails.acme".to_vec()), Some(vec![1])]]);
    assert_eq!(answer.types, [20, 25, 16]);
    assert_eq!(client.steps(sql, &[Some("x"), Some("y")], false).code(), "22P02");
    assert_eq!(client.steps("SELECT $1::numeric", &[Some("1.5")], true).rows[0][0].as_ref().unwrap()[..2], [0, 2]);

    // A portal is read in parts; after an error all is skipped to the next thought.
    client.parse("numbers", "SELECT value FROM generate_series(1, 5) ORDER BY 1", &[]);
    client.send(b'D', b"Snumbers\0");
    client.bind("numbers", &[], false);
    client.execute(2);
    client.execute(2);
    client.execute(2);
    client.send(b'S', b"");
    let parts = client.answer();
    assert_eq!((parts.kinds.as_str(), parts.text().as_str()), ("1tT2DDsDDsDCZ", "1\n2\n3\n4\n5"), "{:?}", parts.error);
    client.parse("", "SELECT nope", &[]);
    client.bind("", &[], false);
    client.execute(0);
    client.send(b'S', b"");
    assert_eq!(client.answer().kinds, "EZ");

    // Cursors, copies, and what pools say between two users of a connection.
    let cursor = client.query(
        "BEGIN; DECLARE c CURSOR FOR SELECT value FROM generate_series(1, 9); FETCH 2 FROM c; FETCH ALL FROM c; COMMIT",
    );
    assert_eq!(cursor.tags, ["BEGIN", "DECLARE CURSOR", "FETCH 2", "FETCH 7", "COMMIT"], "{:?}", cursor.error);
    let copy = client.query("COPY (SELECT 1, 'a b', NULL) TO STDOUT");
    assert_eq!((copy.kinds.as_str(), copy.tags.as_slice()), ("HdcCZ", &["COPY 1".to_owned()][..]));
    assert!(String::from_utf8_lossy(&copy.bytes).contains("1\ta b\t\\N\n"));
    let reset = client.query(
        "SET SESSION AUTHORIZATION DEFAULT;RESET ALL;CLOSE ALL;UNLISTEN *;SELECT pg_advisory_unlock_all();DISCARD ALL",
    );
    assert_eq!(reset.error, None);
    assert_eq!(reset.tags.last().unwrap(), "DISCARD ALL");
}

#[test]
fn what_is_too_long_is_stopped() {
    let house = House::new();
    let mut client = house.client();
    let endless = "SELECT count(*) FROM generate_series(1, 1000000000000)";
    assert_eq!(client.query("SET statement_timeout = '1s'").error, None);
    let begun = Instant::now();
    assert_eq!(client.query(endless).code(), "57014");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(client.query("RESET statement_timeout; SELECT 1").text(), "1");

    // Another connection asks for it, with the right number only.
    let (address, key) = (house.address().to_owned(), client.key);
    let other = std::thread::spawn(move || {
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(50));
            cancel(&address, (key.0, key.1 ^ 1));
            cancel(&address, key);
        }
    });
    let stopped = client.query(endless);
    assert_eq!((stopped.code(), stopped.error.as_ref().unwrap().message.contains("user request")), ("57014", true));
    other.join().unwrap();
    assert_eq!(client.query("SELECT 1").text(), "1");

    // Messages that are none end the connection with a word, and nothing else.
    for bytes in [&b"Q\xff\xff\xff\xff"[..], b"Z\0\0\0\x04", b"P\0\0\0\x05\0", b"B\0\0\0\x08\0\0\0\x01", b"Q\0\0\0\x03"]
    {
        let mut client = house.client();
        client.raw(bytes);
        let (kind, body) = client.read().unwrap();
        assert_eq!((kind, told(&body).code.as_str()), (b'E', "08P01"), "{bytes:?}");
        assert!(client.read().is_none());
    }
    let mut stream = plain(house.address());
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    assert_eq!(client.query("SELECT 1").text(), "1");
}

#[test]
fn nothing_of_another_tenant_comes_out() {
    let house = House::new();
    let (ours, other) = (&house.ours, &house.other);
    let mut victim = Client::connect(house.address(), &other.key, other.name, &other.secret).unwrap();
    assert!(victim.query("SELECT title FROM projects").text().contains(CANARY));
    let file = "0".repeat(64);
    let more = [
        "SELECT * FROM pg_catalog.pg_class c, pg_catalog.pg_attribute a, pg_catalog.pg_database d",
        "SELECT datname FROM pg_database",
        "SELECT * FROM pg_stat_activity",
        "SELECT * FROM pg_roles",
        "SELECT * FROM pg_settings",
        "SELECT * FROM information_schema.columns",
        "SELECT * FROM other.public.projects",
        "SELECT * FROM \"other\".\"public\".\"usage\"",
        "SELECT obj_description(oid), col_description(oid, 1) FROM pg_class",
        "SELECT current_setting('data_directory')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT dblink('dbname=other', 'SELECT 1')",
        "COPY projects TO STDOUT",
        "COPY projects FROM STDIN",
        "DECLARE c CURSOR FOR SELECT * FROM projects",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION 'other'",
        "SET search_path TO other",
        "SHOW ALL",
        "EXECUTE nothing",
        "PREPARE p AS SELECT * FROM projects",
        "LISTEN x",
        "DO $$ BEGIN END $$",
        "CALL x()",
        "VACUUM",
        "SELECT 1; DROP TABLE usage; SELECT 2",
    ];
    let mut client = house.client();
    let mut statements = 0;
    for sql in CORPUS.lines().filter(|line| !line.starts_with("-- ")).chain(more) {
        let sql = sql.replace("{other}", &other.id).replace("{file}", &file);
        statements += 1;
        let mut seen = client.query(&format!("SET statement_timeout = '2s'; {sql}")).bytes;
        seen.extend(client.steps(&sql, &[], true).bytes);
        // A fault of the protocol ends the connection; none of these is one.
        let seen = String::from_utf8_lossy(&seen).into_owned();
        for private in [CANARY, "mails.other", &other.key, "root:x:0", "/home/", "/root/", ".cargo"] {
            assert!(!seen.contains(private), "{sql}: {seen}");
        }
        client.query("ROLLBACK; CLOSE ALL; DEALLOCATE ALL");
    }
    assert!(statements >= 250, "{statements}");
    assert_eq!(client.query("SELECT count(*) FROM usage WHERE source = 'Orders'").text(), "2");
    assert_eq!(client.query("SELECT datname FROM pg_database").text(), ours.name);
    assert!(victim.query("SELECT title FROM projects").text().contains(CANARY));

    for sql in [
        "CREATE TABLE t (a int)",
        "INSERT INTO usage VALUES (1)",
        "DROP TABLE usage",
        "COPY usage TO '/tmp/x'",
        "DELETE FROM usage",
    ] {
        assert_eq!(client.query(sql).code(), "25006", "{sql}");
        assert_eq!(client.steps(sql, &[], false).code(), "25006", "{sql}");
    }
}

#[test]
fn what_clients_look_at_first() {
    let house = House::new();
    let mut client = house.client();
    let mut check = |sql: &str, expected: &str| {
        let answer = client.query(sql);
        assert_eq!((answer.text().as_str(), answer.error), (expected, None), "{sql}");
    };
    check(
        "SELECT relname, relkind FROM pg_class WHERE relname IN ('usage', 'projects') ORDER BY 1",
        "projects|r\nusage|r",
    );
    check(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'usage'::regclass AND attnum <= 3 ORDER BY attnum",
        "number|bigint\nevent_id|text\nmeter|text",
    );
    check(
        "SELECT column_name, data_type, udt_name FROM information_schema.columns WHERE table_name = 'usage' AND ordinal_position = 6",
        "at|timestamp with time zone|timestamptz",
    );
    check("SELECT typname FROM pg_type WHERE oid = 'timestamptz'::regtype", "timestamptz");
    check(
        "SELECT n.nspname FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
        "public",
    );
    check("SELECT obj_description('usage'::regclass, 'pg_class') IS NOT NULL", "t");
    // How Npgsql loads types, with arrays, ranges and the functions by which it knows them.
    let types = client.query(
        "SELECT ns.nspname, typ.oid, typ.typname, typ.typtype, elem.oid FROM pg_type typ
         JOIN pg_namespace ns ON ns.oid = typ.typnamespace
         LEFT JOIN pg_proc p ON p.oid = typ.typreceive
         LEFT JOIN pg_type elem ON elem.oid = typ.typelem AND p.proname = 'array_recv'
         LEFT JOIN pg_range r ON r.rngtypid = typ.oid
         WHERE typ.typtype IN ('b', 'r', 'm', 'e', 'd') ORDER BY typ.oid",
    );
    assert_eq!(types.error, None);
    assert!(types.text().contains("pg_catalog|1009|_text|b|25"), "{}", types.text());
    assert!(types.rows.len() > 60, "{}", types.rows.len());
}
