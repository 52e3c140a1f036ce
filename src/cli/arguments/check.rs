//! The arguments of `revline check`.

use super::values::{from_0, from_1};
use clap::{Args, ValueEnum};
use revline_checker::import::Format;
use std::path::PathBuf;

/// The help of `--format`, in lines of a screen.
const FORMAT: &str = "\
The form of the histories; default: found out by content.
revline, jepsen, jepsen-edn, porcupine-kv or etcd-robustness";

/// The help of `--model`, in lines of a screen.
const MODEL: &str = "\
Refuse histories of another model than this:
register, mutex, append-kv or etcd";

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Histories: files, or the folder of a report; `-` is stdin
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    #[arg(long, value_name = "F", help = FORMAT, hide_possible_values = true)]
    pub format: Option<FormatName>,
    #[arg(long, value_name = "M", help = MODEL, hide_possible_values = true)]
    pub model: Option<ModelName>,
    /// Pass over fields that the form does not have
    #[arg(long)]
    pub ignore_unknown_fields: bool,
    /// Seconds for judging one history; then it is undecided
    #[arg(long, value_name = "SECS", default_value_t = 60, value_parser = from_1, allow_negative_numbers = true)]
    pub budget: u64,
    /// Seconds for explaining a violation, 0 for none
    #[arg(long, value_name = "SECS", value_parser = from_0, allow_negative_numbers = true)]
    pub explain: Option<u64>,
    /// Folder for the pages of histories that fail
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Write no page (HTML) of a history that fails
    #[arg(long)]
    pub no_page: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
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
