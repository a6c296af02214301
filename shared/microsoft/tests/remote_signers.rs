//! Keys that another service keeps: what becomes of a request when it signs, when it does not,
//! and when what it signs is wrong. They enter through the port alone.

use std::sync::Arc;

use auth::cause::CauseCode;
use auth::ports::TokenIssuer as _;
use auth::protocol::{AssertionForm, TokenEndpoint};
use auth::{Cloud, TenantId};
use microsoft_sim::{Config, KeyCredential, Registration, RequiredResource, Simulator};
use serde_json::json;

use crate::fake::platform::Certificate;
use crate::fake::remote::Service::{
    Breaks, Denies, Disabled, Signs, SignsWrongly, Throttles, TimesOut,
};
use crate::fake::remote::{RemoteKey, Service, TwoKeys};
use crate::fake::{self, CLIENT, FakeAuthority, NOW};

/// What the authority knows.
#[derive(Debug, Clone, Copy)]
enum Registered {
    Both,
    Current,
    Previous,
}
use Registered::{Both, Current, Previous};

#[tokio::test]
async fn a_key_that_refuses_is_followed_by_the_other_version_and_one_that_is_away_by_nothing() {
    const UNAVAILABLE: Result<(), CauseCode> = Err(CauseCode::BrokerUnavailable);
    const REFUSED: Result<(), CauseCode> = Err(CauseCode::CredentialRefused);
    // What the services do; what is registered; what comes of two requests; how many signatures
    // each key was asked for; how many requests arrived.
    type Row = (
        Service,
        Option<Service>,
        Registered,
        Result<(), CauseCode>,
        (u32, u32),
        usize,
    );
    let rows: [Row; 15] = [
        (Signs, Some(Signs), Both, Ok(()), (2, 0), 2),
        (Signs, None, Both, Ok(()), (2, 0), 2),
        (TimesOut, Some(Signs), Both, UNAVAILABLE, (2, 0), 0),
        (Throttles, Some(Signs), Both, UNAVAILABLE, (2, 0), 0),
        (Breaks, Some(Signs), Both, UNAVAILABLE, (2, 0), 0),
        // The other version goes on signing.
        (Denies, Some(Signs), Both, Ok(()), (1, 2), 2),
        (Disabled, Some(Signs), Both, Ok(()), (1, 2), 2),
        (Denies, Some(Denies), Both, UNAVAILABLE, (2, 2), 0),
        (Denies, Some(TimesOut), Both, UNAVAILABLE, (2, 2), 0),
        (Denies, None, Both, UNAVAILABLE, (2, 0), 0),
        // What the key that signs met is reported, not what the other one met.
        (Denies, Some(Signs), Current, UNAVAILABLE, (2, 2), 2),
        (Signs, Some(Denies), Previous, REFUSED, (2, 2), 2),
        (Signs, Some(TimesOut), Previous, REFUSED, (2, 2), 2),
        (Signs, Some(Signs), Previous, Ok(()), (1, 2), 3),
        (Signs, None, Previous, REFUSED, (2, 0), 2),
    ];
    let authority = FakeAuthority::start().await;
    authority.answer(200, json!({"access_token": "t", "expires_in": 3599}));
    let (before, after) = (Certificate::create("before"), Certificate::create("after"));
    for (current, previous, registered, expected, asked, arrived) in rows {
        let row = format!("{current:?}, {previous:?}, {registered:?}");
        match registered {
            Both => authority.register_all(),
            Current => authority.register_only(&after),
            Previous => authority.register_only(&before),
        }
        let current = RemoteKey::of(&after, current);
        let previous = previous.map(|service| RemoteKey::of(&before, service));
        let versions = Arc::new(TwoKeys {
            current: Arc::clone(&current),
            previous: previous.clone(),
        });
        let client = fake::client_signing(authority.base_url(), versions).await;
        let from = authority.arrived().len();
        for _ in 0..2 {
            let answer = fake::ask(&client).await;
            let answer = answer.map(drop).map_err(|error| error.cause.code);
            assert_eq!(answer, expected, "{row}");
        }
        let previous = previous.map_or(0, |key| key.asked());
        assert_eq!((current.asked(), previous), asked, "{row}");
        assert_eq!(authority.arrived().len() - from, arrived, "{row}");
    }
}

#[tokio::test]
async fn a_client_is_made_with_a_key_that_does_not_answer_and_knows_when_it_ends() {
    let authority = FakeAuthority::start().await;
    let certificate = Certificate::create("current");
    let current = RemoteKey::of(&certificate, TimesOut);
    let versions = Arc::new(TwoKeys {
        current: Arc::clone(&current),
        previous: None,
    });
    let client = fake::client_signing(authority.base_url(), versions).await;
    assert_eq!(current.asked(), 0, "nothing is signed to find out");
    let ends = auth::ports::SigningCertificate::expires_at(&*client.signing_keys());
    assert_eq!(
        ends,
        Some(certificate.signing_key().certificate().not_after)
    );
}

/// The simulated authority verifies signatures, and knows these certificates.
async fn simulator(certificates: &[&Certificate]) -> (String, TenantId) {
    let config = Config {
        tenants: 1,
        ..Config::default()
    };
    let simulator = Simulator::open(config, Arc::new(Held)).unwrap();
    let credential = |certificate: &&Certificate| {
        let key = certificate.signing_key();
        KeyCredential::from_certificate_der(&key.certificate().der).unwrap()
    };
    let client_id = CLIENT.parse().unwrap();
    let registration = Registration {
        client_id,
        display_name: "Broker".to_owned(),
        home_tenant: None,
        multi_tenant: true,
        redirect_uris: Vec::new(),
        key_credentials: certificates.iter().map(credential).collect(),
        client_secrets: Vec::new(),
        required_roles: vec![RequiredResource {
            resource: "https://manage.office.com".to_owned(),
            roles: vec!["ActivityFeed.Read".to_owned()],
            scopes: Vec::new(),
        }],
        group_membership_claims_directory_role: true,
    };
    simulator.register(registration).unwrap();
    let tenant = simulator.tenants()[0].tenant_id;
    simulator.grant_admin_consent(client_id, &[tenant]).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let public = url.clone();
    tokio::spawn(async move {
        let served = simulator.serve(listener, public, std::future::pending());
        served.await.unwrap();
    });
    (url, tenant.to_string().parse().unwrap())
}

struct Held;

impl microsoft_sim::Clock for Held {
    fn unix_seconds(&self) -> u64 {
        NOW.unsigned_abs()
    }
}

#[tokio::test]
async fn the_simulated_authority_takes_a_remote_signature_in_both_forms_and_no_wrong_one() {
    let (before, after) = (Certificate::create("before"), Certificate::create("after"));
    let (url, tenant) = simulator(&[&before, &after]).await;
    let resource = Cloud::Public.management_resource();
    let rows = [
        (Signs, Signs, Ok(()), (2, 0)),
        // The other version is tried, and goes on.
        (SignsWrongly, Signs, Ok(()), (1, 2)),
        (
            SignsWrongly,
            SignsWrongly,
            Err(CauseCode::CredentialRefused),
            (2, 2),
        ),
        (
            SignsWrongly,
            TimesOut,
            Err(CauseCode::CredentialRefused),
            (2, 2),
        ),
    ];
    let forms = [
        (TokenEndpoint::V2, AssertionForm::Ps256),
        (TokenEndpoint::V1, AssertionForm::Rs256),
    ];
    for (current, previous, expected, asked) in rows {
        for form in forms {
            let row = format!("{current:?}, {previous:?}, {form:?}");
            let keys = [
                RemoteKey::of(&after, current),
                RemoteKey::of(&before, previous),
            ];
            let versions = Arc::new(TwoKeys {
                current: Arc::clone(&keys[0]),
                previous: Some(Arc::clone(&keys[1])),
            });
            let client = fake::client_signing_in(form, &url, versions).await;
            for _ in 0..2 {
                let answer = client.app_only_token(tenant, Cloud::Public, &resource);
                let answer = answer.await.map(drop).map_err(|error| error.cause.code);
                assert_eq!(answer, expected, "{row}");
            }
            assert_eq!((keys[0].asked(), keys[1].asked()), asked, "{row}");
        }
    }
}
