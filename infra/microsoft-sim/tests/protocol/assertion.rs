//! A client's key and its assertions, made from scratch.

use std::sync::OnceLock;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::world::{CLIENT_ID, START};

/// The application's key, made once for all tests.
pub(crate) fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    IDENTITY.get_or_init(Identity::make)
}

/// A key with its certificate.
pub(crate) struct Identity {
    pub(crate) pair: KeyPair,
    pub(crate) certificate: Vec<u8>,
}

impl Identity {
    pub(crate) fn make() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let pkcs8 = der.as_ref().to_vec();
        let signer =
            rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.into(), &rcgen::PKCS_RSA_SHA256)
                .unwrap();
        let mut parameters = rcgen::CertificateParams::default();
        parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2027, 1, 1);
        // Until both thumbprints have a character in which the two base64
        // alphabets differ: a test could not tell them apart otherwise.
        let mut serial = 0_u64;
        loop {
            serial += 1;
            parameters.serial_number = Some(serial.into());
            let certificate = parameters.self_signed(&signer).unwrap().der().to_vec();
            let identity = Self {
                pair: pair.clone(),
                certificate,
            };
            let tells = |thumbprint: Vec<u8>| STANDARD.encode(thumbprint).contains(['+', '/']);
            if tells(identity.sha1()) && tells(identity.sha256()) {
                return identity;
            }
        }
    }

    pub(crate) fn sha1(&self) -> Vec<u8> {
        digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.certificate)
            .as_ref()
            .to_vec()
    }

    pub(crate) fn sha256(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, &self.certificate)
            .as_ref()
            .to_vec()
    }
}

/// A client assertion before it is signed.
pub(crate) struct Assertion {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Assertion {
    /// The 2016 form, with a typ: RS256 and x5t.
    pub(crate) fn new(audience: &str) -> Self {
        Self {
            header: json!({
                "alg": "RS256",
                "typ": "JWT",
                "x5t": URL_SAFE_NO_PAD.encode(identity().sha1()),
            }),
            claims: json!({
                "aud": audience,
                "iss": CLIENT_ID,
                "sub": CLIENT_ID,
                "jti": "0ce254c4-81b1-4a2e-8436-9a8c3b49dfb9",
                "nbf": START,
                "exp": START + 600,
            }),
        }
    }

    pub(crate) fn sign(&self) -> String {
        self.sign_with(&identity().pair)
    }

    pub(crate) fn sign_with(&self, pair: &KeyPair) -> String {
        let padding: &'static dyn RsaEncoding = match self.header["alg"].as_str() {
            Some("PS256") => &RSA_PSS_SHA256,
            _ => &RSA_PKCS1_SHA256,
        };
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(self.header.to_string()),
            URL_SAFE_NO_PAD.encode(self.claims.to_string()),
        );
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            padding,
            &SystemRandom::new(),
            signed.as_bytes(),
            &mut signature,
        )
        .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
