//! `--trace FILE`: everything that happened, one event a line, or what the filters let through. The whole file, or none.

use super::arguments::TraceOptions;
use super::interrupt::Interrupt;
use super::near_miss::near_miss;
use super::status::Unusable;
use revline_reports::trace::{self, Filter, UnknownNode};
use revline_scenarios::whole_file;
use revline_sim::trace::Trace;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;

/// Refuses options that no run can satisfy, before one is made.
pub fn check(options: &TraceOptions) -> Result<(), Unusable> {
    if let (Some(from_ns), Some(to_ns)) = (options.from_ns, options.to_ns)
        && from_ns > to_ns
    {
        let (from_ms, to_ms) = (from_ns as f64 / 1e6, to_ns as f64 / 1e6);
        return Err(Unusable::new(format!(
            "--from {from_ms} --to {to_ms}: the time ends before it begins; right would be `--from {to_ms} --to {from_ms}`"
        )));
    }
    Ok(())
}

/// True if the trace goes to stdout.
pub fn is_stdout(options: &TraceOptions) -> bool {
    options.trace.as_deref() == Some(Path::new("-"))
}

/// Writes a trace, if the options ask for it, unless the command is interrupted.
pub fn write(trace: &Trace, options: &TraceOptions, interrupt: &Interrupt) -> Result<(), Unusable> {
    let Some(file) = &options.trace else { return Ok(()) };
    let at_ns = options.from_ns.unwrap_or(0)..=options.to_ns.unwrap_or(u64::MAX);
    let filter =
        Filter::new(trace, &options.nodes, options.keys.clone(), at_ns).map_err(|error| unknown(&error))?;
    let fill = |out: &mut dyn Write| trace::write(trace, &filter, options.form(), out, || interrupt.came());
    if is_stdout(options) {
        let mut stdout = BufWriter::new(std::io::stdout().lock());
        return match fill(&mut stdout).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Unusable::new(format!("stdout: cannot write the trace: {error}")))
            }
            _ => Ok(()),
        };
    }
    whole_file::write(file, fill)
        .map_err(|error| Unusable::new(format!("{}: cannot write the trace: {error}", file.display())))
}

fn unknown(UnknownNode { name, known }: &UnknownNode) -> Unusable {
    let meant = near_miss(name, known.iter().map(String::as_str));
    let meant = meant.map(|name| format!(" did you mean `{name}`?")).unwrap_or_default();
    Unusable::new(format!("--node {name}: the run has no such node;{meant} there are {}", known.join(", ")))
}
