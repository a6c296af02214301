//! `--real-entra` with `--tls`. Nothing here asks the real one.

use auth::secret::ExposeSecret as _;
use operator::Exit;
use tests::Broker;
use tests::operator::attempt;

use super::stage::{ca_file, now, start};

const CLIENT_ID: &str = "41463f53-8812-40f4-890f-865bf6e35190";

/// The development issuer is asked over TLS with the run's own CA, whatever Entra ID is.
#[tokio::test]
async fn with_the_real_entra_id_the_machines_own_ports_are_over_tls() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("own.pem");
    let own = microsoft::certificate::create("own", 30, now()).unwrap();
    let pem = own.certificate_pem + own.private_key_pem.expose_secret();
    std::fs::write(&file, pem).unwrap();
    let data = directory.path().join("data");
    let process = start(&data)
        .options(&["--real-entra"])
        .variable("ENTRA_CLIENT_ID", CLIENT_ID)
        .variable("ENTRA_CERTIFICATE_FILE", file.to_str().unwrap())
        .run()
        .await;
    assert_eq!(process.ready.entra_url, "https://login.microsoftonline.com");
    let broker = Broker::trusting(&ca_file(&data), &process.ready);
    let listed = broker.get("/tenants").await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let (exit, _, err) = attempt(&data, &["tenants", "list"]).await;
    assert_eq!(exit, Exit::Done, "{err}");
    process.kill().await;
}
