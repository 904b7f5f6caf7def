//! `hanport cost`: what energy cost, and how that compares with an invoice.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::ops::Range;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::ValueEnum;
use hanport_engine::energy::shown::shown;
use hanport_engine::energy::{Period, Register};
use hanport_engine::money::bill::needed;
use hanport_engine::money::invoice::{Check, Component, Paid, check};
use hanport_engine::money::{Account, Bill, Money, Pricing};
use hanport_engine::outside::{Clock as _, History as _};
use hanport_engine::price::decimal::decimal;
use hanport_engine::time::UtcMillis;
use hanport_io::clock::System;
use hanport_store::Onlooker;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::agreement::{Agreement, agreement};
use crate::config;
use crate::place::{DataArgs, instant};
use crate::price::Kept;

/// The time the books may need after a quarter is over.
const BOOKS_MS: i64 = 75 * 60_000;

/// Reckons what energy cost, from quarter-hours and the prices of their time.
///
/// Nothing that is not known counts as zero: what is missing is told. With --paid it compares
/// with an invoice, component by component.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport cost
  hanport cost --from 2026-01-01 --to 2026-02-01
  hanport cost --by day --json
  hanport cost --from 2026-01-01 --to 2026-02-01 --paid energy=812.40 --paid total=1240.10

Exit status: 0 done, 1 not possible, 2 done but something is missing.")]
pub(crate) struct Args {
    /// The meter, by its id; the first one where it is left out
    #[arg(long, value_name = "ID")]
    meter: Option<String>,
    /// From when: 2026-01-31, or with a time; this month where it is left out
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Up to when, likewise; not included
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// A row for each
    #[arg(long, value_enum)]
    by: Option<By>,
    /// What an invoice says: energy, grid, fees, peak, support, income or total
    #[arg(long, value_name = "COMPONENT=AMOUNT")]
    paid: Vec<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// What rows are.
#[derive(Clone, Copy, ValueEnum)]
enum By {
    /// Days
    Day,
    /// Clock hours
    Hour,
    /// Months
    Month,
    /// Years
    Year,
}

impl By {
    const fn period(self) -> Period {
        match self {
            Self::Day => Period::Day,
            Self::Hour => Period::Hour,
            Self::Month => Period::Month,
            Self::Year => Period::Year,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = config::load(args.data.config.as_deref())?.config;
    let Some(own) = agreement(&config)? else {
        bail!(
            "neither prices nor a tariff are set up; see [price] and [tariff] in the configuration"
        );
    };
    let place = args.data.place()?;
    let history = Onlooker::open(place.history())?;
    let kept = history.meters()?;
    let meter = if let Some(meter) = &args.meter {
        kept.iter().find(|known| *known == meter).ok_or_else(|| {
            anyhow!("nothing was kept of a meter `{meter}`; there are {}", kept.join(", "))
        })?
    } else {
        let first = place.first_meter();
        let named = first.iter().find_map(|id| kept.iter().find(|known| *known == id));
        named
            .or_else(|| kept.first())
            .ok_or_else(|| anyhow!("nothing was kept of any meter yet"))?
    };
    let now = System.now();
    let range = asked(args, &own.zone, now)?;
    let bills = bills(&own, &history, &place.folder, meter, &range, args.by, now)?;
    let text = match (args.json, paid(&args.paid)?) {
        (false, None) if args.by.is_some() => rows(&own, &bills),
        (true, None) => {
            let rows: Vec<Value> = bills.iter().map(bill_json).collect();
            let document = json!({ "meter": meter, "currency": own.setup.currency, "bills": rows });
            format!("{}\n", serde_json::to_string_pretty(&document)?)
        }
        (as_json, paid) => {
            let bill = bills.first().ok_or_else(|| anyhow!("the range is empty"))?;
            match paid {
                None => lines(&own, bill),
                Some(paid) => {
                    let check = check(bill, &paid);
                    if as_json { check_json(&check)? } else { check_text(&own, &check) }
                }
            }
        }
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    let whole = bills.iter().all(|bill| bill.missing.is_none());
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn asked(args: &Args, zone: &TimeZone, now: UtcMillis) -> anyhow::Result<Range<UtcMillis>> {
    let time = |text: &Option<String>| text.as_deref().map(|text| instant(text, zone)).transpose();
    let month = Period::Month.around(now, zone);
    let start = time(&args.from)?.unwrap_or(month.start);
    let end = time(&args.to)?.unwrap_or_else(|| Period::Month.around(start.max(now), zone).end);
    if start >= end {
        bail!("--from must lie before --to");
    }
    if args.by.is_some() && !args.paid.is_empty() {
        bail!("an invoice is compared with the whole range; leave out --by");
    }
    Ok(start..end)
}

fn bills(
    own: &Agreement,
    history: &Onlooker,
    folder: &std::path::Path,
    meter: &str,
    range: &Range<UtcMillis>,
    by: Option<By>,
    now: UtcMillis,
) -> anyhow::Result<Vec<Bill>> {
    let nothing = hanport_engine::price::PriceBook::new(own.setup.currency);
    let contracts = own.contracts.as_slice();
    let start = needed(&Pricing { contracts, book: &nothing, zone: &own.zone }, range);
    let wide = start..range.end;
    let book = Kept::read(folder, &own.area, &wide)?.book(own.setup.currency, &[]);
    let import = shown(history, meter, Register::ActiveImport, wide.clone())?;
    let export = shown(history, meter, Register::ActiveExport, wide)?;
    let account = Account {
        pricing: Pricing { contracts, book: &book, zone: &own.zone },
        import: &import,
        export: &export,
        reported: &[],
        now,
        due: now.plus(-BOOKS_MS),
    };
    Ok(match by {
        Some(by) => account.by(range.clone(), by.period()),
        None => vec![account.bill(range.clone())],
    })
}

fn paid(words: &[String]) -> anyhow::Result<Option<Paid>> {
    if words.is_empty() {
        return Ok(None);
    }
    let mut paid = Paid::default();
    for word in words {
        let parts = word.split_once('=').and_then(|(name, amount)| {
            let amount = Money::of(decimal(&amount.replace(',', "."))?)?;
            Some((Component::named(name.trim())?, amount))
        });
        paid.amounts.push(parts.ok_or_else(|| {
            anyhow!("--paid {word} cannot be read; write it as energy=812.40, with one of energy, grid, fees, peak, support, income, total")
        })?);
    }
    Ok(Some(paid))
}

fn amount(amount: Option<Money>) -> String {
    amount.map_or_else(|| "-".to_owned(), |amount| format!("{amount:.2}"))
}

fn kwh(wh: Option<i64>) -> String {
    wh.map_or_else(|| "-".to_owned(), |wh| format!("{}.{:03}", wh / 1000, wh % 1000))
}

/// What is not in a bill, in a sentence.
fn gaps(bill: &Bill) -> String {
    let mut gaps = Vec::new();
    if bill.missing.quarters > 0 {
        gaps.push(format!("{} quarter-hours without energy", bill.missing.quarters));
    }
    if bill.missing.unpriced_wh > 0 {
        gaps.push(format!("{} kWh without a price", kwh(Some(bill.missing.unpriced_wh))));
    }
    if bill.expired {
        gaps.push("the list of the grid tariff has ended".to_owned());
    }
    if bill.provisional {
        gaps.push("the peak fee may still change".to_owned());
    }
    gaps.join(", ")
}

fn rows(own: &Agreement, bills: &[Bill]) -> String {
    let mut text = format!(
        "{:<18}{:>12}{:>12}{:>12}{:>12}{:>12}   {}\n",
        "from", "import kWh", "export kWh", "cost", "income", "fees", own.setup.currency
    );
    for bill in bills {
        let start = bill.range.start.timestamp().to_zoned(own.zone.clone());
        let _ = writeln!(
            text,
            "{:<18}{:>12}{:>12}{:>12}{:>12}{:>12}   {}",
            start.strftime("%Y-%m-%d %H:%M").to_string(),
            kwh(bill.import_wh),
            kwh(bill.export_wh),
            amount(bill.cost()),
            amount(bill.income()),
            amount(Some(bill.fees())),
            gaps(bill)
        );
    }
    text
}

fn lines(own: &Agreement, bill: &Bill) -> String {
    let at = |at: UtcMillis| {
        at.timestamp().to_zoned(own.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    };
    let mut text = format!("{} to {}\n", at(bill.range.start), at(bill.range.end));
    for line in &bill.lines {
        let name = if line.name.is_empty() { line.kind.name() } else { &line.name };
        let energy =
            if line.wh == 0 { String::new() } else { format!("{} kWh", kwh(Some(line.wh))) };
        let income = if line.kind.is_income() { "  (income)" } else { "" };
        let _ = writeln!(text, "  {name:<28}{energy:>18}{:>14.2}{income}", line.amount);
    }
    let total = amount(bill.total());
    let _ = writeln!(text, "  {:<28}{:>18}{total:>14} {}", "total", "", own.setup.currency);
    let gaps = gaps(bill);
    if !gaps.is_empty() {
        let _ = writeln!(text, "  not in it: {gaps}");
    }
    text
}

fn bill_json(bill: &Bill) -> Value {
    let exact = |amount: Option<Money>| amount.map(|amount| amount.to_string());
    let lines: Vec<Value> = bill
        .lines
        .iter()
        .map(|line| {
            json!({ "kind": line.kind.name(), "name": &*line.name, "wh": line.wh,
                "amount": line.amount.to_string() })
        })
        .collect();
    json!({
        "start": bill.range.start.to_string(),
        "end": bill.range.end.to_string(),
        "import_wh": bill.import_wh,
        "export_wh": bill.export_wh,
        "cost": exact(bill.cost()),
        "income": exact(bill.income()),
        "fees": bill.fees().to_string(),
        "total": exact(bill.total()),
        "lines": lines,
        "missing": { "quarters": bill.missing.quarters, "unpriced_wh": bill.missing.unpriced_wh },
        "tariff_expired": bill.expired,
        "provisional": bill.provisional,
    })
}

fn check_text(own: &Agreement, check: &Check) -> String {
    let mut text = format!(
        "{:<12}{:>14}{:>14}{:>14}   {}\n",
        "", "reckoned", "invoice", "difference", own.setup.currency
    );
    for difference in &check.differences {
        let _ = writeln!(
            text,
            "{:<12}{:>14.2}{:>14.2}{:>14.2}",
            difference.component.name(),
            difference.reckoned,
            difference.paid,
            difference.more
        );
    }
    if !check.missing.is_none() {
        let _ = writeln!(
            text,
            "the reckoning lacks {} quarter-hours and {} kWh without a price",
            check.missing.quarters,
            kwh(Some(check.missing.unpriced_wh))
        );
    }
    text
}

fn check_json(check: &Check) -> anyhow::Result<String> {
    let rows: Vec<Value> = check
        .differences
        .iter()
        .map(|d| {
            json!({ "component": d.component.name(), "reckoned": d.reckoned.to_string(),
                "invoice": d.paid.to_string(), "difference": d.more.to_string() })
        })
        .collect();
    let missing =
        json!({ "quarters": check.missing.quarters, "unpriced_wh": check.missing.unpriced_wh });
    let document = json!({ "differences": rows, "missing": missing });
    Ok(format!("{}\n", serde_json::to_string_pretty(&document)?))
}
