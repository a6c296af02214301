//! What a browser is like before it shows anything: its screen, and whether pages may
//! run scripts.

use std::path::Path;

use serde_json::{Value, json};

use super::PATIENCE;

/// A browser without a window, without a sandbox (tests run as root in containers), in
/// `/tmp` where shared memory is small, and that asks nothing of the world by itself.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];
/// Chromium's content setting "block".
const BLOCK: u32 = 2;

/// The screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// A window of 1280 by 800.
    Desktop,
    /// A small phone, in CSS pixels.
    Phone {
        /// Across.
        width: u32,
        /// Down.
        height: u32,
    },
}

/// A browser as somebody has set it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// The screen.
    pub screen: Screen,
    /// Pages may run scripts.
    pub scripts: bool,
}

impl Default for Profile {
    /// As most admins have it.
    fn default() -> Self {
        Self {
            screen: Screen::Desktop,
            scripts: true,
        }
    }
}

impl Profile {
    /// What the driver is asked for.
    pub(super) fn capabilities(&self, binary: &str, user_data: &Path) -> Value {
        let user_data = format!("--user-data-dir={}", user_data.display());
        let mut flags = FLAGS.map(str::to_owned).to_vec();
        flags.extend([user_data, "--window-size=1280,800".to_owned()]);
        let mut options = json!({"binary": binary, "args": flags});
        if let Screen::Phone { width, height } = self.screen {
            let metrics = json!({"width": width, "height": height, "pixelRatio": 2.0});
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        if !self.scripts {
            let setting = "profile.managed_default_content_settings.javascript";
            options["prefs"] = json!({ setting: BLOCK });
        }
        let patience = PATIENCE.as_millis() as u64;
        json!({"alwaysMatch": {
            "browserName": "chrome",
            "timeouts": {"pageLoad": patience, "script": patience},
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }})
    }
}
