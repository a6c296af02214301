use auth::cause::CauseCode;
use auth::consent::Refusal;
use auth::protocol::ConsentFlow;

use super::*;

fn page(code: CauseCode, without_tls: bool) -> String {
    let site = Site {
        company: None,
        roles: Vec::new(),
        open: true,
        flow: ConsentFlow::V2,
        without_tls,
    };
    let happened = Happened {
        at: "now",
        request_id: "request",
    };
    refused(&site, &Refusal::from(code), &happened)
}

/// Safari keeps no `Secure` cookie of `http://localhost`: the person at it has changed no
/// browser, and reads why every step is said to be another browser's.
#[test]
fn a_missing_cookie_at_http_is_explained_and_no_other_refusal() {
    for code in CauseCode::ALL {
        for without_tls in [false, true] {
            let explained = page(*code, without_tls).contains("--tls");
            let expected = without_tls && *code == CauseCode::OtherBrowser;
            assert_eq!(explained, expected, "{code}, {without_tls}");
        }
    }
}
