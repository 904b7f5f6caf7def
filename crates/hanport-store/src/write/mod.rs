//! The writer: one thread that owns the only connection that writes.
//!
//! ```text
//!  wait for a turn (desk)
//!    -> commit what waits, one transaction        fails: say so, try again later
//!    -> answer requests
//!    -> one small step of housekeeping: pack an hour, drop what is too old, give back pages
//!  at the end: commit, truncate the journal, close
//! ```

pub(crate) mod commit;
pub(crate) mod import;
pub(crate) mod names;
pub(crate) mod pack;
pub(crate) mod prices;
pub(crate) mod retention;

use std::borrow::Cow;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use hanport_engine::energy::{Correction, CorrectionId};
use hanport_engine::outside::{Clock, Happening, HistoryError};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;

use self::names::Names;
use self::pack::Tails;
use self::retention::Retention;
use crate::desk::{Desk, Request};
use crate::options::Options;
use crate::trouble::Trouble;
use crate::waiting::Waiting;
use crate::words::register_number;
use crate::{file, rescue};

/// The writer.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) path: PathBuf,
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) desk: Arc<Desk>,
    /// Held by one program at a time; `None` while another holds it.
    lock: Option<File>,
    /// `None` while the file cannot be opened. Never there without the lock.
    pub(crate) connection: Option<Connection>,
    names: Names,
    tails: Tails,
    retention: Retention,
    retry: Option<Instant>,
    /// Whether the file is to be looked through.
    suspect: bool,
}

impl Writer {
    /// A writer for a file that may have been opened already. `suspect`: the program did not end
    /// in order the last time.
    pub(crate) fn new(
        path: PathBuf,
        options: Options,
        clock: Arc<dyn Clock>,
        desk: Arc<Desk>,
        opened: Option<(File, Connection)>,
        suspect: bool,
    ) -> Self {
        let (lock, connection) = opened.unzip();
        Self {
            path,
            options,
            clock,
            desk,
            lock,
            connection,
            names: Names::default(),
            tails: Tails::default(),
            retention: Retention::default(),
            retry: None,
            suspect,
        }
    }

    /// Until the store is closed.
    pub(crate) fn run(mut self) {
        let _leaving = Leaving(Arc::clone(&self.desk));
        self.begin();
        let mut backlog = false;
        loop {
            let turn = self.desk.next_turn(backlog, self.retry);
            self.suspect |= turn.suspect;
            self.look_through();
            let written = self.write(turn.batch.as_deref());
            for request in turn.requests {
                self.answer(request, &written);
            }
            if turn.closing {
                break;
            }
            backlog = written.is_ok() && self.housekeeping();
        }
        self.end();
    }

    fn begin(&mut self) {
        let outcome = self.with(|writer, connection| {
            writer.tails.load(connection)?;
            let last = connection
                .query_row("SELECT max(id) FROM event", [], |row| row.get::<_, Option<i64>>(0))?;
            writer.desk.events_until(last.unwrap_or(0));
            Ok(())
        });
        if let Err(trouble) = outcome {
            self.failed(&trouble);
        }
    }

    /// Does something with the connection, which is opened where it is not.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Self, &mut Connection) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let mut connection = if let Some(connection) = self.connection.take() {
            connection
        } else {
            if self.lock.is_none() {
                self.lock = Some(file::lock(&self.path)?);
            }
            let connection = file::for_writing(&self.path, &self.options)?;
            self.forget()?;
            self.tails.load(&connection)?;
            connection
        };
        let outcome = work(self, &mut connection);
        self.connection = Some(connection);
        outcome
    }

    /// Numbers given in a transaction that failed do not count.
    fn forget(&mut self) -> Result<(), Trouble> {
        self.names = Names::default();
        self.tails = Tails::default();
        if let Some(connection) = &self.connection {
            self.tails.load(connection)?;
        }
        Ok(())
    }

    fn write(&mut self, batch: Option<&Waiting>) -> Result<(), HistoryError> {
        let Some(batch) = batch else { return Ok(()) };
        let outcome = self.with(|writer, connection| {
            let transaction = connection.transaction()?;
            commit::write(&transaction, &mut writer.names, &mut writer.tails, batch)?;
            transaction.commit()?;
            Ok(())
        });
        match outcome {
            Ok(()) => {
                self.desk.written(self.clock.now());
                self.works();
                Ok(())
            }
            Err(trouble) => Err(self.failed(&trouble)),
        }
    }

    fn works(&mut self) {
        self.retry = None;
        let Some(since) = self.desk.works() else { return };
        let now = self.clock.now();
        tracing::info!(path = %self.path.display(), "the history is written again");
        self.note("history_recovered", json!({ "since": since, "ms": now.since(since) }));
    }

    /// Says that writing fails; damage is mended at once.
    fn failed(&mut self, trouble: &Trouble) -> HistoryError {
        self.retry = Some(Instant::now() + self.options.retry_after);
        if let Err(again) = self.forget() {
            tracing::debug!(%again, "the tails could not be read");
        }
        if let Trouble::Damaged(why) = trouble {
            self.rescue(why);
            return trouble.at(&self.path);
        }
        if self.desk.failed(trouble, &self.path, self.clock.now()) {
            tracing::warn!(path = %self.path.display(), %trouble, "the history cannot be written");
            self.note("history_not_written", json!({ "why": trouble.to_string() }));
        }
        trouble.at(&self.path)
    }

    fn look_through(&mut self) {
        if !std::mem::take(&mut self.suspect) {
            return;
        }
        match self.with(|_, connection| file::quick_check(connection)) {
            Err(Trouble::Damaged(why)) => self.rescue(&why),
            Err(trouble) => drop(self.failed(&trouble)),
            Ok(()) => {}
        }
    }

    /// Puts the damaged file aside and goes on with a fresh one.
    fn rescue(&mut self, why: &str) {
        self.connection = None;
        let now = self.clock.now();
        match rescue::rescue(&self.path, &self.options, now, why) {
            Ok((connection, rescue)) => {
                self.connection = Some(connection);
                self.retry = None;
                let moved = rescue.moved_to.display().to_string();
                tracing::error!(why, moved_to = %moved, rows = rescue.rows, "the history was damaged; a fresh file goes on with what could be read");
                let detail = json!({ "why": why, "moved_to": moved, "rows": rescue.rows });
                self.note("history_damaged", detail);
                self.desk.rescued(rescue);
            }
            Err(trouble) => {
                self.desk.failed(&trouble, &self.path, now);
                tracing::error!(why, %trouble, "the damaged history cannot be put aside");
            }
        }
        if let Err(trouble) = self.forget() {
            tracing::error!(%trouble, "the fresh history cannot be read");
        }
    }

    fn note(&self, kind: &'static str, detail: serde_json::Value) {
        let at = self.clock.now();
        self.desk.note(Happening { at, meter: None, kind: Cow::Borrowed(kind), detail });
    }

    fn answer(&mut self, request: Request, written: &Result<(), HistoryError>) {
        // whoever asked may have gone; then nobody misses the answer
        match request {
            Request::Flush(answer) => drop(answer.send(written.clone())),
            Request::Correct(meter, correction, answer) => {
                let outcome = self.asked(|writer, connection| {
                    correct(&mut writer.names, connection, &meter, correction)
                });
                drop(answer.send(outcome));
            }
            Request::Intervals(meter, intervals, answer) => {
                let outcome = self.asked(|writer, connection| {
                    import::intervals(&mut writer.names, connection, &meter, &intervals)
                });
                if let Ok(imported) = &outcome
                    && imported.taken > 0
                {
                    self.imported(&meter, imported.taken, "15m");
                }
                drop(answer.send(outcome));
            }
            Request::Points(meter, quantity, resolution, points, answer) => {
                let outcome = self.asked(|writer, connection| {
                    import::points(
                        &mut writer.names,
                        connection,
                        &import::Points { meter: &meter, quantity, resolution, values: &points },
                    )
                });
                if let Ok(imported) = &outcome
                    && imported.taken > 0
                {
                    self.imported(&meter, imported.taken, resolution.name());
                }
                drop(answer.send(outcome));
            }
            Request::Prices(series, answer) => {
                let outcome = self.asked(|_, connection| prices::keep(connection, &series));
                drop(answer.send(outcome));
            }
            Request::Rates(rates, answer) => {
                let outcome = self.asked(|_, connection| prices::keep_rates(connection, &rates));
                drop(answer.send(outcome));
            }
        }
    }

    fn imported(&self, meter: &str, rows: usize, resolution: &str) {
        self.desk.note(Happening {
            at: self.clock.now(),
            meter: Some(meter.to_owned()),
            kind: Cow::Borrowed("imported"),
            detail: json!({ "rows": rows, "resolution": resolution }),
        });
    }

    fn asked<T>(
        &mut self,
        work: impl FnOnce(&mut Self, &mut Connection) -> Result<T, Trouble>,
    ) -> Result<T, HistoryError> {
        self.with(work).map_err(|trouble| self.failed(&trouble))
    }

    /// One small step; whether there is more to do.
    fn housekeeping(&mut self) -> bool {
        let now = self.clock.now();
        let options = self.options;
        let outcome = self.with(|writer, connection| {
            let unpacked = writer.tails.pack_some(connection, now)?;
            writer.desk.unpacked(unpacked);
            Ok(unpacked > 0 || writer.retention.step(connection, &options, now)?)
        });
        match outcome {
            Ok(more) => more,
            Err(trouble) => {
                drop(self.failed(&trouble));
                false
            }
        }
    }

    fn end(&mut self) {
        let lost = self.desk.ended();
        if lost > 0 {
            tracing::error!(messages = lost, "the history could not be written before the end");
        }
        let Some(connection) = self.connection.take() else { return };
        let truncated = connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
            .optional();
        if let Err(error) = truncated {
            tracing::warn!(%error, "the journal of the history stays; the next start takes it over");
        }
        if let Err((_, error)) = connection.close() {
            tracing::warn!(%error, "the history was not closed in order");
        }
    }
}

/// Says at the desk that nobody writes any more, however the writer ends.
struct Leaving(Arc<Desk>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.ended();
    }
}

fn correct(
    names: &mut Names,
    connection: &mut Connection,
    meter: &str,
    correction: Correction,
) -> Result<Correction, Trouble> {
    let change =
        serde_json::to_string(&correction.change).map_err(|e| Trouble::Other(e.to_string()))?;
    let transaction = connection.transaction()?;
    let row = names.meter(&transaction, meter)?;
    transaction.execute(
        "INSERT INTO correction (meter, made, author, reason, register, change) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            row.0,
            correction.made.0,
            correction.by,
            correction.reason,
            register_number(correction.register),
            change
        ],
    )?;
    let id = CorrectionId(transaction.last_insert_rowid());
    transaction.commit()?;
    Ok(Correction { id, ..correction })
}
