//! By whose alias the function was invoked: the end of the ARN that Lambda's runtime hands over
//! with each event (`Lambda-Runtime-Invoked-Function-Arn`). Lambda writes it from the name
//! that was invoked, which the asker's role permits or does not.

use auth::on_demand::Asker;

/// The asker whose alias ends `arn`; `None` for an ARN without one, with another one, and for
/// anything else.
pub(crate) fn asker(arn: &str) -> Option<Asker> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts[..] {
        ["arn", _, "lambda", _, _, "function", _, alias] => Asker::of_alias(alias),
        _ => None,
    }
}

/// What Lambda would say of an invocation by `asker`, for one in this process.
pub(crate) fn arn_of(asker: Asker) -> String {
    format!("arn:aws:lambda:::function:on-demand:{}", asker.alias())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asker_is_the_alias_of_an_arn_and_nothing_else() {
        let arn = |end: &str| format!("arn:aws:lambda:eu-west-1:111122223333:function:{end}");
        let (consent, vending) = (Some(Asker::Consent), Some(Asker::Vending));
        let rows = [
            (arn("on-demand:consent"), consent),
            (arn("on-demand:vending"), vending),
            (arn("vending:consent"), consent),
            (
                arn("on-demand:vending").replace("aws", "aws-us-gov"),
                vending,
            ),
            (arn_of(Asker::Consent), consent),
            (arn_of(Asker::Vending), vending),
            (arn("on-demand"), None),
            (arn("consent"), None),
            (arn("on-demand:"), None),
            (arn("on-demand:live"), None),
            (arn("on-demand:$LATEST"), None),
            (arn("on-demand:1"), None),
            (arn("on-demand:Consent"), None),
            (arn("on-demand:consent "), None),
            (arn("on-demand:consent:vending"), None),
            (
                arn("on-demand:vending").replace(":function:", ":layer:"),
                None,
            ),
            (arn("on-demand:vending").replace("lambda", "iam"), None),
            ("on-demand:consent".to_owned(), None),
            ("consent".to_owned(), None),
            (String::new(), None),
        ];
        for (arn, expected) in rows {
            assert_eq!(asker(&arn), expected, "{arn:?}");
        }
    }
}
