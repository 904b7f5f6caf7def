//! Peaks of months worked out by hand, and the room that is left.

use jiff::civil::{Date, DateTime, date};
use proptest::prelude::*;

use super::*;
use crate::energy::{Edges, Interval, Register, Standing};
use crate::tariff::rule::Tariff;
use crate::tariff::shipped::Shipped;

fn zone() -> TimeZone {
    TimeZone::get("Europe/Oslo").unwrap()
}

fn shipped(id: &str) -> Tariff {
    Shipped::find(id).unwrap().tariff(None).unwrap()
}

/// The last rule of peaks of the last period of a tariff.
fn rule(tariff: &Tariff) -> PeakRule {
    tariff.periods.last().unwrap().peaks.first().unwrap().clone()
}

fn window(time: DateTime, wh: i64) -> Window {
    let start = time.to_zoned(zone()).unwrap().timestamp().into();
    Window { start, local: Local::of(start, &zone()), wh }
}

/// Windows of a month: day, hour, watt-hours.
fn month(year: i16, month: i8, windows: &[(i8, i8, i64)]) -> Vec<Window> {
    let mut windows: Vec<Window> = windows
        .iter()
        .map(|(day, hour, wh)| window(date(year, month, *day).at(*hour, 0, 0, 0), *wh))
        .collect();
    windows.sort_by_key(|window| window.start);
    windows
}

fn counting(ranking: &Ranking) -> Vec<(i8, i64)> {
    let kept = ranking.kept.iter().filter(|ranked| ranked.counts);
    kept.map(|ranked| (ranked.window.local.date.day(), ranked.weighted_mw)).collect()
}

// Norway, Elvia from July 2026
//
//  day  hour     kWh   day's largest   of the three
//    3  08-09   5.82        5.82
//    9  18-19  11.20       11.20          11.20
//    9  19-20  11.05
//   15  07-08   4.20        4.20
//   21  17-18   9.10        9.10           9.10
//   28  20-21   8.95        8.95           8.95
//                                         29.25 / 3 = 9.75 kW: step 5 to 10, 420.00 NOK
#[test]
fn norway_takes_the_three_largest_hours_of_different_days() {
    let tariff = shipped("no-elvia");
    let rule = rule(&tariff);
    let windows = month(
        2026,
        9,
        &[
            (3, 8, 5820),
            (9, 18, 11_200),
            (9, 19, 11_050),
            (15, 7, 4200),
            (21, 17, 9100),
            (28, 20, 8950),
        ],
    );
    let ranking = rank(&rule, &windows, &tariff.holidays);
    assert_eq!(counting(&ranking), [(9, 11_200_000), (21, 9_100_000), (28, 8_950_000)]);
    let figure = ranking.figure(&rule).unwrap();
    assert_eq!(figure.mw(), 9_750_000);
    assert_eq!(fee(&rule, figure, 9).unwrap().to_string(), "420.00");
    assert!(!ranking.is_provisional());
    // exactly 10 kW is the step from 10 on, a thousandth of a watt below is not
    assert_eq!(fee(&rule, Figure::of(10_000_000), 9).unwrap().to_string(), "585.00");
    assert_eq!(
        fee(&rule, Figure { sum_mw: 29_999_999, count: 3 }, 9).unwrap().to_string(),
        "420.00"
    );
}

#[test]
fn with_fewer_days_the_mean_of_those_there_are_is_shown() {
    let tariff = shipped("no-elvia");
    let rule = rule(&tariff);
    let ranking = rank(&rule, &month(2026, 9, &[(3, 8, 4000), (9, 18, 6000)]), &tariff.holidays);
    assert!(ranking.is_provisional());
    assert_eq!(ranking.figure(&rule).unwrap().mw(), 5_000_000);
    assert_eq!(rank(&rule, &[], &tariff.holidays).figure(&rule), None);
}

// Sweden, Ellevio: nights from 22 to 06 count half
//
//  day  hour     kWh  weight  counts  day's largest   of the three
//    4  18-19   7.20   1       7.20       7.20           7.20
//    4  23-24  12.60   0.5     6.30
//   11  02-03  13.00   0.5     6.50       6.50           6.50
//   11  17-18   6.10   1       6.10
//   19  08-09   6.90   1       6.90       6.90           6.90
//   25  05-06  11.00   0.5     5.50
//   25  06-07   5.80   1       5.80       5.80
//                                                       20.60 / 3 = 6.866667 kW
//                                                       x 81.25 = 557.92 SEK
#[test]
fn sweden_weighs_before_it_chooses() {
    let tariff = shipped("se-ellevio");
    let rule = rule(&tariff);
    let windows = month(
        2026,
        2,
        &[
            (4, 18, 7200),
            (4, 23, 12_600),
            (11, 2, 13_000),
            (11, 17, 6100),
            (19, 8, 6900),
            (25, 5, 11_000),
            (25, 6, 5800),
        ],
    );
    let ranking = rank(&rule, &windows, &tariff.holidays);
    assert_eq!(counting(&ranking), [(4, 7_200_000), (19, 6_900_000), (11, 6_500_000)]);
    let figure = ranking.figure(&rule).unwrap();
    assert_eq!(figure.mw(), 6_866_667);
    assert_eq!(format!("{:.2}", fee(&rule, figure, 2).unwrap()), "557.92");
    let weight = |hour: i8| {
        rule.weight(window(date(2026, 2, 2).at(hour, 0, 0, 0), 0).local, &tariff.holidays)
    };
    assert_eq!([21, 22, 5, 6].map(weight), [1000, 500, 500, 1000].map(Some));
}

#[test]
fn sweden_may_leave_out_weekends_holidays_and_nights() {
    let tariff = shipped("se-sollentuna");
    let rule = rule(&tariff);
    // the 1st and 6th of January are holidays, the 10th a Saturday, 19:00 is too late
    let windows = month(
        2026,
        1,
        &[
            (1, 8, 9000),
            (6, 8, 9000),
            (10, 8, 9000),
            (12, 19, 9000),
            (12, 18, 3000),
            (13, 7, 2000),
            (13, 8, 1000),
        ],
    );
    let ranking = rank(&rule, &windows, &tariff.holidays);
    // two windows of one day both count here
    assert_eq!(counting(&ranking), [(12, 3_000_000), (13, 2_000_000), (13, 1_000_000)]);
    let figure = ranking.figure(&rule).unwrap();
    assert_eq!(fee(&rule, figure, 1).unwrap().to_string(), "270.00");
    assert_eq!(fee(&rule, figure, 7).unwrap().to_string(), "135.00");
}

// Flanders: a quarter of 1.415 kWh is 5.66 kW; every month counts as at least 2.5 kW
//
//  months before   3.10 2.80 2.10 1.90 4.00 4.60 5.20 6.00 5.10 4.40 3.60
//  as they count   3.10 2.80 2.50 2.50 4.00 4.60 5.20 6.00 5.10 4.40 3.60  = 43.80
//  this month      5.66                                                    = 49.46 / 12
//                                                                          = 4.121667 kW
//  40.40 a year:   166.52 a year, 13.88 a month, without VAT
#[test]
fn flanders_takes_the_mean_of_twelve_months() {
    let tariff = Shipped::find("be-flanders").unwrap().tariff(Some(0)).unwrap();
    let rule = rule(&tariff);
    let mut ranked =
        rank(&rule, &[window(date(2026, 3, 4).at(18, 15, 0, 0), 1415)], &tariff.holidays);
    assert_eq!(ranked.kept.first().unwrap().power_mw, 5_660_000);
    let figure = ranked.figure(&rule).unwrap();
    let before = [3100, 2800, 2100, 1900, 4000, 4600, 5200, 6000, 5100, 4400, 3600];
    let before = before.map(|watts: i64| watts.max(rule.floor_w) * 1000);
    let billed = billed(&rule, figure, &before);
    assert_eq!(billed.mw(), 4_121_667);
    assert_eq!(format!("{:.2}", fee(&rule, billed, 3).unwrap()), "13.88");
    assert_eq!(format!("{:.2}", fee(&rule, billed, 3).unwrap().times(12, 1).unwrap()), "166.52");
    // a month of 1.9 kW counts as 2.5
    ranked = rank(&rule, &[window(date(2026, 3, 4).at(18, 15, 0, 0), 475)], &tariff.holidays);
    assert_eq!(ranked.figure(&rule).unwrap().mw(), 2_500_000);
    // with three months only those count
    assert_eq!(
        super::billed(&rule, Figure::of(4_000_000), &[3_000_000, 2_500_000]).mw(),
        3_166_667
    );
}

#[test]
fn finland_pays_only_above_a_threshold() {
    let tariff = Shipped::find("fi-power").unwrap().tariff(Some(0)).unwrap();
    let rule = rule(&tariff);
    assert_eq!(fee(&rule, Figure::of(9_500_000), 1).unwrap().to_string(), "6.00");
    assert_eq!(fee(&rule, Figure::of(7_900_000), 1).unwrap(), Money::ZERO);
}

#[test]
fn of_a_week_only_the_largest_may_count() {
    let tariff = shipped("no-elvia");
    let rule = PeakRule { distinct: Distinct::Week, top: 2, ..rule(&tariff) };
    // the 6th of September 2026 is a Sunday, the 7th a Monday
    let windows = month(2026, 9, &[(4, 8, 5000), (6, 8, 6000), (7, 8, 4000)]);
    assert_eq!(
        counting(&rank(&rule, &windows, &tariff.holidays)),
        [(6, 6_000_000), (7, 4_000_000)]
    );
}

/// The quarters from an instant on, measured, unless changed.
fn quarters(from: UtcMillis, wh: &[i64]) -> Vec<Shown> {
    let first = QuarterHour::containing(from).0;
    (first..)
        .zip(wh)
        .map(|(quarter, wh)| Shown {
            booked: Interval {
                register: Register::ActiveImport,
                quarter: QuarterHour(quarter),
                wh: *wh,
                quality: Quality::Measured,
                standing: Standing::Settled,
                edges: Edges::default(),
            },
            wh: *wh,
            can_peak: true,
            by: None,
        })
        .collect()
}

fn midnight(date: Date) -> UtcMillis {
    date.to_zoned(zone()).unwrap().timestamp().into()
}

#[test]
fn a_gap_or_a_guess_makes_no_peak() {
    let start = midnight(date(2026, 1, 14));
    let whole = quarters(start, &[100; 12]);
    let found =
        |shown: &[Shown]| windows(shown, 60, &zone()).iter().map(|w| w.wh).collect::<Vec<_>>();
    assert_eq!(found(&whole), [400, 400, 400]);
    let mut gap = whole.clone();
    gap.remove(5);
    assert_eq!(found(&gap), [400, 400]);
    let mut guess = whole.clone();
    guess[5].booked.quality = Quality::Estimated;
    guess[5].can_peak = false;
    assert_eq!(found(&guess), [400, 400]);
    assert_eq!(windows(&guess, 15, &zone()).len(), 11);
    // registers at both ends of the hour: its energy is exact whatever the quarters are
    guess[4].booked.edges.start = true;
    guess[7].booked.edges.end = true;
    assert_eq!(found(&guess), [400, 400, 400]);
    // unless the user says that it is no peak
    guess[6].can_peak = false;
    guess[6].by = Some(crate::energy::CorrectionId(1));
    assert_eq!(found(&guess), [400, 400]);
    guess[6] = whole[6];
    guess[5].booked.quality = Quality::Missing;
    assert_eq!(found(&guess), [400, 400]);
}

#[test]
fn the_repeated_hour_is_two_windows() {
    let day = crate::energy::sums::day(date(2026, 10, 25), &zone()).unwrap();
    let mut wh = [100i64; 100];
    // 02:00 of summer and of winter time
    wh[8..12].fill(1000);
    wh[12..16].fill(1500);
    let windows = windows(&quarters(day.start, &wh), 60, &zone());
    assert_eq!(windows.len(), 25);
    let two: Vec<i64> = windows.iter().filter(|w| w.local.hour() == 2).map(|w| w.wh).collect();
    assert_eq!(two, [4000, 6000]);
    let spring = crate::energy::sums::day(date(2026, 3, 29), &zone()).unwrap();
    let windows = super::windows(&quarters(spring.start, &[100; 92]), 60, &zone());
    assert_eq!(windows.iter().filter(|w| w.local.hour() == 2).count(), 0);
    assert_eq!(windows.len(), 23);
}

/// A running hour of the 20th of September 2026 at 18:00, so many minutes old.
fn running(minutes: i64, used_wh: i64, power_w: Option<i64>) -> Running {
    let start = window(date(2026, 9, 20).at(18, 0, 0, 0), 0).start;
    Running {
        range: start..start.plus(3_600_000),
        now: start.plus(minutes * 60_000),
        used_wh,
        power_w,
    }
}

#[test]
fn the_running_hour_tells_where_it_is_heading() {
    let tariff = shipped("no-elvia");
    let rule = rule(&tariff);
    let before = month(2026, 9, &[(3, 8, 4000), (9, 18, 6000), (12, 18, 4400)]);
    let at = |running: &Running| forecast(&rule, &before, &[], running, &tariff.holidays, &zone());
    // 15 minutes, 1 kWh used, 6 kW now: 1 + 6 * 0.75 = 5.5 kWh
    let heading = at(&running(15, 1000, Some(6000)));
    assert_eq!(heading.heading_mw, Some(5_500_000));
    // the smallest that counts is 4 kWh: (4 - 1) / 0.75 h
    assert_eq!(heading.new_peak_w, Some(4000));
    // 6 + 4.4 + 4 = 14.4; the next step is at 5 kW, 15 in sum: below 4.6 kWh, (4.6 - 1) / 0.75
    assert_eq!(heading.next_step_w, Some(4799));
    // (6 + 5.5 + 4.4) / 3
    assert_eq!(heading.figure_mw, Some(5_300_000));
    // nothing can keep it any more
    let late = at(&running(45, 4700, Some(100)));
    assert_eq!((late.new_peak_w, late.next_step_w), (Some(0), Some(0)));
    let unknown = at(&running(45, 3000, None));
    assert_eq!((unknown.heading_mw, unknown.figure_mw), (None, None));
    assert_eq!(unknown.new_peak_w, Some(4000));
    assert_eq!(at(&running(60, 3000, Some(1))), Forecast::default());
}

#[test]
fn on_a_day_that_counts_already_only_its_own_largest_hour_can_be_beaten() {
    let tariff = shipped("no-elvia");
    let rule = rule(&tariff);
    let before = month(2026, 9, &[(3, 8, 4000), (9, 18, 6000), (20, 8, 5000)]);
    let heading =
        forecast(&rule, &before, &[], &running(30, 1000, Some(0)), &tariff.holidays, &zone());
    // 5 kWh of this morning: (5 - 1) / 0.5
    assert_eq!(heading.new_peak_w, Some(8000));
    // 6 + 4 + 5 are the step at 5 kW already; the next is at 10 kW: 30 - 10 = 20, (20 - 1) / 0.5
    assert_eq!(heading.next_step_w, Some(37_999));
}

#[test]
fn early_in_the_month_every_hour_counts() {
    let tariff = shipped("no-elvia");
    let heading = forecast(
        &rule(&tariff),
        &[],
        &[],
        &running(30, 1000, Some(2000)),
        &tariff.holidays,
        &zone(),
    );
    assert_eq!((heading.new_peak_w, heading.next_step_w), (None, None));
    assert_eq!(heading.figure_mw, Some(2_000_000));
}

#[test]
fn a_window_outside_of_the_hours_cannot_count() {
    let tariff = shipped("se-sollentuna");
    // the 20th of September 2026 is a Sunday
    let heading = forecast(
        &rule(&tariff),
        &[],
        &[],
        &running(30, 1000, Some(2000)),
        &tariff.holidays,
        &zone(),
    );
    assert_eq!(heading, Forecast { heading_mw: Some(2_000_000), ..Forecast::default() });
}

proptest! {
    /// What the forecast allows changes nothing, and a little more does.
    #[test]
    fn the_room_is_exact(
        hours in prop::collection::btree_set((1i8..=19, 0i8..24), 3..12),
        sizes in prop::collection::vec(500i64..9000, 12),
        minutes in 1i64..59, used in 0i64..4000,
    ) {
        let tariff = shipped("no-elvia");
        let rule = rule(&tariff);
        let given: Vec<(i8, i8, i64)> =
            hours.iter().zip(&sizes).map(|((day, hour), wh)| (*day, *hour, *wh)).collect();
        let before = month(2026, 9, &given);
        let running = running(minutes, used, None);
        let heading = forecast(&rule, &before, &[], &running, &tariff.holidays, &zone());
        let after = |watts: i64| {
            let rest_ms = running.range.end.since(running.now);
            // in thousandths of a watt-hour it would be exact; a window is whole watt-hours
            let wh = used + watts * rest_ms / 3_600_000;
            let mut all = before.clone();
            all.push(Window { wh, ..window(date(2026, 9, 20).at(18, 0, 0, 0), 0) });
            let ranking = rank(&rule, &all, &tariff.holidays);
            (ranking.figure(&rule).unwrap(), counting(&ranking))
        };
        let now = rank(&rule, &before, &tariff.holidays);
        let step = |figure: Figure| rule.price.step(figure.sum_mw, figure.count);
        if let Some(room) = heading.next_step_w.filter(|room| *room > 0) {
            let in_force = step(now.figure(&rule).unwrap());
            prop_assert!(step(after(room).0) <= in_force);
            // two watt-hours more
            let more = 2 * 3_600_000 / running.range.end.since(running.now) + 1;
            if !now.is_provisional() {
                prop_assert!(step(after(room + more).0) > in_force);
            }
        }
        if let Some(room) = heading.new_peak_w.filter(|room| *room > 0) {
            prop_assert_eq!(after(room).1, counting(&now));
        }
    }

    #[test]
    fn the_figure_never_falls_when_a_window_grows(
        sizes in prop::collection::vec(0i64..20_000, 3..40), which in 0usize..40, more in 1i64..5000,
    ) {
        let tariff = shipped("se-ellevio");
        let rule = rule(&tariff);
        let at = |n: usize| (i8::try_from(n % 28 + 1).unwrap(), i8::try_from(n * 7 % 24).unwrap());
        let given: Vec<(i8, i8, i64)> =
            sizes.iter().enumerate().map(|(n, wh)| (at(n).0, at(n).1, *wh)).collect();
        let figure = |given: &[(i8, i8, i64)]| {
            let ranking = rank(&rule, &month(2026, 2, given), &tariff.holidays);
            ranking.figure(&rule).unwrap().mw()
        };
        let mut grown = given.clone();
        let which = which % grown.len();
        grown[which].2 += more;
        prop_assert!(figure(&grown) >= figure(&given));
    }
}
