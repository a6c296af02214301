//! The certificate's secret gets a new version while the functions are warm.

use tests::jwt::claims;

use super::{consent, refresh, vend};
use crate::certificate::Certificate;
use crate::stage::Stage;

pub(crate) async fn the_certificate_is_rotated(stage: &mut Stage) {
    stage
        .story
        .act("The certificate is rotated while the functions are warm");
    let new = Certificate::create(stage, "broker 2").await;
    stage.certificates.push(new);
    let [old, new] = &stage.certificates[..] else {
        panic!("a second certificate")
    };
    let redirect_uri = Some(stage.stack().output("RedirectUri"));
    stage.authority.register(redirect_uri, &[old, new]);
    let published = new.publish(stage, &["--yes"]).await;
    assert_eq!(published["state"], "replaced", "{published}");
    stage.story.seen(
        "the new certificate is registered beside the old one; `operator certificate publish \
         --yes` made it AWSCURRENT, and the old one is AWSPREVIOUS",
    );
    stage.authority.register(redirect_uri, &[new]);
    stage.story.seen(
        "the old certificate is registered no more: what it signs is refused with AADSTS700027",
    );
    consent_and_vending_go_on(stage).await;
    the_refresher_goes_on(stage).await;
    let refused = stage.authority.refused(700_027).await;
    assert!(
        refused >= 2,
        "each warm function that signs held the old key: {refused}"
    );
    stage.story.seen(format!("{refused} signatures of the old key were refused on the way, and no caller and no admin noticed"));
}

/// A tenant without a token makes the vending function ask the one that signs, with the
/// key that it holds.
async fn consent_and_vending_go_on(stage: &Stage) {
    let second = stage.authority.tenants().remove(1);
    consent::connect_tenant(stage, &second).await;
    let tenant = second.tenant_id.to_string();
    stage
        .story
        .seen(format!("consent: a second tenant is connected, {tenant}"));
    let vended = vend::vend(stage, &tenant, &[]).await;
    assert_eq!(
        claims(vended.token())["tid"].as_str(),
        Some(tenant.as_str())
    );
    stage
        .story
        .seen("vending: its first token is fetched at once by the function that signs, on demand");
}

async fn the_refresher_goes_on(stage: &Stage) {
    let third = stage.authority.tenants().remove(2);
    consent::connect_tenant(stage, &third).await;
    refresh::run_once(stage, "again", third.tenant_id).await;
    stage
        .story
        .seen("refresher: its next run fetches the token of a third tenant");
}
