//! What a consent makes of a function that signs which is throttled, slow, dead or without a
//! key: the person is asked to try again, and the same step can be taken when it is back.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::cause::CauseCode;
use auth::consent::{
    Callback, Callbacked, Consent, ConsentKeys, ConsentRefusal, ConsentSettings, Limits,
    PassageView, Source,
};
use auth::on_demand::{OnDemandAnswer, OnDemandFunction, OnDemandRequest, Remote};
use auth::ports::{
    AuthorityError, ConsentPages, HeldRandom, Invites, OutOfReach, SignInRequest, SingleUse,
    StoreError,
};
use auth::protocol::{ConsentFlow, ConsentMode};
use auth::requirements::Requirements;
use auth::sign_in::{AdminRole, ReceiptId};
use auth::{Cause, Cloud, Resource, TenantId, Timestamp};
use url::Url;

use super::desk::Desk;
use crate::fakes::tenant;

use OnDemandAnswer as A;
use OutOfReach as O;

/// A page whose address carries nothing but the state.
struct Pages;

impl ConsentPages for Pages {
    fn sign_in_url(&self, request: &SignInRequest<'_>) -> Url {
        let mut url = Url::parse("https://login.example/authorize").unwrap();
        url.query_pairs_mut().append_pair("state", request.state);
        url
    }

    fn admin_consent_url(&self, _: TenantId, _: &Resource, _: &str, state: &str) -> Url {
        let mut url = Url::parse("https://login.example/adminconsent").unwrap();
        url.query_pairs_mut().append_pair("state", state);
        url
    }

    fn callback_error(&self, _: &str, _: Option<&str>) -> AuthorityError {
        Cause::new(CauseCode::Unknown).into()
    }
}

#[derive(Default)]
struct Marks(Mutex<HashSet<String>>);

#[async_trait]
impl SingleUse for Marks {
    async fn use_once(&self, id: &str, _: Timestamp) -> Result<bool, StoreError> {
        Ok(self.0.lock().unwrap().insert(id.to_owned()))
    }

    async fn was_used(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.0.lock().unwrap().contains(id))
    }
}

/// Gives the answer that is set.
struct Signs(Mutex<Result<OnDemandAnswer, OutOfReach>>);

#[async_trait]
impl OnDemandFunction for Signs {
    async fn ask(&self, request: &OnDemandRequest) -> Result<OnDemandAnswer, OutOfReach> {
        let set = self.0.lock().unwrap().clone();
        match (set, request) {
            (Ok(A::Ready {}), OnDemandRequest::Redeem { .. }) => Ok(A::Redeemed {
                receipt: ReceiptId::new([3; 24]),
                tenant: tenant(),
                username: None,
                role: AdminRole::Held,
                home: None,
            }),
            (set, _) => set,
        }
    }
}

struct Browser {
    consent: Consent,
    signs: Arc<Signs>,
    marks: Arc<Marks>,
    state: String,
    cookies: HashMap<String, String>,
}

impl Browser {
    /// That has signed in and comes back.
    async fn signed_in() -> Self {
        let (desk, marks) = (Desk::new(), Arc::new(Marks::default()));
        let signs = Arc::new(Signs(Mutex::new(Ok(A::Ready {}))));
        let consent = consent(&desk, &marks, &signs);
        let source = Source::of(None);
        let begun = consent.begin(None, source).await.unwrap();
        let cookies = HashMap::from([(begun.cookie.name, begun.cookie.value)]);
        let cookie = |name: &str| cookies.get(name).cloned();
        let view = consent.passage_view(&begun.handle, cookie, source).await;
        let Ok(PassageView::On(url)) = view else {
            panic!("it leads on");
        };
        let (_, state) = url.query_pairs().next().unwrap();
        Self {
            state: state.into_owned(),
            consent,
            signs,
            marks,
            cookies,
        }
    }

    async fn comes_back(&self) -> Result<Callbacked, ConsentRefusal> {
        let callback = Callback {
            unverified_state: Some(self.state.clone()),
            unverified_code: Some("0.AXEAabcdefghijklmnopqrstuvwxyz".to_owned().into()),
            ..Callback::default()
        };
        let cookie = |name: &str| self.cookies.get(name).cloned();
        let source = Source::of(None);
        self.consent.callback(callback, cookie, source).await
    }
}

fn consent(desk: &Desk, marks: &Arc<Marks>, signs: &Arc<Signs>) -> Consent {
    let keys = ConsentKeys::new_secret(&HeldRandom::always(7));
    let keys = auth::secret::ExposeSecret::expose_secret(&keys);
    Consent {
        settings: ConsentSettings {
            flow: ConsentFlow::V2,
            mode: ConsentMode::Open,
            redirect_uri: "https://broker.example/consent/callback".parse().unwrap(),
            cloud: Cloud::Public,
            registered: None,
            return_urls: Default::default(),
        },
        keys: ConsentKeys::from_json(keys).unwrap(),
        pages: Arc::new(Pages),
        connector: Arc::new(Remote(Arc::clone(signs) as _)),
        tenants: desk.rows.clone(),
        requirements: Requirements::new(None, vec!["ActivityFeed.Read".into()]),
        invites: Arc::clone(&desk.rows) as Arc<dyn Invites>,
        single_use: Arc::clone(marks) as _,
        limits: Limits::default(),
        clock: desk.clock.clone(),
        random: Arc::new(HeldRandom::counting()),
    }
}

#[tokio::test]
async fn the_page_asks_to_try_again_and_nothing_is_used_up() {
    let unable = A::Unable {
        cause: CauseCode::BrokerUnavailable.into(),
    };
    let rows = [
        ("throttled", Err(O::Busy), CauseCode::TooManyRequests),
        ("slow", Err(O::Late), CauseCode::BrokerUnavailable),
        ("dead", Err(O::Unreached), CauseCode::BrokerUnavailable),
        (
            "a function error",
            Err(O::Failed),
            CauseCode::BrokerUnavailable,
        ),
        ("garbage", Err(O::Unreadable), CauseCode::BrokerUnavailable),
        (
            "another function",
            Ok(A::NotTaken {}),
            CauseCode::BrokerUnavailable,
        ),
        (
            "out of its time",
            Ok(A::Late {}),
            CauseCode::BrokerUnavailable,
        ),
        ("without a key", Ok(unable), CauseCode::BrokerUnavailable),
    ];
    for (name, answer, expected) in rows {
        let browser = Browser::signed_in().await;
        *browser.signs.0.lock().unwrap() = answer;
        let Err(refused) = browser.comes_back().await else {
            panic!("{name}: it goes on");
        };
        assert_eq!(refused.cause.code, expected, "{name}");
        assert!(browser.marks.0.lock().unwrap().is_empty(), "{name}");

        *browser.signs.0.lock().unwrap() = Ok(A::Ready {});
        let again = browser.comes_back().await;
        assert!(matches!(again, Ok(Callbacked::Confirm(..))), "{name}");
    }
}
