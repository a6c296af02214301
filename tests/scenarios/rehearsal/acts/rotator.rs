//! The deployed rotator gives the certificate's secret a new version while callers vend: its role
//! is what IAM lets it do, Secrets Manager's own part is played.

use std::cell::Cell;

use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Value, json};
use tests::played_rotation::{PlayedRotation, Rotating};

use super::{consent, vend};
use crate::account::Account;
use crate::stage::Stage;

/// Who vend meanwhile.
const CALLERS: usize = 5;
const TOKEN: &str = "7c1e1f0e-6f5c-4c1b-9a55-0f0d8f1b2c3d";

/// The account, and the rotator's name in it.
struct Deployed<'a> {
    account: &'a Account,
    function: &'a str,
}

#[async_trait]
impl Rotating for Deployed<'_> {
    async fn secrets_manager(&self, action: &str, body: Value) -> Value {
        let target = format!("secretsmanager.{action}");
        self.account.json("secretsmanager", &target, &body).await
    }

    /// By its alias, as the secret's rotation and the daily schedule name it.
    async fn rotator(&self, event: Value) -> Value {
        let path = format!("/2015-03-31/functions/{}:live/invocations", self.function);
        let invoke = (Method::POST, path.as_str());
        let event = event.to_string().into_bytes();
        self.account.rest("lambda", invoke, event).await
    }
}

pub(crate) async fn the_certificate_rotates_itself(stage: &mut Stage) {
    stage
        .story
        .act("The certificate rotates itself while callers vend");
    stage.authority.let_it_rotate();
    let before = stage.authority.registered().len();
    let deployed = Deployed {
        account: &stage.account,
        function: stage.stack().physical("RotatorFunction"),
    };
    let secret = stage.stack().output("CertificateSecretId");
    let rotation = PlayedRotation::enable(&deployed, secret).await;
    let vends = while_vending(stage, rotation.rotate(TOKEN)).await;
    assert_eq!(stage.authority.registered().len(), before + 1);
    let story = &stage.story;
    story.played("Secrets Manager's rotation: the four steps as it sends them to the alias `live`, and the empty pending version");
    story.seen(format!(
        "rotator: a new key credential is registered beside the one before, and its certificate \
         is AWSCURRENT; {CALLERS} callers vended {vends} times meanwhile, each with success"
    ));
    the_check_finds_no_difference(stage, &deployed).await;
}

/// How many vends there were during `work`.
async fn while_vending(stage: &Stage, work: impl Future<Output = ()>) -> usize {
    let tenant = stage.authority.tenants()[0].tenant_id.to_string();
    let (ended, vends) = (Cell::new(false), Cell::new(0));
    let caller = async || {
        while !ended.get() {
            vend::vend(stage, &tenant, &[]).await.token();
            vends.set(vends.get() + 1);
        }
    };
    let callers = futures::future::join_all((0..CALLERS).map(|_| caller()));
    let work = async {
        work.await;
        ended.set(true);
    };
    tokio::join!(work, callers);
    vends.get()
}

async fn the_check_finds_no_difference(stage: &Stage, rotator: &Deployed<'_>) {
    let found = rotator.rotator(json!({"check": "credentials"})).await;
    let drift = &found["drift"];
    let state = (
        &drift["current_missing"],
        &drift["removed"],
        &drift["unknown"],
    );
    assert_eq!(state, (&json!(false), &json!(false), &json!([])), "{found}");
    stage.story.seen("rotator: the daily check finds what the secret holds, and leaves the certificate before for its overlap");
}

/// The certificate before is registered no more: the functions that have started since sign with
/// the new one alone.
pub(crate) async fn the_new_key_signs(stage: &Stage) {
    let redirect_uri = stage.stack().output("RedirectUri");
    stage.authority.keep_the_newest(redirect_uri);
    let before = stage.authority.refused(700_027).await;
    let tenant = stage.authority.tenants().remove(4);
    consent::connect_tenant(stage, &tenant).await;
    vend::vend(stage, &tenant.tenant_id.to_string(), &[])
        .await
        .token();
    assert_eq!(stage.authority.refused(700_027).await, before);
    stage.story.seen(
        "the reply URL of that domain is registered, and the certificate before is no more: a tenant \
         is connected by what the rotator made, and no signature was refused",
    );
}
