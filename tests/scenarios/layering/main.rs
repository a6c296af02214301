//! The house's own rules: who may use whom, between the crates and between the files of one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

mod circles;
mod crates;
mod features;
mod modules;
mod uses;

use std::path::PathBuf;

use cargo_metadata::{MetadataCommand, TargetKind};
use modules::Crate;

/// The library of each member, by the member's name.
fn libraries() -> Vec<(String, PathBuf)> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let mut found = Vec::new();
    for package in metadata.workspace_packages() {
        for target in &package.targets {
            if target.kind.contains(&TargetKind::Lib) {
                let root = target.src_path.clone().into_std_path_buf();
                found.push((package.name.to_string(), root));
            }
        }
    }
    found
}

#[test]
fn no_two_files_of_a_crate_use_each_other() {
    let mut found = Vec::new();
    for (name, root) in libraries() {
        let library = Crate::read(&root);
        let uses = uses::between_files(&library);
        let circles = circles::of(&uses);
        found.extend(
            circles
                .iter()
                .map(|circle| circles::described(&name, circle, &uses)),
        );
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Nonces and keys come from [`auth::ports::Random`]: one that is known beforehand is public for
/// tests, and nothing that runs is built on it.
#[test]
fn nothing_that_runs_is_built_on_time_or_chance_that_stand_still() {
    let held = ["HeldClock", "HeldRandom"];
    for (name, root) in libraries() {
        let library = Crate::read(&root);
        let others = library.modules.iter().filter(|(path, _)| {
            let is_their_own = name == "auth" && path.first().is_some_and(|room| room == "ports");
            !is_their_own && name != "tests"
        });
        for (path, file) in others {
            let imported = file.imports.iter().flat_map(|(_, path)| path);
            let words = file
                .named
                .iter()
                .flatten()
                .chain(&file.words)
                .chain(imported);
            let found = words.into_iter().find(|word| held.contains(&word.as_str()));
            assert_eq!(found, None, "{name}: {}", path.join("::"));
        }
    }
}

/// The rule finds what it is there to find: the library of a made-up crate whose files use
/// each other in each way that Rust has.
#[test]
fn a_circle_is_found_by_whatever_path_it_goes() {
    /// What it is, files with their text, circles.
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a [&'a str]]);
    let rows: [Row<'_>; 14] = [
        (
            "two siblings",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b::B; pub struct A;"),
                ("b.rs", "use crate::a::A; pub struct B;"),
            ],
            &[&["a", "b"]],
        ),
        (
            "one way only",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b::B; pub struct A;"),
                ("b.rs", "pub struct B;"),
            ],
            &[],
        ),
        (
            "a path in a body",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "pub fn a() { crate::b::b() }"),
                ("b.rs", "pub fn b() { super::a::a() }"),
            ],
            &[&["a", "b"]],
        ),
        (
            "a path within a macro",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", r#"pub fn a() { println!("{}", crate::b::b()) }"#),
                ("b.rs", "use super::a; pub fn b() { a::a() }"),
            ],
            &[&["a", "b"]],
        ),
        (
            "a parent and its child",
            &[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", "mod b; use b::B; pub struct A(B);"),
                ("a/b.rs", "use super::A; pub struct B; pub fn of(_: A) {}"),
            ],
            &[&["a", "a::b"]],
        ),
        (
            "a parent that only hands on",
            &[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::C;"),
                ("a/b.rs", "use super::C; pub struct B(C);"),
                ("a/c.rs", "pub struct C;"),
            ],
            &[],
        ),
        (
            "two children, by what their parent hands on",
            &[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::C;"),
                ("a/b.rs", "use super::C; pub struct B(C);"),
                ("a/c.rs", "use crate::a::{B as Other}; pub struct C(Other);"),
            ],
            &[&["a::b", "a::c"]],
        ),
        (
            "a parent that hands on and uses",
            &[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", "mod b; pub use b::B; pub struct A(B);"),
                ("a/b.rs", "use super::A; pub struct B;"),
            ],
            &[&["a", "a::b"]],
        ),
        (
            "by a star over what a parent hands on",
            &[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::C;"),
                ("a/b.rs", "use super::*; pub struct B(C);"),
                ("a/c.rs", "use super::*; pub fn of(_: B) {} pub struct C;"),
            ],
            &[&["a::b", "a::c"]],
        ),
        (
            "by a star",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b::*; pub struct A(B);"),
                ("b.rs", "use crate::a::A; pub struct B;"),
            ],
            &[&["a", "b"]],
        ),
        (
            "over three",
            &[
                ("lib.rs", "mod a; mod b; mod c;"),
                ("a.rs", "use crate::b::B; pub struct A;"),
                ("b.rs", "use crate::c::C; pub struct B;"),
                ("c.rs", "use crate::a::A; pub struct C;"),
            ],
            &[&["a", "b", "c"]],
        ),
        (
            "tests may",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b::B; pub struct A;"),
                (
                    "b.rs",
                    "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }",
                ),
            ],
            &[],
        ),
        (
            "tests in a file of their own may",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b::B; pub struct A;"),
                (
                    "b.rs",
                    r#"pub struct B; #[cfg(test)] #[path = "b_tests.rs"] mod tests;"#,
                ),
                ("b_tests.rs", "use crate::a::A;"),
            ],
            &[],
        ),
        (
            "a word in a text or in a comment is no path",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b::B; pub struct A;"),
                (
                    "b.rs",
                    "/// As [`crate::a::A`].\npub struct B; pub const TEXT: &str = \"crate::a::A\";",
                ),
            ],
            &[],
        ),
    ];
    for (what, files, expected) in rows {
        let directory = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let file = directory.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let library = Crate::read(&directory.path().join("lib.rs"));
        assert_eq!(
            circles::of(&uses::between_files(&library)),
            expected,
            "{what}"
        );
    }
}
