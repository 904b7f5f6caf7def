//! Running a step: its name before, its time after, and what to do when it fails.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::closing::Closing;

/// Why the work ends before its end.
#[derive(Debug)]
pub(crate) struct Stop {
    step: String,
    why: String,
    advice: String,
    closing: Vec<String>,
}

impl Stop {
    /// A step failed.
    pub(crate) fn failed(step: &str, why: impl Into<String>, advice: &str) -> Self {
        let (step, advice) = (step.to_owned(), advice.to_owned());
        Self { step, why: why.into(), advice, closing: Vec::new() }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(why: String) -> Self {
        Self { step: String::new(), why, advice: String::new(), closing: Vec::new() }
    }

    /// Says it to the user; the closing lines of the test runners come last.
    pub(crate) fn tell(&self) {
        if self.step.is_empty() {
            eprintln!("{}", self.why);
        } else {
            eprintln!("\nStopped at `{}`: {}", self.step, self.why);
            eprintln!("What to do: {}", self.advice);
        }
        // both streams often end in one file: keep the order
        let _ = std::io::stderr().flush();
        for line in &self.closing {
            println!("{line}");
        }
    }
}

/// The steps of one command, and what the test runners said at their ends.
#[derive(Debug)]
pub(crate) struct Steps {
    started: Instant,
    closing: Closing,
    times: Vec<(String, Duration)>,
    skipped: Vec<String>,
}

impl Steps {
    /// Nothing done yet.
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            closing: Closing::default(),
            times: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Runs `work` as the step `name`. `advice` says what to do when it fails.
    pub(crate) fn step(
        &mut self,
        name: &str,
        advice: &str,
        work: impl FnOnce(&mut Closing) -> Result<(), String>,
    ) -> Result<(), Stop> {
        println!("\n== {name}");
        let begin = Instant::now();
        let outcome = work(&mut self.closing);
        let took = begin.elapsed();
        self.times.push((name.to_owned(), took));
        match outcome {
            Ok(()) => {
                println!("== {name}: fine ({})", seconds(took));
                Ok(())
            }
            Err(why) => {
                let mut stop = Stop::failed(name, why, advice);
                stop.closing = self.closing.lines();
                Err(stop)
            }
        }
    }

    /// Says that a step is left out, and why.
    pub(crate) fn skip(&mut self, name: &str, why: &str) {
        println!("\n== {name}: skipped, {why}");
        self.skipped.push(format!("{name}: {why}"));
    }

    /// The table of times, what was skipped, and the closing lines.
    pub(crate) fn finish(self) {
        println!("\n== all steps ({})", seconds(self.started.elapsed()));
        for (name, took) in &self.times {
            println!("{:>9}  {name}", seconds(*took));
        }
        for line in &self.skipped {
            println!("  skipped  {line}");
        }
        for line in self.closing.lines() {
            println!("{line}");
        }
    }
}

/// A duration as people read it.
fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."))
}

/// The folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program to be started at the root of the repository.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).args(arguments);
    command
}

/// The cargo that started us, at the root of the repository.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), arguments)
}

/// Whether a command can be started and ends well; its output is thrown away.
pub(crate) fn answers(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a command to its end with the output where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` gave {status}", shown(command))) }
}

/// Runs a command and gives what it wrote to its standard output; the rest goes where ours goes.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let done = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| cannot_start(command, &error))?;
    if !done.status.success() {
        return Err(format!("`{}` gave {}", shown(command), done.status));
    }
    String::from_utf8(done.stdout).map_err(|error| error.to_string())
}

/// Runs a command, passing on every line of its output as it comes, and shows each to `watch`.
pub(crate) fn watched(command: &mut Command, mut watch: impl FnMut(&str)) -> Result<(), String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| cannot_start(command, &error))?;
    // bounded: a runner that writes faster than we print has to wait
    let (sender, receiver) = mpsc::sync_channel(64);
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for stream in streams.into_iter().flatten() {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
    }
    drop(sender);
    for line in receiver {
        println!("{line}");
        watch(&line);
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("`{}` gave {status}", shown(command))) }
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` cannot be started: {error}", shown(command))
}

/// A command as one would type it.
fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_named_with_its_arguments() {
        let why = run(&mut program("sh", &["-c", "exit 3"])).unwrap_err();
        assert!(why.contains("sh -c exit 3"), "{why}");
        assert!(why.contains('3'), "{why}");
    }

    #[test]
    fn both_streams_are_watched() {
        let mut seen = Vec::new();
        let mut command = program("sh", &["-c", "echo out; echo err >&2"]);
        watched(&mut command, |line| seen.push(line.to_owned())).unwrap();
        seen.sort();
        assert_eq!(seen, ["err", "out"]);
    }

    #[test]
    fn a_program_that_is_not_there_does_not_answer() {
        assert!(!answers(&mut program("no-program-has-this-name", &[])));
    }

    #[test]
    fn a_failing_step_ends_the_work_and_keeps_the_closing_lines() {
        let mut steps = Steps::new();
        let stop = steps
            .step("tests", "read them", |closing| {
                closing.watch("test result: FAILED. 2 passed; 1 failed; 0 ignored");
                Err("one failed".to_owned())
            })
            .unwrap_err();
        assert_eq!(stop.closing.last().map(String::as_str), Some("2 passed, 1 failed"));
    }
}
