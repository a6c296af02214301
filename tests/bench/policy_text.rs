//! The policy text of the measurements: 200 policies, as a deployment with many callers
//! has them. One of them is for the role that signs here, one for the workload whose
//! issuer vouches for it; the others are for neither.

use auth::policy::StoredPolicy;
use auth::ports::{Clock as _, PolicyStore, Write};
use aws::SystemClock;

/// How many.
pub(crate) const POLICIES: usize = 200;
/// The role that a policy is for.
pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const ROLE: &str = "role99";
/// The key that a policy is for, and its customer.
pub(crate) const KEY: &str = "key-98";
pub(crate) const CUSTOMER_OF_KEY: &str = "customer 98";
/// The customer whose tenants the role may have.
pub(crate) const CUSTOMER: &str = "customer 99";
/// The claims by which a policy knows the workload, whatever its issuer.
pub(crate) const WORKLOAD: [(&str, &str); 2] =
    [("repository_owner", "owner100"), ("ref", "refs/heads/main")];
/// The label of the tenants that the workload may have.
pub(crate) const LABEL: (&str, &str) = ("tier", "gold");

/// A third each: roles by name, workloads of `issuer` by their claims, keys by name; and
/// two forbids.
pub(crate) fn mixed(issuer: &str) -> String {
    let permits = (0..POLICIES - 2).map(|n| match n % 3 {
        0 => role(n),
        1 => workload(n, issuer),
        _ => key(n),
    });
    let forbids = "@id(\"suspended\") forbid(principal, action == Action::\"vend\", resource) \
                   when { resource.status == Status::\"suspended\" };\n\
                   @id(\"graph\") forbid(principal is Key, action == Action::\"vend\", resource) \
                   when { context.resource == \"https://graph.microsoft.com\" };\n";
    permits.chain([forbids.to_owned()]).collect()
}

fn role(n: usize) -> String {
    format!(
        "@id(\"role-{n}\") permit(principal == AwsRole::\"{ACCOUNT}/role{n}\", \
         action in [Action::\"vend\", Action::\"list\"], resource in Customer::\"customer {n}\");\n"
    )
}

fn workload(n: usize, issuer: &str) -> String {
    let [(owner, _), (reference, branch)] = WORKLOAD;
    let (label, value) = LABEL;
    format!(
        "@id(\"workload-{n}\") permit(principal is Workload, \
         action in [Action::\"vend\", Action::\"list\"], resource is Tenant) when {{ \
         principal.issuer == \"{issuer}\" && principal.hasTag(\"{owner}\") && \
         principal.getTag(\"{owner}\") == \"owner{n}\" && principal.hasTag(\"{reference}\") && \
         principal.getTag(\"{reference}\") == \"{branch}\" && resource.hasTag(\"{label}\") && \
         resource.getTag(\"{label}\") == \"{value}\" }};\n"
    )
}

fn key(n: usize) -> String {
    format!(
        "@id(\"key-{n}\") permit(principal == Key::\"key-{n}\", action == Action::\"vend\", \
         resource in Customer::\"customer {n}\") \
         when {{ context.resource == \"https://manage.office.com\" }};\n"
    )
}

/// Puts a text in the place of whatever is stored.
pub(crate) async fn put(policies: &dyn PolicyStore, text: String) {
    let before = policies.current().await.unwrap().in_force;
    let policy = StoredPolicy::following(before.as_ref(), text, SystemClock.now());
    assert_eq!(policies.put(&policy).await.unwrap(), Write::Done);
}
