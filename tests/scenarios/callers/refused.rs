//! A refusal reaches the person behind each client as that client tells refusals, with our
//! words in it and without the proof.

use serde_json::Value;
use tests::{Judge, operate, put_policy};

use super::stage::{Stage, Told, UNKNOWN_TENANT, ask};

/// How a client tells: the class that it raises, or msal's dictionary.
#[derive(Debug, Clone, Copy)]
enum Tells {
    /// The members of our answer, as they are.
    OurAnswer,
    /// msal's own code for whatever a managed identity's endpoint refuses; status and
    /// words are in the description.
    Rewritten,
    /// An exception of this class, or of one that is derived from it.
    Raises(&'static str),
}

const FEDERATED: [(&str, Tells); 4] = [
    ("msal", Tells::OurAnswer),
    ("msal, OpenID Connect authority", Tells::OurAnswer),
    (
        "azure-identity, client assertion",
        Tells::Raises("azure.core.exceptions.ClientAuthenticationError"),
    ),
    (
        "azure-identity, workload identity",
        Tells::Raises("azure.core.exceptions.ClientAuthenticationError"),
    ),
];

const MANAGED_IDENTITY: [(&str, Tells); 3] = [
    ("msal, managed identity", Tells::Rewritten),
    (
        "azure-identity, managed identity",
        Tells::Raises("azure.identity._exceptions.CredentialUnavailableError"),
    ),
    (
        "azure-identity, default",
        Tells::Raises("azure.core.exceptions.ClientAuthenticationError"),
    ),
];

/// What we answer.
#[derive(Debug, Clone, Copy)]
struct Refusal {
    status: u64,
    error: &'static str,
    words: &'static str,
}

const NOT_PERMITTED: Refusal = Refusal {
    status: 403,
    error: "access_denied",
    words: "no policy permits this",
};
const NOT_CONNECTED: Refusal = Refusal {
    status: 404,
    error: "invalid_request",
    words: "its admin has to open the consent link",
};
const SUSPENDED: Refusal = Refusal {
    status: 409,
    error: "invalid_grant",
    words: "the tenant is suspended",
};
const WRONG_SIGNATURE: Refusal = Refusal {
    status: 401,
    error: "invalid_client",
    words: "the token's signature does not match",
};
const WRONG_KEY: Refusal = Refusal {
    status: 401,
    error: "invalid_client",
    words: "caller key",
};

/// Nobody may have the tokens of this tenant, or see it.
async fn forbid(stage: &Stage, tenant: &str) {
    let text = operate(stage.directory.path(), &["policy", "show"]).await;
    let forbid = format!(
        "{text}\n@id(\"not-this-one\")\nforbid (principal, action, resource == Tenant::\"{tenant}\");\n"
    );
    put_policy(stage.directory.path(), &forbid, &["--confirm"]).await;
}

#[tokio::test]
async fn a_refusal_is_told_as_each_client_tells_refusals() {
    let stage = Stage::start(2).await;
    let [forbidden, suspended] = [&stage.tenants[0], &stage.tenants[1]];
    // Nothing was asked yet: both are in force at the first question.
    forbid(&stage, forbidden).await;
    operate(
        stage.directory.path(),
        &["tenants", "suspend", suspended, "--yes"],
    )
    .await;
    let mut judge = stage.clients("caller-token", &stage.key).await;
    for (client, tells) in FEDERATED.into_iter().chain(MANAGED_IDENTITY) {
        let rows = [
            (forbidden.as_str(), NOT_PERMITTED),
            (UNKNOWN_TENANT, NOT_CONNECTED),
            (suspended, SUSPENDED),
        ];
        for (tenant, refusal) in rows {
            let told = ask(&mut judge, client, tenant).await;
            check(client, tells, refusal, &told);
            assert!(!told.0.to_string().contains(&stage.key), "{client}");
        }
    }
    stage.stop().await;
}

#[tokio::test]
async fn a_caller_that_is_not_proven_is_told_so() {
    let stage = Stage::start(1).await;
    let token = &stage.broker.ready.caller_token;
    let forged = forged(token);
    std::fs::write(stage.file("forged-token"), &forged).unwrap();
    let mut other_key = stage.key.clone();
    other_key.replace_range(other_key.len() - 8.., "00000000");
    let mut judge = stage.clients("forged-token", &other_key).await;
    refused_by_all(&mut judge, &stage, &FEDERATED, WRONG_SIGNATURE).await;
    refused_by_all(&mut judge, &stage, &MANAGED_IDENTITY, WRONG_KEY).await;
    stage.stop().await;
}

async fn refused_by_all(
    judge: &mut Judge,
    stage: &Stage,
    clients: &[(&str, Tells)],
    refusal: Refusal,
) {
    let proof = ["forged-token", "caller-token"]
        .map(|name| std::fs::read_to_string(stage.file(name)).unwrap());
    for (client, tells) in clients {
        let told = ask(judge, client, &stage.tenants[0]).await;
        check(client, *tells, refusal, &told);
        for proof in &proof {
            assert!(!told.0.to_string().contains(proof), "{client}");
        }
    }
}

/// The same token with other bits at the end of its signature.
fn forged(token: &str) -> String {
    let (kept, end) = token.split_at(token.len() - 8);
    let other = if end == "AAAAAAAA" {
        "BBBBBBBB"
    } else {
        "AAAAAAAA"
    };
    format!("{kept}{other}")
}

/// One request, our status, and what the client makes of it.
fn check(client: &str, tells: Tells, refusal: Refusal, told: &Told) {
    let statuses: Vec<u64> = told
        .token_requests()
        .iter()
        .map(|sent| sent.status)
        .collect();
    assert_eq!(statuses, [refusal.status], "{client}: {told:?}");
    let refused = &told.0["refused"];
    let description = match tells {
        Tells::OurAnswer => {
            assert_eq!(refused["error"], refusal.error, "{client}: {told:?}");
            assert!(refused["request_id"].is_string(), "{client}: {told:?}");
            &refused["error_description"]
        }
        Tells::Rewritten => {
            let status = refusal.status.to_string();
            let description = refused["error_description"].as_str().unwrap();
            assert!(description.starts_with(&status), "{client}: {told:?}");
            &refused["error_description"]
        }
        Tells::Raises(class) => {
            let raised = told.0["raised"].as_array();
            let raised = raised.unwrap_or_else(|| panic!("{client}: {told:?}"));
            assert!(raised.contains(&Value::from(class)), "{client}: {told:?}");
            &told.0["message"]
        }
    };
    let description = description.as_str().unwrap();
    println!("{client}: {} {description}", refusal.status);
    assert!(
        description.contains(refusal.words),
        "{client}: {description}"
    );
}
