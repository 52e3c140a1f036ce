//! The store's own tests, for mutants that no guarantee sees.

use crate::Failure;
use crate::build::unit_tests;
use crate::results::{Results, Trial};
use crate::workshop::Workshop;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A test that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(300);

/// Tries these mutants, with their numbers.
pub fn ask(workshop: &Workshop, alive: Vec<(usize, Trial)>, results: &mut Results) -> Result<(), Failure> {
    let mut programs = unit_tests(workshop)?;
    let folder = workshop.copy().join("store");
    let mut sound = Vec::new();
    for (name, program) in programs.drain(..) {
        // Some need what is not on every machine.
        if fails(&folder, &program, 0)? {
            eprintln!("{name}: fails without mutants, left out");
        } else {
            sound.push((name, program));
        }
    }
    for (number, mut trial) in alive.into_iter().filter(|(_, trial)| !trial.unit_tests_asked) {
        trial.unit_test = first_failing(&folder, &sound, number)?;
        trial.unit_tests_asked = true;
        results.keep(trial)?;
    }
    Ok(())
}

fn first_failing(
    folder: &Path,
    programs: &[(String, PathBuf)],
    number: usize,
) -> Result<Option<String>, Failure> {
    for (name, program) in programs {
        if fails(folder, program, number)? {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

fn fails(folder: &Path, program: &Path, number: usize) -> Result<bool, Failure> {
    let at = |error| Failure::at(program.display(), error);
    let mut child: Child = Command::new(program)
        .args(["--quiet", "--test-threads=1"])
        .current_dir(folder)
        .env("CARGO_MANIFEST_DIR", folder)
        .env("REVLINE_MUTANT", number.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(at)?;
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(at)? {
            return Ok(!status.success());
        }
        if began.elapsed() > LIMIT {
            let _ = child.kill();
            child.wait().map_err(at)?;
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
