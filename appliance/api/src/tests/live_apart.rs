//! Edits that were made without a line.

use model::Level;
use serde_json::json;

use super::live::Desk;

/// Ten thousand edits by five people who do not hear each other, at whatever pace: all have the same in the end.
#[tokio::test(flavor = "multi_thread")]
async fn edits_made_apart_come_together() {
    const PEOPLE: usize = 5;
    const EDITS: usize = 2_000;
    let desk = Desk::new().await;
    let eve = desk.person("eve", Level::Editor);
    let mut clients = Vec::new();
    for _ in 0..PEOPLE {
        let mut client = desk.join(&eve).await;
        client.vanish();
        clients.push(client);
    }
    let nodes: Vec<String> = desk.content().await["scenes"][0]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["id"].as_str().unwrap().to_owned())
        .collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for round in 0..EDITS {
        for client in &mut clients {
            let node = &nodes[random(nodes.len())];
            let scene = &desk.scene;
            match random(4) {
                0 => drop(client.change(&format!("scenes/{scene}/title"), Some(&json!(format!("Title {round}"))))),
                1 => {
                    let place = json!([random(100) as f64 / 100.0, random(100) as f64 / 100.0]);
                    drop(client.change(&format!("scenes/{scene}/layout/pins/{node}"), Some(&place)));
                }
                2 => drop(client.change(&format!("scenes/{scene}/layout/pins/{node}"), None)),
                _ => drop(client.change(
                    &format!("scenes/{scene}/nodes/{node}/label"),
                    Some(&json!(format!("Label {}", random(1_000)))),
                )),
            }
        }
        // Now and then one comes by, and goes again before it has heard all.
        if round % 500 == 499 {
            let who = random(PEOPLE);
            clients[who].join(desk.at, &eve, &desk.made.storyboard).await;
            clients[who].vanish();
        }
    }
    for client in &mut clients {
        client.join(desk.at, &eve, &desk.made.storyboard).await;
    }
    let mut late = desk.join(&desk.owner).await;
    late.save().await;
    let late = desk.join(&desk.owner).await;
    for (number, client) in clients.iter_mut().enumerate() {
        let wanted = late.cells();
        client.until(|client| client.cells() == wanted).await;
        println!("{number}: {} cells", wanted.len());
    }
    // And so it stays for who comes when all have gone.
    for client in &mut clients {
        client.leave().await;
    }
    assert_eq!(desk.join(&eve).await.cells(), late.cells());
    let kept = desk.content().await;
    let label = desk.node_of(&kept)["label"].clone();
    assert_eq!(late.cell(&desk.label()), Some(label));
}
