//! Files of CAs: each is used in full, or refused with what to do.

use super::*;

const END: &str = "-----END CERTIFICATE-----";

fn load(content: &[u8]) -> Result<TrustRoots, TrustError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("extra.pem");
    std::fs::write(&path, content).unwrap();
    TrustRoots::load(Some(&path))
}

fn ca() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::default();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.self_signed(&key).unwrap().pem()
}

fn der(pem: &str) -> Vec<u8> {
    ca_file::certificates(pem.as_bytes()).unwrap().concat()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[test]
fn every_certificate_of_the_file_is_taken_however_it_was_saved() {
    let (one, two) = (ca(), ca());
    let bundle = format!("# GlobalSign\n{one}\n{two}");
    let windows = format!("\u{feff}{}", bundle.replace('\n', "\r\n"));
    let latin1 = [b"# M\xfcller\n", bundle.as_bytes()].concat();
    let listed = format!("Certificate:\n    Data:\n        Version: 3 (0x2)\n{one}\n===\n{two}");
    let rows: [(&str, Vec<u8>, usize); 17] = [
        ("comments", bundle.clone().into(), 2),
        ("openssl x509 -text", listed.into(), 2),
        ("UTF-8 with its mark", windows.clone().into(), 2),
        ("UTF-16LE", utf16(&windows, u16::to_le_bytes), 2),
        ("UTF-16BE", utf16(&windows, u16::to_be_bytes), 2),
        ("UTF-16, no mark", utf16(&bundle, u16::to_le_bytes), 2),
        ("lone CR", bundle.replace('\n', "\r").into(), 2),
        ("a comment in Latin-1", latin1, 2),
        ("NUL at the end", format!("{bundle}\0").into(), 2),
        ("no line end at the end", bundle.trim_end().into(), 2),
        (
            "\\n for each line break",
            bundle.replace('\n', "\\n").into(),
            2,
        ),
        ("blanks", bundle.replace('\n', " ").into(), 2),
        ("indented", bundle.replace('\n', "\n    ").into(), 2),
        ("one after the other", bundle.replace('\n', "").into(), 2),
        (
            "base64 of the whole",
            auth::encoding::base64_standard(bundle.as_bytes()).into(),
            2,
        ),
        ("DER", der(&one), 1),
        (
            "X509 CERTIFICATE",
            one.replace("CERTIFICATE", "X509 CERTIFICATE").into(),
            1,
        ),
    ];
    for (row, content, count) in rows {
        let roots = load(&content).expect(row);
        assert_eq!(roots.extra.len(), count, "{row}");
        let plain = format!("{one}{two}");
        let expected = if count == 2 { &plain } else { &one };
        assert_eq!(der(roots.pem()), der(expected), "{row}");
    }
    assert!(TrustRoots::load(None).unwrap().extra.is_empty());
}

#[test]
fn a_block_that_cannot_be_used_is_named_by_its_number_and_reason() {
    let good = ca();
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let block = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    let longer = auth::encoding::base64_standard(&[der(&good), vec![0]].concat());
    let open = good.replace(END, "");
    let rows: [(&str, String, &str); 22] = [
        (
            "a first line that lost a dash",
            format!("{good}{}", good.replace("-----BEGIN", "----BEGIN")),
            "block 2 (of a kind that is not known here) is damaged: its first line is missing",
        ),
        (
            "a dash that is none",
            format!("{good}{}", good.replace("-----BEGIN", "----\u{2013}BEGIN")),
            "block 2 (of a kind that is not known here) is damaged: its first line is missing",
        ),
        (
            "a first line that is lost before the others",
            format!(
                "{}{good}",
                good.replace("-----BEGIN CERTIFICATE-----\n", "")
            ),
            "block 1 (of a kind that is not known here) is damaged: its first line is missing",
        ),
        (
            "cut",
            format!("{good}{open}"),
            "block 2 (CERTIFICATE) is damaged: its last line is missing",
        ),
        (
            "cut in the middle",
            format!("{open}{good}"),
            "block 1 (CERTIFICATE) is damaged: its last line is missing",
        ),
        (
            "first line alone",
            "-----BEGIN CERTIFICATE-----".to_owned(),
            "line breaks are lost",
        ),
        (
            "half a first line",
            format!("{good}-----BEGIN CERTIF"),
            "block 2 (of a kind that is not known here) is damaged: the dashes",
        ),
        (
            "no base64",
            format!("{good}{}", block("CERTIFICATE", "????")),
            "block 2 (CERTIFICATE) is damaged: between",
        ),
        (
            "cut base64",
            block("CERTIFICATE", "MIIBx"),
            "block 1 (CERTIFICATE) is damaged: between",
        ),
        (
            "blanks for +",
            block("CERTIFICATE", "MII\u{201d}"),
            "block 1 (CERTIFICATE) is damaged: between",
        ),
        (
            "empty block",
            format!("{good}{good}{}", block("CERTIFICATE", "")),
            "block 3 (CERTIFICATE) is damaged: it is empty",
        ),
        (
            "other end",
            good.replace("END CERTIFICATE", "END PRIVATE KEY"),
            "last line is that of another block (PRIVATE KEY)",
        ),
        (
            "no certificate",
            format!("{good}{}{good}", block("CERTIFICATE", "AAAA")),
            "block 2 (CERTIFICATE) is no certificate",
        ),
        (
            "longer",
            block("CERTIFICATE", &longer),
            "block 1 (CERTIFICATE) has bytes after",
        ),
        ("key", format!("{good}{key}"), "block 2 is a private key"),
        (
            "encrypted key",
            format!("{}{good}", block("ENCRYPTED PRIVATE KEY", "MAA=")),
            "block 1 is a private key",
        ),
        (
            "traditional key",
            format!(
                "{good}{}",
                block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nMAA=")
            ),
            "block 2 is a private key",
        ),
        (
            "trusted",
            format!(
                "{good}{}",
                good.replace("CERTIFICATE", "TRUSTED CERTIFICATE")
            ),
            "openssl x509 -in FILE",
        ),
        (
            "PKCS#7",
            block("PKCS7", "MAA="),
            "openssl pkcs7 -print_certs",
        ),
        (
            "request",
            format!("{good}{}", block("CERTIFICATE REQUEST", "MAA=")),
            "block 2 (CERTIFICATE REQUEST) is no certificate: take it out",
        ),
        (
            "revocations",
            format!("{good}{}", block("X509 CRL", "MAA=")),
            "block 2 (X509 CRL)",
        ),
        (
            "parameters",
            format!("{good}{}", block("DH PARAMETERS", "MAA=")),
            "block 2 (of a kind",
        ),
    ];
    for (row, content, expected) in rows {
        let said = load(content.as_bytes()).expect_err(row).to_string();
        assert!(said.contains(expected), "{row}: {said}");
        assert!(said.starts_with("EXTRA_CA_FILE: "), "{row}: {said}");
        assert!(!said.contains('\n'), "{row}: {said}");
    }
}

#[test]
fn a_file_that_is_no_bundle_is_called_what_it_is() {
    let signed_data = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80";
    let two = [der(&ca()), der(&ca())].concat();
    let rows: [(&str, Vec<u8>, &str); 9] = [
        ("nothing", Vec::new(), "is empty"),
        ("blanks", b" \r\n".into(), "is empty"),
        ("a text", b"trust everybody".into(), "no certificate found"),
        (
            "half a DER",
            b"\x30\x82\xff".into(),
            "neither a certificate",
        ),
        ("two in DER", two, "neither a certificate"),
        ("PKCS#7", signed_data.into(), "openssl pkcs7 -print_certs"),
        ("PFX", b"\x30\x80\x02\x01\x03".into(), "openssl pkcs12"),
        ("JKS", b"\xfe\xed\xfe\xed\0\0\0\x02".into(), "keytool"),
        (
            "UTF-32",
            b"\xff\xfe\0\0-\0\0\0".into(),
            "is UTF-32: save it as UTF-8",
        ),
    ];
    for (row, content, expected) in rows {
        let said = load(&content).expect_err(row).to_string();
        assert!(said.contains(expected), "{row}: {said}");
        for part in ["EXTRA_CA_FILE: ", "extra.pem", "name a PEM file"] {
            assert!(said.contains(part), "{row}: {said}");
        }
    }
    let missing = TrustRoots::load(Some(Path::new("/no/such/file.pem"))).unwrap_err();
    assert!(missing.to_string().contains("/no/such/file.pem"));
}

/// `>>` of Windows PowerShell appends UTF-16 to a file of ASCII; `cat` puts any two together.
#[test]
fn a_file_in_two_encodings_is_refused_and_not_read_in_part() {
    let narrow = ca().into_bytes();
    let wide: Vec<u8> = ca().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let swapped: Vec<u8> = ca().encode_utf16().flat_map(u16::to_be_bytes).collect();
    let (marked, swapped) = (
        [b"\xff\xfe", &wide[..]].concat(),
        [b"\xfe\xff", &swapped[..]].concat(),
    );
    // Of even length, as UTF-16 takes it without a complaint.
    let even = [&narrow[..], b"\n"].concat();
    let even = &even[..even.len() / 2 * 2];
    let rows = [
        [&narrow[..], &wide].concat(),
        [&narrow[..], &marked].concat(),
        [&narrow[..], &swapped].concat(),
        [&marked[..], even].concat(),
        [&swapped[..], even].concat(),
        [&wide[..], even].concat(),
        [&marked[..], even, &narrow].concat(),
    ];
    for (index, bytes) in rows.into_iter().enumerate() {
        let refused = ca_file::certificates(&bytes).map(|all| all.len());
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("in two encodings"), "{index}: {refused}");
    }
}
