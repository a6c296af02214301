//! The PEM blocks of a text (RFC 7468), all of them or none: a block that cannot be read is an
//! error with its number, never passed over. Line breaks that a tool took away are no loss:
//! blocks are found by their dashes wherever they stand, and `\n` as two characters, blanks and
//! indentation are taken out of the base64 between them. The text between blocks is free.

use std::borrow::Cow;
use std::fmt;

use auth::encoding::{base64_standard, from_base64_standard};
use auth::text::decoded;

pub(super) const BEGIN: &str = "-----BEGIN";
const END: &str = "-----END";
const DASHES: &str = "-----";
/// Characters of a line of base64 (RFC 7468 §2).
const LINE: usize = 64;

/// RFC 1421 §4.6.1.1, as OpenSSL writes it into its traditional key files.
const TRADITIONAL_ENCRYPTION: [&str; 2] = ["Proc-Type", "ENCRYPTED"];

/// A PEM block. Without `Debug`: it can hold a key.
pub(crate) struct Block {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) label: Label,
    pub(crate) content: Content,
}

/// What is in a block.
pub(crate) enum Content {
    /// The bytes of the base64; at least one.
    Der(Vec<u8>),
    /// A key that OpenSSL encrypted in its traditional way.
    Encrypted,
}

/// A block that is damaged. Nothing of its content is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("PEM block {number} ({label}) is damaged: {damage}")]
pub struct DamagedBlock {
    /// Counted from 1.
    number: usize,
    label: Label,
    damage: Damage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Damage {
    #[error("the dashes that end its first line are missing: export it again")]
    FirstLine,
    #[error(
        "its line breaks are lost, and all after the first one with them: pass the whole text in \
         one line, with \\n for each line break or as base64 of the file"
    )]
    FirstLineAlone,
    #[error("its first line is missing or damaged (five dashes and BEGIN): export it again")]
    NoFirstLine,
    #[error("its last line is missing: the text is cut off, pass all of it")]
    CutOff,
    #[error("its last line is that of another block ({0}): blocks are mixed up, export it again")]
    EndsAs(Label),
    #[error("it is empty: export it again")]
    Empty,
    #[error(
        "between its first and its last line is other than base64: pass it unchanged, or in one \
         line with \\n for each line break"
    )]
    NotBase64,
}

/// What the first line of a block says that it holds (RFC 7468 §4, OpenSSL's pem.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Certificate,
    /// With OpenSSL's trust settings after the certificate.
    TrustedCertificate,
    Pkcs8,
    Pkcs1,
    Sec1,
    EncryptedPkcs8,
    Request,
    PublicKey,
    Pkcs7,
    Pkcs12,
    RevocationList,
    Other,
}

impl Label {
    /// Blanks go: some tools take all of a text away.
    fn of(text: &str) -> Self {
        let words: String = text.split_whitespace().collect();
        match words.as_str() {
            "CERTIFICATE" | "X509CERTIFICATE" => Label::Certificate,
            "TRUSTEDCERTIFICATE" => Label::TrustedCertificate,
            "PRIVATEKEY" => Label::Pkcs8,
            "RSAPRIVATEKEY" => Label::Pkcs1,
            "ECPRIVATEKEY" => Label::Sec1,
            "ENCRYPTEDPRIVATEKEY" => Label::EncryptedPkcs8,
            "CERTIFICATEREQUEST" | "NEWCERTIFICATEREQUEST" => Label::Request,
            "PUBLICKEY" | "RSAPUBLICKEY" => Label::PublicKey,
            "PKCS7" | "CMS" => Label::Pkcs7,
            "PKCS12" => Label::Pkcs12,
            "X509CRL" => Label::RevocationList,
            _ => Label::Other,
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Label::Certificate => "CERTIFICATE",
            Label::TrustedCertificate => "TRUSTED CERTIFICATE",
            Label::Pkcs8 => "PRIVATE KEY",
            Label::Pkcs1 => "RSA PRIVATE KEY",
            Label::Sec1 => "EC PRIVATE KEY",
            Label::EncryptedPkcs8 => "ENCRYPTED PRIVATE KEY",
            Label::Request => "CERTIFICATE REQUEST",
            Label::PublicKey => "PUBLIC KEY",
            Label::Pkcs7 => "PKCS7",
            Label::Pkcs12 => "PKCS12",
            Label::RevocationList => "X509 CRL",
            Label::Other => "of a kind that is not known here",
        })
    }
}

/// A PEM block as it is written (RFC 7468).
pub(crate) fn armoured(label: &str, der: &[u8]) -> String {
    let encoded = base64_standard(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    // Base64 is ASCII: every byte is a character.
    for line in encoded.as_bytes().chunks(LINE) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// Every block of a text, in its order.
pub(crate) fn blocks(text: &str) -> Result<Vec<Block>, DamagedBlock> {
    let mut parts = text.split(BEGIN);
    if parts.next().is_some_and(|before| before.contains(END)) {
        return Err(without_first_line(1));
    }
    parts
        .enumerate()
        .map(|(index, part)| block(index + 1, part))
        .collect()
}

/// `part`: what follows the dashes and BEGIN of this block, up to those of the next.
fn block(number: usize, part: &str) -> Result<Block, DamagedBlock> {
    let (first_line, rest) = part.split_once(DASHES).unwrap_or((part, ""));
    let label = Label::of(first_line);
    let damaged = |damage| DamagedBlock {
        number,
        label,
        damage,
    };
    if !part.contains(DASHES) || first_line.contains('\n') {
        return Err(damaged(Damage::FirstLine));
    }
    let Some((body, last_line)) = rest.split_once(END) else {
        return Err(damaged(match rest.trim().is_empty() {
            true => Damage::FirstLineAlone,
            false => Damage::CutOff,
        }));
    };
    match last_line.split_once(DASHES) {
        // The end of a block that never began, as far as we can see.
        Some((end, after)) if Label::of(end) == label && after.contains(END) => {
            return Err(without_first_line(number + 1));
        }
        Some((end, _)) if Label::of(end) == label => {}
        Some((end, _)) if !end.contains('\n') => {
            return Err(damaged(Damage::EndsAs(Label::of(end))));
        }
        _ => return Err(damaged(Damage::CutOff)),
    }
    let content = content(body).map_err(damaged)?;
    Ok(Block {
        number,
        label,
        content,
    })
}

fn without_first_line(number: usize) -> DamagedBlock {
    DamagedBlock {
        number,
        label: Label::Other,
        damage: Damage::NoFirstLine,
    }
}

fn content(body: &str) -> Result<Content, Damage> {
    if TRADITIONAL_ENCRYPTION
        .iter()
        .all(|word| body.contains(word))
    {
        return Ok(Content::Encrypted);
    }
    let digits = base64_digits(body);
    match from_base64_standard(&digits) {
        Some(der) if der.is_empty() => Err(Damage::Empty),
        Some(der) => Ok(Content::Der(der)),
        None => Err(Damage::NotBase64),
    }
}

/// The text without its blanks, and as it was before somebody's quoting: no backslash is
/// base64, so that each one is a sign of it.
fn base64_digits(body: &str) -> String {
    let mut digits = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, escaped)) = rest.split_once('\\') {
        digits.extend(before.split_whitespace());
        // More than one: it was quoted more than once.
        let escaped = escaped.trim_start_matches('\\');
        rest = match escaped.get(..5) {
            // As .NET writes + into JSON.
            Some("u002B" | "u002b") => {
                digits.push('+');
                &escaped[5..]
            }
            // A slash stands for itself in JSON, and the end of a line for nothing in a shell.
            _ => escaped.strip_prefix(['n', 'r', 't']).unwrap_or(escaped),
        };
    }
    digits.extend(rest.split_whitespace());
    digits
}

/// The bytes of base64 without the lines of PEM around it: `None` where it is anything else.
pub(super) fn without_armour(text: &str) -> Option<Vec<u8>> {
    let quotes = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    from_base64_standard(&base64_digits(text.trim_matches(quotes)))
}

/// PEM text that stands in base64 as a whole, as it was before.
pub(super) fn unwrapped(text: &str) -> Option<Cow<'_, str>> {
    if text.contains(BEGIN) {
        return Some(text.into());
    }
    let inside = decoded(&without_armour(text)?).ok()?;
    inside.contains(BEGIN).then(|| inside.into())
}
