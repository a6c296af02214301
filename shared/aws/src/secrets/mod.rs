//! Where secrets come from: the secrets manager, or files on one machine. A secret's
//! value is in no text that this module makes; its name loses the account number.

mod certificate_file;
mod files;
mod manager;
mod versions;

pub use certificate_file::CertificateFile;
pub use files::SecretFiles;
pub use manager::SecretsManager;

/// Secrets Manager's own limit on a secret's text, in bytes.
const SECRET_MAX_BYTES: usize = 65_536;
