//! What was counted in the last while: counts in slots of time, the oldest falls out.

use crate::time::UtcMillis;

macro_rules! counts {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// What was counted in one stretch of time.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(super) struct Counts {
            $($(#[doc = $doc])+ pub(super) $name: u32,)*
        }

        impl Counts {
            fn and(self, more: &Self) -> Self {
                Self { $($name: self.$name.saturating_add(more.$name),)* }
            }
        }
    };
}

counts! {
    /// Ciphered messages whose tag does not fit.
    auth_failed,
    /// Long messages that came damaged.
    bad_long,
    /// Short ones.
    bad_short,
    /// Stretches as long as a message without anything like a frame.
    blank,
    /// Times the line was held low for longer than a character.
    breaks,
    /// Stretches of octets between two pauses.
    bursts,
    /// Frames whose check fails.
    check,
    /// Messages by whose time the meter's clock is wrong.
    clock_wrong,
    /// Times the line was lost.
    closed,
    /// Messages that were cut off.
    cut,
    /// Octets thrown away because there were too many.
    dropped,
    /// Characters without stop bit.
    framing,
    /// Long messages that came whole.
    good_long,
    /// Short ones.
    good_short,
    /// Something like the head of a frame, whose check fails; noise has such heads now and then.
    heads,
    /// Messages that became readings.
    messages,
    /// Messages that are encrypted while no key is set.
    needs_key,
    /// Octets.
    octets,
    /// Characters that were not taken in time.
    overrun,
    /// Characters with wrong parity.
    parity,
    /// Messages of which a part is missing.
    parts,
    /// Bursts of a few octets that were no frame.
    scraps,
    /// Ciphered messages without checksum that have rows of FF in them.
    spiked,
    /// Messages with a time.
    timed,
    /// Whole messages of a kind that nobody has described.
    unknown,
    /// Messages that the key does not open.
    wrong_key,
}

impl Counts {
    /// Frames and messages that passed their checks.
    pub(super) const fn passed(&self) -> u32 {
        let sealed = self.auth_failed.saturating_add(self.needs_key).saturating_add(self.wrong_key);
        self.messages.saturating_add(self.unknown).saturating_add(sealed)
    }

    /// Messages that came damaged.
    pub(super) const fn damaged(&self) -> u32 {
        let heads = if self.heads >= 2 && self.heads >= self.bursts / 2 { self.heads } else { 0 };
        // where no frame passes at all they are no messages, but a matter of the line
        let blank = if self.passed() > 0 { self.blank } else { 0 };
        let broken = self.check.saturating_add(self.cut).saturating_add(self.parts);
        broken.saturating_add(heads).saturating_add(blank)
    }

    /// Damaged ones of all, in per cent.
    pub(super) fn damaged_share(&self) -> u32 {
        let all = u64::from(self.passed()) + u64::from(self.damaged());
        let share = u64::from(self.damaged()) * 100 / all.max(1);
        u32::try_from(share).unwrap_or(100)
    }
}

/// The last `N` slots of `slot_ms` each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<const N: usize> {
    slots: [Counts; N],
    slot_ms: i64,
    /// Number of the newest slot since 1970.
    newest: i64,
}

impl<const N: usize> Window<N> {
    pub(super) fn new(slot_ms: i64) -> Self {
        Self { slots: [Counts::default(); N], slot_ms, newest: 0 }
    }

    fn place(slot: i64) -> usize {
        let count = i64::try_from(N).unwrap_or(1).max(1);
        usize::try_from(slot.rem_euclid(count)).unwrap_or(0)
    }

    /// Counts something that happens now.
    pub(super) fn count(&mut self, now: UtcMillis, count: impl FnOnce(&mut Counts)) {
        let slot = now.0.div_euclid(self.slot_ms);
        if slot > self.newest {
            let gone = i64::try_from(N).unwrap_or(i64::MAX);
            for old in (self.newest + 1).max(slot.saturating_sub(gone) + 1)..=slot {
                let place = Self::place(old);
                if let Some(counts) = self.slots.get_mut(place) {
                    *counts = Counts::default();
                }
            }
            self.newest = slot;
        }
        // a clock that was set back goes on in the newest slot
        let place = Self::place(self.newest);
        if let Some(counts) = self.slots.get_mut(place) {
            count(counts);
        }
    }

    /// Everything that is not older than the window.
    pub(super) fn total(&self, now: UtcMillis) -> Counts {
        let slot = now.0.div_euclid(self.slot_ms);
        let count = i64::try_from(N).unwrap_or(i64::MAX);
        let oldest = slot.saturating_sub(count) + 1;
        let kept = (oldest.max(self.newest.saturating_sub(count) + 1))..=self.newest;
        kept.filter_map(|slot| self.slots.get(Self::place(slot)))
            .fold(Counts::default(), Counts::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_falls_out() {
        let mut window = Window::<8>::new(15_000);
        let start = 1_705_320_000_000;
        for second in 0..300 {
            window.count(UtcMillis(start + second * 1000), |counts| counts.messages += 1);
        }
        let now = UtcMillis(start + 299_000);
        let within = window.total(now).messages;
        assert!((105..=120).contains(&within), "{within}");
        assert_eq!(window.total(now.plus(60_000)).messages, within - 60);
        assert_eq!(window.total(now.plus(600_000)), Counts::default());
        // set back by an hour: nothing is lost, nothing grows without end
        window.count(now.plus(-3_600_000), |counts| counts.messages += 1);
        assert_eq!(window.total(now).messages, within + 1);
    }
}
