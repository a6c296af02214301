//! Many cold processes are asked for one tenant at once.

use std::path::Path;

use auth::vend::{DEFAULT_MIN_TTL, Source};
use auth::{Cloud, TenantId};
use futures::future::join_all;
use tests::neighbour::Neighbour;
use tests::{MovedRun, connect_tenant};

const HANDLERS: usize = 200;

async fn connected(directory: &Path) -> MovedRun {
    let run = MovedRun::start(directory, 3).await;
    connect_tenant(&run.broker.ready, 0).await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_cold_handlers_make_one_request_at_the_authority() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(directory.path()).await;
    let tenant: TenantId = run.tenant(0).parse().unwrap();
    let neighbour = Neighbour::of(directory.path(), run.clock.clone()).await;
    let handlers = join_all((0..HANDLERS).map(|_| neighbour.vending())).await;

    let before = run.app_only_requests().await;
    let resource = Cloud::Public.management_resource();
    let vends = handlers
        .iter()
        .map(|handler| handler.vend.vend(tenant, &resource, DEFAULT_MIN_TTL));
    let vended: Vec<_> = join_all(vends)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(run.app_only_requests().await - before, 1);

    let token = |index: usize| vended[index].access_token.expose();
    assert!((0..HANDLERS).all(|index| token(index) == token(0)));
    let asked = vended
        .iter()
        .filter(|one| one.source == Source::Entra)
        .count();
    assert_eq!(asked, 1, "one handler asked, the others read what it wrote");
}
