//! Blobs over a month: their ids, their oddities, what they repeat.

use std::collections::BTreeSet;

use super::*;

/// 2026-01-15T00:00:00Z, in Unix milliseconds.
const START: u64 = 1_768_435_200_000;
const DAY: u64 = 86_400_000;

fn log(content_type: ContentType) -> Log {
    Log {
        scenario: Scenario::default(),
        tenant: Uuid::from_u128(7),
        content_type,
    }
}

#[test]
fn a_content_id_leads_back_to_its_blob_and_no_other_text_to_any() {
    for content_type in ContentType::ALL {
        for blob in log(content_type).created_between(START, START + DAY) {
            let found = log(content_type).find(&blob.content_id).unwrap();
            assert_eq!(found.created_ms, blob.created_ms);
            assert_eq!(type_of(&blob.content_id), Some(content_type));
        }
    }
    let known = log(ContentType::General)
        .created_between(START, START + DAY)
        .next()
        .unwrap()
        .content_id;
    let mangled = [
        String::new(),
        "$".to_owned(),
        "20260115000000000010000".to_owned(),
        known.replace("na0001", "na0002"),
        known.replace("2026", "2025"),
        format!("{known}$"),
        known.replacen('$', "", 1),
        known.replacen("2026", "20é6", 1),
        known.replacen("202601", "202613", 1),
        "a".repeat(4096),
    ];
    for id in mangled {
        assert!(log(ContentType::General).find(&id).is_none(), "{id}");
    }
}

/// What is repeated or echoed is a blob that exists, and not itself a repeat.
#[test]
fn every_repeat_and_every_echo_leads_to_a_blob_that_exists() {
    for content_type in ContentType::ALL {
        let log = log(content_type);
        let blobs: Vec<Blob> = log.created_between(START - 30 * DAY, START + DAY).collect();
        let sources: Vec<Source> = blobs.iter().map(|blob| log.source(blob)).collect();
        let is_own = |(blob, source): &(&Blob, &Source)| blob.created_ms == source.created_ms;
        let own = blobs.iter().zip(&sources).filter(is_own);
        let known: BTreeSet<u64> = own.map(|(_, own)| own.first_id.clone().draw()).collect();
        let is_known = |id: &Chance| known.contains(&id.clone().draw());
        for (blob, source) in blobs.iter().zip(&sources) {
            if blob.created_ms > START {
                let id = &blob.content_id;
                assert!(is_known(&source.first_id), "{id}");
                assert!(source.echo.as_ref().is_none_or(is_known), "{id}");
            }
        }
    }
}

#[test]
fn a_month_has_every_oddity_that_the_scenario_promises() {
    let log = log(ContentType::Exchange);
    let blobs: Vec<Blob> = log.created_between(START, START + 30 * DAY).collect();
    let delays: Vec<u64> = blobs
        .iter()
        .map(|blob| blob.available_at - blob.created_ms.div_ceil(1000))
        .collect();
    assert!((4_000..6_000).contains(&blobs.len()), "{}", blobs.len());
    assert!(delays.iter().any(|delay| *delay > 15 * 3600));
    assert!(delays.iter().all(|delay| *delay <= 20 * 3600));
    assert!(delays.iter().filter(|delay| **delay == 0).count() * 10 > blobs.len() * 7);
    assert!(blobs.iter().any(|blob| blob.named_twice));
    let first_seen = |blob: &&Blob| log.source(blob).created_ms == blob.created_ms;
    let originals: BTreeSet<u64> = blobs
        .iter()
        .filter(first_seen)
        .map(|blob| blob.created_ms)
        .collect();
    let repeated = blobs.len() - originals.len();
    assert!((100..400).contains(&repeated), "{repeated}");
    let echoes = blobs.iter().filter(|blob| log.source(blob).echo.is_some());
    assert!(echoes.count() > 200);
    let ids: BTreeSet<&str> = blobs.iter().map(|blob| blob.content_id.as_str()).collect();
    assert_eq!(ids.len(), blobs.len());
}
