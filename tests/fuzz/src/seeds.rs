//! Every target over its seeds: what once broke a promise lies among them.
#![cfg(all(feature = "appliance", feature = "engine", feature = "media"))]

use std::{fs, path::Path};

fn over(name: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    for file in files {
        println!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                over(stringify!($name), crate::$name::run);
            }
        )*

        #[test]
        fn every_target_has_a_program_and_seeds() {
            let names = |folder: &str| -> Vec<String> {
                let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
                let mut names: Vec<String> =
                    files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into()).collect();
                names.sort();
                names
            };
            let targets = [$(stringify!($name)),*];
            assert_eq!(names("seeds"), targets);
            assert_eq!(names("libfuzzer/src/bin"), targets);
        }
    };
}

targets! {
    arrow audio bundle captions checkpoint credentials diagrams edit fonts ggml import layout merge metrics
    outbound outline parcel policy postgres records requests storyboard theme transcript updates vocabulary weights
}
