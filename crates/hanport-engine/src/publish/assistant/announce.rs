//! Announcing: one retained message an entity.

use super::super::books::{Books, Prices, THRESHOLDS};
use super::super::figures::Figures;
use super::super::outgoing::{Keeping, Outgoing};
use super::super::reader::Reader;
use super::super::text::{Object, Unknown};
use super::Assistant;
use super::entities::{
    COSTS, Entity, INCOMES, LIST1, LIST2, LIST2_EXPORT, LIST3, LIST3_EXPORT, LIST4, LIST4_EXPORT,
    POINT_LATER, POINT_NOW, PRICES, PRODUCED, REALTIME, SYSTEM,
};
use crate::energy::Register;
use crate::list_type::ListType;
use crate::time::UtcMillis;

/// An entity with its words made.
struct Announced<'a> {
    name: String,
    key: String,
    topic: &'a str,
    path: String,
    unit: String,
    class: &'a str,
    state: &'a str,
    expire_s: u32,
}

impl<'a> Announced<'a> {
    fn of(entity: &'a Entity, currency: &str) -> Self {
        Self {
            name: entity.name.to_owned(),
            key: key(entity.path),
            topic: entity.topic,
            path: entity.path.to_owned(),
            unit: entity.unit.replace('$', currency),
            class: entity.class,
            state: entity.state,
            expire_s: entity.expire_s,
        }
    }
}

/// The path without what joins its parts.
pub fn key(path: &str) -> String {
    path.chars().filter(|c| !matches!(c, '.' | '[' | ']' | '\'')).collect()
}

impl Assistant {
    pub(super) fn announce_list(
        &mut self,
        figures: &Figures<'_>,
        reader: &Reader,
        out: &mut Vec<Outgoing>,
    ) {
        let view = figures.view();
        let books = Books(view);
        let money = view.money.as_deref();
        let currency = money.map_or("", |money| money.currency.code());
        let list = figures.list;
        let exported_energy =
            figures.counter(Register::ActiveExport).is_some_and(|kwh| kwh.mantissa > 0);
        let two = list >= ListType::Two;
        let three = list >= ListType::Three && figures.states_counters();
        let four = list >= ListType::Four;
        let groups: [(&[Entity], bool); 11] = [
            (LIST1, true),
            (LIST2, two),
            (LIST2_EXPORT, two && self.exported),
            (LIST3, three),
            (LIST3_EXPORT, three && exported_energy),
            (LIST4, four),
            (LIST4_EXPORT, four && self.exported_by_phase),
            (REALTIME, true),
            (COSTS, money.is_some()),
            (PRODUCED, books.any_produced()),
            (INCOMES, money.is_some() && books.any_produced()),
        ];
        for (group, _) in groups.iter().filter(|(_, is_there)| *is_there) {
            for entity in *group {
                self.announce(&Announced::of(entity, currency), reader, view.now, out);
            }
        }
        self.announce_peaks(books, reader, view.now, out);
    }

    fn announce_peaks(
        &mut self,
        books: Books<'_>,
        reader: &Reader,
        now: UtcMillis,
        out: &mut Vec<Outgoing>,
    ) {
        let thresholds = books.thresholds().map_or(0, |_| THRESHOLDS);
        let peaks = (books.peaks().len(), "Current month peak", "peaks");
        for (count, name, stem) in [peaks, (thresholds, "Tariff threshold", "thresholds")] {
            for at in 0..count {
                let announced = Announced {
                    name: format!("{name} {}", at + 1),
                    key: format!("{stem}{at}"),
                    topic: "/realtime",
                    path: format!("{stem}[{at}]"),
                    unit: "kWh".to_owned(),
                    class: "energy",
                    state: "",
                    expire_s: 4000,
                };
                self.announce(&announced, reader, now, out);
            }
        }
    }

    pub(super) fn announce_prices(
        &mut self,
        prices: &Prices<'_>,
        exported: bool,
        reader: &Reader,
        out: &mut Vec<Outgoing>,
    ) {
        let now = prices.now();
        let currency = prices.currency();
        for entity in PRICES {
            let mut announced = Announced::of(entity, currency);
            announced.key = key(entity.path);
            self.announce(&announced, reader, now, out);
        }
        let has_export = exported && prices.export_differs();
        for (way, stem) in [("import", ""), ("export", "export")] {
            if way == "export" && !has_export {
                continue;
            }
            for at in 0..prices.points().len() {
                let [unit, class, state] = if at == 0 { POINT_NOW } else { POINT_LATER };
                let announced = Announced {
                    name: point_name(way, at, prices.resolution_min()),
                    key: format!("{stem}prices{at}"),
                    topic: "/prices",
                    path: format!("prices.{way}[{at}]"),
                    unit: unit.replace('$', currency),
                    class,
                    state,
                    expire_s: u32::from(prices.resolution_min()) * 60 + 300,
                };
                self.announce(&announced, reader, now, out);
            }
        }
    }

    pub(super) fn announce_system(
        &mut self,
        reader: &Reader,
        out: &mut Vec<Outgoing>,
        now: UtcMillis,
    ) {
        for entity in SYSTEM {
            self.announce(&Announced::of(entity, ""), reader, now, out);
        }
    }

    pub(super) fn announce_update(
        &mut self,
        reader: &Reader,
        commands: &str,
        now: UtcMillis,
    ) -> Option<Outgoing> {
        self.announced.insert("fwupgrade".to_owned()).then_some(())?;
        let mut config = Object::new(Unknown::Null);
        config.text("name", &format!("{}Firmware", self.before_names()));
        config.text("stat_t", &format!("{}/firmware", self.base));
        config.text("uniq_id", &format!("{}_fwupgrade", self.uid)).text("dev_cla", "firmware");
        if reader.upgrades {
            config.text("cmd_t", commands).text("pl_inst", "fwupgrade");
        }
        let topic = format!("{}/update/{}/config", self.prefix, self.uid);
        Some(config_message(topic, config, now))
    }

    fn before_names(&self) -> String {
        if self.tag.is_empty() { String::new() } else { format!("[{}] ", self.tag) }
    }

    fn announce(
        &mut self,
        entity: &Announced<'_>,
        reader: &Reader,
        now: UtcMillis,
        out: &mut Vec<Outgoing>,
    ) {
        if !self.announced.insert(entity.key.clone()) {
            return;
        }
        let unique = format!("{}_{}", self.uid, entity.key);
        let mut config = Object::new(Unknown::Null);
        config.text("name", &format!("{}{}", self.before_names(), entity.name));
        config.text("stat_t", &format!("{}{}", self.base, entity.topic)).text("uniq_id", &unique);
        config.text("default_entity_id", &format!("sensor.{unique}"));
        config.text("val_tpl", &format!("{{{{ value_json.{} | is_defined }}}}", entity.path));
        config.int("expire_after", i64::from(entity.expire_s)).object("dev", self.device(reader));
        for (key, text) in [
            ("dev_cla", entity.class),
            ("stat_cla", entity.state),
            ("unit_of_meas", entity.unit.as_str()),
        ] {
            if !text.is_empty() {
                config.text(key, text);
            }
        }
        let topic = format!("{}/sensor/{unique}/config", self.prefix);
        out.push(config_message(topic, config, now));
    }

    fn device(&self, reader: &Reader) -> Object {
        let mut device = Object::new(Unknown::Null);
        let mut id = String::new();
        super::super::text::quote(&mut id, &self.uid);
        let name = if self.tag.is_empty() {
            "AMS reader".to_owned()
        } else {
            format!("AMS reader ({})", self.tag)
        };
        device.raw("ids", &format!("[{id}]")).text("name", &name).text("mdl", "hanport");
        device.text("sw", &reader.version).text("mf", "hanport");
        if let Some(page) = &reader.page {
            device.text("cu", page);
        }
        device
    }
}

fn config_message(topic: String, config: Object, now: UtcMillis) -> Outgoing {
    let message = Outgoing::live(topic, "config", config.finish(), now).retained(true);
    message.kept(Keeping::Standing)
}

/// `Import price in 03 hours`, `Import price in 015 minutes`, `Current import price`.
fn point_name(way: &str, at: usize, resolution_min: u16) -> String {
    if at == 0 {
        return format!("Current {way} price");
    }
    let way = if way == "import" { "Import" } else { "Export" };
    if resolution_min >= 60 {
        let hours = at * usize::from(resolution_min) / 60;
        let word = if hours == 1 { "hour" } else { "hours" };
        return format!("{way} price in {hours:02} {word}");
    }
    format!("{way} price in {:03} minutes", at * usize::from(resolution_min))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_names_are_those_that_are_known() {
        assert_eq!(key("hour.use"), "houruse");
        assert_eq!(key("prices.cheapest1hr"), "pricescheapest1hr");
        assert_eq!(point_name("import", 1, 60), "Import price in 01 hour");
        assert_eq!(point_name("export", 12, 60), "Export price in 12 hours");
        assert_eq!(point_name("import", 5, 15), "Import price in 075 minutes");
    }
}
