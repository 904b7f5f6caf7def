//! The tree of an explanation.

use std::ops::Range;

/// What the octets of a node are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Sender or receiver.
    Address,
    /// A check value that the sender did not compute.
    CheckAbsent,
    /// A check value that fits.
    CheckRight,
    /// A check value that does not fit.
    CheckWrong,
    /// Enciphered octets or an authentication tag.
    Cipher,
    /// Where understanding ended.
    Fault,
    /// A mark at the beginning or end of a frame.
    Flag,
    /// A whole frame, message or block.
    Frame,
    /// What tells how the rest is to be read.
    Header,
    /// A length or a count.
    Length,
    /// A code.
    Obis,
    /// Octets without meaning: blanks, fillers, line ends.
    Padding,
    /// An array or structure.
    Structure,
    /// A text.
    Text,
    /// Date and time.
    Time,
    /// Octets nobody knows.
    Unknown,
    /// A number.
    Value,
}

impl Kind {
    /// The stable word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::CheckAbsent => "check-absent",
            Self::CheckRight => "check-right",
            Self::CheckWrong => "check-wrong",
            Self::Cipher => "cipher",
            Self::Fault => "fault",
            Self::Flag => "flag",
            Self::Frame => "frame",
            Self::Header => "header",
            Self::Length => "length",
            Self::Obis => "obis",
            Self::Padding => "padding",
            Self::Structure => "structure",
            Self::Text => "text",
            Self::Time => "time",
            Self::Unknown => "unknown",
            Self::Value => "value",
        }
    }
}

/// A range of octets and what it means.
///
/// The children stand in order, do not overlap, and leave no gap up to the end of the range; the
/// octets in front of the first one are the node's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Offsets into the octets of the [`Layer`] that the node belongs to.
    pub range: Range<usize>,
    /// What it is for.
    pub kind: Kind,
    /// What it is.
    pub label: String,
    /// What it says; empty where there is nothing to say.
    pub value: String,
    /// Whether the octets are better shown as characters.
    pub as_text: bool,
    /// The parts.
    pub children: Vec<Self>,
    /// Octets that follow from these: parts joined, or a text deciphered.
    pub inner: Option<Box<Layer>>,
}

/// Octets and their explanation. Deciphered and joined octets are a layer of their own, since
/// their offsets are others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// What they are: `"deciphered"`, `"joined"`; empty for those that were given.
    pub name: String,
    /// The octets.
    pub octets: Vec<u8>,
    /// What they mean, from the first to the last without gap.
    pub nodes: Vec<Node>,
}

impl Node {
    /// A node without parts.
    pub fn new(range: Range<usize>, kind: Kind, label: impl Into<String>) -> Self {
        Self {
            range,
            kind,
            label: label.into(),
            value: String::new(),
            as_text: false,
            children: Vec::new(),
            inner: None,
        }
    }

    /// With what it says.
    #[must_use]
    pub fn saying(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Sets what it says.
    pub fn say(&mut self, value: impl Into<String>) -> &mut Self {
        self.value = value.into();
        self
    }

    /// With its octets shown as characters.
    #[must_use]
    pub fn as_text(mut self) -> Self {
        self.as_text = true;
        self
    }

    /// With parts; what they leave over at the end is marked as unknown.
    #[must_use]
    pub fn with(mut self, children: Vec<Self>) -> Self {
        self.children = children;
        let end = self.children.last().map_or(self.range.end, |last| last.range.end);
        if end < self.range.end {
            let rest = end..self.range.end;
            self.children.push(Self::new(rest, Kind::Unknown, "not understood"));
        }
        self
    }

    /// With octets that follow from these.
    #[must_use]
    pub fn unfolding(mut self, inner: Layer) -> Self {
        self.inner = Some(Box::new(inner));
        self
    }

    /// The octets in front of the first part: all, where there is none.
    pub fn own(&self) -> Range<usize> {
        let end = self.children.first().map_or(self.range.end, |first| first.range.start);
        self.range.start..end
    }

    /// Moves the node and its parts `by` octets back.
    pub fn shift(&mut self, by: usize) {
        self.range = self.range.start + by..self.range.end + by;
        for child in &mut self.children {
            child.shift(by);
        }
    }

    /// The node and everything in it, deciphered and joined octets included, outermost first.
    pub fn walk(&self, visit: &mut dyn FnMut(&Self)) {
        visit(self);
        for child in &self.children {
            child.walk(visit);
        }
        for node in self.inner.iter().flat_map(|layer| &layer.nodes) {
            node.walk(visit);
        }
    }
}

impl Layer {
    /// Every node, deciphered and joined octets included.
    pub fn walk(&self, visit: &mut dyn FnMut(&Node)) {
        for node in &self.nodes {
            node.walk(visit);
        }
    }
}

/// Nodes from one offset to the next, as they are found.
#[derive(Debug)]
pub(crate) struct Run {
    at: usize,
    nodes: Vec<Node>,
}

impl Run {
    /// Begins at an offset.
    pub(crate) const fn new(at: usize) -> Self {
        Self { at, nodes: Vec::new() }
    }

    /// Where the next node begins.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Adds the next `octets` octets.
    pub(crate) fn add(&mut self, octets: usize, kind: Kind, label: impl Into<String>) -> &mut Node {
        self.push(Node::new(self.at..self.at + octets, kind, label))
    }

    /// Adds a node that begins here.
    #[expect(clippy::expect_used, reason = "there is a last one after a push")]
    pub(crate) fn push(&mut self, node: Node) -> &mut Node {
        debug_assert_eq!(node.range.start, self.at, "{node:?}");
        self.at = node.range.end;
        self.nodes.push(node);
        self.nodes.last_mut().expect("it was pushed a line above")
    }

    /// Adds nodes that count from here.
    pub(crate) fn append(&mut self, nodes: Vec<Node>) {
        let base = self.at;
        for mut node in nodes {
            node.shift(base);
            self.push(node);
        }
    }

    /// The first one with this label.
    pub(crate) fn find(&mut self, label: &str) -> Option<&mut Node> {
        self.nodes.iter_mut().find(|node| node.label == label)
    }

    /// All of them.
    pub(crate) fn done(self) -> Vec<Node> {
        self.nodes
    }
}
