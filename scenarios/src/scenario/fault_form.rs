//! Faults in the form that scenario files have.

use revline_sim::fault::Fault;

/// Reads a fault in the form that scenario files have.
///
/// ```
/// let fault = revline_scenarios::scenario::parse_fault(r#"{"kind": "crash", "target": "leader"}"#)?;
/// assert_eq!(serde_json::to_string(&fault)?, r#"{"kind":"crash","target":"leader"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn parse_fault(text: &str) -> Result<Fault, serde_json::Error> {
    serde_json::from_str(text)
}
