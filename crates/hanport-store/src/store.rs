//! The store: what the service and its outputs hold.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use hanport_core::quantity::Quantity;
use hanport_engine::energy::{Correction, Interval, Official, Register};
use hanport_engine::outside::{
    Archive, Clock, Happening, History, HistoryError, Point, Prices, Record, Resolution, Series,
};
use hanport_engine::price::{PriceSeries, Rates};
use hanport_engine::state::Memory;
use hanport_engine::time::UtcMillis;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;

use crate::condition::StoreState;
use crate::desk::{Answer, Desk, Request};
use crate::imported::Imported;
use crate::options::Options;
use crate::read::series::Reader;
use crate::read::visit::{Visit, Visited, pieces, side_by_side};
use crate::read::{Readers, books, prices};
use crate::trouble::Trouble;
use crate::words::unpack_memory;
use crate::write::Writer;
use crate::{backup, file};

/// A file up to this size is looked through before it is used when the program did not end in
/// order the last time; a larger one while it is used.
const SMALL: u64 = 16 << 20;

/// The history of any number of meters in one file. Share it in an [`Arc`].
///
/// Reading waits for the disk: call it where waiting is fine. [`Archive::keep`],
/// [`Archive::note`] and [`Store::remember`] never wait.
pub struct Store {
    path: PathBuf,
    desk: Arc<Desk>,
    readers: Readers,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the history in a file, which is made when it is not there.
    ///
    /// A damaged file is put aside and a fresh one begun; a disk that is full or read-only leaves
    /// a store that keeps what comes in memory and goes on trying. So does a file that another
    /// process has open; it can be read all the same. All that is told by [`state`](Self::state).
    ///
    /// # Errors
    /// When the file belongs to another program, or to a newer version of this one.
    pub fn open(
        path: impl Into<PathBuf>,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, HistoryError> {
        let path = path.into();
        let unclean = file::has_journal(&path);
        let lock_and_open = || -> Result<_, Trouble> {
            Ok((file::lock(&path)?, file::for_writing(&path, &options)?))
        };
        let opened = match lock_and_open() {
            Ok(opened) => Some(opened),
            Err(trouble @ (Trouble::Foreign | Trouble::Newer { .. })) => {
                return Err(trouble.at(&path));
            }
            // the writer meets the same trouble, says so and mends what can be mended
            Err(trouble) => {
                tracing::debug!(%trouble, "the history could not be opened");
                None
            }
        };
        let small = file::octets(&path) <= SMALL;
        let at_once = opened.is_none() || (unclean && small);
        let desk = Arc::new(Desk::new(options));
        let writer = Writer::new(path.clone(), options, clock, Arc::clone(&desk), opened, unclean);
        let thread = std::thread::Builder::new()
            .name("history".into())
            .spawn(move || writer.run())
            .map_err(|error| Trouble::from(error).at(&path))?;
        let readers = Readers::new(path.clone());
        let store = Self { path, desk, readers, writer: Mutex::new(Some(thread)) };
        if at_once {
            // when this is answered the file has been looked at, and mended where it was damaged
            drop(store.flush());
        }
        Ok(store)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it does.
    pub fn state(&self) -> StoreState {
        self.desk.state()
    }

    /// Writes what waits; it is on disk when this returns.
    pub fn flush(&self) -> Result<(), HistoryError> {
        self.ask(Request::Flush)
    }

    /// Waits while the writer is behind: more than `most` messages wait, memory is half full, or
    /// hours wait to be packed. For whoever computes faster
    /// than time passes: without it samples are given up when memory is full. Returns at once
    /// when nothing can be written.
    pub fn pace(&self, most: usize) {
        self.desk.pace(most);
    }

    /// Writes what waits, puts the journal into the file and ends. Nothing is kept after this.
    pub fn close(&self) {
        self.readers.close();
        self.desk.close();
        let thread = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer of the history had failed");
        }
    }

    /// Remembers a small thing under a scope and a key; the newest counts. It is written with
    /// what comes.
    pub fn remember(&self, scope: &str, key: &str, value: serde_json::Value) {
        self.desk.remember((scope.to_owned(), key.to_owned()), Some(value));
    }

    /// Forgets what was remembered under a scope and a key.
    pub fn forget(&self, scope: &str, key: &str) {
        self.desk.remember((scope.to_owned(), key.to_owned()), None);
    }

    /// What was remembered under a scope and a key.
    pub fn fact(&self, scope: &str, key: &str) -> Result<Option<serde_json::Value>, HistoryError> {
        Ok(self.facts(scope)?.remove(key))
    }

    /// Everything that was remembered under a scope.
    pub fn facts(&self, scope: &str) -> Result<BTreeMap<String, serde_json::Value>, HistoryError> {
        let waiting = self.desk.facts(scope);
        let mut facts = self.read(|connection| books::facts(connection, scope))?;
        for (key, value) in waiting {
            match value {
                Some(value) => drop(facts.insert(key, value)),
                None => drop(facts.remove(&key)),
            }
        }
        Ok(facts)
    }

    /// Quarter-hours from elsewhere, for quarters of which there are none. They are settled, and
    /// give way when the meter itself tells of that quarter.
    pub fn import_intervals(
        &self,
        meter: &str,
        intervals: Vec<Interval>,
    ) -> Result<Imported, HistoryError> {
        self.ask(|answer| Request::Intervals(meter.to_owned(), intervals, answer))
    }

    /// Samples, minutes or quarter-hours of a quantity from elsewhere, for quarters in which it
    /// has none.
    ///
    /// # Errors
    /// Also for hours, days and months, which are not kept but computed.
    pub fn import_points(
        &self,
        meter: &str,
        quantity: Quantity,
        resolution: Resolution,
        points: Vec<Point>,
    ) -> Result<Imported, HistoryError> {
        self.ask(|answer| Request::Points(meter.to_owned(), quantity, resolution, points, answer))
    }

    /// Goes through a long range in order, in bounded memory, until the visitor breaks off.
    pub fn visit_series<B>(
        &self,
        visit: &Visit<'_>,
        mut visitor: impl FnMut(Visited) -> ControlFlow<B>,
    ) -> Result<Option<B>, HistoryError> {
        let Some(extent) = self.extent(visit.meter)? else { return Ok(None) };
        let wide = 32 * crate::key::DAY_MS;
        let start = visit.range.start.max(extent.start.plus(-wide));
        let end = visit.range.end.min(extent.end.plus(wide));
        let visit = Visit { range: start..end, ..visit.clone() };
        for piece in pieces(&visit) {
            let series =
                self.series(visit.meter, visit.quantities, piece, visit.resolution, visit.zone)?;
            for visited in side_by_side(&series) {
                if let ControlFlow::Break(value) = visitor(visited) {
                    return Ok(Some(value));
                }
            }
        }
        Ok(None)
    }

    /// Copies the history as it is at this moment into a file, while the service goes on.
    /// `progress` is told the pages done and the pages there are. The file appears under its name
    /// when it is whole.
    pub fn backup(&self, to: &Path, progress: impl FnMut(u64, u64)) -> Result<(), HistoryError> {
        self.flush()?;
        self.read(|connection| backup::copy(connection, to, progress))
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, HistoryError> {
        self.readers.read(work).map_err(|trouble| {
            if matches!(trouble, Trouble::Damaged(_)) {
                self.desk.suspect();
            }
            trouble.at(&self.path)
        })
    }

    fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Result<T, HistoryError> {
        // one answer comes, or none when the writer ends before
        let (answer, answered) = sync_channel(1);
        self.desk.request(request(answer))?;
        answered.recv().unwrap_or_else(|_| Err(HistoryError("the history is closed".into())))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

impl Archive for Store {
    fn memory(&self, meter: &str) -> Result<Option<Memory>, HistoryError> {
        let waiting = self.desk.batches(meter).into_iter().rev().find_map(|batch| batch.memory);
        if let Some(memory) = waiting {
            return Ok(Some((*memory).clone()));
        }
        let Some(packed) = self.read(|connection| books::memory(connection, meter))? else {
            return Ok(None);
        };
        unpack_memory(&packed).map(Some).map_err(|why| {
            HistoryError(format!(
                "{}: what was remembered of meter {meter} cannot be read ({why}); its quarter-hours \
                 are kept, its books begin anew",
                self.path.display()
            ))
        })
    }

    fn keep(&self, meter: &str, record: Record) {
        self.desk.keep(meter, record);
    }

    fn note(&self, happening: Happening) {
        self.desk.note(happening);
    }

    fn correct(&self, meter: &str, correction: Correction) -> Result<Correction, HistoryError> {
        self.ask(|answer| Request::Correct(meter.to_owned(), correction, answer))
    }
}

impl Prices for Store {
    fn keep_prices(&self, series: &PriceSeries) -> Result<(), HistoryError> {
        self.ask(|answer| Request::Prices(Box::new(series.clone()), answer))
    }

    fn prices(
        &self,
        area: &str,
        range: Range<UtcMillis>,
    ) -> Result<Vec<PriceSeries>, HistoryError> {
        self.read(|connection| prices::prices(connection, area, &range))
    }

    fn keep_rates(&self, rates: &Rates) -> Result<(), HistoryError> {
        self.ask(|answer| Request::Rates(Box::new(rates.clone()), answer))
    }

    fn rates(&self, days: Range<Date>) -> Result<Rates, HistoryError> {
        self.read(|connection| prices::rates(connection, &days))
    }
}

impl History for Store {
    fn meters(&self) -> Result<Vec<String>, HistoryError> {
        let waiting = self.desk.meters();
        let mut meters = self.read(books::meters)?;
        for meter in waiting {
            if !meters.iter().any(|known| **known == *meter) {
                meters.push((*meter).to_owned());
            }
        }
        Ok(meters)
    }

    fn extent(&self, meter: &str) -> Result<Option<Range<UtcMillis>>, HistoryError> {
        let waiting = self.desk.batches(meter);
        let mut extent = self.read(|connection| books::extent(connection, meter))?;
        for at in waiting.iter().flat_map(|batch| &batch.ticks).map(|tick| tick.at) {
            let known = extent.unwrap_or_else(|| at..at.plus(1));
            extent = Some(known.start.min(at)..known.end.max(at.plus(1)));
        }
        Ok(extent)
    }

    fn intervals(
        &self,
        meter: &str,
        register: Register,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Interval>, HistoryError> {
        let waiting = self.desk.batches(meter);
        self.read(|connection| books::intervals(connection, meter, register, &range, &waiting))
    }

    fn readings(
        &self,
        meter: &str,
        register: Register,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Official>, HistoryError> {
        let waiting = self.desk.batches(meter);
        self.read(|connection| books::readings(connection, meter, register, &range, &waiting))
    }

    fn corrections(&self, meter: &str) -> Result<Vec<Correction>, HistoryError> {
        self.read(|connection| books::corrections(connection, meter))
    }

    fn quantities(
        &self,
        meter: &str,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Quantity>, HistoryError> {
        let waiting = self.desk.batches(meter);
        self.read(|connection| {
            Reader::new(connection, meter, &range, None, &waiting)?.quantities(&range)
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
        let waiting = self.desk.batches(meter);
        self.read(|connection| {
            let reader = Reader::new(connection, meter, &range, Some(quantities), &waiting)?;
            reader.series(quantities, &range, resolution, zone)
        })
    }

    fn happenings(
        &self,
        meter: Option<&str>,
        range: Range<UtcMillis>,
        limit: usize,
    ) -> Result<Vec<Happening>, HistoryError> {
        let waiting = self.desk.events();
        let mut events =
            self.read(|connection| books::happenings(connection, meter, &range, limit))?;
        events.extend(waiting.into_iter().filter(|event| {
            let happening = &event.happening;
            range.contains(&happening.at)
                && meter.is_none_or(|meter| happening.meter.as_deref() == Some(meter))
        }));
        Ok(books::newest(events, limit))
    }
}
