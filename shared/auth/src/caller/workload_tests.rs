use serde_json::json;

use super::*;

fn of(payload: Value) -> Result<Workload, InvalidWorkload> {
    match payload {
        Value::Object(members) => Workload::from_payload(members.into()),
        _ => unreachable!("an object"),
    }
}

fn names(names: &[&str]) -> Arc<ClaimNames> {
    Arc::new(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn every_member_of_the_payload_is_a_claim() {
    let payload = json!({
        "iss": "https://issuer.example", "sub": "a b", "aud": ["x", "y"], "exp": 2, "nbf": 1,
        "iat": 1, "jti": "1", "deep": {"er": [1]}, "": 0,
    });
    let workload = of(payload.clone()).unwrap();
    assert_eq!(workload.issuer(), "https://issuer.example");
    assert_eq!(workload.subject(), "a b");
    for (name, value) in payload.as_object().unwrap() {
        assert_eq!(workload.claim(name), Some(value), "{name}");
    }
}

#[test]
fn without_issuer_and_subject_there_is_no_workload() {
    let (issuer, subject) = (InvalidWorkload::Issuer, InvalidWorkload::Subject);
    let rows = [
        (json!({}), issuer),
        (json!({"sub": "a"}), issuer),
        (json!({"iss": "", "sub": "a"}), issuer),
        (json!({"iss": null, "sub": "a"}), issuer),
        (json!({"iss": ["https://a.example"], "sub": "a"}), issuer),
        (json!({"iss": "https://a.example b", "sub": "a"}), issuer),
        (json!({"iss": "https://a.example\n", "sub": "a"}), issuer),
        (
            json!({"iss": "https://a.example\u{2003}", "sub": "a"}),
            issuer,
        ),
        (json!({"iss": "https://a.example"}), subject),
        (json!({"iss": "https://a.example", "sub": ""}), subject),
        (json!({"iss": "https://a.example", "sub": 7}), subject),
        (json!({"iss": "https://a.example", "sub": ["a"]}), subject),
        (json!({"iss": "https://a.example", "sub": null}), subject),
    ];
    for (payload, wrong) in rows {
        assert_eq!(of(payload.clone()), Err(wrong), "{payload}");
    }
}

#[test]
fn what_was_dropped_is_not_taken_for_absent() {
    let whole = of(json!({
        "iss": "https://a.example", "sub": "s", "one": 1, "two": 2
    }))
    .unwrap();
    let one = names(&["one", "absent"]);
    let kept = whole.keeping(&one);
    assert_eq!(kept.claim("one"), Some(&json!(1)));
    assert_eq!((kept.claim("two"), kept.claim("iss")), (None, None));
    assert_eq!((kept.issuer(), kept.subject()), ("https://a.example", "s"));
    let rows: [(&[&str], bool); 6] = [
        (&[], true),
        (&["one"], true),
        (&["absent", "one"], true),
        (&["two"], false),
        (&["one", "two"], false),
        (&["sub"], false),
    ];
    for (read, known) in rows {
        assert_eq!(kept.knows(&names(read)), known, "{read:?}");
        assert!(whole.knows(&names(read)), "{read:?}");
    }
    // It does not learn again what it has lost.
    let wider = names(&["one", "two"]);
    assert!(!kept.keeping(&wider).knows(&wider));
}

#[test]
fn the_tokens_id_is_kept_where_it_is_a_short_text() {
    let rows = [
        (
            json!("6f1b9c7e-0a51-4d7e-9a4c-1f4f5c6d7e8f"),
            Some("6f1b9c7e-0a51-4d7e-9a4c-1f4f5c6d7e8f"),
        ),
        (
            json!("q2hX9vT0bK7mLr4sYcUe1JpW8fNi4oKtRjE"),
            Some("q2hX9vT0bK7mLr4sYcUe1JpW8fNi4oKtRjE"),
        ),
        (json!("ünique 漢字"), Some("ünique 漢字")),
        (json!("a\u{1b}[2Jb\u{202e}"), Some("a?[2Jb?")),
        (json!("x".repeat(200)), Some(&*"x".repeat(200))),
        (json!("x".repeat(201)), None),
        (json!("x".repeat(10_240)), None),
        (json!("one\nline"), None),
        (json!("eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2ln"), None),
        (json!("m365tb_collector_AAAA"), None),
        (json!(""), None),
        (json!(7), None),
        (json!(true), None),
        (json!(null), None),
        (json!(["a"]), None),
        (json!({"a": "b"}), None),
    ];
    for (jti, kept) in rows {
        let payload = json!({"iss": "https://a.example", "sub": "s", "jti": jti});
        let whole = of(payload).unwrap();
        assert_eq!(whole.token_id(), kept, "{jti}");
        let cut = whole.keeping(&names(&[]));
        assert_eq!(cut.token_id(), kept, "{jti}: no policy reads it");
    }
    let without = of(json!({"iss": "https://a.example", "sub": "s"}));
    assert_eq!(without.unwrap().token_id(), None);
}

#[test]
fn a_claims_value_is_not_shown() {
    let shown = format!(
        "{:?}",
        of(json!({"iss": "https://a.example", "sub": "s", "email": "somebody"})).unwrap()
    );
    assert!(
        shown.contains("email") && !shown.contains("somebody"),
        "{shown}"
    );
}

#[test]
fn it_weighs_what_it_holds() {
    let with = |more: Value| {
        let payload = json!({"iss": "https://a.example", "sub": "s", "more": more});
        of(payload).unwrap().bytes()
    };
    let bare = with(json!(null));
    for (more, least) in [
        (json!("x".repeat(12_000)), 12_000),
        (json!(vec!["xy"; 1_000]), 1_000 * (size_of::<Value>() + 2)),
        (json!([[[["xyz"]]]]), 4 * size_of::<Value>()),
        (json!({"a": {"b": {"c": 1}}}), 3 * MEMBER),
    ] {
        assert!(with(more.clone()) >= bare + least, "{more}");
    }
    let whole = of(json!({
        "iss": "https://a.example", "sub": "s", "more": "x".repeat(12_000)
    }));
    assert!(whole.unwrap().keeping(&names(&["sub"])).bytes() < 2_000);
}
