//! An installation that is well, and the ways to break it.

use auth::TenantStatus;
use auth::policy::StoredPolicy;
use auth::ports::{Clock as _, PolicyStore as _, Write};
use aws::SystemClock;
use feed::ContentType;
use feed::refusal::Refusal;
use operator::Exit;
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::feed::{log, type_feed};
use crate::pages;
use crate::world::{World, tenant};

/// What is broken.
pub(crate) enum Break {
    Nothing,
    Run,
    Set(&'static str, &'static str),
    Unset(&'static str),
    Secret(&'static str, &'static str),
    NoSecret(&'static str),
    NoPolicy,
    ShortCertificate,
    OtherCertificate,
    Log,
    Fault(Value),
    /// Of the customer's tenant alone.
    Customers(&'static str),
    Pages(fn(&str) -> u16),
    Clock,
    SingleTenant,
    ReplyUrl,
    NoRoles,
    Auditing,
}

/// An installation that is well, until it is broken.
pub(crate) struct Installation {
    pub(crate) world: World,
    pub(crate) authority: Authority,
    /// Its one active tenant.
    pub(crate) customer: String,
}

impl Installation {
    pub(crate) async fn well() -> Self {
        let world = World::start().await;
        let authority = Authority::start(&world, 2).await;
        authority.settle(&world.certificate, |_| {});
        let customer = authority.tenants[1].clone();
        authority.grant(std::slice::from_ref(&customer));
        world
            .connect(&tenant(&customer, TenantStatus::Active, None))
            .await;
        let made = world.run(&["keys", "create"]).await;
        assert_eq!(made.exit, Exit::Done, "{made:?}");
        let url = authority.url();
        for (name, value) in [
            ("ENTRA_HOME_TENANT", authority.tenants[0].as_str()),
            ("ENTRA_GRAPH_URL", &url),
            ("FEED_API_URL", &url),
            ("FEED_PUBLISHER_ID", &authority.tenants[0]),
        ] {
            world.set(name, value);
        }
        let installation = Self {
            world,
            authority,
            customer,
        };
        installation.serve_pages(|_| 200).await;
        installation
    }

    async fn put_policy(&self) {
        let text = "permit(principal, action, resource);".to_owned();
        let policy = StoredPolicy::following(None, text, SystemClock.now());
        let put = self.world.control.put(&policy).await;
        assert_eq!(put.unwrap(), Write::Done);
    }

    /// Our own pages answer like this, and the registration knows where they are.
    async fn serve_pages(&self, answer: fn(&str) -> u16) {
        let reply_url = format!("{}/consent/callback", pages::serve(answer, None).await);
        let reply_url = reply_url.replace("127.0.0.1", "localhost");
        self.world.set("CONSENT_REDIRECT_URI", &reply_url);
        self.register(|registration| registration.redirect_uris = vec![reply_url]);
    }

    fn register(&self, change: impl FnOnce(&mut microsoft_sim::Registration)) {
        let settings = self.world.settings();
        let reply_url = settings["CONSENT_REDIRECT_URI"].as_str().unwrap();
        self.authority
            .settle(&self.world.certificate, |registration| {
                registration.redirect_uris = vec![reply_url.to_owned()];
                change(registration);
            });
    }

    pub(crate) async fn break_it(&self, how: Break) {
        let world = &self.world;
        if !matches!(how, Break::NoPolicy) {
            self.put_policy().await;
        }
        match how {
            Break::Nothing => {}
            Break::Run => world.kill_the_run(),
            Break::Set(name, value) => world.set(name, value),
            Break::Unset(name) => world.unset(name),
            Break::Secret(name, value) => world.write_secret(name, &json!(value)),
            Break::NoSecret(name) => world.remove_secret(name),
            Break::ShortCertificate => {
                let now = SystemClock.now();
                let short = microsoft::certificate::create("short", 3, now).unwrap();
                world.write_certificate(&short);
                let settings = world.settings();
                let reply_url = settings["CONSENT_REDIRECT_URI"].as_str().unwrap();
                self.authority.settle(&short.der, |registration| {
                    registration.redirect_uris = vec![reply_url.to_owned()];
                });
            }
            Break::OtherCertificate => {
                let now = SystemClock.now();
                let other = microsoft::certificate::create("other", 60, now).unwrap();
                world.write_certificate(&other);
            }
            Break::NoPolicy => {}
            Break::Log => world.refuse_actions("PutItem").await,
            Break::Fault(fault) => self.authority.fault(fault).await,
            Break::Customers(kind) => {
                let fault = json!({"kind": kind, "tenant": self.customer});
                self.authority.fault(fault).await;
            }
            Break::Pages(answer) => self.serve_pages(answer).await,
            Break::Clock => {
                let past = "Tue, 01 Jan 2019 00:00:00 GMT";
                let url = pages::serve(|_| 200, Some(past)).await;
                world.set("ENTRA_AUTHORITY", &url);
            }
            Break::SingleTenant => self.register(|of| of.multi_tenant = false),
            Break::ReplyUrl => self.register(|of| {
                of.redirect_uris = vec!["https://elsewhere.example/consent/callback".to_owned()];
            }),
            Break::NoRoles => {
                self.register(|of| of.group_membership_claims_directory_role = false);
            }
            Break::Auditing => {
                let one = type_feed(ContentType::Exchange, 1, Some(Refusal::AuditingOff));
                let feed = log(&self.customer, vec![one]);
                world.collect(&feed).await;
            }
        }
    }
}
