//! The program `revline`: reads the command line, does what it asks, and says so in its exit status.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "faces people: it reads real clocks and the environment"
)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
