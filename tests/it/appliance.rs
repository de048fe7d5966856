//! From an uploaded recording to a finished video through the appliance's API, with real workers, and a kill in the middle.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::run::Scene;

/// A running `audiagram serve`; killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: String,
    /// Where the door of PostgreSQL is, if it was asked for.
    pub(crate) wire: Option<String>,
    /// The code for the first operator.
    pub(crate) code: Option<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the appliance over the folder `data` of the scene.
pub(crate) fn serve(scene: &Scene, more: &[&str]) -> Running {
    let mut child = scene
        .command()
        .args(["serve", "--data", "data", "--listen", "127.0.0.1:0"])
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (mut code, mut wire) = (None, None);
    let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
        code = line.split_once("good for a day: ").map(|(_, code)| code.trim().to_owned()).or(code.take());
        wire = line.split_once("postgresql://").map(|(_, address)| address.trim().to_owned()).or(wire.take());
        Some(line.split_once("https://")?.1.trim().to_owned())
    });
    // The rest must find a reader.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
    Running { child, address: address.expect("it says where it listens"), wire, code }
}

/// Someone who speaks with a running appliance and keeps its cookies.
pub(crate) struct Client<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) appliance: Running,
}

impl Client<'_> {
    fn curl(&self) -> Command {
        let mut command = Command::new("curl");
        command.current_dir(self.scene.folder.path());
        command.args(["--silent", "--insecure", "--cookie", "jar", "--header", "sec-fetch-site: same-origin"]);
        command
    }

    fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.appliance.address)
    }

    pub(crate) fn ask(&self, method: &str, path: &str, arguments: &[&str]) -> (u16, Value) {
        let mut command = self.curl();
        // Here only: who watches a stream is killed, which would leave half a jar.
        command.args(["--cookie-jar", "jar"]);
        command.args(["--write-out", "\n%{http_code}", "--request", method]).args(arguments);
        let out = command.arg(self.url(path)).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, &[]);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let text = body.to_string();
        let (status, body) = self.ask("POST", path, &["--header", "content-type: application/json", "--data", &text]);
        assert!((200..300).contains(&status), "{path}: {status} {body}");
        body
    }

    /// Follows the events of a job to the first of which `last` holds: name and data.
    pub(crate) fn follow(&self, job: &str, last: impl Fn(&str, &Value) -> bool) -> (String, Value) {
        let mut command = self.curl();
        command.args(["--no-buffer", "--max-time", "240"]).arg(self.url(&format!("/v1/jobs/{job}/events")));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut seen = Vec::new();
        let mut name = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some(event) = line.strip_prefix("event: ") {
                name = event.to_owned();
            } else if let Some(data) = line.strip_prefix("data: ") {
                let data: Value = serde_json::from_str(data).unwrap();
                seen.push(format!("{name} {data}"));
                if last(&name, &data) {
                    let _ = child.kill();
                    let _ = child.wait();
                    return (name, data);
                }
            }
        }
        panic!("the stream ended: {seen:#?}");
    }
}

/// Makes the tenant `acme` in the folder `data` of a scene whose appliance does not run; gives the invitation of its owner.
pub(crate) fn tenant(scene: &Scene) -> String {
    let made = scene
        .command()
        .args(["tenant", "create", "acme", "--owner", "ada@example.org", "--json", "--data", "data"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let tenant: Value = serde_json::from_slice(&made.stdout).unwrap();
    tenant["invitation"]["code"].as_str().unwrap().to_owned()
}

/// Signs in the owner of the tenant, and makes a project; its id.
pub(crate) fn begin(client: &Client<'_>, invitation: &str) -> String {
    let password = "correct horse battery staple";
    client.post(
        "/v1/invitations/accept",
        &json!({ "tenant": "acme", "code": invitation, "name": "Ada", "password": password }),
    );
    client.post("/v1/session", &json!({ "tenant": "acme", "email": "ada@example.org", "password": password }));
    client.post("/v1/projects", &json!({ "title": "Talks" }))["id"].as_str().unwrap().to_owned()
}

/// Uploads a recording; its id.
fn upload(client: &Client<'_>, project: &str, file: &str, size: usize) -> String {
    let new = json!({ "file_name": file, "media_type": "audio/ogg", "size": size });
    let begun = client.post(&format!("/v1/projects/{project}/uploads"), &new);
    let path = format!("/v1/uploads/{}", begun["id"].as_str().unwrap());
    let data = format!("@{file}");
    let headers = ["--header", "content-type: application/partial-upload", "--header", "upload-offset: 0"];
    let (status, done) = client.ask("PATCH", &path, &[headers.as_slice(), &["--data-binary", &data]].concat());
    assert!((200..300).contains(&status), "{status} {done}");
    done["recording"].as_str().unwrap_or_else(|| panic!("{done}")).to_owned()
}

/// What lies plain in the folder of the workers.
fn plain(scene: &Scene) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(scene.path("data/work")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn from_a_recording_to_a_video_over_a_kill() {
    if std::env::var_os("AUDIAGRAM_MODELS").is_none() {
        eprintln!("skipped: AUDIAGRAM_MODELS does not name the folder with the speech models tiny.en and silero-vad");
        return;
    }
    let Some(scene) = Scene::with_models() else { return };
    let fixture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/order.ogg")).unwrap();
    scene.file("talk.ogg", &fixture);
    // The kernel under the test may lack what the appliance asks for.
    scene.file("audiagram.toml", "[jobs]\nsandbox = 'prefer'\n");
    let invitation = tenant(&scene);
    let config = ["--config", "audiagram.toml"];
    let client = Client { scene: &scene, appliance: serve(&scene, &config) };
    let recording = upload(&client, &begin(&client, &invitation), "talk.ogg", fixture.len());

    // A locked brand kit holds whatever theme is asked for.
    let look = json!({ "base": "dark", "background": "#301040" });
    let kit = client.post("/v1/brand-kits", &json!({ "name": "House", "look": look }));
    let chosen = json!({ "brand_kit": kit["id"], "brand_kit_locked": true }).to_string();
    let headers = ["--header", "content-type: application/json", "--header", "if-match: *"];
    let (status, chosen) = client.ask("PATCH", "/v1/choices", &[headers.as_slice(), &["--data", &chosen]].concat());
    assert_eq!(status, 200, "{chosen}");

    let look = json!({ "theme": "light", "width": 320, "height": 240, "fps": 5 });
    let order = json!({ "hearing": { "model": "tiny.en" }, "look": look });
    let job = client.post(&format!("/v1/recordings/{recording}/videos"), &order);
    let job = job["id"].as_str().unwrap().to_owned();
    // kill -9 while it is heard or later: a worker is at work then.
    client.follow(&job, |name, data| {
        assert_eq!(name, "progress", "{data}");
        data["stage"] == "transcribe" || data["stage"] == "render"
    });
    drop(client);
    assert_eq!(plain(&scene).len(), 1, "the kill left the folder of the worker behind");

    let client = Client { scene: &scene, appliance: serve(&scene, &config) };
    let (name, end) = client.follow(&job, |name, _| name == "end");
    assert_eq!((name.as_str(), &end["state"]), ("end", &json!("done")), "{end}");
    assert!(end["attempts"].as_u64().unwrap() >= 2 && end["failures"] == 0, "{end}");
    assert_eq!(plain(&scene), Vec::<PathBuf>::new(), "nothing lies plain when no job runs");
    let videos = client.get("/v1/videos");
    assert_eq!(videos["items"].as_array().unwrap().len(), 1, "{videos}");
    let video = &videos["items"][0];
    assert_eq!((&video["id"], &video["width"]), (&end["result"], &json!(320)));
    let transcripts = client.get("/v1/transcripts");
    let words = format!("/v1/transcripts/{}/content", transcripts["items"][0]["id"].as_str().unwrap());
    let said = client.get(&words).to_string().to_lowercase();
    assert!(said.contains("bicycle"), "{said}");

    // An edit and another render: only what changed is drawn, and the result is another video.
    let board = format!("/v1/storyboards/{}", video["storyboard"].as_str().unwrap());
    let scenes = client.get(&format!("{board}/content"));
    let op = json!({ "op": "set_label", "scene": scenes["scenes"][0]["id"], "element": scenes["scenes"][0]["nodes"][0]["id"],
                     "label": "Buy it" });
    let text = op.to_string();
    let headers = ["--header", "content-type: application/json", "--header", "if-match: \"1\""];
    let (status, edited) = client.ask("PATCH", &board, &[headers.as_slice(), &["--data", &text]].concat());
    assert_eq!(status, 200, "{edited}");
    let again = client.post(&format!("{board}/videos"), &json!({}));
    let (_, end) = client.follow(again["id"].as_str().unwrap(), |name, _| name == "end");
    assert_eq!(end["state"], "done", "{end}");

    for (at, video) in [video["id"].as_str().unwrap(), end["result"].as_str().unwrap()].into_iter().enumerate() {
        let file = format!("talk{at}.mp4");
        let (status, _) = client.ask("GET", &format!("/v1/videos/{video}/files/mp4"), &["--output", &file]);
        let got = || String::from_utf8_lossy(&std::fs::read(scene.path(&file)).unwrap()).into_owned();
        assert_eq!(status, 200, "{}", got());
        check_video(&scene, &file);
        assert!(
            corner(&scene, &file).iter().zip([0x30, 0x10, 0x40]).all(|(a, b)| a.abs_diff(b) < 8),
            "the brand's page"
        );
        // What is there for those who do not see the picture.
        for (track, name, begins) in [
            ("chapters", "chapters.vtt", "WEBVTT"),
            ("descriptions", "descriptions.vtt", "WEBVTT"),
            ("page", "page.html", "<!DOCTYPE html>"),
        ] {
            let (status, _) = client.ask("GET", &format!("/v1/videos/{video}/files/{track}"), &["--output", name]);
            let text = std::fs::read_to_string(scene.path(name)).unwrap();
            assert!(status == 200 && text.starts_with(begins), "{track}: {status} {text}");
        }
        let page = std::fs::read_to_string(scene.path("page.html")).unwrap().to_lowercase();
        assert!(page.contains("bicycle") && !page.contains("<script"), "{page}");
    }
    let [one, other] = ["talk0.mp4", "talk1.mp4"].map(|name| std::fs::read(scene.path(name)).unwrap());
    assert_ne!(one, other);
    assert_eq!(plain(&scene), Vec::<PathBuf>::new());
}

/// The colour of the first pixel of a video.
fn corner(scene: &Scene, name: &str) -> [u8; 3] {
    let frame = ["-v", "error", "-i", name, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
    let shown = Command::new("ffmpeg").current_dir(scene.folder.path()).args(frame).output().unwrap();
    *shown.stdout.first_chunk().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&shown.stderr)))
}

/// Checks that a file is an MP4 whose pictures and voice decode to the end.
#[track_caller]
fn check_video(scene: &Scene, name: &str) {
    let mut head = [0; 12];
    std::fs::File::open(scene.path(name)).unwrap().read_exact(&mut head).unwrap();
    assert_eq!(&head[4..8], b"ftyp", "{name} is no MP4");
    let show = ["-v", "error", "-show_entries", "stream=codec_type,codec_name", "-of", "csv=p=0", name];
    let streams = Command::new("ffprobe").current_dir(scene.folder.path()).args(show).output().unwrap();
    let streams = String::from_utf8(streams.stdout).unwrap();
    assert!(streams.contains("h264,video") && streams.contains("aac,audio"), "{name}: {streams}");
    let decode = ["-v", "error", "-i", name, "-f", "null", "-"];
    let decoded = Command::new("ffmpeg").current_dir(scene.folder.path()).args(decode).output().unwrap();
    assert!(decoded.status.success() && decoded.stderr.is_empty(), "{}", String::from_utf8_lossy(&decoded.stderr));
}
