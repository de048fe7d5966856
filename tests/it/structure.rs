//! What crates may use: the manifests, held against the table in `appliance/README.md`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A line of the table: the crate, what it may use of ours, and what nobody else may use of others'.
struct Line {
    name: String,
    may_use: BTreeSet<String>,
    owns: BTreeSet<String>,
}

/// What stands in backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn table(root: &Path) -> Vec<Line> {
    let page = fs::read_to_string(root.join("appliance/README.md")).unwrap();
    let rows = page.split("| crate | may use | sole owner of |").nth(1).expect("the table is there").lines().skip(2);
    let cells = rows.map_while(|row| row.strip_prefix('|')?.strip_suffix('|')).map(|row| row.split('|').collect());
    cells
        .map(|cells: Vec<&str>| {
            let [name, may_use, owns] = cells[..] else { panic!("a line has three cells: {cells:?}") };
            let mut name = quoted(name);
            Line { name: name.pop_first().unwrap(), may_use: quoted(may_use), owns: quoted(owns) }
        })
        .collect()
}

/// What a manifest depends on outside of tests, by the names of packages.
fn dependencies(manifest: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let of = |table: Option<&toml::Value>| {
        table.and_then(toml::Value::as_table).into_iter().flat_map(|table| table.keys().cloned()).collect::<Vec<_>>()
    };
    let mut found: BTreeSet<String> = of(manifest.get("dependencies")).into_iter().collect();
    found.extend(of(manifest.get("build-dependencies")));
    for target in manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten() {
        found.extend(of(target.1.get("dependencies")));
    }
    found
}

#[test]
fn crates_use_what_the_table_lets_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = table(root);
    let ours: BTreeSet<&str> = table.iter().map(|line| line.name.as_str()).collect();
    let mut manifests: BTreeMap<String, BTreeSet<String>> = fs::read_dir(root.join("appliance"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| (entry.file_name().into_string().unwrap(), dependencies(&entry.path().join("Cargo.toml"))))
        .collect();
    manifests.insert("audiagram".to_owned(), dependencies(&root.join("Cargo.toml")));
    // The replaceable engines lie beside.
    manifests.insert("analytics".to_owned(), dependencies(&root.join("analytics/Cargo.toml")));
    let known: BTreeSet<&str> = manifests.keys().map(String::as_str).collect();
    assert_eq!(known, ours, "the table has a line for each crate and no other");

    let mut wrong = Vec::new();
    for (name, uses) in &manifests {
        let line = table.iter().find(|line| line.name == *name).unwrap();
        let own: BTreeSet<String> = uses.iter().filter(|used| ours.contains(used.as_str())).cloned().collect();
        for used in own.difference(&line.may_use) {
            wrong.push(format!("{name} uses {used}, which the table does not say"));
        }
        for other in table.iter().filter(|other| other.name != *name) {
            for used in uses.intersection(&other.owns).filter(|used| !line.owns.contains(*used)) {
                wrong.push(format!("{name} uses {used}, which is for {} alone", other.name));
            }
        }
        for owned in line.owns.difference(uses) {
            wrong.push(format!("{name} does not use {owned} any more"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The table's arrows lead to no circle: whoever follows them comes to an end.
#[test]
fn no_crate_uses_itself_on_a_detour() {
    let table = table(Path::new(env!("CARGO_MANIFEST_DIR")));
    let mut left: BTreeMap<&str, &BTreeSet<String>> =
        table.iter().map(|line| (line.name.as_str(), &line.may_use)).collect();
    loop {
        let ends: Vec<&str> = left
            .iter()
            .filter(|(_, uses)| uses.iter().all(|used| !left.contains_key(used.as_str())))
            .map(|(name, _)| *name)
            .collect();
        if ends.is_empty() {
            break;
        }
        for name in ends {
            left.remove(name);
        }
    }
    assert!(left.is_empty(), "these use each other: {:?}", left.keys());
}
