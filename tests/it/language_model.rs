//! `audiagram outline --llm-url`, against a server on loopback that answers as it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use crate::run::Scene;

const TEXT: &str =
    "First the clerk checks the stock. Then he packs the order. Finally the driver takes the parcel away.";

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
fn addresses_that_make_no_sense_are_refused() {
    let scene = Scene::new();
    scene.file("notes.txt", TEXT);
    for url in ["ftp://host/v1", "http://user:secret@host/v1", "nonsense"] {
        scene.run(&["outline", "notes.txt", "--llm-url", url, "--llm-model", "m"]).exits(2).says("--llm-url");
    }
    scene.run(&["outline", "notes.txt", "--llm-url", "http://localhost:1/v1"]).exits(2);
}
