//! The proof of possession that `addKey` and `removeKey` ask for (Microsoft: "Generating proof
//! of possession tokens for rolling keys"): a JWT signed by a key that the application has.
//! RS256 with `x5t` and `kid`, as Microsoft's sample makes it: of another form it is not known
//! whether Graph takes it.

use auth::Timestamp;
use auth::encoding::{base64url, from_base64url, hex};
use auth::ports::{AssertionSigner, SigningError};
use auth::protocol::AssertionForm;
use auth::secret::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Value, json};

/// The audience that Microsoft names: that of the older Azure AD Graph.
const AUDIENCE: &str = "00000002-0000-0000-c000-000000000000";
/// `exp` − `nbf`: the longest that Graph takes is 600.
const LIFE_SECONDS: i64 = 600;
/// `nbf` lies this far back, in case our clock runs ahead.
const BACKDATED_SECONDS: i64 = 30;

/// What is done with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rolling {
    Add,
    Remove,
}

impl Rolling {
    /// As Graph names it.
    pub(super) fn operation(self) -> &'static str {
        match self {
            Self::Add => "addKey",
            Self::Remove => "removeKey",
        }
    }
}

/// A proof that is to be signed.
pub(super) struct Proof<'a> {
    /// The application's object ID, not its client ID.
    pub(super) object_id: &'a str,
    pub(super) rolling: Rolling,
    pub(super) issued_at: Timestamp,
}

/// A proof as it is sent.
pub(super) struct SignedProof(SecretString);

impl Serialize for SignedProof {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}

impl Proof<'_> {
    /// The JWT. Its audit line is written before it goes anywhere.
    pub(super) async fn signed_by(
        &self,
        signer: &dyn AssertionSigner,
    ) -> Result<SignedProof, SigningError> {
        let thumbprint = &signer.identity().sha1_thumbprint;
        let digest = from_base64url(thumbprint).unwrap_or_default();
        let kid = hex(&digest).to_uppercase();
        let header = json!({"alg": "RS256", "kid": kid, "typ": "JWT", "x5t": thumbprint});
        let not_before = self.issued_at.unix() - BACKDATED_SECONDS;
        let claims = json!({
            "aud": AUDIENCE,
            "iss": self.object_id,
            "nbf": not_before,
            "exp": not_before + LIFE_SECONDS,
        });
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = signer.sign(AssertionForm::Rs256, signed.as_bytes()).await;
        self.note(signer, &signature);
        let proof = format!("{signed}.{}", base64url(&signature?));
        Ok(SignedProof(proof.into()))
    }

    fn note<T>(&self, signer: &dyn AssertionSigner, outcome: &Result<T, SigningError>) {
        let operation = self.rolling.operation();
        tracing::info!(
            target: "audit",
            event = "key_proof_signed",
            outcome = if outcome.is_ok() { "signed" } else { "not_signed" },
            purpose = operation,
            certificate = signer.identity().sha256_thumbprint,
            reason = outcome.as_ref().err().map(tracing::field::display),
            "a proof of possession for {operation}"
        );
    }
}

fn part(value: &Value) -> String {
    base64url(value.to_string().as_bytes())
}
