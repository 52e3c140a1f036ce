//! A disk: operations in order, and how much of the log is durable.

use revline_store::disk::{DiskImage, DiskOperation, DiskToken, File};
use std::collections::VecDeque;

#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub wal: Option<Vec<u8>>,
    /// So many bytes of the log are durable.
    pub durable: usize,
    pub snapshot: Option<Vec<u8>>,
    /// The operations that were asked for and are not done.
    pub queue: VecDeque<(DiskOperation, Option<DiskToken>)>,
    /// Nothing is done while this is set.
    pub stalled: bool,
}

impl Disk {
    /// Does the next operation. The outer `None`: there is none.
    pub fn advance(&mut self) -> Option<Option<DiskToken>> {
        if self.stalled {
            return None;
        }
        let (operation, done) = self.queue.pop_front()?;
        match operation {
            DiskOperation::Append { file: File::Wal, bytes } => {
                self.wal.as_mut().expect("a log is created before it is appended to").extend(bytes);
            }
            DiskOperation::Sync { file: File::Wal } => self.durable = self.wal.as_ref().map_or(0, Vec::len),
            DiskOperation::Replace { file: File::Wal, bytes } => {
                self.durable = bytes.len();
                self.wal = Some(bytes);
            }
            DiskOperation::Replace { file: File::Snapshot, bytes } => self.snapshot = Some(bytes),
            DiskOperation::Append { file: File::Snapshot, .. }
            | DiskOperation::Sync { file: File::Snapshot } => {
                panic!("a snapshot is only ever replaced")
            }
        }
        Some(done)
    }

    /// The image after a crash that loses everything that is not durable.
    pub fn durable_image(&self) -> DiskImage {
        let wal = self.wal.as_ref().map(|wal| wal[..self.durable].to_vec());
        DiskImage { wal, snapshot: self.snapshot.clone() }
    }

    /// The image after a crash that left the first `length` bytes of the log, and `zeros` zeros.
    pub fn image_cut(&self, length: usize, zeros: usize) -> DiskImage {
        let mut wal = self.wal.clone().unwrap_or_default();
        wal.truncate(length);
        wal.resize(length + zeros, 0);
        DiskImage { wal: Some(wal), snapshot: self.snapshot.clone() }
    }

    /// A disk that holds just this.
    pub fn holding(image: &DiskImage) -> Disk {
        Disk {
            durable: image.wal.as_ref().map_or(0, Vec::len),
            wal: image.wal.clone(),
            snapshot: image.snapshot.clone(),
            ..Disk::default()
        }
    }
}
