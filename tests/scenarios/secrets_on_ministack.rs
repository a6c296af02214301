//! The versions of a secret, read from a Secrets Manager that keeps its own books.

use auth::ports::{SecretError, SecretSink as _, SecretSource as _};
use auth::secret::{ExposeSecret as _, SecretString};
use aws::{Endpoint, connect};
use tests::Ministack;

#[tokio::test]
async fn a_secret_is_read_as_it_is_and_as_it_was_before() {
    let ministack = Ministack::start().await;
    let connection = connect(&Endpoint::Local(ministack.endpoint.clone())).await;
    let secrets = connection.secrets();
    let text = |secret: SecretString| secret.expose_secret().to_owned();

    let missing = secrets.read("certificate").await.unwrap_err();
    assert!(matches!(missing, SecretError::Missing { .. }), "{missing}");
    assert!(
        secrets
            .read_previous("certificate")
            .await
            .unwrap()
            .is_none()
    );

    ministack.create_secret("certificate", "first").await;
    assert_eq!(text(secrets.read("certificate").await.unwrap()), "first");
    assert!(
        secrets
            .read_previous("certificate")
            .await
            .unwrap()
            .is_none()
    );

    for (before, now) in [("first", "second"), ("second", "third")] {
        ministack.put_secret("certificate", now).await;
        assert_eq!(text(secrets.read("certificate").await.unwrap()), now);
        let previous = secrets.read_previous("certificate").await.unwrap();
        assert_eq!(previous.map(text).as_deref(), Some(before));
    }
}

/// What the operator's commands write: the labels of the versions move by themselves.
#[tokio::test]
async fn a_written_secret_is_current_and_the_one_before_is_kept() {
    let ministack = Ministack::start().await;
    let connection = connect(&Endpoint::Local(ministack.endpoint.clone())).await;
    let secrets = connection.secrets();
    let text = |secret: SecretString| secret.expose_secret().to_owned();

    let missing = secrets.write("ring", &"first".into()).await.unwrap_err();
    assert!(matches!(missing, SecretError::Missing { .. }), "{missing}");
    ministack.create_secret("ring", "first").await;
    // The same value twice is two versions: the second one is current.
    for (before, now) in [("first", "second"), ("second", "first")] {
        secrets.write("ring", &now.into()).await.unwrap();
        assert_eq!(text(secrets.read("ring").await.unwrap()), now);
        let previous = secrets.read_previous("ring").await.unwrap();
        assert_eq!(previous.map(text).as_deref(), Some(before));
    }
}
