//! Models from files: packages (zip) and ggml files are imported or refused, and a refused one leaves nothing.

use std::fs;

use media::model::Store;

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::new(folder.path().join("models"), Vec::new());
    for name in ["given.whl", "given.bin"] {
        let from = folder.path().join(name);
        fs::write(&from, bytes).expect("writable");
        let imported = store.import(&from, Some("mine")).is_ok();
        let files = fs::read_dir(store.folder()).into_iter().flatten().flatten().map(|e| e.file_name());
        let left: Vec<_> = files.filter(|f| !f.to_string_lossy().ends_with(".lock")).collect();
        assert!(imported || left.is_empty(), "left: {left:?}");
        if imported {
            store.verify("mine", &mut |_, _| {}).expect("what was imported is whole");
            fs::remove_dir_all(store.folder()).expect("removable");
        }
    }
}
