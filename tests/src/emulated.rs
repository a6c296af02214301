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
pub const DIFFERENCES: [Difference; 2] = [
    Difference {
        said: "the two alarms on failed vends have one metric: ministack takes no metric math",
        apply: without_metric_math,
    },
    Difference {
        said: "a secret's ARN is its Id: ministack's Ref gives the name, AWS's the ARN",
        apply: with_secrets_by_id,
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
    assert_eq!(found, 2, "the alarms have changed");
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
