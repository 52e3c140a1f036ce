//! Ways that are cut.

use super::{Hears, Struck, Target, Undo};
use crate::network::cuts::{self, Ways};
use crate::state::{State, node_of};
use crate::trace::NodeName;
use std::collections::BTreeSet;

pub(super) fn cut(state: &mut State, victims: Vec<NodeName>, ways: Ways) -> Struck {
    state.network.cuts.cut(&ways);
    Struck { victims, undo: Undo::Open(ways) }
}

pub(super) fn heal(state: &mut State, ways: &Ways) {
    state.network.cuts.heal(ways);
    state.with_network(|network, cx| network.resume_streams(cx));
}

pub(super) fn isolate(state: &mut State, target: Target, clients: bool) -> Struck {
    let member = state.resolve(target);
    let mut others = state.other_nodes(member);
    if clients {
        others.extend(state.outer_nodes());
    }
    let ways = cuts::between(&[node_of(member)], &others);
    cut(state, vec![node_of(member)], ways)
}

pub(super) fn split(state: &mut State, side: &[Target], clients: bool) -> Struck {
    let side: BTreeSet<NodeName> = side.iter().map(|&target| node_of(state.resolve(target))).collect();
    let (mut left, mut right): (Vec<_>, Vec<_>) =
        state.member_nodes().into_iter().partition(|node| side.contains(node));
    if clients {
        for client in state.outer_nodes() {
            if state.network.stands_left(client) { left.push(client) } else { right.push(client) }
        }
    }
    let ways = cuts::between(&left, &right);
    cut(state, side.into_iter().collect(), ways)
}

pub(super) fn one_way(state: &mut State, target: Target, hears: Hears) -> Struck {
    let member = state.resolve(target);
    let (node, others) = ([node_of(member)], state.other_nodes(member));
    let ways = match hears {
        Hears::Others => cuts::one_way(&node, &others),
        Hears::Nothing => cuts::one_way(&others, &node),
    };
    cut(state, node.to_vec(), ways)
}

pub(super) fn bridge(state: &mut State, target: Target) -> Struck {
    let member = state.resolve(target);
    let others = state.other_nodes(member);
    let (left, right) = others.split_at(others.len() / 2);
    let ways = cuts::between(left, right);
    cut(state, vec![node_of(member)], ways)
}

pub(super) fn majorities_ring(state: &mut State) -> Struck {
    let nodes = state.member_nodes();
    // Neighbours on either side, so many that they make a majority with the member itself.
    let reach = (nodes.len() / 2).div_ceil(2);
    let distance = |a: usize, b: usize| a.abs_diff(b).min(nodes.len() - a.abs_diff(b));
    let mut ways = Ways::new();
    for a in 0..nodes.len() {
        for b in 0..nodes.len() {
            if distance(a, b) > reach {
                ways.push((nodes[a], nodes[b]));
            }
        }
    }
    cut(state, nodes, ways)
}

pub(super) fn break_streams(state: &mut State, target: Target) -> Struck {
    let node = node_of(state.resolve(target));
    state.with_network(|network, cx| network.break_streams_of(cx, node));
    Struck::passing(node)
}
