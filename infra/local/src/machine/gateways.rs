//! The gateways of a run: the HTTP API in front of all functions, and the function URL in
//! front of vending, which both end before what the functions stand on; and STS, which is of
//! the latter.

use std::io;
use std::sync::Arc;

use gateway_sim::{
    AccessKey, FunctionUrl, Gateway, HttpApi, HttpFunction, RequestIds, Routes, Scheme,
    SecurityTokenService, UnixMillis,
};
use tokio::task::JoinHandle;
use wiring::Platform;

use super::stopping::{Ending, Stopping, stopped};
use crate::entrance::Entrance;

pub(super) fn http_api(
    entrance: Entrance,
    routes: Routes,
    platform: &Platform,
    stopping: &Stopping,
) -> JoinHandle<()> {
    let api = HttpApi::new(routes, clock(platform), request_ids(platform));
    let served = serve(api, entrance, stopped(stopping.clone(), Ending::NoNewWork));
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::error!(event = "front_stopped", %error, "the HTTP API stopped");
        }
    })
}

/// `behind`: the function, and the key whose holder may call it.
pub(super) fn function_url(
    entrance: Entrance,
    behind: (Arc<dyn HttpFunction>, AccessKey),
    platform: &Platform,
    stopping: &Stopping,
) -> JoinHandle<()> {
    let (function, key) = behind;
    let url = FunctionUrl::new(function, key, clock(platform), request_ids(platform));
    let served = serve(url, entrance, stopped(stopping.clone(), Ending::NoNewWork));
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::error!(event = "function_url_stopped", %error, "the function URL stopped");
        }
    })
}

/// The simulated STS. `keys`: whose signatures are good, and the collector's.
pub(super) fn sts(
    entrance: Entrance,
    (key, collector): (AccessKey, AccessKey),
    platform: &Platform,
    stopping: &Stopping,
) -> JoinHandle<()> {
    let sts = SecurityTokenService::new(key, clock(platform), request_ids(platform));
    let sts = sts.knowing(vec![collector]);
    let served = serve(sts, entrance, stopped(stopping.clone(), Ending::Everything));
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::error!(event = "sts_stopped", %error, "the simulated STS stopped");
        }
    })
}

/// Serves until `shutdown`.
async fn serve(
    gateway: impl Gateway,
    entrance: Entrance,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let tcp = entrance.tcp;
    match entrance.tls {
        None => gateway_sim::serve(gateway, tcp, Scheme::Http, shutdown).await,
        Some(tls) => gateway_sim::serve(gateway, tls.listen(tcp), Scheme::Https, shutdown).await,
    }
}

fn clock(platform: &Platform) -> UnixMillis {
    let clock = Arc::clone(&platform.clock);
    Arc::new(move || clock.now().unix().saturating_mul(1000))
}

fn request_ids(platform: &Platform) -> RequestIds {
    let random = Arc::clone(&platform.random);
    Arc::new(move || auth::ports::random_text::<12>(random.as_ref()))
}
