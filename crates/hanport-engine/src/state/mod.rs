//! Everything known now.
