//! chromedriver as a process: started on a free port, told to end its browsers before
//! it ends itself. A browser does not end because its driver was killed.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use aws::environment;
use reqwest::{Client, Method};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{PATIENCE, Profile, Session, installed};
use crate::process::collect;

/// A running chromedriver; dropping it ends its browsers and itself.
pub struct Chromedriver {
    port: u16,
    client: Client,
    /// Everything that it has said so far.
    log: Arc<Mutex<String>>,
    browsers: AtomicU32,
    _child: Child,
    /// What it and its browsers write; outlives them.
    directory: TempDir,
}

impl Chromedriver {
    /// Starts the program that the variable `CHROMEDRIVER` names.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let program = installed("CHROMEDRIVER");
        let mut child = Command::new(&program)
            .arg("--port=0")
            // No proxy and no setting of somebody's shell decides what a page shows.
            .env_clear()
            .env("PATH", environment("PATH").unwrap_or_default())
            .env("HOME", directory.path())
            .env("TMPDIR", directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}: run tests/run"));
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let port = timeout(PATIENCE, announced_port(&mut said))
            .await
            .expect("a port in time");
        let log = Arc::new(Mutex::new(String::new()));
        tokio::spawn(collect(said, Arc::clone(&log)));
        // Longer than the driver itself waits for a page.
        let client = Client::builder().no_proxy().timeout(2 * PATIENCE);
        Self {
            port,
            client: client.build().unwrap(),
            log,
            browsers: AtomicU32::new(0),
            _child: child,
            directory,
        }
    }

    /// A new browser that nobody has used before.
    pub async fn open(&self, profile: &Profile) -> Session {
        let capabilities = profile.capabilities(&installed("CHROMIUM"), &self.user_data());
        let sessions = format!("http://127.0.0.1:{}/session", self.port);
        let driver = Session::at(self.client.clone(), sessions.clone());
        let begun = driver
            .ask(Method::POST, "", json!({ "capabilities": capabilities }))
            .await
            .unwrap_or_else(|refused| panic!("{refused:?}: {}", self.log.lock().unwrap()));
        let id = begun["sessionId"].as_str().expect("a session has an ID");
        Session::at(self.client.clone(), format!("{sessions}/{id}"))
    }

    /// A directory of its own for each browser: cookies, cache, history.
    fn user_data(&self) -> PathBuf {
        let number = self.browsers.fetch_add(1, Ordering::Relaxed);
        self.directory.path().join(format!("browser-{number}"))
    }

    fn shut_down(&self) -> io::Result<()> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")?;
        // Answered when the browsers have ended.
        connection.read(&mut [0; 1]).map(|_| ())
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // It has ended by itself, or it ends now; there is nobody to tell.
        let _ = self.shut_down();
    }
}

/// The free port that it has taken, by the line that says so.
async fn announced_port(said: &mut BufReader<tokio::process::ChildStdout>) -> u16 {
    let mut line = String::new();
    while said.read_line(&mut line).await.unwrap() > 0 {
        if let Some((_, port)) = line.split_once("was started successfully on port ") {
            return port.trim().trim_end_matches('.').parse().unwrap();
        }
        line.clear();
    }
    panic!("chromedriver has ended without a port");
}
