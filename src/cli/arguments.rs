//! The arguments of the command line.

use super::failure_options::FailureOptions;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use revline_checker::import::Format;
use revline_scenarios::shard::Shard;
use revline_store::defect::{Defect, Defects};
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

const EXIT_STATUS: &str = "Exit status: 0 all hold, 1 a guarantee was violated (hunt: a defect was missed; --insist-on-marks: a mark was), 2 bad usage or input, \
                           3 undecided,\n130 or 143 interrupted by SIGINT or SIGTERM.\nRUST_LOG turns logs on (for example RUST_LOG=debug); they go to stderr.";

/// Simulates an etcd-style cluster under faults and judges what its clients saw.
///
/// Without a command: `run` over the whole catalogue.
#[derive(Debug, Parser)]
#[command(name = "revline", version, after_help = EXIT_STATUS, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub options: RunOptions,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios under many seeds and judge every guarantee
    Run(RunArguments),
    /// Run a bundle, or one seed of a scenario, again
    Replay(ReplayArguments),
    /// Switch rules of the store off, one at a time: each must be found
    Hunt(HuntArguments),
    /// Make the plan of a bundle as small as it still fails in the same way
    Shrink(ShrinkArguments),
    /// Change plans that came to rare states, and keep what comes to rarer ones
    Explore(ExploreArguments),
    /// Find the event at which the violation of a bundle became inevitable
    Explain(ExplainArguments),
    /// Judge histories that were recorded elsewhere
    Check(CheckArguments),
    /// Write the page of a run or a history: HTML, in one file
    Report(ReportArguments),
    /// Show what there is
    List(ListArguments),
    /// Begin a test suite for a service that uses etcd-client
    NewSuite(NewSuiteArguments),
}

#[derive(Debug, Args)]
pub struct RunArguments {
    /// Names from the catalogue (`revline list scenarios`), or scenario files; the whole catalogue if none
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    #[command(flatten)]
    pub options: RunOptions,
}

#[derive(Debug, Args)]
pub struct RunOptions {
    /// Seeds of each scenario [default: 20; with --for no end]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: Option<u64>,
    /// The first seed
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub first_seed: u64,
    /// Start no run after so long, as in `90s` or `10m`
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub time_limit: Option<Duration>,
    /// Runs at once; default: the number of cores
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZero<usize>>,
    /// Only the K-th of N parts, each with runs of every scenario: `1/4` to `4/4` are all of them
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Switch a rule of the store off (`revline list defects`); may be given several times
    #[arg(long = "defect", value_name = "NAME", value_parser = defect_parser())]
    pub defects: Vec<Defect>,
    /// Put every client behind a proxy, in scenarios that have none of their own
    #[arg(long)]
    pub behind_proxies: bool,
    #[command(flatten)]
    pub failures: FailureOptions,
    /// Fail if there is a mark that no run reached, of those that a run can reach
    #[arg(long, conflicts_with = "shard")]
    pub insist_on_marks: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// A bundle, a kept regression, or a scenario and a seed, as in `steady@7`
    #[arg(value_name = "BUNDLE | SCENARIO@SEED")]
    pub what: String,
    /// Write everything that happens into a file, one event a line
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Switch a rule of the store off; a bundle says for itself which are
    #[arg(long = "defect", value_name = "NAME", value_parser = defect_parser())]
    pub defects: Vec<Defect>,
    /// Put every client behind a proxy, if the scenario has none of its own; a bundle says for itself
    #[arg(long)]
    pub behind_proxies: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ReportArguments {
    /// A bundle, a scenario and a seed, as in `steady@7`, or a history that `revline check` reads
    #[arg(value_name = "BUNDLE | SCENARIO@SEED | HISTORY")]
    pub what: String,
    /// Folder for the page; created if it is not there
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Seconds to judge a history for
    #[arg(long, value_name = "SECS", default_value_t = 60)]
    pub budget: u64,
    /// Switch a rule of the store off in the run of a seed (`revline list defects`)
    #[arg(long = "defect", value_name = "NAME", value_parser = defect_parser())]
    pub defects: Vec<Defect>,
}

#[derive(Debug, Args)]
pub struct HuntArguments {
    /// Defects to hunt (`revline list defects`); default: all
    #[arg(value_name = "DEFECT", value_parser = defect_parser())]
    pub defects: Vec<Defect>,
    /// Scenario to hunt in: a name from the catalogue or a file; repeatable; default: the whole catalogue
    #[arg(long = "scenario", value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Seeds of each scenario, at most
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// The first seed
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub first_seed: u64,
    /// Runs at once; default: the number of cores
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZero<usize>>,
    /// Folder for the bundles of the runs in which defects were found; created with the first
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Shrink each run in which a defect was found
    #[arg(long)]
    pub shrink: bool,
    /// Write no page (HTML) beside each bundle
    #[arg(long)]
    pub no_page: bool,
    /// One JSON document on stdout
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// A table in Markdown on stdout
    #[arg(long)]
    pub markdown: bool,
}

#[derive(Debug, Args)]
pub struct ShrinkArguments {
    /// The bundle of a failing run
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The guarantee whose violation must stay; default: the first that the bundle names
    #[arg(long, value_name = "NAME")]
    pub guarantee: Option<String>,
    /// The file to write; default: `NAME.small.json` beside `NAME.bundle.json`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// End after so long, as in `90s` or `10m`, with the smallest plan until then
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub time_limit: Option<Duration>,
    /// Runs at once; default: the number of cores
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZero<usize>>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The bundle of a failing run
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The guarantee whose violation is to be explained; default: the first that the bundle names
    #[arg(long, value_name = "NAME")]
    pub guarantee: Option<String>,
    /// Futures at each event that is looked at
    #[arg(long, value_name = "N", default_value = "20")]
    pub futures: NonZero<u64>,
    /// End after so long, as in `90s` or `10m`, with what is known until then
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub time_limit: Option<Duration>,
    /// Runs at once; default: the number of cores
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZero<usize>>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ExploreArguments {
    /// Names from the catalogue (`revline list scenarios`), or scenario files; the whole catalogue if none
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Runs beside those of the plans in --corpus [default: 1000; with --for no end]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub runs: Option<u64>,
    /// The seed of all that is drawn and changed
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Start no run after so long, as in `90s` or `10m`
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub time_limit: Option<Duration>,
    /// Folder of plans: those there are run first, those that reach something rare are added; several jobs can share it
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
    /// The least share of plans that are drawn afresh instead of changed, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(..=100))]
    pub fresh: u32,
    /// Runs at once; default: the number of cores
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZero<usize>>,
    /// Switch a rule of the store off (`revline list defects`); may be given several times
    #[arg(long = "defect", value_name = "NAME", value_parser = defect_parser())]
    pub defects: Vec<Defect>,
    /// Put every client behind a proxy, in scenarios that have none of their own
    #[arg(long)]
    pub behind_proxies: bool,
    #[command(flatten)]
    pub failures: FailureOptions,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Histories: files, or the folder of a report; `-` is stdin
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// The form they have; found out by content if not given
    #[arg(long, value_name = "F")]
    pub format: Option<FormatName>,
    /// The model to judge by: it must be the one the form speaks of
    #[arg(long, value_name = "M")]
    pub model: Option<ModelName>,
    /// Pass over fields that the form does not have, instead of refusing the history; the verdict says which
    #[arg(long)]
    pub ignore_unknown_fields: bool,
    /// Time for judging one history, in seconds; a guarantee that is open then stays undecided
    #[arg(long, value_name = "SECS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub budget: u64,
    /// Time for explaining a violation, in seconds; 0 for no explanation; default: about a tenth of a second, or as
    /// long as the verdict took
    #[arg(long, value_name = "SECS")]
    pub explain: Option<u64>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
    /// Folder for the pages of histories that violate a guarantee; created with the first
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Write no page (HTML) of a history that violates a guarantee
    #[arg(long)]
    pub no_page: bool,
}

#[derive(Debug, Args)]
pub struct ListArguments {
    /// The list to show
    pub what: Listed,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct NewSuiteArguments {
    /// The folder to write into: new, or empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The folder of revline's sources, or the URL of its git repository; default: the folder that this program was built from
    #[arg(long, value_name = "PATH | URL")]
    pub revline: Option<String>,
}

/// The lists.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Listed {
    /// The scenarios of the catalogue
    Scenarios,
    /// The guarantees that are judged
    Guarantees,
    /// The faults that a scenario can name
    Faults,
    /// The rules of the store that can be switched off
    Defects,
    /// The JSON schema of scenario files
    Schema,
}

/// The forms of histories, as the command line names them.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatName {
    /// revline's own JSONL
    Revline,
    /// A log of Jepsen's tests of etcd
    Jepsen,
    /// Jepsen's `history.edn`: registers and mutexes
    JepsenEdn,
    /// A log of porcupine's key-value tests
    PorcupineKv,
    /// A report of etcd's robustness tests: its folder, or one file of it
    EtcdRobustness,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Format {
        match name {
            FormatName::Revline => Format::Jsonl,
            FormatName::Jepsen => Format::Jepsen,
            FormatName::JepsenEdn => Format::JepsenEdn,
            FormatName::PorcupineKv => Format::Porcupine,
            FormatName::EtcdRobustness => Format::Robustness,
        }
    }
}

/// The models, as the command line names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModelName {
    /// One register: read, write, compare-and-set
    Register,
    /// A mutual exclusion lock: acquire, release
    Mutex,
    /// Keys with get, put and append
    AppendKv,
    /// etcd's KV API and watches
    Etcd,
}

impl ModelName {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            ModelName::Register => "register",
            ModelName::Mutex => "mutex",
            ModelName::AppendKv => "append-kv",
            ModelName::Etcd => "etcd",
        }
    }
}

/// The seeds of each scenario where nothing says how many.
const SEEDS: u64 = 20;

impl RunOptions {
    /// The number of seeds of each scenario. Without a number, a limit of time is the only one.
    pub fn seeds(&self) -> u64 {
        self.seeds.unwrap_or(match self.time_limit {
            Some(_) => u64::MAX - self.first_seed,
            None => SEEDS,
        })
    }

    /// The rules that are to be switched off.
    pub fn defects(&self) -> Defects {
        self.defects.iter().copied().collect()
    }
}

/// The number of runs of an exploration where nothing says how many.
const EXPLORED_RUNS: u64 = 1_000;

impl ExploreArguments {
    /// The number of runs beside those of the corpus. Without a number, a limit of time is the only one.
    pub fn runs(&self) -> u64 {
        self.runs.unwrap_or(if self.time_limit.is_some() { u64::MAX } else { EXPLORED_RUNS })
    }
}

fn defect_parser() -> impl TypedValueParser<Value = Defect> {
    PossibleValuesParser::new(Defect::ALL.iter().map(|defect| defect.description().name))
        .try_map(|name| name.parse::<Defect>())
}

/// The most runs at once: each takes a thread, and the memory of a whole cluster.
const MAX_JOBS: usize = 1_024;

fn jobs(text: &str) -> Result<NonZero<usize>, String> {
    let jobs = text.parse::<NonZero<usize>>().map_err(|error| error.to_string())?;
    let bounded = Some(jobs).filter(|jobs| jobs.get() <= MAX_JOBS);
    bounded
        .ok_or_else(|| format!("at most {MAX_JOBS}: each takes a thread, and the memory of a whole cluster"))
}

fn shard(text: &str) -> Result<Shard, String> {
    let part = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    let (index, of) = part.ok_or("expected K/N, as in 1/4")?;
    Shard::new(index, of).ok_or_else(|| format!("there is no part {index} of {of}: K is 1 to N"))
}
