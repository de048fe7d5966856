//! A language model's second look, by the commands and in the appliance, against a server on loopback that answers as it is told.
//! With a real server and model: `benches/language_model/run.sh`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use crate::make::silence;
use crate::run::Scene;

const TEXT: &str = "First you check the whole stock. Then you pack the order. Finally you take the big parcel away.";

/// What the server does with each request, in turn; the last for all that follow.
#[derive(Clone)]
enum Does {
    Answer(u16, String),
    Wait,
}

/// Starts a server; returns its address and what it was sent.
fn server(does: Vec<Does>) -> (String, std::sync::mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for (i, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let _ = tell.send((head, serde_json::from_slice(&body).unwrap()));
            match &does[i.min(does.len() - 1)] {
                Does::Wait => std::thread::sleep(Duration::from_secs(30)),
                Does::Answer(status, text) => {
                    let head = format!(
                        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
                        text.len()
                    );
                    let _ = write!(stream, "{head}connection: close\r\n\r\n{text}");
                }
            }
        }
    });
    (url, told)
}

fn completion(content: &str) -> Does {
    let reply = json!({
        "choices": [{ "message": { "role": "assistant", "content": content }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 1000, "completion_tokens": 200 },
    });
    Does::Answer(200, reply.to_string())
}

fn diagram() -> Does {
    let node = |id: &str, label: &str, words: [u32; 2]| json!({ "id": id, "label": label, "words": words });
    let nodes = [
        node("a", "Check stock", [0, 5]),
        node("b", "Pack order", [6, 10]),
        node("c", "Take parcel away", [11, 17]),
        node("d", "Send rocket", [0, 5]),
    ];
    completion(&json!({ "kind": "steps", "title": "Pack order", "nodes": nodes, "edges": [] }).to_string())
}

fn labels(board: &Value) -> Vec<&str> {
    board["scenes"][0]["nodes"].as_array().unwrap().iter().map(|n| n["label"].as_str().unwrap()).collect()
}

#[test]
fn a_model_that_answers_is_believed_as_far_as_it_quotes() {
    // The first try fails, as servers do that are starting.
    let (url, told) = server(vec![Does::Answer(503, "{}".to_owned()), diagram()]);
    let scene = Scene::new();
    scene.file("notes.txt", TEXT);
    let mut command = scene.command();
    let arguments = ["outline", "notes.txt", "--llm-url", &url, "--llm-model", "small", "--llm-price", "1,2"];
    let out = command.args(arguments).env("AUDIAGRAM_LLM_KEY", "very-secret-key").output().unwrap();
    let err = String::from_utf8(out.stderr).unwrap();
    assert!(out.status.success(), "{err}");
    let board: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(labels(&board), ["Check stock", "Pack order", "Take parcel away"]);
    assert!(err.contains("1 of 1 scenes taken, 1 elements dropped"), "{err}");
    assert!(err.contains("1000 tokens asked, 200 answered, cost 0.001400"), "{err}");
    assert!(!err.contains("very-secret-key") && !String::from_utf8_lossy(&out.stdout).contains("very-secret-key"));
    let (head, body) = told.recv().unwrap();
    assert!(head.starts_with("POST /v1/chat/completions") && head.contains("Bearer very-secret-key"), "{head}");
    assert_eq!(body["model"], "small");
    assert_eq!(body["response_format"]["type"], "json_schema");
}

#[track_caller]
fn check_stands(does: Does, why: &str) {
    let (url, _told) = server(vec![does]);
    let scene = Scene::new();
    scene.file("notes.txt", TEXT);
    let plain = scene.run(&["outline", "notes.txt"]).exits(0).json();
    let arguments = ["outline", "notes.txt", "--llm-url", &url, "--llm-model", "small", "--llm-timeout", "1"];
    let ran = scene.run(&arguments).exits(0);
    let ran = ran.says(why);
    let board = ran.json();
    assert_eq!(board["scenes"], plain["scenes"]);
    let review = board["review"].as_array().unwrap();
    assert!(review.iter().any(|r| r["why"].as_str().unwrap().contains("language model")), "{review:?}");
}

#[test]
fn whatever_the_server_does_the_built_in_outline_stands() {
    check_stands(Does::Wait, "did not answer within 1 s");
    check_stands(Does::Answer(500, "{}".to_owned()), "status 500");
    check_stands(Does::Answer(401, "{}".to_owned()), "another key");
    check_stands(Does::Answer(404, "{}".to_owned()), "status 404");
    check_stands(Does::Answer(200, "<html>".to_owned()), "without JSON");
    check_stands(completion("Sure, here is your diagram"), "did not keep to the schema");
    check_stands(
        completion(
            r#"{"kind":"steps","title":"","nodes":[{"id":"a","label":"Send rocket","words":[0,5]}],"edges":[]}"#,
        ),
        "too little",
    );
}

#[test]
fn nobody_is_asked_for_scenes_that_an_answer_cannot_hold() {
    let (url, told) = server(vec![diagram()]);
    let scene = Scene::new();
    scene.file("mill.txt", "In 1950 the mill opened. In 1961 the bridge fell. In 1980 the railway closed.");
    scene.file("notes.txt", TEXT);
    let asks = ["--llm-url", &url, "--llm-model", "small"];
    let plain = scene.run(&["outline", "mill.txt"]).exits(0).json();
    assert_eq!(plain["scenes"][0]["kind"], "timeline");
    let ran = scene.run(&[&["outline", "mill.txt"][..], &asks].concat()).exits(0);
    let ran = ran.says("0 of 1 scenes taken, 1 not asked for").says("0 tokens asked");
    assert_eq!((&ran.json()["scenes"], &ran.json()["review"]), (&plain["scenes"], &plain["review"]));
    assert!(told.try_recv().is_err(), "nothing is sent");
    // A kind that is asked for is the only one that is offered; the server answers with another.
    let ran = scene.run(&[&["outline", "notes.txt", "--kind", "cycle"][..], &asks].concat()).exits(0);
    assert_eq!(ran.says("`steps` was not offered").json()["scenes"][0]["kind"], "cycle");
    let (_, body) = told.recv().unwrap();
    let kinds = "/response_format/json_schema/schema/properties/kind/enum";
    assert_eq!(body.pointer(kinds), Some(&json!(["cycle"])));
}

#[test]
fn addresses_that_make_no_sense_are_refused() {
    let scene = Scene::new();
    scene.file("notes.txt", TEXT);
    for url in ["ftp://host/v1", "http://user:secret@host/v1", "nonsense"] {
        scene.run(&["outline", "notes.txt", "--llm-url", url, "--llm-model", "m"]).exits(2).says("--llm-url");
    }
    scene.run(&["outline", "notes.txt", "--llm-url", "http://localhost:1/v1"]).exits(2);
}

/// A silent recording with a transcript beside it that says it holds `TEXT`: nothing has to be heard.
fn spoken(scene: &Scene) {
    let recording = silence(8);
    let sha256 = sha256(&scene.file("talk.wav", &recording));
    let words = TEXT.split(' ').enumerate();
    let words: Vec<Value> =
        words.map(|(i, text)| json!({ "text": text, "start_ms": i * 400, "end_ms": i * 400 + 350 })).collect();
    let transcript = json!({
        "schema": "studio.transcript/1", "lang": "en", "duration_ms": 8_000, "audio_sha256": sha256, "words": words,
    });
    scene.file("talk.transcript.json", transcript.to_string());
}

fn sha256(file: &std::path::Path) -> String {
    let out = std::process::Command::new("sha256sum").arg(file).output().unwrap();
    String::from_utf8(out.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

#[test]
fn a_video_is_made_with_its_help_though_the_worker_has_no_network() {
    let (url, told) = server(vec![diagram()]);
    let scene = Scene::new();
    spoken(&scene);
    let make = ["make", "talk.wav", "--size", "320x240", "--fps", "5"];
    let asks = ["--llm-url", url.as_str(), "--llm-model", "small", "--llm-price", "1,2", "--progress", "json"];
    let ran = scene.run(&[&make[..], &asks].concat()).exits(0).says("1 of 1 scenes taken, 1 elements dropped");
    assert!(ran.err.contains("cost 0.001400"), "{}", ran.err);
    // The words of the talk are for the server, not for whoever reads the progress.
    assert!(!ran.err.contains("Language: en"), "{}", ran.err);
    assert_eq!(told.recv().unwrap().1["model"], "small");
    let board =
        || -> Value { serde_json::from_slice(&std::fs::read(scene.path("talk.storyboard.json")).unwrap()).unwrap() };
    assert_eq!(labels(&board()), ["Check stock", "Pack order", "Take parcel away"]);

    // What a person has changed stays, whatever the model draws.
    let mut edited = board();
    edited["scenes"][0]["nodes"][0]["label"] = json!("Count the stock");
    edited["scenes"][0]["nodes"][0]["by"] = json!("user");
    scene.file("talk.storyboard.json", edited.to_string());
    scene.run(&[&make[..], &asks].concat()).exits(0);
    assert_eq!(labels(&board()), ["Count the stock", "Pack order", "Take parcel away"]);

    // Without a word about it nobody is asked.
    while told.try_recv().is_ok() {}
    scene.run(&make).exits(0);
    assert!(told.try_recv().is_err(), "a model was asked that was not named");
}

#[cfg(feature = "appliance")]
#[test]
fn the_appliance_asks_only_for_tenants_that_let_it_in() {
    use crate::appliance::{Client, begin, serve, tenant};

    let (url, told) = server(vec![diagram()]);
    let scene = Scene::new();
    let key = scene.file("key", "very-secret-key\n");
    std::fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    scene.file(
        "audiagram.toml",
        format!("[jobs]\nsandbox = 'prefer'\n[language_model]\nurl = '{url}'\nmodel = 'small'\nkey_file = 'key'\n"),
    );
    let invitation = tenant(&scene);
    let client = Client { scene: &scene, appliance: serve(&scene, &["--config", "audiagram.toml"]) };
    let project = begin(&client, &invitation);
    let new = json!({ "file_name": "notes.txt", "text": TEXT });
    let made = client.post(&format!("/v1/projects/{project}/imports"), &new);
    let board = format!("/v1/storyboards/{}", made["storyboard"].as_str().unwrap());
    let outline = || {
        let job = client.post(&format!("{board}/outline"), &json!({}));
        let (_, end) = client.follow(job["id"].as_str().unwrap(), |name, _| name == "end");
        assert_eq!(end["state"], "done", "{end}");
        client.get(&format!("{board}/content"))
    };
    let plain = outline();
    assert!(told.try_recv().is_err(), "the words of a tenant were sent that had not said so");

    let offered = client.get("/v1/tenant");
    assert_eq!((&offered["language_model"], &offered["settings"]["language_model"]), (&json!("small"), &json!(false)));
    let headers = ["--header", "content-type: application/json", "--header", "if-match: *"];
    let change = json!({ "language_model": true }).to_string();
    let (status, now) = client.ask("PATCH", "/v1/tenant", &[headers.as_slice(), &["--data", &change]].concat());
    assert_eq!((status, &now["settings"]["language_model"]), (200, &json!(true)), "{now}");

    let drawn = outline();
    let (head, body) = told.recv().unwrap();
    assert!(head.contains("Bearer very-secret-key"), "{head}");
    assert_eq!(body["model"], "small");
    assert_eq!(labels(&drawn), ["Check stock", "Pack order", "Take parcel away"]);
    assert_ne!(drawn["scenes"], plain["scenes"]);
    // Its tokens are counted like everything that costs.
    let rows = client
        .post("/v1/query", &json!({ "sql": "SELECT sum(quantity) AS n FROM usage WHERE meter = 'audiagram.tokens'" }));
    assert!(rows.to_string().contains("1200"), "{rows}");
}
