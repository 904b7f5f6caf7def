//! The way back: a backup is taken out, checked through, and only then put into place.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use hanport_engine::outside::Clock as _;
use hanport_engine::time::UtcMillis;
use hanport_io::clock::System;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{CONFIGURATION, Digested, Listed, MANIFEST, Manifest, SECRETS, VERSION, seal, tar};
use crate::complain;
use crate::config::ConfigFile;
use crate::lock::Lock;
use crate::place::{DataArgs, HISTORY};

/// Where a backup lies that takes the place of what is there at the next start.
const PENDING: &str = "restore";
/// The opened secrets of a backup that waits.
const OPENED: &str = "secrets.toml";
/// Manifests, configurations and sealed secrets are no larger.
const LARGEST_TEXT: u64 = 4 << 20;

/// Puts the configuration and the history of a backup into place.
///
/// The backup is checked through before anything is touched. What is there is never overwritten:
/// without --force nothing is done where there is something, with it that is kept under another
/// name. The service must not run.
#[derive(clap::Args)]
#[command(after_help = "Exit status: 0 done, 1 not possible.")]
pub(crate) struct Args {
    /// The backup
    file: PathBuf,
    /// Put it in the place of what is there, which is kept under another name
    #[arg(long)]
    force: bool,
    /// Only check the backup, and say what is in it
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    passphrase: super::passphrase::PassphraseArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// A backup, taken out into a folder and checked.
#[derive(Debug)]
pub(crate) struct Taken {
    folder: PathBuf,
    made: String,
    meters: Vec<String>,
    /// The files of it that are to be used.
    files: Vec<&'static str>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let file = ConfigFile::find(args.data.config.as_deref());
    // a configuration that is damaged is no reason not to restore one
    let folder = match (&args.data.data, file.look().config) {
        (Some(folder), _) => folder.clone(),
        (None, Some(config)) => config.data.folder,
        (None, None) => bail!(
            "the configuration has mistakes, so the data folder is not known: name it with --data, \
             or put {} aside",
            file.path().display()
        ),
    };
    let lock = Lock::take(&folder)?;
    let input = File::open(&args.file)
        .with_context(|| format!("{} cannot be read", args.file.display()))?;
    let temporary = folder.join(format!("restore-{}", std::process::id()));
    let work = || -> anyhow::Result<()> {
        let mut taken = take_out(&mut BufReader::new(input), &temporary)
            .with_context(|| format!("{} cannot be used", args.file.display()))?;
        complain(&taken.summary());
        if args.check {
            return Ok(());
        }
        if taken.has(SECRETS) {
            match args.passphrase.known_one()? {
                Some(passphrase) => taken.open(&passphrase)?,
                None => complain("without the passphrase the secrets in it are left out"),
            }
        }
        put(&taken, &file, &folder, args.force, System.now())
    };
    let done = work();
    let _ = fs::remove_dir_all(&temporary);
    drop(lock);
    done.map(|()| ExitCode::SUCCESS)
}

impl Taken {
    fn has(&self, name: &str) -> bool {
        self.files.contains(&name)
    }

    fn summary(&self) -> String {
        let configuration =
            if self.has(CONFIGURATION) { "a configuration" } else { "no configuration" };
        let secrets = if self.has(SECRETS) { "sealed secrets" } else { "no secrets" };
        let history = match self.meters.as_slice() {
            _ if !self.has(HISTORY) => "no history".to_owned(),
            [] => "an empty history".to_owned(),
            meters => format!("the history of {}", meters.join(", ")),
        };
        format!("the backup of {} is whole: {configuration}, {secrets}, {history}", self.made)
    }

    /// Opens the secrets.
    pub(crate) fn open(&mut self, passphrase: &str) -> anyhow::Result<()> {
        let sealed = fs::read_to_string(self.folder.join(SECRETS))?;
        let text = seal::open(&sealed, passphrase)?;
        let path = self.folder.join(OPENED);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        self.files.push(OPENED);
        Ok(())
    }

    /// Leaves parts out.
    pub(crate) fn keep_only(&mut self, configuration: bool, history: bool) {
        self.files.retain(|name| match *name {
            CONFIGURATION => configuration,
            HISTORY => history,
            _ => true,
        });
    }

    /// Makes it wait for the next start.
    pub(crate) fn wait(self, folder: &Path) -> anyhow::Result<()> {
        let pending = folder.join(PENDING);
        let _ = fs::remove_dir_all(&pending);
        for name in [CONFIGURATION, HISTORY].into_iter().filter(|name| !self.has(name)) {
            let _ = fs::remove_file(self.folder.join(name));
        }
        fs::rename(&self.folder, &pending)?;
        Ok(())
    }
}

/// Puts a backup into place that waits for this start; whether there was one. To be called
/// before the history is opened, by who holds the lock of the data folder.
pub(crate) fn finish(file: &ConfigFile, folder: &Path) -> anyhow::Result<bool> {
    let pending = folder.join(PENDING);
    if !pending.is_dir() {
        return Ok(false);
    }
    let mut files = vec![CONFIGURATION, OPENED, HISTORY];
    files.retain(|name| pending.join(name).exists());
    let taken = Taken { folder: pending.clone(), made: String::new(), meters: Vec::new(), files };
    put(&taken, file, folder, true, System.now())?;
    fs::remove_dir_all(&pending)?;
    Ok(true)
}

/// Takes a backup out into a folder of its own, and checks everything in it.
pub(crate) fn take_out(input: &mut dyn Read, folder: &Path) -> anyhow::Result<Taken> {
    let _ = fs::remove_dir_all(folder);
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut archive = tar::Reader::new(input);
    let manifest = match archive.next()? {
        Some(entry) if entry.name == MANIFEST && entry.size <= LARGEST_TEXT => {
            let mut text = Vec::new();
            archive.content(&entry, &mut text)?;
            serde_json::from_slice::<Manifest>(&text)
                .map_err(|_| anyhow!("its list of content is damaged"))?
        }
        _ => bail!("it is no backup of hanport"),
    };
    if manifest.version > VERSION {
        bail!("it was made by a newer version of hanport ({})", manifest.program);
    }
    let known = |name: &str| [CONFIGURATION, SECRETS, HISTORY].contains(&name);
    let mut found: Vec<Listed> = Vec::new();
    while let Some(entry) = archive.next()? {
        if !known(&entry.name) || (entry.name != HISTORY && entry.size > LARGEST_TEXT) {
            bail!("there is something in it that does not belong there: {}", entry.name);
        }
        let path = folder.join(&entry.name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let mut out = Digested { digest: Sha256::new(), octets: 0, out: BufWriter::new(file) };
        archive.content(&entry, &mut out)?;
        out.flush()?;
        out.out.get_ref().sync_all()?;
        found.push(out.listed(&entry.name));
    }
    for listed in &manifest.files {
        let there = found.iter().find(|found| found.name == listed.name);
        let there = there.ok_or_else(|| anyhow!("{} is missing in it", listed.name))?;
        if there.sha256 != listed.sha256 || there.octets != listed.octets {
            bail!("{} in it is damaged", listed.name);
        }
    }
    if found.len() != manifest.files.len() {
        bail!("there is more in it than it says");
    }
    let mut files = vec![CONFIGURATION, SECRETS, HISTORY];
    files.retain(|name| found.iter().any(|found| found.name == *name));
    let mut meters = Vec::new();
    if files.contains(&HISTORY) {
        meters = hanport_store::verify(&folder.join(HISTORY))?.meters;
    }
    Ok(Taken { folder: folder.to_owned(), made: manifest.made, meters, files })
}

/// Puts what was taken out into place.
fn put(
    taken: &Taken,
    file: &ConfigFile,
    folder: &Path,
    force: bool,
    now: UtcMillis,
) -> anyhow::Result<()> {
    let history = folder.join(HISTORY);
    let in_the_way: Vec<String> = [
        (taken.has(HISTORY), history.clone()),
        (taken.has(CONFIGURATION), file.path().to_owned()),
        (taken.has(OPENED), file.secrets()),
    ]
    .into_iter()
    .filter(|(is, path)| *is && path.exists())
    .map(|(_, path)| path.display().to_string())
    .collect();
    if !force && !in_the_way.is_empty() {
        bail!(
            "there is something already: {}; --force keeps it under another name",
            in_the_way.join(", ")
        );
    }
    if taken.has(HISTORY) {
        let aside = hanport_store::restore(&taken.folder.join(HISTORY), &history, now)?;
        told(&history, aside.as_deref());
    }
    if taken.has(CONFIGURATION) || taken.has(OPENED) {
        let read = |name: &str| -> anyhow::Result<Option<Zeroizing<String>>> {
            let is = taken.has(name);
            let text = is.then(|| fs::read_to_string(taken.folder.join(name))).transpose()?;
            Ok(text.map(Zeroizing::new))
        };
        let configuration = read(CONFIGURATION)?;
        let secrets = read(OPENED)?;
        let put = file.put_back(
            configuration.as_ref().map(|text| text.as_str()),
            secrets.as_ref().map(|text| text.as_str()),
            now.timestamp(),
        )?;
        for (path, aside) in put {
            told(&path, aside.as_deref());
        }
    }
    Ok(())
}

fn told(path: &Path, aside: Option<&Path>) {
    match aside {
        None => complain(&format!("{} is in its place", path.display())),
        Some(aside) => complain(&format!(
            "{} is in its place; what was there is {}",
            path.display(),
            aside.display()
        )),
    }
}
