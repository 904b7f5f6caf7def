//! A history is read from beside while its writer goes on.
#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod bed;

use bed::{Bed, Household, METER, START};
use hanport_engine::energy::Register;
use hanport_engine::outside::{Archive as _, History as _, Resolution};
use hanport_engine::state::Memory;
use hanport_store::{Onlooker, verify};
use jiff::tz::TimeZone;

#[test]
fn an_onlooker_sees_what_is_written_and_disturbs_nobody() {
    let bed = Bed::new();
    assert!(Onlooker::open(bed.path()).unwrap_err().0.contains("there is no history yet"));
    let store = bed.open();
    let mut household = Household::new(10, Memory::default());
    let mut run = |to_s: i64| {
        while household.now_s < to_s {
            store.keep(METER, household.next());
        }
        store.flush().unwrap();
    };
    run(3600);
    let onlooker = Onlooker::open(bed.path()).unwrap();
    let range = START..START.plus(86_400_000);
    let same = || {
        let register = Register::ActiveImport;
        let ours = onlooker.intervals(METER, register, range.clone()).unwrap();
        assert_eq!(ours, store.intervals(METER, register, range.clone()).unwrap());
        assert_eq!(onlooker.meters().unwrap(), [METER]);
        assert_eq!(onlooker.extent(METER).unwrap(), store.extent(METER).unwrap());
        let quantities = onlooker.quantities(METER, range.clone()).unwrap();
        let look = |history: &dyn hanport_engine::outside::History| {
            let (range, zone) = (range.clone(), &TimeZone::UTC);
            history.series(METER, &quantities, range, Resolution::Raw, zone).unwrap()
        };
        assert_eq!(look(&onlooker), look(&store));
        ours.len()
    };
    let first = same();
    run(7200);
    assert!(same() > first);
    let copy = bed.folder.path().join("copy.db");
    onlooker.backup(&copy, |_, _| {}).unwrap();
    assert_eq!(verify(&copy).unwrap().meters, [METER]);
}
