//! `infra/package`: what it packs is the binary, the same bytes each time; what Lambda
//! would refuse it refuses first; its bills of materials hold what is in the binary.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use cargo_metadata::MetadataCommand;
use serde_json::Value;
use tempfile::TempDir;
use tests::deployed::function_binary;
use zip::ZipArchive;

const FUNCTIONS: [&str; 6] = [
    "collector",
    "consent",
    "refresher",
    "rotator",
    "vending",
    "webhook",
];
/// What another machine's zip would be: `infra/package` refuses more than 6 MB.
const TOO_MUCH: usize = 6_500_000;

fn package(binaries: &Path, output: &Path, options: &[&str]) -> Output {
    let root = MetadataCommand::new().no_deps().exec().unwrap();
    Command::new(root.workspace_root.join("infra/package"))
        .arg("--binaries")
        .arg(binaries)
        .arg("--output")
        .arg(output)
        .args(options)
        .output()
        .unwrap()
}

/// The directory of the release binaries.
fn binaries() -> std::path::PathBuf {
    function_binary("consent").parent().unwrap().to_path_buf()
}

fn packed() -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let output = package(&binaries(), directory.path(), &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    (directory, String::from_utf8(output.stdout).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    digest.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn a_zip_holds_the_binary_alone_and_is_the_same_each_time() {
    let (first, table) = packed();
    let (second, _) = packed();
    for function in FUNCTIONS {
        let file = format!("{function}.zip");
        let bytes = fs::read(first.path().join(&file)).unwrap();
        assert_eq!(bytes, fs::read(second.path().join(&file)).unwrap());
        let line = table.lines().find(|line| line.contains(function)).unwrap();
        assert!(line.contains(&hex(&bytes)), "{function}: {table}");

        let mut archive = ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), 1);
        let entry = archive.by_index_raw(0).unwrap();
        assert_eq!(entry.name(), "bootstrap");
        assert_eq!(entry.unix_mode(), Some(0o100_755));
        drop(entry);
        let unpacked = unpack(&first.path().join(&file));
        let expected = fs::read(function_binary(function)).unwrap();
        assert!(unpacked == expected, "{function}: another binary");
    }
}

/// With the unpacker that every machine of ours has.
fn unpack(archive: &Path) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let status = Command::new("python3")
        .args(["-m", "zipfile", "-e"])
        .args([archive, directory.path()])
        .status()
        .unwrap();
    assert!(status.success(), "{}", archive.display());
    fs::read(directory.path().join("bootstrap")).unwrap()
}

#[test]
fn what_lambda_would_refuse_is_not_packed() {
    let sound = fs::read(function_binary("consent")).unwrap();
    let mut large = sound.clone();
    let mut noise = vec![0; TOO_MUCH];
    SystemRandom::new().fill(&mut noise).unwrap();
    large.extend(noise);
    let other = ["--architecture", "arm64"];
    let rows: [(&str, Vec<u8>, &[&str], &str); 5] = [
        (
            "a script",
            b"#!/bin/sh\n".to_vec(),
            &[],
            "is no Linux program",
        ),
        (
            "another processor",
            for_another_processor(&sound),
            &[],
            "is not for x86_64",
        ),
        (
            "the processor asked for",
            sound.clone(),
            &other,
            "is not for arm64",
        ),
        (
            "a newer glibc",
            newer_glibc(&sound),
            &[],
            "asks for GLIBC_2.99, and Lambda has GLIBC_2.34",
        ),
        ("too large", large, &[], "more than 6000000"),
    ];
    for (what, binary, options, expected) in rows {
        let directory = tempfile::tempdir().unwrap();
        for function in FUNCTIONS {
            fs::write(directory.path().join(function), &binary).unwrap();
        }
        let output = package(directory.path(), &directory.path().join("out"), options);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{what}: {said}");
        assert!(said.contains(expected), "{what}: {said}");
    }
}

/// The two bytes of an ELF header that name the processor, for AArch64.
fn for_another_processor(binary: &[u8]) -> Vec<u8> {
    let mut binary = binary.to_vec();
    binary[18..20].copy_from_slice(&[0xb7, 0]);
    binary
}

/// A version of glibc that does not exist yet, in place of one that is asked for.
fn newer_glibc(binary: &[u8]) -> Vec<u8> {
    let asked = b"GLIBC_2.34";
    let place = binary.windows(asked.len()).position(|at| at == asked);
    let place = place.expect("the binary asks for GLIBC_2.34");
    let mut binary = binary.to_vec();
    binary[place..place + asked.len()].copy_from_slice(b"GLIBC_2.99");
    binary
}

/// The source paths in the panic messages are a witness that no resolver made up.
#[test]
fn a_bill_of_materials_lists_what_the_binary_names() {
    let (directory, _) = packed();
    for function in FUNCTIONS {
        let bill = bill(directory.path(), function);
        let linked = crates(&bill, "required");
        let named = named_in(&fs::read(function_binary(function)).unwrap());
        assert!(named.len() > 20, "{function} names {named:?} only");
        let missing: Vec<_> = named.difference(&linked).collect();
        assert!(missing.is_empty(), "{function} holds {missing:?}");
    }
}

/// `tokio-1.2.3` of each `…/registry/src/HOST/tokio-1.2.3/…` in a binary.
fn named_in(binary: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(binary);
    let paths = text.split("/registry/src/").skip(1);
    paths
        .filter_map(|path| path.split('/').nth(1))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_bill_of_materials_tells_what_is_linked_from_what_built_it() {
    let (directory, _) = packed();
    for function in FUNCTIONS {
        let bill = bill(directory.path(), function);
        let (linked, building) = (crates(&bill, "required"), crates(&bill, "excluded"));
        let has = |of: &BTreeSet<String>, name: &str| {
            of.iter().any(|one| one.starts_with(&format!("{name}-")))
        };
        for name in ["aws-lc-sys", "rustls", "aws-sdk-dynamodb", "auth", "std"] {
            assert!(has(&linked, name), "{function} without {name}");
        }
        for name in ["cc", "serde_derive", "syn"] {
            assert!(has(&building, name) && !has(&linked, name), "{name}");
        }
        // Of tests, of the one-machine run, and of features that no function asks for.
        for name in ["dynoxide-rs", "proptest", "tempfile", "ring", "quinn"] {
            assert!(!has(&linked, name) && !has(&building, name), "{name}");
        }
        assert_eq!(has(&linked, "cedar-policy"), function == "vending");
    }
}

#[test]
fn each_crate_has_its_licence_and_the_checksum_of_the_lock_file() {
    let (directory, _) = packed();
    let root = MetadataCommand::new().no_deps().exec().unwrap();
    let lock = fs::read_to_string(root.workspace_root.join("Cargo.lock")).unwrap();
    let members: Vec<_> = root.packages.iter().map(|p| p.name.as_str()).collect();
    for function in FUNCTIONS {
        let bill = bill(directory.path(), function);
        let own = &bill["metadata"]["component"];
        let binary = fs::read(function_binary(function)).unwrap();
        assert_eq!(own["hashes"][0]["content"], hex(&binary).as_str());
        for component in bill["components"].as_array().unwrap() {
            let licence = component["licenses"][0]["expression"].as_str().unwrap();
            assert!(!licence.is_empty() && !licence.contains('/'), "{component}");
            let (name, version) = name_and_version(component);
            // What stands in the workspace, and the standard library, is in no registry.
            let Some(purl) = component["purl"].as_str() else {
                assert!(name == "std" || members.contains(&name), "{name}");
                continue;
            };
            assert_eq!(purl, format!("pkg:cargo/{name}@{version}"));
            let entry = format!("name = \"{name}\"\nversion = \"{version}\"\nsource = ");
            let (_, rest) = lock.split_once(&entry).unwrap_or_else(|| panic!("{purl}"));
            let checksum = rest.lines().nth(1).unwrap();
            let listed = component["hashes"][0]["content"].as_str().unwrap();
            assert_eq!(checksum, format!("checksum = \"{listed}\""), "{purl}");
        }
    }
}

fn bill(output: &Path, function: &str) -> Value {
    let file = output.join(format!("{function}.cdx.json"));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn name_and_version(component: &Value) -> (&str, &str) {
    let text = |key: &str| component[key].as_str().unwrap();
    (text("name"), text("version"))
}

fn crates(bill: &Value, scope: &str) -> BTreeSet<String> {
    let components = bill["components"].as_array().unwrap().iter();
    components
        .filter(|component| component["scope"] == scope)
        .map(|component| {
            let (name, version) = name_and_version(component);
            format!("{name}-{version}")
        })
        .collect()
}
