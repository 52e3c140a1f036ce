//! A process of etcd on this machine, alone in its cluster.

use crate::http::Http;
use serde_json::json;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running etcd. Its process and data directory go with this value.
pub struct Process {
    child: Child,
    data: PathBuf,
    pub host: String,
    /// For instance `3.5`.
    pub release: String,
}

/// The program to run: that of the variable, or the first one on the `PATH`.
pub fn program() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("REVLINE_ETCD") {
        return Some(program.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("etcd")).find(|program| program.is_file())
}

impl Process {
    pub fn start(program: &Path) -> Process {
        let release = release(program);
        let data = std::env::temp_dir().join(format!("revline-etcd-{}", std::process::id()));
        let [client, peer] = free_hosts();
        let (client_url, peer_url) = (format!("http://{client}"), format!("http://{peer}"));
        let cluster = format!("default={peer_url}");
        let mut command = Command::new(program);
        command.arg("--data-dir").arg(&data);
        command.args(["--listen-client-urls", &client_url, "--advertise-client-urls", &client_url]);
        command.args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url]);
        command.args(["--initial-cluster", &cluster, "--log-level", "panic"]);
        if release != "3.4" {
            command.arg("--unsafe-no-fsync");
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let process = Process { child, data, host: client, release };
        process.await_leader();
        process
    }

    fn await_leader(&self) {
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(100));
            let Ok(mut http) = Http::connect(&self.host) else { continue };
            let answer = http.post("/v3/kv/range", &json!({ "key": "YQ==" }));
            if answer.get("header").is_some() {
                return;
            }
        }
        panic!("etcd does not come to lead within 20 s");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.data));
    }
}

/// Two addresses at which no process listens.
fn free_hosts() -> [String; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("it is bound").to_string())
}

fn release(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    let output = output.unwrap_or_else(|error| panic!("{} does not run: {error}", program.display()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.lines().find_map(|line| line.strip_prefix("etcd Version: "));
    let version = version.unwrap_or_else(|| panic!("{} does not say its version: {text}", program.display()));
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}
