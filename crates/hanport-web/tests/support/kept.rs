//! A history in memory, as exact as a real one and as slow as it is simple.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Mutex;

use hanport_core::number::Number;
use hanport_core::quantity::Quantity;
use hanport_engine::energy::{
    Correction, CorrectionId, Entry, Interval, Official, Period, Register, Standing,
};
use hanport_engine::outside::{
    Archive, Happening, History, HistoryError, Point, Record, Resolution, Series,
};
use hanport_engine::state::Memory;
use hanport_engine::time::UtcMillis;
use jiff::tz::TimeZone;

#[derive(Debug, Default)]
struct Books {
    samples: Vec<(UtcMillis, Vec<(Quantity, Number)>)>,
    intervals: HashMap<(Register, i64), Interval>,
    readings: Vec<(Register, Official)>,
    corrections: Vec<Correction>,
}

/// What was kept of all meters.
#[derive(Debug, Default)]
pub struct Kept {
    books: Mutex<HashMap<String, Books>>,
    happenings: Mutex<Vec<Happening>>,
    /// Whether the disk is gone.
    pub broken: std::sync::atomic::AtomicBool,
}

impl Kept {
    fn of<T>(&self, meter: &str, look: impl FnOnce(&Books) -> T) -> Result<T, HistoryError> {
        if self.broken.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(HistoryError("the disk is gone; plug it in again".into()));
        }
        let mut books = self.books.lock().unwrap();
        Ok(look(books.entry(meter.to_owned()).or_default()))
    }

    /// Puts an interval into the books.
    pub fn book(&self, meter: &str, interval: Interval) {
        let mut books = self.books.lock().unwrap();
        let intervals = &mut books.entry(meter.to_owned()).or_default().intervals;
        intervals.insert((interval.register, interval.quarter.0), interval);
    }
}

impl Archive for Kept {
    fn memory(&self, _: &str) -> Result<Option<Memory>, HistoryError> {
        Ok(None)
    }

    fn keep(&self, meter: &str, record: Record) {
        let mut books = self.books.lock().unwrap();
        let books = books.entry(meter.to_owned()).or_default();
        books.samples.push((record.at, record.values));
        for entry in record.entries {
            match entry {
                Entry::Interval(interval) => {
                    let key = (interval.register, interval.quarter.0);
                    let settled = books
                        .intervals
                        .get(&key)
                        .is_some_and(|known| known.standing == Standing::Settled);
                    if !settled {
                        books.intervals.insert(key, interval);
                    }
                }
                Entry::Register(register, official) => books.readings.push((register, official)),
                Entry::Incident(_) => {}
            }
        }
    }

    fn note(&self, happening: Happening) {
        self.happenings.lock().unwrap().push(happening);
    }

    fn correct(&self, meter: &str, mut correction: Correction) -> Result<Correction, HistoryError> {
        let mut books = self.books.lock().unwrap();
        let corrections = &mut books.entry(meter.to_owned()).or_default().corrections;
        correction.id = CorrectionId(i64::try_from(corrections.len()).unwrap() + 1);
        corrections.push(correction.clone());
        Ok(correction)
    }
}

impl History for Kept {
    fn meters(&self) -> Result<Vec<String>, HistoryError> {
        self.of("", |_| ())?;
        Ok(self.books.lock().unwrap().keys().filter(|name| !name.is_empty()).cloned().collect())
    }

    fn extent(&self, meter: &str) -> Result<Option<Range<UtcMillis>>, HistoryError> {
        self.of(meter, |books| {
            let first = books.samples.first()?.0;
            Some(first..books.samples.last()?.0.plus(1))
        })
    }

    fn intervals(
        &self,
        meter: &str,
        register: Register,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Interval>, HistoryError> {
        self.of(meter, |books| {
            let mut found: Vec<Interval> = books
                .intervals
                .values()
                .filter(|i| i.register == register && range.contains(&i.quarter.start()))
                .copied()
                .collect();
            found.sort_by_key(|interval| interval.quarter);
            found
        })
    }

    fn readings(
        &self,
        meter: &str,
        register: Register,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Official>, HistoryError> {
        self.of(meter, |books| {
            let found = books.readings.iter().filter(|(of, _)| *of == register);
            found.map(|(_, official)| *official).filter(|o| range.contains(&o.at)).collect()
        })
    }

    fn corrections(&self, meter: &str) -> Result<Vec<Correction>, HistoryError> {
        self.of(meter, |books| books.corrections.clone())
    }

    fn quantities(
        &self,
        meter: &str,
        range: Range<UtcMillis>,
    ) -> Result<Vec<Quantity>, HistoryError> {
        self.of(meter, |books| {
            let mut found = Vec::new();
            for (_, values) in books.samples.iter().filter(|(at, _)| range.contains(at)) {
                for (quantity, _) in values {
                    if !found.contains(quantity) {
                        found.push(*quantity);
                    }
                }
            }
            found
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
        let start = |at: UtcMillis| match resolution {
            Resolution::Raw => at,
            Resolution::Minute => UtcMillis(at.0.div_euclid(60_000) * 60_000),
            Resolution::Quarter => Period::Quarter.around(at, zone).start,
            Resolution::Hour => Period::Hour.around(at, zone).start,
            Resolution::Day => Period::Day.around(at, zone).start,
            Resolution::Month => Period::Month.around(at, zone).start,
        };
        self.of(meter, |books| {
            let series = |quantity: &Quantity| {
                let mut points: Vec<Point> = Vec::new();
                let within = books.samples.iter().filter(|(at, _)| range.contains(at));
                for (at, values) in within {
                    let Some((_, number)) = values.iter().find(|(q, _)| q == quantity) else {
                        continue;
                    };
                    let (at, number) = (start(*at), *number);
                    match points.last_mut() {
                        Some(point) if point.at == at && resolution != Resolution::Raw => {
                            let milli = |number: Number| number.in_units_of(-3).unwrap();
                            let count = i64::from(point.samples);
                            let sum = milli(point.mean) * count + milli(number);
                            point.mean = Number::new(sum / (count + 1), -3);
                            point.samples += 1;
                            if milli(number) < milli(point.min) {
                                point.min = number;
                            }
                            if milli(number) > milli(point.max) {
                                point.max = number;
                            }
                        }
                        _ => points.push(Point {
                            at,
                            mean: number,
                            min: number,
                            max: number,
                            samples: 1,
                        }),
                    }
                }
                Series { quantity: *quantity, points }
            };
            quantities.iter().map(series).collect()
        })
    }

    fn happenings(
        &self,
        meter: Option<&str>,
        range: Range<UtcMillis>,
        limit: usize,
    ) -> Result<Vec<Happening>, HistoryError> {
        self.of("", |_| ())?;
        let kept = self.happenings.lock().unwrap();
        let wanted = kept.iter().rev().filter(|happening| {
            range.contains(&happening.at)
                && meter.is_none_or(|meter| happening.meter.as_deref() == Some(meter))
        });
        Ok(wanted.take(limit).cloned().collect())
    }
}
