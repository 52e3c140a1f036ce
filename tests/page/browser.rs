//! A browser without a window, told what to do by WebDriver.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// A session of a browser. It ends when this is dropped.
pub struct Browser {
    driver: Child,
    session: String,
    /// Open for what it says later.
    _said: BufReader<ChildStdout>,
    /// Removed with the session.
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one; `None`, and a word about it, where there is none.
    pub fn start() -> Option<Browser> {
        let mut command = Command::new("chromedriver");
        let mut driver = match command.arg("--port=0").stdout(Stdio::piped()).spawn() {
            Ok(driver) => driver,
            Err(error) => {
                eprintln!("skipped: no chromedriver: {error}");
                return None;
            }
        };
        let mut said = BufReader::new(driver.stdout.take().unwrap());
        let port = port(&mut said).expect("chromedriver says its port");
        let profile = tempfile::tempdir().unwrap();
        let options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--window-size=1400,1000",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": options },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let sessions = format!("http://127.0.0.1:{port}/session");
        let made = post(&sessions, &wanted);
        let id = made["sessionId"].as_str().expect("a session has an id");
        Some(Browser { session: format!("{sessions}/{id}"), driver, _said: said, _profile: profile })
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        post(&format!("{}/{command}", self.session), body)
    }

    /// Opens a file, and waits until its script has drawn it.
    pub fn open(&self, file: &str) {
        let path = file.bytes().fold(String::new(), |path, byte| match byte {
            b'/' | b'.' | b'-' | b'_' => path + &char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => path + &char::from(byte).to_string(),
            _ => path + &format!("%{byte:02X}"),
        });
        self.post("url", &json!({ "url": format!("file://{path}") }));
        for _ in 0..500 {
            if self.text("document.documentElement.dataset.ready ?? ''") == "true" {
                return;
            }
            sleep(Duration::from_millis(20));
        }
        panic!("{file} is not drawn after ten seconds: {:?}", self.console());
    }

    /// Runs a script.
    pub fn run(&self, script: &str) {
        self.post("execute/sync", &json!({ "script": script, "args": [] }));
    }

    /// The text that an expression gives.
    pub fn text(&self, expression: &str) -> String {
        let value =
            self.post("execute/sync", &json!({ "script": format!("return {expression}"), "args": [] }));
        value.as_str().unwrap_or_else(|| panic!("{expression}: {value}")).to_owned()
    }

    /// The messages on the console since it was last asked.
    pub fn console(&self) -> Vec<String> {
        let log = self.post("se/log", &json!({ "type": "browser" }));
        log.as_array().unwrap().iter().map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that it was given: it says first that it asks for any, 0.
fn port(said: &mut impl BufRead) -> Option<u16> {
    let port = |line: String| line.rsplit_once("on port ")?.1.trim_end_matches('.').parse().ok();
    said.lines().map_while(Result::ok).filter_map(port).find(|&port| port > 0)
}

fn post(url: &str, body: &Value) -> Value {
    let mut answer = ureq::post(url)
        .config()
        .http_status_as_error(false)
        .build()
        .content_type("application/json")
        .send(body.to_string())
        .expect("chromedriver answers");
    let text = answer.body_mut().read_to_string().expect("it answers in text");
    let mut answer: Value = serde_json::from_str(&text).expect("it answers in JSON");
    assert!(answer["value"]["error"].is_null(), "{url}: {}", answer["value"]["message"]);
    answer["value"].take()
}
