//! Input of the judge.

use crate::history::History;
#[cfg(feature = "import")]
use crate::import::Imported;

/// A history to be judged, in any form that [`Judge::new`](super::Judge::new) takes.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'h> {
    /// A history of etcd.
    Etcd(&'h History),
    /// A history of a simpler model.
    #[cfg(feature = "import")]
    Imported(&'h Imported),
}

impl<'h> From<&'h History> for Subject<'h> {
    fn from(history: &'h History) -> Self {
        Subject::Etcd(history)
    }
}

#[cfg(feature = "import")]
impl<'h> From<&'h Imported> for Subject<'h> {
    fn from(imported: &'h Imported) -> Self {
        match imported {
            Imported::Etcd(history) => Subject::Etcd(history),
            imported => Subject::Imported(imported),
        }
    }
}
