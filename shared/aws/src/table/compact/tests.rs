use auth::digest::sha256;
use auth::encoding::hex;
use serde_json::{Value, json};

use super::*;

const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
const MANAGEMENT: &str = "https://manage.office.com";
const GRAPH: &str = "https://graph.microsoft.com";
/// SHA-1 of a certificate, as Entra ID names its keys.
const KEY: &str = "RzTg8mQ1xVb7nK0cYpWd3sLfHaE";

fn known(resource: &str) -> [&str; 3] {
    [resource, CLIENT, TENANT]
}

/// Text that looks like chance, as long as Entra ID's.
fn noise(seed: u8, bytes: usize) -> String {
    let blocks = (0..=u8::MAX)
        .cycle()
        .flat_map(|block| sha256(&[seed, block]));
    base64url(&blocks.take(bytes).collect::<Vec<u8>>())
}

fn token(header: &Value, payload: &Value) -> String {
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!("{}.{}.{}", part(header), part(payload), noise(0, 256))
}

fn v1(resource: &str, roles: &[&str]) -> String {
    let sts = format!("https://sts.windows.net/{TENANT}/");
    let mut payload = json!({
        "aud": resource, "iss": sts, "iat": 1_764_471_000, "nbf": 1_764_471_000,
        "exp": 1_764_474_900, "aio": format!("k2RgY{}", noise(1, 33)), "appid": CLIENT,
        "appidacr": "2", "idp": sts, "idtyp": "app",
        "oid": "67cb0334-e242-4783-8028-0f39132fb5ad", "rh": format!("1.AXkA{}.", noise(2, 33)),
        "roles": roles, "sub": "67cb0334-e242-4783-8028-0f39132fb5ad", "tid": TENANT,
        "uti": noise(3, 16), "ver": "1.0", "wids": ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"],
        "xms_ftd": noise(4, 48), "xms_idrel": "7 14", "xms_rd": noise(5, 32),
    });
    let mut header = json!({"typ": "JWT", "alg": "RS256", "x5t": KEY, "kid": KEY});
    if resource == GRAPH {
        header["nonce"] = json!(noise(6, 32));
        payload["app_displayname"] = json!("Contoso Security Platform");
        payload["tenant_region_scope"] = json!("EU");
        payload["xms_tcdt"] = json!(1_431_655_194);
    }
    token(&header, &payload)
}

fn v2(resource: &str, roles: &[&str]) -> String {
    let payload = json!({
        "aud": resource, "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        "iat": 1_764_471_000, "nbf": 1_764_471_000, "exp": 1_764_474_900,
        "aio": format!("k2RgY{}", noise(1, 33)), "azp": CLIENT, "azpacr": "2", "idtyp": "app",
        "oid": "67cb0334-e242-4783-8028-0f39132fb5ad", "rh": format!("1.AXkA{}.", noise(2, 33)),
        "roles": roles, "sub": "67cb0334-e242-4783-8028-0f39132fb5ad", "tid": TENANT,
        "uti": noise(3, 16), "ver": "2.0", "xms_ftd": noise(4, 48),
    });
    token(&json!({"typ": "JWT", "alg": "RS256", "kid": KEY}), &payload)
}

const SIX: [&str; 6] = [
    "AuditLog.Read.All",
    "Directory.Read.All",
    "Group.Read.All",
    "Reports.Read.All",
    "SecurityEvents.Read.All",
    "User.Read.All",
];

/// Beside it a row has some 250 bytes and, for each tag, its name and its value.
#[test]
fn usual_tokens_are_packed_in_less_than_half() {
    let packer = Packer::new();
    let feed = ["ActivityFeed.Read"];
    let three = [
        "ActivityFeed.Read",
        "ActivityFeed.ReadDlp",
        "ServiceHealth.Read",
    ];
    let rows = [
        ("v1, management", MANAGEMENT, v1(MANAGEMENT, &feed), 650),
        ("v1, three roles", MANAGEMENT, v1(MANAGEMENT, &three), 660),
        ("v2, management", MANAGEMENT, v2(MANAGEMENT, &feed), 610),
        ("v1, Graph, six roles", GRAPH, v1(GRAPH, &SIX), 760),
        ("v2, Graph, six roles", GRAPH, v2(GRAPH, &SIX), 650),
    ];
    for (name, resource, text, most) in rows {
        let known = known(resource);
        let (form, packed) = packer.pack(&text, &known);
        println!("{name}: {} bytes, packed {}", text.len(), packed.len());
        assert_eq!(form, Form::Deflated1, "{name}");
        assert!(packed.len() <= most, "{name}: {}", packed.len());
        let again = unpack(form, &packed, &known).unwrap();
        assert_eq!(*again, text.as_bytes(), "{name}");
        assert_eq!(packer.pack(&text, &known).1, packed, "the same each time");
    }
}

/// Whatever a token is, it comes back byte for byte.
#[test]
fn what_would_not_come_back_is_kept_as_it_is() {
    let packer = Packer::new();
    let usual = v1(MANAGEMENT, &["ActivityFeed.Read"]);
    let [header, payload, signature] = usual.split('.').collect::<Vec<_>>()[..] else {
        panic!("a token has three parts");
    };
    let plain = [
        String::new(),
        ".".into(),
        "..".into(),
        "opaque".into(),
        format!("{header}.{payload}"),
        format!("{usual}.{signature}"),
        format!("{usual}."),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}.{signature}="),
        format!(" {usual}"),
        usual.replace('_', "/"),
        // The last character of 256 bytes carries two bits of nothing.
        format!("{header}.{payload}.{}B", &signature[..signature.len() - 1]),
        format!("{header}.{}.{signature}", noise(9, 40_000)),
        "🔑.🔑.🔑".into(),
    ];
    for text in plain {
        let known = known(MANAGEMENT);
        let (form, packed) = packer.pack(&text, &known);
        assert_eq!(form, Form::Plain, "{text:.40}");
        assert_eq!(*packed, text.as_bytes());
        assert_eq!(*unpack(form, &packed, &known).unwrap(), text.as_bytes());
    }
    // JSON that nobody would write so, and no JSON at all, come back as they came.
    for said in [
        "{ \"tid\" :\t1 }",
        "{}",
        "",
        "not JSON",
        "\u{0}\u{1}",
        "{\"a\":1,\"a\":1}",
    ] {
        let said = said.repeat(40);
        let text = format!("{header}.{}.{signature}", base64url(said.as_bytes()));
        let (form, packed) = packer.pack(&text, &[]);
        assert_eq!(form, Form::Deflated1, "{said:.20}");
        assert_eq!(*unpack(form, &packed, &[]).unwrap(), text.as_bytes());
    }
}

/// Also for somebody who has the key and seals what he likes.
#[test]
fn bytes_that_are_no_token_open_as_nothing_and_take_bounded_room() {
    let packer = Packer::new();
    let text = v1(MANAGEMENT, &["ActivityFeed.Read"]);
    let known = known(MANAGEMENT);
    let (_, packed) = packer.pack(&text, &known);
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = packed.to_vec();
        change(&mut bytes);
        bytes
    };
    // A megabyte of one letter takes a thousand bytes; the lengths say what they like.
    let bomb = |lengths: [u8; 6]| {
        let mut bytes = lengths.to_vec();
        let letters = vec![b'a'; 1 << 20];
        bytes.extend_from_slice(
            &packer
                .deflate(dictionary(&known).as_bytes(), &letters)
                .unwrap(),
        );
        bytes
    };
    let rows = [
        Vec::new(),
        vec![0; 5],
        vec![0; 6],
        vec![0xff; 6],
        vec![0xff; 600],
        bomb([0, 1, 0, 1, 0, 0]),
        bomb([0xff, 0xff, 0xff, 0xff, 0, 0]),
        bomb([0x40, 0, 0x40, 0, 0, 0]),
        with(&|bytes| bytes.truncate(bytes.len() - 1)),
        with(&|bytes| bytes.push(0)),
        with(&|bytes| bytes[1] += 1),
        with(&|bytes| bytes[3] -= 1),
        with(&|bytes| bytes[4] = 0xff),
        with(&|bytes| bytes[300] ^= 0xff),
    ];
    for (number, bytes) in rows.iter().enumerate() {
        let opened = unpack(Form::Deflated1, bytes, &known);
        let length = opened.as_ref().map(|text| text.len());
        assert!(
            opened.is_none_or(|opened| *opened != text.as_bytes()),
            "row {number}"
        );
        assert!(
            length.is_none_or(|length| length < 3 * PARTS_MAX),
            "{length:?}"
        );
    }
}

/// A form is kept for ever: what was packed by any version opens in every later one.
#[test]
fn what_the_first_version_packed_opens() {
    let digest = hex(&sha256(DICTIONARY_1.as_bytes()));
    assert_eq!(digest, DIGEST_1, "another dictionary is another form");
    let packed = auth::encoding::from_base64_standard(PACKED_1).unwrap();
    let text = unpack(Form::Deflated1, &packed, &known(MANAGEMENT)).unwrap();
    assert_eq!(hex(&sha256(&text)), TEXT_1);
    let numbers = [Form::Plain, Form::Deflated1].map(|form| form as u8);
    assert_eq!(numbers, [0, 1]);
    assert_eq!(Form::numbered(2), None);
}

/// SHA-256 of the token that was packed: a v1 token of the management API.
const TEXT_1: &str = "9aafbe4f5aeb74d341439b5ced8f8bc18ef10a0e22697ecb618835384703bf83";
const DIGEST_1: &str = "f0325f0f942782942045d58a1d7988694cb94eeb75130530b076efd93d2fc999";
const PACKED_1: &str = "\
    AGMDOgEAlqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8e0E/R9E+4v5shFsu4UGvgd6FjfTsVJpYt5cLuW\
    ZFvI0vzwpscA3RPidLb7qN7qjdmybk7t3jSVcXyshAjJxRd/WDx9+3swVdmUZVRAMqVx4QoTSxtvdpQiu7cf1/oW\
    el1PNSEtEvmtIDZJLJXx/nm69Ox72b7z3/p1efIpP/VGpJ8a+k3BJMunMTToL/UPF8j3FkJXx5/tmhP1lDpqy449\
    QNiBJ9TTGjiR9BWY7u1BF05byJseubvWaoy/wJlWo/0uzYprfShFVGZZrUz0Q1M8+SGxncgfqDk06DghtN/ct62V\
    W2+CMBzFv8veWbiU26MoGwgCchv4sgAKTIUVBQp++uFlDjOzsMTXf9qmp+d3em69vTX07KN5sBMumxONG7K5gkc+\
    fFtSezWWAvFq8V9rHuD+ECE9QhgAWOL0m11I+RlciDkOAH8c9Mgx+caZTG29RNaHLnmCmBtpwI5BIe3KVGNMqRUP\
    7qfocltr2aNsiBP/JXGw4Du0MmwU4hQFsBUJur0s152CkxyGxxRPUGQc0qfq+Sba24yykF5hYK3Igs6vNwzSYmJM\
    WKYTGEyA5RO/giiaL6Dc6Mn2uZ+A+/V1ysTAW5xzM0TuNVsZjrV2SZSSnyCQy3SSGVqNHpY4pBbKjGlyXize+UWq\
    YWxIhGIAEgXt0kpqjRyDzUh90asIVGoTdRYKxch397UJbW7p/G468NRrKsV6TaXWC8hiqkAaOt17C46MKm8b1Ko/\
    4xcrhTtsrBmou/b9Ag==";
