//! The program that runs plans, in a process of its own: what a mutant does to it ends with it.

use crate::Failure;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// The most memory of a run, in KiB. One that asks for more aborts.
const MEMORY_KIB_MAX: u64 = 6 << 20;

/// One run of the sweep.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Run {
    /// The seed. A seed of every scenario comes before the next.
    pub seed: u64,
    /// The position of the scenario in the catalogue.
    #[serde(skip)]
    pub position: usize,
    /// The scenario.
    pub scenario: String,
    /// True if all clients are behind proxies.
    pub behind_proxies: bool,
}

/// The outcome of a run.
#[derive(Clone, Debug, Deserialize)]
pub struct Ran {
    /// The guarantee that was violated first.
    pub killed: Option<Kill>,
    /// The rare events that happened, and the guarantees that were exercised.
    pub marks: Vec<String>,
    /// The mutants that were reached, if that was asked for.
    pub reached: Vec<usize>,
}

/// The way in which a mutant was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kill {
    /// The guarantee; or `(hang)`, `(abort)`, `(simulation)` where a run came to no verdict, and `(replay)` where it was another
    /// one when it was done again.
    pub guarantee: String,
    /// The kind of the violation.
    pub kind: String,
    /// The evidence.
    pub message: String,
}

impl Kill {
    fn without_verdict(name: &str, message: String) -> Ran {
        let killed = Kill { guarantee: name.to_owned(), kind: String::new(), message };
        Ran { killed: Some(killed), marks: Vec::new(), reached: Vec::new() }
    }
}

/// The names of the scenarios.
pub fn scenarios(runner: &Path) -> Result<Vec<String>, Failure> {
    let output = Command::new(runner).arg("--list").output();
    let output = output.map_err(|error| Failure::at(runner.display(), error))?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// Does these runs with a mutant on, 0 for none, one after the other. `on_ran` gets each as it ends; the first that kills is
/// the last.
pub fn sweep(
    runner: &Path,
    number: usize,
    runs: &[Run],
    hang: Duration,
    with_reached: bool,
    on_ran: &mut dyn FnMut(&Run, Ran),
) -> Result<(), Failure> {
    if runs.is_empty() {
        return Ok(());
    }
    let mut child = start(runner, number, with_reached)?;
    let lines = answers(&mut child, runs)?;
    for run in runs {
        let ran = match lines.recv_timeout(hang) {
            Ok(line) => serde_json::from_str(&line).map_err(|error| Failure::at("the runner", error))?,
            Err(RecvTimeoutError::Timeout) => {
                Kill::without_verdict("(hang)", format!("no end within {} s", hang.as_secs()))
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait().map_err(|error| Failure::at("the runner", error))?;
                Kill::without_verdict("(abort)", status.to_string())
            }
        };
        let ended = ran.killed.is_some();
        on_ran(run, ran);
        if ended {
            break;
        }
    }
    // It may hang.
    let _ = child.kill();
    child.wait().map_err(|error| Failure::at("the runner", error))?;
    Ok(())
}

fn start(runner: &Path, number: usize, with_reached: bool) -> Result<Child, Failure> {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -v {MEMORY_KIB_MAX} && exec \"$0\" \"$@\"")).arg(runner);
    if with_reached {
        command.arg("--reached");
    }
    command.env("REVLINE_MUTANT", number.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().map_err(|error| Failure::at(runner.display(), error))
}

/// Asks for all runs; the answers come as lines.
fn answers(child: &mut Child, runs: &[Run]) -> Result<Receiver<String>, Failure> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Failure::at("the runner", "has no pipes"));
    };
    let mut asked = String::new();
    for run in runs {
        asked += &serde_json::to_string(run).map_err(|error| Failure::at("a run", error))?;
        asked.push('\n');
    }
    // It may end before it has read all.
    std::thread::spawn(move || drop(input.write_all(asked.as_bytes())));
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    Ok(lines)
}
