//! The simulated disk beside a real one: what a process that is killed leaves in its files.
//!
//! A child process appends to a file, syncs it and replaces it, and says what it was told to be done, until it is killed.
//! Then its files are read, and held against those of the simulated disk after the same operations. No test can cut the
//! power: of what a system takes with it the simulation assumes the worst.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the test is about the real thing: a process, its environment, its files and its output"
)]

use super::{Disk, DiskConfig};
use crate::entropy::Draws;
use revline_store::disk::{DiskOperation, File};
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The environment variable that makes a test the child: the folder for its files.
const FOLDER: &str = "REVLINE_REAL_DISK";

/// The size of an append: large, so that a process can be killed in the middle of one.
const APPEND_BYTES: usize = 1 << 20;

/// Every so many operations the file is replaced, or synced.
const REPLACE_EVERY: u64 = 6;

/// The operation with this number.
fn operation(number: u64) -> DiskOperation {
    let bytes = |length| vec![number as u8 + 1; length];
    match number % REPLACE_EVERY {
        0 => DiskOperation::Replace { file: File::Wal, bytes: bytes(APPEND_BYTES) },
        2 | 4 => DiskOperation::Sync { file: File::Wal },
        _ => DiskOperation::Append { file: File::Wal, bytes: bytes(APPEND_BYTES) },
    }
}

/// Carries an operation out on a real file, as a host of a member does.
fn carry_out(folder: &Path, operation: &DiskOperation) -> std::io::Result<()> {
    let path = folder.join("wal");
    match operation {
        DiskOperation::Append { bytes, .. } => OpenOptions::new().append(true).open(path)?.write_all(bytes),
        DiskOperation::Sync { .. } => OpenOptions::new().append(true).open(path)?.sync_all(),
        DiskOperation::Replace { bytes, .. } => {
            let new = folder.join("wal.new");
            let mut file = fs::File::create(&new)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(new, path)?;
            fs::File::open(folder)?.sync_all()
        }
    }
}

/// The content of the simulated disk after so many operations, once the process is gone.
fn simulated(operations: u64) -> Vec<u8> {
    let mut disk = Disk::new(DiskConfig::default(), Draws::new(0, "disk"));
    for number in 0..operations {
        disk.submit(operation(number), None);
        if disk.start_next(0, &mut Vec::new()).is_some() {
            disk.finish(0);
        }
    }
    disk.process_ended();
    disk.image().wal.unwrap_or_default()
}

#[test]
#[ignore = "the child of the test below: it goes on until it is killed"]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    for number in 0.. {
        carry_out(Path::new(&folder), &operation(number)).expect("a folder that can be written");
        println!("done {number}");
    }
}

/// Starts the child, kills it once it said that so many operations are done; returns how many it said are.
fn killed_after(folder: &Path, operations: u64) -> u64 {
    let test = concat!(module_path!(), "::child");
    let test = test.split_once("::").expect("it is in a crate").1;
    let mut child = Command::new(std::env::current_exe().expect("a test is a program"))
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the test can be started again");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut done = 0;
    let mut line = String::new();
    while done < operations && lines.read_line(&mut line).expect("text") > 0 {
        done += u64::from(line.contains("done "));
        line.clear();
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("text");
    assert_eq!(done, operations, "the child ended by itself");
    done + rest.lines().filter(|line| line.contains("done ")).count() as u64
}

#[test]
fn a_killed_process_leaves_what_was_done_and_a_part_of_one_write() {
    for operations in 1..=20 {
        let folder: PathBuf =
            std::env::temp_dir().join(format!("revline-real-disk-{}-{operations}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        let done = killed_after(&folder, operations);
        let real = fs::read(folder.join("wal")).expect("the first operation was done");
        fs::remove_dir_all(&folder).expect("it was made here");
        let (before, after) = (simulated(done), simulated(done + 1));
        let is_replaced = matches!(operation(done), DiskOperation::Replace { .. });
        let allowed = if is_replaced {
            // All or nothing.
            real == before || real == after
        } else {
            real.starts_with(&before) && after.starts_with(&real)
        };
        assert!(allowed, "{done} operations done: {} bytes, {} before", real.len(), before.len());
    }
}
