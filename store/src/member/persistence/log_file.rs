//! The log on a member's disk, as far as the disk was asked to write it.

use crate::disk::{DiskOperation, DiskToken, File};
use crate::member::Output;
use crate::wal::{ChainEnd, Owner, WalRecord};

/// The bytes that most records fit into.
const RECORD_BYTES: usize = 160;

/// The file of the log, written through disk outputs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LogFile {
    end: ChainEnd,
    secured: ChainEnd,
}

impl LogFile {
    /// A log whose last record is `end`.
    pub fn ending_in(end: ChainEnd) -> LogFile {
        LogFile { end, secured: ChainEnd::default() }
    }

    /// The last record that is durable once the disk has done everything it was asked for so far. A snapshot that is
    /// written now names it: a log that does not reach it is older than the snapshot.
    pub fn secured(&self) -> ChainEnd {
        self.secured
    }

    /// Appends records.
    pub fn append(&mut self, records: impl IntoIterator<Item = WalRecord>, out: &mut Vec<Output>) {
        let mut records = records.into_iter().peekable();
        if records.peek().is_none() {
            return;
        }
        let mut bytes = Vec::with_capacity(RECORD_BYTES);
        for record in records {
            self.end.append(&record, &mut bytes);
        }
        let operation = DiskOperation::Append { file: File::Wal, bytes };
        out.push(Output::Disk { operation, done: None });
    }

    /// Writes the file anew. The chain goes on.
    pub fn replace(&mut self, owner: Owner, records: &[WalRecord], out: &mut Vec<Output>) {
        let bytes = self.end.replace(owner, records);
        self.secured = self.end;
        let operation = DiskOperation::Replace { file: File::Wal, bytes };
        out.push(Output::Disk { operation, done: None });
    }

    /// Makes everything appended so far durable.
    pub fn sync(&mut self, done: Option<DiskToken>, out: &mut Vec<Output>) {
        self.secured = self.end;
        out.push(Output::Disk { operation: DiskOperation::Sync { file: File::Wal }, done });
    }
}
