//! A table as text: CSV, JSON, or the line protocol of `InfluxDB`.

use std::io::{self, Write};

use clap::ValueEnum;
use hanport_engine::outside::Resolution;

use super::table::{Cell, Column, Row, Table};

/// In which form a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Columns apart by commas, with a first row of names
    Csv,
    /// Lines for `InfluxDB` and `VictoriaMetrics`
    Influx,
    /// An array of objects, one a line
    Json,
}

/// Writes rows as they come.
pub(super) struct Writer<'w> {
    form: Form,
    meter: String,
    resolution: Resolution,
    /// The names of the columns: one for the value, and what comes after it.
    names: Vec<String>,
    columns: &'w [Column],
    out: &'w mut dyn Write,
    rows: u64,
}

impl<'w> Writer<'w> {
    pub(super) fn new(form: Form, table: &'w Table<'_>, out: &'w mut dyn Write) -> Self {
        Self {
            form,
            meter: table.meter.to_owned(),
            resolution: table.resolution,
            names: table.columns.iter().map(ToString::to_string).collect(),
            columns: &table.columns,
            out,
            rows: 0,
        }
    }

    /// Rows so far.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    fn is_raw(&self) -> bool {
        self.resolution == Resolution::Raw
    }

    /// What stands before the first row.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        match self.form {
            Form::Csv => {
                let raw = self.is_raw();
                self.out.write_all(if raw { b"time" } else { b"start,end" })?;
                for (column, name) in self.columns.iter().zip(&self.names) {
                    match column {
                        Column::Energy(_) => write!(self.out, ",{name}_wh,{name}_quality")?,
                        Column::Measured(_) if raw => write!(self.out, ",{name}")?,
                        Column::Measured(_) => write!(self.out, ",{name},{name}_min,{name}_max")?,
                    }
                }
                self.out.write_all(b"\n")
            }
            Form::Influx => Ok(()),
            Form::Json => self.out.write_all(b"["),
        }
    }

    /// The next row.
    pub(super) fn row(&mut self, row: &Row) -> io::Result<()> {
        if row.cells.iter().all(Option::is_none) {
            return Ok(());
        }
        self.rows += 1;
        match self.form {
            Form::Csv => self.csv(row),
            Form::Influx => self.influx(row),
            Form::Json => self.json(row),
        }
    }

    /// What stands behind the last row.
    pub(super) fn end(&mut self) -> io::Result<()> {
        if self.form == Form::Json {
            self.out.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?;
        }
        Ok(())
    }

    fn csv(&mut self, row: &Row) -> io::Result<()> {
        write!(self.out, "{}", row.at)?;
        if let Some(end) = row.end {
            write!(self.out, ",{end}")?;
        }
        let raw = self.is_raw();
        for (column, cell) in self.columns.iter().zip(&row.cells) {
            match (column, cell) {
                (_, Some(Cell::Energy(sum))) => {
                    write!(self.out, ",{},{}", sum.wh, sum.quality.name())?;
                }
                (_, Some(Cell::Measured(point))) if raw => write!(self.out, ",{}", point.mean)?,
                (_, Some(Cell::Measured(point))) => {
                    write!(self.out, ",{},{},{}", point.mean, point.min, point.max)?;
                }
                (Column::Energy(_), None) => self.out.write_all(b",,")?,
                (Column::Measured(_), None) => {
                    self.out.write_all(if raw { b"," } else { b",,," })?;
                }
            }
        }
        self.out.write_all(b"\n")
    }

    fn json(&mut self, row: &Row) -> io::Result<()> {
        self.out.write_all(if self.rows == 1 { b"\n" } else { b",\n" })?;
        match row.end {
            None => write!(self.out, "{{\"time\":\"{}\"", row.at)?,
            Some(end) => write!(self.out, "{{\"start\":\"{}\",\"end\":\"{end}\"", row.at)?,
        }
        let raw = self.is_raw();
        for (name, cell) in self.names.iter().zip(&row.cells) {
            match cell {
                None => {}
                Some(Cell::Energy(sum)) => {
                    let (wh, quality) = (sum.wh, sum.quality.name());
                    write!(self.out, ",\"{name}_wh\":{wh},\"{name}_quality\":\"{quality}\"")?;
                }
                Some(Cell::Measured(point)) => {
                    write!(self.out, ",\"{name}\":{}", point.mean)?;
                    if !raw {
                        let (min, max) = (point.min, point.max);
                        write!(self.out, ",\"{name}_min\":{min},\"{name}_max\":{max}")?;
                    }
                }
            }
        }
        self.out.write_all(b"}")
    }

    /// All numbers are floats: a field that was once a whole number could not be anything else
    /// later. The quality is a field of text, so that one step stays one point.
    fn influx(&mut self, row: &Row) -> io::Result<()> {
        let resolution = self.resolution.name();
        write!(self.out, "hanport,meter={},resolution={resolution} ", self.meter)?;
        let mut between = "";
        let raw = self.is_raw();
        for (name, cell) in self.names.iter().zip(&row.cells) {
            match cell {
                None => continue,
                Some(Cell::Energy(sum)) => {
                    let (wh, quality) = (sum.wh, sum.quality.name());
                    write!(self.out, "{between}{name}_wh={wh},{name}_quality=\"{quality}\"")?;
                }
                Some(Cell::Measured(point)) => {
                    write!(self.out, "{between}{name}={}", point.mean)?;
                    if !raw {
                        let (min, max) = (point.min, point.max);
                        write!(self.out, ",{name}_min={min},{name}_max={max}")?;
                    }
                }
            }
            between = ",";
        }
        writeln!(self.out, " {}000000", row.at.0)
    }
}
