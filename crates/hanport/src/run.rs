//! `hanport run`: the service.

use std::io::{self, IsTerminal as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hanport_core::cipher::key::Key;
use hanport_engine::outside::Clock;
use hanport_io::clock::System;
use hanport_store::Store;
use hanport_web::{LoggedIn, VaultFile};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tracing_subscriber::filter::LevelFilter;

use crate::backup::restore;
use crate::complain;
use crate::config::meant::{Keys, Level, Line, LogForm, MeterConfig, SourceConfig};
use crate::config::{self, Config, ConfigFile};
use crate::keys;
use crate::lock::Lock;
use crate::office::Office;
use crate::service::{Service, World};

/// Reads the meters of the configuration, keeps what they say and shows it.
///
/// Without a configuration file it needs to be told the port of one meter.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport run --port /dev/serial/by-id/usb-FTDI_FT232R-if00-port0
  hanport config init && hanport run

Ctrl-C, or the end of the service, ends it in good order.
Exit status: 0 ended as asked, 1 it could not start or go on.")]
pub(crate) struct Args {
    /// The configuration file; found by itself where left out (hanport config path tells which)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Reads this serial port as well as, or instead of, what the configuration says
    #[arg(long, value_name = "PORT")]
    port: Option<PathBuf>,
    /// The encryption key of the meter at --port: 32 hexadecimal digits
    #[arg(long, value_name = "HEX", requires = "port")]
    key: Option<String>,
    /// The authentication key of the meter at --port
    #[arg(long, value_name = "HEX", requires = "port")]
    auth_key: Option<String>,
    /// Writes everything that comes from the first meter into this file too, with its times
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

/// Worker threads. What there is to do is little; two keep one slow request from holding up
/// the meters.
const WORKERS: usize = 2;

/// Whoever made a change gets the answer before the service begins anew.
const ANSWER: Duration = Duration::from_millis(300);

/// How often the status is told where no watchdog waits for it.
const QUIET: Duration = Duration::from_mins(1);

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = config::load(args.config.as_deref())?.config.data.folder;
    let lock = Lock::take(&folder)?;
    let file = ConfigFile::find(args.config.as_deref());
    restore::finish(&file, &folder)?;
    let config = configured(args)?;
    log(&config);
    let ending = runtime()?.block_on(serve(config, file, args))?;
    drop(lock);
    match ending {
        Ending::Asked => Ok(ExitCode::SUCCESS),
        Ending::Restart => Err(again().into()),
    }
}

/// The configuration with what the command line says on top.
fn configured(args: &Args) -> anyhow::Result<Config> {
    let loaded = config::load(args.config.as_deref())?;
    for warning in &loaded.warnings {
        complain(&warning.to_string());
    }
    let mut config = loaded.config;
    if let Some(port) = &args.port {
        config.meters.insert(0, meter_at(port, args, &config)?);
    }
    match config.meters.first_mut() {
        Some(first) => first.record = args.record.clone().or_else(|| first.record.take()),
        None => complain(
            "no meter is set: open the page, name its port with --port, or write a configuration \
             with hanport config init; hanport detect finds meters",
        ),
    }
    Ok(config)
}

/// Puts this program in its own place. Returns only when that fails.
fn again() -> io::Error {
    match std::env::current_exe() {
        Ok(program) => Command::new(program).args(std::env::args_os().skip(1)).exec(),
        Err(error) => error,
    }
}

/// The meter of the command line.
fn meter_at(port: &Path, args: &Args, config: &Config) -> anyhow::Result<MeterConfig> {
    let key = |name, text: &Option<String>| {
        text.as_deref().map(|text| keys::octets(name, text).map(Key::new)).transpose()
    };
    let free = |id: &str| config.meters.iter().all(|meter| meter.id != id);
    let id = if free("main") { "main" } else { "port" };
    Ok(MeterConfig {
        id: id.to_owned(),
        name: id.to_owned(),
        source: SourceConfig::Serial { port: port.to_owned(), line: Line::Auto },
        settings: hanport_engine::state::Settings::default(),
        keys: Keys {
            encryption: key("--key", &args.key)?,
            authentication: key("--auth-key", &args.auth_key)?,
        },
        hint: None,
        record: None,
    })
}

/// How the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Somebody asked for it.
    Asked,
    /// It is to be started again.
    Restart,
}

/// What the administrator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// The configuration is another one.
    Reload,
    /// The program is to be started again.
    Restart,
}

async fn serve(mut config: Config, file: ConfigFile, args: &Args) -> anyhow::Result<Ending> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let clock: Arc<dyn Clock> = Arc::new(System);
    let store = open_store(&config, Arc::clone(&clock))?;
    let vault = Arc::new(VaultFile::new(config.data.folder.join("credentials.json")));
    // full: a wish of the same kind is on its way, and both are the same
    let (wish, mut wishes) = mpsc::channel(8);
    let (changed, restart) = (wish.clone(), wish);
    let office = Office::new(
        file,
        config.data.folder.clone(),
        Arc::clone(&store),
        Arc::clone(&clock),
        move |_, _| {
            let _ = changed.try_send(Wish::Reload);
        },
        move || {
            let _ = restart.try_send(Wish::Restart);
        },
    );
    let administration = Some(Arc::new(office) as _);
    let world = World {
        clock,
        store: Arc::clone(&store),
        vault,
        administration,
        logged_in: LoggedIn::default(),
    };
    let mut service = Service::start(&config, &world).await?;
    announce(&service);
    hanport_host::ready();
    let watched = hanport_host::watchdog().map_or(QUIET, |every| every / 2);
    let mut alive = tokio::time::interval(watched);
    let ending = loop {
        // each may be dropped: a signal that is not taken here ends nothing else
        tokio::select! {
            _ = interrupt.recv() => break Ending::Asked,
            _ = terminate.recv() => break Ending::Asked,
            _ = alive.tick() => hanport_host::alive(&service.status()),
            Some(wish) = wishes.recv() => {
                tokio::time::sleep(ANSWER).await;
                if wish == Wish::Restart {
                    break Ending::Restart;
                }
                while wishes.try_recv().is_ok() {}
                service.end().await;
                (service, config) = renewed(config, &world, args).await?;
                announce(&service);
            }
        }
    };
    hanport_host::stopping();
    service.end().await;
    tokio::task::spawn_blocking(move || store.close()).await?;
    Ok(ending)
}

/// The service with the configuration as it is now, or as it was where that does not start.
async fn renewed(before: Config, world: &World, args: &Args) -> anyhow::Result<(Service, Config)> {
    let started = match configured(args) {
        Ok(config) => Service::start(&config, world).await.map(|service| (service, config)),
        Err(error) => Err(error),
    };
    match started {
        Ok(started) => Ok(started),
        Err(error) => {
            let error = format!("{error:#}");
            tracing::error!(error, "the new settings do not start; the old ones go on");
            Ok((Service::start(&before, world).await?, before))
        }
    }
}

fn announce(service: &Service) {
    for address in service.addresses() {
        tracing::info!(%address, "the page is served");
    }
}

/// The store in the data folder of the configuration.
pub(crate) fn open_store(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<Store>> {
    let folder = &config.data.folder;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
    let options = hanport_store::Options {
        raw_days: config.data.raw_days,
        minute_days: config.data.minute_weeks.saturating_mul(7),
        ..hanport_store::Options::default()
    };
    Ok(Arc::new(Store::open(folder.join("hanport.db"), options, clock)?))
}

/// A runtime for the service.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .context("no runtime can be had")
}

/// Writes the log to standard error, as the configuration says.
pub(crate) fn log(config: &Config) {
    let level = match config.log.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    // a second subscriber, in tests, changes nothing
    let _ = match config.log.form {
        LogForm::Json => builder.json().try_init(),
        LogForm::Text => builder.with_target(false).try_init(),
    };
}
