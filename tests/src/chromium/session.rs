//! One browser under the driver: the commands of W3C WebDriver that the scenarios use,
//! and Chromium's own behind `goog/cdp`. A command that must work panics where it does
//! not, with what the driver said.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use url::Url;

/// The name under which the protocol refers to an element (WebDriver §12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// The colour of the point (2, 2) of a picture: outside of all text. A picture is read
/// without being loaded, which the pages' policy would forbid.
const CORNER: &str = "
    const [picture, done] = arguments;
    const bytes = Uint8Array.from(atob(picture), character => character.charCodeAt(0));
    createImageBitmap(new Blob([bytes], {type: 'image/png'})).then(bitmap => {
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        context.drawImage(bitmap, 0, 0);
        done([...context.getImageData(2, 2, 1, 1).data.slice(0, 3)]);
    });";

/// One browser.
pub struct Session {
    client: Client,
    /// Its own address at the driver.
    url: String,
}

/// A tab of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab(Value);

/// What the driver answers where it cannot do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The protocol's name for it ("no such element").
    pub error: String,
    /// The driver's own words.
    pub message: String,
}

impl Session {
    pub(super) fn at(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// One command.
    pub async fn ask(&self, method: Method, path: &str, body: Value) -> Result<Value, Refused> {
        let request = self.client.request(method.clone(), self.url.clone() + path);
        let request = match method {
            Method::POST => request.json(&body),
            _ => request,
        };
        let response = request.send().await.expect("the driver answers");
        let succeeded = response.status().is_success();
        let answer: Value = response.json().await.expect("the driver speaks JSON");
        let text = |name: &str| {
            answer["value"][name]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        match succeeded {
            true => Ok(answer["value"].clone()),
            false => Err(Refused {
                error: text("error"),
                message: text("message"),
            }),
        }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.ask(Method::POST, path, body).await;
        answer.unwrap_or_else(|refused| panic!("{path}: {}: {}", refused.error, refused.message))
    }

    /// Opens an address, as if it were typed.
    pub async fn open(&self, address: &str) {
        self.post("/url", json!({ "url": address })).await;
    }

    /// What stands in the address bar.
    pub async fn address(&self) -> Url {
        let address = self.ask(Method::GET, "/url", Value::Null).await;
        let address = address.expect("a tab has an address");
        address.as_str().unwrap().parse().unwrap()
    }

    /// What the tab is called.
    pub async fn title(&self) -> String {
        let title = self.ask(Method::GET, "/title", Value::Null).await;
        title
            .expect("a tab has a title")
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The reload button.
    pub async fn reload(&self) {
        self.post("/refresh", json!({})).await;
    }

    /// The back button.
    pub async fn back(&self) {
        self.post("/back", json!({})).await;
    }

    /// Clicks where the first element of this selector is.
    pub async fn click(&self, selector: &str) {
        let found = json!({"using": "css selector", "value": selector});
        let element = self.post("/element", found).await;
        let element = element[ELEMENT].as_str().expect("an element has an ID");
        self.post(&format!("/element/{element}/click"), json!({}))
            .await;
    }

    /// Presses and releases a key; keys without a character have one of the protocol's
    /// (WebDriver §17.4.2).
    pub async fn press_key(&self, key: char) {
        let strokes = ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key}));
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": strokes});
        self.post("/actions", json!({ "actions": [keyboard] }))
            .await;
    }

    /// What a script returns that the page itself could not forbid.
    pub async fn run(&self, script: &str, arguments: Value) -> Result<Value, Refused> {
        let script = json!({"script": script, "args": arguments});
        self.ask(Method::POST, "/execute/sync", script).await
    }

    /// The same for a script that answers through its last argument.
    pub async fn run_until_done(&self, script: &str, arguments: Value) -> Result<Value, Refused> {
        let script = json!({"script": script, "args": arguments});
        self.ask(Method::POST, "/execute/async", script).await
    }

    /// The tab that commands go to.
    pub async fn tab(&self) -> Tab {
        let tab = self.ask(Method::GET, "/window", Value::Null).await;
        Tab(tab.expect("a browser has a tab"))
    }

    /// Opens another tab and turns to it.
    pub async fn new_tab(&self) -> Tab {
        let opened = self.post("/window/new", json!({"type": "tab"})).await;
        let tab = Tab(opened["handle"].clone());
        self.turn_to(&tab).await;
        tab
    }

    /// Commands go to this tab from now on.
    pub async fn turn_to(&self, tab: &Tab) {
        self.post("/window", json!({ "handle": tab.0 })).await;
    }

    /// The person prefers dark pages, in this tab.
    pub async fn prefer_dark(&self) {
        let feature = json!({"name": "prefers-color-scheme", "value": "dark"});
        let media = json!({ "features": [feature] });
        self.chromium("Emulation.setEmulatedMedia", media).await;
    }

    /// What the browser has complained of since it was asked last: what a page's own
    /// policy made it block, errors of scripts. A status of 400 is no complaint.
    pub async fn complaints(&self) -> Vec<String> {
        let told = self.post("/se/log", json!({"type": "browser"})).await;
        let told = told.as_array().expect("a list").iter();
        let complaints = told.filter(|entry| entry["source"] != "network");
        complaints.map(Value::to_string).collect()
    }

    /// A picture of the whole page, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        STANDARD.decode(self.encoded_picture().await).unwrap()
    }

    /// Red, green and blue of the page's upper left corner.
    pub async fn colour_of_corner(&self) -> [u8; 3] {
        let picture = json!([self.encoded_picture().await]);
        let colour = self.run_until_done(CORNER, picture).await.unwrap();
        serde_json::from_value(colour).expect("three numbers")
    }

    async fn encoded_picture(&self) -> String {
        let whole = json!({"format": "png", "captureBeyondViewport": true});
        let taken = self.chromium("Page.captureScreenshot", whole).await;
        taken["data"].as_str().expect("a picture").to_owned()
    }

    /// A command of Chromium's own (the DevTools protocol).
    async fn chromium(&self, command: &str, parameters: Value) -> Value {
        let command = json!({"cmd": command, "params": parameters});
        self.post("/goog/cdp/execute", command).await
    }
}
