//! A table as `hanport export` writes it.

use std::collections::HashMap;
use std::io::BufRead;

use anyhow::{Context as _, anyhow, bail};
use hanport_core::number::Number;
use hanport_core::quantity::Quantity;
use hanport_engine::energy::{Quality, Register};
use hanport_engine::outside::{Point, Resolution};
use hanport_engine::time::UtcMillis;
use hanport_store::Imported;
use jiff::Timestamp;

use super::{Span, Target};

/// Rows that are kept in memory before they are written.
const BATCH: usize = 20_000;
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
const QUARTER_MS: i64 = 900_000;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    End,
    EnergyQuality(Register),
    EnergyWh(Register),
    Max(Quantity),
    Mean(Quantity),
    Min(Quantity),
    Start,
}

/// Takes a table.
pub(super) fn take(target: &mut Target<'_>, input: &mut dyn BufRead) -> anyhow::Result<()> {
    let mut lines = input.lines().enumerate();
    let header = match lines.next() {
        Some((_, header)) => header.context("line 1 cannot be read")?,
        None => bail!("it is empty"),
    };
    let columns = header.trim_start_matches('\u{feff}').split(',').map(column);
    let columns: Vec<Column> = columns.collect::<anyhow::Result<_>>()?;
    if !columns.contains(&Column::Start) {
        bail!("line 1: there is no column `time` or `start`; a table of hanport export is meant");
    }
    let mut batch = Batch::default();
    for (at, line) in lines {
        let number = at + 1;
        let line = line.with_context(|| format!("line {number} cannot be read"))?;
        if line.trim().is_empty() {
            continue;
        }
        let row = row(&columns, &line).with_context(|| format!("line {number}"))?;
        // whole hours at a time: what is there already is looked at by quarter-hours
        if batch.rows >= BATCH && batch.hour != Some(row.start.0.div_euclid(HOUR_MS)) {
            batch.write(target)?;
        }
        batch.add(row);
    }
    batch.write(target)
}

fn column(name: &str) -> anyhow::Result<Column> {
    let name = name.trim().trim_matches('"');
    if let Some(rest) = name.strip_prefix("energy_") {
        let register = |name: &str| Register::ALL.into_iter().find(|it| it.name() == name);
        if let Some(register) = rest.strip_suffix("_wh").and_then(register) {
            return Ok(Column::EnergyWh(register));
        }
        if let Some(register) = rest.strip_suffix("_quality").and_then(register) {
            return Ok(Column::EnergyQuality(register));
        }
    }
    if matches!(name, "time" | "start") {
        return Ok(Column::Start);
    }
    if name == "end" {
        return Ok(Column::End);
    }
    let plain = Quantity::from_name(name).map(Column::Mean);
    let min = || Quantity::from_name(name.strip_suffix("_min")?).map(Column::Min);
    let max = || Quantity::from_name(name.strip_suffix("_max")?).map(Column::Max);
    plain.or_else(min).or_else(max).ok_or_else(|| {
        anyhow!("line 1: the column `{name}` is not known; a table of hanport export is meant")
    })
}

/// A row, taken apart.
#[derive(Debug)]
struct Row {
    start: UtcMillis,
    end: Option<UtcMillis>,
    means: Vec<(Quantity, Number)>,
    edges: Vec<(Quantity, bool, Number)>,
    energy: Vec<(Register, i64)>,
    qualities: Vec<(Register, Quality)>,
}

fn row(columns: &[Column], line: &str) -> anyhow::Result<Row> {
    let fields: Vec<&str> = line.split(',').map(|field| field.trim().trim_matches('"')).collect();
    if fields.len() != columns.len() {
        bail!("there are {} fields, but {} columns", fields.len(), columns.len());
    }
    let mut row = Row {
        start: UtcMillis(0),
        end: None,
        means: Vec::new(),
        edges: Vec::new(),
        energy: Vec::new(),
        qualities: Vec::new(),
    };
    for (column, field) in columns.iter().zip(fields) {
        if field.is_empty() {
            continue;
        }
        match column {
            Column::Start => row.start = time(field)?,
            Column::End => row.end = Some(time(field)?),
            Column::Mean(quantity) => row.means.push((*quantity, number(field)?)),
            Column::Min(quantity) => row.edges.push((*quantity, false, number(field)?)),
            Column::Max(quantity) => row.edges.push((*quantity, true, number(field)?)),
            Column::EnergyWh(register) => {
                let wh = field.parse().map_err(|_| anyhow!("`{field}` is no whole number"))?;
                row.energy.push((*register, wh));
            }
            Column::EnergyQuality(register) => row.qualities.push((*register, quality(field)?)),
        }
    }
    if row.start == UtcMillis(0) {
        bail!("there is no time");
    }
    Ok(row)
}

fn time(field: &str) -> anyhow::Result<UtcMillis> {
    let parsed: Result<Timestamp, _> = field.parse();
    parsed.map(Into::into).map_err(|_| {
        anyhow!("`{field}` is no time; write it as 2026-01-31T12:00:00Z or with an offset")
    })
}

fn quality(field: &str) -> anyhow::Result<Quality> {
    [Quality::Missing, Quality::Estimated, Quality::Interpolated, Quality::Measured]
        .into_iter()
        .find(|quality| quality.name() == field)
        .ok_or_else(|| {
            anyhow!("`{field}` is no quality: measured, interpolated, estimated, missing")
        })
}

/// A number as it is written, exactly.
pub(super) fn number(field: &str) -> anyhow::Result<Number> {
    let wrong = || anyhow!("`{field}` is no number; write it as 1250 or 1250.5");
    let (whole, places) = field.split_once('.').unwrap_or((field, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let plain = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
    if digits.is_empty() || !plain(digits) || !plain(places) {
        return Err(wrong());
    }
    let mantissa = format!("{whole}{places}").parse::<i64>().map_err(|_| wrong())?;
    let exponent = i8::try_from(places.len()).map_err(|_| wrong())?;
    Ok(Number::new(mantissa, -exponent))
}

/// Rows on their way.
#[derive(Debug, Default)]
struct Batch {
    rows: usize,
    hour: Option<i64>,
    points: HashMap<(Quantity, Resolution), Vec<Point>>,
    spans: Vec<Span>,
    /// Values of hours and longer, which are computed and not kept.
    computed: usize,
}

impl Batch {
    fn add(&mut self, row: Row) {
        self.rows += 1;
        self.hour = Some(row.start.0.div_euclid(HOUR_MS));
        let length = row.end.map(|end| end.since(row.start));
        let resolution = match length {
            None => Some(Resolution::Raw),
            Some(MINUTE_MS) => Some(Resolution::Minute),
            Some(QUARTER_MS) => Some(Resolution::Quarter),
            Some(_) => None,
        };
        for (quantity, mean) in row.means {
            let Some(resolution) = resolution else {
                self.computed += 1;
                continue;
            };
            let edge = |largest: bool| {
                let mut edges = row.edges.iter();
                let found = edges.find(|(of, which, _)| *of == quantity && *which == largest);
                found.map_or(mean, |(.., number)| *number)
            };
            let point =
                Point { at: row.start, mean, min: edge(false), max: edge(true), samples: 1 };
            self.points.entry((quantity, resolution)).or_default().push(point);
        }
        for (register, wh) in row.energy {
            let named = row.qualities.iter().find(|(of, _)| *of == register);
            let quality = named.map_or(Quality::Estimated, |(_, quality)| *quality);
            let Some(end) = row.end else { continue };
            self.spans.push(Span { register, start: row.start, end, wh, quality });
        }
    }

    fn write(&mut self, target: &mut Target<'_>) -> anyhow::Result<()> {
        let batch = core::mem::take(self);
        for ((quantity, resolution), points) in batch.points {
            if target.dry {
                target.count(Imported { taken: points.len(), left: 0 });
            } else {
                let imported =
                    target.store.import_points(target.meter, quantity, resolution, points)?;
                target.count(imported);
            }
        }
        target.count(Imported { taken: 0, left: batch.computed });
        target.take_spans(&batch.spans)
    }
}
