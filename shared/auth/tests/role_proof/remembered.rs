//! What STS says, how long it is believed, and how often it is asked.

use super::*;

#[tokio::test]
async fn sts_is_asked_once_for_each_proof_until_it_is_too_old() {
    let stage = Stage::new();
    let proof = Signed::sound().text();
    for _ in 0..3 {
        assert!(stage.verify(&proof).await.is_ok());
    }
    stage.clock.set(NOW + 300);
    stage.says(Err(IdentityError::Unavailable));
    assert!(stage.verify(&proof).await.is_ok());
    assert_eq!(stage.asked(), 1);
    stage.clock.set(NOW + 301);
    assert!(stage.refusal(&proof).await.contains("too old"));
    // Another proof of the same role is another one.
    let later = Signed::sound().changed("20260807T013753Z", "20260807T014253Z");
    assert!(stage.verify(&later.text()).await.is_err());
    assert_eq!(stage.asked(), 2);
}

#[tokio::test]
async fn who_is_no_role_of_this_partition_is_refused_and_that_is_remembered() {
    let account = "111122223333";
    let user = format!("arn:aws:iam::{account}:user/me");
    let rows = [
        (identity(&user, "AIDAEXAMPLE"), "only IAM roles"),
        (
            identity(&format!("arn:aws:iam::{account}:root"), account),
            "only IAM roles",
        ),
        (
            identity(
                &format!("arn:aws:sts::{account}:federated-user/me"),
                "111122223333:me",
            ),
            "only IAM roles",
        ),
        (
            identity(
                "arn:aws:sts::999999999999:assumed-role/collector/s",
                "AROAEXAMPLE:s",
            ),
            "only IAM roles",
        ),
        (
            identity(
                &format!("arn:aws-cn:sts::{account}:assumed-role/collector/s"),
                "AROAEXAMPLE:s",
            ),
            "another partition",
        ),
    ];
    for (says, words) in rows {
        let stage = Stage::new();
        stage.says(Ok(says));
        for _ in 0..3 {
            let said = stage.refusal(&Signed::sound().text()).await;
            assert!(said.contains(words), "{said}");
        }
        assert_eq!(stage.asked(), 1);
    }
}

#[tokio::test]
async fn a_refusal_of_sts_is_believed_for_a_minute() {
    let stage = Stage::new();
    stage.says(Err(IdentityError::Refused("ExpiredToken".to_owned())));
    let proof = Signed::sound().text();
    for _ in 0..3 {
        let said = stage.refusal(&proof).await;
        assert!(
            said.contains("ExpiredToken") && said.contains("have expired"),
            "{said}"
        );
    }
    stage.clock.advance(59);
    stage.refusal(&proof).await;
    assert_eq!(stage.asked(), 1);
    stage.clock.advance(1);
    stage.says(Ok(role()));
    assert!(stage.verify(&proof).await.is_ok());
    assert_eq!(stage.asked(), 2);
}

#[tokio::test]
async fn after_a_failure_sts_is_left_alone_for_a_moment() {
    let stage = Stage::new();
    stage.says(Err(IdentityError::Unavailable));
    let proofs: Vec<String> = (10..30)
        .map(|n| Signed::of(&format!("ASIAEXAMPLE0000000{n}")).text())
        .collect();
    for proof in &proofs {
        let unavailable = stage.verify(proof).await;
        assert!(
            matches!(unavailable, Err(ProofError::Unavailable(_))),
            "{unavailable:?}"
        );
    }
    assert_eq!(stage.asked(), 1);
    // A proof that is not fit is refused all the same.
    assert!(matches!(
        stage.verify("aws-sts-v1.").await,
        Err(ProofError::Refused(_))
    ));
    stage.clock.advance(2);
    stage.says(Ok(role()));
    assert!(stage.verify(&proofs[0]).await.is_ok());
    // Nor does a clock that is set back make a pause without an end.
    stage.says(Err(IdentityError::Unavailable));
    assert!(stage.verify(&proofs[1]).await.is_err());
    stage.clock.turn(-200);
    stage.says(Ok(role()));
    assert!(stage.verify(&proofs[1]).await.is_ok());
}

#[tokio::test]
async fn a_flood_of_strangers_is_bounded_and_keeps_no_caller_out_that_was_here() {
    let stage = Stage::new();
    assert!(stage.verify(&Signed::sound().text()).await.is_ok());
    stage.says(Err(IdentityError::Refused(
        "InvalidClientTokenId".to_owned(),
    )));
    let mut put_off = 0;
    for n in 0..500 {
        let stranger = Signed::of(&format!("ASIASTRANGER0000{n:04}"));
        if let Err(ProofError::Unavailable(_)) = stage.verify(&stranger.text()).await {
            put_off += 1;
        }
    }
    assert_eq!((stage.asked(), put_off), (1 + 49, 500 - 49));
    stage.says(Ok(role()));
    // A new proof of the key that STS has known is none of theirs.
    let again = Signed::sound().changed("20260807T013753Z", "20260807T013754Z");
    assert!(stage.verify(&again.text()).await.is_ok());
    // That limit is one as well: other dates of the same key.
    let mut asked = 0;
    for n in 0..200 {
        let date = format!("20260807T01{:02}{:02}Z", 38 + n / 60, n % 60);
        let more = Signed::sound().changed("20260807T013753Z", &date);
        asked += usize::from(stage.verify(&more.text()).await.is_ok());
    }
    assert!((45..=55).contains(&asked), "{asked}");
}
