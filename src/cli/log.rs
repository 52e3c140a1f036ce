//! Logs: off, unless `RUST_LOG` turns them on. They carry simulated time.

use super::status::Unusable;
use madsim::time::TimeHandle;
use std::fmt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The environment variable with the filter.
const VARIABLE: &str = "RUST_LOG";

/// Turns logs on if `RUST_LOG` asks for them.
pub fn init() -> Result<(), Unusable> {
    let Some(wanted) = std::env::var_os(VARIABLE).filter(|wanted| !wanted.is_empty()) else {
        return Ok(());
    };
    let filter = targets(&wanted.to_string_lossy())?;
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // Where stderr cannot be written to, there is nobody to tell that.
        .log_internal_errors(false)
        .with_timer(SimulatedTime)
        .finish()
        .with(filter)
        .init();
    Ok(())
}

/// Parses a filter: levels, each for all logs or for the targets with a prefix, as in `warn,revline=debug`.
///
/// Spans and fields are no part of it: `EnvFilter` has them, and costs a library of regular expressions.
fn targets(wanted: &str) -> Result<Targets, Unusable> {
    let unusable = |error: &dyn fmt::Display| {
        Unusable::new(format!(
            "{VARIABLE}: `{wanted}` is no filter: {error}; right would be `debug` or `revline=debug`"
        ))
    };
    if wanted.contains('[') {
        return Err(unusable(&"logs are filtered by target and level, not by spans and their fields"));
    }
    wanted.parse().map_err(|error| unusable(&error))
}

/// The time in the simulation that a log comes from.
struct SimulatedTime;

impl FormatTime for SimulatedTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        match TimeHandle::try_current() {
            Some(time) => write!(writer, "{:>14.6} ms", time.elapsed().as_nanos() as f64 / 1e6),
            None => write!(writer, "{:>14} ms", "-"),
        }
    }
}
