//! The settings of a source, as its adapter wants them.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use hanport_engine::line::LineSettings;
use hanport_io::source::{Memory, Source};
use hanport_store::Store;

use crate::config::meant::{BrokerConfig, MeterConfig, SourceConfig};

/// Line settings that were found, kept in the store.
#[derive(Debug)]
pub(super) struct Remembered(pub(super) Arc<Store>);
