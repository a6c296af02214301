//! The audit line of each signature: for what, with which key, and what came of it; never the
//! assertion itself.

use std::sync::Arc;

use auth::Cloud;
use auth::ports::{CodeRedeemer as _, CodeRedemption};
use auth::protocol::ConsentFlow;
use microsoft::{CodeCredential, EntraClient};
use serde_json::json;

use crate::fake::lines::{Line, Lines};
use crate::fake::platform::Certificate;
use crate::fake::remote::Service::{Breaks, Denies, Disabled, Signs, Throttles, TimesOut};
use crate::fake::remote::{RemoteKey, Service, TwoKeys};
use crate::fake::{self, FakeAuthority, NONCE, TENANT, part};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
enum Asked {
    AppOnly,
    /// A code of whichever tenant.
    Code,
    /// A code of this tenant.
    CodeOfTenant,
}
use Asked::{AppOnly, Code, CodeOfTenant};

/// An authority that refuses the first certificate, or none, with a number.
struct Stage {
    authority: FakeAuthority,
    before: Certificate,
    after: Certificate,
    lines: Lines,
}

impl Stage {
    async fn set() -> Self {
        let authority = FakeAuthority::start().await;
        authority.answer(200, json!({"access_token": "t", "expires_in": 3599}));
        Self {
            authority,
            before: Certificate::create("before"),
            after: Certificate::create("after"),
            lines: Lines::listen(),
        }
    }

    async fn client(&self, current: Service, previous: Service) -> EntraClient {
        let versions = Arc::new(TwoKeys {
            current: RemoteKey::of(&self.after, current),
            previous: Some(RemoteKey::of(&self.before, previous)),
        });
        fake::client_signing(self.authority.base_url(), versions).await
    }

    /// A line's key and outcome; every other field is as it must be.
    fn judged(&self, row: &str, asked: Asked, line: &Line) -> (&'static str, String) {
        let field = |name: &str| line.get(name).map(String::as_str);
        assert_eq!(field("event"), Some("assertion_signed"), "{row}");
        assert_eq!(field("audience"), Some("127.0.0.1"), "{row}");
        let (purpose, tenant, resource) = match asked {
            AppOnly => ("app_only", Some(TENANT), Some("https://manage.office.com")),
            Code => ("code", None, None),
            CodeOfTenant => ("code", Some(TENANT), None),
        };
        assert_eq!(field("purpose"), Some(purpose), "{row}");
        assert_eq!(
            (field("tenant"), field("resource")),
            (tenant, resource),
            "{row}"
        );
        let outcome = field("outcome").unwrap().to_owned();
        assert_eq!(
            field("reason").is_some(),
            outcome != "signed",
            "{row}: {line:?}"
        );
        let key = match field("certificate").unwrap() {
            one if one == self.before.signing_key().sha256_thumbprint() => "before",
            one if one == self.after.signing_key().sha256_thumbprint() => "after",
            other => panic!("{row}: {other}"),
        };
        (key, outcome)
    }
}

async fn ask(client: &EntraClient, asked: Asked) {
    // What the authority makes of it is others' to say.
    match asked {
        AppOnly => drop(fake::ask(client).await),
        Code => drop(fake::redeem(client, ConsentFlow::V2).await),
        CodeOfTenant => {
            let redemption = CodeRedemption {
                flow: ConsentFlow::V2,
                tenant: Some(TENANT.parse().unwrap()),
                resource: &Cloud::Public.management_resource(),
                redirect_uri: "https://broker.example/consent/callback",
                unverified_code: &"the-code".to_owned().into(),
                code_verifier: &"the-verifier".to_owned().into(),
                nonce: NONCE,
            };
            drop(client.redeem(redemption).await);
        }
    }
}

#[tokio::test]
async fn each_signature_leaves_a_line_whatever_comes_of_it() {
    let stage = Stage::set().await;
    // What is asked for; what the keys' service does; the number that the current version is
    // refused with, if it is; the lines: which key, and what came of it.
    type Row = (
        Asked,
        (Service, Service),
        Option<u32>,
        &'static [(&'static str, &'static str)],
    );
    let rows: [Row; 12] = [
        (AppOnly, (Signs, Signs), None, &[("after", "signed")]),
        (Code, (Signs, Signs), None, &[("after", "signed")]),
        (CodeOfTenant, (Signs, Signs), None, &[("after", "signed")]),
        (
            AppOnly,
            (TimesOut, Signs),
            None,
            &[("after", "unavailable")],
        ),
        (Code, (Throttles, Signs), None, &[("after", "unavailable")]),
        (AppOnly, (Breaks, Signs), None, &[("after", "unavailable")]),
        (
            AppOnly,
            (Denies, Signs),
            None,
            &[("after", "refused"), ("before", "signed")],
        ),
        (
            Code,
            (Disabled, TimesOut),
            None,
            &[("after", "refused"), ("before", "unavailable")],
        ),
        (
            AppOnly,
            (Signs, Signs),
            Some(700_027),
            &[("after", "signed"), ("before", "signed")],
        ),
        (
            CodeOfTenant,
            (Signs, Denies),
            Some(700_027),
            &[("after", "signed"), ("before", "refused")],
        ),
        // One that came too late is followed by a fresh one of the same key.
        (
            AppOnly,
            (Signs, Signs),
            Some(700_024),
            &[
                ("after", "signed"),
                ("after", "signed"),
                ("before", "signed"),
            ],
        ),
        // Another key does not help.
        (
            AppOnly,
            (Signs, Signs),
            Some(50_012),
            &[("after", "signed")],
        ),
    ];
    for (asked, services, refused_with, expected) in rows {
        let row = format!("{asked:?}, {services:?}, {refused_with:?}");
        match refused_with {
            None => stage.authority.register_all(),
            Some(number) => {
                stage.authority.register_only(&stage.before);
                stage.authority.refuse_others_with(number);
            }
        }
        let client = stage.client(services.0, services.1).await;
        let from = stage.authority.arrived().len();
        ask(&client, asked).await;

        let lines = stage.lines.take_audit();
        let judged: Vec<_> = lines
            .iter()
            .map(|line| stage.judged(&row, asked, line))
            .collect();
        let judged: Vec<_> = judged
            .iter()
            .map(|(key, out)| (*key, out.as_str()))
            .collect();
        assert_eq!(judged, expected, "{row}");
        // What was signed has arrived, under the name that the line has for it.
        let arrived = stage.authority.arrived().split_off(from);
        let signed = lines.iter().filter(|line| line["outcome"] == "signed");
        let named: Vec<_> = signed.map(|line| line["jti"].clone()).collect();
        let assertions = arrived.iter().map(|one| &one.form["client_assertion"]);
        let ids: Vec<_> = assertions
            .clone()
            .map(|assertion| part(assertion, 1)["jti"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(named, ids, "{row}");
        let written = format!("{lines:?}");
        for assertion in assertions {
            for part in assertion.split('.') {
                assert!(!written.contains(part), "{row}: {written}");
            }
        }
    }
}

#[tokio::test]
async fn a_client_secret_signs_nothing_and_leaves_no_line() {
    let stage = Stage::set().await;
    let credential = CodeCredential::ClientSecret("the secret".into());
    let base_url = stage.authority.base_url();
    let client = fake::redeeming(base_url, &stage.authority.secrets, credential).await;
    ask(&client, Code).await;
    assert_eq!(stage.authority.arrived().len(), 1);
    assert_eq!(stage.lines.take_audit(), Vec::new());
}
