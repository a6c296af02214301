//! Permissions that no request of the rehearsal shows, each with its reason. One that
//! the rehearsal does show is out of place here, and fails the test as well.

/// A permission that is not seen.
pub(super) struct Exception {
    function: &'static str,
    action: &'static str,
    /// `None`: on each of its resources.
    resource: Option<&'static str>,
    pub(super) reason: &'static str,
}

impl Exception {
    pub(super) fn excepts(&self, function: &str, action: &str, resource: &str) -> bool {
        (self.function, self.action) == (function, action)
            && self.resource.is_none_or(|own| own == resource)
    }
}

pub(super) const EXCEPTIONS: [Exception; 27] = [
    by_lambda("collector", "logs:CreateLogStream"),
    by_lambda("collector", "logs:PutLogEvents"),
    by_lambda("consent", "logs:CreateLogStream"),
    by_lambda("consent", "logs:PutLogEvents"),
    by_lambda("refresher", "logs:CreateLogStream"),
    by_lambda("refresher", "logs:PutLogEvents"),
    by_lambda("on-demand", "logs:CreateLogStream"),
    by_lambda("on-demand", "logs:PutLogEvents"),
    by_lambda("rotator", "logs:CreateLogStream"),
    by_lambda("rotator", "logs:PutLogEvents"),
    by_lambda("vending", "logs:CreateLogStream"),
    by_lambda("vending", "logs:PutLogEvents"),
    by_lambda("webhook", "logs:CreateLogStream"),
    by_lambda("webhook", "logs:PutLogEvents"),
    Exception {
        resource: Some("AuditLogBucket/FeedPrefix/tenant=*"),
        ..of_collector("s3:PutObject", "the stack has no FeedPrefix")
    },
    of_collector(
        "dynamodb:DeleteItem",
        "a batch is split where one of its contents fails, and none does",
    ),
    of_collector(
        "s3:GetObject",
        "an object is read where it was there before its batch's row said so, after a run that died",
    ),
    of_collector(
        "s3:AbortMultipartUpload",
        "uploads of over 8 MiB alone have parts, and are given up where they fail",
    ),
    of_collector(
        "s3:ListBucket",
        "no list is asked for: with it S3 says 404 of an object that is not there",
    ),
    of_collector(
        "secretsmanager:GetSecretValue",
        "FeedWebhookUrl is none: the simulator knows no address of AWS's",
    ),
    of_collector("sqs:SendMessage", "no tenant has a backlog"),
    of_collector("events:PutEvents", "no audit log loses anything"),
    without_webhook("refresher"),
    without_webhook("on-demand"),
    of_mapping("sqs:ReceiveMessage"),
    of_mapping("sqs:DeleteMessage"),
    of_mapping("sqs:GetQueueAttributes"),
];

const fn by_lambda(function: &'static str, action: &'static str) -> Exception {
    Exception {
        function,
        action,
        resource: None,
        reason: "Lambda itself writes what a function prints, with the function's role",
    }
}

const fn without_webhook(function: &'static str) -> Exception {
    Exception {
        function,
        action: "secretsmanager:GetSecretValue",
        resource: Some("EventKeysSecret"),
        reason: "the stack has no EventWebhookUrl",
    }
}

const fn of_collector(action: &'static str, reason: &'static str) -> Exception {
    Exception {
        function: "collector",
        action,
        resource: None,
        reason,
    }
}

const fn of_mapping(action: &'static str) -> Exception {
    of_collector(
        action,
        "Lambda's mapping does that, with the function's role",
    )
}
