//! How the store does.

use std::path::PathBuf;

use hanport_engine::time::UtcMillis;

/// How the store does now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreState {
    /// Whether it can write.
    pub condition: Condition,
    /// Messages that wait to be written.
    pub waiting: usize,
    /// Messages whose samples were given up because nothing could be written for too long.
    pub given_up: u64,
    /// When something was last written.
    pub written: Option<UtcMillis>,
    /// Transactions since the start.
    pub commits: u64,
    /// The damaged file that was put aside since the start, if one was.
    pub rescue: Option<Rescue>,
}

/// Whether the store can write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// It cannot. What comes waits in memory; it is tried again and again.
    CannotWrite {
        /// Why, and what to do about it.
        why: String,
        /// Since when.
        since: UtcMillis,
    },
    /// It can.
    #[default]
    Good,
}

/// A damaged file that was put aside, and a fresh one begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescue {
    /// When.
    pub at: UtcMillis,
    /// Where the damaged file is now.
    pub moved_to: PathBuf,
    /// Rows that could be read from it and stand in the fresh one.
    pub rows: u64,
    /// What was wrong.
    pub why: String,
}
