//! The answers of STS: XML, or JSON where that is asked for (STS API reference, "Common
//! Errors", and the examples of `GetCallerIdentity`).

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};

use crate::sigv4::{AccessKey, Denied};

/// In which form is answered.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Xml,
    Json,
}

impl Form {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match headers.get(header::ACCEPT) {
            Some(accept) if accept == "application/json" => Self::Json,
            _ => Self::Xml,
        }
    }
}

/// Why there is no identity.
pub(super) enum Fault {
    /// It is not the one operation that is played.
    Action,
    /// It is not signed as it must be.
    Denied(Denied),
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

pub(super) fn identity(form: Form, key: &AccessKey, request_id: &str) -> Response {
    let (account, arn, user_id) = (&key.role.account, key.arn(), key.user_id());
    let body = match form {
        Form::Json => json!({"GetCallerIdentityResponse": {
            "GetCallerIdentityResult": {"Account": account, "Arn": arn, "UserId": user_id},
            "ResponseMetadata": {"RequestId": request_id},
        }})
        .to_string(),
        // None of the texts holds a character that XML escapes: `access-key.json` has words.
        Form::Xml => format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetCallerIdentityResult><Arn>{arn}</Arn><UserId>{user_id}</UserId>\
             <Account>{account}</Account></GetCallerIdentityResult><ResponseMetadata>\
             <RequestId>{request_id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
        ),
    };
    answer(StatusCode::OK, form, body)
}

pub(super) fn fault(form: Form, fault: &Fault, request_id: &str) -> Response {
    let (status, code, message) = described(fault);
    let body = match form {
        Form::Json => {
            let error: Value = json!({"Type": "Sender", "Code": code, "Message": message});
            json!({"Error": error, "RequestId": request_id}).to_string()
        }
        Form::Xml => format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
             <Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>{request_id}</RequestId></ErrorResponse>"
        ),
    };
    answer(status, form, body)
}

fn described(fault: &Fault) -> (StatusCode, &'static str, String) {
    let denied = match fault {
        Fault::Action => {
            let message = "The action or operation requested is invalid.".to_owned();
            return (StatusCode::BAD_REQUEST, "InvalidAction", message);
        }
        Fault::Denied(denied) => denied,
    };
    let (status, code) = match denied {
        Denied::Gateway(_) => (StatusCode::BAD_REQUEST, "ValidationError"),
        Denied::Unsigned => (StatusCode::FORBIDDEN, "MissingAuthenticationToken"),
        Denied::Incomplete(_) | Denied::InTheQuery => {
            (StatusCode::BAD_REQUEST, "IncompleteSignature")
        }
        Denied::UnknownKey => (StatusCode::FORBIDDEN, "InvalidClientTokenId"),
        Denied::Invalid(_) | Denied::Expired { .. } | Denied::NotYet { .. } | Denied::Mismatch => {
            (StatusCode::FORBIDDEN, "SignatureDoesNotMatch")
        }
    };
    let message = match denied {
        Denied::Gateway(_) => "Bad Request".to_owned(),
        Denied::Unsigned => "Request is missing Authentication Token".to_owned(),
        Denied::Incomplete(message) => (*message).to_owned(),
        Denied::InTheQuery => "A signature in the query is not played.".to_owned(),
        Denied::UnknownKey => "The security token included in the request is invalid.".to_owned(),
        invalid => invalid.why_invalid(),
    };
    (status, code, message)
}

fn answer(status: StatusCode, form: Form, body: String) -> Response {
    let media_type = match form {
        Form::Json => "application/json",
        Form::Xml => "text/xml",
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static(media_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type);
    response
}
