//! Backups, restores and new keys at the command line, over a running appliance and away from it.

use serde_json::{Value, json};

use crate::{
    appliance::{Running, serve},
    run::{Scene, events, listing},
    serve::curl,
};

const PASSWORD: &str = "correct horse battery staple";

/// A command over the data folder of the scene.
fn here(scene: &Scene, arguments: &[&str]) -> crate::run::Ran {
    scene.run(&[arguments, &["--data", "data"]].concat())
}

/// An appliance with a folder of backups and a tenant whose owner has made a project.
fn appliance(scene: &Scene) -> Running {
    scene.file("a.toml", "[upkeep]\nbackups = 'backups'\n");
    let made = here(scene, &["tenant", "create", "acme", "--owner", "ada@example.org", "--json"]).exits(0).json();
    let appliance = serve(scene, &["--config", "a.toml"]);
    let code = &made["invitation"]["code"];
    let accept = json!({ "tenant": "acme", "code": code, "name": "Ada", "password": PASSWORD });
    assert_eq!(curl(scene, &appliance, "POST", "/v1/invitations/accept", Some(&accept)).0, 201);
    sign_in(scene, &appliance);
    project(scene, &appliance, "First");
    appliance
}

fn sign_in(scene: &Scene, appliance: &Running) {
    let body = json!({ "tenant": "acme", "email": "ada@example.org", "password": PASSWORD });
    assert_eq!(curl(scene, appliance, "POST", "/v1/session", Some(&body)).0, 201);
}

fn project(scene: &Scene, appliance: &Running, title: &str) {
    let made = curl(scene, appliance, "POST", "/v1/projects", Some(&json!({ "title": title })));
    assert_eq!(made.0, 201, "{}", made.1);
}

/// The titles of the projects, newest first.
fn projects(scene: &Scene, appliance: &Running) -> Vec<String> {
    let (status, listed) = curl(scene, appliance, "GET", "/v1/projects", None);
    assert_eq!(status, 200, "{listed}");
    let title = |item: &Value| item["title"].as_str().unwrap().to_owned();
    listed["items"].as_array().unwrap().iter().map(title).collect()
}

fn backup(scene: &Scene, more: &[&str]) -> String {
    let done = here(scene, &[&["backup", "create", "--json"], more].concat()).exits(0).json();
    assert_eq!(done["state"], "done", "{done}");
    done["backup"].as_str().unwrap().to_owned()
}

#[test]
fn a_backup_is_made_checked_and_put_back_whole_elsewhere() {
    let scene = Scene::new();
    let appliance = appliance(&scene);
    let first = backup(&scene, &[]);
    project(&scene, &appliance, "Second");
    let second = backup(&scene, &[]);
    let listed = events(&here(&scene, &["backup", "list", "--json"]).exits(0).out);
    let ids: Vec<_> = listed.iter().map(|backup| backup["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [second.as_str(), first.as_str()]);
    here(&scene, &["backup", "verify", "--deep", "--json"]).exits(0);
    here(&scene, &["backup", "verify", "--backup", "bak_00000000000000000000000000"]).exits(8);
    drop(appliance);

    // Away from the appliance: the folder and its key are enough, and nothing else will do.
    let key = ["--key", "data/appliance.key"];
    let away = |arguments: &[&str]| scene.run(&[arguments, &key].concat());
    assert_eq!(events(&away(&["backup", "list", "backups", "--json"]).exits(0).out).len(), 2);
    let verified = away(&["backup", "verify", "backups", "--deep", "--json"]).exits(0).json();
    assert_eq!((&verified["id"], &verified["findings"]), (&json!(second), &json!([])));
    scene.run(&["backup", "verify", "backups", "--key", "nowhere"]).exits(3).says("nowhere");
    away(&["restore", "backups", "--to", "again", "--backup", &first, "--json"]).exits(0);
    away(&["restore", "backups", "--to", "again"]).exits(8).says("again");
    std::fs::copy(scene.path("data/appliance.key"), scene.path("again/appliance.key")).unwrap();
    std::fs::rename(scene.path("data"), scene.path("lost")).unwrap();
    std::fs::rename(scene.path("again"), scene.path("data")).unwrap();
    let appliance = serve(&scene, &["--config", "a.toml"]);
    sign_in(&scene, &appliance);
    assert_eq!(projects(&scene, &appliance), ["First"], "it is as it was at the first backup");
    here(&scene, &["audit", "search", "--tenant", "acme"]).exits(0);
    drop(appliance);

    // Damage is found, and named.
    let rows = std::fs::read_dir(scene.path("backups/data")).unwrap().flatten().flat_map(|group| {
        std::fs::read_dir(group.path()).unwrap().flatten().flat_map(|tenant| {
            std::fs::read_dir(tenant.path()).unwrap().flatten().map(|entry| entry.path()).collect::<Vec<_>>()
        })
    });
    let copies: Vec<_> = rows.filter(|path| path.extension().is_some_and(|ending| ending == "copy")).collect();
    assert!(copies.len() >= 3, "{copies:?}");
    for path in copies {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    scene.run(&["backup", "verify", "backups", "--key", "lost/appliance.key"]).exits(3).says("not whole");
}

#[test]
fn one_tenant_is_put_back_and_old_backups_are_removed() {
    let scene = Scene::new();
    let appliance = appliance(&scene);
    let first = backup(&scene, &["--of", "acme"]);
    project(&scene, &appliance, "By mistake");
    let restore = ["restore", "--of", "acme", "--backup", &first];
    here(&scene, &restore).exits(2).says("--yes");
    here(&scene, &[&restore[..], &["--yes"]].concat()).exits(0);
    sign_in(&scene, &appliance);
    assert_eq!(projects(&scene, &appliance), ["First"]);

    let whole: Vec<_> = (0..3).map(|_| backup(&scene, &[])).collect();
    let drilled = here(&scene, &["backup", "drill"]).exits(0).out;
    assert!(drilled.contains(&whole[2]) && drilled.contains("could be restored: 2 files opened"), "{drilled}");
    here(&scene, &["backup", "prune", "--keep", "1"]).exits(2).says("--yes");
    here(&scene, &["backup", "prune", "--keep", "0", "--yes"]).exits(2).says("--keep");
    let none = here(&scene, &["backup", "prune", "--keep", "1", "--days", "1", "--yes"]).exits(0).out;
    assert!(none.contains("0 backups removed, 4 kept"), "{none}");
    let some = here(&scene, &["backup", "prune", "--keep", "1", "--yes"]).exits(0).out;
    assert!(some.contains("2 backups removed, 2 kept"), "{some}");
    let listed = events(&here(&scene, &["backup", "list", "--json"]).exits(0).out);
    let ids: Vec<_> = listed.iter().map(|backup| backup["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [whole[2].as_str(), first.as_str()], "the newest of each kind stays");
    for id in ids {
        here(&scene, &["backup", "verify", "--backup", id, "--deep"]).exits(0);
    }
    drop(appliance);

    // By itself after each backup, where the configuration says so.
    scene.file("a.toml", "[upkeep]\nbackups = 'backups'\nkeep_backups = 2\n");
    let appliance = serve(&scene, &["--config", "a.toml"]);
    (0..3).for_each(|_| drop(backup(&scene, &[])));
    assert_eq!(events(&here(&scene, &["backup", "list", "--json"]).exits(0).out).len(), 3, "two, and one of a tenant");
    drop(appliance);
}

#[test]
fn keys_are_renewed_while_people_work_and_old_backups_stay_readable() {
    let scene = Scene::new();
    let appliance = appliance(&scene);
    let first = backup(&scene, &[]);
    let old = std::fs::read(scene.path("data/appliance.key")).unwrap();
    for key in ["tenant", "database", "blob", "search", "backup"] {
        let done = here(&scene, &["key", "rotate", key, "--of", "acme", "--json"]).exits(0).json();
        assert_eq!(done["state"], "done", "{key}: {done}");
        project(&scene, &appliance, key);
    }
    here(&scene, &["key", "rotate", "database"]).exits(2).says("--of");
    here(&scene, &["key", "rotate", "database", "--of", "nobody"]).exits(8);
    here(&scene, &["key", "rotate", "appliance", "--json"]).exits(0);
    assert_ne!(std::fs::read(scene.path("data/appliance.key")).unwrap(), old);
    assert_eq!(projects(&scene, &appliance), ["backup", "search", "blob", "database", "tenant", "First"]);
    let second = backup(&scene, &[]);
    for id in [&first, &second] {
        here(&scene, &["backup", "verify", "--backup", id, "--deep"]).exits(0);
    }
    drop(appliance);

    // The old key opens nothing any more, the new one everything.
    scene.file("old.key", old);
    std::fs::set_permissions(scene.path("old.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let refused = scene.run(&["backup", "verify", "backups", "--key", "old.key"]);
    assert_ne!(refused.code, Some(0), "{}", refused.out);
    scene.run(&["backup", "verify", "backups", "--key", "data/appliance.key", "--deep"]).exits(0);
    let appliance = serve(&scene, &["--config", "a.toml"]);
    assert_eq!(projects(&scene, &appliance).len(), 6);
    assert!(listing(&scene.path("data")).contains(&"appliance.key".to_owned()));
}
