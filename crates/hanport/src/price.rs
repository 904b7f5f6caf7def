//! `hanport price`: what energy costs, slot by slot.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use hanport_engine::energy::Period;
use hanport_engine::money::{Currency, Pricing};
use hanport_engine::outside::Clock as _;
use hanport_engine::price::source::{market_day, market_zone, order, parse, request};
use hanport_engine::price::{Answer, Firmness, PriceBook, PriceSeries, Rates, Zone};
use hanport_engine::time::UtcMillis;
use hanport_io::clock::System;
use hanport_io::prices::fetch::{Fetched, Fetcher};
use hanport_store::Onlooker;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::agreement::{Agreement, agreement};
use crate::complain;
use crate::config::{self, Config};
use crate::place::{HISTORY, instant};
use crate::run::runtime;

/// Shows what a kilowatt-hour costs: the market's price, and what the contract makes of it.
///
/// Prices that were kept are shown; those of days that are not kept are fetched. Without --area
/// it is that of the configuration, with its formula, tariff and support.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport price
  hanport price --area DE-LU --from 2026-01-14 --to 2026-01-15
  hanport price --json

Exit status: 0 done, 1 not possible, 2 no price is known.")]
pub(crate) struct Args {
    /// The price area: NO1, SE3, DK1, DE-LU, or an EIC code
    #[arg(long, value_name = "AREA")]
    area: Option<String>,
    /// From when: 2026-01-31, or with a time; today where it is left out
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Up to when, likewise; not included
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Fetch nothing
    #[arg(long)]
    offline: bool,
    /// The configuration file; found by itself where left out (hanport config path tells which)
    #[arg(long, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = config::load(args.config.as_deref())?.config;
    let own = agreement(&config)?;
    let area = match &args.area {
        Some(area) => Zone::find(area)?.name.to_owned(),
        None => match &own {
            Some(own) => own.area.clone(),
            None => bail!("no price area is set up; name one with --area, such as NO1 or DE-LU"),
        },
    };
    let own = own.filter(|own| own.area == area);
    let market = Zone::find(&area).ok();
    let zone = match (&own, market) {
        (Some(own), _) => own.zone.clone(),
        (None, Some(market)) => market.time_zone(),
        (None, None) => config.site.zone.clone(),
    };
    let range = asked(args, &zone)?;
    let currency = match (&own, market) {
        (Some(own), _) => own.setup.currency,
        (None, Some(market)) => market.currency(),
        (None, None) => config.site.currency.parse()?,
    };
    let kept = Kept::read(&config.data.folder, &area, &range)?;
    let mut book = kept.book(currency, &[]);
    if !args.offline
        && let Some(market) = market
    {
        let fetched = runtime()?.block_on(fetch(market, &config, &book, &range, currency))?;
        book = kept.and(fetched.rates).book(currency, &fetched.series);
    }
    let rows = rows(own.as_ref(), &book, &range, &zone);
    let text = if args.json {
        as_json(&area, currency, &rows)?
    } else {
        as_table(&area, currency, &rows, &zone)
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    let known = rows.iter().any(|row| row.spot.or(row.import).is_some());
    Ok(if known { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// The range that is asked for; today and tomorrow where nothing is said.
fn asked(args: &Args, zone: &TimeZone) -> anyhow::Result<Range<UtcMillis>> {
    let now = System.now();
    let time = |text: &Option<String>| text.as_deref().map(|text| instant(text, zone)).transpose();
    let (from, to) = (time(&args.from)?, time(&args.to)?);
    let day = Period::Day.around(from.unwrap_or(now), zone);
    let start = from.unwrap_or(day.start);
    let end = to.unwrap_or_else(|| match from {
        Some(_) => day.end,
        None => Period::Day.around(day.end, zone).end,
    });
    if start >= end {
        bail!("--from must lie before --to");
    }
    if end.since(start) > 400 * 86_400_000 {
        bail!("this is more than a year; ask for less at once");
    }
    Ok(start..end)
}

/// What was kept of an area.
pub(crate) struct Kept {
    series: Vec<PriceSeries>,
    rates: Rates,
}

impl Kept {
    /// Reads what was kept; nothing where there is no history yet.
    pub(crate) fn read(
        folder: &Path,
        area: &str,
        range: &Range<UtcMillis>,
    ) -> anyhow::Result<Self> {
        let path = folder.join(HISTORY);
        if !path.exists() {
            return Ok(Self { series: Vec::new(), rates: Rates::default() });
        }
        let history = Onlooker::open(path)?;
        let day = |at: UtcMillis| at.timestamp().to_zoned(market_zone()).date();
        let end = day(range.end).checked_add(1.day()).unwrap_or(Date::MAX);
        Ok(Self {
            series: history.prices(area, range.clone())?,
            rates: history.rates(day(range.start)..end)?,
        })
    }

    fn and(mut self, rates: Rates) -> Self {
        self.rates.extend(rates);
        self
    }

    /// What was kept below, what came now above.
    pub(crate) fn book(&self, currency: Currency, fetched: &[PriceSeries]) -> PriceBook {
        let mut book = PriceBook::new(currency);
        for series in self.series.iter().chain(fetched) {
            book.put(series, &self.rates);
        }
        book
    }
}

struct Found {
    series: Vec<PriceSeries>,
    rates: Rates,
}

/// Fetches the days of a range of which something is missing.
async fn fetch(
    zone: &'static Zone,
    config: &Config,
    book: &PriceBook,
    range: &Range<UtcMillis>,
    currency: Currency,
) -> anyhow::Result<Found> {
    let fetcher = Fetcher::new().map_err(|why| anyhow!(why))?;
    let key = config.price.entsoe_key.as_ref().map(|key| key.reveal().to_owned());
    let sources = order(zone, key.is_some());
    if sources.is_empty() {
        complain(&format!("nobody tells prices of {} without a key", zone.name));
    }
    let mut found = Found { series: Vec::new(), rates: Rates::default() };
    let mut day = range.start.timestamp().to_zoned(market_zone()).date();
    while market_day(day).start < range.end {
        let whole = market_day(day);
        if !book.covers(&whole) && !found.series.iter().any(|series| series.covers(&whole)) {
            let mut last = None;
            for source in &sources {
                let Some(request) = request(*source, zone, day, key.as_deref(), None) else {
                    continue;
                };
                let answered = fetcher.fetch(request.url(), request.accept()).await;
                let series = answered.and_then(|fetched| match fetched {
                    Fetched::Same => Err(hanport_engine::price::Refusal::NotPublished),
                    Fetched::New { status, body, retry_after_s } => {
                        parse(*source, zone, &Answer { status, body: &body, retry_after_s })
                    }
                });
                match series {
                    Ok(series) => {
                        found.series.push(series);
                        last = None;
                        break;
                    }
                    Err(refusal) => last = Some((source, refusal)),
                }
            }
            if let Some((source, refusal)) = last {
                complain(&format!("{day}: {}: {refusal}", source.word()));
            }
        }
        day = day.checked_add(1.day())?;
    }
    if found.series.iter().any(|series| series.currency != currency) {
        let url = format!(
            "{}{}",
            hanport_engine::price::rates::BASE,
            hanport_engine::price::rates::LAST_90_DAYS
        );
        if let Ok(Fetched::New { status: 200, body, .. }) =
            fetcher.fetch(&url, "application/xml").await
        {
            found.rates = Rates::parse(&String::from_utf8_lossy(&body))?;
        }
    }
    Ok(found)
}

/// One slot.
struct Row {
    range: Range<UtcMillis>,
    spot: Option<hanport_engine::money::PricePerKwh>,
    import: Option<hanport_engine::money::PricePerKwh>,
    export: Option<hanport_engine::money::PricePerKwh>,
    source: Option<Arc<str>>,
    preliminary: bool,
}

fn rows(
    own: Option<&Agreement>,
    book: &PriceBook,
    range: &Range<UtcMillis>,
    zone: &TimeZone,
) -> Vec<Row> {
    let finest = book.between(range).iter().map(|s| s.range.end.since(s.range.start)).min();
    let step = finest.unwrap_or(3_600_000).clamp(900_000, 3_600_000);
    let contracts = own.map(|own| own.contracts.as_slice()).unwrap_or_default();
    let pricing = Pricing { contracts, book, zone };
    let mut rows = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let slot = at..at.plus(step).min(range.end);
        at = slot.end;
        let priced = pricing.over(&slot);
        let told = book.at(slot.start);
        rows.push(Row {
            spot: priced.spot,
            import: priced.import,
            export: priced.export,
            source: told.map(|told| told.source.word().into()),
            preliminary: told.is_some_and(|told| told.firmness == Firmness::Preliminary),
            range: slot,
        });
    }
    rows
}

fn as_table(area: &str, currency: Currency, rows: &[Row], zone: &TimeZone) -> String {
    let mut text = format!("{area}, {currency} for a kWh\n");
    let with_contract = rows.iter().any(|row| row.import.is_some());
    let _ = write!(text, "{:<16} {:>12}", "", "spot");
    if with_contract {
        let _ = write!(text, " {:>11} {:>11}", "import", "export");
    }
    text.push('\n');
    let price = |price: Option<hanport_engine::money::PricePerKwh>| {
        price.map_or_else(|| "-".to_owned(), |price| format!("{price:.4}"))
    };
    for row in rows {
        let start = row.range.start.timestamp().to_zoned(zone.clone());
        let _ = write!(text, "{} {:>12}", start.strftime("%Y-%m-%d %H:%M"), price(row.spot));
        if with_contract {
            let _ = write!(text, " {:>11} {:>11}", price(row.import), price(row.export));
        }
        text.push_str(if row.preliminary { "  preliminary\n" } else { "\n" });
    }
    text
}

fn as_json(area: &str, currency: Currency, rows: &[Row]) -> anyhow::Result<String> {
    // exact decimals, as text
    let price = |price: Option<hanport_engine::money::PricePerKwh>| price.map(|p| p.to_string());
    let slots: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            json!({
                "start": row.range.start.to_string(),
                "end": row.range.end.to_string(),
                "spot": price(row.spot),
                "import": price(row.import),
                "export": price(row.export),
                "source": row.source.as_deref(),
                "preliminary": row.preliminary,
            })
        })
        .collect();
    let document = json!({ "area": area, "currency": currency, "per": "kWh", "prices": slots });
    Ok(format!("{}\n", serde_json::to_string_pretty(&document)?))
}
