//! Long frame of wired M-Bus (EN 13757-2).
