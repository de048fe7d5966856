//! Puts the built page (`assets/web/packed`, made by `npm run build`) into the crate. Without it the crate builds all the same and
//! says at `/` that it has no page.

use std::{env, fmt::Write as _, fs, path::Path};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../assets/web/packed");
    // The folder is in the repository, empty: a path that is missing would have cargo build this crate every time.
    println!("cargo::rerun-if-changed={}", root.display());
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).to_owned();
    let mut files = String::from("pub(super) static FILES: &[File] = &[\n");
    // A line a file: path, media type, digest, and the names of its bytes plain, by brotli and by gzip ("-" where they gain nothing).
    for line in fs::read_to_string(root.join("list.tsv")).unwrap_or_default().lines() {
        let [path, media, digest, plain, brotli, gzip] =
            line.split('\t').collect::<Vec<_>>().try_into().expect("pack.mjs writes six columns");
        // Copied, so that what is compiled stays as it is while the page is built anew.
        let bytes = |name: &str| {
            let kept = out.join(name);
            fs::copy(root.join(name), &kept).expect("pack.mjs writes every file that it lists");
            format!("include_bytes!({kept:?})")
        };
        let shorter =
            |name: &str| if name == "-" { "None".to_owned() } else { format!("Some({} as &[u8])", bytes(name)) };
        let (plain, brotli, gzip) = (bytes(plain), shorter(brotli), shorter(gzip));
        writeln!(
            files,
            "    File {{ path: {path:?}, media: {media:?}, digest: {digest:?}, plain: {plain} as &[u8], brotli: {brotli}, gzip: {gzip} }},"
        )
        .expect("a string takes everything");
    }
    files.push_str("];\n");
    fs::write(out.join("page.rs"), files).expect("the build folder can be written to");
}
