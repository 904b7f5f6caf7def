//! `hanport explain`: a message annotated octet by octet.

use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use hanport_core::fault::{Cause, Fault};
use hanport_core::session::push::Options;
use hanport_engine::capture::{Capture, Notation};
use hanport_engine::explain::diagnosis::Finding;
use hanport_engine::explain::render::{self, Paint, Plain};
use hanport_engine::explain::{Explanation, Kind, Layer, Node, explain};
use hanport_io::terminal;
use serde_json::{Value, json};

use crate::keys::KeyArgs;
use crate::wrap::{ENDLESS, all_wrapped};
use crate::{advice, complain, input, json};

/// Annotates a message octet by octet, as a person would do it by hand.
///
/// Headers, checks right or wrong, the deciphered part, each element with its type, code, name
/// and value. For input that is no message at all it says what it looks like (an idle line, a
/// wrong parity or speed, a cut-off start, noise) and what to do. The input may be given in any
/// notation that decode reads.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport explain frame.hex
  hanport explain --key 000102030405060708090A0B0C0D0E0F capture.bin | less
  echo 7EA0270102... | hanport explain --format json

Colours are used on a terminal, unless NO_COLOR is set.

Exit status: 0 a message was understood, 2 none was, 1 used wrongly.")]
pub(crate) struct Args {
    /// How to show the explanation
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    keys: KeyArgs,
    /// The capture; standard input where it is left out or -
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A tree of ranges
    Json,
    /// Annotated lines
    Text,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let options = args.keys.options()?;
    let input = input::read(args.file.as_deref())?;
    let capture = Capture::recognise(&input);
    let parts = match capture.notation {
        // A text says itself what it is.
        Notation::Prose => vec![explain(&input, &options)],
        _ => parts(&capture, &options),
    };
    let understood = parts.iter().any(|part| part.readings > 0 || part.diagnosis.is_none());
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Json => writeln!(out, "{}", document(&capture, &parts))?,
        Format::Text => {
            if capture.notation != Notation::Prose
                && (capture.passed_over > 0
                    || matches!(capture.notation, Notation::Json | Notation::Log))
            {
                complain(&format!(
                    "taken for {}: {} octets, {} characters passed over",
                    capture.notation,
                    parts.iter().map(|part| part.layer.octets.len()).sum::<usize>(),
                    capture.passed_over
                ));
            }
            let paint: &dyn Paint = if wants_colour() { &Colours } else { &Plain };
            let texts: Vec<String> = parts.iter().map(|part| text(part, paint)).collect();
            out.write_all(texts.join("\n").as_bytes())?;
        }
    }
    out.flush()?;
    Ok(if understood { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// The input as one stream, or in the parts that its writer made of it where more messages are
/// read so.
fn parts(capture: &Capture, options: &Options) -> Vec<Explanation> {
    let joined = explain(&capture.octets(), options);
    if capture.chunks.len() < 2 {
        return vec![joined];
    }
    let apart: Vec<Explanation> =
        capture.chunks.iter().map(|chunk| explain(chunk, options)).collect();
    let readings: usize = apart.iter().map(|part| part.readings).sum();
    if readings > joined.readings { apart } else { vec![joined] }
}

fn text(part: &Explanation, paint: &dyn Paint) -> String {
    let mut remarks = String::new();
    let found = |fault: &&Fault| !matches!(fault.cause, Cause::NoFrame { .. });
    for fault in part.faults.iter().filter(found) {
        let advice = advice::on_fault(fault);
        let _ =
            write!(remarks, "\nAt {:04X}: {}.\n  {}\n", fault.start, advice.what, advice.remedy);
    }
    if let Some(diagnosis) = &part.diagnosis {
        let _ = write!(remarks, "\n{}", render::diagnosis(diagnosis));
    }
    let width = terminal::size().map_or(ENDLESS, |(_, columns)| columns);
    render::lines(&part.layer, paint) + &all_wrapped(&remarks, width)
}

fn wants_colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stdout().is_terminal() && !refused
}

/// The colours of a terminal.
struct Colours;

impl Paint for Colours {
    fn paint(&self, kind: Kind, text: &str, out: &mut String) {
        let colour = match kind {
            Kind::Address | Kind::Header | Kind::Length => "34",
            Kind::CheckAbsent | Kind::Text | Kind::Time => "33",
            Kind::CheckRight => "32",
            Kind::CheckWrong | Kind::Fault => "1;31",
            Kind::Cipher => "35",
            Kind::Flag | Kind::Padding | Kind::Structure => "2",
            Kind::Frame => "1",
            Kind::Obis => "36",
            Kind::Unknown => "31",
            Kind::Value => "1;33",
        };
        for part in ["\x1B[", colour, "m", text, "\x1B[0m"] {
            out.push_str(part);
        }
    }
}

/// One object for a stream, an array of them for parts.
fn document(capture: &Capture, parts: &[Explanation]) -> Value {
    let object = |part: &Explanation| {
        let findings = part
            .diagnosis
            .as_ref()
            .map(|diagnosis| diagnosis.findings.iter().map(finding).collect::<Vec<_>>());
        json!({
            "notation": capture.notation.to_string(),
            "passed_over": capture.passed_over,
            "octets": hex(&part.layer.octets),
            "nodes": nodes(&part.layer),
            "readings": part.readings,
            "faults": part.faults.iter().map(json::error).collect::<Vec<_>>(),
            "diagnosis": findings,
        })
    };
    match parts {
        [part] => object(part),
        several => several.iter().map(object).collect(),
    }
}

fn finding(finding: &Finding) -> Value {
    json!({
        "likeness": finding.likeness.word(),
        "certainty": finding.certainty,
        "seen": finding.seen,
        "remedy": finding.likeness.remedy(),
    })
}

fn nodes(layer: &Layer) -> Vec<Value> {
    layer.nodes.iter().map(node).collect()
}

fn node(node_: &Node) -> Value {
    let inner = node_.inner.as_ref().map(
        |layer| json!({ "name": layer.name, "octets": hex(&layer.octets), "nodes": nodes(layer) }),
    );
    json!({
        "start": node_.range.start,
        "end": node_.range.end,
        "kind": node_.kind.word(),
        "label": node_.label,
        "value": node_.value,
        "children": node_.children.iter().map(node).collect::<Vec<_>>(),
        "inner": inner,
    })
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().concat()
}
