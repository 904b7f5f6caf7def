//! What an import did.

/// What an import did. Nothing that a meter said is ever overwritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that filled a gap.
    pub taken: usize,
    /// Rows left out because something was there already, or because they cannot be true.
    pub left: usize,
}
