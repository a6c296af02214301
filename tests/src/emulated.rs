//! `template.yaml` for an emulated account: what ministack's CloudFormation cannot play is put
//! in other words, in this one place. Each difference says what it is, for the log of who uses
//! it; one that finds nothing to change fails, since then it is needed no more.

/// Something that is put in other words.
#[derive(Debug)]
pub struct Difference {
    /// For people, with the reason.
    pub said: &'static str,
    apply: fn(&mut String),
}

/// All that is put in other words.
pub const DIFFERENCES: [Difference; 5] = [
    Difference {
        said: "the alarms on sums and shares have one metric: ministack takes no metric math",
        apply: without_metric_math,
    },
    Difference {
        said: "a secret's ARN is its Id: ministack's Ref gives the name, AWS's the ARN",
        apply: with_secrets_by_id,
    },
    Difference {
        said: "no statement checks that a key is there (Null): ministack sees no \
               dynamodb:LeadingKeys, and judges actions and resources; keys and attributes are \
               judged by our own reading, of the very requests",
        apply: without_null_checks,
    },
    Difference {
        said: "the bucket takes requests without TLS: ministack is asked without it. What its \
               other statement denies, a put that could overwrite, ministack does not see",
        apply: without_tls,
    },
    Difference {
        said: "no RotationSchedule: ministack knows none, and its RotateSecret calls no function",
        apply: without_rotation_schedule,
    },
];

/// The template as ministack plays it.
pub fn playable(template: &str) -> String {
    let mut template = template.to_owned();
    for difference in DIFFERENCES {
        (difference.apply)(&mut template);
    }
    template
}

/// ministack makes no alarm of an expression: those that have one stand on a metric of ours.
fn without_metric_math(template: &mut String) {
    let alone = "      Namespace: !Sub \"token-broker/${AWS::StackName}\"\n      \
                 MetricName: VendsFailed\n      Period: 300\n      Statistic: Sum\n";
    let mut found = 0;
    while let Some(from) = template.find("      Metrics:\n") {
        let length = template[from..].find("      EvaluationPeriods:").unwrap();
        template.replace_range(from..from + length, alone);
        found += 1;
    }
    assert_eq!(found, 4, "the alarms have changed");
}

/// `Ref` of a secret is its ARN in AWS and its name in ministack; `Id` is the ARN in both.
fn with_secrets_by_id(template: &mut String) {
    let secrets: Vec<String> = template
        .split("\n    Type: AWS::SecretsManager::Secret\n")
        .filter_map(|before| before.lines().last()?.trim().strip_suffix(':'))
        .filter(|name| name.ends_with("Secret"))
        .map(str::to_owned)
        .collect();
    assert!(!secrets.is_empty(), "no secret in template.yaml");
    for secret in secrets {
        let reference = format!("!Ref {secret}");
        let is_used = template.contains(&reference);
        assert!(is_used, "{reference} in template.yaml");
        *template = template.replace(&reference, &format!("!GetAtt {secret}.Id"));
    }
}

/// ministack sees no `dynamodb:LeadingKeys` in any request, and `dynamodb:Attributes` in a
/// ProjectionExpression alone: a check that the key is there would deny everything. Without it
/// ForAllValues is met by what is absent, so that it judges actions and resources.
fn without_null_checks(template: &mut String) {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (mut kept, mut found) = (String::new(), false);
    let mut inside: Option<usize> = None;
    for line in template.lines() {
        inside = inside.filter(|outer| line.trim().is_empty() || indent(line) > *outer);
        let name = line.trim_start().replace(['"', '\''], "");
        // The bucket's policy asks for another thing than a key of the table.
        if inside.is_none() && name.starts_with("Null:") && !name.contains("s3:") {
            inside = Some(indent(line));
            found = true;
        }
        if inside.is_none() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    assert!(found, "no statement checks that a key is there");
    *template = kept;
}

/// The bucket's policy denies what comes without TLS.
fn without_tls(template: &mut String) {
    let begin = "          - Sid: OverTlsAlone\n";
    let from = template.find(begin).expect("the bucket asks for TLS");
    let next = from + begin.len();
    let length = template[next..].find("          - Sid: ").unwrap();
    template.replace_range(from..next + length, "");
}

/// Who calls the rotator in its place is the business of a test.
fn without_rotation_schedule(template: &mut String) {
    let from = template
        .find("\n  RotationSchedule:\n")
        .expect("it is rotated")
        + 1;
    let next = template[from..].find("\n  RotatorRole:\n").unwrap() + 1;
    template.replace_range(from..from + next, "");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_that_a_key_is_there_are_taken_out_and_nothing_else() {
        let condition =
            "Condition:\n  ForAllValues:StringLike:\n    dynamodb:LeadingKeys: [\"T#*\"]\n";
        let checks = [
            "  Null:\n    dynamodb:LeadingKeys: \"false\"\n",
            "  \"Null\":\n    dynamodb:LeadingKeys: \"false\"\n    dynamodb:Attributes: \"false\"\n",
            "  'Null': {dynamodb:LeadingKeys: \"false\"}\n",
        ];
        for check in checks {
            for after in [
                "- Sid: Next\n",
                "  Bool:\n    aws:SecureTransport: \"true\"\n",
                "",
            ] {
                let template = format!("{condition}{check}{after}");
                let mut without = template.clone();
                without_null_checks(&mut without);
                assert_eq!(without, format!("{condition}{after}"), "{template}");
            }
        }
    }
}
