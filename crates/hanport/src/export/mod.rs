//! `hanport export`: what was kept, as a table.
//!
//! ```text
//! CSV, samples   time,active_import_w,voltage_l1_v
//!                2026-01-10T11:00:00Z,1250.5,231
//! CSV, steps     start,end,active_import_w,active_import_w_min,active_import_w_max,
//!                energy_active_import_wh,energy_active_import_quality
//! ```
//!
//! Names are those of `hanport decode`; `active_import_wh` is what the register stood at,
//! `energy_active_import_wh` what was used in the step. Nothing stands where nothing is known.

mod table;
mod write;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;
use hanport_engine::outside::{History, Resolution};
use hanport_engine::time::UtcMillis;
use hanport_store::Onlooker;
use indicatif::{ProgressBar, ProgressStyle};

use crate::complain;
use crate::place::{DataArgs, instant};

use self::table::{Column, Table, columns};
use self::write::Form;

/// Writes what was kept of a meter as a table.
///
/// It reads beside a running service and disturbs it not; the last minute may be missing.
/// Energy of quarter-hours and longer steps is what the books say, corrections included, with
/// its quality: measured, interpolated, estimated or missing.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport export --resolution 1h --from 2026-01-01 --to 2026-02-01 > january.csv
  hanport export --resolution raw --from 2026-01-10T17:00 --to 2026-01-10T18:00
  hanport export --format influx --output all.line

Exit status: 0 done, 1 not possible.")]
pub(crate) struct Args {
    /// The meter, by its id; the first one where it is left out
    #[arg(long, value_name = "ID")]
    meter: Option<String>,
    /// From when: 2026-01-31, 2026-01-31T12:00 by the zone of the site, or with an offset
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Up to when, likewise; not included
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// In which steps
    #[arg(long, value_enum, default_value = "15m")]
    resolution: Steps,
    /// In which form
    #[arg(long, value_enum, default_value = "csv")]
    format: Form,
    /// Only these columns, with commas: `active_import_w,energy_active_import`
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,
    /// Into this file; standard output where it is left out
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
}

/// How long steps are.
#[derive(Clone, Copy, ValueEnum)]
enum Steps {
    /// Every sample
    Raw,
    /// Minutes
    #[value(name = "1m")]
    Minute,
    /// Quarter-hours
    #[value(name = "15m")]
    Quarter,
    /// Hours
    #[value(name = "1h")]
    Hour,
    /// Days of the site's zone
    #[value(name = "1d")]
    Day,
    /// Months of the site's zone
    #[value(name = "1mo")]
    Month,
}

impl Steps {
    const fn resolution(self) -> Resolution {
        match self {
            Self::Raw => Resolution::Raw,
            Self::Minute => Resolution::Minute,
            Self::Quarter => Resolution::Quarter,
            Self::Hour => Resolution::Hour,
            Self::Day => Resolution::Day,
            Self::Month => Resolution::Month,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let place = args.data.place()?;
    let history = Onlooker::open(place.history())?;
    let meter = meter(&history, args.meter.as_deref(), &place.first_meter())?;
    let zone = &place.zone;
    let time = |text: &Option<String>| text.as_deref().map(|text| instant(text, zone)).transpose();
    let (from, to) = (time(&args.from)?, time(&args.to)?);
    let Some(range) = range(&history, &meter, from, to)? else {
        bail!("nothing was kept of the meter `{meter}` in this time");
    };
    let resolution = args.resolution.resolution();
    let columns = columns(&history, &meter, range.clone(), resolution)?;
    let columns = wanted(columns, &args.columns)?;
    let table = Table { history: &history, meter: &meter, columns, range, resolution, zone };
    if let Some(path) = &args.output {
        let rows = into_file(&table, args.format, path)?;
        complain(&format!("{rows} rows in {}", path.display()));
    } else {
        let mut out = BufWriter::new(io::stdout().lock());
        written(&table, args.format, &mut out)?;
        out.flush()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The meter that is named, or the first one.
fn meter(history: &dyn History, named: Option<&str>, first: &[String]) -> anyhow::Result<String> {
    let kept = history.meters()?;
    if let Some(named) = named {
        if !kept.iter().any(|meter| meter == named) {
            bail!("nothing was kept of a meter `{named}`; there are {}", kept.join(", "));
        }
        return Ok(named.to_owned());
    }
    let first = first.iter().find(|id| kept.contains(id)).or_else(|| kept.first());
    first.cloned().ok_or_else(|| anyhow!("nothing was kept of any meter yet"))
}

/// What is asked for, as far as anything was kept.
fn range(
    history: &dyn History,
    meter: &str,
    from: Option<UtcMillis>,
    to: Option<UtcMillis>,
) -> anyhow::Result<Option<Range<UtcMillis>>> {
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        bail!("--from must lie before --to");
    }
    let Some(extent) = history.extent(meter)? else { return Ok(None) };
    let start = from.map_or(extent.start, |from| from.max(extent.start));
    let end = to.map_or(extent.end, |to| to.min(extent.end));
    // a step that was asked for with its beginning counts as a whole
    Ok((start < end).then_some(start..end))
}

fn wanted(columns: Vec<Column>, names: &[String]) -> anyhow::Result<Vec<Column>> {
    if names.is_empty() {
        return Ok(columns);
    }
    let known: Vec<String> = columns.iter().map(ToString::to_string).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        bail!("nothing was kept of `{unknown}` in this time; there are {}", known.join(", "));
    }
    Ok(columns.into_iter().filter(|column| names.contains(&column.to_string())).collect())
}

/// Writes beside the file, which appears when it is whole.
fn into_file(table: &Table<'_>, form: Form, path: &Path) -> anyhow::Result<u64> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let write = || -> anyhow::Result<u64> {
        let mut out = BufWriter::new(File::create(&part)?);
        let rows = written(table, form, &mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&part, path)?;
        Ok(rows)
    };
    write()
        .inspect_err(|_| {
            let _ = std::fs::remove_file(&part);
        })
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// Writes the whole table; how many rows it has.
fn written(table: &Table<'_>, form: Form, out: &mut dyn Write) -> anyhow::Result<u64> {
    let mut progress = Progress::new(&table.range);
    let mut writer = write::Writer::new(form, table, out);
    writer.begin()?;
    for piece in table.pieces() {
        for row in table.rows(piece.clone())? {
            writer.row(&row)?;
        }
        progress.come_to(piece.end, writer.rows());
    }
    writer.end()?;
    Ok(writer.rows())
}

/// How far a long table is written; shown where nothing else is on the terminal.
struct Progress {
    start: UtcMillis,
    length: u64,
    begun: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// What is done by then needs no bar.
    const SHORT: Duration = Duration::from_millis(500);

    fn new(range: &Range<UtcMillis>) -> Self {
        let length = u64::try_from(range.end.since(range.start)).unwrap_or(0);
        Self { start: range.start, length, begun: Instant::now(), bar: None }
    }

    fn come_to(&mut self, at: UtcMillis, rows: u64) {
        let free = io::stderr().is_terminal() && !io::stdout().is_terminal();
        if self.bar.is_none() && free && self.begun.elapsed() > Self::SHORT {
            let bar = ProgressBar::new(self.length);
            if let Ok(style) = ProgressStyle::with_template("{wide_bar} {msg}, {eta} to go") {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(at.since(self.start)).unwrap_or(0));
            bar.set_message(format!("{rows} rows, up to {at}"));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
