//! The function, built from its settings. It reads one secret, and makes no other request.

use auth::Cloud;
use feed::address::FeedHost;
use lambda::function::{Ahead, Function};
use wiring::Basis;
use wiring::settings::WebhookSettings;

use crate::{Refusals, Webhook};

impl Function for Webhook {
    const NAME: &'static str = "webhook";
    type Settings = WebhookSettings;

    async fn build(basis: Basis<WebhookSettings>, _ahead: Ahead) -> anyhow::Result<Self> {
        let Basis {
            settings, platform, ..
        } = basis;
        let max_age = settings.entra.secret_max_age;
        let keys = wiring::auth_keys(&settings.keys_secret_id, max_age, &platform);
        Ok(Self {
            wakes: wiring::wakes(&settings.queue_url, &platform)?,
            keys: keys.await?,
            client_id: settings.entra.authority.client_id,
            hosts: match settings.api {
                Some(host) => vec![host],
                None => Cloud::ALL.map(FeedHost::of).into(),
            },
            refusals: Refusals::default(),
            clock: platform.clock,
            meter: platform.meter,
        })
    }
}
