//! What the template calls a thing that a request names by its own name.

use std::collections::BTreeMap;

/// The template's names by those of requests.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// `(own name, the template's)`.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(own, logical): (&str, &str)| (own.to_owned(), logical.to_owned());
        Self(pairs.into_iter().map(owned).collect())
    }

    /// The same over what a stack says of itself.
    pub fn by_physical(names: BTreeMap<String, String>) -> Self {
        Self(names)
    }

    /// The template's name. What it does not know has one that no statement names.
    pub fn logical(&self, id: &str) -> String {
        // A queue's URL, in which a colon parts nothing.
        let of_queue = self.0.get(id).filter(|_| id.contains("://"));
        if let Some(known) = of_queue {
            return known.clone();
        }
        if let Some((name, qualifier)) = qualified(id) {
            return format!("{}:{qualifier}", self.logical(name));
        }
        let known = [id, of_secret(id), last(id)].into_iter();
        let mut known = known.filter_map(|name| self.0.get(name));
        known
            .next()
            .cloned()
            .unwrap_or_else(|| format!("unknown:{id}"))
    }
}

/// The name and the alias or version of a function: `NAME:live`, or at the end of its ARN.
fn qualified(id: &str) -> Option<(&str, &str)> {
    let of_function = match id.strip_prefix("arn:") {
        Some(arn) => arn.split_once(":function:")?.1,
        None => id,
    };
    of_function.split_once(':')
}

/// A secret is asked for by its ARN, which ends in its name and six random characters.
fn of_secret(id: &str) -> &str {
    let name = last(id);
    match id.starts_with("arn:aws:secretsmanager:") {
        true => name.rsplit_once('-').map_or(name, |(name, _)| name),
        false => name,
    }
}

/// The name at the end of an ARN of a table, a secret or a function.
fn last(id: &str) -> &str {
    match id.strip_prefix("arn:") {
        None => id,
        Some(arn) => arn.rsplit([':', '/']).next().unwrap_or(arn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_an_arn_lead_to_the_same() {
        let names = Names::of([
            ("tenants", "Table"),
            ("certificate", "CertificateSecret"),
            ("on-demand", "RefresherOnDemandFunction"),
            (
                "arn:aws:lambda:us-east-1:1:function:on-demand:vending",
                "RefresherOnDemandVending",
            ),
            ("http://localhost:1/1/queue", "FeedQueue"),
        ]);
        let rows = [
            ("http://localhost:1/1/queue", "FeedQueue"),
            (
                "arn:aws:lambda:us-east-1:1:function:on-demand:vending",
                "RefresherOnDemandFunction:vending",
            ),
            ("tenants", "Table"),
            ("arn:aws:dynamodb:us-east-1:1:table/tenants", "Table"),
            ("certificate", "CertificateSecret"),
            (
                "arn:aws:secretsmanager:us-east-1:1:secret:certificate",
                "CertificateSecret",
            ),
            (
                "arn:aws:secretsmanager:us-east-1:1:secret:certificate-a1B2c3",
                "CertificateSecret",
            ),
            (
                "arn:aws:lambda:us-east-1:1:function:on-demand",
                "RefresherOnDemandFunction",
            ),
            ("on-demand:live", "RefresherOnDemandFunction:live"),
            (
                "arn:aws:lambda:us-east-1:1:function:on-demand:live",
                "RefresherOnDemandFunction:live",
            ),
            ("others", "unknown:others"),
            (
                "arn:aws:dynamodb:us-east-1:1:table/others",
                "unknown:arn:aws:dynamodb:us-east-1:1:table/others",
            ),
        ];
        for (id, expected) in rows {
            assert_eq!(names.logical(id), expected, "{id}");
        }
    }
}
