//! The certificate authority of one data directory (RFC 5280): its key, its certificate,
//! and what it signs. It is limited to this machine's own names, so that a person who
//! trusts it trusts no other machine and no other name by it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use auth::Timestamp;
use auth::ports::Random;
use auth::secret::{ExposeSecret as _, SecretString};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PublicKeyData as _, SanType, SerialNumber,
};
use time::OffsetDateTime;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Begins every block of PEM (RFC 7468).
const BEGIN: &str = "-----BEGIN ";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Long: a new one must be imported again by everybody who has imported the old one.
const AUTHORITY_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
/// Apple takes 398 days at most from a public CA, Chromium the same; less is free here,
/// because a new one is made while the run goes on.
pub(super) const LEAF_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// Valid from a little before now, for a clock that was set back since.
pub(super) const BACKDATED: Duration = DAY;

/// The authority, ready to sign.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// A certificate for this machine's names, with its key.
pub(super) struct SignedLeaf {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
}

/// What is wrong with a CA that was kept. The texts hold no key material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Its key.
    Key(&'static str),
    /// Its certificate; a new one can be made from the key.
    Certificate(String),
}

/// A new key for an authority: P-256, PEM.
pub(crate) fn make_key() -> Result<SecretString, rcgen::Error> {
    Ok(KeyPair::generate()?.serialize_pem().into())
}

/// A new certificate for an authority, PEM. The same key gives the same name and key
/// identifier: what was signed under an older certificate holds under this one too.
pub(crate) fn make_certificate(
    key_pem: &SecretString,
    now: Timestamp,
    random: &dyn Random,
) -> Result<String, Unusable> {
    let key = read_key(key_pem)?;
    let failed = |_| Unusable::Key("no certificate could be made from it");
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Names are limited below only where a certificate has some of that kind. This limits
    // what it is for: it vouches for no program, mail or login.
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters.name_constraints = Some(own_names_only());
    parameters.serial_number = Some(serial(random));
    parameters.not_before = instant(now - BACKDATED).map_err(failed)?;
    parameters.not_after = instant(now + AUTHORITY_LIFE).map_err(failed)?;
    // Two data directories' CAs in one trust store must not have one name.
    let identifier = parameters.key_identifier(&key);
    let identifier: String = identifier
        .iter()
        .take(4)
        .map(|b| format!("{b:02x}"))
        .collect();
    parameters.distinguished_name = named(&format!("Token broker on one machine, CA {identifier}"));
    let certificate = parameters.self_signed(&key);
    certificate
        .map(|certificate| certificate.pem())
        .map_err(|_| Unusable::Key("no certificate could be made from it"))
}

impl Authority {
    /// The authority from what was kept.
    pub(crate) fn open(
        certificate_pem: &str,
        key_pem: &SecretString,
        now: Timestamp,
    ) -> Result<Self, Unusable> {
        let key = read_key(key_pem)?;
        let der = read_certificate(certificate_pem)?;
        let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| unreadable())?;
        check(&certificate, &key, now)?;
        let validity = certificate.validity();
        let (from, until) = (&validity.not_before, &validity.not_after);
        let (not_before, not_after) = (from.timestamp(), until.timestamp());
        Ok(Self {
            issuer: Issuer::from_ca_cert_der(&der, key).map_err(|_| unreadable())?,
            certificate_pem: certificate_pem.to_owned(),
            not_before: Timestamp::from_unix(not_before),
            not_after: Timestamp::from_unix(not_after),
        })
    }

    /// Its certificate, PEM.
    pub(crate) fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Its `notAfter`: nothing that it signs lasts longer.
    pub(super) fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Signs a certificate with a fresh key for `localhost`, 127.0.0.1 and ::1.
    pub(super) fn sign_leaf(
        &self,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<SignedLeaf, rcgen::Error> {
        let key = KeyPair::generate()?;
        let not_before = (now - BACKDATED).max(self.not_before);
        let not_after = (now + LEAF_LIFE).min(self.not_after);
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = named("localhost");
        parameters.subject_alt_names = own_names()?;
        parameters.is_ca = IsCa::ExplicitNoCa;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        parameters.serial_number = Some(serial(random));
        parameters.not_before = instant(not_before)?;
        parameters.not_after = instant(not_after)?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok(SignedLeaf {
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            not_before,
            not_after,
        })
    }
}

/// The one certificate of the file. Clients are given the file as it is and read every
/// block of it; the AWS SDK's panics over one that it cannot read. So it is read here as
/// they read it: by rustls, and into a store of roots.
fn read_certificate(pem: &str) -> Result<CertificateDer<'static>, Unusable> {
    if pem.matches(BEGIN).nth(1).is_some() {
        let reason = "it is to hold one certificate in PEM, and nothing else may be in it";
        return Err(Unusable::Certificate(reason.to_owned()));
    }
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| unreadable())?;
    let taken = RootCertStore::empty().add(der.clone());
    taken.map(|()| der).map_err(|_| unreadable())
}

fn unreadable() -> Unusable {
    Unusable::Certificate("it is no certificate in PEM".to_owned())
}

fn read_key(pem: &SecretString) -> Result<KeyPair, Unusable> {
    KeyPair::from_pem(pem.expose_secret())
        .map_err(|_| Unusable::Key("it is no private key in PEM (unencrypted PKCS#8)"))
}

fn check(certificate: &X509Certificate<'_>, key: &KeyPair, now: Timestamp) -> Result<(), Unusable> {
    let refuse = |reason: String| Err(Unusable::Certificate(reason));
    if !certificate.is_ca() {
        return refuse("it is not the certificate of a CA".to_owned());
    }
    if certificate.public_key().raw != key.subject_public_key_info() {
        return refuse("it does not belong to the key beside it".to_owned());
    }
    let validity = certificate.validity();
    let ends = Timestamp::from_unix(validity.not_after.timestamp());
    if ends <= now {
        return refuse(format!("it expired at {ends}"));
    }
    let begins = Timestamp::from_unix(validity.not_before.timestamp());
    if now < begins {
        return refuse(format!(
            "it is valid only from {begins} on; check the clock"
        ));
    }
    Ok(())
}

fn own_names() -> Result<Vec<SanType>, rcgen::Error> {
    Ok(vec![
        SanType::DnsName("localhost".try_into()?),
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ])
}

/// A thief of the key can play this machine to itself and to no other
/// (RFC 5280 §4.2.1.10).
fn own_names_only() -> NameConstraints {
    let address =
        |address, prefix| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, prefix));
    NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            address(IpAddr::V4(Ipv4Addr::LOCALHOST), 32),
            address(IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
        ],
        excluded_subtrees: Vec::new(),
    }
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// 16 bytes, positive, of one length (RFC 5280 §4.1.2.2 allows 20).
fn serial(random: &dyn Random) -> SerialNumber {
    let mut bytes = [0u8; 16];
    random.fill(&mut bytes);
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn instant(at: Timestamp) -> Result<OffsetDateTime, rcgen::Error> {
    OffsetDateTime::from_unix_timestamp(at.unix()).map_err(|_| rcgen::Error::Time)
}
