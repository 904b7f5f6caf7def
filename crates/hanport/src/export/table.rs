//! The rows of a table, piece by piece.

use core::fmt;
use std::collections::BTreeMap;
use std::ops::Range;

use hanport_core::quantity::Quantity;
use hanport_engine::energy::shown::{counted, shown};
use hanport_engine::energy::{Interval, Period, Register, Sum, sums};
use hanport_engine::outside::{History, HistoryError, Point, Resolution};
use hanport_engine::time::UtcMillis;
use jiff::tz::TimeZone;

const DAY_MS: i64 = 86_400_000;

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// What was used in the step.
    Energy(Register),
    /// What was measured: a sample, or mean, smallest and largest of a step.
    Measured(Quantity),
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Energy(register) => write!(f, "energy_{register}"),
            Self::Measured(quantity) => write!(f, "{quantity}"),
        }
    }
}

/// What stands in a column of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Of [`Column::Energy`].
    Energy(Sum),
    /// Of [`Column::Measured`].
    Measured(Point),
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// When the sample was, or the step began.
    pub(crate) at: UtcMillis,
    /// When the step ended; `None` for a sample.
    pub(crate) end: Option<UtcMillis>,
    /// One for each column; `None` where nothing is known.
    pub(crate) cells: Vec<Option<Cell>>,
}

/// A table over a history.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    /// The history.
    pub(crate) history: &'a dyn History,
    /// The meter.
    pub(crate) meter: &'a str,
    /// The columns.
    pub(crate) columns: Vec<Column>,
    /// From when to when, half open.
    pub(crate) range: Range<UtcMillis>,
    /// The steps.
    pub(crate) resolution: Resolution,
    /// Whose hours, days and months.
    pub(crate) zone: &'a TimeZone,
}

/// All columns that have something in a range.
pub(crate) fn columns(
    history: &dyn History,
    meter: &str,
    range: Range<UtcMillis>,
    resolution: Resolution,
) -> Result<Vec<Column>, HistoryError> {
    let quantities = history.quantities(meter, range.clone())?;
    let mut columns: Vec<Column> = quantities.into_iter().map(Column::Measured).collect();
    columns.sort_by_key(ToString::to_string);
    if period(resolution).is_some() {
        for register in Register::ALL {
            if !history.intervals(meter, register, range.clone())?.is_empty() {
                columns.push(Column::Energy(register));
            }
        }
    }
    Ok(columns)
}

/// The calendar of steps for which there are books.
pub(crate) const fn period(resolution: Resolution) -> Option<Period> {
    match resolution {
        Resolution::Raw | Resolution::Minute => None,
        Resolution::Quarter => Some(Period::Quarter),
        Resolution::Hour => Some(Period::Hour),
        Resolution::Day => Some(Period::Day),
        Resolution::Month => Some(Period::Month),
    }
}

impl Table<'_> {
    /// Parts of the range with a bounded number of rows; each begins where a step begins. Steps
    /// at the ends are whole.
    pub(crate) fn pieces(&self) -> Vec<Range<UtcMillis>> {
        let length = match self.resolution {
            Resolution::Raw => DAY_MS / 24,
            Resolution::Minute => DAY_MS,
            Resolution::Quarter => 16 * DAY_MS,
            Resolution::Hour => 62 * DAY_MS,
            Resolution::Day => 366 * DAY_MS,
            Resolution::Month => 20 * 366 * DAY_MS,
        };
        let around = |at: UtcMillis| match period(self.resolution) {
            Some(period) => period.around(at, self.zone),
            None if self.resolution == Resolution::Minute => {
                let start = UtcMillis(at.0.div_euclid(60_000) * 60_000);
                start..start.plus(60_000)
            }
            None => at..at,
        };
        let last = around(self.range.end.plus(-1)).end.max(self.range.end);
        let mut pieces = Vec::new();
        let mut from = around(self.range.start).start;
        while from < last {
            let edge = around(from.plus(length)).start;
            let to = edge.max(from.plus(1)).min(last);
            pieces.push(from..to);
            from = to;
        }
        pieces
    }

    /// The rows of a piece.
    pub(crate) fn rows(&self, piece: Range<UtcMillis>) -> Result<Vec<Row>, HistoryError> {
        let mut rows: BTreeMap<UtcMillis, Row> = BTreeMap::new();
        self.measured(&piece, &mut rows)?;
        self.booked(&piece, &mut rows)?;
        Ok(rows.into_values().collect())
    }

    fn row<'r>(
        &self,
        rows: &'r mut BTreeMap<UtcMillis, Row>,
        at: UtcMillis,
        end: Option<UtcMillis>,
    ) -> &'r mut Row {
        let empty = || Row { at, end, cells: vec![None; self.columns.len()] };
        rows.entry(at).or_insert_with(empty)
    }

    fn measured(
        &self,
        piece: &Range<UtcMillis>,
        rows: &mut BTreeMap<UtcMillis, Row>,
    ) -> Result<(), HistoryError> {
        let of = |column: &Column| match column {
            Column::Measured(quantity) => Some(*quantity),
            Column::Energy(_) => None,
        };
        let quantities: Vec<Quantity> = self.columns.iter().filter_map(of).collect();
        if quantities.is_empty() {
            return Ok(());
        }
        let range = piece.clone();
        let series =
            self.history.series(self.meter, &quantities, range, self.resolution, self.zone)?;
        for one in series {
            let column = self.columns.iter().position(|it| *it == Column::Measured(one.quantity));
            for point in one.points {
                let end = match self.resolution {
                    Resolution::Raw => None,
                    Resolution::Minute => Some(point.at.plus(60_000)),
                    _ => period(self.resolution).map(|it| it.around(point.at, self.zone).end),
                };
                let row = self.row(rows, point.at, end);
                if let Some(cell) = column.and_then(|column| row.cells.get_mut(column)) {
                    *cell = Some(Cell::Measured(point));
                }
            }
        }
        Ok(())
    }

    fn booked(
        &self,
        piece: &Range<UtcMillis>,
        rows: &mut BTreeMap<UtcMillis, Row>,
    ) -> Result<(), HistoryError> {
        let Some(period) = period(self.resolution) else { return Ok(()) };
        for (column, of) in self.columns.iter().enumerate() {
            let Column::Energy(register) = of else { continue };
            let shown = shown(self.history, self.meter, *register, piece.clone())?;
            let intervals: Vec<Interval> = shown.iter().map(counted).collect();
            for sum in sums(&intervals, period, self.zone) {
                let row = self.row(rows, sum.range.start, Some(sum.range.end));
                if let Some(cell) = row.cells.get_mut(column) {
                    *cell = Some(Cell::Energy(sum));
                }
            }
        }
        Ok(())
    }
}
