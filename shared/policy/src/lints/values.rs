//! Values that a fact can never have: what a policy compares with is written in the form
//! that the fact has, or it is a mistake.

use auth::Resource;
use auth::caller::{AwsRole, CallerName};
use auth::tenant::Tag;

use crate::terms::Term;

/// The form of a term's text, where `text` has not got it.
pub(super) fn expected(term: &Term, text: &str) -> Option<&'static str> {
    let (fits, form) = match term {
        Term::Account => (AwsRole::is_account(text), "an account's 12 digits"),
        Term::RoleId => (
            AwsRole::is_id(text),
            "AROA and more capital letters and digits",
        ),
        Term::Name => (
            AwsRole::is_name(text) || text.parse::<CallerName>().is_ok(),
            "a role's name without its path, or a caller key's",
        ),
        Term::Issuer => (
            !text.is_empty() && !text.contains(char::is_whitespace),
            "an issuer as the token's iss has it, such as https://gitlab.com",
        ),
        Term::Subject => (!text.is_empty(), "a subject, which is never empty"),
        Term::Claim(name) => (is_claim(name, text), "a number of seconds since 1970"),
        Term::Label(name) => (
            format!("{name}={text}").parse::<Tag>().is_ok(),
            "a label's: 1 to 100 printable characters",
        ),
        Term::TokenFor => (
            is_resource(text),
            "an App ID URI without a slash at its end, such as https://manage.office.com",
        ),
        Term::Principal | Term::List(_) | Term::Resource | Term::Customer | Term::Route => {
            return None;
        }
    };
    (!fits).then_some(form)
}

/// A token whose times are no numbers is refused.
fn is_claim(name: &str, text: &str) -> bool {
    let is_time = matches!(name, "exp" | "nbf" | "iat" | "/exp" | "/nbf" | "/iat");
    !is_time || text.trim().parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_resource(text: &str) -> bool {
    text.parse::<Resource>()
        .is_ok_and(|resource| resource.as_str() == text)
}
