//! A rotation of the sealing ring under functions that run, on files and a real table: what
//! was sealed before it opens after it, and nobody meets a key that he has not read.
#![cfg(unix)]

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{
    Clock as _, Connecting, DeployedSecret, HeldClock, Pause, SecretError, SecretSource,
    Settlement, Tenants as _, TokenStore as _, Write,
};
use auth::ring::{Begun, RING_READ_WITHIN, Rotation, TOKEN_LIFE_MAX};
use auth::secret::SecretString;
use auth::token::{AccessToken, AppOnlyToken};
use auth::turns::Look;
use auth::{Cloud, Tenant, TenantId, Timestamp};
use aws::{Endpoint, RingSource, SealedTokens, SecretFiles, SystemRandom, Table, connect};
use aws_sdk_dynamodb::types::AttributeValue;

use crate::wire;

const RING: &str = r#"{"primary":"a","keys":{"a":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}"#;

/// The files, and how often a function asked for them.
struct Counted(SecretFiles, AtomicU32);

#[async_trait]
impl SecretSource for Counted {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.read(name).await
    }
}

/// A function that runs: its token store and its reads of the secret.
struct Function {
    tokens: SealedTokens,
    secrets: Arc<Counted>,
}

struct Stage {
    directory: tempfile::TempDir,
    clock: Arc<HeldClock>,
    client: aws_sdk_dynamodb::Client,
    table: Table,
}

impl Stage {
    async fn open() -> Self {
        let address = wire::dynoxide().await;
        let connection = connect(&Endpoint::Local(format!("http://{address}"))).await;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ring");
        std::fs::write(&path, RING).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let table = connection.table("tokens", Arc::new(SystemRandom));
        table.create().await.unwrap();
        let stage = Self {
            directory,
            clock: Arc::new(HeldClock::at(1_800_000_000)),
            client: connection.dynamodb(),
            table,
        };
        stage.connect().await;
        stage
    }

    async fn connect(&self) {
        let tenant = Tenant::connected(id(), self.clock.now());
        let resources = [Cloud::Public.management_resource()];
        let connecting = Connecting::new(&tenant, &resources, self.clock.now());
        let write = self.table.connect(connecting).await.unwrap();
        assert_eq!(write, Write::Done);
    }

    fn files(&self) -> SecretFiles {
        SecretFiles::new(self.directory.path())
    }

    fn rotation(&self) -> Rotation {
        Rotation {
            source: Arc::new(self.files()),
            sink: Arc::new(self.files()),
            secret: DeployedSecret::SealingRing,
            name: "ring".to_owned(),
            read_within: RING_READ_WITHIN,
            clock: self.clock.clone(),
            random: Arc::new(SystemRandom),
        }
    }

    async fn function(&self) -> Function {
        let secrets = Arc::new(Counted(self.files(), AtomicU32::new(0)));
        let ring = RingSource {
            secrets: secrets.clone(),
            name: "ring".to_owned(),
        };
        let client = "2d4d11a2-f814-46a7-890a-274a72a7309e".parse().unwrap();
        let tokens = SealedTokens::load(self.table.clone(), ring, client, self.clock.clone());
        Function {
            tokens: tokens.await.unwrap(),
            secrets,
        }
    }

    /// The id of the key that the record's token is sealed under: behind the token's
    /// form and the format version comes its length.
    async fn key_in_use(&self) -> String {
        let resource = Cloud::Public.management_resource();
        let key = HashMap::from([
            ("pk".to_owned(), AttributeValue::S(format!("T#{}", id()))),
            (
                "sk".to_owned(),
                AttributeValue::S(format!("TOKEN#{resource}")),
            ),
        ]);
        let item = self.client.get_item().table_name("tokens");
        let item = item.set_key(Some(key)).send().await.unwrap().item.unwrap();
        let sealed = item["sealed"].as_b().unwrap().as_ref();
        String::from_utf8(sealed[3..][..usize::from(sealed[2])].to_vec()).unwrap()
    }
}

impl Function {
    /// The token that a vend of this function hands out.
    async fn vends(&self) -> Option<String> {
        let resource = Cloud::Public.management_resource();
        let record = self.tokens.read(id(), &resource).await.unwrap().unwrap();
        let token = record.token.as_ref();
        token.map(|token| token.access_token.expose().to_owned())
    }

    /// Renews the token as this text.
    async fn renews(&self, text: &str) {
        let resource = Cloud::Public.management_resource();
        let record = self.tokens.read(id(), &resource).await.unwrap().unwrap();
        let token = AppOnlyToken {
            access_token: AccessToken::new(text.to_owned()),
            expires_at: Timestamp::from_unix(1_900_000_000),
            issued_at: Timestamp::from_unix(1_800_000_000),
        };
        let settlement = Settlement::Token {
            token: &token,
            refresh_at: token.expires_at,
            look: Look::AtItsTurns,
        };
        let write = self.tokens.settle(&record, settlement).await.unwrap();
        assert_eq!(write, Write::Done);
    }

    fn reads(&self) -> u32 {
        self.secrets.1.load(Ordering::SeqCst)
    }
}

fn id() -> TenantId {
    "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap()
}

/// Waits by moving the clock; a function vends at each look.
struct Vending {
    clock: Arc<HeldClock>,
    function: Function,
    vended: Mutex<Vec<String>>,
}

#[async_trait]
impl Pause for Vending {
    async fn pause(&self, duration: Duration) {
        self.clock.pass(duration);
        let token = self.function.vends().await.unwrap();
        self.vended.lock().unwrap().push(token);
    }
}

#[tokio::test]
async fn tokens_open_before_during_and_after_a_rotation() {
    let stage = Stage::open().await;
    let rotation = stage.rotation();
    let running = stage.function().await;
    running.renews("before").await;

    let Begun::Pending { id, promote_at, .. } = rotation.begin().await.unwrap() else {
        panic!("there is a ring");
    };
    // One that starts now has the new key, and does not seal with it.
    let started = stage.function().await;
    started.renews("during").await;
    assert_eq!(stage.key_in_use().await, "a");
    let pause = Vending {
        clock: stage.clock.clone(),
        function: running,
        vended: Mutex::default(),
    };
    rotation.wait(promote_at, &pause).await;
    let Vending {
        function: running,
        vended,
        ..
    } = pause;
    let vended = vended.into_inner().unwrap();
    assert!(vended.len() > 60 && vended.iter().all(|token| token == "during"));

    rotation.promote(&id).await.unwrap();
    let promoted = stage.function().await;
    assert_eq!(promoted.vends().await.as_deref(), Some("during"));
    promoted.renews("after").await;
    assert_eq!(stage.key_in_use().await, id);
    // It read the ring during the wait, so that it knows the key that it now meets.
    let reads = running.reads();
    assert_eq!(running.vends().await.as_deref(), Some("after"));
    assert_eq!((reads, running.reads()), (2, 2));
}

#[tokio::test]
async fn the_old_key_leaves_the_ring_when_everybody_seals_with_the_new_one() {
    let stage = Stage::open().await;
    let (rotation, running) = (stage.rotation(), stage.function().await);
    let Begun::Pending { id, promote_at, .. } = rotation.begin().await.unwrap() else {
        panic!("there is a ring");
    };
    stage.clock.pass(RING_READ_WITHIN);
    assert_eq!(stage.clock.now(), promote_at);
    running.renews("before").await;
    rotation.promote(&id).await.unwrap();
    running.renews("under the old one").await;
    assert_eq!(
        stage.key_in_use().await,
        "a",
        "it has not read the ring again"
    );
    assert!(rotation.retire("a").await.is_err());

    stage.clock.pass(RING_READ_WITHIN);
    running.renews("under the new one").await;
    assert_eq!(stage.key_in_use().await, id);
    stage.clock.pass(TOKEN_LIFE_MAX);
    rotation.retire("a").await.unwrap();
    let started = stage.function().await;
    assert_eq!(started.vends().await.as_deref(), Some("under the new one"));
    let previous = stage.files().read_previous("ring").await.unwrap();
    assert!(previous.is_some());
}
