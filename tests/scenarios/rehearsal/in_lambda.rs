//! Our own function URL in front of a function in the emulated Lambda: ministack does not
//! say to a function who signed the request. Ours verifies the signature and
//! writes the caller into the event; Lambda's Invoke hands it to the function.

use std::sync::Arc;

use async_trait::async_trait;
use auth::ports::Clock as _;
use aws::{SystemClock, SystemRandom};
use gateway_sim::{AccessKey, AssumedRole, FunctionError, FunctionUrl, HttpFunction, Scheme};
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_runtime::Context;
use reqwest::Method;
use tests::Signer;
use tests::signer::Role;
use tokio::net::TcpListener;

use crate::account::{Account, REGION};

/// The role that collects, as `CallerAccount1` and the policy name it.
pub(crate) const ACCOUNT: &str = "000000000000";
pub(crate) const ROLE: &str = "collector";
const ROLE_ID: &str = "AROAREHEARSAL000001AA";
const KEY_ID: &str = "AKIAREHEARSAL0000001";

/// A function in the emulated Lambda.
struct InLambda {
    account: Account,
    name: String,
}

#[async_trait]
impl HttpFunction for InLambda {
    async fn invoke(
        &self,
        event: ApiGatewayV2httpRequest,
        _context: Context,
    ) -> Result<ApiGatewayV2httpResponse, FunctionError> {
        let event = serde_json::to_vec(&event).map_err(FunctionError::Event)?;
        let path = format!("/2015-03-31/functions/{}/invocations", self.name);
        let answer = self.account.rest("lambda", (Method::POST, &path), event);
        serde_json::from_value(answer.await).map_err(FunctionError::Answer)
    }
}

/// A function URL in front of this function, and who may sign for it.
pub(crate) async fn function_url(account: &Account, function: &str) -> (String, Signer) {
    let function = Arc::new(InLambda {
        account: Account::at(&account.endpoint),
        name: function.to_owned(),
    });
    let secret = auth::ports::random_text::<30>(&SystemRandom);
    let key = AccessKey {
        id: KEY_ID.to_owned(),
        secret: secret.clone().into(),
        region: REGION.to_owned(),
        role: AssumedRole {
            account: ACCOUNT.to_owned(),
            name: ROLE.to_owned(),
            id: ROLE_ID.to_owned(),
        },
    };
    let clock = Arc::new(|| SystemClock.now().unix() * 1_000);
    let ids = Arc::new(|| auth::ports::random_text::<12>(&SystemRandom));
    let gateway = FunctionUrl::new(function, key, clock, ids);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let never = std::future::pending();
    tokio::spawn(gateway_sim::serve(gateway, listener, Scheme::Http, never));
    (url, signer(secret))
}

/// The holder of that key.
fn signer(secret_access_key: String) -> Signer {
    Signer {
        access_key_id: KEY_ID.to_owned(),
        secret_access_key,
        region: REGION.to_owned(),
        role: Role {
            account: ACCOUNT.to_owned(),
            name: ROLE.to_owned(),
            id: ROLE_ID.to_owned(),
        },
    }
}
