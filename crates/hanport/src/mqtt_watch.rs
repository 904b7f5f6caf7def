//! `hanport mqtt watch`: what is published at a broker, as anybody there sees it.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use hanport_engine::outside::Clock as _;
use hanport_engine::publish::octets::capitals;
use hanport_io::broker::{BrokerOptions, Login, Password, TlsOptions};
use hanport_io::clock::System;
use hanport_io::mqtt::{Seen, watch};
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::run::runtime;
use crate::service::broker;

/// Looks at brokers.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Watch(WatchArgs),
}

/// Shows what is published at a broker, a line a message, with what the broker had kept marked.
///
/// Takes the broker of the configuration, or one that is named here. What is wrong with the
/// connection is told in words. Ends with Ctrl-C.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport mqtt watch
  hanport mqtt watch 'hanport/#' 'homeassistant/#'
  hanport mqtt watch --host broker.lan --user me --password-file ~/.mqtt ams/#

Exit status: 0 ended as asked, 1 used wrongly, or no such broker in the configuration.")]
struct WatchArgs {
    /// What to look at; everything where left out
    #[arg(value_name = "TOPIC")]
    topics: Vec<String>,
    /// The configuration file; found by itself where left out
    #[arg(long, value_name = "FILE", conflicts_with = "host")]
    config: Option<PathBuf>,
    /// The broker of the configuration by its id; the first where left out
    #[arg(long, value_name = "ID", conflicts_with = "host")]
    broker: Option<String>,
    /// A broker that is not in the configuration: a name or an address
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Its port; 1883, with TLS 8883, where left out
    #[arg(long, value_name = "PORT", requires = "host")]
    port: Option<u16>,
    /// The user
    #[arg(long, value_name = "NAME", requires = "host")]
    user: Option<String>,
    /// A file with the password in its first line
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// Speak TLS and believe the authorities of this machine
    #[arg(long, requires = "host")]
    tls: bool,
    /// Speak TLS and believe the certificates of this file alone
    #[arg(long, value_name = "FILE", requires = "host")]
    ca: Option<PathBuf>,
    /// End after so many messages
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Command::Watch(args) = &args.command;
    let options = options(args)?;
    let mut topics = args.topics.clone();
    if topics.is_empty() {
        topics.push("#".to_owned());
    }
    runtime()?.block_on(look(&options, &topics, args.count))?;
    Ok(ExitCode::SUCCESS)
}

fn options(args: &WatchArgs) -> anyhow::Result<BrokerOptions> {
    // beside the service, which has its own name there
    let client_id = format!("hanport-watch-{}", std::process::id());
    let Some(host) = &args.host else {
        let config = config::load(args.config.as_deref())?.config;
        let wanted = args.broker.as_deref();
        let found = config.brokers.iter().find(|b| wanted.is_none_or(|id| b.id == id));
        let found = found.ok_or_else(|| match wanted {
            Some(id) => anyhow!("no broker `{id}` in the configuration"),
            None => anyhow!("no broker in the configuration; name one with --host"),
        })?;
        return Ok(BrokerOptions { client_id, ..broker::options(found) });
    };
    let mut options = BrokerOptions::new(host, client_id);
    options.port = args.port;
    if args.tls || args.ca.is_some() {
        options.tls = Some(TlsOptions { ca: args.ca.clone(), ..TlsOptions::default() });
    }
    if let Some(user) = &args.user {
        let text = match &args.password_file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?,
        };
        let password = Password(text.lines().next().unwrap_or_default().to_owned());
        options.login = Some(Login { user: user.clone(), password });
    }
    Ok(options)
}

async fn look(
    options: &BrokerOptions,
    topics: &[String],
    count: Option<u64>,
) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let mut left = count;
    let mut failed: Option<io::Error> = None;
    let token = stop.clone();
    let tell = |seen: Seen<'_>| {
        let is_message = matches!(seen, Seen::Message { .. });
        if let Err(error) = show(&seen, options) {
            failed = Some(error);
            token.cancel();
        }
        if let Some(left) = left.as_mut().filter(|_| is_message) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                token.cancel();
            }
        }
    };
    // whichever comes first; nothing is lost that anybody waits for
    tokio::select! {
        watched = watch(options, topics, tell, stop) => watched?,
        _ = tokio::signal::ctrl_c() => {}
    }
    failed.map_or(Ok(()), |error| Err(error.into()))
}

fn show(seen: &Seen<'_>, options: &BrokerOptions) -> io::Result<()> {
    match seen {
        Seen::Connected => writeln!(io::stderr(), "hanport: connected to {}", options.address()),
        Seen::Ended(trouble) => writeln!(io::stderr(), "hanport: {trouble}"),
        Seen::Message { topic, payload, retained } => {
            writeln!(io::stdout(), "{}", line(topic, payload, *retained))
        }
    }
}

fn line(topic: &str, payload: &[u8], retained: bool) -> String {
    let at = System.now().timestamp().strftime("%H:%M:%S").to_string();
    let mark = if retained { "kept" } else { "    " };
    format!("{at}Z {mark} {topic} {}", text(payload))
}

/// Text as it is, without what would upset a terminal; octets in hexadecimal.
fn text(payload: &[u8]) -> String {
    match std::str::from_utf8(payload) {
        Ok("") => "(empty)".to_owned(),
        Ok(text) => text
            .chars()
            .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
            .collect(),
        Err(_) => capitals(payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_upset_a_terminal_is_not_shown() {
        assert_eq!(text(b"{\"P\":1}"), "{\"P\":1}");
        assert_eq!(text(b"\x1b[2J"), "\u{fffd}[2J");
        assert_eq!(text(&[0x7E, 0xA0]), "7EA0");
        assert_eq!(text(b""), "(empty)");
    }
}
