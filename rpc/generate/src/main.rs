//! Compiles `rpc/proto` to `rpc/src/proto`, a file for each package: messages, and the server side of the services.
//!
//! Without an argument it writes the files. With `--check` it compares them, and fails if one differs.

#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a tool for people: it reads files and writes them"
)]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// The files with services or messages; the files that they import are compiled too.
const FILES: [&str; 8] = [
    "etcdserverpb/auth.proto",
    "etcdserverpb/cluster.proto",
    "etcdserverpb/kv.proto",
    "etcdserverpb/lease.proto",
    "etcdserverpb/maintenance.proto",
    "etcdserverpb/watch.proto",
    "v3electionpb.proto",
    "v3lockpb.proto",
];

/// The messages that carry a secret: `rpc/src/proto/secrets.rs` says how they are shown.
const SECRETS: [&str; 4] = [
    ".etcdserverpb.AuthUserAddRequest",
    ".etcdserverpb.AuthUserChangePasswordRequest",
    ".etcdserverpb.AuthenticateRequest",
    ".etcdserverpb.AuthenticateResponse",
];

const HEADER: &str =
    "// @generated from rpc/proto by `cargo run --manifest-path rpc/generate/Cargo.toml`\n\n";

fn main() -> ExitCode {
    let check = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [argument] if argument == "--check" => true,
        _ => {
            eprintln!("the only argument is --check");
            return ExitCode::from(2);
        }
    };
    match run(check) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Writes the files, or compares them. Returns `false` if one differs.
fn run(check: bool) -> Result<bool, Box<dyn Error>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = manifest.join("../src/proto");
    let mut same = true;
    for (name, code) in compile(&manifest.join("../proto"))? {
        let path = sources.join(&name);
        if !check {
            fs::write(&path, code)?;
        } else if fs::read_to_string(&path).ok() != Some(code) {
            eprintln!("rpc/src/proto/{name} is not of rpc/proto");
            same = false;
        }
    }
    Ok(same)
}

/// The files of all packages, by their names.
fn compile(protos: &Path) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let descriptors = protox::compile(FILES, [protos])?;
    let folder = tempfile::tempdir()?;
    tonic_prost_build::configure()
        .build_client(false)
        .build_transport(false)
        .bytes(".")
        .skip_debug(SECRETS)
        .emit_rerun_if_changed(false)
        .out_dir(folder.path())
        .compile_fds(descriptors)?;
    let mut files = Vec::new();
    for entry in fs::read_dir(folder.path())? {
        let entry = entry?;
        let code = fs::read_to_string(entry.path())?;
        files.push((entry.file_name().to_string_lossy().into_owned(), format!("{HEADER}{code}")));
    }
    files.sort();
    Ok(files)
}
