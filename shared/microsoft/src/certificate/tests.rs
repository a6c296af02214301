//! Which certificate of a file counts, what is said of its key, and what a file is.

use std::time::Duration;

use auth::Timestamp;
use auth::secret::ExposeSecret as _;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PKCS_RSA_SHA256,
};

use super::*;

const NOW: Timestamp = Timestamp::from_unix(1_431_655_194);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Chain {
    root: String,
    leaf: String,
    leaf_key: String,
}

fn rsa() -> KeyPair {
    KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap()
}

fn named(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters
}

fn chain() -> Chain {
    let mut root = named("Root");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, rsa()).unwrap();
    let key = rsa();
    let leaf = named("Leaf").signed_by(&key, &root).unwrap();
    Chain {
        root: root.pem(),
        leaf: leaf.pem(),
        leaf_key: key.serialize_pem(),
    }
}

fn inspect(text: &str) -> Inspection {
    Bundle::from_pem(text).unwrap().inspect(NOW)
}

#[test]
fn the_leaf_counts_wherever_it_stands() {
    let Chain { root, leaf, .. } = chain();
    for (text, index) in [(format!("{leaf}{root}"), 0), (format!("{root}{leaf}"), 1)] {
        let found = inspect(&text);
        assert_eq!((found.index, found.choice), (index, Choice::Leaf));
        assert!(found.certificate.subject.contains("CN=Leaf"));
        assert_eq!(found.certificate.issuer_der, found.others[0].subject_der);
    }
}

#[test]
fn a_key_chooses_its_certificate_and_the_signing_key_takes_the_same_one() {
    let Chain {
        root,
        leaf,
        leaf_key,
    } = chain();
    let own = create("own", 1, NOW).unwrap();
    let own_key = own.private_key_pem.expose_secret();
    let own_pem = &own.certificate_pem;
    let rows = [
        (format!("{root}{leaf}{own_pem}{own_key}"), 2),
        (format!("{own_key}{own_pem}{root}{leaf}"), 0),
        // A key that nobody's certificate is here for stands before it.
        (format!("{leaf_key}{root}{own_key}{own_pem}"), 1),
    ];
    for (text, index) in rows {
        let found = inspect(&text);
        assert_eq!((found.index, found.choice), (index, Choice::HasKey));
        assert_eq!(found.private_key, PrivateKeyState::Matches);
        assert_eq!(found.problems, []);
        let signing = SigningKey::from_pem(&text, NOW).unwrap();
        assert_eq!(signing.certificate(), &found.certificate);
    }
    let strange = format!("{root}{leaf}{own_key}");
    assert_eq!(inspect(&strange).private_key, PrivateKeyState::Mismatch);
    let refused = SigningKey::from_pem(&strange, NOW);
    assert_eq!(refused.unwrap_err(), CertificateError::KeyMismatch);
}

#[test]
fn of_several_certificates_the_one_that_is_valid_now_counts() {
    let own = rsa();
    let over = |name: &str, from: i64, until: i64| {
        let mut parameters = named(name);
        let day = |days: i64| NOW.unix() + days * 24 * 60 * 60;
        let instant = |days| time::OffsetDateTime::from_unix_timestamp(day(days)).unwrap();
        parameters.not_before = instant(from);
        parameters.not_after = instant(until);
        parameters.self_signed(&own).unwrap().pem()
    };
    let (expired, valid) = (over("Broker", -400, -1), over("Broker", -30, 300));
    let (valid_too, to_come) = (over("Broker", -1, 600), over("Broker", 1, 300));
    let other = create("other", 10, NOW).unwrap();
    let (other, other_key) = (&other.certificate_pem, other.private_key_pem);
    let (key, other_key) = (own.serialize_pem(), other_key.expose_secret());
    let rows = [
        ("renewed", format!("{expired}{valid}{key}"), 1),
        ("renewed, first", format!("{valid}{expired}{key}"), 0),
        ("renewed early", format!("{to_come}{valid}{key}"), 1),
        ("both valid", format!("{valid_too}{valid}{key}"), 0),
        ("none valid", format!("{expired}{to_come}{key}"), 0),
        ("two pairs", format!("{expired}{other}{key}{other_key}"), 1),
        (
            "no key of the valid one",
            format!("{expired}{other}{key}"),
            0,
        ),
        ("no key", format!("{expired}{valid}"), 1),
        ("no key, other names", format!("{expired}{other}"), 1),
    ];
    for (row, text, index) in rows {
        let found = inspect(&text);
        assert_eq!(found.index, index, "{row}");
        if found.private_key != PrivateKeyState::Absent {
            let taken = SigningKey::from_pem(&text, NOW);
            let taken = taken.map(|key| key.certificate().clone());
            let problem = found.problems.into_iter().next();
            assert_eq!(taken, problem.map_or(Ok(found.certificate), Err), "{row}");
        }
    }
}

#[test]
fn days_are_counted_to_the_second() {
    let created = create("dates", 10, NOW).unwrap();
    let facts = inspect(&created.certificate_pem).certificate;
    let (begin, end) = (facts.not_before, facts.not_after);
    let second = Duration::from_secs(1);
    let rows = [
        (begin - second, Validity::NotYet(1)),
        (begin - DAY, Validity::NotYet(1)),
        (begin - DAY - second, Validity::NotYet(2)),
        (begin, Validity::Valid(10)),
        (end - DAY, Validity::Valid(1)),
        (end - second, Validity::Valid(0)),
        (end, Validity::Expired(0)),
        (end + DAY, Validity::Expired(1)),
    ];
    for (now, expected) in rows {
        assert_eq!(facts.validity(now), expected, "{now}");
        let sound = matches!(expected, Validity::Valid(_));
        assert_eq!(facts.check(now).is_ok(), sound, "{now}");
    }
}

#[test]
fn every_text_encoding_of_a_pem_is_taken() {
    let created = create("encodings", 1, NOW).unwrap();
    let pem = created.certificate_pem.replace('\n', "\r\n");
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(pem.encode_utf16());
        units.flat_map(order).collect()
    };
    let rows = [
        pem.clone().into_bytes(),
        [b"\xef\xbb\xbf", pem.as_bytes()].concat(),
        [b"friendlyName: M\xfcller\r\n", pem.as_bytes()].concat(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ];
    for bytes in rows {
        let Ok(FileForm::Pem(text)) = FileForm::recognise(&bytes) else {
            panic!("not recognised: {bytes:?}");
        };
        assert_eq!(inspect(&text).certificate.der, created.der);
    }
}

#[test]
fn der_is_taken_as_it_is_and_in_base64() {
    let der = create("der", 1, NOW).unwrap().der;
    let text = auth::encoding::base64_standard(&der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    for bytes in [
        der.clone(),
        text.clone().into_bytes(),
        lines.join("\r\n").into_bytes(),
    ] {
        assert_eq!(FileForm::recognise(&bytes), Ok(FileForm::Der(der.clone())));
    }
}

#[test]
fn a_pfx_text_is_refused_by_name_where_pem_is_expected() {
    // The beginning of any PFX file, in base64 as vaults hand it out.
    let text = auth::encoding::base64_standard(&[0x30, 0x82, 0x0a, 0x46, 0x02, 0x01, 0x03]);
    assert_eq!(
        SigningKey::from_pem(&text, NOW).unwrap_err(),
        CertificateError::Pfx
    );
}

#[test]
fn no_private_key_is_in_a_debug_text() {
    let created = create("debug", 1, NOW).unwrap();
    let key = created.private_key_pem.expose_secret();
    let bundle = Bundle::from_pem(&format!("{}{key}", created.certificate_pem)).unwrap();
    let shown = format!("{:?}", bundle.private_keys);
    assert_eq!(shown, "[Pkcs8(..)]");
}
