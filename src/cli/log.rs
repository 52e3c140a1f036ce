//! Logs: off, unless `RUST_LOG` turns them on. They carry simulated time, and the node in their span.

use super::status::Unusable;
use madsim::time::TimeHandle;
use std::fmt;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// Turns logs on if `RUST_LOG` asks for them.
pub fn init() -> Result<(), Unusable> {
    let Some(wanted) = std::env::var_os(EnvFilter::DEFAULT_ENV).filter(|wanted| !wanted.is_empty()) else {
        return Ok(());
    };
    let wanted = wanted.to_string_lossy();
    let filter = EnvFilter::try_new(&wanted).map_err(|error| {
        Unusable::new(format!("RUST_LOG: `{wanted}` is no filter: {error}; right would be `debug`"))
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // Where stderr cannot be written to, there is nobody to tell that.
        .log_internal_errors(false)
        .with_timer(SimulatedTime)
        .init();
    Ok(())
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
