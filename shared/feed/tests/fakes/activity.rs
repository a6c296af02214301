//! An Activity API with blobs and faults.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{Clock as _, HeldClock};
use feed::address::Address;
use feed::content::{Content, ContentKey};
use feed::ports::{
    Body, Failure, FeedApi, ListPage, ListedFrom, Request, Subscribe, Subscribed, Subscriptions,
};
use feed::refusal::Refusal;
use feed::subscription::Status;
use feed::{ContentType, Window};

use super::body::FakeBody;
use super::webhooks::Webhooks;
use super::{Fuse, TENANT, TYPE};

pub(crate) const HOST: &str = "https://manage.office.com";

/// What a content answers.
#[derive(Clone)]
pub(crate) enum Answer {
    Bytes(Vec<u8>),
    Refused(Refusal),
    /// The same, without an AF number.
    Bare(Refusal),
    /// So many bytes, and then the connection ends.
    Breaks(Vec<u8>),
}

struct Blob {
    content_type: ContentType,
    id: String,
    created: i64,
    /// What listings say instead.
    said: i64,
    uri: String,
}

pub(crate) struct FakeApi {
    clock: Arc<HeldClock>,
    fuse: Arc<Fuse>,
    blobs: Mutex<Vec<Blob>>,
    pub(crate) answers: Mutex<BTreeMap<String, Answer>>,
    pub(crate) subscriptions: Mutex<Vec<(ContentType, Status)>>,
    pub(crate) webhooks: Mutex<Webhooks>,
    /// What starting and listing are refused with.
    pub(crate) refuses: Mutex<Option<Refusal>>,
    /// What it is about: this type alone.
    pub(crate) refuses_only: Mutex<Option<ContentType>>,
    pub(crate) retry_after: Mutex<Option<Duration>>,
    /// Every page names the same next one.
    pub(crate) loops: AtomicBool,
    /// Every listing names this next page, which is refused with this where it is asked for.
    pub(crate) next: Mutex<Option<(String, Refusal)>>,
    /// A wider window gets no answer, nor does any that has a second of this hour. 0: none.
    pub(crate) widest: AtomicU64,
    pub(crate) never: AtomicI64,
    /// Takes no token but another one.
    pub(crate) wants_another: AtomicBool,
    /// By how many seconds Microsoft's clock is behind ours.
    pub(crate) behind: AtomicU64,
    /// By how many seconds the `Date` of its answers is ahead of that.
    pub(crate) ahead: AtomicU64,
    /// A content that listings leave out.
    pub(crate) hidden: Mutex<Option<String>>,
    /// Seconds that a content takes until it answers, and each of its pieces.
    pub(crate) slow: Mutex<(u64, u64)>,
    /// How often the subscriptions were listed.
    pub(crate) lists: AtomicU64,
    /// Seconds that the list of subscriptions takes.
    pub(crate) slow_lists: AtomicU64,
    pub(crate) listings: AtomicU64,
    pub(crate) fetched: Mutex<Vec<String>>,
    pages: Mutex<Vec<Vec<Content>>>,
}

impl FakeApi {
    pub(super) fn new(clock: Arc<HeldClock>, fuse: Arc<Fuse>) -> Self {
        Self {
            clock,
            fuse,
            blobs: Mutex::default(),
            answers: Mutex::default(),
            subscriptions: Mutex::default(),
            webhooks: Mutex::default(),
            refuses: Mutex::default(),
            refuses_only: Mutex::default(),
            retry_after: Mutex::default(),
            loops: AtomicBool::default(),
            next: Mutex::default(),
            widest: AtomicU64::default(),
            never: AtomicI64::default(),
            wants_another: AtomicBool::default(),
            behind: AtomicU64::default(),
            ahead: AtomicU64::default(),
            hidden: Mutex::default(),
            slow: Mutex::default(),
            lists: AtomicU64::default(),
            slow_lists: AtomicU64::default(),
            listings: AtomicU64::default(),
            fetched: Mutex::default(),
            pages: Mutex::default(),
        }
    }

    /// A content of one record, whose Id is the content's.
    pub(crate) fn offer(&self, id: &str, created: i64) {
        let bytes = format!("[{{\"Id\":\"{id}\"}}]").into_bytes();
        self.offer_as(id, created, Answer::Bytes(bytes));
    }

    pub(crate) fn offer_as(&self, id: &str, created: i64, answer: Answer) {
        let uri = format!("{HOST}/api/v1.0/{TENANT}/activity/feed/audit/{id}");
        self.offer_at(id, created, answer, &uri);
    }

    pub(crate) fn offer_at(&self, id: &str, created: i64, answer: Answer, uri: &str) {
        self.blobs.lock().unwrap().push(Blob {
            content_type: TYPE,
            id: id.to_owned(),
            created,
            said: created,
            uri: uri.to_owned(),
        });
        let mut answers = self.answers.lock().unwrap();
        answers.insert(uri.to_owned(), answer);
    }

    /// What was offered is of this type instead.
    pub(crate) fn is_of(&self, id: &str, content_type: ContentType) {
        let mut blobs = self.blobs.lock().unwrap();
        let of = blobs.iter_mut().filter(|blob| blob.id == id);
        of.for_each(|blob| blob.content_type = content_type);
    }

    /// Listings give a content another time.
    pub(crate) fn says(&self, id: &str, created: i64) {
        let mut blobs = self.blobs.lock().unwrap();
        let of = blobs.iter_mut().filter(|blob| blob.id == id);
        of.for_each(|blob| blob.said = created);
    }

    /// A content answers its one record from now on.
    pub(crate) fn mends(&self, id: &str) {
        let bytes = format!("[{{\"Id\":\"{id}\"}}]").into_bytes();
        self.answers(id, Answer::Bytes(bytes));
    }

    /// What a content answers from now on.
    pub(crate) fn answers(&self, id: &str, with: Answer) {
        let end = format!("/{id}");
        let mut answers = self.answers.lock().unwrap();
        for (_, answer) in answers.iter_mut().filter(|(uri, _)| uri.ends_with(&end)) {
            *answer = with.clone();
        }
    }

    fn failure(&self, refusal: Refusal) -> Failure {
        Failure {
            refusal,
            code: None,
            retry_after: *self.retry_after.lock().unwrap(),
            at: Some(self.date()),
        }
    }

    fn admits(&self, who: Request<'_>) -> Result<(), Failure> {
        if !self.fuse.burn().1 {
            return Err(self.failure(Refusal::Unavailable));
        }
        let takes = !self.wants_another.load(Ordering::SeqCst) || who.token.expose() == "another";
        if takes {
            Ok(())
        } else {
            Err(self.failure(Refusal::TokenRefused))
        }
    }

    fn takes(&self, content_type: ContentType) -> Result<(), Failure> {
        let only = *self.refuses_only.lock().unwrap();
        match *self.refuses.lock().unwrap() {
            Some(refusal) if only.is_none_or(|only| only == content_type) => {
                Err(self.failure(refusal))
            }
            _ => Ok(()),
        }
    }

    /// Pages of two, an empty one between them.
    fn page(&self, mut pages: Vec<Vec<Content>>) -> ListPage {
        let contents = if pages.is_empty() {
            Vec::new()
        } else {
            pages.remove(0)
        };
        let more = !pages.is_empty() || self.loops.load(Ordering::SeqCst);
        let number = if self.loops.load(Ordering::SeqCst) {
            0
        } else {
            pages.len()
        };
        *self.pages.lock().unwrap() = pages;
        let next =
            format!("{HOST}/api/v1/{TENANT}/activity/feed/subscriptions/content?nextpage={number}");
        let named = self.next.lock().unwrap().clone().map(|(named, _)| named);
        ListPage {
            contents,
            unverified_next: named.or(more.then_some(next)),
            at: self.date(),
        }
    }

    /// Microsoft's clock.
    fn date(&self) -> Timestamp {
        let behind = self.behind.load(Ordering::SeqCst);
        let ahead = self.ahead.load(Ordering::SeqCst);
        self.clock.now() - Duration::from_secs(behind) + Duration::from_secs(ahead)
    }

    fn is_listed(&self, blob: &Blob) -> bool {
        let is_hidden = self.hidden.lock().unwrap().as_ref() == Some(&blob.id);
        !is_hidden && blob.created <= self.date().unix()
    }
}

#[async_trait]
impl FeedApi for FakeApi {
    async fn list(&self, who: Request<'_>, from: ListedFrom<'_>) -> Result<ListPage, Failure> {
        self.admits(who)?;
        self.listings.fetch_add(1, Ordering::SeqCst);
        if let ListedFrom::Window(content_type, _) = from {
            self.takes(content_type)?;
        }
        let ListedFrom::Window(content_type, window) = from else {
            if let Some((_, refusal)) = &*self.next.lock().unwrap() {
                return Err(self.failure(*refusal));
            }
            let pages = self.pages.lock().unwrap().clone();
            return Ok(self.page(pages));
        };
        assert!(window.seconds() <= 86_400);
        let widest = self.widest.load(Ordering::SeqCst);
        let never = Window::hour_of(Timestamp::from_unix(self.never.load(Ordering::SeqCst)));
        if (widest > 0 && window.seconds() > widest) || window.common(never).is_some() {
            return Err(self.failure(Refusal::Unavailable));
        }
        let blobs = self.blobs.lock().unwrap();
        let found: Vec<_> = blobs
            .iter()
            .filter(|blob| window.contains(Timestamp::from_unix(blob.created)))
            .filter(|blob| blob.content_type == content_type && self.is_listed(blob))
            .map(|blob| Content {
                key: ContentKey::of(&blob.id),
                unverified_uri: blob.uri.clone(),
                created: Timestamp::from_unix(blob.said),
            })
            .collect();
        let pages = found
            .chunks(2)
            .flat_map(|two| [two.to_vec(), Vec::new()])
            .collect();
        Ok(self.page(pages))
    }

    async fn content(&self, who: Request<'_>, at: &Address) -> Result<Box<dyn Body>, Failure> {
        self.admits(who)?;
        self.fetched.lock().unwrap().push(at.to_string());
        let (first, each) = *self.slow.lock().unwrap();
        self.clock.pass(Duration::from_secs(first));
        let answer = self.answers.lock().unwrap().get(at.as_str()).cloned();
        let unavailable = self.failure(Refusal::Unavailable);
        let (bytes, breaks) = match answer.unwrap() {
            Answer::Bare(refusal) => return Err(self.failure(refusal)),
            Answer::Refused(refusal) => {
                let code = Some(20_050);
                let failure = self.failure(refusal);
                return Err(Failure { code, ..failure });
            }
            Answer::Bytes(bytes) => (bytes, None),
            Answer::Breaks(bytes) => (bytes, Some(unavailable)),
        };
        let pieces = bytes.chunks(7).rev().map(<[u8]>::to_vec).collect();
        Ok(Box::new(FakeBody {
            pieces,
            breaks,
            clock: Arc::clone(&self.clock),
            each: Duration::from_secs(each),
        }))
    }

    async fn subscriptions(&self, who: Request<'_>) -> Result<Subscriptions, Failure> {
        self.admits(who)?;
        self.lists.fetch_add(1, Ordering::SeqCst);
        let seconds = self.slow_lists.load(Ordering::SeqCst);
        self.clock.pass(Duration::from_secs(seconds));
        let webhooks = self.webhooks.lock().unwrap();
        let webhooks = webhooks.set.iter();
        Ok(Subscriptions {
            listed: self.subscriptions.lock().unwrap().clone(),
            webhooks: webhooks.map(|(one, set)| (*one, set.clone())).collect(),
            at: self.date(),
        })
    }

    async fn subscribe(
        &self,
        who: Request<'_>,
        content_type: ContentType,
        what: Subscribe<'_>,
    ) -> Result<Subscribed, Failure> {
        self.admits(who)?;
        let refused = match what {
            Subscribe::Start(sent) => {
                let now = self.clock.now().unix();
                self.webhooks.lock().unwrap().start(content_type, sent, now)
            }
            Subscribe::Stop => None,
        };
        self.takes(content_type)?;
        if let Some(refusal) = refused {
            return Err(self.failure(refusal));
        }
        let mut held = self.subscriptions.lock().unwrap();
        held.retain(|(other, _)| *other != content_type);
        if let Subscribe::Start(_) = what {
            held.push((content_type, Status::Enabled));
        }
        let webhooks = self.webhooks.lock().unwrap();
        Ok(Subscribed {
            at: self.date(),
            webhook: webhooks.set.get(&content_type).cloned(),
        })
    }
}
