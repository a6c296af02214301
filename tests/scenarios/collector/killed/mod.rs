//! The collector's program is killed (SIGKILL) at each request that it makes: to the table, the
//! object store, the Activity API and the vending function. The next run completes its work:
//! nothing is lost, no record is stored twice, and only what was under way is fetched again.
//!
//! What is done when a process dies with the answer to a request in hand is what is done when it
//! dies before its next request reaches the service: one death stands for both.

mod stage;

use tests::gate::At;

use self::stage::{Dead, Origin};

/// The steps of a run, in their order: what the request is for, by two texts that it holds, and at
/// how many of them a process dies, one after the other.
const STEPS: [(&str, [&str; 2], usize); 16] = [
    (
        "tenants are listed",
        [".Query\r", "\"IndexName\":\"tenants\""],
        1,
    ),
    ("a lease is looked at", [".GetItem\r", "LEASE#feed"], 1),
    (
        "what is due is read",
        [".Query\r", "\"IndexName\":\"due\""],
        1,
    ),
    (TAKEN, [".UpdateItem\r", "LEASE#feed"], 1),
    ("the tenant's row is read", [".GetItem\r", "\"FEED\""], 1),
    ("a token is given", ["POST /", "/oauth2/v2.0/token"], 1),
    (
        "subscriptions are listed",
        ["GET /api/", "/subscriptions/list?"],
        1,
    ),
    (
        "a subscription is started",
        ["POST /api/", "/subscriptions/start?"],
        1,
    ),
    (
        "a window is listed",
        ["GET /api/", "/subscriptions/content?"],
        2,
    ),
    ("batches are read", [".Query\r", "\"F#"], 1),
    ("a batch is listed", [".PutItem\r", "\"F#"], 2),
    (FETCHED, ["GET /api/", "/activity/feed/audit/"], 3),
    ("an object is put", ["PUT /audit-log/", ".json.gz"], 2),
    (STORED, [".UpdateItem\r", "\"F#"], 2),
    (
        "the tenant's row is written",
        [".UpdateItem\r", "\"FEED\""],
        1,
    ),
    (GIVEN_BACK, [".UpdateItem\r", "looked_until"], 1),
];
const TAKEN: &str = "the lease is taken";
const GIVEN_BACK: &str = "the lease is given back";
const STORED: &str = "a batch is stored";
const FETCHED: &str = "a content is fetched";

/// Each death: what was done last, and where the gates stop.
fn deaths() -> Vec<(String, Option<At>)> {
    let steps = STEPS.iter().flat_map(|(name, texts, times)| {
        (1..=*times).map(move |nth| (format!("{nth}: {name}"), Some(At::Nth(*texts, nth))))
    });
    let first = ("nothing is done".to_owned(), Some(At::Nth([""; 2], 0)));
    let last = ("the run has answered".to_owned(), None);
    std::iter::once(first).chain(steps).chain([last]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_killed_at_any_request_is_completed_by_the_next_run() {
    let origin = Origin::make().await;
    let mut table = String::new();
    for (what, at) in deaths() {
        let stage = origin.stage().await;
        let dead = stage.dies(at).await;
        assert_eq!(dead.has_answered, at.is_none(), "{what} was not reached");
        stage.is_left_alone(&what, dead.holds_the_lease()).await;
        let again = stage.is_completed(&what).await;
        assert_eq!(again, dead.under_way(), "{what}: only what was under way");
        table += &format!("{what:32}{again}\n");
    }
    println!("done, and then killed           contents fetched again\n{table}");
}

/// Within an object that takes several requests: what was done last, by two texts.
const OF_PARTS: [(&str, [&str; 2]); 3] = [
    ("an upload is begun", ["POST /audit-log/", "?uploads"]),
    ("a part is sent", ["PUT /audit-log/", "partNumber=1"]),
    ("an upload is completed", ["POST /audit-log/", "uploadId="]),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_killed_within_an_upload_of_parts_is_completed_by_the_next_run() {
    let origin = Origin::make().await;
    for (what, texts) in OF_PARTS {
        let stage = origin.stage().await;
        stage.offers_a_large_record().await;
        let dead = stage.dies(Some(At::Nth(texts, 1))).await;
        assert!(!dead.has_answered, "{what} was not reached");
        let again = stage.is_completed(what).await;
        assert_eq!(again, dead.under_way(), "{what}: only what was under way");
    }
}

impl Dead {
    /// Contents that it fetched and did not come to write down as stored.
    fn under_way(&self) -> usize {
        let since = self.requests.iter().rev();
        let since = since.take_while(|request| !is_for(request, STORED));
        since.filter(|request| is_for(request, FETCHED)).count()
    }

    fn holds_the_lease(&self) -> bool {
        let has = |step| self.requests.iter().any(|request| is_for(request, step));
        has(TAKEN) && !has(GIVEN_BACK)
    }
}

fn is_for(request: &str, step: &str) -> bool {
    let found = STEPS.iter().find(|(name, ..)| *name == step);
    let (_, texts, _) = found.unwrap();
    texts.iter().all(|text| request.contains(text))
}
