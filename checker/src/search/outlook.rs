//! Knowledge of a model about the way from a state to an answer.

use super::bits;
use super::call::Call;
use super::timeline::Timeline;
use stateright::semantics::SequentialSpec;

/// True if some of `writes`, in any order, can lead from `state` to one that answers `op` with `ret`. It may
/// say `true` of any; if it says `false`, it must be so.
pub type MayLead<S> = fn(
    state: &S,
    op: &<S as SequentialSpec>::Op,
    ret: &<S as SequentialSpec>::Ret,
    writes: &mut dyn Iterator<Item = &<S as SequentialSpec>::Op>,
) -> bool;

/// The input of looking ahead.
pub(super) struct Outlook<'w, 'a, S: SequentialSpec> {
    pub may_lead: Option<MayLead<S>>,
    pub time: &'w Timeline,
    pub calls: &'a [Call<S::Op, S::Ret>],
    /// The call whose answer nothing needs to lead to.
    pub asked: Option<u32>,
}

impl<S: SequentialSpec> Outlook<'_, '_, S> {
    /// The read that returns first, if a state cannot lead to its answer. Before that read can only come what is
    /// invoked before it returns.
    pub(crate) fn closed_by(
        &self,
        state: &S,
        used: &[u64],
        low: u32,
        open: &[u32],
        placed: impl Fn(u32) -> bool + Copy,
    ) -> Option<u32> {
        let may_lead = self.may_lead?;
        let read = self.time.first_read(low, placed).filter(|read| Some(*read) != self.asked)?;
        let call = |at: u32| &self.calls[at as usize];
        let Call { op, ret: Some((_, ret)), .. } = call(self.time.answered[read as usize]) else {
            return None;
        };
        let later = self.time.opened(Some(low), read);
        let answered = open.iter().chain(later).copied().filter(|rank| !placed(*rank));
        let writes = answered.filter(|rank| !self.time.is_read[*rank as usize]);
        let optional = 0..self.time.optional_before(read);
        let optional = optional.filter(|number| !bits::holds(used, *number));
        let mut writes = writes
            .map(|rank| &call(self.time.answered[rank as usize]).op)
            .chain(optional.map(|number| &call(self.time.optional[number as usize]).op));
        (!may_lead(state, op, ret, &mut writes)).then_some(read)
    }
}
