//! Prices from a server that plays the sources: published, late, broken, too often, too much.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is")]

mod market;

use std::sync::Arc;
use std::time::Duration;

use hanport_engine::money::Currency;
use hanport_engine::outside::Clock;
use hanport_engine::price::source::{market_day, order, own};
use hanport_engine::price::{PriceBook, Source, Vat, Zone};
use hanport_io::prices::{From, Outside, PriceKey, PriceOptions, Told, run};
use jiff::civil::{Date, date};
use market::{Fast, Market, Reply, Seen, Shelf, ok, status};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A day of the platform: quarters at 1 EUR/MWh, with gaps that repeat.
fn a44(eic: &str, day: Date) -> String {
    let range = market_day(day);
    let minutes = |at: hanport_engine::time::UtcMillis| {
        at.timestamp().strftime("%Y-%m-%dT%H:%MZ").to_string()
    };
    format!(
        "<Publication_MarketDocument xmlns=\"urn:x\"><TimeSeries><in_Domain.mRID>{eic}</in_Domain.mRID>\
         <currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name>\
         <curveType>A03</curveType><Period><timeInterval><start>{}</start><end>{}</end></timeInterval>\
         <resolution>PT15M</resolution><Point><position>1</position><price.amount>80.10</price.amount></Point>\
         <Point><position>5</position><price.amount>-1.20</price.amount></Point></Period></TimeSeries>\
         </Publication_MarketDocument>",
        minutes(range.start),
        minutes(range.end)
    )
}

/// The day that a request to the platform is about.
fn asked(seen: &Seen) -> Date {
    let start = seen.path.split("periodStart=").nth(1).unwrap();
    let day: Date = format!("{}-{}-{}", &start[..4], &start[4..6], &start[6..8]).parse().unwrap();
    // it begins on the evening before
    day.tomorrow().unwrap()
}

const RATES: &str = "<Envelope><Cube><Cube time='2026-01-13'><Cube currency='NOK' rate='11.7169'/>\
    </Cube></Cube></Envelope>";

const NOTHING: &str = "<Acknowledgement_MarketDocument><Reason><code>999</code><text>No matching data \
    found for Data item ENERGY_PRICES</text></Reason></Acknowledgement_MarketDocument>";

/// A household in NO1 with a key, that asks a market.
struct Household {
    told: watch::Receiver<Told>,
    shelf: Arc<Shelf>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Household {
    fn begin(clock: Arc<dyn Clock>, market: &Market, shelf: Arc<Shelf>, from: From) -> Self {
        let nothing = Told { book: Arc::new(PriceBook::new(Currency::NOK)), trouble: None };
        let (tell, told) = watch::channel(nothing);
        let stop = CancellationToken::new();
        let options = PriceOptions {
            from,
            currency: Currency::NOK,
            spread_ms: 0,
            base: Some(market.base.clone()),
            back_days: 40,
        };
        let outside = Outside { clock, prices: Arc::clone(&shelf) as Arc<_>, told: tell };
        let mut tasks = JoinSet::new();
        let token = stop.clone();
        tasks.spawn(async move { run(options, outside, token).await.unwrap() });
        Self { told, shelf, stop, tasks }
    }

    /// Waits until what is told is as wanted.
    async fn until(&mut self, wanted: impl FnMut(&Told) -> bool) -> Told {
        let told = tokio::time::timeout(Duration::from_secs(20), self.told.wait_for(wanted)).await;
        told.unwrap().unwrap().clone()
    }

    async fn end(mut self) -> Arc<Shelf> {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.shelf
    }
}

fn no1(key: Option<&str>) -> From {
    let zone = Zone::find("NO1").unwrap();
    From::Market(zone, order(zone, key.is_some()), key.map(|key| PriceKey(key.into())))
}

fn settled(told: &Told, day: Date) -> bool {
    told.book.settled(&market_day(day))
}

const TODAY: Date = date(2026, 1, 14);
const TOMORROW: Date = date(2026, 1, 15);
const EIC: &str = "10YNO-1--------2";

#[tokio::test]
async fn published_prices_are_fetched_once_converted_and_kept() {
    let clock = Fast::at("2026-01-14T07:00:00Z", 200_000);
    let market = Market::open(Arc::clone(&clock) as Arc<_>, |seen, _| {
        if seen.path.contains("eurofxref") { ok(RATES) } else { ok(a44(EIC, asked(seen))) }
    })
    .await;
    let mut household = Household::begin(clock, &market, Arc::default(), no1(Some("s3cr3t")));
    let told = household.until(|told| settled(told, TODAY) && settled(told, TOMORROW)).await;
    assert_eq!(told.trouble, None);
    let spot = told.book.at(market_day(TODAY).start).unwrap();
    // 80.10 EUR/MWh at 11.7169
    assert_eq!((spot.price.0, spot.rate_day), (938_524, Some(date(2026, 1, 13))));
    assert_eq!(spot.source, Source::Entsoe);
    let shelf = household.end().await;
    assert_eq!(shelf.series.lock().unwrap().len(), 2);
    let seen = market.seen.lock().unwrap().clone();
    let asked_for = |day| {
        let of = seen.iter().filter(|seen| seen.path.contains("A44") && asked(seen) == day);
        of.map(|seen| seen.at).collect::<Vec<_>>()
    };
    assert_eq!(asked_for(TODAY).len(), 1);
    let tomorrow = asked_for(TOMORROW);
    assert_eq!(tomorrow.len(), 1);
    // not before 12:55 of the market
    assert!(tomorrow[0] >= market_day(TODAY).start.plus((12 * 60 + 55) * 60_000));
    assert!(seen.iter().all(|seen| seen.agent.starts_with("hanport/")));
}

#[tokio::test]
async fn what_is_kept_is_not_fetched_again() {
    let shelf = Arc::new(Shelf::default());
    let play = |seen: &Seen, _| {
        if seen.path.contains("eurofxref") { ok(RATES) } else { ok(a44(EIC, asked(seen))) }
    };
    let clock = Fast::at("2026-01-14T07:00:00Z", 50);
    let market = Market::open(Arc::clone(&clock) as Arc<_>, play).await;
    let mut first =
        Household::begin(Arc::clone(&clock) as Arc<_>, &market, shelf, no1(Some("key")));
    first.until(|told| settled(told, TODAY)).await;
    let shelf = first.end().await;
    let requests = market.paths().len();
    let mut second = Household::begin(clock, &market, shelf, no1(Some("key")));
    second.until(|told| settled(told, TODAY)).await;
    second.end().await;
    assert_eq!(market.paths().len(), requests);
}

#[tokio::test]
async fn a_late_publication_is_waited_for_without_a_flood() {
    let clock = Fast::at("2026-01-14T11:00:00Z", 20_000);
    let late = market_day(TODAY).start.plus(17 * 3_600_000);
    let market = Market::open(Arc::clone(&clock) as Arc<_>, move |seen, _| {
        let is_there = seen.at >= late || seen.path.contains("/01-14_");
        if !is_there || !seen.path.contains("NO1.json") {
            return status(404, "not found");
        }
        let day = if seen.path.contains("/01-14_") { TODAY } else { TOMORROW };
        let range = market_day(day);
        let hours = (range.start.0..range.end.0).step_by(3_600_000).map(|start| {
            let at = |ms: i64| hanport_engine::time::UtcMillis(ms);
            format!(
                r#"{{"NOK_per_kWh":0.5,"EUR_per_kWh":0.04,"EXR":11.7,"time_start":"{}","time_end":"{}"}}"#,
                at(start),
                at(start + 3_600_000)
            )
        });
        ok(format!("[{}]", hours.collect::<Vec<_>>().join(",")))
    })
    .await;
    let mut household = Household::begin(clock, &market, Arc::default(), no1(None));
    let told = household.until(|told| settled(told, TOMORROW)).await;
    assert_eq!(told.book.at(market_day(TOMORROW).start).unwrap().source, Source::Hvakosterstrommen);
    // waiting is no trouble
    assert_eq!(told.trouble, None);
    household.end().await;
    let tries = market.paths().iter().filter(|path| path.contains("/01-15_NO1.json")).count();
    assert!((3..=20).contains(&tries), "{tries} tries");
}

#[tokio::test]
async fn broken_sources_are_told_and_the_next_one_is_asked() {
    let good = |body: String| ok(body);
    let broken: Vec<(&str, Reply, i32)> = vec![
        ("maintenance", status(503, "<html>Service Temporarily Unavailable</html>"), 503),
        ("a wrong key", status(401, "unauthorised"), 401),
        (
            "too often",
            Reply { headers: vec![("retry-after", "600".into())], ..status(429, "") },
            429,
        ),
        ("cut", good(a44(EIC, TODAY)[..400].to_owned()), 900),
        ("another zone", good(a44("10YNO-2--------T", TODAY)), 900),
        ("a page", good("<html><body>hello</body></html>".to_owned()), 900),
        (
            "our mistake",
            status(400, &NOTHING.replace("No matching data found", "Invalid query")),
            400,
        ),
        ("too much", ok(vec![b' '; 9 << 20]), 900),
    ];
    for (name, reply, code) in broken {
        let clock = Fast::at("2026-01-14T07:00:00Z", 50);
        let market = Market::open(Arc::clone(&clock) as Arc<_>, move |seen, _| {
            if seen.path.contains("A44") { reply.clone() } else { status(404, "") }
        })
        .await;
        let mut household = Household::begin(clock, &market, Arc::default(), no1(Some("s3cr3t")));
        let told = household.until(|told| told.trouble.is_some()).await;
        let (told_code, words) = told.trouble.unwrap();
        assert_eq!(told_code, code, "{name}: {words}");
        assert!(words.starts_with("entsoe: ") && !words.contains("s3cr3t"), "{name}: {words}");
        assert!(told.book.spots().is_empty(), "{name}");
        // the turn goes to the source without key
        household.until(|_| market.paths().iter().any(|path| path.contains("_NO1.json"))).await;
        household.end().await;
    }
}

#[tokio::test]
async fn nobody_there_is_told_without_the_key() {
    let clock = Fast::at("2026-01-14T07:00:00Z", 50);
    let market = Market::open(Arc::clone(&clock) as Arc<_>, |_, _| status(404, "")).await;
    let gone = market.gone();
    let mut household = Household::begin(clock, &gone, Arc::default(), no1(Some("s3cr3t")));
    let told = household.until(|told| told.trouble.is_some()).await;
    let (code, words) = told.trouble.unwrap();
    assert_eq!(code, -1);
    assert!(words.contains("no connection") && !words.contains("s3cr3t"), "{words}");
    household.end().await;
}

#[tokio::test]
async fn an_address_of_the_users_own_is_asked_with_the_mark_of_its_last_answer() {
    let clock = Fast::at("2026-01-14T07:00:00Z", 400_000);
    let market = Market::open(Arc::clone(&clock) as Arc<_>, |seen, _| {
        if seen.mark.as_deref() == Some("\"one\"") {
            return status(304, "");
        }
        let body = "start;end;price\n2026-01-14T00:00:00Z;2026-01-15T00:00:00Z;0,25\n";
        Reply { headers: vec![("etag", "\"one\"".into())], ..ok(body) }
    })
    .await;
    let form = own::Form {
        area: "home".into(),
        currency: Currency::NOK,
        vat: Vat::Excluded,
        per_mwh: false,
        source: Source::File,
    };
    let from = From::Address(form, format!("{}/prices.csv", market.base));
    let mut household = Household::begin(clock, &market, Arc::default(), from);
    let told = household.until(|_| market.paths().len() > 3).await;
    assert_eq!(told.book.spots().len(), 1);
    assert_eq!(told.trouble, None);
    let shelf = household.end().await;
    assert_eq!(shelf.series.lock().unwrap().len(), 1);
    assert!(market.seen.lock().unwrap().iter().skip(1).all(|seen| seen.mark.is_some()));
}

#[tokio::test]
async fn a_file_is_read_again_when_it_changes() {
    let clock = Fast::at("2026-01-14T07:00:00Z", 400_000);
    let market = Market::open(Arc::clone(&clock) as Arc<_>, |_, _| status(404, "")).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.json");
    let write = |price: &str| {
        let text = format!(
            r#"[{{"start":"2026-01-14T00:00:00Z","end":"2026-01-14T01:00:00Z","price":{price}}}]"#
        );
        std::fs::write(&path, text).unwrap();
    };
    let form = own::Form {
        area: "home".into(),
        currency: Currency::NOK,
        vat: Vat::Excluded,
        per_mwh: false,
        source: Source::File,
    };
    let from = From::File(form, path.clone());
    let mut household = Household::begin(clock, &market, Arc::default(), from);
    let told = household.until(|told| told.trouble.is_some()).await;
    assert!(told.trouble.unwrap().1.contains("prices.json"));
    write("1");
    let price = |told: &Told, wanted: i64| told.book.spots().iter().any(|s| s.price.0 == wanted);
    household.until(|told| price(told, 1_000_000)).await;
    write("-2.5");
    let told = household.until(|told| price(told, -2_500_000)).await;
    assert_eq!(told.trouble, None);
    household.end().await;
    assert!(market.paths().is_empty());
}
