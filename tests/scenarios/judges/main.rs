//! Parties that we did not write judge what we send and what we simulate: a certified
//! OpenID provider takes our client assertions, Microsoft's own libraries take our
//! simulator, and so does a public collector of the audit log. Each runs as a process of its own; `tests/run` installs them.

mod azure_identity;
mod callers_issuer;
mod collector;
mod microsoft;
mod msal;
mod oidc_provider;
mod rotated;
