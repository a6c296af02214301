//! What is asked of Entra ID, of callers' issuers and of the Activity API, and what is made of
//! their answers: an authority (`fake`), issuers (`issuing`) and an API (`activity`) on this
//! machine that say what a test has them say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails here"
)]

mod activity;
mod app_only;
mod arbitrary_answers;
mod caller_tokens;
mod callers_issuers;
mod fake;
mod issuing;
mod key_issuers;
mod key_versions;
mod refusals;
mod remembered_proofs;
mod remote_signers;
mod samples_2016;
mod sign_in;
mod signatures;
