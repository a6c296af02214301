//! What a run says once everything answers: for scripts one JSON line, for a person
//! the same facts with a line to paste.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// The ready line. `caller_token` is a secret of this machine: it is printed, and
/// never logged or written to a file.
#[derive(Debug, Clone, Serialize)]
pub struct Ready {
    /// The admin's link.
    pub consent_url: String,
    /// The base URL of the vending endpoint.
    pub vending_url: String,
    /// The vending endpoint for callers that sign their requests with an AWS access key.
    pub function_url: String,
    /// The simulated STS, which the functions ask who signed a request.
    pub sts_url: String,
    /// The key's id; its secret is in the file and nowhere else.
    pub aws_access_key_id: String,
    /// What a signature must be for.
    pub aws_region: String,
    /// Where the key is, absolute.
    pub access_key_file: PathBuf,
    /// Where tokens are asked for.
    pub entra_url: String,
    /// The DynamoDB endpoint.
    pub table_endpoint: String,
    /// The name of the table there.
    pub table_name: String,
    /// The application that tenants consent to.
    pub client_id: String,
    /// A caller's token of the development issuer; lives 24 hours.
    pub caller_token: String,
    /// The S3 endpoint of the collected audit logs.
    pub objects_url: String,
    /// The same as files, absolute.
    pub objects_directory: PathBuf,
    /// Whether audit logs are collected.
    pub collects: bool,
    /// The CA to trust, PEM, absolute: only over TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Who can sign in at the simulated Entra ID.
    pub simulated_tenants: Vec<SimulatedPerson>,
}

/// A simulated tenant with its people.
#[derive(Debug, Clone, Serialize)]
pub struct SimulatedPerson {
    /// The tenant's ID.
    pub tenant_id: String,
    /// An admin's sign-in name.
    pub admin: String,
    /// A plain user's sign-in name.
    pub user: String,
}

impl Ready {
    /// The facts for a person. `resource`: the API that the pasted line asks for.
    pub fn for_a_person(&self, resource: &str, redirect_uri: &str) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "\nThe token broker is ready.\n\n\
             1. Connect a tenant: open\n     {}\n",
            self.consent_url
        );
        if let Some(file) = &self.ca_file {
            let _ = writeln!(
                text,
                "   (a browser does not know the CA in {}: import it, or accept its warning)",
                file.display()
            );
        }
        if self.simulated_tenants.is_empty() {
            let _ = writeln!(
                text,
                "   Application {} needs the reply URL {redirect_uri}",
                self.client_id
            );
        } else {
            let _ = writeln!(
                text,
                "   and sign in as one of these simulated admins (Entra ID is simulated at {}):",
                self.entra_url
            );
            for person in &self.simulated_tenants {
                let _ = writeln!(text, "     {}  tenant {}", person.admin, person.tenant_id);
            }
        }
        let tenant = self
            .simulated_tenants
            .first()
            .map_or("TENANT_ID", |person| person.tenant_id.as_str());
        let _ = write!(
            text,
            "\n2. Ask for its token, as a service of another cloud would:\n\n\
             curl -sS {}{}/{tenant}/oauth2/v2.0/token -d grant_type=client_credentials \
             -d scope={resource}/.default -H 'Authorization: Bearer {}'\n\n   \
             or as a role of AWS would, signed with the key in {}:\n\n\
             {} | curl -sS -K - {}--aws-sigv4 aws:amz:{}:lambda \
             {}/{tenant}/oauth2/v2.0/token -d grant_type=client_credentials \
             -d scope={resource}/.default\n\n",
            self.trust_option(),
            self.vending_url,
            self.caller_token,
            self.access_key_file.display(),
            self.key_as_curl_option(),
            self.trust_option(),
            self.aws_region,
            self.function_url,
        );
        if self.collects {
            let _ = write!(
                text,
                "3. Within a minute its audit log arrives below {}. Count its records:\n\n{}\n\n",
                self.objects_directory.display(),
                self.count_records()
            );
        }
        text += "Ctrl-C ends it; what was connected is still there at the next start.\n";
        text
    }

    /// Counts with DuckDB, which reads each line as one object whatever its form, gzip and zstd.
    fn count_records(&self) -> String {
        // A pattern's own characters, and the quotation mark of SQL.
        let directory = self.objects_directory.display().to_string();
        let directory = directory
            .replace('[', "[[]")
            .replace('*', "[*]")
            .replace('?', "[?]");
        let directory = directory.replace('\'', "''");
        let query = format!(
            "select tenant, type, count(*) from read_ndjson_objects('{directory}/**/*.json.*', \
             hive_partitioning=true, maximum_object_size=67108864) group by all"
        );
        format!("duckdb -c {}", shell_word(&query))
    }

    /// Reads the key as a line of curl's configuration: neither the terminal nor the list
    /// of processes shows it.
    fn key_as_curl_option(&self) -> String {
        const ONE_LINE: &str =
            r#"s/.*"access_key_id":"\([^"]*\)","secret_access_key":"\([^"]*\)".*/user="\1:\2"/"#;
        let file = quoted(&self.access_key_file);
        format!("tr -d '\\n ' < {file} | sed '{ONE_LINE}'")
    }

    /// Tells curl whom to trust.
    fn trust_option(&self) -> String {
        let file = self.ca_file.as_deref();
        file.map_or_else(String::new, |file| format!("--cacert {} ", quoted(file)))
    }
}

fn quoted(path: &Path) -> String {
    shell_word(&path.display().to_string())
}

/// A text as one word of a shell's line (POSIX, Shell Command Language §2.2.2). Where it can, it
/// stands between double quotation marks, in which a person can read a query.
fn shell_word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let of_queries = |byte: u8| plain(byte) || b" ',()*=".contains(&byte);
    if text.bytes().all(plain) {
        text.to_owned()
    } else if text.starts_with("select ") && text.bytes().all(of_queries) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(ca_file: Option<&str>) -> String {
        let ready = Ready {
            consent_url: "URL/consent".to_owned(),
            vending_url: "URL".to_owned(),
            function_url: "FUNCTION".to_owned(),
            sts_url: "STS".to_owned(),
            aws_access_key_id: "AKIA".to_owned(),
            aws_region: "us-east-1".to_owned(),
            access_key_file: "/data/access-key.json".into(),
            entra_url: "ENTRA".to_owned(),
            table_endpoint: "TABLE".to_owned(),
            table_name: "tenants".to_owned(),
            client_id: "CLIENT".to_owned(),
            caller_token: "TOKEN".to_owned(),
            objects_url: "OBJECTS".to_owned(),
            objects_directory: "/data/objects".into(),
            collects: true,
            ca_file: ca_file.map(PathBuf::from),
            simulated_tenants: Vec::new(),
        };
        ready.for_a_person("RESOURCE", "URL/consent/callback")
    }

    #[test]
    fn the_line_to_paste_names_the_ca_as_one_word() {
        let rows = [
            (None, "curl -sS URL/TENANT_ID/"),
            (Some("/data/ca.pem"), "curl -sS --cacert /data/ca.pem URL/"),
            (
                Some("/my data/ca.pem"),
                "curl -sS --cacert '/my data/ca.pem' URL/",
            ),
            (
                Some("/it's/ca.pem"),
                r"curl -sS --cacert '/it'\''s/ca.pem' URL/",
            ),
            (
                Some("/$HOME/ca.pem"),
                "curl -sS --cacert '/$HOME/ca.pem' URL/",
            ),
        ];
        for (file, line) in rows {
            let text = over(file);
            assert!(text.contains(line), "{line}: {text}");
            assert_eq!(text.contains("does not know"), file.is_some(), "{text}");
        }
    }
}
