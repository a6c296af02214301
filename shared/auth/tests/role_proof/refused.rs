//! What never leaves for STS, and what leaves.

use super::unfit::{dates, places, server_ids, shapes};
use super::unfit_headers::{headers, signatures};
use super::*;

#[tokio::test]
async fn nothing_that_is_not_fit_to_be_sent_leaves_for_sts() {
    let stage = Stage::new();
    let tables = [
        shapes(),
        places(),
        headers(),
        server_ids(),
        signatures(),
        dates(),
    ];
    for (what, proof, says) in tables.concat() {
        let said = stage.refusal(&proof).await;
        assert!(said.contains(says), "{what}: {said}");
        assert!(!said.contains(['\r', '\n']), "{what}: {said}");
        assert!(
            !said.contains(SIGNATURE) && !said.contains("IQoJb3"),
            "{what}: {said}"
        );
    }
    assert_eq!(stage.asked(), 0);
}

#[tokio::test]
async fn what_is_fit_leaves_as_it_was_signed() {
    let five_minutes = ["20260807T013253Z", "20260807T014253Z"];
    let s = Signed::sound;
    let global = s()
        .to("https://sts.amazonaws.com")
        .changed("/eu-central-1/", "/us-east-1/");
    let with_more = s()
        .with("host", "sts.eu-central-1.amazonaws.com")
        .with("Content-Length", "43")
        .with("ACCEPT", "application/json")
        .with(
            "X-Amz-Content-Sha256",
            "ab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843",
        )
        .changed("SignedHeaders=", "SignedHeaders=accept;content-length;")
        .changed("host;x-amz-date", "host;x-amz-content-sha256;x-amz-date");
    let least = s()
        .without("Content-Type")
        .without("X-Amz-Security-Token")
        .changed("content-type;", "")
        .changed("x-amz-security-token;", "");
    let rows = [
        ("as SDKs sign it", s(), "sts.eu-central-1.amazonaws.com"),
        (
            "no slash",
            s().to("https://sts.eu-central-1.amazonaws.com"),
            "sts.eu-central-1.amazonaws.com",
        ),
        ("global", global, "sts.amazonaws.com"),
        (
            "early",
            s().changed("20260807T013753Z", five_minutes[0]),
            "sts.eu-central-1.amazonaws.com",
        ),
        (
            "late",
            s().changed("20260807T013753Z", five_minutes[1]),
            "sts.eu-central-1.amazonaws.com",
        ),
        (
            "no blanks",
            s().changed(", S", ",S"),
            "sts.eu-central-1.amazonaws.com",
        ),
        ("every header", with_more, "sts.eu-central-1.amazonaws.com"),
        ("the least", least, "sts.eu-central-1.amazonaws.com"),
    ];
    for (what, signed, host) in rows {
        let stage = Stage::new();
        let signer = stage.verify(&signed.text()).await.unwrap();
        let role = &signer.role;
        assert_eq!(
            (role.account(), role.name(), role.id()),
            ("111122223333", "collector", "AROAEXAMPLE")
        );
        let evidence = (signer.session.as_str(), signer.access_key_id.as_str());
        assert_eq!(evidence, ("i-0abc", "ASIAEXAMPLE000000001"), "{what}");
        let asked = stage.sts.asked.lock().unwrap();
        let (to, headers) = &asked[0];
        assert_eq!(to, host, "{what}");
        let value = |name: &str| {
            let mut values = headers.iter().filter(|(own, _)| own == name);
            let value = values.next().map(|(_, value)| value.as_str());
            assert!(values.next().is_none(), "{what}: {name}");
            value
        };
        // JSON is asked for, and the body is a form, whether or not the caller signed that.
        assert_eq!(value("accept"), Some("application/json"), "{what}");
        assert!(
            value("content-type")
                .unwrap()
                .starts_with("application/x-www-form"),
            "{what}"
        );
        assert_eq!(value("x-m365tb-server-id"), Some(SERVER_ID), "{what}");
        assert!(
            value("authorization").is_some() && value("x-amz-date").is_some(),
            "{what}"
        );
        assert_eq!(
            (value("host"), value("content-length")),
            (None, None),
            "{what}"
        );
    }
}

#[tokio::test]
async fn its_debug_shows_neither_signature_nor_session_token() {
    let stage = Stage::new();
    let rules = IdentityRules {
        server_id: SERVER_ID.parse().unwrap(),
        regions: "eu-central-1".parse().unwrap(),
    };
    let now = auth::Timestamp::from_unix(NOW);
    let request = IdentityRequest::read(&Signed::sound().text(), &rules, now).unwrap();
    let shown = format!("{request:?}");
    assert!(shown.contains("ASIAEXAMPLE000000001"), "{shown}");
    assert!(
        !shown.contains(SIGNATURE) && !shown.contains("IQoJ"),
        "{shown}"
    );
    drop(stage);
}
