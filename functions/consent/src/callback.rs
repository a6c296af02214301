//! `GET /consent/callback`: what the authority sends back through the browser. It is
//! read strictly: a parameter that comes twice, is over-long or is not UTF-8 ends on
//! a 400 page and uses nothing up. That page has an address of its own as well: the
//! one that was asked for may hold a code. Where there are too many at once (429) the
//! browser stays where it is, because the code is needed once more when the page is
//! loaded again.

use auth::cause::CauseCode;
use auth::consent::{Callback, Callbacked};
use lambda::fields::{FieldError, Fields};
use lambda::pages::set_cookie;
use lambda::request;
use lambda_http::{Body, Request, Response};

use crate::ConsentFunction;
use crate::browser::{cookies, source};

/// The parameters that are read, with the longest value of each in bytes. Codes of
/// 1 to 2 KB have been seen.
pub const CALLBACK_FIELDS: [(&str, usize); 6] = [
    ("state", 512),
    ("code", 8192),
    ("tenant", 256),
    ("admin_consent", 16),
    ("error", 256),
    ("error_description", 8192),
];

impl ConsentFunction {
    pub(crate) async fn callback(&self, request: &Request, id: &str) -> Response<Body> {
        let callback = match read(request) {
            Ok(callback) => callback,
            Err(_) => return self.to_refusal(CauseCode::StartAgain.into(), id),
        };
        match self
            .consent
            .callback(callback, cookies(request), source(request))
            .await
        {
            Ok(Callbacked::Confirm(handle, attempt)) => {
                let place = format!("/consent/confirm/{}", handle.0);
                let mut response = self.headers.see_other(&place, id);
                self.keep_attempt(&mut response, &attempt);
                response
            }
            Ok(Callbacked::Wait(handle, attempt)) => self.to_go(&handle, &attempt, id),
            Ok(Callbacked::Done(handle, cleared)) => {
                let mut response = self.to_result(&handle, id);
                set_cookie(&mut response, &cleared.0, "", 0);
                response
            }
            Err(refusal) => self.to_refusal(refusal, id),
        }
    }
}

fn read(request: &Request) -> Result<Callback, FieldError> {
    let query = request::query(request)?;
    let [state, code, tenant, admin_consent, error, error_description] =
        CALLBACK_FIELDS.map(|(name, max)| value(&query, name, max));
    Ok(Callback {
        unverified_state: state?,
        unverified_code: code?.map(Into::into),
        unverified_tenant: tenant?,
        unverified_admin_consent: admin_consent?,
        unverified_error: error?,
        unverified_error_description: error_description?,
    })
}

fn value(query: &Fields, name: &'static str, max: usize) -> Result<Option<String>, FieldError> {
    Ok(query.optional(name, max)?.map(str::to_owned))
}
