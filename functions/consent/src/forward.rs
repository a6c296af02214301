//! The text that a person who may not consent sends to an admin. It holds no secret: an
//! invite's link lets its holder in, and this function knows it by its hash alone; the person who
//! opened it has it, and forwards the message that it came with.

use auth::cause::CauseCode as C;
use auth::consent::ConsentRefusal;

use crate::Site;

/// What to send, where an admin has to act; plain text, not yet escaped.
pub(crate) fn text(site: &Site, refusal: &ConsentRefusal) -> Option<String> {
    let is_an_admins = matches!(
        refusal.cause.code,
        C::NotAnAdmin | C::ApprovalNeeded | C::ConsentBlocked | C::NotConsented
    );
    if !is_an_admins {
        return None;
    }
    let company = site.company();
    let link = if refusal.invited || !site.open {
        "Please open the invite link that I send you with this message".to_owned()
    } else {
        format!("Please open {}/consent", site.origin)
    };
    let tenant = refusal
        .tenant
        .map(|tenant| format!("\n\nOur tenant: {tenant}"));
    Some(format!(
        "Hello,\n\n{company} asks for access to our Microsoft 365 organisation. Only an admin can \
         grant it, for instance a Global Administrator. {link} and sign in with your admin \
         account. If your role has to be activated first, activate it before you sign in.\n\n\
         The page shows what would be granted before anything is. If you do not know this \
         service, do not grant it.{}",
        tenant.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{TENANT, site as example};

    fn site(company: Option<&str>, open: bool) -> Site {
        Site {
            company: company.map(str::to_owned),
            open,
            ..example(&[])
        }
    }

    fn refusal(code: C, invited: bool, tenant: Option<&str>) -> ConsentRefusal {
        ConsentRefusal {
            invited,
            tenant: tenant.map(|id| id.parse().unwrap()),
            ..code.into()
        }
    }

    #[test]
    fn an_admin_is_sent_the_link_the_company_and_the_tenant() {
        let link = "https://broker.example/consent and";
        let (named, unnamed) = ("Contoso <b>", "This service");
        // Company, open, invited, tenant; what the text says and what it does not.
        type Row<'a> = (
            Option<&'a str>,
            bool,
            bool,
            Option<&'a str>,
            [&'a str; 2],
            &'a str,
        );
        let rows: [Row<'_>; 10] = [
            (
                Some(named),
                true,
                false,
                Some(TENANT),
                [link, TENANT],
                "invite",
            ),
            (Some(named), true, false, None, [link, named], "tenant"),
            (
                Some(named),
                true,
                true,
                Some(TENANT),
                ["invite link", TENANT],
                "https://",
            ),
            (
                Some(named),
                true,
                true,
                None,
                ["invite link", named],
                "https://",
            ),
            (
                Some(named),
                false,
                true,
                Some(TENANT),
                ["invite link", TENANT],
                "https://",
            ),
            (
                Some(named),
                false,
                true,
                None,
                ["invite link", named],
                "https://",
            ),
            (
                Some(named),
                false,
                false,
                None,
                ["invite link", named],
                "https://",
            ),
            (None, true, false, Some(TENANT), [unnamed, TENANT], "invite"),
            (None, true, false, None, [unnamed, link], "Our tenant"),
            (
                None,
                false,
                true,
                None,
                [unnamed, "invite link"],
                "Our tenant",
            ),
        ];
        for (company, open, invited, tenant, says, does_not) in rows {
            let refusal = refusal(C::NotAnAdmin, invited, tenant);
            let text = text(&site(company, open), &refusal).unwrap();
            for part in says {
                assert!(text.contains(part), "{part}: {text}");
            }
            assert!(!text.contains(does_not), "{does_not}: {text}");
            assert!(text.contains("activate it before you sign in"), "{text}");
        }
    }

    #[test]
    fn nobody_forwards_what_an_admin_would_end_at_too() {
        for code in C::ALL {
            let found = text(&site(None, true), &refusal(*code, false, None));
            let is_an_admins = [
                C::NotAnAdmin,
                C::ApprovalNeeded,
                C::ConsentBlocked,
                C::NotConsented,
            ];
            assert_eq!(found.is_some(), is_an_admins.contains(code), "{code}");
        }
    }
}
