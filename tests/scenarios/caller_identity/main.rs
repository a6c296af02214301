//! A signed `GetCallerIdentity` request as a proof at the HTTP API of a whole run: a caller of
//! AWS signs with the data directory's access key, and the simulated STS says who signed.
//! What never leaves for STS stands in detail beside the rule (`shared/auth/tests/role_proof`),
//! what STS refuses beside the simulator (`infra/gateway-sim/tests/gateway/sts.rs`).

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tests::process::{Process, Start};
use tests::{Broker, Browser, Flow, Signer};

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct Stage {
    process: Process,
    broker: Broker,
    signer: Signer,
    tenant: String,
    _directory: tempfile::TempDir,
}

impl Stage {
    /// With one connected tenant.
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let process = Start::new(MACHINE, directory.path()).run().await;
        let person = process.ready.simulated_tenants[0].clone();
        let url = &process.ready.consent_url;
        tests::connect(&mut Browser::default(), url, &person.admin, Flow::V2).await;
        Self {
            broker: Broker::of(&process.ready),
            signer: Signer::of(&process.ready),
            tenant: person.tenant_id,
            process,
            _directory: directory,
        }
    }

    /// As a caller makes it: the host and port of the broker's URL.
    fn server_id(&self) -> String {
        let (_, host) = self.process.ready.vending_url.split_once("://").unwrap();
        host.to_owned()
    }

    fn proof(&self) -> String {
        self.signer.proof(&self.server_id())
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.process.ready.vending_url);
        self.broker.client.request(method, url)
    }

    /// A request for the tenant's token, without a proof.
    fn token(&self, more: &[(&str, &str)]) -> RequestBuilder {
        let path = format!("/{}/oauth2/v2.0/token", self.tenant);
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", tests::broker::SCOPE),
        ];
        self.request(Method::POST, &path)
            .form(&[&form[..], more].concat())
    }
}

async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

fn claims(body: &Value) -> Value {
    let token = body["access_token"].as_str();
    tests::jwt::claims(token.unwrap_or_else(|| panic!("{body}")))
}

#[tokio::test]
async fn a_role_proves_itself_on_every_route_without_a_function_url() {
    let stage = Stage::start().await;
    let proof = &stage.proof();
    let assertion = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", proof),
    ];
    let v1 = stage
        .request(Method::POST, &format!("/{}/oauth2/token", stage.tenant))
        .form(&[
            ("grant_type", "client_credentials"),
            ("resource", "https://manage.office.com"),
        ]);
    // The same proof again: it is good for five minutes, as a token would be for longer.
    let requests = [
        ("as an assertion", stage.token(&assertion)),
        ("as a bearer token", stage.token(&[]).bearer_auth(proof)),
        ("at the v1 route", v1.bearer_auth(proof)),
        ("another proof", stage.token(&[]).bearer_auth(stage.proof())),
    ];
    for (row, request) in requests {
        let (status, body) = answer(request).await;
        assert_eq!(status, 200, "{row}: {body}");
        assert_eq!(claims(&body)["tid"], *stage.tenant, "{row}");
    }
    let listing = stage.request(Method::GET, "/tenants").bearer_auth(proof);
    let (status, body) = answer(listing).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["tenants"][0]["tenant_id"], *stage.tenant, "{body}");
    // Who it is, the policy is asked about by the same name as at the function URL: it
    // permits this role no invite, and the refusal names the role.
    let invite = stage.request(Method::POST, "/invites").bearer_auth(proof);
    let (status, body) = answer(invite.body(r#"{"customer":"Contoso"}"#)).await;
    let role = format!(
        "AwsRole::\"{}/{}\"",
        stage.signer.role.account, stage.signer.role.name
    );
    let said = body["error_description"].as_str().unwrap_or_default();
    assert!(
        status == 201 || (status == 403 && said.contains(&role)),
        "{status} {body}"
    );
}

/// The very proof that was taken, made for or by another: the tenant's token is at hand, and
/// neither it nor a word of the proof comes out.
#[tokio::test]
async fn a_proof_of_or_for_another_is_refused() {
    let stage = Stage::start().await;
    let (status, _) = answer(stage.token(&[]).bearer_auth(stage.proof())).await;
    assert_eq!(status, 200);
    let own = stage.server_id();
    let with = |change: fn(&mut Signer)| {
        let mut signer = stage.signer.clone();
        change(&mut signer);
        signer.proof(&own)
    };
    let rows = [
        (
            "another broker's",
            stage.signer.proof("other.example"),
            "for another service",
        ),
        (
            "another secret",
            with(|s| s.secret_access_key.push('x')),
            "SignatureDoesNotMatch",
        ),
        (
            "another key",
            with(|s| s.access_key_id = "AKIAI44QH8DHBEXAMPLE".into()),
            "InvalidClientTokenId",
        ),
        (
            "another region",
            with(|s| s.region = "eu-west-1".into()),
            "the signed request's url is",
        ),
        (
            "cut off",
            stage.proof()[..200].to_owned(),
            "is not aws-sts-v1.",
        ),
    ];
    for (row, proof, words) in rows {
        let (status, body) = answer(stage.token(&[]).bearer_auth(&proof)).await;
        assert_eq!(
            (status.as_u16(), &body["error"]),
            (401, &"invalid_client".into()),
            "{row}"
        );
        let said = body["error_description"].as_str().unwrap();
        assert!(said.contains(words), "{row}: {said}");
        assert!(
            !body.to_string().contains("Signature=") && !body.to_string().contains(&proof),
            "{row}"
        );
    }
}

#[tokio::test]
async fn two_proofs_and_a_proof_at_the_wrong_route_are_told_apart() {
    let stage = Stage::start().await;
    let (proof, token) = (&stage.proof(), &stage.process.ready.caller_token);
    let assertion = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", token.as_str()),
    ];
    let untyped = [("client_assertion", proof.as_str())];
    let msi = format!(
        "/msi/token?api-version=2019-08-01&resource=https://manage.office.com&client_id={}",
        stage.tenant
    );
    let rows = [
        (
            "with a token",
            stage.token(&assertion).bearer_auth(proof),
            400,
            "two proofs",
        ),
        (
            "without a type",
            stage.token(&untyped),
            400,
            "client_assertion goes with",
        ),
        (
            "as a caller key",
            stage
                .request(Method::GET, &msi)
                .header("X-IDENTITY-HEADER", proof),
            401,
            "this route takes a caller key",
        ),
        (
            "at /msi",
            stage.request(Method::GET, &msi).bearer_auth(proof),
            401,
            "this route takes a caller key",
        ),
    ];
    for (row, request, expected, words) in rows {
        let (status, body) = answer(request).await;
        let said = body["error_description"].as_str().unwrap();
        assert!(
            status.as_u16() == expected && said.contains(words),
            "{row}: {status} {said}"
        );
    }
}
