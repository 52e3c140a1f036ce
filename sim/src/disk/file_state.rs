//! The bytes of a file: those that are durable, and those that the system alone remembers.

use crate::entropy::{Generator, Probability};
use rand::Rng;
use std::ops::Range;

/// The piece of a file that a system keeps in memory, and writes, as one.
const PAGE_BYTES: usize = 4096;

/// A file of a member.
#[derive(Debug, Default)]
pub(super) struct FileState {
    pub exists: bool,
    /// The content as a process reads it.
    pub bytes: Vec<u8>,
    /// The number of bytes that no loss of power can take.
    pub durable: usize,
    /// The number of bytes that a sync, or the making of the file, reported to be durable. What a loss of power left
    /// behind them may be the beginning of a write.
    synced: usize,
    /// Where each write since the file was made ends.
    writes: Vec<usize>,
    /// The bytes of syncs that failed: they can be read as long as the system runs, and no later sync writes them, unless
    /// something else in their page is written.
    lost: Vec<Range<usize>>,
}

impl FileState {
    /// A file with this content, all of it durable.
    pub fn durable(bytes: Vec<u8>) -> FileState {
        FileState {
            exists: true,
            durable: bytes.len(),
            synced: bytes.len(),
            writes: vec![bytes.len()],
            bytes,
            lost: Vec::new(),
        }
    }

    /// A file with this content; no file, if there is none.
    pub fn of(content: Option<Vec<u8>>) -> FileState {
        content.map(FileState::durable).unwrap_or_default()
    }

    pub fn append(&mut self, bytes: &[u8]) {
        self.exists = true;
        self.write_page_again();
        self.bytes.extend_from_slice(bytes);
        self.writes.push(self.bytes.len());
    }

    /// The page that the file ends in is to be written, with the bytes in it that a failed sync left behind.
    fn write_page_again(&mut self) {
        let page = self.bytes.len() / PAGE_BYTES * PAGE_BYTES;
        for lost in &mut self.lost {
            if lost.end > page {
                self.durable = self.durable.min(lost.start.max(page));
                lost.end = page;
            }
        }
        self.lost.retain(|lost| !lost.is_empty());
        self.synced = self.synced.min(self.durable);
    }

    /// Makes its bytes durable, but for those of syncs that failed. Returns how many count as durable.
    pub fn sync(&mut self) -> usize {
        self.durable = self.bytes.len();
        self.synced = self.durable;
        self.durable
    }

    /// Fails to make its bytes durable: the system takes them for written, as Linux does.
    pub fn fail_to_sync(&mut self) {
        let from = self.lost.last().map_or(self.durable, |lost| lost.end.max(self.durable));
        if from < self.bytes.len() {
            self.lost.push(from..self.bytes.len());
        }
    }

    /// Loses power: any suffix of the bytes that are not durable is lost, and zeros may be left in its place. Bytes of a
    /// sync that failed are lost whatever a later sync said: there is nothing but zeros.
    pub fn crash(&mut self, generator: impl FnOnce() -> Generator, zero_tail: Probability) {
        let (durable, length) = (self.durable, self.bytes.len());
        if durable < length {
            let mut generator = generator();
            let written = self.lost.iter().map(|lost| lost.start).find(|&start| start >= durable);
            let survive = generator.gen_range(durable..=length).min(written.unwrap_or(length));
            let zeros = zero_tail.happens(&mut generator);
            self.bytes.truncate(survive);
            if zeros {
                self.bytes.resize(length, 0);
            }
            self.exists = durable > 0 || survive > 0;
        }
        for lost in self.lost.drain(..).filter(|lost| lost.start < durable) {
            let end = lost.end.min(self.bytes.len());
            self.bytes[lost.start..end].fill(0);
        }
        self.durable = self.bytes.len();
        self.synced = self.synced.min(self.durable);
        self.writes.retain(|&end| end <= self.durable);
    }

    /// The place of a byte that was synced, if there is one.
    pub fn synced_place(&self, generator: &mut Generator) -> Option<usize> {
        (self.synced > 0).then(|| generator.gen_range(0..self.synced))
    }

    /// Repeats a write behind the last one, or lets two that follow one another change places; false if there are not
    /// enough writes.
    pub fn misplace(&mut self, repeat: bool, generator: &mut Generator) -> bool {
        let starts = [0].into_iter().chain(self.writes.iter().copied());
        let writes: Vec<Range<usize>> = starts.zip(&self.writes).map(|(from, &to)| from..to).collect();
        // The first one is that of the whole file, when it was made.
        let synced = writes.iter().take_while(|write| write.end <= self.synced).count();
        let appended = writes.get(1..synced).unwrap_or_default();
        if appended.len() < 2 {
            return false;
        }
        if repeat {
            let again = appended[generator.gen_range(0..appended.len() - 1)].clone();
            let bytes = self.bytes[again].to_vec();
            // Where a loss of power tore a write, it takes the place of what is left: behind it, it could pass for its end.
            self.bytes.truncate(self.writes.last().copied().unwrap_or(0));
            self.append(&bytes);
        } else {
            let at = generator.gen_range(0..appended.len() - 1);
            let (first, second) = (appended[at].clone(), appended[at + 1].clone());
            let length = second.len();
            self.bytes[first.start..second.end].rotate_right(length);
            self.writes[at + 1] = first.start + length;
        }
        self.sync();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::generator;

    #[test]
    fn a_repeated_write_stands_behind_a_whole_one() {
        let torn = (0..1_000).filter_map(|seed| {
            let mut file = FileState::durable(b"made|".to_vec());
            for write in [&b"first|"[..], b"second|", b"third|"] {
                file.append(write);
                file.sync();
            }
            file.append(b"torn off|");
            let before = file.bytes.clone();
            file.crash(|| generator(seed, "crash"), Probability::NEVER);
            let is_torn = (file.synced + 1..before.len()).contains(&file.bytes.len());
            is_torn.then(|| {
                assert!(file.misplace(true, &mut generator(seed, "misplace")));
                file.bytes
            })
        });
        let contents: Vec<Vec<u8>> = torn.collect();
        assert!(contents.len() > 100, "{}", contents.len());
        for content in contents {
            let content = String::from_utf8(content).expect("it is text");
            let whole = "made|first|second|third|";
            assert!([format!("{whole}first|"), format!("{whole}second|")].contains(&content), "{content}");
        }
    }
}
