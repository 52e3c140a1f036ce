//! `revline figure`: figures drawn from simulation, as SVG with the numbers beside it as CSV.

use super::arguments::FigureArguments;
use super::interrupt::Interrupt;
use super::print::print;
use super::status::{Status, Unusable};
use revline::figure::{Drawing, Effort, FIGURES, FigureError, Step};
use revline_reports::figure::{Figure, svg};
use revline_reports::progress::Progress;
use revline_scenarios::crew::Proceed;
use revline_scenarios::whole_file;
use std::path::Path;

/// Draws the figures that the arguments name, and prints the names of their files.
pub fn figure(arguments: &FigureArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    let FigureArguments { names, out, seeds, quick, work } = arguments;
    let is_wanted = |drawing: &&Drawing| names.is_empty() || names.iter().any(|name| name == drawing.name);
    let wanted: Vec<&Drawing> = FIGURES.iter().filter(is_wanted).collect();
    let effort = Effort { seeds: *seeds, is_quick: *quick, jobs: work.jobs() };
    // Before the work: a folder that cannot be made is told of at once.
    std::fs::create_dir_all(out).map_err(|error| cannot(out, &error))?;
    let mut progress = Progress::new(work.quiet);
    for (at, drawing) in (1..).zip(&wanted) {
        let drawn = drawing.draw(&effort, &mut |step| {
            match step {
                Step::Begin(runs) => {
                    progress.begin(&format!("{}, {at} of {}", drawing.name, wanted.len()), Some(runs));
                }
                Step::Ended => progress.finished(false),
            }
            if interrupt.came() { Proceed::Stop } else { Proceed::On }
        });
        progress.rest();
        match drawn {
            Ok(figure) => write(&figure, out, drawing.name)?,
            // The exit status says which signal came.
            Err(FigureError::Ended) => break,
            Err(error) => return Err(Unusable::new(format!("{}: {error}", drawing.name))),
        }
    }
    progress.done();
    Ok(Status::Holds)
}

fn write(figure: &Figure, out: &Path, name: &str) -> Result<(), Unusable> {
    for (ending, text) in [("svg", svg(figure)), ("csv", figure.table.csv())] {
        let file = out.join(format!("{name}.{ending}"));
        whole_file::write(&file, |out| out.write_all(text.as_bytes()))
            .map_err(|error| cannot(&file, &error))?;
        print(&format!("{}\n", file.display()))?;
    }
    Ok(())
}

fn cannot(place: &Path, error: &std::io::Error) -> Unusable {
    Unusable::new(format!("{}: cannot write a figure: {error}", place.display()))
}
