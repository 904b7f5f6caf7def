//! `hanport import`: history from elsewhere, into gaps.

mod csv;
mod plots;

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use hanport_engine::energy::{Edges, Interval, Quality, QuarterHour, Register, Standing};
use hanport_engine::outside::{Clock, History as _};
use hanport_engine::time::UtcMillis;
use hanport_io::clock::System;
use hanport_io::download::Downloads;
use hanport_store::{Imported, Options, Store};

use crate::complain;
use crate::lock::Lock;
use crate::place::{DataArgs, Place};

/// A plot is some kilobytes.
const LARGEST_PLOT: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(15);

/// Takes history from elsewhere into the gaps of a meter's own.
///
/// From a CSV as `hanport export` writes it, or from an existing reader over HTTP: its hours of the
/// last day and its days of the last month. What a meter itself said is never overwritten. Energy
/// of hours and days is shared out evenly over their quarter-hours, which count as estimated.
/// The service must not run.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport import --meter main january.csv
  hanport import --meter main http://192.168.1.30/
  hanport import --meter main dayplot.json

Exit status: 0 done, 1 not possible.")]
pub(crate) struct Args {
    /// A CSV file, a day or month plot as JSON, - for standard input, or the address of a reader
    #[arg(value_name = "FILE|URL")]
    from: String,
    /// Into the history of this meter, by its id; the first one where it is left out
    #[arg(long, value_name = "ID")]
    meter: Option<String>,
    /// Only say what would be taken
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Energy of a span of time that is to go into the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    register: Register,
    start: UtcMillis,
    end: UtcMillis,
    wh: i64,
    quality: Quality,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let place = args.data.place()?;
    let meter = args.meter.clone().or_else(|| place.first_meter().into_iter().next());
    let meter = meter.context("say for which meter with --meter")?;
    let _lock = Lock::take(&place.folder)?;
    let clock: Arc<dyn Clock> = Arc::new(System);
    let now = clock.now();
    let store = Store::open(place.history(), Options::default(), clock)?;
    let mut target =
        Target { store: &store, meter: &meter, dry: args.dry_run, sum: Imported::default() };
    let came = take_all(&mut target, &args.from, &place, now);
    let sum = target.sum;
    if came.is_ok() && !args.dry_run {
        store.flush()?;
    }
    store.close();
    came?;
    let would = if args.dry_run { "would be " } else { "" };
    complain(&format!(
        "{} values {would}taken, {} left out because there are some already or they cannot be true",
        sum.taken, sum.left
    ));
    Ok(ExitCode::SUCCESS)
}

fn take_all(
    target: &mut Target<'_>,
    from: &str,
    place: &Place,
    now: UtcMillis,
) -> anyhow::Result<()> {
    if from.starts_with("http://") || from.starts_with("https://") {
        for (address, text) in download(from)? {
            plots::take(target, &text, now, &place.zone)
                .with_context(|| format!("{address} cannot be used"))?;
        }
        return Ok(());
    }
    let mut input = open(from)?;
    let first = input.fill_buf().with_context(|| format!("{from} cannot be read"))?;
    let is_json = first.iter().find(|octet| !octet.is_ascii_whitespace()) == Some(&b'{');
    if !is_json {
        return csv::take(target, &mut input).with_context(|| format!("{from} cannot be used"));
    }
    let mut text = String::new();
    let most = u64::try_from(LARGEST_PLOT).unwrap_or(u64::MAX);
    input.take(most).read_to_string(&mut text)?;
    plots::take(target, &text, now, &place.zone).with_context(|| format!("{from} cannot be used"))
}

fn open(from: &str) -> anyhow::Result<Box<dyn BufRead>> {
    if from == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let path = Path::new(from);
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if file.metadata()?.is_dir() {
        bail!("{} is a folder", path.display());
    }
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

/// The plots of a reader: both, unless the address names one.
fn download(address: &str) -> anyhow::Result<Vec<(String, String)>> {
    let addresses = if address.to_ascii_lowercase().ends_with(".json") {
        vec![address.to_owned()]
    } else {
        let base = address.trim_end_matches('/');
        vec![format!("{base}/dayplot.json"), format!("{base}/monthplot.json")]
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let downloads = Downloads::new(PATIENCE).map_err(|error| anyhow!("{error}"))?;
        let mut texts = Vec::new();
        for address in addresses {
            let text = downloads.text(&address, LARGEST_PLOT).await?;
            texts.push((address, text));
        }
        Ok(texts)
    })
}

/// Where it goes.
struct Target<'t> {
    store: &'t Store,
    meter: &'t str,
    dry: bool,
    sum: Imported,
}

impl Target<'_> {
    fn count(&mut self, imported: Imported) {
        self.sum.taken += imported.taken;
        self.sum.left += imported.left;
    }

    /// Takes energy, finest first. What is known of a span already is not counted twice: only
    /// the rest of its energy goes into its gaps.
    fn take_spans(&mut self, spans: &[Span]) -> anyhow::Result<()> {
        for span in spans {
            let intervals = self.quarters(span)?;
            if intervals.is_empty() {
                self.count(Imported { taken: 0, left: 1 });
            } else if self.dry {
                self.count(Imported { taken: intervals.len(), left: 0 });
            } else {
                let imported = self.store.import_intervals(self.meter, intervals)?;
                self.count(imported);
            }
        }
        Ok(())
    }

    /// The gaps in a span with their share; none where nothing is left for them.
    fn quarters(&self, span: &Span) -> anyhow::Result<Vec<Interval>> {
        let (first, last) =
            (QuarterHour::containing(span.start), QuarterHour::containing(span.end));
        let whole = first.start() == span.start && last.start() == span.end && first < last;
        if !whole || span.wh < 0 || span.quality == Quality::Missing {
            return Ok(Vec::new());
        }
        let known = self.store.intervals(self.meter, span.register, span.start..span.end)?;
        let known: Vec<&Interval> =
            known.iter().filter(|interval| interval.quality != Quality::Missing).collect();
        let gaps: Vec<QuarterHour> = (first.0..last.0)
            .map(QuarterHour)
            .filter(|quarter| !known.iter().any(|interval| interval.quarter == *quarter))
            .collect();
        let rest = span.wh - known.iter().map(|interval| interval.wh).sum::<i64>();
        let count = i64::try_from(gaps.len()).unwrap_or(i64::MAX);
        if gaps.is_empty() || rest < 0 {
            return Ok(Vec::new());
        }
        let single = last.0 - first.0 == 1;
        let quality = if single { span.quality } else { Quality::Estimated };
        let shares = (0..count).map(|at| rest / count + i64::from(at < rest % count));
        let interval = |(quarter, wh)| Interval {
            register: span.register,
            quarter,
            wh,
            quality,
            standing: Standing::Settled,
            edges: Edges::default(),
        };
        Ok(gaps.into_iter().zip(shares).map(interval).collect())
    }
}
