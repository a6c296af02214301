//! A registration taken into the directory: checked, its certificates parsed.
//!
//! Public keys are parsed here once, so that a token request only verifies.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::directory::redirect_uris;
use crate::directory::resources::Resource;
use crate::registration::{KeyCredential, Registration, RequiredResource};

/// Why a registration was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// A key credential is not usable.
    #[error("key credential {key_id}: {problem}")]
    KeyCredential {
        /// Which one.
        key_id: Uuid,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A redirect URI could not be registered at Microsoft either.
    #[error("redirect URI {uri}: {problem}")]
    RedirectUri {
        /// Which one.
        uri: String,
        /// The rule that it breaks.
        problem: &'static str,
    },
    /// A required resource does not exist.
    #[error("{0} is no resource that this directory knows")]
    UnknownResource(String),
    /// The owner is not one of the simulated tenants.
    #[error("home tenant {0} does not exist")]
    UnknownHomeTenant(Uuid),
    /// The registration could not be kept.
    #[error(transparent)]
    Storage(#[from] crate::files::OpenError),
    /// No identifier could be drawn.
    #[error(transparent)]
    Randomness(#[from] crate::platform::RandomnessFailed),
}

/// An application that requests can be checked against.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) registration: Registration,
    pub(crate) certificates: Vec<Certificate>,
}

/// A certificate whose key may sign client assertions.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) sha1: Vec<u8>,
    pub(crate) sha256: Vec<u8>,
    /// Last second of the certificate's validity.
    pub(crate) not_after: i64,
    pub(crate) rs256: ParsedPublicKey,
    pub(crate) ps256: ParsedPublicKey,
}

impl Application {
    pub(crate) fn parse(registration: Registration) -> Result<Self, RegisterError> {
        redirect_uris::check(&registration.redirect_uris)
            .map_err(|(uri, problem)| RegisterError::RedirectUri { uri, problem })?;
        for required in &registration.required_roles {
            if Resource::find(&required.resource).is_none() {
                return Err(RegisterError::UnknownResource(required.resource.clone()));
            }
        }
        let certificates = registration
            .key_credentials
            .iter()
            .map(parse_credential)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            registration,
            certificates,
        })
    }

    pub(crate) fn client_id(&self) -> Uuid {
        self.registration.client_id
    }

    /// Whether the registration lists this resource.
    pub(crate) fn requires(&self, resource: &Resource) -> bool {
        self.required_scopes()
            .any(|(known, _)| known.app_id == resource.app_id)
    }

    /// Every required application role with its resource.
    pub(crate) fn required_roles(&self) -> impl Iterator<Item = (&'static Resource, &str)> {
        self.required_resources().flat_map(|(resource, required)| {
            let roles = required.roles.iter();
            roles.map(move |role| (resource, role.as_str()))
        })
    }

    /// Every required delegated scope with its resource.
    pub(crate) fn required_scopes(&self) -> impl Iterator<Item = (&'static Resource, &str)> {
        self.required_resources().flat_map(|(resource, required)| {
            let scopes = required.delegated();
            scopes.map(move |scope| (resource, scope))
        })
    }

    fn required_resources(&self) -> impl Iterator<Item = (&'static Resource, &RequiredResource)> {
        let required = self.registration.required_roles.iter();
        required.filter_map(|required| Some((Resource::find(&required.resource)?, required)))
    }

    /// What the consent page lists.
    pub(crate) fn permission_names(&self) -> Vec<String> {
        self.registration
            .required_roles
            .iter()
            .flat_map(|required| {
                let name = |permission| format!("{}/{permission}", required.resource);
                required.delegated().map(name)
            })
            .collect()
    }

    /// A required permission that its resource no longer has.
    pub(crate) fn invalid_permission(&self) -> Option<&str> {
        self.required_scopes()
            .find(|(resource, permission)| !resource.offers(permission))
            .map(|(_, permission)| permission)
    }
}

fn parse_credential(credential: &KeyCredential) -> Result<Certificate, RegisterError> {
    parse_certificate(credential).map_err(|problem| RegisterError::KeyCredential {
        key_id: credential.key_id,
        problem,
    })
}

fn parse_certificate(credential: &KeyCredential) -> Result<Certificate, &'static str> {
    if credential.r#type != "AsymmetricX509Cert" || credential.usage != "Verify" {
        return Err("type must be AsymmetricX509Cert and usage Verify");
    }
    let der = STANDARD
        .decode(&credential.key)
        .map_err(|_| "key is not standard base64")?;
    let (_, certificate) =
        x509_parser::parse_x509_certificate(&der).map_err(|_| "key is not a DER certificate")?;
    let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &der);
    // Assumption `key-identifier-is-thumbprint`.
    if STANDARD
        .decode(&credential.custom_key_identifier)
        .as_deref()
        != Ok(sha1.as_ref())
    {
        return Err("customKeyIdentifier is not the base64 SHA-1 of the certificate");
    }
    // aws-lc refuses what is not RSA, or RSA below 2048 bits.
    let public = certificate.public_key().raw;
    let rejected = |_| "the certificate's key is not RSA of 2048 bits or more";
    Ok(Certificate {
        sha1: sha1.as_ref().to_vec(),
        sha256: digest::digest(&digest::SHA256, &der).as_ref().to_vec(),
        not_after: certificate.validity().not_after.timestamp(),
        rs256: ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).map_err(rejected)?,
        ps256: ParsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, public).map_err(rejected)?,
    })
}
