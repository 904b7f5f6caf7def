//! The weeks before the demo began: the same meter, the same way from octets to the store, only
//! that nobody waits for the time to pass.

use std::iter::Peekable;
use std::time::Duration;

use anyhow::Context as _;
use hanport_engine::line::Arrival;
use hanport_engine::outside::Clock;
use hanport_engine::time::UtcMillis;
use hanport_io::stop;
use hanport_store::Store;
use indicatif::{ProgressBar, ProgressStyle};

use crate::scenario::Source;
use crate::service::reader::Reader;

/// Messages that may wait to be written: whoever computes faster than the disk writes waits here.
const PACE: usize = 20_000;

/// How much simulated time passes between two looks at the clock and the bar.
const GLANCE: Duration = Duration::from_hours(1);

/// Lets the meter talk until its time is that of the clock. `start` is when it began.
pub(super) fn catch_up(
    source: &mut Peekable<Source>,
    reader: &mut Reader,
    start: UtcMillis,
    clock: &dyn Clock,
    store: &Store,
) -> anyhow::Result<()> {
    let bar = bar(clock.now().since(start))?;
    let mut glance = Duration::ZERO;
    let mut now = clock.now();
    while let Some(sending) = source.next_if(|sending| instant(start, sending.at) < now) {
        if sending.at >= glance {
            if stop::asked() {
                break;
            }
            glance = sending.at + GLANCE;
            now = clock.now();
            store.pace(PACE);
            bar.set_position(u64::try_from(sending.at.as_millis()).unwrap_or(u64::MAX));
        }
        let octets = u32::try_from(sending.octets.len()).unwrap_or(u32::MAX);
        let arrived = instant(start, sending.at + sending.octet * octets);
        reader.handle(&Arrival::Octets(arrived, sending.octets));
        if let Some(next) = source.peek() {
            let next = instant(start, next.at);
            let mut at = arrived;
            while let Some(due) = reader.deadline(at).filter(|due| *due < next) {
                reader.tick(due);
                at = due;
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// When something is that long after the start.
pub(super) fn instant(start: UtcMillis, after: Duration) -> UtcMillis {
    start.plus(i64::try_from(after.as_millis()).unwrap_or(i64::MAX))
}

fn bar(ms: i64) -> anyhow::Result<ProgressBar> {
    let bar = ProgressBar::new(u64::try_from(ms).unwrap_or(0));
    let template = "{msg} {wide_bar} {percent} %, {eta} to go";
    bar.set_style(ProgressStyle::with_template(template).context("the bar cannot be drawn")?);
    bar.set_message("Computing the past weeks");
    Ok(bar)
}
