//! The refusal table: every answer of the token endpoint in `refusals.md`, put on the
//! wire to the byte, and what the client makes of it.

use auth::cause::Fault;
use auth::ports::AuthorityError;
use auth::tenant::{Failure, Tenant, TenantStatus};
use auth::{Cloud, Timestamp};
use microsoft::EntraClient;

use crate::fake::platform::{Certificate, HeldSecrets};
use crate::fake::raw::{RawAuthority, http};
use crate::fake::{self, Arrived, NOW, TENANT, part};

const TABLE: &str = include_str!("refusals.md");

/// A row's cells, by the names of the columns.
struct Row<'a> {
    answer: &'a str,
    headers: &'a str,
    body: &'a str,
    asked_again: &'a str,
    cause: &'a str,
    aadsts: &'a str,
    class: &'a str,
    fault: &'a str,
    wait: &'a str,
    tenant: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| answer");
    TABLE.lines().filter(is_row).map(row).collect()
}

fn row(line: &'static str) -> Row<'static> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [
        answer,
        headers,
        body,
        asked_again,
        cause,
        aadsts,
        class,
        fault,
        wait,
        tenant,
    ] = cells[..]
    else {
        panic!("ten cells: {line}");
    };
    let body = body.trim_matches('`');
    Row {
        answer,
        headers,
        body,
        asked_again,
        cause,
        aadsts,
        class,
        fault,
        wait,
        tenant,
    }
}

impl Row<'_> {
    fn bytes(&self) -> Vec<u8> {
        let headers: String = self
            .headers
            .split("; ")
            .filter(|header| !header.is_empty())
            .map(|header| format!("{header}\r\n"))
            .collect();
        let body = self.body.as_bytes();
        match self.answer {
            "closed" => Vec::new(),
            "garbage" => body.to_vec(),
            "cut" => {
                let whole = http(200, &headers, body);
                whole[..whole.len() - body.len() / 2].to_vec()
            }
            status => http(status.parse().unwrap(), &headers, body),
        }
    }
}

#[tokio::test]
async fn every_answer_of_the_table_is_judged_as_it_says() {
    let authority = RawAuthority::start().await;
    let client = client_with_two_keys(&authority).await;
    let rows = rows();
    assert!(rows.len() >= 60, "{} rows were read", rows.len());
    for row in rows {
        let line = format!("{} {} {}", row.answer, row.headers, row.body);
        authority.answer(row.bytes());
        let refused = fake::ask(&client).await.expect_err(&line);
        check(&row, &refused, &line);
        check_requests(&row, &authority.take_arrived(), &line);
    }
}

fn check(row: &Row<'_>, refused: &AuthorityError, line: &str) {
    let cause = &refused.cause;
    assert_eq!(cause.code.as_str(), row.cause, "{line}");
    let aadsts = cause.aadsts.map(|number| number.to_string());
    assert_eq!(aadsts.unwrap_or_default(), row.aadsts, "{line}");
    let class = format!("{:?}", cause.code.class()).to_lowercase();
    assert_eq!(class, row.class, "{line}");
    let fault: Fault = cause.code.fault();
    assert_eq!(fault.as_str(), row.fault, "{line}");
    let wait = refused.retry_after.map(|wait| wait.as_secs().to_string());
    assert_eq!(wait.unwrap_or_default(), row.wait, "{line}");
    let now = Timestamp::from_unix(NOW);
    let resource = Cloud::Public.management_resource();
    let failure = Failure {
        resource: &resource,
        cause,
        holds_living_token: false,
        confirmed: true,
    };
    let after = active_tenant().after_failure(&failure, now);
    let status = after.map_or(TenantStatus::Active, |tenant| tenant.status);
    assert_eq!(status.as_str(), row.tenant, "{line}");
}

/// How often was asked, and what was another the second time.
fn check_requests(row: &Row<'_>, arrived: &[Arrived], line: &str) {
    let assertion = |index: usize| arrived[index].form["client_assertion"].as_str();
    let same = |part_index: usize, name: &str| {
        part(assertion(0), part_index)[name] == part(assertion(1), part_index)[name]
    };
    let times = match row.asked_again {
        "no" => 1,
        "fresh assertion, other key" => 3,
        _ => 2,
    };
    assert_eq!(arrived.len(), times, "{line}");
    let key = |index: usize| part(assertion(index), 0)["x5t#S256"].clone();
    match row.asked_again {
        "no" => {}
        "fresh connection" => assert_eq!(assertion(0), assertion(1), "{line}"),
        "fresh assertion, other key" => {
            assert!(same(0, "x5t#S256") && !same(1, "jti"), "{line}");
            assert_ne!(key(1), key(2), "{line}");
        }
        "other key" => assert!(!same(0, "x5t#S256") && !same(1, "jti"), "{line}"),
        other => panic!("{other}"),
    }
}

async fn client_with_two_keys(authority: &RawAuthority) -> EntraClient {
    let secrets = HeldSecrets::holding(&Certificate::create("before"));
    secrets.rotate(&Certificate::create("today"));
    fake::client(&authority.base_url, &secrets).await
}

fn active_tenant() -> Tenant {
    let long_ago = Timestamp::from_unix(NOW - 30 * 86_400);
    Tenant::connected(TENANT.parse().unwrap(), long_ago)
}
