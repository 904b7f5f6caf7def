//! Messages for people: who speaks and when, then the values in groups, a column a phase.

use std::fmt::Write as _;

use hanport_core::datetime::DateTime;
use hanport_core::fault::Fault;
use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Phase, Quantity};
use hanport_core::reading::{Authenticity, Framing};
use hanport_core::unit::Unit;

use crate::advice;
use crate::message::{Content, Entry, Message, Meter, Outcome};
use crate::others::{content_text, others};
use crate::wrap::all_wrapped;

/// One message in rows of at most `width` characters, a line feed at the end of each.
pub(crate) fn text(message: &Message, width: usize) -> String {
    let mut text = header(message, width);
    match &message.outcome {
        Outcome::Fault(fault) => text.push_str(&all_wrapped(&fault_text(fault), width)),
        Outcome::Reading(entries) => {
            text.push_str(&values(entries, &[], &said(message), width));
            for (_, sentence) in advice::oddities(message.oddities) {
                text.push_str(&all_wrapped(&format!("  Note: {sentence}."), width));
            }
        }
    }
    text
}

/// The values in groups. A note stands behind the value of the same index, where there is one;
/// texts that are `said` already are left out.
pub(crate) fn values(entries: &[Entry], notes: &[String], said: &[String], width: usize) -> String {
    let places = placed(entries);
    let note = |at: usize| notes.get(at).map_or("", String::as_str);
    let rest: Vec<(&Entry, &str)> = (entries.iter().zip(places).enumerate())
        .filter(|(_, (entry, place))| place.is_none() && !said.contains(&content_text(entry)))
        .map(|(at, (entry, _))| (entry, note(at)))
        .collect();
    matrix(entries, notes, width) + &others(&rest, width)
}

/// What the header of a message says, so that it need not be said again.
pub(crate) fn said(message: &Message) -> Vec<String> {
    let Meter { model, id, list_id, .. } = &message.meter;
    let times = [message.time, message.energy_time].into_iter().flatten();
    let texts = [model, id, list_id].into_iter().flatten().cloned();
    texts.chain(times.map(for_people_time)).collect()
}

/// Date and time with a blank between them.
pub(crate) fn for_people_time(time: DateTime) -> String {
    time.to_string().replace('T', " ")
}

/// Who speaks, when, and how.
pub(crate) fn header(message: &Message, width: usize) -> String {
    let meter = &message.meter;
    let mut who = Vec::new();
    if let Some(maker) = meter.manufacturer {
        who.push(maker.name().to_owned());
    }
    who.extend(meter.model.clone());
    if let Some(name) = &meter.model_name {
        who.push(format!("({name})"));
    }
    if who.is_empty() {
        let unnamed = match message.outcome {
            Outcome::Reading(_) if meter.id.is_none() => "Meter that does not say its name",
            Outcome::Fault(_) if meter.id.is_none() => "Unread message",
            Outcome::Fault(_) | Outcome::Reading(_) => "Meter",
        };
        who.push(unnamed.to_owned());
    }
    let mut line = who.join(" ");
    if let Some(id) = &meter.id {
        let _ = write!(line, ", number {id}");
    }
    let mut how = Vec::new();
    if let Some(time) = message.time {
        how.push(for_people_time(time));
    }
    if let Some(time) = message.energy_time.filter(|time| Some(*time) != message.time) {
        how.push(format!("registers of {}", for_people_time(time)));
    }
    how.extend(meter.list_id.as_ref().map(|list| format!("list {list}")));
    how.extend(message.framing.map(|framing| framing_text(framing).to_owned()));
    how.extend(sealing(message));
    let how = how.join(", ");
    all_wrapped(&format!("{line}\n{how}"), width)
}

const fn framing_text(framing: Framing) -> &'static str {
    match framing {
        Framing::Dlms => "DLMS without frame",
        Framing::Dsmr => "text telegram",
        Framing::Gbt => "HDLC with block transfer",
        Framing::Hdlc => "HDLC",
        Framing::Mbus => "M-Bus",
        Framing::Sml => "SML",
    }
}

fn sealing(message: &Message) -> Option<String> {
    let title = message.meter.system_title.map(advice::title_text);
    let by = title.map(|title| format!(" by {title}")).unwrap_or_default();
    match (message.encrypted, message.authenticity) {
        (Some(false), _) => Some("not encrypted".to_owned()),
        (_, Some(Authenticity::Verified)) => Some(format!("encrypted{by}, sender verified")),
        (_, Some(Authenticity::Unverified)) => Some(format!("encrypted{by}, sender not verified")),
        (Some(true), _) => Some(format!("encrypted{by}")),
        (None, _) => None,
    }
}

fn fault_text(fault: &Fault) -> String {
    let advice = advice::on_fault(fault);
    format!("  No reading: {}.\n  {}\n", advice.what, advice.remedy)
}

/// A cell of the matrix, cut at the decimal point.
#[derive(Default)]
struct Cell {
    whole: String,
    fraction: String,
    unit: String,
}

struct Row {
    group: Group,
    unit: Unit,
    label: String,
    cells: [Option<Cell>; 4],
    note: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Power,
    Energy,
    Line,
}

const GROUPS: [(Group, &str); 3] =
    [(Group::Power, "Power"), (Group::Energy, "Energy"), (Group::Line, "Voltage and current")];

const COLUMNS: [(&str, Phase); 4] =
    [("total", Phase::All), ("L1", Phase::L1), ("L2", Phase::L2), ("L3", Phase::L3)];

/// Widths of the parts of a cell.
#[derive(Clone, Copy, Default)]
struct Widths {
    whole: usize,
    fraction: usize,
    unit: usize,
}

impl Widths {
    /// Of one column in some rows.
    fn of<'a>(rows: impl Iterator<Item = &'a Row>, column: usize) -> Self {
        let cells = rows.filter_map(|row| row.cells.get(column)?.as_ref());
        cells.fold(Self::default(), |widths, cell| Self {
            whole: widths.whole.max(cell.whole.len()),
            fraction: widths.fraction.max(cell.fraction.len()),
            unit: widths.unit.max(cell.unit.len()),
        })
    }

    const fn total(self) -> usize {
        match self {
            Self { whole: 0, .. } => 0,
            Self { whole, fraction, unit } => whole + fraction + unit + 1,
        }
    }
}

/// The values that have a place in it, a row for each quantity and a column for each phase.
/// Decimal points stand below each other where the units are alike.
///
/// Where that is too wide for the terminal, each phase has a row.
fn matrix(entries: &[Entry], notes: &[String], width: usize) -> String {
    let wide = arranged(&rows(entries, notes, false));
    if wide.lines().all(|line| line.len() <= width) {
        return wide;
    }
    all_wrapped(&arranged(&rows(entries, notes, true)), width)
}

fn arranged(rows: &[Row]) -> String {
    let in_group = |group| rows.iter().filter(move |row: &&Row| row.group == group);
    let alike = |row: &Row| {
        let unit = row.unit;
        let group = row.group;
        move |other: &&Row| other.group == group && (group != Group::Line || other.unit == unit)
    };
    let widths =
        |row: &Row| [0, 1, 2, 3].map(|column| Widths::of(rows.iter().filter(alike(row)), column));
    let columns = [0, 1, 2, 3].map(|column: usize| {
        let all = rows.iter().filter_map(|row| widths(row).get(column).copied());
        all.map(Widths::total).max().unwrap_or(0)
    });
    let labels = rows.iter().map(|row| row.label.len()).max().unwrap_or(0).max(17);
    let mut text = String::new();
    for (group, name) in GROUPS {
        if in_group(group).next().is_none() {
            continue;
        }
        let mut line = format!("  {name:<0$}", labels + 2);
        if text.is_empty() && columns.iter().skip(1).any(|width| *width > 0) {
            line.push_str(&titles(columns));
        }
        let _ = writeln!(text, "{}", line.trim_end());
        for row in in_group(group) {
            let cells: String = (row.cells.iter().zip(widths(row)).zip(columns))
                .map(|((cell, widths), column)| cell_text(cell.as_ref(), widths, column))
                .collect();
            let line = format!("    {:<labels$}{cells}  {}", row.label, row.note);
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text
}

fn titles(columns: [usize; 4]) -> String {
    let shown = COLUMNS.iter().zip(columns).filter(|(_, width)| *width > 0);
    let words: Vec<String> =
        shown.map(|((title, _), width)| format!("  {title:>width$}")).collect();
    words.concat()
}

fn cell_text(cell: Option<&Cell>, widths: Widths, column: usize) -> String {
    let Widths { whole, fraction, unit } = widths;
    let text = match cell {
        _ if column == 0 => return String::new(),
        Some(cell) => {
            format!("{:>whole$}{:<fraction$} {:<unit$}", cell.whole, cell.fraction, cell.unit)
        }
        None => String::new(),
    };
    format!("  {text:>column$}")
}

/// One row a quantity, or, if `narrow`, one a quantity and phase.
fn rows(entries: &[Entry], notes: &[String], narrow: bool) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (at, place) in placed(entries).into_iter().enumerate() {
        let Some((entry, quantity, number, group)) = place else {
            continue;
        };
        let label = if narrow { label_with_phase(quantity) } else { label(quantity) };
        let column = COLUMNS.iter().position(|column| narrow || column.1 == quantity.phase);
        let row = rows.iter().position(|row| row.group == group && row.label == label);
        let row = row.unwrap_or_else(|| {
            let note = notes.get(at).cloned().unwrap_or_default();
            rows.push(Row {
                group,
                unit: quantity.unit(),
                label,
                cells: [None, None, None, None],
                note,
            });
            rows.len() - 1
        });
        let place = column.and_then(|column| rows.get_mut(row)?.cells.get_mut(column));
        if let Some(place @ None) = place {
            *place = Some(cell(number, unit_of(entry)));
        }
    }
    rows
}

/// For each entry its place in the matrix, if it has one: the first number of each quantity that
/// has no time of its own.
fn placed(entries: &[Entry]) -> Vec<Option<(&Entry, Quantity, Number, Group)>> {
    let mut seen = Vec::new();
    let place = |entry| match entry {
        &Entry {
            quantity: Some(quantity), content: Content::Number(number, _), at: None, ..
        } if !seen.contains(&quantity) => {
            let group = group_of(quantity)?;
            seen.push(quantity);
            Some((entry, quantity, number, group))
        }
        _ => None,
    };
    entries.iter().map(place).collect()
}

const fn unit_of(entry: &Entry) -> Unit {
    match entry.content {
        Content::Number(_, unit) => unit,
        Content::Text { .. } | Content::Time(_) => Unit::Count,
    }
}

/// The place of a quantity; what is rather looked up than watched has none.
const fn group_of(quantity: Quantity) -> Option<Group> {
    use Measure as M;
    match quantity.measure {
        M::ActiveExportDemand
        | M::ActiveExportDemandLast
        | M::ActiveExportDemandMax
        | M::ActiveImportDemand
        | M::ActiveImportDemandLast
        | M::ActiveImportDemandMax
        | M::ReactiveExportDemandMax
        | M::ReactiveImportDemandMax
        | M::FuseThreshold
        | M::PowerLimit
        | M::PowerLimiter
        | M::VoltageSagDepth
        | M::VoltageSwellHeight => return None,
        _ => {}
    }
    match quantity.unit() {
        Unit::Watt | Unit::Var | Unit::VoltAmpere => Some(Group::Power),
        Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour => Some(Group::Energy),
        Unit::Volt | Unit::Ampere | Unit::Hertz | Unit::Degree => Some(Group::Line),
        Unit::Count if matches!(quantity.measure, M::PowerFactor) => Some(Group::Line),
        _ => None,
    }
}

/// The number, energies in thousands.
fn cell(number: Number, unit: Unit) -> Cell {
    let (number, unit) = for_people(number, unit);
    let digits = number.to_string();
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole.to_owned(), format!(".{fraction}")),
        None => (digits, String::new()),
    };
    Cell { whole, fraction, unit }
}

/// Energies in kWh; anything else as it is.
pub(crate) fn for_people(number: Number, unit: Unit) -> (Number, String) {
    match unit {
        Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour => {
            (number.shifted(-3), format!("k{}", unit.symbol()))
        }
        _ => (number, unit.symbol().to_owned()),
    }
}

/// `active import, tariff 2`: the name without phase and unit.
pub(crate) fn label(quantity: Quantity) -> String {
    let bare = Quantity { phase: Phase::All, tariff: 0, ..quantity }.to_string();
    let stem = ["_w", "_wh", "_var", "_varh", "_va", "_vah", "_v", "_a", "_hz", "_deg", "_pct"]
        .iter()
        .find_map(|unit| bare.strip_suffix(unit))
        .unwrap_or(&bare);
    let mut label = match stem.strip_suffix("_avg") {
        Some(stem) => format!("{stem}, average"),
        None => stem.to_owned(),
    };
    label = label.replace('_', " ").replace(" q", " Q");
    if quantity.tariff != 0 {
        let _ = write!(label, ", tariff {}", quantity.tariff);
    }
    label
}

/// `voltage L1`.
pub(crate) fn label_with_phase(quantity: Quantity) -> String {
    let phase = COLUMNS.iter().skip(1).find(|column| column.1 == quantity.phase);
    let label = label(quantity);
    phase.map_or_else(|| label.clone(), |(phase, _)| format!("{label} {phase}"))
}
