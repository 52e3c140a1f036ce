//! Explanations of a violation, as values that hosts print with `Display`.
//!
//! [`Contradiction`] names the few calls that no order can hold; [`LongestOrder`] is left where there was no time to
//! look for them. Guarantees of etcd explain themselves by their [`Evidence`](crate::evidence::Evidence).

mod contradiction;
mod longest_order;
mod shown;

pub(crate) use contradiction::Contradiction;
pub(crate) use longest_order::LongestOrder;
