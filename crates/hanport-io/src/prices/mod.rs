//! Prices from the net and from files: fetched when they are there, kept, told to whoever waits.
//!
//! ```text
//!  what is kept --> PriceBook <-- answers <-- sources, exchange rates, a file or address
//!                      |    \                    ^
//!                      |     schedule: what next, and when
//!                      v
//!                   watch: the newest book and why the last fetch failed
//! ```
//!
//! - [`fetch`]: one request, bounded in time and size
//! - `rates`: when exchange rates are due
//! - [`run`]: the task

pub mod fetch;
mod rates;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hanport_engine::money::Currency;
use hanport_engine::outside::{Clock, HistoryError, Prices};
use hanport_engine::price::schedule::Next;
use hanport_engine::price::source::{market_day, market_zone, own};
use hanport_engine::price::{
    Answer, PriceBook, PriceSeries, Rates, Refusal, Schedule, Source, Zone, source,
};
use hanport_engine::time::UtcMillis;
use jiff::ToSpan as _;
use jiff::civil::Date;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use fetch::{Fetched, Fetcher};
use rates::RatesPlan;

/// A key for a source that needs one. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct PriceKey(pub String);

impl fmt::Debug for PriceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PriceKey(..)")
    }
}

/// Where prices come from.
#[derive(Clone, Debug)]
pub enum From {
    /// An address in the user's own form, asked once an hour.
    Address(own::Form, String),
    /// A file in the user's own form, looked at every minute and read when it changed.
    File(own::Form, PathBuf),
    /// Sources of the market, in the order in which they are preferred.
    Market(&'static Zone, Vec<Source>, Option<PriceKey>),
}

/// What the task is told.
#[derive(Clone, Debug)]
pub struct PriceOptions {
    /// Where prices come from.
    pub from: From,
    /// What the household pays in.
    pub currency: Currency,
    /// The household's place in the spread of requests, taken by chance: 0 to
    /// [`SPREAD_MS`](hanport_engine::price::schedule::SPREAD_MS).
    pub spread_ms: i64,
    /// Scheme and host that stand in place of those of every source and of the bank.
    pub base: Option<String>,
    /// How far back prices are looked up in what is kept, in days.
    pub back_days: i64,
}

/// What the task has.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Keeps what is fetched.
    pub prices: Arc<dyn Prices>,
    /// Where the newest prices are put: the newest counts, nobody waits.
    pub told: watch::Sender<Told>,
}

/// What is known of prices.
#[derive(Clone, Debug)]
pub struct Told {
    /// All prices of the last days and what is known of tomorrow.
    pub book: Arc<PriceBook>,
    /// Why the last fetch failed: a number and in words; `None` after a success.
    pub trouble: Option<(i32, Arc<str>)>,
}

/// Why prices cannot be fetched at all.
#[derive(Debug, thiserror::Error)]
pub enum PricesError {
    /// What is kept cannot be read or written.
    #[error("the prices that are kept cannot be used: {0}")]
    Kept(#[source] HistoryError),
    /// The machine cannot make requests.
    #[error("no requests can be made: {0}")]
    Net(String),
}

/// The longest sleep: the clock of the machine may be set meanwhile.
const LONGEST: Duration = Duration::from_mins(5);

/// Fetches until it is told to stop.
pub async fn run(
    options: PriceOptions,
    outside: Outside,
    stop: CancellationToken,
) -> Result<(), PricesError> {
    let mut task = Task::new(options, outside).await?;
    task.tell();
    loop {
        let now = task.outside.clock.now();
        let due = task.turn(now).await?;
        task.tell();
        let wait = task.outside.clock.real(due.since(now).max(1000)).min(LONGEST);
        // sleeping may be dropped: nothing is taken
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

struct Task {
    options: PriceOptions,
    outside: Outside,
    fetcher: Fetcher,
    schedule: Schedule,
    rates_plan: RatesPlan,
    rates: Rates,
    /// Series in the order in which they lie over each other, the best last.
    series: Vec<PriceSeries>,
    book: PriceBook,
    trouble: Option<(i32, Arc<str>)>,
    read_at: Option<UtcMillis>,
    changed: Option<std::time::SystemTime>,
}

impl Task {
    async fn new(options: PriceOptions, outside: Outside) -> Result<Self, PricesError> {
        let fetcher = Fetcher::new().map_err(PricesError::Net)?;
        let sources = match &options.from {
            From::Market(_, sources, _) => sources.as_slice(),
            From::Address(..) | From::File(..) => &[],
        };
        let mut task = Self {
            schedule: Schedule::new(sources, options.spread_ms),
            rates_plan: RatesPlan::new(options.spread_ms),
            fetcher,
            rates: Rates::default(),
            series: Vec::new(),
            book: PriceBook::new(options.currency),
            trouble: None,
            read_at: None,
            changed: None,
            options,
            outside,
        };
        task.load().await?;
        Ok(task)
    }

    fn area(&self) -> &str {
        match &self.options.from {
            From::Market(zone, ..) => zone.name,
            From::Address(form, _) | From::File(form, _) => &form.area,
        }
    }

    /// Reads what is kept.
    async fn load(&mut self) -> Result<(), PricesError> {
        let today = day_of(self.outside.clock.now());
        let from = today.checked_sub(self.options.back_days.days()).unwrap_or(today);
        let to = today.checked_add(3.days()).unwrap_or(today);
        let range = market_day(from).start..market_day(to).end;
        let (prices, area) = (Arc::clone(&self.outside.prices), self.area().to_owned());
        let read = move || -> Result<(Vec<PriceSeries>, Rates), HistoryError> {
            Ok((prices.prices(&area, range)?, prices.rates(from..to)?))
        };
        let (series, rates) = blocking(read).await?;
        self.series = series;
        self.rates = rates;
        self.rebuild();
        Ok(())
    }

    /// Lays all series over each other anew.
    fn rebuild(&mut self) {
        if let From::Market(_, sources, _) = &self.options.from {
            // the preferred one on top, sources that are not asked any more at the bottom
            let place = |source: Source| sources.iter().position(|known| *known == source);
            self.series.sort_by_key(|series| {
                std::cmp::Reverse(place(series.source).unwrap_or(usize::MAX))
            });
        }
        let mut book = PriceBook::new(self.options.currency);
        for series in &self.series {
            book.put(series, &self.rates);
        }
        self.book = book;
    }

    fn tell(&self) {
        let told = Told { book: Arc::new(self.book.clone()), trouble: self.trouble.clone() };
        self.outside.told.send_replace(told);
    }

    /// Does what is due, and says when to come back.
    async fn turn(&mut self, now: UtcMillis) -> Result<UtcMillis, PricesError> {
        let rates_due = self.turn_rates(now).await?;
        let due = match self.options.from.clone() {
            From::Market(zone, _, key) => self.turn_market(now, zone, key.as_ref()).await?,
            From::Address(form, address) => self.turn_address(now, &form, &address).await?,
            From::File(form, path) => self.turn_file(now, &form, &path).await?,
        };
        Ok(rates_due.map_or(due, |rates| rates.min(due)))
    }

    async fn turn_market(
        &mut self,
        now: UtcMillis,
        zone: &'static Zone,
        key: Option<&PriceKey>,
    ) -> Result<UtcMillis, PricesError> {
        let (source, day) = match self.schedule.next(now, &self.book) {
            Next::Fetch(source, day) => (source, day),
            Next::Wait(until) => return Ok(until),
        };
        let key = key.map(|key| key.0.as_str());
        let base = self.options.base.as_deref();
        let outcome = match source::request(source, zone, day, key, base) {
            Some(request) => {
                tracing::debug!(url = request.shown(), "fetching prices");
                let fetched = self.fetcher.fetch(request.url(), request.accept()).await;
                fetched
                    .and_then(|fetched| read(fetched, |answer| source::parse(source, zone, answer)))
            }
            None => Err(Refusal::Key),
        };
        let settled = match outcome {
            Ok(series) => {
                self.take(series).await?;
                let settled = self.book.settled(&market_day(day));
                Ok(settled)
            }
            Err(refusal) => Err(refusal),
        };
        let after = self.outside.clock.now();
        match &settled {
            Ok(done) => {
                tracing::info!(source = source.word(), %day, done, "prices came");
                self.trouble = None;
                self.schedule.report(after, source, day, Ok(*done));
            }
            Err(refusal) => {
                self.refused(source, refusal);
                self.schedule.report(after, source, day, Err(refusal));
            }
        }
        Ok(after)
    }

    fn refused(&mut self, source: Source, refusal: &Refusal) {
        let waits = matches!(refusal, Refusal::NotPublished);
        let trouble = (refusal.code(), Arc::<str>::from(format!("{}: {refusal}", source.word())));
        // what is not there yet is no trouble
        if !waits && self.trouble.as_ref() != Some(&trouble) {
            tracing::warn!(source = source.word(), %refusal, "no prices");
        }
        if !waits {
            self.trouble = Some(trouble);
        }
    }

    /// Keeps a series and lays it over what is there.
    async fn take(&mut self, series: PriceSeries) -> Result<(), PricesError> {
        let (prices, kept) = (Arc::clone(&self.outside.prices), series.clone());
        blocking(move || prices.keep_prices(&kept)).await?;
        self.series.push(series);
        self.rebuild();
        Ok(())
    }

    async fn turn_address(
        &mut self,
        now: UtcMillis,
        form: &own::Form,
        address: &str,
    ) -> Result<UtcMillis, PricesError> {
        const HOUR: i64 = 3_600_000;
        if let Some(at) = self.read_at.filter(|at| now.since(*at) < HOUR) {
            return Ok(at.plus(HOUR));
        }
        self.read_at = Some(now);
        let fetched = self.fetcher.fetch(address, "application/json, text/csv").await;
        let outcome = fetched.and_then(|fetched| read(fetched, |answer| own::parse(form, answer)));
        self.own(form.source, outcome).await?;
        Ok(now.plus(HOUR))
    }

    async fn turn_file(
        &mut self,
        now: UtcMillis,
        form: &own::Form,
        path: &std::path::Path,
    ) -> Result<UtcMillis, PricesError> {
        const MINUTE: i64 = 60_000;
        let changed = tokio::fs::metadata(path).await.and_then(|about| about.modified()).ok();
        if self.read_at.is_some() && changed == self.changed {
            return Ok(now.plus(MINUTE));
        }
        (self.read_at, self.changed) = (Some(now), changed);
        let outcome = match tokio::fs::read(path).await {
            Ok(body) => own::parse(form, &Answer { status: 200, body: &body, retry_after_s: None }),
            Err(error) => Err(Refusal::Odd(format!("{}: {error}", path.display()))),
        };
        self.own(form.source, outcome).await?;
        Ok(now.plus(MINUTE))
    }

    async fn own(
        &mut self,
        source: Source,
        outcome: Result<PriceSeries, Refusal>,
    ) -> Result<(), PricesError> {
        match outcome {
            Ok(series) => {
                self.trouble = None;
                self.take(series).await
            }
            Err(refusal) => {
                self.refused(source, &refusal);
                Ok(())
            }
        }
    }

    /// Fetches exchange rates when prices need them and they are due. `None` when none are needed.
    async fn turn_rates(&mut self, now: UtcMillis) -> Result<Option<UtcMillis>, PricesError> {
        let currency = self.options.currency;
        if self.series.iter().all(|series| series.currency == currency) {
            return Ok(None);
        }
        let path = match self.rates_plan.next(now, self.rates.newest()) {
            Ok(path) => path,
            Err(wait) => return Ok(Some(wait)),
        };
        let base = self.options.base.as_deref().unwrap_or(hanport_engine::price::rates::BASE);
        let fetched = self.fetcher.fetch(&format!("{base}{path}"), "application/xml").await;
        self.rates_plan.tried(self.outside.clock.now());
        let parsed = fetched.and_then(|fetched| match fetched {
            Fetched::Same => Err(Refusal::NotPublished),
            Fetched::New { status: 200, body, .. } => Rates::parse(&String::from_utf8_lossy(&body))
                .map_err(|error| Refusal::Odd(error.to_string())),
            Fetched::New { status, .. } => Err(Refusal::Unavailable(status)),
        });
        match parsed {
            Ok(rates) => {
                let (prices, kept) = (Arc::clone(&self.outside.prices), rates.clone());
                blocking(move || prices.keep_rates(&kept)).await?;
                self.rates.extend(rates);
                self.rebuild();
            }
            Err(Refusal::NotPublished) => {}
            Err(refusal) => tracing::warn!(%refusal, "no exchange rates"),
        }
        Ok(Some(now))
    }
}

/// Reads what was fetched; the same as before says nothing new.
fn read(
    fetched: Fetched,
    parse: impl FnOnce(&Answer<'_>) -> Result<PriceSeries, Refusal>,
) -> Result<PriceSeries, Refusal> {
    match fetched {
        Fetched::Same => Err(Refusal::NotPublished),
        Fetched::New { status, body, retry_after_s } => {
            parse(&Answer { status, body: &body, retry_after_s })
        }
    }
}

/// The market's day of an instant.
fn day_of(at: UtcMillis) -> Date {
    at.timestamp().to_zoned(market_zone()).date()
}

/// Reading and writing what is kept waits for the disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HistoryError> + Send + 'static,
) -> Result<T, PricesError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(HistoryError("it was broken off".to_owned())))
        .map_err(PricesError::Kept)
}
