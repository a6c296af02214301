//! An authority that forges: a listener in front of a simulated Entra ID. It passes
//! everything on unchanged, but can be told to put another token into the next answer
//! to an authorization code. It publishes keys of its own beside the authority's, so
//! that what it signs is well signed and only its claims are wrong. It judges nothing.

mod forgery;
mod genuine;
mod passage;
mod signer;

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::forgery::{Forgery, Member};
pub use self::genuine::Genuine;
use self::passage::Passage;
pub use self::signer::Signer;

/// A forger's listener, not yet connected to what it stands in front of: the authority
/// behind it has to know this URL as its own.
pub struct Workshop {
    listener: TcpListener,
    /// `http://localhost:{port}`.
    pub url: String,
}

/// A forger at work; dropping it ends it.
pub struct Forger {
    passage: Arc<Passage>,
    task: JoinHandle<()>,
}

impl Workshop {
    /// On a free port.
    pub async fn bind() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self {
            listener,
            url: format!("http://localhost:{port}"),
        }
    }

    /// Passes on to the authority at `port` of this machine, which answers already.
    pub async fn in_front_of(self, port: u16) -> Forger {
        let passage = Arc::new(Passage::to(port).await);
        let router = Router::new()
            .fallback(passage::pass_on)
            .with_state(Arc::clone(&passage));
        let task = tokio::spawn(async move {
            axum::serve(self.listener, router).await.unwrap();
        });
        Forger { passage, task }
    }
}

impl Forger {
    /// Orders a forgery: for the next answer, once.
    pub fn forge(&self, forgery: Forgery) {
        let before = self.passage.bench().order.replace(forgery);
        assert!(before.is_none(), "an order is still open");
    }

    /// Whether the last order has been carried out.
    pub fn has_delivered(&self) -> bool {
        self.passage.bench().order.is_none()
    }

    /// The tokens that the authority has given for codes so far, as it signed them.
    pub fn genuine(&self, member: Member) -> Vec<Genuine> {
        let given = self.passage.bench().given.clone();
        let tokens = given.iter().filter_map(|answer| member.of(answer));
        tokens.map(|token| self.passage.open(token)).collect()
    }

    /// Every token that was handed out for a code, forged ones included.
    pub fn handed_out(&self) -> Vec<String> {
        self.passage.bench().handed_out.clone()
    }
}

impl Drop for Forger {
    fn drop(&mut self) {
        self.task.abort();
    }
}
