//! The operator changes the list of issuers under a run: without a restart, within a minute by the
//! clock of the function, and not a second of it is waited for here.

use std::path::Path;

use auth::ports::Clock as _;
use serde_json::json;
use tests::broker::SCOPE;
use tests::issuer::Issuer;
use tests::{MovedRun, Vended, connect_tenant, operate, put_policy};

/// How long a list holds before it is read again.
const MAX_AGE: i64 = 60;
/// How long one holds that cannot be read again.
const UNREAD_MAX_AGE: i64 = 900;

struct Stage {
    directory: tempfile::TempDir,
    run: MovedRun,
    issuer: Issuer,
}

impl Stage {
    /// A connected tenant, and a policy for every workload of a private issuer.
    async fn set() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let issuer = Issuer::start().await;
        // From now on: the issuer and the operator's own program live by the system's clock.
        let now = aws::SystemClock.now().unix();
        let run = MovedRun::start_at(directory.path(), 1, now, |_| None).await;
        connect_tenant(&run.broker.ready, 0).await;
        Self {
            directory,
            run,
            issuer,
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    async fn put(&self, list: &str) {
        let file = self.path().join("issuers.json");
        std::fs::write(&file, list).unwrap();
        operate(self.path(), &["issuer", "put", file.to_str().unwrap()]).await;
    }

    async fn permit(&self) {
        let text = format!(
            "@id(\"row\") permit (principal is Workload, action, resource) \
             when {{ principal.issuer == \"{}\" }};",
            self.issuer.url
        );
        put_policy(self.path(), &text, &["--confirm"]).await;
    }

    async fn ask(&self, token: &str) -> Vended {
        let form = [("grant_type", "client_credentials"), ("scope", SCOPE)];
        let path = format!("/{}/oauth2/v2.0/token", self.run.tenant(0));
        self.run.broker.post(&path, &form, Some(token)).await
    }
}

#[tokio::test]
async fn an_issuer_that_is_put_is_taken_within_a_minute_and_one_that_is_removed_is_refused() {
    let stage = Stage::set().await;
    let token = stage.issuer.token(1);
    let refused = stage.ask(&token).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    assert_eq!(stage.issuer.asked(), 0, "nothing is asked of a stranger");

    stage.put(&stage.issuer.list()).await;
    stage.permit().await;
    stage.run.clock.advance(MAX_AGE);
    let vended = stage.ask(&token).await;
    assert_eq!(vended.status, 200, "{}", vended.body);

    // Another audience: what was proven before proves nothing any more.
    let other = stage.issuer.list().replace("vending", "another");
    stage.put(&other).await;
    stage.run.clock.advance(MAX_AGE);
    let refused = stage.ask(&token).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    let words = refused.body["error_description"].as_str().unwrap();
    assert!(words.contains("it must be \"another\""), "{words}");
    stage.put(&stage.issuer.list()).await;
    stage.run.clock.advance(MAX_AGE);
    assert_eq!(stage.ask(&token).await.status, 200);

    // A policy for the machine's own caller, and then the issuer goes.
    let own = "@id(\"keys\") permit (principal is Key, action, resource);";
    put_policy(stage.path(), own, &["--confirm"]).await;
    let remove = ["issuer", "remove", &stage.issuer.url, "--yes"];
    operate(stage.path(), &remove).await;
    stage.run.clock.advance(MAX_AGE);
    let refused = stage.ask(&token).await;
    assert_eq!(
        refused.status, 401,
        "remembered proofs too: {}",
        refused.body
    );
}

#[tokio::test]
async fn a_list_that_cannot_be_taken_leaves_the_old_one_for_a_quarter_of_an_hour() {
    let stage = Stage::set().await;
    stage.put(&stage.issuer.list()).await;
    stage.permit().await;
    stage.run.clock.advance(MAX_AGE);
    let token = stage.issuer.token(1);
    assert_eq!(stage.ask(&token).await.status, 200);

    damage(&stage).await;
    stage.run.clock.advance(MAX_AGE);
    assert_eq!(stage.ask(&token).await.status, 200);
    stage.run.clock.advance(UNREAD_MAX_AGE - MAX_AGE);
    for token in [&token, &stage.issuer.token(2)] {
        let refused = stage.ask(token).await;
        assert_eq!(refused.status, 503, "{}", refused.body);
    }
    let file = stage.path().join("issuers.json");
    let only = ["issuer", "put", file.to_str().unwrap(), "--only"];
    operate(stage.path(), &only).await;
    stage.run.clock.advance(5);
    let vended = stage.ask(&token).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
}

/// By another way than the operator's tool: the digest stays what it was.
async fn damage(stage: &Stage) {
    let ready = &stage.run.broker.ready;
    let endpoint = aws::Endpoint::Local(ready.table_endpoint.clone());
    let client = aws::connect(&endpoint).await.dynamodb();
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let list = json!([{"issuer": stage.issuer.url, "audience": "vending"}]).to_string();
    let update = client
        .update_item()
        .table_name(format!("{}-control", ready.table_name))
        .key("pk", text("ISSUERS"))
        .key("sk", text("ISSUERS"))
        .update_expression("SET issuer_list = :list")
        .expression_attribute_values(":list", text(&list));
    update.send().await.unwrap();
}
