//! A record that was not written to its end is read as if it was.

use super::{Defect, Description};

/// The defect of this file.
pub const DEFECT: Defect = Defect::TornRecordAccepted;

pub(super) const DESCRIPTION: Description = Description {
    name: "torn-record-accepted",
    rule: "the checksum of the last record is not checked on recovery",
    guarantees: &["member-agreement", "durable"],
};
