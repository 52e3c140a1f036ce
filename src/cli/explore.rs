//! `revline explore`: plans that came to rare states, changed.

use super::arguments::ExploreArguments;
use super::findings::{Findings, shrink_groups, status};
use super::interrupt::Interrupt;
use super::outlet::Outlet;
use super::print::{complain, status_after};
use super::run::{planned, sources};
use super::scenario_argument;
use super::shrink::Limit;
use super::status::{Status, Unusable};
use revline_reports::RunReport;
use revline_reports::progress::Progress;
use revline_reports::sweep::plan::{Ended, SweepCommand, SweepPlan};
use revline_scenarios::bundle::Bundle;
use revline_scenarios::crew::Proceed;
use revline_scenarios::explore::{self as exploring, Exploration, ExploredRun};
use revline_scenarios::scenario::Scenario;
use revline_scenarios::shard::Shard;
use revline_scenarios::sweep::Finished;
use std::time::Instant;

/// Explores as the arguments ask for.
pub fn explore(arguments: &ExploreArguments, interrupt: &Interrupt) -> Result<Status, Unusable> {
    let mut scenarios = scenario_argument::find_all(&arguments.scenarios)?;
    if arguments.world.behind_proxies {
        scenarios.iter_mut().for_each(Scenario::behind_proxies);
    }
    let folder = arguments.corpus.as_deref();
    let exploration = Exploration {
        scenarios,
        defects: arguments.world.defects(),
        seed: arguments.seed,
        corpus: folder.map(exploring::read).transpose()?.unwrap_or_default(),
        fresh_percent: arguments.fresh,
        runs: arguments.runs(),
        jobs: arguments.work.jobs(),
        time_limit: arguments.time_limit,
    };
    let began = Instant::now();
    let most = arguments.failures.most();
    let plans_read = exploration.corpus.len() as u64;
    let runs = Some(exploration.runs).filter(|runs| *runs < u64::MAX);
    let runs = runs.map(|runs| runs.saturating_add(plans_read));
    let findings = Findings::new(SweepPlan {
        command: SweepCommand::Explore,
        scenarios: planned(&exploration.scenarios, &sources(&arguments.scenarios, &exploration.scenarios)),
        first_seed: arguments.seed,
        seeds: None,
        shard: Shard::WHOLE,
        defects: exploration.defects.iter().map(|defect| defect.to_string()).collect(),
        behind_proxies: arguments.world.behind_proxies,
        known: arguments.failures.known()?,
        runs,
    });
    let outlet = Outlet::new(&arguments.failures.out, arguments.json, arguments.failures.annotations);
    let (so_far, last) = (findings.clone(), outlet.clone());
    interrupt.keep_words(move || {
        let _ = last.hand_out(&so_far.report(began.elapsed(), Ended::Interrupted));
    });
    let (mut run, mut failures, mut kept_badly) = (0, 0, None);
    let mut progress = Progress::new(arguments.work.quiet);
    progress.begin("", runs);
    let examine = |finished: Finished| {
        let report = RunReport::of(&finished);
        let is_wanted = folder.is_some() || report.failed();
        let bundle = is_wanted.then(|| bundle(finished)).flatten();
        (report, bundle)
    };
    let explored =
        exploration.run(&|| began.elapsed(), &examine, &mut |ExploredRun { examined, is_kept }| {
            let (report, bundle) = examined;
            run += 1;
            progress.finished(report.failed());
            if let (true, Some(bundle), Some(folder)) = (is_kept && run > plans_read, &bundle, folder) {
                kept_badly = exploring::keep(bundle, folder).err();
            }
            let is_bad = report.failed();
            failures = findings.take(report, bundle.filter(|_| is_bad), &arguments.failures, |report| {
                format!(
                    "revline explore --seed {} comes to it again in run {run}: {}",
                    arguments.seed,
                    report.name()
                )
            });
            let stops = failures >= most || interrupt.came() || kept_badly.is_some();
            if stops { Proceed::Stop } else { Proceed::On }
        });
    progress.done();
    interrupt.end();
    let mut report = findings.report(began.elapsed(), Ended::Complete);
    report.explored = Some(explored);
    if interrupt.came() {
        report.ended = Ended::Interrupted;
        complain("interrupted: the report is of the runs until then");
    } else if failures >= most {
        report.ended = Ended::Failures;
        complain(&format!("stopped after {failures} failing runs: the report is of the runs until then"));
    } else if runs.is_none_or(|runs| runs > report.runs.len() as u64) {
        report.ended = Ended::Time;
    }
    let shown = outlet.hand_out(&report);
    if let Some(error) = kept_badly {
        return Err(error.into());
    }
    if arguments.failures.shrink {
        let limit = Limit::of_each(&arguments.work);
        shrink_groups(&report, &arguments.failures.out, limit, interrupt);
    }
    status_after(shown, status(&report))
}

fn bundle(Finished { plan, outcome, .. }: Finished) -> Option<Bundle> {
    let outcome = outcome.ok()?;
    Some(Bundle::new(plan, &outcome))
}
