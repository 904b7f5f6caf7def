//! `hanport tariff`: what the grid charges, as data.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use hanport_engine::tariff::shipped::{SHIPPED, Shipped};
use hanport_engine::tariff::{PeakPrice, Tariff, TariffPeriod, read};
use serde_json::{Value, json};

use crate::complain;

/// Lists, shows and checks tariffs of the grid.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  hanport tariff list
  hanport tariff show no-elvia > my-tariff.toml
  hanport tariff check my-tariff.toml

Exit status: 0 done, 1 not possible or with mistakes.")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Reads a tariff and says what is wrong with it, line by line
    Check {
        /// The file of the tariff
        file: PathBuf,
        /// Say it as JSON
        #[arg(long)]
        json: bool,
    },
    /// The tariffs that come with the program
    List {
        /// Say it as JSON
        #[arg(long)]
        json: bool,
    },
    /// The text of a tariff that comes with the program, to be changed
    Show {
        /// Its name
        name: String,
    },
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::Check { file, json } => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            check(&file.display().to_string(), &text, *json)
        }
        Command::List { json } => {
            say(&list(*json)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Show { name } => {
            let shipped = Shipped::find(name).ok_or_else(|| {
                anyhow!("there is no tariff \"{name}\"; hanport tariff list names all of them")
            })?;
            say(shipped.text)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn check(name: &str, text: &str, as_json: bool) -> anyhow::Result<ExitCode> {
    match read(text, None) {
        Ok(tariff) if as_json => {
            say(&format!("{}\n", json!({ "valid": true, "name": tariff.name, "mistakes": [] })))?;
            Ok(ExitCode::SUCCESS)
        }
        Ok(tariff) => {
            say(&told(&tariff))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(mistakes) if as_json => {
            let mistakes: Vec<Value> = mistakes
                .iter()
                .map(|m| json!({ "line": m.line, "column": m.column, "what": m.what }))
                .collect();
            say(&format!("{}\n", json!({ "valid": false, "mistakes": mistakes })))?;
            Ok(ExitCode::from(1))
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                complain(&format!("{name}: {mistake}"));
            }
            Ok(ExitCode::from(1))
        }
    }
}

/// A tariff in words.
fn told(tariff: &Tariff) -> String {
    let mut text = format!("{} ({}, {})\n", tariff.name, tariff.country, tariff.currency);
    let _ = writeln!(text, "  source: {}", tariff.source);
    if let Some(template) = &tariff.template {
        let _ = writeln!(text, "  to fill in: {template}");
    }
    for period in &tariff.periods {
        period_told(&mut text, tariff, period);
    }
    text
}

fn period_told(text: &mut String, tariff: &Tariff, period: &TariffPeriod) {
    let to = period.to.map_or_else(|| "on".to_owned(), |to| format!("to before {to}"));
    let _ = writeln!(text, "  from {} {to}, with VAT:", period.from);
    for fee in &period.fees {
        let _ =
            writeln!(text, "    {:<28} {:>10.2} {} a month", fee.name, fee.month, tariff.currency);
    }
    for rule in &period.energy {
        let price = match rule.prices.as_slice() {
            [price] => format!("{price:.4}"),
            _ => "by hour".to_owned(),
        };
        let _ = writeln!(text, "    {:<28} {price:>10} {} a kWh", rule.name, tariff.currency);
    }
    for rule in &period.peaks {
        let _ = writeln!(
            text,
            "    {}: mean of the {} largest windows of {} min",
            rule.name, rule.top, rule.window_min
        );
        match &rule.price {
            PeakPrice::PerKw(prices) => {
                for (_, price) in prices {
                    let _ =
                        writeln!(text, "      {price:>10.2} {} a kW and month", tariff.currency);
                }
            }
            PeakPrice::Steps { steps, .. } => {
                for step in steps {
                    let _ = writeln!(
                        text,
                        "      from {:>4} kW {:>10.2} {} a month",
                        step.from_w / 1000,
                        step.month,
                        tariff.currency
                    );
                }
            }
        }
    }
}

fn list(as_json: bool) -> anyhow::Result<String> {
    let mut rows = Vec::new();
    let mut text = String::new();
    for shipped in SHIPPED {
        let tariff = shipped
            .tariff(None)
            .map_err(|_| anyhow!("the tariff {} of the program is broken", shipped.id))?;
        let _ = writeln!(text, "{:<20} {:<3} {}", shipped.id, tariff.country, tariff.name);
        rows.push(json!({
            "id": shipped.id,
            "name": tariff.name,
            "country": tariff.country,
            "currency": tariff.currency,
            "source": tariff.source,
            "to_fill_in": tariff.template,
            "ends": tariff.expires().map(|end| end.to_string()),
        }));
    }
    Ok(if as_json { format!("{}\n", serde_json::to_string_pretty(&rows)?) } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tariff_of_the_program_is_listed_and_can_be_told() {
        let text = list(false).unwrap();
        assert_eq!(text.lines().count(), SHIPPED.len());
        assert!(text.contains("no-elvia             NO  Elvia, households"), "{text}");
        let rows: Vec<Value> = serde_json::from_str(&list(true).unwrap()).unwrap();
        assert_eq!(rows.len(), SHIPPED.len());
        let tariff = Shipped::find("no-elvia").unwrap().tariff(None).unwrap();
        let told = told(&tariff);
        assert!(told.contains("from 2026-07-01 to before 2027-01-01, with VAT:"), "{told}");
        assert!(told.contains("from    5 kW     420.00 NOK a month"), "{told}");
    }
}
