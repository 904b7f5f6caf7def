//! `hanport demo`: a simulated household behind a simulated meter on a real pseudo-terminal, with
//! a history of the past weeks, and the page.
//!
//! - [`past`]: the weeks before
//! - [`prices`]: what the market might have asked
//! - [`clock`]: a clock that may run faster

mod clock;
mod past;
mod prices;

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use hanport_engine::board::Board;
use hanport_engine::line::LineSettings;
use hanport_engine::outside::Clock;
use hanport_engine::price::zone::Zone;
use hanport_engine::time::UtcMillis;
use hanport_io::clock::{Pace, System};
use hanport_io::outlet::{Flow, Outlet as _};
use hanport_io::pty::Pty;
use hanport_io::stop;
use hanport_store::Store;
use hanport_web::LoggedIn;
use jiff::tz::TimeZone;

use self::clock::Simulated;
use crate::config::Config;
use crate::config::meant::{Keys, Line, MeterConfig, PriceSource, SourceConfig};
use crate::run;
use crate::scenario::{self, ScenarioArgs, Source};
use crate::service::reader::{About, Outputs, Reader};
use crate::service::{Service, World};

/// Shows what hanport makes of a meter, with a simulated one.
///
/// A household is simulated behind a meter on a real pseudo-terminal, and read as a real meter
/// would be: frames, checksums, ciphers, a serial port. The past weeks are computed first; then
/// the page is served until Ctrl-C. Everything is kept in a folder that goes with the demo.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport demo
  hanport demo --meter kaifa-at --days 60
  hanport demo --speed 60 --port 9000
  hanport demo --fault bitflip=0.0001

hanport simulate --list names the meters.
Exit status: 0 done, 1 not possible or used wrongly.")]
pub(crate) struct Args {
    /// The meter; hanport simulate --list names them
    #[arg(long, value_name = "METER", default_value = DEFAULT_METER)]
    meter: String,
    /// Days of history before the demo begins
    #[arg(long, value_name = "N", default_value_t = 28, value_parser = clap::value_parser!(u16).range(..=1500))]
    days: u16,
    /// Where the page is served, on this machine [default: 8080, or any free port]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Keeps the data in this folder instead of one that goes with the demo
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    #[command(flatten)]
    scenario: ScenarioArgs,
}

/// Sends values of every kind, short and long messages in turn.
const DEFAULT_METER: &str = "aidon-no";
/// Where the page usually is.
const USUAL_PORT: u16 = 8080;
/// How often it is looked whether the demo is to end.
const GLANCE: Duration = Duration::from_millis(100);
/// The meter's name in addresses.
const METER: &str = "main";

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    stop::listen()?;
    let speed = args.scenario.speed.unwrap_or(1.0);
    if speed <= 0.0 {
        anyhow::bail!("--speed is above 0 here: the page shows what happens now");
    }
    let folder = tempfile::tempdir().context("no folder for the demo's data can be made")?;
    let present = System.now();
    let start = present.plus(-i64::from(args.days) * 86_400_000);
    let source = Source::starting(&args.meter, &args.scenario, start.timestamp())?;
    let pty = Pty::open(Flow::Wire).context("no pseudo-terminal can be had")?;
    let data = args.data.as_deref().unwrap_or_else(|| folder.path());
    let config = config(&source, pty.path(), data, args.port)?;
    let config = priced(config, start, present)?;
    run::log(&config);
    let clock: Arc<dyn Clock> = Arc::new(System);
    let store = run::open_store(&config, Arc::clone(&clock))?;
    say(&format!("A simulated household with this meter: {}.", source.describe()))?;
    let mut source = source.peekable();
    let mut reader = past_reader(&config, &store, start)?;
    past::catch_up(&mut source, &mut reader, start, &*clock, &store)?;
    let present = clock.now();
    reader.close(present);
    store.flush()?;
    if stop::asked() {
        return Ok(ExitCode::SUCCESS);
    }
    let clock: Arc<dyn Clock> = if (speed - 1.0).abs() < f64::EPSILON {
        clock
    } else {
        Arc::new(Simulated::starting(present, speed))
    };
    let vault = Arc::new(hanport_web::Forgetful::default());
    let world = World {
        clock,
        store: Arc::clone(&store),
        vault,
        administration: None,
        logged_in: LoggedIn::default(),
    };
    let meter = thread::spawn(move || talk(source, pty, start, present, speed));
    run::runtime()?.block_on(serve(&config, &world, args.port))?;
    store.close();
    meter.join().map_err(|_| anyhow!("the simulated meter failed"))??;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: &Config, world: &World, port: Option<u16>) -> anyhow::Result<()> {
    let mut config = config.clone();
    let mut started = Service::start(&config, world).await;
    if started.is_err() && port.is_none() {
        config.web.listen = vec![local(0)];
        started = Service::start(&config, world).await;
    }
    let service = started?;
    let port = service.addresses().first().map_or(0, SocketAddr::port);
    say(&format!("\n  http://localhost:{port}/\n\nCtrl-C ends the demo."))?;
    while !stop::asked() {
        tokio::time::sleep(GLANCE).await;
    }
    service.end().await;
    Ok(())
}

/// The meter's side of the line, from the present on.
fn talk(
    source: impl Iterator<Item = scenario::Sending>,
    mut pty: Pty,
    start: UtcMillis,
    present: UtcMillis,
    speed: f64,
) -> io::Result<()> {
    let before = u64::try_from(present.since(start)).unwrap_or(0);
    let before = Duration::from_millis(before);
    let pace = Pace::new(speed);
    for mut sending in source {
        if stop::asked() {
            break;
        }
        sending.at = sending.at.saturating_sub(before);
        scenario::send(&mut pty, &pace, &sending)?;
    }
    pty.finish()
}

fn config(
    source: &Source,
    port: &Path,
    folder: &Path,
    page: Option<u16>,
) -> anyhow::Result<Config> {
    let options = source.options();
    let mut config = crate::config::defaults()?;
    "Demo".clone_into(&mut config.site.name);
    config.site.zone = TimeZone::get(source.zone()).unwrap_or(TimeZone::UTC);
    folder.clone_into(&mut config.data.folder);
    config.log.level = crate::config::meant::Level::Warn;
    config.web.listen = vec![local(page.unwrap_or(USUAL_PORT))];
    config.meters = vec![MeterConfig {
        id: METER.to_owned(),
        name: "Main meter".to_owned(),
        source: SourceConfig::Serial {
            port: port.to_owned(),
            line: Line::Fixed(LineSettings::plain(115_200)),
        },
        settings: hanport_engine::state::Settings { fuse_a: Some(40), ..Default::default() },
        keys: Keys {
            encryption: options.encryption_key,
            authentication: options.authentication_key,
        },
        hint: None,
        record: None,
    }];
    Ok(config)
}

/// The configuration with made-up market prices, a contract and a grid tariff of Norway.
fn priced(mut config: Config, start: UtcMillis, now: UtcMillis) -> anyhow::Result<Config> {
    let folder = &config.data.folder;
    std::fs::create_dir_all(folder)?;
    let zone = &config.site.zone;
    let file = prices::write(folder, start.timestamp(), now.timestamp(), zone)?;
    "NOK".clone_into(&mut config.site.currency);
    config.price.enabled = true;
    config.price.area = Zone::find("NO1").ok();
    config.site.country = Some("NO".to_owned());
    config.price.source = PriceSource::File(file);
    config.tariff.tariff = Some("no-elvia".to_owned());
    Ok(config)
}

/// Only this machine sees the demo.
const fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// The reader of the weeks before. Nobody looks at its board.
fn past_reader(config: &Config, store: &Arc<Store>, start: UtcMillis) -> anyhow::Result<Reader> {
    let meter = config.meters.first().context("the demo has a meter")?;
    let about = About {
        id: meter.id.as_str().into(),
        name: meter.name.as_str().into(),
        source: "".into(),
        options: meter.options(),
        settings: meter.settings.clone(),
        zone: config.site.zone.clone(),
    };
    let outputs = Outputs {
        board: Arc::new(Board::new()),
        archive: Arc::clone(store) as _,
        history: Arc::clone(store) as _,
    };
    Ok(Reader::new(about, outputs, start)?.silent(true))
}

fn say(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}
