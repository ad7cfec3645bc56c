//! Builds again when a migration is added: the migrations are part of the program.

#![expect(clippy::print_stdout, reason = "how build scripts speak to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
