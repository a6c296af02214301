//! How an inspected certificate looks: JSON with every fact for a script, fields and
//! two JSON documents to paste for a person.

use auth::Timestamp;
use auth::text::printable;
use microsoft::certificate::{
    CertificateFacts, Choice, Inspection, KeyCredential, KeyCredential2016, PrivateKeyState,
    PublicKeyKind, Validity,
};
use serde::Serialize;

use super::thumbprints::Digests;
use crate::output;

/// An inspected certificate. Times are RFC 3339 in UTC.
#[derive(Serialize)]
pub(super) struct CertificateView<'a> {
    file: &'a str,
    form: &'static str,
    /// The place of the certificate among those of the file, counted from 1.
    certificate: usize,
    certificates: usize,
    /// `only`, `has_key` or `leaf`.
    chosen: &'static str,
    subject: &'a str,
    issuer: &'a str,
    not_before: String,
    not_after: String,
    /// Whole days until `not_after`, rounded down; negative when that is over.
    days_left: i64,
    /// `valid`, `expired` or `not_yet_valid`.
    validity: &'static str,
    key_type: &'a str,
    /// Of an RSA key.
    key_bits: Option<usize>,
    private_keys: usize,
    /// `absent`, `matches`, `mismatch`, `encrypted`, `unusable` or `not_compared`.
    private_key: &'static str,
    thumbprints: Digests,
    other_certificates: Vec<Other<'a>>,
    /// Whether Entra ID would take an assertion under it now; false also when the key in
    /// the file is another's.
    usable: bool,
    problems: Vec<String>,
    key_credential: &'a KeyCredential,
    key_credential_2016: KeyCredential2016,
    #[serde(skip)]
    inspection: &'a Inspection,
    #[serde(skip)]
    now: Timestamp,
}

/// A certificate of the file that does not count.
#[derive(Serialize)]
struct Other<'a> {
    subject: &'a str,
    sha1_hex: String,
}

impl<'a> CertificateView<'a> {
    pub(super) fn new(
        file: &'a str,
        form: &'static str,
        inspection: &'a Inspection,
        credential: &'a KeyCredential,
        now: Timestamp,
    ) -> Self {
        let certificate = &inspection.certificate;
        Self {
            file,
            form,
            certificate: inspection.index + 1,
            certificates: inspection.others.len() + 1,
            chosen: chosen(inspection.choice),
            subject: &certificate.subject,
            issuer: &certificate.issuer,
            not_before: certificate.not_before.to_string(),
            not_after: certificate.not_after.to_string(),
            days_left: (certificate.not_after.unix() - now.unix()).div_euclid(86_400),
            validity: validity_code(certificate.validity(now)),
            key_type: key_type(&certificate.key),
            key_bits: key_bits(&certificate.key),
            private_keys: inspection.private_keys,
            private_key: private_key_code(inspection.private_key),
            thumbprints: Digests::of(certificate),
            other_certificates: inspection.others.iter().map(other).collect(),
            usable: inspection.problems.is_empty(),
            problems: inspection
                .problems
                .iter()
                .map(ToString::to_string)
                .collect(),
            key_credential: credential,
            key_credential_2016: credential.in_form_of_2016(),
            inspection,
            now,
        }
    }
}

fn chosen(choice: Choice) -> &'static str {
    match choice {
        Choice::Only => "only",
        Choice::HasKey => "has_key",
        Choice::Leaf => "leaf",
    }
}

fn validity_code(validity: Validity) -> &'static str {
    match validity {
        Validity::Valid(_) => "valid",
        Validity::Expired(_) => "expired",
        Validity::NotYet(_) => "not_yet_valid",
    }
}

fn told_validity(validity: Validity) -> String {
    match validity {
        Validity::Valid(days) => format!("valid, {days} days left"),
        Validity::Expired(days) => format!("EXPIRED {days} days ago"),
        Validity::NotYet(days) => format!("NOT YET VALID, begins in {days} days"),
    }
}

fn key_type(key: &PublicKeyKind) -> &str {
    match key {
        PublicKeyKind::Rsa(_) => "RSA",
        PublicKeyKind::Other(name) => name,
    }
}

fn key_bits(key: &PublicKeyKind) -> Option<usize> {
    match key {
        PublicKeyKind::Rsa(bits) => Some(*bits),
        PublicKeyKind::Other(_) => None,
    }
}

fn private_key_code(state: PrivateKeyState) -> &'static str {
    match state {
        PrivateKeyState::Absent => "absent",
        PrivateKeyState::Matches => "matches",
        PrivateKeyState::Mismatch => "mismatch",
        PrivateKeyState::Encrypted => "encrypted",
        PrivateKeyState::Unusable => "unusable",
        PrivateKeyState::NotCompared => "not_compared",
    }
}

fn told_private_key(inspection: &Inspection) -> String {
    let told = match inspection.private_key {
        PrivateKeyState::Absent => "not in this file",
        PrivateKeyState::Matches => "present, belongs to the certificate",
        PrivateKeyState::Mismatch => "present, but belongs to ANOTHER certificate",
        PrivateKeyState::Encrypted => "present, but encrypted: not compared",
        PrivateKeyState::Unusable => "present, but CANNOT BE READ as an RSA key",
        PrivateKeyState::NotCompared => "present, not compared: the certificate is not RSA",
    };
    match inspection.private_keys {
        0 | 1 => told.to_owned(),
        many => format!("{told} ({many} private keys in this file)"),
    }
}

fn told_choice(shown: &CertificateView<'_>) -> String {
    let place = format!(
        "{} of {} in the file",
        shown.certificate, shown.certificates
    );
    let inspection = shown.inspection;
    match inspection.choice {
        Choice::Only => "the only one in the file".to_owned(),
        Choice::HasKey if several_have_keys(inspection) => {
            let valid = matches!(
                inspection.certificate.validity(shown.now),
                Validity::Valid(_)
            );
            let first = if valid { "first valid one" } else { "first" };
            format!("{place}: the {first} that a private key belongs to")
        }
        Choice::HasKey => format!("{place}: the one that the private key belongs to"),
        Choice::Leaf => format!("{place}: the leaf"),
    }
}

/// Several keys, or several certificates over one: a certificate and its renewal.
fn several_have_keys(inspection: &Inspection) -> bool {
    let certified = &inspection.certificate.public_key_der;
    let over_the_same = |other: &CertificateFacts| other.public_key_der == *certified;
    inspection.private_keys > 1 || inspection.others.iter().any(over_the_same)
}

fn other(certificate: &CertificateFacts) -> Other<'_> {
    Other {
        subject: &certificate.subject,
        sha1_hex: certificate.thumbprints().sha1.hex(),
    }
}

pub(super) fn for_a_person(shown: &CertificateView<'_>) -> anyhow::Result<String> {
    let mut text = facts(shown);
    for other in &shown.other_certificates {
        let (subject, hex) = (printable(other.subject), &other.sha1_hex);
        text.push_str(&format!("also in the file: {subject} (SHA-1 {hex})\n"));
    }
    text.push('\n');
    text.push_str(&shown.thumbprints.for_a_person());
    text.push_str(
        "\nkey credential, an element of keyCredentials in the application's manifest (Microsoft \
         Graph)\n",
    );
    text.push_str(&serde_json::to_string_pretty(shown.key_credential)?);
    text.push_str("\n\nthe same for a manifest of 2016 (Azure AD Graph)\n");
    text.push_str(&serde_json::to_string_pretty(&shown.key_credential_2016)?);
    text.push('\n');
    Ok(text)
}

fn facts(shown: &CertificateView<'_>) -> String {
    let certificate = &shown.inspection.certificate;
    let verdict = if shown.usable {
        "Entra ID takes it".to_owned()
    } else {
        format!("NOT USABLE: {}", shown.problems.join("; "))
    };
    output::fields(
        0,
        &[
            ("file", format!("{} ({})", shown.file, shown.form)),
            ("certificate", told_choice(shown)),
            ("subject", shown.subject.to_owned()),
            ("issuer", shown.issuer.to_owned()),
            ("not before", shown.not_before.clone()),
            ("not after", shown.not_after.clone()),
            ("validity", told_validity(certificate.validity(shown.now))),
            ("key", certificate.key.to_string()),
            ("private key", told_private_key(shown.inspection)),
            ("verdict", verdict),
        ],
    )
}
