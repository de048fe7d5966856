//! What operators look at: it is the host's, it is looked at once at a time, and the bundle is told of.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use axum::http::{Method, StatusCode};
use model::{Level, Outcome};
use serde_json::{Value, json};

use super::world::World;
use crate::{
    host::{
        About, Area, BundlePart, Certificates, Configuration, Doctor, Finding, FindingState, Findings, Gathered, Host,
        Licences, LogWanted, Logged, Machine, Memory, Processors, Served, Setting, SettingSource,
    },
    problem::Code,
};

/// A host that tells little. While it has a gate, a look lasts until a word comes through it.
#[derive(Debug, Default)]
pub(super) struct Told {
    looks: AtomicUsize,
    gate: Mutex<Option<Receiver<()>>>,
}

impl Host for Told {
    fn about(&self) -> About {
        About {
            version: "1.2.3".into(),
            commit: None,
            build: "debug".into(),
            architecture: "x86_64".into(),
            features: vec!["appliance".into()],
            libraries: Vec::new(),
            kernel: "6.1".into(),
            region: "eu".into(),
            started: "2027-01-01T00:00:00Z".into(),
            uptime_s: 5,
            endpoints: 3,
        }
    }

    fn licences(&self) -> Licences {
        Licences { terms: vec!["All of it.".into()], parts: Vec::new(), packages: Vec::new() }
    }

    fn look(&self) -> Findings {
        let number = self.looks.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(gate) = &*self.gate.lock().unwrap() {
            gate.recv().expect("the test lets go");
        }
        let finding = Finding {
            name: "memory".into(),
            area: Area::Machine,
            state: FindingState::Ok,
            detail: format!("look {number}"),
            why: "a job needs some".into(),
            remedy: None,
        };
        Findings { looked: "2027-01-01T00:00:00Z".into(), took_ms: 1, checks: vec![finding] }
    }

    fn certificates(&self) -> Certificates {
        let served = Served { own: true, file: "cert.pem".into(), renewed_from: None, chain: Vec::new(), looked: None };
        Certificates { served, trusted: Vec::new(), warnings: Vec::new() }
    }

    fn configuration(&self) -> Configuration {
        let setting = Setting {
            key: "store.max_open".into(),
            value: 7.into(),
            default: 512.into(),
            differs: true,
            source: SettingSource::Environment,
            variable: Some("AUDIAGRAM_STORE__MAX_OPEN".into()),
            meaning: "files".into(),
        };
        Configuration { file: None, stale: false, fault: None, settings: vec![setting] }
    }

    fn machine(&self) -> Machine {
        let memory =
            Memory { total_bytes: 8, available_bytes: 4, process_bytes: 1, limit_bytes: None, limited_bytes: None };
        let processors = Processors { threads: 2, load: [0.5, 0.25, 0.125] };
        Machine { disks: Vec::new(), memory, processors, job_slots: 2 }
    }

    fn log(&self, wanted: &LogWanted) -> Logged {
        Logged { lines: Vec::new(), next: None, filter: format!("{wanted:?}"), kept: 0, targets: Vec::new() }
    }

    fn bundle_parts(&self) -> Vec<BundlePart> {
        vec![BundlePart { name: "doctor.json".into(), about: "checks".into() }]
    }

    fn bundle(&self, gathered: &Gathered) -> Result<Vec<u8>, String> {
        let Gathered { findings, health, counts, metrics } = gathered;
        assert!(metrics.contains("audiagram_build_info"));
        Ok(json!({ "looks": findings.checks[0].detail, "health": health, "counts": counts }).to_string().into_bytes())
    }
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_doctor_looks_once_at_a_time_and_nobody_waits_longer_than_they_want() {
    let told = Arc::new(Told::default());
    let host: Arc<dyn Host> = told.clone();
    let (doctor, ask) = (Doctor::default(), |doctor: &Doctor, anew, patience| {
        doctor.ask(&host, anew, patience).map(|found| found.checks[0].detail.clone()).map_err(|problem| problem.code)
    });
    let late = Err(Code::Unavailable.text());
    let (word, gate) = channel();
    *told.gate.lock().unwrap() = Some(gate);
    assert_eq!(ask(&doctor, false, Duration::ZERO), late, "it looks still");
    assert_eq!(ask(&doctor, true, Duration::ZERO), late, "and is not made to look twice");
    word.send(()).unwrap();
    assert_eq!(ask(&doctor, false, LONG), Ok("look 1".to_owned()));
    assert_eq!(ask(&doctor, false, Duration::ZERO), Ok("look 1".to_owned()), "what was found is kept");
    assert_eq!(told.looks.load(Ordering::SeqCst), 1);
    word.send(()).unwrap();
    assert_eq!(ask(&doctor, true, LONG), Ok("look 2".to_owned()));

    // A look that breaks off keeps nobody from the next one.
    drop(word);
    let fresh = Doctor::default();
    assert_eq!(ask(&fresh, true, LONG), late);
    told.gate.clear_poison();
    *told.gate.lock().unwrap() = None;
    assert_eq!(ask(&fresh, true, LONG), Ok("look 4".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_what_the_host_tells() {
    let world = World::new();
    let root = world.operator("root");
    let get = async |path: &str| world.send(Some(&root), Method::GET, path, Value::Null).await;
    assert_eq!(get("/v1/appliance/about").await.body["version"], "1.2.3");
    assert_eq!(get("/v1/appliance/licences").await.body["terms"], json!(["All of it."]));
    assert_eq!(get("/v1/appliance/doctor").await.body["checks"][0]["detail"], "look 1");
    assert_eq!(get("/v1/appliance/doctor").await.body["checks"][0]["detail"], "look 1");
    assert_eq!(get("/v1/appliance/doctor?anew=true").await.body["checks"][0]["detail"], "look 2");
    assert_eq!(get("/v1/appliance/certificates").await.body["served"]["own"], true);
    let setting = &get("/v1/appliance/configuration").await.body["settings"][0];
    assert_eq!((&setting["differs"], &setting["source"]), (&json!(true), &json!("environment")));

    let asked = get("/v1/appliance/log?level=warn&target=api&text=disk&before=9&limit=3").await;
    let filter = asked.body["filter"].as_str().unwrap();
    for part in ["Warn", "\"api\"", "\"disk\"", "Some(9)", "most: 3"] {
        assert!(filter.contains(part), "{part} in {filter}");
    }
    for wrong in ["limit=0", "limit=501", "level=loud", &format!("text={}", "x".repeat(101))] {
        let status = get(&format!("/v1/appliance/log?{wrong}")).await.status;
        assert!([StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&status), "{wrong}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn capacity_tells_what_tenants_store() {
    let world = World::new();
    let acme = world.tenant("acme");
    let ada = world.person(&acme, "ada", Level::Owner);
    let made = world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "Talks" })).await.body;
    world.upload(&ada, made["id"].as_str().unwrap(), "talk.m4a", &[7; 1_000]).await;
    let root = world.operator("root");
    let get = async |path: &str| world.send(Some(&root), Method::GET, path, Value::Null).await.body;
    let now = get("/v1/appliance/capacity").await;
    assert_eq!((&now["job_slots"], &now["jobs_at_work"]), (&json!(2), &json!(true)), "{now}");
    assert_eq!(now["growth"], Value::Null, "without backups nobody knows");
    let stored = get("/v1/appliance/capacity/tenants").await;
    let one = &stored["items"][0];
    assert_eq!(one["slug"], "acme", "{stored}");
    assert_eq!(one["stored_bytes"], 1_000, "{stored}");
    assert_eq!(one["allowed_bytes"], acme.limits().storage_bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_told_of_before_and_after() {
    let world = World::new();
    world.tenant("acme");
    let root = world.operator("root");
    let path = "/v1/appliance/support-bundle";
    let rows = world.rows(root.tenant);
    let parts = world.send(Some(&root), Method::GET, path, Value::Null).await.body;
    assert_eq!(parts["items"][0]["name"], "doctor.json");
    assert_eq!(world.rows(root.tenant), rows, "to look leaves no row");
    let made = world.send(Some(&root), Method::POST, path, Value::Null).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    assert_eq!(made.body["looks"], "look 1");
    assert_eq!(made.body["health"]["ready"], true);
    assert_eq!(made.body["counts"], json!({ "tenants": 1, "by_state": { "active": 1 }, "by_plan": { "business": 1 } }));
    let row = world.last_row(root.tenant);
    assert_eq!((row.outcome, row.action.code()), (Outcome::Done, "system:support_bundle"));
    assert!(row.detail.contains_key("bytes"), "{:?}", row.detail);
}
