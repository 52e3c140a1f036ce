//! What a model knows of the way from a state to an answer.

use stateright::semantics::SequentialSpec;

/// Whether some of `writes`, in any order, can lead from `state` to one that answers `op` with `ret`. It may
/// say `true` of any; if it says `false`, it must be so.
pub type MayLead<S> = fn(
    state: &S,
    op: &<S as SequentialSpec>::Op,
    ret: &<S as SequentialSpec>::Ret,
    writes: &mut dyn Iterator<Item = &<S as SequentialSpec>::Op>,
) -> bool;
