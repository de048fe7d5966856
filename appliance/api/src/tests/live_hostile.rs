//! What nobody's page sends: it ends the line of who sends it, and nobody else notices.

use axum::http::Method;
use futures_util::SinkExt as _;
use model::Level;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use yrs::encoding::write::Write as _;

use super::{live::Desk, live_client::Client};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ bits >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..1 + self.below(most)).map(|_| self.next() as u8).collect()
    }
}

/// A sync message with this update.
fn update(bytes: &[u8]) -> Vec<u8> {
    let mut message = vec![0, 2];
    message.write_buf(bytes);
    message
}

/// Messages, each for a line of its own.
fn hostile(random: &mut Random, client: &Client, desk: &Desk) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for _ in 0..24 {
        all.push(random.bytes(300));
        all.push(update(&random.bytes(300)));
        let mut awareness = vec![1];
        awareness.write_buf(random.bytes(60));
        all.push(awareness);
        // A sound change with some bytes turned: it may be taken, as long as it says a sound storyboard.
        let mut turned = client.change(&desk.label(), Some(&json!("Turned")));
        for _ in 0..1 + random.below(3) {
            let at = random.below(turned.len());
            turned[at] = random.next() as u8;
        }
        all.push(update(&turned));
    }
    let alt = desk.label().replace("/label", "/alt");
    let own = || Client::new();
    // Values that nest, alone and under many keys, and such as are no JSON.
    let deep = serde_json::from_str(&format!("{}1{}", "[".repeat(120), "]".repeat(120))).unwrap();
    all.push(update(&own().change(&alt, Some(&deep))));
    let never = own();
    let mut raw = Vec::new();
    {
        use yrs::{Map as _, Transact as _};
        let map = never.doc.get_or_insert_map("cells");
        let mut tx = never.doc.transact_mut();
        map.insert(&mut tx, alt, "[".repeat(300_000));
        raw.push(tx.encode_update_v1());
    }
    {
        use yrs::{Map as _, Transact as _};
        let crowd = own();
        let map = crowd.doc.get_or_insert_map("cells");
        let mut tx = crowd.doc.transact_mut();
        for number in 0..5_000 {
            map.insert(&mut tx, format!("scenes/{}/nodes/crowd{number}/@", desk.scene), "1");
            map.insert(&mut tx, format!("scenes/{}/nodes/crowd{number}/label", desk.scene), "\"x\"");
        }
        raw.push(tx.encode_update_v1());
    }
    // Counts and clocks beyond anything, a key without an end, gaps, and deletions of all that there is.
    let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    raw.push(most.to_vec());
    raw.push([&[1][..], &most, &[7, 0]].concat());
    raw.push([&[1, 1, 7, 0, 0x28, 1, 5][..], b"cells", &most].concat());
    raw.push(vec![1, 1, 7, 0, 10, 0xff, 0xff, 0xff, 0xff, 0x07, 0]);
    raw.push(vec![1, 1, 7, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07, 0]);
    let mut everything = vec![0, 1];
    everything.write_var(client.doc.client_id().get());
    everything.extend([1, 0]);
    everything.write_var(u32::MAX - 1);
    raw.push(everything);
    all.extend(raw.iter().map(|bytes| update(bytes)));
    // More than a message may have.
    all.push(update(&vec![0; library::live::MAX_UPDATE]));
    all.push(vec![0; 4 << 20]);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_messages_harm_nobody_else() {
    let desk = Desk::new().await;
    let eve = desk.person("eve", Level::Editor);
    // The same room, and one of another storyboard.
    let mut here = desk.join(&desk.owner).await;
    let project = desk.world.send(Some(&desk.owner), Method::POST, "/v1/projects", json!({ "title": "Other" })).await;
    let recording =
        desk.world.upload(&desk.owner, project.body["id"].as_str().unwrap(), "other.m4a", b"another talk").await;
    let elsewhere = desk.world.made_of(&desk.owner, &recording).storyboard;
    let mut there = [Client::new(), Client::new()];
    for client in &mut there {
        client.join(desk.at, &desk.owner, &elsewhere).await;
    }
    let mut random = Random(7);
    let title = format!("scenes/{}/title", desk.scene);
    let sound = desk.join(&eve).await;
    for (number, message) in hostile(&mut random, &sound, &desk).into_iter().enumerate() {
        let mut one = Client::new();
        one.join(desk.at, &eve, &desk.made.storyboard).await;
        let line = one.line.as_mut().unwrap();
        // The other side may be gone before all is sent.
        let _ = line.send(Message::Binary(message.into())).await;
        let _ = line.send(Message::Text("not binary".into())).await;
        while one.hear().await {}
        // Whoever edits another storyboard, and this one, goes on.
        if number % 10 == 0 {
            let value = json!(format!("Title {number}"));
            there[0].set(&title, &value).await;
            there[1].until(|client| client.cell(&title) == Some(value.clone())).await;
            here.set(&title, &value).await;
            here.save().await;
            assert_eq!(desk.content().await["scenes"][0]["title"], value);
        }
    }
    let fresh = desk.join(&eve).await;
    here.until(|client| client.cells() == fresh.cells()).await;
    // What the version says is what the document says, and it can be edited by the interface as ever.
    let path = format!("/v1/storyboards/{}", desk.made.storyboard);
    let op = json!({ "op": "set_label", "scene": desk.scene, "label": "As ever" });
    let edited = desk.world.send_with(Some(&desk.owner), Method::PATCH, &path, op, &[("if-match", "*")]).await;
    assert_eq!(edited.status, axum::http::StatusCode::OK, "{}", edited.body);
    here.until(|client| client.cell(&title) == Some(json!("As ever"))).await;
    desk.world.verify(desk.owner.tenant);
}
