//! How the list looks.

use auth::{Cause, CauseCode, Cloud, TenantId, TenantStatus, Timestamp};

use super::*;

fn tenant(last_digit: u32, cause: Option<Cause>) -> Tenant {
    Tenant {
        customer: "Contoso, Inc.".parse().unwrap(),
        cloud: Cloud::Gcc,
        cause,
        consented_at: Some(Timestamp::from_unix(1_431_655_100)),
        roles: vec!["ActivityFeed.Read".to_owned()],
        ..Tenant::connected(id(last_digit), Timestamp::from_unix(1_431_655_194))
    }
}

fn id(last_digit: u32) -> TenantId {
    format!("41463f53-8812-40f4-890f-865bf6e3519{last_digit}")
        .parse()
        .unwrap()
}

#[test]
fn the_table_is_as_wide_as_the_terminal() {
    let cause = Cause::with_aadsts(CauseCode::ApplicationDisabled, 7_000_112);
    let revoked = Tenant {
        status: TenantStatus::Revoked,
        ..tenant(1, Some(cause))
    };
    let all = "\
TENANT                                CUSTOMER                  CLOUD     STATUS       SINCE                 CAUSE
41463f53-8812-40f4-890f-865bf6e35190  Contoso, Inc.             gcc       active       2015-05-15T01:59:54Z  -
41463f53-8812-40f4-890f-865bf6e35191  Contoso, Inc.             gcc       revoked      2015-05-15T01:59:54Z  application_disabled (AADSTS7000112)
";
    let in_80 = "\
TENANT                                CUSTOMER     STATUS
41463f53-8812-40f4-890f-865bf6e35190  Contoso, I…  active
41463f53-8812-40f4-890f-865bf6e35191  Contoso, I…  revoked: application_disabled
";
    let in_120 = "\
TENANT                                CUSTOMER                                          STATUS
41463f53-8812-40f4-890f-865bf6e35190  Contoso, Inc.                                     active
41463f53-8812-40f4-890f-865bf6e35191  Contoso, Inc.                                     revoked: application_disabled
";
    let in_40 = "\
TENANT                                CUSTOMER     STATUS
41463f53-8812-40f4-890f-865bf6e35190  Contoso, I…  active
41463f53-8812-40f4-890f-865bf6e35191  Contoso, I…  revoked: a…
";
    for (width, expected) in [
        (None, all),
        (Some(200), all),
        (Some(80), in_80),
        (Some(120), in_120),
        (Some(40), in_40),
        (Some(0), in_40),
    ] {
        let columns = Columns::of(width);
        let tenants = [tenant(0, None), revoked.clone()];
        let rows: String = tenants.iter().map(|tenant| columns.row(tenant)).collect();
        assert_eq!(columns.header() + &rows, expected, "{width:?}");
    }
    for line in in_80.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn a_script_reads_every_field() {
    let cause = Cause::with_aadsts(CauseCode::NotConsented, 700_016);
    let view = serde_json::to_value(TenantView::from(&tenant(0, Some(cause)))).unwrap();
    let expected = serde_json::json!({
        "tenant_id": "41463f53-8812-40f4-890f-865bf6e35190",
        "customer": "Contoso, Inc.",
        "cloud": "gcc",
        "status": "active",
        "cause": "not_consented",
        "aadsts": 700_016,
        "aadsts_also": [],
        "fault": "customer",
        "since": "2015-05-15T01:59:54Z",
        "consented_at": "2015-05-15T01:58:20Z",
        "roles": ["ActivityFeed.Read"],
        "tags": {},
    });
    assert_eq!(view, expected);
}
