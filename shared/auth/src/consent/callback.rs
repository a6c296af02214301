//! `GET /consent/callback`: what the authority sent back through the browser, after the
//! sign-in and, in the v2 flow, after the admin consent. This side makes no request to Entra
//! ID: the function that signs redeems the code and binds the tenant.

use super::attempts::{AdminConsent, Attempt, AttemptCookie, SignIn, Step, cookie_name};
use super::flow::Consent;
use super::handles::{ATTEMPT_LIFE, Confirmation, Handle};
use super::home::lives_in;
use super::limits::Source;
use super::owner::check_owner;
use super::refusal::ConsentRefusal;
use super::state::ConsentState;
use super::steps::{Begun, Callback, Callbacked, ClearedAttempt};
use super::terms::{Terms, check_person};
use crate::cause::CauseCode;
use crate::identifiers::TenantId;
use crate::ports::Redemption;
use crate::secret::{ExposeSecret as _, SecretString};

/// The shortest code that Entra ID could have made, in bytes: seen were 700 and more.
const CODE_MIN: usize = 20;
/// What codes are made of, besides letters and digits. Wider than base64url with dots, which
/// is all that was seen: a code is opaque (RFC 6749 §A.11).
const CODE_MARKS: &[u8] = b"-._~!$*+=/,:@";

impl Consent {
    /// `Ok` is the confirm page's handle, or the result's. `cookie` looks a cookie of
    /// this browser up by its name.
    ///
    /// In the order of what it costs: state, cookie and the answer's form cost nothing; then
    /// the limits say whether there is room; then an invite is read, the function that signs
    /// says whether it could be asked, the state is marked as used, and Entra ID is asked.
    pub async fn callback(
        &self,
        callback: Callback,
        cookie: impl Fn(&str) -> Option<String>,
        source: Source,
    ) -> Result<Callbacked, ConsentRefusal> {
        // Without our state and our cookie nothing is believed, an error neither: else a
        // stranger could write causes of his choice into our log.
        let text = callback.unverified_state.as_deref();
        let text = text.ok_or(CauseCode::NotStartedHere)?;
        let (state, value) = self.state_of(text, cookie, source).await?;
        let attempt = Attempt::from_cookie(&value, &state.id(), &self.keys);
        let attempt = attempt.ok_or(CauseCode::StartAgain)?;
        let invited = attempt.invite.is_some();
        let answered = self.answered(&state, attempt, callback, source).await;
        let answered = answered.map_err(|refusal| refusal.of_attempt(invited))?;
        Ok(match answered {
            Answered::SignedIn(confirmation) => Callbacked::Confirm(
                confirmation.seal(&self.keys, self.random.as_ref()),
                AttemptCookie {
                    name: cookie_name(&state.id()),
                    value,
                },
            ),
            Answered::Wait(begun) => Callbacked::Wait(begun.handle, begun.cookie),
            Answered::Done(handle) => {
                Callbacked::Done(handle, ClearedAttempt(cookie_name(&state.id())))
            }
        })
    }

    async fn answered(
        &self,
        state: &ConsentState,
        attempt: Attempt,
        callback: Callback,
        source: Source,
    ) -> Result<Answered, ConsentRefusal> {
        // An error before all else: an admin-consent error comes with admin_consent=True.
        if let Some(error) = &callback.unverified_error {
            let description = callback.unverified_error_description.as_deref();
            let error = self.pages.callback_error(error, description);
            return self.refused_at(state, attempt, error).map(Answered::Wait);
        }
        let arrived = Arrived {
            state,
            attempt: &attempt,
            source,
        };
        match &attempt.step {
            Step::SignIn(sign_in) => self.signed_in(arrived, sign_in, callback).await,
            Step::AdminConsent(asked) => self.consented(arrived, asked, callback).await,
        }
    }

    /// A code came: who signed in is what its token says. An answer without one, or with
    /// what can be none, uses nothing up.
    async fn signed_in(
        &self,
        arrived: Arrived<'_>,
        sign_in: &SignIn,
        callback: Callback,
    ) -> Result<Answered, ConsentRefusal> {
        let attempt = arrived.attempt;
        let code = callback.unverified_code.filter(is_formed);
        let code = code.ok_or(CauseCode::StartAgain)?;
        let terms = self.spend(arrived).await?;
        let redemption = Redemption {
            tenant: sign_in.tenant,
            cloud: attempt.cloud,
            unverified_code: code,
            code_verifier: sign_in.code_verifier.clone().into(),
            nonce: sign_in.nonce.clone(),
        };
        let signed_in = self.connector.redeem(&redemption).await?;
        let tenant = signed_in.tenant;
        // The binding decides all of this again. Here it chooses the page, before the person
        // consents.
        let allowed = check_person(&terms, tenant, signed_in.role, self.settings.flow);
        allowed.map_err(|code| of_tenant(code, tenant))?;
        let customer = terms.customer_of(tenant);
        if terms.is_done_for(tenant)? {
            return Ok(Answered::Done(self.completed(tenant, terms.return_url)));
        }
        let found = check_owner(self.tenants.as_ref(), tenant, &customer).await?;
        let known = found.map(|found| found.cloud);
        // An attempt that names no cloud takes no tenant out of its own; its metadata may.
        let named = terms.cloud.or(known).unwrap_or(attempt.cloud);
        let cloud = lives_in(signed_in.home, self.settings.cloud, named);
        let confirmation = Confirmation {
            state_id: arrived.state.id(),
            expires_at: self.clock.now() + ATTEMPT_LIFE,
            tenant,
            customer,
            receipt: signed_in.receipt,
            username: signed_in.username,
            invite: attempt.invite.clone(),
            cloud: cloud.map_err(|code| of_tenant(code, tenant))?,
        };
        Ok(Answered::SignedIn(confirmation))
    }

    /// The terms of an attempt that is marked as used, if there is room for its step here and
    /// at the function that signs. The reads before the mark: an invite that is over costs no
    /// row, and a step that cannot be taken now can be taken later.
    async fn spend(&self, arrived: Arrived<'_>) -> Result<Terms, ConsentRefusal> {
        let (invite, state) = (arrived.attempt.invite.as_ref(), arrived.state);
        self.limits.step(invite, arrived.source, self.clock.now())?;
        let terms = self.terms(invite).await?;
        self.check_room().await?;
        self.use_once(&state.id(), state.expires_at).await?;
        Ok(terms)
    }

    /// The admin-consent page answered. Its word proves nothing; the tenant it names
    /// must be the one that signed in, and the proof follows.
    async fn consented(
        &self,
        arrived: Arrived<'_>,
        asked: &AdminConsent,
        callback: Callback,
    ) -> Result<Answered, ConsentRefusal> {
        let (attempt, tenant) = (arrived.attempt, asked.tenant);
        let named = callback
            .unverified_tenant
            .and_then(|text| text.parse::<TenantId>().ok());
        if named != Some(tenant) {
            return Err(CauseCode::TenantMismatch.into());
        }
        let granted = callback.unverified_admin_consent.as_deref();
        if !granted.is_some_and(|word| word.eq_ignore_ascii_case("true")) {
            return Err(CauseCode::ConsentDeclined.into());
        }
        let terms = self.spend(arrived).await?;
        self.bind(tenant, &asked.receipt, attempt.invite.as_ref())
            .await?;
        Ok(Answered::Done(self.completed(tenant, terms.return_url)))
    }
}

/// An answer of the authority that belongs to an attempt of this browser.
#[derive(Clone, Copy)]
struct Arrived<'a> {
    state: &'a ConsentState,
    attempt: &'a Attempt,
    source: Source,
}

/// What an answer of the authority led to.
enum Answered {
    /// The person is asked for a confirmation.
    SignedIn(Confirmation),
    /// The same step is taken once more.
    Wait(Begun),
    /// The handle of the result page.
    Done(Handle),
}

/// A refusal that names the tenant that signed in.
fn of_tenant(code: CauseCode, tenant: TenantId) -> ConsentRefusal {
    ConsentRefusal {
        tenant: Some(tenant),
        ..code.into()
    }
}

/// Whether Entra ID could have made this code. Only what certainly is none is turned away:
/// the code itself is judged by Entra ID.
fn is_formed(unverified_code: &SecretString) -> bool {
    let code = unverified_code.expose_secret().as_bytes();
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || CODE_MARKS.contains(byte);
    code.len() >= CODE_MIN && code.iter().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_code_is_known_by_its_form() {
        let long = "A".repeat(8192);
        let rows = [
            ("", false),
            ("0.A", false),
            ("no-code-at-all", false),
            ("1.AXoAq8Cs0XvKrkGe6e", true),
            ("1.AXoAq8Cs0XvKrkGe6", false),
            ("OAQABAAIAAAD--DLA3VO7QrddgJg7Wevr_w-x", true),
            ("M.C507_BAY.2.U.7a1f3c52-0b0e-4c5e-8d3b", true),
            ("M.R3_BL2.-Cd8f!kQ*7$~m+/=", true),
            (long.as_str(), true),
            ("1.AXoAq8Cs0XvKrk Ge6e0", false),
            ("1.AXoAq8Cs0XvKrk\u{e9}Ge6e0", false),
            ("1.AXoAq8Cs0XvKrk\nGe6e0", false),
            ("1.AXoAq8Cs0XvKrk\0Ge6e0", false),
            ("<script>alert(1)</script>", false),
            ("' OR 1=1 --aaaaaaaaaaaaaa", false),
            ("1.AXoAq8Cs0XvKrk&x=1;e0", false),
        ];
        for (code, formed) in rows {
            assert_eq!(is_formed(&code.to_owned().into()), formed, "{code}");
        }
    }
}
