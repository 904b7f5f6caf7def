//! Adding up: watt-hours times the parts of their price, by what the parts belong to.

use core::ops::Range;

use jiff::civil::Date;

use super::{Account, Bill, Line, LineKind, Missing, PeakFee, counted};
use crate::energy::{Period, QuarterHour};
use crate::money::amount::{Money, PricePerKwh};
use crate::money::contract::{Contract, Origin, Settlement, Share};
use crate::tariff::Local;
use crate::time::UtcMillis;

/// What an amount belongs to: the kind, the place of the contract, and the place in it.
type Key = (LineKind, usize, usize, usize);

/// One bill that is being added up.
#[derive(Debug)]
pub(super) struct Tally {
    range: Range<UtcMillis>,
    sums: Vec<(Key, i64, i128)>,
    import_wh: Option<i64>,
    export_wh: Option<i64>,
    unpriced_wh: i64,
    known: [i64; 2],
    expired: bool,
}

impl Tally {
    pub(super) const fn new(range: Range<UtcMillis>) -> Self {
        Self {
            range,
            sums: Vec::new(),
            import_wh: None,
            export_wh: None,
            unpriced_wh: 0,
            known: [0, 0],
            expired: false,
        }
    }

    fn add(&mut self, key: Key, wh: i64, price: PricePerKwh) {
        let amount = i128::from(price.0) * i128::from(wh);
        match self.sums.iter_mut().find(|(known, _, _)| *known == key) {
            Some((_, energy, sum)) => {
                *energy = energy.saturating_add(wh);
                *sum += amount;
            }
            None => self.sums.push((key, wh, amount)),
        }
    }

    /// The bill, with fees.
    pub(super) fn bill(mut self, account: &Account<'_>, peaks: &[PeakFee]) -> Bill {
        self.sums.sort_by_key(|(key, _, _)| *key);
        let contracts = account.pricing.contracts;
        let mut lines: Vec<Line> = Vec::with_capacity(self.sums.len() + 4);
        for (key, wh, sum) in &self.sums {
            let amount =
                Money(i64::try_from(*sum).unwrap_or(if *sum < 0 { i64::MIN } else { i64::MAX }));
            let (kind, contract, place, inner) = *key;
            let name = contracts.get(contract).map_or("", |c| name(c, kind, place, inner));
            join(&mut lines, Line { kind, name: name.into(), wh: *wh, amount });
        }
        self.fees(account, &mut lines);
        let mut provisional = false;
        for peak in peaks {
            let Some(amount) = self.share(&peak.month, account.now, peak.amount) else { continue };
            provisional |= peak.provisional;
            join(&mut lines, Line { kind: LineKind::Peak, name: peak.name.clone(), wh: 0, amount });
        }
        let missing = Missing { quarters: self.missing(account), unpriced_wh: self.unpriced_wh };
        Bill {
            range: self.range,
            import_wh: self.import_wh,
            export_wh: self.export_wh,
            lines,
            missing,
            expired: self.expired,
            provisional,
        }
    }

    /// Quarters that are over and of which nothing is known.
    fn missing(&self, account: &Account<'_>) -> u32 {
        let first = QuarterHour::containing(self.range.start.plus(QuarterHour::MS - 1)).0;
        let last = QuarterHour::containing(self.range.end.min(account.due)).0;
        let over = (last - first).max(0);
        let [import, export] = self.known;
        let gone = |known: i64| (over - known).max(0);
        let missing =
            if account.export.is_empty() { gone(import) } else { gone(import).max(gone(export)) };
        u32::try_from(missing).unwrap_or(u32::MAX)
    }

    /// The share of an amount for a month that falls into this bill and is over.
    fn share(&self, month: &Range<UtcMillis>, now: UtcMillis, amount: Money) -> Option<Money> {
        let start = self.range.start.max(month.start);
        let end = self.range.end.min(month.end).min(now);
        let part = end.since(start);
        if part <= 0 {
            return None;
        }
        amount.times(part, month.end.since(month.start))
    }

    fn fees(&self, account: &Account<'_>, lines: &mut Vec<Line>) {
        let zone = account.pricing.zone;
        let mut month = Period::Month.around(self.range.start, zone);
        while month.start < self.range.end.min(account.now) {
            let date = month.start.timestamp().to_zoned(zone.clone()).date();
            for (name, amount) in monthly(account, date) {
                if let Some(amount) = self.share(&month, account.now, amount) {
                    join(lines, Line { kind: LineKind::Fee, name: name.into(), wh: 0, amount });
                }
            }
            let next = Period::Month.around(month.end, zone);
            if next.start <= month.start {
                break;
            }
            month = next;
        }
    }
}

fn monthly<'a>(account: &Account<'a>, date: Date) -> Vec<(&'a str, Money)> {
    let Some(contract) = account.pricing.contract(date) else { return Vec::new() };
    let grid = contract.tariff.as_ref().and_then(|tariff| tariff.period(date));
    let grid = grid.map(|period| period.fees.as_slice()).unwrap_or_default();
    contract.fees.iter().chain(grid).map(|fee| (fee.name.as_str(), fee.month)).collect()
}

/// Adds a line to those there are; one of the same kind and name takes it in.
fn join(lines: &mut Vec<Line>, line: Line) {
    match lines.iter_mut().find(|known| known.kind == line.kind && known.name == line.name) {
        Some(known) => {
            known.wh = known.wh.saturating_add(line.wh);
            known.amount = [known.amount, line.amount].into_iter().sum();
        }
        None => lines.push(line),
    }
}

fn name(contract: &Contract, kind: LineKind, place: usize, inner: usize) -> &str {
    match kind {
        LineKind::Row | LineKind::ExportRow => {
            contract.formula.rows.get(place).map_or("", |row| row.name.as_str())
        }
        LineKind::Grid => contract
            .tariff
            .as_ref()
            .and_then(|tariff| tariff.periods.get(place)?.energy.get(inner))
            .map_or("", |rule| rule.name.as_str()),
        LineKind::Support => contract.support.as_ref().map_or("", |support| &support.name),
        LineKind::ExportSpot | LineKind::Fee | LineKind::Peak | LineKind::Spot => "",
    }
}

/// Where the running month's energy stands, for support that ends at a limit.
#[derive(Default)]
struct Month {
    range: Option<Range<UtcMillis>>,
    wh: i64,
}

/// Adds all quarters of an account to the tallies, which are ascending.
pub(super) fn fill(account: &Account<'_>, tallies: &mut [Tally]) {
    let mut month = Month::default();
    let mut shares: Vec<Share> = Vec::with_capacity(16);
    let mut current = 0;
    for shown in account.import {
        let Some(wh) = counted(shown) else { continue };
        let at = shown.booked.quarter.start();
        let zone = account.pricing.zone;
        if !month.range.as_ref().is_some_and(|range| range.contains(&at)) {
            month = Month { range: Some(Period::Month.around(at, zone)), wh: 0 };
        }
        let before = month.wh;
        month.wh = month.wh.saturating_add(wh);
        if let Some(tally) = tally_of(tallies, &mut current, at) {
            tally.known[0] += 1;
            tally.import_wh = Some(tally.import_wh.unwrap_or(0).saturating_add(wh));
            tally.import(account, at, wh, before, &mut shares);
        }
    }
    let mut current = 0;
    for shown in account.export {
        let Some(wh) = counted(shown) else { continue };
        let at = shown.booked.quarter.start();
        if let Some(tally) = tally_of(tallies, &mut current, at) {
            tally.known[1] += 1;
            tally.export_wh = Some(tally.export_wh.unwrap_or(0).saturating_add(wh));
            tally.export(account, at, wh, &mut shares);
        }
    }
}

/// The tally of an instant; instants come in ascending order.
fn tally_of<'a>(
    tallies: &'a mut [Tally],
    current: &mut usize,
    at: UtcMillis,
) -> Option<&'a mut Tally> {
    while tallies.get(*current).is_some_and(|tally| tally.range.end <= at) {
        *current += 1;
    }
    tallies.get_mut(*current).filter(|tally| tally.range.start <= at)
}

impl Tally {
    fn import(
        &mut self,
        account: &Account<'_>,
        at: UtcMillis,
        wh: i64,
        before_wh: i64,
        shares: &mut Vec<Share>,
    ) {
        if wh == 0 {
            return;
        }
        let pricing = &account.pricing;
        let local = Local::of(at, pricing.zone);
        let Some((place, contract)) = contract(account, local.date) else {
            self.unpriced_wh = self.unpriced_wh.saturating_add(wh);
            return;
        };
        let spot = pricing.spot(contract, at, local);
        if pricing.import(contract, spot, local, shares).is_none() {
            self.unpriced_wh = self.unpriced_wh.saturating_add(wh);
            return;
        }
        for share in shares.iter() {
            let key = match share.origin {
                Origin::Spot => (LineKind::Spot, place, 0, 0),
                Origin::Row(row) => (LineKind::Row, place, row, 0),
                Origin::Grid(period, rule) => (LineKind::Grid, place, period, rule),
            };
            self.add(key, wh, share.price);
        }
        self.expired |= contract.tariff.as_ref().is_some_and(|t| t.is_expired(local.date));
        let hour = spot.filter(|_| contract.settlement == Settlement::Hour);
        if contract.support.is_some() {
            let relief = pricing.relief_at(contract, hour, at, local);
            self.support(contract, place, local, relief, wh, before_wh);
        }
    }

    fn support(
        &mut self,
        contract: &Contract,
        place: usize,
        local: Local,
        relief: Option<PricePerKwh>,
        wh: i64,
        before_wh: i64,
    ) {
        let terms = contract.support.as_ref().and_then(|support| support.terms(local.date));
        let (Some(terms), Some(relief)) = (terms, relief) else { return };
        let left = terms.cap_wh.map_or(wh, |cap| cap.saturating_sub(before_wh).max(0));
        let wh = wh.min(left);
        if wh > 0 && relief != PricePerKwh::ZERO {
            self.add((LineKind::Support, place, 0, 0), wh, PricePerKwh(relief.0.saturating_neg()));
        }
    }

    fn export(&mut self, account: &Account<'_>, at: UtcMillis, wh: i64, shares: &mut Vec<Share>) {
        if wh == 0 {
            return;
        }
        let pricing = &account.pricing;
        let local = Local::of(at, pricing.zone);
        let priced = contract(account, local.date).and_then(|(place, contract)| {
            let spot = pricing.spot(contract, at, local);
            pricing.export(contract, spot, local, shares).map(|_| place)
        });
        let Some(place) = priced else {
            self.unpriced_wh = self.unpriced_wh.saturating_add(wh);
            return;
        };
        for share in shares.iter() {
            let key = match share.origin {
                Origin::Row(row) => (LineKind::ExportRow, place, row, 0),
                Origin::Spot | Origin::Grid(..) => (LineKind::ExportSpot, place, 0, 0),
            };
            self.add(key, wh, share.price);
        }
    }
}

fn contract<'a>(account: &Account<'a>, date: Date) -> Option<(usize, &'a Contract)> {
    let found = account.pricing.contract(date)?;
    let place = account.pricing.contracts.iter().position(|known| core::ptr::eq(known, found))?;
    Some((place, found))
}
