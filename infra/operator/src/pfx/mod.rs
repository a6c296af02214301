//! Opening PFX (PKCS#12, RFC 7292) files: the certificates and private keys in them, as
//! OpenSSL, keytool and pyca open them (the table is in `tests/fixtures/pfx`). The format needs
//! ciphers that nothing else here uses, so it is opened on the operator's machine only
//! (decisions 0013 and 0040). Nothing of a key or password is in an error.

use auth::secret::{ExposeSecret as _, SecretString};
use entra::CertificateError;
use entra::certificate::{Bundle, PrivateKeyDer};

mod ber;
mod encryption;
mod mac;
mod password;
mod structure;

use self::password::Password;
use self::structure::{Bag, Pfx, Safe};

/// Rounds of a key derivation that a file may ask for: a second's work. Windows and OpenSSL write
/// 2,000, keytool 10,000.
const ROUNDS_MAX: u32 = 1_000_000;
/// Bags within bags. Nobody writes more than one.
const DEPTH_MAX: u8 = 4;

/// Why a PFX file was not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PfxError {
    /// The password is another.
    #[error("the password does not open this PFX file")]
    WrongPassword,
    /// A form of encryption, or of the file, that is not read here.
    #[error(
        "this PFX file is protected in a way that is not read here: convert it with \
         `openssl pkcs12 -in FILE -nodes -out certificate.pem` (old files: with -legacy), or \
         export it again with AES-256 and a password"
    )]
    Unsupported,
    /// Not as RFC 7292 has it.
    #[error("this PFX file is damaged: export it again")]
    Damaged,
    /// It was opened, but what is in it will not do.
    #[error(transparent)]
    Content(#[from] CertificateError),
}

/// Opens a PFX file; what follows its end is passed over. A file without a password is opened
/// by the empty one.
pub fn open(file: &[u8], password: &SecretString) -> Result<Bundle, PfxError> {
    let pfx = Pfx::read(file)?;
    for password in Password::spellings(password.expose_secret()) {
        match contents(&pfx, &password) {
            Err(PfxError::WrongPassword) => {}
            Err(error) => return Err(error),
            Ok(contents) => return Ok(Bundle::new(&contents.certificates, contents.keys)?),
        }
    }
    Err(PfxError::WrongPassword)
}

/// What was found in the bags.
#[derive(Default)]
struct Contents {
    certificates: Vec<Vec<u8>>,
    keys: Vec<PrivateKeyDer>,
}

fn contents(pfx: &Pfx, password: &Password) -> Result<Contents, PfxError> {
    if let Some(mac) = &pfx.mac {
        mac.verify(&pfx.content, password)?;
    }
    let mut found = Contents::default();
    for safe in structure::safes(&pfx.content)? {
        let read = match safe {
            Safe::Plain(bags) => found.add(&bags, password, 0),
            Safe::Encrypted(encrypted) => encrypted.open(password).and_then(|bags| {
                // Without a MAC, what a wrong password makes of a file looks like damage.
                let bags = found.add(&bags, password, 0);
                bags.map_err(|error| match error {
                    PfxError::Damaged if pfx.mac.is_none() => PfxError::WrongPassword,
                    error => error,
                })
            }),
            // For the holder of a key, not of a password.
            Safe::Other => Err(PfxError::Unsupported),
        };
        read?;
    }
    Ok(found)
}

impl Contents {
    fn add(&mut self, bags: &[u8], password: &Password, depth: u8) -> Result<(), PfxError> {
        for bag in structure::bags(bags)? {
            match bag {
                Bag::Certificate(der) => self.certificates.push(der),
                Bag::Key(der) => self.keys.push(PrivateKeyDer::Pkcs8(der)),
                Bag::ShroudedKey(encrypted) => {
                    let der = structure::key(&encrypted.open(password)?)
                        // The same of a key: nothing else says that the padding was chance.
                        .ok_or(PfxError::WrongPassword)?;
                    self.keys.push(PrivateKeyDer::Pkcs8(der));
                }
                Bag::Bags(bags) if depth < DEPTH_MAX => self.add(&bags, password, depth + 1)?,
                Bag::Bags(_) => return Err(PfxError::Damaged),
                // Revocation lists, passwords and whatever else: not asked for.
                Bag::Other => {}
            }
        }
        Ok(())
    }
}
