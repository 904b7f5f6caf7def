//! State machines that join the layers.

pub mod push;
