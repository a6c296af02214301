//! An answer of STS. It is asked for JSON, which has one reading, with each name once: an XML
//! reader that looked for elements wherever they stand was once tricked into another caller
//! (CVE-2020-16250). Only the three texts of a whole answer count; of an error its code.
//!
//! Assumption: STS answers `Accept: application/json` in JSON, as the AWS IAM Authenticator
//! for Kubernetes relies on; the Query protocol's documentation shows XML alone.

use auth::caller::{AwsIdentity, Payload};
use serde_json::Value;

/// The longest of the texts, in bytes: an ARN has 2,048 at most.
const TEXT_MAX: usize = 2048;
/// The longest code, in bytes.
const CODE_MAX: usize = 64;

/// The answer names nobody.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// STS refuses the request; its error code, one word.
    Refused(String),
    /// STS fails, is busy, or it is not STS that answers.
    Failed(String),
}

/// Who signed.
pub(super) fn read(status: u16, body: &[u8]) -> Result<AwsIdentity<'static>, Unreadable> {
    let answer: Option<Payload> = serde_json::from_slice(body).ok();
    match status {
        200 => answer
            .as_ref()
            .and_then(identity)
            .ok_or_else(|| Unreadable::Failed("an answer came that cannot be read".to_owned())),
        400..=499 => Err(refused(status, answer.as_ref())),
        _ => Err(Unreadable::Failed(format!("it answered {status}"))),
    }
}

fn identity(answer: &Payload) -> Option<AwsIdentity<'static>> {
    let response = answer.get("GetCallerIdentityResponse")?;
    let result = response.get("GetCallerIdentityResult")?;
    let text = |name: &str| {
        let text = result.get(name).and_then(Value::as_str)?;
        let fits = (1..=TEXT_MAX).contains(&text.len());
        fits.then(|| text.to_owned().into())
    };
    Some(AwsIdentity {
        account: text("Account")?,
        arn: text("Arn")?,
        user_id: text("UserId")?,
    })
}

/// A refusal is the caller's, a throttle is nobody's. What is no word did not come from AWS
/// and is not repeated.
fn refused(status: u16, answer: Option<&Payload>) -> Unreadable {
    let code = answer
        .and_then(|answer| answer.get("Error")?.get("Code")?.as_str())
        .filter(|code| {
            let is_word = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_word && (1..=CODE_MAX).contains(&code.len())
        });
    let is_busy = code.is_some_and(|code| {
        code.starts_with("Throttl")
            || ["RequestLimitExceeded", "TooManyRequestsException"].contains(&code)
    });
    match code {
        _ if is_busy || [408, 429].contains(&status) => Unreadable::Failed(format!(
            "it answered {} ({status})",
            code.unwrap_or("no code")
        )),
        Some(code) => Unreadable::Refused(code.to_owned()),
        None => Unreadable::Refused(format!("status{status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{
        "Account":"111122223333","Arn":"arn:aws:sts::111122223333:assumed-role/collector/s",
        "UserId":"AROAEXAMPLE:s"},"ResponseMetadata":{"RequestId":"4464f2b3"}}}"#;

    #[test]
    fn a_whole_answer_names_the_signer() {
        let identity = read(200, WHOLE.as_bytes()).unwrap();
        assert_eq!(identity.account, "111122223333");
        assert_eq!(identity.user_id, "AROAEXAMPLE:s");
        assert!(identity.arn.ends_with("assumed-role/collector/s"));
    }

    #[test]
    fn nothing_else_does() {
        let long = format!("\"{}\"", "A".repeat(TEXT_MAX + 1));
        let result = r#""GetCallerIdentityResult":{"Account":"9","Arn":"a","UserId":"u"}"#;
        let rows = [
            ("nothing", String::new()),
            ("XML", "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>".to_owned()),
            ("XML in JSON", format!(r#"{{"x":"{WHOLE}"}}"#)),
            ("a list", format!("[{WHOLE}]")),
            ("two answers", format!("{WHOLE}{WHOLE}")),
            ("half an answer", WHOLE[..WHOLE.len() - 3].to_owned()),
            ("a result at the top", format!("{{{result}}}")),
            ("a result deeper", format!(r#"{{"GetCallerIdentityResponse":{{"x":{{{result}}}}}}}"#)),
            ("another operation", WHOLE.replace("GetCallerIdentity", "AssumeRole")),
            ("another case", WHOLE.replace("\"Arn\"", "\"arn\"")),
            ("an account that is a number", WHOLE.replace("\"111122223333\"", "111122223333")),
            ("no account", WHOLE.replace("\"Account\"", "\"X\"")),
            ("an empty user id", WHOLE.replace("AROAEXAMPLE:s", "")),
            ("two ARNs", WHOLE.replace("\"Account\":", "\"Arn\":\"x\",\"Account\":")),
            ("two ARNs, one escaped", WHOLE.replace("\"Account\":", "\"A\\u0072n\":\"x\",\"Account\":")),
            ("two results", WHOLE.replace("\"ResponseMetadata\":", &format!("{result},\"ResponseMetadata\":"))),
            ("a text without an end", WHOLE.replace("\"AROAEXAMPLE:s\"", &long)),
            ("nested without an end", "{\"a\":".repeat(2_000)),
            ("an error", r#"{"Error":{"Code":"ExpiredToken"}}"#.to_owned()),
        ];
        for (what, body) in rows {
            let read = read(200, body.as_bytes());
            assert!(
                matches!(read, Err(Unreadable::Failed(_))),
                "{what}: {read:?}"
            );
        }
        assert!(read(200, &[0xff, 0xfe, 0x00]).is_err());
    }

    #[test]
    fn a_refusal_is_told_from_a_failure() {
        let refused = |code: &str| Unreadable::Refused(code.to_owned());
        let failed = |why: &str| Unreadable::Failed(why.to_owned());
        let error = |code: &str| {
            format!(
                r#"{{"Error":{{"Code":"{code}","Message":"arn:aws:…","Type":"Sender"}},"RequestId":"1"}}"#
            )
        };
        let rows = [
            (403, error("ExpiredToken"), refused("ExpiredToken")),
            (
                403,
                error("InvalidClientTokenId"),
                refused("InvalidClientTokenId"),
            ),
            (
                403,
                error("SignatureDoesNotMatch"),
                refused("SignatureDoesNotMatch"),
            ),
            (
                400,
                error("IncompleteSignature"),
                refused("IncompleteSignature"),
            ),
            (
                400,
                error("Throttling"),
                failed("it answered Throttling (400)"),
            ),
            (
                400,
                error("ThrottlingException"),
                failed("it answered ThrottlingException (400)"),
            ),
            (
                400,
                error("RequestLimitExceeded"),
                failed("it answered RequestLimitExceeded (400)"),
            ),
            (429, "busy".to_owned(), failed("it answered no code (429)")),
            (
                403,
                error("arn:aws:iam::123456789012:role"),
                refused("status403"),
            ),
            (403, error(&"A".repeat(65)), refused("status403")),
            (403, "<html>".to_owned(), refused("status403")),
            (404, String::new(), refused("status404")),
            (301, WHOLE.to_owned(), failed("it answered 301")),
            (307, WHOLE.to_owned(), failed("it answered 307")),
            (204, WHOLE.to_owned(), failed("it answered 204")),
            (201, WHOLE.to_owned(), failed("it answered 201")),
            (500, error("InternalFailure"), failed("it answered 500")),
            (503, error("ServiceUnavailable"), failed("it answered 503")),
        ];
        for (status, body, expected) in rows {
            assert_eq!(
                read(status, body.as_bytes()),
                Err(expected),
                "{status} {body}"
            );
        }
    }
}
