//! Files with certificates and keys (PEM, DER, PFX): they are read or refused, what a pair
//! is made of signs, and no refusal holds a part of the file.

use auth::Timestamp;
use auth::secret::SecretString;
use auth::text::decoded;
use microsoft::SigningKey;
use microsoft::certificate::{Bundle, CertificateError, FileForm};
use operator::pfx;

/// 2026-06-01: the fixtures are valid then.
const NOW: Timestamp = Timestamp::from_unix(1_780_272_000);
/// The longest file that is tried; those of the operator may have a megabyte.
const LONGEST: usize = 16 * 1024;
/// A PFX file says how often its password is hashed. More often than this is only slow.
const ROUNDS_MAX: u64 = 5_000;
/// The password of the fixtures.
const PASSWORD: &str = "secret";

/// The whole input is the file.
pub(super) fn certificate_files(data: &[u8]) {
    if data.len() > LONGEST {
        return;
    }
    check_text(data);
    let text = String::from_utf8_lossy(data);
    check_refusal(&text, SigningKey::from_pem(&text, NOW).map(drop));
    match FileForm::recognise(data) {
        Err(error) => check_refusal(&text, Err::<(), _>(error)),
        Ok(FileForm::Pem(text)) => check(&text, Bundle::from_pem(&text)),
        Ok(FileForm::Der(der)) => check(&text, Bundle::new(&[der], Vec::new())),
        Ok(FileForm::Pfx(der)) if is_slow(&der) => {}
        Ok(FileForm::Pfx(der)) => {
            for password in ["", PASSWORD] {
                if let Ok(bundle) = pfx::open(&der, &SecretString::from(password)) {
                    check(&text, Ok(bundle));
                }
            }
        }
    }
}

/// A text that was read is read again as it is, with the marks that Windows tools write too.
fn check_text(data: &[u8]) {
    let Ok(text) = decoded(data) else {
        return;
    };
    assert_eq!(decoded(text.as_bytes()).as_ref(), Ok(&text));
    let marked = format!("\u{feff}{}\0", text.replace('\n', "\r\n"));
    assert_eq!(decoded(marked.as_bytes()).as_ref(), Ok(&text));
    let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // A mark with two NULs behind it is that of UTF-32.
    if !text.is_empty() {
        assert_eq!(decoded(&wide), Ok(text));
    }
}

fn check(text: &str, bundle: Result<Bundle, CertificateError>) {
    let bundle = match bundle {
        Ok(bundle) => bundle,
        Err(error) => return check_refusal(text, Err::<(), _>(error)),
    };
    assert!(!bundle.certificates().is_empty());
    let inspection = bundle.inspect(NOW);
    assert_eq!(inspection.others.len() + 1, bundle.certificates().len());
    assert!(inspection.index < bundle.certificates().len());
    assert_eq!(inspection.private_keys, bundle.private_key_count());
    match bundle.pair(NOW) {
        Ok(pair) => {
            assert!(inspection.problems.is_empty(), "{:?}", inspection.problems);
            let signing = SigningKey::from_secret(&pair.secret, NOW).unwrap();
            assert_eq!(signing.certificate(), &pair.certificate);
            assert_eq!(pair.certificate, inspection.certificate);
        }
        Err(error) => check_refusal(text, Err::<(), _>(error)),
    }
}

/// No line of the file that could be of a key is in what is said of it.
fn check_refusal<T>(text: &str, read: Result<T, CertificateError>) {
    let Err(error) = read else {
        return;
    };
    let said = format!("{error} {error:?}");
    let of_key = |line: &&str| line.len() >= 32 && !line.contains([' ', '-']);
    for line in text.lines().filter(of_key) {
        assert!(!said.contains(line), "{said}");
    }
}

/// Whether some whole number of the file is larger than a count of rounds that is tried.
fn is_slow(der: &[u8]) -> bool {
    (0..der.len()).any(|at| {
        let [0x02, length, rest @ ..] = &der[at..] else {
            return false;
        };
        let number = rest.get(..usize::from(*length)).unwrap_or_default();
        let is_count = (2..=8).contains(&number.len());
        is_count
            && number
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
                > ROUNDS_MAX
    })
}
