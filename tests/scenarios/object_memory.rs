//! How much memory an object of 100 MB takes while it is written to the store of one machine and
//! read back, with the store in the same process. Where the system says how much a process has.
#![cfg(target_os = "linux")]

use std::fs;
use std::sync::Arc;

use auth::secret::SecretString;
use aws::{SystemRandom, connect};
use feed::ports::{Objects as _, Put};
use local::objects::{BUCKET, Signer, serve};

const SIZE: u64 = 100 * 1024 * 1024;
/// What it may take beyond what the process had: a part of 8 MiB, what is under way of it on both
/// sides of the connection, and what the allocator keeps of the last one.
const MOST: u64 = 40 * 1024 * 1024;

/// Bytes from a line of `/proc/self/status`.
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|found| found.starts_with(line))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_of_100_mb_takes_the_memory_of_a_few_parts() {
    let directory = tempfile::tempdir().unwrap();
    let secret = SecretString::from("0123456789012345678901234567890123456789");
    let signer = Signer {
        access_key_id: "AKIATESTTESTTESTTEST",
        secret: &secret,
    };
    let random = Arc::new(SystemRandom);
    let served = serve(directory.path(), signer, random, std::future::pending());
    let connection = connect(&served.await.unwrap().endpoint).await;
    let connection = connection.signing_as("AKIATESTTESTTESTTEST", &secret);
    let store = connection.objects(BUCKET, "");
    let piece: Vec<u8> = (0..64 * 1024).map(|at| (at % 251) as u8).collect();

    let before = memory("VmRSS:");
    // The highest so far begins again (proc(5)).
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let mut upload = store.begin("large").await.unwrap();
    for _ in 0..SIZE / piece.len() as u64 {
        upload.write(&piece).await.unwrap();
    }
    assert_eq!(upload.finish().await.unwrap(), Put::Stored);
    let (size, _) = store.facts("large").await.unwrap().unwrap();
    assert_eq!(size, SIZE);
    let taken = memory("VmHWM:").saturating_sub(before);
    assert!(taken < MOST, "{} KiB", taken / 1024);
}
