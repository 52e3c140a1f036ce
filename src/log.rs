//! Logs: off, unless `RUST_LOG` turns them on. They carry simulated time.

use madsim::time::TimeHandle;
use std::fmt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The environment variable with the filter.
const VARIABLE: &str = "RUST_LOG";

/// The prefix of the targets of the executor.
const EXECUTOR: &str = "madsim";

/// Turns logs on if `RUST_LOG` asks for them, or else at a level, if one is given. The program may have turned on its own
/// already: then these stay.
///
/// # Errors
/// If what `RUST_LOG` says is no filter: in words, with what would be right.
pub fn init(otherwise: Option<&str>) -> Result<(), String> {
    let asked = std::env::var_os(VARIABLE).filter(|wanted| !wanted.is_empty());
    let asked = asked.map(|wanted| wanted.to_string_lossy().into_owned());
    let Some(wanted) = asked.or_else(|| otherwise.map(str::to_owned)) else { return Ok(()) };
    let filter = targets(&wanted)?;
    let logs = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // Where stderr cannot be written to, there is nobody to tell that.
        .log_internal_errors(false)
        .with_timer(SimulatedTime)
        .finish()
        .with(filter);
    // An error says that there are others.
    let _ = logs.try_init();
    Ok(())
}

/// Parses a filter: levels, each for all logs or for the targets with a prefix, as in `warn,revline=debug`.
///
/// Spans and fields are no part of it: `EnvFilter` has them, and costs a library of regular expressions.
fn targets(wanted: &str) -> Result<Targets, String> {
    let unusable = |error: &dyn fmt::Display| {
        format!("{VARIABLE}: `{wanted}` is no filter: {error}; right would be `info` or `revline=debug`")
    };
    if wanted.contains('[') {
        return Err(unusable(&"logs are filtered by target and level, not by spans and their fields"));
    }
    let wanted: Targets = wanted.parse().map_err(|error| unusable(&error))?;
    // The executor's events and spans say how it works, not what happens: only who asks for them sees them.
    let asks = wanted.iter().any(|(target, _)| target.starts_with(EXECUTOR));
    Ok(if asks { wanted } else { wanted.with_target(EXECUTOR, LevelFilter::OFF) })
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
