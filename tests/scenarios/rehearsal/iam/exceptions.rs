//! Permissions that no request of the rehearsal shows, each with its reason. One that
//! the rehearsal does show is out of place here, and fails the test as well.

/// Function, action, reason.
pub(crate) const EXCEPTIONS: [(&str, &str, &str); 10] = [
    ("collector", "logs:CreateLogStream", BY_LAMBDA),
    ("collector", "logs:PutLogEvents", BY_LAMBDA),
    ("consent", "logs:CreateLogStream", BY_LAMBDA),
    ("consent", "logs:PutLogEvents", BY_LAMBDA),
    ("refresher", "logs:CreateLogStream", BY_LAMBDA),
    ("refresher", "logs:PutLogEvents", BY_LAMBDA),
    ("on-demand", "logs:CreateLogStream", BY_LAMBDA),
    ("on-demand", "logs:PutLogEvents", BY_LAMBDA),
    ("vending", "logs:CreateLogStream", BY_LAMBDA),
    ("vending", "logs:PutLogEvents", BY_LAMBDA),
];

const BY_LAMBDA: &str = "Lambda itself writes what a function prints, with the function's role";
