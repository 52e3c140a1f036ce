//! A directory to call the program in, and what becomes of a call.

#![allow(dead_code, reason = "not every test asks for everything")]

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The result of one call of the program.
#[derive(Debug)]
pub struct Ended {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub fn status(self, expected: i32) -> Ended {
        assert_eq!(self.status, expected, "{self:?}");
        self
    }
}

/// A directory to call the program in.
pub struct Place(pub TempDir);

impl Place {
    pub fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    pub fn call(&self, arguments: &str) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_revline"))
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Ended {
            status: output.status.code().expect("it ended by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The call is refused, says all of `said`, and leaves nothing behind.
    #[track_caller]
    pub fn refuses(&self, arguments: &str, said: &[&str]) {
        let before = self.files();
        let ended = self.call(arguments).status(2);
        for part in said {
            assert!(ended.stderr.contains(part), "`{arguments}` should say `{part}`: {}", ended.stderr);
        }
        assert_eq!(ended.stdout, "", "`{arguments}`");
        assert_eq!(self.files(), before, "`{arguments}` left something behind");
    }
}
