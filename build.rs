//! Builds again when a migration is added, and takes the built front end into release builds.
//!
//! Other builds read `web/dist` when they are asked, so that they need no front end to be built.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let mut list = String::from("&[");
    if release {
        println!("cargo::rerun-if-changed=web/dist");
        let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
        let dist = root.join("web").join("dist");
        for file in files(&dist) {
            let name = file.strip_prefix(&dist).unwrap_or(&file).display().to_string();
            let path = file.display().to_string();
            // Writing into a String cannot fail.
            let _cannot_fail = write!(list, "({name:?}, include_bytes!({path:?}).as_slice()),");
        }
    }
    list.push(']');
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("front_end.rs");
    if let Err(error) = fs::write(&out, list) {
        println!("cargo::error=cannot write {}: {error}", out.display());
    }
}

/// All files below a folder, in order; none if there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    paths.into_iter().flat_map(below).collect()
}
