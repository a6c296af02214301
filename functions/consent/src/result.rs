//! `GET /consent/result/{handle}`: connected, finishing, or refused and why.

use askama::Template;
use auth::consent::{Handle, ResultView};
use auth::tenant::{Tenant, TenantStatus, Waiting};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use url::Url;

use crate::pages::{Happened, STYLE, account, render};
use crate::site::Site;
use crate::words::Words;
use crate::{ConsentFunction, again, pages, status_of};

#[derive(Template)]
#[template(path = "result.html")]
struct ResultPage<'a> {
    style: &'static str,
    company: &'a str,
    stands: AfterConsent,
    tenant: String,
    /// The customer account; `None` where the tenant is bound to itself.
    customer: Option<String>,
    status: &'static str,
    /// What a tenant that is finishing waits for, where nothing is to be done.
    waiting: Option<String>,
    cause: Option<Words>,
    return_to: Option<ReturnTo<'a>>,
    /// What is read is the audit log, which has to be on.
    reads_audit_log: bool,
}

/// Where the customer's own site goes on.
struct ReturnTo<'a> {
    url: &'a str,
    host: &'a str,
}

/// How a tenant stands after its consent.
#[derive(PartialEq, Eq)]
enum AfterConsent {
    Connected,
    Finishing,
    Broken,
}

impl ConsentFunction {
    /// Connected, finishing, or refused and why. A page that is finishing follows by
    /// itself.
    pub(crate) async fn result(&self, handle: &str, id: &str) -> Response<Body> {
        let view = self.consent.result_view(&Handle(handle.to_owned())).await;
        match view {
            Ok(ResultView::Tenant {
                tenant,
                waiting,
                return_url,
            }) => {
                let html = page(&self.site, &tenant, waiting, return_url.as_ref());
                let mut response = self.headers.page(StatusCode::OK, html, id);
                if tenant.status == TenantStatus::Propagating {
                    again::follow(&mut response);
                }
                response
            }
            Ok(ResultView::Refused {
                refusal,
                at,
                request_id,
            }) => {
                let happened = Happened {
                    at: &at.to_string(),
                    request_id: &request_id,
                };
                let html = pages::refused(&self.site, &refusal, &happened);
                self.headers.page(status_of(refusal.cause.code), html, id)
            }
            Err(refusal) => self.refused_page(&refusal, id),
        }
    }
}

fn page(
    site: &Site,
    tenant: &Tenant,
    waiting: Option<Waiting>,
    return_url: Option<&Url>,
) -> String {
    render(&ResultPage {
        style: STYLE,
        company: site.company(),
        stands: match tenant.status {
            TenantStatus::Active => AfterConsent::Connected,
            TenantStatus::Propagating => AfterConsent::Finishing,
            _ => AfterConsent::Broken,
        },
        tenant: tenant.id.to_string(),
        customer: account(tenant.id, &tenant.customer),
        status: tenant.status.as_str(),
        waiting: waiting.map(|waiting| waiting.to_string()),
        cause: tenant.cause.as_ref().map(Words::from),
        return_to: return_url.map(|url| ReturnTo {
            url: url.as_str(),
            host: url.host_str().unwrap_or_default(),
        }),
        reads_audit_log: site.reads_audit_log(tenant.cloud),
    })
}

#[cfg(test)]
mod tests {
    use auth::{Cloud, Timestamp};

    use super::*;
    use crate::example::{TENANT, site};

    const AUDITING: [&str; 3] = [
        "Get-AdminAuditLogConfig | Format-List UnifiedAuditLogIngestionEnabled",
        "up to 60 minutes",
        "Tenant … does not exist",
    ];

    fn tenant(status: TenantStatus, cloud: Cloud) -> Tenant {
        Tenant {
            customer: "Contoso".parse().unwrap(),
            cloud,
            status,
            ..Tenant::connected(TENANT.parse().unwrap(), Timestamp::from_unix(0))
        }
    }

    #[test]
    fn right_after_connected_the_page_says_that_auditing_must_be_on_where_the_audit_log_is_read() {
        use TenantStatus as S;
        let (manage, graph) = ("https://manage.office.com", "https://graph.microsoft.com");
        // The resources that are kept, how the tenant stands and where it lives, whether it is said.
        let rows: [(&[&str], S, Cloud, bool); 12] = [
            (&[], S::Active, Cloud::Public, true),
            (&[], S::Active, Cloud::Gcc, true),
            (&[], S::Active, Cloud::GccHigh, true),
            (&[manage], S::Active, Cloud::Public, true),
            (&[manage], S::Active, Cloud::Gcc, true),
            (&[manage, graph], S::Active, Cloud::Public, true),
            (&[graph, manage], S::Active, Cloud::Public, true),
            (&[graph], S::Active, Cloud::Public, false),
            (
                &["https://vault.azure.net"],
                S::Active,
                Cloud::Public,
                false,
            ),
            (&[], S::Propagating, Cloud::Public, false),
            (&[], S::Revoked, Cloud::Public, false),
            (&[], S::Suspended, Cloud::Public, false),
        ];
        for (resources, status, cloud, said) in rows {
            let page = page(&site(resources), &tenant(status, cloud), None, None);
            for part in AUDITING {
                let row = format!("{resources:?} {status} {cloud}: {part}");
                assert_eq!(page.contains(part), said, "{row}: {page}");
            }
            let nothing_more = page.contains("Nothing more is needed");
            assert_eq!(nothing_more, status == S::Active && !said, "{page}");
        }
    }
}
