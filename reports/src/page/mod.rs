//! The page of one run or one history: a file of HTML that needs nothing else, for whoever wants to know what happened.
//!
//! At its top it says in words what was promised and what was seen, then comes a timeline of all that clients, members and
//! faults did, the revisions of each key, and the state of the store as of each revision. [`page`] makes it from a history
//! and the verdicts on it, wherever these come from.

mod columns;
mod document;
mod faults;
mod items;
mod order;
mod parties;
mod rows;
mod short;
mod story;
mod told;
mod writes;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use columns::Detail;
use document::{Document, Judged};
use flate2::Compression;
use flate2::write::GzEncoder;
use minijinja::{Environment, context};
use revline_checker::guarantee::GUARANTEES;
use revline_checker::history::History;
use revline_checker::judge::Order;
use revline_checker::verdict::{Verdict, Verdicts};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// The subject of a page.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The name of the run, or of the file of the history.
    pub title: String,
    /// The command that shows the same again, if there is one.
    pub replay: Option<String>,
    /// The failure of the run, where it is not a verdict: a panic, or what its program said.
    pub failure: Option<String>,
    /// Facts about it, each with its name.
    pub facts: Vec<(String, String)>,
    /// The names of servers that are not `member` and their id: those of proxies.
    pub servers: BTreeMap<u64, String>,
    /// The names of clients and processes, by their numbers in the history.
    pub clients: BTreeMap<u32, String>,
    /// The observations of processes and of a test's program.
    pub notes: Vec<Note>,
}

/// An observation that the history does not hold.
#[derive(Clone, Debug)]
pub struct Note {
    /// The time since the world began, in nanoseconds.
    pub at_ns: u64,
    /// The process that made it; empty for the program of the world.
    pub by: String,
    /// It in words.
    pub text: String,
}

/// A verdict, as the page lists it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    /// The promise, in a line.
    about: &'static str,
    /// The class of the row.
    sort: &'static str,
    /// The verdict.
    word: &'static str,
    examined: u64,
    message: String,
}

/// Makes the page of a history and the verdicts on it.
///
/// Everything that comes from the history is text to the page, whatever it holds.
pub fn page(subject: &Subject, history: &History, verdicts: &Verdicts) -> String {
    let order = Order::of(history);
    let history = &*history.in_full();
    let (document, data) = fitting(subject, &Judged { history, verdicts, order });
    let story = story::tell(subject, history, verdicts);
    let mut environment = Environment::new();
    environment
        .add_template("page.html", include_str!("page.html"))
        .expect("the template is part of the program");
    let template = environment.get_template("page.html").expect("it was just added");
    let verdict = |word: &str| rows(verdicts).filter(|row| row.sort == word).count();
    let replay = &subject.replay;
    let values = context! {
        title => subject.title, replay, facts => subject.facts, story,
        result => match (&subject.failure, verdict("violated"), verdict("unknown")) {
            (_, 1.., _) => "violated",
            (Some(_), ..) => "failed",
            (None, 0, 1..) => "undecided",
            // A verdict on nothing is none.
            (None, 0, 0) if verdict("holds") == 0 => "undecided",
            (None, 0, 0) => "holds",
        },
        counts => context! {
            holds => verdict("holds"), violated => verdict("violated"), unknown => verdict("unknown"),
            vacuous => verdict("vacuous"),
        },
        rows => rows(verdicts).collect::<Vec<_>>(),
        evidence => document.evidence(),
        style => include_str!("page.css"),
        script => include_str!("page.js"),
        data,
    };
    template.render(values).expect("every value of the template is there")
}

/// The verdicts: what is violated first.
fn rows(verdicts: &Verdicts) -> impl Iterator<Item = Row<'_>> {
    let mut rows: Vec<Row<'_>> = verdicts
        .iter()
        .map(|(name, verdict)| {
            let message = match verdict {
                Verdict::Violated { evidence, .. } => evidence.message.clone(),
                Verdict::Unknown { why, .. } => why.clone(),
                Verdict::Holds { .. } | Verdict::Vacuous => String::new(),
            };
            let message = short::shortened(message);
            let about = GUARANTEES.iter().find(|own| own.name == name).map_or("", |own| own.about);
            let word = match verdict {
                Verdict::Vacuous => "not exercised",
                other => other.word(),
            };
            Row { name, about, sort: verdict.word(), word, examined: verdict.examined(), message }
        })
        .collect();
    rows.sort_by_key(|row| match row.sort {
        "violated" => 0,
        "unknown" => 1,
        "holds" => 2,
        _ => 3,
    });
    rows.into_iter()
}

/// The most bytes of the document of a page, as it lies there, if less detail can make it so: a page of two megabytes.
const MOST_BYTES: usize = 1_900_000;

/// The details in which a document may be kept, the finest first.
const DETAILS: [Detail; 5] = [
    Detail { text_bytes: 400, unit_us: 1 },
    Detail { text_bytes: 160, unit_us: 1 },
    Detail { text_bytes: 80, unit_us: 10 },
    Detail { text_bytes: 48, unit_us: 10 },
    Detail { text_bytes: 24, unit_us: 100 },
];

/// The document in the finest detail that fits, or else in the coarsest, and its packed form.
fn fitting(subject: &Subject, judged: &Judged<'_>) -> (Document, String) {
    let of = |detail| {
        let document = Document::of(subject, judged, detail);
        let data = packed(&document);
        (document, data)
    };
    let (finer, coarsest) = DETAILS.split_at(DETAILS.len() - 1);
    let fits = |(_, data): &(Document, String)| data.len() <= MOST_BYTES;
    finer.iter().map(|&detail| of(detail)).find(fits).unwrap_or_else(|| of(coarsest[0]))
}

/// The document as the script of the page reads it: compressed JSON in base64.
fn packed(document: &Document) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(&mut encoder, document).expect("a document has no map whose keys are not texts");
    encoder.flush().expect("memory takes all");
    STANDARD.encode(encoder.finish().expect("memory takes all"))
}
