//! A request to the token endpoint that is proven by an assertion: which key signs it, how often
//! it is made, and what is made of a refusal of the key (decisions 0014 and 0036).

use auth::cause::{Cause, CauseCode};
use auth::ports::{AssertionSigner, AuthorityError, SigningError};
use auth::secret::{ExposeSecret as _, SecretString};
use url::Url;

use super::aadsts::{ASSERTION_OUT_OF_TIME, other_key_may_help};
use super::answer::TokenAnswer;
use super::assertion::Assertion;
use super::audit::Signature;
use super::client::EntraClient;
use super::purpose::Purpose;
use super::signing_keys::Signer;
use super::timed::timed;
use crate::guid::random_guid;
use crate::http::{Answer, HttpError};

/// RFC 7523 §2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What is posted.
#[derive(Clone, Copy)]
struct Request<'a> {
    url: &'a Url,
    /// Without the assertion.
    form: &'a [(&'a str, &'a str)],
    purpose: Purpose<'a>,
}

/// Why a request brought no answer that can be used.
enum Failed {
    /// It was not made.
    Signing(SigningError),
    /// It was refused, or not answered.
    Posting(AuthorityError),
}

impl From<Failed> for AuthorityError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Signing(error) => Cause::from(error).into(),
            Failed::Posting(error) => error,
        }
    }
}

impl Failed {
    fn number(&self) -> Option<u32> {
        match self {
            Self::Signing(_) => None,
            Self::Posting(error) => error.cause.aadsts,
        }
    }

    /// The assertion waited (a frozen function); a fresh one is in time, unless the clock is
    /// wrong.
    fn is_out_of_time(&self) -> bool {
        self.number() == Some(ASSERTION_OUT_OF_TIME)
    }

    /// The key that signed was refused, or refuses itself, and another one may pass.
    fn is_about_the_key(&self) -> bool {
        match self {
            Self::Signing(error) => matches!(error, SigningError::Refused(_)),
            Self::Posting(_) => self.number().is_some_and(other_key_may_help),
        }
    }

    /// With the other key it is no better. What the one that signs met is what the operator
    /// has to look at.
    fn is_no_better(&self) -> bool {
        match self {
            Self::Signing(_) => true,
            Self::Posting(error) => {
                self.is_about_the_key() || error.cause.code == CauseCode::CredentialRefused
            }
        }
    }
}

impl EntraClient {
    /// Posts `form` with a fresh assertion, and once more where that can mend a refusal
    /// of the assertion: with the other version of the certificate. One that came too late
    /// is first followed by another fresh one.
    pub(super) async fn post_with_assertion(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        purpose: Purpose<'_>,
    ) -> Result<TokenAnswer, AuthorityError> {
        let request = Request { url, form, purpose };
        let key = self.signing_keys.signing().await;
        let mut answer = self.post_signed(request, &*key).await;
        if answer.as_ref().is_err_and(Failed::is_out_of_time) {
            answer = self.post_signed(request, &*key).await;
        }
        if !answer.as_ref().is_err_and(Failed::is_about_the_key) {
            return Ok(answer?);
        }
        let Some(other) = self.signing_keys.other_than(&*key).await else {
            return Ok(answer?);
        };
        let by_other = self.post_with_other_key(request, other).await;
        match by_other.as_ref().is_err_and(Failed::is_no_better) {
            true => Ok(answer?),
            false => Ok(by_other?),
        }
    }

    async fn post_with_other_key(
        &self,
        request: Request<'_>,
        other: Signer,
    ) -> Result<TokenAnswer, Failed> {
        let outcome = self.post_signed(request, &*other).await;
        if outcome.is_ok() {
            self.signing_keys.prefer(other);
        }
        outcome
    }

    async fn post_signed(
        &self,
        request: Request<'_>,
        key: &dyn AssertionSigner,
    ) -> Result<TokenAnswer, Failed> {
        let assertion = self.assertion(request, key).await;
        let assertion = assertion.map_err(Failed::Signing)?;
        let proof = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.expose_secret()),
        ];
        let form = [request.form, &proof].concat();
        let posted = self.post(request, &form);
        let (clock, meter) = (self.clock.as_ref(), self.meter.as_deref());
        let answer = timed(request.url, clock, meter, posted).await;
        TokenAnswer::read(answer).map_err(Failed::Posting)
    }

    async fn post(&self, request: Request<'_>, form: &[(&str, &str)]) -> Result<Answer, HttpError> {
        if request.purpose.may_arrive_twice() {
            self.http.post_form_retrying(request.url, form).await
        } else {
            self.http.post_form(request.url, form).await
        }
    }

    /// A fresh one. Its audit line is written before it goes anywhere.
    async fn assertion(
        &self,
        request: Request<'_>,
        key: &dyn AssertionSigner,
    ) -> Result<SecretString, SigningError> {
        let id = random_guid(self.random.as_ref());
        let assertion = Assertion {
            form: self.config.assertion,
            client_id: self.config.client_id,
            audience: request.url.as_str(),
            id: &id,
            issued_at: self.clock.now(),
        };
        let signed = assertion.signed_by(key).await;
        let signature = Signature {
            purpose: request.purpose,
            url: request.url,
            certificate: key.identity(),
            id: &id,
        };
        signature.write(&signed);
        signed
    }
}
