//! The owners of locks and leaders of elections, by revision.
//!
//! The keys under a name, `name/...`, stand in the order in which they were created: the first of them owns the
//! lock or leads the election until it is deleted, and then the next (etcd: `client/v3/concurrency/mutex.go` and
//! `election.go`).

use crate::bytes::Bytes;
use crate::history::{KeyValue, Revision};
use crate::replay::Line;
use std::collections::{BTreeMap, BTreeSet};

/// A key from its creation to its deletion.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Life<'l> {
    pub(super) key: &'l Bytes,
    pub(super) created: Revision,
    /// Every put, in order.
    pub(super) values: Vec<&'l KeyValue>,
    /// [`Revision::MAX`] if it is not.
    pub(super) deleted: Revision,
}

/// A leader as observers are to be shown it: when it begins to lead, and with each of its later puts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shown<'l> {
    /// From which revision on it is the present one.
    pub(super) from: Revision,
    /// The index in [`Ownership::lives`].
    pub(super) life: usize,
    pub(super) kv: &'l KeyValue,
}

/// The keys under one name.
#[derive(Debug, Default)]
pub(super) struct Ownership<'l> {
    /// In the order of their creation.
    pub(super) lives: Vec<Life<'l>>,
    by_key: BTreeMap<&'l Bytes, Vec<usize>>,
    /// For each life the one of those up to it that is deleted last.
    longest: Vec<usize>,
}

impl<'l> Ownership<'l> {
    /// The keys under each of the names.
    pub(super) fn of<'n>(line: &'l Line, names: BTreeSet<&'n Bytes>) -> BTreeMap<&'n Bytes, Self> {
        let mut all: BTreeMap<_, _> = names.into_iter().map(|name| (name, Ownership::default())).collect();
        for revision in 1..=line.end() {
            for change in line.changes(revision) {
                let key = change.key.as_slice();
                for at in (0..key.len()).filter(|at| key[*at] == b'/') {
                    if let Some(under) = all.get_mut(&Bytes::from(&key[..at])) {
                        under.note(revision, &change.key, change.after.as_ref());
                    }
                }
            }
        }
        all.values_mut().for_each(Ownership::rank);
        all
    }

    fn note(&mut self, revision: Revision, key: &'l Bytes, after: Option<&'l KeyValue>) {
        let lives = self.by_key.entry(key).or_default();
        let alive = lives.last().copied().filter(|last| self.lives[*last].deleted == Revision::MAX);
        match (alive, after) {
            (Some(alive), Some(after)) => self.lives[alive].values.push(after),
            (Some(alive), None) => self.lives[alive].deleted = revision,
            (None, Some(after)) => {
                lives.push(self.lives.len());
                let values = vec![after];
                self.lives.push(Life { key, created: revision, values, deleted: Revision::MAX });
            }
            (None, None) => {}
        }
    }

    fn rank(&mut self) {
        for at in 0..self.lives.len() {
            let longest = match at.checked_sub(1).map(|before| self.longest[before]) {
                Some(longest) if self.lives[longest].deleted >= self.lives[at].deleted => longest,
                _ => at,
            };
            self.longest.push(longest);
        }
    }

    /// The life of a key at a revision.
    pub(super) fn life_at(&self, key: &Bytes, revision: Revision) -> Option<usize> {
        let lives = self.by_key.get(key)?;
        let last = lives[..lives.partition_point(|at| self.lives[*at].created <= revision)].last()?;
        (revision < self.lives[*last].deleted).then_some(*last)
    }

    /// A key that was created before this one, and is still there at a revision.
    pub(super) fn ahead_of(&self, life: usize, revision: Revision) -> Option<usize> {
        let created = self.lives[life].created;
        let before = self.lives.partition_point(|other| other.created < created).checked_sub(1)?;
        Some(self.longest[before]).filter(|ahead| revision < self.lives[*ahead].deleted)
    }

    /// The sequence shown to an observer from the beginning that misses nothing.
    pub(super) fn shown(&self) -> Vec<Shown<'l>> {
        let mut shown = Vec::new();
        let mut free_from = 0;
        for (at, life) in self.lives.iter().enumerate() {
            // Those that are deleted while they wait are never shown.
            if life.deleted <= free_from {
                continue;
            }
            let from = life.created.max(free_from);
            // What it put while it waited is shown once it leads, but only the last of it.
            let first = life.values.partition_point(|kv| kv.mod_revision <= from).saturating_sub(1);
            let values = life.values[first..].iter();
            shown.extend(values.map(|kv| Shown { from: kv.mod_revision.max(from), life: at, kv }));
            free_from = life.deleted;
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::build::*;

    /// Applies `check` to the keys under `n` once these requests made revisions 2, 3, ...
    fn under<T>(requests: &[crate::history::Request], check: impl FnOnce(&Ownership<'_>) -> T) -> T {
        let mut history = Builder::default();
        for (at, request) in requests.iter().enumerate() {
            let revision = at as Revision + 2;
            let answer = match request {
                crate::history::Request::Delete(_) => deleted(revision, 1),
                _ => written(revision),
            };
            history.ok(0, request.clone(), answer);
        }
        let history = history.build();
        let case = crate::guarantee::Case::new(&history);
        let line = case.line().unwrap();
        assert!(line.flaws.is_empty(), "{:?}", line.flaws);
        let name = Bytes::from("n");
        check(&Ownership::of(line, [&name].into())[&name])
    }

    #[test]
    fn a_key_lives_from_its_first_put_to_its_deletion() {
        let requests =
            [put("n/a", "1"), put("n/a", "2"), delete("n/a"), put("n/a", "3"), put("nn/a", ""), put("n", "")];
        under(&requests, |under| {
            let lives: Vec<_> =
                under.lives.iter().map(|life| (life.created, life.values.len(), life.deleted)).collect();
            assert_eq!(lives, [(2, 2, 4), (5, 1, Revision::MAX)]);
            let at = |revision| under.life_at(&"n/a".into(), revision);
            assert_eq!([1, 2, 3, 4, 5, 9].map(at), [None, Some(0), Some(0), None, Some(1), Some(1)]);
            assert_eq!(under.life_at(&"nn/a".into(), 9), None);
        });
    }

    #[test]
    fn one_name_may_be_under_another() {
        under(&[put("n/x/a", ""), put("n/b", "")], |under| assert_eq!(under.lives.len(), 2));
    }

    #[test]
    fn whoever_was_created_first_is_ahead_while_it_is_there() {
        let requests = [put("n/a", ""), put("n/b", ""), put("n/c", ""), delete("n/b"), delete("n/a")];
        under(&requests, |under| {
            assert_eq!([2, 6].map(|revision| under.ahead_of(0, revision)), [None, None]);
            assert_eq!([3, 5, 6].map(|revision| under.ahead_of(2, revision)), [Some(0), Some(0), None]);
        });
    }

    #[test]
    fn leaders_are_shown_when_they_lead() {
        let requests = [
            put("n/a", "1"),
            put("n/b", "1"),
            put("n/c", "1"),
            put("n/b", "2"),
            put("n/b", "3"),
            delete("n/c"),
            delete("n/a"),
            put("n/b", "4"),
            delete_range("n/", "n0"),
            put("n/c", "2"),
        ];
        under(&requests, |under| {
            let shown = under.shown();
            let shown: Vec<_> =
                shown.iter().map(|one| (one.from, one.life, one.kv.value.as_str().unwrap())).collect();
            assert_eq!(shown, [(2, 0, "1"), (8, 1, "3"), (9, 1, "4"), (11, 3, "2")]);
        });
    }
}
