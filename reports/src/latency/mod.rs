//! The latencies of answered calls in simulated time, by kind of call.
//!
//! They are kept as histograms whose counts are exact, so that the latencies of many parts are those of the whole,
//! whatever they are added up in.

mod histogram;
mod kind;

use histogram::Histogram;
pub(crate) use histogram::HistogramForm;
use revline_checker::history::{History, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The latencies of answered calls, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies(BTreeMap<String, Histogram>);

/// The latencies of one kind of call, as documents have them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KindForm {
    /// The kind of call, as in `range linearizable`.
    pub kind: String,
    /// Their histogram.
    #[serde(flatten)]
    pub latencies: HistogramForm,
}

impl Latencies {
    /// The latencies of a history's calls.
    pub fn of(history: &History) -> Latencies {
        let mut latencies = Latencies::default();
        for call in &history.operations {
            if let (Outcome::Ok(_), Some(return_ns)) = (&call.outcome, call.return_ns) {
                latencies.add(kind::of_request(&call.request), call.invoke_ns, return_ns);
            }
        }
        for call in &history.admin_calls {
            if let (Outcome::Ok(_), Some(return_ns)) = (&call.outcome, call.return_ns) {
                latencies.add(kind::of_admin_request(&call.request), call.invoke_ns, return_ns);
            }
        }
        latencies
    }

    fn add(&mut self, kind: &str, invoke_ns: u64, return_ns: u64) {
        let latency_us = return_ns.saturating_sub(invoke_ns) / 1_000;
        match self.0.get_mut(kind) {
            Some(histogram) => histogram.add(latency_us),
            None => self.0.entry(kind.to_owned()).or_default().add(latency_us),
        }
    }

    /// Adds the latencies of other calls.
    pub fn merge(&mut self, other: Latencies) {
        for (kind, histogram) in other.0 {
            self.0.entry(kind).or_default().merge(&histogram);
        }
    }

    /// The form in documents, by name of the kind.
    pub(crate) fn form(&self) -> Vec<KindForm> {
        let form = |(kind, histogram): (&String, &Histogram)| KindForm {
            kind: kind.clone(),
            latencies: histogram.form(),
        };
        self.0.iter().map(form).collect()
    }

    /// Reads the form in documents; an error names the field and what is wrong with it.
    #[cfg(feature = "folder")]
    pub(crate) fn read(form: Vec<KindForm>) -> Result<Latencies, (String, String)> {
        let mut latencies = Latencies::default();
        for (at, KindForm { kind, latencies: form }) in form.into_iter().enumerate() {
            let histogram =
                Histogram::read(&form).map_err(|(field, what)| (format!("latencies[{at}].{field}"), what))?;
            if latencies.0.insert(kind.clone(), histogram).is_some() {
                return Err((format!("latencies[{at}].kind"), format!("`{kind}` is there twice")));
            }
        }
        Ok(latencies)
    }
}
