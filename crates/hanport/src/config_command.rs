//! `hanport config`: writes, checks, shows and changes the configuration.

use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use hanport_io::clock;
use jiff::Timestamp;
use serde_json::Value;

use crate::complain;
use crate::config::{self, Change, ConfigFile};

/// Writes, checks, shows and changes the configuration.
///
/// It is the file named by --config or `HANPORT_CONFIG`, else hanport.toml in the working folder,
/// in ~/.config/hanport or in /etc/hanport. Without one, the defaults hold.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport config init                          a file with every setting and its default
  hanport config check                         what is wrong with the file, all of it
  hanport config show                          what holds
  hanport config set site.zone=Europe/Oslo
  hanport config set meter.main.source.kind=tcp meter.main.source.connect=192.168.1.20:2000
  hanport config set meter.main.encryption_key=-    reads the key from standard input

Exit status: 0 done, 1 mistakes or not possible.")]
pub(crate) struct Args {
    /// The file
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Explains every mistake in a file: where, what, and what would be right
    Check {
        /// The file, instead of the one that is found
        file: Option<PathBuf>,
    },
    /// Writes a file with every setting, its meaning and its default
    Init {
        /// Write it also where there is one; that one is kept under another name
        #[arg(long)]
        force: bool,
    },
    /// Shows which files and folders are used
    Path,
    /// Prints the page of the documentation that lists all settings
    #[command(hide = true)]
    Reference,
    /// Changes settings, all or none; the file keeps its comments
    Set {
        /// Which and to what; - for one value reads it from standard input, for secrets
        #[arg(value_name = "PATH=VALUE", required = true)]
        settings: Vec<String>,
    },
    /// Shows what holds, defaults included; secrets are not shown
    Show {
        /// How
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Takes a setting back to its default, or takes a meter or broker away
    Unset {
        /// Which: site.zone, meter.main
        path: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object
    Json,
    /// One setting a line
    Text,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let named = args.config.as_deref();
    match &args.command {
        Command::Check { file } => check(file.as_deref().or(named)),
        Command::Init { force } => init(named, *force),
        Command::Path => paths(named),
        Command::Reference => {
            io::stdout().write_all(config::reference().as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Set { settings } => {
            let mut patch = serde_json::Map::new();
            for setting in settings {
                let Some((path, value)) = setting.split_once('=') else {
                    bail!("`{setting}` has no value; write it as site.zone=Europe/Oslo");
                };
                let path = path.trim();
                patch.insert(path.to_owned(), config::typed(path, &read(value.trim())?));
            }
            Ok(changed(ConfigFile::find(named).change(&Value::Object(patch), now()?)))
        }
        Command::Show { format } => show(named, *format),
        Command::Unset { path } => Ok(changed(ConfigFile::find(named).remove(path, now()?))),
    }
}

/// The time, for the names of files.
fn now() -> anyhow::Result<Timestamp> {
    let since = clock::since_1970().context("the clock of this machine is wrong")?;
    Ok(Timestamp::from_second(i64::try_from(since.as_secs())?)?)
}

fn read(value: &str) -> anyhow::Result<String> {
    if value != "-" {
        return Ok(value.to_owned());
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn check(named: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let (file, reports) = match config::load(named) {
        Ok(loaded) => (loaded.file, loaded.warnings),
        Err(unusable) => (None, unusable.0),
    };
    for report in &reports {
        writeln!(out, "{report}\n")?;
    }
    let errors: usize = reports.iter().map(config::Report::errors).sum();
    let all: usize = reports.iter().map(|report| report.mistakes.len()).sum();
    let count = |number: usize, word: &str| match number {
        1 => format!("1 {word}"),
        number => format!("{number} {word}s"),
    };
    if errors > 0 {
        let warnings = match all - errors {
            0 => String::new(),
            warnings => format!(", {}", count(warnings, "warning")),
        };
        writeln!(out, "{}{warnings}", count(errors, "mistake"))?;
        return Ok(ExitCode::from(1));
    }
    let file = file.map_or_else(
        || "there is no file: the defaults hold".to_owned(),
        |file| format!("{}: no mistakes", file.display()),
    );
    match all {
        0 => writeln!(out, "{file}")?,
        warnings => writeln!(out, "{file}, {}", count(warnings, "warning"))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn init(named: Option<&Path>, force: bool) -> anyhow::Result<ExitCode> {
    let path = config::write_default(named, force, now()?)?;
    writeln!(io::stdout(), "{}", path.display())?;
    Ok(ExitCode::SUCCESS)
}

fn paths(named: Option<&Path>) -> anyhow::Result<ExitCode> {
    let file = ConfigFile::find(named);
    let note = |path: &Path| if path.exists() { "" } else { " (not there)" };
    let mut out = io::stdout().lock();
    let (path, secrets) = (file.path(), file.secrets());
    writeln!(out, "configuration  {}{}", path.display(), note(path))?;
    writeln!(out, "secrets        {}{}", secrets.display(), note(&secrets))?;
    match file.look().config {
        Some(config) => {
            let folder = &config.data.folder;
            writeln!(out, "data           {}{}", folder.display(), note(folder))?;
        }
        None => writeln!(out, "data           not known: the configuration has mistakes")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show(named: Option<&Path>, format: Format) -> anyhow::Result<ExitCode> {
    let file = ConfigFile::find(named);
    if named.is_some() && !file.path().exists() {
        bail!("{} is not there", file.path().display());
    }
    let values = file.values()?;
    let mut out = io::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&values)?)?,
        Format::Text => lines(&mut out, "", &values)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// One setting a line, with the path that `config set` takes.
fn lines(out: &mut impl io::Write, path: &str, value: &Value) -> io::Result<()> {
    let below = |name: &str| {
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    match value {
        Value::Object(values) => {
            values.iter().try_for_each(|(name, value)| lines(out, &below(name), value))
        }
        Value::Array(parts) if parts.iter().any(Value::is_object) => {
            parts.iter().enumerate().try_for_each(|(at, part)| {
                let number = (at + 1).to_string();
                let name = part.get("id").and_then(Value::as_str).unwrap_or(&number);
                lines(out, &below(name), part)
            })
        }
        value => writeln!(out, "{path} = {value}"),
    }
}

fn changed(change: Result<Change, Vec<config::Mistake>>) -> ExitCode {
    match change {
        Ok(Change { applied, .. }) => {
            for problem in &applied.warnings {
                let remedy = match problem.remedy.as_str() {
                    "" => String::new(),
                    remedy => format!(" ({remedy})"),
                };
                complain(&format!("warning: {}: {}{remedy}", problem.path, problem.message));
            }
            match applied.changed.as_slice() {
                [] => complain("nothing is different"),
                changed => complain(&format!("changed: {}", changed.join(", "))),
            }
            ExitCode::SUCCESS
        }
        Err(mistakes) => {
            for mistake in mistakes {
                complain(&mistake.line());
            }
            ExitCode::from(1)
        }
    }
}
