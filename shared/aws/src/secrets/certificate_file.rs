//! The certificate from a PEM file of the person's own, as a run with the real Entra
//! ID has it; every other secret from elsewhere.

use std::path::PathBuf;
use std::{fs, io};

use async_trait::async_trait;
use auth::ports::{SecretError, SecretSource};
use auth::secret::SecretString;
use auth::text::{decoded, shown_path};
use serde_json::json;

use super::SecretFiles;

const NOT_PEM: &str = "no PEM text at all: convert a PFX (PKCS#12) file with \
    `openssl pkcs12 -in FILE -nodes -out certificate.pem` and name that file";

/// A source in which one secret is made from a PEM file.
#[derive(Debug, Clone)]
pub struct CertificateFile {
    /// Holds the certificate and its key.
    pub path: PathBuf,
    /// The secret's name.
    pub name: String,
    /// Every other secret.
    pub others: SecretFiles,
}

#[async_trait]
impl SecretSource for CertificateFile {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        if name != self.name {
            return self.others.read(name).await;
        }
        let bytes = fs::read(&self.path)
            .map_err(|error| SecretError::unusable(name, self.reason(&error)))?;
        let text = decoded(&bytes).map_err(|error| {
            let file = shown_path(&self.path);
            SecretError::unusable(name, format_args!("{file}: {error}; or it is {NOT_PEM}"))
        })?;
        // Each is found in the text by the label of its PEM block.
        Ok(json!({"certificate": text, "private_key": text})
            .to_string()
            .into())
    }
}

impl CertificateFile {
    fn reason(&self, error: &io::Error) -> String {
        format!(
            "{}: {}: ENTRA_CERTIFICATE_FILE names a PEM file with the certificate and its key",
            shown_path(&self.path),
            error.kind()
        )
    }
}

#[cfg(test)]
mod tests {
    use auth::secret::ExposeSecret as _;

    use super::*;

    #[tokio::test]
    async fn the_file_stands_for_the_certificates_secret_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("certificate.pem");
        let source = CertificateFile {
            path: path.clone(),
            name: "certificate".into(),
            others: SecretFiles::new(directory.path()),
        };
        let missing = source.read("certificate").await.unwrap_err().to_string();
        assert!(missing.contains("ENTRA_CERTIFICATE_FILE"), "{missing}");

        fs::write(&path, [0x30, 0x82, 0xff, 0xfe]).unwrap();
        let binary = source.read("certificate").await.unwrap_err().to_string();
        assert!(binary.contains("openssl pkcs12"), "{binary}");

        let expected = r#"{"certificate":"-----BEGIN\n","private_key":"-----BEGIN\n"}"#;
        for text in [
            &b"-----BEGIN\n"[..],
            b"\xef\xbb\xbf-----BEGIN\r\n",
            b"-----BEGIN\n\0",
            b"-----BEGIN\r",
            b"\xff\xfe-\0-\0-\0-\0-\0B\0E\0G\0I\0N\0\r\0\n\0",
        ] {
            fs::write(&path, text).unwrap();
            let secret = source.read("certificate").await.unwrap();
            assert_eq!(secret.expose_secret(), expected, "{text:?}");
        }

        let other = source.read("sealing-keys").await.unwrap_err();
        assert!(matches!(other, SecretError::Missing { .. }));
    }
}
