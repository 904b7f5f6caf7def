//! Prices and peaks: `/energyprice.json`, `/importprice.json`, `/exportprice.json` and
//! `/tariff.json`.

use hanport_core::number::Number;
use hanport_engine::money::MoneyView;
use hanport_engine::money::view::Which;
use hanport_engine::time::UtcMillis;

use super::data::per_kwh;
use super::writer::Document;

/// Hours that are told one by one.
const HOURS_AHEAD: u8 = 36;
/// Thresholds, the last of which is always this large.
const THRESHOLDS: usize = 10;
const NO_THRESHOLD: i64 = 65_535;

fn head(out: &mut Document, money: &MoneyView) {
    out.text("currency", money.currency.code());
    out.text("source", money.source.as_ref().map_or("", |source| source.code));
}

/// Import prices of 36 hours from the running one on; `None` without a price now.
pub(crate) fn by_hour(money: Option<&MoneyView>, now: UtcMillis) -> Option<String> {
    let money = money.filter(|money| money.price.import.is_some())?;
    let mut out = Document::new(false);
    head(&mut out, money);
    for ahead in 0..HOURS_AHEAD {
        let price = money.hour_ahead(now, ahead, Which::Import);
        out.decimal_or_null(&format!("{ahead:02}"), price.map(per_kwh), 4);
    }
    Some(out.finish())
}

/// Prices of today and tomorrow in their own steps; `None` without an import price now.
pub(crate) fn curve(money: Option<&MoneyView>, now: UtcMillis, which: Which) -> Option<String> {
    let money = money.filter(|money| money.price.import.is_some())?;
    let mut out = Document::new(false);
    head(&mut out, money);
    out.count("resolution", money.resolution_min.into());
    out.text("direction", if which == Which::Export { "export" } else { "import" });
    let past = money.curve.iter().take_while(|slot| slot.range.end <= now).count();
    out.count("cursor", i64::try_from(past).unwrap_or(0));
    out.flag("importExportPriceDifferent", money.export_differs);
    out.array("prices", |out| {
        for slot in &money.curve {
            out.item_or_null(slot.price(which).map(per_kwh), 4);
        }
    });
    Some(out.finish())
}

/// Thresholds and peaks.
pub(crate) fn tariff(money: Option<&MoneyView>, unknown_as_null: bool) -> String {
    let peaks = money.and_then(|money| money.peaks.as_ref());
    let mut out = Document::new(unknown_as_null);
    out.array("t", |out| {
        let steps = peaks.map(|peaks| peaks.steps.as_slice()).unwrap_or_default();
        for place in 0..THRESHOLDS {
            let step = steps.get(place).and_then(|step| step.to_w).map(|watts| watts / 1000);
            let kilowatts = if place + 1 == THRESHOLDS {
                NO_THRESHOLD
            } else {
                // steps that are not used never apply
                step.unwrap_or(if steps.is_empty() { 0 } else { NO_THRESHOLD })
            };
            out.item(Some(Number::new(kilowatts, 0)), 0);
        }
    });
    out.array("p", |out| {
        let wanted = peaks.map_or(1, |peaks| usize::from(peaks.wanted).clamp(1, 5));
        for place in 0..wanted {
            let peak = peaks.and_then(|peaks| peaks.kept.get(place));
            out.object_item(|out| {
                out.count("d", peak.map_or(0, |peak| peak.date.day().into()));
                out.count("h", peak.map_or(0, |peak| peak.hour.into()));
                out.decimal("v", peak.map(|peak| Number::new(peak.power_mw, -6)), 2);
            });
        }
    });
    let step = peaks.and_then(|peaks| peaks.step).and_then(|step| step.to_w);
    out.count("c", (step.unwrap_or(0) / 1000).clamp(0, 255));
    let figure = peaks.and_then(|peaks| peaks.figure_mw);
    out.decimal("m", figure.map(|mw| Number::new(mw, -6)), 2);
    out.finish()
}
