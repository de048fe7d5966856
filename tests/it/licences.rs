//! `image/packages.tsv`: every package of others in the program, held against the manifests.

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use serde_json::Value;

/// Crates that are compiled into the program on Linux, but for those that only run while it is built.
fn crates(root: &Path) -> BTreeSet<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = ["tree", "--locked", "--offline", "--package", "audiagram", "--edges", "normal,no-proc-macro"];
    let shown = ["--prefix", "none", "--target", "x86_64-unknown-linux-gnu", "--format", "{p}|{l}"];
    let out = Command::new(cargo).current_dir(root).args(tree).args(shown).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let row = |line: &str| {
        let (package, licence) = line.trim_end_matches(" (*)").split_once('|')?;
        let mut words = package.split(' ');
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        // Our own lie in this repository.
        words.next().is_none().then(|| format!("crate\t{name}\t{version}\t{licence}"))
    };
    String::from_utf8(out.stdout).unwrap().lines().filter_map(row).collect()
}

/// Packages whose code the page may hold, from what npm has locked.
fn scripts(root: &Path) -> BTreeSet<String> {
    let lock = fs::read_to_string(root.join("assets/web/package-lock.json")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    let row = |(path, package): (&String, &Value)| {
        let (_, name) = path.rsplit_once("node_modules/")?;
        let field = |name: &str| package[name].as_str();
        if package["dev"] == true || package["devOptional"] == true {
            return None;
        }
        let licence = field("license").unwrap_or_else(|| panic!("{name} has no licence in package-lock.json"));
        Some(format!("npm\t{name}\t{}\t{licence}", field("version").unwrap_or_default()))
    };
    lock["packages"].as_object().unwrap().iter().filter_map(row).collect()
}

#[test]
fn the_list_of_packages_is_that_of_the_manifests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows: Vec<String> = crates(root).into_iter().chain(scripts(root)).collect();
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let golden = root.join("image/packages.tsv");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &text).unwrap();
    }
    let kept = fs::read_to_string(&golden).unwrap_or_default();
    let (kept, now): (BTreeSet<&str>, BTreeSet<&str>) = (kept.lines().collect(), text.lines().collect());
    let (gone, new) = (kept.difference(&now).collect::<Vec<_>>(), now.difference(&kept).collect::<Vec<_>>());
    let remedy = "image/packages.tsv is not what ships; run with UPDATE_GOLDEN=1";
    assert!(gone.is_empty() && new.is_empty(), "{remedy}: gone {gone:?}, new {new:?}");
}
