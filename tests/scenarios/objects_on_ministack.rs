//! The contract of the object store on a second S3, which shares no code with the one of one
//! machine: what both keep is not the habit of one engine.

use std::sync::{Arc, Weak};

use aws::{Connection, Endpoint, connect};
use feed::ports::{Objects as _, Put, StoredVersions as _};
use tests::Ministack;
use tests::object_contract::{Engine, put};
use tokio::sync::Mutex;

/// One process for all tests that run at the same time, ended by the last of them: a
/// static would outlive the tests.
static SHARED: Mutex<Weak<Ministack>> = Mutex::const_new(Weak::new());

const BUCKET: &str = "audit-log";

struct Stack {
    connection: Connection,
    ministack: Arc<Ministack>,
}

impl Engine for Stack {
    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn bucket(&self) -> &str {
        BUCKET
    }

    async fn unfinished(&self, prefix: &str) -> usize {
        let uploads = format!("{}/{BUCKET}?uploads", self.ministack.endpoint);
        let listed = reqwest::get(uploads).await.unwrap().text().await.unwrap();
        listed.matches(&format!("<Key>{prefix}/")).count()
    }
}

async fn ministack() -> Stack {
    let ministack = shared().await;
    let endpoint = Endpoint::Local(ministack.endpoint.clone());
    Stack {
        connection: connect(&endpoint).await,
        ministack,
    }
}

async fn shared() -> Arc<Ministack> {
    let mut shared = SHARED.lock().await;
    match shared.upgrade() {
        Some(running) => running,
        None => {
            let started = Arc::new(Ministack::start().await);
            // It checks no signature.
            let bucket = format!("{}/{BUCKET}", started.endpoint);
            let made = reqwest::Client::new().put(bucket).send().await.unwrap();
            assert!(made.status().is_success(), "{made:?}");
            *shared = Arc::downgrade(&started);
            started
        }
    }
}

tests::object_contract_tests!(ministack);

/// As the template makes the bucket: what someone deleted lies behind a mark, and goes too.
#[tokio::test]
async fn of_a_bucket_with_versions_every_version_and_mark_is_erased() {
    const OWN: &str = "with-versions";
    let stack = ministack().await;
    let (client, bucket) = (
        reqwest::Client::new(),
        format!("{}/{OWN}", stack.ministack.endpoint),
    );
    let enabled = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                   <Status>Enabled</Status></VersioningConfiguration>";
    let versioning = client.put(format!("{bucket}?versioning")).body(enabled);
    for request in [client.put(&bucket), versioning] {
        let made = request.send().await.unwrap();
        assert!(made.status().is_success(), "{made:?}");
    }
    let store = stack.connection.objects(OWN, "feed");
    for text in [&b"one"[..], b"second"] {
        assert_eq!(put(&store, "tenant=1/a", text).await.unwrap(), Put::Stored);
        let deleted = client.delete(format!("{bucket}/feed/tenant=1/a")).send();
        assert!(deleted.await.unwrap().status().is_success());
    }
    assert_eq!(
        put(&store, "tenant=1/b", b"third").await.unwrap(),
        Put::Stored
    );
    assert_eq!(
        put(&store, "tenant=2/a", b"other").await.unwrap(),
        Put::Stored
    );
    let page = store.versions("tenant=1/", None, 1_000).await.unwrap();
    let mut sizes: Vec<_> = page.versions.iter().map(|one| one.size).collect();
    sizes.sort();
    assert_eq!(sizes, [None, None, Some(3), Some(5), Some(6)]);
    assert!(store.erase(&page.versions).await.unwrap().is_empty());
    let left = store.versions("", None, 1_000).await.unwrap().versions;
    let left: Vec<_> = left.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(left, ["tenant=2/a"]);
    assert_eq!(store.facts("tenant=1/b").await.unwrap(), None);
}
