//! Where the data of a site are, for the commands that read and write them without the service.

use std::path::PathBuf;

use anyhow::anyhow;
use hanport_engine::time::UtcMillis;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::config;

/// The name of the history in the data folder.
pub(crate) const HISTORY: &str = "hanport.db";

/// Which configuration and which data.
#[derive(clap::Args)]
pub(crate) struct DataArgs {
    /// The configuration file; found by itself where left out (hanport config path tells which)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data folder, instead of the one of the configuration
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
}

/// A site on the disk.
#[derive(Debug)]
pub(crate) struct Place {
    /// The data folder.
    pub(crate) folder: PathBuf,
    /// The zone of the site.
    pub(crate) zone: TimeZone,
    /// The meters of the configuration, in its order.
    meters: Vec<String>,
}

impl DataArgs {
    /// What they stand for.
    pub(crate) fn place(&self) -> anyhow::Result<Place> {
        let config = config::load(self.config.as_deref())?.config;
        Ok(Place {
            folder: self.data.clone().unwrap_or(config.data.folder),
            zone: config.site.zone,
            meters: config.meters.into_iter().map(|meter| meter.id).collect(),
        })
    }
}

impl Place {
    /// The file of the history.
    pub(crate) fn history(&self) -> PathBuf {
        self.folder.join(HISTORY)
    }

    /// The meters of the configuration: the first that is known is meant where none is named.
    pub(crate) fn first_meter(&self) -> Vec<String> {
        self.meters.clone()
    }
}

/// An instant: with an offset, or a date or civil time of a zone.
pub(crate) fn instant(text: &str, zone: &TimeZone) -> anyhow::Result<UtcMillis> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp.into());
    }
    let civil = text.parse::<DateTime>().ok();
    let civil = civil.or_else(|| text.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0)));
    let zoned = civil.and_then(|civil| civil.to_zoned(zone.clone()).ok());
    zoned.map(|zoned| zoned.timestamp().into()).ok_or_else(|| {
        anyhow!(
            "{text} is no time; write it as 2026-01-31, 2026-01-31T12:00 or \
             2026-01-31T12:00:00+01:00"
        )
    })
}
