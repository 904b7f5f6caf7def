//! Documents of the platform, written after its schema.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::money::{Currency, PricePerKwh};

struct Part<'a> {
    sequence: Option<u32>,
    resolution: &'a str,
    from: &'a str,
    to: &'a str,
    points: &'a [(i64, &'a str)],
}

fn part<'a>(from: &'a str, to: &'a str, points: &'a [(i64, &'a str)]) -> Part<'a> {
    Part { sequence: None, resolution: "PT15M", from, to, points }
}

/// A document after the published schema.
fn publication(eic: &str, parts: &[Part<'_>]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Publication_MarketDocument \
         xmlns=\"urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3\">\n\
         <mRID>0</mRID><type>A44</type><period.timeInterval><start>2026-01-13T23:00Z</start>\
         <end>2026-01-14T23:00Z</end></period.timeInterval>\n",
    );
    for part in parts {
        let sequence = part.sequence.map_or_else(String::new, |n| {
            format!(
                "<classificationSequence_AttributeInstanceComponent.position>{n}\
                 </classificationSequence_AttributeInstanceComponent.position>"
            )
        });
        let points: Vec<String> = part
            .points
            .iter()
            .map(|(position, price)| {
                format!(
                    "<Point><position>{position}</position><price.amount>{price}</price.amount>\
                     </Point>"
                )
            })
            .collect();
        let head = format!(
            "<TimeSeries><mRID>1</mRID><auction.type>A01</auction.type>\
             <in_Domain.mRID codingScheme=\"A01\">{eic}</in_Domain.mRID>\
             <currency_Unit.name>EUR</currency_Unit.name>\
             <price_Measure_Unit.name>MWH</price_Measure_Unit.name>{sequence}\
             <curveType>A03</curveType><Period><timeInterval><start>{}</start><end>{}</end>\
             </timeInterval><resolution>{}</resolution>",
            part.from, part.to, part.resolution
        );
        xml += &head;
        xml += &points.concat();
        xml += "</Period></TimeSeries>\n";
    }
    xml + "</Publication_MarketDocument>"
}

fn answer(status: u16, xml: &str) -> Answer<'_> {
    Answer { status, body: xml.as_bytes(), retry_after_s: None }
}

fn read(zone: &str, xml: &str) -> Result<PriceSeries, Refusal> {
    parse(Zone::find(zone).unwrap(), &answer(200, xml))
}

fn prices(series: &PriceSeries) -> Vec<i64> {
    series.slots().iter().map(|slot| slot.price.0).collect()
}

#[test]
fn days_are_asked_for_in_utc() {
    let no1 = Zone::find("NO1").unwrap();
    for (day, start, end) in [
        (date(2026, 1, 14), "202601132300", "202601142300"),
        (date(2026, 7, 14), "202607132200", "202607142200"),
        (date(2026, 3, 29), "202603282300", "202603292200"),
    ] {
        let request = request(no1, day, "key", Some("http://localhost:1"));
        let wanted = format!("periodStart={start}&periodEnd={end}&");
        assert!(request.url().contains(&wanted), "{}", request.url());
        assert!(request.url().starts_with("http://localhost:1/api?documentType=A44&"));
        assert!(request.url().contains("in_Domain=10YNO-1--------2&out_Domain=10YNO-1--------2&"));
    }
}

#[test]
fn a_position_left_out_repeats_the_one_before_to_the_end_of_the_period() {
    let points = [(1, "80.10"), (2, "75.00"), (5, "-1.20"), (7, "0.00")];
    let xml =
        publication("10YNO-1--------2", &[part("2026-01-13T23:00Z", "2026-01-14T01:00Z", &points)]);
    let series = read("NO1", &xml).unwrap();
    assert_eq!(prices(&series), [80_100, 75_000, 75_000, 75_000, -1_200, -1_200, 0, 0]);
    assert_eq!((series.currency, series.resolution_min()), (Currency::EUR, Some(15)));
    assert_eq!(series.firmness, Firmness::Final);
    let first = series.slots().first().unwrap().range.start;
    assert_eq!(first.to_string(), "2026-01-13T23:00:00Z");
    // means of the hours, 76.275 and -0.60 EUR/MWh
    let hours: Vec<_> = series
        .slots()
        .chunks(4)
        .map(|hour| PricePerKwh::mean(hour.iter().map(|slot| slot.price)).unwrap().0)
        .collect();
    assert_eq!(hours, [76_275, -600]);
}

#[test]
fn days_have_as_many_quarters_as_their_interval_says() {
    for (from, to, count) in [
        ("2026-03-28T23:00Z", "2026-03-29T22:00Z", 92),
        ("2026-10-24T22:00Z", "2026-10-25T23:00Z", 100),
        ("2026-01-13T23:00Z", "2026-01-14T23:00Z", 96),
    ] {
        let xml = publication("10YNO-1--------2", &[part(from, to, &[(1, "42")])]);
        assert_eq!(prices(&read("NO1", &xml).unwrap()), vec![42_000; count]);
    }
}

#[test]
fn what_stands_before_the_first_position_is_a_hole() {
    let xml = publication(
        "10YNO-1--------2",
        &[part("2026-01-13T23:00Z", "2026-01-14T00:00Z", &[(3, "5")])],
    );
    let series = read("NO1", &xml).unwrap();
    assert_eq!(series.slots().len(), 2);
    let start = series.slots().first().unwrap().range.start;
    assert_eq!(start.to_string(), "2026-01-13T23:30:00Z");
}

#[test]
fn finer_periods_lie_over_coarser_ones() {
    let hours = [(1, "10"), (2, "20")];
    let quarters = [(1, "1"), (2, "2"), (3, "3"), (4, "4")];
    let from = "2026-01-13T23:00Z";
    let xml = publication(
        "10YBE----------2",
        &[
            part(from, "2026-01-14T00:00Z", &quarters),
            Part { resolution: "PT60M", ..part(from, "2026-01-14T01:00Z", &hours) },
        ],
    );
    assert_eq!(prices(&read("BE", &xml).unwrap()), [1_000, 2_000, 3_000, 4_000, 20_000]);
}

#[test]
fn germany_and_austria_take_the_coupled_auction() {
    let (from, to) = ("2026-01-13T23:00Z", "2026-01-14T00:00Z");
    let second = || Part { sequence: Some(2), ..part(from, to, &[(1, "99")]) };
    let first = || Part { sequence: Some(1), ..part(from, to, &[(1, "50")]) };
    let both = publication("10Y1001A1001A82H", &[first(), second()]);
    let series = read("DE-LU", &both).unwrap();
    assert_eq!((prices(&series), series.firmness), (vec![50_000; 4], Firmness::Final));
    let one = publication("10Y1001A1001A82H", &[second()]);
    let series = read("DE-LU", &one).unwrap();
    assert_eq!((prices(&series), series.firmness), (vec![99_000; 4], Firmness::Preliminary));
    // elsewhere the lowest counts, whichever there is
    let belgian = publication("10YBE----------2", &[second(), first()]);
    assert_eq!(prices(&read("BE", &belgian).unwrap()), [50_000; 4]);
}

#[test]
fn an_acknowledgement_is_no_empty_list_of_prices() {
    let acknowledgement = |text: &str| {
        format!(
            "<Acknowledgement_MarketDocument xmlns=\"urn:ack\"><mRID>a</mRID><Reason>\
             <code>999</code><text>{text}</text></Reason></Acknowledgement_MarketDocument>"
        )
    };
    let none =
        acknowledgement("No matching data found for Data item ENERGY_PRICES [12.1.D] &amp; so on");
    assert_eq!(read("NO1", &none), Err(Refusal::NotPublished));
    let wrong = acknowledgement("Invalid query attributes or parameters &lt;in_Domain&gt;");
    let no1 = Zone::find("NO1").unwrap();
    assert_eq!(
        parse(no1, &answer(400, &wrong)),
        Err(Refusal::Refused("Invalid query attributes or parameters <in_Domain>".into()))
    );
    let page = "<html><body>Service Temporarily Unavailable</body></html>";
    assert!(matches!(parse(no1, &answer(200, page)), Err(Refusal::Odd(_))));
    assert!(matches!(parse(no1, &answer(400, page)), Err(Refusal::Refused(_))));
}

#[test]
fn prices_of_another_area_are_refused() {
    let xml = publication(
        "10YNO-2--------T",
        &[part("2026-01-13T23:00Z", "2026-01-14T00:00Z", &[(1, "1")])],
    );
    assert_eq!(read("NO1", &xml), Err(Refusal::WrongArea("10YNO-2--------T".into())));
}

#[test]
fn a_cut_document_gives_no_prices() {
    let xml = publication(
        "10YNO-1--------2",
        &[part("2026-01-13T23:00Z", "2026-01-14T00:00Z", &[(1, "1"), (2, "2")])],
    );
    for end in 0..xml.len() {
        assert!(matches!(read("NO1", &xml[..end]), Err(Refusal::Odd(_))), "cut at {end}");
    }
}

#[test]
fn what_cannot_be_is_told() {
    let (from, to) = ("2026-01-13T23:00Z", "2026-01-14T00:00Z");
    let of = |part: Part<'_>| match read("NO1", &publication("10YNO-1--------2", &[part])) {
        Err(Refusal::Odd(what)) => what,
        other => panic!("{other:?}"),
    };
    assert!(of(part(from, to, &[(5, "1")])).contains("position 5 of 4"));
    assert!(of(part(from, to, &[(0, "1")])).contains("position 0"));
    assert!(of(part(to, from, &[(1, "1")])).contains("-3600 s"));
    assert!(of(part(from, to, &[(1, "n/a")])).contains("n/a"));
    assert!(of(part(from, "2099-01-01T00:00Z", &[(1, "1")])).contains("steps"));
    let day = Part { resolution: "P1D", ..part(from, to, &[(1, "1")]) };
    assert!(of(day).contains("P1D"));
}

proptest! {
    #[test]
    fn never_panics(bytes: Vec<u8>, status in prop::sample::select(vec![200u16, 400])) {
        let zone = Zone::find("NO1").unwrap();
        let _ = parse(zone, &Answer { status, body: &bytes, retry_after_s: None });
    }

    #[test]
    fn changed_documents_never_panic(at in 0usize..900, octet: u8) {
        let mut xml = publication("10YNO-1--------2", &[part(
            "2026-01-13T23:00Z",
            "2026-01-14T00:00Z",
            &[(1, "1"), (2, "2")],
        )])
        .into_bytes();
        if let Some(place) = xml.get_mut(at) {
            *place = octet;
        }
        let _ = parse(Zone::find("NO1").unwrap(), &Answer { status: 200, body: &xml, retry_after_s: None });
    }

    #[test]
    fn every_given_point_keeps_its_price(given in prop::collection::btree_map(1i64..=96, -500_000i64..4_000_000, 1..96)) {
        let texts: Vec<(i64, String)> = given
            .iter()
            .map(|(at, price)| (*at, PricePerKwh(*price).times(1000, 1).unwrap().to_string()))
            .collect();
        let points: Vec<(i64, &str)> = texts.iter().map(|(at, text)| (*at, text.as_str())).collect();
        let xml = publication("10YNO-1--------2", &[part("2026-01-13T23:00Z", "2026-01-14T23:00Z", &points)]);
        let series = read("NO1", &xml).unwrap();
        let start = market_day(date(2026, 1, 14)).start;
        for position in 1..=96 {
            let wanted = given.range(..=position).next_back().map(|(_, price)| PricePerKwh(*price));
            let found = series.at(start.plus((position - 1) * 900_000)).map(|slot| slot.price);
            prop_assert_eq!(found, wanted);
        }
    }
}
