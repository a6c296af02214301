use super::*;

#[test]
fn knows_which_addresses_lead_inside() {
    // Loopback; inside, which loopback is too.
    let rows = [
        ("http://localhost:1", true, true),
        ("https://localhost.", true, true),
        ("https://a.localhost", true, true),
        ("http://127.0.0.1", true, true),
        ("http://127.9.9.9:80", true, true),
        // Other spellings of 127.0.0.1 (WHATWG URL, host parsing).
        ("http://2130706433", true, true),
        ("http://0x7f.1", true, true),
        ("http://[::1]", true, true),
        ("http://[::ffff:127.0.0.1]", true, true),
        ("http://0.0.0.0", false, true),
        ("http://0", false, true),
        ("http://[::]", false, true),
        ("http://169.254.169.254/latest", false, true),
        ("http://[::ffff:169.254.169.254]", false, true),
        ("http://[fe80::1]", false, true),
        ("https://localhost.example", false, false),
        ("https://127.0.0.1.example", false, false),
        ("https://192.0.2.1", false, false),
        ("https://[2001:db8::1]", false, false),
        ("file:///etc/passwd", false, false),
    ];
    for (text, loopback, inside) in rows {
        let url = Url::parse(text).unwrap();
        assert_eq!(
            (is_loopback(&url), leads_inside(&url)),
            (loopback, inside),
            "{text}"
        );
    }
}
