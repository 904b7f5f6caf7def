//! This machine: what the service manager is told.
