//! Starts a browser and tells it what to do, in the words of W3C WebDriver.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::until;

/// A browser of this test's own, with an empty profile. It ends with this value.
pub(crate) struct Browser {
    driver: Child,
    /// Kept open: who writes to nobody is ended.
    _output: BufReader<ChildStdout>,
    client: Client,
    /// Where the driver listens; with the session once there is one.
    url: String,
    /// The browser's process.
    process: Option<u64>,
    /// Its profile, and whatever else it writes.
    folder: TempDir,
}

/// What every browser is started with: nothing but what a test asks for, and no host but this one.
const ARGUMENTS: [&str; 15] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    // Else reports of the Reporting API wait for a minute.
    "--short-reporting-delay",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// What the driver says before its port, once it listens.
const LISTENS: &str = "started successfully on port ";

/// How long anything may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often a page looks whether something has come, and how long at most, in milliseconds.
const TURN: u32 = 20;
const TURNS_END: u32 = 20_000;

// === impl Browser ===

impl Browser {
    /// Starts one that trusts what browsers trust.
    pub(crate) fn start() -> Self {
        Self::with(json!({}))
    }

    /// Starts one with capabilities beside the usual ones.
    pub(crate) fn with(capabilities: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .envs([("HOME", path), ("TMPDIR", path)])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("these tests need `chromedriver` and `chromium` on the path (apt-get install chromium chromium-driver): {error}")
            });
        let mut output = BufReader::new(driver.stdout.take().unwrap());
        let port = output.by_ref().lines().map_while(Result::ok).find_map(|line| {
            Some(line.split_once(LISTENS)?.1.trim_end_matches('.').parse::<u16>().unwrap())
        });
        let client = Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        let mut browser =
            Self { driver, _output: output, client, url: String::new(), process: None, folder };
        // Only now: who was started is stopped, whatever comes.
        let port = port.expect("chromedriver ended before it listened");
        browser.url = format!("http://127.0.0.1:{port}");
        browser.begin(capabilities);
        browser
    }

    /// Goes to a page, and waits until it has loaded.
    pub(crate) fn open(&self, url: &str) {
        self.tell("/url", &json!({ "url": url }));
    }

    /// Waits until the window, which was sent there in another way, is at a page.
    pub(crate) fn arrives_at(&self, url: &str) {
        until(url, || self.ask("/url") == url);
    }

    /// Runs the body of an asynchronous function in the page; what it returns. One that throws returns `threw …`.
    pub(crate) fn script(&self, body: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             (async () => {{ {body} }})().then(done, error => done('threw ' + error));"
        );
        self.tell("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Waits until an expression is true in the page; its value then.
    pub(crate) fn wait_for(&self, expression: &str) -> Value {
        let value = self.script(&format!(
            "for (let waited = 0; waited < {TURNS_END}; waited += {TURN}) {{ \
                 const value = {expression}; if (value) return value; \
                 await new Promise(resolve => setTimeout(resolve, {TURN})); \
             }} return 'it never came';"
        ));
        assert_ne!(value, "it never came", "{expression}; the console: {:?}", self.console());
        value
    }

    /// What came into the console since the last question.
    pub(crate) fn console(&self) -> Vec<String> {
        let entries = self.tell("/se/log", &json!({ "type": "browser" }));
        let text = |entry: &Value| {
            let (source, message) = (entry["source"].as_str(), entry["message"].as_str());
            format!("{}: {}", source.unwrap(), message.unwrap())
        };
        entries.as_array().unwrap().iter().map(text).collect()
    }

    /// What the page's policies had against it so far: the directive, and what was blocked.
    pub(crate) fn violations(&self) -> Vec<(String, String)> {
        let told = self.script(
            "const told = []; \
             const observer = new ReportingObserver(() => {}, { types: ['csp-violation'], buffered: true }); \
             observer.observe(); \
             for (const { body } of observer.takeRecords()) told.push([body.effectiveDirective, body.blockedURL]); \
             return told;",
        );
        serde_json::from_value(told).unwrap()
    }

    /// Sends these headers with every request from now on.
    pub(crate) fn send_with(&self, headers: &Value) {
        let execute = |command: &str, params: Value| {
            self.tell("/goog/cdp/execute", &json!({ "cmd": command, "params": params }));
        };
        execute("Network.enable", json!({}));
        execute("Network.setExtraHTTPHeaders", json!({ "headers": headers }));
    }

    /// Clicks at a place of the window, whatever is there.
    pub(crate) fn click(&self, x: &Value, y: &Value) {
        let actions = json!([
            { "type": "pointerMove", "x": x, "y": y },
            { "type": "pointerDown", "button": 0 },
            { "type": "pointerUp", "button": 0 },
        ]);
        let pointer = json!({ "type": "pointer", "id": "mouse", "actions": actions });
        self.tell("/actions", &json!({ "actions": [pointer] }));
    }

    /// Goes into the window that was opened last; the one where it was before.
    pub(crate) fn enter_new_window(&self) -> String {
        let first = self.ask("/window").as_str().unwrap().to_owned();
        let mut new = None;
        until("a new window", || {
            let handles = self.ask("/window/handles");
            let mut handles = handles.as_array().unwrap().iter().filter_map(Value::as_str);
            new = handles.find(|handle| *handle != first).map(str::to_owned);
            new.is_some()
        });
        self.tell("/window", &json!({ "handle": new }));
        first
    }

    /// Closes the window, and goes back to another one.
    pub(crate) fn close_window(&self, other: &str) {
        self.client.delete(format!("{}/window", self.url)).send().unwrap();
        self.tell("/window", &json!({ "handle": other }));
    }

    /// Goes into the page's first frame: scripts run there from now on.
    pub(crate) fn enter_frame(&self) {
        self.tell("/frame", &json!({ "id": 0 }));
    }

    fn begin(&mut self, capabilities: Value) {
        let profile = format!("--user-data-dir={}/profile", self.folder.path().display());
        let arguments: Vec<&str> = ARGUMENTS.into_iter().chain([&*profile]).collect();
        let mut wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let (wanted_map, more) = (wanted.as_object_mut().unwrap(), capabilities);
        wanted_map.extend(more.as_object().unwrap().clone());
        let began = self.tell("/session", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        self.process = began["capabilities"]["goog:processID"].as_u64();
        self.url = format!("{}/session/{}", self.url, began["sessionId"].as_str().unwrap());
    }

    fn ask(&self, path: &str) -> Value {
        Self::value(path, self.client.get(format!("{}{path}", self.url)))
    }

    fn tell(&self, path: &str, body: &Value) -> Value {
        Self::value(path, self.client.post(format!("{}{path}", self.url)).json(body))
    }

    fn value(path: &str, request: RequestBuilder) -> Value {
        let mut body: Value = request.send().unwrap().json().unwrap();
        let value = body["value"].take();
        assert!(value.get("error").is_none_or(Value::is_null), "{path}: {value:#}");
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(process) = self.process {
            let ended = self.client.delete(&self.url).timeout(Duration::from_secs(10)).send();
            // The driver ends its browser; where it cannot, we do, by the id it told us.
            if !ended.is_ok_and(|answer| answer.status().is_success()) {
                drop(Command::new("kill").args(["-s", "KILL", &process.to_string()]).status());
            }
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
