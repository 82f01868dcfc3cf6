//! Many networks, and which of them hold an address: sorted, with a link from each to the one around it.

use std::{iter, net::IpAddr};

use crate::{
    detail::DetailId,
    network::{Bits, Network},
};

/// A set of networks that is built once and then only read.
#[derive(Debug, Default)]
pub(crate) struct Networks {
    v4: Nested<u32>,
    v6: Nested<u128>,
}

/// Networks of one family in the order of their first address, wider ones first.
///
/// Two networks are nested or apart, never crossed. So the last network that starts at or before an address either
/// holds it, or one around it does, or none does: one bisection, then at most as many steps as networks are nested.
#[derive(Debug)]
struct Nested<B> {
    starts: Vec<B>,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    prefix: u8,
    around: Option<u32>,
    detail: DetailId,
}

// === impl Networks ===

impl Networks {
    pub(crate) fn build(entries: impl IntoIterator<Item = (Network, DetailId)>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (network, detail) in entries {
            match network {
                Network::V4 { start, prefix } => v4.push((start, prefix, detail)),
                Network::V6 { start, prefix } => v6.push((start, prefix, detail)),
            }
        }
        Self { v4: Nested::build(v4), v6: Nested::build(v6) }
    }

    pub(crate) fn len(&self) -> usize {
        self.v4.starts.len().saturating_add(self.v6.starts.len())
    }

    /// The first network for which `find` is true among those that hold `addr`, the most specific first.
    pub(crate) fn find(
        &self,
        addr: IpAddr,
        find: impl Fn(DetailId) -> bool,
    ) -> Option<(Network, DetailId)> {
        match addr.to_canonical() {
            IpAddr::V4(v4) => {
                let (start, node) = self.v4.find(v4.to_bits(), find)?;
                Some((Network::V4 { start, prefix: node.prefix }, node.detail))
            }
            IpAddr::V6(v6) => {
                let (start, node) = self.v6.find(v6.to_bits(), find)?;
                Some((Network::V6 { start, prefix: node.prefix }, node.detail))
            }
        }
    }
}

// === impl Nested ===

impl<B: Bits> Nested<B> {
    fn build(mut entries: Vec<(B, u8, DetailId)>) -> Self {
        entries.sort_unstable_by_key(|&(start, prefix, _)| (start, prefix));
        let mut built = Self {
            starts: Vec::with_capacity(entries.len()),
            nodes: Vec::with_capacity(entries.len()),
        };
        let mut last = None;
        for (start, prefix, detail) in entries {
            // Those that do not hold this one hold none of the following either.
            let around =
                built.climb(last).find(|(_, around, node)| start.masked(node.prefix) == *around);
            let around = around.map(|(index, ..)| index);
            last = u32::try_from(built.starts.len()).ok();
            built.starts.push(start);
            built.nodes.push(Node { prefix, around, detail });
        }
        built
    }

    fn find(&self, addr: B, find: impl Fn(DetailId) -> bool) -> Option<(B, Node)> {
        let behind = self.starts.partition_point(|start| *start <= addr);
        let last = behind.checked_sub(1).and_then(|index| u32::try_from(index).ok());
        self.climb(last)
            .filter(|(_, start, node)| addr.masked(node.prefix) == *start)
            .find(|(_, _, node)| find(node.detail))
            .map(|(_, start, node)| (start, node))
    }

    /// The network at `index`, the one around it, and so on.
    fn climb(&self, index: Option<u32>) -> impl Iterator<Item = (u32, B, Node)> {
        let at = |index: u32| {
            let place = usize::try_from(index).ok()?;
            Some((index, *self.starts.get(place)?, *self.nodes.get(place)?))
        };
        iter::successors(index.and_then(at), move |(_, _, node)| node.around.and_then(at))
    }
}

impl<B> Default for Nested<B> {
    fn default() -> Self {
        Self { starts: Vec::new(), nodes: Vec::new() }
    }
}
