//! The versions of a secret, read from a Secrets Manager that keeps its own books.

use auth::ports::{
    SecretError, SecretSink as _, SecretSource as _, SecretVersions as _, Stage, Write,
};
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

/// A rotation's versions, labels and refusals, by a Secrets Manager that keeps its own books.
#[tokio::test]
async fn the_versions_of_a_rotation_move_as_they_are_told() {
    const ID: &str = "11111111-2222-4333-8444-555555555555";
    let ministack = Ministack::start().await;
    let connection = connect(&Endpoint::Local(ministack.endpoint.clone())).await;
    let secrets = connection.secrets();
    let text = |secret: Option<SecretString>| secret.map(|text| text.expose_secret().to_owned());

    let missing = secrets.list("certificate").await.unwrap_err();
    assert!(matches!(missing, SecretError::Missing { .. }), "{missing}");
    ministack.create_secret("certificate", "first").await;
    let before = secrets.list("certificate").await.unwrap();
    assert!(!before.rotation_enabled && before.changed_at.is_some());
    let current = before.with(Stage::Current).unwrap().to_owned();
    assert_eq!(
        secrets
            .read_version("certificate", ID)
            .await
            .unwrap()
            .map(drop),
        None
    );

    let write = |value: &'static str| {
        let (secrets, value) = (secrets.clone(), SecretString::from(value));
        async move {
            secrets
                .write_pending("certificate", ID, &value)
                .await
                .unwrap()
        }
    };
    assert_eq!(write("second").await, Write::Done);
    assert_eq!(write("second").await, Write::Done);
    // Another value under the same id is refused by AWS alone: ministack puts it in its place.
    let listed = secrets.list("certificate").await.unwrap();
    assert_eq!(listed.unfinished(), Some(ID));
    assert_eq!(listed.with(Stage::Current), Some(current.as_str()));
    let pending = secrets.read_version("certificate", ID).await.unwrap();
    assert_eq!(text(pending).as_deref(), Some("second"));

    // A label that is not where the request says stays where it is.
    let stale = secrets.make_current("certificate", ID, ID).await.unwrap();
    assert_eq!(stale, Write::Stale);
    let moved = secrets
        .make_current("certificate", ID, &current)
        .await
        .unwrap();
    assert_eq!(moved, Write::Done);
    let listed = secrets.list("certificate").await.unwrap();
    assert_eq!(listed.with(Stage::Current), Some(ID));
    assert_eq!(listed.with(Stage::Previous), Some(current.as_str()));
    assert_eq!(
        text(Some(secrets.read("certificate").await.unwrap())).as_deref(),
        Some("second")
    );
    for _ in 0..2 {
        secrets.drop_pending("certificate", ID).await.unwrap();
        let listed = secrets.list("certificate").await.unwrap();
        assert_eq!(listed.with(Stage::Pending), None);
        assert_eq!(listed.with(Stage::Current), Some(ID));
    }
}
