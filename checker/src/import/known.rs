//! Files that are known by how they begin, and are no histories that are read here.

use std::fmt;

/// A kind of file that is no history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// gzip: RFC 1952.
    Gzip,
    /// A zip archive.
    Zip,
    /// zstd, bzip2 or xz.
    Compressed,
    /// etcd's write-ahead log.
    Wal,
    /// etcd's database: bbolt.
    Bolt,
    /// Jepsen's `test.jepsen`.
    JepsenTest,
    /// Jepsen's `jepsen.log` of today, or its `history.txt`.
    JepsenText,
    /// Jepsen's `results.edn`.
    JepsenResults,
    /// Operations of Jepsen or elle in JSON.
    JepsenJson,
    /// The page on which porcupine shows a history.
    PorcupinePage,
    /// Any other page.
    Page,
    /// A bundle of `revline run`.
    Bundle,
    /// A scenario of `revline run`.
    Scenario,
    /// The document of a sweep: `report.json`, or that of `revline run --json` or `explore --json`.
    Sweep,
    /// A document of `revline hunt --json`, `check --json`, `replay --json` or `list --json`.
    Document,
    /// `traffic.json` of a report of etcd's robustness tests.
    Traffic,
    /// JSON of another form.
    Json,
    /// No text.
    Binary,
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Known::Gzip => {
                "is compressed with gzip, as logs and pprof profiles are: expected a history; of a log, \
                 `zcat FILE | revline check -` judges what is in it"
            }
            Known::Zip => "is a zip archive: expected a history, unpack it and name the file in it",
            Known::Compressed => "is compressed: expected a history, decompress it first",
            Known::Wal => {
                "is a write-ahead log of etcd: expected what clients observed, such as the folder of a robustness report"
            }
            Known::Bolt => {
                "is a database of etcd: expected what clients observed, such as the folder of a robustness report"
            }
            Known::JepsenTest => "is Jepsen's `test.jepsen`: expected the `history.edn` beside it",
            Known::JepsenText => "is a log or a `history.txt` of Jepsen: expected the `history.edn` beside it",
            Known::JepsenResults => "is Jepsen's `results.edn`: expected the `history.edn` beside it",
            Known::JepsenJson => {
                "holds operations as Jepsen and elle write them, in JSON: expected a register or a mutex in EDN \
                 (`{:process 0, :type :invoke, :f :read, :value nil}`)"
            }
            Known::PorcupinePage => "is a page on which porcupine shows a history: expected the history it was made of",
            Known::Page => "is an HTML page: expected a history",
            Known::Bundle => "is a bundle of revline: `revline replay FILE` runs it again",
            Known::Scenario => "is a scenario of revline: `revline run FILE` runs it",
            Known::Sweep => {
                "is the document of a sweep, of `revline run --json`: expected a history, as clients observed it; the \
                 sweep has judged its own, and `revline replay` repeats a run of it"
            }
            Known::Document => {
                "is a document of revline, of `hunt --json`, `check --json` or the like: expected a history, as clients \
                 observed it"
            }
            Known::Traffic => "is a part of a robustness report without operations: expected the folder of the report",
            Known::Json => {
                "is JSON of a form that is not known: expected revline's JSONL, whose first line is \
                 `{\"kind\":\"header\",\"format\":\"revline-history\",\"version\":1}`, or a file of an etcd robustness \
                 report (`{\"ClientId\":0,\"Input\":...`)"
            }
            Known::Binary => "is no text: expected a history of a known form",
        })
    }
}

impl Known {
    /// Recognises a beginning that is no history; `text` is the same as text.
    pub(super) fn of(beginning: &[u8], text: &str) -> Option<Known> {
        let of_bytes: [(&[u8], Known); 8] = [
            (b"\x1f\x8b", Known::Gzip),
            (b"PK\x03\x04", Known::Zip),
            (b"PK\x05\x06", Known::Zip),
            (b"\x28\xb5\x2f\xfd", Known::Compressed),
            (b"BZh", Known::Compressed),
            (b"\xfd7zXZ\x00", Known::Compressed),
            (b"JEPSEN", Known::JepsenTest),
            (b"SQLite format 3\x00", Known::Binary),
        ];
        if let Some((_, known)) = of_bytes.into_iter().find(|(magic, _)| beginning.starts_with(magic)) {
            return Some(known);
        }
        // A page of bbolt: id, flags, count, overflow; then the meta page's magic number.
        if beginning.get(16..20) == Some(&[0xed, 0xda, 0x0c, 0xed]) {
            return Some(Known::Bolt);
        }
        // A frame of 8 bytes; then a record whose type, field 1, is 4: the CRC with which each file begins.
        if beginning.get(8..11) == Some(&[0x08, 0x04, 0x10]) && beginning[1..7] == [0; 6] {
            return Some(Known::Wal);
        }
        if beginning.contains(&0) {
            return Some(Known::Binary);
        }
        let text = text.trim_start_matches('\u{feff}').trim_ascii_start();
        match text.chars().next()? {
            '<' => Known::of_page(text),
            '{' | '[' => Known::of_json(text),
            _ => None,
        }
    }

    /// Recognises the beginning of a page.
    fn of_page(text: &str) -> Option<Known> {
        let lower = text.to_ascii_lowercase();
        let tags = ["<!doctype html", "<html", "<head", "<svg", "<?xml"];
        let of_porcupine = lower.contains("porcupine");
        let page = if of_porcupine { Known::PorcupinePage } else { Known::Page };
        tags.iter().any(|tag| lower.starts_with(tag)).then_some(page)
    }

    /// Recognises the beginning of JSON by the names of its first fields.
    fn of_json(text: &str) -> Option<Known> {
        let inner = text.trim_start_matches(|c: char| c == '[' || c == '{' || c.is_whitespace());
        // Neither JSON nor anything else: EDN has keywords here.
        if !inner.starts_with('"') {
            let is_results = inner.starts_with(":valid?") || text.contains(" :valid? ");
            return is_results.then_some(Known::JepsenResults);
        }
        let has =
            |name: &str| text.contains(&format!("\"{name}\":")) || text.contains(&format!("\"{name}\" :"));
        if inner.starts_with("\"kind\"") || text.contains("\"revline-history\"") {
            return None;
        }
        let is_list = text.starts_with('[') && has("name") && has("about");
        let is_of_runs = has("revline") && (has("histories") || has("recorded"));
        let is_document = is_list || is_of_runs || has("defect") && has("wanted");
        let is_sweep = has("runs") && !has("plan") || has("version") && has("command");
        Some(if has("revline") && is_sweep {
            Known::Sweep
        } else if has("plan") && has("revline") {
            Known::Bundle
        } else if is_document {
            Known::Document
        } else if has("name") && has("about") {
            Known::Scenario
        } else if has("expectuniquerevision") {
            Known::Traffic
        } else if has("type") && has("f") && has("process") {
            Known::JepsenJson
        } else if has("kind") {
            return None;
        } else {
            Known::Json
        })
    }

    /// Jepsen's text forms, by a line of them.
    pub(super) fn of_line(line: &str) -> Option<Known> {
        let mut fields = line.split('\t').map(str::trim);
        let is_process =
            fields.next().is_some_and(|field| field == ":nemesis" || field.parse::<u64>().is_ok());
        let is_kind = fields.next().is_some_and(|kind| [":invoke", ":ok", ":fail", ":info"].contains(&kind));
        (is_process && is_kind || line.contains(" jepsen.util: ")).then_some(Known::JepsenText)
    }
}
