//! `hanport backup` and `hanport restore`: everything in one file.
//!
//! ```text
//! backup.tar
//!   hanport-backup.json   what is in it, with lengths and SHA-256
//!   hanport.toml          the configuration, without secrets
//!   secrets.sealed        the secrets, only with a passphrase
//!   hanport.db            the history as it was at one moment
//! ```

pub(crate) mod passphrase;
pub(crate) mod restore;
mod seal;
mod tar;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, IsTerminal as _, Read, Seek as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use hanport_engine::time::UtcMillis;
use hanport_io::clock::System;
use hanport_store::Onlooker;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::complain;
use crate::config::ConfigFile;
use crate::place::{DataArgs, HISTORY};

const MANIFEST: &str = "hanport-backup.json";
const CONFIGURATION: &str = "hanport.toml";
const SECRETS: &str = "secrets.sealed";
/// The version of the archive.
const VERSION: u32 = 1;

/// Writes configuration and history into one file, while the service goes on.
///
/// Secrets (keys and passwords) are left out, unless they are asked for; then they are encrypted
/// with a passphrase. The file is an archive that `tar` can open.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport backup /media/stick/hanport.tar
  hanport backup hanport.tar --with-secrets

The passphrase is asked for on a terminal, or read from HANPORT_PASSPHRASE or a file.
Exit status: 0 done, 1 not possible.")]
pub(crate) struct Args {
    /// The file; it must not be there yet
    file: PathBuf,
    /// Put the secrets in as well, encrypted with a passphrase
    #[arg(long)]
    with_secrets: bool,
    /// Overwrite the file where it is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    passphrase: passphrase::PassphraseArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// What is in a backup.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    version: u32,
    program: String,
    made: String,
    files: Vec<Listed>,
}

/// A file in a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Listed {
    name: String,
    octets: u64,
    sha256: String,
}

/// What a backup is made of.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// The text of the configuration, without secrets.
    pub(crate) configuration: Option<String>,
    /// The secrets as their file holds them, and the passphrase to seal them with.
    pub(crate) secrets: Option<(zeroize::Zeroizing<String>, zeroize::Zeroizing<String>)>,
    /// A copy of the history that nobody writes to.
    pub(crate) history: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let place = args.data.place()?;
    if args.file.exists() && !args.force {
        bail!("{} is there already; --force overwrites it", args.file.display());
    }
    let file = ConfigFile::find(args.data.config.as_deref());
    let passphrase = args.with_secrets.then(|| args.passphrase.new_one()).transpose()?;
    let mut content = Content::default();
    if file.path().exists() {
        let (text, secrets) = file.apart()?;
        content.configuration = Some(text);
        content.secrets = passphrase.map(|passphrase| (secrets, passphrase));
    } else if passphrase.is_some() {
        bail!("there is no configuration, and so there are no secrets");
    }
    let copy = beside(&args.file, ".history");
    if place.history().exists() {
        copy_history(&place.history(), &copy)?;
        content.history = Some(copy.clone());
    }
    if content.configuration.is_none() && content.history.is_none() {
        bail!("there is neither a configuration nor a history");
    }
    let now = hanport_engine::outside::Clock::now(&System);
    let part = beside(&args.file, ".part");
    let made = whole(&part, &args.file, |out| write(&content, now, out));
    if content.history.is_some() {
        let _ = fs::remove_file(&copy);
    }
    made.with_context(|| format!("{} cannot be written", args.file.display()))?;
    complain(&summary(&args.file, &content));
    Ok(ExitCode::SUCCESS)
}

fn summary(file: &Path, content: &Content) -> String {
    let size = fs::metadata(file).map_or(0, |metadata| metadata.len());
    let parts = [
        (content.configuration.is_some(), "configuration"),
        (content.secrets.is_some(), "secrets (sealed)"),
        (content.history.is_some(), "history"),
    ];
    let parts: Vec<&str> = parts.iter().filter(|(is, _)| *is).map(|(_, part)| *part).collect();
    format!("{} in {}: {size} octets", parts.join(", "), file.display())
}

/// A file beside another one.
fn beside(path: &Path, after: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(after);
    PathBuf::from(name)
}

fn copy_history(from: &Path, to: &Path) -> anyhow::Result<()> {
    let bar = if io::stderr().is_terminal() { ProgressBar::new(1) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent} % of the history copied")
    {
        bar.set_style(style);
    }
    let history = Onlooker::open(from)?;
    let copied = history.backup(to, |done, all| {
        bar.set_length(all.max(1));
        bar.set_position(done);
    });
    bar.finish_and_clear();
    Ok(copied?)
}

/// Writes a file that appears when it is whole, and that only its owner may read.
fn whole(
    part: &Path,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let work = || -> anyhow::Result<()> {
        let _ = fs::remove_file(part);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(fs::rename(part, path)?)
    };
    work().inspect_err(|_| {
        let _ = fs::remove_file(part);
    })
}

/// Writes a backup.
pub(crate) fn write(content: &Content, now: UtcMillis, out: &mut dyn Write) -> anyhow::Result<()> {
    let sealed = content.secrets.as_ref().map(|(text, passphrase)| seal::seal(text, passphrase));
    let sealed = sealed.transpose()?;
    let mut history = content.history.as_ref().map(File::open).transpose()?;
    let mut files = Vec::new();
    let texts = [(CONFIGURATION, &content.configuration), (SECRETS, &sealed)];
    for (name, text) in texts {
        if let Some(text) = text {
            files.push(listed(name, &mut text.as_bytes())?);
        }
    }
    if let Some(file) = &mut history {
        files.push(listed(HISTORY, &mut BufReader::new(&mut *file))?);
        file.rewind()?;
    }
    let manifest = Manifest {
        version: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made: now.to_string(),
        files: files.clone(),
    };
    let manifest = serde_json::to_string_pretty(&manifest)?;
    let mut archive = tar::Writer::new(out, u64::try_from(now.seconds()).unwrap_or(0));
    archive.put(MANIFEST, u64::try_from(manifest.len())?, &mut manifest.as_bytes())?;
    for file in &files {
        let text = texts.iter().find(|(name, _)| *name == file.name);
        match (text.and_then(|(_, text)| text.as_ref()), &mut history) {
            (Some(text), _) => archive.put(&file.name, file.octets, &mut text.as_bytes())?,
            (None, Some(history)) => archive.put(&file.name, file.octets, history)?,
            (None, None) => {}
        }
    }
    archive.finish()?;
    out.flush()?;
    Ok(())
}

fn listed(name: &str, content: &mut dyn Read) -> io::Result<Listed> {
    let mut digest = Digested { digest: Sha256::new(), octets: 0, out: io::sink() };
    io::copy(content, &mut digest)?;
    Ok(digest.listed(name))
}

/// Counts and hashes what is written through it.
struct Digested<W> {
    digest: Sha256,
    octets: u64,
    out: W,
}

impl<W> Digested<W> {
    fn listed(self, name: &str) -> Listed {
        use core::fmt::Write as _;
        let sha256 = self.digest.finalize().iter().fold(String::new(), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        });
        Listed { name: name.to_owned(), octets: self.octets, sha256 }
    }
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.out.write(octets)?;
        self.digest.update(octets.get(..written).unwrap_or_default());
        self.octets += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
