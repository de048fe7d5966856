//! The storyboard that all edit, and who they are.

use std::sync::Arc;

use model::{Id, noun};
use serde_json::{Value, json};

use crate::{
    Done,
    client::{Ask, Target},
    draw::Random,
    editor::{Cell, Editor, Heard},
    house, runtime, seed,
    server::Place,
};

/// A storyboard with those who may edit it.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    storyboard: String,
    cookies: Vec<String>,
    scene: String,
    /// The boxes that are there.
    nodes: Vec<String>,
}

impl Desk {
    /// A tenant with a storyboard, in a data folder that is not there yet.
    pub(super) fn make(place: &Place) -> Done<Self> {
        let store = Arc::new(seed::create_store(&place.data)?);
        let house = house::build(&store, 1)?;
        let storyboard = house.known.iter().find(|(id, _)| id.parse::<Id<noun::Storyboard>>().is_ok());
        let storyboard = storyboard.ok_or("there is no storyboard")?.0.clone();
        let may_edit = ["editor", "manager", "admin", "owner"];
        let people = house.people.iter().filter(|person| may_edit.contains(&person.role));
        let cookies = people.map(|person| person.cookie.clone()).collect();
        Ok(Desk { storyboard, cookies, scene: house.scene, nodes: Vec::new() })
    }

    /// Where the room is.
    pub(super) fn path(&self) -> String {
        format!("/v1/storyboards/{}/live", self.storyboard)
    }

    /// The cookie of the n-th editor.
    pub(super) fn cookie(&self, number: usize) -> &str {
        &self.cookies[number % self.cookies.len()]
    }

    /// How many people edit, each with several connections.
    pub(super) fn people(&self) -> usize {
        self.cookies.len()
    }

    /// Takes the role from the first of them, as the owner.
    pub(super) async fn revoke_first(&self, target: &Target) -> Done {
        let mut client = target.connect(None).await?;
        let owner = self.cookies.last().ok_or("there is no owner")?;
        let ask = |method: &str, path: &str| {
            Ask::new(method, path).with("cookie", owner.as_str()).with("sec-fetch-site", "same-origin")
        };
        let given: Value = serde_json::from_slice(&client.send(&ask("GET", "/v1/assignments")).await?.body)?;
        let items = given["items"].as_array().ok_or("there are no roles")?;
        let hers = items.iter().find(|item| item["role"] == "editor").ok_or("nobody is an editor")?;
        let path = format!("/v1/assignments/{}", hers["id"].as_str().unwrap_or_default());
        let taken = client.send(&ask("DELETE", &path).with("if-match", "*")).await?;
        if taken.status == 204 { Ok(()) } else { Err(format!("the role cannot be taken: {}", taken.status).into()) }
    }

    /// The first one is none of those who edit any more.
    pub(super) fn dismiss_first(&mut self) {
        self.cookies.remove(0);
    }

    /// Draws boxes, as somebody who edits.
    pub(super) fn furnish(&mut self, target: &Target, boxes: usize) -> Done {
        let mut cells = Vec::new();
        for number in 0..boxes {
            cells.extend(self.new_box(&format!("m{number}"), number));
        }
        let path = self.path();
        self.nodes = runtime()?.block_on(async {
            let mut editor = Editor::new(None)?;
            if !editor.join(target, &path, self.cookie(0)).await? {
                return Err("the room lets nobody in".into());
            }
            settle(&mut editor).await?;
            let change = editor.change(&cells);
            editor.tell(change).await;
            settle(&mut editor).await?;
            let (cells, prefix) = (editor.cells(), format!("scenes/{}/nodes/", self.scene));
            let ids = cells.keys().filter_map(|key| key.strip_prefix(&prefix)?.strip_suffix("/@"));
            Done::Ok(ids.map(str::to_owned).collect())
        })?;
        println!("{} boxes in the scene that all edit", self.nodes.len());
        Ok(())
    }

    fn new_box(&self, id: &str, number: usize) -> Vec<Cell> {
        let fields = [
            ("@", json!(1e6 + number as f64)),
            ("label", json!(format!("Step {number}"))),
            ("role", json!("activity")),
            ("evidence", json!([])),
            ("by", json!("user")),
        ];
        fields.map(|(field, value)| (format!("scenes/{}/nodes/{id}/{field}", self.scene), Some(value))).to_vec()
    }

    /// A label, or a place.
    pub(super) fn set(&self, random: &mut Random) -> Vec<Cell> {
        let (scene, node) = (&self.scene, &self.nodes[random.below(self.nodes.len())]);
        vec![if random.below(2) == 0 {
            let label = format!("Step {}", random.below(100_000));
            (format!("scenes/{scene}/nodes/{node}/label"), Some(json!(label)))
        } else {
            (format!("scenes/{scene}/layout/pins/{node}"), Some(json!([random.unit(), random.unit()])))
        }]
    }

    /// Whatever an editor may do: also draw boxes and arrows, and take them away.
    pub(super) fn edit(&self, random: &mut Random, own: &mut Vec<String>, number: usize) -> Vec<Cell> {
        let scene = &self.scene;
        let gone = |list: &str, id: &str, fields: &[&str]| {
            fields.iter().map(|field| (format!("scenes/{scene}/{list}/{id}/{field}"), None)).collect::<Vec<_>>()
        };
        match random.below(12) {
            0 if own.len() < 3 => {
                let id = format!("x{number}n{}", random.below(1_000_000));
                own.push(id.clone());
                self.new_box(&id, random.below(1_000))
            }
            1 if !own.is_empty() => {
                let id = own.swap_remove(random.below(own.len()));
                gone("nodes", &id, &["@", "label", "role", "evidence", "by"])
            }
            2 => {
                let ends = [0, 1].map(|_| self.nodes[random.below(self.nodes.len())].clone());
                let id = format!("x{number}e{}", random.below(2));
                if ends[0] == ends[1] {
                    return gone("edges", &id, &["@", "from", "to", "type", "evidence", "confidence", "by"]);
                }
                let fields = [
                    ("@", json!(2e6 + random.unit())),
                    ("from", json!(ends[0])),
                    ("to", json!(ends[1])),
                    ("type", json!("then")),
                    ("evidence", json!([])),
                    ("confidence", json!(1.0)),
                    ("by", json!("user")),
                ];
                fields.map(|(field, value)| (format!("scenes/{scene}/edges/{id}/{field}"), Some(value))).to_vec()
            }
            3 => vec![(format!("scenes/{scene}/title"), Some(json!(format!("Title {}", random.below(1_000)))))],
            4 => {
                let node = &self.nodes[random.below(self.nodes.len())];
                vec![(format!("scenes/{scene}/layout/pins/{node}"), None)]
            }
            _ => self.set(random),
        }
    }

    /// Holds the version that was made of what somebody has against that.
    pub(super) async fn compare(&self, target: &Target, editor: &Editor) -> Done {
        let path = format!("/v1/storyboards/{}/content", self.storyboard);
        let ask = Ask::get(path).with("cookie", self.cookie(0)).with("sec-fetch-site", "same-origin");
        let answer = target.connect(None).await?.send(&ask).await?;
        let content: Value = serde_json::from_slice(&answer.body)?;
        let scenes = content["scenes"].as_array().ok_or("the version has no scenes")?;
        let scene = scenes.iter().find(|scene| scene["id"] == *self.scene).ok_or("the version lacks the scene")?;
        let (cells, prefix) = (editor.cells(), format!("scenes/{}/nodes/", self.scene));
        let places = cells.keys().filter(|key| key.starts_with(&prefix) && key.ends_with("/@")).count();
        let nodes = scene["nodes"].as_array().ok_or("the scene has no boxes")?;
        let same = |node: &Value| {
            let key = format!("{prefix}{}/label", node["id"].as_str().unwrap_or_default());
            cells.get(&key) == Some(&node["label"].to_string())
        };
        if nodes.len() != places || !nodes.iter().all(same) {
            return Err(format!("the version has {} boxes, the document {places}, or other labels", nodes.len()).into());
        }
        Ok(())
    }
}

/// Hears until both sides have all.
pub(super) async fn settle(editor: &mut Editor) -> Done {
    while !editor.is_settled() {
        if let Heard::End(code) = editor.hear().await? {
            return Err(format!("the line has ended: {code:?}").into());
        }
    }
    Ok(())
}
