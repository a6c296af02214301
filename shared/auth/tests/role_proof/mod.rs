//! The proof by a signed `GetCallerIdentity` request: what leaves for STS and what does not,
//! what is remembered and for how long, and what happens when STS does not answer.

mod refused;
mod remembered;
mod unfit;
mod unfit_headers;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::caller::{AwsIdentity, IdentityRequest, IdentityRules, SignedBy};
use auth::encoding::base64url;
use auth::ports::{CallerIdentities, HeldClock, IdentityError, ProofError, SignedProof as _};
use auth::role_proof::{RoleProof, RoleProofParts};
use auth::secret::ExposeSecret as _;

/// 7 August 2026, 01:37:53 UTC.
const NOW: i64 = 1_786_066_673;
const SERVER_ID: &str = "broker.example";
const SIGNATURE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Host, and the headers as they would go out.
type Asked = (String, Vec<(String, String)>);

/// An STS that says the same of every request, and remembers what it was asked.
struct Sts {
    says: Mutex<Result<AwsIdentity<'static>, IdentityError>>,
    asked: Mutex<Vec<Asked>>,
}

#[async_trait]
impl CallerIdentities for Sts {
    async fn signer(
        &self,
        request: &IdentityRequest,
    ) -> Result<AwsIdentity<'static>, IdentityError> {
        let headers = request
            .headers()
            .map(|(name, value)| (name.to_owned(), value.expose_secret().to_owned()));
        let asked = (request.host().to_owned(), headers.collect());
        self.asked.lock().unwrap().push(asked);
        self.says.lock().unwrap().clone()
    }
}

struct Stage {
    sts: Arc<Sts>,
    clock: Arc<HeldClock>,
    proof: RoleProof,
}

fn identity(arn: &str, user_id: &str) -> AwsIdentity<'static> {
    AwsIdentity {
        account: "111122223333".into(),
        arn: arn.to_owned().into(),
        user_id: user_id.to_owned().into(),
    }
}

fn role() -> AwsIdentity<'static> {
    identity(
        "arn:aws:sts::111122223333:assumed-role/collector/i-0abc",
        "AROAEXAMPLE:i-0abc",
    )
}

impl Stage {
    fn new() -> Self {
        let sts = Arc::new(Sts {
            says: Mutex::new(Ok(role())),
            asked: Mutex::default(),
        });
        let clock = Arc::new(HeldClock::at(NOW));
        let proof = RoleProof::new(RoleProofParts {
            identities: sts.clone(),
            rules: IdentityRules {
                server_id: SERVER_ID.parse().unwrap(),
                regions: "eu-central-1,us-east-1".parse().unwrap(),
            },
            clock: clock.clone(),
        });
        Self { sts, clock, proof }
    }

    fn says(&self, answer: Result<AwsIdentity<'static>, IdentityError>) {
        *self.sts.says.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.sts.asked.lock().unwrap().len()
    }

    async fn verify(&self, proof: &str) -> Result<SignedBy, ProofError> {
        self.proof.signed_by(proof).await
    }

    async fn refusal(&self, proof: &str) -> String {
        match self.verify(proof).await {
            Err(ProofError::Refused(reason)) => reason.into_owned(),
            other => panic!("not refused: {other:?}"),
        }
    }
}

/// A signed request before it is made a text.
#[derive(Clone)]
struct Signed {
    url: String,
    /// JSON, name and value.
    headers: Vec<(String, String)>,
}

impl Signed {
    /// A sound one of this access key.
    fn of(access_key_id: &str) -> Self {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={access_key_id}/20260807/eu-central-1/sts/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-m365tb-server-id, \
             Signature={SIGNATURE}"
        );
        Self {
            url: "https://sts.eu-central-1.amazonaws.com/".to_owned(),
            headers: Vec::new(),
        }
        .with(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )
        .with("X-Amz-Date", "20260807T013753Z")
        .with("X-Amz-Security-Token", "IQoJb3JpZ2lu+/=")
        .with("X-M365TB-Server-Id", SERVER_ID)
        .with("Authorization", &authorization)
    }

    fn sound() -> Self {
        Self::of("ASIAEXAMPLE000000001")
    }

    /// With one more header, also where there is one of the name.
    fn with(mut self, name: &str, value: &str) -> Self {
        let json = |text: &str| serde_json::to_string(text).unwrap();
        self.headers.push((json(name), json(value)));
        self
    }

    /// With this text in the place of another one, in every header's name and value.
    fn changed(mut self, from: &str, to: &str) -> Self {
        let before = self.json();
        for (name, value) in &mut self.headers {
            *name = name.replace(from, to);
            *value = value.replace(from, to);
        }
        assert_ne!(before, self.json(), "{from}");
        self
    }

    fn without(mut self, name: &str) -> Self {
        let name = format!("\"{name}\"");
        let before = self.headers.len();
        self.headers.retain(|(own, _)| *own != name);
        assert_eq!(self.headers.len() + 1, before);
        self
    }

    fn to(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    fn json(&self) -> String {
        let headers = self.headers.iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        format!(
            r#"{{"url":{},"headers":{{{}}}}}"#,
            serde_json::to_string(&self.url).unwrap(),
            headers.join(",")
        )
    }

    fn text(&self) -> String {
        sealed(&self.json())
    }
}

fn sealed(json: &str) -> String {
    format!("aws-sts-v1.{}", base64url(json.as_bytes()))
}
