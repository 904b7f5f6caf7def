//! A look at a history from beside: by another program than the one that writes it, or while
//! nobody does. Nothing is ever written.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hanport_core::quantity::Quantity;
use hanport_engine::energy::{Correction, Interval, Official, Register};
use hanport_engine::outside::{Happening, History, HistoryError, Resolution, Series};
use hanport_engine::price::{PriceSeries, Rates};
use hanport_engine::time::UtcMillis;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;

use crate::backup;
use crate::read::series::Reader;
use crate::read::{Readers, books, prices};
use crate::schema;
use crate::trouble::Trouble;

/// A history that is only read. What the writing program still holds in memory, up to a minute,
/// is not in it.
pub struct Onlooker {
    path: PathBuf,
    readers: Readers,
}

impl fmt::Debug for Onlooker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onlooker").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Onlooker {
    /// Opens the history in a file.
    ///
    /// # Errors
    /// When there is none, or it belongs to another program or to a newer version of this one.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, HistoryError> {
        let path = path.into();
        if !path.exists() {
            return Err(HistoryError(format!(
                "there is no history yet: {} is not there",
                path.display()
            )));
        }
        let readers = Readers::new(path.clone());
        let onlooker = Self { path, readers };
        // the first read finds out whether it is one
        onlooker.meters()?;
        Ok(onlooker)
    }

    /// Copies the history as it is at this moment into a file. `progress` is told the pages done
    /// and the pages there are. The file appears under its name when it is whole.
    pub fn backup(&self, to: &Path, progress: impl FnMut(u64, u64)) -> Result<(), HistoryError> {
        self.read(|connection| backup::copy(connection, to, progress))
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, HistoryError> {
        self.readers.read(work).map_err(|trouble| trouble.at(&self.path))
    }
}

impl Onlooker {
    /// What was told of prices of an area in a range; nothing in a file of a version that had
    /// none.
    pub fn prices(
        &self,
        area: &str,
        range: Range<UtcMillis>,
    ) -> Result<Vec<PriceSeries>, HistoryError> {
        self.read(|connection| {
            if schema::version(connection)? < schema::WITH_PRICES {
                return Ok(Vec::new());
            }
            prices::prices(connection, area, &range)
        })
    }

    /// The exchange rates of the days of a range and of the week before it.
    pub fn rates(&self, days: Range<Date>) -> Result<Rates, HistoryError> {
        self.read(|connection| {
            if schema::version(connection)? < schema::WITH_PRICES {
                return Ok(Rates::default());
            }
            prices::rates(connection, &days)
        })
    }
}

impl History for Onlooker {
    fn meters(&self) -> Result<Vec<String>, HistoryError> {
        self.read(books::meters)
    }

    fn extent(&self, meter: &str) -> Result<Option<Range<UtcMillis>>, HistoryError> {
        self.read(|connection| books::extent(connection, meter))
    }

    fn intervals(
        &self,
        meter: &str,
        register: Register,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Interval>, HistoryError> {
        self.read(|connection| books::intervals(connection, meter, register, &range, &[]))
    }

    fn readings(
        &self,
        meter: &str,
        register: Register,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Official>, HistoryError> {
        self.read(|connection| books::readings(connection, meter, register, &range, &[]))
    }

    fn corrections(&self, meter: &str) -> Result<Vec<Correction>, HistoryError> {
        self.read(|connection| books::corrections(connection, meter))
    }

    fn quantities(
        &self,
        meter: &str,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Quantity>, HistoryError> {
        self.read(|connection| {
            Reader::new(connection, meter, &range, None, &[])?.quantities(&range)
        })
    }

    fn series(
        &self,
        meter: &str,
        quantities: &[Quantity],
        range: Range<UtcMillis>,
        resolution: Resolution,
        zone: &TimeZone,
    ) -> Result<Vec<Series>, HistoryError> {
        self.read(|connection| {
            let reader = Reader::new(connection, meter, &range, Some(quantities), &[])?;
            reader.series(quantities, &range, resolution, zone)
        })
    }

    fn happenings(
        &self,
        meter: Option<&str>,
        range: Range<UtcMillis>,
        limit: usize,
    ) -> Result<Vec<Happening>, HistoryError> {
        let events = self.read(|connection| books::happenings(connection, meter, &range, limit))?;
        Ok(books::newest(events, limit))
    }
}
