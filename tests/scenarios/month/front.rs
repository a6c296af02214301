//! Where notifications come to: as the address of a deployment, it outlives the processes that are
//! behind it.

use std::sync::{Arc, Mutex};

use tests::raw_server::{Answers, RawServer, address_of, pass_on};

/// The address; it ends when this is dropped.
pub struct Front {
    behind: Arc<Behind>,
    server: RawServer,
}

/// The URL of the process that is behind it.
#[derive(Default)]
struct Behind(Mutex<Option<String>>);

impl Front {
    /// At a free port, with nothing behind it.
    pub async fn start() -> Self {
        let behind = Arc::new(Behind::default());
        let server = RawServer::start(0, Arc::clone(&behind)).await;
        Self { behind, server }
    }

    /// What subscriptions are given.
    pub fn webhook(&self) -> String {
        format!("{}/feed/webhook", self.server.url())
    }

    /// From now on, what is at this URL is behind it.
    pub fn leads_to(&self, url: &str) {
        *self.behind.0.lock().unwrap() = Some(url.to_owned());
    }
}

impl Answers for Behind {
    /// An HTTP API answers for its own host alone.
    async fn answer(&self, request: Vec<u8>) -> Option<Vec<u8>> {
        let behind = self.0.lock().unwrap().clone()?;
        let (_, host) = behind.split_once("://")?;
        let request = String::from_utf8(request).ok()?;
        let (before, rest) = request.split_once("\r\nhost: ")?;
        let (_, after) = rest.split_once("\r\n")?;
        let request = format!("{before}\r\nhost: {host}\r\n{after}");
        pass_on(address_of(&behind), request.as_bytes()).await
    }
}
