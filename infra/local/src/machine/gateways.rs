//! The two gateways of a run: the HTTP API before all functions, and the function URL
//! before vending. Both end before what the functions stand on.

use std::sync::Arc;

use tokio::task::JoinHandle;
use wiring::Platform;

use super::Entrance;
use super::stopping::{Stage, Stopping, stopped};
use crate::front::{
    AccessKey, Front, FunctionUrl, HttpFunction, RequestIds, Routes, Scheme, UnixMillis,
};

pub(super) fn http_api(
    entrance: Entrance,
    routes: Routes,
    platform: &Platform,
    stopping: &Stopping,
) -> JoinHandle<()> {
    let front = Front::new(routes, clock(platform), request_ids(platform));
    let shutdown = stopped(stopping.clone(), Stage::NoNewWork);
    tokio::spawn(async move {
        let tcp = entrance.tcp;
        let served = match entrance.tls {
            None => front.serve(tcp, Scheme::Http, shutdown).await,
            Some(tls) => front.serve(tls.listen(tcp), Scheme::Https, shutdown).await,
        };
        if let Err(error) = served {
            tracing::error!(event = "front_stopped", %error, "the front stopped");
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
    let shutdown = stopped(stopping.clone(), Stage::NoNewWork);
    tokio::spawn(async move {
        let tcp = entrance.tcp;
        let served = match entrance.tls {
            None => url.serve(tcp, Scheme::Http, shutdown).await,
            Some(tls) => url.serve(tls.listen(tcp), Scheme::Https, shutdown).await,
        };
        if let Err(error) = served {
            tracing::error!(event = "function_url_stopped", %error, "the function URL stopped");
        }
    })
}

fn clock(platform: &Platform) -> UnixMillis {
    let clock = Arc::clone(&platform.clock);
    Arc::new(move || clock.now().unix().saturating_mul(1000))
}

fn request_ids(platform: &Platform) -> RequestIds {
    let random = Arc::clone(&platform.random);
    Arc::new(move || auth::ports::random_text::<12>(random.as_ref()))
}
