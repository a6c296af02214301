//! Which version of the certificate signs, before, during and after a rotation: what
//! arrives at an authority that knows one of them. Where the key is makes no difference.

use std::sync::Arc;

use auth::cause::CauseCode;
use auth::ports::HeldClock;
use auth::protocol::ConsentFlow;
use microsoft::EntraClient;
use serde_json::json;

use crate::fake::platform::{Certificate, HeldSecrets};
use crate::fake::remote::Signing;
use crate::fake::{self, FakeAuthority, NOW, part};

/// An authority, and the two certificates of a rotation.
struct Rotation {
    authority: FakeAuthority,
    before: Certificate,
    after: Certificate,
    secrets: Arc<HeldSecrets>,
    signing: Signing,
}

impl Rotation {
    /// The secret holds the certificate of before.
    async fn set(signing: Signing) -> Self {
        let authority = FakeAuthority::start().await;
        authority.answer(200, json!({"access_token": "t", "expires_in": 3599}));
        let before = Certificate::create("before");
        Self {
            secrets: HeldSecrets::holding(&before),
            authority,
            before,
            after: Certificate::create("after"),
            signing,
        }
    }

    async fn client(&self) -> EntraClient {
        self.client_with(&self.secrets).await
    }

    async fn client_by(&self, clock: &Arc<HeldClock>) -> EntraClient {
        let versions = self.signing.versions(&self.secrets, clock.clone());
        fake::client_by(clock.clone(), self.authority.base_url(), versions).await
    }

    async fn client_with(&self, secrets: &Arc<HeldSecrets>) -> EntraClient {
        let now = Arc::new(HeldClock::at(NOW));
        let versions = self.signing.versions(secrets, now);
        fake::client_signing(self.authority.base_url(), versions).await
    }

    /// The thumbprints that arrived since `from`.
    fn signed_by(&self, from: usize) -> Vec<&'static str> {
        let name = |thumbprint: &str| match thumbprint {
            known if known == self.before.signing_key().sha256_thumbprint() => "before",
            known if known == self.after.signing_key().sha256_thumbprint() => "after",
            _ => "nobody",
        };
        let arrived = self.authority.arrived();
        arrived[from..]
            .iter()
            .map(|one| {
                name(
                    part(&one.form["client_assertion"], 0)["x5t#S256"]
                        .as_str()
                        .unwrap(),
                )
            })
            .collect()
    }
}

async fn token(client: &EntraClient) -> Result<(), CauseCode> {
    let answer = fake::ask(client).await;
    answer.map(drop).map_err(|error| error.cause.code)
}

#[tokio::test]
async fn a_new_key_that_has_not_arrived_is_followed_by_the_old_one_which_goes_on() {
    for signing in Signing::BOTH {
        let rotation = Rotation::set(signing).await;
        rotation.secrets.rotate(&rotation.after);
        rotation.authority.register_only(&rotation.before);
        let client = rotation.client().await;
        for _ in 0..3 {
            token(&client).await.unwrap();
        }
        assert_eq!(
            rotation.signed_by(0),
            ["after", "before", "before", "before"]
        );

        rotation.authority.register_only(&rotation.after);
        let from = rotation.authority.arrived().len();
        for _ in 0..2 {
            token(&client).await.unwrap();
        }
        assert_eq!(rotation.signed_by(from), ["before", "after", "after"]);
    }
}

/// The numbers with which another key is worth a try, and whether it then signs.
#[tokio::test]
async fn the_other_version_is_tried_for_every_refusal_of_the_key_and_stays_when_it_is_taken() {
    for signing in Signing::BOTH {
        let tried = [
            700_027, 7_000_214, 1_000_502, 7_000_274, 7_000_277, 5_002_730, 5_002_738,
        ];
        let not = [50012, 7_000_215, 7_000_222, 123_456, 700_016];
        for number in tried.into_iter().chain([700_024]).chain(not) {
            let rotation = Rotation::set(signing).await;
            rotation.secrets.rotate(&rotation.after);
            rotation.authority.register_only(&rotation.before);
            rotation.authority.refuse_others_with(number);
            let client = rotation.client().await;
            let answers = [token(&client).await.is_ok(), token(&client).await.is_ok()];
            let signed: &[&str] = match number {
                700_024 => &["after", "after", "before", "before"],
                _ if tried.contains(&number) => &["after", "before", "before"],
                _ => &["after", "after"],
            };
            assert_eq!(rotation.signed_by(0), signed, "{number}");
            assert_eq!(answers, [!not.contains(&number); 2], "{number}");
        }
    }
}

#[tokio::test]
async fn where_neither_version_is_taken_the_one_that_signs_stays_and_is_reported() {
    for signing in Signing::BOTH {
        let rotation = Rotation::set(signing).await;
        rotation.secrets.rotate(&rotation.after);
        rotation
            .authority
            .register_only(&Certificate::create("another"));
        rotation.authority.refuse_others_with(7_000_214);
        let client = rotation.client().await;
        for _ in 0..2 {
            assert_eq!(token(&client).await, Err(CauseCode::CredentialRefused));
        }
        assert_eq!(
            rotation.signed_by(0),
            ["after", "before", "after", "before"]
        );
    }
}

#[tokio::test]
async fn a_warm_client_finds_a_rotation_that_it_did_not_see() {
    for signing in Signing::BOTH {
        let rotation = Rotation::set(signing).await;
        let client = rotation.client().await;
        token(&client).await.unwrap();
        rotation.secrets.rotate(&rotation.after);
        token(&client).await.unwrap();
        rotation.authority.register_only(&rotation.after);
        token(&client).await.unwrap();
        assert_eq!(
            rotation.signed_by(0),
            ["before", "before", "before", "after"]
        );
        assert_eq!(
            rotation.secrets.reads(),
            2,
            "at the start and at the refusal"
        );
    }
}

/// How old what is in memory may become.
const MAX_AGE: i64 = 900;

#[tokio::test]
async fn a_new_version_is_found_when_the_one_in_memory_is_old() {
    for signing in Signing::BOTH {
        let rotation = Rotation::set(signing).await;
        let clock = Arc::new(HeldClock::at(NOW));
        let client = rotation.client_by(&clock).await;
        rotation.secrets.rotate(&rotation.after);
        for pass in [MAX_AGE - 1, 1, 0] {
            clock.advance(pass);
            token(&client).await.unwrap();
        }
        assert_eq!(rotation.signed_by(0), ["before", "after", "after"]);
        assert_eq!(
            rotation.secrets.reads(),
            2,
            "at the start and when it was old"
        );
    }
}

#[tokio::test]
async fn a_version_that_was_refused_is_not_tried_again_for_being_read_again() {
    for signing in Signing::BOTH {
        let rotation = Rotation::set(signing).await;
        rotation.secrets.rotate(&rotation.after);
        rotation.authority.register_only(&rotation.before);
        let clock = Arc::new(HeldClock::at(NOW));
        let client = rotation.client_by(&clock).await;
        for pass in [0, MAX_AGE] {
            clock.advance(pass);
            token(&client).await.unwrap();
        }
        assert_eq!(rotation.signed_by(0), ["after", "before", "before"]);
        assert_eq!(
            rotation.secrets.reads(),
            3,
            "at the start, when refused, and when it was old"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_read_again_stays_in_use_and_is_asked_for_once_a_minute() {
    for signing in Signing::BOTH {
        let rotation = Rotation::set(signing).await;
        let clock = Arc::new(HeldClock::at(NOW));
        let client = rotation.client_by(&clock).await;
        rotation.secrets.lose();
        for (pass, reads) in [(MAX_AGE, 2), (59, 2), (1, 3)] {
            clock.advance(pass);
            token(&client).await.unwrap();
            assert_eq!(rotation.secrets.reads(), reads, "after {pass} more seconds");
        }
        assert_eq!(rotation.signed_by(0), ["before"; 3]);
    }
}

#[tokio::test]
async fn a_fleet_that_is_refused_reads_the_secret_once_a_minute_and_asks_no_third_time() {
    for signing in Signing::BOTH {
        let rotation = Rotation::set(signing).await;
        rotation.secrets.rotate(&rotation.after);
        rotation
            .authority
            .register_only(&Certificate::create("another"));
        let client = rotation.client().await;
        let outcomes = futures::future::join_all((0..16).map(|_| token(&client))).await;
        assert!(
            outcomes
                .iter()
                .all(|outcome| *outcome == Err(CauseCode::CredentialRefused))
        );
        assert_eq!(rotation.signed_by(0).len(), 32);
        assert_eq!(rotation.secrets.reads(), 2);
    }
}

#[tokio::test]
async fn without_another_version_that_would_do_nothing_is_asked_again() {
    for signing in Signing::BOTH {
        let rotation = Rotation::set(signing).await;
        rotation.authority.register_only(&rotation.after);
        let alone = rotation.client().await;
        assert_eq!(token(&alone).await, Err(CauseCode::CredentialRefused));
        assert_eq!(rotation.signed_by(0), ["before"]);

        let expired = Certificate::create_at("expired", NOW - 60 * 86_400);
        let secrets = HeldSecrets::holding(&expired);
        secrets.rotate(&rotation.before);
        let client = rotation.client_with(&secrets).await;
        assert_eq!(token(&client).await, Err(CauseCode::CredentialRefused));
        assert_eq!(rotation.signed_by(1), ["before"]);
    }
}

#[tokio::test]
async fn an_admin_who_comes_back_during_a_rotation_is_served_by_the_other_key() {
    for signing in Signing::BOTH {
        let rotation = Rotation::set(signing).await;
        rotation.secrets.rotate(&rotation.after);
        rotation.authority.register_only(&rotation.before);
        let client = rotation.client().await;
        let refused = fake::redeem(&client, ConsentFlow::V2).await.unwrap_err();
        // The second answer had no ID token: it is judged, the credential is not.
        assert_eq!(refused.cause.code, CauseCode::TokenInvalid);
        assert_eq!(rotation.signed_by(0), ["after", "before"]);
    }
}
