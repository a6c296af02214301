//! Opening PFX (PKCS#12, RFC 7292) files: the certificates and private keys in them, as
//! OpenSSL, keytool and pyca open them (the table is in `tests/fixtures/pfx`). The format needs
//! ciphers that nothing else here uses, so it is opened on the operator's machine only
//! (decisions 0013 and 0040). Nothing of a key or password is in an error.

use auth::secret::{ExposeSecret as _, SecretString};
use microsoft::certificate::{Bundle, PrivateKeyDer};

mod asn1;
mod ber;
mod derivation;
mod encryption;
mod error;
mod mac;
mod password;
mod structure;

pub use self::error::PfxError;
use self::password::Password;
use self::structure::{Bag, Pfx, Safe};

/// Bags within bags. Nobody writes more than one.
const DEPTH_MAX: u8 = 4;

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
