//! The body of a refusal: `{"error":{"code":"AF20022","message":"…"}}`, which also comes with
//! single quotes, with a trace in place of the code, or as whatever a gateway says
//! (protocol notes §6, §7).

use auth::TenantId;
use serde_json::Value;

/// What is known of it.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    /// The number of its AF code.
    pub(crate) number: Option<u32>,
    /// All of it in lower case, for the two texts that have no code.
    text: String,
}

impl ErrorBody {
    pub(crate) fn read(body: &[u8]) -> Self {
        let body = without_bom(body);
        let text = String::from_utf8_lossy(body);
        let code = match serde_json::from_slice::<Value>(body) {
            Ok(value) => code_of(&value).map(str::to_owned),
            Err(_) => code_in_loose_quotes(&text),
        };
        Self {
            number: code.as_deref().and_then(number),
            text: text.to_ascii_lowercase(),
        }
    }

    /// "Tenant … does not exist", about this one: a start says it where auditing is off.
    pub(super) fn says_tenant_is_not_there(&self, tenant: TenantId) -> bool {
        self.text
            .contains(&format!("tenant {tenant} does not exist"))
    }

    pub(super) fn says_too_many(&self) -> bool {
        self.text.contains("too many requests")
    }
}

/// The mark that some servers put before UTF-8.
pub(super) fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// `error.code`, or `code`, their names in any case.
fn code_of(value: &Value) -> Option<&str> {
    let error = member(value, "error").filter(|error| error.is_object());
    member(error.unwrap_or(value), "code")?.as_str()
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut members = value.as_object()?.iter();
    let found = members.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// The first text that follows the name `code`, in quotes of either kind.
fn code_in_loose_quotes(text: &str) -> Option<String> {
    let mut rest = text;
    let mut is_code = false;
    loop {
        let (quoted, after) = next_quoted(rest)?;
        if is_code {
            return Some(quoted.to_owned());
        }
        let is_name = after.trim_start().starts_with(':');
        is_code = is_name && quoted.eq_ignore_ascii_case("code");
        rest = after;
    }
}

/// What stands in the next pair of quotes, and what follows it. A body that was cut has no
/// second quote.
fn next_quoted(text: &str) -> Option<(&str, &str)> {
    let (start, quote) = text.match_indices(['"', '\'']).next()?;
    let inner = &text[start + quote.len()..];
    let end = inner.find(quote)?;
    Some((&inner[..end], &inner[end + quote.len()..]))
}

/// The number of `AF20022`; what follows it may be words.
fn number(code: &str) -> Option<u32> {
    let code = code.trim_start();
    let (prefix, rest) = code.split_at_checked(2)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    let is_whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (prefix.eq_ignore_ascii_case("AF") && is_whole)
        .then(|| digits.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

    #[test]
    fn a_number_is_read_in_every_form_that_was_seen_and_in_no_other() {
        let rows = [
            (
                r#"{"error":{"code":"AF20022","message":"No subscription."}}"#,
                Some(20_022),
            ),
            ("\u{feff}{\"error\":{\"code\":\"AF20022\"}}", Some(20_022)),
            (
                r#"{"error":{"message":"'code':'AF20051'","code":"AF20022"}}"#,
                Some(20_022),
            ),
            (r#"{"Error":{"Code":"af20022"}}"#, Some(20_022)),
            (r#"{"code":"AF20022: The text","message":""}"#, Some(20_022)),
            (r#"{"error":{"code":"\u0041F20022"}}"#, Some(20_022)),
            (
                "{'error':{'code':'AF429','message':'Too many requests. Method=GetBlob, PublisherId=00000000-0000-0000-0000-000000000000'}}",
                Some(429),
            ),
            (
                "{ 'error' : { 'code' : 'AF50000' , 'message':'It's ours' } }",
                Some(50_000),
            ),
            ("{'error':{\"code\":'AF429'", Some(429)),
            // No code that can be read.
            ("{'error':{'code':'AF4290", None),
            ("{'error':{'code':AF429}}", None),
            ("{'error':{'message':'code','x':'AF429'}}", None),
            (r#"{"error":{"code":"AF"}}"#, None),
            (r#"{"error":{"code":"AF20022x"}}"#, None),
            (r#"{"error":{"code":"AF99999999999"}}"#, None),
            (r#"{"error":{"code":20022}}"#, None),
            (r#"{"error":{"code":["AF20022"]}}"#, None),
            (r#"{"error":"AF20022"}"#, None),
            (r#"{"error":{"message":"AF20022"}}"#, None),
            (r#"["AF20022"]"#, None),
            (
                r#"{"Message":"Authorization has been denied for this request."}"#,
                None,
            ),
            (
                r#"{"error":{"code":"StartSubscription [CorrId=1] : Failed while starting AF20022","message":""}}"#,
                None,
            ),
            ("<html><title>AF20022</title></html>", None),
            ("\"", None),
            ("'code':", None),
            ("", None),
        ];
        for (body, expected) in rows {
            assert_eq!(ErrorBody::read(body.as_bytes()).number, expected, "{body}");
        }
    }

    #[test]
    fn the_tenant_that_is_not_there_is_the_one_that_was_asked_for() {
        let rows = [
            (
                format!(
                    r#"{{"error":{{"code":"StartSubscription [CorrId=1]","message":"Microsoft.Office.Compliance.Audit.DataServiceException: Tenant {TENANT} does not exist.\r\n   at …"}}}}"#
                ),
                true,
            ),
            (
                format!(
                    r#"{{"error":{{"code":"Microsoft.Office.Compliance.Audit.DataServiceException: Tenant {TENANT} does not exist."}}}}"#
                ),
                true,
            ),
            (
                format!("Tenant {} does not exist", TENANT.to_uppercase()),
                true,
            ),
            (
                "Tenant 1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357 does not exist.".to_owned(),
                false,
            ),
            ("Tenant does not exist.".to_owned(), false),
            (String::new(), false),
        ];
        for (body, expected) in rows {
            let read = ErrorBody::read(body.as_bytes());
            let found = read.says_tenant_is_not_there(TENANT.parse().unwrap());
            assert_eq!(found, expected, "{body}");
        }
    }

    #[test]
    fn bytes_of_any_kind_are_read_without_a_panic() {
        let deep = "[".repeat(100_000);
        let rows: [&[u8]; 6] = [
            b"\xff\xfe{\"error\"",
            b"{\"error\":{\"code\":\"\xc3\x28AF20022\"}}",
            b"\0\0\0",
            deep.as_bytes(),
            b"{'code':'\xe2\x82'}",
            b"\xef\xbb\xbf",
        ];
        for body in rows {
            assert_eq!(ErrorBody::read(body).number, None);
        }
    }
}
